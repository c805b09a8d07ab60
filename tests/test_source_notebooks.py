"""Every notebook of `source/` as its readers meet it: run before answering, and run with the reference's answers."""

import copy
import dis
import re
from collections import Counter
from pathlib import Path

import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

from autograder.examine import examinations, known_examinations
from autograder.kernel import plain_text
from autograder.notebooks import (
    Exercise,
    exercises,
    grade_id,
    read_notebook,
    role,
    split_hidden,
    split_solution,
    without_hidden,
)
from helpers.results import runs_from_folder, runs_from_notebook

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted(path.relative_to(ROOT / "source") for path in (ROOT / "source").glob("*/*.ipynb"))
every_notebook = pytest.mark.parametrize("name", NOTEBOOKS, ids=lambda path: path.stem)


def source(name: Path) -> NotebookNode:
    return read_notebook((ROOT / "source" / name).read_bytes())


def release(name: Path) -> NotebookNode:
    return read_notebook((ROOT / "release" / name).read_bytes())


def run(notebook: NotebookNode, folder: Path, monkeypatch: pytest.MonkeyPatch) -> NotebookNode:
    """The notebook after Run All in `folder` on the sample, errors and all."""
    for variable, value in {"PYTHONPATH": ROOT, "OMP_NUM_THREADS": 1, "COURSEWORK_CACHE": folder / "cache"}.items():
        monkeypatch.setenv(variable, str(value))
    monkeypatch.delenv("COURSEWORK_MIRROR", raising=False)
    notebook = copy.deepcopy(notebook)
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=300, allow_errors=True, resources=resources).execute()
    return notebook


def errors(notebook: NotebookNode) -> dict[str, str]:
    """Kind and message of the error of each cell that raised one, by grade id, in the order of the cells."""
    return {
        grade_id(cell) or cell.id: f"{output.ename}: {output.evalue}"
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == "error"
    }


