"""What a notebook says about its own exercises: which are answered, and which pass their visible tests.

Pure functions of a notebook's JSON: nothing is executed, and no file is opened. An exercise is found by nbgrader's
metadata, else by the line `# exercise: <id>`, so that a notebook which lost its metadata works too. A state is read
from the outputs that are in the notebook; it gives no marks, and nothing of it is believed where marks are given.
"""

import ast
import html
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from helpers.results import one_line

IDENTITY = "identity"
"""Id of the answer cell that says who hands in; it is no exercise."""
MAX_MEMBERS = 20
MAX_ID = 64

Notebook = Mapping[str, Any]
Cell = Mapping[str, Any]


class State(Enum):
    """How far an exercise is. `value`: the words for people."""

    UNANSWERED = "not answered yet"
    UNTESTED = "answered, not tested yet"
    CHANGED = "answered again since it was tested"
    FAILS = "fails a visible test"
    READABLE = "can be read"
    PASSES = "passes its visible tests"
    WRITTEN = "written, marked by a person"


DONE = (State.READABLE, State.PASSES, State.WRITTEN)
_DOTS = {
    State.UNANSWERED: "#8a8f98",
    State.UNTESTED: "#d9822b",
    State.CHANGED: "#d9822b",
    State.FAILS: "#cf4a3c",
    State.READABLE: "#2c8fc4",
    State.PASSES: "#2f9e5f",
    State.WRITTEN: "#2c8fc4",
}
"""Colours that can be seen on white and on black; the words beside them say the same."""


@dataclass(frozen=True)
class Exercise:
    """One exercise of a notebook.

    title: as in the table at the notebook's top, else the id. points: what it can earn, None where nothing says it;
    bonus: whether these come on top of the total. written: marked by a person. detail: what else is to be said, on one
    line.
    """

    id: str
    title: str
    points: float | None
    bonus: bool
    written: bool
    state: State
    detail: str = ""


@dataclass(frozen=True)
class Identity:
    """Who hands in. problem: why that cannot be told, on one line; empty when it can."""

    student: str = ""
    team: list[str] = field(default_factory=list)
    problem: str = ""


# --- cells ------------------------------------------------------------------------------------------

_MARKER = re.compile(
    r"^[ \t]*(?:#[ \t]*exercise:[ \t]*([\w-]+)|<!--[ \t]*exercise:[ \t]*([\w-]+)[ \t]*-->)[ \t]*$", re.M
)
_TABLE = re.compile(r"^\|\s*Exercise\s*\|\s*Id\s*\|\s*Points\s*\|", re.M)
_ROW = re.compile(r"^\|\s*(.+?)\s*\|\s*`([\w-]+)`\s*\|\s*([\d.]+)\s*(\([^)]*\))?\s*\|\s*$", re.M)
_PASSED = re.compile(r"\bpass(?:es)? the visible tests\b")
_UNANSWERED = re.compile(r"Exercise ([\w-]+): not answered yet")
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_TEXT_STUB = "YOUR ANSWER HERE"


def text_of(cell: Cell) -> str:
    """A cell's text; nbformat keeps it as one string or as a list of lines."""
    return _joined(cell.get("source"))


def _joined(value: Any) -> str:
    if isinstance(value, list):
        value = "".join(part for part in value if isinstance(part, str))
    return value if isinstance(value, str) else ""


def cells_of(notebook: Notebook) -> list[Cell]:
    """The cells that are objects, whatever else stands between them."""
    cells = notebook.get("cells")
    return [cell for cell in cells if isinstance(cell, Mapping)] if isinstance(cells, list) else []


def parts_of(source: str) -> dict[str, str]:
    """Exercise id → the text below its marker line, up to the next marker; of a repeated marker the last one."""
    found = list(_MARKER.finditer(source))
    ends = [following.start() for following in found[1:]] + [len(source)]
    return {match[1] or match[2]: source[match.end() : end] for match, end in zip(found, ends, strict=False)}


@dataclass(frozen=True)
class _Answer:
    index: int
    cell: Cell
    text: str  # without the marker line


def answers_of(notebook: Notebook) -> dict[str, str]:
    """Exercise id (`identity` too) → the text of the answer that counts: the last one that is not left as it was."""
    return {name: answer.text for name, answer in _answers(notebook).items()}


