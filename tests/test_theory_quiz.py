"""The quiz: notebook and bank agree, the bank of answers is marked as it says, and no answer goes to students."""

import contextlib
import functools
import io
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from nbformat import NotebookNode

from autograder.bank import parse_answer, reference_source
from autograder.bundle import bundle_files
from autograder.channel import local_candidate
from autograder.course import open_course
from autograder.examinations.theory_quiz import BANK, EXAMINATIONS, lstm_parameters
from autograder.examine import Context, fraction, run_part
from autograder.notebooks import (
    checksum,
    exercises,
    grade_id,
    nbgrader_of,
    read_notebook,
    role,
    split_hidden,
    to_bytes,
)
from autograder.questions import Question, plain
from autograder.records import PartResult

ROOT = Path(__file__).parent.parent
NOTEBOOK = ROOT / "source" / "theory" / "quiz.ipynb"
BY_EXERCISE = {examination.exercise: examination for examination in EXAMINATIONS}
ANSWERS = {
    path.stem: answer
    for path in sorted((ROOT / "tests").glob("*answers/theory/*.py"))
    if set((answer := parse_answer(path)).replaced) <= set(BY_EXERCISE)
}
QUESTIONS = [question for questions in BANK.values() for question in questions]
every_question = pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.id)


@functools.cache
def master() -> NotebookNode:
    return read_notebook(NOTEBOOK.read_bytes())


def released() -> NotebookNode:
    return read_notebook((ROOT / "release" / "theory" / "quiz.ipynb").read_bytes())


@functools.cache
def setup() -> dict[str, Any]:
    place: dict[str, Any] = {}
    exec(next(cell for cell in master().cells if grade_id(cell) == "given_setup").source, place)
    return place


def namespace(replaced: dict[str, str] | None = None) -> dict[str, Any]:
    """What the notebook has defined after these answers, the reference's where there is none."""
    place = dict(setup())
    for exercise in exercises(master()):
        if exercise.kind == "code":
            exec((replaced or {}).get(exercise.id) or reference_source(exercise.solution), place)
    return place


def found(exercise: str, replaced: dict[str, str] | None = None, seed: int = 0) -> list[PartResult]:
    candidate = local_candidate(namespace(replaced))
    return [run_part(part, candidate, np.random.default_rng(seed), Context()) for part in BY_EXERCISE[exercise].parts]


def questions_in(notebook: NotebookNode) -> dict[str, str]:
    """Number → the question's text, from its bold title to the next one."""
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown" and role(cell) == "plain")
    pieces = re.split(r"^\*\*(?=\d\.\d+ )", prose, flags=re.MULTILINE)[1:]
    return {piece.split(" ", 1)[0]: re.split(r"^## ", piece, flags=re.MULTILINE)[0] for piece in pieces}


def options(text: str) -> dict[str, str]:
    return dict(re.findall(r"^- \*\*([A-Z])\*\* (.+)$", text, flags=re.MULTILINE))


def number(question: Question) -> str:
    return question.id.removeprefix("q").replace("_", ".")


def text_of(question: Question) -> str:
    return questions_in(master())[number(question)]


# --- the notebook and the bank ---


def test_there_are_enough_questions_of_every_kind():
    assert len(QUESTIONS) >= 40
    assert set(Counter(question.kind for question in QUESTIONS)) == {
        "choice", "several", "words", "number", "order", "match",
    }  # fmt: skip


def test_every_question_of_the_notebook_is_in_the_bank_and_has_its_line():
    texts = questions_in(master())
    assert list(texts) == [number(question) for question in QUESTIONS]
    for question in QUESTIONS:
        assert texts[number(question)].startswith(f"{question.name}.**")
    for exercise, questions in BANK.items():
        form = next(cell for cell in released().cells if grade_id(cell) == exercise).source
        assert re.findall(r"^(q\d_\d+) = ", form, flags=re.MULTILINE) == [question.id for question in questions]


