"""The whole way on embedded data, for a made-up class of forty: what a term brings, from the release to the export.

The class hands in answers from the answer bank and a few of the attacks, the way real students do: as zips, as a bare
notebook, one damaged, one untouched, one with the metadata lost; from a folder and from the downloads of Moodle, Canvas
and Blackboard; in time and late, twice, in pairs, or not at all. Nobody of them exists.
"""

import csv
import io
import itertools
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from autograder import comments, marking
from autograder.bank import Answer, compose, find_answers, make_course
from autograder.bundle import bundle
from autograder.collect import collect
from autograder.course import CONFIG_NAME, Course, CourseError
from autograder.export import FORMATS, export
from autograder.feedback import feedback
from autograder.files import write_file
from autograder.grade import grade_class
from autograder.project import status
from autograder.records import SubmissionVerdict
from autograder.release import release
from autograder.report import report
from autograder.roster import enter, keep_roster, missing
from autograder.sandbox import PACKAGE_ROOT, require_bubblewrap
from autograder.teams import bring_up_to_date

SETTINGS = """
# --- the demo's term ---
c.Coursework.roster = "roster.csv"
c.Coursework.deadlines = {"speech_commands": "2026-03-01 23:59", "surnames": "2026-03-15 23:59"}
c.Coursework.extensions = {"bogdan": {"speech_commands": "2026-03-04 23:59"}}
c.Coursework.late_penalty = "10 %"
c.Coursework.late_cap = "50 %"
c.Coursework.show_answers = ["theory"]
c.Coursework.markers = ["anna", "ben"]
c.Coursework.repository = "example-university/rnn-coursework"
"""
COMMENTS = """\
speech_commands:
  training_report:
    clear: Numbers with their limits, and reasons that follow from the architecture. Well done.
    seed: You compare **one** run with one run. How much would another seed have changed?
    plots: Say what the learning curves show, too.
"""
MARKS = ((6, "#clear"), (4, "#seed"), (4.5, "#plots And which model would you use?"))
"""Points and comments that one of the two markers gives, by turns, for what was shared out to her."""
IN_TIME = datetime(2026, 2, 28, 20, 0, tzinfo=UTC)
LATE = {"bogdan": datetime(2026, 3, 3, 9, 0, tzinfo=UTC), "chiara": datetime(2026, 3, 3, 9, 0, tzinfo=UTC)}
"""Who hands the first assignment in after its deadline; one of them has an extension."""

ROSTER = (
    "Amelie Laurent, Bogdan Iliev, Chiara Conti, Dmitri Orlow, Elif Yildiz, Farid Haddad, Greta Lindqvist, "
    "Hugo Almeida, Ines Carvalho, Jonas Weber, Karim Benali, Lena Hoffmann, Mateo Vidal, Nora Bakke, Oskar Nowak, "
    "Priya Raman, Quentin Moreau, Rania Khoury, Stefan Petrescu, Tamar Lomidze, Umut Kaya, Vera Sokolova, "
    "Wanda Zielinska, Xenia Pappas, Yusuf Demir, Zoe Martin, Aiko Tanaka, Bruno Ricci, Carla Mendes, Diego Rojas, "
    "Emre Aslan, Fatima Zahra, Goran Kovac, Hana Novakova, Ivan Dimitrov, Julia Kowalska, Kofi Mensah, Leila Farahani, "
    "Milan Horvat, 7654321 Selma Aydin"
)
"""Made-up people; the id is the first word, in small letters."""

