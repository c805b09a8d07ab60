"""The Speech Commands loader, the embedded sample and the examiner's clips."""

import io
import json
import re
import shutil
import tarfile
import zipfile
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import soundfile
from real_data import REAL_DATA, needs_real_data
from test_data_store import served

from helpers.data import speech_commands, store
from helpers.data.speech_commands import SAMPLE_RATE, WORDS, WavError, load, mfcc, read_wav
from helpers.data.store import ChecksumError, DataError, MirrorError

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "data" / "speech_commands"
CLIPS = ROOT / "autograder" / "examinations" / "speech_commands_clips.npz"
needs_espeak = pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
pytestmark = pytest.mark.usefixtures("cache")


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> speech_commands.SpeechCommands:
    """The embedded sample, computed once for all tests here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSEWORK_CACHE", str(tmp_path_factory.mktemp("cache")))
        return load(source="sample", progress=False)


@pytest.fixture
def quick_mfcc(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests that look at which clips are loaded, and not at their features."""
    monkeypatch.setattr(speech_commands, "mfcc", lambda waveform: np.zeros((32, 20), np.float32))


def tone(n: int = SAMPLE_RATE, seed: int = 0) -> np.ndarray:
    """float32 (n,): a noisy tone."""
    noise = np.random.default_rng(seed).normal(0, 0.01, n)
    return (0.3 * np.sin(np.arange(n) * (0.1 + 0.01 * seed)) + noise).astype(np.float32)


def wav_bytes(seed: int = 0) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, tone(seed=seed), SAMPLE_RATE, format="WAV", subtype="PCM_16")
    return buffer.getvalue()


def tiny_set(words: tuple[str, ...] = ("one", "five"), training: int = 2) -> dict[str, bytes]:
    """Files of a small data set in the official layout: path -> content."""
    files = {}
    lists: dict[str, list[str]] = {"validation_list.txt": [], "testing_list.txt": []}
    for number, word in enumerate(words):
        for clip in range(training + 2):
            path = f"{word}/0000000{clip}_nohash_0.wav"
            files[path] = wav_bytes(10 * number + clip)
            if clip >= training:
                lists["validation_list.txt" if clip == training else "testing_list.txt"].append(path)
    return files | {name: "\n".join(paths).encode() for name, paths in lists.items()}


