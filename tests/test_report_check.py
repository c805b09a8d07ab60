"""The check of a report names what is wrong with one and on which page, and has nothing to say against a good one."""

import io
import itertools
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import test_pdfs as hostile
from bs4 import BeautifulSoup
from hand_ins import zipped
from report_pdfs import CURVE, MARGIN, MENTIONS, PARTS, Typesetter, noise, report_pdf, scan, words
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas
from small_course import REPOSITORY, cell_of
from tiny_course import ASSIGNMENT, hand_in, make_course
from typer.testing import CliRunner

import helpers.pdf_pages
from autograder.cli import app
from autograder.collect import collect
from autograder.course import Course
from autograder.feedback import feedback
from autograder.grade import grade_class
from autograder.notebooks import asks_for_report, normalise, read_notebook, to_bytes
from autograder.pdfs import REPORT_LIMITS, report_findings
from autograder.records import SubmissionVerdict
from autograder.release import release
from autograder.report import report as class_report
from helpers.report_check import TITLES, Finding, Report, check_report, main, pages_in_words
from helpers.report_text import joined, numbers

needs_bubblewrap = pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")
GIVEN = REPOSITORY / "source" / "project" / "given"


def checked(tmp_path: Path, content: bytes) -> Report:
    path = tmp_path / "report.pdf"
    path.write_bytes(content)
    return check_report(path)


def faults(report: Report) -> dict[str, Finding]:
    return {finding.name: finding for finding in report.findings if not finding.ok}


def of(tmp_path: Path, name: str, content: bytes) -> Finding:
    return next(finding for finding in checked(tmp_path, content).findings if finding.name == name)


# --- a good report ----------------------------------------------------------------------------------------------


GOOD = {
    "plain": {},
    "A4": {"paper": A4},
    "a list of references over two pages": {"references": 45},
    "references that begin within a page": {"references_share_a_page": True},
    "references within the last page and on two more": {"pages": 12, "references_share_a_page": True, "references": 60},
    "an appendix behind the references": {"appendix": 4},
    "two columns": {"columns": 2},
    "two columns, references within the last page": {"columns": 2, "references_share_a_page": True},
    "pages with headers": {"header": "A. Student, B. Student: on the memory of small networks"},
    "double spacing": {"leading": 2.2},
    "pictures of pixels": {"picture": "image"},
    "12 points": {"size": 12.0},
    "Helvetica": {"font": "Helvetica"},
}


@pytest.mark.parametrize("options", GOOD.values(), ids=GOOD)
def test_nothing_is_said_against_a_good_report(tmp_path, options):
    report = checked(tmp_path, report_pdf(**options))
    assert not faults(report)
    assert [finding.name for finding in report.findings] == [name for name in TITLES if name != "hand_in"]
    assert report.ok


def test_each_point_says_where_it_was_found(tmp_path):
    found = {f.name: f for f in checked(tmp_path, report_pdf()).findings}
    assert found["pages"].message == "11 pages, without the references, which begin on page 12"
    assert found["part_data"].told == '"2 Data set" (page 2)'
    assert found["part_references"].pages == [12]
    assert found["figures"].told == "2 figures with a caption (pages 6 to 7)"
    assert found["curve"].told == "Figure 1 (page 6)"
    assert found["font_size"].message == "the body text is set in 11.0 pt"


# --- length -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("pages", "ok"), [(8, False), (9, False), (10, True), (12, True), (13, False), (15, False)])
def test_ten_to_twelve_pages(tmp_path, pages, ok):
    report = checked(tmp_path, report_pdf(pages))
    assert set(faults(report)) == (set() if ok else {"pages"})
    told = next(f for f in report.findings if f.name == "pages")
    assert told.message.startswith(f"{pages} pages, without the references, which begin on page {pages + 1}")
    assert told.pages == ([] if ok else [8] if pages == 8 else [9] if pages == 9 else list(range(13, pages + 1)))


@pytest.mark.parametrize("pages", [12, 13])
def test_a_page_on_which_the_references_begin_counts_when_text_stands_above_them(tmp_path, pages):
    found = of(tmp_path, "pages", report_pdf(pages, references_share_a_page=True))
    assert found.ok == (pages == 12)
    assert found.message == f"{pages} pages, without the references, which begin on page {pages}"


def test_references_at_the_top_of_a_page_leave_it_out(tmp_path):
    assert of(tmp_path, "pages", report_pdf(12, header="My header")).ok


