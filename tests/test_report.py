"""The report tells how the class did and what needs a person, in one file that runs and loads nothing."""

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from bs4 import BeautifulSoup
from graded_course import examined
from made_up_class import ASSIGNMENT, COPIED, POINTS, TEAM, complete, made_up_class

from autograder.course import Course, CourseError
from autograder.examinations import cells
from autograder.grade import verdict_file
from autograder.records import PASSED, UNGRADED, ExerciseVerdict, PartResult, SubmissionVerdict
from autograder.report import (
    FOLLOWS,
    LEAST_FOR_DISCRIMINATION,
    MAX_EVIDENCE,
    NOT_GRADED,
    TO_MARK,
    WHOLE_EXERCISE,
    Basis,
    ClassResults,
    ClassView,
    Mark,
    Submission,
    _causes,
    absent,
    basis,
    discriminations,
    distribution_figure,
    duration,
    evidence,
    gather,
    histogram_edges,
    leaderboards,
    lost_parts,
    pseudonym,
    report,
    unplaced,
)

SIZE = 40


@pytest.fixture(scope="module")
def class_once(tmp_path_factory):
    return made_up_class(tmp_path_factory.mktemp("course"), SIZE)


@pytest.fixture
def course(tmp_path, class_once):
    return Course(shutil.copytree(class_once.root, tmp_path / "course"))


@pytest.fixture(scope="module")
def results(class_once):
    return gather(class_once, ASSIGNMENT)


@pytest.fixture(scope="module")
def page(class_once):
    return report(class_once).read_text()


def words(page):
    soup = BeautifulSoup(page.replace("<wbr>", ""), "html.parser")
    for element in soup(["style", "title"]):
        element.decompose()
    return " ".join(soup.get_text(" ").split())


def row_of(page, student):
    rows = BeautifulSoup(page, "html.parser").select("table.students tbody tr")
    return next(
        [cell.get_text().strip() for cell in row.find_all(["th", "td"])] for row in rows if row.th.text == student
    )


def by_student(results):
    return {submission.student: submission for submission in results.submissions}


def test_the_report_lies_in_the_courses_folder(course):
    assert report(course, [ASSIGNMENT]) == course.root / "report.html"
    assert not [path for path in course.root.iterdir() if path.name.startswith(".report")]


def test_every_hand_in_is_counted_graded_or_not(results, page):
    assert len(results.submissions) == SIZE + 1
    assert "Handed in 41" in words(page)


def test_every_student_has_a_row_with_total_points_and_remarks(page):
    rows = BeautifulSoup(page, "html.parser").select("table.students tbody tr")
    assert len(rows) == SIZE + 1
    assert {len(row.find_all(["th", "td"])) for row in rows} == {2 + len(POINTS) + 1 + 1}
    assert row_of(page, "zoe99")[1:] == ["–"] * 7 + ["not graded"]


def test_full_marks_against_a_visible_test_are_told(class_once):
    results = gather(class_once, ASSIGNMENT)
    submission = next(s for s in results.submissions if s.verdict and s.graded)
    said = "full marks, though a visible test says no: lstm_cell"
    assert said not in [remark.text for remark in ClassView(results).remarks(submission)]
    next(e for e in submission.verdict.exercises if e.exercise == "lstm_cell").contradicted = "AssertionError: no"
    assert said in [remark.text for remark in ClassView(results).remarks(submission)]


def test_totals_are_the_gradebooks_with_marks_by_hand_and_late_penalties(results):
    late = by_student(results)["gita16"]
    assert late.late_penalty == 1.0
    assert late.total == pytest.approx(sum(mark.points for mark in late.marks.values()) - 1.0)
    assert late.marks["training_report"].points > 0


def test_what_is_undecided_counts_in_no_mean(results):
    found = by_student(results)
    assert found["dora13"].marks["training"].status == UNGRADED
    assert found["ada30"].marks["training_report"].status == TO_MARK
    assert found["zoe99"].marks["lstm_cell"].status == NOT_GRADED
    assert not any(found[name].marks[e].decided for name, e in (("dora13", "training"), ("zoe99", "lstm_cell")))


def test_while_texts_wait_for_a_marker_the_distribution_is_of_the_automatic_part(results):
    found = basis(results)
    assert found.automatic_only and found.max == sum(POINTS.values())
    assert len(found.values) == SIZE - 1 and found.left_out == 2  # one ungraded, one not graded


