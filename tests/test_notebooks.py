"""Reading notebooks in every state of repair, and what the cells of a master mean."""

import json

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from nbgrader.utils import compute_checksum
from small_course import DOUBLE_TEST, answered, cell_of, master_notebook

from autograder import notebooks
from autograder.notebooks import (
    UnreadableNotebook,
    checksum,
    examination_name,
    exercises,
    find_markers,
    grade_id,
    marker_line,
    normalise,
    read_notebook,
    release_source,
    split_at_markers,
    split_hidden,
    to_bytes,
)

CODE = {"cell_type": "code", "metadata": {}, "source": "x = 1", "outputs": [], "execution_count": None, "id": "a"}


def notebook_bytes(cells, **more):
    content = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells, **more}
    return json.dumps(content).encode()


V3 = {
    "nbformat": 3,
    "nbformat_minor": 0,
    "metadata": {"name": ""},
    "worksheets": [
        {
            "cells": [
                {"cell_type": "heading", "level": 2, "source": ["Title"], "metadata": {}},
                {
                    "cell_type": "code",
                    "input": ["x = 1\n", "y = 2"],
                    "language": "python",
                    "outputs": [{"output_type": "pyout", "text": ["1"], "prompt_number": 1}],
                    "prompt_number": 1,
                },
            ]
        }
    ],
}

