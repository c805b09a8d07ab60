"""What students get from source/: complete, repeatable, and without a line too much."""

import os
import shutil
import stat
import subprocess
import sys

import pytest
from nbgrader.api import Gradebook
from small_course import ASSIGNMENT, answered, cell_of, edit_master, make_course, master_notebook

from autograder import notebooks
from autograder.course import Course, CourseError, open_course
from autograder.notebooks import normalise, read_notebook, release_source, to_bytes
from autograder.release import ensure_in_gradebook, hidden_runs, leaks_in_text, release, source_stamp


@pytest.fixture(scope="module")
def released_once(tmp_path_factory):
    """A released course; making a gradebook takes seconds, so that tests work on copies of this one."""
    course = make_course(tmp_path_factory.mktemp("course"))
    release(course, ASSIGNMENT)
    return course


@pytest.fixture
def course(tmp_path, released_once):
    return Course(shutil.copytree(released_once.root, tmp_path / "course"))


def released(course):
    return read_notebook((course.release / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_bytes())


def test_the_release_is_written_and_named(course):
    assert release(course, ASSIGNMENT) == [course.release / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"]


def test_answer_cells_have_marker_scaffold_and_a_stub_that_names_the_exercise(course):
    assert cell_of(released(course), "double").source == (
        "# exercise: double\n"
        "def double(x):\n"
        "    # YOUR CODE HERE\n"
        '    raise NotImplementedError("Exercise double: not answered yet")'
    )
    assert cell_of(released(course), "essay").source == "<!-- exercise: essay -->\nYOUR ANSWER HERE"


def test_every_released_answer_cell_is_python_that_raises_only_not_implemented(course):
    with pytest.raises(NotImplementedError, match="Exercise halve"):
        exec(compile(cell_of(released(course), "halve").source, "halve", "exec"), {})


def test_the_identity_cell_is_a_form_that_runs(course):
    namespace = {}
    exec(cell_of(released(course), "identity").source, namespace)
    assert (namespace["STUDENT_ID"], namespace["TEAM"]) == ("", [])


def test_hidden_tests_and_mark_scheme_are_gone_and_visible_tests_stay(course):
    assert cell_of(released(course), "double_test").source == 'assert double(2) == 4, "double(2): expected 4"'
    assert "overflow" not in cell_of(released(course), "essay_rubric").source


def test_the_release_is_stamped_with_assignment_and_source(course):
    stamp = {"assignment": ASSIGNMENT, "release": source_stamp(master_notebook())}
    assert released(course).metadata.coursework == stamp


def test_two_releases_give_the_same_bytes_in_normal_form(course):
    path = release(course, ASSIGNMENT)[0]
    first = path.read_bytes()
    release(course, ASSIGNMENT)
    assert path.read_bytes() == first == to_bytes(normalise(read_notebook(first)))


def test_pure_function_and_converter_agree_on_what_students_see(course):
    seen = [cell.source for cell in released(course).cells]
    assert seen == [release_source(cell) for cell in master_notebook().cells]


def test_plain_nbgrader_gives_the_same_bytes(course):
    path = course.release / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    ours = path.read_bytes()
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", ASSIGNMENT, "--force"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run(command, cwd=course.root, env=environment, check=True, capture_output=True)
    assert path.read_bytes() == ours


def test_the_gradebook_knows_the_points_of_each_exercise(course):
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as gradebook:
        assert gradebook.find_assignment(ASSIGNMENT).max_score == 12
        assert gradebook.find_grade_cell("double_test", ASSIGNMENT, ASSIGNMENT).max_score == 4


def test_a_clone_without_gradebook_gets_one_and_keeps_its_release(course):
    path = course.release / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    path.write_bytes(b"as committed")
    (course.root / "gradebook.db").unlink()
    ensure_in_gradebook(course, ASSIGNMENT)
    assert path.read_bytes() == b"as committed"
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as gradebook:
        assert [notebook.name for notebook in gradebook.find_assignment(ASSIGNMENT).notebooks] == [ASSIGNMENT]


def test_submissions_in_the_gradebook_survive_a_second_entry(course):
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as gradebook:
        gradebook.add_student("s1")
        gradebook.add_submission(ASSIGNMENT, "s1")
    ensure_in_gradebook(course, ASSIGNMENT)
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as gradebook:
        assert gradebook.find_submission(ASSIGNMENT, "s1").student.id == "s1"


def test_results_of_the_reference_stay_and_the_folder_given_goes_out(course):
    folder = course.source / ASSIGNMENT
    for name in ("results/training/run.json", "notes.txt", "given/table.csv"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("1,2\n")
    release(course, ASSIGNMENT)
    files = sorted(p.relative_to(course.release) for p in course.release.rglob("*") if p.is_file())
    assert [str(file) for file in files] == [
        f"{ASSIGNMENT}/{ASSIGNMENT}.ipynb",
        f"{ASSIGNMENT}/given/table.csv",
    ]


LEAKS = {
    "a hidden region with a misspelt delimiter": (
        "double_test",
        'assert True\n### BEGIN HIDDEN TEST\nexamine("a/b", globals())\n### END HIDDEN TEST',
    ),
    "the examiner named in visible text": ("given_imports", "import autograder"),
    "a solution region that is never closed": ("double", "### BEGIN SOLUTION\nx = 1"),
    "a hidden region that is never closed": ("double_test", "### BEGIN HIDDEN TESTS\nx = 1"),
    "a solution region outside an answer cell": ("given_imports", "### BEGIN SOLUTION\n1\n### END SOLUTION"),
}


@pytest.mark.parametrize("name", LEAKS)
def test_a_source_that_would_leak_is_refused_and_release_left_alone(course, name):
    path = course.release / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    before = path.read_bytes()
    cell, text = LEAKS[name]
    edit_master(course, lambda notebook: cell_of(notebook, cell).update(source=text))
    with pytest.raises(CourseError) as refusal:
        release(course, ASSIGNMENT)
    assert "\n" not in str(refusal.value)
    assert path.read_bytes() == before
    assert not list((course.work / "tmp").iterdir())


def test_a_secret_in_a_file_that_goes_out_is_refused(course):
    given = course.source / ASSIGNMENT / "given"
    given.mkdir()
    (given / "hint.py").write_text("def halve(x):\n    quotient = x / 2\n    return quotient\n")
    with pytest.raises(CourseError, match=r"hint.py: it holds lines of a solution"):
        release(course, ASSIGNMENT)


def test_innocent_lines_in_a_text_are_no_leak():
    assert leaks_in_text(hidden_runs([master_notebook()]), "def f(x):\n    return quotient\n") == []


def test_nbgraders_refusal_is_told_in_one_line(course):
    def twice(notebook):
        notebook.cells.append(notebook.cells[4].copy())
        notebook.cells[-1]["id"] = "again"

    edit_master(course, twice)
    with pytest.raises(CourseError, match="nbgrader refuses arithmetic: "):
        release(course, ASSIGNMENT)


def test_an_unknown_assignment_is_named_with_the_known_ones(course):
    for name in ("poetry", "../source", ""):
        with pytest.raises(CourseError, match="known: arithmetic"):
            release(course, name)


# --- the course's folder


def test_a_folder_without_source_is_no_course(tmp_path):
    with pytest.raises(CourseError, match="has no source/"):
        open_course(tmp_path)


def test_the_course_lists_assignments_and_students(course):
    assert course.assignments() == [ASSIGNMENT]
    assert course.students(ASSIGNMENT) == []
    folder = course.submitted / "s1" / ASSIGNMENT
    folder.mkdir(parents=True)
    (folder / f"{ASSIGNMENT}.ipynb").write_bytes(to_bytes(answered(master_notebook())))
    assert course.students(ASSIGNMENT) == ["s1"]


def test_the_secret_is_made_once_and_is_the_owners_only(course):
    secret = course.secret()
    assert len(secret) == 32
    assert Course(course.root).secret() == secret
    assert stat.S_IMODE((course.work / "secret").stat().st_mode) == 0o600


def test_a_damaged_secret_is_reported_not_replaced(course):
    (course.work / "secret").write_bytes(b"")
    with pytest.raises(CourseError, match="damaged"):
        course.secret()


def test_a_broken_configuration_is_told_in_one_line(course):
    (course.root / "nbgrader_config.py").write_text("c = get_config()\n1 / 0\n")
    with pytest.raises(CourseError, match="cannot be loaded: ZeroDivisionError"):
        course.config()


def test_the_configured_stub_is_the_one_that_sanitize_compares_with(course):
    config = course.config()
    assert config.ClearSolutions.code_stub == {"python": notebooks.CODE_STUB}
    assert config.ClearSolutions.text_stub == notebooks.TEXT_STUB