def test_what_needs_a_person_is_named_with_its_reason(page):
    text = words(page)
    assert (
        "dora13 , training: the examination failed, which is not the student's fault: MemoryError('examiner')" in text
    )
    assert "olga24 test cell lstm_cell_test was edited: the original was used test cell gru_cell_test had" in text
    assert "training_report: 20 of 41" in text
    assert "not graded yet: zoe99" in text
    assert "hand-ins/Untitled (3).ipynb it is not known who handed it in" in text


def test_parts_lost_are_counted_once_per_student_with_a_message(results):
    lost = lost_parts(results)
    assert [part.students for part in lost] == sorted((part.students for part in lost), reverse=True)
    verdicts = [s.verdict.exercises for s in results.submissions if s.verdict]
    for found in lost:
        if found.part != WHOLE_EXERCISE:
            parts = [p for exercises in verdicts for e in exercises if e.exercise == found.exercise for p in e.parts]
            assert 0 < found.students <= sum(p.name == found.part and p.earned < 1 for p in parts)
        assert found.example and found.students <= found.examined


def test_one_cause_that_takes_a_whole_exercise_counts_once(results):
    found = {(lost.exercise, lost.part): lost for lost in lost_parts(results)}
    assert found["gru_cell", WHOLE_EXERCISE].students == 3
    assert "nn.GRUCell" in found["gru_cell", WHOLE_EXERCISE].example


def test_much_evidence_stays_readable():
    verdict = SubmissionVerdict(
        "s1", "a", [], tamper=[f"line {n}\x1b[2J" for n in range(500)], notes=["x" * 9_999] * 40
    )
    submission = Submission("s1", {}, verdict=verdict)
    assert submission.tamper[0] == "line 0 [2J"
    assert submission.tamper[-1] == f"and {500 - MAX_EVIDENCE} more of this kind"
    assert sum(map(len, submission.notes)) < 4_000


def test_texts_of_students_are_escaped(page):
    assert "<script" not in page
    assert "&lt;script&gt;alert(&#39;tamper&#39;)" in page
    assert "essay_of_&lt;i&gt;kim&lt;/i&gt;.zip" in page


def test_nothing_runs_or_is_loaded_and_every_picture_is_described(page):
    soup = BeautifulSoup(page, "html.parser")
    assert not soup(["script", "link", "iframe"])
    pictures = soup("img")
    assert len(pictures) == 2
    for picture in pictures:
        assert picture["src"].startswith("data:image/svg+xml;base64,")
        assert re.search(r"\d", picture["alt"])
    assert not re.search(r"(?:src|href)=\"(?!data:|#)", page)
    assert not re.search(r"url\((?!data:)", page)
    for bar in soup.select(".bar"):
        assert bar["aria-label"]


def test_bars_tell_every_student(page):
    for bar in BeautifulSoup(page, "html.parser").select(".bar"):
        assert sum(int(piece.get_text()) for piece in bar("i")) == SIZE + 1


def test_an_assignment_that_nobody_handed_in_says_so(page):
    assert "arithmetic Nothing was handed in yet." in words(page)


def test_an_unknown_assignment_is_an_error(course):
    with pytest.raises(CourseError, match="no assignment 'pottery'"):
        report(course, ["pottery"])


def test_without_a_gradebook_the_verdicts_are_enough(course, results):
    (course.root / "gradebook.db").unlink()
    found = by_student(gather(course, ASSIGNMENT))
    with_gradebook = by_student(results)
    assert {name: s.marks["lstm_cell"] for name, s in found.items()} == {
        name: s.marks["lstm_cell"] for name, s in with_gradebook.items()
    }
    assert found["ada10"].marks["training_report"].status == TO_MARK
    assert not (course.root / "gradebook.db").exists()
    report(course, [ASSIGNMENT])


def test_without_verdicts_the_gradebook_is_enough(course, results):
    shutil.rmtree(course.work / "verdicts")
    found = by_student(gather(course, ASSIGNMENT))
    assert found["ada10"].total == by_student(results)["ada10"].total
    assert found["ada10"].marks["lstm_cell"].status == PASSED
    report(course, [ASSIGNMENT])


def test_a_class_of_one_with_no_points_is_reported(course):
    for path in [course.work / "verdicts", course.submitted, course.root / "gradebook.db"]:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    exercises = [
        ExerciseVerdict(n, 0.0, float(p), "failed", [], [PartResult("all", 1.0, 0.0)]) for n, p in POINTS.items()
    ]
    path = verdict_file(course, ASSIGNMENT, "solo")
    path.parent.mkdir(parents=True)
    path.write_text(SubmissionVerdict("solo", ASSIGNMENT, exercises).to_json())
    text = words(report(course, [ASSIGNMENT]).read_text())
    assert "Handed in 1" in text and "SD" not in text


