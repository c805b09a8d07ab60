"""From a submitted notebook to verdicts: what costs points, what does not, and what never happens."""

import json
import shutil
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell, new_output
from nbgrader.utils import determine_grade
from small_course import ASSIGNMENT, answered, cell_of, expect, make_course, master_notebook

from autograder.channel import Candidate
from autograder.examine import Context, Examination, Lost, Part
from autograder.execute import Graded, Job, grade
from autograder.kernel import Kernel
from autograder.notebooks import read_notebook, to_bytes
from autograder.nursery import KernelFailure
from autograder.records import UNGRADED, ExerciseVerdict
from autograder.release import release
from autograder.sandbox import Limits
from helpers.results import MIME_TYPE, Run

pytestmark = pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")

LIMITS = Limits(submission_seconds=120, cell_seconds=60, added_cell_seconds=1)


# --- a course whose two exercises are examined here -----------------------------------------------------------


DOUBLE = Examination(
    "double", (Part("sizes", 0.5, expect("double", 3, 6)), Part("sign", 0.5, expect("double", -2, -4)))
)
HALVE = Examination(
    "halve",
    (Part("sizes", 0.75, expect("halve", 6, 3)), Part("fractions", 0.25, expect("halve", 0.5, 0.25))),
    builds_on=("double",),
    stand_ins="def double(x):\n    return x + x",
)


