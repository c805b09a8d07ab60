"""Questions with short answers: a bank of them as data, and how an answer is marked.

A bank is a YAML file: exercise → list of questions. Each has `id` (the variable in the notebook), `title`, `kind`,
what is right, and an `explanation`, which feedback shows to everyone and which therefore states no right answer. The
kinds, and what an answer earns:

- `choice`: `right` maps one letter to its option's text. All or nothing.
- `several`: `right` maps letters to texts. (right letters chosen - wrong letters chosen) / right letters, at least 0;
  choosing all letters earns nothing.
- `words`: `right` lists accepted wordings, `confused` other terms with what they are. Case, articles, plural, hyphens,
  spaces and words such as 'method' do not matter. One slip of the keyboard (a letter wrong, missing, too many, or two
  exchanged) is forgiven in a wording of seven letters or more, unless what stands there is one of the other terms.
  What is less near earns nothing, and is told to be near.
- `number`: `right` within `tolerance` (absolute), in `unit`. All or nothing.
- `order`: `right` has all letters in order. All or nothing.
- `match`: `right` has the letters of the items 1, 2, ... Each right pair earns its share.

How answers are typed is for `helpers.typed_answers` to say. This module knows no candidate but in `examination`.
"""

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from autograder.channel import Candidate, CandidateError, Remote, kind_of
from autograder.examine import Context, Examination, Lost, Part
from helpers.typed_answers import (
    UNITS,
    is_blank,
    read_letter,
    read_letters,
    read_number,
    read_order,
    read_pairs,
    read_words,
)

KINDS = ("choice", "several", "words", "number", "order", "match")
SLIP_FROM = 7
"""Letters that a wording must have for one slip in it to be forgiven: in shorter ones it may be another word."""
NEAR = 80.0
"""Similarity (RapidFuzz's ratio, 0 to 100) from which on a wrong wording is told to be near."""
FACTORS = (-1.0, 10.0, 60.0, 100.0, 1000.0, 3600.0, 1e6)
"""A number that is wrong by one of these, either way, has the wrong sign or unit, or a decimal point out of place."""
MAX_SHOWN = 60

_FILLERS = {
    *("a", "an", "the", "it", "its", "is", "this", "that", "called", "known", "as"),
    *("algorithm", "method", "technique", "procedure", "operation", "approach", "strategy", "of"),
}
"""Words that say nothing about which term is meant."""
_BESIDE = re.compile(r"[,;/=]|\s[-–—]\s|\bor\b", re.IGNORECASE)
"""What stands between a term and its other name or abbreviation: "backpropagation through time, BPTT"."""
_SYMBOL = re.compile(r"\s*\w{1,2}\s*\(([^()]*)\)\s*")
"""A symbol with its name behind it in brackets: "T (temperature)"."""
_NO_FORMULAS = str.maketrans("", "", "$`")
"""Marks of Markdown in options, which feedback shows as text."""


@dataclass(frozen=True)
class Question:
    """One question of a bank; see the top of this module."""

    id: str
    title: str
    kind: str
    explanation: str
    right: Any
    letters: str = "ABCD"
    unit: str = ""
    tolerance: float = 0.0
    confused: Mapping[str, str] | None = None

    @property
    def name(self) -> str:
        """What feedback calls it, such as '1.3 Shared weights'."""
        return f"{self.id.removeprefix('q').replace('_', '.')} {self.title}"

    @property
    def answer(self) -> str:
        """The right answer in words, for feedback once it may be shown."""
        if self.kind in ("choice", "several"):
            return "; ".join(f"{letter}: {text}" for letter, text in self.right.items()).translate(_NO_FORMULAS)
        if self.kind == "words":
            return str(self.right[0])
        if self.kind == "number":
            return f"{self.right:g} {self.unit}".strip()
        if self.kind == "match":
            return ", ".join(f"{item}{letter}" for item, letter in enumerate(self.right, start=1))
        return str(self.right)


