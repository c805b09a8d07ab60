"""Handed-in PDFs are read in the sandbox: honest ones give facts, hostile ones a note, and the grader lives on."""

import io
import shutil
import zlib
from dataclasses import replace

import pytest
from small_course import REPOSITORY

from autograder.pdfs import LIMITS, MAX_PDFS, NoAnswer, pdf_notes, run_in_sandbox

pytestmark = pytest.mark.skipif(shutil.which("bwrap") is None, reason="needs bubblewrap")

QUICK = replace(LIMITS, cell_seconds=30.0)
"""Time enough on a busy machine for what is refused, and a bound on what never ends."""


def pdf(*objects: bytes, trailer: bytes = b"", root: int = 1) -> bytes:
    """A PDF of these objects (numbered from 1) with a right cross-reference table."""
    out, offsets = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root %d 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        root,
        trailer,
        start,
    )
    return bytes(out)


def stream(data: bytes, extra: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(data), extra, data)


CATALOG = b"<< /Type /Catalog /Pages 2 0 R >>"
PAGES = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R /Resources << >> >>"


def endless_revisions() -> bytes:
    """Two cross-reference tables, each of which says that the other one came before it."""
    whole = pdf(CATALOG, PAGES, PAGE, stream(b""))
    first = whole.rindex(b"xref\n0")
    second = len(whole)
    whole = whole.replace(b"/Root 1 0 R ", b"/Root 1 0 R /Prev %d" % second)
    second = len(whole)
    whole = whole[: whole.rindex(b"/Prev")] + b"/Prev %d" % second + whole[whole.rindex(b" >>\nstartxref") :]
    return whole + b"xref\n0 0\ntrailer\n<< /Size 5 /Root 1 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % (first, second)


def bomb() -> bytes:
    """A page whose contents are two gigabytes of zeros, deflated twice."""
    size, times = 2**24, 128
    deflate = zlib.compressobj(9, wbits=-15)
    block = deflate.compress(bytes(size)) + deflate.flush(zlib.Z_FULL_FLUSH)  # can be repeated as it is
    checksum = (size * times % 65521) << 16 | 1  # Adler-32 of zeros
    once = b"\x78\xda" + block * times + b"\x03\x00" + checksum.to_bytes(4, "big")
    return pdf(CATALOG, PAGES, PAGE, stream(zlib.compress(once, 9), b"/Filter [/FlateDecode /FlateDecode]"))


def deep_pages() -> bytes:
    depth = 20_000
    nodes = [b"<< /Type /Pages /Kids [%d 0 R] /Count 1 /Parent %d 0 R >>" % (n + 3, n + 1) for n in range(depth)]
    return pdf(CATALOG, *nodes, b"<< /Type /Page /Parent %d 0 R >>" % (depth + 1))


