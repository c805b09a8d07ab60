"""Examinations: weighted parts, each a plain function that asks the candidate and judges what it got.

Every part is run, whatever the others found. A part returns when all is right and raises ``Lost`` with a
message for the student otherwise: what was called with what, what was expected, what came, and the likely
misconception, without the answer.
"""

import contextlib
import hashlib
import hmac
import importlib
import importlib.util
import io
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from autograder.channel import Candidate, CandidateError, local_candidate
from autograder.course import find_course
from autograder.notebooks import Exercise, exercises, read_notebook
from autograder.records import PartResult, Score
from helpers.results import Run, runs_from_folder

Case = TypeVar("Case")

_LAYERS = ("RNN", "LSTM", "GRU", "RNNCell", "LSTMCell", "GRUCell", "RNNBase", "RNNCellBase")
_OPERATORS = (
    "lstm",
    "lstm_cell",
    "gru",
    "gru_cell",
    "rnn_tanh",
    "rnn_relu",
    "rnn_tanh_cell",
    "rnn_relu_cell",
    "mkldnn_rnn_layer",
)

LIBRARY_RECURRENT_LAYERS = [
    *(f"{module}.{name}" for module in ("torch.nn", "torch.nn.modules", "torch.nn.modules.rnn") for name in _LAYERS),
    # Torch's other LSTM, written for quantization without the operators below.
    *(f"torch.ao.nn.quantizable.modules.rnn.{name}" for name in ("LSTMCell", "LSTM")),
    *(f"torch.{name}" for name in _OPERATORS),
]
"""What is absent from the candidate where an exercise asks for a cell by hand."""


class Lost(Exception):
    """A part of an examination is not right: ``message`` for the student, ``earned`` in [0, 1] of the part."""

    def __init__(self, message: str, earned: float = 0.0) -> None:
        super().__init__(message)
        self.message, self.earned = message, earned


@dataclass(frozen=True)
class Context:
    """What an examiner knows beside the candidate: the runs handed in, and whether stand-ins are in place.

    ``memory`` is for what one part of an examination found out and a later one needs; ``scores`` for what it measured
    for a leaderboard.
    """

    runs: list[Run] = field(default_factory=list)
    stand_ins: bool = False
    memory: dict[str, Any] = field(default_factory=dict)
    scores: list[Score] = field(default_factory=list)


Question = Callable[[Candidate, np.random.Generator, Context], None]


@dataclass(frozen=True)
class Part:
    """A named part of an examination, worth ``weight`` of its points.

    ``explanation``: what feedback says about it, whether right or wrong; it states no answer. ``answer``: the right
    one, which feedback shows once the course's settings allow it. Neither is in a verdict, nor goes to a candidate.
    """

    name: str
    weight: float
    question: Question
    explanation: str = ""
    answer: str = ""


@dataclass(frozen=True)
class Examination:
    """The examination of one exercise.

    ``builds_on``: exercises that a stand-in replaces in the second round, with the stand-ins' ``source``.
    ``forbidden``: library names that the answer may not use and that are absent while it is examined.
    """

    exercise: str
    parts: tuple[Part, ...]
    seconds: float = 20.0
    builds_on: tuple[str, ...] = ()
    stand_ins: str = ""
    forbidden: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        total = sum(part.weight for part in self.parts)
        if abs(total - 1) > 1e-9:
            raise ValueError(f"the weights of {self.exercise} add up to {total}, not to 1")


def examinations(assignment: str) -> dict[str, Examination]:
    """The examinations of one assignment by exercise id; empty for one that has none.

    They are what the module ``autograder.examinations.<assignment>`` lists as ``EXAMINATIONS``.
    """
    name = f"autograder.examinations.{assignment}"
    if not assignment.isidentifier() or importlib.util.find_spec(name) is None:
        return {}
    listed: tuple[Examination, ...] = getattr(importlib.import_module(name), "EXAMINATIONS", ())
    return {examination.exercise: examination for examination in listed}


def known_examinations(assignments: Iterable[str]) -> set[str]:
    """The examinations of these assignments by their names in hidden regions: ``<assignment>/<exercise>``."""
    return {f"{assignment}/{exercise}" for assignment in assignments for exercise in examinations(assignment)}


def submission_key(secret: bytes, submission: Iterable[bytes]) -> bytes:
    """What seeds the examinations of one submission: 32 bytes from the course's secret and the bytes handed in.

    The same secret and submission give the same key, and nobody without the secret can guess it.
    """
    digest = hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in submission)).digest()
    return hmac.digest(secret, digest, "sha256")