# name: (bytes, the texts of the cells that are read)
DAMAGED = {
    "byte order mark": (b"\xef\xbb\xbf" + notebook_bytes([CODE]), ["x = 1"]),
    "UTF-16": (notebook_bytes([CODE]).decode().encode("utf-16"), ["x = 1"]),
    "a byte that is no UTF-8": (notebook_bytes([CODE]).replace(b"x = 1", b"x = '\xff'"), ["x = '\ufffd'"]),
    "nbformat 3": (json.dumps(V3).encode(), ["## Title", "x = 1\ny = 2"]),
    "nbformat of the future": (notebook_bytes([CODE], nbformat=9), ["x = 1"]),
    "no metadata": (json.dumps({"cells": [CODE]}).encode(), ["x = 1"]),
    "UTF-16 without a byte order mark": (notebook_bytes([CODE]).decode().encode("utf-16-le"), ["x = 1"]),
    "metadata of a wrong type": (notebook_bytes([CODE], metadata=[1]), ["x = 1"]),
    "no cells": (json.dumps({"nbformat": 4}).encode(), []),
    "cells of a wrong type": (notebook_bytes({"0": CODE}), []),
    "source as a list": (notebook_bytes([{**CODE, "source": ["x = 1\n", "y = 2"]}]), ["x = 1\ny = 2"]),
    "source missing": (notebook_bytes([{"cell_type": "code"}]), [""]),
    "source a number": (notebook_bytes([{**CODE, "source": 3}]), [""]),
    "Windows line ends": (notebook_bytes([{**CODE, "source": "a\r\nb"}]), ["a\nb"]),
    "repeated ids": (notebook_bytes([CODE, CODE]), ["x = 1", "x = 1"]),
    "an id that is none": (notebook_bytes([{**CODE, "id": "no spaces!"}]), ["x = 1"]),
    "an unknown cell type": (notebook_bytes([{"cell_type": "sql", "source": "select"}]), ["select"]),
    "cells that are no objects": (notebook_bytes([None, 1, CODE]), ["x = 1"]),
    "tags of a wrong type": (notebook_bytes([{**CODE, "metadata": {"tags": "skip"}}]), ["x = 1"]),
    "outputs of a wrong type": (notebook_bytes([{**CODE, "outputs": ["?", {"output_type": "?"}]}]), ["x = 1"]),
    "half a character": (notebook_bytes([{**CODE, "source": "x = '\ud800'"}]), ["x = '?'"]),
    "metadata nested without end": (
        notebook_bytes([CODE], metadata={"x": 1}).replace(b"1}", b"[" * 900 + b"]" * 900 + b"}", 1),
        ["x = 1"],
    ),
    "attachments of a wrong type": (
        notebook_bytes([{"cell_type": "markdown", "source": "x", "attachments": {"a": {"b": 1}, "c": 2}}]),
        ["x"],
    ),
    "not a number in the metadata": (notebook_bytes([CODE], metadata={"x": float("nan")}), ["x = 1"]),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_notebooks_are_repaired(name):
    data, texts = DAMAGED[name]
    notebook = read_notebook(data)
    assert [cell.source for cell in notebook.cells] == texts
    nbformat.validate(notebook)
    nbformat.validate(normalise(notebook))
    assert read_notebook(to_bytes(normalise(notebook))) == normalise(notebook)


REPAIRED = {
    "an ordinary notebook": (notebook_bytes([CODE]), []),
    "a byte order mark": (b"\xef\xbb\xbf" + notebook_bytes([CODE]), ["it was saved with a byte order mark"]),
    "UTF-16": (notebook_bytes([CODE]).decode().encode("utf-16"), ["it was saved as utf-16"]),
    "another encoding": (
        notebook_bytes([CODE]).replace(b"x = 1", b"# \xe4"),
        ["it holds bytes that are no UTF-8: they were replaced"],
    ),
    "NUL characters": (
        notebook_bytes([{**CODE, "source": "x \0= 1"}] * 2),
        ["it holds NUL characters: they were taken out"],
    ),
    "half a character": (
        notebook_bytes([{**CODE, "source": "# \ud800"}]),
        ["it holds halves of characters: they were replaced"],
    ),
    "nested without end": (
        notebook_bytes([CODE], metadata={"x": 1}).replace(b"1}", b"[" * 900 + b"]" * 900 + b"}", 1),
        ["it is nested more than 100 deep: what lies deeper was left out"],
    ),
    "a future minor": (notebook_bytes([CODE], nbformat_minor=99), ["it was saved in nbformat 4.99"]),
    "a future format": (notebook_bytes([CODE], nbformat=5), ["it was saved in nbformat 5"]),
    "metadata of a wrong type": (notebook_bytes([CODE], metadata=[1]), ["it has no metadata"]),
    "cells of a wrong type": (notebook_bytes({"0": CODE}), ["it has no cells"]),
    "cells that are none": (notebook_bytes([CODE, 1]), ["1 of its cells are no objects and were left out"]),
    "text in lists in lists": (notebook_bytes([{**CODE, "source": [["x"]]}]), ["the text of a cell is no text"]),
}


@pytest.mark.parametrize("name", REPAIRED)
def test_what_was_put_right_is_told(name):
    data, expected = REPAIRED[name]
    notes = []
    read_notebook(data, notes)
    assert notes == expected


UNREADABLE = {
    "empty file": (b"", "empty"),
    "white space": (b" \n", "empty"),
    "invalid JSON": (b'{"cells": [', "not valid JSON"),
    "a page of HTML": (b"<!DOCTYPE html><html>login</html>", "not valid JSON"),
    "NUL bytes": (b"\0" * 100, "NUL"),
    "NUL bytes inside": (notebook_bytes([CODE]).replace(b"x = 1", b"x\0= 1"), "NUL"),
    "a list": (b"[]", "JSON list"),
    "a number with too many digits": (b"[" + b"9" * 10_000 + b"]", "not valid JSON"),
    "some other JSON": (b'{"name": "x"}', "neither cells nor nbformat"),
    "brackets without end": (b"[" * 200_000, "nested too deeply"),
    "too many objects": (notebook_bytes([CODE], metadata={"x": [{}] * 300_001}), "objects; at most 300,000"),
    "too many values": (notebook_bytes([CODE], metadata={"x": [1] * 5_000_001}), "values; at most 5,000,000"),
    "too many cells": (notebook_bytes([{}] * 5_001), "5001 cells; at most 5000"),
    "too much code": (notebook_bytes([{**CODE, "source": "#" * 600_000}] * 2), "1,200,000 characters"),
    "too many objects and a text without end": (b"[" * 300_001 + b'"\\' * 3_000_000, "objects; at most 300,000"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_is_no_notebook_is_refused_with_a_reason_in_one_line(name):
    data, reason = UNREADABLE[name]
    with pytest.raises(UnreadableNotebook) as refusal:
        read_notebook(data)
    assert reason in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_notebook_that_is_too_large_is_refused_before_it_is_parsed(monkeypatch):
    monkeypatch.setattr(notebooks, "MAX_NOTEBOOK_BYTES", 10)
    with pytest.raises(UnreadableNotebook, match="no more are read"):
        read_notebook(b'{"cells": []}')


def test_brackets_and_commas_in_texts_are_no_objects():
    page = "[{,:}]" * 1_000_000
    shown = {"output_type": "display_data", "data": {"text/html": page}, "metadata": {}}
    (cell,) = read_notebook(notebook_bytes([{**CODE, "outputs": [shown]}])).cells
    assert cell.outputs[0].data["text/html"] == page


def test_outputs_are_kept_for_those_who_read_results_from_them():
    data = {"application/vnd.coursework.run+json": {"seed": 1}}
    cell = new_code_cell("x", outputs=[new_output("display_data", data=data)])
    notebook = nbformat.v4.new_notebook(cells=[cell])
    assert read_notebook(to_bytes(notebook)).cells[0].outputs[0].data == data


# --- normal form


def test_the_normal_form_has_no_outputs_and_no_metadata_of_editors():
    notebook = answered(master_notebook())
    notebook.metadata.update(colab={"name": "x"}, kernelspec={"name": "venv-7", "display_name": "mine"})
    cell_of(notebook, "double").update(execution_count=3, outputs=[new_output("stream", text="hi")])
    cell_of(notebook, "double").metadata.update(collapsed=True, tags=[], executionInfo={})
    assert to_bytes(normalise(notebook)) == to_bytes(normalise(answered(master_notebook())))


def test_the_normal_form_keeps_ids_and_is_stable():
    once = to_bytes(normalise(master_notebook()))
    assert to_bytes(normalise(read_notebook(once))) == once
    assert [cell.id for cell in normalise(master_notebook()).cells] == [c.id for c in master_notebook().cells]
    assert once.endswith(b"}\n")
    assert not once.endswith(b"\n\n")


# --- what the cells mean


def test_the_exercises_of_a_master():
    found = [(e.id, e.kind, e.points, e.examination) for e in exercises(master_notebook())]
    assert found == [
        ("double", "code", 4.0, "arithmetic/double"),
        ("halve", "code", 2.0, "arithmetic/halve"),
        ("essay", "written", 6.0, None),
    ]


def test_a_written_exercise_has_its_rubric():
    essay = exercises(master_notebook())[-1]
    assert essay.rubric is not None
    assert "MARK SCHEME" in essay.rubric.source


def test_hidden_and_visible_parts_are_told_apart():
    visible, hidden = split_hidden(DOUBLE_TEST)
    assert visible == 'assert double(2) == 4, "double(2): expected 4"'
    assert hidden.startswith("# sizes")
    assert "HIDDEN TESTS" not in visible + hidden


@pytest.mark.parametrize(
    ("hidden", "name"),
    [
        ('examine("a/b", globals())', "a/b"),
        ('from autograder import examine\nexamine.examine("a/b", globals())', "a/b"),
        ('# examine("a/b", globals())', None),
        ("examine(name, globals())", None),
        ("x = 'examine(\"a/b\")'", None),
        ("%time examine(", None),
        ("", None),
    ],
)
def test_the_examinations_name_is_found_by_parsing(hidden, name):
    assert examination_name(hidden) == name


@pytest.mark.parametrize("cell_type", ["code", "markdown"])
def test_markers_are_found_as_they_are_made(cell_type):
    assert find_markers(marker_line("lstm_cell", cell_type) + "\nx = 1") == ["lstm_cell"]


def test_markers_are_found_after_editing():
    assert find_markers("import torch\n#exercise:  lstm_cell  \nx = 1") == ["lstm_cell"]
    assert find_markers('print("# exercise: lstm_cell")') == []
    assert find_markers("# my exercise: it is hard") == []


@pytest.mark.parametrize("source", ["def f(:", "\0", "-" * 100_000 + "1", "a" + ".b" * 100_000])
def test_what_pythons_parser_does_not_take_is_no_python(source):
    assert notebooks.parsed(source) is None


def test_a_students_text_gives_no_warnings(recwarn):
    assert notebooks.parsed("x = '\\d' is 1") is not None
    assert not recwarn.list


def test_a_text_comes_apart_at_its_second_marker():
    assert split_at_markers("a\n# exercise: x\nb\n# exercise: y\nc") == ["a\n# exercise: x\nb", "# exercise: y\nc"]
    assert split_at_markers("a\nb") == ["a\nb"]


def test_identity_is_released_as_a_form_even_when_all_of_it_is_solution():
    cell = new_code_cell("STUDENT_ID = 'x'", metadata=cell_of(master_notebook(), "identity").metadata)
    assert release_source(cell).startswith('# exercise: identity\nSTUDENT_ID = ""')


def test_a_plain_cell_is_released_as_it_is():
    assert release_source(new_markdown_cell("text")) == "text"


def test_the_checksum_is_nbgraders():
    cells = [cell for cell in master_notebook().cells if grade_id(cell)]
    assert len(cells) > 5
    assert [checksum(cell) for cell in cells] == [compute_checksum(cell) for cell in cells]
