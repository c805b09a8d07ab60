"""A made-up class of some 40 students for the report: marks as a real course has them, with every kind of trouble."""

import json
import random
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from nbformat.v4 import new_markdown_cell, new_notebook
from nbgrader.api import Gradebook
from small_course import answer, make_course, nbgrader, test_cell

from autograder.course import Course
from autograder.files import write_file
from autograder.grade import shared_verdict_file, verdict_file
from autograder.notebooks import normalise, to_bytes
from autograder.records import (
    CUT_OFF,
    UNANSWERED,
    UNGRADED,
    ExerciseVerdict,
    PartResult,
    Score,
    SubmissionVerdict,
    status_of,
)
from autograder.release import ensure_in_gradebook

ASSIGNMENT = "speech_commands"
POINTS = {"lstm_cell": 4, "gru_cell": 4, "rnn_model": 3, "bidirectional_model": 3, "training": 4}
REPORT_POINTS = 6
PARTS = {
    "lstm_cell": [
        (
            "recurrence",
            0.5,
            0.2,
            "the new cell state does not depend on c. Is the forget gate applied to h instead of c?",
        ),
        (
            "sizes",
            0.2,
            0.1,
            "LSTMCell(3, 5)(x (2, 3)): shapes (2, 3) and (3, 5) do not fit. Are the two sizes swapped?",
        ),
        ("no state given", 0.1, 0.25, "LSTMCell(3, 5)(x) without a state raised UnboundLocalError; expected zeros."),
        ("gradients", 0.1, 0.05, "no gradient arrives at weight_hh. Is a state detached?"),
        ("side effects", 0.1, 0.15, "the caller's c was changed in place."),
    ],
    "gru_cell": [
        ("recurrence", 0.6, 0.4, "GRUCell(1, 1)(x, h): no GRU gives this. The candidate is not squashed by tanh."),
        ("sizes", 0.3, 0.1, "GRUCell(3, 5)(x (1, 3)): came (5,), expected (1, 5). Is squeeze() called?"),
        ("bias", 0.1, 0.3, "GRUCell(3, 5, bias=False) has biases."),
    ],
    "rnn_model": [
        ("logits", 0.6, 0.15, "RNNModel('LSTM', ...): layer 2 gets the raw input instead of layer 1's states."),
        ("modes", 0.2, 0.2, "RNNModel('FOO', ...) raised nothing. A ValueError is expected."),
        ("state given", 0.2, 0.3, "the state that was given in hx is ignored."),
    ],
    "bidirectional_model": [
        ("logits", 0.7, 0.45, "the backward direction has read one frame only. Is the input reversed in time?"),
        ("own weights", 0.3, 0.1, "both directions share one list of cells."),
    ],
    "training": [
        ("best model", 0.6, 0.2, "best_model gets 41 % of the examiner's clips right; at least 70 % are expected."),
        ("results", 0.4, 0.25, "results has 7 rows; expected 8 (4 modes, 2 models)."),
    ],
}
"""By exercise: part, weight, how often an average student loses it, and the message."""

NAMES = "ada ben cho dora emil farah gita hugo ines jan kofi lena mei nils olga pia quan rosa sven tara"


def made_up_class(root: Path, size: int = 40, seed: int = 7) -> Course:
    """A course whose class is graded, half of the written answers marked; the same for the same seed."""
    course = make_course(root)
    _write_master(course)
    ensure_in_gradebook(course, ASSIGNMENT)
    draw = random.Random(seed)
    names = NAMES.split()
    students = [f"{names[i % len(names)]}{10 + i}" for i in range(size)]
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as gradebook:
        for number, student in enumerate(students):
            verdict = _verdict(draw, student, number)
            _hand_in(course, student)
            write_file(verdict_file(course, ASSIGNMENT, student), verdict.to_json().encode())
            _enter(gradebook, verdict, number, draw)
    _hand_in(course, "zoe99")  # came in after the last run of grading
    unplaced = course.work / "unplaced"
    unplaced.mkdir(parents=True)
    (unplaced / "LIST.tsv").write_text(
        "what\twhy\nhand-ins/Untitled (3).ipynb\tit is not known who handed it in: name the file by the student's id,"
        " or give --student ID\nhand-ins/essay_of_<i>kim</i>.zip\tthere is no notebook in it\n"
    )
    return course


def _write_master(course: Course) -> None:
    cells = [new_markdown_cell("# Spoken words", id="title")]
    for name, points in POINTS.items():
        cells += [answer(name, "x = 1"), test_cell(f"{name}_test", "assert x", points)]
    essay = nbgrader("training_report", grade=True, solution=True, points=REPORT_POINTS)
    cells.append(new_markdown_cell("The eight compared.", id="id-report", metadata=essay))
    path = course.source / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_bytes(to_bytes(normalise(new_notebook(cells=cells))))


