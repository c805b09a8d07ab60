"""The last two cells of each notebook: where a student stands, and the zip to hand in.

`progress` shows the overview of `helpers.overview`; `make_zip` makes `<student id>.zip` of the notebook as it was
saved, its kept runs and, where one is asked for, the report. Both read the saved notebook and nothing of what the
kernel holds but the texts of the cells that were run. While a notebook is graded they do nothing. A mistake of the
user's is told on one line; nothing here raises for it.

The notebook is found by what the editor says (JupyterLab's JPY_SESSION_NAME, VS Code's __vsc_ipynb_file__, Colab's own
page), else among the notebooks in the working folder by the stamp of its release.
"""

import ast
import json
import os
import re
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from helpers.overview import (
    IDENTITY,
    Exercise,
    Identity,
    State,
    answers_of,
    as_html,
    as_text,
    cells_of,
    exercises_of,
    identity_of,
    parts_of,
    same_text,
    text_of,
)
from helpers.results import Run, grading, one_line, runs_from_folder, runs_from_notebook, write_runs

MAX_NOTEBOOK_BYTES = 50 * 2**20
"""The largest notebook, and the largest single file, that is taken when hand-ins are collected."""
MAX_PDF_BYTES = 32 * 2**20
MAX_TEXT_BYTES = 2**20
MAX_FILES = 2_000
MAX_BYTES = 200 * 2**20
"""All files of a hand-in together."""
TEXTS = (".py", ".txt", ".md")
"""Small texts that go along when the notebook names them: a module of one's own, the text that was trained on."""
COLAB_SECONDS = 30
"""How long Colab's page may take to give the notebook."""
AS_HANDED_IN = "_as_handed_in.ipynb"
"""On Colab the notebook is kept beside the zip under such a name: its own may be open in Drive."""

_NOT_OURS = {"__pycache__", "given", "results", "sample_data", "drive"}
_SHOWN = 8


class HandInError(Exception):
    """Why there is no overview or no zip; the message is one line that says what to do."""


@dataclass(frozen=True)
class Saved:
    """A notebook as it was saved.

    name: without the suffix, as it is called in the zip. path: where it lies, None for Colab's own. when: when it was
    saved (local time), None on Colab, whose page gives what it shows. note: what is to be said on how it was found.
    """

    name: str
    content: dict[str, Any]
    raw: bytes
    path: Path | None = None
    when: datetime | None = None
    note: str = ""

    @property
    def line(self) -> str:
        """The notebook and its state, for people."""
        return f"{self.name}.ipynb, as {'it is on Colab now' if self.when is None else f'saved at {_time(self.when)}'}"


# --- the two cells ----------------------------------------------------------------------------------


def progress(assignment: str, notebook: str = "") -> None:
    """Show which exercises of the saved notebook are answered and pass their visible tests.

    notebook: its name, where the assignment has several.
    """
    if grading():
        return
    try:
        saved = find_notebook(assignment, notebook or assignment)
    except HandInError as error:
        print(f"No overview: {error}")
        return
    ran = _ran()
    notes = [f"Read from {saved.line}.", *_sentences([saved.note, _not_saved(saved, ran) or _run_since(saved)])]
    exercises, identity = exercises_of(saved.content, ran), identity_of(saved.content)
    _show(as_text(exercises, identity, notes), as_html(exercises, identity, notes))


def make_zip(
    assignment: str,
    *,
    notebook: str = "",
    runs: Sequence[str] = (),
    others: Sequence[str] = (),
    report: bool = False,
) -> None:
    """Make `<student id>.zip` in the working folder, and say what is in it, what is missing and what was left out.

    notebook: this notebook's name, where the assignment has several, and others: those of the others, which go along
    when they lie in the working folder. runs: names of kept runs that the exercises need. report: whether a PDF is
    handed in as well. A zip that is there already is replaced, once the new one is whole.
    """
    if grading():
        return
    try:
        saved = find_notebook(assignment, notebook or assignment)
        made = pack(assignment, saved, Path.cwd(), ran=_ran(), runs=runs, others=others, report=report)
    except HandInError as error:
        print(f"No zip was made: {error}")
        return
    except OSError as error:
        print(f"No zip was made: {one_line(error)}")
        return
    print("\n".join(made.lines))
    if _on_colab():
        print(_offer(made.path))