def tar_gz(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for path, content in files.items():
            member = tarfile.TarInfo(f"./{path}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def digest(content: bytes) -> str:
    return store.hashlib.sha256(content).hexdigest()


def make_mirror(folder: Path, files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> Path:
    (folder / "speech_commands").mkdir(parents=True)
    archive = folder / "speech_commands" / "subset.zip"
    with zipfile.ZipFile(archive, "w") as zipped:
        for path, content in files.items():
            zipped.writestr(f"subset/{path}", content)
    file = {"path": "speech_commands/subset.zip", "bytes": archive.stat().st_size, "sha256": store.sha256(archive)}
    entry = {"provenance": "subset made for a test", "files": [file]}
    (folder / "index.json").write_text(json.dumps({"speech_commands": entry}))
    monkeypatch.setenv("COURSEWORK_MIRROR", str(folder))
    return archive


@pytest.fixture
def folder_of_clips(tmp_path: Path) -> Path:
    """A small data set on disk."""
    folder = tmp_path / "clips"
    for path, content in tiny_set().items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


def features_of(folder: Path, words: tuple[str, ...] = ("one", "five")) -> dict[str, speech_commands.Split]:
    return speech_commands._read_splits(folder, words, progress=False)[0]


# --- the embedded sample ---


def test_sample_loads(capsys, sample, quick_mfcc):
    data = load(progress=False)
    assert data.source == "sample"
    assert data.words == WORDS
    said = capsys.readouterr().out
    assert data.provenance == sample.provenance
    assert said == f"Speech Commands: {data.provenance}\n"
    assert "synthetic" in data.provenance
    for split in (sample.train, sample.validation, sample.test):
        assert split.features.shape == (len(split), 32, 20)
        assert split.features.dtype == np.float32
        assert split.labels.dtype == np.int64
        assert np.isfinite(split.features).all()
        assert set(split.labels) == {0, 1, 2}
        assert [WORDS[label] for label in split.labels] == [path.split("/")[0] for path in split.paths]
        assert split.arrays == (split.features, split.labels)


def test_waveform_gives_the_clip_of_the_features(sample):
    data = sample
    waveform = data.waveform(data.test.paths[3])
    assert waveform.dtype == np.float32
    assert 0 < len(waveform) <= SAMPLE_RATE
    assert np.abs(waveform).max() <= 1
    np.testing.assert_allclose(mfcc(waveform), data.test.features[3], atol=1e-4)


def test_speakers_of_the_sample_are_in_one_split_each(sample):
    data = sample
    speakers = [{Path(path).name[:8] for path in split.paths} for split in (data.train, data.validation, data.test)]
    assert all(speakers)
    assert not (speakers[0] & speakers[1] or speakers[0] & speakers[2] or speakers[1] & speakers[2])


def test_sample_has_the_real_layout():
    names = [path.name for path in SAMPLE.glob("*/*.wav")]
    assert all(re.fullmatch(r"[0-9a-f]{8}_nohash_\d+\.wav", name) for name in names)
    for path in SAMPLE.glob("*/*.wav"):
        info = soundfile.info(path)
        assert (info.samplerate, info.channels, info.subtype) == (SAMPLE_RATE, 1, "PCM_16")
        assert info.frames <= SAMPLE_RATE
    for name in ("validation_list.txt", "testing_list.txt"):
        listed = (SAMPLE / name).read_text().split()
        assert listed and all((SAMPLE / path).is_file() for path in listed)


def test_sample_is_small_and_as_its_checksums_say():
    assert sum(path.stat().st_size for path in SAMPLE.rglob("*") if path.is_file()) < 6_000_000
    assert speech_commands.verify() == []


def test_sample_does_not_have_other_words():
    with pytest.raises(DataError, match="no five"):
        load(("one", "five"), source="sample")


# --- synthesis ---


def synthesis() -> ModuleType:
    from autograder.examinations import make_speech_clips

    return make_speech_clips.synthesis()


@needs_espeak
def test_sample_is_what_the_script_makes():
    make = synthesis()
    split = make.sample_speakers()["testing"]
    for speaker, word in ((split[0], "one"), (split[-1], "three")):
        kept, _ = soundfile.read(SAMPLE / word / f"{speaker.id}_nohash_0.wav", dtype="int16")
        made = make.sample_clip(word, speaker)
        np.testing.assert_array_equal(made, make.sample_clip(word, speaker))
        if "1.51" in make.require_espeak():  # another version speaks a little differently
            assert len(made) == len(kept)
            assert np.abs(made.astype(int) - kept).max() <= 1


def test_script_without_espeak_says_so_in_one_line(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SystemExit, match=r"^espeak-ng is not installed: [^\n]*$"):
        synthesis().require_espeak()


def test_voices_are_in_one_split_each_and_none_is_the_examiners():
    from autograder.examinations import make_speech_clips

    make = synthesis()
    examiners = make_speech_clips.VOICES.split()
    voices = " ".join(make.VOICES.values()).split() + examiners
    assert len(voices) == len(set(voices))
    examiner_ids = {speaker.id for speaker in make_speech_clips.examiner_speakers(make)}
    assert len(examiner_ids) == len(examiners) * make_speech_clips.SPEAKERS_PER_VOICE
    assert not examiner_ids & {path.name[:8] for path in SAMPLE.glob("*/*.wav")}


def test_examiners_clips():
    with np.load(CLIPS, allow_pickle=False) as clips:
        features, labels, words = clips["features"], clips["labels"], clips["words"]
    assert words.tolist() == ["one", "two", "three", "five", "eight"]
    assert features.shape == (len(labels), 32, 20)
    assert features.dtype == np.float32
    assert np.isfinite(features).all()
    assert 40 <= np.bincount(labels).min() <= np.bincount(labels).max() <= 60


@needs_espeak
def test_examiners_clips_are_what_the_script_makes():
    from autograder.examinations import make_speech_clips

    make = synthesis()
    if "1.51" not in make.require_espeak():
        pytest.skip("the clips were made with espeak-ng 1.51")
    speaker = make_speech_clips.examiner_speakers(make)[0]
    clip = make_speech_clips.make_clip(make, "one", speaker)
    with np.load(CLIPS, allow_pickle=False) as clips:
        np.testing.assert_allclose(mfcc(clip.astype(np.float32) / 32768), clips["features"][0], atol=0.5)


# --- wav files ---


def write(path: Path, samples: np.ndarray, rate: int = SAMPLE_RATE) -> Path:
    soundfile.write(path, samples, rate, subtype="PCM_16")
    return path


def test_read_wav(tmp_path):
    samples = tone()
    read = read_wav(write(tmp_path / "a.wav", samples))
    assert read.dtype == np.float32
    np.testing.assert_allclose(read, samples, atol=1e-4)


def test_stereo_is_averaged(tmp_path):
    both = np.stack([tone(seed=1), tone(seed=2)], axis=1)
    np.testing.assert_allclose(read_wav(write(tmp_path / "a.wav", both)), both.mean(axis=1), atol=1e-4)


def test_eight_kilohertz_is_an_error_that_says_what_to_do(tmp_path):
    path = write(tmp_path / "slow.wav", tone(8000), 8000)
    with pytest.raises(WavError, match=r"slow\.wav is sampled at 8000 Hz.*resample"):
        read_wav(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is an empty file"),
        (b"RIFF", "truncated|cannot be read"),
        (b"<html>not found</html>" * 20, "cannot be read as sound"),
        (wav_bytes()[:5000], "truncated"),
        (wav_bytes()[:40], "truncated"),
        (None, "does not exist"),
    ],
)
def test_broken_files_are_errors_that_name_the_file(tmp_path, content, message):
    path = tmp_path / "broken.wav"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(WavError, match=message) as caught:
        read_wav(path)
    assert "broken.wav" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_wav_without_samples(tmp_path):
    with pytest.raises(WavError, match="contains no samples"):
        read_wav(write(tmp_path / "a.wav", np.zeros(0, np.float32)))


def test_wav_with_nan(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.full(100, np.nan, np.float32), SAMPLE_RATE, subtype="FLOAT")
    with pytest.raises(WavError, match="not numbers"):
        read_wav(tmp_path / "a.wav")


def test_one_broken_clip_is_named_when_a_set_is_loaded(folder_of_clips):
    (folder_of_clips / "five" / "00000001_nohash_0.wav").write_bytes(b"junk")
    with pytest.raises(WavError, match=r"00000001_nohash_0\.wav"):
        features_of(folder_of_clips)


# --- features ---


def test_mfcc_is_librosas():
    import librosa

    expected = librosa.feature.mfcc(y=tone(), sr=16000, n_fft=2048, hop_length=512, n_mfcc=20).T
    features = mfcc(tone())
    assert features.shape == (32, 20)
    assert features.dtype == np.float32
    np.testing.assert_allclose(features, expected, atol=1e-4)


def test_short_clips_are_padded_at_the_end_and_long_ones_cut():
    short = tone(9000)
    np.testing.assert_array_equal(mfcc(short), mfcc(np.concatenate([short, np.zeros(7000, np.float32)])))
    long = tone(40000)
    np.testing.assert_array_equal(mfcc(long), mfcc(long[:SAMPLE_RATE]))
    assert mfcc(tone(1)).shape == (32, 20)


def test_mfcc_does_not_change_its_argument():
    waveform = tone(20000)
    before = waveform.copy()
    mfcc(waveform)
    np.testing.assert_array_equal(waveform, before)


def test_standardised_training_features_have_mean_0_and_deviation_1():
    features = np.random.default_rng(0).normal(50, 7, (9, 32, 20)).astype(np.float32)
    features[:, :, 4] = 3.0  # never varies
    before = features.copy()
    mean, std = speech_commands.feature_statistics(features)
    assert (mean.shape, mean.dtype, std.shape, std.dtype) == ((20,), np.float32, (20,), np.float32)
    result = speech_commands.standardise(features, mean, std)
    assert (result.shape, result.dtype) == (features.shape, np.float32)
    np.testing.assert_allclose(result.mean(axis=(0, 1)), 0, atol=1e-4)
    np.testing.assert_allclose(np.delete(result.std(axis=(0, 1)), 4), 1, atol=1e-4)
    np.testing.assert_array_equal(result[:, :, 4], 0)
    np.testing.assert_array_equal(features, before)


def test_features_are_computed_once_and_again_when_a_clip_changes(folder_of_clips, monkeypatch):
    counted = []
    original = speech_commands.mfcc
    monkeypatch.setattr(speech_commands, "mfcc", lambda waveform: counted.append(1) or original(waveform))
    first = features_of(folder_of_clips)
    assert len(counted) == 8
    second = features_of(folder_of_clips)
    assert len(counted) == 8
    np.testing.assert_array_equal(first["train"].features, second["train"].features)
    (folder_of_clips / "one" / "00000000_nohash_0.wav").write_bytes(wav_bytes(77))
    third = features_of(folder_of_clips)
    assert len(counted) == 12  # the clips of that word
    assert not np.array_equal(first["train"].features[0], third["train"].features[0])
    np.testing.assert_array_equal(first["train"].features[1:], third["train"].features[1:])


def test_features_are_computed_again_for_other_parameters(folder_of_clips, monkeypatch):
    first = features_of(folder_of_clips)["train"].features
    monkeypatch.setattr(speech_commands, "HOP_LENGTH", 1024)
    assert features_of(folder_of_clips)["train"].features.shape != first.shape


def test_read_only_cache_is_no_error_and_is_said(tmp_path, monkeypatch, capsys, quick_mfcc):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("COURSEWORK_CACHE", str(tmp_path / "file"))
    assert len(load(progress=False).train) > 0
    assert "features kept in memory only" in capsys.readouterr().out


def test_splits_go_by_the_official_lists(folder_of_clips):
    splits = features_of(folder_of_clips)
    assert splits["train"].paths == tuple(f"{w}/0000000{i}_nohash_0.wav" for w in ("one", "five") for i in (0, 1))
    assert splits["validation"].paths == tuple(f"{w}/00000002_nohash_0.wav" for w in ("one", "five"))
    assert splits["test"].paths == tuple(f"{w}/00000003_nohash_0.wav" for w in ("one", "five"))
    assert splits["train"].labels.tolist() == [0, 0, 1, 1]
    assert features_of(folder_of_clips, ("five", "one"))["test"].paths[0].startswith("five/")


def test_missing_list_missing_word_and_empty_split(folder_of_clips):
    with pytest.raises(DataError, match="no clips"):
        features_of(folder_of_clips, ("one", "cat"))
    (folder_of_clips / "one" / "00000002_nohash_0.wav").unlink()
    with pytest.raises(DataError, match="no validation clip of 'one'"):
        features_of(folder_of_clips)
    (folder_of_clips / "testing_list.txt").unlink()
    with pytest.raises(DataError, match=r"testing_list\.txt is missing"):
        features_of(folder_of_clips)


@pytest.mark.parametrize("words", ["one", (), ("one",), ("one", "one"), ("one", "uno")])
def test_words_that_cannot_be_meant(words):
    with pytest.raises(ValueError, match=r"uno|give"):
        load(words)


def test_unknown_source():
    with pytest.raises(ValueError, match="'auto', 'sample', 'full' and 'mirror'"):
        load(source="web")  # type: ignore[arg-type]


# --- the full set, streamed ---


def fetch_from(content: bytes, **options: object) -> Path:
    with served(content, **options) as (url, _):  # type: ignore[arg-type]
        return speech_commands.fetch_full(("one", "five"), progress=False, url=url, digest=digest(content))


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store.time, "sleep", lambda seconds: None)


def test_only_the_words_asked_for_are_kept(cache):
    folder = fetch_from(tar_gz(tiny_set(("cat", "one", "dog", "five"))))
    assert sorted(path.name for path in folder.iterdir()) == ["five", "one", "testing_list.txt", "validation_list.txt"]
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]  # nothing temporary is left
    data = load(("one", "five"), progress=False)  # "auto" takes what has been fetched
    assert data.source == "full"
    assert len(data.train) == 4
    assert speech_commands.verify() == []
    (folder / "one" / "00000000_nohash_0.wav").write_bytes(b"changed")
    assert speech_commands.verify() == [f"{folder / 'one' / '00000000_nohash_0.wav'} differs from its checksum"]


