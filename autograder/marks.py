"""Marks into nbgrader's gradebook, SQLite or PostgreSQL: one transaction for each submission.

The marks are taken by nbgrader's own code: ``Autograde`` makes the student's rows and copies files, ``SaveAutoGrades``
reads the test cells, ``AssignLatePenalties`` asks the course's plugin. So manual marks, comments, extra credit and
penalties are treated as ``nbgrader autograde --force`` treats them. What differs is around it:

- nbgrader opens the gradebook five times for each notebook and commits after each cell. Here one connection is held
  for the whole run, and nbgrader's commits wait for the end of the submission (``_OneTransaction``). Whatever stops the
  process, the gradebook holds a submission's old marks or its new ones.
- rows are read once and locked: on SQLite by ``BEGIN IMMEDIATE``, on PostgreSQL row by row. A marker who works in
  formgrader at the same time loses nothing.
- nbgrader's tables lack indexes on foreign keys, so that each look-up reads all marks of the class. ``INDEXES`` are
  made when they are missing; nbgrader's own commands gain by them too, and need not know of them.
- an exercise that stayed ungraded, which is our failure, keeps no old mark: it has none, and waits.
- autograded/<student>/<assignment> is built aside and then put in its place.

What was recorded is noted below ``.coursework/recorded/``, after the commit, and not recorded again. Not safe in
threads, as nbgrader is not: the working directory changes while marks are taken.
"""

import contextlib
import hashlib
import json
import os
import random
import shutil
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace, TracebackType
from typing import Any, Self

import nbformat
import nbgrader.converters.autograde
import nbgrader.preprocessors.latesubmissions
import nbgrader.preprocessors.overwritecells
import nbgrader.preprocessors.overwritekernelspec
import nbgrader.preprocessors.saveautogrades
import sqlalchemy
from nbconvert.exporters.exporter import ResourcesDict
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_notebook, new_output
from nbgrader.api import (
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    InvalidEntry,
    MissingEntry,
    SubmittedAssignment,
)
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import (
    AssignLatePenalties,
    DeduplicateIds,
    NbGraderPreprocessor,
    OverwriteCells,
    OverwriteKernelspec,
    SaveAutoGrades,
)
from nbgrader.utils import determine_grade, is_task, parse_utc
from sqlalchemy import select, text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError, SAWarning
from sqlalchemy.orm import Session, scoped_session, sessionmaker
from sqlalchemy.orm.exc import StaleDataError

import autograder.late
from autograder.course import Course
from autograder.execute import Job
from autograder.files import make_folder, replace_folder, scratch_folder, sync_folder, write_file
from autograder.gradebook import begin_immediately, cause
from autograder.notebooks import (
    UnreadableNotebook,
    bonus_earned,
    bonus_of,
    exercises,
    points_output,
    read_notebook,
    to_bytes,
)
from autograder.records import UNGRADED, SubmissionVerdict
from autograder.release import listening_logger
from autograder.sanitize import sanitize

TRIES = 6
"""How often a submission's marks are tried to be recorded when the database refuses."""
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 3.0
"""Seconds between two tries: doubled each time, and drawn between a half and the whole, so that two recorders part."""

INDEXES = {
    "grade": "notebook_id",
    "comment": "notebook_id",
    "submitted_notebook": "assignment_id",
    "submitted_assignment": "student_id",
}
"""Table → the foreign key that nbgrader looks rows up by, and has no index on."""

_OPENERS: tuple[ModuleType, ...] = (
    nbgrader.converters.autograde,
    nbgrader.preprocessors.overwritekernelspec,
    nbgrader.preprocessors.overwritecells,
    nbgrader.preprocessors.saveautogrades,
    nbgrader.preprocessors.latesubmissions,
    autograder.late,
)
"""The modules on this way that open the gradebook for themselves."""

_REFUSALS = (DBAPIError, InvalidEntry, StaleDataError)
"""What a locked, unreachable or contended database raises: worth another try."""


def record(course: Course, job: Job, verdict: SubmissionVerdict, *, again: bool = True) -> list[str]:
    """Take the marks of one submission into the gradebook; returns what went wrong. See ``Recorder.record``."""
    with Recorder(course) as recorder:
        return recorder.record(job, verdict, again=again)


class _OneTransaction(Session):
    """A session in which nbgrader's many commits do nothing: ``conclude`` ends the transaction."""

    def commit(self) -> None:
        """Called by nbgrader after each step; what is pending reaches the database with the next query."""

    def conclude(self) -> None:
        super().commit()


