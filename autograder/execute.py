"""From a clean notebook to verdicts: run it in a sandbox, cell by cell, and examine each exercise in its place.

A worker takes plain data (``Job``) and gives plain data (``Graded``): it has no gradebook and no credentials.
Exercises that build on others are examined as handed in and, when that does not earn everything, once more
in a fresh candidate with stand-ins for the exercises before; the better of the two counts.
"""

import ast
import contextlib
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.channel import CandidateCutOff, CandidateDied, CandidateError
from autograder.clock import PATIENCE, Clock, Overloaded
from autograder.evidence import readable, signs, signs_in_files
from autograder.examine import Context, Examination, examinations, fraction, run_parts, seed
from autograder.forbidden import forbidden_names
from autograder.identity import differs, identity_of, merged
from autograder.kernel import CUT_OFF, DIED, OK, CellRun, Kernel, plain_text
from autograder.notebooks import (
    UnreadableNotebook,
    asks_for_report,
    bonus_of,
    examination_name,
    exercises,
    grade_id,
    points_output,
    read_notebook,
    role,
    split_hidden,
    to_bytes,
)
from autograder.nursery import KernelFailure, imports
from autograder.pdfs import pdf_notes, report_findings
from autograder.records import CUT_OFF as EXERCISE_CUT_OFF
from autograder.records import (
    PASSED,
    UNANSWERED,
    UNGRADED,
    ExerciseVerdict,
    PartResult,
    Score,
    SubmissionVerdict,
    status_of,
)
from autograder.sandbox import MIB, Limits
from autograder.sanitize import Sanitized, sanitize
from helpers.results import Run, runs_from_folder, runs_from_notebook, write_runs

MAX_RESTARTS = 3
"""How often a notebook whose cells end the process is begun anew, each time without the cell that did it."""
MAX_OUTPUTS = 32 * MIB
"""What is kept of the outputs of all cells but the tests: thousands of cells may each write as much as one may."""
TRIES = 3
"""How often a kernel is tried to be started before the failure is reported as ours."""


@dataclass(frozen=True)
class Job:
    """One submission as plain data: all that a worker needs, wherever it runs.

    ``notebooks``: name without suffix → bytes (what was handed in). ``key`` seeds this submission's examinations; it
    is derived from the course's secret, which no worker gets. ``cache``: a folder with the features of the embedded
    samples, if the worker's machine has it. ``environment``: the digest of code and packages that a worker must have
    (empty: any will do). ``door``: of a nursery on the worker's machine that serves such jobs, if there is one.
    ``only``: the exercises that are asked for (empty: all); no cell behind the last of them is run.
    """

    student: str
    assignment: str
    notebooks: dict[str, bytes]
    masters: dict[str, bytes]
    releases: dict[str, bytes]
    files: dict[str, bytes]
    key: bytes
    digest: str
    limits: Limits = field(default_factory=Limits)
    sandboxed: bool = True
    cache: Path | None = None
    environment: str = ""
    door: Path | None = None
    only: tuple[str, ...] = ()


@dataclass
class Graded:
    """``executed``: notebook name → bytes of the clean notebook with its outputs and verdicts.

    Of a job for single exercises only the notebooks that hold them, run as far as these need it.
    """

    verdict: SubmissionVerdict
    executed: dict[str, bytes] = field(default_factory=dict)


def grade(job: Job) -> Graded:
    """Grade one submission. Never raises for anything that a student handed in."""
    began = time.monotonic()
    verdict = SubmissionVerdict(job.student, job.assignment, [], digest=job.digest)
    graded = Graded(verdict)
    clock = Clock(PATIENCE * job.limits.submission_seconds)
    deadline = clock.now() + job.limits.submission_seconds
    identities = []
    for name, master in job.masters.items():
        if not _asked_for(job, master):
            continue
        notebook, verdicts = _grade_notebook(job, name, master, deadline, clock, verdict)
        graded.executed[name] = to_bytes(notebook)
        verdict.exercises += verdicts
        identities.append(identity_of(notebook))
    said = merged(identities)
    verdict.team, verdict.team_problem = said.team, said.problem
    verdict.notes += [note for note in (differs(job.student, said),) if note]
    if not job.only:  # the files are read with the whole submission
        verdict.notes += pdf_notes(job.files, sandboxed=job.sandboxed)
        if any(asks_for_report(read_notebook(master)) for master in job.masters.values()):
            verdict.report = report_findings(job.files, sandboxed=job.sandboxed)
    verdict.tamper, verdict.notes = readable(verdict.tamper), readable(verdict.notes)
    verdict.seconds = round(time.monotonic() - began, 3)
    return graded


