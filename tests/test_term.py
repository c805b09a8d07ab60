"""The term of docs/instructors.md, carried out: its files and commands in their order, on a small course."""

import csv
import os
import re
import shutil
import subprocess
from datetime import datetime
from pathlib import Path

import pytest
import tiny_course
from nbformat.v4 import new_markdown_cell
from pages import REPOSITORY, Step, carry_out, coursework, steps
from small_course import RUBRIC, cell_of, nbgrader

from autograder.examine import examinations
from autograder.notebooks import normalise, read_notebook, to_bytes

PAGE = (REPOSITORY / "docs" / "instructors.md").read_text(encoding="utf-8")
TERM = PAGE[: PAGE.index("# Reference\n")]

NOT_RUN = {
    "git clone https://github.com/university/rnn-coursework-instructors.git": "needs the network",
    "git clone https://github.com/university/rnn-coursework.git ../students": "needs the network: an empty one is made",
    "git -C ../students push": "needs the network, and a repository of one's own",
    "cd rnn-coursework-instructors": "the test is in its course's folder already",
    "make install": "installs what the tests run with",
    "source .venv/bin/activate": "done by tests/pages.py for each command",
}
"""The commands of the term that this test does not run, and why."""

CONFIGURATION = "nbgrader_config.py"
ADA, ALAN, EMMY = "s1234567", "s7654321", "s1111111"
HEADER = """\
# Spoken words

| Reading | Writing code |
| --- | --- |
| 5 min | 10 min |

| Exercise | Id | Points |
| --- | --- | --- |
| 1. LSTM cell | `lstm_cell` | 4 |
| 2. Report | `training_report` | 6 (by a person) |
| **Total** | | **10** |"""
ON_TIME = datetime(2026, 11, 1, 12).timestamp()
LATE = datetime(2026, 11, 5, 12).timestamp()


def make_course(folder: Path) -> None:
    """`speech_commands` with one examined exercise and its report, and the repository's configuration."""
    notebook = tiny_course.master_notebook()
    parts = examinations("speech_commands")["lstm_cell"].parts
    test = cell_of(notebook, "lstm_cell_test")
    weights = ", ".join(f"{part.name} {part.weight}" for part in parts)
    test.source = re.sub("^# .* 0\\.5$", f"# {weights}", test.source, flags=re.MULTILINE)
    report = nbgrader("training_report", grade=True, solution=True, points=6)
    rubric = nbgrader("training_report_rubric", task=True, locked=True, points=0)
    notebook.cells = [
        new_markdown_cell(HEADER, id="header"),
        *notebook.cells,
        new_markdown_cell("The reference's own words.", id="id-report", metadata=report),
        new_markdown_cell(RUBRIC, id="id-rubric", metadata=rubric),
    ]
    master = folder / "source" / "speech_commands" / "speech_commands.ipynb"
    master.parent.mkdir(parents=True)
    master.write_bytes(to_bytes(normalise(notebook)))
    shutil.copy(REPOSITORY / CONFIGURATION, folder)
    coursework("coursework release", folder)  # a clone has its releases


def hand_in(folder: Path, path: Path, source: str, when: float) -> None:
    """The released notebook with this cell and some words, saved at this time."""
    notebook = read_notebook((folder / "release" / "speech_commands" / "speech_commands.ipynb").read_bytes())
    cell_of(notebook, "lstm_cell").source = f"# exercise: lstm_cell\n{source}"
    cell_of(notebook, "training_report").source = "<!-- exercise: training_report -->\nThe gated ones learn more."
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(to_bytes(notebook))
    os.utime(path, (when, when))


def fill_in(table: Path) -> None:
    """Points and a comment for each row of a marker's table."""
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    with table.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(row | {"points": "4", "comment": "#seed"} for row in rows)


