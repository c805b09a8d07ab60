"""The instructor's report: one HTML file that tells how the class did and what needs a person.

Numbers come from the verdicts below .coursework/ and, where it knows more (marks by hand, late penalties),
from nbgrader's gradebook. Nothing is graded or changed here. The file holds no script and loads nothing, and
all that students wrote is escaped.
"""

import base64
import csv
import hmac
import io
import itertools
import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup
from nbgrader.api import MissingEntry, SubmittedAssignment, SubmittedNotebook
from sqlalchemy.orm import joinedload, selectinload, undefer

from autograder.alike import AlikeAnswers, AlikePair, alike_answers, shown
from autograder.comments import Used, load_comments, usage
from autograder.course import Course
from autograder.evidence import readable
from autograder.feedback import format_points, page_environment, read_verdict
from autograder.files import write_file
from autograder.gradebook import gradebook_url, has_gradebook, opened_gradebook
from autograder.notebooks import Exercise, exercises
from autograder.records import (
    CUT_OFF,
    FAILED,
    PARTIAL,
    PASSED,
    UNANSWERED,
    UNGRADED,
    ExerciseVerdict,
    Score,
    SubmissionVerdict,
    status_of,
)
from autograder.release import read_master
from autograder.roster import Student, load_roster
from autograder.settings import Settings
from autograder.teams import copied_from

if TYPE_CHECKING:
    from matplotlib.figure import Figure

REPORT_NAME = "report.html"
TO_MARK, NOT_GRADED = "to_mark", "not_graded"
"""Beside the statuses of verdicts: a written answer that waits for its marker; nothing known yet."""

STATUS_WORDS = {
    PASSED: "full points",
    PARTIAL: "part of the points",
    FAILED: "no points",
    UNANSWERED: "unanswered",
    CUT_OFF: "cut off",
    UNGRADED: "ungraded",
    TO_MARK: "to be marked",
    NOT_GRADED: "not graded",
}
UNDECIDED = (UNGRADED, TO_MARK, NOT_GRADED)
"""What has no points yet, and so counts in no mean."""

WHOLE_EXERCISE = "all parts"
FOLLOWS = "Not looked at:"
"""How the message of a part begins that was lost because another one was: nothing to teach by itself."""
MAX_LOST_PARTS = 12
MAX_EVIDENCE = 12
"""Lines of tamper evidence about one hand-in; `coursework grade --json` has them all."""
MAX_NOTES = 6
MAX_EXAMPLE = 300
"""Characters of an example of a message."""
LEAST_FOR_DISCRIMINATION = 20
"""Complete hand-ins below which no correlation is shown: with 20 its standard error is still about 0.2."""
LOW_DISCRIMINATION = 0.2
"""Below it an exercise is marked for a look (Ebel and Frisbie, Essentials of Educational Measurement: poor items)."""
MAX_PAIRS = 10
MAX_SHOWN_TEXT = 5_000
"""Characters of each of two alike answers that are shown."""

# ---------------------------------------------------------------------------------------------------
# Writing it


def report(course: Course, assignments: list[str] | None = None) -> Path:
    """Write report.html in the course's folder, about the named assignments or all; returns its path."""
    chosen = course.assignments() if assignments is None else assignments
    library = load_comments(course)
    views = []
    for assignment in chosen:
        results = gather(course, assignment)
        sources = [s.student for s in results.counted]
        alike = alike_answers(course, assignment, results.exercises, sources)
        comments = [used for used in usage(course, assignment, library).used if used.count]
        views.append(ClassView(results, absent(course, results), leaderboards(course, results), alike, comments))
    environment = page_environment()
    environment.filters["duration"] = duration
    text = environment.get_template("report.html.j2").render(
        classes=views,
        unplaced=unplaced(course),
        written=datetime.now().astimezone(),
        words=STATUS_WORDS,
        least_for_discrimination=LEAST_FOR_DISCRIMINATION,
        low_discrimination=LOW_DISCRIMINATION,
    )
    path = course.root / REPORT_NAME
    write_file(path, text.encode("utf-8", "replace"))
    return path


# ---------------------------------------------------------------------------------------------------
# What is known


