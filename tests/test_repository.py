"""One setting says where students find the course: badges, the wheel's address, and what they do to hand-ins."""

import copy
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from urllib.parse import unquote

import pytest
from nbformat.v4 import new_code_cell
from small_course import ASSIGNMENT, REPOSITORY, answered, cell_of, make_course, master_notebook, nbgrader

from autograder.bundle import bundle
from autograder.check import check
from autograder.course import CONFIG_NAME, CourseError
from autograder.notebooks import normalise, read_notebook, to_bytes
from autograder.release import Addresses, build_release, out_of_step, release, replace_folder, with_addresses
from autograder.sanitize import sanitize
from autograder.settings import Repository, read_settings
from helpers import __version__

WHEEL = f"rnn_coursework_helpers-{__version__}-py3-none-any.whl"
BADGE = (
    "[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]"
    "(https://colab.research.google.com/github/university/course/blob/main/arithmetic/arithmetic.ipynb)"
)
SETUP = 'WHEEL = ""  # the address\nfrom helpers import start\nstart.begin("arithmetic", wheel=WHEEL)'


def master_with_setup():
    master = master_notebook()
    setup = new_code_cell(SETUP, id="id-setup", metadata=nbgrader("given_setup", locked=True))
    master.cells.insert(2, setup)
    return normalise(master)


def configured(course, repository):
    """The same course, with this setting; None takes it away."""
    path = course.root / CONFIG_NAME
    text = re.sub(r"^c\.Coursework\.repository = .*\n", "", path.read_text(), flags=re.MULTILINE)
    path.write_text(text + (f"c.Coursework.repository = {repository!r}\n" if repository else ""))
    return course