def test_body_that_goes_on_behind_the_references_counts(tmp_path):
    setter = Typesetter()
    for page in range(4):
        setter.heading(PARTS[page])
        setter.fill()
        setter.next_page()
    setter.references(10)
    setter.next_page()
    setter.heading("5 Experiments and results")
    setter.fill()
    found = of(tmp_path, "pages", setter.bytes())
    assert found.message == "5 pages, without the references, which begin on page 5"


def test_an_appendix_before_the_references_counts(tmp_path):
    found = of(tmp_path, "pages", report_pdf(13, parts=[*PARTS, "Appendix"]))
    assert not found.ok
    assert found.message.startswith("13 pages")


def test_without_references_all_pages_count(tmp_path):
    report = checked(tmp_path, report_pdf(11, references=0, reference_heading=""))
    assert set(faults(report)) == {"part_references"}
    assert next(f for f in report.findings if f.name == "pages").message.startswith("11 pages, counted to the end")


def test_a_heading_of_references_with_nothing_below_is_no_list(tmp_path):
    found = of(tmp_path, "part_references", report_pdf(references=0))
    assert not found.ok
    assert found.told == "nothing stands below the heading (page 12)"


# --- size of type -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "ok"), [(9, False), (10, False), (10.5, False), (10.8, False), (10.909, True), (10.95, True), (11, True)]
)
def test_body_text_has_eleven_points_and_latex_11pt_passes(tmp_path, size, ok):
    found = of(tmp_path, "font_size", report_pdf(3, size=size))
    assert found.ok == ok
    assert f"{size:.1f} pt" in found.message
    assert found.pages == ([] if ok else [1, 2, 3])


def test_a_third_of_the_text_in_small_type_is_found_with_its_pages(tmp_path):
    found = of(tmp_path, "font_size", report_pdf(11, small=9.0, small_pages=3))
    assert not found.ok
    assert re.fullmatch(r"3\d% of the running text is smaller than 11 pt", found.message)
    assert found.pages == [1, 2, 3]


def test_small_references_appendix_captions_tables_and_code_do_not_decide(tmp_path):
    setter = Typesetter(paper=A4)
    setter.heading("1 Data set")
    setter.paragraph(12)
    for row in range(30):
        for column in range(4):
            setter.canvas.setFont("Times-Roman", 8)
            setter.canvas.drawString(MARGIN + 120 * column, setter.y - 10 * row, f"value of setting {row}")
    setter.y -= 310
    setter.next_page()
    for _ in range(50):
        setter.line("for sequence in windows: states = model(sequence, state)[-1]", "Courier", 8)
    setter.next_page()
    setter.paragraph(12)
    setter.figure("Figure 1: " + " ".join(itertools.islice(words(1), 60)))
    setter.heading("References")
    setter.paragraph(40, size=8)
    setter.heading("Appendix")
    setter.paragraph(30, size=8)
    found = of(tmp_path, "font_size", setter.bytes())
    assert found.ok
    assert found.message == "the body text is set in 11.0 pt"


# --- parts ------------------------------------------------------------------------------------------------------

NAMES = ["part_data", "part_problem", "part_split", "part_experiments", "part_discussion"]


@pytest.mark.parametrize(("left_out", "name"), list(zip(PARTS[1:], NAMES, strict=True)))
def test_a_part_that_is_missing_is_named(tmp_path, left_out, name):
    found = faults(checked(tmp_path, report_pdf(3, parts=[part for part in PARTS if part != left_out])))
    assert set(found) == {"pages", name}
    assert found[name].message.startswith("there is no heading for ")
    assert "such as" in found[name].advice


WORDINGS = [
    ("Dataset", "Task and objective", "Data split", "Experiments", "Conclusions"),
    ("2. Data", "3. Problem statement and loss function", "4. Splits", "5. Results", "6. Discussion"),
    ("II. DATA AND PREPROCESSING", "III. THE TASK", "IV. TRAIN/VALIDATION/TEST SPLIT", "V. EVALUATION", "VI. OUTLOOK"),
    ("The corpus", "Cross-entropy loss", "Cross-validation", "Ablation study", "Limitations and conclusion"),
    (
        "1.1 Description of the data set",
        "1.2 Cost function",
        "1.3 Train, validation and test sets",
        "2 Findings",
        "3 Concluding remarks",
    ),
]


@pytest.mark.parametrize("wording", WORDINGS, ids=[w[0] for w in WORDINGS])
@pytest.mark.parametrize("style", ["larger", "bold"])
def test_headings_are_known_in_many_wordings(tmp_path, wording, style, monkeypatch):
    if style == "bold":
        as_it_was = Typesetter.heading
        monkeypatch.setattr(
            Typesetter, "heading", lambda self, text, **_: as_it_was(self, text, font="Times-Bold", size=self.size)
        )
    assert set(faults(checked(tmp_path, report_pdf(3, parts=wording)))) == {"pages"}


