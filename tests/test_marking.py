"""Written answers: shared out among markers, listed, and points and comments taken in from tables."""

import csv
import json
import shutil
import string
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from graded_course import contents, gradebook, mark, record_submission, released_course
from marked_class import graded, untouched
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook
from small_course import ASSIGNMENT, make_course
from typer.testing import CliRunner

from autograder import marking
from autograder.cli import app, main
from autograder.course import Course, CourseError
from autograder.marking import Answer, Deal, Written, answers, enter, progress, read_deal, share
from autograder.marks import record

ESSAY = Written("essay", ASSIGNMENT, 6.0)


def hand_in(course: Course, *students: str) -> None:
    """Hand-ins of these students, graded, with an essay that waits for its marker."""
    for student in students:
        assert record(course, *graded(course, student)) == []


@pytest.fixture(scope="module")
def five(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with the graded hand-ins of five students, one of whom has written nothing."""
    course = released_course(tmp_path_factory.mktemp("marking"))
    hand_in(course, "ada", "ben", "cleo", "dan")
    assert record(course, *untouched(course, "eva")) == []
    return course.root


@pytest.fixture
def course(five: Path, tmp_path: Path) -> Course:
    return Course(shutil.copytree(five, tmp_path / "course"))


def dealt(course: Course) -> dict[str, str]:
    deal = read_deal(course, ASSIGNMENT)
    assert deal is not None
    return deal.dealt


def settings(course: Course, *lines: str) -> None:
    with (course.root / "nbgrader_config.py").open("a") as file:
        file.writelines(f"{line}\n" for line in lines)


# --- sharing out --------------------------------------------------------------------------------------------------


def test_hand_ins_are_shared_out_evenly_and_blank_ones_are_nobodys_work(course):
    shared = share(course, ASSIGNMENT, ["anna", "ben"])
    assert dealt(course) == {"ada": "anna", "ben": "ben", "cleo": "anna", "dan": "ben"}
    assert shared.lines == [
        "anna: 2 of 2 answers left, in 2 of 2 hand-ins",
        "ben: 2 of 2 answers left, in 2 of 2 hand-ins",
    ]


def test_who_has_a_student_keeps_the_student_when_others_hand_in(course):
    share(course, ASSIGNMENT, ["anna", "ben"])
    before = dealt(course)
    hand_in(course, "aaron", "zoe")
    share(course, ASSIGNMENT)
    assert dealt(course) == {**before, "aaron": "anna", "zoe": "ben"}
    share(course, ASSIGNMENT)
    assert dealt(course) == {**before, "aaron": "anna", "zoe": "ben"}


def test_a_marker_who_joins_gets_what_comes_next(course):
    share(course, ASSIGNMENT, ["anna", "ben"])
    before = dealt(course)
    hand_in(course, "fay", "gus", "hal")
    shared = share(course, ASSIGNMENT, ["anna", "ben", "carl"])
    assert {name: dealt(course)[name] for name in before} == before
    assert [dealt(course)[name] for name in ("fay", "gus", "hal")] == ["carl", "carl", "anna"]
    assert "carl: 2 of 2 answers left, in 2 of 2 hand-ins" in shared.lines


def test_what_is_left_of_somebody_who_stops_goes_to_the_others_and_what_is_marked_stays(course):
    share(course, ASSIGNMENT, ["anna", "ben"])
    mark(course, "ben", "essay", points=4.0)
    shared = share(course, ASSIGNMENT, ["anna"])
    assert dealt(course) == {"ada": "anna", "ben": "ben", "cleo": "anna", "dan": "anna"}
    assert "dan: from ben to anna" in shared.lines
    assert "ben: 0 of 1 answers left, in 0 of 1 hand-ins" in shared.lines


def test_anew_deals_only_what_nobody_has_begun(course):
    share(course, ASSIGNMENT, ["anna"])
    mark(course, "cleo", "essay", points=4.0)
    share(course, ASSIGNMENT, ["anna", "ben"], anew=True)
    assert dealt(course)["cleo"] == "anna"
    assert Counter(dealt(course).values()) == {"anna": 2, "ben": 2}


def test_settings_say_who_marks_and_an_option_goes_before_them(course):
    with pytest.raises(CourseError, match=r"say who marks: --among anna,ben, or c\.Coursework\.markers"):
        share(course, ASSIGNMENT)
    settings(course, 'c.Coursework.markers = ["uma", "vic"]', 'c.Coursework.marking_by = "exercise"')
    share(course, ASSIGNMENT)
    assert read_deal(course, ASSIGNMENT) == Deal("exercise", ("uma", "vic"), {"essay": "uma"})
    share(course, ASSIGNMENT, ["vic"])
    assert dealt(course) == {"essay": "vic"}


def test_by_exercise_one_marker_has_all_answers_to_one(course):
    shared = share(course, ASSIGNMENT, ["anna", "ben"], "exercise")
    assert dealt(course) == {"essay": "anna"}
    assert "nothing for ben: there are 1 exercises to share out" in shared.lines
    assert [found.marker for found in progress(answers(course, ASSIGNMENT), shared.deal)] == ["anna", "ben"]


def answer(student: str, exercise: Written, state: str = marking.TO_MARK, team: tuple[str, ...] = ()) -> Answer:
    return Answer(student, team, exercise, "1", None, "", state)


def test_exercises_of_unequal_weight_come_out_even():
    written = [Written("long", "n", 20), *(Written(name, "n", 5) for name in "abcd")]
    deal = Deal("exercise", ("anna", "ben"))
    marking._deal(deal, [answer("ada", exercise) for exercise in written])
    assert deal.dealt == {"long": "anna", "a": "ben", "b": "ben", "c": "ben", "d": "ben"}


def test_a_team_is_dealt_as_one_and_stays_with_who_had_a_member():
    deal = Deal("student", ("anna", "ben"), {"ben": "ben"})
    found = [answer("ada", ESSAY, team=("ben",)), answer("cleo", ESSAY), answer("dan", ESSAY)]
    marking._deal(deal, found)
    assert deal.dealt == {"ada": "ben", "ben": "ben", "cleo": "anna", "dan": "anna"}


@pytest.mark.parametrize("markers", [1, 2, 3, 7])
def test_no_marker_has_two_more_than_another(markers):
    among = tuple(string.ascii_lowercase[:markers])
    deal = Deal("student", among)
    for many in (5, 23, 24, 60):
        marking._deal(deal, [answer(f"s{number:02}", ESSAY) for number in range(many)])
        loads = [list(deal.dealt.values()).count(marker) for marker in among]
        assert max(loads) - min(loads) <= 1 and sum(loads) == many


def test_changing_between_student_and_exercise_is_asked_for(course):
    share(course, ASSIGNMENT, ["anna", "ben"])
    with pytest.raises(CourseError, match="is shared out by student: --anew shares all of it out by exercise"):
        share(course, ASSIGNMENT, by="exercise")
    share(course, ASSIGNMENT, by="exercise", anew=True)
    assert dealt(course) == {"essay": "anna"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"among": ["anna", "anna"]}, "--among: anna is there twice"),
        ({"among": ["anna", " "]}, "--among: one of the names is empty"),
        ({"among": ["anna"], "by": "notebook"}, "--by notebook: it must be one of student, exercise"),
    ],
    ids=["twice", "empty", "by"],
)
def test_wrong_wishes_are_refused(course, options, message):
    with pytest.raises(CourseError, match=message):
        share(course, ASSIGNMENT, **options)
    assert read_deal(course, ASSIGNMENT) is None


def test_a_damaged_deal_is_not_dealt_over(course):
    share(course, ASSIGNMENT, ["anna"])
    marking.deal_file(course, ASSIGNMENT).write_text("{")
    with pytest.raises(CourseError, match=r"is damaged .*: remove it and share out again"):
        share(course, ASSIGNMENT, ["anna"])


# --- lists and progress -------------------------------------------------------------------------------------------


def run(course: Course, *arguments: str) -> str:
    result = CliRunner().invoke(app, ["marking", *arguments, "--course", str(course.root)])
    assert result.exit_code == 0, result.output
    return result.output


def test_a_list_leads_to_the_pages_of_formgrader(course, tmp_path):
    settings(course, 'c.Coursework.formgrader = "https://hub.example.org/user/anna/"')
    run(course, "share", ASSIGNMENT, "--among", "anna, ben")
    mark(course, "ada", "essay", points=2.0)
    lines = run(course, "list", ASSIGNMENT, "--for", "anna", "--out", str(tmp_path / "anna.csv")).splitlines()
    with gradebook(course) as book:
        entry = book.find_submission_notebook(ASSIGNMENT, ASSIGNMENT, "cleo").id
    page = f"https://hub.example.org/user/anna/formgrader/submissions/{entry}/"
    assert lines[0] == f"cleo: essay, to mark  {page}"
    (row,) = csv.DictReader((tmp_path / "anna.csv").open(newline=""))
    assert row["student"] == "cleo" and row["formgrader"] == page and row["points"] == "" and row["max"] == "6.0"
    assert "ada" in run(course, "list", ASSIGNMENT, "--for", "anna", "--all")


def test_what_was_graded_again_since_it_was_marked_is_listed_for_review(course):
    mark(course, "ada", "essay", points=2.0)
    hand_in(course, "ada")
    states = {found.student: found.state for found in answers(course, ASSIGNMENT)}
    assert states == {"ada": "review", "ben": "to mark", "cleo": "to mark", "dan": "to mark", "eva": "blank"}


def test_progress_names_each_marker_and_what_nobody_has(course, tmp_path):
    run(course, "share", ASSIGNMENT, "--among", "anna,ben")
    mark(course, "ada", "essay", points=2.0)
    hand_in(course, "zoe")
    table, rows = tmp_path / "status.csv", tmp_path / "status.json"
    output = run(course, "status", ASSIGNMENT, "--out", str(table), "--json", str(rows))
    assert output.splitlines()[:3] == [
        f"{ASSIGNMENT}: anna: 1 of 2 answers left, in 1 of 2 hand-ins",
        f"{ASSIGNMENT}: ben: 2 of 2 answers left, in 2 of 2 hand-ins",
        f"{ASSIGNMENT}: not shared out: 1 of 1 answers left, in 1 of 1 hand-ins",
    ]
    assert [row["marker"] for row in csv.DictReader(table.open(newline=""))] == ["anna", "ben", ""]
    assert [row["answers_left"] for row in json.loads(rows.read_text())] == [1, 2, 1]


def test_a_list_for_somebody_who_marks_nothing_says_who_does(course):
    run(course, "share", ASSIGNMENT, "--among", "anna,ben")
    result = CliRunner().invoke(app, ["marking", "list", ASSIGNMENT, "--for", "carl", "--course", str(course.root)])
    assert isinstance(result.exception, CourseError)
    assert str(result.exception) == f"{ASSIGNMENT}: nothing was shared out to 'carl' (known: anna, ben)"


# --- in and out by table ------------------------------------------------------------------------------------------


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.open(newline="")))


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture
def table(course: Course, tmp_path: Path) -> Path:
    """What `marking list --out` writes: ada to dan."""
    run(course, "list", ASSIGNMENT, "--all", "--out", str(tmp_path / "table.csv"))
    return tmp_path / "table.csv"


def essay(book: Gradebook, student: str) -> tuple[float | None, bool, str | None]:
    grade = book.find_grade("essay", ASSIGNMENT, ASSIGNMENT, student)
    comment = book.find_comment("essay", ASSIGNMENT, ASSIGNMENT, student)
    return grade.manual_score, grade.needs_manual_grade, comment.manual_comment


def test_points_and_comments_of_a_table_stand_in_the_gradebook(course, table):
    rows = rows_of(table)
    rows[0] |= {"points": "4,5", "comment": "well argued\nbut short"}
    rows[1] |= {"comment": "#seed"}
    rows[2] |= {"points": "0"}
    assert run(course, "enter", ASSIGNMENT, str(write(table, rows))).splitlines()[:4] == [
        "ada, essay: 4.5 of 6 points",
        "ada, essay: comment",
        "ben, essay: comment",
        "cleo, essay: 0 of 6 points",
    ]
    with gradebook(course) as book:
        assert essay(book, "ada") == (4.5, False, "well argued\nbut short")
        assert essay(book, "ben") == (None, True, "#seed")
        assert essay(book, "cleo") == (0.0, False, None)
        assert essay(book, "dan") == (None, True, None)


def test_the_same_table_once_more_changes_nothing(course, table):
    rows = rows_of(table)
    rows[0] |= {"points": "4", "comment": "=1+1 is\nno formula"}
    enter(course, ASSIGNMENT, write(table, rows))
    before = contents(course)
    assert enter(course, ASSIGNMENT, table).lines == []
    run(course, "list", ASSIGNMENT, "--all", "--out", str(table))
    assert rows_of(table)[0]["comment"] == "'=1+1 is\nno formula"
    assert enter(course, ASSIGNMENT, table).lines == []
    assert contents(course) == before


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"points": "6.5"}, "line 3: essay: 6.5 is not between 0 and 6 points"),
        ({"points": "-1"}, "line 3: essay: -1 is not between 0 and 6 points"),
        ({"points": "nan"}, "line 3: essay: nan is not between 0 and 6 points"),
        ({"points": "good"}, "line 3: essay: 'good' is no number of points"),
        ({"points": "1", "exercise": "double"}, "line 3: 'double' is no exercise that a person marks (known: essay)"),
        ({"points": "1", "student": "zoe"}, f"line 3: zoe has no graded hand-in of {ASSIGNMENT}"),
        ({"points": "1", "student": "ada"}, "line 3: ada, essay stands further up, in line 2"),
    ],
    ids=["above", "below", "nan", "word", "exercise", "student", "twice"],
)
def test_one_wrong_row_and_nothing_is_entered(course, table, change, message):
    before = contents(course)
    rows = rows_of(table)
    rows[0] |= {"points": "4"}
    rows[1] |= change
    found = enter(course, ASSIGNMENT, write(table, rows))
    assert (found.problems, found.lines) == ([message], [])
    assert contents(course) == before


def test_what_somebody_else_set_is_not_overwritten_without_a_word(course, table):
    rows = rows_of(table)
    rows[0] |= {"points": "4", "comment": "mine"}
    rows[1] |= {"points": "3"}
    mark(course, "ada", "essay", points=5.0, comment="theirs")
    before = contents(course)
    found = enter(course, ASSIGNMENT, write(table, rows))
    since = "set by somebody since the table was made: --over overwrites it"
    assert found.problems == [
        f"line 2: ada, essay: the gradebook has 5 points, {since}",
        f"line 2: ada, essay: the gradebook has the comment 'theirs', {since}",
    ]
    assert contents(course) == before
    found = enter(course, ASSIGNMENT, table, over=True)
    assert found.problems == []
    assert "ada, essay: 5 -> 4 of 6 points" in found.lines
    with gradebook(course) as book:
        assert essay(book, "ada") == (4.0, False, "mine")


def test_a_mark_that_the_marker_saw_may_be_changed(course, table):
    mark(course, "ada", "essay", points=5.0)
    run(course, "list", ASSIGNMENT, "--all", "--out", str(table))
    rows = rows_of(table)
    rows[0] |= {"points": "4"}
    assert enter(course, ASSIGNMENT, write(table, rows)).lines == ["ada, essay: 5 -> 4 of 6 points"]


def test_a_table_of_ones_own_needs_four_columns_and_overwrites_nothing(course, tmp_path):
    own = tmp_path / "own.csv"
    own.write_text("student;exercise;points;comment\nada;essay;4,5;good\n", encoding="utf-8-sig")
    assert enter(course, ASSIGNMENT, own).lines == ["ada, essay: 4.5 of 6 points", "ada, essay: comment"]
    own.write_text("student,exercise,points,comment\nada,essay,3,\n")
    (problem,) = enter(course, ASSIGNMENT, own).problems
    assert "the gradebook has 4.5 points, and the table does not say that this was known" in problem
    own.write_text("student,exercise,points\nada,essay,3\n")
    with pytest.raises(CourseError, match="line 1: there is no column 'comment'"):
        enter(course, ASSIGNMENT, own)


def test_the_command_ends_with_one_when_nothing_was_entered(course, table, monkeypatch, capsys):
    rows = rows_of(table)
    rows[0] |= {"points": "7"}
    write(table, rows)
    monkeypatch.setattr(
        "sys.argv", ["coursework", "marking", "enter", ASSIGNMENT, str(table), "--course", str(course.root)]
    )
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 1
    captured = capsys.readouterr()
    assert "line 2: essay: 7 is not between 0 and 6 points" in captured.out
    assert f"nothing of {table} was entered" in captured.err


def test_ids_and_teams_that_a_spreadsheet_would_compute_come_back_as_they_were(course, tmp_path):
    hand_in(course, "-2+3")
    run(course, "list", ASSIGNMENT, "--out", str(tmp_path / "t.csv"))
    rows = rows_of(tmp_path / "t.csv")
    assert rows[0]["student"] == "'-2+3"
    rows[0] |= {"points": "1"}
    assert enter(course, ASSIGNMENT, write(tmp_path / "t.csv", rows)).lines == ["-2+3, essay: 1 of 6 points"]


# --- a team ---------------------------------------------------------------------------------------------------------


def team_of(course: Course, student: str, other: str) -> None:
    from graded_course import clean_notebook, with_outputs
    from marked_class import verdict_of

    notebook: NotebookNode = with_outputs(clean_notebook(course), {})
    verdict = verdict_of(student)
    verdict.team = [student, other]
    record_submission(course, notebook, verdict)


def test_a_team_counts_once_and_its_mark_reaches_both(tmp_path):
    course = released_course(tmp_path)
    team_of(course, "ada", "ben")
    hand_in(course, "cleo")
    output = run(course, "share", ASSIGNMENT, "--among", "anna,uma")
    assert "anna: 1 of 1 answers left, in 1 of 1 hand-ins" in output
    assert dealt(course) == {"ada": "anna", "ben": "anna", "cleo": "uma"}
    table = tmp_path / "anna.csv"
    run(course, "list", ASSIGNMENT, "--for", "anna", "--out", str(table))
    (row,) = rows_of(table)
    assert (row["student"], row["team"]) == ("ada", "ben")
    run(course, "enter", ASSIGNMENT, str(write(table, [{**row, "points": "5"}])))
    with gradebook(course) as book:
        assert essay(book, "ben")[0] == essay(book, "ada")[0] == 5.0


def test_without_a_gradebook_there_is_nothing_to_share_out(tmp_path):
    course = make_course(tmp_path)
    assert share(course, ASSIGNMENT, ["anna"]).lines == ["anna: 0 of 0 answers left, in 0 of 0 hand-ins"]