CLASS = {
    "speech_commands": (
        "right_everything_terse right_lstm_split_matrices right_gru_reset_before lstm_forget_gate_on_hidden_state "
        "gru_reset_gate_ignored bidir_backward_not_reversed training_last_epoch_instead_of_best "
        "model_squeeze_breaks_batch_of_one lstm_library_cell model_state_not_carried - - - "
        "right_everything_documented right_bidir_flip right_gru_other_update_sense right_model_layer_by_layer "
        "right_training_dataloader gru_reset_gate_on_input gru_ignores_hx lstm_no_tanh_on_output "
        "model_layers_share_one_cell model_bias_not_passed_on bidir_first_outputs training_untrained_models_returned "
        "training_trains_on_validation_too right_lstm_einsum lstm_returns_swapped "
        "eq_always_true errors_taken_from_results modules_beside_the_notebook kernel_replies_replaced verdict_printed "
        "channel_nan answering_replaced frame_walk"
    ),
    "surnames": (
        "right_rnn_pooled_states right_imbalance_focal_loss rnn_not_masked one_hot_off_by_one "
        "imbalance_rare_classes_dropped deep_return_sequences_forgotten"
    ),
    "activity": (
        "right_architectures_functional_mixture right_comparison_last_subjects architectures_flatten_before_the_rnn "
        "comparison_split_of_shuffled_windows best_model_chosen_by_test"
    ),
    "char_rnn": (
        "right_sampling_gumbel right_training_value_clipping batches_y_not_shifted sampling_temperature_wrong_way "
        "training_not_clipped"
    ),
    "sequential_mnist": (
        "right_models_own_cells right_select_own_loop models_batch_taken_for_time pixels_inverse_permutation "
        "select_by_test final_three_seeds"
    ),
    "theory": (
        "right_basics_small_letters_and_commas right_own_parameter_count_torch basics_general_term "
        "own_parameter_count_one_direction curves_gated_exchanged lstm_one_answered network_state_after_padding"
    ),
    "project": "right_proposal_pair - experiments_two_seeds right_experiments_rounded proposal_demo_by_name",
}
"""For each assignment the answers (of the bank, or attacks) that the students of the roster hand in, in its order."""
TEAMS = {"project": {"amelie": ("amelie", "7654321")}}
"""For each assignment who hands in for a team, and all its members; the answer's proposal names them, too."""
TWICE = ("surnames", "chiara", "right_rnn_functional")
"""Assignment, student and the answer that comes after another one and replaces it."""
PLATFORMS = {"surnames": "blackboard", "char_rnn": "canvas", "theory": "moodle"}
"""Through which learning platform hand-ins come; the others lie in a folder, named by the students' ids."""
DEMO_MARK = ".coursework-demo"


@dataclass(frozen=True)
class Person:
    """A line of the roster. `number` is what platforms call the person."""

    id: str
    first_name: str
    last_name: str
    number: int

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"


def people() -> list[Person]:
    """The made-up class."""
    found = []
    for number, line in enumerate(ROSTER.split(", "), start=1001):
        *identifier, first, last = line.split()
        found.append(Person(identifier[0] if identifier else first.lower(), first, last, number))
    return found


def hand_ins() -> Iterator[tuple[str, Person, str]]:
    """Assignment, student and the name of the answer, for every hand-in that an answer makes."""
    for assignment, names in CLASS.items():
        for person, name in zip(people(), names.split(), strict=False):
            if name != "-":
                yield assignment, person, name


def run_demo(
    course: Course,
    folder: Path,
    *,
    workers: int,
    say: Callable[[str], None],
    on_start: Callable[[int], None],
    on_done: Callable[[SubmissionVerdict], None],
) -> Path:
    """Carry everything out in a course of its own at ``folder``; returns the report's path.

    Raises CourseError when ``folder`` exists and is not an earlier demo.
    """
    require_bubblewrap()
    _empty(folder)
    demo = make_course(course, folder)
    assignments = demo.assignments()
    with (demo.root / CONFIG_NAME).open("a") as config:
        config.write(SETTINGS)
    write_file(demo.root / "roster.csv", roster_table())
    for assignment in assignments:
        for path in release(demo, assignment):
            say(f"released {path.relative_to(demo.root)}")
    say(f"bundle for students: {bundle(demo, demo.root / 'student-bundle.zip')}")
    known = keep_roster(demo, None)
    say(f"roster: {len(enter(demo, known).added)} students entered")
    for path, platform in hand_in(demo, demo.root / "incoming"):
        for line in collect(demo, [path], platform=platform).lines():
            say(line)
    for assignment in assignments:
        say(f"{assignment}: nothing from {len(missing(demo, known, assignment))} of {len(known.students)}")
    graded = grade_class(demo, assignments, workers=workers, on_start=on_start, on_done=on_done)
    if not graded.complete:
        raise CourseError("; ".join(graded.failures + graded.team_errors) or "an exercise stayed ungraded, see above")
    for line in [*graded.team_lines, *status(demo).lines()]:
        say(line)
    for line in mark_by_hand(demo):
        say(line)
    for assignment in assignments:
        pages = feedback(demo, assignment)
        say(f"feedback for {len(pages)} notebooks, for example {pages[0]}")
    for kind in FORMATS:
        say(f"marks: {export(demo, assignments, kind, demo.root / f'grades-{kind}.csv').path}")
    return report(demo)