@dataclass(frozen=True)
class Mark:
    """One student's outcome of one exercise. `points` counts only when the status is not undecided."""

    points: float
    max: float
    status: str

    @property
    def decided(self) -> bool:
        return self.status not in UNDECIDED


@dataclass
class Submission:
    """All that is known of one hand-in. `total` is None before any mark is known; the penalty is taken off.

    `team`: all who have its marks, sorted, empty for one who works alone. `source`: under whose id the team's hand-in
    lies, empty for that one; everybody else has a copy of its marks. `seconds_late` is measured from the own deadline.
    """

    student: str
    marks: dict[str, Mark]
    total: float | None = None
    late_penalty: float = 0.0
    verdict: SubmissionVerdict | None = None
    seconds_late: float = 0.0
    team: list[str] = field(default_factory=list)
    source: str = ""

    @property
    def tamper(self) -> list[str]:
        return readable(self.verdict.tamper, MAX_EVIDENCE) if self.verdict else []

    @property
    def seconds(self) -> float:
        return self.verdict.seconds if self.verdict else 0.0

    @property
    def memory(self) -> float:
        """GiB at the peak; 0.0 where it was not measured."""
        return self.verdict.peak_memory / 2**30 if self.verdict else 0.0

    @property
    def report_in_order(self) -> bool:
        """Whether the check found nothing to say against the report, if one was asked for."""
        return all(finding.ok for finding in self.verdict.report) if self.verdict else True

    @property
    def notes(self) -> list[str]:
        return readable(self.verdict.notes, MAX_NOTES) if self.verdict else []

    @property
    def contradicted(self) -> list[str]:
        """The exercises that earned everything, though their visible tests failed."""
        return [found.exercise for found in self.verdict.exercises if found.contradicted] if self.verdict else []

    def with_status(self, status: str) -> list[str]:
        """The exercises with this status."""
        return [exercise for exercise, mark in self.marks.items() if mark.status == status]

    @property
    def graded(self) -> bool:
        return self.total is not None


@dataclass
class ClassResults:
    """One assignment: its exercises in the notebook's order, its hand-ins sorted by student."""

    assignment: str
    exercises: list[Exercise]
    submissions: list[Submission]

    @property
    def counted(self) -> list[Submission]:
        """The hand-ins, each once: members of a team who have another one's marks are not among them."""
        return [submission for submission in self.submissions if not submission.source]

    @property
    def max(self) -> float:
        return sum(exercise.points for exercise in self.exercises if not exercise.bonus)


@dataclass(frozen=True)
class Recorded:
    """What the gradebook says of one exercise of one hand-in."""

    points: float
    pending: bool
    by_hand: bool
    auto: float | None


@dataclass
class RecordedSubmission:
    total: float
    late_penalty: float
    seconds_late: float = 0.0
    marks: dict[str, Recorded] = field(default_factory=dict)


def gather(course: Course, assignment: str) -> ClassResults:
    """Collect what verdicts and gradebook say about one assignment."""
    masters = [read_master(path) for path in course.source_notebooks(assignment)]
    found = [exercise for master in masters for exercise in exercises(master)]
    recorded = recorded_marks(course, assignment)
    folder = course.work / "verdicts" / assignment
    students = {path.stem for path in folder.glob("*.json") if not path.name.startswith(".")}
    students |= {*recorded, *course.students(assignment)}
    submissions = [
        _submission(student, found, read_verdict(course, assignment, student), recorded.get(student))
        for student in sorted(students)
    ]
    _join_teams(submissions, copied_from(course, assignment))
    return ClassResults(assignment, found, submissions)


def _join_teams(submissions: Sequence[Submission], sources: dict[str, str]) -> None:
    """Note who has whose marks."""
    teams = {source: sorted({source, *(m for m, s in sources.items() if s == source)}) for source in sources.values()}
    for submission in submissions:
        submission.source = sources.get(submission.student, "")
        submission.team = teams.get(submission.source or submission.student, [])


