"""What a run of grading leaves behind: manifest, records, inputs, differences in marks, and marks reproduced."""

import dataclasses
import fcntl
import json
import os
import shutil
import stat
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook
from small_course import cell_of
from tiny_course import ASSIGNMENT, POINTS, RIGHT, TEST, WRONG, hand_in, make_course
from typer.testing import CliRunner

import autograder.environment
import autograder.grade
import autograder.workers
from autograder import execute
from autograder.cli import app, main
from autograder.course import Course
from autograder.environment import environment_differences
from autograder.execute import Graded, Job
from autograder.files import PREFIX, SUFFIX, remove_leftovers, write_file
from autograder.grade import grade_class, graded_notebooks
from autograder.notebooks import read_notebook, to_bytes
from autograder.records import FAILED, PASSED, UNGRADED, ExerciseVerdict, SubmissionVerdict
from autograder.release import release
from autograder.runs import MissingInput, PastRun, Run, archive, find_run, past_runs
from autograder.sandbox import Limits
from autograder.workers import ungraded

needs_bubblewrap = pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")


@pytest.fixture
def course(tmp_path: Path) -> Course:
    (tmp_path / "source").mkdir()
    return Course(tmp_path)


def begin(course: Course, **changed: Any) -> Run:
    return Run.begin(course, [ASSIGNMENT], Limits(**changed), 2, True)


def make_job(student: str = "ada", **changed: Any) -> Job:
    values: dict[str, Any] = {
        "notebooks": {"n": b"answer"},
        "masters": {"n": b"{}"},
        "releases": {"n": b"release"},
        "files": {},
        "key": b"k" * 32,
        "digest": "d",
    }
    return Job(student, ASSIGNMENT, **values | changed)


def make_verdict(points: float, student: str = "ada", status: str = "", **changed: Any) -> SubmissionVerdict:
    exercise = ExerciseVerdict("lstm_cell", points, 4.0, status or (PASSED if points == 4 else FAILED))
    return SubmissionVerdict(student, ASSIGNMENT, [exercise], digest="d", **changed)


def one_run(course: Course, job: Job, verdict: SubmissionVerdict, before: SubmissionVerdict | None = None) -> Run:
    """A whole run that grades one submission."""
    with begin(course, **dataclasses.asdict(job.limits)) as run:
        run.done(job, verdict, before)
        run.end()
    return run


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# --- what is written ----------------------------------------------------------------------------------------


def test_a_manifest_tells_what_marks_depend_on(course):
    run = begin(course, submission_seconds=12.0)
    manifest = json.loads((run.folder / "manifest.json").read_text())
    assert manifest["ended"] is None
    assert manifest["assignments"] == [ASSIGNMENT]
    assert manifest["limits"]["submission_seconds"] == 12.0
    assert manifest["workers"] == 2 and manifest["sandboxed"]
    assert manifest["python"] == ".".join(map(str, sys.version_info[:3]))
    assert manifest["packages"]["nbgrader"]
    assert len(manifest["code_digest"]) == 64
    run.done(make_job(), make_verdict(4), None)
    run.done(make_job("ben"), make_verdict(0, "ben", tamper=["something odd"]), None)
    run.end()
    manifest = json.loads((run.folder / "manifest.json").read_text())
    assert manifest["ended"] >= manifest["began"]
    assert manifest["counts"] == {
        "submissions": 2,
        "graded_now": 2,
        PASSED: 1,
        FAILED: 1,
        "submissions_suspicious": 1,
    }


def test_a_record_tells_what_one_mark_came_from(course):
    job = make_job(files={"weights.npz": b"numbers"}, limits=Limits(memory=5))
    verdict = make_verdict(4, seconds=1.5, timings={"imports": 0.5})
    with begin(course) as run:
        run.done(job, verdict, None)
    record = PastRun(run.folder).record("ada", ASSIGNMENT)
    assert record is not None
    assert verdict.run == record["run"] == run.id
    assert record["marks"] == {"lstm_cell": {"points": 4, "max": 4.0, "status": PASSED}}
    assert record["limits"] == {"memory": 5}
    assert bytes.fromhex(record["key"]) == job.key
    assert (record["graded"], record["seconds"], record["timings"]) == ("now", 1.5, {"imports": 0.5})
    for group in ("notebooks", "masters", "releases", "files"):
        assert {n: archive(course).get(sha) for n, sha in record[group].items()} == getattr(job, group)