def _answers(notebook: Notebook) -> dict[str, _Answer]:
    found: dict[str, list[_Answer]] = {}
    for index, cell in enumerate(cells_of(notebook)):
        source, flags = text_of(cell), _nbgrader(cell)
        name = flags.get("grade_id")
        parts = parts_of(source)
        if not parts and flags.get("solution") is True and isinstance(name, str):
            parts = {name: source}
        for exercise, text in parts.items():
            found.setdefault(exercise, []).append(_Answer(index, cell, text))
    return {
        name: next((answer for answer in reversed(copies) if _is_answered(name, answer)), copies[-1])
        for name, copies in found.items()
    }


def _nbgrader(cell: Cell) -> Mapping[str, Any]:
    return _mapping(_mapping(cell.get("metadata")).get("nbgrader"))


def _coursework(cell: Cell) -> Mapping[str, Any]:
    return _mapping(_mapping(cell.get("metadata")).get("coursework"))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _count(cell: Cell | None) -> int | None:
    """When the cell was run, in the order of one session of the kernel; None when it was not."""
    count = cell.get("execution_count") if cell is not None else None
    return count if isinstance(count, int) and not isinstance(count, bool) else None


# --- answered or not --------------------------------------------------------------------------------


def _is_answered(name: str, answer: _Answer) -> bool:
    if answer.cell.get("attachments"):
        return True
    if _is_text(answer.cell):
        return _TEXT_STUB not in answer.text and bool(answer.text.strip())
    code = [line for line in answer.text.split("\n") if line.strip() and not line.lstrip().startswith("#")]
    stub = f"Exercise {name}: not answered yet"
    if not code or any(stub in line and "NotImplementedError" in line for line in code):
        return False
    lines = _form_lines("\n".join(code))
    return lines is None or not all(lines.values())


def _is_text(cell: Cell) -> bool:
    return cell.get("cell_type") != "code"


def _form_lines(source: str) -> dict[str, bool] | None:
    """Name → whether it is blank, for each line of a form; None for code that is more than plain assignments."""
    try:
        statements = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    lines: dict[str, bool] = {}
    for statement in statements:
        if not isinstance(statement, ast.Assign) or not all(isinstance(t, ast.Name) for t in statement.targets):
            return None
        name = ast.unparse(statement.targets[0])
        value = statement.value
        if isinstance(value, ast.Dict) and value.keys:
            keys = [f"{name}[{ast.unparse(key)}]" if key is not None else name for key in value.keys]
            lines |= {key: _is_blank(part) for key, part in zip(keys, value.values, strict=True)}
        else:
            lines[name] = _is_blank(value)
    return lines


def _is_blank(value: ast.expr) -> bool:
    if isinstance(value, ast.Constant):
        return value.value is None or value.value == "" or (isinstance(value.value, str) and not value.value.strip())
    if isinstance(value, ast.List | ast.Tuple | ast.Set):
        return not value.elts
    return isinstance(value, ast.Dict) and not value.keys


# --- states -----------------------------------------------------------------------------------------


def exercises_of(notebook: Notebook, ran: Mapping[str, str] | None = None) -> list[Exercise]:
    """The exercises of a notebook in their order, each with its state.

    ran: exercise id → the answer's text as the kernel ran it last, where that is known.
    """
    cells, answers, listed = cells_of(notebook), _answers(notebook), _listed(notebook)
    names = [name for name in dict.fromkeys([*listed, *answers]) if name != IDENTITY]
    places = sorted(answer.index for answer in answers.values())
    found = []
    for name in names:
        answer = answers.get(name)
        test = None if answer is None else _test_of(cells, name, answer.index, places)
        title, points, note = listed.get(name, (name, None, ""))
        written = "by a person" in note or (answer is not None and _is_text(answer.cell))
        graded = answer.cell if answer is not None and written else test
        bonus = _coursework(test or {}).get("bonus")
        is_bonus = isinstance(bonus, int | float) or "on top" in note
        if isinstance(bonus, int | float):
            points = bonus
        elif not is_bonus:
            points = _points_in(graded, points)
        state, detail = _state(name, answer, test, written=written, ran=(ran or {}).get(name))
        found.append(Exercise(name, title, points, is_bonus, written, state, detail))
    return found