def recorded_marks(course: Course, assignment: str) -> dict[str, RecordedSubmission]:
    """What nbgrader's gradebook knows of an assignment, by student; empty when there is no gradebook."""
    if not has_gradebook(gradebook_url(course)):
        return {}
    with opened_gradebook(course) as gradebook:
        try:
            known = gradebook.find_assignment(assignment)
        except MissingEntry:
            return {}
        # All at once: asked for one by one, a class of thousands takes tens of thousands of queries.
        submissions = gradebook.db.query(SubmittedAssignment).filter_by(assignment_id=known.id)
        submissions = submissions.options(
            joinedload(SubmittedAssignment.student),
            joinedload(SubmittedAssignment.assignment),
            undefer(SubmittedAssignment.score),
            undefer(SubmittedAssignment.late_submission_penalty),
            selectinload(SubmittedAssignment.notebooks).selectinload(SubmittedNotebook.grades),
        )
        found: dict[str, RecordedSubmission] = {}
        for submission in submissions:
            grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
            penalty = float(submission.late_submission_penalty or 0.0)
            late = float(submission.total_seconds_late)
            entry = RecordedSubmission(max(0.0, float(submission.score) - penalty), penalty, late)
            for grade in grades:
                pending = bool(grade.needs_manual_grade) and grade.manual_score is None
                by_hand = grade.manual_score is not None or bool(grade.extra_credit)
                name = grade.name.removesuffix("_test")
                entry.marks[name] = Recorded(float(grade.score), pending, by_hand, grade.auto_score)
            marks = [grade for grade in grades if not grade.name.endswith("_rubric")]  # a rubric's 0 is no mark
            if any(grade.auto_score is not None or grade.manual_score is not None for grade in marks):
                found[submission.student.id] = entry
    return found


def _submission(
    student: str,
    known: Sequence[Exercise],
    verdict: SubmissionVerdict | None,
    recorded: RecordedSubmission | None,
) -> Submission:
    verdicts = {found.exercise: found for found in verdict.exercises} if verdict else {}
    marks = {
        exercise.id: _mark(exercise, verdicts.get(exercise.id), recorded.marks.get(exercise.id) if recorded else None)
        for exercise in known
    }
    if verdict is not None and recorded is None:  # graded, but not recorded yet: its texts wait as well
        marks |= {e.id: Mark(0.0, e.points, TO_MARK) for e in known if e.kind == "written"}
    submission = Submission(student, marks, verdict=verdict)
    if recorded is not None:
        submission.total, submission.late_penalty = recorded.total, recorded.late_penalty
        submission.seconds_late = recorded.seconds_late
    elif verdict is not None:
        submission.total = sum(mark.points for mark in marks.values() if mark.decided)
    return submission


def _mark(exercise: Exercise, verdict: ExerciseVerdict | None, recorded: Recorded | None) -> Mark:
    """The gradebook's points count; the verdict tells how they came about unless a person set them."""
    if verdict is not None and verdict.status == UNGRADED and not (recorded and recorded.by_hand):
        return Mark(0.0, exercise.points, UNGRADED)
    if recorded is None:
        if verdict is not None:
            return Mark(verdict.points, exercise.points, verdict.status)
        return Mark(0.0, exercise.points, NOT_GRADED)
    if exercise.kind == "written" and recorded.pending:
        return Mark(0.0, exercise.points, TO_MARK)
    if exercise.kind == "written" and not recorded.by_hand:
        return Mark(0.0, exercise.points, UNANSWERED)  # nbgrader gives 0 for a text that was not changed
    if verdict is not None and not recorded.by_hand:
        return Mark(recorded.points, exercise.points, verdict.status)
    if recorded.auto is None and not recorded.by_hand:
        return Mark(0.0, exercise.points, NOT_GRADED)
    share = recorded.points / exercise.points if exercise.points else 1.0
    return Mark(recorded.points, exercise.points, status_of(share))


@dataclass(frozen=True)
class Absent:
    """Who handed in nothing: their deadline has passed, they still have time, or no deadline is known.

    `by_roster`: whether a roster says who takes part; without one it is who handed in another assignment. `strangers`:
    who handed in and is not on the roster.
    """

    missing: list[Student]
    have_time: list[Student]
    by_roster: bool
    strangers: list[str]


