"""Reading a submitted answer for library names that its exercise forbids.

Found: ``nn.LSTMCell``, ``torch.nn.LSTM``, ``from torch.nn import GRU as G``, ``getattr(nn, "LSTM")``, and names
that the student's other cells made of them (``Base = nn.LSTMCell``). The cell of a student who compares with
the library is no offence: only what the answer itself refers to counts. Aliases beyond that are not found
(docs/security.md).
"""

import ast

from IPython.core.inputtransformer2 import TransformerManager


def forbidden_names(answer: str, other_cells: list[str], forbidden: tuple[str, ...]) -> list[str]:
    """The forbidden names that ``answer`` refers to, directly or through ``other_cells``, sorted."""
    names = {name.rpartition(".")[2] for name in forbidden}
    statements = [s for cell in other_cells for s in _statements(cell)]
    tainted: dict[str, str] = {}
    while True:
        known = dict(tainted)
        for statement in statements:
            used = _used(statement, names, tainted)
            if used:
                tainted.update(dict.fromkeys(_bound(statement), used[0]))
        if tainted == known:
            break
    return sorted({name for s in _statements(answer) for name in _used(s, names, tainted)})


def _statements(source: str) -> list[ast.stmt]:
    try:
        return ast.parse(TransformerManager().transform_cell(source)).body
    except (SyntaxError, ValueError, RecursionError):
        return []  # a cell that does not parse does not run either


def _used(statement: ast.stmt, names: set[str], tainted: dict[str, str]) -> list[str]:
    """Forbidden names in one statement; a tainted name stands for the library name behind it."""
    own = set(_bound(statement))
    found = []
    for node in ast.walk(statement):
        if isinstance(node, ast.Attribute) and node.attr in names and _root(node) != "self":
            found.append(node.attr)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("torch"):
            found += [alias.name for alias in node.names if alias.name in names]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "getattr":
            found += [a.value for a in node.args if isinstance(a, ast.Constant) and a.value in names]
        elif isinstance(node, ast.Name) and node.id in tainted and node.id not in own:
            found.append(tainted[node.id])
    return found


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _bound(statement: ast.stmt) -> list[str]:
    """Names that a top-level statement gives a value."""
    if isinstance(statement, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return [statement.name]
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return [alias.asname or alias.name.partition(".")[0] for alias in statement.names]
    return [n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
