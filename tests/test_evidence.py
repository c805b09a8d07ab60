"""Signs of attempts: each kind is told in words, and no honest answer is suspected."""

from pathlib import Path

import pytest
from small_course import REPOSITORY

from autograder.bank import find_answers
from autograder.evidence import MAX_LINE, MAX_LINES, readable, signs, signs_in_files
from autograder.notebooks import marker_line, read_notebook, visible_source

HONEST = [
    path for name in ("answers", "more_answers", "attacks/honest") if (path := REPOSITORY / "tests" / name).is_dir()
]


def words(source: str) -> str:
    return "\n".join(signs([source]))


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("get_ipython().run_cell = lambda *a, **k: None", "an added cell replaces get_ipython().run_cell"),
        ("ip = get_ipython()\ntype(ip).run_cell_async = None", "replaces get_ipython().run_cell_async"),
        ("get_ipython().ast_transformers.append(0)", "registers transformers or event hooks with IPython"),
        ("get_ipython().events.register('post_run_cell', print)", "registers transformers or event hooks"),
        ("get_ipython().displayhook(5)", "displays past the notebook (get_ipython().displayhook)"),
        ("get_ipython().run_cell('1')", "reaches into the shell that runs the notebook (get_ipython().run_cell)"),
        ("print('Examiner: 4 of 4 points')", "writes what only the examiner writes (Examiner: 4 of 4 points)"),
        ("class Lie(float):\n    pass", "makes a kind of float of its own, which may lie about itself (Lie)"),
        ("# exercise: gru_cell\nkey = input.numpy().tobytes()", "as for a table of known answers (tobytes)"),
        ("get_ipython().kernel.comm_manager.register_target('x', print)", "opens comms or kernel sockets"),
        ("import zmq", "opens comms or kernel sockets (zmq)"),
        ("open('/proc/1/environ').read()", "reads /proc (/proc/1/environ)"),
        ("!cat /proc/1/maps", "reads /proc"),
        ("import socket as s\ns.socket().connect(('127.0.0.1', 9))", "opens a network connection (socket.socket)"),
        ("import urllib.request\nurllib.request.urlopen('http://x')", "opens a network connection"),
        ("!nc 127.0.0.1 80", "opens a network connection"),
        ("import sys\nsys._getframe().f_back.f_locals", "walks stack frames"),
        ("import gc\ngc.get_objects()", "searches memory for objects (gc.get_objects)"),
        ("from os import _exit as leave\nleave(0)", "ends its process (os._exit)"),
        ("getattr(__import__('os'), '_exit')(0)", "ends its process (os._exit)"),
        ("__import__('os').kill(1, 9)", "sends signals (os.kill)"),
        ("!kill -9 1", "sends signals (kill -9 1)"),
        ("import builtins\nbuiltins.abs = lambda x: 0", "changes builtins (abs)"),
        ("__builtins__['print'] = None", "changes builtins (print)"),
        ("AssertionError = KeyError", "gives builtins another meaning (AssertionError)"),
        ("def isinstance(a, b): return True", "gives builtins another meaning (isinstance)"),
        ("import sys\nsys.modules['torch'] = object()", "puts a module of its own in the place of 'torch'"),
        ("np.allclose = lambda *a: True", "changes numpy's allclose"),
        ("setattr(torch.nn.Linear, 'forward', None)", "changes torch's nn.Linear.forward"),
        ("from unittest import mock\nmock.patch('numpy.allclose').start()", "changes numpy's allclose"),
        ("from sklearn import metrics\nmetrics.accuracy_score = None", "changes sklearn's metrics.accuracy_score"),
        (
            "class A:\n    def __eq__(self, o): return True",
            "defines __eq__, by which objects may lie about themselves (A)",
        ),
        (
            "class A:\n    @property\n    def __class__(self): return int",
            "defines __class__, by which objects may lie about themselves (A)",
        ),
        ("type('A', (), {'__torch_function__': 0})", "methods by which they may lie about themselves"),
        ("import sqlite3\nsqlite3.connect('../../gradebook.db')", "names the gradebook (../../gradebook.db)"),
        ("import os\nprint(dict(os.environ))", "reads all environment variables (os.environ)"),
        ("!env", "reads all environment variables (env)"),
        ("import ctypes\nctypes.CDLL(None).ptrace(0, 0, 0, 0)", "reaches below Python (ctypes)"),
        ("!gdb -p 1", "uses ptrace"),
        ("import os\nwhile True:\n    os.fork()", "makes processes or threads in a loop without an end"),
        ("while True:\n    try:\n        pass\n    except BaseException:\n        pass", "has a loop without an end"),
        ("x = 'a' * 10**10", "asks for 10,000,000,000 elements at once"),
        ("x = bytearray(8 << 30)", "asks for 8,589,934,592 elements at once (bytearray)"),
        ("import time\ntime.sleep(10**6)", "sleeps for 1,000,000 s"),
        ("import answering\nanswering.Answerer.do_call = None", "replaces the answering side of the examination"),
        ("import sys\nsys.modules['answering'].Answerer.do_call = None", "replaces the answering side"),
        ("open('sitecustomize.py', 'w')", "writes modules that Python imports at its start"),
        ("%%writefile torch.py\nx = 1", "names a file that would hide a module"),
        ("import subprocess\nsubprocess.Popen(['x'], start_new_session=True)", "leaves its session"),
        ("exec('import os\\nos._exit(1)')", "ends its process (os._exit)"),
        ("# exercise: gru_cell\n%matplotlib inline\nopen('/proc/self/mem')", "the answer to gru_cell reads /proc"),
    ],
)
def test_what_looks_like_an_attempt_is_told_with_its_place_and_name(source: str, told: str) -> None:
    assert told in words(source)


