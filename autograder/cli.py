"""The command ``coursework``: each subcommand says what it does and ends with one clear line when it cannot.

Exit codes: 0 everything asked for was done, 1 something of ours went wrong or stayed ungraded (bank: a miss),
2 wrong usage.
"""

import json
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from autograder.course import Course, CourseError, open_course
from autograder.interrupts import stoppable
from autograder.progress import Progress
from autograder.records import UNGRADED
from autograder.sandbox import SandboxError

if TYPE_CHECKING:
    from autograder.runs import PastRun

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Graded notebooks about recurrent neural networks: release, collect, grade, feedback, report.",
)
console = Console(soft_wrap=True, highlight=False)

CourseFolder = Annotated[Path, typer.Option("--course", help="The course's folder.", metavar="DIR")]
Assignments = Annotated[list[str] | None, typer.Argument(help="Assignments; all of them when none is named.")]
JsonFile = Annotated[Path | None, typer.Option("--json", help="Write the result to FILE as JSON.", metavar="FILE")]
Workers = Annotated[int, typer.Option("--workers", min=0, help="Worker processes; 0 means one per core.")]
GradingWorkers = Annotated[
    int | None,
    typer.Option("--workers", min=0, help="Worker processes, 0: one per core; by default c.Coursework.workers."),
]
Unsafe = Annotated[
    bool,
    typer.Option("--unsafe-no-sandbox", help="Run students' code without a sandbox. Only for code you trust."),
]
HERE = Path()


def main() -> None:
    """Entry point: a user's mistake ends in one line, not in a traceback."""
    try:
        app()
    except CourseError as error:
        _stop(str(error), error.exit_code)
    except SandboxError as error:
        _stop(str(error), 1)


def _stop(message: str, code: int) -> None:
    print(f"coursework: {message}", file=sys.stderr)
    sys.exit(code)


def say(message: str) -> None:
    console.print(message, markup=False)


def write_json(path: Path | None, value: Any) -> None:
    """The result for programs, written whole or not at all."""
    if path is not None:
        from autograder.files import write_file

        write_file(path.resolve(), (json.dumps(value, indent=1) + "\n").encode())


def write_rows(path: Path | None, rows: Iterable[Any]) -> None:
    """A list for programs, row by row: it may be longer than fits into memory. Whole or not at all."""
    if path is not None:
        from autograder.files import remove_leftovers, write_file

        remove_leftovers([path.resolve().parent])  # of a run that was killed while it wrote
        write_file(path.resolve(), _json_list(rows))


def _json_list(rows: Iterable[Any]) -> Iterator[bytes]:
    separator = "[\n"
    for row in rows:
        yield (separator + json.dumps(row)).encode()
        separator = ",\n"
    yield b"[]\n" if separator == "[\n" else b"\n]\n"


def _one_of(value: str, known: Iterable[str], option: str) -> str:
    if value and value not in known:
        raise CourseError(f"{option} {value}: it must be one of {', '.join(known)}", 2)
    return value


def _chosen(course: Course, assignments: list[str] | None) -> list[str]:
    for assignment in assignments or []:
        course.source_notebooks(assignment)
    return assignments or course.assignments()


# --- before the term ----------------------------------------------------------------------------------------


@app.command()
def release(assignments: Assignments = None, course: CourseFolder = HERE) -> None:
    """Make release/ from source/; refused when a solution or hidden test would leak."""
    from autograder.release import release as make_release

    opened = open_course(course)
    for assignment in _chosen(opened, assignments):
        for path in make_release(opened, assignment):
            say(f"released {path.relative_to(opened.root)}")


@app.command()
def bundle(
    course: CourseFolder = HERE,
    out: Annotated[Path, typer.Option("--out", help="The zip to write.")] = Path("build/student-bundle.zip"),
) -> None:
    """Make what students get: notebooks, helpers and samples in one zip."""
    from autograder.bundle import bundle as make_bundle

    say(f"bundle for students: {make_bundle(open_course(course), out)}")


