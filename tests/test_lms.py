"""Bulk downloads of learning platforms: whose a file is, which attempt, and when; what is unsure goes to the list."""

import io
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import pytest
from small_course import ASSIGNMENT, answered, cell_of, make_course

from autograder import lms
from autograder.collect import CollectReport, collect
from autograder.course import Course, CourseError
from autograder.notebooks import read_notebook, to_bytes
from autograder.release import build_release

NAME = f"{ASSIGNMENT}.ipynb"
ROSTER = """\
id,last_name,first_name,email,lms_id,username
s1,Lovelace,Ada,ada@x.org,4711,alovelace
s2,Müller,Zoë,zoe@x.org,4712,z_mueller
s3,Byron,Anne Isabella,anne@x.org,4713,abyron
s4,Byron,Anne-Isabella,other@x.org,4714,abyron2
"""


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("release")
    built = build_release(make_course(folder), ASSIGNMENT, folder / "built")
    return to_bytes(answered(read_notebook((built / NAME).read_bytes())))


@pytest.fixture
def other(notebook: bytes) -> bytes:
    """The same student's second thoughts."""
    changed = read_notebook(notebook)
    cell_of(changed, "essay").source += " I am sure now."
    return to_bytes(changed)


@pytest.fixture
def course(tmp_path: Path) -> Course:
    course = make_course(tmp_path / "course")
    (course.root / "roster.csv").write_text(ROSTER, encoding="utf-8")
    configure(course, 'c.Coursework.roster = "roster.csv"')
    return course