def test_without_a_list_nothing_is_unplaced(course):
    shutil.rmtree(course.work / "unplaced")
    assert unplaced(course) == []
    assert "Not placed" not in words(report(course).read_text())


@pytest.mark.parametrize("maximum", [0.0, 0.5, 1, 3, 7.5, 12, 18, 24, 60, 100, 1000])
def test_histograms_have_few_round_bins_that_cover_all_points(maximum):
    edges = histogram_edges(maximum)
    assert edges[0] == 0 and maximum <= edges[-1]
    assert 4 <= len(edges) - 1 <= 15


def test_the_histogram_counts_everybody_and_full_points_too():
    alt = distribution_figure(Basis([0.0, 1.9, 2.0, 18.0, 18.0], 18.0, False, 0))
    assert "0 to 2: 2, 2 to 4: 1, 16 to 18: 2." in alt


# --- rosters, teams, leaderboards, answers alike ---------------------------------------------------------------


@pytest.fixture(scope="module")
def complete_class(tmp_path_factory):
    return complete(made_up_class(tmp_path_factory.mktemp("complete"), SIZE))


@pytest.fixture(scope="module")
def complete_page(complete_class):
    return report(complete_class, [ASSIGNMENT]).read_text()


@pytest.fixture(scope="module")
def complete_results(complete_class):
    return gather(complete_class, ASSIGNMENT)


def test_a_team_counts_once(results, complete_results):
    source, member = TEAM
    found = by_student(complete_results)
    assert found[member].source == source and found[source].team == list(TEAM)
    assert len(complete_results.counted) == len(results.submissions) - 1
    assert len(basis(complete_results).values) == len(basis(results).values) - 1
    line = {line.id: line for line in ClassView(complete_results).exercises}["lstm_cell"]
    assert sum(line.counts.values()) == SIZE
    for lost, before in zip(lost_parts(complete_results), lost_parts(results), strict=True):
        assert lost.examined <= SIZE - 1 and lost.students <= before.students


def test_what_a_team_has_to_say_is_told_once(complete_class, complete_page):
    text = words(complete_page)
    assert "Handed in 40 by 41 students" in text
    assert "ada10 with ben11" in text
    assert "in the team of ada10" in row_of(complete_page, "ben11")[-1]
    results = gather(complete_class, ASSIGNMENT)
    found = by_student(results)
    found["ada10"].verdict.tamper = ["edited"]
    found["ben11"].verdict.tamper = ["edited"]
    assert "ben11" not in dict(evidence(results)) and dict(evidence(results))["ada10"] == ["edited"]
    found["ben11"].verdict.tamper.append("in the own hand-in, which does not count: deleted")
    assert "ben11" in dict(evidence(results))


def test_who_handed_in_nothing_is_known_from_the_roster(complete_class, complete_results, complete_page):
    found = absent(complete_class, complete_results)
    assert [student.id for student in found.missing] == ["yuki77", "tom78"] and found.by_roster
    assert found.strangers == ["zoe99"]
    assert "Not handed in (2): yuki77 (Yuki Mori), tom78 (<b>Tom</b>)." in words(complete_page)
    assert "<b>Tom</b>" not in complete_page


def test_who_still_has_time_is_not_missing(complete_class, complete_results, tmp_path):
    course = Course(shutil.copytree(complete_class.root, tmp_path / "course"))
    with (course.root / "nbgrader_config.py").open("a") as file:
        file.write(f"\nc.Coursework.deadlines = {{{ASSIGNMENT!r}: '2020-01-01 12:00'}}\n")
        file.write(f"c.Coursework.extensions = {{'tom78': {{{ASSIGNMENT!r}: '2999-01-01 12:00'}}}}\n")
    found = absent(course, gather(course, ASSIGNMENT))
    assert ([s.id for s in found.missing], [s.id for s in found.have_time]) == (["yuki77"], ["tom78"])


def test_without_a_roster_those_are_missing_who_handed_in_something_else(course):
    other = course.submitted / "vic55" / "arithmetic"
    other.mkdir(parents=True)
    (other / "arithmetic.ipynb").write_text("{}")
    found = absent(course, gather(course, ASSIGNMENT))
    assert [student.id for student in found.missing] == ["vic55"]
    assert not found.by_roster and found.strangers == []
    text = words(report(course).read_text())
    assert "Handed in another assignment, but not this one (1): vic55." in text