def _hand_in(course: Course, student: str) -> None:
    folder = course.submitted / student / ASSIGNMENT
    folder.mkdir(parents=True)
    (folder / f"{ASSIGNMENT}.ipynb").write_text("{}")


def _verdict(draw: random.Random, student: str, number: int) -> SubmissionVerdict:
    weakness = draw.betavariate(1.3, 1.6) * 2
    exercises = [_exercise(draw, name, weakness) for name in POINTS]
    verdict = SubmissionVerdict(student, ASSIGNMENT, exercises, digest=str(number))
    if number == 3:
        reason = "the examination failed, which is not the student's fault: MemoryError('examiner')"
        exercises[4] = ExerciseVerdict("training", 0.0, 4.0, UNGRADED, [reason])
    if number == 8:
        parts = [PartResult(p[0], p[1], 0.0, "no answer within 20 s: the time was up") for p in PARTS["rnn_model"]]
        exercises[2] = ExerciseVerdict("rnn_model", 0.0, 3.0, CUT_OFF, ["the time was up"], parts, 20.0)
    if number in (11, 17, 30):
        said = "the answer uses the library's nn.GRUCell; this exercise asks for your own recurrence"
        parts = [PartResult(p[0], p[1], 0.0, said) for p in PARTS["gru_cell"]]
        exercises[1] = ExerciseVerdict("gru_cell", 0.0, 4.0, "failed", [said], parts, 0.1)
    if number == 14:
        verdict.tamper += [
            "test cell lstm_cell_test was edited: the original was used",
            "test cell gru_cell_test had the tag 'skip-execution'",
        ]
    if number == 22:
        verdict.tamper.append("a cell was added that is named <script>alert('tamper')</script>")
    if number in (5, 19):
        verdict.notes.append("the metadata of 7 cells was lost; answers were found by their markers")
    verdict.seconds = round(12 + sum(e.seconds for e in exercises) + draw.expovariate(0.2), 1)
    return verdict


def _exercise(draw: random.Random, name: str, weakness: float) -> ExerciseVerdict:
    maximum = float(POINTS[name])
    if draw.random() < 0.06 * weakness:
        return ExerciseVerdict(name, 0.0, maximum, UNANSWERED, ["not answered"])
    parts = []
    for part, weight, rate, message in PARTS[name]:
        lost = draw.random() < rate * weakness
        parts.append(PartResult(part, weight, draw.choice([0.0, 0.0, 0.5]) if lost else 1.0, message if lost else ""))
    earned = min(1.0, sum(part.weight * part.earned for part in parts))
    earned = 1.0 if all(part.earned == 1 for part in parts) else earned
    seconds = round(draw.lognormvariate(0.6 if name != "training" else 2.0, 0.5), 2)
    messages = [f"{part.name}: {part.message}" for part in parts if part.message]
    return ExerciseVerdict(name, round(maximum * earned, 4), maximum, status_of(earned), messages, parts, seconds)


def _enter(gradebook: Gradebook, verdict: SubmissionVerdict, number: int, draw: random.Random) -> None:
    """What nbgrader records, and what a marker who is halfway through the written answers has entered."""
    gradebook.update_or_create_student(verdict.student)
    gradebook.add_submission(ASSIGNMENT, verdict.student, timestamp=datetime(2026, 11, 2))
    notebook = gradebook.find_submission_notebook(ASSIGNMENT, ASSIGNMENT, verdict.student)
    notebook.late_submission_penalty = 1.0 if number % 13 == 6 else 0.0
    points = {f"{e.exercise}_test": e.points for e in verdict.exercises if e.status != UNGRADED}
    for grade in notebook.grades:
        if grade.name == "training_report":
            marked = number < 20 and number != 9
            grade.auto_score = 0.0 if number == 9 else None
            grade.manual_score = float(draw.randint(2, 6)) if marked else None
            grade.needs_manual_grade = not marked and number != 9
        else:
            grade.auto_score, grade.needs_manual_grade = points.get(grade.name), grade.name not in points
    gradebook.db.commit()


# --- what only some courses have --------------------------------------------------------------------------------

BOARD = "the real test windows"
LATE = {"gita16": timedelta(days=1, hours=3), "lena21": timedelta(minutes=40)}
TEAM = ("ada10", "ben11")
"""The first one's hand-in counts; the second one's own lies there too."""
COPIED = ("dora13", "kofi20")
"""Whose code and prose is the same but for names and comments."""

