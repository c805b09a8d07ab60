"""Reusable comments: keys in the gradebook, texts where people read."""

import json
import shutil
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from graded_course import gradebook, mark, released_course
from marked_class import graded
from small_course import ASSIGNMENT
from typer.testing import CliRunner

from autograder.check import check
from autograder.cli import app
from autograder.comments import Library, keys, load_comments, read_comments, usage
from autograder.course import Course, CourseError
from autograder.export import export
from autograder.feedback import feedback
from autograder.marks import record
from autograder.report import report

FILE = """\
everywhere:
  units: "The axes have no units: which are they?"
arithmetic:
  essay:
    Seed: |
      You compare **one** run with one run.

      Repeat it with three seeds.
    unused: Nobody types this.
"""
KNOWN = {"arithmetic": ["double", "halve", "essay"], "geometry": ["essay"]}


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    course = released_course(tmp_path_factory.mktemp("comments"))
    for student in ("ada", "ben", "cleo"):
        assert record(course, *graded(course, student)) == []
    (course.root / "comments.yaml").write_text(FILE)
    mark(course, "ada", "essay", points=5.0, comment="#seed Otherwise well done. #units")
    mark(course, "ben", "essay", points=4.0, comment="#SEED")
    mark(course, "ben", "double", comment="#units and #sede")
    return course.root


@pytest.fixture
def course(marked: Path, tmp_path: Path) -> Course:
    return Course(shutil.copytree(marked, tmp_path / "course"))


# --- keys -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("comment", "found"),
    [
        ("#seed", ["seed"]),
        ("see (#seed), #plot-axes; #seed again.", ["seed", "plot-axes"]),
        ("#1 is a number, # Heading a heading, a#b neither", []),
        ("in `#code` and ``two #more`` of it", []),
        ("https://example.org/page#part and [here](#there) and &#39;", []),
        ("#end-", ["end"]),
    ],
    ids=["alone", "among-words", "no-keys", "code", "addresses", "hyphen"],
)
def test_a_key_is_a_word_behind_a_sign(comment, found):
    assert keys(comment) == found


def test_the_exercises_own_text_goes_before_the_one_for_everywhere():
    library = Library({"seed": "everywhere", "units": "units?"}, {("a", "e"): {"seed": "its own"}})
    assert library.expand("a", "e", "#seed #units #other") == "its own units? #other"
    assert library.expand("b", "e", "#seed") == "everywhere"
    assert library.unknown("a", "e", "#seed #units #other") == ["other"]


# --- the file -------------------------------------------------------------------------------------------------------


def read(tmp_path: Path, text: str) -> tuple[Library, list[str]]:
    path = tmp_path / "comments.yaml"
    path.write_text(text)
    return read_comments(path, KNOWN)


def test_texts_keep_their_paragraphs(tmp_path):
    library, problems = read(tmp_path, FILE)
    assert problems == []
    text = "You compare **one** run with one run.\n\nRepeat it with three seeds."
    assert library.expand("arithmetic", "essay", "#seed") == text


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("algebra: {}", "there is no assignment 'algebra' (known: arithmetic, geometry)"),
        ("arithmetic: {triple: {a: b}}", "arithmetic has no exercise 'triple' (known: double, halve, essay)"),
        ("everywhere: {two words: b}", "everywhere: 'two words' is no key"),
        ("everywhere: {a: }", "everywhere: a has no text"),
        ("everywhere: {a: 3}", "everywhere: a has no text"),
        ("everywhere: {a: b, A: c}", "everywhere: A is there twice"),
        ("everywhere:\n  a: b\n  a: c", "'a' is there twice"),
        ("arithmetic: [essay]", "arithmetic: it must hold exercises"),
        ("arithmetic: {essay: text}", "arithmetic, essay: it must hold keys with texts"),
        ("- a", "it must begin with the name of an assignment"),
        ("a: b: c", "mapping values are not allowed here"),
        ("everywhere: {a: !!python/object/apply:os.getcwd []}", "could not determine a constructor"),
    ],
    ids=["assignment", "exercise", "key", "empty", "number", "case", "twice", "list", "text", "top", "yaml", "object"],
)
def test_a_mistake_in_the_file_is_named(tmp_path, text, problem):
    _, problems = read(tmp_path, text)
    assert len(problems) == 1 and problem in problems[0]


def test_an_empty_file_and_none_hold_no_comments(tmp_path):
    assert read(tmp_path, "# later\n") == (Library(), [])
    assert read_comments(tmp_path / "none.yaml", KNOWN) == (Library(), [])


