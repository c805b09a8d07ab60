"""Answers that are alike: passages that two hand-ins share and few others have, for a person to look at.

Winnowing (Schleimer, Wilkerson and Aiken, "Winnowing: Local Algorithms for Document Fingerprinting", SIGMOD 2003): a
text becomes a row of tokens, each run of K tokens a hash, and of each WINDOW hashes in a row the smallest is kept as a
fingerprint. Two texts that share a run of K + WINDOW - 1 tokens are so certain to share a fingerprint, and no run
shorter than K tokens counts. Texts meet in an index by fingerprint; no two are compared as texts.

Code is compared without comments, docstrings, layout and the names that an answer gives itself; written answers
without punctuation and capital letters. What also stands in the release or in the reference, and what many hand-ins
have, is common ground and shows nothing.

It is no verdict. Two students may have read one page, sat beside each other with leave, or had the same idea; and who
rewrites a text thoroughly is not found. Nothing here is executed, and hostile texts cost bounded time: of each answer
MAX_CHARACTERS and MAX_TOKENS are read.
"""

import ast
import builtins
import hashlib
import itertools
import json
import keyword
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal

import numpy as np

from autograder.bank import reference_source
from autograder.course import Course
from autograder.notebooks import Exercise, is_form, parsed, read_notebook, without_markers
from autograder.release import read_master

Kind = Literal["code", "written"]
Array = np.ndarray

MAX_CHARACTERS = 60_000
"""Of one answer; what lies behind is not compared, which is told. The longest reference has 5,000."""
MAX_TOKENS = 6_000
MAX_PAIRS = 50
"""Of one exercise; beyond them pairs are only counted."""
MANY, MANY_SHARE = 10, 0.05
"""What more hand-ins have than this number, and than this share of them, is common ground."""


@dataclass(frozen=True)
class Measure:
    """How texts of one kind are compared.

    ``run``: tokens of a hash; ``window``: hashes of which one is kept. ``least``: fingerprints that two answers must
    share, ``share``: and the part that these are of the fingerprints that the shorter one has beside common ground.
    """

    run: int
    window: int
    least: int
    share: float


MEASURES: Mapping[Kind, Measure] = {
    "code": Measure(run=8, window=4, least=8, share=0.64),
    "written": Measure(run=4, window=4, least=6, share=0.3),
}


# --- tokens -----------------------------------------------------------------------------------------------------

_CODE = re.compile(
    r"""
    (?P<comment> \#[^\n]*+ )
  | (?P<string>  (?i:[rbfu]{0,2}) (?: '{3}(?:[^\\]|\\.)*?(?:'{3}|\\?\Z) | "{3}(?:[^\\]|\\.)*?(?:"{3}|\\?\Z)
                                    | '(?:[^'\\\n]|\\.)*+'? | "(?:[^"\\\n]|\\.)*+"? ) )
  | (?P<name>    [^\W\d]\w*+ )
  | (?P<number>  \d[\w.]*+ )
  | (?P<sign>    \*\*=?|//=?|[-+*/%@&|^<>=!:]=|->|<<|>>|[^\s\w] )
    """,
    re.VERBOSE | re.DOTALL,
)
_WORD = re.compile(r"\w+")
OWN, TEXT = "v", "s"
"""What stands for a name that the answer gives, and for a string."""


@dataclass(frozen=True)
class Tokens:
    """A text as tokens: ``values``, and where each begins and ends in the text."""

    values: list[str]
    spans: list[tuple[int, int]]
    cut: bool = False


def tokens(text: str, kind: Kind) -> Tokens:
    """The tokens of an answer that count; ``cut`` when it is longer than what is read."""
    read = text[:MAX_CHARACTERS]
    found = list(itertools.islice(_code(read) if kind == "code" else _words(read), MAX_TOKENS + 1))
    kept = found[:MAX_TOKENS]
    cut = len(text) > len(read) or len(found) > len(kept)
    return Tokens([value for value, _ in kept], [span for _, span in kept], cut)