# --- finding the notebook ---------------------------------------------------------------------------


def find_notebook(assignment: str, name: str) -> Saved:
    """The notebook that runs this; HandInError when it cannot be found."""
    if _on_colab():
        return _from_colab(name)
    for path in _named_by_editor():
        saved = _read(path, name)
        if saved is not None:
            return saved
    return _stamped(assignment, name)


def _from_colab(name: str) -> Saved:
    advice = "use File, Download, Download .ipynb, and hand in that file, named by your id"
    try:
        from google.colab import _message

        reply = _message.blocking_request("get_ipynb", request="", timeout_sec=COLAB_SECONDS)
    except Exception as error:  # a package of Colab's own, which promises nothing about what it raises
        raise HandInError(f"Colab did not give the notebook ({one_line(error)}): {advice}") from error
    content = reply.get("ipynb") if isinstance(reply, dict) else None
    if not isinstance(content, dict) or not isinstance(content.get("cells"), list):
        raise HandInError(f"Colab did not give the notebook: run this cell again, or {advice}")
    return Saved(name, content, (json.dumps(content, indent=1) + "\n").encode())


def _named_by_editor() -> list[Path]:
    """The paths that VS Code and JupyterLab give, those first that are more certain.

    jupyter_server sets JPY_SESSION_NAME when it starts the kernel: an absolute path, in its first versions one from
    the server's folder. It keeps the old name when the notebook is renamed, until the kernel is started again.
    """
    shell = _shell()
    code = shell.user_ns.get("__vsc_ipynb_file__") if shell is not None else None
    lab = os.environ.get("JPY_SESSION_NAME", "")
    found = [Path(code)] if isinstance(code, str) and code else []
    if lab.endswith(".ipynb"):
        found += [Path(lab)] if Path(lab).is_absolute() else [Path.cwd() / Path(lab).name]
    return [path for path in found if path.is_file()]


def _stamped(assignment: str, name: str) -> Saved:
    """Of the working folder's notebooks with the assignment's stamp the one whose cells were run, else the newest."""
    found = [saved for saved in _notebooks(Path.cwd()) if _stamp(saved.content) == assignment]
    if not found:
        raise HandInError(
            f"no notebook of {assignment} was found in {Path.cwd().name or 'the working folder'}: save the notebook,"
            f" and see that it lies there; else hand in {name}.ipynb itself, named by your id"
        )
    ran = {source.strip() for source in _sources()}
    shares = [sum(text_of(cell).strip() in ran for cell in cells_of(saved.content)) for saved in found]
    likely = [saved for saved, share in zip(found, shares, strict=True) if share == max(shares)]
    newest = max(likely, key=_age)
    where = newest.path.name if newest.path is not None else ""
    note = f"{len(likely)} notebooks of {assignment} lie here; the newest was taken, {where}" if likely[1:] else ""
    return Saved(name, newest.content, newest.raw, newest.path, newest.when, note)


def _age(saved: Saved) -> float:
    return saved.when.timestamp() if saved.when is not None else 0.0


def _notebooks(folder: Path) -> list[Saved]:
    """The notebooks of a folder that can be read, without those that were kept when a zip was made."""
    paths = sorted(path for path in folder.glob("*.ipynb") if not path.name.startswith("."))
    read = [_read(path, path.stem) for path in paths if not path.name.endswith(AS_HANDED_IN)]
    return [saved for saved in read if saved is not None]


