"""A search of what students get for what they must not get, independent of the search that `coursework bundle` makes.

What is secret is read from the repository itself: solutions, hidden tests and mark schemes from the cells of source/,
the examiner's code, the answers to the quiz, the names of what only instructors have. What is searched are all files of
a bundle, archives within it too, in every form that is easily undone: JSON strings, base64, hexadecimal numbers,
compressed, UTF-16, rot13, backwards. Answers to the quiz, which are short, are also looked for as hashes.

In a notebook one line of a solution is a leak, elsewhere two that follow each other are, and three of the examiner's
code: helpers and examiner have many a line in common that gives nothing away.
"""

import ast
import base64
import binascii
import bz2
import codecs
import gzip
import hashlib
import io
import itertools
import json
import lzma
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

WIDTH = 28
"""Characters in a row that tell a secret line from any other one."""

_REGION = re.compile(
    r"^[^\n]*BEGIN (SOLUTION|HIDDEN TESTS|MARK SCHEME)[^\n]*\n(.*?)^[^\n]*END \1", re.DOTALL | re.MULTILINE
)
_TOKEN = re.compile(r"[A-Za-z0-9+/=_-]{16,}")
_BLOCK = re.compile(r"(?:[A-Za-z0-9+/]{40,}\s+)+[A-Za-z0-9+/]*=*")
_HEX = re.compile(r"(?<![0-9a-f])[0-9a-f]{8,128}(?![0-9a-f])")
_LISTED = re.compile(r"\"([^\"\n]{2,60})\"|'([^'\n]{2,60})'|^[ \t]*-?[ \t]*([^\"'\n]{2,60}?),?[ \t]*$", re.MULTILINE)
_LIST = 3  # accepted answers to one question in a file, each quoted or on a line of its own
_PRINTABLE = re.compile(rb"[\x20-\x7e]{16,}")
_ALGORITHMS = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "blake2b", "blake2s", "sha3_256", "sha3_512")
_MARKERS = ("BEGIN SOLUTION", "END SOLUTION", "BEGIN HIDDEN", "END HIDDEN", "BEGIN MARK", "END MARK", "autograder")
_FOLDERS = {
    *("autograder", "examinations", "tests", "answers", "more_answers", "attacks", "bench", "source", "results"),
    *(".coursework", "submitted", "autograded", "feedback", ".git", "nbgrader_config.py", "gradebook.db", "roster.csv"),
}
_ALIKE = ("bundle.py", "make_speech_clips.py")
"""What writes a README for students, and what makes clips in the way in which the sample was made."""
_LONGEST_WORD = 8  # letters; a shorter name may stand for anything


@dataclass
class Secrets:
    """What students must not get."""

    lines: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    """The first WIDTH characters of a secret line → its passages, and which long line it is there."""
    answers: dict[str, list[str]] = field(default_factory=dict)
    """Question of the quiz → every accepted answer."""
    names: set[str] = field(default_factory=set)
    """Stems of files that only instructors have."""

    def __post_init__(self) -> None:
        self.digests = {digest: name for name, digest in _digests(self.answers)}
        self.prefixes = {digest[:8]: name for digest, name in self.digests.items()}
        self.terms = [(name, {answer.lower() for answer in answers}) for name, answers in self.answers.items()]
        self.by_id = [(name, re.compile(_given(name, answers))) for name, answers in self.answers.items()]


def secrets_of(repository: Path) -> Secrets:
    """What is secret in a repository laid out as this one."""
    passages: dict[str, list[str]] = {}
    public: set[str] = set()
    for path in sorted((repository / "source").glob("*/*.ipynb")):
        for number, cell in enumerate(json.loads(path.read_text(encoding="utf-8"))["cells"]):
            hidden, shown = _split(cell)
            passages[f"source/{path.name}, cell {number}"] = _lines(hidden)
            public |= set(_windows(shown))
    modules = sorted((repository / "autograder").rglob("*.py"))
    for path in modules:
        if path.name not in _ALIKE:
            passages[f"autograder/{path.name}"] = _lines(path.read_text(encoding="utf-8"))
    bank = repository / "autograder" / "examinations" / "theory_quiz.yaml"
    entries = [entry for section in yaml.safe_load(bank.read_text(encoding="utf-8")).values() for entry in section]
    passages |= {f"{bank.name}, {entry['id']}": _lines(_explanation(entry)) for entry in entries}
    lines: dict[str, list[tuple[str, int]]] = {}
    for passage, texts in passages.items():
        starts = [text[:WIDTH] for text in texts if not text.startswith(("import ", "from ", "# ---"))]
        for number, start in enumerate(start for start in starts if len(start) == WIDTH):
            if start not in public:
                lines.setdefault(start, []).append((passage, number))
    common = {path.stem for folder in ("helpers", "data", "release") for path in (repository / folder).rglob("*")}
    ours = [*modules, *(repository / "tests").rglob("*.py"), *(repository / "source").glob("*/results/**/*.json")]
    names = {path.stem for path in ours if len(path.stem) > _LONGEST_WORD} - common
    return Secrets(lines, {entry["id"]: _accepted(entry) for entry in entries}, names)


