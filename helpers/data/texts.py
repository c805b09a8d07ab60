"""Texts for character models: one long string, split by position.

Which text (`name`):

- "python": prose and examples from the documentation that comes with every Python (`pydoc_data.topics`), the one
  that needs no download. Its text depends on the version of Python;
- "shakespeare": tiny Shakespeare, 1,115,394 characters of his plays, as A. Karpathy put them together for char-rnn
  (2015); public domain;
- "dante": the Divina Commedia in Italian, Project Gutenberg's eBook 1012; public domain;
- anything else is the path of a text file of your own, in UTF-8.

Where it comes from (`source`), for the two that are fetched:

- "full":   the download, fetched when it is not in the cache (1 MB);
- "mirror": what the mirror `$COURSEWORK_MIRROR` has under `tiny_shakespeare` or `divina_commedia`;
- "auto":   the download where it has been fetched, else the mirror where one is set and has it, else it is fetched
            now: whoever names a text wants that text, and no other in its place.

"python" and your own file are the same from any source.

Every text is brought into one form (`normalise`), and split by position: the last tenth is for validation. A split
at random would put the neighbours of each validation character into training.
"""

import codecs
import platform
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from helpers.data import store
from helpers.data.store import ChecksumError, DataError, Dataset, MirrorError, Source

NAME = "texts"
LEAST_CHARACTERS = 20_000
"""Fewer are too few to learn from, and their last tenth too few to judge by."""

Located = tuple[str, str, str]  # source, text as it was read, provenance


@dataclass(frozen=True)
class Text:
    """One text and its split.

    text: all of it, in Unicode form NFC, lines ended by "\\n". train, validation: its first nine tenths and its last
    tenth. title: a short name; provenance: a sentence; source: "sample", "full", "mirror" or "own". characters: every
    character of the text once, sorted, as one string.
    """

    text: str
    train: str
    validation: str
    title: str
    provenance: str
    source: str
    characters: str


@dataclass(frozen=True)
class Download:
    """A text that is fetched. clean: from the file's text to the work's own, or ValueError for another file.

    sha256: of the file at `url`; None where its publisher changes it from time to time and `clean` has to tell.
    """

    title: str
    mirror_name: str
    url: str
    sha256: str | None
    clean: Callable[[str], str]


def load(name: str | Path = "python", source: Source = "auto", progress: bool = True) -> Text:
    """The text of this name, or of the file at this path, split; says in one line what was loaded.

    progress: show a bar while it is fetched. Raises ValueError for an unknown source, and DataError (one line that
    says what to do) for a text that cannot be had, read or learned from.
    """
    if source not in ("auto", "sample", "full", "mirror"):
        raise ValueError(f"source={source!r}: there are 'auto', 'sample', 'full' and 'mirror'")
    if name == "python":
        title, (origin, raw, provenance) = PYTHON_TITLE, _python()
    elif name in DOWNLOADS:
        title, (origin, raw, provenance) = DOWNLOADS[str(name)].title, _locate(str(name), source, progress)
    else:
        title, (origin, raw, provenance) = Path(name).stem, _own(Path(name))
    text = normalise(raw)
    if len(text) < LEAST_CHARACTERS:
        raise DataError(
            f"{title} has {len(text):,} characters: {LEAST_CHARACTERS:,} or more are needed to learn from, "
            "so take a longer text"
        )
    cut = len(text) * 9 // 10
    loaded = Text(text, text[:cut], text[cut:], title, provenance, origin, "".join(sorted(set(text))))
    print(
        f"Text: {provenance}; {len(text):,} characters, {len(loaded.characters)} different ones, "
        f"the last {len(loaded.validation):,} for validation"
    )
    return loaded


