"""Keep what a long computation gave, beside the notebook and in the notebook itself.

A run is one trained model's setting, seed and metrics, and perhaps its weights. It is kept twice: as files
`results/<exercise>/<name>.json` (with weights in an `.npz` beside it), so that the notebook need not
compute it again, and as the output of the notebook's cell, so that it comes along when only the .ipynb is
handed in.
`runs_from_notebook` reads such outputs; what it and the files give is checked, and never unpickled.
"""

import base64
import hashlib
import io
import json
import math
import os
import platform
import re
import sys
import warnings
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from helpers.start import grading

if TYPE_CHECKING:
    import pandas as pd

FORMAT = 1
MIME_TYPE = "application/vnd.coursework.run+json"
MAX_WEIGHTS_BYTES = 16 * 2**20
"""Most bytes of one run's weights, as a file and as arrays: a notebook must still open with them inside."""
MAX_RUN_BYTES = 2**18
"""Most bytes of a run's JSON without the weights."""
MAX_RUNS = 1000
"""Most runs of one exercise, or in one notebook."""
MAX_ARRAYS = 1000
"""Most arrays of one run's weights."""
MAX_ALL_WEIGHTS_BYTES = 128 * 2**20
"""Most bytes of the weights of all runs that are read at once, unpacked: a few kilobytes unpack to 32 MiB."""
MAX_ALL_RUNS_BYTES = 16 * 2**20
"""Most bytes of the JSON files of all runs that are read at once."""
MAX_PROBLEMS = 20
"""Most damaged runs that are described one by one."""

_HEADER_BYTES = 512  # of a .npy file, at most, when numpy wrote it
_SLUG = re.compile(r"[a-z][a-z0-9_]{0,63}")


class MissingResults(RuntimeError):
    """While grading: no results came with the hand-in, or not all that the exercise asks for."""


@dataclass(frozen=True)
class Run:
    """One kept run.

    setting: what was chosen (strings, numbers, booleans), which together with the seed names the run.
    metrics: numbers by name; one that is not finite is kept as nan. environment: versions, time (UTC), and under "data"
    where the course's loaders took their data from ({"Surnames": ["sample"]}).
    data: provenance and whatever is needed to use the model. history: lists of numbers, one for each
    epoch. weights: plain arrays by name, or None.
    """

    exercise: str
    setting: dict[str, Any]
    seed: int
    metrics: dict[str, float]
    environment: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    history: dict[str, list[float]] = field(default_factory=dict)
    weights: dict[str, np.ndarray] | None = None

    @property
    def name(self) -> str:
        """The stem of its files, computed from setting and seed: safe, and the same for the same run."""
        words = "-".join(re.sub(r"[^A-Za-z0-9.]+", "_", str(value)) for value in self.setting.values())
        key = json.dumps([self.setting, self.seed], sort_keys=True)
        return f"{words[:60].strip('.')}-seed{self.seed}-{hashlib.sha256(key.encode()).hexdigest()[:6]}"

    @property
    def line(self) -> str:
        """One line for people."""
        setting = " ".join(f"{key}={value}" for key, value in self.setting.items())
        metrics = " ".join(f"{key} {value:.4g}" for key, value in self.metrics.items())
        return f"kept: {self.exercise} {setting} seed={self.seed}: {metrics}" + (
            ", with weights" if self.weights is not None else ""
        )

    def to_json(self) -> dict[str, Any]:
        """The file's content; "weights" is the name of the file beside it, or None."""
        return {
            "format": FORMAT,
            "exercise": self.exercise,
            "setting": self.setting,
            "seed": self.seed,
            "metrics": {key: _finite(value) for key, value in self.metrics.items()},
            "environment": self.environment,
            "data": self.data,
            "history": {key: [_finite(value) for value in values] for key, values in self.history.items()},
            "weights": None if self.weights is None else f"{self.name}.npz",
        }