LSTM = """\
class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        bound = hidden_size ** -0.5
        draw = lambda *shape: nn.Parameter((2 * torch.rand(*shape) - 1) * bound)
        self.wx, self.wh = draw(4, hidden_size, input_size), draw(4, hidden_size, hidden_size)
        self.b = draw(4, 1, hidden_size) if bias else 0.0

    def forward(self, x, hx=None):
        h, c = hx if hx is not None else (x.new_zeros(len(x), self.hidden_size),) * 2
        i, f, g, o = torch.einsum("bi,ghi->gbh", x, self.wx) + torch.einsum("bi,ghi->gbh", h, self.wh) + self.b
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        return o.sigmoid() * c.tanh(), c
"""
COPY = '''\
# my own idea
class LSTMCell(nn.Module):
    def forward(self, frame, state=None):
        """One step."""
        old, memory = state if state is not None else (frame.new_zeros(len(frame), self.units),) * 2
        a, b, d, e = torch.einsum("bi,ghi->gbh", frame, self.u) + torch.einsum("bi,ghi->gbh", old, self.v) + self.w
        memory = b.sigmoid() * memory + a.sigmoid() * d.tanh()   # forget, then write
        return e.sigmoid() * memory.tanh(), memory

    def __init__(self, n_in, units, bias=True):
        super().__init__()
        self.units = units
        edge = units ** -0.5
        make = lambda *sizes: nn.Parameter((2 * torch.rand(*sizes) - 1) * edge)
        self.u, self.v = make(4, units, n_in), make(4, units, units)
        self.w = make(4, 1, units) if bias else 0.0
'''
PROSE = (
    "Of the eight networks the bidirectional GRU was best on the validation set, by two points, which is less than the"
    " spread over seeds. <script>alert('prose')</script> The plain RNN forgets the beginning of a word, since its"
    " gradient shrinks by the same factor at every frame."
)


def complete(course: Course) -> Course:
    """Add a roster, deadlines, a team, notebooks with answers, memory and scores for a leaderboard to the class."""
    _write_roster(course)
    folder = course.work / "verdicts" / ASSIGNMENT
    for number, path in enumerate(sorted(folder.glob("*.json"))):
        verdict = SubmissionVerdict.from_json(path.read_bytes())
        verdict.peak_memory = (600 + 7 * number) * 2**20
        verdict.exercises[-1].scores = [Score(BOARD, 700 + number // 2, 800)]
        write_file(path, verdict.to_json().encode())
        _keep_notebook(course, path.stem)
    _make_team(course)
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as gradebook:
        gradebook.update_or_create_assignment(ASSIGNMENT, duedate=datetime(2026, 11, 2))
        for student, by in LATE.items():
            gradebook.find_submission(ASSIGNMENT, student).timestamp = datetime(2026, 11, 2) + by
        gradebook.db.commit()
    return course


def _write_roster(course: Course) -> None:
    names = [path.name for path in sorted(course.submitted.iterdir()) if path.name != "zoe99"]
    rows = [f"{name},," for name in names] + ["yuki77,Yuki,Mori", "tom78,,<b>Tom</b>"]
    write_file(course.work / "roster.csv", "\n".join(["id,first_name,last_name", *rows]).encode())


def _keep_notebook(course: Course, student: str) -> None:
    """What a student answered: names and constants differ, as does how it is done, but for those who copied."""
    number = int(student[-2:])
    code = {COPIED[0]: LSTM, COPIED[1]: COPY}.get(student, f"def answer(x):\n    return x * {number} + {number % 7}\n")
    prose = PROSE if student in COPIED else f"My {number}th training went well after {number % 9} attempts."
    essay = nbgrader("training_report", grade=True, solution=True, points=REPORT_POINTS)
    cells = [answer("lstm_cell", code), new_markdown_cell(prose, id="id-report", metadata=essay)]
    path = course.graded / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    write_file(path, to_bytes(new_notebook(cells=cells)))


def _make_team(course: Course) -> None:
    """What `share_marks` leaves behind."""
    source, member = TEAM
    verdict = SubmissionVerdict.from_json(verdict_file(course, ASSIGNMENT, source).read_bytes())
    shared = replace(verdict, student=member)
    write_file(shared_verdict_file(course, ASSIGNMENT, member), shared.to_json().encode())
    copy = {"source": source, "members": list(TEAM), "base": {}}
    write_file(course.work / "teams" / ASSIGNMENT / f"{member}.json", json.dumps(copy).encode())