def _words(text: str) -> Iterator[tuple[str, tuple[int, int]]]:
    for match in _WORD.finditer(text):
        yield match.group().casefold(), match.span()


def _code(text: str) -> Iterator[tuple[str, tuple[int, int]]]:
    own = own_names(text)
    found = [match for match in _CODE.finditer(text) if match.lastgroup != "comment"]
    for place, match in enumerate(found):
        value = match.group()
        if match.lastgroup == "string":
            if _alone(text, found[place - 1] if place else None, match, found[place + 1 : place + 2]):
                continue
            value = TEXT
        elif match.lastgroup == "name" and not keyword.iskeyword(value) and (own is None or value in own):
            value = OWN
        yield value, match.span()


def _alone(text: str, before: re.Match | None, match: re.Match, after: Sequence[re.Match]) -> bool:
    """Whether a string has its lines to itself, as docstrings have."""
    first = before is None or "\n" in text[before.end() : match.start()]
    return first and all("\n" in text[match.end() : following.start()] for following in after)


def own_names(text: str) -> set[str] | None:
    """The names that code gives itself and could as well give otherwise; None for what Python cannot read.

    Attributes that it sets are among them; names of Python's own and of libraries are not.
    """
    tree = parsed(text)
    if tree is None:
        return None
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            found.add(node.id if isinstance(node, ast.Name) else node.attr)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.alias) and node.asname:
            found.add(node.asname)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            found.add(node.name)
    return found - set(dir(builtins))


# --- fingerprints -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Prints:
    """The fingerprints of one text, sorted and without repetitions, and where their runs begin and end in the text."""

    values: Array
    begins: Array
    ends: Array

    def only(self, keep: Array) -> "Prints":
        """Those of this mask."""
        return Prints(self.values[keep], self.begins[keep], self.ends[keep])


@lru_cache(maxsize=100_000)
def _number(token: str) -> int:
    """64 bits that stand for a token, the same on every machine."""
    return int.from_bytes(hashlib.blake2b(token.encode("utf-8", "replace"), digest_size=8).digest(), "little")


def hashes(values: Sequence[str], run: int) -> Array:
    """A uint64 for each ``run`` tokens in a row, (tokens - run + 1,); empty for fewer tokens."""
    if len(values) < run:
        return np.zeros(0, dtype=np.uint64)
    numbers = np.array([_number(value) for value in values], dtype=np.uint64)
    found = np.zeros(len(values) - run + 1, dtype=np.uint64)
    for offset in range(run):  # a polynomial modulo 2**64
        found = found * np.uint64(0x9E3779B97F4A7C15) + numbers[offset : offset + len(found)]
    return found ^ (found >> np.uint64(29))


def winnowed(found: Array, window: int) -> Array:
    """The places of the hashes that are kept: of each window the smallest, of equal ones the last."""
    if len(found) <= window:
        return np.array([len(found) - 1 - int(found[::-1].argmin())]) if len(found) else np.zeros(0, dtype=np.int64)
    windows = np.lib.stride_tricks.sliding_window_view(found, window)
    last = window - 1 - windows[:, ::-1].argmin(axis=1)
    return np.unique(np.arange(len(windows)) + last)


def fingerprints(read: Tokens, measure: Measure) -> Prints:
    """What of a text is kept."""
    found = hashes(read.values, measure.run)
    places = winnowed(found, measure.window)
    kept, first = np.unique(found[places], return_index=True)
    begins = [read.spans[place][0] for place in places[first]]
    ends = [read.spans[place + measure.run - 1][1] for place in places[first]]
    return Prints(kept, np.array(begins, dtype=np.int64), np.array(ends, dtype=np.int64))


# --- pairs ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pair:
    """Two answers that share what few others have. ``share``: of the shorter one's own fingerprints, in [0, 1].

    ``passages``: for each of the two where the shared runs begin and end in its text.
    """

    students: tuple[str, str]
    shared: int
    share: float
    passages: tuple[list[tuple[int, int]], list[tuple[int, int]]]

    @property
    def weight(self) -> float:
        """What pairs are sorted by: a long answer that is alike tells more than a short one."""
        return self.share * min(self.shared, 50)