class Results:
    """The kept runs of one exercise in the folder `folder/<exercise>` (relative to the notebook's folder).

    again: compute anew. The runs that are there are then not taken, and are replaced as soon as the first new
    run is kept. `COURSEWORK_RETRAIN=1` in the environment does the same for every exercise. While grading
    (`COURSEWORK_GRADING=1`) nothing is computed again: both are ignored.
    """

    def __init__(self, exercise: str, folder: str | Path = "results", again: bool = False) -> None:
        _check_exercise(exercise)
        self.exercise = exercise
        self.folder = Path(folder) / exercise
        self._stale = (again or os.environ.get("COURSEWORK_RETRAIN") == "1") and not grading()
        self._shown = False

    def kept(self, at_least: int = 1) -> bool:
        """Whether that many runs are there to be taken. The first time that they are, they are shown again,
        so that they stay in the notebook that is handed in.

        Raises MissingResults while grading when there are not: long computations are not repeated there.
        """
        runs = self.runs()
        enough = len(runs) >= at_least
        if grading() and not enough:
            came = f"only {len(runs)} of {at_least} results" if runs else "no results"
            raise MissingResults(
                f"{came} came with the hand-in: exercise {self.exercise} keeps its runs in {self.folder} "
                "and in the notebook's outputs. Run the notebook from top to bottom, save it, hand it in"
            )
        if enough and not self._shown:
            self._shown = True
            for run in runs:
                _show(run)
        return enough

    def runs(self) -> list[Run]:
        """The runs in the order in which they were kept. Raises ValueError that names a damaged file."""
        if self._stale or not self.folder.is_dir():
            return []
        runs = [_read(file, self.exercise) for file in sorted(self.folder.glob("*.json"))]
        return sorted(runs, key=lambda run: str(run.environment.get("kept", "")))

    def table(self) -> "pd.DataFrame":
        """One row a run: the columns of its setting, then those of its metrics."""
        import pandas as pd

        return pd.DataFrame([run.setting | run.metrics for run in self.runs()])

    def run(self, setting: Mapping[str, Any]) -> Run:
        """The latest run of a setting. Raises KeyError when there is none."""
        found = [run for run in self.runs() if run.setting == plain(setting)]
        if not found:
            raise KeyError(f"no run of {dict(setting)} is kept in {self.folder}: train again")
        return found[-1]

    def weights(self, setting: Mapping[str, Any]) -> dict[str, np.ndarray]:
        """The weights of the latest run of a setting. Raises KeyError when none were kept."""
        weights = self.run(setting).weights
        if weights is None:
            raise KeyError(f"the run of {dict(setting)} in {self.folder} has no weights: train again")
        return weights

    def keep(
        self,
        *,
        setting: Mapping[str, Any],
        seed: int,
        metrics: Mapping[str, float],
        data: Mapping[str, Any] | None = None,
        history: Mapping[str, list[float]] | None = None,
        weights: Mapping[str, Any] | None = None,
    ) -> Run:
        """Keep one run as it ends: in files, and as an output of the notebook's cell.

        A run of the same setting and seed is replaced. weights: arrays or torch tensors by name. Raises
        ValueError for what cannot be kept as plain data or is too large (see this module's constants).
        """
        if self._stale:
            self.clear()
        if len(list(self.folder.glob("*.json"))) >= MAX_RUNS:
            raise ValueError(f"{self.folder} already holds {MAX_RUNS} runs: clear the results of this exercise first")
        run = Run(
            exercise=self.exercise,
            setting=plain(setting),
            seed=int(seed),
            metrics={key: float(value) for key, value in metrics.items()},
            environment=_environment(),
            data=plain(data or {}),
            history={key: [round(float(v), 6) for v in values] for key, values in (history or {}).items()},
            weights=None if weights is None else {key: _array(key, value) for key, value in weights.items()},
        )
        if run.weights is not None:
            size = max(_size(run), len(_npz(run.weights)))
            if size > MAX_WEIGHTS_BYTES:
                raise ValueError(f"the weights are too large to be kept: {size} of {MAX_WEIGHTS_BYTES} bytes")
        _write(run, self.folder)
        self._shown = True
        _show(run)
        return run

    def clear(self) -> None:
        """Remove this exercise's runs (its .json files and the .npz beside them)."""
        for file in [*self.folder.glob("*.json"), *self.folder.glob("*.npz")]:
            file.unlink()
        self._stale = False


