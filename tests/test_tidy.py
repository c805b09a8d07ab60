"""`coursework tidy`: what an editor left in a master notebook is put right, and nothing else is touched."""

import copy

import pytest
from nbformat.v4 import new_output
from small_course import ASSIGNMENT, cell_of, make_course, master_notebook

from autograder.course import Course, CourseError
from autograder.notebooks import to_bytes
from autograder.tidy import tidy


@pytest.fixture
def course(tmp_path) -> Course:
    return make_course(tmp_path)


def master(course: Course):
    return course.source / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"


def test_what_an_editor_left_is_taken_out(course):
    before = master(course).read_bytes()
    notebook = copy.deepcopy(master_notebook())
    notebook.metadata["colab"] = {}
    cell_of(notebook, "double").outputs = [new_output("stream", text="1")]
    master(course).write_bytes(to_bytes(notebook))
    assert tidy(course, [ASSIGNMENT]) == [master(course)]
    assert master(course).read_bytes() == before


def test_a_notebook_in_order_is_left_alone(course):
    before = master(course).stat().st_mtime_ns
    assert tidy(course, [ASSIGNMENT]) == []
    assert master(course).stat().st_mtime_ns == before


def test_nothing_is_written_when_one_notebook_cannot_be_read(course):
    untidy = b" " + master(course).read_bytes()
    master(course).write_bytes(untidy)
    master(course).with_name("second.ipynb").write_bytes(b"no notebook")
    with pytest.raises(CourseError, match=r"source/arithmetic/second\.ipynb"):
        tidy(course, [ASSIGNMENT])
    assert master(course).read_bytes() == untidy
