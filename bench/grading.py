"""`coursework grade` against stock `nbgrader autograde`: the same submissions, the same machine, one run.

    python bench/grading.py [--case NAME]... [--submissions N] [--full] [--json FILE]

Each case is an assignment and answers to it: right ones in several ways of writing, partly right and wrong ones,
one that raises and one that was left as it came, in turn, each student's notebook with a text of its own. The
same bytes are graded twice, by commands in processes of their own, with sandbox and examiner on:

- `nbgrader autograde` in a course whose nbgrader_config.py sets course_id, and that a cell
  may take longer than 30 s, which those that train reach on a slow machine. Hidden tests are examined
  in the student's kernel, one submission after the other. Its time is measured for all submissions.
- `coursework grade` in a course with the repository's nbgrader_config.py.

Neither gets thread variables (OMP_NUM_THREADS and its like), both begin with an empty cache of features and with
the files of torch or tensorflow in the system's cache, and the start of each command counts. Then the automatic
marks in both gradebooks are compared, and with what the answers expect: a difference is a failure (exit code 1).
Answers here are such that the two can agree. Where a visible test fails, nbgrader gives nothing and `coursework
grade` partial credit; where an exercise builds on a wrong one, only `coursework grade` puts a stand-in in its
place; such answers are in the bank and not here.

What is printed:

- speedup: wall time of nbgrader over wall time of `coursework grade`.
- cell time: the seconds that candidates spent running cells and answering examinations, summed over the
  submissions, as `coursework grade` measures them ("cells" and "examination" of the verdicts' timings).
- overhead: wall time of `coursework grade` over (cell time / cores); 1 would be cells on all cores and nothing else.
- profile: seconds of a core that one submission takes, by kind of work.

  These three are taken, where it is said, from a larger class of the same answers that `coursework grade` alone
  grades: the start costs the same however large a class is, and nbgrader takes 20 s for each of speech_commands.
- growth (`--full` or `--growth`): torch_light through `coursework grade` with 50 and with 1,000 submissions: time per
  submission, and peak memory of the command and of its whole tree of processes, sampled twice a second. Memory
  is the proportional set size (PSS: a page that n processes share counts 1/n in each), so that what warm
  candidates share is counted once.

The default run is made to end within ten minutes on two cores that have nothing else to do. `--full` adds growth and
more submissions of speech_commands. Nothing is written to the repository.
"""

import argparse
import contextlib
import json
import os
import platform
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil
from nbgrader.api import Gradebook

from autograder.bank import TOLERANCE, Answer, Finding, compose, find_answers, reference_source
from autograder.collect import collect
from autograder.course import CONFIG_NAME, Course, open_course
from autograder.files import write_file
from autograder.grade import verdict_file
from autograder.notebooks import IDENTITY, answer_cells, grade_id, read_notebook
from autograder.records import SubmissionVerdict
from autograder.release import release
from autograder.runs import past_runs

REPOSITORY = Path(__file__).resolve().parent.parent
COURSES = REPOSITORY / "bench" / "courses"
BANK = REPOSITORY / "tests" / "answers" / "speech_commands"
STOCK_CONFIG = 'c = get_config()\nc.CourseDirectory.course_id = "bench"\nc.Execute.timeout = 600\n'
PACKAGES = ("nbgrader", "torch", "tensorflow", "distributed")
THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")
GROWTH = (50, 1000)
GROWTH_CASE = "torch_light"
SAMPLE_SECONDS = 0.5
MIB = 2**20


class BenchError(Exception):
    """The comparison could not be made; the message says what failed."""


@dataclass(frozen=True)
class Case:
    """An assignment, answers to it that students take in turn, and how many submissions a run grades.

    ``library``: what its notebook imports, hundreds of megabytes of files. ``alone``: how many only `coursework grade`
    grades, for the overhead (0: the same as both).
    """

    name: str
    assignment: str
    source: Path
    library: str
    answers: tuple[Path, ...]
    submissions: int
    full: int
    target: str
    alone: int = 0