Known = dict[tuple[bool, bytes], list[str]]
"""Contents, in a notebook or not → what they tell."""


def leaks(files: Mapping[str, bytes], secrets: Secrets, known: Known | None = None) -> list[str]:
    """What the files give away, each in one line: the file, and what is in it.

    `known` keeps what was found, since a wheel repeats what lies beside it; it may be handed to a second search.
    """
    return list(_leaks(files, secrets, {} if known is None else known))


def _leaks(files: Mapping[str, bytes], secrets: Secrets, known: Known) -> Iterator[str]:
    for name, data in files.items():
        if _telling_name(name, secrets):
            yield f"the name {name}"
        inside = _archive(data)
        if inside is not None:
            yield from (f"{name}/{leak}" for leak in _leaks(inside, secrets, known))
            continue
        notebook = name.endswith(".ipynb")
        if (notebook, data) not in known:
            told = {what for view in views(data) for what in _told(view, secrets, notebook)}
            known[notebook, data] = sorted({*told, *(_told_by_notebook(data) if notebook else ())})
        yield from (f"{name}: {what}" for what in known[notebook, data])


def _telling_name(name: str, secrets: Secrets) -> bool:
    path = Path(name)
    return bool(_FOLDERS & set(path.parts)) or path.stem in secrets.names or path.suffix in (".db", ".pyc", ".npz")


# --- what is secret ---------------------------------------------------------------------------------------------


def _split(cell: Mapping[str, Any]) -> tuple[str, str]:
    """The hidden and the visible part of a cell of source/."""
    source = "".join(cell["source"])
    hidden = "\n".join(match.group(2) for match in _REGION.finditer(source))
    if not hidden and cell["metadata"].get("nbgrader", {}).get("solution"):
        return source, ""  # the whole cell is the reference's answer
    return hidden, _REGION.sub("", source)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def _windows(text: str) -> Iterator[str]:
    return (text[i : i + WIDTH] for i in range(len(text) - WIDTH + 1))


def _explanation(entry: Mapping[str, Any]) -> str:
    return re.sub(r"(?<=[.:;?]) ", "\n", str(entry["explanation"]))


def _accepted(entry: Mapping[str, Any]) -> list[str]:
    """Every answer to a question that earns points, as a student would type it."""
    right = entry["right"]
    if entry["kind"] == "words":
        return list(map(str, right))
    if isinstance(right, Mapping):
        keys = list(map(str, right))
        if entry["kind"] == "match":
            pairs = [f"{key}{value}" for key, value in right.items()]
            return [" ".join(pairs), "".join(pairs), ",".join(pairs), ", ".join(pairs)]
        return ["".join(keys), ",".join(keys), ", ".join(keys)]
    return [str(right)]


def _given(name: str, answers: Iterable[str]) -> str:
    """A question's id with an answer to it behind: `q1_1 = "B"`, `q1_1: B`, `"q1_1": ["B"`, `q1_1,B`."""
    texts = "|".join(re.escape(answer) for answer in sorted(answers, key=len, reverse=True))
    return rf"\b{name}\b[\"'\s:=,;()\[\]{{}}>-]{{1,8}}(?:{texts})(?![\w.])"


def _digests(answers: Mapping[str, list[str]]) -> Iterator[tuple[str, str]]:
    """(question, digest) for every answer in its usual spellings, alone and together with the question's id."""
    for name, accepted in answers.items():
        spelt = {
            form
            for text in accepted
            for form in (text, text.lower(), text.upper(), re.sub(r"[\W_]+", "", text.lower()))
        }
        joined = [
            f"{a}{s}{b}"
            for text in spelt
            for s in ("", ":", "=", " ", "|", "/", "-", "_")
            for a, b in ((name, text), (text, name))
        ]
        for text, algorithm in itertools.product([*spelt, *joined], _ALGORITHMS):
            yield name, hashlib.new(algorithm, text.encode()).hexdigest()