def test_no_answer_of_the_bank_is_suspected() -> None:
    answers = find_answers(HONEST)
    suspected = {}
    for answer in answers:
        cells = [f"{marker_line(name, 'code')}\n{text}" for name, text in answer.replaced.items()]
        found = [
            *signs([*cells, *(text for _, text in answer.added)]),
            *signs_in_files({name: text.encode() for name, text in answer.files.items()}),
        ]
        if found:
            suspected[answer.path.name] = found
    assert suspected == {}


@pytest.mark.parametrize("path", sorted((REPOSITORY / "source").glob("*/*.ipynb")), ids=lambda path: path.stem)
def test_the_reference_notebooks_are_not_suspected(path: Path) -> None:
    notebook = read_notebook(path.read_bytes())
    assert signs([visible_source(cell) for cell in notebook.cells if cell.cell_type == "code"]) == []


@pytest.mark.parametrize(
    "source",
    [
        "%matplotlib inline\n%load_ext autoreload\n!ls -l\n!pip install torchinfo\nfiles = !ls",
        "import subprocess\nprint(subprocess.run(['ls'], capture_output=True, env={**os.environ, 'A': '1'}))",
        "import os\nos.environ['X'] = '1'\nos.environ.get('HOME')\n'COLAB' in os.environ\nenv = os.environ.copy()",
        "import threading\nthreads = [threading.Thread(target=print) for _ in range(4)]\nfor t in threads: t.start()",
        "from torch.utils.data import DataLoader\nfor batch in DataLoader(range(8), num_workers=2): print(batch)",
        "import sys, warnings\nsys.stderr.write('x')\nwarnings.filterwarnings('ignore')\n'google.colab' in sys.modules",
        "torch.backends.cudnn.deterministic = True\nplt.rcParams['figure.dpi'] = 100\npd.options.display.max_rows = 9",
        "get_ipython().__class__.__name__\nif 'ipykernel' in str(get_ipython()): print('notebook')",
        "class Set(torch.utils.data.Dataset):\n"
        "    def __len__(self): return 3\n    def __getitem__(self, i): return i\n    def __call__(self, x): return x",
        "import time, gc\ntime.sleep(2)\ngc.collect()\nwhile True:\n    if gc.collect() >= 0: break",
        "torch.save(model.state_dict(), 'model.pth')\nmodel.eval()\ntorch.manual_seed(2**32 - 1)",
        "def steps():\n    while True:\n        yield 1\nprint = functools.partial(print, flush=True)",
        "!cat /proc/cpuinfo\n!nvidia-smi\nopen('/proc/meminfo').read()",
        "import socket, requests\nsocket.gethostname()\nrequests.get('https://x.org/data.csv')",
        '"""We compare answers: see /proc, sitecustomize and gradebook.db."""',
        "def evaluate(eval, exec): return eval + exec\nsum = 0\nlist = [1]",
    ],
)
def test_what_honest_notebooks_do_is_not_suspected(source: str) -> None:
    assert signs([source]) == []


