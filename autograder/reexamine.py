"""Single exercises of a graded class examined again: ``coursework grade A --exercise X``.

Verdicts are kept as long as nothing that they depend on has changed, and a mended examination is such a change: for
all exercises of all hand-ins. Who knows that it concerns one exercise says so. Then only this exercise is examined, and
only the cells up to its test are run; every other verdict stays what it was, with the run that gave it beside it. What
comes of it counts as graded with what is installed now: a later ``coursework grade`` takes it.

The executed notebook is one piece with the verdict: it is the notebook as it is rebuilt now, with the outputs of the
exercises that were examined, and the kept outputs everywhere else.

A hand-in of which nothing complete is kept, or that was handed in again since, is graded as a whole.
"""

import dataclasses
from pathlib import Path

from nbformat import NotebookNode

from autograder.course import Course, CourseError
from autograder.execute import Graded, Job
from autograder.notebooks import UnreadableNotebook, exercises, grade_id, read_notebook, to_bytes
from autograder.records import UNGRADED, SubmissionVerdict
from autograder.runs import MissingInput, archive, record_of, tests_of


def require_examined(course: Course, assignments: list[str], names: tuple[str, ...]) -> None:
    """CourseError unless one assignment is named and all these are exercises of it that are examined."""
    if len(assignments) != 1:
        raise CourseError(
            f"--exercise needs the assignment: coursework grade ASSIGNMENT --exercise {names[0]}"
            f" (assignments: {', '.join(course.assignments())})",
            2,
        )
    (assignment,) = assignments
    found = [e for path in course.source_notebooks(assignment) for e in exercises(read_notebook(path.read_bytes()))]
    examined = [exercise.id for exercise in found if exercise.test is not None]
    for name in names:
        if name in examined:
            continue
        if any(exercise.id == name for exercise in found):
            raise CourseError(f"{name} is marked by a person: there is nothing to examine", 2)
        raise CourseError(f"{assignment} has no exercise '{name}' (known: {', '.join(examined)})", 2)


def refuse_other_changes(course: Course, assignment: str, students: list[str], names: tuple[str, ...]) -> None:
    """CourseError when the source of another exercise has changed since the kept verdicts were given.

    Its marks would be of a test, or of points, that are no longer there. Other cells may have changed.
    """
    from autograder.grade import last_verdict

    masters = {path.stem: path.read_bytes() for path in course.source_notebooks(assignment)}
    now = tests_of(masters.values())
    kept = [verdict for student in students if (verdict := last_verdict(course, assignment, student)) is not None]
    seen: set[tuple[tuple[str, str], ...]] = set()
    for verdict in kept:
        _, record = record_of(course, verdict)
        if record is None or (then := tuple(sorted(record["masters"].items()))) in seen:
            continue
        seen.add(then)
        try:
            before = tests_of(archive(course).get(sha) for _, sha in then)
        except (MissingInput, UnreadableNotebook):
            continue  # nothing can be compared; such hand-ins are graded as a whole
        others = [name for name in dict.fromkeys([*before, *now]) if name not in names]
        changed = [name for name in others if before.get(name) != now.get(name)]
        if changed:
            raise CourseError(
                f"{assignment}: test or points of {', '.join(changed)} changed, too, since {verdict.student} was"
                " graded: name these with --exercise as well, or run 'coursework grade' for all",
                2,
            )


def narrowed(course: Course, job: Job, names: tuple[str, ...]) -> tuple[Job, str]:
    """The job for these exercises alone, or the whole job and why it must be that."""
    from autograder.grade import last_verdict

    before = last_verdict(course, job.assignment, job.student)
    if before is None:
        return job, "it was not graded before"
    if any(found.status == UNGRADED and found.exercise not in names for found in before.exercises):
        return job, "other exercises of it are ungraded"
    _, record = record_of(course, before)
    if record is None:
        return job, "no record tells what was graded before"
    if any(archive(course).put(getattr(job, kind)) != record[kind] for kind in ("notebooks", "files")):
        return job, "it was handed in again since it was graded"
    if not all(_kept(course, job, name).is_file() for name in job.masters):
        return job, "its graded notebook is gone"
    return dataclasses.replace(job, only=names), ""


def merged(course: Course, job: Job, before: SubmissionVerdict, graded: Graded) -> Graded:
    """The whole submission's verdict and notebooks, of what was kept and what was examined now.

    OSError when a kept notebook cannot be read.
    """
    from autograder.marks import rebuilt  # brings nbgrader

    found = {e.exercise: e for e in graded.verdict.exercises if e.exercise in job.only}
    kept = [dataclasses.replace(e, run=e.run or before.run) for e in before.exercises if e.exercise not in job.only]
    order = {name: place for place, name in enumerate(tests_of(job.masters.values()))}
    verdict = dataclasses.replace(
        before,
        exercises=sorted([*kept, *found.values()], key=lambda e: order.get(e.exercise, len(order))),
        tamper=list(dict.fromkeys([*before.tamper, *graded.verdict.tamper])),
        notes=list(dict.fromkeys([*before.notes, *graded.verdict.notes])),
        digest=job.digest,
        run="",
        peak_memory=max(before.peak_memory, graded.verdict.peak_memory),
    )
    executed = {}
    for name in job.masters:
        new = read_notebook(graded.executed[name]) if name in graded.executed else rebuilt(job, name)
        old = read_notebook(_kept(course, job, name).read_bytes())
        executed[name] = to_bytes(_with_kept_outputs(new, old, job.only))
    return Graded(verdict, executed)


def _kept(course: Course, job: Job, name: str) -> Path:
    return course.graded / job.student / job.assignment / f"{name}.ipynb"


def _with_kept_outputs(notebook: NotebookNode, kept: NotebookNode, names: tuple[str, ...]) -> NotebookNode:
    """The notebook with the kept outputs in all cells but the answers and tests of these exercises."""
    new = {*names, *(f"{name}_test" for name in names)}
    outputs = {_place(cell): cell.outputs for cell in kept.cells if cell.cell_type == "code"}
    for cell in notebook.cells:
        if cell.cell_type == "code" and grade_id(cell) not in new and _place(cell) in outputs:
            cell.outputs = outputs[_place(cell)]
    return notebook


def _place(cell: NotebookNode) -> str:
    """What a cell is known by in two notebooks that were rebuilt from the same hand-in."""
    return grade_id(cell) or f"cell {cell.id}"
