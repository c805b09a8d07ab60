"""Handed-in PDFs: facts about each, and the check of a report. Read inside the sandbox, never in the grader's process.

A PDF is a small file system with compression, references and scripts, and its parsers have had every kind of hole. The
readers (``READER``, with pypdf, for pages, words and title; ``REPORT_READER``, which carries out
`helpers.report_check`) run in a sandbox of their own with small limits. What they say is JSON of bounded size and is
taken for what a stranger says: it becomes a note for the instructor, and findings about a report. It never touches a
mark.
"""

import importlib.util
import json
import subprocess
import sys
import tempfile
import threading
from pathlib import Path, PurePosixPath
from typing import Any

from autograder.course import CourseError
from autograder.sandbox import MIB, Limits, bubblewrap_command, require_bubblewrap
from helpers.pdf_pages import MAX_PAGES as MAX_REPORT_PAGES
from helpers.report_check import TITLES, Finding, Report, check_report

LIMITS = Limits(cell_seconds=20.0, memory=512 * MIB, disk=64 * MIB, processes=64, open_files=64)
"""Of one PDF: ``cell_seconds`` for reading it, and its size is bounded by ``disk``."""
REPORT_LIMITS = Limits(cell_seconds=60.0, memory=1024 * MIB, disk=64 * MIB, processes=64, open_files=64)
"""Of the check of one report, which looks at each character and each line that is drawn."""
MAX_REPLY = 64 * 1024
"""Bytes that a reader may say."""
MAX_PDFS = 4
"""PDFs of one hand-in that are read; the others are named."""
MAX_TITLE = 100
"""Characters of a title that are quoted."""

READER = """
import json, sys, time

SOFT_SECONDS = 8.0

def facts(path):
    began = time.monotonic()
    from pypdf import PdfReader
    reader = PdfReader(path)
    if reader.is_encrypted and not reader.decrypt(""):
        return {"error": "it is encrypted"}
    found = {"pages": len(reader.pages), "words": 0, "read": 0}
    title = reader.metadata.title if reader.metadata else None
    found["title"] = title if isinstance(title, str) else ""
    names = reader.trailer["/Root"].get_object()
    scripts = names.get("/Names", {}).get_object().get("/JavaScript") if "/Names" in names else None
    action = names["/OpenAction"].get_object() if "/OpenAction" in names else {}
    kind = action.get("/S") if hasattr(action, "get") else None
    found["script"] = bool(scripts or kind in ("/JavaScript", "/Launch") or "/AA" in names)
    for page in reader.pages:
        if time.monotonic() - began > SOFT_SECONDS:
            break
        found["words"] += len(page.extract_text().split())
        found["read"] += 1
    return found

try:
    answer = facts(sys.argv[1])
except MemoryError:
    answer = {"error": "reading it takes too much memory"}
except RecursionError:
    answer = {"error": "its parts are nested too deeply, or in a circle"}
except Exception as error:
    answer = {"error": f"it is damaged ({type(error).__name__}: {error})"[:300]}
print(json.dumps(answer))
"""
"""The program that reads one PDF, named by its argument, and prints JSON."""


REPORT_READER = """
import sys

sys.path.insert(0, "/coursework")
from helpers.report_check import main

main(["--json", sys.argv[1]])
"""
"""The program that checks one report, named by its argument, and prints JSON."""
MAX_MESSAGE = 400
"""Characters of one finding's message, and of its advice."""


class NoAnswer(Exception):
    """A program in the sandbox gave no answer within its bounds; the message says which it broke."""


def pdf_notes(files: dict[str, bytes], *, limits: Limits = LIMITS, sandboxed: bool = True) -> list[str]:
    """A line for each handed-in PDF (``files``: relative path → bytes): what it holds, or why it can not be read."""
    pdfs = {name: content for name, content in sorted(files.items()) if name.lower().endswith(".pdf")}
    read = dict(list(pdfs.items())[:MAX_PDFS])
    notes = [_note(name, content, limits, sandboxed) for name, content in read.items()]
    if len(pdfs) > len(read):
        notes.append(f"{len(pdfs) - len(read)} more PDFs were handed in and not read")
    return notes


def report_findings(
    files: dict[str, bytes], *, limits: Limits = REPORT_LIMITS, sandboxed: bool = True
) -> list[Finding]:
    """What the check says about the report among the handed-in files, first of all which file was taken for it."""
    name, told = _report_among(files)
    if name is None:
        return [told]
    if not sandboxed:
        return [told, _unchecked("PDFs are read in the sandbox only")]
    if importlib.util.find_spec("pdfplumber") is None:
        return [told, _unchecked("the machine that graded it has no pdfplumber (pip install pdfplumber)")]
    return [told, *_checked(files[name], limits)]


def _checked(content: bytes, limits: Limits) -> list[Finding]:
    """What the check says about one PDF, in a sandbox."""
    if len(content) > limits.disk // 2:
        size = f"it has {len(content) / MIB:,.0f} MiB, at most {limits.disk // 2 // MIB} are read"
        return [Finding("readable", False, size, [], "save pictures in it with fewer pixels")]
    try:
        return _believable(json.loads(run_in_sandbox(REPORT_READER, {"report.pdf": content}, limits, ("report.pdf",))))
    except NoAnswer as reason:
        advice = "save figures of many thousand points as PNG, and make the PDF again"
        return [Finding("readable", False, str(reason), [], advice)]
    except (ValueError, TypeError, KeyError, RecursionError):
        return [Finding("readable", False, "its reader gave no sensible answer", [], "make the PDF again")]