def _read(path: Path, name: str) -> Saved | None:
    """A notebook; None for a file that is none, or that is far too large for one."""
    try:
        status = path.stat()
        if status.st_size > MAX_BYTES:
            return None
        raw = path.read_bytes()
        content = json.loads(raw.decode("utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(content, dict) or not isinstance(content.get("cells"), list):
        return None
    return Saved(name, content, raw, path, datetime.fromtimestamp(status.st_mtime).astimezone())


def _stamp(content: Mapping[str, Any]) -> str:
    """The assignment that the release put into the notebook's metadata; empty when it was lost."""
    metadata = content.get("metadata")
    stamp = metadata.get("coursework") if isinstance(metadata, dict) else None
    name = stamp.get("assignment") if isinstance(stamp, dict) else None
    return name if isinstance(name, str) else ""


# --- what was run -----------------------------------------------------------------------------------


def _shell() -> Any:
    """The IPython shell that runs this; None outside of one."""
    ipython = sys.modules.get("IPython")
    return None if ipython is None else ipython.get_ipython()


def _sources() -> list[str]:
    """The texts that this session of the kernel has run, as they were typed."""
    shell = _shell()
    manager = getattr(shell, "history_manager", None)
    typed = getattr(manager, "input_hist_raw", None)
    return [source for source in typed if isinstance(source, str)] if isinstance(typed, list) else []


def _ran() -> dict[str, str]:
    """Exercise id (`identity` too) → its answer as it was run last in this session."""
    return {name: text for source in _sources() for name, text in parts_of(source).items()}


def _differing(saved: Saved, ran: Mapping[str, str]) -> list[str]:
    """The answers whose saved text is not the one that was run last."""
    answers = answers_of(saved.content)
    return [name for name, text in answers.items() if name in ran and not same_text(text, ran[name])]


def _not_saved(saved: Saved, ran: Mapping[str, str]) -> str:
    """What to do where saved and run answers differ, on one line; empty where they do not."""
    differing = _differing(saved, ran)
    if not differing:
        return ""
    names = ", ".join("STUDENT_ID and TEAM" if name == IDENTITY else name for name in differing)
    if saved.path is None:
        return f"changed since it was run: {names}; run these cells and their tests again"
    return f"what was run last is not what was saved: {names}. Run these cells, save, and run this cell again"


def _run_since(saved: Saved) -> str:
    """What to do where cells were run again after the notebook was saved, on one line; empty where they were not.

    The place of a text in the kernel's history is the number that its cell got when it was run. Cells whose text is
    there twice are left out, and so are those that call this module, which run while they are looked at.
    """
    if saved.path is None:
        return ""
    last = {source.strip(): number for number, source in enumerate(_sources())}
    cells = [(text_of(cell).strip(), cell) for cell in cells_of(saved.content) if cell.get("cell_type") == "code"]
    texts = [text for text, _ in cells]
    again = any(
        text in last and last[text] != cell.get("execution_count")
        for text, cell in cells
        if text and texts.count(text) == 1 and "hand_in." not in text
    )
    return "cells were run after the notebook was saved: save, and run this cell again" if again else ""


# --- the zip ----------------------------------------------------------------------------------------


@dataclass
class Contents:
    """What goes into the zip (path → bytes), and lines for people: what it is, what is doubtful, what stays out."""

    files: dict[str, bytes] = field(default_factory=dict)
    held: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Made:
    """A zip that was written, and what there is to say about it."""

    path: Path
    lines: list[str]


def pack(
    assignment: str,
    saved: Saved,
    folder: Path,
    *,
    ran: Mapping[str, str],
    runs: Sequence[str] = (),
    others: Sequence[str] = (),
    report: bool = False,
) -> Made:
    """Write the zip into `folder`, where the results and the report lie too; see `make_zip`.

    Raises HandInError, with nothing written, when it is not known who hands in, when the notebook is not saved as it
    was run, or when the zip cannot be written.
    """
    unsaved = _not_saved(saved, ran)
    if unsaved and saved.path is not None:
        raise HandInError(unsaved)
    identity = _identity(saved, {assignment, saved.name, *others})
    doubts = [doubt for doubt in (saved.note, unsaved, _run_since(saved)) if doubt]
    contents = Contents({f"{saved.name}.ipynb": saved.raw}, [saved.line], doubts)
    notebooks = [saved, *_other_notebooks(assignment, saved, folder, others, identity, contents)]
    listed = {notebook.name: exercises_of(notebook.content, ran) for notebook in notebooks}
    _add_runs(contents, notebooks, folder, runs, [e for exercises in listed.values() for e in exercises])
    if report:
        _add_report(contents, saved, folder)
    _add_texts(contents, notebooks, folder, identity, report=report)
    if any(re.search(r"^RETRAIN[ \t]*=[ \t]*True\b", code, re.M) for code in _codes(notebooks)):
        contents.doubts.append("RETRAIN is True: set it to False, and save")
    _refuse_too_much(contents.files)
    path = folder / f"{identity.student}.zip"
    before = _written_at(path)
    if saved.path is None:
        _keep(folder / f"{saved.name}{AS_HANDED_IN}", saved.raw)
    _write_zip(path, contents.files)
    return Made(path, _told(path, before, contents, identity, listed))


def _identity(saved: Saved, taken: set[str]) -> Identity:
    identity = identity_of(saved.content)
    if identity.problem:
        raise HandInError(identity.problem)
    if identity.student.casefold() in taken:
        raise HandInError(f"STUDENT_ID is '{identity.student}', the name of an assignment: write your own id")
    return identity


def _other_notebooks(
    assignment: str, saved: Saved, folder: Path, names: Sequence[str], identity: Identity, contents: Contents
) -> list[Saved]:
    """The assignment's other notebooks that lie in the folder; says which do not, and whose id is another one."""
    own = set(answers_of(saved.content)) - {IDENTITY}
    kept = [_read(path, path.name.removesuffix(AS_HANDED_IN)) for path in sorted(folder.glob(f"*{AS_HANDED_IN}"))]
    candidates = [
        other
        for other in [*_notebooks(folder), *(other for other in kept if other is not None)]
        if _stamp(other.content) == assignment and own.isdisjoint(answers_of(other.content))
    ]
    found = []
    for name in names:
        named = [other for other in candidates if other.name == name] or (candidates if len(names) == 1 else [])
        if not named:
            contents.doubts.append(
                f"{name}.ipynb does not lie here, so only {saved.name} is in the zip. If you have worked on it, put it"
                " beside this notebook (on Colab: upload it in the panel Files), and run this cell again"
            )
            continue
        newest = max(named, key=_age)
        other = Saved(name, newest.content, newest.raw, newest.path, newest.when)
        found.append(other)
        contents.files[f"{name}.ipynb"] = other.raw
        contents.held.append(other.line)
        said = identity_of(other.content)
        if said.student.casefold() != identity.student.casefold():
            whose = said.problem or f"STUDENT_ID is {said.student} there"
            contents.doubts.append(f"{name}: {whose}; it goes in as a part of {identity.student}'s hand-in")
    return found


def _add_runs(
    contents: Contents, notebooks: Sequence[Saved], folder: Path, needed: Sequence[str], exercises: Sequence[Exercise]
) -> None:
    """The kept runs, in files or in the notebooks' outputs, that belong to these notebooks."""
    damaged: list[str] = []
    inside = [run for notebook in notebooks for run in runs_from_notebook(_with_outputs(notebook.content), damaged)]
    beside = runs_from_folder(folder / "results", damaged)
    ours = {*needed, *(run.exercise for run in inside), *_constants(notebooks)}
    found = {(run.exercise, run.name): run for run in [*inside, *beside] if run.exercise in ours}
    files = _run_files(list(found.values()))
    contents.files |= files
    counts = {name: sum(run.exercise == name for run in found.values()) for name, _ in found}
    if counts:
        contents.held.append("runs of " + ", ".join(f"{name} ({count})" for name, count in counts.items()))
    unanswered = {exercise.id for exercise in exercises if exercise.state is State.UNANSWERED}
    contents.doubts += [
        f"no run of {name} is kept: run the cell that makes it, save, and run this cell again"
        for name in needed
        if name not in counts and name not in unanswered
    ]
    contents.doubts += [f"a kept run was left out: {line}" for line in damaged]
    strange = sorted({run.exercise for run in beside} - ours)
    contents.left_out += [f"results/{name}: this notebook does not name it" for name in strange]
    for path in sorted((folder / "results").glob("*/*")):
        relative = path.relative_to(folder).as_posix()
        part_of_run = path.suffix == ".json" or path.with_suffix(".json").exists()
        if path.is_file() and not path.name.startswith(".") and relative not in files and not part_of_run:
            contents.left_out.append(f"{relative}: it belongs to no kept run")


def _with_outputs(content: Mapping[str, Any]) -> dict[str, Any]:
    """The notebook's outputs that are well formed, which is all that is looked for runs."""
    outputs = [
        [output for output in cell["outputs"] if isinstance(output, dict) and isinstance(output.get("data"), dict)]
        for cell in cells_of(content)
        if isinstance(cell.get("outputs"), list)
    ]
    return {"cells": [{"outputs": well_formed} for well_formed in outputs]}


def _run_files(runs: list[Run]) -> dict[str, bytes]:
    """Runs as the files in which a notebook looks for them."""
    with tempfile.TemporaryDirectory() as scratch:
        write_runs(runs, Path(scratch, "results"))
        paths = sorted(path for path in Path(scratch).rglob("*") if path.is_file())
        return {path.relative_to(scratch).as_posix(): path.read_bytes() for path in paths}


def _add_report(contents: Contents, saved: Saved, folder: Path) -> None:
    """The PDF that the notebook names, else the newest one beside it."""
    pdfs = sorted(_with_suffix(folder, ".pdf"), key=lambda path: path.stat().st_mtime)
    if not pdfs:
        contents.doubts.append("there is no PDF beside this notebook: put your report there, and run this cell again")
        return
    said = " ".join(answers_of(saved.content).values())
    chosen = next((path for path in reversed(pdfs) if path.name in said), pdfs[-1])
    if chosen.name not in said and len(pdfs) > 1:
        contents.doubts.append(f"the notebook names none of the {len(pdfs)} PDFs; the newest was taken, {chosen.name}")
    contents.left_out += [f"{path.name}: another PDF is the report" for path in pdfs if path is not chosen]
    size = chosen.stat().st_size
    if size > MAX_PDF_BYTES:
        contents.doubts.append(f"{chosen.name} was left out: it has {_size(size)}, at most {_size(MAX_PDF_BYTES)}")
        return
    data = _bytes(chosen)
    if not data.startswith(b"%PDF-"):
        contents.doubts.append(f"{chosen.name} does not begin as a PDF does: open it, and export it once more")
    contents.files[chosen.name] = data
    contents.held.append(chosen.name)


def _add_texts(
    contents: Contents, notebooks: Sequence[Saved], folder: Path, identity: Identity, *, report: bool
) -> None:
    """Small texts beside the notebook that it names; says of each other file why it stays out."""
    named = _constants(notebooks)
    known = {notebook.path.name for notebook in notebooks if notebook.path is not None}
    for path in sorted(folder.iterdir()):
        hidden = path.name.startswith((".", "rnn_coursework_helpers-")) or path.name.endswith(AS_HANDED_IN)
        if hidden or not path.exists() or path.name in known | _NOT_OURS or path.name == f"{identity.student}.zip":
            continue
        suffix = path.suffix.lower()
        if path.is_dir():
            contents.left_out.append(f"{path.name}/: of folders only results is taken")
        elif suffix == ".pdf":
            if not report:
                contents.left_out.append(f"{path.name}: no PDF is asked for here")
        elif suffix == ".ipynb":
            contents.left_out.append(f"{path.name}: another notebook")
        elif suffix not in TEXTS:
            contents.left_out.append(f"{path.name}: files of this kind are not taken")
        elif path.name not in named and not (suffix == ".py" and path.stem in named):
            contents.left_out.append(f"{path.name}: this notebook does not name it")
        elif path.stat().st_size > MAX_TEXT_BYTES:
            contents.left_out.append(f"{path.name}: it has {_size(path.stat().st_size)}, at most 1 MB is taken")
        else:
            contents.files[path.name] = _bytes(path)
            contents.held.append(path.name)


def _with_suffix(folder: Path, suffix: str) -> list[Path]:
    paths = (path for path in folder.iterdir() if path.suffix.lower() == suffix and not path.name.startswith("."))
    return [path for path in paths if path.is_file()]


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise HandInError(f"{path.name} cannot be read ({error.strerror})") from error


def _codes(notebooks: Iterable[Saved]) -> list[str]:
    """The code of all cells, without lines that only IPython understands."""
    cells = [cell for notebook in notebooks for cell in cells_of(notebook.content) if cell.get("cell_type") == "code"]
    return [re.sub(r"^[ \t]*[%!].*$", "", text_of(cell), flags=re.M) for cell in cells]


def _constants(notebooks: Iterable[Saved]) -> set[str]:
    """The texts between quotes and the modules that are imported, by which the code names files and runs."""
    found: set[str] = set()
    for code in _codes(notebooks):
        try:
            tree = ast.parse(code)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue  # a cell that cannot be run names nothing
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value.removeprefix("./"))
            elif isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.split(".")[0])
    return found


