"""A course of one examined exercise, `speech_commands/lstm_cell`, for tests of the whole way of grading."""

import shutil
from pathlib import Path

from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook
from small_course import REPOSITORY, answer, cell_of, nbgrader, test_cell

from autograder.course import Course, open_course
from autograder.notebooks import normalise, read_notebook, to_bytes
from autograder.release import release

ASSIGNMENT = "speech_commands"
POINTS = 4

RIGHT = """\
class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.x2h = nn.Linear(input_size, 4 * hidden_size, bias=bias)
        self.h2h = nn.Linear(hidden_size, 4 * hidden_size, bias=bias)

    def forward(self, input, hx=None):
        if hx is None:
            hx = (input.new_zeros(len(input), self.hidden_size),) * 2
        h, c = hx
        i, f, g, o = (self.x2h(input) + self.h2h(h)).chunk(4, 1)
        cy = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(cy), cy
"""
WRONG = RIGHT.replace("torch.sigmoid(f) * c", "torch.sigmoid(f) * h")
TEST = """\
hy, cy = LSTMCell(3, 5)(torch.zeros(2, 3))
assert hy.shape == (2, 5), "expected the hidden state (2, 5)"
### BEGIN HIDDEN TESTS
# recurrence and gates 0.5, sizes, state and side effects 0.5
from autograder.examine import examine
examine("speech_commands/lstm_cell", globals())
### END HIDDEN TESTS"""


def master_notebook() -> NotebookNode:
    indented = RIGHT.rstrip("\n")
    return normalise(
        new_notebook(
            cells=[
                answer("identity", 'STUDENT_ID = ""\nTEAM = []\n### BEGIN SOLUTION\nTEAM = []\n### END SOLUTION'),
                new_code_cell(
                    "import math\n\nimport numpy as np\nimport torch\nfrom torch import nn",
                    id="given",
                    metadata=nbgrader("given_imports", locked=True),
                ),
                answer("lstm_cell", f"### BEGIN SOLUTION\n{indented}\n### END SOLUTION"),
                test_cell("lstm_cell_test", TEST, POINTS),
            ]
        )
    )


def make_course(root: Path) -> Course:
    folder = root / "source" / ASSIGNMENT
    folder.mkdir(parents=True)
    (folder / f"{ASSIGNMENT}.ipynb").write_bytes(to_bytes(master_notebook()))
    shutil.copy(REPOSITORY / "nbgrader_config.py", root)
    course = open_course(root)
    release(course, ASSIGNMENT)
    return course


def hand_in(course: Course, student: str, source: str | None) -> Path:
    """Put a notebook with this answer into submitted/; None leaves the exercise as it was released."""
    released = read_notebook((course.release / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_bytes())
    cell_of(released, "identity").source = f'# exercise: identity\nSTUDENT_ID = "{student}"\nTEAM = []'
    if source is not None:
        cell_of(released, "lstm_cell").source = f"# exercise: lstm_cell\n{source}"
    path = course.submitted / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(to_bytes(released))
    return path
