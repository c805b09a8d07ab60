"""Attackers in a class: hand-ins made to cheat or to harm, graded by the ordinary commands among honest ones.

An attack is a file of the answer bank's format (CONTRIBUTING.md) below `tests/attacks/<group>/` with two lines more in
its header:

    # tries: what it tries, in a sentence
    # evidence: a regular expression that must be found in what the instructor is told about this student

and, where the notebook or the archive itself is the attack, with a section `# %% hand-in`: Python of ours that defines
`hand_in(notebook: dict) -> bytes | dict[str, bytes]`. It gets the composed notebook and gives what is handed in: a
notebook's bytes, or files by name, in which `{student}` stands for the student's id.

In all sections `@COURSE@` is the course's folder, `@FOLDER@` the one above it, `@CANARY@` a file in there that nobody
may touch, `@STUDENT@` the attacker; a caller of `hold_class` may add words of its own.

`hold_class` grades the class twice, without and with the attackers, by `coursework collect`, `grade` and `report` in
processes of their own, and tells all that a test would ask in an `Outcome`.
"""

import contextlib
import ctypes
import fcntl
import hashlib
import html
import io
import json
import os
import pickle
import re
import shutil
import site
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import psutil
import pytest
from nbgrader.api import Gradebook, MissingEntry
from tiny_course import ASSIGNMENT, POINTS, RIGHT, WRONG, make_course

from autograder.bank import FULL, Answer, Finding, compose, parse_answer
from autograder.course import CONFIG_NAME, Course
from autograder.evidence import readable
from autograder.records import ExerciseVerdict, SubmissionVerdict

ATTACKS = Path(__file__).with_name("attacks")
GROUPS = ("forging", "notebook", "system")
EXERCISE = "lstm_cell"

HONEST = {"ada": RIGHT, "ben": WRONG, "cleo": None, "zoe": RIGHT}
"""The plain honest students. `ben` is what the attackers are compared with; `zoe` is graded after all of them."""
BASELINE = "ben"

LIMITS = {"submission_seconds": 60.0, "cell_seconds": 10.0, "added_cell_seconds": 6.0}
"""Of every class that is held, in seconds: an attack that hangs hangs no longer than this."""

SECONDS = 3600
"""A command that takes longer than this hangs."""

GONE_WITHIN = 30.0
"""Seconds that processes of the run get to end after the command has."""

SHOWN = 12
"""Lines of evidence about one student that report and command show."""

Result = TypeVar("Result")


# --- attacks ----------------------------------------------------------------------------------------------


def attack_files(*groups: str) -> list[Path]:
    """The files of these groups, in order."""
    return [path for group in groups for path in sorted((ATTACKS / group).glob("*.py"))]


def find_attacks(*groups: str) -> list[Answer]:
    """The attacks (or honest answers) of these groups."""
    return [parse_answer(path) for path in attack_files(*groups)]


def student_of(attack: Answer) -> str:
    """The id under which an attack is handed in."""
    return attack.path.stem


def as_parameters(attacks: Sequence[Answer], known: Mapping[str, str] | None = None) -> list[Any]:
    """For `pytest.mark.parametrize`, named by student. known: what succeeds, with the reason: it must still do so."""
    marks = {name: pytest.mark.xfail(strict=True, reason=reason) for name, reason in (known or {}).items()}
    return [
        pytest.param(attack, id=student, marks=[marks[student]] if student in marks else [])
        for attack in attacks
        for student in [student_of(attack)]
    ]


def filled(attack: Answer, words: Mapping[str, str]) -> Answer:
    """The attack with `@WORD@` replaced in all of its sections."""

    def fill(text: str) -> str:
        for word, value in words.items():
            text = text.replace(f"@{word}@", value)
        return text

    return replace(
        attack,
        replaced={name: fill(text) for name, text in attack.replaced.items()},
        added=[(place, fill(text)) for place, text in attack.added],
        files={name: fill(text) for name, text in attack.files.items()},
        hand_in=fill(attack.hand_in),
    )


def hand_in_files(course: Course, attack: Answer, student: str) -> dict[str, bytes]:
    """What this attack hands in: file name → bytes."""
    archive = compose(course, attack, student)
    if not attack.hand_in:
        return {f"{student}.zip": archive}
    with zipfile.ZipFile(io.BytesIO(archive)) as members:
        notebook = json.loads(members.read(f"{attack.assignment}.ipynb"))
    namespace: dict[str, Any] = {}
    exec(compile(attack.hand_in, str(attack.path), "exec"), namespace)
    made = namespace["hand_in"](notebook)
    if isinstance(made, bytes):
        return {f"{student}.ipynb": made}
    return {name.replace("{student}", student): content for name, content in made.items()}


