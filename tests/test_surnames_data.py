"""The loader of surnames, and the embedded sample."""

import importlib.util
import io
import json
import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from real_data import REAL_DATA, needs_real_data
from test_data_store import served

from helpers.data import store, surnames
from helpers.data.store import ChecksumError, DataError, MirrorError
from helpers.data.surnames import LANGUAGES, Surnames, load, normalise, one_language_each

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "data" / "surnames"
pytestmark = pytest.mark.usefixtures("cache")


@pytest.fixture(scope="module")
def sample() -> Surnames:
    return load(source="sample")


def names_of_all(data: Surnames) -> list[str]:
    return [str(name) for split in (data.train, data.validation, data.test) for name in split.names]


def tiny_lists() -> dict[str, bytes]:
    """Made-up lists of all languages: path -> content; ten names each, the first of them twice."""
    names = {language: [f"{language}{letter}" for letter in "aabcdefghij"] for language in LANGUAGES}
    return {f"{language}.txt": "\n".join(own).encode() for language, own in names.items()}


def digest(content: bytes) -> str:
    return store.hashlib.sha256(content).hexdigest()


def make_mirror(folder: Path, monkeypatch: pytest.MonkeyPatch, lists: dict[str, bytes]) -> Path:
    (folder / "names").mkdir(parents=True)
    files = []
    for name, content in lists.items():
        (folder / "names" / name).write_bytes(content)
        files.append({"path": f"names/{name}", "bytes": len(content), "sha256": digest(content)})
    (folder / "index.json").write_text(json.dumps({"names": {"provenance": "made for a test", "files": files}}))
    monkeypatch.setenv("COURSEWORK_MIRROR", str(folder))
    return folder


# --- the embedded sample ---


def test_the_sample_loads_and_says_what_it_is(capsys):
    data = load()
    assert data.source == "sample"
    assert "embedded sample" in data.provenance
    assert capsys.readouterr().out == f"Surnames: {data.provenance}\n"
    assert data.languages == LANGUAGES
    for split in (data.train, data.validation, data.test):
        assert split.names.dtype.kind == "U"
        assert split.labels.dtype == np.int64
        assert split.names.shape == split.labels.shape == (len(split),)
        assert (np.bincount(split.labels, minlength=18) > 0).all()


def test_the_sample_is_large_enough_to_teach_with(sample):
    assert len(names_of_all(sample)) >= 1500
    counts = np.bincount(sample.listed.labels)
    assert counts.max() > 10 * counts.min()
    assert len(sample.listed) > len(names_of_all(sample)) + 100
    assert {"English", "Scottish"} in [set(languages) for languages in sample.several.values()]


def test_each_name_is_in_one_split_only(sample):
    names = names_of_all(sample)
    assert len(names) == len(set(names)) == len(set(sample.listed.names))


def test_every_language_is_split_alike(sample):
    sizes = np.array([np.bincount(split.labels) for split in (sample.train, sample.validation, sample.test)])
    shares = sizes / sizes.sum(axis=0)
    assert np.abs(shares[1:] - 0.15).max() < 0.04


def test_the_split_does_not_depend_on_the_unicode_form(sample):
    decomposed = load(source="sample", form="NFD")
    assert [unicodedata.normalize("NFC", name) for name in decomposed.test.names] == list(sample.test.names)
    assert any(len(a) > len(b) for a, b in zip(decomposed.test.names, sample.test.names, strict=True))


def test_a_name_of_two_languages_has_one_of_them(sample):
    labels = np.concatenate([split.labels for split in (sample.train, sample.validation, sample.test)])
    languages = dict(zip(names_of_all(sample), (sample.languages[label] for label in labels), strict=True))
    assert all(languages[name] in found for name, found in sample.several.items())


def test_the_script_writes_the_files_that_are_here(tmp_path):
    spec = importlib.util.spec_from_file_location("make_surnames", SAMPLE / "make_sample.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    script.write(tmp_path)
    files = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert files == {path.name: path.read_bytes() for path in SAMPLE.glob("*") if path.suffix in ("", ".txt")}
    assert surnames.verify() == []


def test_a_name_typed_in_twice_is_an_error(monkeypatch):
    spec = importlib.util.spec_from_file_location("make_surnames", SAMPLE / "make_sample.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    monkeypatch.setitem(script.NAMES, "Greek", "-is Makr\nMakris")
    with pytest.raises(ValueError, match="Greek: typed in twice: Makris"):
        script.names_of("Greek")


# --- from lines to names ---


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Novák", "Novák"),
        ("Nova\u0301k", "Novák"),
        ("  Van  der\u00a0Meer ", "Van der Meer"),
        ("O\u2019Brien", "O'Brien"),
        ("Smith-Jones", "Smith-Jones"),
        ("Name1", "Name"),
        ("Name,", "Name"),
        ("Na:me", "Na"),
        ("One/Two", "One"),
        ("", ""),
        ("123", ""),
    ],
)
def test_normalise(line, name):
    assert normalise(line) == unicodedata.normalize("NFC", name)
    assert normalise(line, "NFD") == unicodedata.normalize("NFD", name)