@dataclass
class Compared:
    """What came of one exercise.

    ``pairs``: at most MAX_PAIRS of those ``found``, the most alike first. ``answers``: how many had enough of their own
    to compare. ``cut``: students whose answers are longer than what is read.
    """

    pairs: list[Pair] = field(default_factory=list)
    found: int = 0
    answers: int = 0
    cut: list[str] = field(default_factory=list)


def compare(answers: Mapping[str, str], common: Iterable[str], kind: Kind, measure: Measure | None = None) -> Compared:
    """The pairs of students whose answers to one exercise are alike.

    ``answers``: student → text, one for each team. ``common``: texts that all have seen.
    """
    measure = measure or MEASURES[kind]
    students = list(answers)
    ground = common_ground(common, kind, measure)
    result, own = Compared(), []
    for student in students:
        read = tokens(answers[student], kind)
        result.cut += [student] if read.cut else []
        prints = fingerprints(read, measure)
        own.append(prints.only(~np.isin(prints.values, ground)))
    values, owners = _index(own, max(MANY, round(MANY_SHARE * len(students))))
    sizes = np.bincount(owners, minlength=len(students))
    result.answers = int((sizes >= measure.least).sum())
    alike = []
    for first, second, shared in _shared(values, owners, len(students)):
        share = shared / min(sizes[first], sizes[second])
        if shared >= measure.least and share >= measure.share:
            alike.append(Pair((students[first], students[second]), shared, float(share), ([], [])))
    alike.sort(key=lambda pair: (-pair.weight, pair.students))
    result.found, rare = len(alike), np.unique(values)
    numbers = {student: number for number, student in enumerate(students)}
    for pair in alike[:MAX_PAIRS]:
        one, other = (own[numbers[student]] for student in pair.students)
        both = np.intersect1d(np.intersect1d(one.values, other.values), rare)
        result.pairs.append(replace(pair, passages=(_passages(one, both), _passages(other, both))))
    return result


def common_ground(texts: Iterable[str], kind: Kind, measure: Measure) -> Array:
    """All hashes of these texts, not only the smallest of each window, since other texts have other windows."""
    found = [hashes(tokens(text, kind).values, measure.run) for text in texts]
    return np.unique(np.concatenate([np.zeros(0, dtype=np.uint64), *found]))


def _index(prints: Sequence[Prints], many: int) -> tuple[Array, Array]:
    """Fingerprints and the numbers of their texts, sorted, without those that more than ``many`` texts have."""
    values = np.concatenate([np.zeros(0, dtype=np.uint64), *(p.values for p in prints)])
    owners = np.repeat(np.arange(len(prints)), [len(p.values) for p in prints])
    order = np.argsort(values, kind="stable")
    values, owners = values[order], owners[order]
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    keep = counts[place] <= many
    return values[keep], owners[keep]