def test_words_in_the_cache_are_not_fetched_again(cache):
    content = tar_gz(tiny_set(("one", "five", "six")))
    folder = fetch_from(content)
    speech_commands.fetch_full(("five", "one"), progress=False, url="http://127.0.0.1:9/", digest="")
    with served(content) as (url, requests):
        speech_commands.fetch_full(("one", "six"), progress=False, url=url, digest=digest(content))
        assert len(requests) == 1
    assert (folder / "six").is_dir()


def test_interrupted_download_goes_on(cache):
    folder = fetch_from(tar_gz(tiny_set()), breaks=2)
    assert len(list(folder.glob("*/*.wav"))) == 8


def test_download_that_fails_leaves_nothing(cache):
    with pytest.raises(DataError, match="cannot resume"):
        fetch_from(tar_gz(tiny_set()), breaks=1, ranges=False)
    assert list(cache.rglob("*.wav")) == []
    assert list((cache / "speech_commands").iterdir()) == []


@pytest.mark.parametrize("content", [tar_gz(tiny_set()), b"<html>the portal of the network</html>" * 50])
def test_wrong_checksum_leaves_nothing(cache, content):
    with served(content) as (url, _), pytest.raises(ChecksumError, match="not the expected file"):
        speech_commands.fetch_full(("one", "five"), progress=False, url=url, digest="0" * 64)
    assert list((cache / "speech_commands").iterdir()) == []


