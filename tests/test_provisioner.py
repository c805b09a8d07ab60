"""The sandbox as a kernel provisioner: nbclient and stock nbgrader run their notebooks in it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from jupyter_client.provisioning import KernelProvisionerFactory
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.api import Gradebook
from small_course import answer, test_cell

from autograder.notebooks import to_bytes

pytestmark = pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")

NAME = "coursework-sandbox"


@pytest.fixture(autouse=True)
def default_provisioner(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The factory is one for the whole process, and reads the variable when it is made."""
    monkeypatch.setenv("JUPYTER_DEFAULT_PROVISIONER_NAME", NAME)
    KernelProvisionerFactory.clear_instance()
    yield
    KernelProvisionerFactory.clear_instance()


def run(sources: list[str], folder: Path, **options: object) -> list[str]:
    """What the cells print when nbclient runs them in ``folder``."""
    notebook = new_notebook(cells=[new_code_cell(source) for source in sources])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    NotebookClient(notebook, resources={"metadata": {"path": str(folder)}}, **options).execute()
    return ["".join(output.get("text", "") for output in cell.outputs).strip() for cell in notebook.cells]


def test_nbclient_runs_a_notebook_in_the_sandbox(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "numbers.txt").write_text("1 2")
    printed = run(
        [
            "import os, socket; print(os.getuid(), os.getcwd())",
            "print(open('notes.txt').read(), open('more/numbers.txt').read())",
            f"print(os.path.exists({str(tmp_path)!r}), [name for _, name in socket.if_nameindex()])",
        ],
        tmp_path,
    )
    assert printed == ["1000 /home/student", "mine 1 2", "False ['lo']"]


def test_a_cell_that_takes_too_long_is_interrupted(tmp_path):
    printed = run(
        ["try:\n    import time; time.sleep(600)\nexcept KeyboardInterrupt:\n    print('interrupted')"],
        tmp_path,
        timeout=1,
        interrupt_on_timeout=True,
    )
    assert printed == ["interrupted"]


def test_a_cell_that_cannot_be_interrupted_does_not_outlive_its_client(tmp_path):
    with pytest.raises(CellTimeoutError):
        run(["import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\ntime.sleep(600)"], tmp_path, timeout=1)


def test_stock_nbgrader_grades_in_the_sandbox(tmp_path):
    double = "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"
    test = "assert double(2) == 4\n### BEGIN HIDDEN TESTS\nimport os\nassert os.getuid() == 1000\n### END HIDDEN TESTS"
    master = new_notebook(cells=[answer("double", double), test_cell("double_test", test, 3)])
    master.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.course_id = 'plain'\n")
    for folder in ("source/sums", "submitted/ada/sums", "submitted/ben/sums"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "source/sums/sums.ipynb").write_bytes(to_bytes(master))
    nbgrader(tmp_path, "generate_assignment", "sums")
    released = nbformat.read(tmp_path / "release/sums/sums.ipynb", nbformat.NO_CONVERT)
    for student, factor in (("ada", 2), ("ben", 3)):
        released.cells[0].source = f"def double(x):\n    return {factor} * x"
        nbformat.write(released, tmp_path / f"submitted/{student}/sums/sums.ipynb")
    nbgrader(tmp_path, "autograde", "sums")
    with Gradebook(f"sqlite:///{tmp_path}/gradebook.db") as book:
        assert {s: book.find_submission("sums", s).score for s in ("ada", "ben")} == {"ada": 3.0, "ben": 0.0}


def nbgrader(folder: Path, *words: str) -> None:
    program = [sys.executable, "-m", "nbgrader", *words]
    # nbgrader calls alembic by its name.
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    done = subprocess.run(program, cwd=folder, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr[-2000:]