@pytest.mark.parametrize("heading", ["Bibliography", "7 References", "Literature", "REFERENCES", "Works cited"])
def test_references_are_known_in_many_wordings(tmp_path, heading):
    assert of(tmp_path, "part_references", report_pdf(3, reference_heading=heading)).ok


def test_numbered_headings_in_the_type_of_the_text_are_headings(tmp_path, monkeypatch):
    as_it_was = Typesetter.heading
    monkeypatch.setattr(
        Typesetter, "heading", lambda self, text, **_: as_it_was(self, text, font="Times-Roman", size=self.size)
    )
    assert set(faults(checked(tmp_path, report_pdf(3, reference_heading="7 References")))) == {"pages"}


def test_words_in_the_text_are_no_headings(tmp_path):
    text = (
        "The data set, the problem and its loss, the split, the experiments, the results, the discussion and the "
        "references are all named in this sentence and in no heading."
    )
    setter = Typesetter()
    setter.heading("On nothing at all", size=20)
    for _ in range(4):
        setter.paragraph(6, text)
    for item in ("1. data set", "2. problem and loss", "3. split", "4. experiments", "5. discussion", "6. references"):
        setter.line(item, x=14)
    setter.y -= 12
    setter.paragraph(6)
    found = faults(checked(tmp_path, setter.bytes()))
    assert {*NAMES, "part_references"} <= set(found)


def test_the_title_is_no_part(tmp_path):
    setter = Typesetter()
    setter.heading("Experiments with data, a loss and a split: a discussion", size=18)
    setter.paragraph(10)
    setter.heading("1 Introduction")
    setter.paragraph(10)
    assert set(NAMES) <= set(faults(checked(tmp_path, setter.bytes())))


def test_a_table_of_contents_is_no_part(tmp_path):
    setter = Typesetter()
    setter.heading("A title of some words")
    setter.heading("Contents")
    for number, part in enumerate(PARTS, 1):
        setter.y -= 18
        setter.canvas.setFont("Times-Bold", 11)
        setter.canvas.drawString(MARGIN, setter.y, part)
        setter.canvas.drawString(MARGIN + setter.width - 10, setter.y, str(number))
        setter.line(f"{number}.1 Data and loss . . . . . . . . . . . . . . . . . . {number}", "Times-Bold")
    setter.paragraph(10)
    assert set(NAMES) <= set(faults(checked(tmp_path, setter.bytes())))


def test_a_data_split_is_no_part_on_the_data_and_one_heading_may_name_two_parts(tmp_path):
    parts = ["2 Problem and loss", "3 Training, validation and test data", "4 Results and discussion"]
    assert set(faults(checked(tmp_path, report_pdf(3, parts=parts)))) == {"pages", "part_data"}


def test_a_problem_without_a_loss_is_found(tmp_path):
    parts = [part.replace("Problem and loss", "The problem") for part in PARTS]
    found = faults(checked(tmp_path, report_pdf(3, parts=parts, loss="We forecast the next value.")))
    assert set(found) == {"pages", "part_problem"}
    assert found["part_problem"].message == '"3 The problem" does not speak of a loss'


# --- figures ----------------------------------------------------------------------------------------------------


def test_a_report_without_captions_is_told_so_with_the_pages_of_its_pictures(tmp_path):
    found = faults(checked(tmp_path, report_pdf(3, curve="The loss.", other="", picture="image", mentions="")))
    assert set(found) == {"pages", "figures", "figure_references", "curve"}
    assert found["figures"].told == "there is no figure with a caption, though there are pictures (page 2)"


def test_a_caption_without_a_picture_is_found(tmp_path):
    found = faults(checked(tmp_path, report_pdf(3, picture="none")))
    assert found["figures"].told == "no picture or drawing was found at Figures 1 and 2 (pages 2 to 3)"


def test_the_rules_of_a_table_are_no_drawing(tmp_path):
    setter = Typesetter()
    setter.paragraph(5)
    setter.y -= 20
    for row in range(3):
        setter.canvas.line(MARGIN, setter.y - 30 * row, MARGIN + 300, setter.y - 30 * row)
    setter.y -= 80
    setter.line("Figure 1: Accuracy of three networks.")
    setter.y -= 12
    setter.paragraph(5, "Figure 1 is a table.")
    assert of(tmp_path, "figures", setter.bytes()).told.startswith("no picture or drawing was found at Figure 1")


