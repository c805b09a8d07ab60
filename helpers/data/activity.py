"""Human activities as a smartphone at the waist measures them: 9 signals, windows of 2.56 seconds.

UCI HAR (D. Anguita et al., ESANN 2013; CC BY 4.0): 30 subjects, six activities, accelerometer and gyroscope at 50 Hz,
cut into windows of 128 samples of which each shares half with the next. `train/` and `test/` hold the windows of 21
and of 9 subjects; no subject is in both. The nine signals are `total_acc` (acceleration with gravity, in g),
`body_acc` (without it, in g) and `body_gyro` (angular velocity, in rad/s), each along x, y and z.

Where the windows come from (`source`):

- "sample": the embedded sample, signals of a mathematical model in the same layout (data/activity/README.md);
- "full":   the full data set, fetched when it is not in the cache (61 MB);
- "mirror": what the mirror `$COURSEWORK_MIRROR` has;
- "auto":   the full set where it has been fetched, else the mirror where one is set, else the sample.

All three are read from their archive, whose text is parsed once and kept in the cache as arrays.
"""

import io
import zipfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helpers.data import store
from helpers.data.activity_signals import CHANNELS, WINDOW
from helpers.data.store import DataError, Dataset, MirrorError, Source

NAME = "activity"
MIRROR_NAME = "uci_har"
SAMPLE = "activity_sample.zip"
URL = "https://archive.ics.uci.edu/static/public/240/human+activity+recognition+using+smartphones.zip"
# The publisher names no checksum; this is what independent public projects have recorded for the official archive.
SHA256 = "c00b803081a5c797cd5e4b83700a9810b38d53d9d84e01917e090e1fdbc81031"
INNER = "UCI HAR Dataset.zip"  # inside the official archive


@dataclass(frozen=True)
class Split:
    """Windows of one split, in the order of the files: neighbours in time follow one another, and overlap.

    windows: float32 (n, 128, 9), channels in the order of `CHANNELS`, in g and rad/s; labels: int64 (n,), places in
    `classes`; subjects: int64 (n,), the number of the person.
    """

    windows: np.ndarray
    labels: np.ndarray
    subjects: np.ndarray

    @property
    def arrays(self) -> tuple[np.ndarray, np.ndarray]:
        """(windows, labels), as models and training take them."""
        return self.windows, self.labels

    def take(self, indices: np.ndarray) -> "Split":
        """These windows; indices: int (m,), or bool (n,)."""
        return Split(self.windows[indices], self.labels[indices], self.subjects[indices])

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Activity:
    """Both splits, and what they are: `provenance` is a sentence, `source` "sample", "full" or "mirror"."""

    train: Split
    test: Split
    classes: tuple[str, ...]
    provenance: str
    source: str


def load(source: Source = "auto", progress: bool = True) -> Activity:
    """Training and test windows, as measured (not standardised); says in one line what was loaded.

    There is no validation split: take some of the training subjects out (see `split_by_subject`). Raises ValueError
    for an unknown source, and DataError (one line that says what to do) for data that are missing or damaged.
    """
    origin, archive, provenance = _locate(source, progress)
    with _Archive(archive) as files:
        classes = files.classes()
        train, test = (_read_split(files, split, len(classes)) for split in ("train", "test"))
    both = sorted(set(train.subjects.tolist()) & set(test.subjects.tolist()))
    if both:
        raise DataError(f"{archive}: the subjects {both} are in the training and in the test windows")
    provenance = (
        f"{provenance}; {len(train)} training windows of {len(set(train.subjects.tolist()))} subjects, "
        f"{len(test)} test windows of {len(set(test.subjects.tolist()))}"
    )
    print(f"Activity: {provenance}")
    return Activity(train, test, classes, provenance, origin)


