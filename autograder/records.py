"""Records of grading: what one examination found, for people, programs and the gradebook."""

import json
from dataclasses import asdict, dataclass, field

from helpers.report_check import Finding

PASSED, PARTIAL, FAILED = "passed", "partial", "failed"
UNANSWERED, CUT_OFF, UNGRADED = "unanswered", "cut_off", "ungraded"


@dataclass(frozen=True)
class PartResult:
    """One weighted part of an examination: ``earned`` of its ``weight`` lies in [0, 1]."""

    name: str
    weight: float
    earned: float
    message: str = ""


@dataclass(frozen=True)
class Score:
    """How good a model is, for a leaderboard and no mark: ``right`` answers ``of`` so many on the data ``board``."""

    board: str
    right: int
    of: int


@dataclass
class ExerciseVerdict:
    """What an exercise earned. ``max`` and ``points`` are the course's points, ``seconds`` wall time.

    The points of a ``bonus`` exercise come on top: its ``max`` belongs to no maximum. ``scores``: what the examination
    measured for a leaderboard. ``run``: the run that gave it, where that is an earlier one than the submission's.
    ``contradicted``: what the visible test said against an answer that earned everything, as did those before it.
    """

    exercise: str
    points: float
    max: float
    status: str
    messages: list[str] = field(default_factory=list)
    parts: list[PartResult] = field(default_factory=list)
    seconds: float = 0.0
    bonus: bool = False
    scores: list[Score] = field(default_factory=list)
    run: str = ""
    contradicted: str = ""


@dataclass
class SubmissionVerdict:
    """All verdicts of one submission, with what was seen on the way.

    ``tamper``: what looks like an attempt on the marks or the machine. ``notes``: what else happened. ``run``: the
    run of ``coursework grade`` that gave it. ``timings``: seconds by kind of work. ``peak_memory``: bytes. ``team``:
    the ids in the hand-in's TEAM; ``team_problem`` says why they cannot be read. ``report``: what the check says about
    the report, empty where none is asked for.
    """

    student: str
    assignment: str
    exercises: list[ExerciseVerdict]
    tamper: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    digest: str = ""
    seconds: float = 0.0
    run: str = ""
    timings: dict[str, float] = field(default_factory=dict)
    peak_memory: int = 0
    team: list[str] = field(default_factory=list)
    team_problem: str = ""
    report: list[Finding] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """No exercise stayed ungraded through a fault of ours."""
        return all(e.status != UNGRADED for e in self.exercises)

    @property
    def points(self) -> float:
        """All automatic points, extra ones too."""
        return sum(e.points for e in self.exercises)

    @property
    def max(self) -> float:
        """The automatic points that make up the maximum."""
        return sum(e.max for e in self.exercises if not e.bonus)

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=1)

    @classmethod
    def from_json(cls, text: str | bytes) -> "SubmissionVerdict":
        data = json.loads(text)
        exercises = [
            ExerciseVerdict(
                **{
                    **e,
                    "parts": [PartResult(**p) for p in e["parts"]],
                    "scores": [Score(**s) for s in e.get("scores", [])],
                }
            )
            for e in data["exercises"]
        ]
        report = [Finding(**found) for found in data.get("report", [])]
        return cls(**{**data, "exercises": exercises, "report": report})

    def rows(self) -> list[dict]:
        """One row per exercise, in the form that ``coursework grade --json`` writes."""
        return [
            {
                "student": self.student,
                "assignment": self.assignment,
                "exercise": e.exercise,
                "points": e.points,
                "max": e.max,
                "status": e.status,
                "tamper": self.tamper,
                "messages": e.messages,
                **({"bonus": True} if e.bonus else {}),
                **({"report": [asdict(found) for found in self.report]} if self.report else {}),
            }
            for e in self.exercises
        ]


def status_of(earned: float) -> str:
    """``passed``, ``partial`` or ``failed`` for a fraction in [0, 1]."""
    return PASSED if earned >= 1 else PARTIAL if earned > 0 else FAILED
