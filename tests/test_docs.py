"""The documentation names only what is there: files, headings, commands, options, targets, exercises and points."""

import re
import unicodedata
from pathlib import Path
from typing import Any

import pytest
import typer.main

from autograder.cli import app
from autograder.notebooks import Exercise, exercises, read_notebook

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


def test_every_command_is_on_the_page_of_commands() -> None:
    pieces = code_of((REPOSITORY / "docs" / "commands.md").read_text(encoding="utf-8"))
    named = {piece.split()[1] for piece in pieces if piece.startswith("coursework ")}
    assert set(typer.main.get_command(app).commands) <= named
    targets = re.findall(r"^([a-z][a-z-]*):", (REPOSITORY / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert {f"make {target}" for target in targets} - {"make bubblewrap"} <= set(pieces)


def test_every_exercise_is_listed_with_its_points() -> None:
    page = (REPOSITORY / "docs" / "assignments.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (\d+)(, by hand)?", page, flags=re.MULTILINE)
    listed = sorted((name, float(points), "written" if by_hand else "code") for name, points, by_hand in rows)
    every = [exercise for found in all_exercises().values() for exercise in found]
    assert listed == sorted((exercise.id, exercise.points, exercise.kind) for exercise in every)


def all_exercises() -> dict[str, list[Exercise]]:
    """The exercises of each assignment, of all of its notebooks."""
    found: dict[str, list[Exercise]] = {}
    for path in sorted((REPOSITORY / "source").glob("*/*.ipynb")):
        found.setdefault(path.parent.name, []).extend(exercises(read_notebook(path.read_bytes())))
    return found


def hours(assignment: str) -> float:
    """What the first cells of an assignment's notebooks say that reading and writing takes, added up."""
    minutes = 0.0
    for path in (REPOSITORY / "source" / assignment).glob("*.ipynb"):
        header = read_notebook(path.read_bytes()).cells[0].source
        names, _, times = next(re.finditer(r"^(\| Reading .*)\n(\|[ -|]*)\n(\|.*)$", header, re.MULTILINE)).groups()
        for name, time in zip(names.split("|"), times.split("|"), strict=True):
            if name.strip() and not name.strip().startswith("Training"):
                minutes += float(time.removesuffix("min ").strip(" min"))
    return round(minutes / 60, 1)


def test_the_readmes_table_says_what_the_notebooks_say() -> None:
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    row = re.compile(
        r"^\| \[`(\w+)`\].*\| (\d+), of these (\d+) by hand(?:; (\d+) bonus)? \| ([\d.]+) h \|", re.MULTILINE
    )
    listed = {name: tuple(float(number or 0) for number in numbers) for name, *numbers in row.findall(readme)}
    for assignment, found in all_exercises().items():
        points = sum(exercise.points for exercise in found if not exercise.bonus)
        by_hand = sum(exercise.points for exercise in found if exercise.kind == "written")
        bonus = sum(exercise.points for exercise in found if exercise.bonus)
        assert listed.pop(assignment) == (points, by_hand, bonus, hours(assignment)), assignment
    assert not listed


README_NOT_RUN = {
    "sudo apt-get install git make python3-venv bubblewrap": "needs root and the network; CI does it (.ci/run)",
    "make demo": "minutes; tests/test_demo.py runs the demo on a small bank",
    "make test": "runs this test",
}
"""The commands of the README, none of which a test can run, and why. Those of the guides are run by test_term.py,
test_new_assignment.py and test_adopting.py."""


def test_the_readme_has_no_other_commands() -> None:
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^    (\S.*)$", readme, flags=re.MULTILINE) == list(README_NOT_RUN)


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_pictures_are_described(page: Path) -> None:
    for described, path in re.findall(r"!\[([^\]]*)\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        assert len(described.split()) >= 8, f"{path}: say what is to be seen, for those who cannot see it"


def test_pictures_are_small() -> None:
    pictures = list((REPOSITORY / "docs" / "pictures").glob("*.png"))
    assert pictures
    assert sum(path.stat().st_size for path in pictures) < 600_000


def test_code_of_finds_blocks_and_inline_code() -> None:
    text = "Say `make demo`,\nor `coursework\ndata list`:\n\n    make test   # all\n\n```\nmake lint\n```\n"
    assert code_of(text) == ["make test", "make lint", "make demo", "coursework data list"]


def test_anchors_are_made_as_github_makes_them(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# What is *not* there\n\n## `make`, twice: a-b\n")
    assert anchors_of(page) == {"what-is-not-there", "make-twice-a-b"}