def split_by_subject(split: Split, held_out: Collection[int]) -> tuple[Split, Split]:
    """The windows of all other subjects, and those of the subjects that are held out, for validation.

    Windows are never split one by one: half of each window is in the next, so that its twin would be on the other
    side. Raises ValueError when a subject has no windows, or when nothing is left on one side.
    """
    held = np.unique(np.asarray(list(held_out), dtype=np.int64))
    missing = sorted(set(held.tolist()) - set(split.subjects.tolist()))
    if missing:
        raise ValueError(f"there are no windows of the subjects {missing}")
    chosen = np.isin(split.subjects, held)
    if not chosen.any() or chosen.all():
        raise ValueError("hold out one subject or more, but not all of them")
    return split.take(~chosen), split.take(chosen)


def rotate(windows: np.ndarray, rng: np.random.Generator, degrees: float) -> np.ndarray:
    """Each window as if the phone had sat a little differently: float32, shape unchanged.

    All three signals of a window are turned together, by an angle of standard deviation `degrees` about an axis of
    any direction. windows: (n, samples, 9).
    """
    from scipy.spatial.transform import Rotation

    axes = rng.normal(size=(len(windows), 3))
    angles = np.deg2rad(rng.normal(0, degrees, (len(windows), 1)))
    matrices = Rotation.from_rotvec(angles * axes / np.linalg.norm(axes, axis=1, keepdims=True)).as_matrix()
    signals = windows.reshape(*windows.shape[:2], 3, 3)
    turned = np.einsum("nij,ntsj->ntsi", matrices.astype(np.float32), signals)
    return np.ascontiguousarray(turned.reshape(windows.shape), dtype=np.float32)


# --- from an archive to arrays ---------------------------------------------------------------------------


