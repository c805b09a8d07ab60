"""Proposals for the open project: whether one is complete, and whether two name the same data.

Pure functions of what stands in the notebook's `PROPOSAL`; nothing is looked up on the web. The notebook's visible
test, the examination and the list of all teams use these same functions.
"""

import csv
import functools
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from helpers.data.store import DATA

KEYS = ("team", "dataset_name", "dataset_url", "task", "why")
"""The keys of `PROPOSAL`."""
TASKS = ("classification", "regression", "generation")
MAX_TEAM = 2
"""Members of a team."""
LEAST_WORDS = 30
"""Words that say why the data is worth the work."""
LEAST_DIFFERENT = 20
"""Different ones among them: a sentence that is repeated says no more than once."""
MAX_TEXT = 5000
"""Characters of one text of a proposal, and of all ids of its team; longer ones are refused before they are read."""
_LARGEST_ID = 10**18
"""Above every id that is a number; Python refuses to write out the largest numbers."""
DEMOS = DATA / "project" / "demo_data_sets.csv"
"""The data sets of the usual demos: name, other names and addresses, each list separated by `|`."""


# --- form -------------------------------------------------------------------------------------------------


def problems_of(proposal: object, student_id: object = "", team: object = ()) -> list[str]:
    """What is wrong with a proposal, one line each; empty when all is well.

    `student_id`, `team`: STUDENT_ID and TEAM of the cell `identity`; blank ones are not compared.
    """
    parts = as_proposal(proposal)
    if parts is None:
        return form_problems(proposal)
    found = [
        team_problem(parts["team"], student_id, team),
        *name_and_address_problems(parts["dataset_name"], parts["dataset_url"]),
        task_problem(parts["task"]),
        reason_problem(parts["why"]),
        demo_problem(parts["dataset_name"], parts["dataset_url"]),
    ]
    return [problem for problem in found if problem]


def form_problems(proposal: object) -> list[str]:
    """What keeps the parts of a proposal from being read: no dict, keys that are missing or unknown, other types."""
    if not isinstance(proposal, dict):
        return [f"PROPOSAL is a {type(proposal).__name__}; expected a dict with the keys {', '.join(KEYS)}"]
    problems = [f"PROPOSAL lacks the key {key!r}" for key in KEYS if key not in proposal]
    unknown = [key for key in proposal if key not in KEYS]
    if unknown:
        problems.append(f"PROPOSAL has the unknown key {str(unknown[0])[:40]!r}; expected only {', '.join(KEYS)}")
    for key in KEYS[1:]:
        value = proposal.get(key, "")
        if not isinstance(value, str):
            problems.append(f"PROPOSAL[{key!r}] is a {type(value).__name__}; expected a text in quotation marks")
        elif len(value) > MAX_TEXT:
            problems.append(f"PROPOSAL[{key!r}] has {len(value):,} characters; at most {MAX_TEXT:,} are read")
    if "team" in proposal and ids_of(proposal["team"]) is None:
        problems.append('PROPOSAL[\'team\'] is no list of ids; expected one or two, such as ["s1234567", "s7654321"]')
    return problems


def as_proposal(value: object) -> dict[str, Any] | None:
    """A proposal whose parts can be read: `team` a list of ids, texts on one line; None for anything else."""
    if not isinstance(value, dict) or form_problems(value):
        return None
    texts = {key: " ".join(value[key].split()) for key in KEYS[1:]}
    return {"team": ids_of(value["team"]), **texts}


def ids_of(team: object) -> list[str] | None:
    """The ids of a list or tuple of texts or whole numbers, each once, without blank ones; None for all else."""
    if not isinstance(team, list | tuple):
        return None
    if not all(isinstance(member, str | int) and not isinstance(member, bool) for member in team):
        return None
    if any(isinstance(member, int) and abs(member) >= _LARGEST_ID for member in team):
        return None
    ids = [str(member).strip() for member in team]
    if sum(map(len, ids)) > MAX_TEXT:
        return None
    return list(dict.fromkeys(member for member in ids if member))