def mark_by_hand(demo: Course) -> list[str]:
    """The first assignment's reports are shared out; the first marker enters a table, the other has not begun."""
    assignment = next(iter(CLASS))
    write_file(demo.root / comments.FILE_NAME, COMMENTS.encode())
    shared = marking.share(demo, assignment)
    marker = shared.deal.markers()[0]
    waiting = marking.chosen(demo, assignment, shared.deal, marker)
    rows = [
        {**marking.row(answer, shared.deal, ""), "points": points, "comment": comment}
        for answer, (points, comment) in zip(waiting, itertools.cycle(MARKS))
    ]
    path = demo.root / f"marks-{marker}.csv"
    write_file(path, marking.table(rows, marking.COLUMNS))
    entered = marking.enter(demo, assignment, path)
    if entered.problems:
        raise CourseError(f"{path} could not be entered: {entered.problems[0]}")
    found = bring_up_to_date(demo, demo.assignments())
    return [*shared.lines, f"marks by hand: {len(rows)} from {path}", *found]


def roster_table() -> bytes:
    """The roster as the registrar's office sends it."""
    table = io.StringIO(newline="")
    rows = csv.writer(table)
    rows.writerow(["id", "last_name", "first_name", "email", "section", "lms_id", "username"])
    for person in people():
        email = f"{person.id}@university.example"
        rows.writerow(
            [person.id, person.last_name, person.first_name, email, "AB"[person.number % 2], person.number, person.id]
        )
    return table.getvalue().encode()


def _empty(folder: Path) -> None:
    if folder.exists() and not (folder / DEMO_MARK).is_file():
        raise CourseError(f"{folder} exists and is no demo: name another folder with --folder", 2)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / DEMO_MARK).touch()


def hand_in(demo: Course, incoming: Path) -> list[tuple[Path, str]]:
    """Folders of hand-ins, one for each assignment, as an instructor downloads them, and the platform of each."""
    answers = bank()
    for assignment, person, name in hand_ins():
        team = TEAMS.get(assignment, {}).get(person.id, ())
        when = LATE.get(person.id, IN_TIME) if assignment == "speech_commands" else IN_TIME
        _put(incoming, assignment, person, compose(demo, answers[assignment, name], person.id, team), when)
        if (assignment, person.id) == TWICE[:2]:
            again = compose(demo, answers[assignment, TWICE[2]], person.id)
            _put(incoming, assignment, person, again, when.replace(hour=when.hour + 1))
    _as_real_files_are(demo, incoming)
    return [(incoming / assignment, PLATFORMS.get(assignment, "")) for assignment in CLASS]


def bank() -> dict[tuple[str, str], Answer]:
    """The answers that the class may hand in, by assignment and name: the bank's, and the attacks."""
    tests = PACKAGE_ROOT / "tests"
    return {(a.assignment, a.path.stem): a for a in find_answers([tests / "answers", tests / "attacks" / "forging"])}


def _put(incoming: Path, assignment: str, person: Person, zipped: bytes, when: datetime) -> None:
    """A hand-in as its platform names it; see `lms`."""
    name = {
        "blackboard": f"{assignment}_{person.id}_attempt_{when:%Y-%m-%d-%H-%M-%S}_{assignment}.zip",
        "canvas": f"{person.last_name}{person.first_name}_{person.number}_{person.number}9_{assignment}.zip".lower(),
        "moodle": f"{person.name}_{person.number}_assignsubmission_file_/{assignment}.zip",
        "": f"{person.id}.zip",
    }[PLATFORMS.get(assignment, "")]
    path = incoming / assignment / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(zipped)
    os.utime(path, (when.timestamp(), when.timestamp()))


def _as_real_files_are(demo: Course, incoming: Path) -> None:
    """Of the first assignment: one notebook untouched, one without its metadata, one cut off on the way."""
    first = next(iter(CLASS))
    (source,) = demo.source_notebooks(first)
    released = (demo.release / first / source.name).read_bytes()
    files = {"karim": released, "lena": _without_metadata(released), "mateo": released[:2000]}
    for student, content in files.items():
        path = incoming / first / f"{student}.ipynb"
        path.write_bytes(content)
        os.utime(path, (IN_TIME.timestamp(), IN_TIME.timestamp()))


def _without_metadata(notebook: bytes) -> bytes:
    """As some editors save it: no metadata, no cell ids."""
    content = json.loads(notebook)
    for cell in content["cells"]:
        cell["metadata"] = {}
        cell.pop("id", None)
    content.update(metadata={}, nbformat_minor=4)
    return json.dumps(content).encode()