def _shared(values: Array, owners: Array, texts: int) -> list[tuple[int, int, int]]:
    """(first text, second text, number of fingerprints that both have) of all pairs that have one."""
    _, starts, counts = np.unique(values, return_index=True, return_counts=True)
    codes, totals = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    for size in np.unique(counts[counts > 1]):
        first, second = np.triu_indices(int(size), 1)
        chosen = starts[counts == size]
        step = max(1, 2_000_000 // len(first))  # pairs at a time: memory stays small whatever was handed in
        for begin in range(0, len(chosen), step):
            together = owners[
                chosen[begin : begin + step, None] + np.arange(size)
            ]  # in order, since sorting was stable
            found = (together[:, first] * texts + together[:, second]).ravel()
            codes, totals = _added(codes, totals, *np.unique(found, return_counts=True))
    return [(int(code // texts), int(code % texts), int(total)) for code, total in zip(codes, totals, strict=True)]


def _added(codes: Array, totals: Array, more: Array, counts: Array) -> tuple[Array, Array]:
    """Counts by code, with further ones added."""
    every, place = np.unique(np.concatenate([codes, more]), return_inverse=True)
    return every, np.bincount(place, np.concatenate([totals, counts])).astype(np.int64)


def _passages(prints: Prints, shared: Array) -> list[tuple[int, int]]:
    """Where shared runs begin and end in the text, those that touch made one."""
    kept = prints.only(np.isin(prints.values, shared))
    found: list[tuple[int, int]] = []
    for begin, end in sorted(zip(kept.begins.tolist(), kept.ends.tolist(), strict=True)):
        if found and begin <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((begin, end))
    return found


# --- hand-ins ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AlikePair:
    """A pair with the exercise and the two texts."""

    exercise: str
    kind: Kind
    pair: Pair
    texts: tuple[str, str]


@dataclass
class AlikeAnswers:
    """What came of an assignment: pairs, the most alike first, and how many were ``found`` in all.

    ``answers``: exercise → how many were compared.
    """

    pairs: list[AlikePair] = field(default_factory=list)
    found: int = 0
    answers: dict[str, int] = field(default_factory=dict)
    cut: list[tuple[str, str]] = field(default_factory=list)
    """(student, exercise) of answers that are longer than what is read."""


def alike_answers(
    course: Course, assignment: str, exercises: Sequence[Exercise], students: Iterable[str]
) -> AlikeAnswers:
    """The alike pairs among the graded hand-ins of these students, one for each team.

    Forms are left out: of questions all right answers are the same.
    """
    wanted: dict[str, Kind] = {e.id: e.kind for e in exercises if not is_form(e.solution)}
    texts: dict[str, dict[str, str]] = {exercise: {} for exercise in wanted}
    for student in students:
        for exercise, text in handed_in_texts(course, assignment, student, wanted).items():
            texts[exercise][student] = text
    common = {kind: list(_seen_by_all(course, assignment, kind)) for kind in set(wanted.values())}
    found = AlikeAnswers()
    for exercise, kind in wanted.items():
        compared = compare(texts[exercise], common[kind], kind)
        found.answers[exercise] = compared.answers
        found.found += compared.found
        found.cut += [(student, exercise) for student in compared.cut]
        for pair in compared.pairs:
            first, second = (texts[exercise][student] for student in pair.students)
            found.pairs.append(AlikePair(exercise, kind, pair, (first, second)))
    found.pairs.sort(key=lambda one: (-one.pair.weight, one.pair.students, one.exercise))
    return found


def handed_in_texts(course: Course, assignment: str, student: str, wanted: Mapping[str, Kind]) -> dict[str, str]:
    """Exercise → answer of a graded hand-in, with the code cells that the student added behind it.

    Read as JSON: grading has repaired these notebooks and written them in our form.
    """
    found: dict[str, list[str]] = {}
    for path in sorted((course.graded / student / assignment).glob("*.ipynb")):
        exercise = ""
        for cell in json.loads(path.read_bytes())["cells"]:
            name = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
            if name in wanted:
                exercise = name
            if name == exercise or (not name and cell["cell_type"] == "code"):
                found.setdefault(exercise, []).append(without_markers("".join(cell["source"])))
    found.pop("", None)
    return {exercise: "\n\n".join(text for text in texts if text.strip()) for exercise, texts in found.items()}


def _seen_by_all(course: Course, assignment: str, kind: Kind) -> Iterator[str]:
    """The texts of the release and of the reference: code for code, prose for prose."""
    for path in course.source_notebooks(assignment):
        released = course.release / assignment / path.name
        notebooks = [read_master(path), *([read_notebook(released.read_bytes())] if released.is_file() else [])]
        for cell in (cell for notebook in notebooks for cell in notebook.cells):
            if (cell.cell_type == "code") == (kind == "code"):
                yield reference_source(cell)


def shown(text: str, passages: Sequence[tuple[int, int]], most: int) -> list[tuple[str, bool]]:
    """The first ``most`` characters of a text in pieces, each with whether it is shared."""
    pieces, place = [], 0
    for begin, end in (*passages, (len(text), len(text))):
        pieces += [(text[place : min(begin, most)], False), (text[begin : min(end, most)], True)]
        place = end
    return [(piece, shared) for piece, shared in pieces if piece]