def test_a_verdict_that_still_holds_is_recorded_as_taken_from_its_run(course):
    verdict = make_verdict(4)
    first = one_run(course, make_job(), verdict)
    kept = SubmissionVerdict.from_json(verdict.to_json())
    second = one_run(course, make_job(), kept, SubmissionVerdict.from_json(verdict.to_json()))
    record = PastRun(second.folder).record("ada", ASSIGNMENT)
    assert record is not None
    assert (record["graded"], record["run"]) == ("before", first.id)
    assert second.manifest["counts"]["graded_before"] == 1
    assert second.differences == []


def test_only_the_owner_can_read_keys_and_hidden_tests(course):
    run = one_run(course, make_job(), make_verdict(4))
    for folder in (run.folder, run.folder.parent, archive(course).folder):
        assert mode(folder) == 0o700
        assert {mode(path) for path in folder.iterdir() if path.is_file()} <= {0o600}


def test_an_input_is_kept_once_and_damage_is_seen(course):
    kept = archive(course)
    name = kept.put({"a": b"content" * 100, "b": b"content" * 100})["b"]
    [path] = kept.folder.iterdir()
    written = path.stat().st_mtime_ns
    assert kept.put({"c": b"content" * 100}) == {"c": name}
    assert path.stat().st_mtime_ns == written
    assert kept.get(name) == b"content" * 100
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(MissingInput, match="damaged"):
        kept.get(name)
    path.unlink()
    with pytest.raises(MissingInput, match="not there"):
        kept.get(name)


# --- runs that were killed ----------------------------------------------------------------------------------


def killed(run: Run) -> None:
    """What the end of its process does to a run."""
    os.close(run.descriptor)


def test_a_torn_record_is_cut_off_by_the_next_run(course):
    run = begin(course)
    run.done(make_job(), make_verdict(4), None)
    records = run.folder / "records.jsonl"
    whole = records.read_bytes()
    with records.open("ab") as file:
        file.write(whole[: len(whole) // 2])
    assert [record["student"] for record in PastRun(run.folder).records()] == ["ada"]
    killed(run)
    begin(course)
    assert records.read_bytes() == whole
    assert json.loads((run.folder / "manifest.json").read_text())["interrupted"]


def test_a_run_that_is_at_work_is_left_alone(course):
    run = begin(course)
    (run.folder / "records.jsonl").write_bytes(b'{"half": ')
    begin(course)
    assert (run.folder / "records.jsonl").read_bytes() == b'{"half": '


def test_a_file_that_is_being_written_is_no_leftover(tmp_path, monkeypatch):
    force = os.fsync
    removed = []

    def look_and_force(descriptor: int) -> None:
        removed.extend(remove_leftovers([tmp_path]))
        force(descriptor)

    monkeypatch.setattr(os, "fsync", look_and_force)
    write_file(tmp_path / "file", b"content")
    assert removed == []
    assert (tmp_path / "file").read_bytes() == b"content"


def test_a_file_taken_for_a_leftover_before_it_was_locked_is_made_anew(tmp_path, monkeypatch):
    lock, calls = fcntl.flock, []

    def late(descriptor: int, operation: int) -> None:
        if not calls:
            calls.append(descriptor)
            [path] = tmp_path.glob(f"{PREFIX}*{SUFFIX}")
            path.unlink()
        lock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", late)
    write_file(tmp_path / "file", b"content")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_half_written_files_and_folders_of_killed_runs_go(course):
    run = begin(course)
    archive(course).put({"n": b"content"})
    for folder in (run.folder, archive(course).folder):
        (folder / f"{PREFIX}x{SUFFIX}").touch()
    (run.folder.parent / "20200101T000000Z-abcdef").mkdir()
    killed(run)
    begin(course)
    assert list(course.work.rglob(f"{PREFIX}*{SUFFIX}")) == []
    assert len(past_runs(course)) == len([path for path in run.folder.parent.iterdir() if path.is_dir()]) == 2


def test_a_difference_that_a_killed_run_could_not_show_is_shown_by_the_next(course):
    before = make_verdict(4)
    one_run(course, make_job(), before)
    run = begin(course)
    run.done(make_job(notebooks={"n": b"other"}), make_verdict(0), before)
    killed(run)
    killed(begin(course))
    third = begin(course)
    assert third.differences == ["ada: lstm_cell 4 -> 0 of 4 (answer changed)"]
    third.end()
    killed(third)
    assert begin(course).differences == []


def test_a_record_that_cannot_be_written_leaves_no_half_of_it(course, monkeypatch):
    run = begin(course)
    run.done(make_job(), make_verdict(4), None)
    whole = (run.folder / "records.jsonl").read_bytes()
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, line: write(descriptor, line[:10]))  # as on a full disk
    with pytest.raises(OSError):
        run.done(make_job("ben"), make_verdict(4, "ben"), None)
    assert (run.folder / "records.jsonl").read_bytes() == whole


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "new" / "file"
    write_file(path, b"old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            write_file(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(path.parent.iterdir()) == [path]
    (path.parent / f"{PREFIX}left{SUFFIX}").touch()
    remove_leftovers([path.parent, tmp_path / "not there"])
    assert list(path.parent.iterdir()) == [path]


# --- differences in marks -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"notebooks": {"n": b"other"}, "key": b"o" * 32}, "answer changed"),
        ({"files": {"weights.npz": b"x"}, "key": b"o" * 32}, "files changed"),
        ({"releases": {"n": b"other"}}, "release changed"),
        ({"masters": {"n": b'{"cells": []}'}}, "source changed"),
        ({"key": b"o" * 32}, "the course's secret changed"),
        ({"limits": Limits(memory=7, disk=8)}, "limits changed (disk, memory)"),
        ({"sandboxed": False}, "graded without a sandbox now"),
        ({}, "graded again, nothing had changed"),
        ({"notebooks": {"n": b"o"}, "limits": Limits(disk=8)}, "answer changed, limits changed (disk)"),
    ],
)
def test_a_difference_names_what_changed(course, changed, reason):
    before = make_verdict(4)
    one_run(course, make_job(), before)
    run = one_run(course, make_job(**changed), make_verdict(3), before)
    assert run.differences == [f"ada: lstm_cell 4 -> 3 of 4 ({reason})"]
    assert json.loads((run.folder / "manifest.json").read_text())["differences"] == run.differences


