"""The last two cells of a notebook: the overview, and the zip that is handed in."""

import copy
import json
import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from colab import Colab
from nbclient import NotebookClient
from small_course import REPOSITORY

from autograder import collect as collecting
from autograder.course import Course, open_course
from autograder.identity import identity_in, student_id
from autograder.notebooks import exercises, find_markers, grade_id, read_notebook
from autograder.sanitize import sanitize
from helpers import hand_in, overview
from helpers.overview import State, exercises_of, identity_of
from helpers.results import Results

NAMES = ["speech_commands", "surnames", "activity", "sequential_mnist", "char_rnn", "project"]
NOTEBOOKS = [(name, name) for name in NAMES] + [("theory", "quiz"), ("theory", "review")]
STUDENT = "s1234567"
PDF = b"%PDF-1.7\n%made for a test\n"


def released(assignment: str, notebook: str = "") -> dict[str, Any]:
    """A notebook as students get it, as JSON."""
    path = REPOSITORY / "release" / assignment / f"{notebook or assignment}.ipynb"
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def name_of(found: dict[str, Any]) -> str:
    return str(found["metadata"].get("nbgrader", {}).get("grade_id", ""))


def cell(notebook: dict[str, Any], name: str) -> dict[str, Any]:
    named: dict[str, Any] = next(found for found in notebook["cells"] if name_of(found) == name)
    return named


def answered(notebook: dict[str, Any], exercise: str, text: str = "x = 1", count: int | None = 1) -> None:
    """Put an answer into its cell, below the marker, run as the `count`-th cell."""
    found = cell(notebook, exercise)
    marker = "".join(found["source"]).split("\n")[0]
    found["source"] = f"{marker}\n{text}"
    if found["cell_type"] == "code":
        found["execution_count"] = count


