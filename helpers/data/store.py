"""Where data lies and how it gets there: samples, cache, mirror, checksums.

The modules of the single data sets stand on this one. It knows nothing about any data set, loads nothing
into arrays except what it cached itself, and imports nothing heavy.

Folders:

- the *sample* of a data set is `data/<data set>/`, beside the package `helpers` or, where that came as a wheel, in it,
  and is never written to;
- the *cache* is the folder that `$COURSEWORK_CACHE` names; else `data/cache/`, or for a wheel, whose folder may be
  read-only or short-lived, `~/.cache/rnn_coursework`; it may be deleted at any time;
- the *mirror* is the directory or URL that `$COURSEWORK_MIRROR` names, with an `index.json`:
  `{"<data set>": {"provenance": "<what it is>", "files": [{"path": ..., "bytes": ..., "sha256": ...}]}}`.

Everything written here is written under another name and renamed at the end, so that a killed process
leaves nothing half-written where it would be read.
"""

import hashlib
import http.client
import json
import os
import shutil
import tempfile
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal, Protocol, TypeVar

import numpy as np

Source = Literal["auto", "sample", "full", "mirror"]
Found = TypeVar("Found", bound=tuple[str, Any, str])
"""What a loader found: where it comes from ("sample", "full", "mirror"), files, provenance."""

LOADED: dict[str, list[str]] = {}
"""Title of a data set → where its loader took it from since the program began, each source once. `helpers.results`
keeps it with each run."""

PACKAGE = Path(__file__).resolve().parents[1]
IN_WHEEL = PACKAGE / "course" / "data"
DATA = IN_WHEEL if IN_WHEEL.is_dir() else PACKAGE.parent / "data"
CHECKSUMS = "SHA256SUMS"
CHUNK = 1 << 20  # bytes
TIMEOUT = 60  # seconds without a byte until a connection counts as lost
ATTEMPTS = 5  # connections in a row that bring nothing before a download is given up


class DataError(Exception):
    """Data that is missing, damaged or out of reach; the message says what to do."""


class ChecksumError(DataError):
    """A file is not the one that was asked for."""


class MirrorError(DataError):
    """The mirror cannot be used."""


class CacheError(DataError):
    """The cache cannot be written to."""


@dataclass(frozen=True)
class Dataset:
    """One data set, as `coursework data` sees it.

    `describe()` says in one line what is here now, `fetch(progress=True, ...)` brings the full set and
    returns a sentence about what was fetched, `verify()` returns the problems found, one line each.
    `prepare_sample()` computes what can be cached of the embedded sample, and says nothing. `built_in`: what the sample
    comes with, if it does not lie in `data/<name>`.
    """

    name: str
    title: str
    licence: str
    where: str
    describe: Callable[[], str]
    fetch: Callable[..., str]
    verify: Callable[[], list[str]]
    prepare_sample: Callable[[], None]
    built_in: str = ""


# --- folders -----------------------------------------------------------------------------------------


def sample_folder(dataset: str) -> Path:
    """Folder of the embedded sample; DataError when it is not there."""
    folder = DATA / dataset
    if not folder.is_dir():
        again = "install the wheel" if DATA == IN_WHEEL else "copy `data/` beside `helpers/`"
        raise DataError(f"the sample folder {folder} is missing: {again} again")
    return folder


def cache_folder(dataset: str) -> Path:
    """Folder of a data set in the cache; it need not exist."""
    root = os.environ.get("COURSEWORK_CACHE")
    if root:
        return Path(root).expanduser() / dataset
    return (Path.home() / ".cache" / "rnn_coursework" if DATA == IN_WHEEL else DATA / "cache") / dataset


@contextmanager
def new_folder(parent: Path) -> Iterator[Path]:
    """A temporary folder inside `parent`, on the same file system, removed at the end.

    Raises CacheError when it cannot be made.
    """
    try:
        parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=parent))
    except OSError as error:
        raise CacheError(
            f"cannot write to {parent} ({error.strerror}): name another folder in $COURSEWORK_CACHE"
        ) from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def unfinished(parent: Path) -> list[str]:
    """Problems for `verify`: what a killed process left in `parent`, one line each."""
    return [
        f"{path} was left by a fetch that was broken off: delete it, unless a fetch is running"
        for path in sorted(parent.glob(".unfinished-*"))
    ]


# --- checksums ---------------------------------------------------------------------------------------