@pytest.mark.parametrize(
    ("part", "reason"),
    [("examinations", "examination changed"), ("code", "autograder changed"), ("samples", "samples changed")],
)
def test_a_difference_names_what_changed_of_ours(course, monkeypatch, part, reason):
    before = make_verdict(4)
    one_run(course, make_job(), before)
    digests = autograder.environment.digests()
    monkeypatch.setattr(autograder.environment, "digests", lambda: {**digests, part: "other"})
    run = one_run(course, make_job(), make_verdict(3), before)
    assert run.differences == [f"ada: lstm_cell 4 -> 3 of 4 ({reason})"]


def test_a_difference_names_packages(course, monkeypatch):
    before = make_verdict(4)
    one_run(course, make_job(), before)
    packages = autograder.environment.packages()
    monkeypatch.setattr(autograder.environment, "packages", lambda: {**packages, "nbgrader": "99", "new": "1"})
    run = one_run(course, make_job(), make_verdict(3), before)
    [line] = run.differences
    assert line.endswith(f"(nbgrader {packages['nbgrader']} -> 99; new not there -> 1)")


def test_marks_that_could_not_be_given_are_differences_too(course):
    ungraded = make_verdict(0, status=UNGRADED)
    one_run(course, make_job(), ungraded)
    graded = make_verdict(3)
    run = one_run(course, make_job(), graded, ungraded)
    assert run.differences == ["ada: lstm_cell ungraded -> 3 of 4 (it could not be graded before)"]
    run = one_run(course, make_job(notebooks={"n": b"o"}), make_verdict(0, status=UNGRADED), graded)
    assert run.differences == ["ada: lstm_cell 3 of 4 -> ungraded (a failure of ours)"]


def test_exercises_and_points_that_come_and_go_are_differences(course):
    before = make_verdict(4)
    before.exercises.append(ExerciseVerdict("old", 1, 1, PASSED))
    one_run(course, make_job(), before)
    after = make_verdict(4)
    after.exercises[0].max = 5.0
    after.exercises.append(ExerciseVerdict("new", 2, 2, PASSED))
    assert one_run(course, make_job(), after, before).differences == [
        "ada: lstm_cell 4 of 4 -> 4 of 5 (graded again, nothing had changed)",
        "ada: old 1 of 1 -> no such exercise (graded again, nothing had changed)",
        "ada: new no such exercise -> 2 of 2 (graded again, nothing had changed)",
    ]


def test_a_verdict_without_a_record_is_compared_without_a_reason(course):
    run = one_run(course, make_job(), make_verdict(3), make_verdict(4, run="20200101T000000Z-abcdef"))
    assert run.differences == ["ada: lstm_cell 4 -> 3 of 4 (no record tells what has changed since)"]


# --- finding a run ------------------------------------------------------------------------------------------