@pytest.fixture(autouse=True)
def examined(monkeypatch: pytest.MonkeyPatch) -> dict[str, Examination]:
    known = {"double": DOUBLE, "halve": HALVE}
    monkeypatch.setattr("autograder.execute.examinations", lambda assignment: known)
    return known


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    course = make_course(tmp_path_factory.mktemp("course"))
    release(course, ASSIGNMENT)
    return (course.release / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_bytes()


@pytest.fixture
def notebook(released: bytes) -> NotebookNode:
    """An honest hand-in with right answers."""
    return answered(read_notebook(released))


def job(notebook: NotebookNode | bytes | None, released: bytes, **changes: Any) -> Job:
    content = to_bytes(notebook) if isinstance(notebook, NotebookNode) else notebook
    handed_in = {} if content is None else {ASSIGNMENT: content}
    masters = {ASSIGNMENT: to_bytes(changes.pop("master", master_notebook()))}
    whole = Job("s1", ASSIGNMENT, handed_in, masters, {ASSIGNMENT: released}, {}, b"secret", "digest", LIMITS)
    return replace(whole, **changes)


def verdicts(graded: Graded) -> dict[str, ExerciseVerdict]:
    return {verdict.exercise: verdict for verdict in graded.verdict.exercises}


def executed(graded: Graded) -> NotebookNode:
    return read_notebook(graded.executed[ASSIGNMENT])


def points(graded: Graded) -> dict[str, float]:
    found = {exercise: verdict.points for exercise, verdict in verdicts(graded).items()}
    for exercise, earned in found.items():
        cell = cell_of(executed(graded), f"{exercise}_test")
        assert determine_grade(cell)[0] == earned, "nbgrader reads another mark from the cell"
    return found


FULL = {"double": 4.0, "halve": 2.0}


# --- marks ------------------------------------------------------------------------------------------------------


def test_right_answers_earn_everything(notebook, released):
    graded = grade(job(notebook, released))
    assert points(graded) == FULL
    assert [v.status for v in graded.verdict.exercises] == ["passed", "passed"]
    assert graded.verdict.complete
    assert graded.verdict.tamper == []
    assert all(not v.messages for v in graded.verdict.exercises)


def test_parts_are_partial_credit_with_a_message_each(notebook, released):
    cell_of(notebook, "double").source = "# exercise: double\ndef double(x):\n    return abs(x) * 2"
    graded = grade(job(notebook, released))
    assert points(graded) == {"double": 2.0, "halve": 2.0}
    verdict = verdicts(graded)["double"]
    assert verdict.status == "partial"
    assert verdict.messages == ["sign: double(-2): expected -4, got 4"]
    assert [part.earned for part in verdict.parts] == [1.0, 0.0]


def test_what_the_students_code_raises_is_the_message(notebook, released):
    cell_of(notebook, "double").source = "# exercise: double\ndef double(x):\n    return x * factor"
    verdict = verdicts(grade(job(notebook, released)))["double"]
    assert verdict.status == "failed"
    assert "your code raised NameError: name 'factor' is not defined (line 3: return x * factor)" in verdict.messages[0]


def test_the_same_submission_gets_the_same_verdict(notebook, released, examined):
    def drawn(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
        raise Lost(f"drew {rng.integers(2**60)}")

    examined["double"] = Examination("double", (Part("chance", 1.0, drawn),))
    first, again = (verdicts(grade(job(notebook, released)))["double"].messages for _ in range(2))
    other = verdicts(grade(job(notebook, released, key=b"another")))["double"].messages
    assert first == again
    assert first != other


def test_an_unanswered_exercise_is_said_to_be(released):
    blank = read_notebook(released)
    graded = grade(job(blank, released))
    assert points(graded) == {"double": 0.0, "halve": 0.0}
    assert {(v.status, *v.messages) for v in graded.verdict.exercises} == {("unanswered", "not answered")}


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\xff\xfe"], ids=["empty", "zip", "bytes"])
def test_an_unreadable_notebook_is_zero_with_the_reason(content, released, monkeypatch):
    monkeypatch.setattr(Kernel, "__init__", None)  # nothing is run
    graded = grade(job(content, released))
    assert points(graded) == {"double": 0.0, "halve": 0.0}
    assert "the notebook cannot be read" in verdicts(graded)["double"].messages[0]
    assert any("cannot be read" in note for note in graded.verdict.notes)


def test_a_missing_notebook_is_zero_with_the_reason(released):
    graded = grade(job(None, released))
    assert points(graded) == {"double": 0.0, "halve": 0.0}
    assert "was not handed in" in verdicts(graded)["halve"].messages[0]


# --- what costs nothing -------------------------------------------------------------------------------------------

NOISE = """
import sys, warnings, logging
warnings.warn("deprecated")
logging.error("not so bad")
print("to stderr", file=sys.stderr)
print("to stdout")
for n in range(5):
    print(f"\\r{n}/5", end="", file=sys.stderr)
from IPython.display import HTML, display
display(HTML("<script>alert(1)</script>"))
"""


def test_noise_costs_nothing(notebook, released):
    for name in ("double", "halve"):
        cell_of(notebook, name).source += "\n" + NOISE
    cell_of(notebook, "double").source += "\ndouble_quietly = double\ndef double(x):\n    import sys\n"
    cell_of(notebook, "double").source += "    print('called', file=sys.stderr)\n    return double_quietly(x)"
    notebook.cells.append(new_code_cell(NOISE + "raise RuntimeError('a cell of my own')"))
    assert points(grade(job(notebook, released))) == FULL


@pytest.mark.parametrize(
    "visible",
    ["3", "1000000", "import sys\nprint('no', file=sys.stderr)", "raise ValueError('visible')", "print('fine')"],
)
def test_what_the_visible_test_puts_out_does_not_decide(notebook, released, visible):
    master = master_notebook()
    test = cell_of(master, "double_test")
    test.source = f"{visible}\n{test.source[test.source.index('### BEGIN HIDDEN') :]}"
    assert points(grade(job(notebook, released, master=master))) == FULL
    cell_of(notebook, "double").source = "# exercise: double\ndef double(x):\n    return 0"
    cell_of(notebook, "halve").source = "# exercise: halve\ndef halve(x):\n    return 0"
    assert points(grade(job(notebook, released, master=master))) == {"double": 0.0, "halve": 0.0}


def test_a_visible_test_that_fails_a_right_answer_is_told(notebook, released):
    master = master_notebook()
    test = cell_of(master, "double_test")
    test.source = test.source.replace('double(2) == 4, "double(2): expected 4"', 'double(2) is 5, "double(2):\\nnot 5"')
    found = verdicts(grade(job(notebook, released, master=master)))
    assert found["double"].points == FULL["double"]
    assert found["double"].contradicted == "AssertionError: double(2): not 5"  # in one line
    assert found["halve"].contradicted == ""
    cell_of(notebook, "double").source = "# exercise: double\ndef double(x):\n    return 0"
    found = verdicts(grade(job(notebook, released, master=master)))
    assert found["double"].contradicted == ""  # a wrong answer may fail its visible test
    assert found["halve"].contradicted == ""  # earned with a stand-in: not the visible test's doing


def test_of_all_outputs_together_no_more_is_kept_than_a_bound(notebook, released, monkeypatch):
    monkeypatch.setattr("autograder.execute.MAX_OUTPUTS", 3_000)
    add = [new_code_cell(f"print('{letter}' * 2_000)") for letter in "ab"]
    notebook.cells[2:2] = add
    graded = grade(job(notebook, released))
    kept = [cell.outputs[0].text for cell in executed(graded).cells if cell.source in [more.source for more in add]]
    assert kept == ["a" * 2_000 + "\n", "What this cell wrote was left out: of all cells 0 MiB are kept.\n"]
    assert points(graded) == FULL


def test_an_endless_cell_of_ones_own_is_cut_off_and_costs_nothing(notebook, released):
    place = notebook.cells.index(cell_of(notebook, "double"))
    notebook.cells.insert(place, new_code_cell("while True: pass"))
    graded = grade(job(notebook, released))
    assert points(graded) == FULL
    cut = next(cell for cell in executed(graded).cells if cell.source == "while True: pass")
    assert "This cell was stopped: no end after 1 s." in cut.outputs[-1].text


def test_an_answer_that_ends_the_process_costs_only_its_own_exercise(notebook, released):
    cell_of(notebook, "double").source = "# exercise: double\nimport os\nos._exit(0)"
    graded = grade(job(notebook, released))
    assert points(graded) == {"double": 0.0, "halve": 2.0}
    assert "This cell ended the notebook" in cell_of(executed(graded), "double").outputs[0].text


def test_an_answer_that_ends_the_process_while_examined_costs_only_its_own(notebook, released):
    cell_of(
        notebook, "double"
    ).source = "# exercise: double\nimport os\ndef double(x):\n    return 4 if x == 2 else os._exit(1)"
    graded = grade(job(notebook, released))
    assert points(graded) == {"double": 0.0, "halve": 2.0}
    assert all(
        "your notebook ended while it was examined" in message for message in verdicts(graded)["double"].messages
    )


def test_an_answer_that_takes_too_long_is_cut_off_and_keeps_what_it_earned(notebook, released, examined, monkeypatch):
    monkeypatch.setattr("autograder.kernel.INTERRUPT_GRACE", 1.0)
    examined["double"] = replace(DOUBLE, seconds=1.5)
    slow = "# exercise: double\nimport time\ndef double(x):\n    return 2 * x if x > 0 else time.sleep(600)"
    cell_of(notebook, "double").source = slow
    graded = grade(job(notebook, released))
    assert points(graded) == {"double": 2.0, "halve": 2.0}
    assert verdicts(graded)["double"].status == "cut_off"
    assert "the time was up" in verdicts(graded)["double"].messages[0]


def test_what_is_left_when_the_submissions_time_is_up_is_cut_off(notebook, released):
    limits = Limits(submission_seconds=2.5, cell_seconds=60, added_cell_seconds=60)
    place = notebook.cells.index(cell_of(notebook, "halve"))
    notebook.cells.insert(place, new_code_cell("import time\ntime.sleep(600)"))
    found = verdicts(grade(job(notebook, released, limits=limits)))
    assert found["double"].status == "passed"
    assert (found["halve"].status, found["halve"].points) == ("cut_off", 0.0)


# --- stand-ins --------------------------------------------------------------------------------------------------


def test_who_was_kept_waiting_for_too_long_is_ungraded_and_not_cut_off(notebook, released, monkeypatch):
    monkeypatch.setattr("autograder.execute.PATIENCE", 1e-9)
    monkeypatch.setattr("autograder.nursery.kept_waiting", lambda *looks: 1.0)
    cell_of(notebook, "double").source = "# exercise: double\ndef double(x):\n    while True: pass"
    found = verdicts(grade(job(notebook, released, limits=replace(LIMITS, cell_seconds=1.0))))
    assert {name: verdict.status for name, verdict in found.items()} == {"double": UNGRADED, "halve": UNGRADED}
    assert "the machine was too busy" in found["double"].messages[0]


HALVE_BY_DOUBLE = "# exercise: halve\nfrom math import fabs\n\ndef halve(x):\n    return double(x) / 4"


@pytest.mark.parametrize(
    "wrong",
    ["def double(x):\n    return 3 * x", "import os\nos._exit(1)", "raise NotImplementedError", "def double(:"],
    ids=["wrong", "ends the process", "raises", "does not parse"],
)
def test_one_mistake_costs_once(notebook, released, wrong):
    cell_of(notebook, "double").source = f"# exercise: double\n{wrong}"
    cell_of(notebook, "halve").source = HALVE_BY_DOUBLE
    found = points(grade(job(notebook, released)))
    assert found["double"] < 4
    assert found["halve"] == 2


def test_a_stand_in_that_fits_worse_takes_nothing_away(notebook, released, examined):
    examined["halve"] = replace(HALVE, stand_ins="def double(x):\n    raise TypeError")
    cell_of(notebook, "halve").source = "# exercise: halve\ndef halve(x):\n    return double(x) / 4 if x > 1 else 0"
    assert points(grade(job(notebook, released))) == {"double": 4.0, "halve": 1.5}


def test_stand_ins_come_after_the_students_own_cells_and_only_when_needed(notebook, released, monkeypatch):
    sources = spied(monkeypatch)
    cell_of(notebook, "halve").source = HALVE_BY_DOUBLE
    grade(job(notebook, released))
    assert HALVE.stand_ins not in sources
    sources.clear()
    cell_of(notebook, "double").source = "# exercise: double\nimport math as m\ndef double(x):\n    return 0"
    grade(job(notebook, released))
    later = sources[sources.index(HALVE.stand_ins) :]
    assert any("import math as m" in source for source in sources[: -len(later)])
    assert any("return double(x) / 4" in source for source in later)


# --- nothing hidden reaches the candidate -------------------------------------------------------------------------


def spied(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The sources of all cells that any candidate gets."""
    sources: list[str] = []
    run_cell = Kernel.run_cell

    def spy(self: Kernel, source: str, seconds: float) -> Any:
        sources.append(source)
        return run_cell(self, source, seconds)

    monkeypatch.setattr(Kernel, "run_cell", spy)
    return sources


def test_hidden_code_never_reaches_the_candidate(notebook, released, monkeypatch):
    sources = spied(monkeypatch)
    grade(job(notebook, released))
    assert any("assert double(2) == 4" in source for source in sources)
    for source in sources:
        assert "HIDDEN TESTS" not in source
        assert "autograder" not in source
        assert "sizes 0.5" not in source
        assert "x + x" not in source  # the reference's solution


def test_the_candidate_cannot_read_its_examination(notebook, released):
    cell_of(notebook, "double").source = (
        "# exercise: double\n"
        "import os, sys\n"
        "def double(x):\n"
        "    folders = ('/submission', '/coursework', '/home', '/tmp')\n"
        "    walks = [walk for folder in folders for walk in os.walk(folder)]\n"
        "    return str([f for d, _, files in walks for f in files if not d.startswith(sys.prefix)])\n"
    )
    message = verdicts(grade(job(notebook, released)))["double"].messages[0]
    assert "answering.py" in message
    for name in ("examine.py", ".ipynb'", "channel.py", "gradebook"):
        assert name not in message


# --- plain asserts --------------------------------------------------------------------------------------------------


def with_plain_asserts(hidden: str) -> NotebookNode:
    master = master_notebook()
    cell_of(master, "double_test").source = f"### BEGIN HIDDEN TESTS\n{hidden}\n### END HIDDEN TESTS"
    return master


@pytest.mark.parametrize(
    ("hidden", "earned"),
    [
        ("assert double(4) == 8", 4.0),
        ("assert double(4) == 9", 0.0),
        ("1.5", 1.5),
        ("99", 4.0),
        ("-1", 0.0),
        ("'a word'", 4.0),
        ("import warnings; warnings.warn('old'); assert double(4) == 8", 4.0),
    ],
)
def test_plain_asserts_run_in_the_candidate_and_are_said_not_to_be_tamper_proof(notebook, released, hidden, earned):
    graded = grade(job(notebook, released, master=with_plain_asserts(hidden)))
    assert points(graded) == {"double": earned, "halve": 2.0}
    assert verdicts(graded)["double"].messages == [
        "marked by plain asserts in the notebook: this mark is not tamper-proof"
    ]


@pytest.mark.parametrize("hidden", ["while True: pass", "import os\nos._exit(0)"], ids=["endless", "ends"])
def test_plain_asserts_that_do_not_end_earn_nothing(notebook, released, hidden):
    limits = replace(LIMITS, cell_seconds=1)
    graded = grade(job(notebook, released, master=with_plain_asserts(hidden), limits=limits))
    assert points(graded) == {"double": 0.0, "halve": 2.0}


# --- results that come with the hand-in -----------------------------------------------------------------------------


def test_kept_runs_come_from_outputs_and_from_files(notebook, released, examined):
    seen: list[Run] = []

    def look(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
        seen.extend(context.runs)

    examined["double"] = Examination("double", (Part("look", 1.0, look),))
    in_output, in_file = (Run("sweep", {"units": n}, 0, {"val_accuracy": 0.5}) for n in (8, 16))
    cell_of(notebook, "double").outputs = [new_output("display_data", {MIME_TYPE: in_output.to_json()})]
    cell_of(notebook, "double").source += "\nimport os\nkept = sorted(os.listdir('results/sweep'))"
    files = {
        f"results/sweep/{in_file.name}.json": json.dumps(in_file.to_json()).encode(),
        "results/x/broken.json": b"{",
    }
    graded = grade(job(notebook, released, files=files))
    assert {run.setting["units"] for run in seen} == {8, 16}
    assert points(graded) == FULL
    assert any("broken.json" in note for note in graded.verdict.notes)


# --- our own failures -------------------------------------------------------------------------------------------------


def test_a_fault_of_the_examiner_leaves_the_exercise_ungraded(notebook, released, examined):
    def broken(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
        raise ZeroDivisionError("in the examiner")

    examined["double"] = Examination("double", (Part("broken", 1.0, broken),))
    graded = grade(job(notebook, released))
    verdict = verdicts(graded)["double"]
    assert verdict.status == "ungraded"
    assert "not the student's fault: ZeroDivisionError('in the examiner')" in verdict.messages[0]
    assert not graded.verdict.complete
    assert verdicts(graded)["halve"].status == "passed"


def test_a_candidate_that_hinders_its_preparation_is_not_ungraded(notebook, released):
    hinder = "\nimport sys, types\nsys.modules['torch'] = types.ModuleType('torch')"
    cell_of(notebook, "double").source += hinder
    found = verdicts(grade(job(notebook, released)))
    assert (found["double"].status, found["double"].points) == ("failed", 0.0)
    assert "your notebook cannot be examined" in found["double"].messages[0]


@pytest.mark.parametrize(("failures", "status", "tries"), [(2, "passed", 3), (9, "ungraded", 3)])
def test_a_kernel_that_does_not_start_is_tried_again_and_then_ungraded(
    notebook, released, monkeypatch, failures, status, tries
):
    attempts = []
    wait_for_subscription = Kernel._wait_for_subscription

    def unlucky(self: Kernel) -> None:
        attempts.append(1)
        if len(attempts) <= failures:
            raise KernelFailure("no memory left on this machine")
        wait_for_subscription(self)

    monkeypatch.setattr(Kernel, "_wait_for_subscription", unlucky)
    monkeypatch.setattr("autograder.execute.time.sleep", lambda seconds: None)
    graded = grade(job(notebook, released))
    assert {v.status for v in graded.verdict.exercises} == {status}
    assert len(attempts) == tries
    if status == "ungraded":
        assert graded.verdict.exercises[0].messages == ["no memory left on this machine"]


def test_an_examination_that_does_not_exist_is_our_failure_and_no_pass(notebook, released):
    master = master_notebook()
    for cell in master.cells:
        cell.source = cell.source.replace(f'"{ASSIGNMENT}/double"', f'"{ASSIGNMENT}/duoble"')
    verdict = verdicts(grade(job(notebook, released, master=master)))["double"]
    assert verdict.status == "ungraded"
    assert f"no examination is called '{ASSIGNMENT}/duoble'" in verdict.messages[0]


def test_without_its_second_chance_an_exercise_is_ungraded(notebook, released, examined, monkeypatch):
    def lost(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
        raise Lost("not right as handed in")

    examined["halve"] = Examination("halve", (Part("value", 1.0, lost),), builds_on=("double",), stand_ins="1")
    attempts = []
    wait_for_subscription = Kernel._wait_for_subscription

    def only_once(self: Kernel) -> None:
        attempts.append(1)
        if len(attempts) > 1:
            raise KernelFailure("no memory left on this machine")
        wait_for_subscription(self)

    monkeypatch.setattr(Kernel, "_wait_for_subscription", only_once)
    monkeypatch.setattr("autograder.execute.time.sleep", lambda seconds: None)
    found = verdicts(grade(job(notebook, released)))
    assert found["double"].status == "passed"
    assert found["halve"].status == "ungraded"