@every_question
def test_right_options_and_letters_are_those_of_the_notebook(question):
    shown = options(text_of(question))
    if question.kind in ("choice", "several"):
        assert set(shown) == set(question.letters)
        assert question.right.items() <= shown.items()
    elif question.kind in ("order", "match"):
        assert set(shown) == set(question.letters)
    else:
        assert not shown
    if question.kind == "match":
        items = re.findall(r"^(\d)\. ", text_of(question), flags=re.MULTILINE)
        assert items == [str(item + 1) for item in range(len(question.letters))]


@every_question
def test_the_form_offers_what_the_question_asks_for(question):
    form = next(c for c in master().cells if any(grade_id(c) == e and question in q for e, q in BANK.items())).source
    line = re.search(rf"^{question.id} = (\S+)  # @param (.+)$", form, flags=re.MULTILINE)
    assert line is not None
    if question.kind == "choice":
        assert json.loads(line[2]) == ["", *question.letters]
    else:
        assert line[1] == "None" if "raw" in line[2] else line[1] == '""'
        assert question.kind == "number" or "string" in line[2]


def test_right_letters_are_evenly_spread():
    letters = Counter("".join("".join(q.right) for q in QUESTIONS if q.kind == "choice"))
    assert max(letters.values()) - min(letters.values()) <= 1
    assert set(letters) == set("ABCD")


def test_right_options_are_not_recognised_by_their_length():
    ranks, deviations = Counter(), []
    for question in QUESTIONS:
        if question.kind in ("choice", "several"):
            texts = options(text_of(question))
            wrong = [len(text) for letter, text in texts.items() if letter not in question.right]
            for letter in question.right:
                length = len(texts[letter])
                assert 0.75 < length / np.mean(wrong) < 1.33, (question.id, length, wrong)
                deviations.append(length - np.mean(wrong))
                if question.kind == "choice":
                    ranks["longest"] += length > max(wrong)
                    ranks["shortest"] += length < min(wrong)
    choices = sum(question.kind == "choice" for question in QUESTIONS)
    assert ranks["longest"] <= 0.4 * choices
    assert ranks["shortest"] <= 0.4 * choices
    assert abs(np.mean(deviations)) < 2.5


def test_the_example_of_an_order_is_never_the_right_one():
    for question in QUESTIONS:
        if question.kind in ("order", "match"):
            assert question.right not in (question.letters, question.letters[::-1])


# --- explanations ---


@every_question
def test_each_explanation_says_something_and_not_the_answer(question):
    explanation = question.explanation
    assert len(explanation.split()) >= 30
    if question.kind in ("choice", "several"):
        for text in question.right.values():
            assert plain(text) not in plain(explanation)
        assert not re.search(r"\b(?:option|answer|letter)s? [A-E]\b", explanation)
    elif question.kind == "words":
        for wording in question.right:
            assert not occurs(wording, explanation), wording
    elif question.kind == "number":
        for text in re.findall(r"(?<![\d:.])\d+(?:\.\d+)?(?:/\d+)?", explanation.replace(",", "")):
            value = np.prod([float(n) ** (-1) ** k for k, n in enumerate(text.split("/"))])
            assert abs(value - question.right) > question.tolerance, text
    else:
        assert question.right not in explanation


def occurs(wording: str, text: str) -> bool:
    """Whether an accepted wording stands in a text, as words of its own."""
    words = r"[\W_]*".join(map(re.escape, re.findall(r"[a-z0-9]+", wording.casefold())))
    return re.search(rf"(?<![a-z0-9]){words}(?:s|es)?(?![a-z0-9])", text.casefold()) is not None


# --- nothing of it goes to students ---


@pytest.mark.parametrize("question", [q for q in QUESTIONS if q.kind == "words"], ids=lambda question: question.id)
def test_no_accepted_wording_stands_anywhere_in_the_students_notebook(question):
    text = json.dumps(released(), ensure_ascii=False)
    for wording in question.right:
        assert not occurs(wording, text), wording