def test_a_run_is_found_by_id_beginning_end_folder_or_as_the_last(course):
    first, last = (one_run(course, make_job(), make_verdict(4)) for _ in range(2))
    newest = max(first.id, last.id)
    assert find_run(course, "last").id == newest
    for name in (first.id, first.id[-6:], str(first.folder)):
        assert find_run(course, name).id == first.id


def test_a_run_that_is_not_there_is_told_in_one_line(course, capsys, monkeypatch):
    for names in ([], [make_job()]):
        for job in names:
            one_run(course, job, make_verdict(4))
        monkeypatch.setattr(sys, "argv", ["coursework", "grade", "--reproduce", "nope", "--course", str(course.root)])
        with pytest.raises(SystemExit) as stopped:
            main()
        assert stopped.value.code == 2
        error = capsys.readouterr().err
        assert error.startswith("coursework: ") and error.count("\n") == 1


def test_environments_are_compared_in_words():
    then = {"python": "3.11.1", "autograder": {"version": "1", "commit": "a"}, "packages": {"torch": "2.3"}}
    now = {**then, "python": "3.12.0", "autograder": {"version": "1", "commit": "b"}, "packages": {"torch": "2.4"}}
    assert environment_differences(then, now) == [
        "python: 3.11.1 -> 3.12.0",
        "autograder: 1 (a) -> 1 (b)",
        "torch 2.3 -> 2.4",
    ]
    assert environment_differences(then, then) == []


# --- a graded class -----------------------------------------------------------------------------------------


