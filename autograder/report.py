"""The instructor's report: one HTML file that tells how the class did and what needs a person.

Numbers come from the verdicts below .coursework/ and, where it knows more (marks by hand, late penalties),
from nbgrader's gradebook. Nothing is graded or changed here. The file holds no script and loads nothing, and
all that students wrote is escaped.
"""

import base64
import csv
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

from autograder.course import Course
from autograder.evidence import readable
from autograder.feedback import format_points, page_environment, read_verdict
from autograder.files import write_file
from autograder.marks import gradebook_url, has_gradebook, opened_gradebook
from autograder.notebooks import Exercise, exercises
from autograder.records import (
    CUT_OFF,
    FAILED,
    PARTIAL,
    PASSED,
    UNANSWERED,
    UNGRADED,
    ExerciseVerdict,
    SubmissionVerdict,
    status_of,
)
from autograder.release import read_master

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
MAX_LOST_PARTS = 12
MAX_EVIDENCE = 12
"""Lines of tamper evidence about one hand-in; `coursework grade --json` has them all."""
MAX_NOTES = 6
MAX_EXAMPLE = 300
"""Characters of an example of a message."""

# ---------------------------------------------------------------------------------------------------
# Writing it


def report(course: Course, assignments: list[str] | None = None) -> Path:
    """Write report.html in the course's folder, about the named assignments or all; returns its path."""
    chosen = course.assignments() if assignments is None else assignments
    classes = [gather(course, assignment) for assignment in chosen]
    page = page_environment().get_template("report.html.j2")
    text = page.render(
        classes=[ClassView(found) for found in classes],
        unplaced=unplaced(course),
        written=datetime.now().astimezone(),
        words=STATUS_WORDS,
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
    """All that is known of one hand-in. `total` is None before any mark is known; the penalty is taken off."""

    student: str
    marks: dict[str, Mark]
    total: float | None = None
    late_penalty: float = 0.0
    verdict: SubmissionVerdict | None = None

    @property
    def tamper(self) -> list[str]:
        return readable(self.verdict.tamper, MAX_EVIDENCE) if self.verdict else []

    @property
    def seconds(self) -> float:
        return self.verdict.seconds if self.verdict else 0.0

    @property
    def report_in_order(self) -> bool:
        """Whether the check found nothing to say against the report, if one was asked for."""
        return all(finding.ok for finding in self.verdict.report) if self.verdict else True

    @property
    def notes(self) -> list[str]:
        return readable(self.verdict.notes, MAX_NOTES) if self.verdict else []

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
    return ClassResults(assignment, found, submissions)


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
            undefer(SubmittedAssignment.score),
            undefer(SubmittedAssignment.late_submission_penalty),
            selectinload(SubmittedAssignment.notebooks).selectinload(SubmittedNotebook.grades),
        )
        found: dict[str, RecordedSubmission] = {}
        for submission in submissions:
            grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
            penalty = float(submission.late_submission_penalty or 0.0)
            entry = RecordedSubmission(max(0.0, float(submission.score) - penalty), penalty)
            for grade in grades:
                pending = bool(grade.needs_manual_grade) and grade.manual_score is None
                by_hand = grade.manual_score is not None or bool(grade.extra_credit)
                name = grade.name.removesuffix("_test")
                entry.marks[name] = Recorded(float(grade.score), pending, by_hand, grade.auto_score)
            if any(grade.auto_score is not None or grade.manual_score is not None for grade in grades):
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

    def __init__(self, results: ClassResults) -> None:
        self.results = results
        self.assignment = results.assignment
        self.max = results.max
        self.submissions = results.submissions
        self.exercises = [exercise_line(exercise, results.submissions) for exercise in results.exercises]
        self.lost_parts = lost_parts(results)
        self.statuses = [status for status in STATUS_WORDS if any(line.counts.get(status) for line in self.exercises)]
        self.basis = basis(results)
        self.ungraded = ungraded(results)
        self.tampered = [submission for submission in results.submissions if submission.tamper]
        self.not_graded = [s.student for s in results.submissions if not s.graded]
        self.to_mark = {
            exercise.id: sum(s.marks[exercise.id].status == TO_MARK for s in results.submissions if s.graded)
            for exercise in results.exercises
            if exercise.kind == "written"
        }

    @property
    def reports(self) -> list[Submission]:
        """Hand-ins that a report belongs to."""
        return [s for s in self.submissions if s.verdict and s.verdict.report]

    @property
    def reports_in_order(self) -> int:
        return sum(s.report_in_order for s in self.reports)

    @property
    def distribution(self) -> Markup:
        return distribution_figure(self.basis) if self.basis.values else Markup()

    @property
    def times(self) -> Markup:
        seconds = {e.id: exercise_seconds(e.id, self.submissions) for e in self.results.exercises}
        seconds = {name: values for name, values in seconds.items() if values}
        return time_figure(seconds) if seconds else Markup()

    @property
    def longest(self) -> Submission | None:
        """The hand-in that took longest to grade."""
        timed = [s for s in self.submissions if s.seconds]
        return max(timed, key=lambda s: s.seconds) if timed else None

    @property
    def median_seconds(self) -> float:
        """Seconds that a hand-in took to grade, in the median; 0.0 when none was timed."""
        timed = [s.seconds for s in self.submissions if s.seconds]
        return statistics.median(timed) if timed else 0.0

    @staticmethod
    def remarks(submission: Submission) -> list["Remark"]:
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
        if submission.late_penalty:
            found.append(Remark(f"late: −{format_points(submission.late_penalty)}"))
        found += [Remark(note) for note in submission.notes]
        return found or [Remark("complete")]


def exercise_line(exercise: Exercise, submissions: Sequence[Submission]) -> ExerciseLine:
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
        for verdict in _verdicts(exercise.id, results.submissions):
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
    return [(part.name, part.message) for part in lost]


def _example(messages: list[str]) -> str:
    """The message that most got, shortened."""
    message = Counter(messages).most_common(1)[0][0]
    return message if len(message) <= MAX_EXAMPLE else f"{message[: MAX_EXAMPLE - 1]}…"


def ungraded(results: ClassResults) -> list[Ungraded]:
    """What stayed ungraded through a fault of ours, with the reason that grading gave."""
    return [
        Ungraded(submission.student, found.exercise, "; ".join(found.messages) or "no reason was recorded")
        for submission in results.submissions
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
    graded = [submission for submission in results.submissions if submission.graded]
    automatic_only = any(submission.with_status(TO_MARK) for submission in graded)
    counted = [e for e in results.exercises if e.kind == "code" or not automatic_only]
    complete = [s for s in graded if all(s.marks[exercise.id].decided for exercise in counted)]
    if automatic_only:
        values = [sum(s.marks[exercise.id].points for exercise in counted) for s in complete]
    else:
        values = [s.total for s in complete if s.total is not None]
    most = sum(e.points for e in counted if not e.bonus)
    return Basis(values, most, automatic_only, len(results.submissions) - len(complete))


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
