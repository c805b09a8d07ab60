"""Handwritten digits: MNIST, and small ones that come with scikit-learn.

MNIST (Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, 1998): 60,000 training and 10,000 test images of 28 × 28 pixels in
four files. The last twelfth of the training file (5,000 images) is validation here. Its licence is usually stated as
CC BY-SA 3.0.

The embedded sample are the 1,797 digits of 8 × 8 pixels that scikit-learn brings along: the test part of the "Optical
Recognition of Handwritten Digits" of the UCI repository (E. Alpaydin, C. Kaynak, 1998; CC BY 4.0). It is real
handwriting, by 13 people, but not MNIST: other people, other pixels. It does not say who wrote what, so that the same
hand may be on both sides of the split.

Where the images come from (`source`):

- "sample": scikit-learn's digits, nothing is fetched;
- "full":   MNIST, fetched when it is not in the cache (12 MB);
- "mirror": what the mirror `$COURSEWORK_MIRROR` has under `mnist`;
- "auto":   MNIST where it has been fetched, else the mirror where one is set, else the sample.
"""

import gzip
import hashlib
import math
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from helpers.data import store
from helpers.data.store import DataError, Dataset, MirrorError, Source

NAME = "mnist"
# The page of MNIST's author (yann.lecun.com/exdb/mnist) has long refused downloads; PyTorch keeps the same files here.
URL = "https://ossci-datasets.s3.amazonaws.com/mnist"
FILES = {  # what each file holds, its name and sha256
    "training images": (
        "train-images-idx3-ubyte.gz",
        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    ),
    "training labels": (
        "train-labels-idx1-ubyte.gz",
        "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    ),
    "test images": (
        "t10k-images-idx3-ubyte.gz",
        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    ),
    "test labels": (
        "t10k-labels-idx1-ubyte.gz",
        "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    ),
}
N_CLASSES = 10
UNSIGNED_BYTE = 8  # the type of numbers in an idx file, and the only one that MNIST uses
VALIDATION_PART = 12  # one in so many training images

SAMPLE_SHA256 = "87ff0c9e40dc7e2c0e34e7257799c2e3f3aec1a016363bb11cad869ec428a826"
SAMPLE_MAX = 16  # the sample's pixels go from 0 to 16
SPLIT_SEED = 0
VALIDATION_SHARE = TEST_SHARE = 0.2  # of each digit's images in the sample


@dataclass(frozen=True)
class Split:
    """Images of one split. images: uint8 (n, height, width), 0 (paper) to 255 (ink); labels: int64 (n,), 0 to 9."""

    images: np.ndarray
    labels: np.ndarray

    @property
    def arrays(self) -> tuple[np.ndarray, np.ndarray]:
        """(images, labels)."""
        return self.images, self.labels

    def take(self, indices: np.ndarray) -> "Split":
        """These images; indices: int (m,), or bool (n,)."""
        return Split(self.images[indices], self.labels[indices])

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Digits:
    """The three splits, and what they are: size is (height, width) of an image, `provenance` a sentence, `source`
    "sample", "full" or "mirror"."""

    train: Split
    validation: Split
    test: Split
    size: tuple[int, int]
    provenance: str
    source: str
    n_classes: int = N_CLASSES


def load(source: Source = "auto", progress: bool = True) -> Digits:
    """Training, validation and test images, as they are (not scaled); says in one line what was loaded.

    Raises ValueError for an unknown source, and DataError (one line that says what to do) for files that are missing
    or damaged.
    """
    origin, paths, provenance = _locate(source, progress)
    train, validation, test = _sample_splits() if paths is None else _read_splits(paths)
    size = (train.images.shape[1], train.images.shape[2])
    provenance = (
        f"{provenance}; {len(train)} training, {len(validation)} validation, {len(test)} test images of "
        f"{size[0]} × {size[1]} pixels"
    )
    print(f"Digits: {provenance}")
    return Digits(train, validation, test, size, provenance, origin)


# --- MNIST's files -----------------------------------------------------------------------------------------


def read_idx(path: Path) -> np.ndarray:
    """The array in a .gz file of MNIST's format idx: uint8, of the shape that the file names.

    The format (yann.lecun.com/exdb/mnist): two zero bytes, the type of the numbers, the number of axes, the length of
    each axis (4 bytes, the most significant first), then the numbers. Raises DataError for a file that is not like
    that.
    """
    try:
        data = gzip.decompress(path.read_bytes())
    except FileNotFoundError as error:
        raise DataError(f"{path} is missing: fetch the data again") from error
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} is damaged ({error}): fetch the data again") from error
    if len(data) < 4 or data[:3] != bytes([0, 0, UNSIGNED_BYTE]):
        raise DataError(f"{path} is no idx file of bytes (it begins with {data[:4].hex()}): fetch the data again")
    header = 4 + 4 * data[3]
    shape = tuple(int.from_bytes(data[i : i + 4], "big") for i in range(4, header, 4))
    if len(data) < header or len(data) - header != math.prod(shape):
        raise DataError(f"{path} has {len(data)} bytes, which do not fit an array of shape {shape}: fetch it again")
    # A copy, since what is only read from bytes cannot be written to, of which torch warns
    return np.frombuffer(data, dtype=np.uint8, offset=header).reshape(shape).copy()


def _read_splits(paths: dict[str, Path]) -> tuple[Split, Split, Split]:
    train = _read_split(paths["training images"], paths["training labels"])
    test = _read_split(paths["test images"], paths["test labels"])
    if train.images.shape[1:] != test.images.shape[1:]:
        raise DataError(
            f"training images of {train.images.shape[1:]} pixels and test images of {test.images.shape[1:]} are not "
            "of one data set: fetch the data again"
        )
    cut = len(train) - len(train) // VALIDATION_PART
    places = np.arange(len(train))
    return train.take(places < cut), train.take(places >= cut), test


def _read_split(images: Path, labels: Path) -> Split:
    split = Split(read_idx(images), read_idx(labels).astype(np.int64))
    if split.images.ndim != 3 or split.labels.ndim != 1 or len(split.images) != len(split) or len(split) == 0:
        raise DataError(
            f"{images} holds an array {split.images.shape}, {labels} one {split.labels.shape}: "
            "there should be n images and n labels; fetch the data again"
        )
    if split.labels.max() >= N_CLASSES:
        raise DataError(f"{labels} holds the label {split.labels.max()}: it is not MNIST; fetch the data again")
    return split


# --- the embedded sample -----------------------------------------------------------------------------------


def _sample_splits() -> tuple[Split, Split, Split]:
    """scikit-learn's digits, each digit split by itself, in an order that is the same everywhere."""
    images, labels = _sample_arrays()
    if _digest(images, labels) != SAMPLE_SHA256:
        raise DataError("scikit-learn's digits are not the expected ones: install scikit-learn again")
    order = np.array(sorted(range(len(labels)), key=_place))
    part = np.empty(len(labels), dtype=np.int64)
    for digit in range(N_CLASSES):
        own = order[labels[order] == digit]
        ends = np.cumsum([round(TEST_SHARE * len(own)), round(VALIDATION_SHARE * len(own))])
        for number, places in enumerate(np.split(own, ends)):
            part[places] = number
    scaled = Split(np.rint(images * (255 / SAMPLE_MAX)).astype(np.uint8), labels)
    test, validation, train = (scaled.take(order[part[order] == number]) for number in range(3))
    return train, validation, test


def _sample_arrays() -> tuple[np.ndarray, np.ndarray]:
    """uint8 (1797, 8, 8), 0 to 16, and int64 (1797,)."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    return digits.images.astype(np.uint8), digits.target.astype(np.int64)


def _digest(images: np.ndarray, labels: np.ndarray) -> str:
    return hashlib.sha256(images.tobytes() + labels.astype(np.uint8).tobytes()).hexdigest()


def _place(index: int) -> bytes:
    """What orders the images at random, and the same way with every version of every library."""
    return hashlib.sha256(f"{SPLIT_SEED} {index}".encode()).digest()


# --- where the images come from ----------------------------------------------------------------------------


def _locate(source: Source, progress: bool) -> tuple[str, dict[str, Path] | None, str]:
    """(source, the path of each file or None for the sample, provenance)."""
    return store.locate(
        source,
        title="Digits",
        mirror_name=NAME,
        sample=_sample,
        full=lambda: ("full", _full_paths(), "MNIST, complete"),
        has_full=_has_full,
        fetch_full=lambda: fetch_full(progress),
        mirror=lambda: _mirror(progress),
    )


def _sample() -> tuple[str, dict[str, Path] | None, str]:
    return "sample", None, "embedded sample (scikit-learn's digits: real handwriting, but smaller and not MNIST)"


def _full_paths() -> dict[str, Path]:
    return {content: store.cache_folder(NAME) / file for content, (file, _) in FILES.items()}


def _has_full() -> bool:
    return all(path.is_file() for path in _full_paths().values())


def _mirror(progress: bool) -> tuple[str, dict[str, Path] | None, str]:
    entry = store.mirror_entry(NAME)
    if entry is None:
        raise MirrorError(
            f"no mirror with {NAME}: let $COURSEWORK_MIRROR name a directory or URL whose index.json has it"
        )
    files = {PurePosixPath(file.path).name: file for file in entry.files}
    missing = [file for file, _ in FILES.values() if file not in files]
    if missing:
        raise MirrorError(f"the mirror has no {', '.join(missing)} ({entry.provenance})")
    paths = {content: entry.local_file(files[file], NAME, progress) for content, (file, _) in FILES.items()}
    return "mirror", paths, f"MNIST from the mirror ({entry.provenance})"


def fetch_full(progress: bool = True, url: str = URL) -> Path:
    """Bring MNIST's four files into the cache, verified; their folder."""
    folder = store.cache_folder(NAME)
    for file, digest in FILES.values():
        store.download(f"{url}/{file}", digest, folder, progress)
    return folder


# --- coursework data list | fetch | verify -------------------------------------------------------------------


def describe() -> str:
    """One line: what `load()` can use without the network."""
    here = "embedded sample: scikit-learn's digits"
    return f"{here}; MNIST in the cache" if _has_full() else here


def fetch(progress: bool = True, source: Source = "auto") -> str:
    """Bring MNIST into the cache, or say that the mirror, where one is set, has it.

    Returns a sentence that says what is there now.
    """
    if source not in ("auto", "full", "mirror"):
        raise ValueError(f"source={source!r}: one can fetch from 'auto', 'full' and 'mirror'")
    if source == "mirror" or (source == "auto" and store.mirror_entry(NAME) is not None):
        return f"ten digits: {_mirror(progress)[2]}"
    return f"MNIST into {fetch_full(progress)}"


def prepare_sample() -> None:
    """Nothing: scikit-learn reads its digits no slower than a cache could."""


def verify() -> list[str]:
    """Problems with the sample and with the files of the cache, one line each; none is an empty list."""
    problems = []
    if _digest(*_sample_arrays()) != SAMPLE_SHA256:
        problems.append("scikit-learn's digits are not the expected ones: install scikit-learn again")
    for content, path in _full_paths().items():
        if path.is_file() and store.sha256(path) != FILES[content][1]:
            problems.append(f"{path} differs from its checksum")
    return problems + store.unfinished(store.cache_folder(NAME))


DATASET = Dataset(
    name=NAME,
    title="MNIST: handwritten digits",
    licence="CC BY-SA 3.0 (the embedded sample: CC BY 4.0)",
    where=URL,
    describe=describe,
    fetch=fetch,
    verify=verify,
    prepare_sample=prepare_sample,
    built_in="scikit-learn",
)