def test_late_hand_ins_are_listed_with_what_they_cost(complete_page):
    text = words(complete_page)
    assert "gita16 1 d 3 h 1 point" in text
    assert "lena21 40 min nothing" in text


@pytest.mark.parametrize(
    ("seconds", "told"), [(1, "1 min"), (2_400, "40 min"), (5 * 3600 + 600, "5 h 10 min"), (86_400, "1 d")]
)
def test_durations_read_well(seconds, told):
    assert duration(seconds) == told


def test_memory_is_told_with_whose_was_the_largest(complete_page):
    assert re.search(r"Memory: 0\.\d GiB in the median, 0\.\d GiB at most \(\w+\)", words(complete_page))


def test_discrimination_is_the_correlation_with_the_rest(results):
    counted = [s for s in results.submissions if s.graded and all(s.marks[e].decided for e in POINTS)]
    own = [s.marks["gru_cell"].points for s in counted]
    rest = [sum(s.marks[e].points for e in POINTS if e != "gru_cell") for s in counted]
    assert discriminations(results)["gru_cell"] == pytest.approx(np.corrcoef(own, rest)[0, 1])


def test_small_classes_and_equal_marks_have_no_discrimination(results):
    few = ClassResults(results.assignment, results.exercises, results.submissions[: LEAST_FOR_DISCRIMINATION - 1])
    assert discriminations(few) == {}
    same = [
        Submission(s.student, {**s.marks, "gru_cell": Mark(4.0, 4.0, PASSED)}, s.total)
        for s in results.submissions
        if s.graded
    ]
    found = discriminations(ClassResults(results.assignment, results.exercises, same))
    assert "gru_cell" not in found and "lstm_cell" in found


def test_the_leaderboard_names_nobody(complete_class, complete_page, complete_results):
    (board,) = leaderboards(complete_class, complete_results)
    assert [place.share for place in board.places] == sorted((p.share for p in board.places), reverse=True)
    assert board.places[0].rank == board.places[1].rank == 1 and board.places[2].rank == 3, "equal ones share a place"
    assert len(board.places) == SIZE - 1
    shown = BeautifulSoup(complete_page, "html.parser").select_one("ul.board").get_text()
    for submission in complete_results.submissions:
        assert submission.student not in shown
    secret = complete_class.secret()
    for member in TEAM:
        assert pseudonym(secret, member) in shown
        assert pseudonym(secret, member) in row_of(complete_page, member)[-1]


def test_pseudonyms_are_stable_differ_and_need_the_secret():
    names = {pseudonym(b"secret", f"s{n}") for n in range(1_000)}
    assert len(names) == 1_000 and all(re.fullmatch(r"[A-Z2-7]{4}-[A-Z2-7]{4}", name) for name in names)
    assert pseudonym(b"secret", "s1") == pseudonym(b"secret", "s1") != pseudonym(b"other", "s1")


def test_answers_alike_stand_side_by_side_and_are_no_verdict(complete_page):
    soup = BeautifulSoup(complete_page, "html.parser")
    views = soup.select("details")
    assert len(views) == 2, "the copied cell and the copied text"
    assert all([h.text for h in view.select("h4")] == sorted(COPIED) for view in views)
    cell, essay = sorted(views, key=lambda view: "training" in view.summary.text)
    for side in cell.select(".sides > div"):
        assert any("torch.einsum" in passage.text for passage in side.select("mark"))
        assert not any("my own idea" in passage.text for passage in side.select("mark"))
    assert "<script>alert('prose')</script>" in essay.text and "<script" not in complete_page
    assert "This is no verdict" in words(complete_page)


def test_an_older_verdict_without_scores_is_read(class_once):
    path = verdict_file(class_once, ASSIGNMENT, "ada10")
    text = path.read_text().replace('"scores": []', '"bonus": false')
    assert "scores" not in text
    assert SubmissionVerdict.from_json(text) == SubmissionVerdict.from_json(path.read_text())


def test_a_part_that_was_lost_with_another_one_is_nothing_to_teach():
    parts = [PartResult("recurrence", 0.5, 0.0, "wrong"), PartResult("gates", 0.5, 0.0, f"{FOLLOWS} see above")]
    assert _causes(examined("double", 4.0, parts)) == [("recurrence", "wrong")]
    assert f'Lost("{FOLLOWS}' in Path(cells.__file__).read_text(encoding="utf-8")
