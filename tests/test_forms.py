"""Forms: what is blank is said, and a release keeps their lines without a stub that raises."""

import numpy as np
import pytest
import torch
from nbformat.v4 import new_code_cell

from autograder.notebooks import release_source
from helpers.forms import require_answers

SOURCE = 'q1_1 = ""  #@param ["", "A", "B"]\nq1_2 = None\n### BEGIN SOLUTION\nq1_1 = "B"\nq1_2 = 3\n### END SOLUTION'


def answer_cell(**coursework: object) -> object:
    nbgrader = {"grade": False, "grade_id": "basics", "locked": False, "solution": True, "schema_version": 3}
    return new_code_cell(SOURCE, metadata={"nbgrader": nbgrader, "coursework": coursework})


def test_a_form_is_released_with_its_lines_and_no_stub():
    assert release_source(answer_cell(form=True)) == (
        '# exercise: basics\nq1_1 = ""  #@param ["", "A", "B"]\nq1_2 = None'
    )


def test_any_other_answer_cell_gets_the_stub():
    assert 'raise NotImplementedError("Exercise basics: not answered yet")' in release_source(answer_cell())


@pytest.mark.parametrize("blank", ["", "  ", None, [], {}])
def test_a_form_without_any_answer_is_not_answered(blank: object):
    with pytest.raises(NotImplementedError, match=r"^Exercise basics: not answered yet$"):
        require_answers("basics", {"q1_1": blank, "q1_2": blank})


def test_blank_lines_are_named(capsys: pytest.CaptureFixture[str]):
    require_answers("basics", {"q1_1": "B", "q1_2": None, "q1_3": 0})
    assert capsys.readouterr().out == "Not answered yet: q1_2\n"


def test_nothing_is_said_when_all_is_answered(capsys: pytest.CaptureFixture[str]):
    require_answers("basics", {"q1_1": "B", "q1_2": 0, "q1_3": 0.0})
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("value", [np.float32(0), np.array(0.25), torch.tensor(0.25)], ids=repr)
def test_a_number_of_numpy_or_torch_is_an_answer(value, capsys):
    require_answers("basics", {"q1_4": value})
    assert capsys.readouterr().out == ""
