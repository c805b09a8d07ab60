"""Teams: who they are, and that all members have the marks of one hand-in, by hand given ones too."""

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import tiny_course
from graded_course import clean_notebook, contents, gradebook, keep, mark, on_gradebook, with_outputs
from marked_class import DUE, LATE, LATE_PLUGIN, number, verdict_of
from postgres import postgres, postgres_url  # noqa: F401  (fixtures)
from small_course import ASSIGNMENT, cell_of, make_course
from typer.testing import CliRunner

from autograder.cli import app
from autograder.course import Course, CourseError
from autograder.feedback import feedback, read_verdict
from autograder.grade import grade_class, last_verdict
from autograder.identity import Identity, differs, identity_in, merged
from autograder.marks import record
from autograder.release import release
from autograder.report import gather, recorded_marks
from autograder.roster import missing, read_roster
from autograder.teams import Team, settled, settled_flag, share_all, share_marks, teams_of

EARLY, LATER = "2026-03-01 08:00:00.000000 UTC", "2026-03-01 09:00:00.000000 UTC"
needs_bubblewrap = pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")


@pytest.fixture
def course(tmp_path: Path) -> Course:
    made = make_course(tmp_path / "course")
    release(made, ASSIGNMENT)
    return made


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Course:
    """The course on either kind of gradebook."""
    made = make_course(tmp_path / "course")
    if request.param == "postgresql":
        on_gradebook(made, request.getfixturevalue("postgres_url"))
    release(made, ASSIGNMENT)
    return made


def hand_in(
    course: Course, student: str, team: object = (), double: float = 4.0, halve: float = 2.0, when: str = EARLY
) -> None:
    """Hand in, grade and record: what `coursework grade` does before teams are looked at."""
    notebook = with_outputs(clean_notebook(course), {"double_test": number(double), "halve_test": number(halve)})
    cell_of(notebook, "identity").source = f"STUDENT_ID = {student!r}\nTEAM = {team!r}"
    said = identity_in(cell_of(notebook, "identity").source)
    verdict = replace(verdict_of(student, double, halve), team=said.team, team_problem=said.problem)
    job = keep(course, notebook, verdict, when)
    assert record(course, job, verdict) == []


def total(course: Course, student: str) -> float | None:
    found = recorded_marks(course, ASSIGNMENT).get(student)
    return found.total if found else None


def rows(course: Course, student: str) -> dict:
    """All that the gradebook holds of one student's submission, but for extensions, which are personal."""
    found = {key[1:]: value for key, value in contents(course).items() if isinstance(key, tuple) and key[0] == student}
    return {key: (value[0], *value[2:]) if key == (ASSIGNMENT,) else value for key, value in found.items()}


def everything(course: Course) -> dict[str, tuple[bytes, int]]:
    """Content and time of change of every file that sharing may write, and what the gradebook holds."""
    folders = [course.autograded, course.work / "shared", course.work / "teams", course.work / "verdicts"]
    files = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    found = {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}
    return {**found, "gradebook": (repr(contents(course)).encode(), 0)}


# --- who works with whom ----------------------------------------------------------------------------------------


def test_team_is_read_from_the_text_of_the_cell():
    assert identity_in('STUDENT_ID = "a"\nTEAM = ["a", " b "]') == Identity("a", ["a", "b"])
    assert identity_in("STUDENT_ID = 12345\nTEAM = [STUDENT_ID, 678]") == Identity("12345", ["12345", "678"])
    assert identity_in('TEAM = "a, b"') == Identity("", ["a", "b"])
    assert identity_in('TEAM = ("a",)\nTEAM = ["b"]').team == ["b"]
    assert identity_in("TEAM = None") == identity_in('STUDENT_ID = ""\nTEAM = []') == Identity()


def test_team_is_never_computed(tmp_path):
    touched = tmp_path / "touched"
    source = f'TEAM = [open({str(touched)!r}, "w").name]'
    assert "no literal" in identity_in(source).problem
    assert not touched.exists()


@pytest.mark.parametrize(
    "source",
    [
        'TEAM = ["a"] + ["b"]',
        "TEAM = [[]]",
        "TEAM = {'a': 1}",
        "TEAM = 3.5",
        'TEAM = ["..."]',
        "TEAM = [True]",
        "TEAM = [1" + "0" * 5000 + "]",
        "TEAM = " + "[" * 500 + "]" * 500,
        "TEAM = " + str([f"s{i}" for i in range(50)]),
        "X = ['a']\n" + "X = [X, X]\n" * 200 + "TEAM = X",
        "STUDENT_ID = s1 2\nTEAM = ['a']",
        "# " + "x" * 200_000 + "\nTEAM = ['a']",
    ],
)
def test_what_is_no_list_of_ids_is_told_in_one_line(source):
    said = identity_in(source)
    if "200_000" not in source and len(source) < 100_000:
        assert said.problem
        assert "\n" not in said.problem
    assert said.team == []


