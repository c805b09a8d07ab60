"""The loader of texts: one form, a split by position, clear words about files that cannot be used."""

import hashlib
import json
import unicodedata
from pathlib import Path

import pytest
from real_data import REAL_DATA, needs_real_data
from test_data_store import served

from helpers.data import texts
from helpers.data.store import ChecksumError, DataError, MirrorError
from helpers.data.texts import DOWNLOADS, LEAST_CHARACTERS, load, normalise, without_repeats, without_tables

pytestmark = pytest.mark.usefixtures("cache")

VERSES = "Nel mezzo del cammin di nostra vita\n" + "una riga che segue, però più lunga\n" * 700
GUTENBERG = (
    "\ufeffThe Project Gutenberg eBook\n\n*** START OF THE PROJECT GUTENBERG EBOOK LA DIVINA COMMEDIA ***\n\n\n"
    + VERSES.replace("\n", "\n  ")
    + "\n\n*** END OF THE PROJECT GUTENBERG EBOOK LA DIVINA COMMEDIA ***\nlicence\n"
).replace("\n", "\r\n")


def make_mirror(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, *contents: bytes) -> None:
    folder.mkdir()
    files = []
    for number, content in enumerate(contents):
        (folder / f"{number}.txt").write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        files.append({"path": f"{number}.txt", "bytes": len(content), "sha256": digest})
    (folder / "index.json").write_text(json.dumps({name: {"provenance": "made for a test", "files": files}}))
    monkeypatch.setenv("COURSEWORK_MIRROR", str(folder))


# --- the text that comes with Python ---


def test_the_default_text_comes_with_python_and_says_so(capsys):
    text = load()
    assert text.source == "sample"
    assert "comes with Python" in text.provenance and "other versions" in text.provenance
    assert capsys.readouterr().out.startswith(f"Text: {text.provenance}; {len(text.text):,} characters")
    assert len(text.text) > 200_000
    assert text.text == load("python", source="full").text == load("python", source="mirror").text


def test_the_split_is_by_position():
    text = load()
    assert text.train + text.validation == text.text
    assert len(text.validation) == -(-len(text.text) // 10)
    assert text.characters == "".join(sorted(set(text.text)))


def test_the_default_text_is_prose_and_examples_without_tables():
    lines = load().text.split("\n")
    assert not [line for line in lines if "---+---" in line or line.endswith("  |")]


def test_no_paragraph_of_validation_has_been_trained_on():
    text = load()
    train, validation = ({p.strip("\n") for p in part.split("\n\n")} for part in (text.train, text.validation))
    assert not train & validation


def test_repeated_paragraphs_are_kept_where_they_occur_first():
    assert without_repeats(["a\n\nb\n\n\na", "b", "c\n  \na\n\nd"]) == "a\n\nb\n\n\nc\n\nd\n"


def test_tables_are_left_out_and_grammars_are_not():
    table = "Types:\n\n   +----+-----+\n   | a  | b   |\n   |====|=====|\n   +----+-----+\n\n   x ::= y\n         | z\n"
    assert without_tables(table) == "Types:\n\n\n   x ::= y\n         | z\n"


# --- one form ---


def test_normalise():
    assert normalise("\ufeffe\u0301\r\nb\rc\n") == "é\nb\nc\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_file_of_your_own(encoding, tmp_path):
    path = tmp_path / "Lyrics of mine.txt"
    lines = "Ça va, naïve Ωμέγα 你好 🎵\n" * 1000
    path.write_bytes(unicodedata.normalize("NFD", lines).replace("\n", "\r\n").encode(encoding))
    text = load(path)
    assert text.text == unicodedata.normalize("NFC", lines)
    assert (text.source, text.title) == ("own", "Lyrics of mine")
    assert "Lyrics of mine.txt" in text.provenance
    assert load(str(path)) == text


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("schön ".encode("latin-1") * 5000, r"is not in UTF-8 \(byte 3 does not fit\): save it as UTF-8"),
        (("a" * 30_000).encode("utf-16"), "is in UTF-16: save it as UTF-8"),
        (b"PK\x03\x04\x00\x00" * 5000, "is no plain text"),
        (b"short", r"has 5 characters: 20,000 or more are needed"),
        (b"", "has 0 characters"),
    ],
)
def test_files_that_cannot_be_used_are_explained(content, words, tmp_path):
    path = tmp_path / "mine.txt"
    path.write_bytes(content)
    with pytest.raises(DataError, match=words) as caught:
        load(path)
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_a_folder_are_explained(tmp_path):
    with pytest.raises(DataError, match="there is no file shakespear, and no text of that name: give 'python'"):
        load("shakespear")
    with pytest.raises(DataError, match=r"give the path of a \.txt file"):
        load(tmp_path)