def test_archive_without_a_word_or_a_list(cache):
    with pytest.raises(DataError, match="does not contain five"):
        fetch_from(tar_gz(tiny_set(("one", "six"))))
    files = tiny_set()
    del files["testing_list.txt"]
    with pytest.raises(DataError, match=r"does not contain testing_list\.txt"):
        fetch_from(tar_gz(files))


def test_archive_cannot_write_elsewhere(cache, tmp_path):
    files = tiny_set() | {"../../one/00000009_nohash_0.wav": b"x", "one/../../evil.wav": b"x", "/one/evil.wav": b"x"}
    fetch_from(tar_gz(files))
    written = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert not written & {"evil.wav", "00000009_nohash_0.wav"}


# --- the mirror ---


def test_mirror_is_taken_when_asked_for(tmp_path, cache, monkeypatch):
    make_mirror(tmp_path / "mirror", tiny_set(), monkeypatch)
    data = load(("one", "five"), source="mirror", progress=False)
    assert data.source == "mirror"
    assert "subset made for a test" in data.provenance
    assert len(data.train) == 4
    assert str(tmp_path) not in data.provenance
    assert "subset made for a test" in speech_commands.fetch(progress=False, words=("one", "five"))


def test_auto_takes_the_mirror_where_it_has_enough(tmp_path, monkeypatch, capsys, quick_mfcc):
    make_mirror(tmp_path / "mirror", tiny_set(("one", "two", "three")), monkeypatch)
    assert load(progress=False).source == "sample"
    assert "too few training clips of 'one' (2)" in capsys.readouterr().out
    monkeypatch.setattr(speech_commands, "ENOUGH_CLIPS", 2)
    assert load(progress=False).source == "mirror"


