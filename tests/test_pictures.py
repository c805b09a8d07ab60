"""docs/pictures/make.py: what it takes the pictures of the README from is there."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
from pages import REPOSITORY

from autograder.demo import CLASS


@pytest.fixture(scope="module")
def make() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_pictures", REPOSITORY / "docs" / "pictures" / "make.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_excerpt_begins_with_the_exercise(make: ModuleType) -> None:
    excerpt = make.excerpt()
    assert excerpt.cells[0].source.startswith("## Exercise 1")
    assert any(f"# exercise: {make.EXERCISE}" in cell.source for cell in excerpt.cells)


def test_each_picture_of_the_readme_is_made(make: ModuleType, tmp_path: Path) -> None:
    page = tmp_path / "feedback" / "someone" / make.ASSIGNMENT / f"{make.ASSIGNMENT}.html"
    page.parent.mkdir(parents=True)
    page.write_text(make.MESSAGE)
    (tmp_path / "report.html").touch()
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    for name in make.inputs(tmp_path):
        assert f"](docs/pictures/{name}.png)" in readme
        assert (REPOSITORY / "docs" / "pictures" / f"{name}.png").is_file()


def test_without_a_demo_it_says_what_to_run(make: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="make demo"):
        make.inputs(tmp_path)


def test_the_demo_hands_in_the_answer_whose_feedback_is_shown(make: ModuleType) -> None:
    assert make.ANSWER in CLASS[make.ASSIGNMENT].split()
