"""The first lines of a notebook: where it runs, what it lacks, and where its results are kept.

`begin` is called before anything else is imported, anywhere: on Colab, on a JupyterHub, on a student's own computer.
So this module needs nothing but Python's own library, and never changes a package that is installed. While a
notebook is graded it does nothing.
"""

import importlib
import importlib.metadata
import importlib.util
import logging
import os
import platform
import re
import shutil
import site
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
import zipfile
import zipimport
from collections.abc import Iterable, Sequence
from pathlib import Path

from helpers import __version__

PACKAGES = ("matplotlib", "numpy", "pandas", "pooch", "scipy", "tqdm")
"""What the modules of `helpers` import, whatever the notebook."""
MODULES = {"scikit-learn": "sklearn"}
"""Packages whose module has another name."""
DRIVE = Path("/content/drive")
"""Where Colab mounts a Drive."""
WHEEL_NAME = "rnn_coursework_helpers-*.whl"

_VERSION = re.compile(r"\d+(\.\d+)*((a|b|rc)\d+)?(\.post\d+)?(\.dev\d+)?(\+[a-z0-9]+(\.[a-z0-9]+)*)?")
_OFFLINE = re.compile(r"connection|name resolution|timed? ?out|max retries|network is unreachable", re.IGNORECASE)
_RESULTS = Path("results")
_MOST_SHOWN = 200  # characters of an error that another program reports

_assignment = ""
_unpacked: list[tempfile.TemporaryDirectory[str]] = []


def grading() -> bool:
    """Whether this is a notebook that is being graded: then nothing long is computed again."""
    return os.environ.get("COURSEWORK_GRADING") == "1"


def on_colab() -> bool:
    """Whether the notebook runs on Google Colab."""
    try:
        return importlib.util.find_spec("google.colab") is not None
    except ImportError:  # there is no package `google` at all
        return False


def begin(assignment: str, needs: Iterable[str] = (), wheel: str = "") -> None:
    """Prepare a notebook of this assignment, and say in a few lines where it runs. Running it again does no harm.

    needs: packages by their names on PyPI, perhaps with a version ("pdfplumber>=0.11.9"), that the notebook uses
    beside those of `helpers`. Those that cannot be found are installed, so that nothing that is there changes.
    wheel: the address of the course's wheel of `helpers`; it is taken if it is newer than what runs here.

    What is missing and cannot be had is told, and no reason to stop: the import that needs it says so itself.
    """
    global _assignment
    _assignment = assignment
    needs = list(dict.fromkeys((*PACKAGES, *needs)))
    _set_up_tensorflow(needs)
    if grading():
        return
    newer = _newer_wheel(wheel)
    if newer and _hand_over(newer, assignment, needs, wheel):
        return
    _unpack()
    print(f"{_place()}, Python {platform.python_version()}, helpers {__version__}")
    _install(needs)
    _put_given_files(assignment)
    if on_colab():
        _tell_where_results_are()


def keep_in_drive() -> None:
    """On Colab: keep `results` in your Drive, where a new machine finds them again. Elsewhere they stay anyway.

    Google asks for permission. The runs that are here are carried over; of the same run in both places the later one
    counts. Without permission everything goes on as before.
    """
    if grading():
        return
    if not on_colab():
        print("This is not Colab: results stay in the folder `results` beside this notebook.")
        return
    if not _assignment:
        raise RuntimeError("run the setup cell first: it says which assignment this is")
    without = "results stay on this machine and in the notebook's outputs; you can go on, or run this cell again"
    try:
        from google.colab import drive

        drive.mount(str(DRIVE))
    except Exception as error:  # whatever Google's code raises, it means the same: no Drive
        print(f"Drive cannot be used ({_line(error)}): {without}.")
        return
    try:
        _link_results(_drive_folder(_assignment))
    except OSError as error:
        print(f"Drive cannot be written to ({_line(error)}): {without}.")
        return
    _tell_where_results_are()


# --- helpers themselves ------------------------------------------------------------------------------------------


def _newer_wheel(address: str) -> str | None:
    """The newest of the wheels beside the notebook and at `address`, if it is newer than what runs here."""
    wheels = [path.resolve().as_uri() for path in Path.cwd().glob(WHEEL_NAME)] + ([address] if address else [])
    newest = max(wheels, key=_wheel_version, default="")
    return newest if newest and _wheel_version(newest) > _numbers(__version__) else None


