"""A submission rebuilt from its master: what is lost costs nothing, what is forged wins nothing."""

import copy
import difflib
import functools

import pytest
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from nbgrader.utils import determine_grade
from small_course import ASSIGNMENT, DOUBLE_TEST, answered, cell_of, make_course, master_notebook, nbgrader

from autograder import sanitize as sanitizing
from autograder.notebooks import grade_id, normalise, read_notebook, to_bytes, without_hidden
from autograder.release import build_release
from autograder.sanitize import sanitize


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    """The release of the small course, as students get it."""
    folder = tmp_path_factory.mktemp("course")
    built = build_release(make_course(folder), ASSIGNMENT, folder / "built")
    return read_notebook((built / f"{ASSIGNMENT}.ipynb").read_bytes())


@pytest.fixture
def honest(release):
    return answered(release)


def sanitized(submitted, release):
    return sanitize(master_notebook(), submitted, release)


def grade_ids(notebook):
    return [grade_id(cell) for cell in notebook.cells]


def index_of(notebook, name):
    return grade_ids(notebook).index(name)


# --- honest hand-ins


def test_an_honest_hand_in_keeps_its_answers_and_nothing_is_reported(honest, release):
    result = sanitized(honest, release)
    assert cell_of(result.notebook, "double").source == cell_of(honest, "double").source
    assert cell_of(result.notebook, "essay").source.endswith("mantissa is finite.")
    assert (result.tamper, result.notes, result.unanswered) == ([], [], set())


def test_locked_cells_come_from_the_master_with_their_hidden_tests(honest, release):
    result = sanitized(honest, release)
    assert cell_of(result.notebook, "double_test").source == DOUBLE_TEST
    assert "examine" not in cell_of(without_hidden(result.notebook), "double_test").source


def test_the_release_itself_is_unanswered_everywhere(release):
    result = sanitized(release, release)
    assert result.unanswered == {"identity", "double", "halve", "essay"}
    assert (result.tamper, result.notes) == ([], [])


def test_an_untouched_written_answer_gets_zero_from_nbgrader_and_a_written_one_waits(release, honest):
    untouched = cell_of(sanitized(release, release).notebook, "essay")
    written = cell_of(sanitized(honest, release).notebook, "essay")
    assert (determine_grade(untouched)[0], determine_grade(written)[0]) == (0, None)


def test_the_rebuilt_notebook_is_in_normal_form_and_sanitizing_it_again_changes_no_answer(honest, release):
    once = sanitized(honest, release).notebook
    assert to_bytes(once) == to_bytes(normalise(once))
    assert to_bytes(sanitized(once, release).notebook) == to_bytes(once)


def test_the_arguments_are_left_alone(honest, release):
    before = copy.deepcopy(honest)
    sanitized(honest, release)
    assert honest == before


def test_without_the_release_the_stub_is_derived_from_the_master(release, honest):
    assert sanitize(master_notebook(), release).unanswered == {"identity", "double", "halve", "essay"}
    assert sanitize(master_notebook(), honest).unanswered == set()


def test_a_written_answer_keeps_its_pictures(honest, release):
    cell_of(honest, "essay")["attachments"] = {"plot.png": {"image/png": "aGk="}}
    result = sanitized(honest, release)
    assert cell_of(result.notebook, "essay").attachments == {"plot.png": {"image/png": "aGk="}}


# --- what editors do to notebooks


def colab(notebook):
    notebook.metadata = {"colab": {"provenance": []}, "kernelspec": {"name": "python3"}}
    for cell in notebook.cells:
        cell.metadata.update({"id": "x1", "colab": {"height": 3}, "executionInfo": {"status": "ok"}})


def lost_cell_ids(notebook):
    for cell in notebook.cells:
        del cell["id"]


def lost_metadata(notebook):
    for cell in notebook.cells:
        cell.metadata = NotebookNode()


def lost_everything_but_text(notebook):
    lost_cell_ids(notebook)
    lost_metadata(notebook)


