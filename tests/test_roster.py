"""A term's settings: the roster, deadlines, extensions, and what being late costs."""

import json
import re
import shutil
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from graded_course import gradebook, mark, on_gradebook, released_course
from marked_class import LATE_PLUGIN, graded
from postgres import postgres, postgres_url  # noqa: F401  (fixtures)
from small_course import ASSIGNMENT, REPOSITORY, make_course
from typer.testing import CliRunner

from autograder.cli import app
from autograder.course import Course, CourseError
from autograder.identity import student_id
from autograder.late import penalty, settle
from autograder.marks import Recorder, record
from autograder.release import release
from autograder.roster import RosterError, enter, keep_roster, load_roster, missing, read_roster
from autograder.sandbox import Limits
from autograder.settings import READERS, Amount, Settings, read_extensions, read_settings, read_table

GOOD = "id,last_name,first_name,email\ns1,Lovelace,Ada,ada@x.org\ns2,Müller,Zoë,zoe@x.org\n"
DAY = 24 * 3600


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return released_course(tmp_path_factory.mktemp("template"))


@pytest.fixture
def course(template: Course, tmp_path: Path) -> Course:
    return Course(shutil.copytree(template.root, tmp_path / "course"))


def configure(course: Course, text: str) -> None:
    with (course.root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write(f"\n{text}\n")


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_text(text, encoding=encoding)
    return path


# --- the roster


def test_columns_may_have_the_platforms_names_and_any_separator(tmp_path: Path) -> None:
    text = "\ufeffFirst name;Surname;ID number;Email address;Institution\r\nAda;Lovelace;s1;ada@x.org;x\r\n\r\n"
    roster = read_roster(write(tmp_path / "r.csv", text))
    found = roster.students["s1"]
    assert (found.first_name, found.last_name, found.email, found.line) == ("Ada", "Lovelace", "ada@x.org", 2)


def test_every_damaged_row_is_told_with_its_line(tmp_path: Path) -> None:
    rows = ["s1,ada@x.org", ",zoe@x.org", "s 2,x@y.org", "s3,nonsense", "S1,b@x.org", "s4,ADA@x.org", "s5,c@x.org,more"]
    with pytest.raises(RosterError) as caught:
        read_roster(write(tmp_path / "r.csv", "id,email\n" + "\n".join(rows) + "\n"))
    found = dict(problem.split(": ", 1) for problem in caught.value.problems)
    assert set(found) == {f"line {number}" for number in range(3, 9)}
    assert found["line 3"] == "it has no id"
    assert found["line 6"] == "its id, 's1', stands in line 2 already"
    assert found["line 7"] == "its email, 'ada@x.org', stands in line 2 already"
    assert "more cells" in found["line 8"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it is empty"),
        ("name,email\nAda,a@x.org\n", "no column 'id'"),
        ("id|last_name\ns1|A\n", "separated by commas, semicolons or tabs"),
        ("id,ID number\ns1,s1\n", "two columns hold the same"),
        ("id,id\ns1,s1\n", "the column 'id' is there twice"),
        ("id\n", "there is no student in it"),
        ('id,email\ns1,"open\n', "line 2"),
        ("Student,ID,SIS User ID,SIS Login ID,Section\nA,1,2,a,x\n", "Canvas's gradebook"),
    ],
)
def test_a_file_that_is_no_roster_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(RosterError, match=said):
        read_roster(write(tmp_path / "r.csv", text))


def test_a_roster_in_another_encoding_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RosterError, match="UTF-8"):
        read_roster(write(tmp_path / "r.csv", "id,last_name\ns1,Müller\n", "latin-1"))


@pytest.mark.parametrize("name", ["s1", "_x", "a.b@x.org", "S-1_2"])
def test_an_id_of_the_roster_is_one_that_hand_ins_are_filed_under(tmp_path: Path, name: str) -> None:
    assert name in read_roster(write(tmp_path / "r.csv", f"id\n{name}\n")).students
    assert student_id(name) == name