def _asked_for(job: Job, master: bytes) -> bool:
    """Whether a notebook holds an exercise that the job asks for."""
    return not job.only or any(found.id in job.only for found in exercises(read_notebook(master)))


def _grade_notebook(
    job: Job, name: str, master_bytes: bytes, deadline: float, clock: Clock, verdict: SubmissionVerdict
) -> tuple[NotebookNode, list[ExerciseVerdict]]:
    master = read_notebook(master_bytes)
    release = read_notebook(job.releases[name]) if name in job.releases else None
    reason = "" if name in job.notebooks else "this notebook was not handed in"
    submitted = nbformat.v4.new_notebook()
    if not reason:
        try:
            submitted = read_notebook(job.notebooks[name], verdict.notes)
        except UnreadableNotebook as error:
            reason = f"the notebook cannot be read: {error}"
    began = time.monotonic()
    clean = sanitize(master, submitted, release)
    sanitized = time.monotonic() - began
    if reason:
        verdict.notes.append(f"{name}: {reason}")
        sitting = Sitting(job, clean, [], deadline, clock)
        sitting.refuse_all(reason)
    else:
        verdict.tamper += [*clean.tamper, *signs(_students_cells(clean.notebook)), *signs_in_files(job.files)]
        verdict.notes += clean.notes
        sitting = Sitting(job, clean, _runs(job, submitted, verdict.notes), deadline, clock)
        sitting.hold()
    verdict.notes += sitting.notes
    for kind, seconds in {**sitting.timings, "sanitizing": sanitized}.items():
        verdict.timings[kind] = round(verdict.timings.get(kind, 0.0) + seconds, 4)
    verdict.peak_memory = max(verdict.peak_memory, sitting.peak_memory)
    return sitting.notebook, sitting.verdicts()


@dataclass
class Outcome:
    """What one exercise has earned so far."""

    parts: list[PartResult] = field(default_factory=list)
    cut_off: bool = False
    seconds: float = 0.0
    fault: str = ""
    plain: float | None = None
    scores: list[Score] = field(default_factory=list)


