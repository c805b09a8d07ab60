"""Nothing of the instructor's is in what students get; and a search that finds nothing would find each kind of leak."""

import base64
import codecs
import gzip
import hashlib
import io
import json
import re
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from leaks import Known, Secrets, leaks, secrets_of

from autograder.bundle import bundle
from autograder.course import open_course

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOK, HELPER, WHEEL = "theory/quiz.ipynb", "helpers/plots.py", "rnn_coursework_helpers-0.1.0-py3-none-any.whl"
METADATA = "rnn_coursework_helpers-0.1.0.dist-info/METADATA"
Files = dict[str, bytes]


@pytest.fixture(scope="module")
def secrets() -> Secrets:
    return secrets_of(ROOT)


def test_there_is_something_to_look_for(secrets: Secrets) -> None:
    """A renamed folder must not make the search an empty one."""
    passages = {passage.partition(",")[0] for places in secrets.lines.values() for passage, _ in places}
    assert {f"source/{path.name}" for path in (ROOT / "source").glob("*/*.ipynb")} <= passages
    assert {"autograder/cells.py", "autograder/channel.py", "theory_quiz.yaml"} <= passages
    assert len(secrets.answers) > 40
    assert "backpropagation through time" in secrets.answers["q1_5"]
    assert "right_lstm_fused" in secrets.names


def test_the_bundle_of_this_course_gives_nothing_away(secrets: Secrets, tmp_path: Path) -> None:
    path = bundle(open_course(ROOT), tmp_path)
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    assert sum(name.endswith(".ipynb") for name in files) == 8
    assert sum(name.endswith(".whl") for name in files) == 1
    assert leaks(files, secrets) == []


# --- what would be found


def region(notebook: str, name: str) -> str:
    """The longest passage of a kind in one of the course's notebooks."""
    cells = json.loads((ROOT / "source" / notebook).read_text(encoding="utf-8"))["cells"]
    text = "\n".join("".join(cell["source"]) for cell in cells)
    return max(re.findall(rf"BEGIN {name}[^\n]*\n(.*?)\n[^\n]*END {name}", text, re.DOTALL), key=len)


def written() -> str:
    """A written answer of the reference's."""
    cells = json.loads((ROOT / "source/theory/quiz.ipynb").read_text(encoding="utf-8"))["cells"]
    answers = [c for c in cells if c["cell_type"] == "markdown" and c["metadata"].get("nbgrader", {}).get("solution")]
    return "".join(answers[0]["source"])


def module(name: str) -> str:
    return (ROOT / "autograder" / name).read_text(encoding="utf-8")


SOLUTION = region("char_rnn/char_rnn.ipynb", "SOLUTION")
HIDDEN = region("speech_commands/speech_commands.ipynb", "HIDDEN TESTS")
SCHEME = region("surnames/surnames.ipynb", "MARK SCHEME")
BANK = module("examinations/theory_quiz.yaml")
EXAMINER = module("examinations/cells.py")


def wheel_with(files: Files) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


@pytest.fixture(scope="module")
def searched(secrets: Secrets) -> tuple[Files, Known]:
    """A few files as students get them, in which nothing is found."""
    in_wheel = {
        HELPER: (ROOT / HELPER).read_bytes(),
        METADATA: b"Metadata-Version: 2.4\nName: rnn-coursework-helpers\n",
    }
    files = {
        NOTEBOOK: (ROOT / "release" / NOTEBOOK).read_bytes(),
        HELPER: (ROOT / HELPER).read_bytes(),
        "README.md": b"# A course\n",
        "data/surnames/SHA256SUMS": (ROOT / "data/surnames/SHA256SUMS").read_bytes(),
        WHEEL: wheel_with(in_wheel),
    }
    known: Known = {}
    assert leaks(files, secrets, known) == []
    return files, known


def appended(text: str, name: str = HELPER) -> Callable[[Files], None]:
    """Text at the end of a file."""
    return lambda files: files.update({name: files[name] + b"\n" + text.encode()})


def in_wheel(text: str, name: str) -> Callable[[Files], None]:
    def plant(files: Files) -> None:
        with zipfile.ZipFile(io.BytesIO(files[WHEEL])) as archive:
            inside = {member: archive.read(member) for member in archive.namelist()}
        files[WHEEL] = wheel_with(inside | {name: inside.get(name, b"") + text.encode()})

    return plant


def in_notebook(change: Callable[[dict], object]) -> Callable[[Files], None]:  # type: ignore[type-arg]
    def plant(files: Files) -> None:
        notebook = json.loads(files[NOTEBOOK])
        change(notebook)
        files[NOTEBOOK] = json.dumps(notebook).encode()

    return plant


def form_filled_in(notebook: dict) -> None:  # type: ignore[type-arg]
    cell = next(c for c in notebook["cells"] if c["metadata"].get("coursework", {}).get("form"))
    cell["source"] = "".join(cell["source"]).replace('q1_1 = ""', 'q1_1 = "C"')


def based(text: str, *, shift: int = 0) -> str:
    return base64.b64encode(b" " * shift + text.encode()).decode()