# --- the forms in which it may be there -------------------------------------------------------------------------


def views(data: bytes, depth: int = 2) -> Iterator[str]:
    """A file as texts, each undone in one more way."""
    text = _text(data)
    if text is None:
        yield "\n".join(run.decode("ascii") for run in _PRINTABLE.findall(data))
        unpacked = _unpacked(data)
        if unpacked is not None and depth:
            yield from views(unpacked, depth - 1)
        return
    yield text
    if not re.search("[A-Za-z]{3}", text):
        return  # numbers
    yield codecs.encode(text, "rot13")
    yield text[::-1]
    strings = _json_strings(text)
    yield strings
    if depth:
        for found in _tokens(f"{text}\n{strings}"):
            for decoded in _decoded(found):
                yield from views(decoded, depth - 1)


def _text(data: bytes) -> str | None:
    """The text, in UTF-8 or UTF-16; None when it is none."""
    for encoding in (
        ("utf-16", "utf-8") if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8", "utf-16-le", "utf-16-be")
    ):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text and (encoding == "utf-8" or text.isascii()):
            return text
    return None


def _json_strings(text: str) -> str:
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    found: list[str] = []

    def walk(value: Any) -> None:
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, list):
            found.append("".join(item for item in value if isinstance(item, str)))
            for item in value:
                walk(item)
        elif isinstance(value, dict):
            for key, item in value.items():
                found.append(f"{key}: {item}" if isinstance(item, str | int | float) else str(key))
                walk(item)

    walk(parsed)
    return "\n".join(found)


def _tokens(text: str) -> set[str]:
    return {*_TOKEN.findall(text), *(re.sub(r"\s", "", block) for block in _BLOCK.findall(text))}


def _decoded(token: str) -> Iterator[bytes]:
    """What a token may mean, where it is a text or something compressed."""
    attempts: list[Callable[[], bytes]] = [lambda: bytes.fromhex(token)]
    plain = token.rstrip("=").replace("-", "+").replace("_", "/")
    attempts.append(lambda: base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True))
    for attempt in attempts:
        try:
            data = attempt()
        except (ValueError, binascii.Error):
            continue
        if _text(data) is not None or _unpacked(data) is not None:
            yield data


def _unpacked(data: bytes) -> bytes | None:
    for unpack in (zlib.decompress, gzip.decompress, bz2.decompress, lzma.decompress):
        try:
            return bytes(unpack(data))
        except (zlib.error, OSError, EOFError, ValueError, lzma.LZMAError):
            continue
    return None


def _archive(data: bytes) -> dict[str, bytes] | None:
    if not data.startswith(b"PK\x03\x04"):
        return None
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


# --- what a text tells ------------------------------------------------------------------------------------------


def _told(text: str, secrets: Secrets, notebook: bool) -> Iterator[str]:
    yield from (f"the words {word!r}" for word in _MARKERS if word in text and re.search(rf"\b{word}\b", text))
    starts = secrets.lines.keys() & set(_windows(text))
    places = {place for start in starts for place in secrets.lines[start]}
    for passage, number in places:
        wanted = 3 if passage.startswith("autograder/") else 1 if notebook else 2
        if all((passage, number + further) in places for further in range(wanted)):
            yield f"lines of {passage}"
    yield from (f"the answer to {name}" for name, pattern in secrets.by_id if name in text and pattern.search(text))
    listed = {item.lower() for match in _LISTED.finditer(text) for item in match.groups() if item}
    yield from (f"answers to {name}" for name, answers in secrets.terms if len(answers & listed) >= _LIST)
    for token in set(_HEX.findall(text.lower())):
        name = secrets.prefixes.get(token[:8])
        if name and any(digest.startswith(token) or token.startswith(digest) for digest in secrets.digests):
            yield f"the answer to {name} as a hash"


def _told_by_notebook(data: bytes) -> Iterator[str]:
    """What only a notebook can tell: outputs, and forms that are filled in."""
    for cell in json.loads(data)["cells"]:
        if cell.get("outputs") or cell.get("execution_count") or cell.get("attachments"):
            yield "outputs or attachments"
        if cell["metadata"].get("coursework", {}).get("form"):
            for node in ast.parse("".join(cell["source"])).body:
                if (
                    isinstance(node, ast.Assign)
                    and isinstance(node.value, ast.Constant)
                    and node.value.value not in ("", None)
                ):
                    yield f"a form that is filled in: {ast.unparse(node)}"