def test_check_finds_the_mistake_and_commands_stop_at_it(course):
    (course.root / "comments.yaml").write_text("everywhere: {a: }\nalgebra: {}\n")
    found = [str(problem) for problem in check(course, {"arithmetic/double", "arithmetic/halve"})]
    assert any(line.startswith("comments.yaml: everywhere: a has no text") for line in found)
    assert any(line.startswith("comments.yaml: there is no assignment 'algebra'") for line in found)
    with pytest.raises(CourseError, match=r"comments\.yaml: everywhere: a has no text.* \(2 problems in all"):
        feedback(course, ASSIGNMENT)


def test_the_settings_may_name_another_file(course):
    (course.root / "comments.yaml").rename(course.root / "words.yaml")
    assert load_comments(course) == Library()
    with (course.root / "nbgrader_config.py").open("a") as file:
        file.write('c.Coursework.comments = "words.yaml"\n')
    assert "units" in load_comments(course).everywhere


# --- where people read ------------------------------------------------------------------------------------------------


def test_feedback_shows_the_text_and_the_gradebook_keeps_the_key(course):
    (page,) = feedback(course, ASSIGNMENT, ["ada"])
    soup = BeautifulSoup(page.read_text(), "html.parser")
    (comment,) = soup.select(".comment")
    assert "You compare one run with one run." in comment.get_text()
    assert comment.find("strong").get_text() == "one"
    assert "Otherwise well done. The axes have no units: which are they?" in comment.get_text()
    assert "#seed" not in page.read_text()
    with gradebook(course) as book:
        kept = book.find_comment("essay", ASSIGNMENT, ASSIGNMENT, "ada").manual_comment
    assert kept == "#seed Otherwise well done. #units"


def test_a_text_that_is_mended_is_mended_for_everybody(course):
    (course.root / "comments.yaml").write_text("everywhere: {seed: Mended., units: U.}\n")
    for page in feedback(course, ASSIGNMENT, ["ada", "ben"]):
        assert "Mended." in page.read_text()


def test_an_exported_table_with_feedback_has_the_texts(course, tmp_path):
    export(course, [ASSIGNMENT], "csv", tmp_path / "marks.csv", feedback=True)
    text = (tmp_path / "marks.csv").read_text()
    assert "Comment: You compare **one** run with one run. Repeat it with three seeds. Otherwise well done." in text
    assert "#seed" not in text


# --- what was used ------------------------------------------------------------------------------------------------


def test_how_often_each_comment_was_used_is_counted_and_unknown_keys_are_named(course):
    found = usage(course, ASSIGNMENT, load_comments(course))
    assert [(used.exercise, used.key, used.count) for used in found.used] == [
        ("essay", "seed", 2),
        ("double", "units", 1),
        ("essay", "units", 1),
        ("essay", "unused", 0),
    ]
    assert found.unknown == [("ben", "double", "sede")]


def test_the_command_names_unknown_keys_and_ends_with_one(course, tmp_path):
    rows = tmp_path / "used.json"
    result = CliRunner().invoke(app, ["marking", "comments", "--course", str(course.root), "--json", str(rows)])
    assert result.exit_code == 1
    assert f"no text has this key: {ASSIGNMENT}, double: #sede for ben" in result.output
    assert f"{ASSIGNMENT}, essay: #seed 2 times: You compare **one** run" in result.output
    assert json.loads(rows.read_text())["used"][0]["count"] == 2
    mark(course, "ben", "double", comment="#units")
    result = CliRunner().invoke(app, ["marking", "comments", "--course", str(course.root)])
    assert result.exit_code == 0


def test_feedback_is_written_and_says_which_keys_have_no_text(course):
    result = CliRunner().invoke(app, ["feedback", "--course", str(course.root)])
    assert result.exit_code == 0, result.output
    assert f"{ASSIGNMENT}: ben, double: the comment's key #sede has no text, and stands on the page" in result.output


def test_the_report_says_how_often_each_was_used(course):
    soup = BeautifulSoup(report(course).read_text(), "html.parser")
    rows = [
        [cell.get_text(" ", strip=True) for cell in row.select("th, td")] for row in soup.select("table.comments tr")
    ]
    assert rows[1][:3] == ["essay", "#seed", "2"] and "You compare" in rows[1][3]
    assert [row[1] for row in rows[1:]] == ["#seed", "#units", "#units"]