CASES = {
    case.name: case
    for case in (
        Case(
            "torch_light",
            "speech_commands",
            COURSES / "torch_light" / "source",
            "torch",
            (COURSES / "torch_light" / "answers",),
            36,
            96,
            "speedup at least 8",
        ),
        Case(
            "tensorflow_light",
            "keras_sequences",
            COURSES / "tensorflow_light" / "source",
            "tensorflow",
            (COURSES / "tensorflow_light" / "answers",),
            40,
            60,
            "speedup at least 12",
        ),
        Case(
            "speech_commands",
            "speech_commands",
            REPOSITORY / "source",
            "torch",
            tuple(
                BANK / f"{name}.py"
                for name in (
                    "right_model_step_by_step",
                    "right_everything_documented",
                    "right_lstm_fused",
                    "right_bidir_flip",
                )
            ),
            1,
            8,
            "overhead at most 1.25",
            alone=18,
        ),
    )
}


@dataclass
class CommandRun:
    """One run of a command.

    ``seconds``: wall time. ``cpu``: processor seconds of the command's own process, without those below it. Peaks
    are bytes of PSS, where memory was sampled.
    """

    seconds: float = 0.0
    cpu: float = 0.0
    parent_peak: int = 0
    tree_peak: int = 0


@dataclass
class Graded:
    """What `coursework grade` found: a verdict per student, and what is wrong with them (nothing, one hopes)."""

    verdicts: list[SubmissionVerdict]
    misses: list[str] = field(default_factory=list)


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


# --- the class ----------------------------------------------------------------------------------------------


def answers_of(case: Case) -> list[Answer]:
    """The answers of a case in the order in which students take them: mixed, and always the same."""
    answers = find_answers(list(case.answers))
    random.Random(1).shuffle(answers)
    return answers


def hand_ins(case: Case, number: int) -> dict[str, Answer]:
    """Student → answer."""
    answers = answers_of(case)
    return {f"student{n:04d}": answers[n % len(answers)] for n in range(number)}


def personal(course: Course, answer: Answer, student: str) -> Answer:
    """The answer with a comment of the student's in each cell, so that no two notebooks have a cell in common.

    What was left as it came stays so.
    """
    replaced = dict(answer.replaced)
    for path in course.source_notebooks(answer.assignment):
        for cell in answer_cells(read_notebook(path.read_bytes())):
            name = str(grade_id(cell))
            source = replaced.get(name) or reference_source(cell)
            if name != IDENTITY and cell.cell_type == "code" and "YOUR CODE HERE" not in source:
                replaced[name] = f"# {student}, answer to {name}\n{source}"
    return replace(answer, replaced=replaced)


def make_course(case: Case, class_: dict[str, Answer], root: Path) -> Course:
    """A course folder with the case's assignment, released, and the hand-ins of these students, collected."""
    shutil.copytree(case.source / case.assignment, root / "source" / case.assignment)
    shutil.copy(REPOSITORY / CONFIG_NAME, root)
    course = open_course(root)
    release(course, case.assignment)
    incoming = root / "incoming"
    incoming.mkdir()
    for student, answer in class_.items():
        (incoming / f"{student}.zip").write_bytes(compose(course, personal(course, answer, student), student))
    collected = collect(course, sorted(incoming.iterdir()))
    if collected.unplaced:
        raise BenchError(f"a hand-in could not be placed: {collected.unplaced[0]}")
    return course


def make_stock_course(course: Course, assignment: str, root: Path) -> Path:
    """The same assignment and the same hand-ins in a course of plain nbgrader, entered into its gradebook."""
    root.mkdir()
    for folder in (course.source, course.submitted):
        shutil.copytree(folder, root / folder.name)
    (root / CONFIG_NAME).write_text(STOCK_CONFIG)
    run([sys.executable, "-m", "nbgrader", "generate_assignment", assignment], root)
    return root


# --- commands -----------------------------------------------------------------------------------------------


def environment(root: Path) -> dict[str, str]:
    """The caller's environment without thread variables and without the caller's own Jupyter configuration."""
    kept = {name: value for name, value in os.environ.items() if name not in THREAD_VARIABLES}
    programs = str(Path(sys.executable).parent)
    return kept | {
        "PATH": os.pathsep.join([programs, kept.get("PATH", os.defpath)]),
        "JUPYTER_CONFIG_DIR": str(root / "jupyter"),
        "IPYTHONDIR": str(root / "ipython"),
        "COURSEWORK_CACHE": str(root / "cache"),
    }


