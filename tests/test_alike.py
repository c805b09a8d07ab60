"""Copies are found, independent answers are not, whatever names, comments and order; hostile texts cost little."""

import ast
import random
from pathlib import Path

import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from small_course import ASSIGNMENT, REPOSITORY, answer, make_course

from autograder.alike import (
    MANY,
    MAX_CHARACTERS,
    MAX_TOKENS,
    MEASURES,
    Measure,
    _seen_by_all,
    alike_answers,
    compare,
    handed_in_texts,
    hashes,
    own_names,
    shown,
    tokens,
    winnowed,
)
from autograder.bank import find_answers
from autograder.course import Course
from autograder.files import write_file
from autograder.notebooks import exercises, is_form, to_bytes
from autograder.release import read_master

CODE = MEASURES["code"]
ALL = Measure(CODE.run, CODE.window, 1, 0.0)
"""Every pair that shares anything, to see how far it is from the threshold."""
CELL = '''\
class Cell(nn.Module):
    def __init__(self, n, m):
        super().__init__()
        self.a = nn.Linear(n + m, 4 * m)
        self.m = m

    def forward(self, x, state):
        """One step."""
        h, c = state
        i, f, g, o = self.a(torch.cat([x, h], 1)).split(self.m, 1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(c), c
'''


# --- what is disguised is found, what is independent is not ------------------------------------------------------


class _Renamed(ast.NodeTransformer):
    """New names for all that the answer names itself, no docstrings, functions and classes in another order."""

    def __init__(self, text: str) -> None:
        self.names = {name: f"mine_{i}" for i, name in enumerate(sorted(own_names(text) or ()))}

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        for name in ("id", "arg", "attr", "name"):
            said = getattr(node, name, None)
            if isinstance(said, str) and not isinstance(node, ast.keyword | ast.alias):
                setattr(node, name, self.names.get(said, said))
        body = getattr(node, "body", None)
        if isinstance(body, list):
            kept = [part for part in body if not (isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant))]
            defined = [part for part in kept if isinstance(part, ast.FunctionDef | ast.ClassDef)]
            defining = [part in defined for part in kept]
            ordered = [defined.pop() if one else part for one, part in zip(defining, kept, strict=True)]
            vars(node)["body"] = ordered or [ast.Pass()]
        return node


def disguised(text: str) -> str:
    lines = ast.unparse(_Renamed(text).visit(ast.parse(text))).splitlines()
    return "# all mine\n" + "\n".join(f"{line}  # remark {i}" if i % 2 else line for i, line in enumerate(lines))


TELLING = 800
"""Characters of an answer."""


@pytest.fixture(scope="module")
def bank() -> list[tuple[str, dict[str, str], list[str]]]:
    """For each exercise answered in code: its right answers in the bank, and what all have seen."""
    course = Course(REPOSITORY)
    found = []
    for assignment in course.assignments():
        paths = [REPOSITORY / "tests" / root / assignment for root in ("answers", "more_answers")]
        right = [one for one in find_answers([path for path in paths if path.is_dir()]) if one.right]
        common = list(_seen_by_all(course, assignment, "code"))
        for path in course.source_notebooks(assignment):
            for exercise in exercises(read_master(path)):
                texts = {one.path.stem: one.replaced[exercise.id] for one in right if exercise.id in one.replaced}
                if exercise.kind == "code" and not is_form(exercise.solution) and texts:
                    found.append((exercise.id, texts, common))
    return found


def test_independent_right_answers_of_the_bank_stay_below_the_threshold(bank):
    pairs = 0
    for exercise, texts, common in bank:
        pairs += len(texts) * (len(texts) - 1) // 2
        assert [(exercise, pair.students, pair.share) for pair in compare(texts, common, "code").pairs] == []
    assert pairs > 200


