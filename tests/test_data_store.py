"""The base of all data sets: folders, checksums, cached arrays, mirror, downloads."""

import gzip
import hashlib
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from helpers.data import DATASETS, store
from helpers.data.store import ChecksumError, DataError, DownloadStream, MirrorError

CONTENT = np.random.default_rng(0).bytes(300_000)
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@contextmanager
def served(content: bytes, *, breaks: int = 0, ranges: bool = True) -> Iterator[tuple[str, list[str]]]:
    """A server on 127.0.0.1 that breaks off its first `breaks` answers halfway; yields its URL and the requests."""
    requests: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            start = 0
            asked = self.headers.get("Range")
            requests.append(f"{self.path} {asked}")
            if self.path.endswith("/absent"):
                self.send_error(404)
                return
            if asked and ranges:
                start = int(asked.removeprefix("bytes=").removesuffix("-"))
                self.send_response(206)
                self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
            else:
                self.send_response(200)
            body = content[start:]
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) // 2] if len(requests) <= breaks else body)

        def log_message(self, format: str, *args: object) -> None:  # keeps the tests' output clean
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/file", requests
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COURSEWORK_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("COURSEWORK_MIRROR", raising=False)
    return tmp_path / "cache"


def make_mirror(folder: Path, content: bytes = CONTENT, digest: str = DIGEST, path: str = "things/a.bin") -> Path:
    (folder / "things").mkdir(parents=True)
    (folder / "things" / "a.bin").write_bytes(content)
    entry = {"provenance": "made for a test", "files": [{"path": path, "bytes": len(content), "sha256": digest}]}
    (folder / "index.json").write_text(json.dumps({"things": entry}))
    return folder


# --- folders ---


def test_cache_folder_is_the_one_that_the_environment_names(cache, monkeypatch):
    assert store.cache_folder("names") == cache / "names"
    monkeypatch.delenv("COURSEWORK_CACHE")
    assert store.cache_folder("names") == Path(store.__file__).parents[2] / "data" / "cache" / "names"


def test_missing_sample_says_what_to_do():
    with pytest.raises(DataError, match="missing: copy"):
        store.sample_folder("no_such_data_set")


def test_new_folder_leaves_nothing_behind(tmp_path):
    with pytest.raises(KeyError), store.new_folder(tmp_path / "a") as folder:
        (folder / "half").write_text("x")
        raise KeyError
    assert list((tmp_path / "a").iterdir()) == []


def test_new_folder_where_none_can_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="COURSEWORK_CACHE"), store.new_folder(tmp_path / "file" / "x"):
        pass


# --- checksums ---


def test_checksums_find_missing_changed_and_added_files(tmp_path):
    for name in ("a.wav", "b.wav", "c.txt"):
        (tmp_path / name).write_text(name)
    store.write_checksums(tmp_path)
    assert store.check_checksums(tmp_path, extra="*.wav") == []
    (tmp_path / "a.wav").unlink()
    (tmp_path / "b.wav").write_text("changed")
    (tmp_path / "d.wav").write_text("added")
    problems = store.check_checksums(tmp_path, extra="*.wav")
    assert [problem.removeprefix(str(tmp_path / "x")[:-1]) for problem in problems] == [
        "a.wav is missing",
        "b.wav differs from its checksum",
        "d.wav is not in SHA256SUMS",
    ]


def test_checksum_list_itself_missing(tmp_path):
    assert store.check_checksums(tmp_path) == [f"{tmp_path / 'SHA256SUMS'} is missing"]


# --- cached arrays ---


def test_array_is_computed_once():
    calls = []

    def compute() -> np.ndarray:
        calls.append(1)
        return np.arange(6, dtype=np.float32).reshape(2, 3)

    first, remark = store.cached_array("things", "a", "key", compute)
    second, _ = store.cached_array("things", "a", "key", compute)
    assert remark is None
    assert len(calls) == 1
    assert second.dtype == np.float32
    np.testing.assert_array_equal(first, second)
    store.cached_array("things", "a", "another key", compute)
    assert len(calls) == 2


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 not really a zip", None], ids=["empty", "garbage", "truncated"])
def test_damaged_cache_is_computed_again(cache, damage):
    store.cached_array("things", "a", "key", lambda: np.ones(1000))
    (file,) = (cache / "things" / "computed").iterdir()
    file.write_bytes(file.read_bytes()[:500] if damage is None else damage)
    array, remark = store.cached_array("things", "a", "key", lambda: np.zeros(3))
    assert remark is None
    np.testing.assert_array_equal(array, np.zeros(3))
    again, _ = store.cached_array("things", "a", "key", lambda: np.ones(3))
    np.testing.assert_array_equal(again, np.zeros(3))