@app.command()
def check(course: CourseFolder = HERE, json_file: JsonFile = None) -> None:
    """Find what is out of step or wrongly configured, and where."""
    from autograder.check import check as find_problems

    problems = find_problems(open_course(course))
    write_json(json_file, [{"where": p.where, "what": p.what} for p in problems])
    for problem in problems:
        say(f"{problem.where}: {problem.what}")
    if problems:
        raise typer.Exit(1)
    say("nothing is out of step")


@app.command()
def tidy(assignments: Assignments = None, course: CourseFolder = HERE) -> None:
    """Bring the notebooks of source/ into normal form, after editing: no outputs, one way of writing."""
    from autograder.tidy import tidy as tidy_notebooks

    opened = open_course(course)
    for path in tidy_notebooks(opened, _chosen(opened, assignments)):
        say(f"brought into normal form: {path.relative_to(opened.root)}")


@app.command()
def roster(
    file: Annotated[
        Path | None, typer.Argument(help="The CSV file; by default the one that the configuration names.")
    ] = None,
    course: CourseFolder = HERE,
    json_file: JsonFile = None,
) -> None:
    """Enter the students of a roster into the gradebook, and say who handed in nothing."""
    from autograder.roster import RosterError, enter, keep_roster, missing

    opened = open_course(course)
    try:
        known = keep_roster(opened, file)
    except RosterError as error:
        for problem in error.problems:
            say(f"{problem}")
        raise CourseError("the roster was not entered: put these lines right and run it again") from None
    entered = enter(opened, known)
    say(f"{len(known.students)} students: {len(entered.added)} added, {len(entered.changed)} changed")
    for student in entered.unknown:
        say(f"in the gradebook, but not on the roster: {student}")
    lacking = {assignment: missing(opened, known, assignment) for assignment in opened.assignments()}
    for assignment, students in lacking.items():
        if len(students) < len(known.students):
            say(f"{assignment}: nothing from {len(students)}: {', '.join(students) or 'nobody'}")
    write_json(json_file, {**vars(entered), "students": sorted(known.students), "missing": lacking})


# --- hand-ins -------------------------------------------------------------------------------------------------


@app.command()
def collect(
    paths: Annotated[list[Path], typer.Argument(help="Zips, notebooks, or folders of them.")],
    course: CourseFolder = HERE,
    student: Annotated[str | None, typer.Option(help="Whose hand-in this is, instead of what its name says.")] = None,
    assignment: Annotated[str | None, typer.Option(help="Which assignment it is, instead of what it says.")] = None,
    bulk: Annotated[bool, typer.Option("--bulk", help="The zips hold the hand-ins of many students.")] = False,
    platform: Annotated[
        str, typer.Option("--from", help="The paths are downloads of moodle, canvas or blackboard.", metavar="PLATFORM")
    ] = "",
    worksheet: Annotated[
        Path | None, typer.Option(help="Moodle's grading worksheet: who each participant is.", metavar="FILE")
    ] = None,
    json_file: JsonFile = None,
) -> None:
    """Put hand-ins into submitted/; what cannot be placed is listed."""
    from autograder.collect import collect as place
    from autograder.lms import PLATFORMS

    found = place(
        open_course(course),
        paths,
        student=student,
        assignment=assignment,
        bulk=bulk,
        platform=_one_of(platform, PLATFORMS, "--from"),
        worksheet=worksheet,
    )
    for line in found.lines():
        say(line)
    write_json(json_file, found.as_dict())


