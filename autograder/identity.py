"""What a hand-in says in plain assignments, read from its text: who hands in, with whom, and other literals.

Nothing is executed. A value counts when it stands in the cell as a literal (text, number, list, dictionary, ...), in
which names that were given as literals before may stand, such as `STUDENT_ID`. Workers import this module: it brings
nothing heavy.
"""

import ast
import copy
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from nbformat.notebooknode import NotebookNode

from autograder.evidence import readable
from autograder.notebooks import IDENTITY, grade_id, parsed

MAX_MEMBERS = 20
"""Ids of one TEAM that are read; how many may work together is a setting of the course."""
_MAX_ID = 64
_MAX_SOURCE = 100_000
"""Characters of one cell: a list of a million ids is no answer."""
_MAX_TEXT, _MAX_NUMBER = 200, 10**18
"""The longest text, and the largest number, that is an id or may stand in another value by its name."""

_FILLED_IN = re.compile(r"^[ \t]*TEAM[ \t]*=[ \t]*(?!\[[ \t]*\][ \t]*(?:#|$))(?=\S)", re.MULTILINE)
"""A line that gives TEAM another value than the blank list."""


def student_id(name: str) -> str:
    """The id that a name stands for: 'Zoë Müller' → 'Zoe_Muller'; '' when no letter or digit is left.

    An id stands for itself. None begins with '.' or '-', which would hide a folder or look like an option.
    """
    plain = unicodedata.normalize("NFKD", name.strip())
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    safe = re.sub(r"[^A-Za-z0-9@._-]+", "_", plain).lstrip(".-")[:_MAX_ID].rstrip(".")
    return safe if any(char.isalnum() for char in safe) else ""


class NotLiteral(ValueError):
    """A value that could only be known by running the cell; the message is one line."""


