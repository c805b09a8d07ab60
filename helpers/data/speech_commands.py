"""Speech Commands: spoken words as sequences of MFCC (mel-frequency cepstral coefficients).

Google Speech Commands v0.02 (P. Warden, 2018, arXiv:1804.03209; CC BY 4.0): clips of at most one second,
16 kHz, mono, 16 bit, in one folder for each word. The official `validation_list.txt` and
`testing_list.txt` name the clips of those splits; every other clip is training. No speaker is in two splits.

Where the clips come from (`source`):

- "sample": the embedded sample, synthetic speech in the same layout (data/speech_commands/README.md);
- "full":   the full data set, fetched when it is not in the cache. 2.3 GB pass through the network, of
            which only the words asked for are kept;
- "mirror": what the mirror `$COURSEWORK_MIRROR` has;
- "auto":   the full set where it has been fetched, else the mirror where one is set and has enough clips
            of every word, else the sample. Nothing is fetched from the net but by way of a mirror.

How clips that are not as they should be are treated: shorter ones are padded with zeros at the end, of
longer ones the first second is used, the channels of stereo ones are averaged. A clip that is empty,
truncated, not audio, or sampled at another rate than 16 kHz is an error that names the file.
"""

import hashlib
import re
import sys
import tarfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import IO

import numpy as np

from helpers.data import store
from helpers.data.store import DataError, Dataset, MirrorError, Source

NAME = "speech_commands"
WORDS = ("one", "two", "three")
SAMPLE_RATE = 16000  # Hz
N_FFT = 2048  # samples of one analysis window (128 ms)
HOP_LENGTH = 512  # samples from one frame to the next (32 ms)
N_MFCC = 20
N_FRAMES = 32  # 1 + SAMPLE_RATE // HOP_LENGTH: the frames of one second

# Every word of v0.02.
# fmt: off
KNOWN_WORDS = (
    "backward", "bed", "bird", "cat", "dog", "down", "eight", "five", "follow", "forward", "four", "go",
    "happy", "house", "learn", "left", "marvin", "nine", "no", "off", "on", "one", "right", "seven",
    "sheila", "six", "stop", "three", "tree", "two", "up", "visual", "wow", "yes", "zero",
)
# fmt: on
URL = "http://download.tensorflow.org/data/speech_commands_v0.02.tar.gz"
SHA256 = "af14739ee7dc311471de98f5f9d2c9191b18aedfe957f4a6ff791c709868ff58"  # as in torchaudio
SIZE = 2_428_923_189  # bytes

LISTS = {"validation": "validation_list.txt", "test": "testing_list.txt"}
CLIP_NAME = re.compile(r"[0-9a-f]{8}_nohash_[0-9]+\.wav")
# With fewer training clips of a word than this, "auto" does not take the mirror.
ENOUGH_CLIPS = 100


class WavError(DataError, ValueError):
    """A sound file that cannot be used; the message names it."""


@dataclass(frozen=True)
class Split:
    """Clips of one split, in the order of the words and then of the file names.

    features: float32 (n, 32, 20), raw MFCC, frame after frame; labels: int64 (n,), the place of the word in
    `words`; paths: "<word>/<file>.wav", relative to the folder of the data.
    """

    features: np.ndarray
    labels: np.ndarray
    paths: tuple[str, ...]

    @property
    def arrays(self) -> tuple[np.ndarray, np.ndarray]:
        """(features, labels), as models and training take them."""
        return self.features, self.labels

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class SpeechCommands:
    """The three splits, and what they are: `provenance` is a sentence, `source` "sample", "full" or "mirror"."""

    train: Split
    validation: Split
    test: Split
    words: tuple[str, ...]
    provenance: str
    source: str
    folder: Path

    def waveform(self, path: str) -> np.ndarray:
        """The clip at one of the splits' `paths`: float32 (n,) in [-1, 1], at 16 kHz, to plot or to hear."""
        return read_wav(self.folder / path)