def absent(course: Course, results: ClassResults) -> Absent:
    """Who of the course is not among those who handed in, or for whom a team did."""
    roster = load_roster(course)
    if roster is not None:
        expected = dict(roster.students)
    else:
        others = {s for name in course.assignments() for s in (*course.students(name), *copied_from(course, name))}
        expected = {student: Student(student) for student in sorted(others)}
    here = {submission.student.casefold() for submission in results.submissions}
    lacking = [student for student in expected.values() if student.id.casefold() not in here]
    settings, now = course.settings(), datetime.now().astimezone()
    have_time = [student for student in lacking if _has_time(settings, student.id, results.assignment, now)]
    known = {student.casefold() for student in expected}
    strangers = [s.student for s in results.submissions if s.student.casefold() not in known]
    return Absent(
        [student for student in lacking if student not in have_time],
        have_time,
        roster is not None,
        strangers if roster is not None else [],
    )


def _has_time(settings: Settings, student: str, assignment: str, now: datetime) -> bool:
    due = settings.deadline(student, assignment)
    return due is not None and now <= due


@dataclass(frozen=True)
class Place:
    """A line of a leaderboard. `names`: student → pseudonym, for all members of a team."""

    rank: int
    names: dict[str, str]
    score: Score

    @property
    def share(self) -> float:
        return self.score.right / self.score.of

    @property
    def error(self) -> float:
        """The standard error of the share."""
        # Agresti and Coull (1998): two right and two wrong ones added, so that 0 and 1 are not certain.
        share = (self.score.right + 2) / (self.score.of + 4)
        return math.sqrt(share * (1 - share) / (self.score.of + 4))


@dataclass(frozen=True)
class Leaderboard:
    exercise: str
    board: str
    places: list[Place]


def pseudonym(secret: bytes, student: str) -> str:
    """A name such as K7QX-4MRA: the same in all assignments, and not to be guessed from the id without the secret."""
    digest = hmac.digest(secret, b"leaderboard\0" + student.encode("utf-8", "replace"), "sha256")
    name = base64.b32encode(digest)[:8].decode()
    return f"{name[:4]}-{name[4:]}"


def leaderboards(course: Course, results: ClassResults) -> list[Leaderboard]:
    """What examinations measured of models, the best first, one for each exercise and data; equal ones share a rank."""
    found: dict[tuple[str, str], list[tuple[Score, Submission]]] = defaultdict(list)
    for submission in results.counted:
        for verdict in submission.verdict.exercises if submission.verdict else []:
            for score in verdict.scores:
                if score.of > 0:
                    found[verdict.exercise, score.board].append((score, submission))
    if not found:
        return []
    secret = course.secret()
    boards = []
    for (exercise, board), entries in sorted(found.items()):
        shares = [score.right / score.of for score, _ in entries]
        lines = [
            Place(
                1 + sum(share > score.right / score.of for share in shares),
                {student: pseudonym(secret, student) for student in submission.team or [submission.student]},
                score,
            )
            for score, submission in entries
        ]
        boards.append(
            Leaderboard(exercise, board, sorted(lines, key=lambda line: (line.rank, sorted(line.names.values()))))
        )
    return boards


def unplaced(course: Course) -> list[tuple[str, str]]:
    """What the last `collect` could not place: (what, why)."""
    path = course.work / "unplaced" / "LIST.tsv"
    if not path.is_file():
        return []
    rows = csv.reader(io.StringIO(path.read_text(encoding="utf-8")), delimiter="\t", quoting=csv.QUOTE_NONE)
    return [(row[0], row[1]) for row in list(rows)[1:] if len(row) == 2]


# ---------------------------------------------------------------------------------------------------
# What is shown


@dataclass(frozen=True)
class ExerciseLine:
    """One exercise over the class. `difficulty` is 1 - mean/max: 0 when all have full points."""

    id: str
    kind: str
    max: float
    decided: int
    mean: float | None
    difficulty: float | None
    counts: dict[str, int]
    median_seconds: float | None
    longest_seconds: float | None
    bonus: bool = False
    discrimination: float | None = None

    @property
    def low(self) -> bool:
        """Whether it tells strong and weak students apart badly."""
        return self.discrimination is not None and self.discrimination < LOW_DISCRIMINATION

    def share(self, status: str) -> float:
        """Percent of the hand-ins with this status."""
        total = sum(self.counts.values())
        return 100 * self.counts.get(status, 0) / total if total else 0.0


