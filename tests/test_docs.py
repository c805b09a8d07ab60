"""The documentation names only what is there: files, headings, commands, options, targets, exercises and points."""

import re
import unicodedata
from pathlib import Path
from typing import Any

import pytest
import typer.main

from autograder.cli import app
from autograder.notebooks import exercises, read_notebook

REPOSITORY = Path(__file__).resolve().parent.parent
PAGES = [REPOSITORY / "README.md", REPOSITORY / "CONTRIBUTING.md", *sorted((REPOSITORY / "docs").glob("*.md"))]
NAMES = [str(page.relative_to(REPOSITORY)) for page in PAGES]

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
INLINE = re.compile(r"`([^`\n]+)`")
ELSEWHERE = ("http://", "https://", "mailto:")
PARTICULAR_MACHINE = re.compile(
    r"(?<![\w.~])/(?:home|Users|root|work|workspace|mnt|srv|content|shared)/\S*"
    r"|\b(?:\d{1,3}\.){3}\d{1,3}\b"
    r"|\blocalhost\b|\b[\w-]+\.(?:local|internal|lan)\b"
)


def code_of(text: str) -> list[str]:
    """Every piece of code in a page: the lines of fenced and indented blocks, and what stands between backticks."""
    pieces, prose, fenced = [], [], False
    for line in text.split("\n"):
        if line.startswith("```"):
            fenced = not fenced
        elif fenced or line.startswith("    "):
            pieces.append(line.split("  #")[0].strip())
        else:
            prose.append(line)
    # Inline code may be broken over two lines of prose.
    return pieces + INLINE.findall(" ".join(prose))


def anchors_of(page: Path) -> set[str]:
    """The anchors of a page's headings, made as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    plain = [unicodedata.normalize("NFC", heading).lower().replace("`", "") for heading in headings]
    return {re.sub(r"[^\w\- ]", "", heading).strip().replace(" ", "-") for heading in plain}


def command_named(words: list[str]) -> tuple[Any, list[str]]:
    """The command that words such as ['data', 'fetch', 'x'] name, and the words behind it; None when there is none."""
    command: Any = typer.main.get_command(app)
    while command is not None and hasattr(command, "commands"):
        command = command.commands.get(words[0]) if words else None
        words = words[1:]
    return command, words


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_links_lead_somewhere(page: Path) -> None:
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        if link.startswith(ELSEWHERE):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{link}: there is no such file"
        assert target.is_relative_to(REPOSITORY), f"{link} leads out of the repository"
        if anchor:
            assert anchor in anchors_of(target), f"{link}: there is no such heading; there are {anchors_of(target)}"


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_commands_and_their_options_exist(page: Path) -> None:
    for piece in code_of(page.read_text(encoding="utf-8")):
        match = re.match(r"(?:\S*/)?coursework (.+)", piece)
        if match is None:
            continue
        command, rest = command_named(match[1].split())
        assert command is not None, f"`{piece}` is no command"
        known = {name for parameter in command.params for name in parameter.opts} | {"--help"}
        unknown = [word for word in rest if word.startswith("--") and word not in known]
        assert not unknown, f"`{piece}`: no option {unknown}; there are {sorted(known)}"


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_make_targets_exist(page: Path) -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, flags=re.MULTILINE))
    for piece in code_of(page.read_text(encoding="utf-8")):
        match = re.match(r"make ([a-z][a-z-]*)", piece)
        assert match is None or match[1] in targets, f"`{piece}`: there is no target {match and match[1]}"


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_no_particular_machine_is_named(page: Path) -> None:
    found = PARTICULAR_MACHINE.findall(page.read_text(encoding="utf-8"))
    assert not found


def test_every_command_is_in_the_readme() -> None:
    pieces = code_of((REPOSITORY / "README.md").read_text(encoding="utf-8"))
    named = {piece.split()[1] for piece in pieces if piece.startswith("coursework ")}
    assert set(typer.main.get_command(app).commands) <= named


def test_the_readme_has_every_exercise_with_its_points() -> None:
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (\d+)", readme, flags=re.MULTILINE)
    listed = sorted((name, float(points)) for name, points in rows)
    notebooks = sorted((REPOSITORY / "source").glob("*/*.ipynb"))
    all_exercises = (exercise for path in notebooks for exercise in exercises(read_notebook(path.read_bytes())))
    found = sorted((exercise.id, exercise.points) for exercise in all_exercises)
    assert listed == found


def test_code_of_finds_blocks_and_inline_code() -> None:
    text = "Say `make demo`,\nor `coursework\ndata list`:\n\n    make test   # all\n\n```\nmake lint\n```\n"
    assert code_of(text) == ["make test", "make lint", "make demo", "coursework data list"]


def test_anchors_are_made_as_github_makes_them(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# What is *not* there\n\n## `make`, twice: a-b\n")
    assert anchors_of(page) == {"what-is-not-there", "make-twice-a-b"}
