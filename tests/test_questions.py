"""Short answers: what is read alike, what is right, near, partly right and wrong; and how feedback tells it."""

import re
import shutil
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from graded_course import (
    clean_notebook,
    examined,
    record_submission,
    released_course,
    verdict_outputs,
    with_outputs,
)
from small_course import ASSIGNMENT
from test_feedback import words as words_on

import autograder.examine
from autograder.channel import local_candidate
from autograder.course import Course, CourseError
from autograder.examine import Context, Examination, Lost, Part, run_part
from autograder.feedback import feedback
from autograder.questions import KINDS, Question, examination, mark, plain, read_bank
from autograder.records import UNANSWERED, ExerciseVerdict, PartResult, SubmissionVerdict
from helpers import typed_answers


def question(kind: str, right: Any, **more: Any) -> Question:
    return Question("q1_1", "A title", kind, "An explanation.", right, **more)


CHOICE = question("choice", {"B": "the right one"})
SEVERAL = question("several", {"A": "one", "C": "two", "D": "three"}, letters="ABCDE")
WORDS = question(
    "words",
    ["vanishing gradient", "vanishing gradient problem", "forget gate", "BPTT"],
    confused={"exploding gradient": "that is the opposite.", "output gate": "that is another gate."},
)
NUMBER = question("number", 0.25, tolerance=0.01)
TIME = question("number", 25, tolerance=0.25, unit="s")
MEMORY = question("number", 20.48, tolerance=0.2, unit="MB")
ORDER = question("order", "BDAC")
MATCH = question("match", "CADB")


def earned(asked: Question, value: Any) -> tuple[float, str]:
    """What an answer earns, and the message for what it does not."""
    try:
        mark(asked, value)
    except Lost as lost:
        assert lost.earned < 1
        return lost.earned, lost.message
    return 1.0, ""


RIGHT = [
    *((CHOICE, value) for value in ("B", "b", " B ", "(b)", "B.", "b)", "Option B", "answer: B", ["B"], ("b",))),
    *((SEVERAL, value) for value in ("ACD", "dca", "A, C, D", "A and C and D", "a;c;d", ["A", "C", "D"], "AACD")),
    *(
        (WORDS, value)
        for value in (
            "vanishing gradient",
            "Vanishing Gradients",
            "the vanishing gradient",
            "a vanishing-gradient",
            "vanishing_gradient",
            "VANISHING  GRADIENT PROBLEM",
            "vanishing gradient (problem)",
            "vanishing gradients' problem",
            "vanishing gradent",
            "vanihsing gradient",
            "vanishing gradiient",
            "vanishing gradient, BPTT",
            "vanishing gradient problem / vanishing gradients",
            "BPTT - vanishing gradient",
            "vanishing gradient or bptt",
            "forget-gate",
            "Forget gates",
            "the forget gate.",
            "forget gte",
            "It is called the vanishing gradient",
            "the BPTT algorithm",
            "bptt",
            "B.P.T.T.",
        )
    ),
    *((NUMBER, value) for value in (0.25, "0.25", "0,25", ".25", "1/4", "25 %", "25%", "2.5e-1", "2.5 × 10^-1")),
    (NUMBER, 0.2501),
    *((NUMBER, value) for value in (np.float32(0.25), np.array(0.25), Fraction(1, 4), Decimal("0.25"))),
    *((NUMBER, value) for value in ("about 0.25", "z_1 = 0.25", "0.25 (rounded)", "2.5 × 10⁻¹", "¼", "25 per cent")),
    *((NUMBER, value) for value in ("0.5**2", "0.5^2", "0.5 * 0.5", "(1 + 1)/8")),
    *((TIME, value) for value in ("500 * 0.05 s", "500 * 50 ms")),
    *((MEMORY, value) for value in ("20.48 MByte", "2.048 × 10⁷ bytes", "256*40*500*4/1e6")),
    *((ORDER, value) for value in ("1. B 2. D 3. A 4. C", "1B 2D 3A 4C")),
    *((MATCH, value) for value in ("C1 A2 D3 B4", "1: (C), 2: (A), 3: (D), 4: (B)", "1 --> C; 2 --> A; 3 --> D, 4 B")),
    *((WORDS, value) for value in ("V (vanishing gradient)", "the strategy of forget gates")),
    *((TIME, value) for value in (25, "25", "25 s", "25s", "25 seconds", "25,000 ms", "25 000 ms", "0.4167 min")),
    *((MEMORY, value) for value in ("20.48", "20,48 MB", "20480 kB", "20,480,000 bytes", "19.53 MiB", "0.02048 GB")),
    *((ORDER, value) for value in ("BDAC", "bdac", "B, D, A, C", "B -> D -> A -> C", "B > D > A > C")),
    (ORDER, ["B", "D", "A", "C"]),
    *((MATCH, value) for value in ("1C 2A 3D 4B", "CADB", "1-c, 2-a, 3-d, 4-b", "2A 1C 4B 3D")),
    (MATCH, {1: "C", 2: "A", 3: "D", 4: "B"}),
    (MATCH, "1. C\n2. A\n3. D\n4. B"),
]  # fmt: skip