@pytest.mark.parametrize("name", [".x", "-x", "a b", "a/b", "x" * 65, "é", "a.", "___", "=1"])
def test_an_id_that_no_folder_may_have_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(RosterError, match="cannot be an id"):
        read_roster(write(tmp_path / "r.csv", f"id\n{name}\n"))


def test_students_are_found_by_the_surest_clue_first(tmp_path: Path) -> None:
    text = "id,last_name,first_name,email,lms_id\ns1,Byron,Ada,ada@x.org,1\ns2,Byron,Ada,,2\ns3,O'Neil,Zoë,zoe@x.org,\n"
    roster = read_roster(write(tmp_path / "r.csv", text))
    ids = {name: [who.id for who in roster.find(**clues)] for name, clues in CLUES.items()}
    assert ids == {
        "number": ["s2"],
        "address": ["s1"],
        "mailbox": ["s3"],
        "either order": ["s3"],
        "two of one name": ["s1", "s2"],
        "same name, other number": [],
        "number not on the roster": ["s3"],
    }


CLUES: dict[str, dict[str, Any]] = {
    "number": {"lms_id": "2", "name": "Byron Ada"},
    "address": {"exact": ("ADA@x.org",)},
    "mailbox": {"exact": ("zoe",)},
    "either order": {"name": "oneil, ZOE"},
    "two of one name": {"name": "Ada Byron"},
    "same name, other number": {"lms_id": "9", "name": "Ada Byron"},
    "number not on the roster": {"lms_id": "9", "name": "Zoë O'Neil"},
}


def test_the_gradebook_gets_names_and_keeps_who_is_not_on_the_roster(course: Course, tmp_path: Path) -> None:
    with gradebook(course) as book:
        book.add_student("stray", email="old@x.org")
        book.add_student("s1", first_name="A.", email="ada@x.org")
    entered = enter(course, read_roster(write(tmp_path / "r.csv", GOOD)))
    assert (entered.added, entered.changed, entered.unknown) == (["s2"], ["s1"], ["stray"])
    with gradebook(course) as book:
        found = {row.id: (row.first_name, row.last_name, row.email) for row in book.students}
    assert found == {
        "s1": ("Ada", "Lovelace", "ada@x.org"),
        "s2": ("Zoë", "Müller", "zoe@x.org"),
        "stray": (None, None, "old@x.org"),
    }
    assert enter(course, read_roster(tmp_path / "r.csv")).changed == []


def test_the_command_keeps_the_roster_and_says_who_handed_in_nothing(course: Course, tmp_path: Path) -> None:
    graded(course, "s1")
    found = run(course, "roster", str(write(tmp_path / "r.csv", GOOD)), "--json", str(tmp_path / "out.json"))
    assert found.exit_code == 0, found.output
    assert f"{ASSIGNMENT}: nothing from 1: s2" in found.output
    said = json.loads((tmp_path / "out.json").read_text())
    assert (said["added"], said["missing"]) == (["s1", "s2"], {ASSIGNMENT: ["s2"]})
    kept = load_roster(course)
    assert kept is not None
    assert missing(course, kept, ASSIGNMENT) == ["s2"]


def test_nothing_is_entered_of_a_damaged_roster(course: Course, tmp_path: Path) -> None:
    found = run(course, "roster", str(write(tmp_path / "r.csv", GOOD + "s2,x,y,z\n,,,\n,a,,\n")))
    assert found.exit_code == 1
    assert "line 4: 'z' is no e-mail address" in found.output
    assert "line 6: it has no id" in found.output  # line 5 is blank
    assert load_roster(course) is None
    with gradebook(course) as book:
        assert list(book.students) == []