def sha256(path: Path) -> str:
    """Hexadecimal sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_checksums(folder: Path, pattern: str = "**/*") -> None:
    """List the files of `folder` that match in its SHA256SUMS, in the format of `sha256sum`."""
    files = sorted(p for p in folder.glob(pattern) if p.is_file() and p.name != CHECKSUMS)
    lines = [f"{sha256(path)}  {path.relative_to(folder).as_posix()}\n" for path in files]
    temporary = folder / f".{CHECKSUMS}.{os.getpid()}"
    temporary.write_text("".join(lines), encoding="utf-8")
    temporary.replace(folder / CHECKSUMS)


def check_checksums(folder: Path, extra: str | None = None) -> list[str]:
    """What differs between `folder` and its SHA256SUMS, one line for each problem.

    Files that match the pattern `extra` and are not listed are problems too.
    """
    try:
        lines = (folder / CHECKSUMS).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return [f"{folder / CHECKSUMS} is missing"]
    expected = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    problems = []
    for name, digest in expected.items():
        path = folder / name
        if not path.is_file():
            problems.append(f"{path} is missing")
        elif sha256(path) != digest:
            problems.append(f"{path} differs from its checksum")
    if extra is not None:
        found = {path.relative_to(folder).as_posix() for path in folder.glob(extra) if path.is_file()}
        problems += [f"{folder / name} is not in {CHECKSUMS}" for name in sorted(found - expected.keys())]
    return problems


# --- arrays that are computed once ---------------------------------------------------------------------


def cache_key(*parts: object) -> str:
    """A short digest of what a cached result depends on (anything that JSON can hold)."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:20]


def cached_array(dataset: str, name: str, key: str, compute: Callable[[], np.ndarray]) -> tuple[np.ndarray, str | None]:
    """`compute()`, or what it returned when it was called before with this `name` and `key`.

    The second value is None, or says why the result could not be kept: a cache that is read-only or full
    is no error. A damaged file in the cache is computed again and replaced.
    """
    path = cache_folder(dataset) / "computed" / f"{name}-{key}.npz"
    kept = _read_array(path)
    if kept is not None:
        return kept, None
    array = compute()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=".unfinished-", suffix=".npz", dir=path.parent)
    except OSError as error:
        return array, f"{path.parent} cannot be written to ({error.strerror})"
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, array=array)
        # mkstemp lets only the owner read; a shared cache is read by others (a sandboxed grader, say).
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except OSError as error:
        return array, f"{path.parent} cannot be written to ({error.strerror})"
    finally:
        Path(temporary).unlink(missing_ok=True)
    return array, None