def test_auto_passes_over_a_mirror_that_is_out_of_reach(tmp_path, monkeypatch, capsys, quick_mfcc):
    monkeypatch.setenv("COURSEWORK_MIRROR", str(tmp_path / "nowhere"))
    assert load(progress=False).source == "sample"
    assert "passed over" in capsys.readouterr().out
    with pytest.raises(MirrorError):
        load(source="mirror", progress=False)


def test_auto_passes_over_the_mirror_when_the_cache_is_read_only(tmp_path, monkeypatch, capsys, quick_mfcc):
    make_mirror(tmp_path / "mirror", tiny_set(("one", "two", "three")), monkeypatch)
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("COURSEWORK_CACHE", str(tmp_path / "file"))
    assert load(progress=False).source == "sample"
    assert "passed over" in capsys.readouterr().out


def test_what_a_killed_fetch_left_is_reported_and_not_used(cache, quick_mfcc):
    (cache / "speech_commands" / ".unfinished-abc" / "one").mkdir(parents=True)
    assert load(progress=False).source == "sample"
    (problem,) = speech_commands.verify()
    assert "broken off" in problem


def test_mirror_that_is_not_set():
    with pytest.raises(MirrorError, match="COURSEWORK_MIRROR"):
        load(source="mirror", progress=False)


def test_damaged_mirror_is_never_used(tmp_path, monkeypatch):
    archive = make_mirror(tmp_path / "mirror", tiny_set(), monkeypatch)
    archive.write_bytes(archive.read_bytes()[:-1] + b"x")
    with pytest.raises(ChecksumError, match=r"subset\.zip differs"):
        load(("one", "five"), progress=False)


def test_mirror_without_a_word(tmp_path, cache, monkeypatch):
    make_mirror(tmp_path / "mirror", tiny_set(), monkeypatch)
    with pytest.raises(MirrorError, match="no clips of cat"):
        load(("one", "cat"), source="mirror", progress=False)
    assert list(cache.rglob("*.wav")) == []


@needs_real_data
def test_real_clips_of_the_mirror(monkeypatch):
    monkeypatch.setenv("COURSEWORK_MIRROR", str(REAL_DATA))
    data = load(("two", "three"), source="mirror", progress=False)
    assert "subset" in data.provenance
    assert [len(split) for split in (data.train, data.validation, data.test)] == [13, 2, 50]
    assert speech_commands.verify() == []
