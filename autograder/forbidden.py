"""Reading a submitted answer for library names that its exercise forbids.

Found: ``nn.LSTMCell``, ``torch.nn.LSTM``, ``from torch.nn import GRU as G``, ``getattr(nn, "LSTM")``, and names
that the student's other cells made of them (``Base = nn.LSTMCell``). The cell of a student who compares with
the library is no offence: only what the answer itself refers to counts. Aliases beyond that are not found
(docs/security.md).
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from textwrap import dedent

from autograder.notebooks import parsed

_PROMPT = re.compile(r"^[ \t]*(?:>>> ?|\.\.\. ?|In \[\d+\]: ?)", re.MULTILINE)


@dataclass
class _Statement:
    """A top-level statement: the names that it gives a value, forbidden names in it, other names that it uses."""

    bound: list[str]
    forbidden: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)


def forbidden_names(answer: str, other_cells: list[str], forbidden: tuple[str, ...]) -> list[str]:
    """The forbidden names that ``answer`` refers to, directly or through ``other_cells``, sorted."""
    names = {name.rpartition(".")[2] for name in forbidden}
    tainted = _tainted([_read(tree, names) for cell in other_cells for tree in _statements(cell)])
    found = set()
    for statement in (_read(tree, names) for tree in _statements(answer)):
        found |= statement.forbidden
        found |= {tainted[name] for name in statement.used if name in tainted}
    return sorted(found)


def _tainted(statements: list[_Statement]) -> dict[str, str]:
    """Names that statements make of forbidden ones, however many others lie between, and what each stands for."""
    users: dict[str, list[_Statement]] = {}
    for statement in statements:
        for name in statement.used:
            users.setdefault(name, []).append(statement)
    tainted: dict[str, str] = {}
    waiting = [(statement, min(statement.forbidden)) for statement in statements if statement.forbidden]
    while waiting:
        statement, library = waiting.pop()
        for name in statement.bound:
            if name not in tainted:
                tainted[name] = library
                waiting += [(user, library) for user in users.get(name, [])]
    return tainted


def _statements(source: str) -> list[ast.stmt]:
    tree = parsed(source)
    if tree is None:
        # IPython's own way of making Python of a cell takes a minute for some hundred magics.
        lines = [_as_python(line) for line in _PROMPT.sub("", source).split("\n")]
        tree = parsed(dedent("\n".join(lines)))
    return [] if tree is None else tree.body  # a cell that does not parse does not run either


def _as_python(line: str) -> str:
    """The line, or ``pass`` in its place when it is one for IPython alone."""
    text, value = line.strip(), line.partition("=")[2].lstrip()
    if text.startswith(("%", "!", "?")) or text.endswith("?") or value.startswith(("%", "!")):
        return line[: len(line) - len(line.lstrip())] + "pass"
    return line


def _read(tree: ast.stmt, names: set[str]) -> _Statement:
    statement = _Statement(_bound(tree))
    own = {*statement.bound, "self"}
    roots: dict[int, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            if node.attr in names and _root(node, roots) != "self":
                statement.forbidden.add(node.attr)
        elif isinstance(node, ast.Name) and node.id not in own:
            statement.used.add(node.id)
        else:
            statement.forbidden.update(_asked_for(node, names))
    return statement


def _asked_for(node: ast.AST, names: set[str]) -> Iterator[str]:
    """Forbidden names that an import from torch or a call of ``getattr`` spells out."""
    if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("torch"):
        yield from (alias.name for alias in node.names if alias.name in names)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "getattr":
        texts = (a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str))
        yield from (text for text in texts if text in names)


def _root(node: ast.Attribute, roots: dict[int, str]) -> str:
    """The name that a chain of attributes begins with; kept for the whole chain, which may be very long."""
    chain: list[ast.Attribute] = []
    inner: ast.expr = node
    while isinstance(inner, ast.Attribute) and id(inner) not in roots:
        chain.append(inner)
        inner = inner.value
    root = roots.get(id(inner), inner.id if isinstance(inner, ast.Name) else "")
    roots.update((id(link), root) for link in chain)
    return root


def _bound(statement: ast.stmt) -> list[str]:
    """Names that a top-level statement gives a value."""
    if isinstance(statement, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return [statement.name]
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return [alias.asname or alias.name.partition(".")[0] for alias in statement.names]
    return [n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