def normalise(text: str) -> str:
    """Unicode form NFC ("é" is one character, not "e" and an accent), every line ended by one "\\n", no BOM."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", text)


def read(path: Path) -> str:
    """A text file in UTF-8, with or without a byte order mark. DataError when it is missing or no such file."""
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise DataError(
            f"there is no file {path}, and no text of that name: give 'python', 'shakespeare', 'dante', or the path "
            f"of a .txt file (paths begin at {Path.cwd()})"
        ) from error
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}): give the path of a .txt file") from error
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise DataError(f"{path} is in UTF-16: save it as UTF-8, as any editor can")
    if b"\0" in content:
        raise DataError(f"{path} is no plain text (it holds bytes of zero): save it as plain text in UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path} is not in UTF-8 (byte {error.start} does not fit): save it as UTF-8, as any editor can"
        ) from error


# --- the text that comes with Python -------------------------------------------------------------------

PYTHON_TITLE = "Python's own documentation"
_PARAGRAPH_END = re.compile(r"\n(?: *\n)+")
_TABLE_LINE = re.compile(r" *(\+[-=+]+\+|\|.*\|) *")


def _python() -> Located:
    try:
        from pydoc_data.topics import topics
    except ImportError as error:
        raise DataError(
            "this Python came without its documentation (pydoc_data.topics): take another text, or a complete Python"
        ) from error
    provenance = (
        f"the documentation that comes with Python {platform.python_version()} (pydoc_data.topics), without tables and "
        "repeated paragraphs; other versions have a slightly different text"
    )
    return "sample", without_repeats([without_tables(topics[name]) for name in sorted(topics)]), provenance


def without_tables(text: str) -> str:
    """The lines that do not draw a table: of one, most characters are dashes and spaces."""
    return "\n".join(line for line in text.split("\n") if not _TABLE_LINE.fullmatch(line))


def without_repeats(documents: list[str]) -> str:
    """The documents joined, each paragraph kept where it occurs first.

    Several of Python's topics repeat whole sections of others, a fifth of all text. With the same paragraphs on both
    sides of a split, a model would be tested on what it has learned by heart.
    """
    seen: set[str] = set()
    kept = []
    for document in documents:
        found = dict.fromkeys(paragraph.rstrip() for paragraph in _PARAGRAPH_END.split(document.strip()))
        paragraphs = [paragraph for paragraph in found if paragraph not in seen]
        seen.update(paragraphs)
        if paragraphs:
            kept.append("\n\n".join(paragraphs))
    return "\n\n\n".join(kept) + "\n"


# --- texts that are fetched ----------------------------------------------------------------------------


def gutenberg(text: str, title: str, line: str) -> str:
    """The work between Project Gutenberg's markers, without indentation.

    The files there change with their header and footer, so that no checksum can be fixed: `line` is one of the work
    that has to be there. ValueError when markers or line are not.
    """
    start, end = text.find("*** START OF"), text.find("*** END OF")
    begin = text.find("\n", start)
    if start < 0 or end < begin or line not in text[begin:end]:
        raise ValueError(f"it is not Project Gutenberg's {title}")
    return "\n".join(line.strip() for line in text[begin:end].strip().splitlines()) + "\n"


DOWNLOADS = {
    "shakespeare": Download(
        title="Tiny Shakespeare",
        mirror_name="tiny_shakespeare",
        url="https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt",
        sha256="86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
        clean=lambda text: text,
    ),
    "dante": Download(
        title="Divina Commedia",
        mirror_name="divina_commedia",
        url="https://www.gutenberg.org/cache/epub/1012/pg1012.txt",
        sha256=None,
        clean=lambda text: gutenberg(text, "Divina Commedia", "Nel mezzo del cammin di nostra vita"),
    ),
}


def _locate(name: str, source: Source, progress: bool) -> Located:
    """(source, text, provenance) of a text that is fetched."""
    title = DOWNLOADS[name].title
    if source == "sample":
        raise ValueError(f"source='sample': there is no sample of {title}; 'python' is the text that is always there")

    def fetched() -> Located:
        try:
            fetch_full(name, progress)
        except ChecksumError:
            raise
        except DataError as error:
            raise DataError(f"{error}. Without a connection, take the text 'python' or a file of your own") from error
        return _full(name)

    return store.locate(
        source,
        title="Text",
        mirror_name=DOWNLOADS[name].mirror_name,
        sample=fetched,
        full=lambda: _full(name),
        has_full=lambda: _full_file(name).is_file(),
        fetch_full=lambda: fetch_full(name, progress),
        mirror=lambda: _mirror(name, progress),
    )


def _own(path: Path) -> Located:
    return "own", read(path), f"your own file {path.name}"


def _full(name: str) -> Located:
    return "full", read(_full_file(name)), f"{DOWNLOADS[name].title}, complete"


def _full_file(name: str) -> Path:
    return store.cache_folder(NAME) / name / f"{name}.txt"


def _mirror(name: str, progress: bool) -> Located:
    mirror_name, title = DOWNLOADS[name].mirror_name, DOWNLOADS[name].title
    entry = store.mirror_entry(mirror_name)
    if entry is None:
        raise MirrorError(
            f"no mirror with {mirror_name}: let $COURSEWORK_MIRROR name a directory or URL whose index.json has it"
        )
    texts = [file for file in entry.files if file.path.endswith(".txt")]
    if len(texts) != 1:
        raise MirrorError(f"the mirror should have one text of {title}, but it has {len(texts)} ({entry.provenance})")
    path = entry.local_file(texts[0], NAME, progress)
    return "mirror", read(path), f"{title} from the mirror ({entry.provenance})"


def fetch_full(name: str, progress: bool = True) -> Path:
    """Bring a text into the cache; returns its file, which appears complete and verified or not at all."""
    file, download = _full_file(name), DOWNLOADS[name]
    if file.is_file():
        return file
    with store.new_folder(file.parent.parent) as temporary:
        fetched = store.download(download.url, download.sha256, temporary / "download", progress)
        folder = temporary / name
        folder.mkdir()
        try:
            text = download.clean(normalise(read(fetched)))
        except (ValueError, DataError) as error:
            raise ChecksumError(
                f"{download.url} is not the expected file ({error}): nothing was kept; try again, or through another "
                "network"
            ) from error
        (folder / file.name).write_text(text, encoding="utf-8", newline="\n")
        store.write_checksums(folder)
        if not file.is_file():  # another process may have been faster
            folder.rename(file.parent)
    return file


# --- coursework data list | fetch | verify ---------------------------------------------------------------


def describe() -> str:
    """One line: what `load()` can use without the network."""
    cached = [name for name in DOWNLOADS if _full_file(name).is_file()]
    return "'python' comes with Python" + (f"; in the cache: {', '.join(cached)}" if cached else "")


def fetch(progress: bool = True, source: Source = "auto") -> str:
    """Bring the texts that are fetched into the cache, or say that the mirror, where one is set, has them.

    Returns a sentence that says what is there now.
    """
    if source not in ("auto", "full", "mirror"):
        raise ValueError(f"source={source!r}: one can fetch from 'auto', 'full' and 'mirror'")
    done = []
    for name, download in DOWNLOADS.items():
        if source == "mirror" or (source == "auto" and store.mirror_entry(download.mirror_name) is not None):
            done.append(_mirror(name, progress)[2])
        else:
            done.append(f"{download.title} into {fetch_full(name, progress)}")
    return "; ".join(done)


def prepare_sample() -> None:
    """Nothing: the sample is there with Python."""


def verify() -> list[str]:
    """Problems with the files of the cache, one line each; none is an empty list."""
    folders = [_full_file(name).parent for name in DOWNLOADS]
    problems = [problem for folder in folders if folder.is_dir() for problem in store.check_checksums(folder, "*.txt")]
    return problems + store.unfinished(store.cache_folder(NAME))


DATASET = Dataset(
    name=NAME,
    title="Texts for character models: Python's documentation, tiny Shakespeare, Divina Commedia",
    licence="Python's documentation: PSF License; the others: public domain",
    where=" and ".join(download.url for download in DOWNLOADS.values()),
    describe=describe,
    fetch=fetch,
    verify=verify,
    prepare_sample=prepare_sample,
    built_in="Python",
)