def run(command: list[str], root: Path, *, memory: bool = False) -> CommandRun:
    """Run a command in a course's folder; BenchError with the end of what it said when it fails."""
    log = root / "command.log"
    began = time.perf_counter()
    with log.open("wb") as file:
        process = subprocess.Popen(
            command, cwd=root, env=environment(root), stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT
        )
        with sampled(process.pid, memory=memory) as done:
            code = process.wait()
    done.seconds = time.perf_counter() - began
    if code != 0:
        end = "\n".join(log.read_text(errors="replace").splitlines()[-20:])
        raise BenchError(f"{' '.join(command[1:])} ended with {code}:\n{end}")
    return done


@contextlib.contextmanager
def sampled(pid: int, *, memory: bool) -> Iterator[CommandRun]:
    """Fills in what a process needs, and with ``memory`` the peaks of it and of its tree, until the block ends."""
    found, over = CommandRun(), threading.Event()

    def sample() -> None:
        while not over.wait(SAMPLE_SECONDS):
            found.cpu = max(found.cpu, cpu_of(pid))
            if memory:
                parent, tree = memory_of(pid)
                found.parent_peak = max(found.parent_peak, parent)
                found.tree_peak = max(found.tree_peak, tree)

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield found
    finally:
        over.set()
        thread.join()


def cpu_of(pid: int) -> float:
    """Processor seconds of one process until now; 0 when it has ended."""
    try:
        times = psutil.Process(pid).cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return times.user + times.system


def memory_of(pid: int) -> tuple[int, int]:
    """Bytes of PSS of a process, and of it with all below it; processes that ended meanwhile count nothing."""
    try:
        process = psutil.Process(pid)
        family = process.children(recursive=True)
    except psutil.NoSuchProcess:
        return 0, 0
    sizes = [proportional_size(member) for member in (process, *family)]
    return sizes[0], sum(sizes)


