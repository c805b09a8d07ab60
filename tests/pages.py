"""The documentation carried out: files and commands of a page, followed in their order in a copy of the repository.

A fenced block below a line that ends with "`path`:" is a file to write; a block of the language ``sh`` holds commands.
"""

import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from autograder.cli import main

REPOSITORY = Path(__file__).resolve().parent.parent
CODE = ("autograder", "helpers", "data")
"""What a course of its own needs of the repository beside its configuration."""

_BLOCK = re.compile(r"^```(?P<language>\w*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_NAMED = re.compile(r"`(?P<path>[\w./-]+)`:\s*$")


@dataclass(frozen=True)
class Step:
    """One thing that a page asks for: a file to write, or a command to run in a shell."""

    text: str
    path: str = ""


def steps(page: str) -> Iterator[Step]:
    """The files and commands of a page, in its order."""
    for block in _BLOCK.finditer(page):
        named = _NAMED.search(page[: block.start()])
        if named:
            yield Step(block["body"], named["path"])
        elif block["language"] == "sh":
            yield from (Step(command) for command in commands(block["body"]))


def commands(block: str) -> list[str]:
    """The commands of a block of shell: its lines without comments, those that end with a backslash put together."""
    lines = (line.split("  #")[0].strip() for line in block.replace("\\\n", " ").splitlines())
    return [re.sub(r"\s+", " ", line) for line in lines if line and not line.startswith("#")]


def copy_repository(folder: Path, *assignments: str) -> Path:
    """A course folder with the code, the samples, the configuration and these assignments of the repository."""
    leave = shutil.ignore_patterns("__pycache__", "cache")
    for name in CODE:
        shutil.copytree(REPOSITORY / name, folder / name, ignore=leave)
    for name in ("nbgrader_config.py", "pyproject.toml", "README.md", "LICENSE", "LICENSE-TEXT"):
        shutil.copy(REPOSITORY / name, folder / name)
    for kind in ("source", "release"):
        (folder / kind).mkdir()
        for assignment in assignments:
            shutil.copytree(REPOSITORY / kind / assignment, folder / kind / assignment, ignore=leave)
    (folder / "build").mkdir()
    return folder


def environment(folder: Path) -> dict[str, str]:
    """Variables of a shell in which ``.venv`` is active and the code in `folder` is what Python imports."""
    programs = str(Path(sys.executable).parent)
    cleaned = {name: value for name, value in os.environ.items() if not name.startswith("COURSEWORK_")}
    path = os.pathsep.join([programs, cleaned.get("PATH", os.defpath)])
    return cleaned | {"PATH": path, "PYTHONPATH": str(folder), "OMP_NUM_THREADS": "1", "NO_COLOR": "1"}


def carry_out(step: Step, folder: Path, code: Path | None = None) -> str:
    """Write the file or run the command in `folder`; what the command printed. AssertionError when it fails.

    `code`: the copy of the repository whose code runs, where that is another folder.
    """
    if step.path:
        path = folder / step.path
        assert path.resolve().is_relative_to(folder.resolve()), step.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(step.text)
        return ""
    done = subprocess.run(
        step.text, shell=True, cwd=folder, env=environment(code or folder), capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, f"$ {step.text}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def coursework(command: str, folder: Path) -> str:
    """Run ``coursework ...`` in this process, which has imported what it needs; what it printed.

    AssertionError unless it ends with 0.
    """
    output = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        patch.chdir(folder)
        patch.setattr(sys, "argv", shlex.split(command))
        try:
            main()
        except SystemExit as end:
            assert not end.code, f"$ {command}\n{output.getvalue()}"
    return output.getvalue()