# --- what came of it ----------------------------------------------------------------------------------------


@dataclass
class Graded:
    """One class after `coursework collect`, `grade` and `report`.

    `code`: exit code of `grade`; `output`: what it printed; `rows`: its JSON; `marks`: student → score in the
    gradebook; `collected`: JSON of `collect`; `report`: the report's text without its marks of HTML.
    """

    course: Course
    code: int
    output: str
    rows: list[dict[str, Any]]
    marks: dict[str, float]
    collected: dict[str, Any]
    report: str

    def row(self, student: str) -> dict[str, Any]:
        """The one row of a student; KeyError when he was not graded."""
        rows = {row["student"]: row for row in self.rows}
        return rows[student]

    def points(self, student: str) -> float:
        """What the student earned; nothing when the hand-in was not placed."""
        return sum(row["points"] for row in self.rows if row["student"] == student)

    def verdict(self, student: str) -> SubmissionVerdict | None:
        path = self.course.work / "verdicts" / ASSIGNMENT / f"{student}.json"
        return SubmissionVerdict.from_json(path.read_bytes()) if path.is_file() else None

    def told(self, student: str) -> list[str]:
        """All that the instructor is told about a student, a sentence each."""
        verdict = self.verdict(student)
        told = [*verdict.tamper, *verdict.notes] if verdict else []
        told += [message for exercise in verdict.exercises for message in exercise.messages] if verdict else []
        own = re.compile(rf"\b{re.escape(student)}\b")
        told += [f"not placed: {item['reason']}" for item in self.collected["unplaced"] if own.search(item["path"])]
        return told + [note for note in self.collected["notes"] if own.search(note)]

    def files(self, student: str) -> dict[str, bytes]:
        """What lies in submitted/ and autograded/ of a student, by its path."""
        folders = [self.course.submitted / student, self.course.autograded / student]
        paths = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
        return {str(path.relative_to(self.course.root)): path.read_bytes() for path in paths}


@dataclass
class Outcome:
    """The class without attackers (`quiet`) and with them (`loud`), and what the run with them left behind.

    `changed`: files that nobody may change, and were; `survivors`: processes of the run that outlived it;
    `leftovers`: files that it left outside of the course; `seconds`: wall time of `grade` with the attackers.
    """

    attacks: list[Answer]
    honest: list[Answer]
    quiet: Graded
    loud: Graded
    changed: list[str] = field(default_factory=list)
    survivors: list[str] = field(default_factory=list)
    leftovers: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def honest_students(self) -> list[str]:
        return [*HONEST, *map(student_of, self.honest)]

    def problems(self, attack: Answer) -> list[str]:
        """What an attack got that it must not get; empty when all is as it should be."""
        student, found = student_of(attack), []
        points, baseline = self.loud.points(student), self.loud.points(BASELINE)
        if attack.expect != FULL and points > baseline:
            found.append(f"it earns {points:g}, the same wrong answer handed in honestly {baseline:g}")
        if self.loud.marks.get(student, 0.0) != points:
            found.append(f"the gradebook has {self.loud.marks.get(student)}, reported were {points:g}")
        status = self.loud.row(student)["status"] if student in self.loud.marks else "unanswered"
        verdict = ExerciseVerdict(EXERCISE, points, float(POINTS), status)
        if not Finding(attack, attack.expected(EXERCISE), verdict).ok:
            found.append(f"expected {attack.expected(EXERCISE)}, got {points:g} of {POINTS} ({status})")
        return found

    def missing_evidence(self, attack: Answer) -> str:
        """Why the instructor does not learn of an attack, in words; empty when he does."""
        student = student_of(attack)
        told = self.loud.told(student)
        seen = [text for text in told if re.search(attack.evidence, text)]
        if not seen:
            return f"nothing matches {attack.evidence!r} in {told}"
        verdict = self.loud.verdict(student)
        signs = [text for text in seen if verdict is not None and text in verdict.tamper]
        if verdict is None or not signs:
            return ""
        if not {*signs} <= {*self.loud.row(student)["tamper"]}:
            return f"not in the rows: {signs}"
        # Report and command tell the first of many lines.
        told = [_spaced(text) for text in readable(verdict.tamper, SHOWN) if re.search(attack.evidence, text)]
        if not any(text in self.loud.report for text in told):
            return f"not in the report: {told}"
        if not any(f"{student}: tamper evidence: {text}" in _spaced(self.loud.output) for text in told):
            return f"not printed: {told}"
        return ""


def _spaced(text: str) -> str:
    """The text with every run of spaces and line ends as one space."""
    return " ".join(text.split())


