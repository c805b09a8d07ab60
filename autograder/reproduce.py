"""Grade submissions again as a run graded them: from the archived inputs, with the recorded keys and limits.

Nothing of the course is changed, neither the gradebook nor what is kept. What may make a difference (another
version of a package, say) is told beside it.
"""

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from autograder.course import Course, CourseError
from autograder.environment import code_digest, describe_environment, environment_differences
from autograder.execute import Graded, Job
from autograder.records import UNGRADED, SubmissionVerdict
from autograder.runs import INPUTS, MissingInput, PastRun, archive, limits_of
from autograder.sandbox import Limits
from autograder.workers import Key, Workers


@dataclass
class Reproduction:
    """What came of one submission. ``differences``: one line per exercise; ``problem``: why it was not graded again.

    ``skipped``: it had no mark to reproduce. ``only``: the exercises that the run examined, where it took the others'
    marks from earlier runs.
    """

    student: str
    assignment: str
    points: float = 0.0
    max: float = 0.0
    differences: list[str] = field(default_factory=list)
    problem: str = ""
    skipped: str = ""
    only: list[str] = field(default_factory=list)

    @property
    def equal(self) -> bool:
        return not self.differences and not self.problem

    def line(self) -> str:
        """One line for the instructor."""
        who = f"{self.student}: {self.assignment}"
        if self.problem or self.skipped:
            return f"{who} {self.problem or self.skipped}"
        if self.differences:
            return f"{who} differs: {'; '.join(self.differences)}"
        single = f" of {', '.join(self.only)}" if self.only else ""
        return f"{who} equal, {self.points:g} of {self.max:g} points{single}"

    def row(self) -> dict[str, Any]:
        """The form that ``coursework grade --reproduce --json`` writes."""
        return {**dataclasses.asdict(self), "equal": self.equal}


@dataclass
class Summary:
    """How many submissions came out equal, and what differs between then and now."""

    run: str
    environment: list[str]
    equal: int = 0
    different: int = 0
    skipped: int = 0

    def lines(self) -> list[str]:
        counts = f"{self.equal} equal, {self.different} different"
        if self.skipped:
            counts += f", {self.skipped} without a mark"
        lines = [f"run {self.run}, graded again: {counts}"]
        if self.environment:
            lines += ["what differs between then and now:", *(f"  {line}" for line in self.environment)]
        else:
            lines.append("nothing differs in code, packages and machine between then and now")
        return lines


def reproduce(
    course: Course,
    run: PastRun,
    assignments: list[str],
    students: list[str] | None,
    workers: Workers,
    on_start: Callable[[int], None] = lambda count: None,
    on_done: Callable[[Reproduction], None] = lambda reproduction: None,
) -> Summary:
    """Grade again what a run recorded (all assignments when none is named) and compare the marks.

    Raises CourseError when the run has no such submission.
    """
    keys = [key for key in run.submissions() if _chosen(key, assignments, students)]
    if not keys:
        asked = ", ".join([*assignments, *(students or [])]) or "anybody"
        raise CourseError(f"run {run.id} recorded no submission of {asked}: name another run", 2)
    on_start(len(keys))
    environment = environment_differences(run.manifest, describe_environment())
    if run.manifest["sandboxed"] != workers.sandboxed:
        environment.append(f"sandbox: {run.manifest['sandboxed']} -> {workers.sandboxed}")
    summary = Summary(run.id, environment)
    for reproduction in _reproductions(course, run, keys, workers):
        summary.equal += reproduction.equal and not reproduction.skipped
        summary.different += not reproduction.equal
        summary.skipped += bool(reproduction.skipped)
        on_done(reproduction)
    return summary


def _chosen(key: Key, assignments: list[str], students: list[str] | None) -> bool:
    student, assignment = key
    return (not assignments or assignment in assignments) and (students is None or student in students)


def _reproductions(course: Course, run: PastRun, keys: list[Key], workers: Workers) -> Iterator[Reproduction]:
    without_job: list[Reproduction] = []

    def make(key: Key) -> Job:
        return job_of(course, run.manifest, _record(run, key), sandboxed=workers.sandboxed)

    def jobs() -> Iterator[Job]:
        for key in keys:
            if not _record(run, key)["complete"]:
                without_job.append(Reproduction(*key, skipped="was ungraded, through a failure of ours"))
                continue
            try:
                yield make(key)
            except MissingInput as error:
                without_job.append(Reproduction(*key, problem=f"cannot be graded again: {error}"))

    for job, graded in workers.run(jobs(), make):
        yield _compared(_record(run, (job.student, job.assignment)), graded)
    yield from without_job


def _record(run: PastRun, key: Key) -> dict[str, Any]:
    record = run.record(*key)
    if record is None:
        raise CourseError(f"{run.folder}/records.jsonl was changed while it was read: run it again")
    return record


def job_of(course: Course, manifest: dict[str, Any], record: dict[str, Any], *, sandboxed: bool) -> Job:
    """The job that a record tells of; MissingInput when one of its inputs cannot be had any more."""
    inputs: Any = {name: {n: archive(course).get(sha) for n, sha in record[name].items()} for name in INPUTS}
    known = {field.name for field in dataclasses.fields(Limits)}
    limits = Limits(**{name: value for name, value in limits_of(manifest, record).items() if name in known})
    return Job(
        student=record["student"],
        assignment=record["assignment"],
        **inputs,
        key=bytes.fromhex(record["key"]),
        digest=record["digest"],
        limits=limits,
        sandboxed=sandboxed,
        cache=course.work / "sample-features",
        environment=code_digest().hex(),
        only=tuple(record.get("only", ())),
    )


def _compared(record: dict[str, Any], graded: Graded) -> Reproduction:
    verdict = graded.verdict
    found = Reproduction(verdict.student, verdict.assignment, only=list(record.get("only", ())))
    found.points, found.max = verdict.points, verdict.max
    marks = {name: mark for name, mark in record["marks"].items() if not found.only or name in found.only}
    found.differences = list(_differences(marks, verdict))
    return found


def _differences(marks: dict[str, dict[str, Any]], verdict: SubmissionVerdict) -> Iterator[str]:
    now = {e.exercise: {"points": e.points, "max": e.max, "status": e.status} for e in verdict.exercises}
    for exercise in dict.fromkeys([*marks, *now]):
        was, is_now = marks.get(exercise), now.get(exercise)
        same = was and is_now and abs(was["points"] - is_now["points"]) < 1e-9 and was["max"] == is_now["max"]
        if not same or (was and is_now and UNGRADED in (was["status"], is_now["status"])):
            given = f", which run {was['run']} gave" if was and was.get("run") else ""
            yield f"{exercise} {_mark(was)}{given}, now {_mark(is_now)}"


def _mark(mark: dict[str, Any] | None) -> str:
    if mark is None:
        return "not there"
    return f"{mark['points']:g} of {mark['max']:g} ({mark['status']})"