def load(words: Sequence[str] = WORDS, source: Source = "auto", progress: bool = True) -> SpeechCommands:
    """The clips of these words, as raw (not standardised) MFCC; says in one line what was loaded.

    The features are computed once and kept in the cache, keyed by the contents of the clips and the
    parameters of the MFCC. Raises ValueError for unknown words or an unknown source, and DataError (one
    line that says what to do) for data that is missing or damaged.
    """
    words = check_words(words)
    origin, folder, provenance = _locate(words, source, progress)
    splits, remarks = _read_splits(folder, words, progress)
    train, validation, test = splits["train"], splits["validation"], splits["test"]
    provenance = (
        f"{provenance}; {', '.join(words)}: {len(train)} training, {len(validation)} validation, {len(test)} test clips"
    )
    print("; ".join([f"Speech Commands: {provenance}", *remarks]))
    return SpeechCommands(train, validation, test, words, provenance, origin, folder)


def check_words(words: Sequence[str]) -> tuple[str, ...]:
    """The words as a tuple; ValueError unless they are two or more different words of the data set."""
    if isinstance(words, str):
        raise ValueError(f"words={words!r} is one string: give a sequence of words, such as {WORDS}")
    words = tuple(words)
    unknown = [word for word in words if word not in KNOWN_WORDS]
    if unknown:
        raise ValueError(
            f"{', '.join(map(repr, unknown))}: no word of Speech Commands; there are {', '.join(KNOWN_WORDS)}"
        )
    if len(words) < 2 or len(set(words)) < len(words):
        raise ValueError(f"words={words!r}: give two or more different words")
    return words


# --- clips and features --------------------------------------------------------------------------------


def read_wav(path: str | Path) -> np.ndarray:
    """A sound file as float32 (n,) in [-1, 1]; several channels are averaged.

    Raises WavError, naming the file, when it is missing, empty, truncated, not audio, or not at 16 kHz.
    """
    import soundfile

    path = Path(path)
    remedy = "delete it or fetch the data again"
    try:
        size = path.stat().st_size
        if size == 0:
            raise WavError(f"{path} is an empty file: {remedy}")
        with path.open("rb") as file:
            header = file.read(8)
        if header[:4] == b"RIFF" and int.from_bytes(header[4:], "little") + 8 > size:
            raise WavError(f"{path} is truncated (its header promises more than its {size} bytes): {remedy}")
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    except FileNotFoundError as error:
        raise WavError(f"{path} does not exist: {remedy}") from error
    except soundfile.SoundFileError as error:
        raise WavError(f"{path} cannot be read as sound ({error}): {remedy}") from error
    if rate != SAMPLE_RATE:
        raise WavError(
            f"{path} is sampled at {rate} Hz, not {SAMPLE_RATE} Hz: resample it, "
            f"for example with librosa.load(path, sr={SAMPLE_RATE}), or delete it"
        )
    if len(samples) == 0:
        raise WavError(f"{path} contains no samples: {remedy}")
    if not np.isfinite(samples).all():
        raise WavError(f"{path} contains samples that are not numbers: {remedy}")
    return np.ascontiguousarray(samples.mean(axis=1, dtype=np.float32))


def mfcc(waveform: np.ndarray) -> np.ndarray:
    """MFCC of one second: float32 (32, 20) from float32 (n,) at 16 kHz, padded with zeros or cut to one second."""
    import librosa

    second = np.zeros(SAMPLE_RATE, np.float32)
    waveform = waveform[:SAMPLE_RATE]
    second[: len(waveform)] = waveform
    coefficients = librosa.feature.mfcc(y=second, sr=SAMPLE_RATE, n_mfcc=N_MFCC, n_fft=N_FFT, hop_length=HOP_LENGTH)
    return np.ascontiguousarray(coefficients.T, dtype=np.float32)