def _points_in(cell: Cell | None, otherwise: float | None) -> float | None:
    """The points that nbgrader's metadata give a cell, else those that are known otherwise."""
    flags = _nbgrader(cell or {})
    points = flags.get("points")
    return points if flags.get("grade") is True and isinstance(points, int | float) else otherwise


def _listed(notebook: Notebook) -> dict[str, tuple[str, float, str]]:
    """Exercise id → title, points and what stands in brackets, from the table at the top of the notebook."""
    for cell in cells_of(notebook):
        source = text_of(cell)
        if _is_text(cell) and _TABLE.search(source):
            return {row[2]: (row[1], float(row[3]), row[4] or "") for row in _ROW.finditer(source)}
    return {}


def _test_of(cells: Sequence[Cell], name: str, index: int, places: Sequence[int]) -> Cell | None:
    """The test cell of an exercise: by its id, else the next one that says so before another answer begins."""
    named = [cell for cell in cells if _nbgrader(cell).get("grade_id") == f"{name}_test"]
    if not named:
        end = min((place for place in places if place > index), default=len(cells))
        between = [cell for cell in cells[index + 1 : end] if not _is_text(cell)]
        named = [cell for cell in between if _PASSED.search(text_of(cell))]
    return next((cell for cell in reversed(named) if _count(cell) is not None), named[0] if named else None)


def _state(
    name: str, answer: _Answer | None, test: Cell | None, *, written: bool, ran: str | None
) -> tuple[State, str]:
    if answer is None:
        return State.UNANSWERED, f"its cell is missing: put the line '# exercise: {name}' above your answer"
    if not _is_answered(name, answer):
        return State.UNANSWERED, ""
    if written:
        return State.WRITTEN, _length(answer)
    blank = _blank_lines(answer)
    if test is None:
        return State.UNTESTED, "its test cell is missing"
    said, error = _outputs(test)
    tested, answered = _count(test), _count(answer.cell)
    if tested is None or (error is None and not _PASSED.search(said)):
        return State.UNTESTED, blank
    if ran is not None and not same_text(ran, answer.text):
        return State.CHANGED, "run its cell and the test again"
    if answered is not None and answered > tested:
        return State.CHANGED, "run the test again"
    if error is not None:
        return _failed(name, *error)
    is_form = _coursework(answer.cell).get("form") is True or "can be read" in said
    return (State.READABLE if is_form else State.PASSES), blank


def _length(answer: _Answer) -> str:
    words = len(answer.text.split())
    pictures = "with a picture" if answer.cell.get("attachments") else ""
    return ", ".join(part for part in (f"{words} word{'' if words == 1 else 's'}" if words else "", pictures) if part)


def _blank_lines(answer: _Answer) -> str:
    lines = _form_lines(answer.text) or {}
    blank = sum(lines.values())
    return f"{blank} of {len(lines)} lines still blank" if blank else ""


def _outputs(cell: Cell) -> tuple[str, tuple[str, str] | None]:
    """What a cell printed, and the name and message of the error that stopped it."""
    printed, error = "", None
    outputs = cell.get("outputs")
    for output in outputs if isinstance(outputs, list) else []:
        kind = _mapping(output).get("output_type")
        if kind == "stream":
            printed += _joined(output.get("text"))
        elif kind == "error":
            error = (_joined(output.get("ename")), _joined(output.get("evalue")))
    return printed, error


def _failed(name: str, kind: str, message: str) -> tuple[State, str]:
    """The state of an exercise whose test was stopped by an error, and the error's first line."""
    lines = [line.strip() for line in _ANSI.sub("", message).split("\n") if line.strip()]
    first = one_line(lines[0]) if lines else ""
    if kind == "KeyboardInterrupt":
        return State.UNTESTED, "the test was interrupted"
    unanswered = _UNANSWERED.search(first)
    if kind == "NotImplementedError" and unanswered:
        needed = (
            "all of it was not answered when it was tested" if unanswered[1] == name else f"it needs {unanswered[1]}"
        )
        return State.FAILS, needed if unanswered[1] == name else f"{needed}, which is not answered yet"
    if kind == "NameError":
        return State.FAILS, f"{first}. Were the cells above run?"
    if kind == "AssertionError":
        return State.FAILS, first or "a test failed and gave no message"
    return State.FAILS, f"{kind}: {first}" if first else kind