# --- holding a class ------------------------------------------------------------------------------------------


def hold_class(
    folder: Path,
    attacks: Sequence[Answer],
    *,
    honest: Sequence[Answer] = (),
    words: Mapping[str, str] | None = None,
    limits: Mapping[str, float] | None = None,
    workers: int = 2,
    make: Callable[[Path], Course] = make_course,
) -> Outcome:
    """Grade honest students alone, and again among attackers, below `folder`.

    honest: answers of the bank that are handed in by honest students beside `HONEST`. limits: fields of
    `autograder.sandbox.Limits` that replace those of `LIMITS`. make: makes the course.
    """
    quiet_course, loud_course = (
        _course(folder / name, make, {**LIMITS, **(limits or {})}) for name in ("quiet", "loud")
    )
    canary = folder / "loud" / "canary.txt"
    canary.write_text("nobody writes here\n")
    incoming = {name: folder / name / "incoming" for name in ("quiet", "loud")}
    for place in incoming.values():
        place.mkdir()
    fair = {student: _plain(source) for student, source in HONEST.items()} | {student_of(a): a for a in honest}
    for student, answer in fair.items():
        for name, content in hand_in_files(quiet_course, answer, student).items():
            for place in incoming.values():
                _write(place / name, content)
    known = {"COURSE": str(loud_course.root), "FOLDER": str(folder / "loud"), "CANARY": str(canary), **(words or {})}
    for attack in attacks:
        student = student_of(attack)
        if student in fair:
            raise ValueError(f"two students are called {student}: {attack.path}")
        for name, content in hand_in_files(loud_course, filled(attack, {**known, "STUDENT": student}), student).items():
            _write(incoming["loud"] / name, content)
    quiet = grade_class(quiet_course, incoming["quiet"], workers)
    features = quiet_course.work / "sample-features"
    if features.is_dir():  # the same for both, and not what is tested here
        shutil.copytree(features, loud_course.work / features.name)
    before = _protected(loud_course, canary)
    outside = _outside()
    outcome = Outcome([*attacks], [*honest], quiet, quiet)
    with _watched(folder / "loud", outcome):
        began = time.monotonic()
        outcome.loud = grade_class(loud_course, incoming["loud"], workers, home=folder / "loud" / "home")
        outcome.seconds = time.monotonic() - began
    after = _protected(loud_course, canary)
    outcome.changed = sorted(path for path in {*before, *after} if before.get(path) != after.get(path))
    outcome.leftovers += sorted(_outside() - outside)
    return outcome


def _course(folder: Path, make: Callable[[Path], Course], limits: Mapping[str, float]) -> Course:
    """A course in `folder` with these limits and the secret that both classes share: marks depend on it."""
    course = make(folder / "course")
    with (course.root / CONFIG_NAME).open("a") as config:
        config.write("\n# --- limits ---\n")
        config.writelines(f"c.Limits.{name} = {value!r}\n" for name, value in limits.items())
    course.work.mkdir(exist_ok=True)
    secret = course.work / "secret"
    secret.write_bytes(hashlib.sha256(b"two classes, one secret").digest())
    secret.chmod(0o600)
    return course


def _plain(source: str | None) -> Answer:
    """An honest student's answers; None leaves the exercise as it was released."""
    stub = '# YOUR CODE HERE\nraise NotImplementedError("Exercise lstm_cell: not answered yet")\n'
    return Answer(Path("honest.py"), ASSIGNMENT, FULL, "", {EXERCISE: stub if source is None else source}, [], {})


