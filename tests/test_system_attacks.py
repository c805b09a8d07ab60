"""Attacks on the machine: hand-ins that end, fill, exhaust, search and leave things behind, among honest ones.

What an attack finds it prints after the word FOUND, into the executed notebook; nothing may be found there. Listeners
of the test's own on this machine, a port of 127.0.0.1 and two unix sockets, must never be reached.
"""

import contextlib
import secrets
import shutil
import socket
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hostile import Outcome, as_parameters, find_attacks, held_once, hold_class, student_of
from test_attacks import ClassUnderAttack
from tiny_course import ASSIGNMENT, RIGHT

from autograder.bank import FULL, Answer
from autograder.kernel import plain_text
from autograder.notebooks import read_notebook
from autograder.sandbox import MIB

pytestmark = pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")

ATTACKS = find_attacks("system")
LIMITS = {
    "submission_seconds": 20.0,
    "cell_seconds": 10.0,
    "added_cell_seconds": 3.0,
    "memory": 640 * MIB,
    "disk": 32 * MIB,
    "processes": 64,
    "cell_output": MIB,
}
"""In seconds and bytes: small, so that whoever uses all that he may is soon done."""
WORKERS = 4
"""More than cores: many attacks wait for their end and do nothing."""


@dataclass
class Held:
    """The class, and what reached the listeners."""

    outcome: Outcome
    reached: list[str]


def class_of(attacks: list[Answer]) -> list[Answer]:
    """The attacks, with neighbours for the one that looks for its like."""
    again = [
        replace(attack, path=attack.path.with_name(f"{student_of(attack)}_{number}.py"))
        for attack in attacks
        if student_of(attack) == "neighbours"
        for number in range(1, 4)
    ]
    return [*attacks, *again]


def students_with_something_to_lose() -> list[Answer]:
    """Honest ones, one for each worker and graded before the attackers, whose files nobody else may see."""
    answers = []
    for number in range(WORKERS):
        secret = f"ANOTHER-STUDENTS-FILE-{secrets.token_hex(8)}"
        source = f"{RIGHT}\n\nnotes = open('notes.txt').read()  # {secret}\n"
        path = Path(f"a_{number}.py")
        answers.append(Answer(path, ASSIGNMENT, FULL, "", {"lstm_cell": source}, [], {"notes.txt": secret}))
    return answers


@contextlib.contextmanager
def listeners() -> Iterator[tuple[dict[str, str], list[str]]]:
    """What listens on this machine, as words for the attacks; at the end, which of it was reached."""
    name = f"coursework-{secrets.token_hex(4)}"
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="listener-"))
        port, file, abstract = (
            stack.enter_context(socket.socket(family)) for family in (socket.AF_INET, socket.AF_UNIX, socket.AF_UNIX)
        )
        port.bind(("127.0.0.1", 0))
        file.bind(f"{folder}/socket")
        # Whoever could see the file might connect to it, whatever his user id.
        Path(folder).chmod(0o755)
        Path(folder, "socket").chmod(0o777)
        abstract.bind(f"\0{name}")
        words = {"PORT": str(port.getsockname()[1]), "SOCKET": f"{folder}/socket", "ABSTRACT": name}
        for listener in (port, file, abstract):
            listener.listen()
            listener.setblocking(False)
        reached: list[str] = []
        yield words, reached
        for word, listener in zip(words, (port, file, abstract), strict=True):
            # A connection is made by the kernel, before anybody accepts it.
            with contextlib.suppress(BlockingIOError):
                listener.accept()[0].close()
                reached.append(word)


def hold(folder: Path) -> Held:
    with listeners() as (words, reached):
        outcome = hold_class(
            folder,
            class_of(ATTACKS),
            honest=students_with_something_to_lose(),
            words=words,
            limits=LIMITS,
            workers=WORKERS,
        )
    return Held(outcome, reached)


@pytest.fixture(scope="module")
def system_class(tmp_path_factory: pytest.TempPathFactory) -> Held:
    return held_once(tmp_path_factory, "system", hold)


def found_by(held: Outcome, student: str) -> list[str]:
    """What the student's cells say that they found."""
    executed = held.loud.course.graded / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    outputs = [o for cell in read_notebook(executed.read_bytes()).cells for o in cell.get("outputs", [])]
    lines = [line for output in outputs for line in plain_text(output).splitlines()]
    return [line for line in lines if line.startswith("FOUND")]


def test_the_listeners_of_this_test_can_be_reached():
    with listeners() as (words, reached):
        addresses = [("127.0.0.1", int(words["PORT"])), words["SOCKET"], f"\0{words['ABSTRACT']}"]
        for family, address in zip((socket.AF_INET, socket.AF_UNIX, socket.AF_UNIX), addresses, strict=True):
            with socket.socket(family) as there:
                there.connect(address)
    assert reached == ["PORT", "SOCKET", "ABSTRACT"]


class TestSystem(ClassUnderAttack):
    @pytest.fixture
    def held(self, system_class: Held) -> Outcome:
        return system_class.outcome

    @pytest.mark.parametrize("attack", as_parameters(class_of(ATTACKS)))
    def test_a_wrong_answer_earns_nothing_by_it(self, held: Outcome, attack: Answer):
        assert held.problems(attack) == []

    @pytest.mark.parametrize("attack", as_parameters(class_of(ATTACKS)))
    def test_nothing_is_found(self, held: Outcome, attack: Answer):
        assert found_by(held, student_of(attack)) == []

    @pytest.mark.parametrize("attack", as_parameters(ATTACKS))
    def test_the_instructor_learns_of_it(self, held: Outcome, attack: Answer):
        assert held.missing_evidence(attack) == ""

    def test_nobody_reaches_a_listener_of_this_machine(self, system_class: Held):
        assert system_class.reached == []
