"""The first lines of a notebook: helpers are found anywhere, nothing that is installed changes, results are kept."""

import json
import os
import subprocess
import sysconfig
import venv
import zipfile
from pathlib import Path

import pip
import pytest
from colab import Colab
from loopback import served

from autograder.course import open_course
from autograder.wheel import build_wheel
from helpers import __version__, start
from helpers.results import Results, Run

ROOT = Path(__file__).resolve().parent.parent
OFFLINE = "http://127.0.0.1:9"
OLDER, NEWER = "0.0.9", "99.0"


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test works in a folder far from the repository, as a student on no server, and is not being graded."""
    folder = tmp_path / "notebook"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for name in ("COURSEWORK_GRADING", "COURSEWORK_RETRAIN", "JUPYTERHUB_API_URL", "JUPYTERHUB_USER"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this very course."""
    return build_wheel(open_course(ROOT), tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def light(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Path:
    """The same without samples and given files, where only finding helpers matters."""
    return of_version(wheel, __version__, tmp_path_factory.mktemp("light"))


def setup_head(address: str = "", needs: str = "") -> str:
    """The lines with which every setup cell begins, of a notebook whose source names this address."""
    notebook = json.loads((ROOT / "source/speech_commands/speech_commands.ipynb").read_text(encoding="utf-8"))
    cells = [
        cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") == "given_setup"
    ]
    head, call, _ = "".join(cells[0]["source"]).partition("start.begin(")
    assert call
    assert 'WHEEL = ""' in head
    head = head.replace('WHEEL = ""', f'WHEEL = "{address}"')
    return f'{head}start.begin("project", needs=[{needs}], wheel=WHEEL)\n'


# --- what it says, and when it says nothing


def test_it_says_where_the_notebook_runs(capsys: pytest.CaptureFixture[str]) -> None:
    start.begin("theory")
    assert capsys.readouterr().out.startswith("This computer, Python 3.")
    assert len(capsys.readouterr().out.splitlines()) <= 1


def test_it_knows_a_hub(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTERHUB_USER", "s1")
    start.begin("theory")
    assert capsys.readouterr().out.startswith("JupyterHub, ")


def test_on_colab_it_offers_drive_in_one_line(colab: Colab, capsys: pytest.CaptureFixture[str]) -> None:
    assert start.on_colab()
    start.begin("theory")
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("Colab with")
    assert f"helpers {__version__}" in first
    assert "start.keep_in_drive()" in second


def test_this_is_not_colab() -> None:
    assert not start.on_colab()


def test_while_a_notebook_is_graded_nothing_happens(
    colab: Colab, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURSEWORK_GRADING", "1")
    start.begin("theory", needs=["no-such-package"], wheel=f"{OFFLINE}/rnn_coursework_helpers-{NEWER}-py3-none-any.whl")
    start.keep_in_drive()
    assert capsys.readouterr().out == ""
    assert list(Path().iterdir()) == []


def test_tensorflow_is_told_to_be_quiet_before_it_is_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    monkeypatch.setattr(start, "_install", lambda needs: None)
    start.begin("surnames", needs=["keras", "tensorflow"])
    assert os.environ["TF_CPP_MIN_LOG_LEVEL"] == "2"
    assert os.environ["KERAS_BACKEND"] == "jax"  # somebody chose that


# --- Drive


@pytest.fixture
def drive(colab: Colab, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where runs of `speech_commands` are kept in a Drive; it is not mounted yet."""
    monkeypatch.setattr(start, "DRIVE", colab.mountpoint)
    start.begin("speech_commands")
    return colab.mountpoint / "MyDrive" / "rnn_coursework" / "speech_commands" / "results"


def keep(accuracy: float, mode: str = "GRU") -> Run:
    return Results("training").keep(setting={"mode": mode}, seed=0, metrics={"val_accuracy": accuracy})


def accuracies() -> dict[str, float]:
    return {run.setting["mode"]: run.metrics["val_accuracy"] for run in Results("training").runs()}


def another_machine(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.mkdir()
    monkeypatch.chdir(folder)


def test_runs_are_carried_over_and_found_again_on_a_new_machine(
    drive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(0.8)
    start.keep_in_drive()
    keep(0.9, "LSTM")
    assert len(list(drive.rglob("*.json"))) == 2
    assert "(1 run so far)" in capsys.readouterr().out

    another_machine(tmp_path / "new", monkeypatch)
    assert accuracies() == {}
    start.keep_in_drive()
    assert accuracies() == {"GRU": 0.8, "LSTM": 0.9}
    assert "(2 runs so far)" in capsys.readouterr().out


def test_a_drive_that_was_used_before_and_is_there_is_taken_by_itself(
    drive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start.keep_in_drive()
    keep(0.8)
    another_machine(tmp_path / "new", monkeypatch)
    start.begin("speech_commands")
    assert accuracies() == {"GRU": 0.8}


def test_of_the_same_run_in_both_places_the_later_one_counts(
    drive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(0.5, "older here")
    keep(0.6, "newer here")
    start.keep_in_drive()
    another_machine(tmp_path / "new", monkeypatch)
    for mode, age in (("older here", -1000), ("newer here", 1000)):
        run = keep(0.9, mode)
        path = Path("results", "training", f"{run.name}.json")
        moment = (drive / "training" / path.name).stat().st_mtime + age
        os.utime(path, (moment, moment))
    start.keep_in_drive()
    assert accuracies() == {"older here": 0.5, "newer here": 0.9}


def test_asking_twice_changes_nothing(drive: Path) -> None:
    keep(0.8)
    start.keep_in_drive()
    start.keep_in_drive()
    assert Path("results").is_symlink()
    assert accuracies() == {"GRU": 0.8}


@pytest.mark.parametrize("answer", ["refused", "failing", "unsupported"])
def test_without_drive_everything_goes_on(
    colab: Colab, drive: Path, capsys: pytest.CaptureFixture[str], answer: str
) -> None:
    colab.drive(answer)
    keep(0.8)
    capsys.readouterr()
    start.keep_in_drive()
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("Drive cannot be used (")
    keep(0.9, "LSTM")
    assert accuracies() == {"GRU": 0.8, "LSTM": 0.9}
    assert not Path("results").is_symlink()


def test_a_full_drive_loses_nothing(
    drive: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    keep(0.8)
    monkeypatch.setattr(start, "_copy", full)
    start.keep_in_drive()
    assert "No space left on device" in capsys.readouterr().out
    assert accuracies() == {"GRU": 0.8}


def test_a_drive_that_is_gone_leaves_a_folder_that_can_be_written_to(drive: Path, colab: Colab) -> None:
    start.keep_in_drive()
    colab.mountpoint.rename(colab.mountpoint.with_name("unmounted"))
    start.begin("speech_commands")
    keep(0.8)
    assert accuracies() == {"GRU": 0.8}


def test_drive_is_offered_only_on_colab(capsys: pytest.CaptureFixture[str]) -> None:
    start.keep_in_drive()
    assert "not Colab" in capsys.readouterr().out


# --- the setup cell, in processes of their own


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python in which helpers are not installed, and all else is. pip would install beside it, into an own folder."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    (site_packages(folder) / "others.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    return folder / "bin" / "python"


def site_packages(environment: Path) -> Path:
    return next(environment.glob("lib/python*/site-packages"))


@pytest.fixture
def own_python(python: Path, tmp_path: Path) -> Path:
    """One for a test that installs something."""
    venv.create(tmp_path / "environment", with_pip=False)
    (site_packages(tmp_path / "environment") / "others.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    return tmp_path / "environment" / "bin" / "python"


def run(python: Path, code: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run code as a kernel would, in the working folder; what is not there must not be asked of the network."""
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "COURSEWORK_CACHE")}
    environment |= {"PIP_INDEX_URL": OFFLINE, "HOME": str(Path("home").absolute()), **variables}
    command = [str(python), "-c", code]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)


WHERE = "import helpers.plots; print(helpers.plots.__file__)\n"


def files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if "__pycache__" not in path.parts}


def test_a_wheel_beside_the_notebook_is_enough_and_nothing_is_installed(wheel: Path, python: Path) -> None:
    Path(wheel.name).write_bytes(wheel.read_bytes())
    before = files(python.parents[1])
    code = """
from helpers.data import DATASETS, mackey_glass, surnames
from helpers.data.store import cache_folder
from helpers.proposals import DEMOS
from helpers.theory import load_curves
surnames.load(), mackey_glass.load()
print([problem for dataset in DATASETS.values() for problem in dataset.verify()])
print(len(load_curves()) > 0, DEMOS.is_file())
print(cache_folder("texts"))
"""
    done = run(python, setup_head() + code)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[1] == "Put beside this notebook: given/learning_curve.png, given/report.md, given/report.tex"
    assert lines[-3:-1] == ["[]", "True True"]
    assert lines[-1] == str(Path("home/.cache/rnn_coursework/texts").absolute())
    assert files(python.parents[1]) == before
    assert (Path("given/report.tex")).read_bytes() == (ROOT / "source/project/given/report.tex").read_bytes()


def test_given_files_that_are_there_stay_as_they_are(wheel: Path, python: Path) -> None:
    Path(wheel.name).write_bytes(wheel.read_bytes())
    Path("given").mkdir()
    Path("given/report.md").write_text("mine")
    assert run(python, setup_head()).returncode == 0
    assert Path("given/report.md").read_text() == "mine"
    assert Path("given/report.tex").is_file()


def test_the_unpacked_wheel_goes_with_the_kernel(light: Path, python: Path, tmp_path: Path) -> None:
    Path(light.name).write_bytes(light.read_bytes())
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    code = setup_head() + WHERE + "from pathlib import Path; print(Path(helpers.plots.__file__).is_file())"
    done = run(python, code, TMPDIR=str(temporary))
    place, there = done.stdout.splitlines()[-2:]
    assert Path(place).is_relative_to(temporary)
    assert there == "True"
    assert list(temporary.iterdir()) == []


def test_the_cell_can_be_run_again(light: Path, python: Path) -> None:
    Path(light.name).write_bytes(light.read_bytes())
    done = run(python, (setup_head() + WHERE) * 2)
    first, second = [line for line in done.stdout.splitlines() if line.endswith("plots.py")]
    assert first == second


def test_the_wheel_comes_from_the_courses_address(light: Path, python: Path) -> None:
    with served(light.parent) as address:
        done = run(python, setup_head(f"{address}/{light.name}") + WHERE)
    assert done.returncode == 0, done.stderr
    assert "rnn_coursework_" in done.stdout.splitlines()[-1]


@pytest.mark.parametrize("address", ["", f"{OFFLINE}/{'rnn_coursework_helpers-1.0-py3-none-any.whl'}"])
def test_without_wheel_and_network_there_is_one_clear_sentence(python: Path, address: str) -> None:
    done = run(python, setup_head(address))
    assert done.returncode != 0
    *traceback, sentence = done.stderr.strip().splitlines()
    assert sentence.startswith("ImportError: put the course's rnn_coursework_helpers-*.whl beside this notebook")
    assert len(traceback) <= 3


def test_a_page_in_place_of_the_wheel_is_told_in_the_same_sentence(python: Path) -> None:
    Path("rnn_coursework_helpers-1.0-py3-none-any.whl").write_text("<html>not found</html>")
    sentence = run(python, setup_head()).stderr.strip().splitlines()[-1]
    assert sentence.startswith("ImportError: put the course's")


def test_a_folder_above_that_holds_helpers_comes_first(light: Path, own_python: Path, tmp_path: Path) -> None:
    install(own_python, light)
    with zipfile.ZipFile(light) as archive:
        archive.extractall(tmp_path, [name for name in archive.namelist() if name.startswith("helpers/")])
    done = run(own_python, setup_head() + WHERE)
    assert done.stdout.splitlines()[-1] == str(tmp_path / "helpers" / "plots.py")


def install(python: Path, wheel: Path) -> None:
    """What pip does with a pure wheel, without the seconds that it takes."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site_packages(python.parents[1]))


def test_a_wheel_that_pip_installed_serves_without_anything_else(wheel: Path, own_python: Path) -> None:
    command = [str(own_python), "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", str(wheel)]
    subprocess.run(command, check=True, capture_output=True, text=True)
    code = "from helpers.data import surnames; surnames.load()\n"
    done = run(own_python, setup_head() + code + WHERE)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == str(site_packages(own_python.parents[1]) / "helpers/plots.py")
    assert "Surnames: embedded sample" in done.stdout
    assert Path("given/report.md").is_file()


def test_the_wheel_asks_for_no_other_package(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        metadata = archive.read(next(name for name in archive.namelist() if name.endswith("/METADATA"))).decode()
    assert "Requires-Dist" not in metadata
    assert "Requires-Python: >=3.11" in metadata


def test_another_package_called_helpers_is_no_hindrance(light: Path, own_python: Path) -> None:
    other = site_packages(own_python.parents[1]) / "helpers"
    other.mkdir()
    (other / "__init__.py").write_text("")
    (other / "plots.py").write_text("raise RuntimeError('another package')")
    Path(light.name).write_bytes(light.read_bytes())
    done = run(own_python, "import helpers\n" + setup_head() + WHERE)
    assert done.returncode == 0, done.stderr
    assert "rnn_coursework_" in done.stdout.splitlines()[-1]


def of_version(wheel: Path, version: str, folder: Path) -> Path:
    """The same wheel, as if it had another version."""
    path = folder / wheel.name.replace(__version__, version)
    with zipfile.ZipFile(wheel) as origin, zipfile.ZipFile(path, "w") as target:
        for name in origin.namelist():
            if "/course/" not in name:
                data = origin.read(name)
                if name in ("helpers/__init__.py",) or name.endswith("/METADATA"):
                    data = data.replace(__version__.encode(), version.encode())
                if name.endswith("/RECORD"):
                    data = b"".join(line.split(b",")[0] + b",,\n" for line in data.splitlines())
                    data = data.replace(f"-{__version__}.dist".encode(), f"-{version}.dist".encode())
                target.writestr(name.replace(f"-{__version__}.dist", f"-{version}.dist"), data)
    return path


def test_a_newer_wheel_is_taken_in_place_of_older_helpers_that_are_installed(
    light: Path, own_python: Path, tmp_path: Path
) -> None:
    install(own_python, of_version(light, OLDER, tmp_path))
    with served(light.parent) as address:
        done = run(own_python, setup_head(f"{address}/{light.name}") + WHERE)
    assert done.returncode == 0, done.stderr
    assert f"helpers {__version__}" in done.stdout
    assert "rnn_coursework_" in done.stdout.splitlines()[-1]


def test_older_helpers_serve_when_newer_ones_cannot_be_had(light: Path, own_python: Path, tmp_path: Path) -> None:
    install(own_python, of_version(light, OLDER, tmp_path))
    done = run(own_python, setup_head(f"{OFFLINE}/{light.name}") + WHERE)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"helpers {OLDER} is older than this notebook, which was made with {__version__}")
    assert done.stdout.splitlines()[-1].startswith(str(site_packages(own_python.parents[1])))


def test_helpers_that_are_newer_than_the_notebook_stay(light: Path, own_python: Path, tmp_path: Path) -> None:
    install(own_python, of_version(light, NEWER, tmp_path))
    done = run(own_python, setup_head(f"{OFFLINE}/{light.name}"))
    assert done.returncode == 0, done.stderr
    assert f"helpers {NEWER}" in done.stdout.splitlines()[0]


def test_graded_the_setup_cell_prints_nothing_and_needs_no_network(python: Path) -> None:
    done = run(python, setup_head(f"{OFFLINE}/x.whl", '"no-such"'), COURSEWORK_GRADING="1", PYTHONPATH=str(ROOT))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(Path().iterdir()) == []


# --- packages


def tiny_wheel(folder: Path, name: str, version: str, *requires: str) -> None:
    """A package that holds one empty module."""
    folder.mkdir(exist_ok=True)
    info = f"{name}-{version}.dist-info"
    needs = "".join(f"Requires-Dist: {line}\n" for line in requires)
    parts = {
        f"{name}.py": "",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    parts[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in [*parts, f"{info}/RECORD"])
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        for path, text in parts.items():
            archive.writestr(path, text)


@pytest.fixture
def shelf(tmp_path: Path) -> dict[str, str]:
    """What makes pip find packages in a folder and nowhere else."""
    folder = tmp_path / "shelf"
    tiny_wheel(folder, "cwbase", "1.0")
    tiny_wheel(folder, "cwbase", "2.0")
    tiny_wheel(folder, "cwneeds_any_base", "1.0", "cwbase")
    tiny_wheel(folder, "cwneeds_newer_base", "1.0", "cwbase>=2")
    tiny_wheel(folder, "cwplain", "1.0")
    return {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(folder)}


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A Python with nothing but pip."""
    venv.create(tmp_path / "bare", with_pip=False)
    (site_packages(tmp_path / "bare") / "pip").symlink_to(Path(pip.__file__).parent)
    return tmp_path / "bare" / "bin" / "python"


def begin_with(python: Path, *needs: str, **variables: str) -> subprocess.CompletedProcess[str]:
    code = "from helpers import start; start.PACKAGES = ()\n"
    code += f"start.begin('theory', needs={list(needs)!r})\n"
    code += "import importlib.metadata as m; print({d.name: d.version for d in m.distributions() })"
    return run(python, code, PYTHONPATH=str(ROOT), **variables)


def test_what_is_missing_is_installed_and_what_is_there_keeps_its_version(bare: Path, shelf: dict[str, str]) -> None:
    install(bare, Path(shelf["PIP_FIND_LINKS"]) / "cwbase-1.0-py3-none-any.whl")
    done = begin_with(bare, "cwplain>=1.0", "cwneeds-any-base", **shelf)
    _, said, found = done.stdout.splitlines()
    assert said == "Installing cwplain, cwneeds-any-base; what is installed already does not change ..."
    assert json.loads(found.replace("'", '"')) == {"cwbase": "1.0", "cwplain": "1.0", "cwneeds_any_base": "1.0"}


def test_a_package_that_asks_for_a_change_of_what_is_there_is_not_installed(bare: Path, shelf: dict[str, str]) -> None:
    install(bare, Path(shelf["PIP_FIND_LINKS"]) / "cwbase-1.0-py3-none-any.whl")
    done = begin_with(bare, "cwneeds-newer-base", **shelf)
    assert done.returncode == 0, done.stderr
    *_, said, found = done.stdout.splitlines()
    assert said.startswith("Not there: cwneeds-newer-base. pip says: ")
    assert json.loads(found.replace("'", '"')) == {"cwbase": "1.0"}


def test_without_network_it_says_so_and_goes_on(bare: Path) -> None:
    done = begin_with(bare, "cwplain")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[2].startswith("Not there: cwplain. The network is away")


def test_without_pip_it_says_so_and_goes_on(bare: Path) -> None:
    (site_packages(bare.parents[1]) / "pip").unlink()
    done = begin_with(bare, "cwplain")
    assert done.returncode == 0, done.stderr
    assert "Not there: cwplain. This Python has no pip" in done.stdout


def test_nothing_is_asked_of_pip_when_all_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start, "_pip", lambda packages: pytest.fail(f"pip was asked for {packages}"))
    start.begin("speech_commands", needs=["torch", "scikit-learn", "librosa>=0.10"])