def test_a_figure_that_no_sentence_mentions_is_named_with_its_page(tmp_path):
    found = faults(checked(tmp_path, report_pdf(3, mentions="Figure 1 shows the course of the training.")))
    assert set(found) == {"pages", "figure_references"}
    assert found["figure_references"].told == "Figure 2 is not mentioned (page 3)"


def test_a_mention_in_another_caption_is_not_in_the_text(tmp_path):
    found = of(
        tmp_path, "figure_references", report_pdf(3, curve=f"{CURVE} Compare Figure 2.", mentions="See Figure 1.")
    )
    assert found.message == "Figure 2 is not mentioned"


def test_a_figure_that_is_not_there_and_a_broken_reference_are_found(tmp_path):
    found = of(tmp_path, "figure_references", report_pdf(3, mentions=f"{MENTIONS} Figure 7 and Figure ?? as well."))
    assert found.told == "Figure 7 is mentioned and not there; a reference is broken (Figure ??) (page 1)"


@pytest.mark.parametrize(
    "mentions",
    ["Figures 1 and 2", "figs. 1, 2", "Fig. 1(a) and fig. 2b", "Figures 1-2", "(Fig. 1, 40 epochs; Fig. 2, 9 seeds)"],
)
def test_figures_are_mentioned_in_many_ways(tmp_path, mentions):
    assert of(tmp_path, "figure_references", report_pdf(3, mentions=f"{mentions} show what was learnt here.")).ok


@pytest.mark.parametrize(
    ("mention", "meant"),
    [
        ("3", ["3"]),
        ("3a and 4", ["3", "4"]),
        ("3(a)", ["3"]),
        ("2–5", ["2", "3", "4", "5"]),
        ("2 to 4, and 7", ["2", "3", "4", "7"]),
        ("1.2 and 1.3", ["1.2", "1.3"]),
        ("A.1", ["A.1"]),
        ("1-900", ["1", "900"]),
    ],
)
def test_numbers_of_figures_are_read(mention, meant):
    assert numbers(mention) == meant


def test_divided_words_are_put_together():
    assert joined(["the val-", "idation loss of Fig-", "ure 3", "LSTM-", "GRU"]) == (
        "the validation loss of Figure 3 LSTM- GRU"
    )


# --- the curve --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "caption",
    ["Accuracy per epoch.", "Learning curves: perplexity.", "Bits per character over training steps.", "MSE by epoch."],
)
def test_a_caption_tells_that_a_figure_shows_a_curve(tmp_path, caption):
    assert of(tmp_path, "curve", report_pdf(3, curve=f"Figure 1: {caption}")).ok


def test_the_names_of_the_axes_tell_it_as_well(tmp_path):
    found = of(tmp_path, "curve", report_pdf(3, curve="Figure 1: The GRU.", labels=("epoch", "validation loss")))
    assert found.told == "Figure 1 (page 2)"


def test_a_report_without_a_curve_is_told_so(tmp_path):
    found = faults(checked(tmp_path, report_pdf(3, curve="Figure 1: A window of the series over time steps.")))
    assert set(found) == {"pages", "curve"}
    text = {"curve": "Figure 1: A window.", "mentions": f"{MENTIONS} The loss falls over the epochs."}
    assert not of(tmp_path, "curve", report_pdf(3, **text)).ok


def test_a_figure_that_nearly_says_it_is_named(tmp_path):
    found = of(tmp_path, "curve", report_pdf(3, curve="Figure 1: Accuracy of three networks."))
    assert found.told.startswith("Figure 1 may show one, but neither caption nor axis names epochs or steps (page 2)")


# --- files that are no report -------------------------------------------------------------------------------------


def pages_without_text(draw) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4)
    for _ in range(3):
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def recognised_scan(canvas: Canvas) -> None:
    canvas.drawImage(noise(), 0, 0, *A4)
    text = canvas.beginText(MARGIN, A4[1] - MARGIN)
    text.setTextRenderMode(3)
    for _ in range(40):
        text.textLine("The text that a program has recognised lies below the picture, unseen.")
    canvas.drawText(text)