def called(item: Any) -> str:
    return item.kind if isinstance(item, Question) else repr(item)[:40]


@pytest.mark.parametrize(("asked", "value"), RIGHT, ids=called)
def test_right_answers_are_right_however_they_are_typed(asked, value):
    assert earned(asked, value) == (1.0, "")


WRONG = [
    (CHOICE, "A", 0, "is not right."),
    (CHOICE, "AB", 0, "one letter of A, B, C, D is expected"),
    (CHOICE, "ABCD", 0, "one letter of A, B, C, D is expected"),
    (CHOICE, "E", 0, "one letter"),
    (CHOICE, 2, 0, "a text in quotes is expected, not int"),
    (CHOICE, "", 0, "is not answered"),
    (CHOICE, None, 0, "is not answered"),
    (CHOICE, "   ", 0, "is not answered"),
    (SEVERAL, "ABCDE", 0, "choosing every letter earns nothing"),
    (SEVERAL, "AC", 2 / 3, "is not all right"),
    (SEVERAL, "ABCD", 2 / 3, "is not all right"),
    (SEVERAL, "AB", 0, "is not right"),
    (SEVERAL, "BE", 0, "is not right"),
    (SEVERAL, "A, F", 0, "letters of A, B, C, D, E are expected"),
    (WORDS, "exploding gradient", 0, "is not right: that is the opposite."),
    (WORDS, "the exploding gradients", 0, "is not right: that is the opposite."),
    (WORDS, "explding gradient", 0, "is not right: that is the opposite."),
    (WORDS, "output gate", 0, "is not right: that is another gate."),
    (WORDS, "vanising gradent", 0, "is not right, but near"),
    (WORDS, "gradient", 0, "is not right."),
    (WORDS, "BPT", 0, "is not right"),
    (WORDS, "TBPTT", 0, "is not right"),
    (WORDS, "input gate", 0, "is not right"),
    (WORDS, "forget gate, input gate", 0, "is not right"),
    (WORDS, "vanishing or exploding gradient", 0, "is not right"),
    (WORDS, "the", 0, "is not right"),
    (WORDS, "!?", 0, "a word or a few are expected"),
    (WORDS, "vanishing gradient" * 20, 0, "at most 200 characters"),
    (WORDS, ["vanishing gradient", "exploding gradient"], 0, "is not right"),
    (NUMBER, 0.5, 0, "is not right."),
    (NUMBER, -0.25, 0, "near: are the unit, the sign"),
    (NUMBER, 25, 0, "near: are the unit"),
    (NUMBER, "0.25 %", 0, "near: are the unit"),
    (NUMBER, True, 0, "a number is expected, not True"),
    (NUMBER, float("nan"), 0, "a finite number"),
    (NUMBER, float("inf"), 0, "a finite number"),
    (NUMBER, "1e999", 0, "a finite number"),
    (NUMBER, "1/0", 0, "a finite number"),
    (NUMBER, "a quarter", 0, "a number is expected"),
    (NUMBER, (0, 25), 0, "write its decimal point as a point"),  # Python's reading of 0,25
    (NUMBER, "0.25 or 0.5", 0, "a number is expected"),
    (NUMBER, "0.25 0.5", 0, "a number is expected"),
    (NUMBER, "0.5**3", 0, "is not right."),
    (NUMBER, "9**9**9**9", 0, "a number is expected"),
    (NUMBER, "(-1)**0.5", 0, "a number is expected"),
    (NUMBER, "2**", 0, "a number is expected"),
    (NUMBER, np.array([0.25, 0.25]), 0, "cannot be read"),
    (TIME, "25 ms", 0, "near: are the unit"),
    (TIME, "25 min", 0, "near: are the unit"),
    (TIME, "25 MB", 0, "a number is expected in s, not in 'MB'"),
    (MEMORY, "20.48 kB", 0, "near: are the unit"),
    (MEMORY, "20.48 MiB", 0, "is not right."),
    (ORDER, "BADC", 0, "near: two neighbours are exchanged"),
    (ORDER, "CADB", 0, "is not right."),
    (ORDER, "BDA", 0, "each of A, B, C, D once is expected"),
    (ORDER, "BDACA", 0, "each of A, B, C, D once is expected"),
    (MATCH, "1A 2C 3D 4B", 0.5, "2 of 4 pairs are right"),
    (MATCH, "ABCD", 0, "0 of 4 pairs are right"),
    (MATCH, "1C 2C 3C 4C", 0, "each of A, B, C, D once"),
    (MATCH, "1C 2A", 0, "each of A, B, C, D once"),
    (MATCH, "1C 1A 3D 4B", 0, "each of A, B, C, D once"),
    (MATCH, "C1 A1 D3 B4", 0, "each of A, B, C, D once"),
    (ORDER, "1. B 2. D 3. A", 0, "each of A, B, C, D once"),
    (WORDS, "V (exploding gradient)", 0, "is not right: that is the opposite."),
]