def run_tests(
    notebook: dict[str, Any], exercise: str, count: int | None = 2, error: tuple[str, str] | None = None
) -> None:
    """Run the test of an exercise: it passes, or stops with this error (name and message)."""
    found = cell(notebook, f"{exercise}_test")
    found["execution_count"] = count
    found["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["It passes ", "the visible tests.\n"]}]
    if error is not None:
        kind, message = error
        found["outputs"] = [{"output_type": "error", "ename": kind, "evalue": message, "traceback": [message]}]


def signed(notebook: dict[str, Any], student: str = f'"{STUDENT}"', team: str = "[]") -> dict[str, Any]:
    """The same notebook with STUDENT_ID and TEAM set to these expressions."""
    cell(notebook, "identity")["source"] = f"# exercise: identity\nSTUDENT_ID = {student}\nTEAM = {team}  # ids"
    return notebook


def saved(folder: Path, notebook: dict[str, Any], name: str = "speech_commands") -> Path:
    path = folder / f"{name}.ipynb"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


def state_of(notebook: dict[str, Any], exercise: str, ran: dict[str, str] | None = None) -> tuple[State, str]:
    found = next(found for found in exercises_of(notebook, ran) if found.id == exercise)
    return found.state, found.detail


def kept_runs(folder: Path, exercise: str, count: int = 2) -> None:
    for seed in range(count):
        weights = {"w": [[0.5, seed]]}
        Results(exercise, folder / "results").keep(
            setting={"cell": "GRU"}, seed=seed, metrics={"a": 1}, weights=weights
        )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder, in which no editor says which notebook is open, and no cell was run."""
    here = tmp_path / "work"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    monkeypatch.delenv("COURSEWORK_GRADING", raising=False)
    return here


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Callable[[], str]:
    """What was printed since the last call."""
    return lambda: capsys.readouterr().out


def was_run(monkeypatch: pytest.MonkeyPatch, *sources: str, **names: Any) -> None:
    """A kernel that ran these texts, and in which these names are set."""
    history = SimpleNamespace(input_hist_raw=["", *sources])
    monkeypatch.setattr(hand_in, "_shell", lambda: SimpleNamespace(history_manager=history, user_ns=names))


def in_zip(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        return sorted(archive.namelist())


# --- the overview -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("assignment", "notebook"), NOTEBOOKS)
def test_a_released_notebook_has_all_its_exercises_with_their_points_and_nothing_answered(
    assignment: str, notebook: str
) -> None:
    master = read_notebook((REPOSITORY / "source" / assignment / f"{notebook}.ipynb").read_bytes())
    found = exercises_of(released(assignment, notebook))
    expected = {exercise.id: exercise.points for exercise in exercises(master)}
    assert {exercise.id: exercise.points for exercise in found} == expected
    assert {exercise.id for exercise in found if exercise.bonus} == {e.id for e in exercises(master) if e.bonus}
    assert {exercise.state for exercise in found} == {State.UNANSWERED}
    assert all(exercise.title != exercise.id for exercise in found)


@pytest.mark.parametrize(("assignment", "notebook"), NOTEBOOKS)
def test_lost_metadata_change_nothing(assignment: str, notebook: str) -> None:
    full = released(assignment, notebook)
    for found in full["cells"]:
        name = name_of(found)
        if name.endswith("_test"):
            run_tests(full, name.removesuffix("_test"))
        elif found["metadata"].get("nbgrader", {}).get("solution") and not found["metadata"].get("coursework"):
            answered(full, name, "answer")
    bare = copy.deepcopy(full)
    for found in bare["cells"]:
        found["metadata"], found["id"] = {}, "x"
    bare["metadata"] = {}
    assert exercises_of(bare) == exercises_of(full)


def test_the_states_of_an_exercise() -> None:
    notebook = released("speech_commands")
    assert state_of(notebook, "lstm_cell")[0] is State.UNANSWERED
    answered(notebook, "lstm_cell")
    assert state_of(notebook, "lstm_cell")[0] is State.UNTESTED
    run_tests(notebook, "lstm_cell")
    assert state_of(notebook, "lstm_cell") == (State.PASSES, "")
    answered(notebook, "lstm_cell", count=3)
    assert state_of(notebook, "lstm_cell")[0] is State.CHANGED
    run_tests(notebook, "lstm_cell", 4, ("AssertionError", "\x1b[31mcy should be c / 2\x1b[0m,\nbut it is not."))
    assert state_of(notebook, "lstm_cell") == (State.FAILS, "cy should be c / 2,")


@pytest.mark.parametrize(
    ("kind", "message", "state", "detail"),
    [
        ("AssertionError", "", State.FAILS, "a test failed and gave no message"),
        (
            "NotImplementedError",
            "Exercise lstm_cell: not answered yet",
            State.FAILS,
            "it needs lstm_cell, which is not",
        ),
        ("NameError", "name 'nn' is not defined", State.FAILS, "name 'nn' is not defined. Were the cells above run?"),
        ("ValueError", "shapes (3,)\nand (4,)", State.FAILS, "ValueError: shapes (3,)"),
        ("ZeroDivisionError", "", State.FAILS, "ZeroDivisionError"),
        ("KeyboardInterrupt", "", State.UNTESTED, "the test was interrupted"),
        ("AssertionError", "long " * 200, State.FAILS, "long long"),
    ],
)
def test_a_test_that_was_stopped_says_why_on_one_line(kind: str, message: str, state: State, detail: str) -> None:
    notebook = released("speech_commands")
    answered(notebook, "rnn_model")
    run_tests(notebook, "rnn_model", error=(kind, message))
    found, said = state_of(notebook, "rnn_model")
    assert found is state and said.startswith(detail) and len(said) <= 200


def test_half_an_answer_is_none_and_a_cleared_output_is_no_pass() -> None:
    notebook = released("speech_commands")
    stub = "".join(cell(notebook, "lstm_cell")["source"]).split("\n", 1)[1]
    answered(
        notebook,
        "lstm_cell",
        stub.replace("        # YOUR CODE HERE\n        raise NotImplementedError", "        pass  #", 1),
    )
    run_tests(notebook, "lstm_cell")
    assert state_of(notebook, "lstm_cell")[0] is State.UNANSWERED
    answered(notebook, "gru_cell")
    run_tests(notebook, "gru_cell")
    cell(notebook, "gru_cell_test")["outputs"] = []
    assert state_of(notebook, "gru_cell")[0] is State.UNTESTED


def test_an_answer_that_was_changed_but_not_run_is_not_the_one_that_passed() -> None:
    notebook = released("speech_commands")
    answered(notebook, "gru_cell", "x = 2")
    run_tests(notebook, "gru_cell")
    assert state_of(notebook, "gru_cell", {"gru_cell": "\nx = 2  \n"})[0] is State.PASSES
    assert state_of(notebook, "gru_cell", {"gru_cell": "\nx = 1"})[0] is State.CHANGED


def test_of_several_cells_with_one_id_the_last_one_that_is_no_stub_counts() -> None:
    notebook = released("speech_commands")
    stub = copy.deepcopy(cell(notebook, "gru_cell"))
    answered(notebook, "gru_cell")
    notebook["cells"].append(stub)
    assert state_of(notebook, "gru_cell")[0] is State.UNTESTED


def test_an_answer_cell_that_was_deleted_is_told() -> None:
    notebook = released("speech_commands")
    notebook["cells"].remove(cell(notebook, "gru_cell"))
    state, detail = state_of(notebook, "gru_cell")
    assert state is State.UNANSWERED and "# exercise: gru_cell" in detail


def test_written_answers_are_given_or_not() -> None:
    notebook = released("speech_commands")
    answered(notebook, "training_report", "Three words here.")
    assert state_of(notebook, "training_report") == (State.WRITTEN, "3 words")
    answered(notebook, "training_report", "YOUR ANSWER HERE")
    cell(notebook, "training_report")["attachments"] = {"x.png": {"image/png": ""}}
    assert state_of(notebook, "training_report") == (State.WRITTEN, "3 words, with a picture")


def test_a_form_can_be_read_or_has_blank_lines_and_is_never_said_to_be_right() -> None:
    notebook = released("theory", "quiz")
    answered(notebook, "basics", 'q1_1 = "A"  # @param ["", "A"]\nq1_2 = None\nq1_3 = "  "')
    run_tests(notebook, "basics")
    assert state_of(notebook, "basics") == (State.READABLE, "2 of 3 lines still blank")
    told = " ".join(overview.summary(exercises_of(notebook)))
    assert "5 are for forms that can be read" in told and "0 are for exercises that pass" in told
    review = released("theory", "review")
    answered(review, "own_parameter_count", 'OWN_PARAMETERS = {"a": 3 * (4 + 5), "b": None}')
    assert state_of(review, "own_parameter_count") == (State.UNTESTED, "1 of 2 lines still blank")


def test_the_sum_counts_points_that_can_be_earned_and_a_bonus_on_top() -> None:
    notebook = released("sequential_mnist")
    for exercise in ("pixel_sequences", "antisymmetric_cell"):
        answered(notebook, exercise)
        run_tests(notebook, exercise)
    answered(notebook, "benchmark_report", "Text.")
    told = " ".join(overview.summary(exercises_of(notebook)))
    assert told.startswith(
        "Answered: 3 of 8. Of 20 points, 2 are for exercises that pass their visible tests and 5 are for text that a"
        " person marks. A bonus of 2 can be earned on top."
    )
    assert told.count("no marks") == 1


def test_the_overview_says_for_whom_it_is_and_escapes_what_a_test_said() -> None:
    notebook = signed(released("speech_commands"), team='["s2", "S1234567"]')
    answered(notebook, "gru_cell")
    run_tests(notebook, "gru_cell", error=("AssertionError", "got <script>alert(1)</script> & more"))
    found, identity = exercises_of(notebook), identity_of(notebook)
    html = overview.as_html(found, identity, ["Read from <a>."])
    assert "For s1234567, in a team with s2." in html and "<script" not in html and "&lt;script&gt;" in html
    assert "&lt;a&gt;" in html and html.count("<tr") == 7
    text = overview.as_text(found, identity)
    assert "2. GRU cell" in text and "fails a visible test" in text and "got <script>" in text
    empty = overview.as_text(found, identity_of(released("speech_commands")))
    assert empty.startswith("STUDENT_ID is empty: write your id")


@pytest.mark.parametrize("broken", [{}, {"cells": 3}, {"cells": [3, {"cell_type": "code"}, {"source": [1]}]}])
def test_a_damaged_notebook_has_no_exercises_and_raises_nothing(broken: dict[str, Any]) -> None:
    assert exercises_of(broken) == []
    assert identity_of(broken).problem
    assert overview.as_text([], identity_of(broken)) and overview.as_html([], identity_of(broken))


# --- who --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("student", ["s1234567", "1234567", "Mia_Roth", "a.b@c-d"])
def test_an_id_that_is_taken_stands_for_itself_when_it_is_collected(student: str) -> None:
    assert overview.is_id(student)
    assert student_id(student) == student


@pytest.mark.parametrize("student", ["", ".x", "-x", "a b", "Zoë", "a/b", "a\\b", "..", "___", "x.", "a" * 65])
def test_what_would_become_another_id_or_name_is_none(student: str) -> None:
    assert not overview.is_id(student)


@pytest.mark.parametrize(
    ("student", "team", "problem"),
    [
        ('""', "[]", "STUDENT_ID is empty"),
        ('"  "', "[]", "STUDENT_ID is empty"),
        ("None", "[]", "STUDENT_ID = None cannot"),
        ('"a/b"', "[]", "STUDENT_ID = 'a/b' cannot name a file"),
        ('f"s{1}"', "[]", "STUDENT_ID cannot be read"),
        ('"s1', "[]", "the cell with STUDENT_ID is no valid Python"),
        ('"s1"', '"s1, s2"', "TEAM is no list"),
        ('"s1"', '["s1", "Zoë M"]', "TEAM holds 'Zoë M'"),
        ('"s1"', "[s1, s2]", "TEAM cannot be read"),
        ('"s1"', '["s1", ""]', "TEAM holds ''"),
    ],
)
def test_what_is_wrong_with_the_identity_is_said(student: str, team: str, problem: str) -> None:
    assert identity_of(signed(released("speech_commands"), student, team)).problem.startswith(problem)


@pytest.mark.parametrize(("student", "team"), [('"s1"', "[]"), ("1234567", "[1234567, 's2']"), ("'s1'", "None")])
def test_an_identity_is_read_as_it_is_when_it_is_graded(student: str, team: str) -> None:
    notebook = signed(released("speech_commands"), student, team)
    ours, theirs = identity_of(notebook), identity_in(cell(notebook, "identity")["source"])
    assert not ours.problem
    assert (ours.student, ours.team) == (theirs.student, theirs.team)


# --- finding the notebook ---------------------------------------------------------------------------


def test_jupyterlab_says_which_notebook_it_is(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(folder, released("speech_commands"), "my own copy")
    saved(folder, released("speech_commands"), "newer")
    monkeypatch.setenv("JPY_SESSION_NAME", str(path))
    assert hand_in.find_notebook("speech_commands", "speech_commands").path == path
    monkeypatch.setenv("JPY_SESSION_NAME", "course/my own copy.ipynb")  # jupyter_server before 1.15
    assert hand_in.find_notebook("speech_commands", "speech_commands").path == path
    path.rename(folder / "renamed.ipynb")
    found = hand_in.find_notebook("speech_commands", "speech_commands")
    assert found.path in (folder / "renamed.ipynb", folder / "newer.ipynb") and "2 notebooks" in found.note


def test_vs_code_says_which_notebook_it_is(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(folder, released("speech_commands"), "copy")
    saved(folder, released("speech_commands"))
    was_run(monkeypatch, __vsc_ipynb_file__=str(path))
    assert hand_in.find_notebook("speech_commands", "speech_commands").path == path


def test_without_an_editor_the_newest_notebook_with_the_stamp_is_taken_and_that_is_said(folder: Path) -> None:
    for age, name in ((20, "old"), (10, "new"), (0, "other")):
        path = saved(folder, released("surnames" if name == "other" else "speech_commands"), name)
        os.utime(path, (path.stat().st_atime, path.stat().st_mtime - age))
    (folder / "no.ipynb").write_text("{")
    found = hand_in.find_notebook("speech_commands", "speech_commands")
    assert found.path == folder / "new.ipynb" and "the newest was taken, new.ipynb" in found.note


def test_of_two_notebooks_with_one_stamp_the_one_whose_cells_were_run_is_taken(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("quiz", "review"):
        saved(folder, released("theory", name), name)
    for name in ("review", "quiz"):
        was_run(monkeypatch, "".join(cell(released("theory", name), "given_hand_in")["source"]))
        found = hand_in.find_notebook("theory", name)
        assert found.path == folder / f"{name}.ipynb" and not found.note


def test_where_there_is_no_notebook_that_is_said_on_one_line(folder: Path, said: Callable[[], str]) -> None:
    hand_in.progress("speech_commands")
    hand_in.make_zip("speech_commands")
    lines = said().splitlines()
    assert len(lines) == 2 and lines[0].startswith("No overview: no notebook of speech_commands was found")
    assert lines[1].startswith("No zip was made: ") and not list(folder.iterdir())


# --- the zip ----------------------------------------------------------------------------------------


def test_the_limits_are_those_of_collecting() -> None:
    assert hand_in.MAX_NOTEBOOK_BYTES == collecting.MAX_NOTEBOOK_BYTES == collecting.MAX_FILE_BYTES
    assert hand_in.MAX_PDF_BYTES == collecting.MAX_PDF_BYTES
    assert hand_in.MAX_TEXT_BYTES == collecting.MAX_TEXT_BYTES
    assert hand_in.MAX_FILES == collecting.MAX_FILES
    assert hand_in.MAX_BYTES == collecting.MAX_HAND_IN_BYTES
    assert all(collecting._why_not_kept(Path(f"x{suffix}"), 10) is None for suffix in hand_in.TEXTS)


def test_the_zip_holds_the_notebook_as_saved_and_its_runs_and_nothing_else(
    folder: Path, said: Callable[[], str]
) -> None:
    notebook = signed(released("speech_commands"))
    answered(notebook, "training")
    answered(notebook, "lstm_cell", "import mine\nopen('text.txt')")
    path = saved(folder, notebook)
    kept_runs(folder, "training")
    kept_runs(folder, "elsewhere", 1)
    (folder / "results" / "training" / "broken.json").write_text("{")
    (folder / "results" / "training" / "model.pt").write_bytes(b"weights")
    for name in ("mine.py", "text.txt", "unused.py", "model.pt", "notes.md", "report.pdf", ".hidden"):
        (folder / name).write_text("text")
    (folder / "figures").mkdir()
    hand_in.make_zip("speech_commands", runs=["training"])
    text = said()
    names = in_zip(folder / f"{STUDENT}.zip")
    runs = [name for name in names if name.startswith("results/")]
    assert [name for name in names if name not in runs] == ["mine.py", "speech_commands.ipynb", "text.txt"]
    assert sorted(Path(name).suffix for name in runs) == [".json", ".json", ".npz", ".npz"]
    with zipfile.ZipFile(folder / f"{STUDENT}.zip") as archive:
        assert archive.read("speech_commands.ipynb") == path.read_bytes()
    assert "runs of training (2)" in text and "as saved at" in text
    assert "Not answered yet: gru_cell, rnn_model, bidirectional_model, training_report" in text
    assert "a kept run was left out: training/broken.json is damaged" in text
    for line in (
        "results/elsewhere: this notebook does not name it",
        "results/training/model.pt: it belongs to no kept run",
        "unused.py: this notebook does not name it",
        "model.pt: files of this kind are not taken",
        "report.pdf: no PDF is asked for here",
        "figures/: of folders only results is taken",
    ):
        assert f"  {line}\n" in text, line
    assert ".hidden" not in text and f"{STUDENT}.zip:" not in text


def test_what_would_be_missed_is_told_and_the_zip_is_made(folder: Path, said: Callable[[], str]) -> None:
    notebook = signed(released("surnames"))
    for exercise in ("rnn_sweep", "deep_rnn_classifier"):
        answered(notebook, exercise)
    next(c for c in notebook["cells"] if "RETRAIN = False" in "".join(c["source"]))["source"] = "RETRAIN = True"
    saved(folder, notebook, "surnames")
    hand_in.make_zip("surnames", runs=["rnn_sweep", "class_imbalance", "deep_rnn_sweep"])
    text = said()
    assert "no run of rnn_sweep is kept" in text and "no run of deep_rnn_sweep is kept" in text
    assert "no run of class_imbalance" not in text  # its exercise is not answered
    assert "RETRAIN is True" in text and (folder / f"{STUDENT}.zip").is_file()


def test_runs_in_the_outputs_alone_are_enough(folder: Path, said: Callable[[], str]) -> None:
    notebook = signed(released("speech_commands"))
    run = {"format": 1, "exercise": "training", "setting": {"m": "GRU"}, "seed": 0, "metrics": {"a": 1.0}}
    payload = {**run, "environment": {}, "data": {}, "history": {}, "weights": None}
    outputs = [
        {"output_type": "display_data", "data": {"application/vnd.coursework.run+json": payload}},
        None,
        {"x": 1},
    ]
    answered(notebook, "training")
    cell(notebook, "given_run")["outputs"] = outputs
    saved(folder, notebook)
    hand_in.make_zip("speech_commands", runs=["training"])
    assert "runs of training (1)" in said()
    assert [name for name in in_zip(folder / f"{STUDENT}.zip") if name.endswith(".json")]


@pytest.mark.parametrize(
    ("student", "team", "why"),
    [
        ('""', "[]", "STUDENT_ID is empty"),
        ('"../x"', "[]", "STUDENT_ID = '../x' cannot name a file"),
        ('"Speech_Commands"', "[]", "the name of an assignment"),
        ('"s1"', '"s2"', "TEAM is no list"),
    ],
)
def test_without_a_usable_id_or_team_no_zip_is_made(
    folder: Path, said: Callable[[], str], student: str, team: str, why: str
) -> None:
    saved(folder, signed(released("speech_commands"), student, team))
    hand_in.make_zip("speech_commands")
    text = said()
    assert text.startswith("No zip was made: ") and why in text and text.count("\n") == 1
    assert not list(folder.glob("*.zip"))


def test_what_was_run_but_not_saved_is_named_and_no_zip_is_made(
    folder: Path, said: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook = signed(released("speech_commands"))
    answered(notebook, "gru_cell", "x = 1")
    answered(notebook, "lstm_cell", "x = 1")
    saved(folder, notebook)
    was_run(monkeypatch, "# exercise: gru_cell\nx = 1", "# exercise: gru_cell\nx = 2", "# exercise: lstm_cell\nx = 1\n")
    hand_in.make_zip("speech_commands")
    assert said() == (
        "No zip was made: what was run last is not what was saved: gru_cell. Run these cells, save, and run this cell"
        " again\n"
    )
    answered(notebook, "gru_cell", "x = 2")
    saved(folder, notebook)
    hand_in.make_zip("speech_commands")
    assert f"{STUDENT}.zip is ready" in said()


def test_tests_that_were_run_after_the_notebook_was_saved_are_told(
    folder: Path, said: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook = signed(released("speech_commands"))
    test = "".join(cell(notebook, "gru_cell_test")["source"])
    cells = ["".join(cell(notebook, "given_hand_in")["source"]), "pass", test]
    was_run(monkeypatch, *cells)
    run_tests(notebook, "gru_cell", count=3)
    saved(folder, notebook)
    hand_in.make_zip("speech_commands")
    assert "after the notebook was saved" not in said()
    was_run(monkeypatch, *cells, test)
    hand_in.make_zip("speech_commands")
    assert "  cells were run after the notebook was saved: save, and run this cell again\n" in said()
    assert (folder / f"{STUDENT}.zip").is_file()


def test_a_later_zip_replaces_the_one_before_and_a_failure_leaves_it(
    folder: Path, said: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    saved(folder, signed(released("speech_commands")))
    hand_in.make_zip("speech_commands")
    before = (folder / f"{STUDENT}.zip").read_bytes()
    assert "replaces" not in said()
    notebook = signed(released("speech_commands"))
    answered(notebook, "gru_cell")
    saved(folder, notebook)

    def full(*args: Any, **options: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(zipfile.ZipFile, "writestr", full)
        hand_in.make_zip("speech_commands")
    assert said() == f"No zip was made: {STUDENT}.zip cannot be written (No space left on device)\n"
    assert (folder / f"{STUDENT}.zip").read_bytes() == before
    with monkeypatch.context() as patched:
        patched.setattr(zipfile.ZipFile, "read", lambda *args: b"")
        hand_in.make_zip("speech_commands")
    assert "what was written is not what was to be written" in said()
    assert (folder / f"{STUDENT}.zip").read_bytes() == before
    hand_in.make_zip("speech_commands")
    assert "replaces the one of" in said() and (folder / f"{STUDENT}.zip").read_bytes() != before
    assert not [path.name for path in folder.iterdir() if path.name.startswith(".")]


def test_a_notebook_or_hand_in_that_is_too_large_is_refused(
    folder: Path, said: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    saved(folder, signed(released("speech_commands")))
    kept_runs(folder, "training")
    monkeypatch.setattr(hand_in, "MAX_FILES", 3)
    hand_in.make_zip("speech_commands")
    assert "it would hold 5 files" in said()
    monkeypatch.setattr(hand_in, "MAX_NOTEBOOK_BYTES", 1000)
    saved(folder, released("surnames"), "surnames")  # too large as well, and nobody's concern
    hand_in.make_zip("speech_commands")
    assert "are not taken: clear outputs with large pictures" in said()
    assert not list(folder.glob("*.zip"))


def test_the_report_goes_along_by_its_name_else_the_newest(folder: Path, said: Callable[[], str]) -> None:
    notebook = signed(released("project"))
    saved(folder, notebook, "project")
    hand_in.make_zip("project", runs=["experiments"], report=True)
    assert "there is no PDF beside this notebook" in said()
    for age, name in ((10, "report.pdf"), (0, "paper.PDF")):
        (folder / name).write_bytes(PDF)
        os.utime(folder / name, (0, (folder / "project.ipynb").stat().st_mtime - age))
    hand_in.make_zip("project", runs=["experiments"], report=True)
    assert "the newest was taken, paper.PDF" in said() and in_zip(folder / f"{STUDENT}.zip")[0] == "paper.PDF"
    answered(notebook, "project_report", "Our report is report.pdf.")
    saved(folder, notebook, "project")
    hand_in.make_zip("project", runs=["experiments"], report=True)
    assert "paper.PDF: another PDF is the report" in said()
    assert in_zip(folder / f"{STUDENT}.zip") == ["project.ipynb", "report.pdf"]
    (folder / "report.pdf").write_bytes(b"PK")
    hand_in.make_zip("project", runs=["experiments"], report=True)
    assert "report.pdf does not begin as a PDF does" in said()


def test_both_notebooks_of_the_theory_go_along_and_a_missing_one_is_told(
    folder: Path, said: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(folder, signed(released("theory", "quiz")), "quiz")
    monkeypatch.setenv("JPY_SESSION_NAME", str(path))
    hand_in.make_zip("theory", notebook="quiz", others=["review"])
    text = said()
    assert "review.ipynb does not lie here, so only quiz is in the zip" in text
    assert in_zip(folder / f"{STUDENT}.zip") == ["quiz.ipynb"]
    saved(folder, signed(released("theory", "review"), '"s7"'), "review (1)")
    saved(folder, signed(released("theory", "quiz")), "quiz old")
    hand_in.make_zip("theory", notebook="quiz", others=["review"])
    text = said()
    assert in_zip(folder / f"{STUDENT}.zip") == ["quiz.ipynb", "review.ipynb"]
    assert "review: STUDENT_ID is s7 there" in text and "Not answered yet in review: sequence_mapping" in text
    assert "quiz old.ipynb: another notebook" in text and "review (1).ipynb:" not in text


# --- Colab ------------------------------------------------------------------------------------------


def test_on_colab_the_notebook_comes_from_the_page_and_the_browser_gets_the_zip(
    folder: Path, colab: Colab, said: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook = signed(released("speech_commands"))
    answered(notebook, "gru_cell", "x = 2")
    run_tests(notebook, "gru_cell")
    saved(folder, signed(released("speech_commands"), '"someone"'))  # what was uploaded once is not what is shown
    colab.shows(notebook)
    hand_in.progress("speech_commands")
    text = said()
    assert "For s1234567." in text and "it is on Colab now" in text
    hand_in.make_zip("speech_commands", runs=["training"])
    assert "Your browser downloads it." in said()
    assert in_zip(colab.downloads / f"{STUDENT}.zip") == ["speech_commands.ipynb"]
    assert json.loads((folder / "speech_commands_as_handed_in.ipynb").read_text()) == notebook
    was_run(monkeypatch, "# exercise: gru_cell\nx = 1")
    hand_in.make_zip("speech_commands")
    text = said()
    assert f"{STUDENT}.zip is ready" in text and "changed since it was run: gru_cell" in text
    assert "as_handed_in.ipynb:" not in text


@pytest.mark.parametrize("how", ["silent", "failing"])
def test_a_page_that_does_not_give_the_notebook_is_told_with_what_to_do(
    folder: Path, colab: Colab, said: Callable[[], str], how: str
) -> None:
    saved(folder, signed(released("speech_commands")))
    colab.does_not_show(how)
    hand_in.progress("speech_commands")
    hand_in.make_zip("speech_commands")
    lines = said().splitlines()
    assert len(lines) == 2 and all("Download .ipynb" in line for line in lines)
    assert not list(folder.glob("*.zip"))


def test_a_download_that_is_blocked_is_told_with_what_to_do(
    folder: Path, colab: Colab, said: Callable[[], str]
) -> None:
    colab.shows(signed(released("speech_commands")))
    colab.blocks_downloads()
    hand_in.make_zip("speech_commands")
    assert said().splitlines()[-1].startswith("The download did not begin (NetworkError: the download was blocked): ")
    assert (folder / f"{STUDENT}.zip").is_file()


def test_on_colab_the_other_notebook_may_be_one_that_was_kept_there(
    folder: Path, colab: Colab, said: Callable[[], str]
) -> None:
    colab.shows(signed(released("theory", "review")))
    hand_in.make_zip("theory", notebook="review", others=["quiz"])
    assert "on Colab: upload it" in said()
    colab.shows(signed(released("theory", "quiz")))
    hand_in.make_zip("theory", notebook="quiz", others=["review"])
    assert in_zip(folder / f"{STUDENT}.zip") == ["quiz.ipynb", "review.ipynb"]


# --- from a real kernel to submitted/ ---------------------------------------------------------------


def course_with(root: Path, assignment: str) -> Course:
    """A course of one assignment, its source and release as they are here."""
    for name in ("source", "release"):
        ignored = shutil.ignore_patterns("results", ".ipynb_checkpoints")
        shutil.copytree(REPOSITORY / name / assignment, root / name / assignment, ignore=ignored)
    shutil.copy(REPOSITORY / "nbgrader_config.py", root)
    return open_course(root)


KEEP = """\
from helpers.results import Results

Results("training").keep(setting={"mode": "GRU"}, seed=0, metrics={"val_accuracy": 0.9}, weights={"w": [0.5, 1.0]})
"""


def test_a_notebook_is_run_saved_and_zipped_in_a_kernel_and_the_zip_is_placed_and_complete(
    folder: Path, tmp_path: Path
) -> None:
    notebook = signed(released("speech_commands"))
    answered(notebook, "training", "def train_models(train, validation):\n    return None")
    path = folder / "speech_commands.ipynb"
    nb = nbformat.from_dict(notebook)
    for found in nb.cells:
        found.source = "".join(found.source)
    nb.cells.insert(-2, nbformat.v4.new_code_cell(KEEP))
    names = [grade_id(found) or "" for found in nb.cells]
    last = names.index("given_progress")
    assert names[last:] == ["given_progress", "given_hand_in"]
    client = NotebookClient(nb, timeout=60, resources={"metadata": {"path": str(folder)}})
    with client.setup_kernel(env=os.environ | {"JPY_SESSION_NAME": str(path)}):
        for index in (names.index("identity"), last - 1):
            client.execute_cell(nb.cells[index], index)
        nbformat.write(nb, path)
        for index in (last, last + 1):
            client.execute_cell(nb.cells[index], index)
        nb.cells[names.index("identity")].source += "\n# changed and run, but not saved"
        client.execute_cell(nb.cells[names.index("identity")], names.index("identity"))
        client.execute_cell(nb.cells[-1], len(nb.cells) - 1)
    refused = nb.cells[-1].outputs[0].text
    shown = nb.cells[last].outputs[0].data
    assert "For s1234567." in shown["text/plain"] and "<table" in shown["text/html"]
    assert "answered, not tested yet" in shown["text/plain"] and str(tmp_path) not in shown["text/plain"]
    assert "not what was saved: STUDENT_ID and TEAM" in refused

    course = course_with(tmp_path / "course", "speech_commands")
    report = collecting.collect(course, [folder / f"{STUDENT}.zip"])
    assert (report.unplaced, report.notes) == ([], [])
    assert [(placed.student, placed.assignment) for placed in report.placed] == [(STUDENT, "speech_commands")]
    place = course.submitted / STUDENT / "speech_commands"
    assert (place / "speech_commands.ipynb").read_bytes() == path.read_bytes()
    kept = Results("training", place / "results").runs()
    assert [run.setting for run in kept] == [{"mode": "GRU"}]
    assert kept[0].weights is not None and kept[0].weights["w"].tolist() == [0.5, 1.0]


@pytest.mark.parametrize(("assignment", "notebook"), NOTEBOOKS)
def test_each_notebooks_own_last_cells_pack_all_that_its_reference_keeps(
    assignment: str,
    notebook: str,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    said: Callable[[], str],
) -> None:
    reference = REPOSITORY / "source" / assignment / "results"
    if reference.is_dir():
        shutil.copytree(reference, folder / "results")
    if assignment == "project":
        (folder / "report.pdf").write_bytes(PDF)
    names = [name for name in ("quiz", "review") if assignment == "theory"] or [notebook]
    for name in names:
        full = signed(released(assignment, name))
        for exercise in exercises_of(full):
            answered(full, exercise.id, "report.pdf" if exercise.written else '"overfit", "final_runs"')
        path = saved(folder, full, name)
        if name == notebook:
            monkeypatch.setenv("JPY_SESSION_NAME", str(path))
    for name in ("given_progress", "given_hand_in"):
        exec("".join(cell(released(assignment, notebook), name)["source"]), {})
    text = said()
    assert f"For {STUDENT}." in text and f"{STUDENT}.zip is ready" in text
    assert not any(words in text for words in ("No ", "Not answered", "Look at this", "Left out")), text
    expected = {path.relative_to(folder).as_posix() for path in (folder / "results").rglob("*") if path.is_file()}
    expected |= {f"{name}.ipynb" for name in names} | ({"report.pdf"} if assignment == "project" else set())
    assert set(in_zip(folder / f"{STUDENT}.zip")) == expected

    course = course_with(tmp_path / "course", assignment)
    report = collecting.collect(course, [folder / f"{STUDENT}.zip"])
    assert (report.unplaced, report.notes) == ([], [])
    assert sorted(placed.notebook for placed in report.placed) == sorted(names)
    for name in expected:
        assert (course.submitted / STUDENT / assignment / name).read_bytes() == (folder / name).read_bytes(), name


@pytest.mark.parametrize(("assignment", "notebook"), NOTEBOOKS)
def test_outputs_of_the_last_two_cells_are_no_sign_of_tampering(
    assignment: str, notebook: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    submitted = signed(released(assignment, notebook))
    for name in ("basics", "lstm_cell", "alphabet"):
        if any(name_of(found) == name for found in submitted["cells"]):
            answered(submitted, name, "x = 1")
            run_tests(submitted, name, error=("AssertionError", "4 of 4 points"))
    saved(folder, submitted, notebook)
    identity = identity_of(submitted)
    found = exercises_of(submitted)
    data = {"text/plain": overview.as_text(found, identity), "text/html": overview.as_html(found, identity)}
    shown = {"output_type": "display_data", "metadata": {}, "data": data}
    hand_in.make_zip(assignment, notebook=notebook)
    printed = {"output_type": "stream", "name": "stdout", "text": capsys.readouterr().out}
    for name, output in (("given_progress", shown), ("given_hand_in", printed)):
        cell(submitted, name)["outputs"], cell(submitted, name)["execution_count"] = [output], 7
    master = read_notebook((REPOSITORY / "source" / assignment / f"{notebook}.ipynb").read_bytes())
    release = read_notebook((REPOSITORY / "release" / assignment / f"{notebook}.ipynb").read_bytes())
    clean = sanitize(master, read_notebook(json.dumps(submitted).encode()), release)
    assert (clean.tamper, clean.notes) == ([], [])
    assert all(not found.get("outputs") for found in clean.notebook.cells)


def test_while_a_notebook_is_graded_nothing_is_made_and_nothing_is_said(
    folder: Path, said: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    saved(folder, signed(released("speech_commands")))
    monkeypatch.setenv("COURSEWORK_GRADING", "1")
    hand_in.progress("speech_commands")
    hand_in.make_zip("speech_commands", runs=["training"])
    assert said() == "" and not list(folder.glob("*.zip"))


@pytest.mark.parametrize(("assignment", "notebook"), NOTEBOOKS)
def test_markers_are_found_as_they_are_when_it_is_graded(assignment: str, notebook: str) -> None:
    for found in released(assignment, notebook)["cells"]:
        source = "".join(found["source"])
        assert list(overview.parts_of(source)) == find_markers(source)
