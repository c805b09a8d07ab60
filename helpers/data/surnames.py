"""Surnames of 18 languages: which language does a name come from?

The names of the PyTorch tutorial "NLP From Scratch: Classifying Names with a Character-Level RNN" (S. Robertson):
one UTF-8 file for each language, one name on each line, 20,074 lines in all, from 9,408 Russian ones to 73
Vietnamese ones. No licence is stated for them; surnames are facts.

Where they come from (`source`):

- "sample": the embedded sample, typed in by us in the same layout (data/surnames/README.md);
- "full":   the full data set, fetched when it is not in the cache (3 MB);
- "mirror": what the mirror `$COURSEWORK_MIRROR` has under `names`;
- "auto":   the full set where it has been fetched, else the mirror where one is set and has all languages,
            else the sample. Nothing is fetched from the net but by way of a mirror.

What is done with the lists, in this order:

1. Each line becomes a name in one Unicode form (`normalise`), so that equal names are equal strings.
2. Each name is kept once. Repeats on both sides of a split would let a model be tested on what it was trained on.
3. A name that several languages list gets the one of them of whose list it makes up the largest share
   (`one language each`). Dropping all such names would leave a single Scottish one in the full set.
4. Each language is split by itself (stratified) into training, validation and test names, in the order of a
   checksum of seed and name: the same with every version of every library.
"""

import hashlib
import math
import re
import unicodedata
import zipfile
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

import numpy as np

from helpers.data import store
from helpers.data.store import ChecksumError, DataError, Dataset, MirrorError, Source

NAME = "surnames"
MIRROR_NAME = "names"
URL = "https://download.pytorch.org/tutorial/data.zip"
# No checksum of the archive is published. These are the sha256 of the 18 files in it, as two independent
# repositories have recorded them.
FILES = {
    "Arabic": "6f424a8dbe51cbbbabab7a57d38b617210125e4e3991f3c657cb79b8f104bafc",
    "Chinese": "49263ef55a8cb1740e841d65cad8214b2f9b5b869bc534c811746422496fa91e",
    "Czech": "145bbbd6d0816578f03388e92c264d39ef1c60df920b081d371fa5c5cc055a8e",
    "Dutch": "924f32b635170eae561f84538632138fc07d4c8bbd70ba3fb980de1ecc4d2af3",
    "English": "9cca037066d3d5989e24bc01801416162de506b5e28e15b7c092a47905d29bf2",
    "French": "81e65b36c60ed5b89a17422f6edcadbb89546f38ad69e960e64e7ba682012a95",
    "German": "7449cd590b97a733e18d613a4155decd77ec35dc5f8aadd7a82204dce4f051db",
    "Greek": "3555b5186de7f401e6d991b088e9e644ca3099116477818c25ab5793801389e6",
    "Irish": "cf8c7013256252a88d2503127b87282a11f21b2ff6db1bded68834c19a1ec058",
    "Italian": "f88414c27d0606a11a678b4859277828c2565d6cc4d9ee932deef6e94f3b35e4",
    "Japanese": "e0e717e114fec3e7eade4d9dabe0067c475f43147e36a22b47902ee76ad9e67f",
    "Korean": "cd54221ccb362a6cba4c78828838cf3268a0e59744767a37cf6ec4b74036b136",
    "Polish": "45bab898af2f60ed3a728bbf6980e28821011a7caa53227553b5785903a40826",
    "Portuguese": "50a8735f41f4f73757c8ce5b16cb0275cd86b2b214bcbc8c9805f508cb131c53",
    "Russian": "43b3e64ce351f77f1ac9e0cdf7566012d127f4371875fd25208845b5c9d6f7c3",
    "Scottish": "78d0252711d87d948ea86fe34826c51d2d794a8e52d15b5d6f7b6244d45d62dd",
    "Spanish": "1bcb462ed3316756a85781d68232bddae04498fdddd5d9219c53fd1fbdeba7a7",
    "Vietnamese": "f3f9e4164ab47601178a6e45b216464a64122f49d05541f24bf18a757253281d",
}
LANGUAGES = tuple(FILES)

SPLIT_SEED = 0
VALIDATION_SHARE = TEST_SHARE = 0.15  # of each language's names, rounded up
LEAST_NAMES = 3  # of a language: one in each split
# What the full lists hold beside names: a line that was scraped from a page around them.
NOT_NAMES = frozenset({"To The First Page"})

Form = Literal["NFC", "NFD"]


@dataclass(frozen=True)
class Split:
    """Names in an order that mixes the languages. names: str (n,); labels: int64 (n,), places in `languages`."""

    names: np.ndarray
    labels: np.ndarray

    @property
    def arrays(self) -> tuple[np.ndarray, np.ndarray]:
        """(names, labels)."""
        return self.names, self.labels

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Surnames:
    """The three splits, and what they were made of.

    listed: every line of the lists, normalised, repeats included, language by language: what a careless split
    would start from. several: the names that more than one language lists, with those languages. provenance: a
    sentence; source: "sample", "full" or "mirror"; form: the Unicode form of the names.
    """

    train: Split
    validation: Split
    test: Split
    languages: tuple[str, ...]
    listed: Split
    several: Mapping[str, tuple[str, ...]]
    provenance: str
    source: str
    form: Form


