"""`coursework check`: what is out of step is found and named."""

import shutil

import pytest
from nbformat.v4 import new_output
from small_course import ASSIGNMENT, cell_of, edit_master, make_course

from autograder.check import check
from autograder.release import build_release, replace_folder
from helpers.data.store import write_checksums

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
    cell_of(notebook, "given_imports").source = "from helpers.data import whale_song"


def no_times(notebook):
    notebook.cells[0].source = "# Arithmetic\n\nTwo functions and a text."


def times_without_minutes(notebook):
    notebook.cells[0].source = notebook.cells[0].source.replace(" min", "")


def times_elsewhere(notebook):
    notebook.cells.insert(0, notebook.cells.pop(3))  # the header is no longer the first text


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
    no_times: "arithmetic.ipynb, header (the first text): the estimated time is not stated: add a table | Reading |",
    times_without_minutes: "the estimated time is not stated",
    times_elsewhere: "the estimated time is not stated",
    editor_metadata: "source/arithmetic/arithmetic.ipynb: it is not in normal form",
    data_without_sample: "it loads 'whale_song', but data/whale_song holds no sample",
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
    (course.data / "whale_song" / "one").mkdir(parents=True)
    (course.data / "whale_song" / "one" / "a.wav").write_bytes(b"RIFF")
    assert findings(course) == []


# --- the term's settings, the roster, the machine


def configure(course, *lines):
    with (course.root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write("\n".join(["", *lines, ""]))


def test_settings_in_order_have_no_findings(course):
    (course.root / "roster.csv").write_text("id\ns1\n")
    configure(
        course,
        'c.Coursework.time_zone = "Europe/Berlin"',
        'c.Coursework.roster = "roster.csv"',
        f'c.Coursework.deadlines = {{"{ASSIGNMENT}": "2026-12-01 23:59"}}',
        f'c.Coursework.extensions = {{"s1": {{"{ASSIGNMENT}": "2026-12-05 23:59"}}}}',
        'c.Coursework.late_penalty = "10 %"',
        'c.Coursework.late_cap = "50 %"',
        "c.Coursework.late_grace_minutes = 15",
        "c.Coursework.late_days = 7",
    )
    assert findings(course) == []


def test_everything_that_is_wrong_with_the_settings_is_said(course):
    (course.root / "extensions.csv").write_text(f"student,assignment,deadline\ns2,{ASSIGNMENT},tomorrow\n")
    configure(
        course,
        'c.Coursework.dead_lines = {"x": 1}',
        'c.Coursework.deadlines = {"poetry": "2026-12-01 23:59"}',
        'c.Coursework.extensions_file = "extensions.csv"',
        'c.Coursework.resubmissions = "first"',
        "c.Limits.cell_seconds = -1",
    )
    found = findings(course)
    assert [line.split(": ")[0] for line in found] == [
        "nbgrader_config.py, c.Coursework.resubmissions",
        "nbgrader_config.py, c.Coursework.dead_lines",
        "nbgrader_config.py, c.Coursework.deadlines",
        "extensions.csv, line 2",
        "nbgrader_config.py",
    ]
    assert "there is no assignment 'poetry' (known: arithmetic)" in found[2]
    assert "'tomorrow' is no date and time" in found[3]
    assert "c.Limits.cell_seconds is -1" in found[4]


def test_a_damaged_roster_and_unknown_students_are_found(course):
    (course.root / "roster.csv").write_text("id,email\ns1,x\n,\ns2,a@x.org\n")
    configure(
        course,
        'c.Coursework.roster = "roster.csv"',
        f'c.Coursework.deadlines = {{"{ASSIGNMENT}": "2026-12-01 23:59"}}',
        f'c.Coursework.extensions = {{"s3": {{"{ASSIGNMENT}": "2026-12-05 23:59"}}}}',
    )
    assert findings(course) == ["roster.csv: line 2: 'x' is no e-mail address"]
    (course.root / "roster.csv").write_text("id\ns1\n")
    assert findings(course) == ["nbgrader_config.py, student s3: it has an extension, but is not on the roster"]


def test_a_roster_that_is_not_there_is_found(course):
    configure(course, 'c.Coursework.roster = "list.csv"')
    (found,) = findings(course)
    assert found.startswith("nbgrader_config.py, c.Coursework.roster: there is no file")


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("nonsense", "c.CourseDirectory.db_url is no address of a database"),
        ("postgresql://me:secret@127.0.0.1:1/none", "it cannot be used"),
    ],
)
def test_a_database_that_cannot_be_reached_is_found(course, address, said):
    configure(course, f"c.CourseDirectory.db_url = {address!r}")
    found = [line for line in findings(course) if said in line]
    assert len(found) == 1
    assert "secret" not in found[0]


def test_a_gradebook_that_is_no_database_is_found(course):
    (course.root / "gradebook.db").write_text(
        "not a database, only a text that is long enough to look like a file" * 99
    )
    (found,) = findings(course)
    assert "gradebook.db" in found
    assert "it cannot be used" in found


def test_a_machine_without_bubblewrap_is_found(course, monkeypatch):
    monkeypatch.setenv("PATH", str(course.root))
    (found,) = findings(course)
    assert found.startswith("this machine: ")
    assert "bubblewrap" in found


def test_a_machine_with_too_little_room_or_memory_is_found(course, monkeypatch):
    monkeypatch.setattr("autograder.check.LEAST_FREE", 2**62)
    configure(course, f"c.Limits.memory = {2**50}")
    room, memory = findings(course)
    assert room.startswith("this machine: only ") and "MB are free where the course lies" in room
    assert memory.startswith("this machine: it has ") and "a hand-in may use 1048576.0" in memory


def test_a_sample_that_is_not_what_it_was_is_found(course):
    folder = course.data / "birdsong"
    folder.mkdir(parents=True)
    (folder / "a.csv").write_text("1,2,3\n")
    (folder / "b.csv").write_text("4,5,6\n")
    write_checksums(folder, "*.csv")
    assert findings(course) == []
    (folder / "a.csv").write_text("1,2,4\n")
    (folder / "b.csv").unlink()
    assert findings(course) == [
        "data/birdsong: a.csv differs from its checksum",
        "data/birdsong: b.csv is missing",
    ]


def test_a_mistake_in_the_markers_comments_is_found(course):
    (course.root / "comments.yaml").write_text("everywhere: {units: }\n")
    assert findings(course)[0].startswith("comments.yaml: everywhere: units has no text")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("c.Coursework.markers = 'anna'", "markers: it is 'anna', not a list of names"),
        ("c.Coursework.markers = ['anna', 'anna']", "markers: anna is there twice"),
        ("c.Coursework.marking_by = 'notebook'", "marking_by: it is 'notebook', not one of 'student', 'exercise'"),
        ("c.Coursework.formgrader = 'localhost'", "formgrader: it is 'localhost', not an address"),
        ("c.Coursework.comments = 'none.yaml'", "comments: there is no file"),
    ],
    ids=["markers", "twice", "by", "formgrader", "comments"],
)
def test_wrong_settings_for_marking_are_found(course, line, problem):
    configure(course, line)
    (found,) = findings(course)
    assert found.startswith(f"nbgrader_config.py, c.Coursework.{problem}")