def _write(path: Path, content: bytes) -> None:
    """With one and the same time for all files: it becomes the time of the hand-in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (1_700_000_000, 1_700_000_000))


def grade_class(course: Course, incoming: Path, workers: int, home: Path | None = None) -> Graded:
    """Collect, grade and report by the commands that an instructor gives."""
    home = home or course.root.parent / "home"
    home.mkdir(exist_ok=True)
    results = course.root.parent / "results"
    results.mkdir(exist_ok=True)
    environment = {**os.environ, "HOME": str(home)}
    at = ["--course", str(course.root)]
    with contextlib.ExitStack() as stack:
        # Short, since the sockets of candidates lie below it and their paths are bounded.
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="class-", ignore_cleanup_errors=True)))
        environment["TMPDIR"] = str(scratch)
        collected = _coursework(environment, "collect", str(incoming), *at, "--json", str(results / "collect.json"))
        if collected.returncode != 0:
            raise RuntimeError(f"collecting failed: {collected.stdout}{collected.stderr}")
        rows = results / "rows.json"
        graded = _coursework(environment, "grade", *at, "--workers", str(workers), "--json", str(rows))
        if not rows.is_file():
            raise RuntimeError(f"grading failed: {graded.stdout}{graded.stderr}")
        left = [str(path.relative_to(scratch)) for path in sorted(scratch.rglob("*"))]
        reported = _coursework(environment, "report", *at)
        if reported.returncode != 0:
            raise RuntimeError(f"the report failed: {reported.stdout}{reported.stderr}")
    (results / "left.json").write_text(json.dumps(left))
    return Graded(
        course,
        graded.returncode,
        graded.stdout + graded.stderr,
        json.loads(rows.read_text()),
        _marks(course),
        json.loads((results / "collect.json").read_text()),
        _text((course.root / "report.html").read_text()),
    )


def _coursework(environment: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "autograder", *arguments]
    return subprocess.run(command, env={**environment}, capture_output=True, text=True, timeout=SECONDS)


def _marks(course: Course) -> dict[str, float]:
    """Every student whom the gradebook has a mark for."""
    found = {}
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as book:
        for student in book.students:
            with contextlib.suppress(MissingEntry):
                found[student.id] = book.find_submission(ASSIGNMENT, student.id).score
    return found


def _text(page: str) -> str:
    """What a reader of the page sees, with single spaces."""
    return _spaced(html.unescape(re.sub(r"<[^>]*>", "", re.sub(r"<style.*?</style>", "", page, flags=re.DOTALL))))


# --- what must not have changed ------------------------------------------------------------------------------------


def _protected(course: Course, canary: Path) -> dict[str, str]:
    """Digests of what neither students nor grading may change."""
    paths = [canary, course.root / CONFIG_NAME, course.work / "secret"]
    for folder in (course.source, course.release, course.root.parent / "incoming"):
        paths += [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths if path.exists()}


def _outside() -> set[str]:
    """What code of a candidate could have left for others: start-up files of Python, and files of its users."""
    found = set()
    for folder in {*site.getsitepackages(), site.getusersitepackages()}:
        found |= {str(path) for path in Path(folder).glob("*.pth")}
        found |= {str(path) for path in Path(folder).glob("*customize*")}
    for shared in (Path("/tmp"), Path("/var/tmp"), Path("/dev/shm")):
        for path in shared.iterdir():
            with contextlib.suppress(FileNotFoundError):
                if 50_000 <= path.lstat().st_uid < 60_000:  # sandbox._unprivileged_user
                    found.add(str(path))
    return found


@contextlib.contextmanager
def _watched(folder: Path, outcome: Outcome) -> Iterator[None]:
    """Note in `outcome` which processes of the body outlive it, and which files it leaves.

    Orphans below this process come to it instead of to the system's first process, so none of them is missed, nor taken
    for another run's.
    """
    before = {process.pid for process in psutil.Process().children(recursive=True)}
    set_subreaper, subreaper = ctypes.CDLL(None, use_errno=True).prctl, 36
    if set_subreaper(subreaper, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    try:
        yield
        outcome.survivors = _survivors(before)
    finally:
        set_subreaper(subreaper, 0, 0, 0, 0)
    outcome.leftovers += json.loads((folder / "results" / "left.json").read_text())
    outcome.leftovers += [str(p) for p in sorted((folder / "home").rglob("*")) if p.suffix in (".py", ".pth")]


def _survivors(before: set[int]) -> list[str]:
    """What of this process's descendants is not gone some time after the command ended; it is ended here."""
    end = time.monotonic() + GONE_WITHIN
    while left := [p for p in psutil.Process().children(recursive=True) if p.pid not in before and _lives(p)]:
        if time.monotonic() > end:
            break
        time.sleep(0.1)
    described = [_describe(process) for process in left]
    for process in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    return described


def _lives(process: psutil.Process) -> bool:
    """A zombie that came to this process is taken away, and does not live."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(process.pid, os.WNOHANG)
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _describe(process: psutil.Process) -> str:
    try:
        candidate = "COURSEWORK_GRADING" in process.environ()
        return f"{process.pid} {' '.join(process.cmdline())[:200]}" + (" (a candidate)" if candidate else "")
    except psutil.Error as error:
        return f"{process.pid} ({error})"


# --- one class for all workers of a test run ---------------------------------------------------------------


def held_once(tmp_path_factory: pytest.TempPathFactory, name: str, hold: Callable[[Path], Result]) -> Result:
    """`hold(folder)`, carried out by the first worker of pytest-xdist that asks; the others take its result."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    result = shared / f"{name}.pickle"
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not result.is_file():
            folder = shared / name
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            result.write_bytes(pickle.dumps(hold(folder)))
        return pickle.loads(result.read_bytes())