def test_a_configured_roster_is_the_only_one(course: Course, tmp_path: Path) -> None:
    write(course.root / "roster.csv", GOOD)
    configure(course, 'c.Coursework.roster = "roster.csv"')
    assert sorted(keep_roster(course, None).students) == ["s1", "s2"]
    with pytest.raises(CourseError, match="names another roster"):
        keep_roster(course, write(tmp_path / "other.csv", GOOD))


def test_without_a_roster_the_command_says_how_to_give_one(course: Course) -> None:
    with pytest.raises(CourseError, match=r"c\.Coursework\.roster"):
        keep_roster(course, None)


def run(course: Course, *arguments: str) -> Any:
    """The command; a CourseError is shown as its entry point shows it."""
    found = CliRunner().invoke(app, [*arguments, "--course", str(course.root)])
    if isinstance(found.exception, CourseError):
        found.exit_code = found.exception.exit_code
    return found


# --- settings


def settings_of(root: Path, **raw: Any) -> tuple[Settings, list[tuple[str, str]]]:
    return read_settings(raw, root, ["one", "two"])


def test_times_are_those_of_the_zone_unless_they_name_one(tmp_path: Path) -> None:
    deadlines = {"one": "2026-12-01 23:59", "two": "2026-07-01T12:00+00:00"}
    found, problems = settings_of(tmp_path, time_zone="Europe/Berlin", deadlines=deadlines)
    assert problems == []
    assert found.deadlines["one"] == datetime(2026, 12, 1, 22, 59, tzinfo=UTC)
    assert found.deadlines["two"] == datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
    summer, _ = settings_of(tmp_path, time_zone="Europe/Berlin", deadlines={"one": "2026-07-01 23:59 UTC"})
    assert summer.deadline("s1", "one") == datetime(2026, 7, 1, 23, 59, tzinfo=UTC)


def test_the_configuration_wins_over_the_file_of_extensions(tmp_path: Path) -> None:
    write(tmp_path / "e.csv", "student,assignment,deadline\ns1,one,2026-12-03 12:00\ns2,one,2026-12-04 12:00\n")
    found, problems = settings_of(
        tmp_path,
        deadlines={"one": "2026-12-01 12:00"},
        extensions={"s1": {"one": "2026-12-09 12:00"}},
        extensions_file="e.csv",
    )
    assert problems == []
    days = {student: found.deadline(student, "one") for student in ("s1", "s2", "s3")}
    assert [when.day for when in days.values() if when] == [9, 4, 1]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("late_penality", "10 %", "no such setting (known: time_zone,"),
        ("time_zone", "Berlin", "no time zone"),
        ("time_zone", 3, "no time zone"),
        ("roster", "nowhere.csv", "there is no file"),
        ("deadlines", {"one": "1.12.2026"}, "one: '1.12.2026' is no date and time"),
        ("deadlines", {"one": "2026-12-01"}, "has no time of day"),
        ("deadlines", {"three": "2026-12-01 23:59"}, "there is no assignment 'three'"),
        ("deadlines", ["one"], "not a dictionary"),
        ("extensions", {"s1": "2026-12-01 23:59"}, "s1: it is '2026-12-01 23:59', not a dictionary"),
        ("extensions", {"s1": {"one": "soon"}}, "s1, one: 'soon' is no date"),
        ("extensions", {"s1": {"one": "2026-12-01 23:59"}}, "which has no deadline"),
        ("extensions", {"s1": {"three": "2026-12-01 23:59"}}, "there is no assignment 'three'"),
        ("late_penalty", "10", "write points as a number"),
        ("late_penalty", "110 %", "write points"),
        ("late_penalty", -1, "write points"),
        ("late_penalty", True, "write points"),
        ("late_percent_of", "all", "not one of 'earned', 'maximum'"),
        ("late_grace_minutes", "ten", "not a number"),
        ("late_days", 1.5, "not a whole number of days"),
        ("late_cap", "50 %", "late_penalty"),
        ("resubmissions", "first", "not one of"),
        ("platform_names", {"one": ""}, "one: it is '', not a name"),
        ("platform_names", {"three": "x"}, "there is no assignment 'three'"),
        ("workers", -1, "it is -1, not a whole number"),
        ("workers", True, "it is True, not a whole number"),
        ("scheduler", "head:8786", "not an address such as 'tls://head.example.org:8786'"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, name: str, value: Any, said: str) -> None:
    _, problems = settings_of(tmp_path, **{name: value})
    assert len(problems) == 1
    assert said in ": ".join(problems[0])
    if said != "late_penalty":
        assert problems[0][0] == f"c.Coursework.{name}"