@dataclass
class HereWorkers:
    """In the place of worker processes: grades in this one, or fails as a worker does that was lost."""

    sandboxed: bool = True
    failing: bool = False
    problems: list[str] = dataclasses.field(default_factory=list)

    def __enter__(self) -> "HereWorkers":
        return self

    def __exit__(self, *exc: object) -> None:
        pass

    def start(self, job: Job | None = None) -> None:
        pass

    def run(self, jobs: Iterable[Job], renew: object) -> Iterator[tuple[Job, Graded]]:
        for job in jobs:
            yield job, ungraded(job, "the worker's process ended") if self.failing else execute.grade(job)


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> HereWorkers:
    """The workers that `grade_class` and the command use in this test."""
    crew = HereWorkers()
    monkeypatch.setattr(autograder.grade, "Workers", lambda *args, **options: crew)
    monkeypatch.setattr(autograder.workers, "Workers", lambda *args, **options: crew)
    return crew


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A right, a wrong and an unreadable hand-in, graded."""
    course = make_course(tmp_path_factory.mktemp("graded"))
    for student, source in (("ada", RIGHT), ("ben", WRONG), ("cleo", RIGHT)):
        hand_in(course, student, source)
    hand_in(course, "cleo", RIGHT).write_bytes(b"this is no notebook")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(autograder.grade, "Workers", lambda *args, **options: HereWorkers())
        grade_class(course, [ASSIGNMENT])
    return course


@pytest.fixture
def copied(graded: Course, tmp_path: Path) -> Course:
    shutil.copytree(graded.root, tmp_path / "course")
    return Course(tmp_path / "course")


def change_hidden_test(course: Course) -> None:
    """Another hidden test, which no answer passes."""
    path = course.source / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    notebook = read_notebook(path.read_bytes())
    cell = cell_of(notebook, "lstm_cell_test")
    cell.source = cell.source.replace(
        TEST.partition("### BEGIN")[2], " HIDDEN TESTS\nassert False\n### END HIDDEN TESTS"
    )
    path.write_bytes(to_bytes(notebook))
    release(course, ASSIGNMENT)


def command(*arguments: str) -> tuple[int, str]:
    """`coursework` with these arguments in this process: its exit code and what it printed."""
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    return result.exit_code, result.output


def contents(course: Course) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(course.root.rglob("*")) if path.is_file()}


def score(course: Course, student: str) -> tuple[float | None, bool]:
    """The automatic mark in the gradebook, and whether a person must look at it."""
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as book:
        grade = book.find_grade("lstm_cell_test", ASSIGNMENT, ASSIGNMENT, student)
        return grade.auto_score, grade.needs_manual_grade


@needs_bubblewrap
def test_marks_are_reproduced_and_nothing_is_changed(copied, here):
    before = contents(copied)
    code, output = command("grade", "--reproduce", "last", "--course", str(copied.root))
    assert code == 0, output
    assert f"ada: {ASSIGNMENT} equal, {POINTS} of {POINTS} points" in output
    assert "3 equal, 0 different" in output
    assert "nothing differs" in output
    assert contents(copied) == before


@needs_bubblewrap
def test_an_old_mark_is_reproduced_after_the_test_and_the_answer_changed(copied, here):
    [run] = past_runs(copied)
    change_hidden_test(copied)
    hand_in(copied, "ada", WRONG)
    code, output = command("grade", "--course", str(copied.root))
    assert code == 0, output
    assert f"ada: lstm_cell {POINTS} -> 0 of {POINTS} (answer changed, hidden test changed, release changed)" in output
    assert score(copied, "ada") == (0, False)
    code, output = command("grade", "--reproduce", run.id, "--student", "ada", "--course", str(copied.root))
    assert code == 0, output
    assert f"ada: {ASSIGNMENT} equal, {POINTS} of {POINTS} points" in output
    assert "1 equal, 0 different" in output
    assert score(copied, "ada") == (0, False)


@needs_bubblewrap
def test_a_mark_that_does_not_come_out_again_is_told(copied, here, tmp_path):
    [run] = past_runs(copied)
    records = run.folder / "records.jsonl"
    lines = [json.loads(line) for line in records.read_text().splitlines()]
    for record in lines:
        if record["student"] == "ada":
            record["marks"]["lstm_cell"] |= {"points": 3.0, "status": "partial"}
        if record["student"] == "ben":
            (copied.work / "inputs" / f"{record['notebooks'][ASSIGNMENT]}.gz").unlink()
    records.write_text("".join(json.dumps(record) + "\n" for record in lines))
    manifest = run.manifest
    manifest["packages"] |= {"nbgrader": "0.1"}
    write_file(run.folder / "manifest.json", json.dumps(manifest).encode())
    rows = tmp_path / "rows.json"
    code, output = command("grade", "--reproduce", run.id, "--course", str(copied.root), "--json", str(rows))
    assert code == 1
    assert f"ada: {ASSIGNMENT} differs: lstm_cell 3 of 4 (partial), now 4 of 4 (passed)" in output
    assert f"ben: {ASSIGNMENT} cannot be graded again" in output and "is not there" in output
    assert "1 equal, 2 different" in output
    assert "nbgrader 0.1 -> " in output
    assert {row["student"]: row["equal"] for row in json.loads(rows.read_text())} == {
        "ada": False,
        "ben": False,
        "cleo": True,
    }


@needs_bubblewrap
def test_reproducing_somebody_who_was_not_there_is_wrong_usage(copied, here, monkeypatch, capsys):
    arguments = ["grade", "--reproduce", "last", "--student", "zoe", "--course", str(copied.root)]
    monkeypatch.setattr(sys, "argv", ["coursework", *arguments])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    assert "recorded no submission of zoe" in capsys.readouterr().err


@needs_bubblewrap
def test_an_old_mark_never_stands_as_if_new(copied, here):
    hand_in(copied, "ada", WRONG)
    here.failing = True
    report = grade_class(copied, [ASSIGNMENT])
    assert not report.complete
    assert report.differences == [f"ada: lstm_cell {POINTS} of {POINTS} -> ungraded (a failure of ours)"]
    mark, waits = score(copied, "ada")
    assert mark is None and waits
    here.failing = False
    report = grade_class(copied, [ASSIGNMENT])
    assert report.complete
    [line] = report.differences
    assert line.startswith("ada: lstm_cell ungraded -> 1 of 4 (it could not be graded before)")
    assert score(copied, "ada") == (1, False)
    assert past_runs(copied)[-1].manifest["counts"]["graded_before"] == 2


@needs_bubblewrap
def test_grading_again_without_a_change_makes_no_difference(copied, here):
    report = grade_class(copied, [ASSIGNMENT], again=True, students=["ada"])
    assert report.differences == []
    [record] = past_runs(copied)[-1].records()
    assert record["graded"] == "now" and record["differences"] == []


@needs_bubblewrap
def test_a_mark_given_through_nbgraders_own_command_has_its_record_too(copied):
    hand_in(copied, "ada", WRONG)
    job = autograder.grade.make_job(copied, ASSIGNMENT, "ada", copied.limits(), True)
    verdict, _ = graded_notebooks(copied, job)
    run = find_run(copied, "last")
    [record] = run.records()
    assert verdict.run == record["run"] == run.id
    assert run.manifest["differences"] == [f"ada: lstm_cell {POINTS} -> 1 of {POINTS} (answer changed)"]
    graded_notebooks(copied, job)
    assert find_run(copied, "last").id == run.id