def _read_array(path: Path) -> np.ndarray | None:
    try:
        with np.load(path, allow_pickle=False) as file:
            return np.asarray(file["array"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        # Damaged or unreadable: the same as not there, since it can be computed.
        return None


# --- mirror --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MirrorFile:
    path: str
    sha256: str


@dataclass(frozen=True)
class MirrorEntry:
    """What a mirror offers of one data set."""

    location: str
    provenance: str
    files: tuple[MirrorFile, ...]

    def local_file(self, file: MirrorFile, dataset: str, progress: bool = True) -> Path:
        """Path of a verified local copy: the file itself in a directory, else downloaded into the cache."""
        if _is_url(self.location):
            folder = cache_folder(dataset) / "mirror"
            return download(f"{self.location.rstrip('/')}/{file.path}", file.sha256, folder, progress)
        path = Path(self.location) / file.path
        if not path.is_file():
            raise MirrorError(f"the mirror's index names {file.path}, but {path} is not there")
        if sha256(path) != file.sha256:
            raise ChecksumError(
                f"{path} differs from the checksum in the mirror's index.json: "
                "copy it again, or unset $COURSEWORK_MIRROR"
            )
        return path


def mirror_entry(dataset: str) -> MirrorEntry | None:
    """What the mirror offers; None when no mirror is set or when it does not have the data set.

    Raises MirrorError when a mirror is set and its index cannot be read.
    """
    location = os.environ.get("COURSEWORK_MIRROR")
    if not location:
        return None
    try:
        if _is_url(location):
            with urllib.request.urlopen(f"{location.rstrip('/')}/index.json", timeout=TIMEOUT) as answer:
                index = json.load(answer)
        else:
            location = str(Path(location).expanduser())
            index = json.loads((Path(location) / "index.json").read_text(encoding="utf-8"))
        if dataset not in index:
            return None
        entry = index[dataset]
        files = tuple(MirrorFile(_safe_path(f["path"]), str(f["sha256"]).lower()) for f in entry["files"])
        return MirrorEntry(location, str(entry["provenance"]), files)
    except (OSError, ValueError, KeyError, TypeError, http.client.HTTPException) as error:
        raise MirrorError(
            f"cannot read index.json of the mirror $COURSEWORK_MIRROR={location} ({type(error).__name__}: {error})"
        ) from error


def _is_url(location: str) -> bool:
    return location.startswith(("http://", "https://"))


def _safe_path(path: str) -> str:
    parts = PurePosixPath(path)
    if parts.is_absolute() or ".." in parts.parts or "\\" in path:
        raise ValueError(f"path {path!r} leads out of the mirror")
    return path


# --- downloads -----------------------------------------------------------------------------------------


def locate(
    source: Source,
    *,
    title: str,
    mirror_name: str,
    sample: Callable[[], Found],
    full: Callable[[], Found],
    has_full: Callable[[], bool],
    fetch_full: Callable[[], object],
    mirror: Callable[[], Found],
    suits: Callable[[Found], bool] = lambda found: True,
) -> Found:
    """What a loader takes its data from: what `source` names, fetched if need be.

    "auto" takes the full data set if it has been fetched, else the mirror if it has the data set and what it has
    `suits`, else the sample; a mirror that cannot be used is passed over with a line that says so. Notes in `LOADED`
    where it comes from. Raises ValueError for another source, and what the functions raise for the one that was named.
    """
    if source == "sample":
        return _noted(title, sample())
    if source == "full":
        fetch_full()
        return _noted(title, full())
    if source == "mirror":
        return _noted(title, mirror())
    if source != "auto":
        raise ValueError(f"source={source!r}: there are 'auto', 'sample', 'full' and 'mirror'")
    if has_full():
        return _noted(title, full())
    try:
        if mirror_entry(mirror_name) is not None:
            found = mirror()
            if suits(found):
                return _noted(title, found)
    except (MirrorError, CacheError) as error:
        print(f"{title}: {error}; the mirror is passed over")
    return _noted(title, sample())


def _noted(title: str, found: Found) -> Found:
    """`found`, once `LOADED` says where it comes from."""
    sources = LOADED.setdefault(title, [])
    if found[0] not in sources:
        sources.append(found[0])
    return found


def download(url: str, digest: str | None, folder: Path, progress: bool = True) -> Path:
    """A file from the net, kept in `folder` and verified; not loaded again while the kept one is right.

    digest: its sha256; None for a file whose contents the caller verifies.
    """
    import pooch

    try:
        return Path(
            pooch.retrieve(
                url,
                known_hash=None if digest is None else f"sha256:{digest}",
                path=folder,
                fname=url.rsplit("/", 1)[-1],
                downloader=pooch.HTTPDownloader(progressbar=progress, timeout=TIMEOUT),
            )
        )
    except ValueError as error:  # pooch's way of saying that the hash differs
        raise ChecksumError(f"{url} is not the expected file: {error}") from error
    except OSError as error:  # includes what `requests` raises
        raise DataError(f"cannot download {url} ({error}): check the connection and try again") from error


class Bar(Protocol):
    """The part of tqdm that is used here."""

    def update(self, n: int) -> Any: ...


class DownloadStream:
    """A download that is read like a file, and never kept: for archives of which only a part is wanted.

    A lost connection is opened again where it broke off (HTTP Range), so that only the end of the process
    loses what was transferred; then the download starts anew. `verify()` reads what is left and compares
    the sha256 of all bytes.
    """

    def __init__(self, url: str, bar: Bar | None = None, wait: float = 2.0):
        self.url = url
        self.position = 0
        self.total: int | None = None
        self._bar = bar
        self._wait = wait  # seconds before a connection is opened again, doubled with each attempt
        self._failures = 0  # since the last byte that came
        self._digest = hashlib.sha256()
        self._answer: http.client.HTTPResponse | None = None

    def read(self, size: int = CHUNK) -> bytes:
        """Up to `size` bytes; b"" only at the end of the file."""
        while self.total is None or self.position < self.total:
            try:
                if self._answer is None:
                    self._answer = self._connect()
                data = self._answer.read(size)
                if data:
                    self._count(data)
                    return data
                if self.total is None:  # a server that does not tell the length: this is the end
                    return b""
                self._lost(None)
            except (OSError, http.client.HTTPException) as error:
                self._lost(error)
        return b""

    def verify(self, digest: str) -> None:
        """ChecksumError unless all bytes of the file, read or not yet read, have this sha256."""
        while self.read(CHUNK):
            pass
        if self._digest.hexdigest() != digest:
            raise ChecksumError(
                f"{self.url} is not the expected file (sha256 {self._digest.hexdigest()}, expected {digest}): "
                "nothing was kept; try again, or through another network"
            )

    def close(self) -> None:
        """End the connection."""
        if self._answer is not None:
            self._answer.close()
            self._answer = None

    def _count(self, data: bytes) -> None:
        self._failures = 0
        self.position += len(data)
        self._digest.update(data)
        if self._bar is not None:
            self._bar.update(len(data))

    def _lost(self, problem: Exception | None) -> None:
        self.close()
        self._failures += 1
        refused = isinstance(problem, urllib.error.HTTPError) and problem.code < 500  # asking again is no use
        if refused or self._failures >= ATTEMPTS:
            raise DataError(
                f"cannot download {self.url} ({problem or 'the connection was closed'}; {self.position} bytes were "
                "read): nothing was kept; check the connection and try again"
            ) from problem
        time.sleep(self._wait * 2 ** (self._failures - 1))

    def _connect(self) -> http.client.HTTPResponse:
        request = urllib.request.Request(self.url)
        if self.position:
            request.add_header("Range", f"bytes={self.position}-")
        answer: http.client.HTTPResponse = urllib.request.urlopen(request, timeout=TIMEOUT)
        if self.position and answer.status != 206:  # 200 means: from the beginning
            answer.close()
            raise DataError(
                f"the connection to {self.url} broke off after {self.position} bytes and the server cannot "
                "resume: nothing was kept; try again"
            )
        length = answer.headers.get("Content-Length")
        if length is not None:
            self.total = self.position + int(length)
        return answer