def test_every_problem_is_found_and_the_rest_is_read(tmp_path: Path) -> None:
    found, problems = settings_of(tmp_path, time_zone="nowhere", late_days=-1, late_penalty="5 %", deadlines={"one": 1})
    assert [where for where, _ in problems] == [
        "c.Coursework.time_zone",
        "c.Coursework.deadlines",
        "c.Coursework.late_days",
    ]
    assert found.late_penalty == Amount(5, percent=True)


def test_damaged_rows_of_extensions_are_told_with_their_lines(tmp_path: Path) -> None:
    rows = (
        "s1,one,2026-12-03 12:00\n,one,2026-12-03 12:00\ns2,three,2026-12-03 12:00\ns1,one,2026-12-04 12:00\ns3,one,x\n"
    )
    path = write(tmp_path / "e.csv", f"student,assignment,deadline\n{rows}")
    found, problems = read_extensions(path, ZoneInfo("UTC"), ["one"])
    assert list(found) == [("s1", "one")]
    assert [where for where, _ in problems] == [f", line {number}" for number in (3, 4, 5, 6)]


def test_a_course_with_a_wrong_setting_stops_in_one_line(course: Course) -> None:
    configure(course, 'c.Coursework.late_days = "x"\nc.Coursework.time_zone = "y"')
    with pytest.raises(CourseError, match=r"c\.Coursework\.time_zone: 'y' is no time zone.*2 problems in all"):
        course.settings()


def test_a_table_knows_the_line_of_a_row_behind_a_cell_of_two_lines(tmp_path: Path) -> None:
    rows = read_table(write(tmp_path / "t.csv", 'a,b\n"x\ny",1\nz,2\n'))
    assert [(line, row["a"]) for line, row in rows[1:]] == [(2, "x y"), (4, "z")]


# --- what being late costs


def rules(**chosen: Any) -> Settings:
    return Settings(late_penalty=Amount(10, percent=True), **chosen)


@pytest.mark.parametrize(
    ("settings", "seconds", "expected"),
    [
        (rules(), 1, 0.8),
        (rules(), DAY, 0.8),
        (rules(), DAY + 1, 1.6),
        (rules(late_percent_of="maximum"), 1, 1.0),
        (rules(late_percent_of="maximum"), 20 * DAY, 8.0),
        (rules(late_grace_minutes=10), 600, 0.0),
        (rules(late_grace_minutes=10), 601, 0.8),
        (rules(late_cap=Amount(25, percent=True)), 9 * DAY, 2.0),
        (rules(late_cap=Amount(3, percent=False)), 9 * DAY, 1.5),
        (rules(late_days=2), 2 * DAY, 1.6),
        (rules(late_days=2, late_cap=Amount(1, percent=True)), 2 * DAY + 1, 8.0),
        (rules(late_days=0), 1, 8.0),
        (Settings(late_penalty=Amount(3, percent=False)), 2 * DAY, 3.0),
        (Settings(late_penalty=Amount(3, percent=False)), 9 * DAY, 8.0),
        (Settings(late_days=1), DAY, 0.0),
    ],
)
def test_a_notebook_of_8_from_10_points_that_is_half_of_its_assignment(
    settings: Settings, seconds: float, expected: float
) -> None:
    assert penalty(settings, score=8.0, maximum=10.0, share=0.5, seconds=seconds) == pytest.approx(expected)