UNREADABLE = {
    "encrypted": (lambda: report_pdf(3, password="secret"), "it is encrypted"),
    "a scan": (scan, "its pages are pictures (pages 1 to 11), as from a scanner"),
    "a scan with its text recognised": (lambda: pages_without_text(recognised_scan), "its pages are pictures"),
    "blank": (lambda: pages_without_text(lambda canvas: None), "it holds next to no text: its pages are blank"),
    "empty": (lambda: b"", "the file is empty"),
    "no PDF": (lambda: b"PK\x03\x04" + bytes(99), "it is no PDF, whatever its name says"),
    "broken": (lambda: report_pdf(3)[:3000], "it is damaged"),
    "only a header": (lambda: b"%PDF-1.7\n" + bytes(500), "it is damaged"),
    "no pages": (lambda: hostile.pdf(hostile.CATALOG, b"<< /Type /Pages /Kids [] /Count 0 >>"), "it has no pages"),
    "many pages": (lambda: pages_of_nothing(80), "it has more than 60 pages"),
    "pages in a circle": (hostile.pages_in_a_circle, "it "),
    "deep pages": (hostile.deep_pages, "it"),
}


def pages_of_nothing(count: int) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4)
    for _ in range(count):
        canvas.showPage()
    canvas.save()
    return out.getvalue()