@app.command()
def grade(
    assignments: Assignments = None,
    course: CourseFolder = HERE,
    workers: GradingWorkers = None,
    scheduler: Annotated[
        str, typer.Option(help="Use the workers of this Dask scheduler, such as tls://host:8786.", metavar="ADDRESS")
    ] = "",
    student: Annotated[list[str] | None, typer.Option(help="Grade only this student (may be repeated).")] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--exercise",
            help="Examine only this exercise of the assignment anew (may be repeated); other marks stay.",
            metavar="ID",
        ),
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Grade also what has not changed.")] = False,
    reproduce: Annotated[
        str,
        typer.Option(
            help="Grade again what this run graded ('last', an id), and compare; changes no mark.", metavar="RUN"
        ),
    ] = "",
    unsafe: Unsafe = False,
    json_file: JsonFile = None,
) -> None:
    """Grade what was collected: sandboxed, in parallel; a run that was interrupted goes on."""
    from autograder.evidence import readable
    from autograder.grade import grade_class
    from autograder.runs import find_run

    if workers and scheduler:
        raise CourseError("--workers is for this machine, --scheduler for a cluster: give one of the two", 2)
    if only and reproduce:
        raise CourseError("--reproduce grades again what a run graded: leave --exercise out", 2)
    opened = open_course(course)
    if unsafe:
        say("warning: students' code runs without a sandbox and can read and change everything that you can")
    run = find_run(opened, reproduce) if reproduce else None
    chosen = _chosen(opened, assignments) if run is None else assignments or []
    if workers is None:
        settings = opened.settings()
        workers, scheduler = 0 if scheduler else settings.workers, scheduler or settings.scheduler
    if run is not None:
        crew = {"count": workers, "scheduler": scheduler, "sandboxed": not unsafe}
        _reproduce(opened, run, chosen, student, crew, json_file)
        return
    with stoppable(), Progress("grading", console) as progress:
        report = grade_class(
            opened,
            chosen,
            workers=workers,
            scheduler=scheduler,
            sandboxed=not unsafe,
            students=student,
            again=again,
            only=tuple(dict.fromkeys(only or [])),
            on_start=progress.start,
            on_done=progress.done,
        )
    write_rows(json_file, report.rows())
    for (name, _), reason in sorted(report.whole.items()):
        say(f"{name}: graded as a whole: {reason}")
    for line in report.choice.lines:
        say(line)
    for difference in report.differences:
        say(f"changed: {difference}")
    for key in sorted(report.suspicious | report.ungraded):
        verdict = report.verdict(key)
        for line in readable(verdict.tamper, 12):
            say(f"{verdict.student}: tamper evidence: {line}")
        for exercise in verdict.exercises:
            if exercise.status == UNGRADED:
                say(f"{verdict.student}: {exercise.exercise} ungraded: {'; '.join(exercise.messages)}")
    for line in report.team_lines:
        say(line)
    for error in report.team_errors:
        say(f"team: {error}")
    for failure in report.failures:
        say(f"failed: {failure}")
    say(f"graded {progress.summary()}")
    if not any(opened.students(assignment) for assignment in chosen):
        say("no hand-in lies in submitted/: `coursework collect` puts it there")
    if not report.complete:
        raise typer.Exit(1)


def _reproduce(
    course: Course,
    run: "PastRun",
    assignments: list[str],
    students: list[str] | None,
    crew: dict[str, Any],
    json_file: Path | None,
) -> None:
    """Exit 0 when every recorded mark came out again, 1 otherwise."""
    from autograder.reproduce import Reproduction, reproduce
    from autograder.workers import Workers

    rows: list[dict[str, Any]] = []
    total = 0

    def start(number: int) -> None:
        nonlocal total
        total = number

    def done(found: Reproduction) -> None:
        rows.append(found.row())
        say(f"[{len(rows)}/{total}] {found.line()}")

    with stoppable(), Workers(**crew, threads=course.limits().threads, share_nurseries=True) as workers:
        summary = reproduce(course, run, assignments, students, workers, start, done)
    write_json(json_file, rows)
    for line in [*(f"failed: {problem}" for problem in workers.problems), *summary.lines()]:
        say(line)
    if summary.different:
        raise typer.Exit(1)


@app.command()
def feedback(assignments: Assignments = None, course: CourseFolder = HERE) -> None:
    """Write feedback/: one HTML page per student and notebook, without hidden tests."""
    from autograder.comments import load_comments, usage
    from autograder.feedback import feedback as write_feedback

    opened = open_course(course)
    _bring_up_to_date(opened, _chosen(opened, assignments))
    library = load_comments(opened)
    for assignment in _chosen(opened, assignments):
        written = len(write_feedback(opened, assignment))
        told = f"feedback for {written} notebooks in {opened.feedback}" if written else "no feedback: nothing is graded"
        say(f"{assignment}: {told}")
        for student, exercise, key in usage(opened, assignment, library).unknown:
            say(f"{assignment}: {student}, {exercise}: the comment's key #{key} has no text, and stands on the page")


