"""Human activities: the signal model, the embedded sample in the layout of UCI HAR, and what is not as it should be."""

import hashlib
import importlib.util
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from real_data import REAL_DATA, needs_real_data

from helpers.data import activity, store
from helpers.data import activity_signals as model
from helpers.data.activity import Split, load, split_by_subject
from helpers.data.store import ChecksumError, DataError, MirrorError

pytestmark = pytest.mark.usefixtures("cache")


def archive(path: Path, change: Callable[[dict[str, str]], None] = lambda files: None, inner: bool = False) -> Path:
    """A small data set: two windows of one subject each in train and test. `change` edits its files."""
    files = {"activity_labels.txt": "1 WALKING\n2 LAYING\n"}
    for place, split in enumerate(("train", "test")):
        for number, channel in enumerate(model.CHANNELS):
            rows = np.full((2, 128), number + place / 10)
            files[f"{split}/Inertial Signals/{channel}_{split}.txt"] = "\n".join(
                " ".join(f"  {value:.7e}" for value in row) for row in rows
            )
        files[f"{split}/y_{split}.txt"], files[f"{split}/subject_{split}.txt"] = "1\n2\n", f"{place + 4}\n" * 2
    change(files)
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as written:
        for name, text in files.items():
            written.writestr(f"UCI HAR Dataset/{name}", text)
        written.writestr("__MACOSX/UCI HAR Dataset/train/y_train.txt", "9\n")
    if inner:
        content = path.read_bytes()
        with zipfile.ZipFile(path, "w") as outer:
            outer.writestr("UCI HAR Dataset.names", "about")
            outer.writestr(activity.INNER, content)
    return path