@pytest.mark.parametrize(("make", "told"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_cannot_be_read_gets_one_message_and_advice(tmp_path, make, told):
    report = checked(tmp_path, make())
    assert [finding.name for finding in report.findings] == ["readable"]
    assert not report.ok
    assert report.findings[0].message.startswith(told)
    assert report.findings[0].message.isprintable()
    assert report.findings[0].advice


def test_a_huge_file_and_a_missing_one_are_not_opened(tmp_path, monkeypatch):
    monkeypatch.setattr(helpers.pdf_pages, "MAX_BYTES", 1000)
    assert "are read" in checked(tmp_path, report_pdf(3)).findings[0].message
    assert check_report(tmp_path / "other.pdf").findings[0].message == "there is no file other.pdf"


def test_pages_that_are_rights_restricted_can_be_read(tmp_path):
    """An empty user password: any viewer opens it."""
    from pypdf import PdfReader, PdfWriter

    writer, out = PdfWriter(), io.BytesIO()
    writer.append(PdfReader(io.BytesIO(report_pdf(3))))
    writer.encrypt("", "owner", algorithm="AES-256")
    writer.write(out)
    assert set(faults(checked(tmp_path, out.getvalue()))) == {"pages"}


# --- as students use it -------------------------------------------------------------------------------------------


def test_without_pdfplumber_one_line_says_what_to_install(tmp_path, monkeypatch):
    (tmp_path / "report.pdf").write_bytes(b"%PDF-1.7")
    monkeypatch.setitem(sys.modules, "pdfplumber", None)
    with pytest.raises(ImportError, match=r"^a report is checked with pdfplumber: install it with `pip install"):
        check_report(tmp_path / "report.pdf")
    said: list[str] = []
    assert main([str(tmp_path / "report.pdf")], said.append) == 1
    assert said == ["a report is checked with pdfplumber: install it with `pip install pdfplumber`"]


def test_the_check_is_a_program(tmp_path):
    (tmp_path / "mine.pdf").write_bytes(report_pdf(9))
    run = [sys.executable, "-m", "helpers.report_check", str(tmp_path / "mine.pdf")]
    plain = subprocess.run(run, cwd=REPOSITORY, capture_output=True, text=True)
    assert plain.returncode == 1
    assert plain.stderr == ""
    assert "NOT OK  Length: 9 pages, without the references, which begin on page 10 (page 9)" in plain.stdout
    said: list[str] = []
    assert main(["--json", str(tmp_path / "mine.pdf")], said.append) == 1
    assert {f["name"]: f["ok"] for f in json.loads(said[0])["findings"]}["pages"] is False
    assert main([], said.append) == 2


def test_helpers_import_without_pdfplumber():
    program = "import sys, helpers.report_check; print(sorted({'pdfplumber', 'numpy', 'PIL'} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"


def test_pages_are_told_in_words():
    assert pages_in_words([3]) == "page 3"
    assert pages_in_words([5, 3, 4, 9]) == "pages 3 to 5 and 9"
    assert pages_in_words(range(1, 40, 2)).endswith("13 and 13 more")


# --- as instructors use it ------------------------------------------------------------------------------------------


def test_the_command_checks_in_the_sandbox(tmp_path, monkeypatch):
    path, out = tmp_path / "report.pdf", tmp_path / "found.json"
    path.write_bytes(report_pdf(3))
    monkeypatch.setattr("autograder.pdfs.require_bubblewrap", lambda: None)
    said = json.dumps({"findings": [asdict(Finding("pages", False, "3 pages", [3], "write more"))]})
    monkeypatch.setattr("autograder.pdfs.run_in_sandbox", lambda *_: said.encode())
    result = CliRunner().invoke(app, ["project", "check", str(path), "--json", str(out)])
    assert result.exit_code == 1
    assert result.output == "report.pdf\nNOT OK  Length: 3 pages (page 3)\n        Write more.\n"
    assert json.loads(out.read_text())["findings"][0]["advice"] == "write more"


@needs_bubblewrap
def test_the_command_finds_a_good_report_good(tmp_path):
    (tmp_path / "report.pdf").write_bytes(report_pdf())
    for more in ([], ["--unsafe-no-sandbox"]):
        result = CliRunner().invoke(app, ["project", "check", str(tmp_path / "report.pdf"), *more])
        assert result.exit_code == 0, result.output
        assert "NOT OK" not in result.output
    result = CliRunner().invoke(app, ["project", "check", str(tmp_path / "none.pdf")])
    assert "there is no file" in str(result.exception)


@needs_bubblewrap
@pytest.mark.parametrize(
    "make",
    [hostile.bomb, hostile.many_pages, hostile.deep_pages, hostile.own_object_stream, hostile.endless_revisions],
    ids=lambda make: make.__name__,
)
def test_a_hostile_pdf_ends_in_one_finding(make):
    limits = replace(REPORT_LIMITS, cell_seconds=20.0)
    taken, *found = report_findings({"report.pdf": make()}, limits=limits)
    assert taken.ok
    assert [(finding.name, finding.ok) for finding in found] == [("readable", False)]
    assert found[0].message.isprintable()


@needs_bubblewrap
def test_drawings_without_end_are_cut_off():
    lines = b"0 0 m 9 9 l S\n" * 400_000
    content = hostile.pdf(hostile.CATALOG, hostile.PAGES, hostile.PAGE, hostile.stream(lines))
    limits = replace(REPORT_LIMITS, cell_seconds=5.0)
    found = report_findings({"report.pdf": content}, limits=limits)[-1]
    assert found.message in ("reading it took more than 5 s", "its reader ended before it had an answer")
    assert found.advice == "save figures of many thousand points as PNG, and make the PDF again"


GOOD_ANSWER = {"name": "pages", "ok": True, "message": "m", "pages": [1], "advice": ""}
BAD_ANSWERS: list[object] = [
    [],
    {},
    {"findings": []},
    {"findings": 3},
    {"findings": [{**GOOD_ANSWER, "name": "marks"}]},
    {"findings": [{**GOOD_ANSWER, "ok": "yes"}]},
    {"findings": [{**GOOD_ANSWER, "pages": [10**9]}]},
    {"findings": [{**GOOD_ANSWER, "pages": [True]}]},
    {"findings": [{**GOOD_ANSWER, "pages": "1"}]},
    {"findings": [{**GOOD_ANSWER, "pages": list(range(1, 61)) * 9}]},
    {"findings": [GOOD_ANSWER, GOOD_ANSWER]},
    {"findings": [{"name": "pages"}]},
]


@pytest.mark.parametrize("said", BAD_ANSWERS, ids=[json.dumps(answer)[:40] for answer in BAD_ANSWERS])
def test_what_the_reader_says_is_not_believed(monkeypatch, said):
    monkeypatch.setattr("autograder.pdfs.run_in_sandbox", lambda *_: json.dumps(said).encode())
    assert report_findings({"r.pdf": b"%PDF-1.7"})[-1].message == "its reader gave no sensible answer"


def test_messages_of_the_reader_are_short_lines(monkeypatch):
    answer = {"findings": [{**GOOD_ANSWER, "message": "a\nb\x1b[31m" + "x" * 5000}]}
    monkeypatch.setattr("autograder.pdfs.run_in_sandbox", lambda *_: json.dumps(answer).encode())
    message = report_findings({"r.pdf": b"%PDF-1.7"})[-1].message
    assert len(message) == 400
    assert message.startswith("a b [31mxx")


@pytest.mark.parametrize(
    ("names", "taken", "ok"),
    [
        (["paper.pdf"], "paper.pdf", True),
        (["figures/loss.pdf", "My Report.PDF", "zzz.pdf"], "My Report.PDF was taken for the report, of 3 PDFs", True),
        (["b.pdf", "sub/a.pdf"], "b.pdf was taken for the report, of 2 PDFs", False),
        (["report_v1.pdf", "report_v2.pdf"], "report_v1.pdf was taken for the report, of 2 PDFs", False),
        (["results/run.json"], "no PDF was handed in", False),
    ],
)
def test_one_pdf_is_taken_for_the_report(monkeypatch, names: Sequence[str], taken, ok):
    monkeypatch.setattr("autograder.pdfs.run_in_sandbox", lambda *_: b"[]")
    found = report_findings(dict.fromkeys(names, b"%PDF-1.7"))
    assert (found[0].name, found[0].message, found[0].ok) == ("hand_in", taken, ok)
    assert len(found) == (1 if taken.startswith("no ") else 2)


def test_what_could_not_be_checked_is_said_to_be_our_fault(monkeypatch):
    told = report_findings({"r.pdf": b"%PDF-1.7"}, sandboxed=False)[-1]
    assert told.message.startswith("the report was not checked, which is not your fault")
    monkeypatch.setattr("autograder.pdfs.importlib.util.find_spec", lambda name: None)
    assert "has no pdfplumber" in report_findings({"r.pdf": b"%PDF-1.7"})[-1].message


# --- handed in ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def graded(tmp_path_factory) -> Course:
    """A graded course whose assignment asks for a report: ada's is good, ben's short, cleo has none."""
    root = tmp_path_factory.mktemp("course")
    course = make_course(root)
    path = course.source_notebooks(ASSIGNMENT)[0]
    master = read_notebook(path.read_bytes())
    cell_of(master, "lstm_cell").metadata["coursework"] = {"report": True}
    path.write_bytes(to_bytes(normalise(master)))
    release(course, ASSIGNMENT)
    for student, pages in (("ada", 11), ("ben", 8), ("cleo", 0)):
        notebook = hand_in(course, student, None)
        files = {f"{ASSIGNMENT}.ipynb": notebook.read_bytes()}
        if pages:
            files["report.pdf"] = report_pdf(pages, parts=[*PARTS[:5], "6 Discussion <script>alert(1)</script>"])
        shutil.rmtree(course.submitted / student)
        archive = root / f"{student}.zip"
        archive.write_bytes(zipped(files))
        collect(course, [archive])
    grade_class(course, [ASSIGNMENT], workers=1)
    return course


def verdict_of(course: Course, student: str) -> SubmissionVerdict:
    return SubmissionVerdict.from_json((course.work / "verdicts" / ASSIGNMENT / f"{student}.json").read_bytes())


def text_of(page: str) -> str:
    soup = BeautifulSoup(page, "html.parser")
    for element in soup(["style"]):
        element.decompose()
    return " ".join(soup.get_text(" ").split())


@needs_bubblewrap
def test_the_report_is_checked_when_it_is_handed_in(graded):
    found = {name: verdict_of(graded, name).report for name in ("ada", "ben", "cleo")}
    assert [str(finding) for finding in found["ada"] if not finding.ok] == []
    assert [f.name for f in found["ada"]] == list(TITLES)
    assert [f.name for f in found["ben"] if not f.ok] == ["pages"]
    assert [(f.name, f.message) for f in found["cleo"]] == [("hand_in", "no PDF was handed in")]
    rows = verdict_of(graded, "ben").rows()
    assert {f["name"]: f["ok"] for f in rows[0]["report"]}["pages"] is False


@needs_bubblewrap
def test_students_read_about_their_report_in_the_feedback(graded):
    pages = {path.parent.parent.name: path.read_text() for path in feedback(graded, ASSIGNMENT)}
    assert "Your report" in text_of(pages["ada"])
    assert "Length 8 pages, without the references, which begin on page 9 (page 8) What to do: write 10" in text_of(
        pages["ben"]
    )
    assert "Handing in no PDF was handed in What to do: hand in the report as a PDF" in text_of(pages["cleo"])
    assert "<script" not in pages["ada"]
    assert "6 Discussion <script>alert(1)</script>" in text_of(pages["ada"])


@needs_bubblewrap
def test_the_instructor_reads_about_the_reports_of_the_class(graded):
    page = text_of(class_report(graded).read_text())
    assert "1 of 3 are in order" in page
    assert "ben Length : 8 pages, without the references, which begin on page 9 (page 8)" in page
    assert "cleo Handing in : no PDF was handed in" in page


def test_verdicts_from_before_there_were_reports_can_be_read():
    data = json.loads(SubmissionVerdict("ada", "project", []).to_json())
    del data["report"]
    verdict = SubmissionVerdict.from_json(json.dumps(data))
    assert verdict.report == []
    assert SubmissionVerdict.from_json(verdict.to_json()) == verdict


def test_only_the_project_asks_for_a_report():
    asking = {
        path.parent.name
        for path in (REPOSITORY / "source").glob("*/*.ipynb")
        if asks_for_report(read_notebook(path.read_bytes()))
    }
    assert asking == {"project"}


# --- the templates ----------------------------------------------------------------------------------------------------

needs_latex = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
needs_pandoc = pytest.mark.skipif(
    shutil.which("pandoc") is None or shutil.which("pdflatex") is None, reason="pandoc or pdflatex is not installed"
)
WORDS_A_PART = 750


def filled(template: str, heading: str) -> str:
    """The template with text that says nothing below each heading of a part, as a student would fill it."""
    source = words(3)

    def with_text(match: re.Match[str]) -> str:
        paragraphs = [" ".join(itertools.islice(source, WORDS_A_PART // 5)) for _ in range(5)]
        return "\n\n".join([match.group(0), *paragraphs, ""])

    return re.sub(heading, with_text, template, flags=re.MULTILINE)


def latex(folder: Path, text: str) -> Path:
    shutil.copytree(GIVEN, folder, dirs_exist_ok=True)
    (folder / "report.tex").write_text(text)
    for _ in range(2):
        command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "report.tex"]
        run = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace")
        assert run.returncode == 0, run.stdout[-2000:]
    assert "Warning" not in run.stdout
    return folder / "report.pdf"


def pandoc(folder: Path, text: str) -> Path:
    shutil.copytree(GIVEN, folder, dirs_exist_ok=True)
    (folder / "report.md").write_text(text)
    command = ["pandoc", "report.md", "--output", "report.pdf"]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-2000:]
    return folder / "report.pdf"


LATEX_HEADING = r"^\\section\{.*\}$"
MARKDOWN_HEADING = r"^# (?!References).*$"
MAKERS = [
    pytest.param(latex, "report.tex", LATEX_HEADING, marks=needs_latex, id="LaTeX"),
    pytest.param(pandoc, "report.md", MARKDOWN_HEADING, marks=needs_pandoc, id="Markdown"),
]


@pytest.mark.parametrize(("make", "name", "heading"), MAKERS)
def test_a_report_made_from_a_template_passes_every_point(tmp_path, make, name, heading):
    report = check_report(make(tmp_path, filled((GIVEN / name).read_text(), heading)))
    assert not faults(report), str(report)


@pytest.mark.parametrize(("make", "name", "heading"), MAKERS)
def test_a_template_as_it_is_lacks_pages_and_nothing_else(tmp_path, make, name, heading):
    assert set(faults(check_report(make(tmp_path, (GIVEN / name).read_text())))) == {"pages"}


@needs_latex
def test_latex_with_10pt_and_two_columns_is_read_aright(tmp_path):
    text = filled((GIVEN / "report.tex").read_text(), LATEX_HEADING).replace("11pt", "10pt,twocolumn")
    found = faults(check_report(latex(tmp_path, text.replace("0.8\\textwidth", "0.9\\columnwidth"))))
    assert set(found) - {"pages"} == {"font_size"}
    assert found["font_size"].message == "the body text is set in 10.0 pt"


@needs_latex
def test_bitmap_fonts_without_names_of_letters_are_read(tmp_path):
    """LaTeX makes them where the package lmodern is left out; its ligatures then have numbers only."""
    text = filled((GIVEN / "report.tex").read_text(), LATEX_HEADING).replace("\\usepackage{lmodern}", "")
    text = text.replace("Experiments and results", "Experiments and first findings").replace("gate", "finite flow")
    if shutil.which("mktexpk") is None:
        pytest.skip("mktexpk is not installed")
    report = check_report(latex(tmp_path, text.replace("Warning", "")))
    assert not faults(report), str(report)
    assert '"6 Experiments and first findings"' in str(report)


def test_the_templates_have_the_required_parts_and_their_placeholder():
    for name in ("report.tex", "report.md"):
        text = (GIVEN / name).read_text()
        assert "11pt" in text
        assert "learning_curve.png" in text
    assert (GIVEN / "learning_curve.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("names", "kept"),
    [
        (["report.pdf", "project.ipynb"], {"report.pdf"}),
        (["report.pdf", "work/project.ipynb"], {"report.pdf"}),
        (["work/project.ipynb", "text/report.pdf"], {"report.pdf"}),
        (["work/project.ipynb", "work/text/report.pdf"], {"text/report.pdf"}),
    ],
)
def test_a_report_is_collected_wherever_it_lies_in_the_zip(tmp_path, names, kept):
    course = make_course(tmp_path / "course")
    notebook = hand_in(course, "ada", None).read_bytes()
    shutil.rmtree(course.submitted)
    files = {name: notebook if name.endswith(".ipynb") else b"%PDF-1.7" for name in names}
    (tmp_path / "ada.zip").write_bytes(zipped(files))
    collect(course, [tmp_path / "ada.zip"])
    folder = course.submitted / "ada" / ASSIGNMENT
    assert {str(path.relative_to(folder)) for path in folder.rglob("*.pdf")} == kept
