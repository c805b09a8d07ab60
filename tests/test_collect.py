"""Who handed in what: everything is placed or listed, and a zip cannot reach beyond its own hand-in."""

import copy
import io
import json
import os
import re
import stat
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from small_course import ASSIGNMENT, answered, make_course, master_notebook

from autograder import collect as collecting
from autograder.collect import collect
from autograder.course import CourseError
from autograder.identity import student_id
from autograder.notebooks import read_notebook, to_bytes
from autograder.release import build_release

NAME = f"{ASSIGNMENT}.ipynb"


@pytest.fixture
def course(tmp_path):
    course = make_course(tmp_path / "course")
    second = course.source / "poetry"
    second.mkdir()
    notebook = master_notebook()
    for cell in notebook.cells:
        cell.id = f"poetry-{cell.id}"[:64]
        cell.source = cell.source.replace("double", "rhyme")
        if "nbgrader" in cell.metadata:
            cell.metadata["nbgrader"]["grade_id"] = "p_" + cell.metadata["nbgrader"]["grade_id"]
    (second / "poetry.ipynb").write_bytes(to_bytes(notebook))
    return course


@pytest.fixture(scope="module")
def stamped(tmp_path_factory):
    """An honest hand-in made from the release."""
    folder = tmp_path_factory.mktemp("stamped")
    built = build_release(make_course(folder), ASSIGNMENT, folder / "built")
    return to_bytes(answered(read_notebook((built / NAME).read_bytes())))


@pytest.fixture
def unstamped(stamped):
    content = json.loads(stamped)
    content["metadata"] = {}
    return json.dumps(content).encode()


@pytest.fixture
def inbox(tmp_path):
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