def feature_statistics(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of each coefficient over clips and frames: float32 (20,) each.

    To be taken from the training split alone and used for all splits.
    """
    flat = features.reshape(-1, features.shape[-1])
    mean, std = flat.mean(axis=0, dtype=np.float64), flat.std(axis=0, dtype=np.float64)
    return mean.astype(np.float32), std.astype(np.float32)


def standardise(features: np.ndarray, mean: np.ndarray, std: np.ndarray) -> np.ndarray:
    """(features - mean) / std as float32, shape unchanged; a coefficient that never varies becomes 0."""
    scale = np.where(std > 0, std, np.float32(1))
    return ((features - mean) / scale).astype(np.float32)


def _read_splits(folder: Path, words: tuple[str, ...], progress: bool) -> tuple[dict[str, Split], list[str]]:
    lists = {split: _read_list(folder / name) for split, name in LISTS.items()}
    parts: dict[str, list[tuple[np.ndarray, int, str]]] = {"train": [], "validation": [], "test": []}
    remarks = set()
    for label, word in enumerate(words):
        names, features, remark = _word_features(folder / word, progress)
        if remark is not None:
            remarks.add(f"features kept in memory only: {remark}")
        for name, feature in zip(names, features, strict=True):
            path = f"{word}/{name}"
            split = next((split for split in lists if path in lists[split]), "train")
            parts[split].append((feature, label, path))
        for split, clips in parts.items():
            if all(clip[1] != label for clip in clips):
                raise DataError(f"{folder} has no {split} clip of {word!r}: choose other words or another source")
    return {split: _stack(clips) for split, clips in parts.items()}, sorted(remarks)


def _read_list(path: Path) -> set[str]:
    try:
        return set(path.read_text(encoding="utf-8").split())
    except FileNotFoundError as error:
        raise DataError(f"{path} is missing: fetch the data again") from error


def _stack(clips: list[tuple[np.ndarray, int, str]]) -> Split:
    features, labels, paths = zip(*clips, strict=True)
    return Split(np.stack(features), np.array(labels, dtype=np.int64), tuple(paths))


def _word_features(folder: Path, progress: bool) -> tuple[list[str], np.ndarray, str | None]:
    """Names of a word's clips, their features float32 (n, 32, 20), and why these could not be cached (or None).

    One cache file holds one word, so that a process that is killed loses one word at most, and a word is
    computed once for all selections of words. Its key contains the content of every clip.
    """
    paths = sorted(folder.glob("*.wav"))
    if not paths:
        raise DataError(f"{folder} has no clips: choose other words or another source")
    key = store.cache_key(
        [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths],
        {"sr": SAMPLE_RATE, "n_fft": N_FFT, "hop_length": HOP_LENGTH, "n_mfcc": N_MFCC, "librosa": version("librosa")},
    )

    def compute() -> np.ndarray:
        from tqdm import tqdm

        bar = tqdm(paths, desc=f"MFCC of {folder.name!r}", unit="clip", file=sys.stdout, disable=not progress)
        return np.stack([mfcc(read_wav(path)) for path in bar])

    features, remark = store.cached_array(NAME, folder.name, key, compute)
    return [path.name for path in paths], features, remark


# --- where the clips come from -------------------------------------------------------------------------


def _locate(words: tuple[str, ...], source: Source, progress: bool) -> tuple[str, Path, str]:
    """(source, folder, provenance) of clips of these words, which are brought into the cache when needed."""
    return store.locate(
        source,
        title="Speech Commands",
        mirror_name=NAME,
        sample=lambda: _sample(words),
        full=_full,
        has_full=lambda: not _missing(_full_folder(), words),
        fetch_full=lambda: fetch_full(words, progress),
        mirror=lambda: _mirror(words, progress),
        suits=lambda found: _has_enough(found[1], words),
    )


def _has_enough(folder: Path, words: tuple[str, ...]) -> bool:
    """Whether a mirror has clips enough to train on; says so where it has not."""
    few = _short_of_clips(folder, words)
    if few:
        print(f"Speech Commands: the mirror has too few training clips of {', '.join(few)}; it is passed over")
    return not few


def _sample(words: tuple[str, ...]) -> tuple[str, Path, str]:
    folder = store.sample_folder(NAME)
    missing = [word for word in words if word not in WORDS]
    if missing:
        raise DataError(
            f"the embedded sample has no {', '.join(missing)} (only {', '.join(WORDS)}): for other words "
            f"fetch the full set, for example with load(words={words!r}, source='full')"
        )
    return "sample", folder, "embedded sample (synthetic speech made with espeak-ng, no recordings of people)"


def _full_folder() -> Path:
    return store.cache_folder(NAME) / "speech_commands_v0.02"


def _full() -> tuple[str, Path, str]:
    return "full", _full_folder(), "full data set, Google Speech Commands v0.02"


def _mirror(words: tuple[str, ...], progress: bool) -> tuple[str, Path, str]:
    folder, provenance = fetch_mirror(words, progress)
    return "mirror", folder, f"Google Speech Commands from the mirror ({provenance})"


def _missing(folder: Path, words: Sequence[str]) -> list[str]:
    """Words that are not in the folder. A word's folder appears complete or not at all (see `_keep_words`)."""
    if not all((folder / name).is_file() for name in LISTS.values()):
        return list(words)
    return [word for word in words if not (folder / word).is_dir()]


def _short_of_clips(folder: Path, words: Sequence[str]) -> list[str]:
    elsewhere = set().union(*(_read_list(folder / name) for name in LISTS.values()))
    counts = {
        word: sum(f"{word}/{path.name}" not in elsewhere for path in (folder / word).glob("*.wav")) for word in words
    }
    return [f"{word!r} ({count})" for word, count in counts.items() if count < ENOUGH_CLIPS]


def fetch_full(words: Sequence[str] = WORDS, progress: bool = True, url: str = URL, digest: str = SHA256) -> Path:
    """Bring these words of the full data set into the cache; returns its folder.

    The archive (2.3 GB) is unpacked while it is read and never stored; what is not asked for passes by, so
    name all the words that you will want in one call. A lost connection is taken up where it broke off; a
    process that is killed begins anew. Words are kept only when the sha256 of the whole archive is right.
    """
    from tqdm import tqdm

    folder = _full_folder()
    missing = _missing(folder, words)
    if not missing:
        return folder
    with (
        store.new_folder(folder.parent) as temporary,
        tqdm(
            total=SIZE, desc="Speech Commands", unit="B", unit_scale=True, file=sys.stdout, disable=not progress
        ) as bar,
        closing(store.DownloadStream(url, bar)) as stream,
    ):
        try:
            with tarfile.open(fileobj=stream, mode="r|gz") as archive:  # type: ignore[call-overload]
                _extract(_tar_members(archive), missing, temporary)
        except (tarfile.TarError, OSError, EOFError) as error:
            stream.verify(digest)  # when the bytes are wrong, that is what to say
            raise DataError(f"{url} cannot be unpacked ({error}): nothing was kept; try again") from error
        stream.verify(digest)
        _keep_words(temporary, folder, missing, url)
    return folder


def fetch_mirror(words: Sequence[str] = WORDS, progress: bool = True) -> tuple[Path, str]:
    """Bring these words from the mirror's archive into the cache: its folder there, and what the mirror says it is."""
    entry = store.mirror_entry(NAME)
    if entry is None:
        raise MirrorError(
            "no mirror with speech_commands: let $COURSEWORK_MIRROR name a directory or URL whose index.json has it"
        )
    archives = [file for file in entry.files if file.path.endswith((".zip", ".tar.gz"))]
    if len(archives) != 1:
        raise MirrorError("the mirror's index.json must name one .zip or .tar.gz archive for speech_commands")
    (archive,) = archives
    folder = store.cache_folder(NAME) / f"mirror-{archive.sha256[:16]}"
    missing = _missing(folder, words)
    if missing:
        path = entry.local_file(archive, NAME, progress)
        with store.new_folder(folder.parent) as temporary:
            try:
                if path.suffix == ".zip":
                    with zipfile.ZipFile(path) as zipped:
                        _extract(_zip_members(zipped), missing, temporary)
                else:
                    with tarfile.open(path, mode="r|gz") as tar:
                        _extract(_tar_members(tar), missing, temporary)
            except (tarfile.TarError, zipfile.BadZipFile, EOFError) as error:
                raise MirrorError(f"{archive.path} in the mirror cannot be unpacked ({error})") from error
            absent = [word for word in missing if not (temporary / word).is_dir()]
            if absent:
                raise MirrorError(f"the mirror has no clips of {', '.join(absent)} ({entry.provenance})")
            _keep_words(temporary, folder, missing, archive.path)
    return folder, entry.provenance


def _tar_members(archive: tarfile.TarFile) -> Iterator[tuple[str, IO[bytes]]]:
    for member in archive:
        content = archive.extractfile(member) if member.isfile() else None
        if content is not None:
            yield member.name, content


def _zip_members(archive: zipfile.ZipFile) -> Iterator[tuple[str, IO[bytes]]]:
    for member in archive.infolist():
        if not member.is_dir():
            with archive.open(member) as content:
                yield member.filename, content


def _extract(members: Iterator[tuple[str, IO[bytes]]], words: Sequence[str], folder: Path) -> None:
    """Write the clips of these words and the split lists into `folder`, whatever folder they lie in in the archive."""
    for name, content in members:
        parts = [part for part in PurePosixPath(name).parts if part != "."]
        is_list = parts[-1] in LISTS.values() and len(parts) <= 2
        is_clip = len(parts) in (2, 3) and parts[-2] in words and CLIP_NAME.fullmatch(parts[-1])
        if is_list or is_clip:
            target = folder / parts[-1] if is_list else folder / parts[-2] / parts[-1]
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(content.read())


def _keep_words(temporary: Path, folder: Path, words: Sequence[str], origin: str) -> None:
    """Move what was unpacked to its place: each word's folder in one step, so that a word is there wholly or not."""
    incomplete = [name for name in (*LISTS.values(), *words) if not (temporary / name).exists()]
    if incomplete:
        raise DataError(f"{origin} does not contain {', '.join(incomplete)}: it is not Speech Commands v0.02")
    folder.mkdir(parents=True, exist_ok=True)
    for name in LISTS.values():
        (temporary / name).replace(folder / name)
    for word in words:
        store.write_checksums(temporary / word)
        if not (folder / word).is_dir():  # another process may have been faster
            (temporary / word).rename(folder / word)


# --- coursework data list | fetch | verify ---------------------------------------------------------------


def describe() -> str:
    """One line: what `load()` can use without the network."""
    here = ["embedded sample: " + ", ".join(WORDS)]
    for folder in _cached_folders():
        words = [word for word in KNOWN_WORDS if (folder / word).is_dir()]
        here.append(f"{folder.name} in the cache: {', '.join(words)}")
    return "; ".join(here)


def fetch(progress: bool = True, words: Sequence[str] = WORDS, source: Source = "auto") -> str:
    """Bring words into the cache, from the mirror when one is set (or source="mirror"), else the full set.

    Returns a sentence that says what was fetched from where.
    """
    words = check_words(words)
    if source not in ("auto", "full", "mirror"):
        raise ValueError(f"source={source!r}: one can fetch from 'auto', 'full' and 'mirror'")
    if source == "mirror" or (source == "auto" and store.mirror_entry(NAME) is not None):
        folder, provenance = fetch_mirror(words, progress)
        return f"{', '.join(words)} from the mirror ({provenance}) into {folder}"
    return f"{', '.join(words)} of Speech Commands v0.02 into {fetch_full(words, progress)}"


def prepare_sample() -> None:
    """Compute the sample's features, so that `load` finds them in the cache."""
    folder = _sample(WORDS)[1]
    for word in WORDS:
        _word_features(folder / word, progress=False)


def verify() -> list[str]:
    """Problems with the files of the sample and of the cache, one line each; none is an empty list."""
    problems = store.check_checksums(store.sample_folder(NAME), extra="*/*.wav")
    for folder in _cached_folders():
        problems += [f"{folder / name} is missing" for name in LISTS.values() if not (folder / name).is_file()]
        for word in KNOWN_WORDS:
            if (folder / word).is_dir():
                problems += store.check_checksums(folder / word, extra="*.wav")
    return problems + store.unfinished(store.cache_folder(NAME))


def _cached_folders() -> list[Path]:
    cache = store.cache_folder(NAME)
    return [folder for folder in (_full_folder(), *sorted(cache.glob("mirror-*"))) if folder.is_dir()]


DATASET = Dataset(
    name=NAME,
    title="Google Speech Commands v0.02: spoken words, one second each",
    licence="CC BY 4.0 (the embedded sample: CC0 1.0)",
    where=URL,
    describe=describe,
    fetch=fetch,
    verify=verify,
    prepare_sample=prepare_sample,
)