def test_a_disguised_copy_of_any_right_answer_of_the_bank_lies_above_it(bank):
    """Of a length to tell: short ones are much alike in any case, and too little of them is left in a disguise."""
    count, missed = 0, []
    for _, texts, common in bank:
        for name, text in texts.items():
            copy = disguised(text)
            assert copy != text
            count += 1
            if len(text) >= TELLING and not compare({"one": text, "other": copy}, common, "code").pairs:
                missed.append(name)
    assert count > 100
    assert missed == []


WRITTEN = [
    "A recurrent network applies one matrix at every time step, so a pattern that was learned at the start of a"
    " sequence is known at its end too. The number of parameters does not grow with the length, and a text of any"
    " length can be read. The price is that the gradient is a product of many equal factors.",
    "Because the weights are shared over time, position does not matter: what the layer knows about a word it knows"
    " wherever the word stands. Fewer parameters have to be learned from the same data, which helps against"
    " overfitting. On the other hand errors must travel back through each step.",
    "If each step had weights of its own, the network could only take inputs of one length and would have to learn the"
    " same rule again for each place. Sharing them means that all steps train one rule together. It also makes"
    " back-propagation sum the gradients of all steps.",
    "I think sharing is what makes it a recurrence. h is always updated by the same function, like a loop in a program"
    " whose body is written once. A loop can run ten times or a thousand times without more code. However, small"
    " eigenvalues shrink the signal at each round.",
]
"""Made up for this test: four ways to say why weights are shared."""


def test_written_answers_are_alike_when_they_are_copied_with_words_exchanged():
    copy = WRITTEN[0].replace("applies", "uses").replace("was learned", "it found").replace("The price is", "But note")
    texts = {f"s{i}": text for i, text in enumerate(WRITTEN)}
    assert compare(texts, [], "written").pairs == []
    pairs = compare({**texts, "copy": copy.upper()}, [], "written").pairs
    assert [pair.students for pair in pairs] == [("s0", "copy")]


def test_what_all_have_seen_is_common_ground():
    assert compare({"a": CELL, "b": disguised(CELL)}, [], "code").pairs
    assert compare({"a": CELL, "b": disguised(CELL)}, [CELL], "code", ALL).pairs == []


def test_what_many_have_is_common_ground():
    def pairs(count):
        return compare({f"s{i}": CELL for i in range(count)}, [], "code").pairs

    assert len(pairs(MANY)) == MANY * (MANY - 1) // 2
    assert pairs(MANY + 1) == []


def test_short_answers_are_not_compared():
    found = compare({"a": "def f(x):\n    return x + 1", "b": "def f(x):\n    return x + 1"}, [], "code")
    assert found.pairs == [] and found.answers == 0


# --- tokens and fingerprints ------------------------------------------------------------------------------------


def test_names_comments_docstrings_and_layout_make_no_difference():
    assert tokens(CELL, "code").values != tokens("x = 1", "code").values
    renamed = CELL.replace("self.m", "self.size").replace("(self, n, m)", "(self, n, size)").replace(" m)", " size)")
    renamed = renamed.replace("+ m,", "+ size,").replace("= m", "= size").replace('"""One step."""', "# a step")
    assert renamed != CELL
    assert tokens(renamed, "code").values == tokens(CELL, "code").values


def test_names_of_libraries_and_numbers_count():
    for before, after in (("torch.tanh", "torch.relu"), ("4 *", "3 *")):
        assert tokens(CELL.replace(before, after), "code").values != tokens(CELL, "code").values


def test_every_run_that_is_long_enough_shares_a_fingerprint():
    """The guarantee of winnowing: a shared run of run + window - 1 tokens leaves a fingerprint in both."""
    draw = random.Random(1)
    for _ in range(200):
        shared = [str(draw.randrange(50)) for _ in range(CODE.run + CODE.window - 1)]
        kept = []
        for _ in range(2):
            around = [[f"x{draw.random()}" for _ in range(draw.randrange(30))] for _ in range(2)]
            found = hashes([*around[0], *shared, *around[1]], CODE.run)
            kept.append(set(found[winnowed(found, CODE.window)].tolist()))
        assert kept[0] & kept[1]