TERM = f"""
c.Coursework.deadlines = {{"{ASSIGNMENT}": "2026-03-01 12:00"}}
c.Coursework.late_penalty = "10 %"
"""


def lost(course: Course, student: str) -> float:
    with gradebook(course) as book:
        return float(book.find_submission(ASSIGNMENT, student).late_submission_penalty)


def take(course: Course, *students: str, when: str = "2026-03-02 13:00:00 UTC") -> None:
    for student in students:
        assert record(course, *graded(course, student, 4.0, 1.0, when)) == []


def test_nbgraders_gradebook_gets_deadline_extension_and_penalty(course: Course) -> None:
    configure(course, TERM + f'c.Coursework.extensions = {{"granted": {{"{ASSIGNMENT}": "2026-03-02 12:30"}}}}')
    take(course, "late", "granted")
    take(course, "prompt", when="2026-03-01 12:00:00 UTC")
    assert (lost(course, "late"), lost(course, "granted"), lost(course, "prompt")) == (1.0, 0.5, 0.0)
    with gradebook(course) as book:
        entry = book.find_submission(ASSIGNMENT, "granted")
        assert entry.assignment.duedate == datetime(2026, 3, 1, 12, 0)
        assert entry.extension == timedelta(hours=24, minutes=30)
        assert book.find_submission(ASSIGNMENT, "late").extension is None


def test_an_extension_given_later_takes_the_penalty_back_and_one_withdrawn_brings_it(course: Course) -> None:
    configure(course, TERM)
    take(course, "s1", "s2")
    before = (course.root / "nbgrader_config.py").read_text()
    configure(course, f'c.Coursework.extensions = {{"s1": {{"{ASSIGNMENT}": "2026-03-09 12:00"}}}}')
    assert settle(course, [ASSIGNMENT]) == []
    assert (lost(course, "s1"), lost(course, "s2")) == (0.0, 1.0)
    (course.root / "nbgrader_config.py").write_text(before)
    assert settle(course, [ASSIGNMENT]) == []
    assert lost(course, "s1") == 1.0


def test_a_penalty_follows_points_that_a_person_gives_and_changed_rules(course: Course) -> None:
    configure(course, TERM)
    take(course, "s1")
    mark(course, "s1", "essay", points=5.0)
    assert settle(course, [ASSIGNMENT]) == []
    assert lost(course, "s1") == 2.0
    configure(course, 'c.Coursework.late_cap = "5 %"')
    assert settle(course, [ASSIGNMENT]) == []
    assert lost(course, "s1") == 0.5
    configure(course, f'c.Coursework.deadlines = {{"{ASSIGNMENT}": None}}')
    assert settle(course, [ASSIGNMENT]) == []
    assert lost(course, "s1") == 0.0