def prepare(step: Step, folder: Path) -> None:
    """What happens outside of the commands before one of them: students hand in, a marker fills in a table."""
    if step.text.startswith("git clone") and "students" in step.text:
        subprocess.run(["git", "init", "--quiet", str(folder / "../students")], check=True)
    elif step.text == "coursework collect hand-ins":
        hand_in(folder, folder / "hand-ins" / f"{ADA}.ipynb", tiny_course.RIGHT, ON_TIME)
        hand_in(folder, folder / "hand-ins" / f"{EMMY}.ipynb", tiny_course.WRONG, ON_TIME)
    elif step.text.startswith("coursework collect --student"):
        hand_in(folder, folder / "late.ipynb", tiny_course.RIGHT, LATE)
    elif step.text.startswith("coursework marking enter"):
        fill_in(folder / "anna.csv")


@pytest.fixture(scope="module")
def term(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, list[str]], dict[str, str]]:
    """The course after its term; what each command printed, each time; the files before the last step removed them."""
    folder = tmp_path_factory.mktemp("term") / "course"
    folder.mkdir()
    make_course(folder)
    printed: dict[str, list[str]] = {}
    files: dict[str, str] = {}
    with pytest.MonkeyPatch.context() as patch:
        for role in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{role}_NAME", "instructor")
            patch.setenv(f"GIT_{role}_EMAIL", "instructor@example.org")
        for step in steps(TERM):
            prepare(step, folder)
            if step.text.startswith("rm "):
                files |= {path.name: path.read_text() for path in folder.rglob("*") if path.suffix in (".html", ".csv")}
            if step.path == CONFIGURATION:
                with (folder / CONFIGURATION).open("a") as configuration:
                    configuration.write(step.text)
            elif step.text.startswith("coursework "):
                printed.setdefault(step.text, []).append(coursework(step.text, folder))
            elif step.text not in NOT_RUN:
                carry_out(step, folder, REPOSITORY)
    return folder, printed, files


@pytest.mark.slow
def test_the_course_is_in_order_and_its_students_are_known(term) -> None:
    _, printed, _ = term
    assert {text.strip() for text in printed["coursework check"]} == {"nothing is out of step"}
    assert "3 students: 3 added" in printed["coursework roster"][0]
    assert f"nothing from 1: {ALAN}" in printed["coursework roster"][1]


@pytest.mark.slow
def test_what_students_get_is_in_the_public_repository(term) -> None:
    folder, _, _ = term
    listed = subprocess.run(
        ["git", "-C", str(folder / "../students"), "ls-files"], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "speech_commands/speech_commands.ipynb" in listed
    assert any(name.endswith(".whl") for name in listed)
    assert not any("autograder" in name for name in listed)
    notebook = (folder / "../students/speech_commands/speech_commands.ipynb").read_text()
    assert "colab.research.google.com/github/university/rnn-coursework/" in notebook


@pytest.mark.slow
def test_marks_by_the_examiner_and_by_hand_reach_all_tables(term) -> None:
    _, printed, files = term
    entered = printed["coursework marking enter speech_commands anna.csv"][0]
    assert "entered: anna.csv" in entered
    rows = {row["student_id"]: row for row in csv.DictReader(files["grades-csv.csv"].splitlines())}
    assert set(rows) == {ADA, ALAN, EMMY}
    marked = {row["student"] for row in csv.DictReader(files["anna.csv"].splitlines())}
    assert marked
    for student in marked:
        assert float(rows[student]["score"]) > 4  # of 10: those of a person are in it
    assert "How much would another seed have changed?" in files["grades-moodle.csv"]


@pytest.mark.slow
def test_an_extension_takes_the_penalty_away(term) -> None:
    _, printed, files = term
    row = next(row for row in csv.DictReader(files["grades-csv.csv"].splitlines()) if row["student_id"] == ALAN)
    assert float(row["late_submission_penalty"] or 0) == 0
    assert any("graded" in text for text in printed["coursework grade speech_commands --exercise lstm_cell"])


@pytest.mark.slow
def test_nothing_of_the_students_is_left_but_the_archive(term) -> None:
    folder, _, _ = term
    left = {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
    personal = {path for path in left if EMMY.encode() in (folder / path).read_bytes()}
    assert personal == {Path("build/marks-2026.csv")}
    assert Path("build/archive-2026.tar.gz") in left


def test_what_is_not_run_stands_on_the_page() -> None:
    assert set(NOT_RUN) <= {step.text for step in steps(TERM)}