def test_no_line_of_the_students_notebook_gives_a_right_answer():
    text = to_bytes(released()).decode()
    for exercise in BANK:
        cell = next(cell for cell in master().cells if grade_id(cell) == exercise)
        for line in reference_source(cell).splitlines():
            assert "# @param" in line or json.dumps(line)[1:-1] not in text, line
    assert "confused" not in text and "tolerance" not in text
    # nbgrader's checksums are there, of what students can read anyway
    checksums = [nbgrader_of(cell).get("checksum") for cell in released().cells]
    assert [known for known in checksums if known] == [checksum(c) for c in released().cells if nbgrader_of(c)]
    assert set(re.findall(r"\b[0-9a-f]{32,}\b", text)) == {known for known in checksums if known}


@pytest.fixture(scope="module")
def bundle() -> dict[str, bytes]:
    return bundle_files(open_course(ROOT), "course")


@pytest.mark.slow
def test_the_bundle_holds_no_bank_and_no_answer(bundle):
    assert not [name for name in bundle if "quiz" in name and not name.endswith("quiz.ipynb")]
    assert not [name for name in bundle if name.endswith((".yaml", ".yml")) or "questions" in name]
    code = {name: data.decode() for name, data in bundle.items() if name.endswith(".py")}
    quiz = next(read_notebook(data) for name, data in bundle.items() if name.endswith("quiz.ipynb"))
    cells = {cell.id: cell.source for cell in quiz.cells if cell.cell_type == "code"}
    asked = ("helpers/forms.py", "helpers/typed_answers.py", "helpers/diagrams.py")  # what the quiz imports
    close = cells | {name: code[name] for name in asked}
    for question in QUESTIONS:
        for name, text in (code | cells).items():
            assert not re.search(rf"\b{question.id} *=(?! *(?:None\b|\"\"|{question.id}\b))", text), (name, question.id)
        if question.kind == "words":
            for name, text in close.items():
                assert not any(occurs(wording, text) for wording in question.right), (name, question.id)
    for name, data in bundle.items():
        for question in QUESTIONS:
            assert question.explanation[:60].encode() not in data, (name, question.id)


def test_visible_tests_look_at_the_form_only():
    """Any letters, terms and numbers of the right form pass them, all the same ones."""
    place = dict(setup())
    for exercise, questions in BANK.items():
        for question in questions:
            letters = question.letters
            place[question.id] = {
                "choice": "A", "several": letters, "words": "xyzzy", "number": -7, "order": letters, "match": letters,
            }[question.kind]  # fmt: skip
        test = next(cell for cell in released().cells if grade_id(cell) == f"{exercise}_test")
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(test.source, place)
        assert "pass the visible tests" in printed.getvalue()


@pytest.mark.parametrize(("name", "value", "words"), [
    ("q1_1", "AB", "one letter of A, B, C, D"),
    ("q1_1", "E", "one letter of A, B, C, D"),
    ("q1_3", "AF", "letters of A, B, C, D, E"),
    ("q1_4", "a third", "a number is expected"),
    ("q1_7", "ABCD", "each of A, B, C, D, E once"),
    ("q1_8", "1A 2A 3B 4C", "each of A, B, C, D once"),
    ("q1_10", "20 s", "a number is expected in MB"),
    ("q1_5", 5, "a text in quotes"),
])  # fmt: skip
def test_visible_tests_say_what_cannot_be_read(name, value, words):
    place = namespace() | {name: value}
    test = next(cell for cell in released().cells if grade_id(cell) == "basics_test")
    with pytest.raises(AssertionError, match=f"^{name} = .*{re.escape(words)}"):
        exec(test.source, place)


# --- marking ---


@pytest.mark.parametrize("exercise", BY_EXERCISE)
def test_the_reference_earns_everything(exercise):
    for seed in range(5):
        assert {part.name: part.message for part in found(exercise, seed=seed) if part.earned < 1} == {}