def pages_in_a_circle() -> bytes:
    return pdf(CATALOG, b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>")


def many_pages() -> bytes:
    """Ten levels of page trees with a hundred references each to the one below: 10^20 pages."""
    levels = [b"<< /Type /Pages /Count 99999999999 /Kids [%s] >>" % (b"%d 0 R " % (n + 3) * 100) for n in range(10)]
    return pdf(CATALOG, *levels, b"<< /Type /Page /MediaBox [0 0 9 9] >>")


def own_object_stream() -> bytes:
    """A cross-reference stream which says that every object lies in the object stream 4, which lies in itself."""
    body = b"%PDF-1.7\n"
    packed = b"1 0 2 40 4 80 " + CATALOG.ljust(40) + b"<< /Type /Pages /Kids [] /Count 0 >>".ljust(40) + b"4 0 R"
    rows = b"".join(bytes([2, 0, 4, index]) for index in range(5))
    reference = stream(rows, b"/Type /XRef /Size 5 /W [1 2 1] /Root 1 0 R")
    body += b"4 0 obj\n%s\nendobj\n" % stream(packed, b"/Type /ObjStm /N 3 /First 15 /Extends 4 0 R")
    start = len(body)
    return body + b"3 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (reference, start)


def script() -> bytes:
    action = b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>"
    return pdf(CATALOG[:-2] + b"/OpenAction 5 0 R >>", PAGES, PAGE, stream(b""), action)


def encrypted() -> bytes:
    from pypdf import PdfWriter

    writer, out = PdfWriter(), io.BytesIO()
    writer.add_blank_page(9, 9)
    writer.encrypt("a secret", algorithm="AES-256")
    writer.write(out)
    return out.getvalue()


@pytest.fixture(scope="module")
def honest() -> bytes:
    from matplotlib.backends.backend_pdf import PdfPages
    from matplotlib.figure import Figure

    out = io.BytesIO()
    with PdfPages(out, metadata={"Title": "Noise <b>and</b> speech"}) as book:
        for number in range(3):
            figure = Figure()
            figure.text(0.1, 0.5, f"page {number} has five words")
            book.savefig(figure)
    return out.getvalue()


def note(content: bytes) -> str:
    (line,) = pdf_notes({"report.pdf": content}, limits=QUICK)
    return line


def test_an_honest_pdf_gives_its_facts(honest: bytes) -> None:
    assert note(honest) == "report.pdf: 3 pages, 15 words, titled 'Noise <b>and</b> speech'"


def test_other_files_are_left_alone_and_many_pdfs_are_named(honest: bytes) -> None:
    assert pdf_notes({"a.ipynb": b"", "b.npz": honest}) == []
    many = {f"{n}.PDF": b"no" for n in range(MAX_PDFS + 3)}
    assert pdf_notes(many)[-1] == "3 more PDFs were handed in and not read"


def test_without_a_sandbox_nothing_is_read(honest: bytes) -> None:
    assert pdf_notes({"r.pdf": honest}, sandboxed=False) == ["r.pdf was not read: PDFs are read in the sandbox only"]


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: b"PK\x03\x04", "report.pdf cannot be read: it is no PDF"),
        (lambda: b"", "report.pdf cannot be read: it is no PDF"),
        (lambda: b"%PDF-1.7\n" + bytes(1000), "report.pdf cannot be read: it is damaged"),
        (lambda: pdf(CATALOG, PAGES, PAGE, stream(b""))[:120], "report.pdf cannot be read: it is damaged"),
        (lambda: b"%PDF-1.7" + bytes(LIMITS.disk), "report.pdf cannot be read: it has 64 MiB"),
        (encrypted, "report.pdf cannot be read: it is encrypted"),
        (script, "1 page, 0 words; it holds a script or an action"),
        (endless_revisions, ""),
        (bomb, ""),
        (deep_pages, "cannot be read"),
        (pages_in_a_circle, ""),
        (many_pages, "cannot be read"),
        (own_object_stream, ""),
    ],
)
def test_a_hostile_pdf_gets_a_note_in_words(make, told: str) -> None:
    line = note(make())
    assert line.startswith("report.pdf")
    assert told in line
    assert line.isprintable()


def test_a_program_beyond_its_time_is_ended() -> None:
    with pytest.raises(NoAnswer, match="took more than 1 s"):
        run_in_sandbox("while True: pass", {}, replace(LIMITS, cell_seconds=1.0))


def test_a_program_that_says_too_much_is_ended() -> None:
    with pytest.raises(NoAnswer, match="said more than"):
        run_in_sandbox("while True: print('x' * 1000)", {}, QUICK)


def test_a_program_beyond_its_memory_is_ended() -> None:
    with pytest.raises(NoAnswer, match="ended before it had an answer"):
        run_in_sandbox("x = bytearray(2 << 30); print(len(x))", {}, QUICK)


def test_a_program_sees_its_files_and_nothing_of_the_machine() -> None:
    program = "import os, sys; print(sorted(os.listdir('.')), os.path.exists(sys.argv[1]), os.environ['USER'])"
    seen = run_in_sandbox(program, {"a.txt": b"1"}, QUICK, (str(REPOSITORY / "source"),))
    assert seen == b"['a.txt'] False student\n"


def test_what_a_reader_says_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    for said in (b"", b"[]", b"{}", b'{"pages": "x"}', b"[" * 60_000, b'{"pages": 1, "words": {}, "read": 1}'):
        monkeypatch.setattr("autograder.pdfs.run_in_sandbox", lambda *_, said=said: said)
        assert note(b"%PDF-1.7") == "report.pdf cannot be read: its reader gave no sensible answer"
    monkeypatch.setattr("autograder.pdfs.run_in_sandbox", lambda *_: b'{"error": "a\\nb\\u001b[31m"}')
    assert note(b"%PDF-1.7") == "report.pdf cannot be read: a b [31m"
