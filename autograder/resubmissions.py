"""The best of several hand-ins, where ``c.Coursework.resubmissions`` is "best".

`collect` puts the last hand-in into submitted/ and keeps every one below .coursework/hand-ins/. Before a class is
graded, `choose_best` grades those that have no score yet, through the very way that all are graded, and puts the one
with most points in the place of the last: points that the examiner gives, less the late penalty, and of equal ones the
later. What a person marks is not known by then and decides nothing. Of an assignment with several notebooks each
notebook is chosen by itself.

Scores are kept in .coursework/attempts/<assignment>/<student>.json, each with the digest of all that it depends on, so
that a hand-in is graded here once. Nothing is recorded: the chosen hand-in is then graded and recorded like any other.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from autograder.course import Course, CourseError
from autograder.files import replace_folder, scratch_folder, write_file
from autograder.notebooks import exercises, nbgrader_of
from autograder.records import SubmissionVerdict
from autograder.sandbox import Limits
from autograder.settings import Settings, moment

if TYPE_CHECKING:  # `coursework collect` needs none of these, and they take their time
    from autograder.execute import Job
    from autograder.workers import Key, Workers

HAND_INS = "hand-ins"
"""The folder in .coursework/ with all that was ever collected, as `collect` writes it."""
STAMP = "timestamp.txt"


@dataclass(frozen=True)
class Attempt:
    """One notebook that was handed in once, with its files."""

    folder: Path
    notebook: str
    when: datetime


@dataclass
class Choice:
    """What was chosen otherwise than the last, and what could not be compared; a line each."""

    lines: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def attempts(course: Course, student: str, assignment: str) -> dict[str, list[Attempt]]:
    """The kept hand-ins of each notebook, the earliest first by their timestamp.txt; CourseError where that is none."""
    found: dict[str, list[Attempt]] = {}
    for path in sorted((course.work / HAND_INS / student / assignment).glob("*/*.ipynb")):
        stamp = path.with_name(STAMP)
        try:
            when = moment(stamp.read_text(encoding="utf-8"), ZoneInfo("UTC"))
        except (OSError, ValueError) as error:
            raise CourseError(f"{stamp} holds no time of a hand-in: {error}") from error
        found.setdefault(path.stem, []).append(Attempt(path.parent, path.stem, when))
    for of_notebook in found.values():
        of_notebook.sort(key=lambda attempt: attempt.when)
    return found


def choose_best(course: Course, keys: list[Key], limits: Limits, crew: Workers) -> Choice:
    """See to it that the best hand-ins lie in submitted/, if the configuration asks for it."""
    settings, choice = course.settings(), Choice()
    if settings.resubmissions != "best":
        return choice
    rivals = {key: _rivals(course, key) for key in keys}
    rivals = {key: by_notebook for key, by_notebook in rivals.items() if by_notebook}
    scores, worths = _Scores(course, limits, crew), _worths(course, rivals)
    scores.find({key: [a for found in by_notebook.values() for a in found] for key, by_notebook in rivals.items()})
    for key, by_notebook in rivals.items():
        chosen = {}
        for notebook, found in by_notebook.items():
            points = [scores.of(key, attempt) for attempt in found]
            if None in points:
                choice.failures.append(f"{key[0]}: not all hand-ins for {key[1]} could be graded: the last one counts")
                break
            pairs = zip(found, points, strict=True)
            values = [
                _after_penalty(settings, worths[key[1]], key, attempt, earned or 0.0) for attempt, earned in pairs
            ]
            chosen[notebook] = best = max(range(len(found)), key=lambda index: (values[index], found[index].when))
            if best != len(found) - 1:
                choice.lines.append(
                    f"{key[0]}: of {len(found)} hand-ins of {notebook} the one of {found[best].when:%Y-%m-%d %H:%M} UTC"
                    f" counts, with {values[best]:g} automatic points"
                )
        else:
            _put(course, key, [by_notebook[notebook][index] for notebook, index in chosen.items()])
    return choice


def _rivals(course: Course, key: Key) -> dict[str, list[Attempt]]:
    """The attempts of each notebook that was handed in more than once."""
    masters = {path.stem for path in course.source_notebooks(key[1])}
    return {
        notebook: found for notebook, found in attempts(course, *key).items() if notebook in masters and len(found) > 1
    }


def _worths(course: Course, keys: Iterable[Key]) -> dict[str, dict[str, float]]:
    """Assignment → notebook → the points that it is worth."""
    return {
        assignment: {path.stem: _worth(path) for path in course.source_notebooks(assignment)}
        for assignment in {assignment for _, assignment in keys}
    }


def _after_penalty(settings: Settings, worth: dict[str, float], key: Key, attempt: Attempt, points: float) -> float:
    from autograder.late import penalty  # brings nbgrader

    deadline = settings.deadline(*key)
    if deadline is None:
        return points
    maximum, whole = worth[attempt.notebook], sum(worth.values())
    share = maximum / whole if whole else 1 / len(worth)
    return points - penalty(settings, points, maximum, share, (attempt.when - deadline).total_seconds())


def _worth(master: Path) -> float:
    from autograder.release import read_master  # brings nbgrader

    cells = [nbgrader_of(cell) for cell in read_master(master).cells]
    return sum(float(about.get("points", 0)) for about in cells if about.get("grade"))


def _put(course: Course, key: Key, chosen: list[Attempt]) -> None:
    """Put these attempts into submitted/, unless they lie there."""
    student, assignment = key
    target = course.submitted / student / assignment
    if all(_lies_in(target, attempt.folder) for attempt in chosen):
        return
    with scratch_folder(course) as scratch:
        new = scratch / "new"
        names = {attempt.notebook for attempt in chosen}
        if any(path.stem not in names for path in target.glob("*.ipynb")):
            shutil.copytree(target, new)
        for attempt in sorted(chosen, key=lambda attempt: attempt.when):  # the latest time stays
            shutil.copytree(attempt.folder, new, dirs_exist_ok=True)
        replace_folder(new, target, scratch / "before")


def _lies_in(target: Path, folder: Path) -> bool:
    """Whether a folder of submitted/ holds all of an attempt, with its time."""
    files = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    return all(
        (target / name).is_file() and (target / name).read_bytes() == (folder / name).read_bytes() for name in files
    )


class _Scores:
    """The automatic points of attempts, kept on the disk and graded where they are not known."""

    def __init__(self, course: Course, limits: Limits, crew: Workers) -> None:
        self.course, self.limits, self.crew = course, limits, crew
        self._kept: dict[Key, dict[str, list]] = {}

    def of(self, key: Key, attempt: Attempt) -> float | None:
        """None when grading failed on our side."""
        found = self._all(key).get(attempt.folder.name)
        return None if found is None else found[1]

    def find(self, wanted: dict[Key, list[Attempt]]) -> None:
        """Grade what has no score yet: in rounds, with one attempt of each student in each, by which jobs are known."""
        waiting = {key: [a for a in found if not self._is_known(key, a)] for key, found in wanted.items()}
        while waiting := {key: found for key, found in waiting.items() if found}:
            now = {key: found.pop(0) for key, found in waiting.items()}

            def again(key: Key, now: dict[Key, Attempt] = now) -> Job:
                return self._job(key, now[key])

            for job, graded in self.crew.run(self._jobs(now, again), again):
                key = (job.student, job.assignment)
                self._keep(key, now[key], job, graded.verdict)

    def _jobs(self, now: dict[Key, Attempt], make: Callable[[Key], Job]) -> Iterator[Job]:
        from autograder.grade import prepare

        for key in now:
            job = make(key)
            self.crew.start(job)
            prepare(job)
            yield job

    def _job(self, key: Key, attempt: Attempt) -> Job:
        from autograder.grade import make_job

        student, assignment = key
        return make_job(self.course, assignment, student, self.limits, self.crew.sandboxed, attempt.folder)

    def _is_known(self, key: Key, attempt: Attempt) -> bool:
        from autograder.grade import stored_verdict

        job = self._job(key, attempt)
        found = self._all(key).get(attempt.folder.name)
        if found is not None and found[0] == job.digest:
            return True
        verdict = stored_verdict(self.course, job)  # graded before, when it was the last
        if verdict is not None:
            self._keep(key, attempt, job, verdict)
        return verdict is not None

    def _keep(self, key: Key, attempt: Attempt, job: Job, verdict: SubmissionVerdict) -> None:
        kept = self._all(key)
        kept.pop(attempt.folder.name, None)
        if verdict.complete:
            from autograder.release import read_master  # brings nbgrader

            master = read_master(self.course.source / key[1] / f"{attempt.notebook}.ipynb")
            names = {exercise.id for exercise in exercises(master)}
            points = sum(found.points for found in verdict.exercises if found.exercise in names)
            kept[attempt.folder.name] = [job.digest, points]
        write_file(self._file(key), json.dumps(kept).encode())

    def _all(self, key: Key) -> dict[str, list]:
        """Name of the attempt → digest of its job, points."""
        if key not in self._kept:
            path = self._file(key)
            self._kept[key] = json.loads(path.read_bytes()) if path.is_file() else {}
        return self._kept[key]

    def _file(self, key: Key) -> Path:
        return self.course.work / "attempts" / key[1] / f"{key[0]}.json"