@app.command()
def report(assignments: Assignments = None, course: CourseFolder = HERE) -> None:
    """Write the instructor's report: one HTML file with plots."""
    from autograder.report import report as write_report

    opened = open_course(course)
    _bring_up_to_date(opened, _chosen(opened, assignments))
    say(f"report: {write_report(opened, _chosen(opened, assignments))}")


def _bring_up_to_date(course: Course, assignments: list[str]) -> None:
    from autograder.teams import bring_up_to_date

    for line in bring_up_to_date(course, assignments):
        say(line)


@app.command()
def export(
    assignments: Assignments = None,
    course: CourseFolder = HERE,
    kind: Annotated[str, typer.Option("--format", help="csv, moodle or canvas.")] = "csv",
    percent: Annotated[bool, typer.Option("--percent", help="Per cent of the maximum in place of points.")] = False,
    written: Annotated[bool, typer.Option("--feedback", help="With messages and the marker's comments.")] = False,
    missing: Annotated[
        str,
        typer.Option(help="zero or empty for who handed in nothing; by default zero once the deadline has passed."),
    ] = "",
    worksheet: Annotated[
        Path | None, typer.Option(help="Fill in Moodle's grading worksheet of one assignment.", metavar="FILE")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="The table to write: grades-FORMAT.csv.")] = None,
    json_file: JsonFile = None,
) -> None:
    """Write the marks as a table for a spreadsheet, Moodle or Canvas; what is not final is left empty and said."""
    from autograder.export import FORMATS
    from autograder.export import export as write_table

    opened = open_course(course)
    chosen = _chosen(opened, assignments)
    _one_of(kind, FORMATS, "--format")
    _one_of(missing, ("zero", "empty"), "--missing")
    _bring_up_to_date(opened, chosen)
    path = (out or opened.root / f"grades-{kind}.csv").resolve()
    found = write_table(
        opened, chosen, kind, path, percent=percent, feedback=written, missing=missing, worksheet=worksheet
    )
    for note in found.notes:
        say(note)
    write_json(json_file, [{**vars(mark), "percent": mark.percent} for mark in found.marks])
    say(f"marks: {found.path}")


# --- quality ----------------------------------------------------------------------------------------------------


@app.command()
def bank(
    paths: Annotated[list[Path], typer.Argument(help="Answers (*.py), or folders of them.")],
    course: CourseFolder = HERE,
    every: Annotated[
        int, typer.Option(min=1, metavar="N", help="Only every Nth answer of each assignment: quicker, less sure.")
    ] = 1,
    visible_tests: Annotated[
        bool, typer.Option("--visible-tests", help="A right answer that fails a visible test is a miss, too.")
    ] = False,
    workers: Workers = 0,
    unsafe: Unsafe = False,
    json_file: JsonFile = None,
) -> None:
    """Grade the answer bank: every right answer in full, every wrong one caught where it is wrong."""
    from autograder.bank import run_bank, summary

    opened = open_course(course)
    # Named for this process: what a killed one leaves is removed by the next.
    prefix = f"coursework-{os.getpid()}-bank-"
    with stoppable(), tempfile.TemporaryDirectory(prefix=prefix) as folder, Progress("bank", console) as progress:
        findings = run_bank(
            opened,
            paths,
            Path(folder),
            every=every,
            workers=workers,
            sandboxed=not unsafe,
            visible_tests=visible_tests,
            on_start=progress.start,
            on_done=progress.done,
        )
    write_json(json_file, [finding.row() for finding in findings])
    for line in summary(findings):
        say(line)
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


@app.command()
def demo(
    folder: Annotated[Path, typer.Option("--folder", help="Where the demo's course is made.")] = Path("demo"),
    course: CourseFolder = HERE,
    workers: Workers = 0,
) -> None:
    """The whole way on embedded data, ending with the report's path."""
    from autograder.demo import run_demo

    with stoppable(), Progress("grading", console) as progress:
        path = run_demo(
            open_course(course), folder, workers=workers, say=say, on_start=progress.start, on_done=progress.done
        )
    say(f"report: {path}")


marking_app = typer.Typer(
    no_args_is_help=True, help="What a person marks: shared out, listed, taken in from tables, and reusable comments."
)
app.add_typer(marking_app, name="marking")
OneAssignment = Annotated[str, typer.Argument(help="The assignment.")]