def test_grading_again_settles_what_was_recorded_before(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(course, TERM)
    take(course, "s1")
    monkeypatch.setattr("autograder.grade._keys", lambda *_: [])
    configure(course, f'c.Coursework.deadlines = {{"{ASSIGNMENT}": "2026-03-02 12:00"}}')
    found = run(course, "grade", "--unsafe-no-sandbox", "--workers", "1")
    assert found.exit_code == 0, found.output
    assert lost(course, "s1") == 0.5


def test_settling_twice_changes_nothing_and_opens_no_recorder(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(course, TERM)
    take(course, "prompt", when="2026-03-01 11:00:00 UTC")
    monkeypatch.setattr(Recorder, "settle", lambda *_: pytest.fail("there is nothing to settle"))
    assert settle(course, [ASSIGNMENT]) == []


def test_due_dates_of_nbgrader_and_a_plugin_of_the_courses_own_stay_in_force(course: Course) -> None:
    configure(course, LATE_PLUGIN)
    with gradebook(course) as book:
        book.update_or_create_assignment(ASSIGNMENT, duedate="2026-03-02 12:00:00 UTC")
    take(course, "s1")
    assert settle(course, [ASSIGNMENT]) == []
    assert lost(course, "s1") == pytest.approx(0.5)  # a tenth of 5 points for the hour
    with gradebook(course) as book:
        assert book.find_assignment(ASSIGNMENT).duedate == datetime(2026, 3, 2, 12, 0)


def test_nbgraders_own_method_holds_where_no_rule_is_configured(course: Course) -> None:
    configure(course, TERM.replace('"10 %"', "None") + 'c.LateSubmissionPlugin.penalty_method = "zero"')
    take(course, "s1")
    assert lost(course, "s1") == 5.0


def test_a_roster_and_penalties_on_postgresql(tmp_path: Path, postgres_url: str) -> None:  # noqa: F811
    course = on_gradebook(make_course(tmp_path / "course"), postgres_url)
    release(course, ASSIGNMENT)
    configure(course, TERM)
    assert enter(course, read_roster(write(tmp_path / "r.csv", GOOD))).added == ["s1", "s2"]
    take(course, "s1", "s2")
    configure(course, f'c.Coursework.extensions = {{"s1": {{"{ASSIGNMENT}": "2026-03-02 12:30"}}}}')
    assert settle(course, [ASSIGNMENT]) == []
    assert (lost(course, "s1"), lost(course, "s2")) == (0.5, 1.0)


def test_a_course_without_gradebook_has_nothing_to_settle(tmp_path: Path) -> None:
    assert settle(make_course(tmp_path), [ASSIGNMENT]) == []


def test_workers_here_and_on_a_cluster_are_one_of_two(tmp_path: Path) -> None:
    _, problems = settings_of(tmp_path, workers=4, scheduler="tls://head:8786")
    assert problems == [
        ("c.Coursework.scheduler", "workers is for this machine, scheduler for a cluster: give one of the two")
    ]


@pytest.mark.parametrize(
    ("options", "crew"),
    [
        ([], (3, "")),
        (["--workers", "2"], (2, "")),
        (["--workers", "0"], (0, "")),
        (["--scheduler", "tls://head:8786"], (0, "tls://head:8786")),
    ],
    ids=["setting", "workers", "all-cores", "scheduler"],
)
def test_an_option_goes_before_the_setting_of_workers(tmp_path, monkeypatch, options, crew) -> None:
    course = make_course(tmp_path)
    with (course.root / "nbgrader_config.py").open("a") as file:
        file.write("c.Coursework.workers = 3\n")
    asked = []

    def grade_class(*arguments: Any, workers: int, scheduler: str, **others: Any) -> Any:
        asked.append((workers, scheduler))
        raise CourseError("enough")

    monkeypatch.setattr("autograder.grade.grade_class", grade_class)
    CliRunner().invoke(app, ["grade", "--course", str(course.root), *options])
    assert asked == [crew]


def test_the_configuration_shows_every_setting_and_every_limit() -> None:
    """Also those that are commented out, so that one file tells what can be set."""
    text = (REPOSITORY / "nbgrader_config.py").read_text(encoding="utf-8")
    shown = set(re.findall(r"^(?:# )?c\.(?:Coursework|Limits)\.(\w+) = ", text, re.MULTILINE))
    assert shown == {field.name for field in [*fields(Settings), *fields(Limits)]} - {"channel"}
    assert set(READERS) == {field.name for field in fields(Settings)}
    assert "# c.CourseDirectory.db_url = " in text


def test_the_defaults_that_the_configuration_shows_are_those_of_limits() -> None:
    text = (REPOSITORY / "nbgrader_config.py").read_text(encoding="utf-8")
    shown = dict(re.findall(r"^# c\.Limits\.(\w+) = ([\d.* ]+)", text, re.MULTILINE))
    assert shown
    for name, value in shown.items():
        assert eval(value, {}) == getattr(Limits(), name), name