def test_a_broken_cell_with_a_blank_team_is_no_problem_of_a_team():
    assert identity_in("STUDENT_ID = s12 34\nTEAM = []  # ids of all members") == Identity()
    assert identity_in("STUDENT_ID = s1234\nTEAM = []") == Identity()


def test_ids_cannot_lead_out_of_their_folder():
    for path in ("../../etc", "/root", "a/../b", "a\\\\b"):
        assert identity_in(f'TEAM = ["{path}"]').problem
    assert identity_in('TEAM = [".hidden", "..", "-rf x", "Zo\u00eb"]').problem, "two dots are no id"
    assert identity_in('TEAM = [".hidden", "-rf x", "Zo\u00eb"]').team == ["hidden", "rf_x", "Zoe"]


def test_the_notebooks_of_a_hand_in_must_name_the_same_team():
    assert merged([Identity("a", ["a", "b"]), Identity("", [])]) == Identity("a", ["a", "b"])
    assert merged([Identity("a", ["a", "b"]), Identity("a", ["b", "a"])]).problem == ""
    assert "different" in merged([Identity("a", ["a", "b"]), Identity("a", ["a", "c"])]).problem


def test_an_id_that_differs_from_the_hand_in_is_noted():
    assert differs("s1", Identity("S1")) == differs("s1", Identity("")) == ""
    assert differs("s1", Identity("s2")) == "its STUDENT_ID is s2, and it was handed in as s1"


def test_the_last_hand_in_of_a_team_counts(course):
    hand_in(course, "ada", ["ada", "ben"], when=EARLY)
    hand_in(course, "ben", ["ada", "ben"], when=LATER)
    hand_in(course, "cleo", [])
    found = teams_of(course, ASSIGNMENT)
    assert (found.teams, found.problems) == ([Team(("ada", "ben"), "ben")], [])
    hand_in(course, "ada", ["ben"], when="2026-03-01 11:00:00 CET")  # 10:00 UTC; the own id may be missing
    assert teams_of(course, ASSIGNMENT).teams == [Team(("ada", "ben"), "ada")]


def test_ids_are_known_whatever_their_case(course):
    hand_in(course, "Ada", ["ada", "BEN"])
    with gradebook(course) as book:
        book.add_student("ben")
    assert teams_of(course, ASSIGNMENT).teams == [Team(("Ada", "ben"), "Ada")]


def test_a_hand_in_that_is_not_graded_yet_is_read_where_it_lies(course):
    hand_in(course, "ada", ["ada", "ben"])
    (course.work / "verdicts" / ASSIGNMENT / "ada.json").unlink()
    assert teams_of(course, ASSIGNMENT).teams == [Team(("ada", "ben"), "ada")]


# --- automatic marks --------------------------------------------------------------------------------------------