class _Archive:
    """The text files of a data set in a .zip, whatever folder they lie in; the official one is a zip in a zip."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.digest = store.sha256(path)
        try:
            self._zip = zipfile.ZipFile(path)
            if INNER in self._zip.namelist():
                inner = io.BytesIO(self._zip.read(INNER))
                self._zip.close()
                self._zip = zipfile.ZipFile(inner)
        except zipfile.BadZipFile as error:
            raise DataError(f"{path} is damaged ({error}): fetch the data again") from error
        # Without the folder that all lie in, and without the copies that macOS adds
        names = [name for name in self._zip.namelist() if not name.startswith("__MACOSX")]
        self._names = {name.partition("/")[2]: name for name in names}

    def __enter__(self) -> "_Archive":
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def text(self, name: str) -> str:
        if name not in self._names:
            raise DataError(f"{self.path} has no {name}: it is not UCI HAR; fetch the data again")
        try:
            return self._zip.read(self._names[name]).decode("utf-8")
        except (zipfile.BadZipFile, EOFError, UnicodeDecodeError) as error:
            raise DataError(f"{name} in {self.path} is damaged ({error}): fetch the data again") from error

    def classes(self) -> tuple[str, ...]:
        """Names of the activities in the order of their numbers, in small letters."""
        pairs = [line.split() for line in self.text("activity_labels.txt").splitlines() if line.strip()]
        if [pair[0] for pair in pairs] != [str(number) for number in range(1, len(pairs) + 1)]:
            raise DataError(f"activity_labels.txt in {self.path} does not number the activities from 1")
        return tuple(pair[1].lower().replace("_", " ") for pair in pairs)

    def numbers(self, name: str) -> np.ndarray:
        """All numbers of a file, float32 (n,)."""
        try:
            return np.array(self.text(name).split(), dtype=np.float32)
        except ValueError as error:
            raise DataError(f"{name} in {self.path} holds what is no number ({error}): fetch the data again") from error


def _read_split(files: _Archive, split: str, n_classes: int) -> Split:
    labels = files.numbers(f"{split}/y_{split}.txt").astype(np.int64)
    subjects = files.numbers(f"{split}/subject_{split}.txt").astype(np.int64)
    if len(labels) != len(subjects) or not len(labels) or not 1 <= labels.min() <= labels.max() <= n_classes:
        raise DataError(f"{files.path}: labels and subjects of {split} do not fit: fetch the data again")

    def compute() -> np.ndarray:
        channels = [files.numbers(f"{split}/Inertial Signals/{channel}_{split}.txt") for channel in CHANNELS]
        if {channel.size for channel in channels} != {len(labels) * WINDOW}:
            raise DataError(f"{files.path}: the signals of {split} are not {len(labels)} windows of {WINDOW} samples")
        return np.stack([channel.reshape(-1, WINDOW) for channel in channels], axis=-1)

    windows, _ = store.cached_array(NAME, split, store.cache_key(files.digest, CHANNELS, WINDOW), compute)
    if not np.isfinite(windows).all():
        raise DataError(f"{files.path}: the signals of {split} hold what is no number")
    return Split(windows, labels - 1, subjects)


# --- where the windows come from -------------------------------------------------------------------------


def _locate(source: Source, progress: bool) -> tuple[str, Path, str]:
    """(source, archive, provenance)."""
    return store.locate(
        source,
        title="Activity",
        mirror_name=MIRROR_NAME,
        sample=_sample,
        full=lambda: ("full", _full_path(), "full data set, UCI HAR"),
        has_full=lambda: _full_path().is_file(),
        fetch_full=lambda: fetch_full(progress),
        mirror=lambda: _mirror(progress),
    )


def _sample() -> tuple[str, Path, str]:
    path = store.sample_folder(NAME) / SAMPLE
    if not path.is_file():
        raise DataError(f"{path} is missing: copy `data/` beside `helpers/` again")
    return "sample", path, "embedded sample (a mathematical model of the signals, no person was measured)"


def _full_path() -> Path:
    return store.cache_folder(NAME) / URL.rsplit("/", 1)[-1]


def _mirror(progress: bool) -> tuple[str, Path, str]:
    entry = store.mirror_entry(MIRROR_NAME)
    if entry is None:
        raise MirrorError(
            f"no mirror with {MIRROR_NAME}: let $COURSEWORK_MIRROR name a directory or URL whose index.json has it"
        )
    archives = [file for file in entry.files if file.path.endswith(".zip")]
    if len(archives) != 1:
        raise MirrorError(f"the mirror's index.json must name one .zip archive for {MIRROR_NAME}")
    return "mirror", entry.local_file(archives[0], NAME, progress), f"UCI HAR from the mirror ({entry.provenance})"


def fetch_full(progress: bool = True, url: str = URL, digest: str = SHA256) -> Path:
    """Bring the full data set into the cache, verified; the path of its archive."""
    return store.download(url, digest, _full_path().parent, progress)


# --- coursework data list | fetch | verify ---------------------------------------------------------------


def describe() -> str:
    """One line: what `load()` can use without the network."""
    here = "embedded sample: six activities"
    return f"{here}; full set in the cache" if _full_path().is_file() else here


def fetch(progress: bool = True, source: Source = "auto") -> str:
    """Bring the full set into the cache, or say that the mirror, where one is set, has it.

    Returns a sentence that says what is there now.
    """
    if source not in ("auto", "full", "mirror"):
        raise ValueError(f"source={source!r}: one can fetch from 'auto', 'full' and 'mirror'")
    if source == "mirror" or (source == "auto" and store.mirror_entry(MIRROR_NAME) is not None):
        return f"six activities: {_mirror(progress)[2]}"
    return f"UCI HAR into {fetch_full(progress)}"


def prepare_sample() -> None:
    """Parse the sample, so that `load` finds its arrays in the cache."""
    with _Archive(_sample()[1]) as files:
        for split in ("train", "test"):
            _read_split(files, split, len(files.classes()))


def verify() -> list[str]:
    """Problems with the files of the sample and of the cache, one line each; none is an empty list."""
    problems = store.check_checksums(store.sample_folder(NAME), extra="*.zip")
    if _full_path().is_file() and store.sha256(_full_path()) != SHA256:
        problems.append(f"{_full_path()} differs from its checksum")
    return problems + store.unfinished(store.cache_folder(NAME))


DATASET = Dataset(
    name=NAME,
    title="UCI HAR: human activities measured by a smartphone at the waist",
    licence="CC BY 4.0 (the embedded sample: CC0 1.0)",
    where=URL,
    describe=describe,
    fetch=fetch,
    verify=verify,
    prepare_sample=prepare_sample,
)