class Sitting:
    """The examination of one notebook, from its first cell to its verdicts."""

    def __init__(self, job: Job, clean: Sanitized, runs: list[Run], deadline: float, clock: Clock) -> None:
        self.job, self.clean, self.deadline, self.clock = job, clean, deadline, clock
        self.notebook = clean.notebook
        self.runs = runs
        self.examinations = examinations(job.assignment)
        self.outcomes: dict[str, Outcome] = {}
        self.fatal: dict[int, str] = {}
        self.complaints: dict[str, str] = {}
        """What visible tests said that failed although every given cell before them ran, by exercise id."""
        self.refused = ""
        self.notes: list[str] = []
        """Cells that were stopped or ended the process, in words for the instructor."""
        self.timings = {"start": 0.0, "cells": 0.0, "examination": 0.0}
        """Seconds until candidates were there, in which they ran cells, and in which they were examined."""
        self.peak_memory = 0
        asked = [e for e in exercises(self.notebook) if not job.only or e.id in job.only]
        self.tests = {e.id: e.test for e in asked if e.test is not None}
        """Test cells of the exercises that are to be examined, by exercise id."""
        results = _result_files(runs)
        kept = _out_of_the_way(job.files, results)
        self.notes += [f"the file {name} was left out: kept runs lie there" for name in sorted(job.files.keys() - kept)]
        self.files = {**kept, **results}

    # --- what is to be done -----------------------------------------------------------------------------

    def cells(self) -> Iterator[tuple[int, NotebookNode]]:
        for index, cell in enumerate(self.notebook.cells):
            if cell.cell_type == "code":
                yield index, cell

    @staticmethod
    def tested_by(cell: NotebookNode) -> str:
        """The exercise that a cell tests; empty for any other cell."""
        return (grade_id(cell) or "").removesuffix("_test") if role(cell) == "test" else ""

    def examination(self, cell: NotebookNode) -> Examination | None:
        """The examination that a test cell's hidden region names; None for plain asserts."""
        name = examination_name(split_hidden(cell.source)[1])
        return self.examinations.get(name.partition("/")[2]) if name else None

    # --- holding it -------------------------------------------------------------------------------------

    def hold(self) -> None:
        """Run the notebook and examine every exercise; begin anew, without it, after a cell that ends the process."""
        try:
            for _ in range(1 + MAX_RESTARTS):
                if self._pass():
                    break
            self._stand_in_round()
        except (KernelFailure, Overloaded) as failure:
            # What had no second chance is undecided too: the better of the two counts.
            for exercise in {*self.tests} - {*self.outcomes} | {*self._builders_that_lost()}:
                self.outcomes[exercise] = Outcome(fault=str(failure))

    def refuse_all(self, reason: str) -> None:
        """Nothing can be examined, through no fault of ours."""
        self.refused = reason
        for exercise in self.tests:
            self.outcomes[exercise] = Outcome([PartResult("hand-in", 1.0, 0.0, reason)])

    def _pass(self) -> bool:
        """Run all cells once, up to the last one that is needed; False when the candidate died on the way.

        The visible tests of exercises that are not asked for are run, too: an answer may use a name from there.
        """
        given_failed = False
        self.outputs_left = MAX_OUTPUTS
        with self._kernel() as kernel:
            for index, cell in self.cells():
                if self.job.only and all(map(self._finished, self.tests)):
                    return True
                if index in self.fatal or self._time_is_up():
                    continue
                exercise = self.tested_by(cell)
                if exercise and self._finished(exercise):
                    continue
                run = self._run_cell(kernel, cell)
                if run.status == DIED:
                    self.fatal[index] = run.reason
                    cell.outputs = [_stream(f"This cell ended the notebook: {run.reason}.\n")]
                    if exercise:
                        self._lose(exercise, f"the visible test ended the notebook: {run.reason}")
                    return False
                given_failed |= role(cell) == "given" and run.status != OK
                if exercise and run.status != OK and not given_failed:
                    self.complaints[exercise] = readable([_complaint(run)])[0]
                if exercise in self.tests:
                    self._examine(kernel, cell, exercise, run)
                    if not kernel.alive():
                        return False
        return True

    def _time_is_up(self) -> bool:
        if self.clock.now() <= self.deadline:
            return False
        self.clock.require_patience()
        return True

    def _run_cell(self, kernel: Kernel, cell: NotebookNode) -> CellRun:
        visible, hidden = split_hidden(cell.source)
        source = visible if examination_name(hidden) else cell.source
        run = self._timed_cell(kernel, source, self._seconds(cell))
        # A test's number may be its mark, and no number would be full marks.
        cell.outputs = run.outputs if self.tested_by(cell) else self._that_fit(run.outputs)
        if run.status == CUT_OFF:
            cell.outputs = [*cell.outputs, _stream(f"This cell was stopped: {run.reason}.\n")]
        if run.status in (CUT_OFF, DIED):
            what = "was stopped" if run.status == CUT_OFF else "ended the notebook"
            self.notes.append(f"{_called(cell)} {what}: {run.reason}")
        return run

    def _that_fit(self, outputs: list[NotebookNode]) -> list[NotebookNode]:
        """The outputs of a cell, or a line in their place when those before it have used up what is kept."""
        size = sum(len(str(output)) for output in outputs)
        if size > self.outputs_left:
            return [_stream(f"What this cell wrote was left out: of all cells {MAX_OUTPUTS // MIB} MiB are kept.\n")]
        self.outputs_left -= size
        return outputs

    def _timed_cell(self, kernel: Kernel, source: str, seconds: float) -> CellRun:
        run = kernel.run_cell(source, seconds)
        self.timings["cells"] += run.seconds
        return run

    def _examine(self, kernel: Kernel, cell: NotebookNode, exercise: str, run: CellRun) -> None:
        examination, name = self.examination(cell), examination_name(split_hidden(cell.source)[1])
        if exercise in self.clean.unanswered:
            self.outcomes[exercise] = Outcome()
        elif examination is None and name is not None:
            # The kernel got no hidden test here: silence must not be taken for a pass.
            self.outcomes[exercise] = Outcome(fault=f"no examination is called {name!r}: see 'coursework check'")
        elif examination is None:
            self.outcomes[exercise] = Outcome(plain=_plain_grade(cell, run))
        else:
            self.outcomes[exercise] = self._question(kernel, examination, Outcome(), stand_ins=False)

    def _question(self, kernel: Kernel, examination: Examination, outcome: Outcome, *, stand_ins: bool) -> Outcome:
        """Hold one examination with this candidate."""
        began = time.monotonic()
        used = self._forbidden(examination)
        if used:
            message = f"the answer uses the library's {', '.join(used)}; this exercise asks for your own recurrence"
            outcome.parts = [PartResult(part.name, part.weight, 0.0, message) for part in examination.parts]
            return outcome
        context = Context(runs=self.runs, stand_ins=stand_ins, scores=outcome.scores)

        def make_rng() -> Any:
            return seed(self.job.key, examination.exercise)

        try:
            with kernel.candidate(examination.seconds) as candidate:
                run_parts(examination, candidate, make_rng, context, outcome.parts)
        except CandidateCutOff:
            outcome.cut_off = len(outcome.parts) < len(examination.parts)
            self._fill(examination, outcome, f"no answer within {examination.seconds:.0f} s: the time was up")
        except (KernelFailure, Overloaded):
            raise
        except CandidateDied as died:
            self._fill(examination, outcome, f"your notebook ended while it was examined: {died}")
        except CandidateError as error:  # outside of any part: what prepares the candidate does not work there
            self._fill(examination, outcome, f"your notebook cannot be examined, it changes torch itself: {error}")
        except Exception as error:  # a fault of the examiner's is reported as ours, and never becomes a zero
            outcome.fault = f"the examination failed, which is not the student's fault: {error!r}"
        outcome.seconds = time.monotonic() - began
        self.timings["examination"] += outcome.seconds
        return outcome

    @staticmethod
    def _fill(examination: Examination, outcome: Outcome, message: str) -> None:
        """Parts that got no verdict are zero, and say why."""
        for part in examination.parts[len(outcome.parts) :]:
            outcome.parts.append(PartResult(part.name, part.weight, 0.0, message))

    def _forbidden(self, examination: Examination) -> list[str]:
        """Forbidden library names that the answer refers to, itself or through the student's other cells.

        Not through the answers that it builds on: what is forbidden there costs there.
        """
        if not examination.forbidden:
            return []
        answer, others = "", []
        for _, cell in self.cells():
            if grade_id(cell) == examination.exercise:
                answer = cell.source
            elif grade_id(cell) is None or (role(cell) == "answer" and grade_id(cell) not in examination.builds_on):
                others.append(cell.source)
        return forbidden_names(answer, others, examination.forbidden)

    # --- stand-ins --------------------------------------------------------------------------------------

    def _stand_in_round(self) -> None:
        """Examine again, with stand-ins for what they build on, the exercises that did not earn everything.

        One fresh candidate serves them all. An exercise's stand-ins are put in place right before its answer
        runs: after the student's own cells, since later ones may need what these import.
        """
        waiting = self._builders_that_lost()
        if not waiting or self._time_is_up():
            return
        answers = dict(waiting)
        in_place = ""
        with self._kernel() as kernel:
            for index, cell in self.cells():
                answered = answers.get(grade_id(cell) or "")
                if answered is not None and answered.stand_ins != in_place:
                    in_place = answered.stand_ins
                    self._timed_cell(kernel, in_place, self.job.limits.cell_seconds)
                exercise = self.tested_by(cell)
                if exercise in waiting:
                    examination = waiting.pop(exercise)
                    outcome = self._question(kernel, examination, Outcome(), stand_ins=True)
                    self._keep_better(exercise, examination, outcome)
                elif not exercise and index not in self.fatal and not _only_shows(cell):
                    self._timed_cell(kernel, cell.source, self._seconds(cell))
                if not waiting or not kernel.alive():
                    return  # what was found as handed in stands

    def _builders_that_lost(self) -> dict[str, Examination]:
        """The answered exercises that build on others and have not earned everything."""
        found = {}
        for exercise, cell in self.tests.items():
            examination, outcome = self.examination(cell), self.outcomes.get(exercise)
            if examination is None or not examination.builds_on or exercise in self.clean.unanswered:
                continue
            if outcome is None or fraction(examination, outcome.parts) < 1:
                found[exercise] = examination
        return found

    def _keep_better(self, exercise: str, examination: Examination, outcome: Outcome) -> None:
        before = self.outcomes.get(exercise)
        if before is None or fraction(examination, outcome.parts) > fraction(examination, before.parts):
            self.outcomes[exercise] = outcome

    # --- helpers ----------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _kernel(self) -> Iterator[Kernel]:
        """A fresh candidate, ended at the end."""
        began = time.monotonic()
        kernel = self._patiently_started()
        self.timings["start"] += time.monotonic() - began
        try:
            yield kernel
        finally:
            kernel.__exit__(None, None, None)
            self.peak_memory = max(self.peak_memory, kernel.process.peak_memory)

    def _patiently_started(self) -> Kernel:
        """A candidate that does not start is tried again, since that is the machine's failure."""
        job, modules = self.job, imports(tuple(self.job.masters.values()))
        attempt = 1
        while True:
            try:
                return Kernel(
                    self.files,
                    job.limits,
                    deadline=self.deadline,
                    clock=self.clock,
                    modules=modules,
                    sandboxed=job.sandboxed,
                    cache=job.cache,
                    door=job.door,
                ).__enter__()
            except KernelFailure:
                if attempt == TRIES:
                    raise
                time.sleep(attempt)
                attempt += 1

    def _seconds(self, cell: NotebookNode) -> float:
        limits = self.job.limits
        return limits.added_cell_seconds if grade_id(cell) is None else limits.cell_seconds

    def _finished(self, exercise: str) -> bool:
        return exercise in self.outcomes

    def _lose(self, exercise: str, message: str) -> None:
        self.outcomes[exercise] = Outcome([PartResult("notebook", 1.0, 0.0, message)])

    # --- verdicts ---------------------------------------------------------------------------------------

    def verdicts(self) -> list[ExerciseVerdict]:
        """One verdict per automatic exercise, also written into its test cell in the form nbgrader reads."""
        found = {exercise: self._verdict(exercise, cell) for exercise, cell in self.tests.items()}
        for exercise, complaint in self.complaints.items():
            examination = self.examinations.get(exercise)
            needed = [exercise, *(examination.builds_on if examination else ())]
            if all(name in found and found[name].status == PASSED for name in needed):
                found[exercise].contradicted = complaint
        return list(found.values())

    def _verdict(self, exercise: str, cell: NotebookNode) -> ExerciseVerdict:
        maximum, bonus = _worth(cell), bonus_of(cell) > 0
        outcome = self.outcomes.get(exercise)
        examination = self.examination(cell)
        if outcome is not None and outcome.fault:
            return ExerciseVerdict(exercise, 0.0, maximum, UNGRADED, [outcome.fault], bonus=bonus)
        if exercise in self.clean.unanswered:
            verdict = ExerciseVerdict(exercise, 0.0, maximum, UNANSWERED, [self.refused or "not answered"])
        elif outcome is None:
            verdict = ExerciseVerdict(exercise, 0.0, maximum, EXERCISE_CUT_OFF, ["the submission's time was up"])
        elif outcome.plain is not None:
            earned = outcome.plain / maximum if maximum else 1.0
            note = "marked by plain asserts in the notebook: this mark is not tamper-proof"
            verdict = ExerciseVerdict(exercise, outcome.plain, maximum, status_of(earned), [note])
        else:
            earned = fraction(examination, outcome.parts) if examination else 0.0
            status = EXERCISE_CUT_OFF if outcome.cut_off else status_of(earned)
            messages = [f"{part.name}: {part.message}" for part in outcome.parts if part.message]
            points = round(maximum * earned, 4)
            verdict = ExerciseVerdict(exercise, points, maximum, status, messages, outcome.parts)
            verdict.seconds, verdict.scores = round(outcome.seconds, 3), outcome.scores
        verdict.bonus = bonus
        cell.outputs = [*map(_harmless, cell.get("outputs", [])), *_verdict_outputs(verdict)]
        return verdict