def test_unknown_sources(tmp_path):
    with pytest.raises(ValueError, match="source='web'"):
        load("dante", source="web")
    with pytest.raises(ValueError, match="there is no sample of Tiny Shakespeare"):
        load("shakespeare", source="sample")


# --- texts that are fetched ---


def replace_download(monkeypatch: pytest.MonkeyPatch, name: str, **changes: object) -> None:
    monkeypatch.setitem(DOWNLOADS, name, texts.Download(**{**vars(DOWNLOADS[name]), **changes}))


def test_a_text_is_fetched_once_and_taken_from_then_on(monkeypatch, cache):
    content = b"First Citizen:\nSpeak.\n" * 1000
    with served(content) as (url, requests):
        replace_download(monkeypatch, "shakespeare", url=url, sha256=hashlib.sha256(content).hexdigest())
        assert load("shakespeare", progress=False).source == "full"
        assert load("shakespeare", source="full", progress=False).text.encode() == content
        assert len(requests) == 1
    assert texts.verify() == []
    assert "in the cache: shakespeare" in texts.describe()
    file = cache / "texts" / "shakespeare" / "shakespeare.txt"
    assert sorted(path.name for path in (cache / "texts").iterdir()) == ["shakespeare"]
    file.write_bytes(b"changed")
    assert texts.verify() == [f"{file} differs from its checksum"]


def test_of_gutenbergs_file_the_work_is_kept(monkeypatch):
    with served(GUTENBERG.encode()) as (url, _):
        replace_download(monkeypatch, "dante", url=url)
        assert load("dante", progress=False).text == VERSES


@pytest.mark.parametrize("content", [b"<html>Not found</html>", GUTENBERG.replace("mezzo", "m").encode(), b"\xff\xff"])
def test_another_file_than_expected_leaves_nothing(content, monkeypatch, cache):
    with served(content) as (url, _):
        replace_download(monkeypatch, "dante", url=url)
        with pytest.raises(ChecksumError, match="nothing was kept"):
            load("dante", progress=False)
    assert list((cache / "texts").iterdir()) == []


def test_without_a_connection_it_says_what_needs_none(monkeypatch):
    replace_download(monkeypatch, "dante", url="http://127.0.0.1:9/nothing")
    with pytest.raises(DataError, match="Without a connection, take the text 'python'"):
        load("dante", progress=False)


def test_auto_takes_the_mirror(tmp_path, monkeypatch):
    make_mirror(tmp_path / "mirror", monkeypatch, "divina_commedia", VERSES.encode())
    text = load("dante")
    assert (text.source, text.text) == ("mirror", VERSES)
    assert "made for a test" in text.provenance
    with pytest.raises(MirrorError, match="no mirror with tiny_shakespeare"):
        load("shakespeare", source="mirror")


def test_a_mirror_without_one_text_is_named(tmp_path, monkeypatch):
    make_mirror(tmp_path / "mirror", monkeypatch, "divina_commedia", b"a", b"b")
    with pytest.raises(MirrorError, match="should have one text of Divina Commedia, but it has 2"):
        load("dante", source="mirror")


@needs_real_data
@pytest.mark.parametrize(("name", "length", "different"), [("shakespeare", 1_115_394, 65), ("dante", 532_106, 80)])
def test_the_real_texts(name, length, different, monkeypatch):
    monkeypatch.setenv("COURSEWORK_MIRROR", str(REAL_DATA))
    text = load(name, source="mirror")
    assert (len(text.text), len(text.characters)) == (length, different)
    assert len(text.text) >= LEAST_CHARACTERS
    if name == "shakespeare":  # the split of nanoGPT, so that losses can be compared
        assert len(text.train) == int(0.9 * length)


@needs_real_data
def test_fetch_says_that_the_mirror_has_them(monkeypatch):
    monkeypatch.setenv("COURSEWORK_MIRROR", str(REAL_DATA))
    assert "Tiny Shakespeare from the mirror" in texts.fetch(progress=False)