@dataclass(frozen=True)
class LostPart:
    """A part of an examination that many lost: how many of those examined, and a message that they got."""

    exercise: str
    part: str
    students: int
    examined: int
    example: str


@dataclass(frozen=True)
class Ungraded:
    student: str
    exercise: str
    reason: str


@dataclass(frozen=True)
class Remark:
    text: str
    urgent: bool = False


class ClassView:
    """One assignment as the page shows it."""

    def __init__(
        self,
        results: ClassResults,
        lacking: Absent | None = None,
        boards: Sequence[Leaderboard] = (),
        alike: AlikeAnswers | None = None,
        comments: Sequence[Used] = (),
    ) -> None:
        self.results = results
        self.assignment = results.assignment
        self.max = results.max
        self.submissions = results.submissions
        self.counted = results.counted
        self.absent = lacking or Absent([], [], False, [])
        self.leaderboards = boards
        self.comments = comments
        self.pseudonyms = {
            student: name for board in boards for place in board.places for student, name in place.names.items()
        }
        self.alike = alike or AlikeAnswers()
        self.pairs = [PairView(found) for found in self.alike.pairs[:MAX_PAIRS]]
        self.discriminations = discriminations(results)
        self.exercises = [
            exercise_line(exercise, results.counted, self.discriminations.get(exercise.id))
            for exercise in results.exercises
        ]
        self.lost_parts = lost_parts(results)
        self.statuses = [status for status in STATUS_WORDS if any(line.counts.get(status) for line in self.exercises)]
        self.basis = basis(results)
        self.ungraded = ungraded(results)
        self.evidence = evidence(results)
        self.late = sorted((s for s in results.submissions if s.seconds_late), key=lambda s: -s.seconds_late)
        self.teams = [s for s in results.counted if s.team]
        self.not_graded = [s.student for s in results.counted if not s.graded]
        self.to_mark = {
            exercise.id: sum(s.marks[exercise.id].status == TO_MARK for s in results.counted if s.graded)
            for exercise in results.exercises
            if exercise.kind == "written"
        }

    @property
    def reports(self) -> list[Submission]:
        """Hand-ins that a report belongs to."""
        return [s for s in self.counted if s.verdict and s.verdict.report]

    @property
    def reports_in_order(self) -> int:
        return sum(s.report_in_order for s in self.reports)

    @property
    def distribution(self) -> Markup:
        return distribution_figure(self.basis) if self.basis.values else Markup()

    @property
    def times(self) -> Markup:
        seconds = {e.id: exercise_seconds(e.id, self.counted) for e in self.results.exercises}
        seconds = {name: values for name, values in seconds.items() if values}
        return time_figure(seconds) if seconds else Markup()

    @property
    def longest(self) -> Submission | None:
        """The hand-in that took longest to grade."""
        timed = [s for s in self.counted if s.seconds]
        return max(timed, key=lambda s: s.seconds) if timed else None

    @property
    def median_seconds(self) -> float:
        """Seconds that a hand-in took to grade, in the median; 0.0 when none was timed."""
        timed = [s.seconds for s in self.counted if s.seconds]
        return statistics.median(timed) if timed else 0.0

    @property
    def largest(self) -> Submission | None:
        """The hand-in that took most memory."""
        measured = [s for s in self.counted if s.memory]
        return max(measured, key=lambda s: s.memory) if measured else None

    @property
    def median_memory(self) -> float:
        """GiB that a hand-in took at most while it was graded, in the median; 0.0 when none was measured."""
        measured = [s.memory for s in self.counted if s.memory]
        return statistics.median(measured) if measured else 0.0

    def remarks(self, submission: Submission) -> list["Remark"]:
        """What there is to say of one hand-in, what needs a person first."""
        if not submission.graded:
            return [Remark("not graded", urgent=True)]
        found = [Remark("tamper evidence", urgent=True)] if submission.tamper else []
        for status, urgent in (
            (UNGRADED, True),
            (NOT_GRADED, True),
            (TO_MARK, False),
            (UNANSWERED, False),
            (CUT_OFF, False),
        ):
            if names := submission.with_status(status):
                found.append(Remark(f"{STATUS_WORDS[status]}: {', '.join(names)}", urgent))
        if submission.source:
            found.append(Remark(f"in the team of {submission.source}"))
        elif submission.team:
            others = [member for member in submission.team if member != submission.student]
            found.append(Remark(f"team with {', '.join(others)}"))
        if submission.late_penalty:
            found.append(Remark(f"late: −{format_points(submission.late_penalty)}"))
        elif submission.seconds_late:
            found.append(Remark("late"))
        found += [Remark(note) for note in submission.notes]
        if names := submission.contradicted:
            found.append(Remark(f"full marks, though a visible test says no: {', '.join(names)}"))
        found = found or [Remark("complete")]
        if submission.student in self.pseudonyms:
            found.append(Remark(f"on the leaderboard: {self.pseudonyms[submission.student]}"))
        return found