def _worth(cell: NotebookNode) -> float:
    """What a test cell can earn."""
    return bonus_of(cell) or float(cell.metadata.nbgrader.points)


def _students_cells(notebook: NotebookNode) -> list[str]:
    """The code that comes from the student: answers and added cells."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [cell.source for cell in cells if grade_id(cell) is None or role(cell) == "answer"]


def _called(cell: NotebookNode) -> str:
    """A cell's name for the instructor."""
    return "an added cell" if grade_id(cell) is None else f"the cell {grade_id(cell)}"


def _runs(job: Job, submitted: NotebookNode, notes: list[str]) -> list[Run]:
    """The runs that came with the hand-in, as files or in the notebook's outputs; of equal runs the file's."""
    with tempfile.TemporaryDirectory() as folder:
        for relative, content in job.files.items():
            target = Path(folder, relative)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        found = [*runs_from_notebook(submitted, notes), *runs_from_folder(Path(folder, "results"), notes)]
    return list({(run.exercise, run.name): run for run in found}.values())


def _result_files(runs: list[Run]) -> dict[str, bytes]:
    """Runs as the files in which the notebook looks for them."""
    with tempfile.TemporaryDirectory() as folder:
        write_runs(runs, Path(folder, "results"))
        paths = [path for path in Path(folder).rglob("*") if path.is_file()]
        return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def _out_of_the_way(files: dict[str, bytes], results: dict[str, bytes]) -> dict[str, bytes]:
    """The handed-in files without those that lie where results need a folder, or need one where results lie."""
    folders = {str(parent) for name in results for parent in PurePosixPath(name).parents}
    return {
        name: content
        for name, content in files.items()
        if name not in folders and not results.keys() & {str(parent) for parent in PurePosixPath(name).parents}
    }