def proportional_size(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.NoSuchProcess:
        return 0


# --- marks --------------------------------------------------------------------------------------------------

Marks = dict[tuple[str, str], float | None]


def automatic_marks(root: Path, assignment: str) -> Marks:
    """(student, test cell) → automatic points in a course's gradebook; None where there are none."""
    found: Marks = {}
    with Gradebook(f"sqlite:///{root}/gradebook.db") as book:
        for submission in book.assignment_submissions(assignment):
            for notebook in submission.notebooks:
                for grade in notebook.grades:
                    if grade.cell.cell_type == "code":
                        found[submission.student.id, grade.name] = grade.auto_score
    return found


def differences(stock: Marks, ours: Marks) -> list[str]:
    """A line for each mark that the two gradebooks do not have in common."""
    lines = []
    for place in sorted({*stock, *ours}):
        first, second = stock.get(place), ours.get(place)
        if first is None or second is None or abs(first - second) > TOLERANCE:
            student, cell = place
            lines.append(f"{student}, {cell}: nbgrader gives {first}, coursework grade {second}")
    return lines


def read_verdicts(course: Course, assignment: str, class_: dict[str, Answer]) -> Graded:
    """The verdicts of a class, and a line for each that is not what its answer expects."""
    graded = Graded([])
    for student, answer in class_.items():
        verdict = SubmissionVerdict.from_json(verdict_file(course, assignment, student).read_bytes())
        graded.verdicts.append(verdict)
        for exercise in verdict.exercises:
            expected = answer.expected(exercise.exercise)
            if not Finding(answer, expected, exercise).ok:
                got = f"{exercise.points:g} of {exercise.max:g} ({exercise.status}): {'; '.join(exercise.messages)}"
                graded.misses.append(f"{student}, {answer.path.name}, {exercise.exercise}: not {expected}: {got}")
    return graded


# --- where the time goes ------------------------------------------------------------------------------------


def cell_seconds(verdicts: list[SubmissionVerdict]) -> float:
    """Seconds that candidates spent running cells and answering examinations."""
    return sum(verdict.timings[kind] for verdict in verdicts for kind in ("cells", "examination"))


def profile(verdicts: list[SubmissionVerdict], done: CommandRun) -> dict[str, float]:
    """Seconds of a core per submission by kind of work.

    First the verdicts' own timings. "other": the rest of a worker's time for a submission. "command": the processor
    time of the command's own process, which hands out, records and takes marks. "waiting": what is left of the cores'
    time: workers that start or have nothing to do, and, on the way, what runs beside them.
    """
    kinds: defaultdict[str, float] = defaultdict(float)
    for verdict in verdicts:
        for kind, seconds in verdict.timings.items():
            kinds[kind] += seconds
    worked = sum(verdict.seconds for verdict in verdicts)
    kinds["other"] = worked - sum(kinds.values())
    kinds["command"] = done.cpu
    kinds["waiting"] = done.seconds * cores() - worked - done.cpu
    return {kind: seconds / len(verdicts) for kind, seconds in kinds.items()}


def seconds_of_run(course: Course) -> float:
    """Wall seconds of the last run by its manifest: without the start of the command, of Python and of its imports."""
    return float(past_runs(course)[-1].manifest["seconds"])


# --- cases --------------------------------------------------------------------------------------------------


def grade_command(assignment: str) -> list[str]:
    return [sys.executable, "-m", "autograder", "grade", assignment]


def cores() -> int:
    return len(os.sched_getaffinity(0))


def compare(case: Case, number: int, alone: int, root: Path) -> dict[str, Any]:
    """Grade a class both ways, and if ``alone`` is larger one of that size by ours alone.

    Returns the case's figures, with ``failures`` for what must not be.
    """
    class_ = hand_ins(case, number)
    say(f"{case.name}: making {number} submissions")
    course = make_course(case, class_, root / "coursework")
    stock = make_stock_course(course, case.assignment, root / "nbgrader")
    # Whoever comes first would read the library's files from the disk, and the other one from memory.
    run([sys.executable, "-c", f"import {case.library}"], course.root)
    say(f"{case.name}: coursework grade")
    done = run(grade_command(case.assignment), course.root)
    ours = done.seconds
    say(f"{case.name}: {ours:.1f} s; nbgrader autograde")
    theirs = run([sys.executable, "-m", "nbgrader", "autograde", case.assignment], stock).seconds
    say(f"{case.name}: {theirs:.1f} s")
    graded = read_verdicts(course, case.assignment, class_)
    failures = graded.misses
    both = automatic_marks(stock, case.assignment), automatic_marks(course.root, case.assignment)
    if alone > number:
        large = hand_ins(case, alone)
        say(f"{case.name}: making {alone} submissions; coursework grade")
        course = make_course(case, large, root / "alone")
        done = run(grade_command(case.assignment), course.root)
        say(f"{case.name}: {done.seconds:.1f} s")
        graded = read_verdicts(course, case.assignment, large)
        failures += graded.misses
    cells = cell_seconds(graded.verdicts)
    return {
        "submissions": number,
        "overhead_submissions": len(graded.verdicts),
        "nbgrader_s": theirs,
        "coursework_s": ours,
        "speedup": theirs / ours,
        "cell_s": cells,
        "overhead": done.seconds / (cells / cores()),
        "target": case.target,
        "marks_compared": len(both[0]),
        "failures": differences(*both) + failures,
        "command_start_s": done.seconds - seconds_of_run(course),
        "profile_s": profile(graded.verdicts, done),
    }


def grow(case: Case, sizes: tuple[int, int], folder: Path) -> dict[str, Any]:
    """Time per submission and peak memory of `coursework grade` for a small and a large class."""
    runs: list[dict[str, Any]] = []
    failures = []
    for number in sizes:
        class_ = hand_ins(case, number)
        say(f"growth: making {number} submissions")
        with fresh_folder(folder) as root:
            course = make_course(case, class_, root / "coursework")
            say("growth: coursework grade")
            done = run(grade_command(case.assignment), course.root, memory=True)
            graded = read_verdicts(course, case.assignment, class_)
        say(f"growth: {done.seconds:.1f} s")
        failures += graded.misses
        runs.append(
            {
                "submissions": number,
                "coursework_s": done.seconds,
                "s_per_submission": done.seconds / number,
                "parent_peak_bytes": done.parent_peak,
                "tree_peak_bytes": done.tree_peak,
                "profile_s": profile(graded.verdicts, done),
            }
        )
    return {
        "case": case.name,
        "runs": runs,
        "ratio": runs[1]["s_per_submission"] / runs[0]["s_per_submission"],
        "memory": f"PSS, sampled every {SAMPLE_SECONDS} s",
        "target": "ratio at most 1.1, peak memory under 4 GiB",
        "failures": failures,
    }


@contextlib.contextmanager
def fresh_folder(parent: Path) -> Iterator[Path]:
    """A folder that is gone afterwards: a thousand submissions are gigabytes."""
    with tempfile.TemporaryDirectory(dir=parent) as name:
        yield Path(name)


# --- what is printed ----------------------------------------------------------------------------------------


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "cpu": models[0] if models else platform.machine(),
        "cores": cores(),
        "memory_bytes": psutil.virtual_memory().total,
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
    }