def read_bank(path: Path) -> dict[str, list[Question]]:
    """The questions of a bank by exercise. Raises ValueError that says which question is not in form."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    bank = {exercise: [_question(path.name, entry) for entry in entries] for exercise, entries in data.items()}
    ids = [question.id for questions in bank.values() for question in questions]
    doubled = sorted({name for name in ids if ids.count(name) > 1})
    if doubled:
        raise ValueError(f"{path.name}: {doubled[0]} is there twice")
    return bank


def _question(file: str, entry: Mapping[str, Any]) -> Question:
    try:
        question = Question(**entry)
    except TypeError as error:
        raise ValueError(f"{file}: {entry.get('id', entry)}: {error}") from error
    if question.kind not in KINDS or not _in_form(question):
        raise ValueError(f"{file}: {question.id}: what is right does not have the form of the kind {question.kind!r}")
    return question


def _in_form(question: Question) -> bool:
    """Whether what is right has the form that the kind asks for."""
    right = question.right
    if question.kind in ("choice", "several"):
        number_fits = len(right) == 1 if question.kind == "choice" else len(right) > 1
        return number_fits and set(right) < set(question.letters)
    if question.kind == "words":
        return bool(right) and all(isinstance(wording, str) and plain(wording) for wording in right)
    if question.kind == "number":
        return isinstance(right, int | float) and question.tolerance > 0 and question.unit.casefold() in UNITS
    return sorted(right) == sorted(question.letters)


# --- marking ------------------------------------------------------------------------------------------


def mark(question: Question, value: Any) -> None:
    """Return when `value`, which may be anything, is the right answer; Lost otherwise."""
    if is_blank(value):
        raise Lost(f"{question.id} is not answered.")
    given = f"{question.id} = {shown(value)}"
    try:
        _MARKERS[question.kind](question, value, given)
    except ValueError as error:
        raise Lost(f"{given} cannot be read: {error}.") from None


def _mark_choice(question: Question, value: Any, given: str) -> None:
    if read_letter(value, question.letters) not in question.right:
        raise Lost(f"{given} is not right.")


def _mark_several(question: Question, value: Any, given: str) -> None:
    chosen, right = set(read_letters(value, question.letters)), set(question.right)
    if chosen == set(question.letters):
        raise Lost(f"{given}: choosing every letter earns nothing.")
    if chosen != right:
        earned = max(0, len(chosen & right) - len(chosen - right)) / len(right)
        raise Lost(f"{given} is not all right." if earned else f"{given} is not right.", earned)


def _mark_number(question: Question, value: Any, given: str) -> None:
    number = read_number(value, question.unit)
    if abs(number - question.right) <= question.tolerance:
        return
    if any(abs(number * f - question.right) <= question.tolerance for factor in FACTORS for f in (factor, 1 / factor)):
        raise Lost(f"{given} is not right, but near: are the unit, the sign and the decimal point right?")
    raise Lost(f"{given} is not right.")


def _mark_order(question: Question, value: Any, given: str) -> None:
    order, right = read_order(value, question.letters), question.right
    swapped = [right[:i] + right[i + 1] + right[i] + right[i + 2 :] for i in range(len(right) - 1)]
    if order in swapped:
        raise Lost(f"{given} is not right, but near: two neighbours are exchanged.")
    if order != right:
        raise Lost(f"{given} is not right.")


def _mark_match(question: Question, value: Any, given: str) -> None:
    pairs = read_pairs(value, question.letters)
    right = sum(a == b for a, b in zip(pairs, question.right, strict=True))
    if right < len(question.right):
        raise Lost(f"{given}: {right} of {len(question.right)} pairs are right.", right / len(question.right))


def _mark_words(question: Question, value: Any, given: str) -> None:
    typed = read_words(value)
    words = plain(typed)
    accepted = {plain(wording) for wording in question.right}
    others = {plain(term): what for term, what in (question.confused or {}).items()}
    side_by_side = {plain(part) for part in _BESIDE.split(typed)} - {""}
    if symbol := _SYMBOL.fullmatch(typed):
        words = plain(symbol[1])
    if words in accepted or (side_by_side and side_by_side <= accepted):
        return
    if words in others:
        raise Lost(f"{given} is not right: {others[words]}")
    if any(len(wording) >= SLIP_FROM and OSA.distance(words, wording) == 1 for wording in accepted):
        return
    if not words:
        raise Lost(f"{given} is not right.")
    likeness, nearest = max((fuzz.ratio(words, term), term) for term in {*accepted, *others})
    if likeness >= NEAR and nearest in others:
        raise Lost(f"{given} is not right: {others[nearest]}")
    if likeness >= NEAR:
        raise Lost(f"{given} is not right, but near: look up how the term is written.")
    raise Lost(f"{given} is not right.")


_MARKERS: dict[str, Callable[[Question, Any, str], None]] = {
    "choice": _mark_choice,
    "several": _mark_several,
    "words": _mark_words,
    "number": _mark_number,
    "order": _mark_order,
    "match": _mark_match,
}


def plain(words: str) -> str:
    """Words as they are compared: small letters and digits without articles, fillers, plural, hyphens and spaces.

    What stands in brackets behind the words, such as an abbreviation, does not count.
    """
    words = re.sub(r"(?<=\w)\s*\([^)]*\)\s*$", "", words.casefold().replace("'", "").replace("’", ""))
    parts = [part for part in re.split(r"[\W_]+", words) if part and part not in _FILLERS]
    return "".join(map(_singular, parts))


def _singular(word: str) -> str:
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def shown(value: Any) -> str:
    """An answer as messages quote it: one short line."""
    kinds = str | int | float | bool | list | tuple | dict
    text = repr(value) if isinstance(value, kinds) else f"an object of type {kind_of(value)}"
    text = " ".join("".join(c if c.isprintable() else " " for c in text[: 10 * MAX_SHOWN]).split())
    return text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 3]}..."


# --- examinations -------------------------------------------------------------------------------------


def examination(exercise: str, questions: Sequence[Question]) -> Examination:
    """The examination of a section: each question is a part, and all weigh the same."""
    weight = 1 / len(questions)
    parts = (
        Part(q.name, weight, functools.partial(_ask, q), explanation=q.explanation, answer=q.answer) for q in questions
    )
    return Examination(exercise, tuple(parts))


def _ask(question: Question, candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    mark(question, looked_up(candidate, question.id, number=question.kind == "number"))


def looked_up(candidate: Candidate, name: str, number: bool) -> Any:
    """The candidate's answer; where a number is asked for, that of an object which is one, such as a Fraction."""
    value = candidate.lookup(name)
    if number and isinstance(value, Remote):
        try:
            return candidate.call(value, method="__float__", arrays="numpy")
        except CandidateError:  # no number
            return value
    return value
