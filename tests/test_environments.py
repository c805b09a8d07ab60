"""The lists of other versions agree with what pyproject.toml claims, and what checks them finds what it should.

Building the environments takes gigabytes and is not done here (see tests/environments/check.py). Where
they have been built, the setup cells are run in them.
"""

import os
import sys
import tomllib
from pathlib import Path

import nbformat
import psutil
import pytest
from packaging.requirements import Requirement
from packaging.version import Version
from small_course import REPOSITORY

sys.path.insert(0, str(REPOSITORY / "tests" / "environments"))

import check
from check import Checks, Environment, EnvironmentFault, Outcome, Runner

from autograder.course import open_course
from autograder.wheel import build_wheel

BUILT = REPOSITORY / "build" / "environments"
ENVIRONMENTS = {environment.name: environment for environment in check.environments()}
COLAB = [name for name in ENVIRONMENTS if ENVIRONMENTS[name].colab]


def claims() -> dict[str, Requirement]:
    """What students need, by name: the dependencies, and the extra for the notebooks with Keras."""
    with (REPOSITORY / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    lines = [*project["dependencies"], *project["optional-dependencies"]["tensorflow"]]
    return {check.plain_name(line): Requirement(line) for line in lines}


def pins(name: str) -> dict[str, Version]:
    lines = [line for line in ENVIRONMENTS[name].requirements.read_text().splitlines() if "==" in line]
    return {check.plain_name(line): Version(line.split("==")[1]) for line in lines if not line.startswith("#")}


def test_the_oldest_versions_that_are_checked_are_those_that_are_claimed():
    floors = {name: Version(next(iter(claim.specifier)).version) for name, claim in claims().items()}
    assert {name: pins("oldest")[name] for name in floors} == floors


def test_the_oldest_python_is_the_one_that_is_claimed():
    with (REPOSITORY / "pyproject.toml").open("rb") as file:
        assert tomllib.load(file)["project"]["requires-python"] == f">={ENVIRONMENTS['oldest'].python}"


@pytest.mark.parametrize("name", COLAB)
def test_what_colab_has_is_within_what_is_claimed(name):
    have = pins(name)
    assert [str(claim) for package, claim in claims().items() if have[package] not in claim.specifier] == []


@pytest.mark.parametrize("name", COLAB)
def test_a_list_of_colab_gives_exact_versions_of_all_that_it_holds(name):
    lines = ENVIRONMENTS[name].requirements.read_text().splitlines()
    assert [line for line in lines if line and "==" not in line and not line.startswith("#")] == []
    assert {"ipython", "ipykernel", "jupyter-client", "traitlets"} <= set(pins(name))


def test_a_list_without_a_version_of_python_is_refused(tmp_path):
    path = tmp_path / "new.txt"
    path.write_text("numpy==2.0.2\n")
    with pytest.raises(EnvironmentFault, match=r"new\.txt: the line '# python: 3\.12'"):
        check.read_environment(path)


def test_a_python_that_is_not_there_is_named():
    with pytest.raises(EnvironmentFault, match=r"python3\.99 is missing"):
        check.find_python("3.99")


def test_a_list_is_renewed_from_colabs_own():
    freeze = "numpy==2.3.0\nJinja2==3.2\ntorch @ https://example.org/torch-2.12.0%2Bcpu-cp313-x.whl\nother==1\n"
    before = "# python: 3.13\njinja2==3.1.6\nnumpy==2.1.3\nold_one==1.0\ntorch==2.11.0\n"
    after = "# python: 3.13\njinja2==3.2\nnumpy==2.3.0\n# old_one: no longer there\ntorch==2.12.0\n"
    assert check.renewed(before, freeze) == after


@pytest.fixture
def here(tmp_path):
    """This very environment, told to be a Colab."""
    return Runner(
        Environment("here", "3.11", True, tmp_path / "here.txt"), Path(sys.executable), tmp_path / "kernels.log"
    )


def notebook(*cells: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])