def make_zip(files, **options):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, data in files.items():
            entry = name if isinstance(name, zipfile.ZipInfo) else zipfile.ZipInfo(name, (2026, 3, 1, 12, 30, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
    return buffer.getvalue()


def write(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def who(report):
    return [(placed.student, placed.assignment) for placed in report.placed]


def reasons(report):
    return [unplaced.reason for unplaced in report.unplaced]


# --- who


def test_a_bare_notebook_is_its_stems(course, inbox, stamped):
    report = collect(course, [write(inbox / "s1.ipynb", stamped)])
    assert who(report) == [("s1", ASSIGNMENT)]
    assert (course.submitted / "s1" / ASSIGNMENT / NAME).read_bytes() == stamped


def test_in_a_hand_in_folder_each_file_and_sub_folder_is_a_student(course, inbox, stamped):
    write(inbox / "s1.ipynb", stamped)
    write(inbox / "s2.zip", make_zip({NAME: stamped}))
    write(inbox / "s3" / NAME, stamped)
    write(inbox / "s4" / "work.zip", make_zip({"deep/folder/x.ipynb": stamped}))
    report = collect(course, [inbox])
    assert who(report) == [("s1", ASSIGNMENT), ("s2", ASSIGNMENT), ("s3", ASSIGNMENT), ("s4", ASSIGNMENT)]
    assert course.students(ASSIGNMENT) == ["s1", "s2", "s3", "s4"]


def test_a_name_inside_a_zip_is_never_an_id(course, inbox, stamped):
    report = collect(course, [write(inbox / "mallory.zip", make_zip({f"victim/{NAME}": stamped}))])
    assert who(report) == [("mallory", ASSIGNMENT)]
    assert course.students(ASSIGNMENT) == ["mallory"]


@pytest.mark.parametrize(
    "name",
    [
        NAME,
        "Copy of arithmetic.ipynb",
        "arithmetic (1).ipynb",
        "Copy of Arithmetic (2).ipynb",
        "arithmetic - Copy.ipynb",
    ],
)
def test_a_file_named_like_the_assignment_names_no_student(course, inbox, stamped, name):
    path = write(inbox / name, stamped)
    report = collect(course, [path])
    assert report.placed == []
    assert "not known who" in reasons(report)[0]
    assert len(list((course.work / "unplaced").glob("*.ipynb"))) == 1
    assert name in (course.work / "unplaced" / "LIST.tsv").read_text()


def test_the_instructor_can_say_who_it_is(course, inbox, stamped):
    report = collect(course, [write(inbox / NAME, stamped)], student="s7")
    assert who(report) == [("s7", ASSIGNMENT)]


def test_an_id_that_also_names_an_assignment_is_taken_and_noted(course, inbox, stamped):
    report = collect(course, [write(inbox / "anna_arithmetic.ipynb", stamped)])
    assert who(report) == [("anna_arithmetic", ASSIGNMENT)]
    assert "also names an assignment" in report.notes[0]


@pytest.mark.parametrize(
    ("name", "identifier"),
    [
        ("Zoë Müller", "Zoe_Muller"),
        ("s-12.3_x@uni.org", "s-12.3_x@uni.org"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("a0001_right_", "a0001_right_"),
        ("-rf", "rf"),
        ("a/b\\c", "a_b_c"),
        ("..", ""),
        ("李雷", ""),
        ("  x  ", "x"),
        ("'; DROP TABLE student; --", "_DROP_TABLE_student_--"),
        ("x" * 500, "x" * 64),
    ],
)
def test_ids_hold_safe_characters_only(name, identifier):
    assert student_id(name) == identifier


def test_two_names_that_come_to_one_id_are_not_guessed_at(course, inbox, stamped):
    write(inbox / "Zoe.ipynb", stamped)
    write(inbox / "Zoë.ipynb", stamped)
    report = collect(course, [inbox])
    assert who(report) == [("Zoe", ASSIGNMENT)]
    assert "come to the same id" in reasons(report)[0]


def test_a_name_of_which_nothing_is_left_goes_to_the_list(course, inbox, stamped):
    assert "holds nothing that can be" in reasons(collect(course, [write(inbox / "李雷.ipynb", stamped)]))[0]


def test_wrong_usage_is_told_in_one_line(course, inbox, stamped):
    path = write(inbox / "s1.ipynb", stamped)
    for paths, options in [
        ([inbox / "nothing.zip"], {}),
        ([path], {"student": "../x"}),
        ([path], {"assignment": "cooking"}),
    ]:
        with pytest.raises(CourseError) as refusal:
            collect(course, paths, **options)
        assert refusal.value.exit_code == 2
        assert "\n" not in str(refusal.value)


def test_the_report_reads_well_and_can_be_written_as_json(course, inbox, stamped):
    write(inbox / "s1.ipynb", stamped)
    write(inbox / "s2.ipynb", b"")
    report = collect(course, [inbox])
    assert report.lines() == [
        f"s1: arithmetic, from {inbox}/s1.ipynb",
        f"not placed: {inbox}/s2.ipynb: the file is empty",
        "1 placed, 1 not placed; what was not placed lies in .coursework/unplaced, with a list",
    ]
    assert json.loads(json.dumps(report.as_dict()))["placed"][0]["student"] == "s1"


# --- which assignment


def test_the_stamp_counts_more_than_the_name(course, inbox, stamped):
    write(inbox / "s1" / "poetry.ipynb", stamped)
    report = collect(course, [inbox])
    assert who(report) == [("s1", ASSIGNMENT)]


def test_without_a_stamp_the_name_decides(course, inbox):
    write(inbox / "s1" / "Copy of Poetry (3).ipynb", b'{"cells": []}')
    assert who(collect(course, [inbox])) == [("s1", "poetry")]


def test_without_stamp_and_name_likeness_decides(course, inbox, unstamped):
    report = collect(course, [write(inbox / "s1.ipynb", unstamped)])
    assert who(report) == [("s1", ASSIGNMENT)]


def test_likeness_is_seen_without_ids_and_markers(course, inbox, unstamped):
    content = json.loads(unstamped)
    for cell in content["cells"]:
        cell.update(metadata={}, source="".join(cell["source"]).replace("exercise:", ""))
        del cell["id"]
    report = collect(course, [write(inbox / "s1.ipynb", json.dumps(content).encode())])
    assert who(report) == [("s1", ASSIGNMENT)]


def test_a_notebook_that_is_like_nothing_goes_to_the_list(course, inbox):
    report = collect(course, [write(inbox / "s1.ipynb", b'{"cells": [], "nbformat": 4}')])
    assert "like no assignment" in reasons(report)[0]


def test_the_instructor_can_say_which_assignment(course, inbox):
    path = write(inbox / "s1.ipynb", b'{"cells": [], "nbformat": 4}')
    assert who(collect(course, [path], assignment="poetry")) == [("s1", "poetry")]


def test_several_assignments_in_one_zip_are_all_placed(course, inbox, stamped):
    poem = to_bytes(read_notebook((course.source / "poetry" / "poetry.ipynb").read_bytes()))
    report = collect(course, [write(inbox / "s1.zip", make_zip({NAME: stamped, "poetry.ipynb": poem}))])
    assert sorted(who(report)) == [("s1", ASSIGNMENT), ("s1", "poetry")]


def test_of_two_notebooks_for_one_assignment_the_newer_is_taken_and_the_other_listed(course, inbox, stamped):
    older = zipfile.ZipInfo("b.ipynb", (2026, 1, 1, 0, 0, 0))
    newer = zipfile.ZipInfo("a.ipynb", (2026, 1, 2, 0, 0, 0))
    report = collect(course, [write(inbox / "s1.zip", make_zip({newer: stamped, older: stamped + b" "}))])
    assert (course.submitted / "s1" / ASSIGNMENT / NAME).read_bytes() == stamped
    assert "a newer notebook" in reasons(report)[0]


@pytest.mark.parametrize("data", [b"", b"{", b"\0\0\0", b"[]"])
def test_an_unreadable_notebook_goes_to_the_list_and_is_kept(course, inbox, data):
    report = collect(course, [write(inbox / "s1.ipynb", data)])
    assert len(report.unplaced) == 1
    assert [path.read_bytes() for path in (course.work / "unplaced").glob("*.ipynb")] == [data]


def test_a_hand_in_without_a_notebook_goes_to_the_list(course, inbox):
    write(inbox / "roster.csv", b"id\n")
    write(inbox / "s1.zip", make_zip({"essay.txt": b"hello"}))
    (inbox / "s2").mkdir()
    assert reasons(collect(course, [inbox])) == ["there is no notebook in it"] * 3


# --- bulk downloads


def test_a_bulk_download_is_read_like_a_folder_when_the_instructor_says_so(course, inbox, stamped):
    bulk = {"s1.ipynb": stamped, "s2.zip": make_zip({NAME: stamped}), f"s3/sub/{NAME}": stamped, f"s4/{NAME}": b"{"}
    report = collect(course, [write(inbox / "bulk.zip", make_zip(bulk))], bulk=True)
    assert who(report) == [("s1", ASSIGNMENT), ("s2", ASSIGNMENT), ("s3", ASSIGNMENT)]
    assert "not valid JSON" in reasons(report)[0]


@pytest.mark.parametrize("of_zips", [False, True])
def test_what_looks_like_a_bulk_download_is_not_given_to_one_student(course, inbox, stamped, of_zips):
    files = {"s1.zip": make_zip({NAME: stamped}), "s2.zip": make_zip({NAME: stamped})}
    if not of_zips:
        files = {f"all/s1/{NAME}": stamped, f"all/s2/{NAME}": stamped}
    report = collect(course, [write(inbox / "download.zip", make_zip(files))])
    assert report.placed == []
    assert len(report.unplaced) == 2
    assert "--bulk" in reasons(report)[0]


# --- what is kept


def test_results_and_small_texts_come_along_and_the_rest_is_named(course, inbox, stamped, monkeypatch):
    monkeypatch.setattr(collecting, "MAX_TEXT_BYTES", 100)
    files = {
        f"mine/{NAME}": stamped,
        "mine/results/training/run.json": b"{}",
        "mine/results/training/run.npz": b"PK",
        "mine/notes.md": b"hello",
        "mine/large.txt": b"x" * 200,
        "mine/speech.wav": b"RIFF",
        "mine/timestamp.txt": b"2000-01-01",
        "mine/.ipynb_checkpoints/x-checkpoint.ipynb": stamped,
        "__MACOSX/mine/._x": b"",
    }
    report = collect(course, [write(inbox / "s1.zip", make_zip(files))])
    folder = course.submitted / "s1" / ASSIGNMENT
    kept = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert kept == {NAME, "results/training/run.json", "results/training/run.npz", "notes.md", "timestamp.txt"}
    for name in ("large.txt", "speech.wav", "timestamp.txt", "x-checkpoint.ipynb", "__MACOSX"):
        assert any(name in note for note in report.notes)


def test_the_time_of_the_hand_in_is_kept_as_nbgrader_reads_it(course, inbox, stamped):
    collect(course, [write(inbox / "s1.zip", make_zip({NAME: stamped}))])
    path = write(inbox / "s2.ipynb", stamped)
    moment = datetime(2026, 5, 6, 7, 8, 9, tzinfo=UTC).timestamp()
    os.utime(path, (moment, moment))
    collect(course, [path])
    stamps = [(course.submitted / s / ASSIGNMENT / "timestamp.txt").read_text().strip() for s in ("s1", "s2")]
    assert stamps == ["2026-03-01 12:30:00 UTC", "2026-05-06 07:08:09 UTC"]


def test_a_second_hand_in_replaces_the_first_wholly_and_says_so(course, inbox, stamped):
    files = {NAME: stamped, "results/training/run.json": b"{}"}
    first = collect(course, [write(inbox / "s1.zip", make_zip(files))])
    second = collect(course, [write(inbox / "s1.ipynb", stamped)])
    assert [first.placed[0].replaced, second.placed[0].replaced] == [False, True]
    assert not (course.submitted / "s1" / ASSIGNMENT / "results").exists()
    assert not list((course.work / "tmp").iterdir())


def test_links_in_a_folder_are_not_followed(course, inbox, stamped, tmp_path):
    secret = write(tmp_path / "secret.txt", b"secret")
    write(inbox / "s1" / NAME, stamped)
    (inbox / "s1" / "notes.txt").symlink_to(secret)
    (inbox / "s2").symlink_to(tmp_path)
    report = collect(course, [inbox])
    assert who(report) == [("s1", ASSIGNMENT)]
    assert not (course.submitted / "s1" / ASSIGNMENT / "notes.txt").exists()
    assert "link" in reasons(report)[0]


def test_what_cannot_be_read_in_a_folder_is_listed_and_the_others_are_placed(course, inbox, stamped, tmp_path):
    write(inbox / "s1.ipynb", stamped)
    write(inbox / ".s2.ipynb", stamped)
    write(inbox / "._s1.ipynb", b"a Mac's own")
    os.mkfifo(inbox / "s3.ipynb")
    write(inbox / "s4" / "/".join("d" * 30) / NAME, stamped)
    write(inbox / "s5" / NAME, stamped)
    (inbox / "s5" / "results").symlink_to(tmp_path)
    report = collect(course, [inbox])
    assert who(report) == [("s1", ASSIGNMENT), ("s5", ASSIGNMENT)]
    listed = {Path(unplaced.path).name: unplaced.reason for unplaced in report.unplaced}
    assert set(listed) == {".s2.ipynb", "s3.ipynb", "s4"}
    assert "hidden" in listed[".s2.ipynb"] and "20 deep" in listed["s4"]
    assert any("results was left out: it is a link" in note for note in report.notes)


def test_a_very_large_notebook_is_not_read(course, inbox, stamped, monkeypatch):
    """200 MB that are not on the disk: whoever read them would need the memory for them."""
    write(inbox / "s1.ipynb", stamped)
    with write(inbox / "s2.ipynb", b"{").open("r+b") as file:
        file.truncate(200 * 2**20)
    monkeypatch.setattr(Path, "read_bytes", refuse_large(Path.read_bytes))
    report = collect(course, [inbox])
    assert who(report) == [("s1", ASSIGNMENT)]
    assert reasons(report) == ["s2.ipynb has 200 MB; at most 50 MB are read"]


def refuse_large(read_bytes):
    def read(path):
        assert path.stat().st_size < 2**20, f"{path} is read"
        return read_bytes(path)

    return read


@pytest.mark.parametrize("zipped", [False, True])
def test_large_data_beside_a_notebook_is_left_out(course, inbox, stamped, monkeypatch, zipped):
    monkeypatch.setattr(collecting, "MAX_FILE_BYTES", len(stamped))
    data = os.urandom(2 * len(stamped))
    if zipped:
        write(inbox / "s1.zip", make_zip({NAME: stamped, "clips.wav": data}))
    else:
        write(inbox / "s1" / NAME, stamped)
        write(inbox / "s1" / "clips.wav", data)
    report = collect(course, [inbox])
    assert who(report) == [("s1", ASSIGNMENT)]
    assert any("clips.wav was left out: it has" in note for note in report.notes)


def test_names_that_cannot_be_printed_are_told_all_the_same(course, inbox, stamped):
    for name in (NAME.encode(), b"\xff.py", b"a\nb.py", b"fine.py"):
        write(inbox / "s1\x1b[2J" / os.fsdecode(name), stamped)
    write(inbox / os.fsdecode(b"\xff\xfe.zip"), b"PK")
    report = collect(course, [inbox])
    assert who(report) == [("s1_2J", ASSIGNMENT)]
    assert all(line.isprintable() for line in report.lines())
    handed_in = course.submitted / "s1_2J" / ASSIGNMENT
    assert sorted(path.name for path in handed_in.iterdir()) == sorted([NAME, "fine.py", "timestamp.txt"])


TAKEN = {
    "the notebook": ("other.ipynb", f"{NAME}/x.py"),
    "our own file": (NAME, "timestamp.txt/x.py"),
    "our own file in capitals": (NAME, "Timestamp.txt"),
    "a run": (NAME, "results/training/GRU-seed0-123456.json/x.json"),
    "a hidden file": (NAME, ".ipython/profile_default/startup/x.py"),
}


@pytest.mark.parametrize("name", TAKEN)
def test_a_name_that_takes_anothers_place_is_left_out(course, inbox, stamped, name):
    notebook, other = TAKEN[name]
    report = collect(course, [write(inbox / "s1.zip", make_zip({notebook: stamped, other: b"1"}))])
    assert who(report) == [("s1", ASSIGNMENT)]
    assert any(f"{other} was left out" in note for note in report.notes)
    handed_in = course.submitted / "s1" / ASSIGNMENT
    assert sorted(path.name for path in handed_in.rglob("*")) == sorted([NAME, "timestamp.txt"])


def test_of_two_names_that_differ_by_capitals_one_is_left_out(course, inbox, stamped):
    files = {NAME: stamped, "Notes.txt": b"first", "notes.txt": b"second"}
    report = collect(course, [write(inbox / "s1.zip", make_zip(files))])
    assert any("notes.txt was left out: another file has the same name" in note for note in report.notes)


def test_no_refused_hand_in_takes_the_place_of_another(course, inbox):
    for name in ("a b.ipynb", "a_b.ipynb", "a-b.zip"):
        write(inbox / name, name.encode())
    collect(course, [inbox])
    kept = [path for path in (course.work / "unplaced").iterdir() if path.name != "LIST.tsv"]
    assert sorted(path.read_bytes() for path in kept) == [b"a b.ipynb", b"a-b.zip", b"a_b.ipynb"]


def test_one_bad_hand_in_of_a_bulk_download_leaves_the_others_alone(course, inbox, stamped):
    files = {
        f"s1/{NAME}": stamped,
        f"s2/{'x' * 300}.ipynb": stamped,
        "s3/../../x.py": b"1",
        link_entry("s4/results"): b"/etc",
        "__MACOSX/._s1": b"1",
    }
    report = collect(course, [write(inbox / "all.zip", make_zip(files))], bulk=True)
    assert who(report) == [("s1", ASSIGNMENT)]
    assert [Path(unplaced.path).name for unplaced in report.unplaced] == ["s2", "s3", "s4"]


# --- hostile zips


def link_entry(name):
    entry = zipfile.ZipInfo(name)
    entry.create_system = 3
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


def lying_about_size(stamped):
    data = bytearray(make_zip({NAME: stamped}))
    at = data.rfind(b"PK\x01\x02")
    data[at + 24 : at + 28] = (10).to_bytes(4, "little")
    return bytes(data)


def many_empty_entries(_):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number in range(collecting.MAX_FILES + 1):
            archive.writestr(str(number), b"")
    return buffer.getvalue()


def packed(method):
    def make(stamped):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", method) as archive:
            archive.writestr(NAME, stamped)
        return buffer.getvalue()

    return make


def overlapping(stamped):
    """Thousand entries of 1 MB each that all lie in the same bytes: 1 GB out of a few kilobytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(NAME, stamped)
        archive.writestr("a.txt", bytes(2**20))
        for number in range(1000):
            entry = copy.copy(archive.getinfo("a.txt"))
            entry.filename = f"{number}.txt"
            archive.filelist.append(entry)
        archive._didModify = True
    return buffer.getvalue()


def nested(depth, stamped):
    data = make_zip({NAME: stamped})
    for _ in range(depth):
        data = make_zip({"inner.zip": data})
    return data


ZIP64 = b"PK\x06\x07" + bytes(16)
HOSTILE = {
    "a name with ..": (lambda s: make_zip({NAME: s, "../../x.py": b"1"}), "leads out"),
    "a name with .. and backslashes": (lambda s: make_zip({NAME: s, "..\\..\\x.py": b"1"}), "leads out"),
    "an absolute name": (lambda s: make_zip({NAME: s, "/etc/cron.d/x": b"1"}), "leads out"),
    "a drive letter": (lambda s: make_zip({NAME: s, "C:/x.py": b"1"}), "leads out"),
    "a link": (lambda s: make_zip({NAME: s, link_entry("results"): b"/etc"}), "a link"),
    "a control character in a name": (lambda s: make_zip({NAME: s, "a\nb.py": b"1"}), "control characters"),
    "a very long name": (lambda s: make_zip({NAME: s, "x" * 300: b"1"}), "too long"),
    "a bomb": (lambda s: make_zip({NAME: s, "zeros.txt": bytes(30 * 2**20)}), "zip bomb"),
    "too many files": (many_empty_entries, "more than"),
    "entries that share their bytes": (overlapping, "cannot be unpacked|unpacked, it has more than"),
    "a packing that takes much memory": (packed(zipfile.ZIP_LZMA), "unusual"),
    "a table of contents for huge archives": (lambda s: make_zip({NAME: s})[:-22] + ZIP64 + make_zip({})[-22:], "huge"),
    "zips in zips in zips": (lambda s: nested(3, s), "zip in a zip"),
    "a size that is a lie": (lying_about_size, "cannot be unpacked"),
    "a file where a folder is": (lambda s: make_zip({NAME: s, "a": b"1", "a/b": b"1"}), "two things"),
    "no zip at all": (lambda s: b"PK but not really", "no zip"),
    "a zip that was cut off": (lambda s: make_zip({NAME: s})[:-30], "no zip"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_zip_is_refused_with_a_reason_and_the_others_are_placed(course, inbox, stamped, name):
    make, reason = HOSTILE[name]
    write(inbox / "mallory.zip", make(stamped))
    write(inbox / "s1.ipynb", stamped)
    before = {path for path in course.root.parent.rglob("*") if course.work not in path.parents}
    report = collect(course, [inbox])
    assert who(report) == [("s1", ASSIGNMENT)]
    assert re.search(reason, reasons(report)[0])
    assert "\n" not in reasons(report)[0]
    after = {path for path in course.root.parent.rglob("*") if course.work not in path.parents}
    assert {path.relative_to(course.root).parts[0] for path in after - before} <= {"submitted", ".coursework"}


def test_a_zip_protected_by_a_password_is_told_as_such(course, inbox, stamped):
    data = bytearray(make_zip({NAME: stamped}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.find(signature) + offset] |= 1
    assert "password" in reasons(collect(course, [write(inbox / "s1.zip", bytes(data))]))[0]


def test_a_file_over_the_limit_refuses_the_zip(course, inbox, stamped, monkeypatch):
    monkeypatch.setattr(collecting, "MAX_FILE_BYTES", 100)
    assert "at most" in reasons(collect(course, [write(inbox / "s1.zip", make_zip({NAME: stamped}))]))[0]


def test_one_zip_in_a_zip_is_fine(course, inbox, stamped):
    files = {"hand-in.zip": make_zip({f"work/{NAME}": stamped, "work/results/training/a.json": b"{}"})}
    report = collect(course, [write(inbox / "s1.zip", make_zip(files))])
    assert who(report) == [("s1", ASSIGNMENT)]
    assert (course.submitted / "s1" / ASSIGNMENT / "results" / "training" / "a.json").exists()