def _wheel_version(address: str) -> tuple[int, ...]:
    name = urllib.parse.unquote(urllib.parse.urlsplit(address).path.rsplit("/", 1)[-1])
    return _numbers(name.split("-")[1]) if name.count("-") >= 2 else ()


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version))


def _hand_over(wheel: str, assignment: str, needs: Sequence[str], address: str) -> bool:
    """Begin with the helpers of a newer wheel in place of those that are installed; False when it cannot be had."""
    try:
        archive = urllib.request.urlretrieve(wheel)[0]
        zipfile.ZipFile(archive).close()
    except (OSError, zipfile.BadZipFile) as error:
        wanted = ".".join(map(str, _wheel_version(wheel)))
        print(f"helpers {__version__} is older than this notebook, which was made with {wanted}; that one cannot be")
        print(f"had ({_line(error)}). Should an import fail, put the course's {WHEEL_NAME} beside the notebook.")
        return False
    for name in [name for name in sys.modules if name.partition(".")[0] == "helpers"]:
        del sys.modules[name]
    sys.path.insert(0, archive)
    importlib.import_module("helpers.start").begin(assignment, needs, address)
    return True


def _unpack() -> None:
    """Where Python imported us straight from a wheel: unpack it, for samples must be files, and go on from there.

    The folder is a temporary one and goes with the kernel, so that the next one takes the course's wheel as it is then.
    """
    loader = __spec__.loader if __spec__ else None
    if not isinstance(loader, zipimport.zipimporter) or _unpacked:
        return
    folder = tempfile.TemporaryDirectory(prefix="rnn_coursework_")
    with zipfile.ZipFile(loader.archive) as archive:
        archive.extractall(folder.name)
    _unpacked.append(folder)
    sys.path[:] = [folder.name if place == loader.archive else place for place in sys.path]
    sys.modules["helpers"].__path__ = [str(Path(folder.name, "helpers"))]
    importlib.invalidate_caches()
    urllib.request.urlcleanup()  # the download; a wheel beside the notebook stays


def _put_given_files(assignment: str) -> None:
    """The files that go with the notebook, from the wheel into `given/` beside it, where they are missing."""
    origin = Path(sys.modules["helpers"].__path__[0], "course", "given", assignment)
    missing = [
        (path, Path("given", path.relative_to(origin)))
        for path in sorted(origin.rglob("*"))
        if path.is_file() and not Path("given", path.relative_to(origin)).exists()
    ]
    try:
        for path, target in missing:
            target.parent.mkdir(parents=True, exist_ok=True)
            _copy(path, target)
    except OSError as error:
        print(f"The files that go with this notebook cannot be put beside it ({_line(error)}).")
        return
    if missing:
        print(f"Put beside this notebook: {', '.join(target.as_posix() for _, target in missing)}")


# --- packages ----------------------------------------------------------------------------------------------------


def _install(needs: Iterable[str]) -> None:
    """Install the packages that cannot be found, and say so. Those that are installed keep their versions."""
    missing = [need for need in needs if not _found(need)]
    if not missing:
        return
    print(f"Installing {', '.join(map(_name, missing))}; what is installed already does not change ...")
    done = _pip(missing)
    importlib.invalidate_caches()
    if site.ENABLE_USER_SITE and site.getusersitepackages() not in sys.path:
        site.addsitedir(site.getusersitepackages())  # pip may have made that folder just now
    lacking = [_name(need) for need in missing if not _found(need)]
    if lacking:
        print(f"Not there: {', '.join(lacking)}. {_reason(done)}")


def _pip(packages: Sequence[str]) -> subprocess.CompletedProcess[str]:
    with tempfile.TemporaryDirectory() as folder:
        constraints = Path(folder, "constraints.txt")
        constraints.write_text("".join(f"{name}=={version}\n" for name, version in sorted(_installed().items())))
        options = ["--quiet", "--disable-pip-version-check", "--no-input", "--retries", "1"]
        command = [sys.executable, "-m", "pip", "install", *options, "--constraint", str(constraints), *packages]
        return subprocess.run(command, capture_output=True, text=True, check=False)