def runs_from_notebook(notebook: Mapping[str, Any], problems: list[str] | None = None) -> list[Run]:
    """The runs in the outputs of a notebook (its JSON as a dict). Of the same run, the last one counts.

    A damaged run is described in `problems` and left out; without that list it raises ValueError.
    """
    runs: dict[tuple[str, str], Run] = {}
    found: list[str] = []
    allowance = _Allowance()
    for number, cell in enumerate(notebook.get("cells", [])):
        for output in cell.get("outputs", []):
            payload = output.get("data", {}).get(MIME_TYPE)
            if payload is None:
                continue
            try:
                if len(runs) >= MAX_RUNS:
                    raise ValueError(f"there are more than {MAX_RUNS} runs")
                run = _from_payload(payload, allowance)
            except (ValueError, RecursionError) as error:
                if problems is None:
                    raise ValueError(f"cell {number}: {error}") from error
                found.append(f"cell {number}: {one_line(error)}")
                continue
            runs.pop((run.exercise, run.name), None)
            runs[run.exercise, run.name] = run
    if problems is not None:
        problems += _shortened(found)
    return list(runs.values())


def runs_from_folder(folder: str | Path, problems: list[str] | None = None) -> list[Run]:
    """The runs that `write_runs` or `Results` wrote below `folder` (one sub-folder an exercise).

    A damaged run is described in `problems` and left out; without that list it raises ValueError.
    """
    runs: list[Run] = []
    found: list[str] = []
    allowance, text_left = _Allowance(), MAX_ALL_RUNS_BYTES
    for file in sorted(Path(folder).glob("*/*.json")):
        try:
            text_left -= file.stat().st_size
            if len(runs) >= MAX_RUNS or text_left < 0:
                raise ValueError(
                    f"there are more than {MAX_RUNS} runs, or they have more than {MAX_ALL_RUNS_BYTES} bytes"
                )
            runs.append(_read(file, file.parent.name, allowance))
        except (ValueError, OSError) as error:
            if problems is None:
                raise
            # Not the whole path: what is read may lie in a temporary folder
            name = one_line(f"{file.parent.name}/{file.name}")
            found.append(f"{name} is damaged: {one_line(error.__cause__ or error)}")
    if problems is not None:
        problems += _shortened(found)
    return runs


def write_runs(runs: list[Run], folder: str | Path) -> None:
    """Write runs as `folder/<exercise>/<name>.json`, where `Results(exercise, folder)` finds them."""
    for run in runs:
        _write(run, Path(folder) / run.exercise)


# --- one run to and from bytes ----------------------------------------------------------------------


def _show(run: Run) -> None:
    """Display a run as the current cell's output. Outside a notebook, and while grading, there is none."""
    ipython = sys.modules.get("IPython")
    if ipython is None or ipython.get_ipython() is None or grading():
        return
    payload = run.to_json()
    if run.weights is not None:
        payload["weights_npz_base64"] = base64.b64encode(_npz(run.weights)).decode("ascii")
    ipython.display.display({MIME_TYPE: payload, "text/plain": run.line}, raw=True)


def _write(run: Run, folder: Path) -> None:
    _check_exercise(run.exercise)
    text = _as_text(run)
    folder.mkdir(parents=True, exist_ok=True)
    if run.weights is not None:
        _replace(folder / f"{run.name}.npz", _npz(run.weights))
    # The .json comes last: whoever finds it finds its weights too
    _replace(folder / f"{run.name}.json", (text + "\n").encode())


def _as_text(run: Run) -> str:
    """The content of the run's .json file. ValueError when it is too large, or holds what JSON has no word for."""
    text = json.dumps(run.to_json(), indent=1, allow_nan=False)
    if len(text) > MAX_RUN_BYTES:
        raise ValueError(f"the run {run.name} is too large to be kept: {len(text)} of {MAX_RUN_BYTES} bytes")
    return text


def _replace(file: Path, content: bytes) -> None:
    """Write a file so that it is never there half."""
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    temporary.write_bytes(content)
    temporary.replace(file)


class _Allowance:
    """What the weights of all runs that are read at once may still unpack to, in bytes; taken before they are."""

    def __init__(self) -> None:
        self.left = MAX_ALL_WEIGHTS_BYTES

    def take(self, size: int) -> None:
        if size > self.left:
            raise ValueError(f"the weights of all runs have more than {MAX_ALL_WEIGHTS_BYTES} bytes")
        self.left -= size