def test_cache_that_cannot_be_written_is_no_error(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")  # no folder can be made below a file, not even by root
    monkeypatch.setenv("COURSEWORK_CACHE", str(tmp_path / "file"))
    array, remark = store.cached_array("things", "a", "key", lambda: np.ones(3))
    np.testing.assert_array_equal(array, np.ones(3))
    assert remark is not None and "cannot be written to" in remark


def test_failure_while_computing_leaves_no_file(cache):
    def compute() -> np.ndarray:
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        store.cached_array("things", "a", "key", compute)
    assert not list(cache.rglob("*.npz"))


def test_key_depends_on_all_parts():
    keys = {store.cache_key(["a"], {"n": 1}), store.cache_key(["a"], {"n": 2}), store.cache_key(["b"], {"n": 1})}
    assert len(keys) == 3
    assert store.cache_key({"a": 1, "b": 2}) == store.cache_key({"b": 2, "a": 1})


# --- mirror ---


def test_no_mirror():
    assert store.mirror_entry("things") is None


def test_mirror_directory(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSEWORK_MIRROR", str(make_mirror(tmp_path / "mirror")))
    entry = store.mirror_entry("things")
    assert entry is not None and entry.provenance == "made for a test"
    assert entry.local_file(entry.files[0], "things").read_bytes() == CONTENT
    assert store.mirror_entry("other") is None


def test_mirror_file_with_a_wrong_checksum(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSEWORK_MIRROR", str(make_mirror(tmp_path / "mirror", digest="0" * 64)))
    entry = store.mirror_entry("things")
    assert entry is not None
    with pytest.raises(ChecksumError, match=r"a\.bin differs"):
        entry.local_file(entry.files[0], "things")


def test_mirror_that_leads_elsewhere(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSEWORK_MIRROR", str(make_mirror(tmp_path / "mirror", path="../secret")))
    with pytest.raises(MirrorError, match="leads out"):
        store.mirror_entry("things")


@pytest.mark.parametrize(
    "index", [None, "no json", '{"things": {}}', "[]", '{"things": {"provenance": 1, "files": 3}}']
)
def test_mirror_without_a_usable_index(tmp_path, monkeypatch, index):
    monkeypatch.setenv("COURSEWORK_MIRROR", str(tmp_path))
    if index is not None:
        (tmp_path / "index.json").write_text(index)
    if index == "[]":  # an index that names nothing
        assert store.mirror_entry("things") is None
        return
    with pytest.raises(MirrorError, match=r"index\.json"):
        store.mirror_entry("things")


def test_mirror_url(tmp_path, monkeypatch, cache):
    make_mirror(tmp_path / "mirror")

    class Folder(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = (tmp_path / "mirror" / self.path.lstrip("/")).read_bytes()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Folder)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        monkeypatch.setenv("COURSEWORK_MIRROR", f"http://127.0.0.1:{server.server_port}/")
        entry = store.mirror_entry("things")
        assert entry is not None
        path = entry.local_file(entry.files[0], "things", progress=False)
        assert path.read_bytes() == CONTENT
        assert cache in path.parents
        wrong = store.MirrorFile(entry.files[0].path, "1" * 64)
        path.unlink()
        with pytest.raises(ChecksumError, match="not the expected file"):
            entry.local_file(wrong, "things", progress=False)
        assert not path.exists()
    finally:
        server.shutdown()
        server.server_close()


# --- streamed downloads ---


def read_all(stream: DownloadStream) -> bytes:
    return b"".join(iter(lambda: stream.read(10_000), b""))


def test_stream_reads_the_file_and_verifies_it():
    with served(CONTENT) as (url, requests):
        stream = DownloadStream(url)
        assert read_all(stream) == CONTENT
        stream.verify(DIGEST)
    assert len(requests) == 1


def test_stream_verifies_also_what_was_not_read():
    with served(CONTENT) as (url, _):
        stream = DownloadStream(url)
        stream.read(10)
        stream.verify(DIGEST)
        assert stream.position == len(CONTENT)


def test_lost_connection_is_taken_up_where_it_broke_off():
    with served(CONTENT, breaks=2) as (url, requests):
        stream = DownloadStream(url, wait=0.0)
        assert read_all(stream) == CONTENT
        stream.verify(DIGEST)
    assert requests == ["/file None", "/file bytes=150000-", "/file bytes=225000-"]


def test_lost_connection_to_a_server_that_cannot_resume():
    with served(CONTENT, breaks=1, ranges=False) as (url, _), pytest.raises(DataError, match="cannot resume"):
        read_all(DownloadStream(url, wait=0.0))


def test_wrong_checksum():
    with served(CONTENT[:-1] + b"x") as (url, _), pytest.raises(ChecksumError, match="not the expected file"):
        DownloadStream(url).verify(DIGEST)


def test_file_that_is_not_there_is_not_asked_for_again():
    with served(CONTENT) as (url, requests):
        with pytest.raises(DataError, match="404"):
            DownloadStream(f"{url}/absent", wait=0.0).read()
        assert len(requests) == 1


def test_server_that_does_not_answer_is_given_up():
    with served(b"") as (url, _):
        pass  # the port is free again
    with pytest.raises(DataError, match="cannot download"):
        DownloadStream(url, wait=0.0).read()


def test_stream_moves_the_progress_bar():
    class Bar:
        total = 0

        def update(self, n: int) -> None:
            self.total += n

    bar = Bar()
    with served(gzip.compress(CONTENT)) as (url, _):
        stream = DownloadStream(url, bar)
        read_all(stream)
    assert bar.total == stream.total


# --- the list for `coursework data` ---


def test_registry():
    for name, dataset in DATASETS.items():
        assert dataset.name == name
        assert dataset.title and dataset.licence and dataset.where.startswith("http")
        assert dataset.describe()


def test_importing_the_data_modules_is_light():
    program = (
        "import sys; import helpers.data.speech_commands, helpers.data.store\n"
        "heavy = {'librosa', 'soundfile', 'scipy', 'pandas', 'torch', 'tqdm', 'pooch', 'matplotlib', 'autograder'}\n"
        "sys.exit(', '.join(sorted(heavy & set(sys.modules))) or 0)"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