def test_a_name_of_several_languages_belongs_where_its_share_is_largest():
    lists = {"A": ["x", "y", "z", "z"], "B": ["x", "w"], "C": ["v", "z"], "D": ["v", "u"]}
    labels = one_language_each(lists)
    assert labels["x"] == "B"  # 1 of 2 lines against 1 of 4
    assert labels["z"] == "A"  # 2 of 4 and 1 of 2: the first in the alphabet
    assert labels["v"] == "C"
    assert labels["y"] == "A"


def test_lines_that_are_no_names_are_left_out(tmp_path):
    path = tmp_path / "Czech.txt"
    path.write_bytes("Novák\r\n\r\nTo The First\u00a0Page\nDvořák\n".encode())
    assert surnames.read_list(path) == ["Novák", "Dvořák"]


# --- input that is not as it should be ---


@pytest.mark.parametrize(("options", "words"), [({"source": "web"}, "source='web'"), ({"form": "NFKC"}, "form='NFKC'")])
def test_unknown_options(options, words):
    with pytest.raises(ValueError, match=words):
        load(**options)


def spoil_utf8(folder: Path) -> None:
    (folder / "Irish.txt").write_bytes(b"Caf\xe9\n")


def remove_a_list(folder: Path) -> None:
    (folder / "Irish.txt").unlink()


def empty_a_list(folder: Path) -> None:
    (folder / "Irish.txt").write_bytes(b"\n\n")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (spoil_utf8, "Irish.txt is not UTF-8"),
        (remove_a_list, "Irish.txt is missing"),
        (empty_a_list, "Irish has 0 names of its own, too few for three splits"),
    ],
)
def test_damaged_lists_are_named(spoil: Callable[[Path], None], words, tmp_path, monkeypatch):
    folder = tmp_path / "data" / "surnames"
    folder.mkdir(parents=True)
    for name, content in tiny_lists().items():
        (folder / name).write_bytes(content)
    monkeypatch.setattr(store, "DATA", tmp_path / "data")
    load(source="sample")
    spoil(folder)
    with pytest.raises(DataError, match=words):
        load(source="sample")


# --- the mirror and the full set ---


def test_auto_takes_the_mirror(tmp_path, monkeypatch):
    make_mirror(tmp_path / "mirror", monkeypatch, tiny_lists())
    data = load()
    assert data.source == "mirror"
    assert "made for a test" in data.provenance
    assert len(names_of_all(data)) == 18 * 10
    assert len(data.listed) == 18 * 11


def test_auto_passes_over_a_mirror_without_all_languages(tmp_path, monkeypatch, capsys):
    lists = tiny_lists()
    del lists["Irish.txt"]
    make_mirror(tmp_path / "mirror", monkeypatch, lists)
    assert load().source == "sample"
    assert "no names of Irish (made for a test); the mirror is passed over" in capsys.readouterr().out
    with pytest.raises(MirrorError, match="no names of Irish"):
        load(source="mirror")


def test_without_a_mirror_it_says_so():
    with pytest.raises(MirrorError, match="no mirror with names"):
        load(source="mirror")


def test_a_file_that_was_changed_in_the_mirror_is_named(tmp_path, monkeypatch):
    folder = make_mirror(tmp_path / "mirror", monkeypatch, tiny_lists())
    (folder / "names" / "Irish.txt").write_bytes(b"Other\n")
    with pytest.raises(ChecksumError, match=r"Irish\.txt"):
        load(source="mirror")


def archive(lists: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped:
        for name, content in lists.items():
            zipped.writestr(f"data/names/{name}", content)
        zipped.writestr("data/eng-fra.txt", "Go.\tVa !")
    return buffer.getvalue()


def test_the_full_set_is_fetched_once_and_taken_from_then_on(tmp_path, cache):
    lists = tiny_lists()
    sums = {name.removesuffix(".txt"): digest(content) for name, content in lists.items()}
    with served(archive(lists)) as (url, _):
        folder = surnames.fetch_full(progress=False, url=url, files=sums)
    assert surnames.fetch_full(progress=False, url="http://127.0.0.1:9/nothing", files=sums) == folder
    assert load().source == "full"
    assert sorted(path.name for path in folder.parent.iterdir()) == ["names"]
    assert surnames.verify() == []
    assert "full set in the cache" in surnames.describe()
    (folder / "Irish.txt").write_bytes(b"Other\n")
    assert surnames.verify() == [f"{folder / 'Irish.txt'} differs from its checksum"]


@pytest.mark.parametrize("content", [b"no archive", archive({}), archive(tiny_lists())])
def test_another_archive_than_expected_leaves_nothing(content, cache):
    with served(content) as (url, _), pytest.raises(ChecksumError, match="nothing was kept"):
        surnames.fetch_full(progress=False, url=url)
    assert list((cache / "surnames").iterdir()) == []


@needs_real_data
def test_the_real_names(monkeypatch):
    monkeypatch.setenv("COURSEWORK_MIRROR", str(REAL_DATA))
    data = load(source="mirror")
    assert len(data.listed) == 20074 - 24  # of which 24 lines say "To The First Page"
    names = names_of_all(data)
    assert len(names) == len(set(names)) > 17000
    sizes = np.bincount(np.concatenate([data.train.labels, data.validation.labels, data.test.labels]))
    assert sizes[data.languages.index("Scottish")] == 100
    assert sizes[data.languages.index("Vietnamese")] == 71
