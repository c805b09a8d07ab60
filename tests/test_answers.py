"""The answer bank's files keep its format; whether the marks are as they say is for `coursework bank` to show."""

import re
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

BANK = Path(__file__).parent / "answers"
EXERCISES = {
    "speech_commands": {"lstm_cell", "gru_cell", "rnn_model", "bidirectional_model", "training"},
}
LEAST_RIGHT, LEAST_WRONG = 15, 40
FILES = sorted(BANK.rglob("*.py"))


def header(path: Path) -> dict[str, Any]:
    """The YAML that stands in comments between the two lines `# ---` at the top of an answer."""
    match = re.match(r"# ---\n((?:#.*\n)+?)# ---\n", path.read_text(encoding="utf-8"))
    assert match, f"{path.name} does not begin with a header between lines '# ---'"
    return yaml.safe_load(re.sub(r"^# ?", "", match[1], flags=re.MULTILINE))


def sections(path: Path) -> dict[str, str]:
    """Source by section title: an exercise id, or 'after <exercise id>'."""
    pieces = re.split(r"^# %% (.+)\n", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    titles = [title.strip() for title in pieces[1::2]]
    assert len(titles) == len(set(titles)), f"{path.name} has two sections of one title"
    return dict(zip(titles, pieces[2::2], strict=True))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_header_names_assignment_expectation_and_reason(path: Path) -> None:
    head = header(path)
    assert set(head) == {"assignment", "expect", "why"}
    assert head["assignment"] == path.parent.name
    assert isinstance(head["why"], str)
    expect = head["expect"]
    assert (expect == "full") == path.stem.startswith("right_")
    if expect != "full":
        assert expect.keys() <= EXERCISES[head["assignment"]]
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
    expect = header(path)["expect"]
    if expect != "full":
        assert len(expect) == 1
        assert set(expect) == set(sections(path))


@pytest.mark.parametrize("assignment", EXERCISES)
def test_there_are_enough_answers_of_either_kind(assignment: str) -> None:
    files = list((BANK / assignment).glob("*.py"))
    kinds = Counter("right" if header(path)["expect"] == "full" else "wrong" for path in files)
    assert kinds["right"] >= LEAST_RIGHT
    assert kinds["wrong"] >= LEAST_WRONG


@pytest.mark.parametrize("assignment", EXERCISES)
def test_every_exercise_has_right_and_wrong_answers(assignment: str) -> None:
    right, wrong = set(), set()
    for path in (BANK / assignment).glob("*.py"):
        (right if header(path)["expect"] == "full" else wrong).update(sections(path))
    assert EXERCISES[assignment] <= right
    assert EXERCISES[assignment] <= wrong


def test_no_two_answers_are_alike() -> None:
    sources = Counter(str(sections(path)) for path in FILES)
    assert max(sources.values()) == 1