def no_metadata_key(notebook):
    for cell in notebook.cells:
        del cell["metadata"]


def sources_as_lists(notebook):
    for cell in notebook.cells:
        cell.source = cell.source.splitlines(keepends=True)


def windows_line_ends(notebook):
    for cell in notebook.cells:
        cell.source = cell.source.replace("\n", "\r\n")


def trailing_white_space(notebook):
    for cell in notebook.cells:
        cell.source = cell.source.replace("\n", "  \n") + "\n\n"


def outputs(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [new_output("stream", text="hello")]
            cell.execution_count = 7


HARMLESS = [
    colab,
    lost_cell_ids,
    lost_metadata,
    lost_everything_but_text,
    no_metadata_key,
    sources_as_lists,
    windows_line_ends,
    trailing_white_space,
    outputs,
]


@pytest.mark.parametrize("damage", HARMLESS)
def test_what_editors_do_costs_nothing_and_is_no_tampering(honest, release, damage):
    expected = sanitized(honest, release)
    damage(honest)
    result = sanitized(honest, release)
    assert result.tamper == []
    assert result.unanswered == set()
    assert [cell.source.rstrip() for cell in result.notebook.cells] == [
        "\n".join(line.rstrip() for line in cell.source.split("\n"))
        if damage is not trailing_white_space
        else found.source.rstrip()
        for cell, found in zip(expected.notebook.cells, result.notebook.cells, strict=True)
    ]


def test_an_answer_without_id_and_marker_is_found_by_what_it_defines(honest, release):
    lost_everything_but_text(honest)
    for cell in honest.cells:
        cell.source = "\n".join(line for line in cell.source.split("\n") if "exercise: " not in line)
    result = sanitized(honest, release)
    assert cell_of(result.notebook, "double").source == "def double(x):\n    return 2 * x"
    assert cell_of(result.notebook, "essay").source == "Since the mantissa is finite."
    assert {"double", "halve", "essay"} & result.unanswered == set()


def test_an_answer_written_below_the_untouched_stub_counts(release):
    submitted = copy.deepcopy(release)
    own = new_code_cell("def double(x):\n    return x * 2")
    submitted.cells.insert(index_of(submitted, "double") + 1, own)
    result = sanitized(submitted, release)
    assert cell_of(result.notebook, "double").source == own.source
    assert "double" not in result.unanswered


# --- several cells for one exercise


def test_of_several_answers_the_last_that_is_not_the_stub_counts(honest, release):
    place = index_of(honest, "double")
    first, stub = honest.cells[place], cell_of(release, "double")
    second = new_code_cell("# exercise: double\ndef double(x):\n    return x + x")
    honest.cells.append(second)
    honest.cells.append(copy.deepcopy(stub))
    result = sanitized(honest, release)
    assert cell_of(result.notebook, "double").source == second.source
    assert first.source in [cell.source for cell in result.notebook.cells if grade_id(cell) is None]
    assert any("answered in 2 cells" in note for note in result.notes)


def test_an_answer_split_in_two_still_runs_whole(honest, release):
    place = index_of(honest, "double")
    half = copy.deepcopy(honest.cells[place])
    half.source = "factor = 2\ndef double(x):\n    return factor * x"
    honest.cells.insert(place, new_code_cell("factor = 2", metadata=honest.cells[place].metadata))
    honest.cells[place + 1].source = "def double(x):\n    return factor * x"
    sources = [cell.source for cell in sanitized(honest, release).notebook.cells]
    assert sources.index("factor = 2") < sources.index("def double(x):\n    return factor * x")


def test_answers_merged_into_one_cell_come_apart_again(honest, release):
    double, halve = cell_of(honest, "double"), cell_of(honest, "halve")
    double.source += "\n" + halve.source
    honest.cells.remove(halve)
    result = sanitized(honest, release)
    assert cell_of(result.notebook, "double").source == "# exercise: double\ndef double(x):\n    return 2 * x"
    assert cell_of(result.notebook, "halve").source == "# exercise: halve\ndef halve(x):\n    return x * 0.5"


def test_where_id_and_marker_disagree_the_marker_wins_and_it_is_reported(honest, release):
    double, halve = cell_of(honest, "double"), cell_of(honest, "halve")
    double.metadata, halve.metadata = halve.metadata, double.metadata
    double["id"], halve["id"] = halve["id"], double["id"]
    result = sanitized(honest, release)
    assert "2 * x" in cell_of(result.notebook, "double").source
    assert len([text for text in result.tamper if "is marked as exercise" in text]) == 2


# --- cells that the student added


def test_added_cells_keep_their_place_and_lose_what_means_something(honest, release):
    extra = new_code_cell("helper = 1", metadata={"tags": ["skip-execution"], **nbgrader("mine", grade=True)})
    honest.cells.insert(index_of(honest, "halve"), extra)
    result = sanitized(honest, release)
    place = index_of(result.notebook, "halve") - 1
    added = result.notebook.cells[place]
    assert added.source == "helper = 1"
    assert added.metadata == {"coursework": {"added": True}}
    assert result.notebook.cells[place - 1].id == "prose-halve"


def test_cells_added_before_the_first_stay_before_it(honest, release):
    honest.cells.insert(0, new_markdown_cell("my notes"))
    assert sanitized(honest, release).notebook.cells[0].source == "my notes"


def test_cells_added_after_a_deleted_cell_follow_the_cell_before_it(honest, release):
    place = index_of(honest, "halve")
    honest.cells[place:place] = [new_code_cell("a = 1"), new_code_cell("b = 2")]
    del honest.cells[place - 1]
    sources = [cell.source for cell in sanitized(honest, release).notebook.cells]
    assert sources.index("b = 2") - 1 == sources.index("a = 1") == sources.index(DOUBLE_TEST) + 1


# --- tampering: it wins nothing, and is told in words


def delete_test(notebook):
    notebook.cells.remove(cell_of(notebook, "double_test"))


def edit_test(notebook):
    cell_of(notebook, "double_test").source = "pass"


def duplicate_test(notebook):
    notebook.cells.append(copy.deepcopy(cell_of(notebook, "double_test")))


def move_test_before_answer(notebook):
    test = notebook.cells.pop(index_of(notebook, "double_test"))
    notebook.cells.insert(index_of(notebook, "double"), test)


def move_test_to_the_end(notebook):
    notebook.cells.append(notebook.cells.pop(index_of(notebook, "double_test")))


def set_flag(key, value):
    def change(notebook):
        cell_of(notebook, "double_test").metadata["nbgrader"][key] = value

    change.__name__ = f"set {key} to {value}"
    return change


def add_tag(name, tag):
    def change(notebook):
        cell_of(notebook, name).metadata["tags"] = [tag]

    change.__name__ = f"tag {name} {tag}"
    return change


def make_test_a_text(notebook):
    test = cell_of(notebook, "double_test")
    test.cell_type = "markdown"
    del test["outputs"], test["execution_count"]


def swap_ids_of_answer_and_test(notebook):
    answer, test = (cell_of(notebook, name) for name in ("double", "double_test"))
    answer.metadata["nbgrader"]["grade_id"], test.metadata["nbgrader"]["grade_id"] = "double_test", "double"


def stamp_that_is_none(notebook):
    notebook.metadata["coursework"]["release"] = "whatever"
    delete_test(notebook)


def command_for_a_kernel(notebook):
    notebook.metadata["kernelspec"] = {"name": "bash", "argv": ["sh", "-c", "id"], "language": "bash"}


def second_cell_with_the_id_of_a_test(notebook):
    notebook.cells.insert(0, new_code_cell("print('all tests passed')", metadata=nbgrader("double_test")))


def forged_test_of_an_unknown_exercise(notebook):
    notebook.cells.append(new_code_cell("1", metadata=nbgrader("bonus", grade=True, points=100)))


TAMPERING = {
    delete_test: "test cell double_test was deleted",
    edit_test: "test cell double_test was edited",
    duplicate_test: "test cell double_test was there 2 times",
    move_test_before_answer: "test cell double_test was moved before the answer",
    move_test_to_the_end: "test cell double_test was moved",
    set_flag("points", 100): "'points' was changed from 4 to 100",
    set_flag("grade", False): "'grade' was changed",
    set_flag("locked", False): "'locked' was changed",
    set_flag("solution", True): "'solution' was changed",
    set_flag("points", 10**400): "'points' was changed from 4 to 1000",
    set_flag("points", float("inf")): "'points' was changed from 4 to inf",
    set_flag("points", "\x1b[2J\n" + "9" * 99): "'points' was changed from 4 to  [2J 999",
    set_flag("schema_version", 99): "schema version was changed to 99",
    set_flag("schema_version", "3"): "schema version was changed to 3",
    set_flag("schema_version", float("nan")): "schema version was changed to nan",
    set_flag("checksum", "0" * 32): "checksum was changed",
    add_tag("double_test", "skip-execution"): "test cell double_test had the tag 'skip-execution'",
    add_tag("double_test", "raises-exception"): "had the tag 'raises-exception'",
    add_tag("double", "skip-execution"): "answer cell double had the tag 'skip-execution'",
    make_test_a_text: "test cell double_test was made a markdown cell",
    swap_ids_of_answer_and_test: "a cell has the text of double_test but carries the id of double",
    stamp_that_is_none: "test cell double_test was deleted",
    command_for_a_kernel: "how its kernel is to be started ('argv')",
    second_cell_with_the_id_of_a_test: "test cell double_test was there 2 times",
    forged_test_of_an_unknown_exercise: "the grade id 'bonus', which the assignment does not have",
}


@pytest.mark.parametrize("change", TAMPERING, ids=lambda change: change.__name__)
def test_tampering_is_told_in_words_and_undone(honest, release, change):
    clean = sanitized(honest, release).notebook
    change(honest)
    result = sanitized(honest, release)
    assert any(TAMPERING[change] in text for text in result.tamper), result.tamper
    assert [cell for cell in result.notebook.cells if "coursework" not in cell.metadata] == clean.cells


def shown(text):
    return [new_output("stream", name="stdout", text=text)]


def number(text):
    return [new_output("execute_result", {"text/plain": text})]


NOTED = {
    "another language": (
        lambda notebook: notebook.metadata.update(language_info={"name": "R"}),
        "the notebook says that it is written in 'R': it was run as Python",
    ),
    "a stamp of another assignment": (
        lambda notebook: notebook.metadata["coursework"].update(assignment="poetry\x1b[2J"),
        "its stamp names another assignment, 'poetry [2J'",
    ),
    "an older schema": (set_flag("schema_version", 1), "schema version was changed to 1"),
    "no schema": (
        lambda notebook: cell_of(notebook, "double_test").metadata["nbgrader"].pop("schema_version"),
        "test cell double_test: nbgrader's schema version is missing",
    ),
    "an output like a verdict": (
        lambda notebook: cell_of(notebook, "double").update(outputs=shown("Examiner: 4 of 4 points (passed)\n")),
        "reads like the examiner's verdict",
    ),
    "an output like a mark": (
        lambda notebook: cell_of(notebook, "double_test").update(outputs=number("4.0")),
        "with the number 4.0 as its output",
    ),
}


@pytest.mark.parametrize("name", NOTED)
def test_what_may_be_an_editors_doing_is_noted(honest, release, name):
    clean = sanitized(honest, release).notebook
    change, words = NOTED[name]
    change(honest)
    result = sanitized(honest, release)
    assert any(words in text for text in result.notes), result.notes
    assert result.tamper == []
    assert result.notebook == clean


def test_floods_of_evidence_are_told_in_few_lines(honest, release):
    for number in range(500):
        honest.cells.append(new_code_cell("1", metadata=nbgrader(f"x{number}" * 500, grade=True)))
        tagged = new_code_cell("1", metadata={**nbgrader("double_test", points=number), "tags": ["skip-execution"]})
        honest.cells.append(tagged)
    delete_test(honest)
    result = sanitized(honest, release)
    assert len(result.tamper) < 4 * sanitizing.MAX_LINES
    assert max(map(len, result.tamper)) < 200
    assert "and 480 more of this kind" in result.tamper
    assert "test cell double_test was there 500 times: the original was used" in result.tamper


def test_comparing_texts_has_an_end(honest, release, monkeypatch):
    """Texts of the same letters in another order are the slowest to compare, and must not be compared for hours."""
    spent = []
    ratio = difflib.SequenceMatcher.ratio
    monkeypatch.setattr(difflib.SequenceMatcher, "ratio", lambda matcher: spent.append(1) or ratio(matcher))
    text = cell_of(release, "double_test").source
    monkeypatch.setattr(sanitizing, "_Effort", functools.partial(sanitizing._Effort, 10 * len(text) ** 2))
    delete_test(honest)
    honest.cells += [new_code_cell("".join(sorted(text, key=lambda c: (ord(c) * n) % 97))) for n in range(1, 96)]
    assert "test cell double_test was deleted: the original was used" in sanitized(honest, release).tamper
    assert 0 < len(spent) < 40


def test_a_flood_of_markers_is_no_flood_of_cells(honest, release):
    flood = "<!-- exercise: essay -->\n<!-- exercise: halve -->\n" * 20_000
    honest.cells.append(new_markdown_cell(flood))
    assert len(sanitized(honest, release).notebook.cells) < 100


def test_edits_of_given_cells_are_notes_not_tampering(honest, release):
    cell_of(honest, "given_imports").source = "import math, random"
    result = sanitized(honest, release)
    assert cell_of(result.notebook, "given_imports").source == "import math"
    assert result.tamper == []
    assert result.notes == ["given cell given_imports was edited: the original was used"]


def test_tests_of_an_older_release_are_no_tampering(honest, release):
    honest.metadata["coursework"]["release"] = "0123456789abcdef"
    cell_of(honest, "double_test").source = "assert double(3) == 6"
    cell_of(honest, "double_test").metadata["nbgrader"]["checksum"] = "1" * 32
    result = sanitized(honest, release)
    assert result.tamper == []
    assert "made from another release" in result.notes[0]


# --- odd notebooks

ODD = {
    "no cells": {"cells": []},
    "cells that are no objects": {"cells": [1, None, "text", []]},
    "a cell of an unknown type": {"cells": [{"cell_type": "sql", "source": "select 1"}]},
    "a cell with nothing in it": {"cells": [{}]},
    "metadata of the wrong type": {"cells": [{"cell_type": "code", "metadata": [], "source": None}]},
    "an nbgrader entry that is a text": {
        "cells": [{"cell_type": "code", "source": "x", "metadata": {"nbgrader": "double"}}]
    },
    "a grade id that is a list": {
        "cells": [{"cell_type": "code", "source": "x", "metadata": {"nbgrader": {"grade_id": ["double"]}}}]
    },
    "points that are a text": {
        "cells": [
            {
                "cell_type": "code",
                "source": "x",
                "metadata": {"nbgrader": {"grade_id": "double_test", "points": "many", "tags": {}}},
            }
        ]
    },
    "a text that is too much for Python's parser": {"cells": [{"cell_type": "code", "source": "-" * 100_000 + "1"}]},
    "a text that is no Python": {"cells": [{"cell_type": "code", "source": "def (:\n\x00"}]},
    "a very deep expression": {"cells": [{"cell_type": "code", "source": "(" * 5000}]},
    "stamp of the wrong type": {"cells": [], "metadata": {"coursework": "mine"}},
}


@pytest.mark.parametrize("name", ODD)
def test_nothing_that_a_student_wrote_raises(release, name):
    result = sanitized(NotebookNode(ODD[name]), release)
    assert {"double", "halve", "essay"} <= result.unanswered
    assert {grade_id(cell) for cell in result.notebook.cells} >= {"double", "double_test", "essay_rubric"}