def case_lines(name: str, found: dict[str, Any]) -> list[str]:
    """One case for people."""
    each = found["submissions"]
    lines = [f"{name}: {each} submissions, {found['marks_compared']} marks compared"]
    for words, key in (("nbgrader autograde", "nbgrader_s"), ("coursework grade", "coursework_s")):
        lines.append(f"  {words:<20} {found[key]:8.1f} s {found[key] / each:8.2f} s per submission")
    lines.append(f"  speedup              {found['speedup']:8.1f}       ({found['target']})")
    many = found["overhead_submissions"]
    if many != each:
        lines.append(f"  a class of {many} by coursework grade alone:")
    lines.append(f"  cell time            {found['cell_s']:8.1f} s {found['cell_s'] / many:8.2f} s per submission")
    lines.append(f"  overhead             {found['overhead']:8.2f}       (wall time / (cell time / {cores()} cores))")
    lines.append(
        f"  start of the command {found['command_start_s']:8.1f} s (Python and imports, part of its wall time)"
    )
    return lines + profile_lines(found["profile_s"])


def profile_lines(kinds: dict[str, float]) -> list[str]:
    """The profile as a table: seconds and the part of the whole."""
    total = sum(kinds.values())
    lines = ["  where the time goes, seconds of a core per submission:"]
    return lines + [f"    {kind:<18} {s:8.3f} s {s / total:8.0%}" for kind, s in kinds.items()]


def growth_lines(found: dict[str, Any]) -> list[str]:
    lines = [f"growth of {found['case']}, coursework grade only (memory: {found['memory']}):"]
    for each in found["runs"]:
        parent, tree = each["parent_peak_bytes"] / MIB, each["tree_peak_bytes"] / MIB
        lines.append(
            f"  {each['submissions']:5d} submissions {each['coursework_s']:8.1f} s {each['s_per_submission']:7.3f} s"
            f" per submission, peak memory {tree:6.0f} MiB in all, {parent:6.0f} MiB of the command itself"
        )
        lines += profile_lines(each["profile_s"])
    return [*lines, f"  time per submission grew by {found['ratio']:.3f} ({found['target']})"]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="coursework grade against stock nbgrader autograde.")
    parser.add_argument("--case", action="append", choices=list(CASES), help="only this case (may be repeated)")
    parser.add_argument("--submissions", type=int, metavar="N", help="submissions of each case")
    parser.add_argument("--full", action="store_true", help=f"also growth {GROWTH}, and more of speech_commands")
    parser.add_argument("--growth", type=int, nargs=2, metavar="N", help="also growth between these two sizes")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    if any(number < 1 for number in (options.submissions or 1, *(options.growth or ()))):
        parser.error("at least one submission is needed")
    return options


def measure(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """All figures that were asked for, each case printed as soon as it is there."""
    found: dict[str, Any] = {"benchmark": "grading", "machine": machine(), "cases": {}, "growth": None}
    for name in options.case or CASES:
        case = CASES[name]
        number = options.submissions or (case.full if options.full else case.submissions)
        with fresh_folder(folder) as root:
            found["cases"][name] = compare(case, number, 0 if options.submissions else case.alone, root)
        print(*case_lines(name, found["cases"][name]), sep="\n", flush=True)
    if options.growth or options.full:
        found["growth"] = grow(CASES[GROWTH_CASE], tuple(options.growth or GROWTH), folder)
        print(*growth_lines(found["growth"]), sep="\n", flush=True)
    return found


def main() -> None:
    """Measure, print, and end with 1 when a mark is not what it should be."""
    options = arguments()
    try:
        with tempfile.TemporaryDirectory(prefix="grading-") as folder:
            found = measure(options, Path(folder))
    except BenchError as error:
        sys.exit(f"failed: {error}")
    if options.json:
        write_file(options.json, (json.dumps(found, indent=2) + "\n").encode())
    parts = {**found["cases"], **({"growth": found["growth"]} if found["growth"] else {})}
    failures = [f"{name}: {line}" for name, part in parts.items() for line in part["failures"]]
    if failures:
        sys.exit("\n".join(["MARKS DIFFER:", *failures]))


if __name__ == "__main__":
    main()
