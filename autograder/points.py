"""Points that stand in more than one place of a notebook must be the same in all of them.

The metadata of a test or answer cell are what counts. Beside them points are written for people: in the header's table
with its total, in the headings of exercises, as weights in the lines of a hidden region, and in the rows of a rubric.
What is not written there is not asked for.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from nbformat.notebooknode import NotebookNode

from autograder.notebooks import Exercise, grade_id, role, split_hidden

_ROW = re.compile(r"^\|[^|\n]*\|\s*`(?P<id>\w+)`\s*\|\s*(?P<points>[\d.]+)\b(?P<rest>[^|\n]*)\|", re.MULTILINE)
"""``| 1. LSTM cell | `lstm_cell` | 4 |``: a line of the header's table."""
_TOTAL = re.compile(r"^\|\s*\**Total\**\s*\|[^|\n]*\|\s*\**(?P<points>[\d.]+)\**\s*\|", re.MULTILINE | re.IGNORECASE)
_HEADING = re.compile(r"^#{1,6} .*\((?:(?P<bonus>bonus), )?(?P<points>[\d.]+) points?\)\s*$", re.MULTILINE)
_WEIGHT = re.compile(r"(?<![\w.])(?:0\.\d+|1\.0)(?![\w.])")
_RUBRIC_ROW = re.compile(r"^\|[^|(\n]*\((?P<points>\d+(?:\.\d+)?)\)\s*\|", re.MULTILINE)


def disagreements(
    master: NotebookNode, exercises: Sequence[Exercise], weights: Mapping[str, Sequence[float]]
) -> Iterator[tuple[str, str]]:
    """(where, what is wrong) for all points of a master that are not the same in two places.

    ``weights``: exercise → the weights of its examination's parts, of those that have one.
    """
    yield from _header(master, exercises)
    yield from _headings(master, exercises)
    for exercise in exercises:
        if exercise.test is not None and exercise.id in weights:
            yield from _hidden_region(exercise, exercise.test, weights[exercise.id])
        elif exercise.rubric is not None:
            yield from _rubric(exercise, exercise.rubric)


def _texts(master: NotebookNode) -> Iterator[NotebookNode]:
    """The texts that students read and do not write."""
    return (cell for cell in master.cells if cell.cell_type == "markdown" and role(cell) in ("plain", "given"))


def _header(master: NotebookNode, exercises: Sequence[Exercise]) -> Iterator[tuple[str, str]]:
    """The table of exercises, if the notebook has one."""
    text = next((cell.source for cell in _texts(master) if _ROW.search(cell.source)), None)
    if text is None:
        return
    known = {exercise.id: exercise for exercise in exercises}
    rows = {found["id"]: found for found in _ROW.finditer(text)}
    for name, found in rows.items():
        exercise = known.get(name)
        if exercise is None:
            yield "table of points", f"there is no exercise '{name}'"
        elif float(found["points"]) != exercise.points:
            yield "table of points", f"{name} has {found['points']} points there, and {exercise.points:g} in its cell"
        elif exercise.bonus and "on top" not in found["rest"]:
            yield "table of points", f"{name} is a bonus: write '{found['points']} (on top of the total)'"
    for name in known:
        if name not in rows:
            yield "table of points", f"{name} is missing"
    total = sum(exercise.points for exercise in exercises if not exercise.bonus)
    stated = _TOTAL.search(text)
    if stated is None:
        yield "table of points", "there is no row 'Total'"
    elif float(stated["points"]) != total:
        yield "table of points", f"the total is {stated['points']} there; the exercises have {total:g}"


def _headings(master: NotebookNode, exercises: Sequence[Exercise]) -> Iterator[tuple[str, str]]:
    """``## Exercise 1: LSTM cell (4 points)``: the heading above an exercise's answer, where it states points."""
    answers = {exercise.id: exercise for exercise in exercises}
    stated: re.Match[str] | None = None
    for cell in master.cells:
        if cell.cell_type == "markdown" and role(cell) in ("plain", "given"):
            stated = next(reversed(list(_HEADING.finditer(cell.source))), stated)
        exercise = answers.pop(grade_id(cell) or "", None)
        if exercise is None or stated is None:
            continue
        if float(stated["points"]) != exercise.points or bool(stated["bonus"]) != exercise.bonus:
            kind = "as a bonus " if exercise.bonus else ""
            yield exercise.id, f"its heading says '{stated[0].strip()}', its cell {kind}{exercise.points:g} points"
        stated = None  # each heading speaks of the first answer below it


def _hidden_region(exercise: Exercise, test: NotebookNode, weights: Sequence[float]) -> Iterator[tuple[str, str]]:
    """``# recurrence 0.35, gates 0.15``: the weights in the lines of a hidden region, where it states any."""
    lines = [line for line in split_hidden(test.source)[1].split("\n") if line.lstrip().startswith("#")]
    stated = sorted(float(number) for number in _WEIGHT.findall("\n".join(lines)))
    if stated and stated != sorted(weights):
        told, real = (", ".join(f"{weight:g}" for weight in found) for found in (stated, sorted(weights)))
        yield f"{exercise.id}_test", f"its hidden region states the weights {told}; the examination has {real}"


def _rubric(exercise: Exercise, rubric: NotebookNode) -> Iterator[tuple[str, str]]:
    """``| Evidence (2) | ...``: the rows of a rubric's table, where they state points."""
    stated = [float(found["points"]) for found in _RUBRIC_ROW.finditer(rubric.source)]
    if stated and abs(sum(stated) - exercise.points) > 1e-9:
        yield f"{exercise.id}_rubric", f"its rows add up to {sum(stated):g} points, not to {exercise.points:g}"