def _read(file: Path, exercise: str, allowance: _Allowance | None = None) -> Run:
    try:
        if file.stat().st_size > MAX_RUN_BYTES:
            raise ValueError(f"it has more than {MAX_RUN_BYTES} bytes")
        run, weights_file = _from_json(json.loads(file.read_text()))
        if run.exercise != exercise:
            raise ValueError(f"it belongs to exercise {run.exercise}")
        if weights_file is None:
            return run
        if weights_file != Path(weights_file).name:
            raise ValueError("its weights must lie beside it")
        weights = file.parent / weights_file
        if weights.stat().st_size > MAX_WEIGHTS_BYTES:
            raise ValueError(f"its weights have more than {MAX_WEIGHTS_BYTES} bytes")
        return replace(run, weights=_arrays(weights.read_bytes(), allowance or _Allowance()))
    except (ValueError, OSError, RecursionError) as error:
        raise ValueError(f"the kept run {file} is damaged ({error}): remove it and train again") from error


def _from_payload(payload: Any, allowance: _Allowance) -> Run:
    """A run out of a cell's output: JSON, or (some editors) its text, whole or line by line."""
    if isinstance(payload, list):
        payload = "".join(str(line) for line in payload)
    if isinstance(payload, str):
        if len(payload) > 2 * MAX_WEIGHTS_BYTES:
            raise ValueError("the kept run is too large")
        payload = json.loads(payload)
    run, weights_file = _from_json(payload)
    if weights_file is None:
        return run
    encoded = payload.get("weights_npz_base64")
    if not isinstance(encoded, str) or len(encoded) > MAX_WEIGHTS_BYTES * 4 / 3 + 4:
        raise ValueError(f"the weights of the kept run are missing, or larger than {MAX_WEIGHTS_BYTES} bytes")
    return replace(run, weights=_arrays(base64.b64decode(encoded, validate=True), allowance))