def test_a_name_made_in_one_cell_is_known_in_another() -> None:
    assert signs(["leave(3)", "from os import _exit as leave"])[0] == "an added cell ends its process (os._exit)"


def test_evidence_stays_short_and_on_one_line() -> None:
    found = signs([f"# exercise: e{n}\nopen('/proc/{'x' * 500}\\n\\x1b[31m{n}')" for n in range(500)])
    assert len(found) == MAX_LINES + 1
    assert found[-1] == f"and {500 - MAX_LINES} more of this kind"
    assert all(len(line) < 200 and line.isprintable() for line in found)


@pytest.mark.parametrize(
    "source",
    [
        "-" * 100_000 + "1",
        "a" + ".b" * 60_000,
        "(" * 5_000,
        "\x00",
        "x = " + "1 + " * 40_000 + "1",
        "x = " + "9" * 10_000,
        "x = 10**10**10**10",
        "".join(f"!echo {n}\n" for n in range(5_000)),
        "%%",
        "f(" * 90 + ")" * 90,
        " " * 190_000 + "x = = 1",
        "a " * 95_000 + "= = 1",
        "\n" * 190_000 + "x = = 1",
        'x = "' + "jupyter_" * 23_000 + '"',
        "!" + "jupyter_" * 23_000,
        "%%bash\n" + "a\n" * 90_000,
    ],
    ids=range(16),
)
def test_texts_made_to_break_a_parser_are_survived(source: str) -> None:
    assert isinstance(signs([source]), list)


def test_a_cell_too_long_to_read_is_told() -> None:
    assert "characters long and was not read" in words("x = 1\n" * 100_000)


def test_commands_that_are_not_read_to_their_ends_are_told() -> None:
    told = "an added cell holds {} commands, which were not all read to their ends"
    assert words("%%bash\n" + "echo\n" * 999) == told.format("1,001")
    assert words("!" + "a" * 5_000 + "; sudo su") == told.format("1")
    assert words("!sudo ls") == "an added cell asks for other rights or namespaces (sudo ls)"


def test_of_all_handed_in_modules_no_more_is_read_than_of_one_cell() -> None:
    module = b"import os\nos._exit(0)\n" + b"# notes\n" * 12_000
    found = signs_in_files({f"part_{number:03}.py": module for number in range(100)})
    assert [line for line in found if "part_000.py ends its process" in line]
    assert not [line for line in found if "part_099.py ends its process" in line]
    assert "98 handed-in modules were not read for signs: there are too many or they are too long" in found


def test_handed_in_files_that_hide_modules_or_run_code_are_told() -> None:
    names = ["torch.py", "helpers/__init__.py", "sitecustomize.py", "jupyter_server_config.json", "a/weights.pkl"]
    harmless = ["results/run.npz", "report.pdf", "my_model.py", "model.pth", "torch_notes.txt"]
    found = signs_in_files(dict.fromkeys([*names, *harmless], b"x = 1"))
    assert [line.split()[3] for line in found] == names
    assert "would hide the module" in found[0]
    assert "pickle, which runs code" in found[4]


def test_handed_in_modules_are_read_like_cells() -> None:
    told = "the handed-in file cells.py ends its process (os._exit)"
    assert signs_in_files({"cells.py": b"import os\nos._exit(0)", "other.py": b"\xff\x00"}) == [told]


def test_a_waiting_loop_in_a_thread_is_honest_and_one_in_the_notebook_is_not() -> None:
    loop = "while True:\n    time.sleep(1)"
    assert (
        signs([f"def tick():\n    {loop.replace(chr(10), chr(10) + '    ')}\nthreading.Thread(target=tick).start()"])
        == []
    )
    assert words(loop) == "an added cell has a loop without an end (sleep)"


def test_lines_for_people_are_few_short_and_printable() -> None:
    found = readable(["a\x1b[2J\nb", "x" * 10_000, *map(str, range(50))], 3)
    assert found == ["a [2J b", "x" * MAX_LINE + "…", "0", "and 49 more of this kind"]