@pytest.mark.parametrize(("asked", "value", "due", "words"), WRONG, ids=called)
def test_other_answers_earn_what_the_rules_say_and_why(asked, value, due, words):
    points, message = earned(asked, value)
    assert points == pytest.approx(due)
    assert words in message
    assert message.startswith("q1_1")


def test_choosing_everything_earns_nothing_in_any_question():
    for right in ({"A": "", "B": ""}, {"A": "", "B": "", "C": "", "D": ""}):
        assert earned(question("several", right, letters="ABCDE"), "ABCDE")[0] == 0


def test_a_slip_that_makes_another_term_of_it_is_none():
    asked = question("words", ["bidirectional"], confused={"unidirectional": "that reads forwards only."})
    assert earned(asked, "bidirectionl") == (1.0, "")
    assert earned(asked, "unidirectional") == (0.0, "q1_1 = 'unidirectional' is not right: that reads forwards only.")
    one_letter = question("words", ["affected unit"], confused={"effected unit": "that is another word."})
    assert earned(one_letter, "effected unit")[0] == 0


def test_what_is_compared_of_words():
    for words in ("The Back-Propagation through_time", "backpropagation through times (BPTT)"):
        assert plain(words) == "backpropagationthroughtime"
    assert plain("a loss") == "loss"


def test_messages_quote_what_was_given_shortly_and_on_one_line():
    for value in ("x" * 150, "a\nb\x1b[31m", ["A"] * 100, {"k": "v" * 500}):
        message = earned(WORDS, value)[1]
        assert len(message) < 200
        assert message.isprintable()


# --- banks ---