@pytest.mark.slow
@every_notebook
def test_run_all_before_answering_says_what_is_to_be_done(
    name: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = errors(run(release(name), tmp_path, monkeypatch))
    # A stub raises at once, or where it is used for the first time: in its visible test, or in a cell before that.
    told = " ".join(found.values())
    for exercise in exercises(source(name)):
        if exercise.kind == "code":
            assert f"NotImplementedError: Exercise {exercise.id}: not answered yet" in told, exercise.id
    first = next(iter(found.values()))  # what fails after it may follow from it
    assert first.startswith("NotImplementedError: Exercise "), first


@pytest.mark.slow
@every_notebook
def test_the_reference_runs_from_top_to_bottom_on_kept_results(
    name: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = ROOT / "source" / name.parent / "results"
    if results.is_dir():
        (tmp_path / "results").symlink_to(results)
    before = {path: path.stat().st_mtime_ns for path in results.rglob("*")}
    executed = run(without_hidden(source(name)), tmp_path, monkeypatch)
    assert errors(executed) == {}
    assert before == {path: path.stat().st_mtime_ns for path in results.rglob("*")}, "something was trained again"
    in_cells = {(run.exercise, run.name) for run in runs_from_notebook(executed)}
    assert in_cells == {(run.exercise, run.name) for run in runs_from_folder(results)}
    passed = re.compile(r"pass(es)? the visible tests")
    for cell in executed.cells:
        if cell.cell_type == "code" and role(cell) == "test":
            assert passed.search("\n".join(plain_text(output) for output in cell.outputs)), grade_id(cell)


@every_notebook
def test_every_exercise_has_an_examination_and_says_what_it_weighs(name: Path) -> None:
    known = examinations(name.parent.name)
    found = [exercise for exercise in exercises(source(name)) if exercise.kind == "code"]
    for exercise in found:
        assert exercise.test is not None
        hidden = split_hidden(exercise.test.source)[1]
        weights = [float(number) for number in re.findall(r"\b0\.\d+", hidden)]
        assert weights == [part.weight for part in known[exercise.id].parts], exercise.id


def test_every_examination_belongs_to_one_exercise() -> None:
    """An assignment may have several notebooks; its exercises have one name each."""
    found = Counter(f"{name.parent}/{e.id}" for name in NOTEBOOKS for e in exercises(source(name)) if e.kind == "code")
    assert found == Counter(known_examinations({name.parent.name for name in NOTEBOOKS}))


@every_notebook
def test_points_in_the_text_are_those_of_the_cells(name: Path) -> None:
    notebook = source(name)
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    for exercise in exercises(notebook):
        assert re.search(rf"\| `{exercise.id}` \| {exercise.points:g}\b", prose), exercise.id
        noun = "point" if exercise.points == 1 else "points"
        assert f"({'bonus, ' if exercise.bonus else ''}{exercise.points:g} {noun})" in prose, exercise.id
    assert f"**{sum(e.points for e in exercises(notebook) if not e.bonus):g}**" in prose


@every_notebook
def test_a_visible_test_overwrites_no_name_of_a_students(name: Path) -> None:
    """Whoever calls their own helper `cells` or imports `time` would find something else there behind the test."""
    for exercise in exercises(source(name)):
        if exercise.test is not None:
            visible = compile(split_hidden(exercise.test.source)[0], exercise.id, "exec")
            stored = {i.argval for i in dis.get_instructions(visible) if i.opname in ("STORE_NAME", "STORE_GLOBAL")}
            assert {n for n in stored if not n.startswith("check_")} <= {"visible_test"}, exercise.id


@every_notebook
def test_written_answers_come_with_a_rubric(name: Path) -> None:
    written = [exercise for exercise in exercises(source(name)) if exercise.kind == "written"]
    assert written
    for exercise in written:
        assert exercise.rubric is not None, exercise.id
        assert "BEGIN MARK SCHEME" in exercise.rubric.source, exercise.id


@every_notebook
def test_every_exercise_has_a_hint_between_its_heading_and_its_answer(name: Path) -> None:
    notebook = source(name)
    for exercise in exercises(notebook):
        text = before_answer(notebook, exercise)
        hints = re.findall(r"<details><summary>Hint\b[^<\n]*</summary>\n\n(.+?)\n\n</details>", text, re.DOTALL)
        assert hints, f"{exercise.id}: no <details><summary>Hint: ...</summary> that can be unfolded"
        for hint in hints:
            assert len(hint) >= 80, f"{exercise.id}: a hint of so few words helps nobody: {hint}"
        given_away = [part for part in parts_of_the_answer(exercise) if part in " ".join(hints)]
        assert not given_away, f"{exercise.id}: the hint holds a part of the reference's answer: {given_away}"


@every_notebook
def test_every_exercise_says_what_to_do_and_how_it_is_marked(name: Path) -> None:
    notebook = source(name)
    for exercise in exercises(notebook):
        text = before_answer(notebook, exercise)
        assert "**To do.**" in text, exercise.id
        marked = "**Tested.**" if exercise.kind == "code" else "person"  # "A person marks this", "a person reads for"
        assert marked in text, exercise.id


@every_notebook
def test_what_can_be_unfolded_is_closed_in_its_cell(name: Path) -> None:
    for cell in source(name).cells:
        if cell.cell_type == "markdown":
            assert len(re.findall(r"^<details><summary>[^<\n]+</summary>\n\n", cell.source, re.MULTILINE)) == (
                cell.source.count("</details>")
            ), cell.id


def before_answer(notebook: NotebookNode, exercise: Exercise) -> str:
    """The markdown between the nearest heading above an answer, or the answer before it, and the answer."""
    cells = notebook.cells
    texts: list[str] = []
    place = next(i for i, cell in enumerate(cells) if grade_id(cell) == exercise.id and role(cell) == "answer")
    for cell in reversed(cells[:place]):
        if role(cell) == "answer":
            break
        if cell.cell_type == "markdown":
            parts = re.split(r"^#{2,4} ", cell.source, flags=re.MULTILINE)
            texts.insert(0, parts[-1])
            if len(parts) > 1:
                break
    return "\n".join(texts)


def parts_of_the_answer(exercise: Exercise) -> list[str]:
    """Whole lines of code and whole sentences of the reference's answer."""
    if exercise.kind == "written":
        return [part for part in re.split(r"(?<=[.:?])\s+", exercise.solution.source) if len(part) >= 40]
    return [
        line.strip() for line in split_solution(exercise.solution.source)[1].splitlines() if len(line.strip()) >= 20
    ]


@every_notebook
def test_the_header_states_the_times(name: Path) -> None:
    header = source(name).cells[0].source
    table = re.search(r"^\| (Reading \|.*) \|\n\|[ -|]+\|\n\| (.*) \|$", header, re.MULTILINE)
    assert table, "the first cell has no table with the columns Reading, Writing ..."
    columns, times = (row.split(" | ") for row in table.groups())
    assert len(columns) == len(times)
    assert any(column.startswith("Writing") for column in columns)
    for column, time in zip(columns, times, strict=True):
        people = not column.startswith(("Training", "Computing"))
        assert re.search(r"\d min" if people else r"\d|not needed|seconds|helps", time), f"{column}: {time}"


@every_notebook
def test_all_notebooks_begin_alike(name: Path) -> None:
    common, begin, _ = setup(name).partition("start.begin(")
    assert begin, "given_setup does not call start.begin"
    assert common == setup(NOTEBOOKS[0]).partition("start.begin(")[0]
    call = re.search(r"^start\.begin\(\"(\w+)\", needs=\[(.*)\], wheel=WHEEL\)$", setup(name), re.MULTILINE)
    assert call, "start.begin is called as start.begin(assignment, needs=[...], wheel=WHEEL)"
    assert call[1] == name.parent.name
    assert [need.strip('"') for need in call[2].split(", ")] == sorted(need.strip('"') for need in call[2].split(", "))


@every_notebook
def test_all_notebooks_end_alike(name: Path) -> None:
    assignment = name.parent.name
    heading, progress, hand_in = source(name).cells[-3:]
    assert heading.cell_type == "markdown"
    assert heading.source.startswith("## Where you stand, and how to hand in\n")
    assert (grade_id(progress), role(progress)) == ("given_progress", "given")
    assert (grade_id(hand_in), role(hand_in)) == ("given_hand_in", "given")
    several = len([path for path in NOTEBOOKS if path.parent == name.parent]) > 1
    named = f'"{assignment}", notebook="{name.stem}"' if several else f'"{assignment}"'
    assert progress.source == f"from helpers import hand_in\n\nhand_in.progress({named})"
    assert hand_in.source.startswith(f"from helpers import hand_in\n\nhand_in.make_zip({named}, ")
    asked = [cell.source for cell in source(name).cells[:-1] if cell.cell_type == "code"]
    for exercise in re.findall(r"runs=\[(.*)\]", hand_in.source):
        for runs in exercise.replace('"', "").split(", "):
            assert any(f'"{runs}"' in text for text in asked), f"no cell keeps runs of {runs}"


def setup(name: Path) -> str:
    return next(cell.source for cell in source(name).cells if grade_id(cell) == "given_setup")


@every_notebook
def test_cells_are_short(name: Path) -> None:
    """Those that students read: the reference's answers may be longer, and how helpers are found is not to be read."""
    code = [cell for cell in release(name).cells if cell.cell_type == "code" and role(cell) != "test"]
    sources = [cell.source.partition("start.begin(")[2] or cell.source for cell in code]
    lengths = sorted(len(text.splitlines()) for text in sources)
    assert lengths[len(lengths) // 2] <= 10
    assert lengths[-1] <= 40


@every_notebook
def test_the_release_holds_no_trace_of_the_instructor(name: Path) -> None:
    text = (ROOT / "release" / name).read_text()
    for word in ("HIDDEN TESTS", "BEGIN SOLUTION", "MARK SCHEME", "autograder"):
        assert word not in text