ONE_LINE = max((line.strip() for line in SOLUTION.split("\n")), key=len)
TERMS = ["backpropagation through time", "BPTT", "backprop through time", "backpropagation in time"]
PLANTED: dict[str, Callable[[Files], None]] = {
    # notebooks
    "one line of a solution in a cell": in_notebook(lambda n: n["cells"][3].update(source=ONE_LINE)),
    "a solution in a cell's metadata": in_notebook(lambda n: n["cells"][3]["metadata"].update(was=SOLUTION)),
    "a solution in the notebook's metadata": in_notebook(lambda n: n["metadata"].update(was=SOLUTION.split("\n"))),
    "a hidden test in a cell": in_notebook(lambda n: n["cells"][3].update(source=HIDDEN)),
    "a mark scheme in a cell": in_notebook(lambda n: n["cells"][3].update(source=SCHEME)),
    "a written answer in a cell": in_notebook(lambda n: n["cells"][3].update(source=written())),
    "an output": in_notebook(lambda n: n["cells"][4].update(outputs=[{"output_type": "stream", "text": "B"}])),
    "a form that is filled in": in_notebook(form_filled_in),
    "an attachment": in_notebook(lambda n: n["cells"][3].update(attachments={"a.txt": {"text/plain": based(SCHEME)}})),
    "a delimiter": in_notebook(lambda n: n["cells"][3].update(source="### BEGIN SOLUTION")),
    # other texts
    "a solution in a helper": appended(SOLUTION),
    "a hidden test in a helper": appended(HIDDEN),
    "a mark scheme in the README": appended(SCHEME, "README.md"),
    "the examiner's code": appended("\n".join(EXAMINER.split("\n")[60:90])),
    "the examiner imported": appended("from autograder.channel import Candidate"),
    "an explanation of the quiz": appended(BANK[BANK.index("explanation: >-") :][:500]),
    "a solution in the wheel": in_wheel(SOLUTION, HELPER),
    "a mark scheme in the wheel's metadata": in_wheel(SCHEME, METADATA),
    # names
    "a file of the answer bank": lambda files: files.update({"data/right_lstm_fused.py": b""}),
    "an examination in the wheel": in_wheel("", "helpers/cell_misconceptions.py"),
    "the reference's results": lambda files: files.update({"theory/results/training/x.json": b"{}"}),
    "a gradebook": lambda files: files.update({"theory/gradebook.db": b""}),
    "compiled code in the wheel": in_wheel("", "helpers/plots.cpython-311.pyc"),
    # forms that are easily undone
    "base64": appended(f'KEY = "{based(SOLUTION)}"'),
    "base64 in another phase": appended(f'KEY = "{based(SOLUTION, shift=1)}"'),
    "base64 in lines": appended("\n".join(re.findall(".{1,76}", based(SOLUTION)))),
    "hexadecimal": appended(SOLUTION.encode().hex()),
    "compressed and base64": appended(base64.b64encode(zlib.compress(SOLUTION.encode())).decode()),
    "a compressed file": lambda files: files.update({"data/x.bin": gzip.compress(SOLUTION.encode())}),
    "a zip in a zip": lambda files: files.update(
        {"data/x.zip": wheel_with({"inner.zip": wheel_with({"a.txt": SOLUTION.encode()})})}
    ),
    "UTF-16": lambda files: files.update({"data/x.txt": SOLUTION.encode("utf-16")}),
    "UTF-16 without its mark": lambda files: files.update({"data/x.txt": SOLUTION.encode("utf-16-le")}),
    "rot13": appended(codecs.encode(SOLUTION, "rot13")),
    "backwards": appended(SOLUTION[::-1]),
    "a string in JSON": lambda files: files.update({"data/x.json": json.dumps({"a": [SOLUTION]}).encode()}),
    # answers to the quiz
    "an answer as Python": appended('q1_1 = "B"'),
    "an answer as JSON": appended(json.dumps({"q1_1": "B", "q1_3": ["B", "C"]})),
    "an answer as YAML": appended("q1_4: 0.36342"),
    "an answer as a table": appended("q1_5,BPTT\n"),
    "several letters": appended('"q1_3": "BCE"'),
    "terms in a list": appended(f"ACCEPTED = {TERMS!r}"),
    "terms in lines": appended("\n".join(f"      - {term}" for term in TERMS)),
    "answers in base64": appended(based('q1_1 = "B"; q1_4 = 0.36342')),
    "a hashed letter": appended(hashlib.sha256(b"q1_1:B").hexdigest()),
    "a hashed letter without its id": appended(f'DIGEST = "{hashlib.md5(b"BCE").hexdigest()}"'),
    "a hashed term": appended(hashlib.sha1(b"backpropagation through time").hexdigest()),
    "a hashed term, shortened": appended(f'"{hashlib.sha256(b"bptt").hexdigest()[:12]}"'),
    "a hashed number": appended(hashlib.blake2b(b"0.36342").hexdigest()),
    "a hash in a notebook": in_notebook(
        lambda n: n["cells"][3]["metadata"].update(key=hashlib.sha512(b"q1_1=B").hexdigest())
    ),
}


@pytest.mark.parametrize("kind", PLANTED)
def test_every_kind_of_leak_would_be_found(searched: tuple[Files, Known], secrets: Secrets, kind: str) -> None:
    clean, known = searched
    files = dict(clean)
    PLANTED[kind](files)
    assert files != clean
    assert leaks(files, secrets, known)