class _Book(Gradebook):
    """nbgrader's gradebook, held open by a ``Recorder``.

    Within a transaction each row is looked up once and locked against other writers. What the instructor's cells
    are (points, checksums) is read once in a run: the masters that are graded are read once in a run, too.
    """

    db: Any

    def __init__(self, url: str, course_id: str) -> None:
        super().__init__(url, course_id)
        self.db.remove()
        if self.engine.dialect.name == "sqlite":
            begin_immediately(self.engine)
        _make_indexes(self.engine)
        self.db = scoped_session(sessionmaker(class_=_OneTransaction, bind=self.engine, autoflush=False))
        self._rows: dict[tuple[str, ...], Any] = {}
        self._masters: dict[tuple[str, ...], Any] = {}

    def close(self) -> None:
        """nbgrader's code closes what it thinks it has opened: ``shut`` closes."""

    def shut(self) -> None:
        self.abandon()
        self.engine.dispose()

    # --- one transaction

    def begin(self, assignment: str, student: str) -> None:
        """Begin the transaction of one submission; waits for another recorder of the same student."""
        if self.engine.dialect.name == "postgresql":
            self.db.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": f"coursework/{student}"})
            chosen = select(SubmittedAssignment.id).join(SubmittedAssignment.assignment)
            chosen = chosen.where(SubmittedAssignment.student_id == student)
            self.db.execute(chosen.with_for_update(of=SubmittedAssignment))

    def conclude(self) -> None:
        """Make everything since ``begin`` lasting, at once."""
        self.db().conclude()
        self.abandon()

    def abandon(self) -> None:
        """Give up what was not concluded, and forget the rows: another process may change them now."""
        self._rows.clear()
        self.db.remove()

    # --- look-ups, each done once

    def _row(self, *key: str, find: Callable[[], Any]) -> Any:
        if key not in self._rows:
            self._rows[key] = find()
        return self._rows[key]

    def update_or_create_student(self, student_id: str, **changes: Any) -> Any:
        self._rows["student", student_id] = super().update_or_create_student(student_id, **changes)
        return self._rows["student", student_id]

    def update_or_create_submission(self, assignment: str, student: str, **changes: Any) -> Any:
        self._rows["submission", assignment, student] = super().update_or_create_submission(
            assignment, student, **changes
        )
        self.db.flush()
        return self._rows["submission", assignment, student]

    def find_student(self, student_id: str) -> Any:
        return self._row("student", student_id, find=lambda: super(_Book, self).find_student(student_id))

    def find_assignment(self, name: str) -> Any:
        return self._row("assignment", name, find=lambda: super(_Book, self).find_assignment(name))

    def find_notebook(self, name: str, assignment: str) -> Any:
        return self._row("notebook", assignment, name, find=lambda: super(_Book, self).find_notebook(name, assignment))

    def find_submission(self, assignment: str, student: str) -> Any:
        find = super().find_submission
        return self._row("submission", assignment, student, find=lambda: find(assignment, student))

    def find_submission_notebook(self, notebook: str, assignment: str, student: str) -> Any:
        find = super().find_submission_notebook
        return self._row("handed in", assignment, notebook, student, find=lambda: find(notebook, assignment, student))

    def find_grade(self, grade_cell: str, notebook: str, assignment: str, student: str) -> Any:
        return self._marked(Grade, grade_cell, notebook, assignment, student)

    def find_comment(self, solution_cell: str, notebook: str, assignment: str, student: str) -> Any:
        return self._marked(Comment, solution_cell, notebook, assignment, student)

    def _marked(self, kind: Any, cell: str, notebook: str, assignment: str, student: str) -> Any:
        """The grade or comment of one cell; those of all cells of the notebook come with one query."""

        def find() -> dict[str, Any]:
            entry = self.find_submission_notebook(notebook, assignment, student)
            rows = self.db.execute(
                select(kind, BaseCell.name, BaseCell.type)
                .join(BaseCell, BaseCell.id == kind.cell_id)
                .where(kind.notebook_id == entry.id)
                .with_for_update(of=kind)
            ).all()
            # A task's row counts only where there is none of a grade or solution cell, as in nbgrader's look-up.
            return {name: row for row, name, _ in sorted(rows, key=lambda found: found[2] != "TaskCell")}

        found = self._row(kind.__tablename__, assignment, notebook, student, find=find)
        if cell not in found:
            raise MissingEntry(f"no {kind.__tablename__}: {assignment}/{notebook}/{cell} for {student}")
        return found[cell]

    def find_source_cell(self, name: str, notebook: str, assignment: str) -> Any:
        return self._master_cell("source", name, notebook, assignment)

    def find_graded_cell(self, name: str, notebook: str, assignment: str) -> Any:
        return self._master_cell("graded", name, notebook, assignment)

    def _master_cell(self, kind: str, name: str, notebook: str, assignment: str) -> Any:
        """A copy of an instructor's cell, apart from any session."""
        key = (kind, assignment, notebook)
        if key not in self._masters:
            entry = self.find_notebook(notebook, assignment)
            cells = entry.source_cells if kind == "source" else [*entry.task_cells, *entry.grade_cells]
            self._masters[key] = {cell.name: SimpleNamespace(**cell.to_dict()) for cell in cells}
        found = self._masters[key]
        if name not in found:
            raise MissingEntry(f"no {kind} cell: {assignment}/{notebook}/{name}")
        return found[name]


