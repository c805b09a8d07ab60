"""The answer bank: its format, how hand-ins are composed of it, and what counts as a miss."""

import io
import json
import shutil
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from tiny_course import ASSIGNMENT, POINTS, RIGHT, WRONG, make_course

from autograder.bank import Answer, Finding, compose, every_nth, find_answers, parse_answer, summary
from autograder.cli import main
from autograder.course import Course, CourseError
from autograder.notebooks import grade_id, read_notebook
from autograder.records import FAILED, PASSED, UNGRADED, ExerciseVerdict

HEADER = "# ---\n# assignment: speech_commands\n# expect: {expect}\n# why: {why}\n# ---\n"


def write(folder: Path, name: str, body: str, expect: str = "full", why: str = "as it should be") -> Path:
    path = folder / f"{name}.py"
    path.write_text(HEADER.format(expect=expect, why=why) + body)
    return path


# --- format --------------------------------------------------------------------------------------------------


def test_an_answer_has_cells_added_cells_and_files(tmp_path):
    body = "# %% lstm_cell\nclass LSTMCell: ...\n# %% after lstm_cell\nprint(1)\n# %% file notes/a.txt\nmine\n"
    answer = parse_answer(write(tmp_path, "a", body, expect="{lstm_cell: 0.5, gru_cell: none}", why="half of it"))
    assert answer.assignment == "speech_commands"
    assert answer.why == "half of it"
    assert answer.replaced == {"lstm_cell": "class LSTMCell: ...\n"}
    assert answer.added == [("lstm_cell", "print(1)\n")]
    assert answer.files == {"notes/a.txt": "mine\n"}
    assert not answer.right
    assert [answer.expected(e) for e in ("lstm_cell", "gru_cell", "rnn_model")] == [0.5, "none", "full"]


def test_a_right_answer_expects_everything(tmp_path):
    answer = parse_answer(write(tmp_path, "a", "# %% lstm_cell\n"))
    assert answer.right
    assert answer.expected("lstm_cell") == "full"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# %% lstm_cell\nclass LSTMCell: ...\n",
        "# ---\n# assignment: speech_commands\n",
        "# ---\n# assignment: speech_commands\n# ---\n",
        "# ---\n# expect: full\n# ---\n",
        "# ---\n# just text\n# ---\n",
        "# ---\n# assignment: [\n# ---\n",
        "# ---\n# ---\n",
        "# ---\n# assignment: a\n# expect: full\n",
        "# ---\n# assignment: a\n# expect: lost\n# ---\n",
        "# ---\n# assignment: a\n# expect: {double: half}\n# ---\n",
        "# ---\n# assignment: a\n# expect: {double: 50}\n# ---\n",
    ],
)
def test_an_answer_without_its_header_is_named_in_one_line(tmp_path, text):
    path = tmp_path / "bad.py"
    path.write_text(text)
    with pytest.raises(CourseError) as caught:
        parse_answer(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_answers_are_found_recursively_and_sorted(tmp_path):
    (tmp_path / "deep" / "er").mkdir(parents=True)
    first = write(tmp_path / "deep" / "er", "b", "")
    second = write(tmp_path, "c", "")
    assert [answer.path for answer in find_answers([tmp_path])] == [second, first]
    assert [answer.path for answer in find_answers([second])] == [second]


def test_a_sample_has_every_nth_answer_of_each_assignment(tmp_path):
    for number in range(5):
        write(tmp_path, f"a{number}", "")
    for number in range(2):
        path = write(tmp_path, f"b{number}", "")
        path.write_text(path.read_text().replace("assignment: ", "assignment: other_"))
    answers = find_answers([tmp_path])
    assert [answer.path.stem for answer in every_nth(answers, 2)] == ["a0", "a2", "a4", "b0"]
    assert every_nth(answers, 1) == answers


def test_no_answers_are_wrong_usage(tmp_path):
    for path in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(CourseError) as caught:
            find_answers([path])
        assert caught.value.exit_code == 2


# --- composing -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    course = make_course(tmp_path_factory.mktemp("course"))
    results = course.source / ASSIGNMENT / "results" / "training"
    results.mkdir(parents=True)
    (results / "run.json").write_text("{}")
    return course


def composed(course: Course, answer: Answer) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(compose(course, answer, "a0001")))


def test_a_hand_in_has_the_answer_the_references_results_and_its_files(course, tmp_path):
    body = "# %% lstm_cell\nclass LSTMCell: ...\n# %% after lstm_cell\nprint(1)\n# %% file notes/a.txt\nmine\n"
    hand_in = composed(course, parse_answer(write(tmp_path, "a", body)))
    assert sorted(hand_in.namelist()) == ["notes/a.txt", "results/training/run.json", f"{ASSIGNMENT}.ipynb"]
    notebook = read_notebook(hand_in.read(f"{ASSIGNMENT}.ipynb"))
    cells = {grade_id(cell): cell.source for cell in notebook.cells}
    assert cells["lstm_cell"] == "# exercise: lstm_cell\nclass LSTMCell: ..."
    assert cells["identity"] == '# exercise: identity\nSTUDENT_ID = "a0001"\nTEAM = []'
    assert cells[None] == "print(1)"
    assert "HIDDEN" not in cells["lstm_cell_test"]