def _installed() -> dict[str, str]:
    """Name → version of every package that is installed; of one that is there twice, the one that is imported."""
    found: dict[str, str] = {}
    for distribution in importlib.metadata.distributions():
        name, version = distribution.metadata["Name"], distribution.version
        # What a broken installation left has no name; a version that is none pip would refuse to read.
        if name and version and _VERSION.fullmatch(version):
            found.setdefault(name.lower(), version)
    return found


def _reason(done: subprocess.CompletedProcess[str]) -> str:
    """Why pip installed nothing, in one sentence, and what to do."""
    if "No module named pip" in done.stderr:
        return "This Python has no pip: install with the tool that made its environment, then restart the kernel."
    if _OFFLINE.search(done.stderr):
        return "The network is away: run this cell again when it is back."
    errors = [line for line in done.stderr.splitlines() if line.lower().startswith("error:")]
    said = (errors or done.stderr.split("\n"))[0].removeprefix("ERROR:").strip()[:_MOST_SHOWN]
    return f"pip says: {said or 'nothing'}"


def _found(need: str) -> bool:
    name = _name(need)
    return importlib.util.find_spec(MODULES.get(name, name.replace("-", "_"))) is not None


def _name(need: str) -> str:
    return re.split(r"[^\w.-]", need, maxsplit=1)[0]


def _set_up_tensorflow(needs: Iterable[str]) -> None:
    """What tensorflow reads when it is imported: which backend Keras takes, and that only errors are worth a line."""
    if {"keras", "tensorflow"} & set(map(_name, needs)):
        os.environ.setdefault("KERAS_BACKEND", "tensorflow")
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
        logging.getLogger("tensorflow").setLevel(logging.ERROR)  # it warns of every new model in one session


# --- where it runs, and where results are kept -------------------------------------------------------------------


def _place() -> str:
    if on_colab():
        return "Colab with a GPU" if any(Path("/dev").glob("nvidia[0-9]*")) else "Colab without a GPU"
    hub = "JUPYTERHUB_API_URL" in os.environ or "JUPYTERHUB_USER" in os.environ
    return "JupyterHub" if hub else "This computer"


def _drive_folder(assignment: str) -> Path:
    return DRIVE / "MyDrive" / "rnn_coursework" / assignment / "results"


def _tell_where_results_are() -> None:
    """Where results are kept on Colab. A Drive that is there and was used before is taken without a question."""
    folder = _drive_folder(_assignment)
    if _RESULTS.is_symlink() and not _RESULTS.exists():
        _RESULTS.unlink()  # the Drive that it led to is gone; nothing could be written through it
    if folder.is_dir():
        try:
            _link_results(folder)
        except OSError as error:
            print(f"Drive cannot be written to ({_line(error)}): results stay on this machine.")
            return
        runs = sum(1 for _ in folder.rglob("*.json"))
        where = folder.relative_to(DRIVE / "MyDrive").as_posix()
        print(f"Results are kept in your Drive, in {where} ({runs} run{'' if runs == 1 else 's'} so far).")
    else:
        print("Files are lost with this machine. To keep results in your Drive, run in a cell: start.keep_in_drive()")


def _link_results(folder: Path) -> None:
    """Make `results` a link to `folder`, after what `results` holds was carried over. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    if _RESULTS.is_symlink():
        if _RESULTS.resolve() == folder.resolve():
            return
        _RESULTS.unlink()
    elif _RESULTS.is_dir():
        _carry_over(_RESULTS, folder)
        shutil.rmtree(_RESULTS)
    _RESULTS.symlink_to(folder.resolve(), target_is_directory=True)


def _carry_over(origin: Path, target: Path) -> None:
    """Copy the files that `target` lacks or has in an older state."""
    files = [path for path in origin.rglob("*") if path.is_file()]
    for path in sorted(files, key=lambda path: (path.suffix == ".json", path)):  # a run's weights before the run
        copy = target / path.relative_to(origin)
        if not copy.exists() or copy.stat().st_mtime < path.stat().st_mtime:
            copy.parent.mkdir(parents=True, exist_ok=True)
            _copy(path, copy)


def _copy(path: Path, target: Path) -> None:
    """Copy a file under another name and rename it, so that a broken connection leaves nothing half-written."""
    aside = target.with_name(f".{target.name}.unfinished")
    shutil.copy2(path, aside)
    aside.replace(target)


def _line(error: Exception) -> str:
    """What an error says, in one line."""
    return (" ".join(str(error).split()) or type(error).__name__)[:_MOST_SHOWN]