def test_a_bank_that_is_not_in_form_says_where(tmp_path):
    head = "s:\n  - {id: q1_1, title: t, explanation: e, "
    for kind, right in (
        ("choice", "{A: a, B: b}"),
        ("choice", "{X: a}"),
        ("several", "{A: a}"),
        ("words", "['!']"),
        ("number", "three, tolerance: 1"),
        ("number", "3"),
        ("number", "3, tolerance: 1, unit: apples"),
        ("order", "ABC"),
        ("match", "ABCC"),
        ("essay", "A"),
    ):
        path = tmp_path / "bank.yaml"
        path.write_text(f"{head}kind: {kind}, right: {right}}}\n")
        with pytest.raises(ValueError, match=r"^bank\.yaml: q1_1: "):
            read_bank(path)
    path.write_text(f"{head}kind: order, right: DCBA, tolerence: 1}}\n")
    with pytest.raises(ValueError, match="tolerence"):
        read_bank(path)
    entry = "{id: q1_1, title: t, explanation: e, kind: order, right: BCAD}"
    path.write_text(f"s:\n  - {entry}\n  - {entry}\n")
    with pytest.raises(ValueError, match="q1_1 is there twice"):
        read_bank(path)


def test_every_kind_has_an_answer_in_words():
    shown = {asked.kind: asked.answer for asked in (CHOICE, SEVERAL, WORDS, TIME, ORDER, MATCH)}
    assert set(shown) == set(KINDS)
    assert shown["choice"] == "B: the right one"
    assert shown["words"] == "vanishing gradient"
    assert shown["number"] == "25 s"
    assert shown["match"] == "1C, 2A, 3D, 4B"


def test_an_examination_of_questions_weighs_them_alike_and_keeps_answers_out_of_results():
    held = examination("section", [CHOICE, ORDER])
    assert [part.weight for part in held.parts] == [0.5, 0.5]
    for part, value in zip(held.parts, ("A", "ABCD"), strict=True):
        result = run_part(part, local_candidate({"q1_1": value}), None, Context())  # type: ignore[arg-type]
        assert result.earned == 0
        told = repr(result)
        assert part.explanation not in told
        assert part.answer not in told


@pytest.mark.parametrize("value", [np.float32(0.25), np.array(0.25), Fraction(1, 4), Decimal("0.25")], ids=repr)
def test_a_number_of_any_type_comes_through_the_channel(value):
    (part,) = examination("section", [NUMBER]).parts
    assert run_part(part, local_candidate({"q1_1": value}), None, Context()).earned == 1  # type: ignore[arg-type]


def test_a_line_that_was_deleted_costs_its_question_only():
    (part,) = examination("section", [CHOICE]).parts
    result = run_part(part, local_candidate({}), None, Context())  # type: ignore[arg-type]
    assert result.earned == 0
    assert "q1_1" in result.message


# --- feedback ---

EXPLANATION = "A gate lies between 0 and 1, & scales <something> else."
ANSWERED = "D: the secret-right-one"


PARTS = (
    Part("1.1 Gates", 0.5, lambda *_: None, EXPLANATION, ANSWERED),
    Part("1.2 States", 0.25, lambda *_: None, "A state is handed on.", "the second secret"),
    Part("plain", 0.25, lambda *_: None),
)


@pytest.fixture(scope="module")
def graded_once(tmp_path_factory) -> Course:
    """One student with a right and a wrong part that have explanations and a plain part, and one who did not answer."""
    course = released_course(tmp_path_factory.mktemp("course"))
    results = [PartResult("1.1 Gates", 0.5, 0.0, "q1_1 = 'A' is not right."), PartResult("1.2 States", 0.25, 1.0)]
    done = examined("double", 4, [*results, PartResult("plain", 0.25, 1.0)])
    halve = examined("halve", 2, [PartResult("all", 1.0, 1.0)])
    notebook = with_outputs(clean_notebook(course), {"double_test": verdict_outputs(2.0)})
    record_submission(course, notebook, SubmissionVerdict("tried", ASSIGNMENT, [done, halve], digest="1"))
    blank = ExerciseVerdict("double", 0.0, 4.0, UNANSWERED, ["not answered"])
    notebook = with_outputs(clean_notebook(course), {"double_test": verdict_outputs(0.0)})
    record_submission(course, notebook, SubmissionVerdict("blank", ASSIGNMENT, [blank, halve], digest="2"))
    return course