def team_problem(team: object, student_id: object = "", identity_team: object = ()) -> str:
    """What is wrong with a proposal's team; empty when nothing is. Ids are compared without regard to case."""
    members = ids_of(team) or []
    if not members:
        return "PROPOSAL['team'] names nobody; expected your id, and your partner's if you work in a pair"
    if len(members) > MAX_TEAM:
        return f"PROPOSAL['team'] names {len(members)} students; a team has at most {MAX_TEAM}"
    named = {member.casefold() for member in members}
    own = str(student_id).strip() if isinstance(student_id, str | int) else ""
    if own and own.casefold() not in named:
        return f"PROPOSAL['team'] does not contain {own[:40]!r}, the STUDENT_ID at the top. Is your own id missing?"
    others = {member.casefold() for member in ids_of(identity_team) or []} | ({own.casefold()} if own else set())
    if ids_of(identity_team) and others != named:
        return "PROPOSAL['team'] and TEAM at the top name different students; expected the same ids in both"
    return ""


def task_problem(task: str) -> str:
    """What is wrong with a task; empty when it is one of `TASKS`."""
    if task.strip().lower() in TASKS:
        return ""
    return f"PROPOSAL['task'] is {_shown(task)}; expected one of {', '.join(map(repr, TASKS))}"


def reason_problem(why: str) -> str:
    """What is wrong with the reasons; empty when they are long enough to be some."""
    words = [word.casefold() for word in re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", why)]
    if len(words) < LEAST_WORDS:
        return (
            f"PROPOSAL['why'] has {len(words)} words; expected at least {LEAST_WORDS}: what is to be predicted, what is"
            " hard about it, and why order in time matters"
        )
    if len(set(words)) < LEAST_DIFFERENT:
        return f"PROPOSAL['why'] repeats {len(set(words))} words; expected at least {LEAST_DIFFERENT} different ones"
    return ""


def name_and_address_problems(name: str, address: str) -> list[str]:
    """What is wrong with the data set's name and address, one line each."""
    problems = []
    if sum(char.isalpha() for char in name) < 2:
        problems.append(f"PROPOSAL['dataset_name'] is {_shown(name)}; expected the name that its publisher gives it")
    problem = address_problem(address)
    return [*problems, problem] if problem else problems


def address_problem(address: str) -> str:
    """Why an address does not lead to a data set, as far as that can be told offline; empty when it may."""
    said = f"PROPOSAL['dataset_url'] is {_shown(address)}"
    if re.match(r"\s*https?://", address, re.IGNORECASE) is None:
        return f"{said}; expected a web address that begins with https:// (or http://)"
    if re.search(r"\s", address.strip()):
        return f"{said}; expected one address, without white space"
    host, path, query = _split(address)
    if not _is_public(host):
        return f"{said}; expected the address of a public web site, where the reader finds the data"
    if host in _COLLECTIONS and not path.strip("/") and not query:
        return f"{said}, the front page of a whole collection; expected the page of your data set in it"
    if any(host == engine or host.startswith(f"{engine}.") for engine in _SEARCH_ENGINES):
        return f"{said}, a search; expected the page of the data set itself"
    return ""


def demo_problem(name: str, address: str) -> str:
    """What is said of a data set of the usual demos; empty for any other one."""
    demo = demo_data_set(name, address)
    if demo is None:
        return ""
    return (
        f"this data set is one of the usual demos ({demo}), whose results stand in many tutorials; choose another one"
    )


def _shown(text: str) -> str:
    """A student's text as a message quotes it."""
    return "blank" if not text.strip() else repr(text.strip()[:80])


# --- addresses --------------------------------------------------------------------------------------------


_COLLECTIONS = {
    "kaggle.com",
    "github.com",
    "huggingface.co",
    "archive.ics.uci.edu",
    "zenodo.org",
    "openml.org",
    "physionet.org",
    "doi.org",
    "figshare.com",
    "data.mendeley.com",
    "paperswithcode.com",
    "drive.google.com",
    "wikipedia.org",
    "en.wikipedia.org",
    "tensorflow.org",
}
"""Sites whose front page leads to no particular data."""
_SEARCH_ENGINES = ("google", "bing", "duckduckgo", "datasetsearch.research.google")
_EXAMPLES = ("example.com", "example.org", "example.net", "example.edu")
_NOT_PUBLIC = ("localhost", "local", "internal", "test", "invalid", "example", "localdomain")
_TRACKING = re.compile(r"utm_\w+|fbclid|gclid|ref|ref_src|source|download|dl|raw|usp|select|resource|tab|lang|hl")
"""Parameters that choose how a page is shown, and not which."""
_INDEX = re.compile(r"/(index|default|home)\.(html?|php|aspx?)$")
_VIEWS = ("tree", "blob", "raw", "resolve", "viewer", "raw-file")
"""The part of a path of GitHub and Hugging Face that is followed by a branch."""


def same_address(a: str, b: str) -> bool:
    """Whether two addresses lead to the same data set, as far as that can be told from their texts."""
    return bool(_forms(a) & _forms(b))


def normal_address(address: str) -> str:
    """The one way of writing an address: no scheme, port, `www.`, view or tracking; "" when it is no web address.

    Mirrors and pages of one data set at well-known repositories come to the same text. Case is not kept, though a
    server may tell it apart: two data sets of one site hardly differ in it alone.
    """
    return min(_forms(address), key=lambda form: (form.startswith("archive.ics.uci.edu/#"), form), default="")


def _forms(address: str) -> frozenset[str]:
    """All normal forms of an address. UCI's pages have two, a number and a name, of which either may be missing."""
    host, path, query = _split(address)
    if not _is_public(host):
        return frozenset()
    for known, rule in _RULES.items():
        if host == known:
            return frozenset(f"{host}/{form}".rstrip("/") for form in rule(path, query))
    return frozenset({f"{host}{path}" + (f"?{query}" if query else "")})


def _split(address: str) -> tuple[str, str, str]:
    """(host, path, query) in lower case, without what makes no difference; three times "" for no web address."""
    text = address.strip()
    archived = re.match(r"(?:https?://)?web\.archive\.org/web/[^/]+/(.+)", text, re.IGNORECASE)
    if archived:
        text = archived.group(1)
    if "://" not in text:
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").lower()
    except ValueError:  # such as brackets that are not closed
        return "", "", ""
    if parts.scheme.lower() not in ("http", "https"):
        return "", "", ""
    host = re.sub(r"^(www\d?|m)\.(?=.*\.)", "", host.rstrip("."))
    host = {"hf.co": "huggingface.co", "dx.doi.org": "doi.org", "api.openml.org": "openml.org"}.get(host, host)
    path = re.sub(r"/{2,}", "/", unquote(parts.path)).lower()
    path = _INDEX.sub("", path).rstrip("/")
    kept = [(key, value) for key, value in parse_qsl(parts.query.lower()) if not _TRACKING.fullmatch(key)]
    if host == "raw.githubusercontent.com":  # /owner/name/branch/path
        owner_and_name, _, rest = _cut(path, 2)
        return "github.com", f"{owner_and_name}/blob/{rest}", ""
    return host, path, urlencode(sorted(kept))


def _cut(path: str, parts: int) -> tuple[str, list[str], str]:
    """The first parts of a path as it begins, as a list, and what follows them."""
    names = [name for name in path.split("/") if name]
    return "/" + "/".join(names[:parts]), names[:parts], "/".join(names[parts:])


def _is_public(host: str) -> bool:
    """Whether a host's name may be that of a public web site."""
    labels = host.split(".")
    if len(labels) < 2 or len(host) > 253 or labels[-1] in _NOT_PUBLIC or host in _EXAMPLES:
        return False
    if not all(re.fullmatch(r"[^\W_]([\w-]{0,61}[^\W_])?", label) for label in labels):
        return False
    return re.fullmatch(r"[^\W\d_]{2,}|xn--[a-z0-9-]+", labels[-1]) is not None


def _kaggle(path: str, query: str) -> Iterable[str]:
    """/datasets/owner/name/data, /owner/name and /c/name, /competitions/name/data."""
    names = [name for name in path.split("/") if name]
    if names[:1] in (["c"], ["competitions"]):
        return [f"competitions/{'/'.join(names[1:2])}"]
    return ["/".join(names[1:3] if names[:1] == ["datasets"] else names[:2])]


def _hugging_face(path: str, query: str) -> Iterable[str]:
    """/datasets/owner/name/tree/main; old data sets had no owner."""
    names = [name for name in path.split("/") if name]
    views = [index for index, name in enumerate(names) if name in (*_VIEWS, "discussions")]
    return ["/".join(names[: views[0]] if views and views[0] > 1 else names[:3])]


def _github(path: str, query: str) -> Iterable[str]:
    """A repository, or a folder or file in it on any branch: one repository may hold many data sets."""
    names = [name for name in path.split("/") if name]
    owner_and_name = [name.removesuffix(".git") for name in names[:2]]
    rest = names[4:] if names[2:3] and names[2] in _VIEWS else []
    return ["/".join([*owner_and_name, *rest])]


def _uci(path: str, query: str) -> Iterable[str]:
    """/dataset/53/iris, /ml/datasets/Iris, /ml/machine-learning-databases/00240/, /static/public/53/iris.zip."""
    names = [name for name in path.split("/") if name and name not in ("ml", "static", "public")]
    if names[:1] and names[0] in ("dataset", "datasets", "machine-learning-databases"):
        names = names[1:]
    forms = []
    for name in names[:2]:
        plain = re.sub(r"[^a-z0-9]", "", name.removesuffix(".zip"))
        if plain:
            forms.append(f"#{int(plain)}" if plain.isdecimal() else plain)
        if not plain.isdecimal():
            break
    return forms or [path.strip("/")]


def _zenodo(path: str, query: str) -> Iterable[str]:
    number = re.search(r"/records?/(\d+)", path)
    return [f"records/{number.group(1)}" if number else path.strip("/")]


def _physionet(path: str, query: str) -> Iterable[str]:
    """/content/mitdb/1.0.0/ and /physiobank/database/mitdb/, whatever the version."""
    found = re.search(r"/(?:content|files|physiobank/database|pn\d)/([^/]+)", path)
    return [f"content/{found.group(1)}" if found else path.strip("/")]


def _openml(path: str, query: str) -> Iterable[str]:
    number = re.search(r"(?:^|&)id=(\d+)", query) or re.search(r"/(?:d|data|data/v1/download)/(\d+)", path)
    return [f"d/{number.group(1)}" if number else path.strip("/")]


def _doi(path: str, query: str) -> Iterable[str]:
    return [path.strip("/")]


_RULES = {
    "kaggle.com": _kaggle,
    "huggingface.co": _hugging_face,
    "github.com": _github,
    "archive.ics.uci.edu": _uci,
    "zenodo.org": _zenodo,
    "physionet.org": _physionet,
    "openml.org": _openml,
    "doi.org": _doi,
}
"""Host → what of a path and query names the data set."""


# --- names, and the usual demos ---------------------------------------------------------------------------


_MEANINGLESS = """
a an and at by for from in of on the to with und der die das von data dataset datasets set sets database corpus
collection benchmark challenge original classic classical standard popular famous version v1 v2 full small large
repository csv txt keras tensorflow torch torchvision pytorch sklearn scikit learn kaggle uci huggingface openml
nltk classification regression generation prediction forecasting forecast recognition detection analysis
modelling modeling text texts image images picture pictures series time sequence sequences sequential
"""
_FILLERS = frozenset(_MEANINGLESS.split())
"""Words that a name may have or lack without meaning other data."""


@dataclass(frozen=True)
class Demo:
    """A data set of the usual demos: the sets of words by which it is called, and its addresses."""

    name: str
    words: tuple[frozenset[str], ...]
    addresses: tuple[str, ...]

    def is_called(self, words: frozenset[str]) -> bool:
        """Whether a name of these words is one of its own, perhaps with words of its other names."""
        vocabulary = frozenset().union(*self.words)
        return any(own <= words and words <= vocabulary for own in self.words)


@functools.cache
def demos() -> tuple[Demo, ...]:
    """The list in `DEMOS`."""
    with DEMOS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return tuple(
        Demo(
            row["name"],
            tuple(dict.fromkeys(frozenset(plain_words(alias)) for alias in [row["name"], *row["aliases"].split("|")])),
            tuple(row["addresses"].split("|")),
        )
        for row in rows
    )


def plain_words(name: str) -> list[str]:
    """The words of a name that tell it from others, in lower case without accents; all words if none of them does."""
    text = unicodedata.normalize("NFKD", name[:MAX_TEXT])
    text = "".join(char for char in text if not unicodedata.combining(char))
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).casefold()  # AirPassengers
    words = re.findall(r"[^\W_]+", text)
    return [word for word in words if word not in _FILLERS] or words


def demo_data_set(name: str, address: str) -> str | None:
    """Which of the usual demos a data set is, by its address or its name; None when it is none of them."""
    words = frozenset(plain_words(name))
    for demo in demos():
        if any(same_address(address, known) for known in demo.addresses):
            return demo.name
        if demo.is_called(words):
            return demo.name
    return None