def literals(source: str, names: Iterable[str], known: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The values that a cell's own lines assign to these names, each the last one; names without one are missing.

    `known`: values by name that may stand in them. Raises NotLiteral when the cell is no Python, or when the last
    value of a name is no literal.
    """
    wanted = set(names)
    tree = parsed(source) if len(source) <= _MAX_SOURCE else None
    if tree is None:
        raise NotLiteral("the cell is no Python" if len(source) <= _MAX_SOURCE else "the cell is too long")
    values: dict[str, Any] = dict(known or {})
    found: dict[str, Any] = {}
    for statement in tree.body:
        if not isinstance(statement, ast.Assign | ast.AnnAssign) or statement.value is None:
            continue
        for target in statement.targets if isinstance(statement, ast.Assign) else [statement.target]:
            name = _assigned(target)
            if name is None:
                continue
            try:
                values[name] = _changed(values.get(name), target, _literal(statement.value, values))
            except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError) as error:
                values.pop(name, None)
                outcome: Any = error
            else:
                outcome = values[name]
            if name in wanted:
                found[name] = outcome
    for name, value in found.items():
        if isinstance(value, Exception):
            raise NotLiteral(f"{name} is no literal: write its values out, without calls and computations")
    return found


def _assigned(target: ast.expr) -> str | None:
    """The name that an assignment is about: ``PROPOSAL = ...`` and ``PROPOSAL["task"] = ...``."""
    if isinstance(target, ast.Subscript):
        target = target.value
    return target.id if isinstance(target, ast.Name) else None


def _changed(before: Any, target: ast.expr, value: Any) -> Any:
    """The new value of the name; ValueError where a part is set of what is no dictionary with texts as keys."""
    if not isinstance(target, ast.Subscript):
        return value
    key = ast.literal_eval(target.slice)
    if not isinstance(before, dict) or not isinstance(key, str):
        raise ValueError("no dictionary")
    return {**before, key: value}


def _literal(expression: ast.expr, known: Mapping[str, Any]) -> Any:
    """The value of a literal; ValueError and others for anything else, as `ast.literal_eval` raises them."""

    class Fill(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.AST:
            value = known.get(node.id)
            return ast.parse(repr(value), mode="eval").body if _is_small(value) else node

    if any(isinstance(node, ast.Name) for node in ast.walk(expression)):
        expression = Fill().visit(copy.deepcopy(expression))
    return ast.literal_eval(expression)


def _is_small(value: Any) -> bool:
    """Whether a value may stand for its name in another one: lists of lists would double with every line."""
    if isinstance(value, list | tuple):
        return len(value) <= MAX_MEMBERS and all(isinstance(part, str | int) and _is_small(part) for part in value)
    return (isinstance(value, str) and len(value) <= _MAX_TEXT) or (isinstance(value, int) and abs(value) < _MAX_NUMBER)


@dataclass
class Identity:
    """Who hands in, as the notebook says: `team` holds all ids of TEAM, in the form in which ids are kept here.

    `problem`: why STUDENT_ID or TEAM cannot be read, on one line; empty when they can.
    """

    student: str = ""
    team: list[str] = field(default_factory=list)
    problem: str = ""


def identity_in(source: str) -> Identity:
    """What the cell `identity` says. Nothing that a student may write there raises.

    A STUDENT_ID that cannot be read is as good as none, since marks do not depend on it. Neither is a cell that is no
    Python a problem as long as its TEAM is blank.
    """
    try:
        own = _id(literals(source, ("STUDENT_ID",)).get("STUDENT_ID", "")) or ""
    except NotLiteral:
        own = ""
    try:
        team = _ids(literals(source, ("TEAM",)).get("TEAM", []))
    except NotLiteral as error:
        return Identity(own, problem=str(error) if _FILLED_IN.search(source[:_MAX_SOURCE]) else "")
    if team is None:
        return Identity(own, problem='TEAM is no list of ids: write it as ["s1234567", "s7654321"]')
    if len(team) > MAX_MEMBERS:
        return Identity(own, problem=f"TEAM lists {len(team)} ids")
    return Identity(own, team)


def identity_of(notebook: NotebookNode) -> Identity:
    """What a notebook's cell `identity` says; a blank identity when there is none."""
    return next((identity_in(cell.source) for cell in notebook.cells if grade_id(cell) == IDENTITY), Identity())


def merged(identities: Iterable[Identity]) -> Identity:
    """What the notebooks of one hand-in say together; a problem when their teams differ."""
    whole = Identity()
    for said in identities:
        whole.student = whole.student or said.student
        whole.problem = whole.problem or said.problem
        if said.team and whole.team and {*said.team} != {*whole.team}:
            whole.problem = whole.problem or "TEAM names different students in its notebooks"
        whole.team = whole.team or said.team
    return whole


def _ids(value: Any) -> list[str] | None:
    """Ids of a list, or of one text that holds them with commas between; None for what is neither."""
    if isinstance(value, str):
        value = [part for part in re.split(r"[,;\s]+", value) if part]
    if value is None:
        return []
    if not isinstance(value, list | tuple | set):
        return None
    ids = [_id(member) for member in value]
    if any(member is None for member in ids):
        return None
    return list(dict.fromkeys(member for member in ids if member))


def _id(value: Any) -> str | None:
    """An id in the form in which hand-ins are kept, safe as the name of a folder; "" for blank, None for no id.

    A path is none, so that a slip does not make a student of it.
    """
    if isinstance(value, bool) or not isinstance(value, str | int) or not _is_small(value):
        return None
    text = str(value) if isinstance(value, int) else value.strip()
    if "/" in text or "\\" in text:
        return None
    return student_id(text) or (None if text else "")


def differs(student: str, said: Identity) -> str:
    """A note for the instructor when a hand-in says another id than the one that it lies under; else empty."""
    if not said.student or said.student.casefold() == student.casefold():
        return ""
    (shown,) = readable([said.student])
    return f"its STUDENT_ID is {shown}, and it was handed in as {student}"