def test_a_notebook_runs_as_on_colab_and_sees_nothing_of_ours(here, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    monkeypatch.setenv("COURSEWORK_GRADING", "1")
    lines = [
        "import os, sys",
        "assert 'google.colab' in sys.modules and os.environ['COLAB_RELEASE_TAG']",
        f"assert {str(REPOSITORY)!r} not in sys.path and 'COURSEWORK_GRADING' not in os.environ",
        "import warnings; warnings.warn('this grows old', DeprecationWarning)",
    ]
    asks = notebook("\n".join(lines))
    error, warnings = here.run(asks, tmp_path, asks)
    assert error == ""
    assert len(warnings) == 1 and warnings[0].endswith("DeprecationWarning: this grows old")


def test_a_kernel_ends_with_its_notebook(here, tmp_path):
    asks = notebook("import os; open('pid', 'w').write(str(os.getpid()))", "1 / 0")
    assert here.run(asks, tmp_path, asks)[0].endswith("ZeroDivisionError: division by zero")
    assert not psutil.pid_exists(int((tmp_path / "pid").read_text()))


def test_what_goes_wrong_is_told_in_its_first_line(here, tmp_path):
    failing = notebook("x = 1", "raise ValueError('first\\nsecond')")
    failing.cells[1].metadata["nbgrader"] = {"grade_id": "given_data"}
    assert here.run(failing, tmp_path, failing)[0] == "given_data: ValueError: first"


SETUP_CELL = 'WHEEL = ""\nstart.begin("x", needs=["torch", "pdfplumber>=0.11.9"], wheel=WHEEL)'
CHANGES = {
    "nothing": ({"torch==2", "pdfplumber==1"}, {"torch==2", "pdfplumber==1"}, []),
    "what was missing": ({"torch==2"}, {"torch==2", "pdfplumber==1", "pdfminer.six==1"}, []),
    "another version": ({"torch==2", "pdfplumber==1"}, {"torch==3", "pdfplumber==1"}, ["torch==2"]),
    "another version beside what was missing": ({"torch==2"}, {"torch==3", "pdfplumber==1"}, ["torch==2"]),
    "what nobody needs": ({"torch==2", "pdfplumber==1"}, {"torch==2", "pdfplumber==1", "six==1"}, ["six==1"]),
}


@pytest.mark.parametrize("change", CHANGES)
def test_no_package_changes_but_what_was_missing_may_be_added(change):
    before, after, complaint = CHANGES[change]
    assert check.unwanted_changes(before, after, check.needs_of(SETUP_CELL)) == complaint


def test_the_address_of_the_wheel_is_put_where_a_release_has_it():
    assert check.with_address(SETUP_CELL, "http://x/y.whl").startswith('WHEEL = "http://x/y.whl"\n')
    with pytest.raises(EnvironmentFault, match="given_setup has no line"):
        check.with_address("import sys", "http://x/y.whl")


def test_tests_that_need_the_instructors_packages_are_left_out(tmp_path):
    files = {
        "conftest.py": "import pytest\n",
        "shared.py": "import numpy\n",
        "grading.py": "from autograder import grade\n",
        "test_one.py": "import helpers\nfrom shared import x\n",
        "test_two.py": "import helpers\nfrom grading import x\n",
        "test_three.py": "import os\n",
        "test_four.py": 'import helpers\nMASTERS = REPOSITORY / "source"\n',
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    chosen = check.tests_of_helpers(tmp_path, lambda module: module in ("numpy", "pytest"))
    assert [path.name for path in chosen] == ["conftest.py", "shared.py", "test_one.py"]


def test_the_table_names_what_failed():
    outcomes = [
        Outcome("old", "quiz", "setup", 1.0),
        Outcome("old", "quiz", "reference", 2.0, "given_data: ValueError: no", ("FutureWarning: soon",)),
    ]
    lines = check.table(outcomes).splitlines()
    assert lines[0] == "| Environment | Notebook | setup | reference |"
    assert lines[2] == "| old | quiz | passed | FAILED |"
    assert lines[4:6] == ["1 passed, 1 failed", "- old, quiz, reference: given_data: ValueError: no"]
    assert lines[-1] == "- old, quiz, reference: FutureWarning: soon"


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_setup_cells_run_where_the_environment_has_been_built(name, tmp_path):
    folder = Path(os.environ.get("COURSEWORK_ENVIRONMENTS", BUILT))
    if not check.is_built(ENVIRONMENTS[name], folder):
        pytest.skip(f"the environment {name} has not been built: make environments")
    wheel = build_wheel(open_course(REPOSITORY), tmp_path)
    outcomes = list(Checks(ENVIRONMENTS[name], folder, wheel, "review").setup())
    assert [outcome.error for outcome in outcomes] == [""]