@pytest.mark.parametrize("name", ANSWERS)
def test_the_bank_of_answers_is_marked_as_it_says(name):
    answer = ANSWERS[name]
    (exercise,) = answer.replaced
    parts = found(exercise, answer.replaced)
    earned = fraction(BY_EXERCISE[exercise], parts)
    due = "full" if answer.expect == "full" else answer.expect[exercise]
    if isinstance(due, str):
        assert {"full": earned == 1, "lost": earned < 1, "none": earned == 0}[due], parts
    else:
        assert earned == pytest.approx(due, abs=1e-4), parts


WORDS = {
    "basics_general_term": "the one for sequences has a longer name",
    "basics_memory_of_one_sequence": "near: are the unit",
    "basics_neighbours_exchanged": "two neighbours are exchanged",
    "basics_pairs_exchanged": "2 of 4 pairs are right",
    "basics_blank_but_for_spaces": "is not answered",
    "challenges_all_options": "choosing every letter earns nothing",
    "lstm_top_p": "that cuts unlikely characters off",
    "lstm_two_slips": "near: look up how the term is written",
    "gru_share_upside_down": "is not right",
    "settings_dropout_without_effect": "has no effect with forecast_layers = 1",
    "settings_too_many_parameters": "203,288 parameters with 2 layers are more than allowed",
    "settings_not_the_largest": "52,504 parameters with 2 layers are still allowed",
    "network_lstm_in_place_of_gru": "one GRU layer that reads forwards",
    "network_state_after_padding": "Is the state taken after the last word",
    "network_texts_taken_for_time": "batch_first=True",
    "network_softmax": "return the logits",
    "network_lengths_must_be_sorted": "sorted",
    "network_embedding_detached": "no gradient reaches embedding.weight",
    "network_batch_of_one_squeezed": "squeeze",
    "network_off_by_one": "before the last word",
}


@pytest.mark.parametrize(("name", "words"), WORDS.items(), ids=WORDS)
def test_messages_name_the_misconception(name, words):
    (exercise,) = ANSWERS[name].replaced
    messages = [part.message for part in found(exercise, ANSWERS[name].replaced)]
    assert any(words in message for message in messages), messages


def test_a_lost_question_says_what_was_given_and_no_more():
    wrong = {"choice": "A", "several": "AD", "words": "something else", "number": 12345, "order": "", "match": ""}
    for exercise, questions in BANK.items():
        lines = []
        for question in questions:
            value = wrong[question.kind] or question.letters
            if question.kind == "choice" and "A" in question.right:
                value = "B"
            lines.append(f"{question.id} = {value!r}")
        for question, part in zip(questions, found(exercise, {exercise: "\n".join(lines)}), strict=True):
            assert part.message.startswith(f"{question.id} = ")
            assert question.explanation not in part.message
            told = part.message.partition(" = ")[2].partition(" ")[2]
            assert question.kind not in ("choice", "words", "number") or told == "is not right." or "else" in told


def test_parameters_of_the_forecast_are_torchs():
    from torch import nn

    for inputs, hidden, layers, outputs in ((3, 64, 2, 24), (5, 8, 1, 2), (4, 6, 3, 7)):
        built = [nn.LSTM(inputs, hidden, layers), nn.Linear(hidden, outputs)]
        due = sum(p.numel() for layer in built for p in layer.parameters())
        assert lstm_parameters(inputs, hidden, layers, outputs) == due


@pytest.mark.parametrize("value", [None, "", [], float("nan"), "x" * 10**5, {"a": [1]}, object(), 10**400, True, b"B"])
def test_whatever_a_student_hands_in_is_marked(value):
    """Of any type and size: each part earns nothing and says so."""
    for exercise, questions in BANK.items():
        place = namespace() | {question.id: value for question in questions}
        for part in BY_EXERCISE[exercise].parts:
            result = run_part(part, local_candidate(place), np.random.default_rng(0), Context())
            assert result.earned == 0
            assert 0 < len(result.message) < 300


# --- the hidden regions and the pages ---


def test_hidden_regions_name_the_questions_in_order():
    for exercise, questions in BANK.items():
        test = next(cell for cell in master().cells if grade_id(cell) == f"{exercise}_test")
        assert re.findall(r"q\d_\d+", split_hidden(test.source)[1]) == [question.id for question in questions]
