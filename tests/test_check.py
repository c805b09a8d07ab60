"""`coursework check`: what is out of step is found and named."""

import shutil

import pytest
from nbformat.v4 import new_output
from small_course import ASSIGNMENT, cell_of, edit_master, make_course

from autograder.check import check
from autograder.release import build_release, replace_folder

KNOWN = {"arithmetic/double", "arithmetic/halve"}


@pytest.fixture
def course(tmp_path):
    course = make_course(tmp_path)
    step(course)
    return course


def step(course):
    """Bring release/ into step with source/."""
    built = build_release(course, ASSIGNMENT, course.work / "built")
    replace_folder(built, course.release / ASSIGNMENT, course.work / "before")
    shutil.rmtree(course.work)


def findings(course):
    return [str(problem) for problem in check(course, KNOWN)]


def test_a_course_in_order_has_no_findings(course):
    assert findings(course) == []


def metadata(notebook, name):
    return cell_of(notebook, name).metadata["nbgrader"]


def outputs_left(notebook):
    cell_of(notebook, "double").outputs = [new_output("stream", text="x")]


def points_zero(notebook):
    metadata(notebook, "double_test")["points"] = 0


def points_text(notebook):
    metadata(notebook, "essay")["points"] = "six"


def no_examination(notebook):
    cell_of(notebook, "halve_test").source = "assert halve(2) == 1"


def other_examination(notebook):
    cell = cell_of(notebook, "halve_test")
    cell.source = cell.source.replace("arithmetic/halve", "arithmetic/double")


def test_of_no_exercise(notebook):
    metadata(notebook, "halve")["grade_id"] = "half"


test_of_no_exercise.__test__ = False


def no_rubric(notebook):
    notebook.cells.remove(cell_of(notebook, "essay_rubric"))


def empty_mark_scheme(notebook):
    cell_of(notebook, "essay_rubric").source = "Three points."


def no_identity(notebook):
    notebook.cells.remove(cell_of(notebook, "identity"))


def twice_the_same_id(notebook):
    metadata(notebook, "given_imports")["grade_id"] = "halve"


def editor_metadata(notebook):
    notebook.metadata["colab"] = {}


def data_without_sample(notebook):
    cell_of(notebook, "given_imports").source = "from helpers.data import speech_commands"


MISTAKES = {
    outputs_left: "arithmetic.ipynb, double: outputs are left in it",
    points_zero: "double_test: its points are 0, not a number above 0",
    points_text: "essay: its points are 'six'",
    no_examination: 'halve_test: its hidden region does not call examine("arithmetic/halve", globals())',
    other_examination: "halve_test: it is examined as 'arithmetic/double'",
    test_of_no_exercise: "halve_test: it belongs to no exercise",
    no_rubric: "essay: there is no rubric 'essay_rubric'",
    empty_mark_scheme: "essay_rubric: its mark scheme is empty",
    no_identity: "there is no answer cell 'identity'",
    twice_the_same_id: "the id 'halve' is there 2 times",
    editor_metadata: "source/arithmetic/arithmetic.ipynb: it is not in normal form",
    data_without_sample: "it loads 'speech_commands', but data/speech_commands holds no sample",
}


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.__name__)
def test_mistakes_in_a_source_are_found_and_named(course, mistake):
    edit_master(course, mistake)
    assert any(MISTAKES[mistake] in finding for finding in findings(course)), findings(course)


def test_an_examination_that_does_not_exist_is_found(course):
    assert "there is no examination 'arithmetic/halve'" in str(check(course, {"arithmetic/double"})[0])


def test_the_packages_own_examinations_are_the_default(course):
    assert any("there is no examination 'arithmetic/double'" in str(problem) for problem in check(course))


def test_a_release_out_of_step_is_found(course):
    edit_master(course, lambda notebook: cell_of(notebook, "double_test").update(id="other"))
    assert findings(course) == ["release/arithmetic: arithmetic.ipynb differs from what the source gives"]


def test_files_too_many_and_too_few_are_found(course):
    (course.release / ASSIGNMENT / "notes.txt").write_text("x")
    (course.release / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").unlink()
    assert findings(course) == [
        "release/arithmetic: arithmetic.ipynb is missing",
        "release/arithmetic: notes.txt does not come from the source",
    ]


def test_a_course_never_released_is_told_so(tmp_path):
    assert findings(make_course(tmp_path)) == ["release/arithmetic: arithmetic was never released"]


def test_a_source_that_is_no_notebook_is_found_and_does_not_stop_the_check(course):
    (course.source / ASSIGNMENT / "second.ipynb").write_text("{")
    assert any("second.ipynb: the notebook is not valid JSON" in finding for finding in findings(course))


def test_a_configuration_that_does_not_load_is_found(course):
    (course.root / "nbgrader_config.py").write_text("c = get_config(\n")
    assert "cannot be loaded: SyntaxError" in findings(course)[0]


def test_a_sample_that_is_there_is_no_problem(course):
    edit_master(course, data_without_sample)
    step(course)
    (course.data / "speech_commands" / "one").mkdir(parents=True)
    (course.data / "speech_commands" / "one" / "a.wav").write_bytes(b"RIFF")
    assert findings(course) == []
