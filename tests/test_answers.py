"""The answer bank's files keep its format; whether the marks are as they say is for `coursework bank` to show."""

import warnings
from collections import Counter
from pathlib import Path

import pytest

from autograder.bank import parse_answer

BANK = Path(__file__).parent / "answers"
# Answers that CI does not grade in the sandbox, for time's sake: the examinations' own tests take them too.
MORE = Path(__file__).parent / "more_answers"
EXERCISES = {
    "speech_commands": {"lstm_cell", "gru_cell", "rnn_model", "bidirectional_model", "training"},
    "activity": {"architectures", "comparison", "best_model"},
    "char_rnn": {"vocabulary", "batches", "char_rnn_model", "sampling", "perplexity", "training"},
    "surnames": {"alphabet", "one_hot", "rnn_classifier", "rnn_sweep", "class_imbalance", "deep_rnn_classifier"},
    "project": {"proposal", "experiments"},
    "sequential_mnist": {
        "pixel_sequences",
        "recurrent_models",
        "antisymmetric_cell",
        "search_space",
        "model_selection",
        "final_runs",
        "results_table",
    },
    "theory": {
        *("sequence_mapping", "parameter_count", "own_parameter_count", "curves"),
        *("basics", "challenges", "lstm", "lstm_settings", "gru", "gru_network", "advanced"),
    },
}
LEAST = {"speech_commands": (15, 40), "project": (8, 16)}
"""Right and wrong answers that an assignment has; 12 and 30 where nothing is said."""
FILES = sorted([*BANK.rglob("*.py"), *MORE.rglob("*.py")])


ANSWERS = {path: parse_answer(path) for path in FILES}


def sections(path: Path) -> dict[str, str]:
    """Source by section title: an exercise id, or 'after <exercise id>'."""
    return {**ANSWERS[path].replaced, **{f"after {place}": text for place, text in ANSWERS[path].added}}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_header_names_assignment_expectation_and_reason(path: Path) -> None:
    answer = ANSWERS[path]
    assert answer.assignment == path.parent.name
    assert answer.why
    expect = answer.expect
    assert (expect == "full") == path.stem.startswith("right_")
    if expect != "full":
        assert expect.keys() <= EXERCISES[answer.assignment]
        for value in expect.values():
            assert value in ("lost", "none") or 0 < value < 1


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_sections_are_known_exercises_and_compile(path: Path) -> None:
    found = sections(path)
    assert found
    for title, source in found.items():
        assert title.removeprefix("after ") in EXERCISES[path.parent.name]
        with warnings.catch_warnings():
            # A comparison of strings with `is` is one of the mistakes; Python warns of it.
            warnings.simplefilter("ignore", SyntaxWarning)
            compile(source, f"{path.name}, {title}", "exec")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_wrong_answer_is_wrong_in_the_one_exercise_that_it_answers(path: Path) -> None:
    expect = ANSWERS[path].expect
    if expect != "full":
        assert len(expect) == 1
        assert set(expect) == {title.removeprefix("after ") for title in sections(path)}


@pytest.mark.parametrize("assignment", EXERCISES)
def test_there_are_enough_answers_of_either_kind(assignment: str) -> None:
    files = list((BANK / assignment).glob("*.py"))
    kinds = Counter("right" if ANSWERS[path].right else "wrong" for path in files)
    right, wrong = LEAST.get(assignment, (12, 30))
    assert kinds["right"] >= right
    assert kinds["wrong"] >= wrong


@pytest.mark.parametrize("assignment", EXERCISES)
def test_every_exercise_has_right_and_wrong_answers(assignment: str) -> None:
    right, wrong = set(), set()
    for path in (BANK / assignment).glob("*.py"):
        (right if ANSWERS[path].right else wrong).update(title.removeprefix("after ") for title in sections(path))
    assert EXERCISES[assignment] <= right
    assert EXERCISES[assignment] <= wrong


def test_no_two_answers_are_alike() -> None:
    sources = Counter(str(sections(path)) for path in FILES)
    assert max(sources.values()) == 1