def seed(key: bytes, exercise: str) -> np.random.Generator:
    """The generator that draws one examination's inputs, from its submission's key."""
    digest = hmac.digest(key, exercise.encode(), "sha256")
    return np.random.default_rng(np.frombuffer(digest, dtype=np.uint32))


def run_parts(
    examination: Examination,
    candidate: Candidate,
    make_rng: Callable[[], np.random.Generator],
    context: Context,
    done: list[PartResult],
) -> None:
    """Run the parts that ``done`` does not hold yet, adding each result to it.

    The caller keeps what was found before a candidate was cut off or died: those exceptions pass through.
    """
    candidate.prepare()
    if examination.forbidden:
        candidate.hide(list(examination.forbidden))
    for part in examination.parts[len(done) :]:
        done.append(run_part(part, candidate, make_rng(), context))
    if examination.forbidden:
        candidate.restore()


def run_part(part: Part, candidate: Candidate, rng: np.random.Generator, context: Context) -> PartResult:
    try:
        part.question(candidate, rng, context)
    except Lost as lost:
        return PartResult(part.name, part.weight, min(max(lost.earned, 0.0), 1.0), lost.message)
    except CandidateError as error:
        where = f" ({error.where})" if error.where else ""
        return PartResult(part.name, part.weight, 0.0, f"your code raised {error.kind}: {error.message}{where}")
    return PartResult(part.name, part.weight, 1.0)


def ask_each(cases: Collection[Case], ask: Callable[[Case], None], called: Callable[[Case], str] = str) -> None:
    """Ask about every case. Lost with the first message, in proportion to the cases that are wrong.

    ``called``: how a case is named when the candidate's code raises.
    """
    lost = []
    for case in cases:
        try:
            ask(case)
        except Lost as error:
            lost.append(error.message)
        except CandidateError as error:
            lost.append(f"{called(case)}: your code raised {error}.")
    if lost:
        others = f" ({len(lost) - 1} more of {len(cases)} are not right, either.)" if len(lost) > 1 else ""
        raise Lost(lost[0] + others, earned=1 - len(lost) / len(cases))


def fraction(examination: Examination, done: list[PartResult]) -> float:
    """The part of the points that was earned, in [0, 1]; a part without a result earned nothing."""
    earned = sum(part.weight * part.earned for part in done)
    # Sums of weights such as 0.1 + 0.2 must not keep a right answer a hair below full marks.
    return 1.0 if all(part.earned == 1 for part in done) and len(done) == len(examination.parts) else earned


def _exercise(assignment: str, exercise: str) -> Exercise:
    """The exercise in the source notebook of the course that the current folder lies in."""
    for path in find_course(Path.cwd()).source_notebooks(assignment):
        for found in exercises(read_notebook(path.read_bytes())):
            if found.id == exercise:
                return found
    raise ValueError(f"no source notebook of {assignment!r} has the exercise {exercise!r}")


def examine(name: str, namespace: dict[str, Any]) -> float:
    """Examine an exercise in this very process, as a plain nbgrader course without our configuration does.

    Returns the points (which nbgrader takes from the cell's output) and prints a message per lost part. Code in
    one interpreter cannot be marked safely by code in the same interpreter: see docs/security.md. Of a bonus exercise,
    whose points nbgrader has no place for, they are printed, to be entered as extra credit, and 0 is returned.

    Raises ValueError for an unknown name and FileNotFoundError outside a course folder.
    """
    assignment, _, exercise = name.partition("/")
    examination = examinations(assignment).get(exercise)
    if examination is None:
        raise ValueError(f"no examination is called {name!r}; known are {sorted(known_examinations([assignment]))}")
    asked = _exercise(assignment, exercise)
    key = submission_key(b"in process", [str(cell).encode() for cell in namespace.get("In", [])])
    context = Context(runs=runs_from_folder(Path("results")))
    done: list[PartResult] = []
    # nbgrader takes anything on stderr for a failed test: a warning or a progress bar must not cost all points.
    with contextlib.redirect_stderr(io.StringIO()):
        run_parts(examination, local_candidate(namespace), lambda: seed(key, exercise), context, done)
    for part in done:
        if part.message:
            print(f"{part.name}: {part.message}")
    points = round(asked.points * fraction(examination, done), 4)
    if asked.bonus:
        print(f"Extra credit: {points:g} of {asked.points:g} points.")
        return 0.0
    return points