def _from_json(content: Any) -> tuple[Run, str | None]:
    """A run without its weights, and the name of their file. ValueError when it is not one of ours."""
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ValueError(f"it is not a kept run of format {FORMAT}")
    kinds = {
        "exercise": str,
        "setting": dict,
        "seed": int,
        "metrics": dict,
        "environment": dict,
        "data": dict,
    }
    for key, kind in kinds.items():
        if not isinstance(content.get(key), kind) or isinstance(content[key], bool):
            raise ValueError(f"the kept run's {key!r} is missing, or not a {kind.__name__}")
    history, weights = content.get("history", {}), content.get("weights")
    if not isinstance(history, dict) or not all(isinstance(values, list) for values in history.values()):
        raise ValueError("the kept run's 'history' must hold lists of numbers")
    if weights is not None and not isinstance(weights, str):
        raise ValueError("the kept run's 'weights' must be a file name or null")
    _check_exercise(content["exercise"])
    if not 0 <= content["seed"] < 2**63:
        raise ValueError("the kept run's 'seed' must be a whole number, 0 or more")
    run = Run(
        exercise=content["exercise"],
        setting=content["setting"],
        seed=content["seed"],
        metrics={key: _number(value) for key, value in content["metrics"].items()},
        environment=content["environment"],
        data=content["data"],
        history={key: [_number(value) for value in values] for key, values in history.items()},
    )
    _as_text(run)  # what could not be written again is refused here
    try:
        json.dumps(content, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise ValueError("the kept run holds text that is no Unicode") from error
    return run, weights


def _npz(arrays: Mapping[str, np.ndarray]) -> bytes:
    """Arrays as the bytes of an .npz file, the same bytes for the same arrays."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, np.asarray(array), allow_pickle=False)
            # A fixed date: a file's time would make equal weights look changed
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            archive.writestr(entry, member.getvalue(), compress_type=zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def _arrays(content: bytes, allowance: _Allowance) -> dict[str, np.ndarray]:
    """Arrays out of an .npz file that anybody may have made: bounded in size, never unpickled."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if len(content) > MAX_WEIGHTS_BYTES:
                raise ValueError(f"its weights have more than {MAX_WEIGHTS_BYTES} bytes")
            if len(members) > MAX_ARRAYS or any(len(m.filename) > 200 for m in members):
                raise ValueError("its weights are too many arrays, or have too long names")
            if any(m.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for m in members):
                raise ValueError("its weights are not packed as numpy packs them")  # LZMA may ask for gigabytes
            size = sum(m.file_size - _HEADER_BYTES for m in members)
            if size > MAX_WEIGHTS_BYTES:
                raise ValueError(f"its weights have more than {MAX_WEIGHTS_BYTES} bytes")
            allowance.take(max(size, 0))
            arrays = {m.filename.removesuffix(".npy"): _read_array(archive.read(m)) for m in members}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise ValueError(f"its weights cannot be read: {error}") from error
    if sum(array.nbytes for array in arrays.values()) > MAX_WEIGHTS_BYTES:
        raise ValueError(f"its weights have more than {MAX_WEIGHTS_BYTES} bytes")
    return arrays


def _read_array(content: bytes) -> np.ndarray:
    """One .npy file. Its header is compared with the bytes that are there before any memory is taken."""
    stream = io.BytesIO(content)
    version = np.lib.format.read_magic(stream)
    if version != (1, 0):
        raise ValueError(f"its weights have the .npy version {version}, not (1, 0)")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # numpy's about headers of Python 2
            shape, fortran_order, dtype = np.lib.format.read_array_header_1_0(stream)
    except Exception as error:  # numpy reads the header as Python's text, and raises whatever such a text can raise
        raise ValueError("the header of its weights cannot be read") from error
    if dtype.kind not in "fiub":
        raise ValueError(f"its weights must be numbers, but one array has the type {dtype}")
    if any(type(n) is not int or n < 0 for n in shape):
        raise ValueError(f"its weights have the impossible shape {shape}")
    if math.prod(shape) * dtype.itemsize != len(content) - stream.tell():
        raise ValueError("its weights are cut off")
    flat = np.frombuffer(content, dtype=dtype, offset=stream.tell())
    return flat.reshape(shape, order="F" if fortran_order else "C").copy()


# --- small checks -----------------------------------------------------------------------------------


def _size(run: Run) -> int:
    """Bytes of a run's weights."""
    return sum(array.nbytes for array in (run.weights or {}).values())


def one_line(text: object, most: int = 200) -> str:
    """What anybody may have written, as one short printable line."""
    printable = "".join(c if c.isprintable() else " " for c in str(text)[: 5 * most])
    line = " ".join(printable.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def _shortened(problems: list[str]) -> list[str]:
    """The first problems, and how many more there are."""
    more = len(problems) - MAX_PROBLEMS
    return problems if more <= 0 else [*problems[:MAX_PROBLEMS], f"and {more} more kept runs are damaged"]


def _check_exercise(exercise: str) -> None:
    """The exercise names a folder: nothing that leads elsewhere may come in through it."""
    if not _SLUG.fullmatch(exercise):
        raise ValueError(f"not the name of an exercise: {exercise[:80]!r} (small letters, digits and _)")


def _environment() -> dict[str, Any]:
    """Versions, time, and the sources of data. Nothing that tells whose machine it was."""
    versions: dict[str, Any] = {
        name: str(sys.modules[name].__version__)
        for name in ("torch", "tensorflow", "keras", "numpy", "librosa")
        if name in sys.modules
    }
    store = sys.modules.get("helpers.data.store")  # imported by whoever has loaded something
    loaded = store.LOADED if store is not None else {}
    return {
        "kept": datetime.now(UTC).isoformat(timespec="microseconds"),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        **versions,
        **({"data": {title: list(sources) for title, sources in loaded.items()}} if loaded else {}),
    }


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Numpy's numbers and arrays as Python's own; ValueError when the rest is not JSON."""

    def convert(value: Any) -> Any:
        if isinstance(value, np.ndarray | np.generic):
            return value.tolist()
        raise ValueError(f"a {type(value).__name__} cannot be kept: use numbers, strings, lists and dicts")

    converted: dict[str, Any] = json.loads(json.dumps(dict(values), default=convert, allow_nan=False))
    return converted


def _array(name: str, value: Any) -> np.ndarray:
    """An array or torch tensor (on any device) as a numpy array of numbers."""
    array = np.asarray(value.detach().cpu() if hasattr(value, "detach") else value)
    if array.dtype.kind not in "fiub":
        raise ValueError(f"the weights {name!r} must be numbers, but they have the type {array.dtype}")
    return array


def _finite(value: float) -> float | None:
    """JSON has no nan and no infinity: both are kept as null."""
    return value if math.isfinite(value) else None


def _number(value: Any) -> float:
    if value is None:
        return math.nan
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"the kept run's metrics and history must be numbers, not {str(value)[:40]!r}")
    return float(value) if abs(value) <= sys.float_info.max else math.nan