@pytest.fixture
def course(tmp_path):
    course = make_course(tmp_path / "course")
    (course.source / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").write_bytes(to_bytes(master_with_setup()))
    return configured(course, "university/course")


def released(course):
    """What students get now, brought into release/ without the seconds that making a gradebook takes."""
    built = build_release(course, ASSIGNMENT, course.work / "built")
    replace_folder(built, course.release / ASSIGNMENT, course.work / "before")
    return read_notebook((course.release / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_bytes())


# --- the release


def test_the_release_has_a_badge_on_top_and_the_wheels_address_in_the_setup_cell(course):
    notebook = released(course)
    assert notebook.cells[0].source == f"{BADGE}\n\n{master_with_setup().cells[0].source}"
    address = f"https://raw.githubusercontent.com/university/course/main/{WHEEL}"
    assert cell_of(notebook, "given_setup").source == SETUP.replace('""', f'"{address}"')


def test_without_the_setting_there_is_neither(course):
    notebook = released(configured(course, None))
    assert notebook.cells[0].source == master_with_setup().cells[0].source
    assert cell_of(notebook, "given_setup").source == SETUP
    assert "colab" not in json.dumps(notebook)


def test_the_source_is_not_touched(course):
    released(course)
    assert (course.source / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_bytes() == to_bytes(master_with_setup())


def test_the_release_is_in_normal_form_and_in_step_until_the_setting_changes(course):
    notebook = released(course)
    assert normalise(copy.deepcopy(notebook)) == notebook
    assert out_of_step(course, ASSIGNMENT) == []
    configured(course, "university/course@winter")
    assert out_of_step(course, ASSIGNMENT) == ["arithmetic.ipynb differs from what the source gives"]


def test_plain_nbgrader_puts_in_the_same(course):
    ours = to_bytes(released(course))
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", ASSIGNMENT, "--force", "--no-db"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run(command, cwd=course.root, env=environment, check=True, capture_output=True)
    assert (course.release / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_bytes() == ours


def test_a_setting_that_cannot_be_read_is_refused_by_the_release(course):
    configured(course, "https://github.com/university/course")
    with pytest.raises(
        CourseError, match=r"c\.Coursework\.repository: it is 'https://github.com/university/course': w"
    ):
        release(course, ASSIGNMENT)


@pytest.mark.parametrize("path", sorted((REPOSITORY / "source").glob("*/*.ipynb")), ids=lambda path: path.stem)
def test_every_notebook_of_this_course_has_a_place_for_both(path):
    """One badge, in the cell with the title, and one address."""
    master = read_notebook(path.read_bytes())
    notebook = with_addresses(master, Addresses(colab="https://colab.example/x", wheel="https://wheel.example/x"))
    changed = [new for old, new in zip(master.cells, notebook.cells, strict=True) if old.source != new.source]
    assert len(changed) == 2
    assert changed[0].source.split("\n")[2].startswith("# ")
    assert '\nWHEEL = "https://wheel.example/x"' in changed[1].source


# --- hand-ins


def test_an_honest_hand_in_is_not_held_to_have_changed_anything(course):
    notebook = released(course)
    result = sanitize(master_with_setup(), answered(notebook), notebook)
    assert (result.tamper, result.notes) == ([], [])
    assert cell_of(result.notebook, "given_setup").source == SETUP  # as in source/: graded without an address
    assert result.notebook.cells[0].source.startswith("# Arithmetic")


@pytest.mark.parametrize(("then", "now"), [(None, "a/b"), ("a/b", None), ("a/b", "a/c")], ids=["set", "unset", "moved"])
def test_an_address_that_changed_since_is_not_held_against_students(course, then, now):
    theirs = answered(released(configured(course, then)))
    result = sanitize(master_with_setup(), theirs, released(configured(course, now)))
    assert result.tamper == []
    assert result.notes[0] == "the hand-in was made from another release of this assignment"
    assert cell_of(result.notebook, "double").source == cell_of(theirs, "double").source
    assert cell_of(result.notebook, "given_setup").source == SETUP


def test_an_edited_test_is_told_as_before(course):
    notebook = released(course)
    theirs = answered(notebook)
    cell_of(theirs, "double_test").source = "pass"
    assert "test cell double_test was edited" in sanitize(master_with_setup(), theirs, notebook).tamper[0]


# --- the setting


READ = {
    "university/course": Repository("university", "course", "main"),
    "university/course@winter-2026": Repository("university", "course", "winter-2026"),
    "u-1/rnn.coursework_2": Repository("u-1", "rnn.coursework_2"),
}
WRONG = [
    "course",
    "https://github.com/university/course",
    "university/course.git",
    "university/course/",
    "university/course@",
    "university/course@term/2026",
    "university/../course",
    "university/.",
    'university/course"',
    "university/course\n",
    "",
    7,
]


@pytest.mark.parametrize("value", READ)
def test_a_repository_is_read(value):
    settings, problems = read_settings({"repository": value}, Path(), [])
    assert (settings.repository, problems) == (READ[value], [])


@pytest.mark.parametrize("value", WRONG, ids=repr)
def test_what_is_no_repository_is_told_with_what_to_write(value):
    settings, ((where, what),) = read_settings({"repository": value}, Path(), [])
    assert settings.repository is None
    assert where == "c.Coursework.repository"
    assert "write 'owner/name' or 'owner/name@branch'" in what


def test_addresses_are_quoted():
    assert Repository("a", "b").raw("my course/x.whl").endswith("/a/b/main/my%20course/x.whl")
    assert Repository("a", "b", "c").colab("ä/x.ipynb").endswith("/github/a/b/blob/c/%C3%A4/x.ipynb")


def findings(course):
    return [str(problem) for problem in check(course, {"arithmetic/double", "arithmetic/halve"})]


def test_check_knows_the_setting(course):
    released(course)
    assert findings(course) == []
    configured(course, "course")
    assert any(
        line.startswith("nbgrader_config.py, c.Coursework.repository: it is 'course'") for line in findings(course)
    )


def test_check_names_a_notebook_without_a_place_for_the_address(course):
    master = master_with_setup()
    cell_of(master, "given_setup").source = "from helpers import start"
    (course.source / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").write_bytes(to_bytes(master))
    released(course)
    (finding,) = findings(course)
    assert finding.startswith("source/arithmetic/arithmetic.ipynb, given_setup: there is no line 'WHEEL")
    configured(course, None)
    released(course)
    assert findings(course) == []


# --- the bundle


def test_every_badge_and_address_leads_to_a_file_of_the_bundle(course, tmp_path):
    """The unpacked folder is what is pushed to the repository."""
    released(course)
    with zipfile.ZipFile(bundle(course, tmp_path / "out")) as archive:
        texts = {name: archive.read(name) for name in archive.namelist()}
    names = {name.removeprefix("rnn-coursework/") for name in texts}
    pages = [
        data.decode() for name, data in texts.items() if name.endswith((".ipynb", "README.md")) and "/data/" not in name
    ]
    found = re.findall(r"https://(?:colab|raw)\.[^\s\"\\)]+", "\n".join(pages))
    leads_to = {unquote(re.sub(r".*university/course/(blob/)?main/", "", address)) for address in found}
    assert leads_to - {"https://colab.research.google.com/assets/colab-badge.svg"} == {
        WHEEL,
        f"{ASSIGNMENT}/{ASSIGNMENT}.ipynb",
    }
    assert leads_to - {"https://colab.research.google.com/assets/colab-badge.svg"} <= names
    readme = texts["rnn-coursework/README.md"].decode()
    assert f"| [arithmetic](arithmetic/arithmetic.ipynb) | Arithmetic | {BADGE} |" in readme