def _only_shows(cell: NotebookNode) -> bool:
    """A given cell that draws or plays something and binds no name: nothing later depends on it."""
    if role(cell) != "given":
        return False
    try:
        statements = ast.parse(cell.source).body
    except SyntaxError:  # such as a magic, %matplotlib
        return False
    return all(isinstance(s, ast.Expr) and isinstance(s.value, ast.Call) and _shows(s.value.func) for s in statements)


def _shows(function: ast.expr) -> bool:
    """``plots.something``, ``display`` or ``Audio``."""
    while isinstance(function, ast.Attribute):
        function = function.value
    return isinstance(function, ast.Name) and function.id in ("plots", "display", "Audio")


def _plain_grade(cell: NotebookNode, run: CellRun) -> float:
    """Marks of plain asserts as nbgrader reads them: a number shown is partial credit, silence is full marks.

    Unlike there, a warning on stderr is no error, a cell that did not run through has earned nothing, and neither has
    one that shows a number below zero.
    """
    maximum = _worth(cell)
    if run.status != OK:
        return 0.0
    for output in run.outputs:
        if output.output_type == "execute_result":
            try:
                number = float(output.data["text/plain"])
            except (KeyError, TypeError, ValueError):
                return maximum
            return min(number, maximum) if number >= 0 else 0.0
    return maximum


def _complaint(run: CellRun) -> str:
    """Why a cell did not run through: its error, or why it was stopped."""
    errors = [output for output in run.outputs if output["output_type"] == "error"]
    return run.reason or (f"{errors[-1].get('ename')}: {errors[-1].get('evalue')}" if errors else "an error")


def _stream(text: str) -> NotebookNode:
    return nbformat.v4.new_output("stream", name="stdout", text=text)


def _harmless(output: Any) -> NotebookNode:
    """A candidate's output in a test cell as plain text: nbgrader must take no number or error for a mark."""
    return _stream(plain_text(output).rstrip("\n") + "\n")


def _verdict_outputs(verdict: ExerciseVerdict) -> list[NotebookNode]:
    """The verdict in the test cell: words for people, and the number that nbgrader takes as points."""
    lines = [f"Examiner: {verdict.points:g} of {verdict.max:g} points ({verdict.status})"]
    lines += [f"- {message}" for message in verdict.messages]
    return [_stream("\n".join(lines) + "\n"), points_output(verdict.points, verdict.bonus)]