def _make_indexes(engine: Engine) -> None:
    """Make the indexes that are missing.

    A role that may not do that (only a table's owner may) goes without: the marks are the same, and slower.
    """
    inspector = sqlalchemy.inspect(engine)
    for table, column in INDEXES.items():
        if any(index["column_names"][:1] == [column] for index in inspector.get_indexes(table)):
            continue
        try:
            with engine.begin() as connection:
                connection.execute(
                    text(f"CREATE INDEX IF NOT EXISTS coursework_{table}_{column} ON {table} ({column})")
                )
        except sqlalchemy.exc.ProgrammingError as error:
            if "must be owner" not in cause(error):
                raise


@contextlib.contextmanager
def _handed_out(book: _Book) -> Iterator[None]:
    """Whoever of these modules opens the gradebook in here gets this one."""
    before = {module: module.Gradebook for module in _OPENERS}
    try:
        for module in _OPENERS:
            module.Gradebook = lambda *arguments, **options: book  # type: ignore[attr-defined]
        yield
    finally:
        for module, theirs in before.items():
            module.Gradebook = theirs  # type: ignore[attr-defined]


# --- steps of the conversion -----------------------------------------------------------------------------------


class HoldToVerdict(NbGraderPreprocessor):
    """Sees to it that nbgrader reads from each test cell what the verdict says, whatever the cell shows.

    nbgrader takes a cell that shows nothing for full marks. A cell whose exercise stayed ungraded is given an error,
    so that whoever reads it later (another ``autograde``, an exporter) finds no points.
    """

    verdict: SubmissionVerdict

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        verdicts = {found.exercise: found for found in self.verdict.exercises}
        for exercise in exercises(nb):
            found = verdicts.get(exercise.id)
            if found is None or exercise.test is None:
                continue
            if found.status == UNGRADED:
                first = new_output("error", ename="Ungraded", evalue="grading failed", traceback=[])
            elif _earned(exercise.test, found.bonus) != found.points:
                first = points_output(found.points, found.bonus)
            else:
                continue
            exercise.test.outputs = [first, *exercise.test.get("outputs", [])]  # nbgrader reads no further
        return nb, resources


def _earned(cell: NotebookNode, bonus: bool) -> float | None:
    """The points that are read from a test cell."""
    return bonus_earned(cell) if bonus else determine_grade(cell)[0]


class SaveMarks(SaveAutoGrades):
    """nbgrader's step, after which a bonus exercise has its points: more than its maximum, which is 0.

    They are the automatic score and not what nbgrader calls extra credit, which is for people to give and theirs to
    keep when a submission is graded again. A rubric, a task that is worth nothing, waits for nobody: nbgrader would
    call a submission unmarked until somebody gave each rubric its 0 points.
    """

    def _add_score(self, cell: NotebookNode, resources: ResourcesDict) -> None:
        super()._add_score(cell, resources)
        if bonus_of(cell):
            self._grade_of(cell).auto_score = bonus_earned(cell)
            self.gradebook.db.commit()

    def _add_comment(self, cell: NotebookNode, resources: ResourcesDict) -> None:
        super()._add_comment(cell, resources)
        if is_task(cell) and not cell.metadata["nbgrader"].get("points"):
            grade = self._grade_of(cell)
            grade.auto_score, grade.needs_manual_grade = 0.0, False
            self.gradebook.db.commit()

    def _grade_of(self, cell: NotebookNode) -> Grade:
        name = cell.metadata["nbgrader"]["grade_id"]
        return self.gradebook.find_grade(name, self.notebook_id, self.assignment_id, self.student_id)


