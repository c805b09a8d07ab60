"""Facts about handed-in PDFs: pages, words, title. Read inside the sandbox, never in the grader's process.

A PDF is a small file system with compression, references and scripts, and its parsers have had every kind of hole. The
reader (``READER``, with pypdf) runs in a sandbox of its own with small limits; what it says is JSON of bounded size, is
taken for what a stranger says, and becomes a note for the instructor. It never touches a mark.
"""

import json
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from autograder.sandbox import MIB, Limits, bubblewrap_command

LIMITS = Limits(cell_seconds=20.0, memory=512 * MIB, disk=64 * MIB, processes=64, open_files=64)
"""Of one PDF: ``cell_seconds`` for reading it, and its size is bounded by ``disk``."""
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


def _one_line(text: str) -> str:
    line = "".join(c if c.isprintable() else " " for c in text[: 2 * MAX_TITLE])
    return line if len(line) <= MAX_TITLE else f"{line[: MAX_TITLE - 1]}…"
