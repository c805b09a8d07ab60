"""Attacks by notebooks and archives: what is tampered with, damaged, huge or full of tricks, among honest hand-ins.

The wrong answer wins nothing by it, a right one that an editor damaged loses nothing, and what was seen is told.
"""

import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hostile import Outcome, as_parameters, filled, find_attacks, hand_in_files, held_once, hold_class, student_of
from test_attacks import ClassUnderAttack
from tiny_course import POINTS, make_course

from autograder.bank import FULL, Answer

ATTACKS = find_attacks("notebook")
DAMAGED = [attack for attack in ATTACKS if attack.expect == FULL]
MEMORY = 2**30
"""Bytes of data that collecting all of these hand-ins may take at most; a hand-in of 200 MB is read once, if at all."""

needs_bubblewrap = pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")


@pytest.fixture(scope="module")
def notebook_class(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return held_once(tmp_path_factory, "notebook", lambda folder: hold_class(folder, ATTACKS))


@needs_bubblewrap
class TestNotebooks(ClassUnderAttack):
    @pytest.fixture
    def held(self, notebook_class: Outcome) -> Outcome:
        return notebook_class

    @pytest.mark.parametrize("attack", as_parameters(ATTACKS))
    def test_nothing_is_won(self, held: Outcome, attack: Answer):
        assert held.problems(attack) == []

    @pytest.mark.parametrize("attack", as_parameters(ATTACKS))
    def test_the_instructor_learns_of_it(self, held: Outcome, attack: Answer):
        assert held.missing_evidence(attack) == ""

    @pytest.mark.parametrize("attack", as_parameters(DAMAGED))
    def test_an_editor_costs_nobody_anything(self, held: Outcome, attack: Answer):
        assert held.loud.points(student_of(attack)) == POINTS

    def test_each_hand_in_is_placed_or_listed(self, held: Outcome):
        collected = held.loud.collected
        origins = [item["origin"] for item in collected["placed"]] + [item["path"] for item in collected["unplaced"]]
        assert [attack for attack in ATTACKS if not any(student_of(attack) in origin for origin in origins)] == []

    def test_nothing_but_hand_ins_is_written(self, held: Outcome):
        course = held.loud.course
        placed = {item["student"] for item in held.loud.collected["placed"]}
        assert {path.name for path in course.submitted.iterdir()} == placed
        assert not any(path.is_symlink() for path in course.submitted.rglob("*"))
        known = {"speech_commands", "speech_commands.ipynb", "timestamp.txt", "results", "training"}
        for path in (path for path in course.submitted.rglob("*") if path.parent != course.submitted):
            assert path.name in known or path.suffix in (".json", ".npz", ".txt", ".py"), path


def test_collecting_them_takes_little_memory(tmp_path: Path):
    course = make_course(tmp_path / "course")
    inbox = tmp_path / "inbox"
    for attack in ATTACKS:
        words = {"COURSE": str(course.root), "CANARY": str(tmp_path / "canary"), "STUDENT": student_of(attack)}
        for name, content in hand_in_files(course, filled(attack, words), student_of(attack)).items():
            (inbox / name).parent.mkdir(parents=True, exist_ok=True)
            (inbox / name).write_bytes(content)
    done = subprocess.run(
        [sys.executable, "-m", "autograder", "collect", str(inbox), "--course", str(course.root)],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "MemoryError" not in done.stdout + done.stderr
    assert not (tmp_path / "canary").exists()
