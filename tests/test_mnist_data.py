"""The loader of handwritten digits: MNIST's files, and the digits that scikit-learn brings along."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from real_data import REAL_DATA, needs_real_data
from test_data_store import served

from helpers.data import mnist, store
from helpers.data.mnist import FILES, Digits, load, read_idx
from helpers.data.store import ChecksumError, DataError, MirrorError

pytestmark = pytest.mark.usefixtures("cache")


@pytest.fixture(scope="module")
def sample() -> Digits:
    return load(source="sample")


def idx(array: np.ndarray) -> bytes:
    """The array as an idx file, packed."""
    header = bytes([0, 0, 8, array.ndim]) + b"".join(length.to_bytes(4, "big") for length in array.shape)
    return gzip.compress(header + array.astype(np.uint8).tobytes(), mtime=0)


def tiny_files() -> dict[str, bytes]:
    """24 training and 6 test images of 3 × 4 pixels: file name -> content."""
    rng = np.random.default_rng(0)
    arrays = {
        "training images": rng.integers(0, 256, (24, 3, 4)),
        "training labels": np.arange(24) % 10,
        "test images": rng.integers(0, 256, (6, 3, 4)),
        "test labels": np.arange(6),
    }
    return {FILES[content][0]: idx(array) for content, array in arrays.items()}


def make_mirror(folder: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, bytes]) -> Path:
    (folder / "digits").mkdir(parents=True)
    entries = []
    for name, content in files.items():
        (folder / "digits" / name).write_bytes(content)
        sha256 = store.hashlib.sha256(content).hexdigest()
        entries.append({"path": f"digits/{name}", "bytes": len(content), "sha256": sha256})
    (folder / "index.json").write_text(json.dumps({"mnist": {"provenance": "made for a test", "files": entries}}))
    monkeypatch.setenv("COURSEWORK_MIRROR", str(folder))
    return folder


# --- the embedded sample ---


def test_the_sample_loads_and_says_what_it_is(capsys):
    data = load()
    assert (data.source, data.size, data.n_classes) == ("sample", (8, 8), 10)
    assert "embedded sample" in data.provenance and "not MNIST" in data.provenance
    assert capsys.readouterr().out == f"Digits: {data.provenance}\n"
    for split in (data.train, data.validation, data.test):
        images, labels = split.arrays
        assert (images.dtype, labels.dtype) == (np.uint8, np.int64)
        assert images.shape == (len(split), 8, 8)
        assert (images.min(), images.max()) == (0, 255)


def test_the_sample_is_split_stratified_and_always_alike(sample):
    splits = (sample.train, sample.validation, sample.test)
    assert [len(split) for split in splits] == [1079, 359, 359]
    sizes = np.array([np.bincount(split.labels, minlength=10) for split in splits])
    assert np.abs(sizes / sizes.sum(axis=0) - [[0.6], [0.2], [0.2]]).max() < 0.01
    again = load(source="sample")
    for one, other in zip(splits, (again.train, again.validation, again.test), strict=True):
        assert np.array_equal(one.images, other.images) and np.array_equal(one.labels, other.labels)
    assert len(np.flatnonzero(np.diff(sample.train.labels))) > 800  # mixed, not digit by digit


def test_every_image_of_scikit_learn_is_in_one_split(sample):
    from sklearn.datasets import load_digits

    expected = np.rint(load_digits().images * 255 / 16).astype(np.uint8)
    found = np.concatenate([split.images for split in (sample.train, sample.validation, sample.test)])
    assert sorted(image.tobytes() for image in found) == sorted(image.tobytes() for image in expected)


def test_other_digits_of_scikit_learn_are_an_error(monkeypatch):
    images, labels = mnist._sample_arrays()
    monkeypatch.setattr(mnist, "_sample_arrays", lambda: (images + 1, labels))
    with pytest.raises(DataError, match="scikit-learn's digits are not the expected ones"):
        load(source="sample")
    assert mnist.verify() == ["scikit-learn's digits are not the expected ones: install scikit-learn again"]


def test_take(sample):
    part = sample.test.take(np.array([3, 1]))
    assert len(part) == 2
    assert np.array_equal(part.images[1], sample.test.images[1])
    assert part.labels.tolist() == sample.test.labels[[3, 1]].tolist()


# --- MNIST's files ---


@pytest.mark.parametrize("shape", [(5,), (2, 3, 4)])
def test_read_idx(shape, tmp_path):
    array = np.random.default_rng(1).integers(0, 256, shape)
    (tmp_path / "file.gz").write_bytes(idx(array))
    found = read_idx(tmp_path / "file.gz")
    assert found.dtype == np.uint8
    assert np.array_equal(found, array)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"no archive", "damaged"),
        (idx(np.zeros(5))[:-12], "damaged"),
        (gzip.compress(b""), "no idx file"),
        (gzip.compress(b"\x00\x00\x0d\x01" + bytes(8)), "no idx file of bytes"),
        (gzip.compress(b"\x00\x00\x08\x03\x00\x00"), "has 6 bytes"),
        (gzip.compress(b"\x00\x00\x08\x01\x00\x00\x00\x05" + bytes(4)), r"12 bytes, which do not fit .* \(5,\)"),
        (gzip.compress(b"\x00\x00\x08\x01\x00\x00\x00\x05" + bytes(6)), "has 14 bytes"),
    ],
    # The names of tests must be the same in every process: those that pytest makes of bytes would hold the time.
    ids=["no archive", "cut off", "empty", "wrong magic", "short header", "too few", "too many"],
)
def test_files_that_are_no_idx_files_are_named(content, words, tmp_path):
    (tmp_path / "file.gz").write_bytes(content)
    with pytest.raises(DataError, match=rf"file\.gz .*{words}"):
        read_idx(tmp_path / "file.gz")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DataError, match=r"file\.gz is missing"):
        read_idx(tmp_path / "file.gz")


# --- the mirror and the full set ---


def test_auto_takes_the_mirror_and_cuts_off_the_end_as_validation(tmp_path, monkeypatch):
    make_mirror(tmp_path / "mirror", monkeypatch, tiny_files())
    data = load()
    assert (data.source, data.size) == ("mirror", (3, 4))
    assert "made for a test" in data.provenance and "22 training, 2 validation, 6 test" in data.provenance
    assert data.train.labels.tolist() == [i % 10 for i in range(22)]
    assert data.validation.labels.tolist() == [2, 3]
    assert data.test.labels.tolist() == list(range(6))


def wrong_label(files: dict[str, bytes]) -> None:
    files[FILES["test labels"][0]] = idx(np.array([0, 1, 2, 3, 4, 10]))


def too_few_labels(files: dict[str, bytes]) -> None:
    files[FILES["training labels"][0]] = idx(np.zeros(23))


def other_pixels(files: dict[str, bytes]) -> None:
    files[FILES["test images"][0]] = idx(np.zeros((6, 4, 4)))


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (wrong_label, "holds the label 10"),
        (too_few_labels, r"array \(24, 3, 4\), .* one \(23,\)"),
        (other_pixels, "not of one data set"),
    ],
)
def test_files_that_do_not_fit_are_named(spoil: Callable[[dict[str, bytes]], None], words, tmp_path, monkeypatch):
    files = tiny_files()
    spoil(files)
    make_mirror(tmp_path / "mirror", monkeypatch, files)
    with pytest.raises(DataError, match=words):
        load(source="mirror")


def test_a_mirror_that_lacks_a_file_is_passed_over_by_auto(tmp_path, monkeypatch, capsys):
    files = tiny_files()
    del files[FILES["test labels"][0]]
    make_mirror(tmp_path / "mirror", monkeypatch, files)
    assert load().source == "sample"
    assert "the mirror has no t10k-labels" in capsys.readouterr().out
    with pytest.raises(MirrorError, match="the mirror has no t10k-labels"):
        load(source="mirror")


def test_without_a_mirror_it_says_so():
    with pytest.raises(MirrorError, match="no mirror with mnist"):
        load(source="mirror")


def test_an_unknown_source():
    with pytest.raises(ValueError, match="source='web'"):
        load(source="web")


def test_the_full_set_is_fetched_and_taken_from_then_on(cache, monkeypatch):
    content = idx(np.zeros(7))
    name, digest = "labels.gz", store.hashlib.sha256(content).hexdigest()
    monkeypatch.setattr(mnist, "FILES", {"training labels": (name, digest)})
    with served(content) as (url, _):
        folder = mnist.fetch_full(progress=False, url=url)
    assert (folder / name).read_bytes() == content
    assert mnist.fetch_full(progress=False, url="http://127.0.0.1:9") == folder  # what is there is not fetched again
    assert "MNIST in the cache" in mnist.describe()
    assert mnist.verify() == []
    (folder / name).write_bytes(b"other")
    assert mnist.verify() == [f"{folder / name} differs from its checksum"]


def test_another_file_than_expected_leaves_nothing(cache):
    with served(b"no MNIST") as (url, _), pytest.raises(ChecksumError, match="not the expected file"):
        mnist.fetch_full(progress=False, url=url)
    assert list((cache / "mnist").iterdir()) == []


def test_from_the_cache_the_whole_set_is_taken(cache):
    (cache / "mnist").mkdir(parents=True)
    for name, content in tiny_files().items():
        (cache / "mnist" / name).write_bytes(content)
    assert load().source == "full"


@needs_real_data
def test_the_real_images(monkeypatch):
    monkeypatch.setenv("COURSEWORK_MIRROR", str(REAL_DATA))
    data = load(source="mirror")
    assert [len(split) for split in (data.train, data.validation, data.test)] == [55000, 5000, 10000]
    counts = np.bincount(np.concatenate([data.train.labels, data.validation.labels]))
    assert counts.tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert data.size == (28, 28)