def test_winnowing_keeps_the_smallest_of_each_window_and_of_equal_ones_the_last():
    # The example of the paper (figure 2): hashes, window of 4, and what is kept.
    found = np.array([77, 74, 42, 17, 98, 50, 17, 98, 8, 88, 67, 39, 77, 74, 42, 17, 98], dtype=np.uint64)
    assert found[winnowed(found, 4)].tolist() == [17, 17, 8, 39, 17]


def test_passages_are_where_the_texts_are_the_same():
    copy = "import os\n\n\ndef other(path):\n    return [p for p in os.listdir(path) if p]\n\n\n" + disguised(CELL)
    (pair,) = compare({"a": CELL, "b": copy}, [], "code").pairs
    begin, end = pair.passages[1][0]
    assert "listdir" not in copy[begin:end] and begin > copy.index("class mine")
    assert sum(end - begin for begin, end in pair.passages[0]) > 0.7 * len(CELL)
    pieces = shown(copy, pair.passages[1], 10_000)
    assert "".join(text for text, _ in pieces) == copy and any(shared for _, shared in pieces)
    assert sum(len(text) for text, _ in shown(copy, pair.passages[1], 50)) == 50


# --- hostile texts ----------------------------------------------------------------------------------------------

HOSTILE = {
    "long": "a = b + c\n" * 500_000,
    "open string": "'''" + "\\" * 99_999,
    "quotes": "'\"" * 100_000,
    "backslashes": '"""\\' * 50_000,
    "nested": "(" * 100_000,
    "one name": "x" * 1_000_000,
    "surrogates": "\ud800 = 1\n" * 1_000,
    "nothing": "",
    "nul": "\0" * 1_000,
    "digits": "1" * 500_000,
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("kind", ["code", "written"])
def test_of_hostile_texts_a_bounded_part_is_read(name, kind):
    found = tokens(HOSTILE[name], kind)
    assert len(found.values) <= MAX_TOKENS
    assert all(0 <= begin <= end <= MAX_CHARACTERS for begin, end in found.spans)
    compared = compare({"a": HOSTILE[name], "b": CELL, "c": disguised(CELL)}, [], kind)
    assert compared.cut == (["a"] if found.cut else [])
    if kind == "code":
        assert [pair.students for pair in compared.pairs] == [("b", "c")]


# --- hand-ins ---------------------------------------------------------------------------------------------------


def _kept(course: Course, student: str, text: str, added: str = "") -> None:
    cells = [answer("identity", "STUDENT_ID = 's1'"), answer("double", text)]
    cells += [new_code_cell(added, id="added")] if added else []
    path = course.graded / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    write_file(path, to_bytes(new_notebook(cells=cells)))


def test_answers_are_read_from_graded_notebooks_with_the_cells_behind_them(tmp_path: Path):
    course = make_course(tmp_path)
    _kept(course, "ann", "# exercise: double\nfrom_here = 1", CELL)
    assert handed_in_texts(course, ASSIGNMENT, "ann", {"double": "code"}) == {"double": f"from_here = 1\n\n{CELL}"}
    assert handed_in_texts(course, ASSIGNMENT, "nobody", {"double": "code"}) == {}


def test_only_the_named_students_are_compared(tmp_path: Path):
    course = make_course(tmp_path)
    _kept(course, "ann", CELL)
    _kept(course, "bob", "double = 2", disguised(CELL))
    _kept(course, "cem", CELL)
    known = exercises(read_master(course.source_notebooks(ASSIGNMENT)[0]))
    found = alike_answers(course, ASSIGNMENT, known, ["ann", "bob"])
    assert [(one.exercise, one.pair.students) for one in found.pairs] == [("double", ("ann", "bob"))]
    assert found.answers["double"] == 2