def load(source: Source = "auto", form: Form = "NFC", progress: bool = True) -> Surnames:
    """The names of all languages, each once, split; says in one line what was loaded.

    Raises ValueError for an unknown source or form, and DataError (one line that says what to do) for lists that
    are missing or damaged.
    """
    if form not in ("NFC", "NFD"):
        raise ValueError(f"form={form!r}: there are 'NFC' (one character a letter) and 'NFD' (letter and marks apart)")
    origin, paths, provenance = _locate(source, progress)
    lists = {language: read_list(path, form) for language, path in sorted(paths.items())}
    languages = tuple(lists)
    kept = one_language_each(lists)
    train, validation, test = _split(kept, languages)
    provenance = (
        f"{provenance}; {len(languages)} languages: {len(train)} training, {len(validation)} validation, "
        f"{len(test)} test names"
    )
    print(f"Surnames: {provenance}")
    listed = _as_split([(name, language) for language in languages for name in lists[language]], languages)
    return Surnames(train, validation, test, languages, listed, _several(lists), provenance, origin, form)


# --- from lists to splits ------------------------------------------------------------------------------


def normalise(line: str, form: Form = "NFC") -> str:
    """The name on a line of a list; empty when there is none.

    One Unicode form: in NFC "é" is one character, in NFD two, "e" and the combining accent. Typographic
    apostrophes become "'", any white space one space. The name ends before the first character that no name
    has (in the full lists some carry a digit, comma or slash): letters, marks, spaces, "'" and "-" are kept.
    Upper and lower case are left as they are.
    """
    line = re.sub(r"\s+", " ", line.replace("\u2019", "'")).strip()
    end = next((i for i, c in enumerate(line) if not (unicodedata.category(c)[0] in "LM" or c in " '-")), len(line))
    return unicodedata.normalize(form, line[:end].strip())


def read_list(path: Path, form: Form = "NFC") -> list[str]:
    """The names of one language's file, one for each line that holds one; DataError when it cannot be used."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise DataError(f"{path} is missing: fetch the data again") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not UTF-8 (byte {error.start}): fetch the data again") from error
    names = [normalise(line, form) for line in text.split("\n")]
    return [name for name in names if name and name not in NOT_NAMES]


def one_language_each(lists: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Each name once, with its language; of several, the one of whose list it makes up the largest share.

    That share estimates P(name | language). "Campbell", once among 3,668 English lines and once among 100 Scottish
    ones, is Scottish. Equal shares go to the language that is first in the alphabet.
    """
    shares: dict[str, dict[str, float]] = defaultdict(dict)
    for language in sorted(lists):
        for name, count in Counter(lists[language]).items():
            shares[name][language] = count / len(lists[language])
    return {name: max(found, key=lambda language: found[language]) for name, found in shares.items()}