@pytest.fixture
def course(tmp_path, monkeypatch, graded_once) -> Course:
    held = {"double": Examination("double", PARTS)}
    monkeypatch.setattr(autograder.examine, "examinations", lambda name: held if name == ASSIGNMENT else {})
    return Course(shutil.copytree(graded_once.root, tmp_path / "course"))


def pages(course: Course, setting: str = "") -> dict[str, str]:
    with (course.root / "nbgrader_config.py").open("a") as file:
        file.write(f"\n{setting}\n")
    return {path.parent.parent.name: path.read_text() for path in feedback(course, ASSIGNMENT)}


def test_feedback_explains_right_and_wrong_parts_and_shows_no_answer(course):
    written = pages(course)
    text = words_on(written["tried"])
    assert f"1.1 Gates q1_1 = 'A' is not right. {EXPLANATION}" in text
    assert "1.2 States Right. A state is handed on." in text
    assert "Right: plain" in text
    assert "<something>" not in written["tried"]
    for page in written.values():
        assert "secret" not in page
        assert "Right answer" not in page


def test_an_exercise_without_answer_is_not_explained_before_answers_may_be_shown(course):
    assert "handed on" not in pages(course)["blank"]


def test_answers_are_shown_once_the_instructor_allows_it(course):
    written = pages(course, f"c.Coursework.show_answers = [{ASSIGNMENT!r}]")
    for page in written.values():
        text = words_on(page)
        assert f"Right answer: {ANSWERED} {EXPLANATION}" in text
        assert "Right answer: the second secret A state is handed on." in text


def test_answers_of_another_assignment_stay_hidden(course):
    other = course.source / "other"
    other.mkdir()
    (other / "other.ipynb").write_bytes((course.source / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_bytes())
    assert not any("secret" in page for page in pages(course, "c.Coursework.show_answers = ['other']").values())


@pytest.mark.parametrize(("value", "words"), [
    ("'theory'", "not a list of assignments"),
    ("[1]", "not a list of assignments"),
    ("['quizzes']", "there is no assignment 'quizzes'"),
])  # fmt: skip
def test_a_wrong_setting_is_one_clear_line(course, value, words):
    with pytest.raises(CourseError, match=rf"show_answers.*{re.escape(words)}") as error:
        pages(course, f"c.Coursework.show_answers = {value}")
    assert "\n" not in str(error.value)


def test_autograded_notebooks_and_verdicts_hold_neither_explanation_nor_answer(course):
    for path in (*course.autograded.rglob("*.ipynb"), *course.work.rglob("*.json")):
        content = path.read_text()
        assert "secret" not in content
        assert "handed on" not in content


# --- how answers are read ---


def test_nothing_is_said_of_blank_answers_by_visible_tests():
    for value in ("", None, [], " "):
        typed_answers.check_letter("ABCD", q=value)
        typed_answers.check_number("s", q=value)
        typed_answers.check_pairs("ABCD", q=value)


@pytest.mark.parametrize(("text", "number"), [
    ("8,874", 8874), ("8.874", 8.874), ("8 874", 8874), ("1,200,000", 1200000), ("0,125", 0.125), ("2,5", 2.5),
    ("1,234.5", 1234.5), ("−3", -3), ("+3", 3), ("~ 3", 3), ("3.", 3), ("1e3", 1000), ("3·10^2", 300), ("12/5", 2.4),
])  # fmt: skip
def test_numbers_are_read_as_people_write_them(text, number):
    assert typed_answers.read_number(text) == pytest.approx(number)


def test_a_unit_is_read_in_any_case():
    assert typed_answers.read_number("2 mib", "KiB") == 2048
    assert typed_answers.read_number("3 H", "min") == 180