def test_all_members_have_the_marks_of_the_hand_in(either):
    hand_in(either, "ada", ["ada", "ben"], double=3.0, halve=1.0)
    hand_in(either, "cleo", [], double=1.0)
    shared = share_marks(either, ASSIGNMENT)
    assert shared.errors == []
    assert any("the hand-in of ada counts for ben" in line for line in shared.lines)
    assert total(either, "ada") == total(either, "ben") == 4.0
    assert total(either, "cleo") == 3.0
    assert rows(either, "ben") == rows(either, "ada")
    assert (either.autograded / "ben" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").is_file()
    assert not (either.submitted / "ben").exists()


def test_sharing_again_changes_nothing(either):
    hand_in(either, "ada", ["ada", "ben"], when=EARLY)
    hand_in(either, "ben", ["ada", "ben"], double=1.0, when=LATER)
    mark_by_hand(either, "ada", 5.0, "good")
    share_marks(either, ASSIGNMENT)
    before = everything(either)
    again = share_marks(either, ASSIGNMENT)
    assert (again.errors, again.lines) == ([], [])
    assert everything(either) == before


def mark_by_hand(course: Course, student: str, points: float | None = None, comment: str = "") -> None:
    mark(course, student, "essay", points=points, comment=comment)


def test_of_two_hand_ins_the_last_one_counts_for_both(course):
    hand_in(course, "ada", ["ada", "ben"], double=4.0, when=EARLY)
    hand_in(course, "ben", ["ada", "ben"], double=1.0, when=LATER)
    share_marks(course, ASSIGNMENT)
    assert total(course, "ada") == total(course, "ben") == 3.0
    assert rows(course, "ada") == rows(course, "ben")
    assert read_verdict(course, ASSIGNMENT, "ada").points == 3.0
    assert last_verdict(course, ASSIGNMENT, "ada").points == 6.0, "the own verdict is kept for the next run"


def test_a_later_hand_in_of_the_other_member_counts_for_both(course):
    hand_in(course, "ada", ["ada", "ben"], double=1.0, when=EARLY)
    share_marks(course, ASSIGNMENT)
    hand_in(course, "ben", ["ada", "ben"], double=4.0, when=LATER)
    share_marks(course, ASSIGNMENT)
    assert total(course, "ada") == total(course, "ben") == 6.0
    assert read_verdict(course, ASSIGNMENT, "ben").student == "ben"
    assert not (course.work / "shared" / ASSIGNMENT / "ben.json").exists()


def test_a_late_penalty_is_the_same_for_both(course):
    with (course.root / "nbgrader_config.py").open("a") as file:
        file.write(LATE_PLUGIN)
    with gradebook(course) as book:
        book.update_or_create_assignment(ASSIGNMENT, duedate=DUE)
    hand_in(course, "ada", ["ada", "ben"], when=LATE)
    share_marks(course, ASSIGNMENT)
    with gradebook(course) as book:
        for student in ("ada", "ben"):
            entry = book.find_submission(ASSIGNMENT, student)
            assert entry.late_submission_penalty == pytest.approx(6.0 * 0.2)
            assert entry.total_seconds_late == 7200
    assert total(course, "ada") == total(course, "ben") == pytest.approx(4.8)


def test_points_by_hand_for_the_other_copy_reach_the_penalty_of_both(course):
    with (course.root / "nbgrader_config.py").open("a") as file:
        file.write(LATE_PLUGIN)
    with gradebook(course) as book:
        book.update_or_create_assignment(ASSIGNMENT, duedate=DUE)
    hand_in(course, "ada", ["ada", "ben"], when=LATE)
    share_marks(course, ASSIGNMENT)
    mark_by_hand(course, "ben", 4.0)
    share_marks(course, ASSIGNMENT)
    assert total(course, "ada") == total(course, "ben") == pytest.approx(10.0 * 0.8)


# --- marks by hand ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("marked", ["ada", "ben"])
def test_a_mark_by_hand_for_one_member_reaches_the_other(either, marked):
    hand_in(either, "ada", ["ada", "ben"])
    share_marks(either, ASSIGNMENT)
    assert rows(either, "ben")[ASSIGNMENT, ASSIGNMENT, "grade", "essay"][3], "both wait for a marker"
    mark_by_hand(either, marked, 5.0, "well argued")
    with gradebook(either) as book:
        book.find_grade("double_test", ASSIGNMENT, ASSIGNMENT, marked).extra_credit = 0.5
        book.db.commit()
    share_marks(either, ASSIGNMENT)
    for student in ("ada", "ben"):
        found = rows(either, student)
        assert found[ASSIGNMENT, ASSIGNMENT, "grade", "essay"] == (None, 5.0, None, False)
        assert found[ASSIGNMENT, ASSIGNMENT, "comment", "essay"] == (None, "well argued")
        assert found[ASSIGNMENT, ASSIGNMENT, "grade", "double_test"][2] == 0.5
    assert total(either, "ada") == total(either, "ben") == 11.5


def test_a_mark_that_is_changed_for_one_member_is_changed_for_the_other(course):
    hand_in(course, "ada", ["ada", "ben"])
    share_marks(course, ASSIGNMENT)
    mark_by_hand(course, "ada", 3.0, "first")
    share_marks(course, ASSIGNMENT)
    mark_by_hand(course, "ben", 4.0, "second")
    assert share_marks(course, ASSIGNMENT).lines == []
    assert total(course, "ada") == total(course, "ben") == 10.0
    assert rows(course, "ada")[ASSIGNMENT, ASSIGNMENT, "comment", "essay"][1] == "second"


def test_different_marks_by_hand_are_a_conflict_and_stay(course):
    hand_in(course, "ada", ["ada", "ben"])
    share_marks(course, ASSIGNMENT)
    mark_by_hand(course, "ada", 3.0, "short")
    mark_by_hand(course, "ben", 5.0, "long")
    mark(course, "ben", "double_test", points=2.5)
    for _ in range(2):
        shared = share_marks(course, ASSIGNMENT)
        assert shared.errors == []
        points, comments = shared.lines
        assert "essay" in points and "ada (3)" in points and "ben (5)" in points
        assert "comments" in comments
        assert rows(course, "ada")[ASSIGNMENT, ASSIGNMENT, "grade", "essay"][1] == 3.0
        assert rows(course, "ben")[ASSIGNMENT, ASSIGNMENT, "grade", "essay"][1] == 5.0
        assert rows(course, "ada")[ASSIGNMENT, ASSIGNMENT, "comment", "essay"][1] == "short"
        assert rows(course, "ada")[ASSIGNMENT, ASSIGNMENT, "grade", "double_test"][1] == 2.5, "others are shared"
    mark_by_hand(course, "ada", 5.0, "long")
    assert share_marks(course, ASSIGNMENT).lines == []


def test_marks_by_hand_survive_a_new_hand_in_and_wait_for_review(course):
    hand_in(course, "ada", ["ada", "ben"], when=EARLY)
    share_marks(course, ASSIGNMENT)
    mark_by_hand(course, "ben", 5.0)
    share_marks(course, ASSIGNMENT)
    hand_in(course, "ada", ["ada", "ben"], double=1.0, when=LATER)
    share_marks(course, ASSIGNMENT)
    assert rows(course, "ada") == rows(course, "ben")
    assert rows(course, "ben")[ASSIGNMENT, ASSIGNMENT, "grade", "essay"] == (None, 5.0, None, True)


def test_a_mark_that_only_one_copy_has_is_never_lost():
    assert settled([None, 3.0], None) == (3.0, False)
    assert settled([None, 3.0], 3.0) == (3.0, False), "taken back in one copy only"
    assert settled([None, None], 3.0) == (None, False)
    assert settled([2.0, 3.0], 3.0) == (2.0, False)
    assert settled([2.0, 3.0], None) == (None, True)
    assert settled([2.0, 4.0, 3.0], 3.0) == (None, True)
    assert settled([0.0, None], None) == (0.0, False), "no points are points"


def test_whoever_has_looked_at_a_cell_knows_whether_it_waits():
    assert settled_flag({"a": True, "b": False}, ["b"], True, "a") is False
    assert settled_flag({"a": True, "b": False}, ["a", "b"], False, "a") is True
    assert settled_flag({"a": True, "b": False}, ["b"], None, "a") is False
    assert settled_flag({"a": True, "b": False}, [], None, "a") is True


# --- what is wrong ------------------------------------------------------------------------------------------------


def test_a_student_in_two_teams_is_an_error_for_both_teams(course):
    hand_in(course, "ada", ["ada", "ben"])
    hand_in(course, "cleo", ["cleo", "ben"])
    hand_in(course, "dora", ["dora", "emil"], double=2.0)
    shared = share_marks(course, ASSIGNMENT)
    (error,) = shared.errors
    assert "ben is in 2 teams" in error
    assert total(course, "ben") is None
    assert total(course, "emil") == total(course, "dora") == 4.0, "others get their marks"


def test_a_member_who_handed_in_alone_is_an_error(course):
    hand_in(course, "ada", ["ada", "ben"], double=4.0)
    hand_in(course, "ben", [], double=1.0)
    (error,) = share_marks(course, ASSIGNMENT).errors
    assert "ben handed in alone" in error and "hand-in of ada" in error
    assert (total(course, "ada"), total(course, "ben")) == (6.0, 3.0)


def test_a_team_of_too_many_is_an_error_unless_the_course_allows_it(course):
    hand_in(course, "ada", ["ada", "ben", "cleo"])
    (error,) = share_marks(course, ASSIGNMENT).errors
    assert "3 members; at most 2" in error
    assert total(course, "ben") is None
    with (course.root / "nbgrader_config.py").open("a") as file:
        file.write(f'\nc.Coursework.team_sizes = {{"{ASSIGNMENT}": 3}}\n')
    assert share_marks(course, ASSIGNMENT).errors == []
    assert total(course, "ada") == total(course, "ben") == total(course, "cleo") == 6.0


@pytest.mark.parametrize("sizes", ['{"arithmetic": 0}', '{"arithmetic": "2"}', '{"unheard": 2}', "3"])
def test_a_wrong_size_is_told(course, sizes):
    hand_in(course, "ada", ["ada", "ben"])
    with (course.root / "nbgrader_config.py").open("a") as file:
        file.write(f"\nc.Coursework.team_sizes = {sizes}\n")
    with pytest.raises(CourseError, match="team_sizes"):
        share_marks(course, ASSIGNMENT)


def test_a_team_that_cannot_be_read_is_an_error(course):
    hand_in(course, "ada", {"ada": "ben"})
    hand_in(course, "cleo", ["cleo", "ada"])
    errors = share_marks(course, ASSIGNMENT).errors
    assert any("ada: TEAM is no list of ids" in error for error in errors)
    assert any("cannot be read" in error for error in errors)
    assert total(course, "ada") == 6.0


# --- teams that end -------------------------------------------------------------------------------------------------


def test_who_hands_in_alone_after_all_has_the_own_marks_again(course):
    hand_in(course, "ada", ["ada", "ben"], double=1.0, when=EARLY)
    hand_in(course, "ben", ["ada", "ben"], double=4.0, when=LATER)
    share_marks(course, ASSIGNMENT)
    assert total(course, "ada") == 6.0
    hand_in(course, "ben", [], double=4.0, when=LATER)
    shared = share_marks(course, ASSIGNMENT)
    assert "ben handed in alone" in shared.errors[0]
    assert (total(course, "ada"), total(course, "ben")) == (3.0, 6.0)
    assert read_verdict(course, ASSIGNMENT, "ada").points == 3.0


def test_who_is_named_no_more_loses_the_copy(course):
    hand_in(course, "ada", ["ada", "ben"])
    share_marks(course, ASSIGNMENT)
    mark_by_hand(course, "ben", 5.0)
    share_marks(course, ASSIGNMENT)
    hand_in(course, "ada", [], when=LATER)
    (line,) = share_marks(course, ASSIGNMENT).lines
    assert "ben is in no team any more" in line
    assert total(course, "ben") is None
    assert not (course.autograded / "ben" / ASSIGNMENT).exists()
    assert rows(course, "ada")[ASSIGNMENT, ASSIGNMENT, "grade", "essay"][1] == 5.0, "the mark by hand stays with ada"
    assert share_marks(course, ASSIGNMENT).lines == []


def test_a_copy_with_marks_of_its_own_is_not_taken_back(course):
    hand_in(course, "ada", ["ada", "ben"])
    share_marks(course, ASSIGNMENT)
    mark_by_hand(course, "ben", 5.0)
    hand_in(course, "ada", [], when=LATER)
    (error,) = share_marks(course, ASSIGNMENT).errors
    assert "ben" in error and "essay" in error
    assert total(course, "ben") == 11.0


def test_nothing_is_taken_back_when_the_hand_ins_are_gone(course):
    hand_in(course, "ada", ["ada", "ben"])
    share_marks(course, ASSIGNMENT)
    before = contents(course)
    shutil.rmtree(course.submitted)
    assert share_marks(course, ASSIGNMENT).errors == []
    assert contents(course) == before


# --- what people see --------------------------------------------------------------------------------------------


def test_feedback_and_report_know_all_members(course):
    hand_in(course, "ada", ["ada", "ben"], double=3.0)
    share_marks(course, ASSIGNMENT)
    mark_by_hand(course, "ada", 5.0, "well argued")
    share_marks(course, ASSIGNMENT)
    pages = {page.parent.parent.name: page.read_text() for page in feedback(course, ASSIGNMENT)}
    assert pages.keys() == {"ada", "ben"}
    assert all("well argued" in page for page in pages.values())
    found = {entry.student: entry for entry in gather(course, ASSIGNMENT).submissions}
    assert found["ben"].total == found["ada"].total == 10.0
    assert found["ben"].marks == found["ada"].marks
    assert "ada" in found["ben"].notes[0]


def test_members_of_a_team_are_not_missing(course):
    (course.root / "roster.csv").write_text("id\nada\nben\ncleo\n")
    hand_in(course, "ada", ["ada", "ben"])
    assert missing(course, read_roster(course.root / "roster.csv"), ASSIGNMENT) == ["cleo"]


def test_evidence_in_a_hand_in_that_does_not_count_is_still_told(course):
    hand_in(course, "ada", ["ada", "ben"], when=EARLY)
    path = course.work / "verdicts" / ASSIGNMENT / "ada.json"
    said = json.loads(path.read_text())
    path.write_text(json.dumps({**said, "tamper": ["a test cell was changed"]}))
    hand_in(course, "ben", ["ada", "ben"], when=LATER)
    share_marks(course, ASSIGNMENT)
    (evidence,) = read_verdict(course, ASSIGNMENT, "ada").tamper
    assert "a test cell was changed" in evidence


def test_without_teams_nothing_is_opened_or_written(course, monkeypatch):
    hand_in(course, "ada", [])
    monkeypatch.setattr("autograder.marks.Recorder", None)
    assert share_all(course, [ASSIGNMENT]) == []
    assert not (course.work / "teams").exists()


def test_a_database_that_refuses_is_told_and_nothing_is_half_shared(course, monkeypatch):
    hand_in(course, "ada", ["ada", "ben"])
    before = contents(course)
    monkeypatch.setattr("autograder.teams._Sync._share_comment", lambda *_: 1 / 0)
    (error,) = share_marks(course, ASSIGNMENT).errors
    assert "could not be shared" in error and "division by zero" in error
    assert contents(course) == before
    assert not (course.work / "shared").exists()


# --- the whole way ------------------------------------------------------------------------------------------------


def hand_in_tiny(course: Course, student: str, team: list[str], source: str, when: str) -> None:
    path = tiny_course.hand_in(course, student, source)
    text = path.read_text()
    assert "TEAM = []" in text
    path.write_text(text.replace("TEAM = []", f"TEAM = {team}".replace('"', "'")))
    path.with_name("timestamp.txt").write_text(when)


@needs_bubblewrap
def test_a_pair_is_graded_marked_and_graded_again(tmp_path):
    course = tiny_course.make_course(tmp_path)
    name = tiny_course.ASSIGNMENT
    hand_in_tiny(course, "ada", ["ada", "ben"], tiny_course.RIGHT, EARLY)
    hand_in_tiny(course, "cleo", [], tiny_course.WRONG, EARLY)
    path = course.submitted / "cleo" / name / f"{name}.ipynb"
    path.write_text(path.read_text().replace('STUDENT_ID = \\"cleo\\"', 'STUDENT_ID = \\"clio\\"'))
    first = grade_class(course, [name], workers=1)
    assert first.complete
    assert "its STUDENT_ID is clio, and it was handed in as cleo" in first.verdict(("cleo", name)).notes
    assert first.verdict(("ada", name)).team == ["ada", "ben"]
    assert {student for student, _ in first.graded} == {"ada", "cleo"}
    marks = recorded_marks(course, name)
    assert marks["ada"].total == marks["ben"].total == tiny_course.POINTS
    with gradebook(course) as book:
        book.find_grade("lstm_cell_test", name, name, "ben").manual_score = 3.0
        book.db.commit()
    again = grade_class(course, [name], workers=1)
    assert {student for student, _ in again.graded} == {"ada", "cleo"}, "a copy is no hand-in"
    marks = recorded_marks(course, name)
    assert marks["ada"].total == marks["ben"].total == 3.0
    assert (again.differences, again.team_lines) == ([], [])


@needs_bubblewrap
def test_the_commands_tell_teams_in_error_and_end_with_1(tmp_path):
    course = tiny_course.make_course(tmp_path)
    hand_in_tiny(course, "ada", ["ada", "ben"], tiny_course.RIGHT, EARLY)
    hand_in_tiny(course, "ben", [], tiny_course.RIGHT, EARLY)
    hand_in_tiny(course, "zoe", ["zoe", "yann"], tiny_course.RIGHT, EARLY)
    run = CliRunner().invoke(app, ["grade", "--course", str(course.root), "--workers", "1"])
    assert run.exit_code == 1
    assert "team: speech_commands: ben handed in alone" in run.output
    assert "the hand-in of zoe counts for yann" in run.output
    told = CliRunner().invoke(app, ["feedback", "--course", str(course.root)])
    assert told.exit_code == 0
    assert "ben handed in alone" in told.output
    assert "feedback for 4 notebooks" in told.output


def test_where_two_folders_differ_they_are_not_the_same(tmp_path):
    from autograder.teams import same_files

    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    assert not same_files(one, other)
    (one / "a").write_text("a")
    shutil.copytree(one, other)
    assert same_files(one, other)
    (other / "a").write_text("b")
    os.utime(other / "a", (1, 1))
    assert not same_files(one, other)
    (other / "b").write_text("")
    assert not same_files(one, other)