def _several(lists: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    languages: dict[str, list[str]] = defaultdict(list)
    for language, names in lists.items():
        for name in sorted(set(names)):
            languages[name].append(language)
    return {name: tuple(found) for name, found in sorted(languages.items()) if len(found) > 1}


def _split(kept: Mapping[str, str], languages: Sequence[str]) -> tuple[Split, Split, Split]:
    """Training, validation and test: of each language the first names, in the order of their checksums, are test."""
    names: dict[str, list[str]] = defaultdict(list)
    for name in sorted(kept, key=_place):
        names[kept[name]].append(name)
    parts: tuple[list[tuple[str, str]], ...] = ([], [], [])
    for language in languages:
        own = [(name, language) for name in names[language]]
        if len(own) < LEAST_NAMES:
            raise DataError(
                f"{language} has {len(own)} names of its own, too few for three splits: fetch the data again"
            )
        n_test, n_validation = (math.ceil(share * len(own)) for share in (TEST_SHARE, VALIDATION_SHARE))
        cuts = (own[n_test + n_validation :], own[n_test : n_test + n_validation], own[:n_test])
        for part, cut in zip(parts, cuts, strict=True):
            part.extend(cut)
    train, validation, test = (_as_split(sorted(part, key=lambda pair: _place(pair[0])), languages) for part in parts)
    return train, validation, test


def _place(name: str) -> bytes:
    """What orders names at random, and the same way everywhere. The Unicode form makes no difference."""
    return hashlib.sha256(f"{SPLIT_SEED} {unicodedata.normalize('NFC', name)}".encode()).digest()


def _as_split(pairs: Sequence[tuple[str, str]], languages: Sequence[str]) -> Split:
    names, found = zip(*pairs, strict=True)
    return Split(np.array(names), np.array([languages.index(language) for language in found], dtype=np.int64))


# --- where the lists come from -------------------------------------------------------------------------


def _locate(source: Source, progress: bool) -> tuple[str, dict[str, Path], str]:
    """(source, path of each language's list, provenance)."""
    return store.locate(
        source,
        title="Surnames",
        mirror_name=MIRROR_NAME,
        sample=_sample,
        full=_full,
        has_full=lambda: _full_folder().is_dir(),
        fetch_full=lambda: fetch_full(progress),
        mirror=lambda: _mirror(progress),
    )


def _sample() -> tuple[str, dict[str, Path], str]:
    folder = store.sample_folder(NAME)
    return "sample", _lists(folder), "embedded sample (surnames typed in for this course, a tenth of the full set)"


def _full() -> tuple[str, dict[str, Path], str]:
    return "full", _lists(_full_folder()), "full data set, the PyTorch tutorial's names"


def _full_folder() -> Path:
    return store.cache_folder(NAME) / "names"


def _lists(folder: Path) -> dict[str, Path]:
    return {language: folder / f"{language}.txt" for language in LANGUAGES}


def _mirror(progress: bool) -> tuple[str, dict[str, Path], str]:
    entry = store.mirror_entry(MIRROR_NAME)
    if entry is None:
        raise MirrorError(
            f"no mirror with {MIRROR_NAME}: let $COURSEWORK_MIRROR name a directory or URL whose index.json has it"
        )
    files = {PurePosixPath(file.path).stem: file for file in entry.files if file.path.endswith(".txt")}
    missing = [language for language in LANGUAGES if language not in files]
    if missing:
        raise MirrorError(f"the mirror has no names of {', '.join(missing)} ({entry.provenance})")
    paths = {language: entry.local_file(files[language], NAME, progress) for language in LANGUAGES}
    return "mirror", paths, f"the PyTorch tutorial's names from the mirror ({entry.provenance})"


def fetch_full(progress: bool = True, url: str = URL, files: Mapping[str, str] = FILES) -> Path:
    """Bring the full data set into the cache; returns its folder, which appears with all languages or not at all.

    files: sha256 of each language's list.
    """
    folder = _full_folder()
    if folder.is_dir():
        return folder
    with store.new_folder(folder.parent) as temporary:
        archive = store.download(url, None, temporary, progress)
        lists = temporary / "names"
        lists.mkdir()
        try:
            with zipfile.ZipFile(archive) as zipped:
                for language in files:
                    (lists / f"{language}.txt").write_bytes(zipped.read(f"data/names/{language}.txt"))
        except (zipfile.BadZipFile, KeyError) as error:
            raise ChecksumError(f"{url} is not the expected file ({error}): nothing was kept; try again") from error
        wrong = [language for language, digest in files.items() if store.sha256(lists / f"{language}.txt") != digest]
        if wrong:
            raise ChecksumError(
                f"{url} has other names of {', '.join(wrong)} than expected: nothing was kept; "
                "try again, or through another network"
            )
        store.write_checksums(lists)
        if not folder.is_dir():  # another process may have been faster
            lists.rename(folder)
    return folder


# --- coursework data list | fetch | verify ---------------------------------------------------------------


def describe() -> str:
    """One line: what `load()` can use without the network."""
    here = f"embedded sample: {len(LANGUAGES)} languages"
    return f"{here}; full set in the cache" if _full_folder().is_dir() else here


def fetch(progress: bool = True, source: Source = "auto") -> str:
    """Bring the full set into the cache, or say that the mirror, where one is set, has it.

    Returns a sentence that says what is there now.
    """
    if source not in ("auto", "full", "mirror"):
        raise ValueError(f"source={source!r}: one can fetch from 'auto', 'full' and 'mirror'")
    if source == "mirror" or (source == "auto" and store.mirror_entry(MIRROR_NAME) is not None):
        provenance = _mirror(progress)[2]
        return f"{len(LANGUAGES)} languages: {provenance}"
    return f"{len(LANGUAGES)} languages of the PyTorch tutorial's names into {fetch_full(progress)}"


def prepare_sample() -> None:
    """Nothing: reading the lists takes no longer than reading a cache would."""


def verify() -> list[str]:
    """Problems with the files of the sample and of the cache, one line each; none is an empty list."""
    problems = store.check_checksums(store.sample_folder(NAME), extra="*.txt")
    if _full_folder().is_dir():
        problems += store.check_checksums(_full_folder(), extra="*.txt")
    return problems + store.unfinished(store.cache_folder(NAME))


DATASET = Dataset(
    name=NAME,
    title="Surnames of 18 languages: the names of the PyTorch tutorial",
    licence="none stated (the embedded sample: CC0 1.0)",
    where=URL,
    describe=describe,
    fetch=fetch,
    verify=verify,
    prepare_sample=prepare_sample,
)