def checked_report(path: Path, *, sandboxed: bool = True) -> Report:
    """The check of one file. Raises CourseError when there is none, SandboxError when there is no sandbox."""
    if not path.is_file():
        raise CourseError(f"there is no file {path}: give the path of the report's PDF", 2)
    if not sandboxed:
        return check_report(path)
    require_bubblewrap()
    return Report(path.name, _checked(path.read_bytes(), REPORT_LIMITS))


def _report_among(files: dict[str, bytes]) -> tuple[str | None, Finding]:
    """The file that is taken for the report: one that is called so, else one that lies highest, else the largest."""
    names = [name for name in files if name.lower().endswith(".pdf")]
    if not names:
        advice = "hand in the report as a PDF beside the notebook, in the same zip"
        return None, Finding("hand_in", False, "no PDF was handed in", [], advice)

    def rank(name: str) -> tuple[bool, int, int, str]:
        path = PurePosixPath(name)
        return "report" not in path.name.lower(), len(path.parts), -len(files[name]), name

    chosen = min(names, key=rank)
    if len(names) == 1:
        return chosen, Finding("hand_in", True, _one_line(chosen))
    told = f"{_one_line(chosen)} was taken for the report, of {len(names)} PDFs"
    certain = not rank(chosen)[0] and sum(not rank(name)[0] for name in names) == 1
    return chosen, Finding(
        "hand_in", certain, told, [], "" if certain else "call the report, and no other PDF, report.pdf"
    )


def _unchecked(reason: str) -> Finding:
    return Finding("readable", False, f"the report was not checked, which is not your fault: {reason}")


def _believable(answer: dict[str, Any]) -> list[Finding]:
    """The findings of a reader's answer; raises what a senseless answer makes it raise."""
    found: dict[str, Finding] = {}
    for said in answer["findings"]:
        name, ok, pages = said["name"], said["ok"], said["pages"]
        if name not in TITLES or name in found or not isinstance(ok, bool) or len(pages) > MAX_REPORT_PAGES:
            raise ValueError("no finding of the check's")
        if not all(type(page) is int and 0 < page <= MAX_REPORT_PAGES for page in pages):
            raise ValueError("no page numbers")
        message, advice = (_one_line(str(said[text]), MAX_MESSAGE) for text in ("message", "advice"))
        found[name] = Finding(name, ok, message, pages, advice)
    if not found:
        raise ValueError("no finding")
    return list(found.values())


def run_in_sandbox(program: str, files: dict[str, bytes], limits: Limits, arguments: tuple[str, ...] = ()) -> bytes:
    """What a Python program prints that runs in a sandbox of its own, in a folder with a copy of ``files``.

    It has ``limits.cell_seconds`` of wall time, the other limits, and MAX_REPLY bytes. Raises NoAnswer when it breaks
    one of them or fails. ``files`` are plain names.
    """
    with tempfile.TemporaryDirectory(prefix="coursework-") as room:
        folder = Path(room, "files")
        folder.mkdir()
        for name, content in files.items():
            (folder / name).write_bytes(content)
            (folder / name).chmod(0o644)
        folder.chmod(0o755)  # in the sandbox another user reads it; the folder above stays private
        command = bubblewrap_command(Path(room), limits, [sys.executable, "-I", "-c", program, *arguments])
        return _bounded_output(command, limits.cell_seconds)


def _bounded_output(command: list[str], seconds: float) -> bytes:
    late = threading.Event()
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:

        def end() -> None:
            late.set()
            process.kill()  # bubblewrap dies with all that it started

        alarm = threading.Timer(seconds, end)
        alarm.start()
        try:
            assert process.stdout is not None
            output = process.stdout.read(MAX_REPLY + 1)
            complete = len(output) <= MAX_REPLY
            code = process.wait() if complete else 0
        finally:
            alarm.cancel()
            process.kill()
    if late.is_set():
        raise NoAnswer(f"reading it took more than {seconds:.0f} s")
    if not complete:
        raise NoAnswer(f"its reader said more than {MAX_REPLY} bytes")
    if code != 0:
        raise NoAnswer("its reader ended before it had an answer")
    return output


def _note(name: str, content: bytes, limits: Limits, sandboxed: bool) -> str:
    shown = _one_line(name)
    if not sandboxed:
        return f"{shown} was not read: PDFs are read in the sandbox only"
    if b"%PDF-" not in content[:1024]:
        return f"{shown} cannot be read: it is no PDF"
    if len(content) > limits.disk // 2:
        return (
            f"{shown} cannot be read: it has {len(content) / MIB:,.0f} MiB, at most {limits.disk // 2 // MIB} are read"
        )
    try:
        return (
            f"{shown}{_facts(json.loads(run_in_sandbox(READER, {'hand-in.pdf': content}, limits, ('hand-in.pdf',))))}"
        )
    except NoAnswer as reason:
        return f"{shown} cannot be read: {reason}"
    except (ValueError, TypeError, KeyError, RecursionError):
        return f"{shown} cannot be read: its reader gave no sensible answer"


def _facts(answer: dict[str, Any]) -> str:
    """The reader's answer in words; raises what a senseless answer makes it raise."""
    if "error" in answer:
        return f" cannot be read: {_one_line(str(answer['error']))}"
    pages, words, read = (int(answer[name]) for name in ("pages", "words", "read"))
    told = f": {pages:,} page{'' if pages == 1 else 's'}, {words:,} words"
    if read < pages:
        told += f" on the first {read:,}"
    if answer["title"]:
        told += f", titled {_one_line(str(answer['title']))!r}"
    return told + ("; it holds a script or an action that a viewer may carry out" if answer["script"] else "")


def _one_line(text: str, most: int = MAX_TITLE) -> str:
    line = "".join(c if c.isprintable() else " " for c in text[: 2 * most])
    return line if len(line) <= most else f"{line[: most - 1]}…"