def same_text(one: str, other: str) -> bool:
    """Whether two texts are the same but for white space at ends of lines, which editors change by themselves."""
    return [line.rstrip() for line in one.strip().split("\n")] == [line.rstrip() for line in other.strip().split("\n")]


# --- who --------------------------------------------------------------------------------------------

_ID = re.compile(rf"[A-Za-z0-9@_][A-Za-z0-9@._-]{{0,{MAX_ID - 1}}}")


def identity_of(notebook: Notebook) -> Identity:
    """What the cell with STUDENT_ID and TEAM says, read from its text."""
    source = answers_of(notebook).get(IDENTITY)
    if source is None:
        named = (text_of(cell) for cell in cells_of(notebook) if not _is_text(cell))
        source = next((text for text in named if re.search(r"^STUDENT_ID[ \t]*=", text, re.M)), None)
    if source is None:
        return Identity(problem='there is no cell with STUDENT_ID: put the line STUDENT_ID = "..." into one')
    values = _assigned(source)
    if values is None:
        return Identity(problem="the cell with STUDENT_ID is no valid Python: look for a missing quote or bracket")
    student, problem = _student(values)
    team, of_team = _team(values)
    return Identity(student, team, problem or of_team)


def _assigned(source: str) -> dict[str, ast.expr] | None:
    """Name → the expression that was assigned to it last, at the top level; None for what is no Python."""
    try:
        statements = ast.parse(re.sub(r"^[ \t]*[%!].*$", "", source, flags=re.M)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    found: dict[str, ast.expr] = {}
    for statement in statements:
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        if isinstance(statement, ast.Assign):
            found |= {target.id: statement.value for target in targets if isinstance(target, ast.Name)}
    return found


def _student(values: Mapping[str, ast.expr]) -> tuple[str, str]:
    if "STUDENT_ID" not in values:
        return "", 'STUDENT_ID is missing: write STUDENT_ID = "your id"'
    try:
        value = ast.literal_eval(values["STUDENT_ID"])
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return "", 'STUDENT_ID cannot be read: write your id between quotes, STUDENT_ID = "s1234567"'
    text = _as_id(value)
    if text == "":
        return "", "STUDENT_ID is empty: write your id between the quotes at the top, run that cell, and save"
    if text is None or not is_id(text):
        return "", (
            f"STUDENT_ID = {one_line(repr(value))} cannot name a file: use letters without accents, digits,"
            " '-', '_', '.' and '@'"
        )
    return text, ""


def _team(values: Mapping[str, ast.expr]) -> tuple[list[str], str]:
    advice = 'write it as TEAM = ["s1234567", "s7654321"], or [] when you work alone'
    try:
        value = ast.literal_eval(values["TEAM"]) if "TEAM" in values else []
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return [], f"TEAM cannot be read: {advice}"
    if value is None:
        return [], ""
    if not isinstance(value, list | tuple):
        return [], f"TEAM is no list: {advice}"
    ids = [_as_id(member) for member in value]
    wrong = [member for member, text in zip(value, ids, strict=True) if text is None or not is_id(text)]
    if wrong:
        return [], f"TEAM holds {one_line(repr(wrong[0]))}, which is no student's id: {advice}"
    if len(ids) > MAX_MEMBERS:
        return [], f"TEAM lists {len(ids)} ids: {advice}"
    return [text for text in ids if text], ""


def _as_id(value: Any) -> str | None:
    """An id as text: some are typed as numbers. None for what is neither."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return value.strip() if isinstance(value, str) else str(value)


def is_id(text: str) -> bool:
    """Whether a student's id is safe as the name of a file, and stands for itself when hand-ins are collected."""
    return bool(_ID.fullmatch(text)) and not text.endswith(".") and any(char.isalnum() for char in text)


# --- for people -------------------------------------------------------------------------------------


def summary(exercises: Sequence[Exercise]) -> list[str]:
    """What the states come to, in sentences. Points that can be earned, never marks."""
    regular = [exercise for exercise in exercises if not exercise.bonus]
    total = _points(regular)
    groups = [
        (State.PASSES, "for exercises that pass their visible tests"),
        (State.READABLE, "for forms that can be read"),
        (State.WRITTEN, "for text that a person marks"),
    ]
    shares = [
        f"{_number(_points([e for e in regular if e.state is state]))} are {words}"
        for state, words in groups
        if any(e.state is state or (state is State.PASSES and not e.written) for e in regular)
    ]
    done = sum(exercise.state is not State.UNANSWERED for exercise in exercises)
    lines = [f"Answered: {done} of {len(exercises)}. Of {_number(total)} points, {_listing(shares)}."]
    bonus = [exercise for exercise in exercises if exercise.bonus]
    if bonus:
        lines.append(f"A bonus of {_number(_points(bonus))} can be earned on top.")
    forms = any(exercise.state is State.READABLE for exercise in exercises)
    truth = ", and whether a form is right is seen only there" if forms else ""
    return [*lines, f"These are no marks: marking tries more than the visible tests{truth}."]


def _points(exercises: Sequence[Exercise]) -> float:
    return sum(exercise.points or 0 for exercise in exercises)


def _number(value: float) -> str:
    return f"{value:g}"


def _listing(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else "none is known"


def who(identity: Identity) -> str:
    """One line on whose notebook it is."""
    if identity.problem:
        return f"{identity.problem[0].upper()}{identity.problem[1:]}."
    others = [member for member in identity.team if member.casefold() != identity.student.casefold()]
    return f"For {identity.student}" + (f", in a team with {', '.join(others)}." if others else ".")


def _rows(exercises: Sequence[Exercise]) -> Iterator[tuple[str, str, str, str]]:
    for exercise in exercises:
        points = "?" if exercise.points is None else _number(exercise.points)
        yield exercise.title, f"+{points}" if exercise.bonus else points, exercise.state.value, exercise.detail


def as_text(exercises: Sequence[Exercise], identity: Identity, notes: Sequence[str] = ()) -> str:
    """The overview as plain text."""
    rows = list(_rows(exercises))
    wide = max((len(title) for title, *_ in rows), default=0)
    lines = [who(identity), ""]
    for title, points, state, detail in rows:
        lines.append(f"{title:<{wide}}  {points:>3}  {state}")
        lines += textwrap.wrap(detail, 100, initial_indent=" " * (wide + 7), subsequent_indent=" " * (wide + 7))
    return "\n".join([*lines, "", *summary(exercises), *notes])


def as_html(exercises: Sequence[Exercise], identity: Identity, notes: Sequence[str] = ()) -> str:
    """The overview as a table that takes text and background of the page around it, light or dark."""
    line = "border-bottom:1px solid rgba(128,128,128,.35)"
    cell = f"{line};text-align:left;vertical-align:top;padding:.35em .9em .35em 0;background:transparent;color:inherit"
    number = cell.replace("text-align:left", "text-align:right")
    head = "".join(
        f'<th scope="col" style="{style};font-weight:600">{words}</th>'
        for words, style in (("Exercise", cell), ("Points", number), ("State", cell))
    )
    body = ""
    for exercise, (title, points, state, detail) in zip(exercises, _rows(exercises), strict=True):
        dot = f'<span aria-hidden="true" style="color:{_DOTS[exercise.state]}">●</span>'
        more = f'<br><span style="opacity:.8;font-size:.92em">{html.escape(detail)}</span>' if detail else ""
        body += (
            f'<tr style="background:transparent"><td style="{cell}">{html.escape(title)}</td>'
            f'<td style="{number}">{points}</td>'
            f'<td style="{cell};white-space:normal;max-width:46em">{dot} {state}{more}</td></tr>'
        )
    first = html.escape(who(identity))
    told = f"<strong>{first}</strong>" if identity.problem else first
    last = "".join(f"<br>{html.escape(text)}" for text in notes)
    return (
        f'<div style="color:inherit"><p style="margin:.4em 0">{told}</p>'
        '<table style="border-collapse:collapse;margin:0;color:inherit">'
        f'<thead><tr style="background:transparent">{head}</tr></thead><tbody>{body}</tbody></table>'
        f'<p style="margin:.6em 0">{html.escape(" ".join(summary(exercises)))}{last}</p></div>'
    )