def configure(course: Course, *lines: str) -> None:
    with (course.root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write("\n".join(["", *lines, ""]))


def make_zip(path: Path, files: dict[str, bytes], when: tuple[int, ...] = (2026, 3, 2, 8, 30, 0)) -> Path:
    """A zip as a platform writes it: every entry has the same time."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, when), data)
    path.write_bytes(stream.getvalue())
    return path


def unpack(path: Path) -> Path:
    folder = path.with_suffix("")
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder)
    return folder


def who(report: CollectReport) -> list[str]:
    return [placed.student for placed in report.placed]


def stamp(course: Course, student: str) -> str:
    return (course.submitted / student / ASSIGNMENT / "timestamp.txt").read_text().strip()


def handed_in(course: Course, student: str) -> bytes:
    return (course.submitted / student / ASSIGNMENT / NAME).read_bytes()


# --- names


@pytest.mark.parametrize(
    ("platform", "path", "person", "number", "inside"),
    [
        ("moodle", "Ada Lovelace_123_assignsubmission_file_/a.ipynb", "Ada Lovelace", "123", "a.ipynb"),
        ("moodle", "Ada Lovelace_123_assignsubmission_file/sub/a.ipynb", "Ada Lovelace", "123", "sub/a.ipynb"),
        ("moodle", "Ada Lovelace_123_assignsubmission_file_a_b.ipynb", "Ada Lovelace", "123", "a_b.ipynb"),
        ("canvas", "lovelaceada_4711_99_a_b-1.ipynb", "lovelaceada", "4711", "a_b-1.ipynb"),
        ("canvas", "lovelaceada_LATE_4711_99_a.ipynb", "lovelaceada", "4711", "a.ipynb"),
        ("canvas", "lovelaceada_4711_text.html", "lovelaceada", "4711", "text.html"),
        ("blackboard", "HW_1_alovelace_attempt_2026-03-01-23-59-10_a.ipynb", "alovelace", "", "a.ipynb"),
    ],
)
def test_a_platforms_name_says_whose_a_file_is(platform: str, path: str, person: str, number: str, inside: str) -> None:
    piece = lms.parse(platform, PurePosixPath(path))
    assert piece is not None
    assert (piece.person, piece.number, str(piece.path)) == (person, number, inside)
    assert lms.recognise([PurePosixPath(path)]) == platform


def test_blackboards_name_tells_the_time_and_leaves_open_where_the_user_begins() -> None:
    piece = lms.parse("blackboard", PurePosixPath("HW_1_z_mueller_attempt_2026-03-01-23-59-10.txt"))
    assert piece == lms.Piece(
        "mueller", None, logins=("1_z_mueller", "z_mueller", "mueller"), when=datetime(2026, 3, 1, 23, 59, 10)
    )


@pytest.mark.parametrize("name", ["s1.ipynb", "Copy of arithmetic (1).ipynb", "anna_arithmetic.ipynb", "s_1_2.zip"])
def test_plain_names_are_no_platforms(name: str) -> None:
    assert lms.recognise([PurePosixPath(name)]) is None


# --- Moodle


def test_moodles_folders_are_recognised_and_mapped(course: Course, tmp_path: Path, notebook: bytes) -> None:
    files = {
        f"Ada Lovelace_101_assignsubmission_file_/{NAME}": notebook,
        f"Zoe Mueller_102_assignsubmission_file_/{NAME}": notebook,
        "Zoë Müller_103_assignsubmission_file_/work.ipynb": notebook,
        f"Anne Isabella Byron_104_assignsubmission_file_/{NAME}": notebook,
    }
    report = collect(course, [unpack(make_zip(tmp_path / "download.zip", files))])
    assert sorted(who(report)) == ["s1", "s2"]
    unsure, unknown = sorted(found.reason for found in report.unplaced)
    assert "'Anne Isabella Byron' may be s3 or s4" in unsure
    assert "'Zoe Mueller' leads to nobody on the roster" in unknown  # ue is not ü
    assert any("Moodle's download does not tell when" in note for note in report.notes)


def test_moodles_worksheet_says_who_and_when(course: Course, tmp_path: Path, notebook: bytes) -> None:
    sheet = tmp_path / "sheet.csv"
    sheet.write_text(
        'Identifier,"Full name","Email address",Status,Grade,"Maximum Grade","Last modified (submission)",'
        '"Last modified (grade)"\n'
        'Participant 104,"Anne Isabella Byron",other@x.org,Submitted,,12.00,"Sunday, 1 March 2026, 11:59 PM",-\n'
    )
    configure(course, 'c.Coursework.time_zone = "Europe/Berlin"')
    files = {
        f"Anne Isabella Byron_104_assignsubmission_file/{NAME}": notebook,
        f"Ada Lovelace_999_assignsubmission_file/{NAME}": notebook,
    }
    path = make_zip(tmp_path / "download.zip", files)
    report = collect(course, [path], platform="moodle", worksheet=sheet)
    assert who(report) == ["s4"]
    assert stamp(course, "s4") == "2026-03-01 22:59:00 UTC"
    assert report.placed[0].certain
    assert "does not stand in the grading worksheet" in report.unplaced[0].reason
    with pytest.raises(CourseError, match="no column 'Identifier'"):
        collect(course, [path], platform="moodle", worksheet=course.root / "roster.csv")


def test_without_a_roster_two_of_one_name_are_not_mixed_up(tmp_path: Path, notebook: bytes) -> None:
    course = make_course(tmp_path / "course")
    files = {f"Ada Lovelace_{number}_assignsubmission_file_{NAME}": notebook for number in (101, 102)}
    report = collect(course, [make_zip(tmp_path / "download.zip", files)], bulk=True)
    assert who(report) == ["Ada_Lovelace"]
    assert "come to the same id" in report.unplaced[0].reason


# --- Canvas


def test_canvas_names_lead_to_the_user_and_the_newer_attachment_counts(
    course: Course, tmp_path: Path, notebook: bytes, other: bytes
) -> None:
    files = {
        "lovelaceada_4711_901_arithmetic-1.ipynb": other,
        "lovelaceada_4711_900_arithmetic.ipynb": notebook,
        "müllerzoë_LATE_4712_902_arithmetic.ipynb": notebook,
        "byronanneisabella_4714_903_arithmetic.ipynb": notebook,
        "lovelaceada_9999_904_arithmetic.ipynb": notebook,  # another one of that name
    }
    report = collect(course, [make_zip(tmp_path / "download.zip", files)], bulk=True)
    assert sorted(who(report)) == ["s1", "s2", "s4"]
    assert handed_in(course, "s1") == other
    assert {"a newer notebook of the same hand-in was taken, arithmetic-1.ipynb"} < {
        found.reason for found in report.unplaced
    }
    assert any("'lovelaceada' leads to nobody" in found.reason for found in report.unplaced)


def test_what_canvas_does_not_call_late_is_in_time_whatever_the_zip_says(
    course: Course, tmp_path: Path, notebook: bytes
) -> None:
    configure(course, f'c.Coursework.deadlines = {{"{ASSIGNMENT}": "2026-03-01 23:59"}}')
    files = {"lovelaceada_4711_900_a.ipynb": notebook, "müllerzoë_LATE_4712_902_a.ipynb": notebook}
    report = collect(course, [make_zip(tmp_path / "download.zip", files)], platform="canvas")
    assert stamp(course, "s1") == "2026-03-01 23:59:00 UTC"
    assert stamp(course, "s2") == "2026-03-02 08:30:00 UTC"
    assert any("4711" in note and "in time, says the platform" in note for note in report.notes)
    assert any("4712" in note and "8.5 hours late, by a time that is not certain" in note for note in report.notes)


# --- Blackboard


def test_blackboards_attempts_are_placed_by_their_time(
    course: Course, tmp_path: Path, notebook: bytes, other: bytes
) -> None:
    configure(course, 'c.Coursework.time_zone = "America/New_York"')
    first, second = "2026-03-01-23-59-10", "2026-03-02-00-10-00"
    files = {
        f"HW_1_z_mueller_attempt_{second}_{NAME}": other,
        f"HW_1_z_mueller_attempt_{second}.txt": b"Name: Zoe (z_mueller)\n",
        f"HW_1_z_mueller_attempt_{first}_{NAME}": notebook,
        f"HW_1_z_mueller_attempt_{first}.txt": b"Name: Zoe (z_mueller)\n",
        f"HW_1_alovelace_attempt_{first}_work.zip": make_zip(
            tmp_path / "w.zip", {f"deep/{NAME}": notebook}
        ).read_bytes(),
        f"HW_1_abyron_attempt_{first}.txt": b"Name: Anne (abyron)\nFiles:\nNo files were attached.\n",
    }
    report = collect(course, [unpack(make_zip(tmp_path / "gradebook.zip", files))])
    assert sorted(who(report)) == ["s1", "s2", "s2"]
    assert handed_in(course, "s2") == other
    assert stamp(course, "s2") == "2026-03-02 05:10:00 UTC"
    assert [found.reason for found in report.unplaced] == ["there is no notebook in it"]
    assert not (course.submitted / "s2" / ASSIGNMENT / "HW_1.txt").exists()
    kept = sorted(path.name[:15] for path in (course.work / "hand-ins" / "s2" / ASSIGNMENT).iterdir())
    assert kept == ["20260302T045910", "20260302T051000"]


def test_an_earlier_attempt_that_comes_later_does_not_take_the_place_of_a_later_one(
    course: Course, tmp_path: Path, notebook: bytes, other: bytes
) -> None:
    for day, content in (("02", other), ("01", notebook)):
        name = f"HW_alovelace_attempt_2026-03-{day}-10-00-00_{NAME}"
        report = collect(course, [make_zip(tmp_path / f"{day}.zip", {name: content})], bulk=True)
    assert report.placed == []
    assert "a later hand-in is there already" in report.notes[0]
    assert handed_in(course, "s1") == other
    assert len(list((course.work / "hand-ins" / "s1" / ASSIGNMENT).iterdir())) == 2


# --- what all have in common


def test_names_in_a_students_zip_are_not_believed(course: Course, tmp_path: Path, notebook: bytes) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    names = f"Ada Lovelace_101_assignsubmission_file_/{NAME}", f"lovelaceada_4711_900_{NAME}"
    for number, name in enumerate(names):
        make_zip(inbox / f"s{3 + number}.zip", {name: notebook})
    for paths in ([inbox], sorted(inbox.iterdir())):
        report = collect(course, paths)
        assert report.placed == []
        assert ["give --from moodle" in found.reason for found in report.unplaced] == [True, False]
        assert "give --from canvas" in report.unplaced[1].reason
    assert not course.submitted.exists()


def test_with_a_roster_plain_names_must_be_on_it(course: Course, tmp_path: Path, notebook: bytes) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for name in ("s1", "zoe@x.org", "S3", "Byron, Anne Isabella", "mallory"):
        (inbox / f"{name}.ipynb").write_bytes(notebook)
    report = collect(course, [inbox])
    assert sorted(who(report)) == ["s1", "s2", "s3"]
    assert {"mallory" in found.reason or "may be s3 or s4" in found.reason for found in report.unplaced} == {True}
    given = collect(course, [inbox / "mallory.ipynb"], student="mallory")
    assert who(given) == ["mallory"]
    assert "mallory is not on the roster" in given.notes[0]


def test_the_same_download_once_more_makes_nobody_late(course: Course, tmp_path: Path, notebook: bytes) -> None:
    files = {f"Ada Lovelace_101_assignsubmission_file_/{NAME}": notebook}
    collect(course, [make_zip(tmp_path / "first.zip", files)], platform="moodle")
    before = stamp(course, "s1")
    later = make_zip(tmp_path / "second.zip", files, (2026, 4, 1, 0, 0, 0))
    report = collect(course, [later], platform="moodle")
    assert stamp(course, "s1") == before == "2026-03-02 08:30:00 UTC"
    assert report.placed[0].when == before.removesuffix(" UTC")
    assert len(list((course.work / "hand-ins" / "s1" / ASSIGNMENT).iterdir())) == 1


def test_times_in_zips_are_those_of_the_courses_zone(course: Course, tmp_path: Path, notebook: bytes) -> None:
    configure(course, 'c.Coursework.time_zone = "Europe/Berlin"')
    collect(course, [make_zip(tmp_path / "s1.zip", {NAME: notebook})])
    assert stamp(course, "s1") == "2026-03-02 07:30:00 UTC"


def test_what_is_no_name_of_the_platform_is_listed(course: Course, tmp_path: Path, notebook: bytes) -> None:
    files = {f"Ada Lovelace_101_assignsubmission_file_/{NAME}": notebook, "stray.ipynb": notebook}
    report = collect(course, [make_zip(tmp_path / "download.zip", files)], platform="moodle")
    assert who(report) == ["s1"]
    assert [found.reason for found in report.unplaced] == ["its name is not one that Moodle gives"]
    assert json.loads(json.dumps(report.as_dict()))["placed"][0]["certain"] is False


def test_a_damaged_roster_places_nothing(course: Course, tmp_path: Path, notebook: bytes) -> None:
    (course.root / "roster.csv").write_text("id,email\ns1,nonsense\n")
    (tmp_path / "s1.ipynb").write_bytes(notebook)
    with pytest.raises(CourseError, match=r"roster.csv: line 2: 'nonsense' is no e-mail address"):
        collect(course, [tmp_path / "s1.ipynb"])
    assert not course.submitted.exists()


def test_the_time_of_a_file_is_its_own(course: Course, tmp_path: Path, notebook: bytes) -> None:
    path = tmp_path / "s1.ipynb"
    path.write_bytes(notebook)
    report = collect(course, [path])
    expected = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    assert report.placed[0].when == f"{expected:%Y-%m-%d %H:%M:%S}"