def _refuse_too_much(files: Mapping[str, bytes]) -> None:
    for name, data in files.items():
        if name.endswith(".ipynb") and len(data) > MAX_NOTEBOOK_BYTES:
            raise HandInError(
                f"{name} has {_size(len(data))}, and more than {_size(MAX_NOTEBOOK_BYTES)} are not taken: clear outputs"
                " with large pictures, save, and run this cell again"
            )
    size = sum(map(len, files.values()))
    if len(files) > MAX_FILES or size > MAX_BYTES:
        raise HandInError(
            f"it would hold {len(files)} files of {_size(size)}, and more than {MAX_FILES} files or {_size(MAX_BYTES)}"
            " are not taken: remove runs that you do not need from results"
        )


# --- writing ----------------------------------------------------------------------------------------


def _write_zip(path: Path, files: Mapping[str, bytes]) -> None:
    """Write a zip aside, open it again, and only then put it in place."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        try:
            with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
                for name, data in files.items():
                    archive.writestr(name, data)
            _check_zip(temporary, files)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise HandInError(f"{path.name} cannot be written ({error.strerror or one_line(error)})") from error


def _check_zip(path: Path, files: Mapping[str, bytes]) -> None:
    """OSError when the zip does not hold what it is to hold."""
    try:
        with zipfile.ZipFile(path) as archive:
            same = sorted(archive.namelist()) == sorted(files)
            if not same or any(archive.read(name) != data for name, data in files.items()):
                raise OSError("what was written is not what was to be written")
    except zipfile.BadZipFile as error:
        raise OSError(str(error)) from error


def _keep(path: Path, data: bytes) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    except OSError as error:
        raise HandInError(f"{path.name} cannot be written ({error.strerror})") from error


def _written_at(path: Path) -> datetime | None:
    return datetime.fromtimestamp(path.stat().st_mtime).astimezone() if path.is_file() else None


# --- for people -------------------------------------------------------------------------------------


def _told(
    path: Path,
    before: datetime | None,
    contents: Contents,
    identity: Identity,
    listed: Mapping[str, Sequence[Exercise]],
) -> list[str]:
    replaced = f", and replaces the one of {_time(before)}" if before is not None else ""
    lines = [f"{path.name} is ready to be handed in ({_size(path.stat().st_size)}){replaced}. In it:"]
    lines += [f"  {line}" for line in contents.held]
    if identity.team:
        lines.append(f"Team: {', '.join(dict.fromkeys([identity.student, *identity.team]))}; one of you hands in.")
    for name, exercises in listed.items():
        missing = [exercise.id for exercise in exercises if exercise.state is State.UNANSWERED]
        where = f" in {name}" if len(listed) > 1 else ""
        if missing:
            lines.append(f"Not answered yet{where}: {', '.join(missing)}")
    if contents.doubts:
        lines += ["Look at this before you hand in:", *(f"  {line}" for line in contents.doubts)]
    if contents.left_out:
        more = len(contents.left_out) - _SHOWN
        shown = contents.left_out[:_SHOWN] + ([f"and {more} more"] if more > 0 else [])
        lines += ["Left out:", *(f"  {line}" for line in shown)]
    return lines


def _sentences(lines: Iterable[str]) -> list[str]:
    """Those that say something, with a capital letter."""
    return [f"{line[0].upper()}{line[1:]}" for line in lines if line]


def _size(size: int) -> str:
    return f"{size / 2**20:.1f} MB" if size >= 2**20 else f"{max(1, round(size / 1024))} KB"


def _time(when: datetime) -> str:
    """Hour and minute, with the date where it is another day's."""
    return f"{when:%H:%M}" if when.date() == datetime.now().astimezone().date() else f"{when:%Y-%m-%d %H:%M}"


def _show(text: str, html: str) -> None:
    """Display the overview as a table, or as text where there is no notebook."""
    shell = _shell()
    if shell is None:
        print(text)
        return
    from IPython.display import display

    display({"text/html": html, "text/plain": text}, raw=True)


# --- Colab ------------------------------------------------------------------------------------------


def _on_colab() -> bool:
    from helpers.start import on_colab

    return on_colab()


def _offer(path: Path) -> str:
    """Let the browser download the zip; returns what to say."""
    by_hand = f"click the folder on the left, and in the menu beside {path.name} choose Download"
    try:
        from google.colab import files

        files.download(path.name)
    except Exception as error:  # a package of Colab's own, which promises nothing about what it raises
        return f"The download did not begin ({one_line(error)}): {by_hand}."
    return f"Your browser downloads it. If it does not: {by_hand}."