@marking_app.command("share")
def marking_share(
    assignment: OneAssignment,
    course: CourseFolder = HERE,
    among: Annotated[
        str | None, typer.Option(help="The markers' names; by default c.Coursework.markers.", metavar="ANNA,BEN")
    ] = None,
    by: Annotated[str, typer.Option(help="student: all answers of a hand-in; exercise: one of all hand-ins.")] = "",
    anew: Annotated[bool, typer.Option("--anew", help="Deal again all students whose marking has not begun.")] = False,
    json_file: JsonFile = None,
) -> None:
    """Share the written answers out among markers; what was dealt stays, what is new goes to who has least."""
    from autograder.marking import share

    opened = open_course(course)
    _bring_up_to_date(opened, _chosen(opened, [assignment]))
    shared = share(opened, assignment, None if among is None else among.split(","), by, anew=anew)
    for line in shared.lines:
        say(line)
    write_json(json_file, vars(shared.deal))


@marking_app.command("list")
def marking_list(
    assignment: OneAssignment,
    course: CourseFolder = HERE,
    marker: Annotated[str, typer.Option("--for", help="Only what was shared out to this marker.", metavar="NAME")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Also what is marked.")] = False,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write it as a CSV table, to be filled in and entered.", metavar="FILE")
    ] = None,
    json_file: JsonFile = None,
) -> None:
    """List what is still to be marked, with the page of formgrader for each answer."""
    from autograder.files import write_file
    from autograder.marking import COLUMNS, chosen, read_deal, row, table

    opened = open_course(course)
    _bring_up_to_date(opened, _chosen(opened, [assignment]))
    deal = read_deal(opened, assignment)
    base = opened.settings().formgrader
    rows = [row(answer, deal, base) for answer in chosen(opened, assignment, deal, marker, everything=everything)]
    for found in rows:
        who = " with ".join(name for name in (found["student"], found["team"].replace(" ", ", ")) if name)
        whose = f" [{found['marker'] or 'not shared out'}]" if not marker else ""
        say(f"{who}: {found['exercise']}, {found['state']}{whose}  {found['formgrader']}")
    if not rows:
        say("nothing is left to be marked" if not everything else "no answer is there to be marked")
    if out is not None:
        write_file(out.resolve(), table(rows, COLUMNS))
        say(f"table: {out}")
    write_json(json_file, rows)


@marking_app.command("status")
def marking_status(
    assignments: Assignments = None,
    course: CourseFolder = HERE,
    out: Annotated[Path | None, typer.Option("--out", help="Write it as a CSV table.", metavar="FILE")] = None,
    json_file: JsonFile = None,
) -> None:
    """Say how many answers each marker has left."""
    from autograder.files import write_file
    from autograder.marking import answers, progress, read_deal, table

    opened = open_course(course)
    rows = []
    _bring_up_to_date(opened, _chosen(opened, assignments))
    for assignment in _chosen(opened, assignments):
        for place in progress(answers(opened, assignment), read_deal(opened, assignment)):
            say(f"{assignment}: {place.line()}")
            rows.append({"assignment": assignment, **vars(place)})
    if not rows:
        say("no answer is there to be marked")
    if out is not None:
        columns = ("assignment", "marker", "hand_ins", "hand_ins_left", "answers", "answers_left")
        write_file(out.resolve(), table(rows, columns))
        say(f"table: {out}")
    write_json(json_file, rows)


@marking_app.command("enter")
def marking_enter(
    assignment: OneAssignment,
    file: Annotated[Path, typer.Argument(help="The CSV table: student, exercise, points, comment.")],
    course: CourseFolder = HERE,
    over: Annotated[bool, typer.Option("--over", help="Overwrite also what somebody changed since.")] = False,
    json_file: JsonFile = None,
) -> None:
    """Take points and comments of a table into the gradebook: all of it, or nothing where something is wrong."""
    from autograder.marking import enter

    opened = open_course(course)
    _bring_up_to_date(opened, _chosen(opened, [assignment]))
    entered = enter(opened, assignment, file, over=over)
    write_json(json_file, vars(entered))
    for line in entered.lines:
        say(line)
    for problem in entered.problems:
        say(problem)
    if entered.problems:
        raise CourseError(f"nothing of {file} was entered: put this right and run it again")
    _bring_up_to_date(opened, [assignment])
    say(f"entered: {file}" if entered.lines else f"{file}: everything in it stands in the gradebook already")