class PairView:
    """Two answers side by side as the page shows them."""

    def __init__(self, found: AlikePair) -> None:
        self.exercise, self.kind, self.pair = found.exercise, found.kind, found.pair
        sides = zip(found.pair.students, found.texts, found.pair.passages, strict=True)
        self.sides = [
            (student, shown(text, passages, MAX_SHOWN_TEXT), max(0, len(text) - MAX_SHOWN_TEXT))
            for student, text, passages in sides
        ]


def evidence(results: ClassResults) -> list[tuple[str, list[str]]]:
    """Tamper evidence by student; what members of a team have from the hand-in that counts stands there only."""
    by_student = {submission.student: submission for submission in results.submissions}
    found = []
    for submission in results.submissions:
        lines = set(submission.verdict.tamper if submission.verdict else [])
        of_team = by_student.get(submission.source)
        if of_team is None or of_team.verdict is None or lines - set(of_team.verdict.tamper):
            found.append((submission.student, submission.tamper))
    return [(student, lines) for student, lines in found if lines]


def duration(seconds: float) -> str:
    """A time for people: 2 d 3 h, 5 h 10 min, 40 min."""
    minutes = max(1, round(seconds / 60))
    days, hours = divmod(minutes // 60, 24)
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"


def discriminations(results: ClassResults) -> dict[str, float]:
    """The corrected item-total correlation of each exercise: its points with those of all others together, in [-1, 1].

    From hand-ins of which all counted exercises are decided (see `basis`), each team once. Exercises in which all have
    the same points have none, and a class of fewer than LEAST_FOR_DISCRIMINATION has none at all.
    """
    counted, complete, _ = _decided(results)
    if len(complete) < LEAST_FOR_DISCRIMINATION or len(counted) < 2:
        return {}
    found = {}
    for exercise in counted:
        own = [s.marks[exercise.id].points for s in complete]
        rest = [sum(s.marks[e.id].points for e in counted if e is not exercise) for s in complete]
        if max(own) - min(own) > 1e-9 and max(rest) - min(rest) > 1e-9:
            found[exercise.id] = statistics.correlation(own, rest)
    return found


def exercise_line(
    exercise: Exercise, submissions: Sequence[Submission], discrimination: float | None = None
) -> ExerciseLine:
    marks = [submission.marks[exercise.id] for submission in submissions]
    points = [mark.points for mark in marks if mark.decided]
    mean = statistics.fmean(points) if points else None
    difficulty = 1 - mean / exercise.points if mean is not None and exercise.points else None
    seconds = exercise_seconds(exercise.id, submissions)
    return ExerciseLine(
        exercise.id,
        exercise.kind,
        exercise.points,
        len(points),
        mean,
        difficulty,
        dict(Counter(mark.status for mark in marks)),
        statistics.median(seconds) if seconds else None,
        max(seconds, default=None),
        exercise.bonus,
        discrimination,
    )


def exercise_seconds(exercise: str, submissions: Iterable[Submission]) -> list[float]:
    """Seconds that each examination of an exercise took, where one was held."""
    return [found.seconds for found in _verdicts(exercise, submissions) if found.seconds > 0]


def _verdicts(exercise: str, submissions: Iterable[Submission]) -> list[ExerciseVerdict]:
    return [
        found
        for submission in submissions
        if submission.verdict
        for found in submission.verdict.exercises
        if found.exercise == exercise
    ]


def lost_parts(results: ClassResults) -> list[LostPart]:
    """The parts that most students lost, the most frequent first.

    Where one cause takes a whole exercise (a library cell used, the time was up), it counts once.
    """
    messages: dict[tuple[str, str], list[str]] = defaultdict(list)
    examined: Counter[str] = Counter()
    for exercise in results.exercises:
        for verdict in _verdicts(exercise.id, results.counted):
            examined[exercise.id] += bool(verdict.parts)
            for part, message in _causes(verdict):
                messages[exercise.id, part].append(message)
    found = [
        LostPart(exercise, part, len(said), examined[exercise], _example(said))
        for (exercise, part), said in messages.items()
    ]
    return sorted(found, key=lambda lost: (-lost.students, lost.exercise, lost.part))[:MAX_LOST_PARTS]


def _causes(verdict: ExerciseVerdict) -> list[tuple[str, str]]:
    lost = [part for part in verdict.parts if part.earned < 1]
    if len(lost) > 1 and len(lost) == len(verdict.parts) and len({part.message for part in lost}) == 1:
        return [(WHOLE_EXERCISE, lost[0].message)]
    return [(part.name, part.message) for part in lost if not part.message.startswith(FOLLOWS)]


def _example(messages: list[str]) -> str:
    """The message that most got, shortened."""
    message = Counter(messages).most_common(1)[0][0]
    return message if len(message) <= MAX_EXAMPLE else f"{message[: MAX_EXAMPLE - 1]}…"


def ungraded(results: ClassResults) -> list[Ungraded]:
    """What stayed ungraded through a fault of ours, with the reason that grading gave."""
    return [
        Ungraded(submission.student, found.exercise, "; ".join(found.messages) or "no reason was recorded")
        for submission in results.counted
        if submission.verdict
        for found in submission.verdict.exercises
        if submission.marks.get(found.exercise, Mark(0, 0, found.status)).status == UNGRADED
    ]


@dataclass(frozen=True)
class Basis:
    """The points whose distribution is shown: all of them, or the automatic ones while answers wait for a marker."""

    values: list[float]
    max: float
    automatic_only: bool
    left_out: int

    @property
    def mean(self) -> float:
        return statistics.fmean(self.values)

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def deviation(self) -> float | None:
        """The sample standard deviation; None for less than two values."""
        return statistics.stdev(self.values) if len(self.values) > 1 else None


def basis(results: ClassResults) -> Basis:
    """The values to show; hand-ins of which something is undecided are left out and counted."""
    counted, complete, automatic_only = _decided(results)
    if automatic_only:
        values = [sum(s.marks[exercise.id].points for exercise in counted) for s in complete]
    else:
        values = [s.total for s in complete if s.total is not None]
    most = sum(e.points for e in counted if not e.bonus)
    return Basis(values, most, automatic_only, len(results.counted) - len(complete))


def _decided(results: ClassResults) -> tuple[list[Exercise], list[Submission], bool]:
    """The exercises that statistics are about, the hand-ins that have marks in all of them, and whether written ones
    are left out since some wait for a marker."""
    graded = [submission for submission in results.counted if submission.graded]
    automatic_only = any(submission.with_status(TO_MARK) for submission in graded)
    counted = [e for e in results.exercises if e.kind == "code" or not automatic_only]
    return counted, [s for s in graded if all(s.marks[e.id].decided for e in counted)], automatic_only


# ---------------------------------------------------------------------------------------------------
# Figures


BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#5b6470"  # of Okabe and Ito's colours, safe for colour-blind readers
_FIGURE_STYLE: Any = {
    "font.size": 11.0,
    "font.family": "sans-serif",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "svg.hashsalt": "report",  # the same numbers give the same file
}
_FIGURE_WIDTH = 5.2  # inches: read at 350 to 560 pixels, the letters stay between 10 and 16 of them


def distribution_figure(found: Basis) -> Markup:
    """A histogram of points with the mean and the median."""
    edges = histogram_edges(max(found.max, *found.values))  # bonus exercises may lead beyond the maximum
    counts = [
        sum(low <= value < high or (value >= high and high == edges[-1]) for value in found.values)
        for low, high in itertools.pairwise(edges)
    ]
    bins = ", ".join(
        f"{format_points(low)} to {format_points(high)}: {count}"
        for low, high, count in zip(edges, edges[1:], counts, strict=False)
        if count
    )
    alt = (
        f"Histogram of the points of {len(found.values)} students, mean {found.mean:.1f}, median {found.median:.1f}"
        f" of {format_points(found.max)}. Students by points: {bins}."
    )

    def draw(figure: "Figure") -> None:
        from matplotlib.ticker import MaxNLocator

        axes = figure.subplots()
        widths = [high - low for low, high in itertools.pairwise(edges)]
        axes.bar(edges[:-1], counts, widths, align="edge", color=BLUE, edgecolor="white", linewidth=1.5)
        top = max(counts) * 1.3
        axes.axvline(found.mean, ymax=0.86, color=ORANGE, linewidth=2)
        axes.axvline(found.median, ymax=0.86, color="black", linewidth=2, linestyle="--")
        # The two names stand on the outer sides of their lines, so that they never overlap.
        mean_left = found.mean <= found.median
        for value, name, left, colour in (
            (found.mean, f"mean {found.mean:.1f}", mean_left, ORANGE),
            (found.median, f"median {found.median:.1f}", not mean_left, "black"),
        ):
            side = "right" if left else "left"
            axes.text(value, top * 0.9, f" {name} ", color=colour, ha=side, va="center", weight="bold")
        axes.set(xlim=(0, edges[-1]), ylim=(0, top), xlabel=f"points (of {format_points(found.max)})")
        axes.set_ylabel("students")
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(axis="y", alpha=0.3)

    return _picture(draw, 3.1, alt)


def histogram_edges(maximum: float) -> list[float]:
    """Edges of 6 to 15 equal bins from 0 that end at or just above the maximum, in round steps."""
    maximum = maximum or 1.0
    step = next(
        factor * 10.0**power
        for power in range(math.floor(math.log10(maximum)) - 2, math.floor(math.log10(maximum)) + 2)
        for factor in (1, 2, 5)
        if maximum / (factor * 10.0**power) <= 15
    )
    return [round(i * step, 10) for i in range(math.ceil(maximum / step - 1e-9) + 1)]


def time_figure(seconds: dict[str, list[float]]) -> Markup:
    """A dot per examination and the median of each exercise, in seconds."""
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    told = "; ".join(f"{name}: median {medians[name]:.1f} s, longest {max(seconds[name]):.1f} s" for name in seconds)

    def draw(figure: "Figure") -> None:
        axes = figure.subplots()
        for row, (name, values) in enumerate(seconds.items()):
            spread = [row + 0.22 * ((7 * i) % 11 - 5) / 5 for i in range(len(values))]
            axes.plot(values, spread, "o", color=BLUE, alpha=0.45, markersize=4.5, markeredgewidth=0)
            axes.plot([medians[name]] * 2, [row - 0.36, row + 0.36], color=ORANGE, linewidth=3)
        axes.set_yticks(range(len(seconds)), list(seconds))
        axes.invert_yaxis()
        axes.set(xlabel="seconds of examination (bar: median)")
        axes.set_xlim(left=0)
        axes.grid(axis="x", alpha=0.3)

    return _picture(draw, 1.1 + 0.42 * len(seconds), f"Time that each examination took. {told}.")


def _picture(draw: Callable[["Figure"], None], height: float, alt: str) -> Markup:
    """A figure as an image element that holds an SVG, `height` in inches."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    buffer = io.BytesIO()
    with rc_context(_FIGURE_STYLE):
        figure = Figure(figsize=(_FIGURE_WIDTH, height), layout="constrained")
        draw(figure)
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    encoded = base64.b64encode(buffer.getvalue()).decode()
    return Markup('<img src="data:image/svg+xml;base64,{}" alt="{}">').format(encoded, alt)