def test_a_file_of_the_answer_takes_the_place_of_the_references_result_of_that_name(course, tmp_path):
    body = "# %% lstm_cell\nclass LSTMCell: ...\n# %% file results/training/run.json\n{'mine': 1}\n"
    hand_in = composed(course, parse_answer(write(tmp_path, "a", body)))
    assert sorted(hand_in.namelist()) == ["results/training/run.json", f"{ASSIGNMENT}.ipynb"]
    assert hand_in.read("results/training/run.json") == b"{'mine': 1}\n"


def test_what_an_answer_does_not_give_is_the_references(course, tmp_path):
    hand_in = composed(course, parse_answer(write(tmp_path, "a", "# %% after identity\nprint(1)\n")))
    notebook = read_notebook(hand_in.read(f"{ASSIGNMENT}.ipynb"))
    source = next(cell.source for cell in notebook.cells if grade_id(cell) == "lstm_cell")
    assert source == f"# exercise: lstm_cell\n{RIGHT}".rstrip("\n")


@pytest.mark.parametrize("title", ["lstm_cel", "after gru", "given_imports"])
def test_an_unknown_exercise_is_named(course, tmp_path, title):
    with pytest.raises(CourseError, match=r"speech_commands has no exercise (lstm_cel|gru|given_imports)"):
        composed(course, parse_answer(write(tmp_path, "a", f"# %% {title}\nx = 1\n")))


# --- judging ---------------------------------------------------------------------------------------------------


def finding(expected: object, points: float, status: str = PASSED, expect: object = "full") -> Finding:
    answer = Answer(Path("a.py"), ASSIGNMENT, expect, "", {}, [], {})  # type: ignore[arg-type]
    return Finding(answer, expected, ExerciseVerdict("lstm_cell", points, 4.0, status, ["a message"]))


@pytest.mark.parametrize(
    ("expected", "points", "ok"),
    [
        ("full", 4.0, True),
        ("full", 3.999, False),
        ("full", 0.0, False),
        ("lost", 4.0, False),
        ("lost", 3.9, True),
        ("lost", 0.0, True),
        ("none", 0.0, True),
        ("none", 0.1, False),
        (0.5, 2.0, True),
        (0.5, 2.005, True),
        (0.5, 2.1, False),
        (0.5, 0.0, False),
    ],
)
def test_points_against_what_is_expected(expected, points, ok):
    assert finding(expected, points).ok is ok


@pytest.mark.parametrize(("expect", "ok"), [("full", False), ({"gru_cell": "lost"}, True)])
def test_a_right_answer_passes_the_visible_tests(expect, ok):
    found = finding("full", 4.0, expect=expect)
    found.verdict.contradicted = "AssertionError: expected (2, 5)"
    assert found.ok  # what counts is points, unless it is asked for
    assert replace(found, visible_tests=True).ok is ok  # after a wrong answer an exercise may fail its visible test
    assert any("its visible test fails: AssertionError" in line for line in summary([found])) is not ok


@pytest.mark.parametrize("expected", ["full", "lost", "none", 0.5])
def test_what_stayed_ungraded_is_always_a_miss(expected):
    assert not finding(expected, 0.0, UNGRADED).ok


def test_a_row_for_programs():
    assert finding("full", 3.0).row() == {
        "answer": "a.py",
        "exercise": "lstm_cell",
        "expected": "full",
        "points": 3.0,
        "max": 4.0,
        "ok": False,
    }


def test_the_summary_counts_answers_and_lists_misses():
    right, wrong = finding("full", 4.0), finding("lost", 4.0, FAILED, {"lstm_cell": "lost"})
    wrong = Finding(Answer(Path("w.py"), ASSIGNMENT, {"lstm_cell": "lost"}, "", {}, [], {}), "lost", wrong.verdict)
    lines = summary([right, wrong])
    assert lines[0] == "speech_commands: right answers accepted 1/1, wrong answers caught 0/1"
    assert lines[1] == "  miss: w.py: lstm_cell: expected lost, got 4 of 4 (failed)"
    assert lines[2] == "    a message"


# --- a bank of two -----------------------------------------------------------------------------------------------


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")
def test_a_bank_with_a_miss_ends_with_one_and_names_it(course, tmp_path, monkeypatch, capsys):
    bank = tmp_path / "bank"
    bank.mkdir()
    write(bank, "right_lstm", f"# %% lstm_cell\n{RIGHT}")
    missed = write(bank, "wrong_lstm", f"# %% lstm_cell\n{WRONG}", expect="full", why="it is not right at all")
    rows = tmp_path / "rows.json"
    arguments = ["bank", str(bank), "--course", str(course.root), "--workers", "1", "--json", str(rows)]
    monkeypatch.setattr(sys, "argv", ["coursework", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    out = capsys.readouterr().out
    assert "right answers accepted 1/2, wrong answers caught 0/0" in out
    assert f"miss: {missed}: lstm_cell: expected full" in out
    found = {Path(row["answer"]).stem: row for row in json.loads(rows.read_text())}
    assert found["right_lstm"]["ok"] is True
    assert found["right_lstm"]["points"] == POINTS
    assert found["wrong_lstm"]["ok"] is False
    assert not (course.root / "submitted").exists()  # the bank has a course of its own