class SaveVerdicts(SaveMarks):
    """The same step, after which what stayed ungraded has no automatic mark and waits."""

    ungraded: frozenset[str] = frozenset()
    """Names of the test cells."""
    examined: frozenset[str] | None = None
    """Names of the test cells that were examined again, where the others' verdicts were kept; None: all."""

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        nb, resources = super().preprocess(nb, resources)
        self.gradebook.db.flush()  # the penalty is worked out from the sum that the database makes
        return nb, resources

    def _add_score(self, cell: NotebookNode, resources: ResourcesDict) -> None:
        name = cell.metadata["nbgrader"]["grade_id"]
        grade = self.gradebook.find_grade(name, self.notebook_id, self.assignment_id, self.student_id)
        reviewed = grade.manual_score is not None and not grade.needs_manual_grade
        super()._add_score(cell, resources)
        if name in self.ungraded:
            grade.auto_score, grade.needs_manual_grade = None, True
        elif reviewed and self.examined is not None and name not in self.examined:
            grade.needs_manual_grade = False  # nbgrader asks for another look at all that a person has marked


# --- recording ---------------------------------------------------------------------------------------------------


class Recorder:
    """Takes marks into the gradebook; held open for a whole run, by one process.

        with Recorder(course) as recorder:
            failures += recorder.record(job, verdict)

    The database is opened when the first marks come.
    """

    def __init__(self, course: Course) -> None:
        self.course = course
        self._held = contextlib.ExitStack()
        self._book: _Book | None = None
        self._known: dict[str, set[str]] = {}
        self._tries = TRIES

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as held:
            self._scratch = held.enter_context(scratch_folder(self.course))
            self._prepare()
            self._held = held.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._held.close()

    def _prepare(self) -> None:
        """nbgrader's converter, as its command would set it up, but with our folders and steps."""
        config = self.course.config()
        config.CourseDirectory.submitted_directory = str(self.course.graded)
        config.CourseDirectory.autograded_directory = str(self._scratch / "new")
        self._log, self._messages = listening_logger()
        self._folders = CourseDirectory(config=config, log=self._log)
        self._converter = Autograde(coursedir=self._folders, config=config, log=self._log)
        self._hold = HoldToVerdict(parent=self._converter)
        self._save = SaveVerdicts(parent=self._converter)
        # Of what nbgrader's autograde does, Execute is done, and CheckCellMetadata was: the metadata are the master's,
        # which passed it on the way into the gradebook. It is slow (it checks its own schema anew for each cell).
        before = [kind(parent=self._converter) for kind in (DeduplicateIds, OverwriteKernelspec, OverwriteCells)]
        self._late_steps = [autograder.late.EnterDeadline(), AssignLatePenalties(parent=self._converter)]
        self._steps = [self._hold, *before, self._save, *self._late_steps]

    def record(self, job: Job, verdict: SubmissionVerdict, *, again: bool = False) -> list[str]:
        """Take the marks of one submission; returns what went wrong, at most one line.

        Marks that were recorded for exactly this job and verdict are left alone unless ``again`` holds. A database that
        refuses (locked, unreachable, another's transaction in the way) is tried ``TRIES`` times; once it has refused to
        the end, later submissions are tried once each until one succeeds. What could not be recorded is recorded by
        the next run, from the kept verdict. Never raises for what a submission holds.
        """
        if job.student in (self._folders.student_id_exclude or "").split(","):
            return []

        def take() -> None:
            if again or not self._is_recorded(job, verdict):
                self._record(job, verdict)

        return self._patiently(take, f"{job.student}: the marks of {job.assignment} could not be recorded")

    def settle(self, assignment: str, student: str) -> list[str]:
        """Enter the deadline of a submission and work out its penalty from the points that it has now.

        Returns what went wrong, at most one line; see ``record``.
        """
        failure = f"{student}: the late penalty of {assignment} could not be recorded"
        return self._patiently(lambda: self._settle(assignment, student), failure)

    def together(
        self,
        assignment: str,
        students: Iterable[str],
        change: Callable[[Any, Callable[[str, Path], None]], None],
        failure: str,
    ) -> list[str]:
        """Carry out a change to several students' rows in one transaction; returns what went wrong, see ``record``.

        ``change(book, place)`` may be called more than once; ``place(student, folder)`` makes a copy of a folder the
        student's folder of autograded/. Nothing else may change the course's files.
        """

        def act() -> None:
            with contextlib.ExitStack() as cleaning:
                cleaning.callback(_remove, self._scratch / "new")
                book = self._opened()
                with warnings.catch_warnings(), contextlib.chdir(self.course.root), _handed_out(book):
                    warnings.simplefilter("ignore", SAWarning)
                    for student in sorted(students):
                        book.begin(assignment, student)
                    change(book, lambda student, folder: self._place(student, assignment, folder))
                    book.db.flush()
                book.conclude()

        return self._patiently(act, failure)

    def _place(self, student: str, assignment: str, folder: Path) -> None:
        built = self._scratch / "new" / student / assignment
        built.parent.mkdir(parents=True)
        shutil.copytree(folder, built, symlinks=True)
        self._put_in_place(student, assignment, built)

    def _patiently(self, act: Callable[[], None], failure: str) -> list[str]:
        """Do something in the gradebook, ``TRIES`` times if need be; returns what went wrong, at most one line."""
        pause = FIRST_PAUSE
        for left in reversed(range(self._tries)):
            try:
                act()
                self._tries = TRIES
                return []
            except _REFUSALS as error:
                self._abandon()
                reason = cause(error)
            except Exception as error:  # a plugin, a damaged file, a full disk: told, and the others go on
                self._abandon()
                return [f"{failure}: {type(error).__name__}: {cause(error)}"]
            if left:
                time.sleep(random.uniform(pause / 2, pause))
                pause = min(2 * pause, LONGEST_PAUSE)
        self._tries = 1
        return [f"{failure}: {reason} (they are kept: run 'coursework grade' again)"]

    def _abandon(self) -> None:
        if self._book is not None:
            self._book.abandon()

    def _opened(self) -> _Book:
        if self._book is None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SAWarning)
                self._book = _Book(self._folders.db_url, self._folders.course_id)
            self._held.callback(self._book.shut)
        return self._book

    # --- what was recorded

    def _receipt(self, job: Job) -> Path:
        return self.course.work / "recorded" / job.assignment / job.student

    def _is_recorded(self, job: Job, verdict: SubmissionVerdict) -> bool:
        receipt = self._receipt(job)
        return (
            receipt.is_file()
            and receipt.read_text() == self._note(job, verdict)
            and (self.course.autograded / job.student / job.assignment).is_dir()
            and job.student in self._students(job.assignment)
        )

    def _note(self, job: Job, verdict: SubmissionVerdict) -> str:
        """A digest of what is recorded: the job, what came out of it, and when it was handed in."""
        exercises = [[e.exercise, e.points, e.max, e.status, e.messages] for e in verdict.exercises]
        parts = [job.digest, verdict.seconds, exercises, (self._timestamp(job) or b"").hex()]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    def _students(self, assignment: str) -> set[str]:
        """Who has a submission in the gradebook: one that was made anew, or is an old copy, lacks marks."""
        if assignment not in self._known:
            book = self._opened()
            entries = select(SubmittedAssignment.student_id).join(SubmittedAssignment.assignment)
            entries = entries.where(nbgrader.api.Assignment.name == assignment)
            self._known[assignment] = set(book.db.scalars(entries))
            book.abandon()
        return self._known[assignment]

    # --- one submission

    def _record(self, job: Job, verdict: SubmissionVerdict) -> None:
        known = self._students(job.assignment)
        note = self._note(job, verdict)
        built = self._scratch / "new" / job.student / job.assignment
        with contextlib.ExitStack() as cleaning:
            cleaning.callback(_remove, self._scratch / "new")
            book = self._opened()
            with warnings.catch_warnings(), contextlib.chdir(self.course.root), _handed_out(book):
                warnings.simplefilter("ignore", SAWarning)  # nbgrader's own queries; nothing that we could change
                book.begin(job.assignment, job.student)
                self._convert(job, verdict, built)
                book.db.flush()
            # Before the commit, while the rows are locked: of two recorders the last one's notebook stays, too.
            self._put_in_place(job.student, job.assignment, built)
            book.conclude()
        known.add(job.student)
        # Not forced onto the disk: a note that is lost lets the marks be recorded once more, which changes nothing.
        receipt, written = self._receipt(job), self._scratch / "receipt"
        written.write_text(note)
        receipt.parent.mkdir(parents=True, exist_ok=True)
        written.replace(receipt)

    def _settle(self, assignment: str, student: str) -> None:
        book = self._opened()
        with warnings.catch_warnings(), contextlib.chdir(self.course.root), _handed_out(book):
            warnings.simplefilter("ignore", SAWarning)
            book.begin(assignment, student)
            for entry in book.find_submission(assignment, student).notebooks:
                place = {"assignment": assignment, "student": student, "notebook": entry.name}
                resources = ResourcesDict(nbgrader={**place, "db_url": self._folders.db_url})
                for step in self._late_steps:
                    step(new_notebook(), resources)
            book.db.flush()
        book.conclude()

    def _convert(self, job: Job, verdict: SubmissionVerdict, built: Path) -> None:
        notebooks = self._graded(job, verdict)
        self._hold.verdict = verdict
        self._save.ungraded = frozenset(f"{e.exercise}_test" for e in verdict.exercises if e.status == UNGRADED)
        self._save.examined = frozenset(f"{exercise}_test" for exercise in job.only) if job.only else None
        self._keep_timestamp(job)
        source = self.course.graded / job.student / job.assignment
        converter, folders = self._converter, self._folders
        folders.assignment_id, folders.student_id = job.assignment, job.student
        converter.notebooks = [str(source / f"{name}.ipynb") for name in sorted(notebooks)]
        built.mkdir(parents=True)
        converter.run_pre_convert_hook()
        converter.init_assignment(job.assignment, job.student)
        for path in converter.notebooks:
            resources = converter.init_single_notebook_resources(path)
            name = resources["nbgrader"]["notebook"]
            notebook = notebooks[name]
            for step in self._steps:
                notebook, resources = step(notebook, resources)
            write_file(built / f"{name}.ipynb", (nbformat.writes(notebook).rstrip("\n") + "\n").encode())
        converter.set_permissions(job.assignment, job.student)
        converter.run_post_convert_hook()

    def _graded(self, job: Job, verdict: SubmissionVerdict) -> dict[str, NotebookNode]:
        """The notebooks to take marks from.

        When nothing at all could be graded there may be none but an older hand-in's: then what was handed in is
        rebuilt and kept, without outputs, so that texts can be marked by a person.
        """
        folder = self.course.graded / job.student / job.assignment
        if verdict.exercises and all(found.status == UNGRADED for found in verdict.exercises):
            for name in job.masters:
                write_file(folder / f"{name}.ipynb", to_bytes(rebuilt(job, name)))
        return {name: nbformat.read(folder / f"{name}.ipynb", as_version=4) for name in job.masters}

    def _timestamp(self, job: Job) -> bytes | None:
        path = self.course.submitted / job.student / job.assignment / "timestamp.txt"
        return path.read_bytes() if path.is_file() else None

    def _keep_timestamp(self, job: Job) -> None:
        """Put the time of the hand-in where nbgrader looks for it; ValueError when it is none."""
        content = self._timestamp(job)
        kept = self.course.graded / job.student / job.assignment / "timestamp.txt"
        if content is None:
            kept.unlink(missing_ok=True)
        elif not kept.is_file() or kept.read_bytes() != content:
            written = content.decode(errors="replace").strip()
            try:
                parse_utc(written or None)
            except ValueError:
                place = f"submitted/{job.student}/{job.assignment}/timestamp.txt"
                raise ValueError(f"{place} holds no time: {written[:40]!r}") from None
            write_file(kept, content)

    def _put_in_place(self, student: str, assignment: str, built: Path) -> None:
        target = self.course.autograded / student / assignment
        aside = self._scratch / "before"
        make_folder(target.parent)
        replace_folder(built, target, aside)
        sync_folder(target.parent)
        _remove(aside)
        if self._folders.groupshared:
            for folder in (self.course.autograded, target.parent):
                if folder.stat().st_uid == os.geteuid():  # only the owner can; the first instructor has done it
                    folder.chmod((folder.stat().st_mode | 0o2770) & 0o2777)


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)


def rebuilt(job: Job, name: str) -> NotebookNode:
    """The clean notebook of a hand-in, without outputs."""
    release = read_notebook(job.releases[name]) if name in job.releases else None
    master = read_notebook(job.masters[name])
    try:
        submitted = read_notebook(job.notebooks[name]) if name in job.notebooks else new_notebook()
    except UnreadableNotebook:
        submitted = new_notebook()
    return sanitize(master, submitted, release).notebook