@marking_app.command("comments")
def marking_comments(assignments: Assignments = None, course: CourseFolder = HERE, json_file: JsonFile = None) -> None:
    """Say how often each reusable comment was used, and name keys that have no text."""
    from autograder.comments import load_comments, usage

    opened = open_course(course)
    library = load_comments(opened)
    rows: list[dict[str, Any]] = []
    unknown: list[str] = []
    for assignment in _chosen(opened, assignments):
        found = usage(opened, assignment, library)
        for used in found.used:
            say(f"{assignment}, {used.exercise}: #{used.key} {used.count} times: {_beginning(used.text)}")
            rows.append({"assignment": assignment, **vars(used)})
        unknown += [f"{assignment}, {exercise}: #{key} for {student}" for student, exercise, key in found.unknown]
    write_json(json_file, {"used": rows, "unknown": unknown})
    for line in unknown:
        say(f"no text has this key: {line}")
    if not rows and not unknown:
        say("no comment has a key, and there is no comments.yaml")
    if unknown:
        raise typer.Exit(1)


def _beginning(text: str, most: int = 60) -> str:
    words = " ".join(text.split())
    return words if len(words) <= most else f"{words[: most - 3].rstrip()}..."


project_app = typer.Typer(no_args_is_help=True, help="The open project: its teams, their data, and what is missing.")
app.add_typer(project_app, name="project")


@project_app.command("status")
def project_status(course: CourseFolder = HERE, json_file: JsonFile = None) -> None:
    """List teams, data sets and what is missing; refuse data that another team has or that is a usual demo."""
    from autograder.project import status

    found = status(open_course(course))
    for line in found.lines():
        say(line)
    write_json(json_file, found.as_dict())
    if found.errors:
        raise typer.Exit(1)


@project_app.command("check")
def project_check(
    report: Annotated[Path, typer.Argument(help="The report's PDF.", metavar="REPORT.pdf")],
    unsafe: Annotated[
        bool, typer.Option("--unsafe-no-sandbox", help="Read the PDF without a sandbox. Only for one you trust.")
    ] = False,
    json_file: JsonFile = None,
) -> None:
    """Check a report: pages, size of type, parts, figures, a loss or accuracy curve."""
    from autograder.pdfs import checked_report

    found = checked_report(report, sandboxed=not unsafe)
    say(str(found))
    write_json(json_file, found.as_dict())
    if not found.ok:
        raise typer.Exit(1)


data_app = typer.Typer(no_args_is_help=True, help="Data sets: list, fetch, verify.")
app.add_typer(data_app, name="data")


@data_app.command("list")
def data_list() -> None:
    """The data sets, and what of them is here."""
    from helpers.data import DATASETS

    for name, dataset in DATASETS.items():
        say(f"{name}: {dataset.title} ({dataset.licence})")
        say(f"  {dataset.describe()}")


@data_app.command("fetch")
def data_fetch(
    names: Annotated[list[str] | None, typer.Argument(help="Data sets; all when none is named.")] = None,
) -> None:
    """Download full data sets (from the mirror first, if there is one)."""
    for dataset in _datasets(names):
        say(f"{dataset.name}: {dataset.fetch()}")


@data_app.command("verify")
def data_verify(
    names: Annotated[list[str] | None, typer.Argument(help="Data sets; all when none is named.")] = None,
) -> None:
    """Compare samples and downloads with their checksums."""
    problems = [problem for dataset in _datasets(names) for problem in dataset.verify()]
    for problem in problems:
        say(problem)
    if problems:
        raise typer.Exit(1)
    say("all checksums match")


def _datasets(names: list[str] | None) -> list[Any]:
    from helpers.data import DATASETS

    for name in names or []:
        if name not in DATASETS:
            raise CourseError(f"there is no data set '{name}' (known: {', '.join(DATASETS)})", 2)
    return [DATASETS[name] for name in names or DATASETS]