def as_mirror(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = {"path": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    index = {"uci_har": {"provenance": "two windows", "files": [entry]}}
    (path.parent / "index.json").write_text(json.dumps(index))
    monkeypatch.setenv("COURSEWORK_MIRROR", str(path.parent))


# --- the signal model ------------------------------------------------------------------------------------


def test_windows_have_shapes_types_and_an_order() -> None:
    signals, labels, subjects = model.windows(np.random.default_rng(0), 2, windows_each=3)
    assert signals.shape == (36, 128, 9) and signals.dtype == np.float32 and np.isfinite(signals).all()
    assert labels.dtype == subjects.dtype == np.int64
    assert labels.tolist() == [label for _ in range(2) for label in range(6) for _ in range(3)]
    assert subjects.tolist() == [0] * 18 + [1] * 18


def test_the_same_generator_draws_the_same_windows_and_a_subject_can_be_measured_again() -> None:
    people = [model.draw_subject(np.random.default_rng(1))]
    first, second, third = (model.windows(np.random.default_rng(seed), people, 2)[0] for seed in (5, 5, 6))
    assert np.array_equal(first, second) and not np.array_equal(first, third)


def test_neighbouring_windows_share_half_of_their_samples() -> None:
    signals, _, _ = model.windows(np.random.default_rng(0), 1, windows_each=4)
    assert np.array_equal(signals[0, 64:], signals[1, :64])
    assert not np.array_equal(signals[1, 64:], signals[2, :64]), "here another recording begins"


def test_who_keeps_still_feels_gravity_alone_and_who_lies_feels_it_elsewhere() -> None:
    signals, labels, _ = model.windows(np.random.default_rng(0), 5, windows_each=4)
    total = signals[:, :, :3].mean(axis=1)
    np.testing.assert_allclose(np.linalg.norm(total[labels >= 3], axis=1), 1.0, atol=0.06)
    assert (total[labels == 4, 0] > 0.8).all() and (np.abs(total[labels == 5, 0]) < 0.5).all()
    assert np.abs(signals[:, :, 3:6].mean(axis=1)).max() < 0.12, "what is left without gravity has no mean"


def test_body_acceleration_is_what_is_left_without_gravity() -> None:
    signals, labels, _ = model.windows(np.random.default_rng(0), 3, windows_each=2)
    gravity = signals[:, :, :3] - signals[:, :, 3:6]
    changes = np.abs(np.diff(gravity, axis=1)).max(axis=(1, 2))
    assert changes.max() < 0.02, "gravity turns slowly"
    moving = signals[:, :, 3:6].std(axis=1).mean(axis=1)
    assert moving[labels < 3].min() > 3 * np.median(moving[labels >= 3])


def test_no_subjects_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one subject"):
        model.windows(np.random.default_rng(0), 0)
    with pytest.raises(ValueError, match="two windows"):
        model.windows(np.random.default_rng(0), 1, windows_each=1)


# --- the embedded sample -----------------------------------------------------------------------------------


def test_the_sample_has_disjoint_subjects_and_all_classes(capsys: pytest.CaptureFixture[str]) -> None:
    data = load(source="sample")
    assert data.source == "sample" and "no person was measured" in data.provenance
    assert capsys.readouterr().out.count("\n") == 1
    assert data.classes == ("walking", "walking upstairs", "walking downstairs", "sitting", "standing", "laying")
    assert not set(data.train.subjects) & set(data.test.subjects)
    for split in (data.train, data.test):
        assert split.windows.dtype == np.float32 and split.windows.shape == (len(split), 128, 9)
        assert split.labels.dtype == split.subjects.dtype == np.int64
        for subject in set(split.subjects):
            assert np.bincount(split.labels[split.subjects == subject], minlength=6).tolist() == [10] * 6


def test_the_sample_is_what_its_script_makes() -> None:
    path = store.sample_folder("activity") / "make_sample.py"
    spec = importlib.util.spec_from_file_location("make_activity_sample", path)
    assert spec is not None and spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    data = load(source="sample")
    rng = np.random.default_rng(script.SEED)
    signals, labels, _ = model.windows(rng, len(script.SUBJECTS["train"]), script.WINDOWS_EACH)
    np.testing.assert_allclose(data.train.windows, signals, atol=0.000501)
    assert np.array_equal(data.train.labels, labels)
    assert activity.verify() == [] and path.with_name(activity.SAMPLE).stat().st_size < 3_000_000


def test_the_arrays_are_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    activity.prepare_sample()
    reads: list[str] = []
    read = activity._Archive.text
    monkeypatch.setattr(activity._Archive, "text", lambda self, name: reads.append(name) or read(self, name))
    load(source="sample")
    assert not any("Inertial" in name for name in reads)


# --- subjects on one side ----------------------------------------------------------------------------------


def some(subjects: list[int]) -> Split:
    n = len(subjects)
    return Split(np.arange(n * 4, dtype=np.float32).reshape(n, 2, 2), np.arange(n), np.array(subjects))


def test_subjects_are_held_out_as_a_whole() -> None:
    train, validation = split_by_subject(some([3, 3, 5, 7, 5, 3]), [5, 7])
    assert train.subjects.tolist() == [3, 3, 3] and validation.subjects.tolist() == [5, 7, 5]
    assert train.labels.tolist() == [0, 1, 5] and validation.windows[0, 0, 0] == 8


@pytest.mark.parametrize(("held", "message"), [([], "one subject or more"), ([9], r"\[9\]"), ([3, 5], "not all")])
def test_what_cannot_be_held_out_is_refused(held: list[int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        split_by_subject(some([3, 5]), held)


def test_a_turned_phone_feels_the_same_strength_in_another_direction() -> None:
    windows = model.windows(np.random.default_rng(0), 1, 2)[0]
    turned = activity.rotate(windows, np.random.default_rng(1), degrees=15)
    assert turned.dtype == np.float32 and turned.shape == windows.shape
    for first in (0, 3, 6):
        before, after = (np.linalg.norm(w[:, :, first : first + 3], axis=2) for w in (windows, turned))
        np.testing.assert_allclose(before, after, atol=1e-5)
    cosines = (windows[:, 0, :3] * turned[:, 0, :3]).sum(1) / np.linalg.norm(windows[:, 0, :3], axis=1) ** 2
    assert 1 < np.rad2deg(np.arccos(np.clip(cosines, -1, 1))).mean() < 20
    gravity, turned_gravity = ((w[:, :, :3] - w[:, :, 3:6]).mean(axis=1) for w in (windows, turned))
    assert np.abs(gravity - turned_gravity).max() > 0.05, "the signals of a window are turned together"
    np.testing.assert_allclose(activity.rotate(windows, np.random.default_rng(1), 0), windows, atol=1e-6)


# --- archives ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("inner", [False, True])
def test_the_layout_of_the_full_set_is_read(tmp_path: Path, inner: bool) -> None:
    archive(activity._full_path(), inner=inner)
    data = load(source="auto")
    assert data.source == "full" and data.classes == ("walking", "laying")
    assert data.train.labels.tolist() == [0, 1] and data.test.subjects.tolist() == [5, 5]
    np.testing.assert_allclose(data.test.windows[1, 0], np.arange(9) + 0.1, rtol=1e-6)
    assert activity.verify() == [f"{activity._full_path()} differs from its checksum"]
    assert "full set in the cache" in activity.describe()


def test_a_mirror_is_taken_before_the_sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    as_mirror(archive(tmp_path / "mirror" / "har.zip"), monkeypatch)
    data = load()
    assert data.source == "mirror" and "(two windows); 2 training windows of 1 subjects" in data.provenance
    assert "from the mirror (two windows)" in activity.fetch()
    assert load(source="sample").source == "sample"


def test_a_mirror_that_cannot_be_read_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COURSEWORK_MIRROR", str(tmp_path / "nowhere"))
    assert load().source == "sample"
    assert "the mirror is passed over" in capsys.readouterr().out
    with pytest.raises(MirrorError):
        load(source="mirror")


def test_a_mirror_with_other_bytes_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = archive(tmp_path / "mirror" / "har.zip")
    as_mirror(path, monkeypatch)
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(ChecksumError):
        load()


def replaced(name: str, text: str | None) -> Callable[[dict[str, str]], None]:
    return lambda files: files.update({name: text}) if text is not None else files.pop(name)  # type: ignore[func-returns-value]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("train/y_train.txt", None, "has no train/y_train.txt"),
        ("train/y_train.txt", "1\n", "labels and subjects of train do not fit"),
        ("train/y_train.txt", "0\n1\n", "labels and subjects of train do not fit"),
        ("test/y_test.txt", "1\nthree\n", "holds what is no number"),
        ("test/subject_test.txt", "4\n4\n", r"the subjects \[4\] are in the training and in the test windows"),
        ("test/Inertial Signals/body_gyro_z_test.txt", "0.5 " * 255, "not 2 windows of 128 samples"),
        ("test/Inertial Signals/body_gyro_z_test.txt", "nan " * 256, "holds? what is no number"),
        ("activity_labels.txt", "1 WALKING\n3 LAYING\n", "does not number the activities"),
    ],
)
def test_a_damaged_data_set_is_told_in_one_line(tmp_path: Path, name: str, text: str | None, message: str) -> None:
    archive(activity._full_path(), replaced(name, text))
    with pytest.raises(DataError, match=message) as raised:
        load()
    assert "\n" not in str(raised.value)


def test_what_is_no_archive_is_told_in_one_line() -> None:
    activity._full_path().parent.mkdir(parents=True)
    activity._full_path().write_bytes(b"404 not found")
    with pytest.raises(DataError, match="is damaged"):
        load()


def test_an_unknown_source_is_refused() -> None:
    with pytest.raises(ValueError, match="there are 'auto'"):
        load(source="net")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="one can fetch"):
        activity.fetch(source="sample")


@needs_real_data
def test_the_real_windows_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSEWORK_MIRROR", str(REAL_DATA))
    data = load(source="mirror")
    assert data.train.windows.shape == (2400, 128, 9) and data.test.windows.shape == (2947, 128, 9)
    assert np.bincount(data.test.labels).tolist() == [496, 471, 420, 491, 532, 537]
    assert len(set(data.train.subjects)) == 21 and len(set(data.test.subjects)) == 9
    np.testing.assert_allclose(np.linalg.norm(data.test.windows[:, :, :3].mean(axis=1), axis=1).mean(), 1.0, atol=0.05)
