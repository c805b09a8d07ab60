"""The registry of the open project: which team works on which data, who was first, and what is missing.

Proposals are read from the text of the hand-ins, never executed. What was registered is kept in a table in the course's
folder that the instructor may open and change: a team keeps its place there when it hands in again. The same address,
or a data set of the usual demos, is refused; names that are alike are shown to the instructor, who decides.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import combinations
from typing import Any

from rapidfuzz import fuzz

from autograder.course import Course, CourseError
from autograder.export import safe_cell
from autograder.files import write_file
from autograder.identity import Identity, NotLiteral, identity_of, literals, merged, student_id
from autograder.notebooks import UnreadableNotebook, answer_cells, grade_id, read_notebook
from autograder.roster import load_roster
from autograder.settings import read_table
from autograder.teams import handed_in_at, rebuilt, teams_of
from helpers.proposals import (
    as_proposal,
    demo_data_set,
    form_problems,
    name_and_address_problems,
    plain_words,
    reason_problem,
    same_address,
    task_problem,
    team_problem,
)
from helpers.results import runs_from_folder, runs_from_notebook

ASSIGNMENT = "project"
REGISTRY = "project_registry.csv"
COLUMNS = ("team", "registered", "handed_in", "dataset_name", "dataset_url", "task", "decision", "remark")
"""Of the registry. What the instructor changes stays until the team hands in again; ``decision`` and ``remark`` are the
instructor's own: ``allow`` or ``refuse`` goes above our rules."""
DECISIONS = ("", "allow", "refuse")
ALIKE = 75.0
"""From this likeness on (0 to 100) two names are shown to the instructor. Of made-up pairs (test_project_registry.py)
it finds 24 of 25 that mean the same data, and none of 30 that do not: these have at most 74."""
MAX_SHOWN = 100
"""Characters of one text of a student's in a line."""
_TIME = "%Y-%m-%d %H:%M:%S UTC"


# --- what was handed in -----------------------------------------------------------------------------------------


@dataclass
class HandIn:
    """What one student's hand-in of the project says.

    ``proposal`` is None when there is none that can be read; ``problem`` then says why, if there is one at all.
    ``experiments``: whether that exercise is answered.
    """

    student: str
    when: datetime
    identity: Identity
    proposal: dict[str, Any] | None = None
    problem: str = ""
    experiments: bool = False
    runs: int = 0
    reports: list[str] = field(default_factory=list)


def hand_ins(course: Course) -> list[HandIn]:
    """What all hand-ins say, the first one first."""
    found = [_hand_in(course, student) for student in course.students(ASSIGNMENT)]
    return sorted(found, key=lambda hand_in: (hand_in.when, hand_in.student))


def _hand_in(course: Course, student: str) -> HandIn:
    clean = rebuilt(course, ASSIGNMENT, student)
    identity = merged(identity_of(notebook.notebook) for notebook in clean)
    when = datetime.fromtimestamp(handed_in_at(course, ASSIGNMENT, student), UTC).replace(microsecond=0)
    found = HandIn(student, when, identity)
    for notebook in clean:
        cells = {str(grade_id(cell)): cell.source for cell in answer_cells(notebook.notebook)}
        if "proposal" in cells and "proposal" not in notebook.unanswered:
            found.proposal, found.problem = read_proposal(cells["proposal"], student, identity)
        found.experiments |= "experiments" in cells and "experiments" not in notebook.unanswered
    folder = course.submitted / student / ASSIGNMENT
    found.runs = _kept_runs(course, student)
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    found.reports = sorted(path.name for path in files if path.suffix.lower() == ".pdf")
    return found


def read_proposal(source: str, student: str, identity: Identity) -> tuple[dict[str, Any] | None, str]:
    """(proposal, why there is none) of an answer's text; STUDENT_ID and TEAM may stand in it."""
    known = {"STUDENT_ID": identity.student or student, "TEAM": identity.team}
    try:
        value = literals(source, ("PROPOSAL",), known).get("PROPOSAL")
    except NotLiteral as error:
        return None, str(error)
    if value is None:
        return None, "PROPOSAL is not set"
    proposal = as_proposal(value)
    if proposal is None:
        return None, form_problems(value)[0]
    if not proposal["dataset_name"] and not proposal["dataset_url"]:
        return None, "PROPOSAL names no data set"
    return proposal, ""


def _kept_runs(course: Course, student: str) -> int:
    """How many runs of the exercise came with a hand-in; damaged ones do not count."""
    folder = course.submitted / student / ASSIGNMENT
    damaged: list[str] = []
    found = {(run.exercise, run.name) for run in runs_from_folder(folder / "results", damaged)}
    for path in course.source_notebooks(ASSIGNMENT):
        handed_in = folder / path.name
        if handed_in.is_file() and not handed_in.is_symlink():
            try:
                notebook = read_notebook(handed_in.read_bytes())
            except UnreadableNotebook:
                continue
            found |= {(run.exercise, run.name) for run in runs_from_notebook(notebook, damaged)}
    return sum(exercise == "experiments" for exercise, _ in found)


# --- the table ----------------------------------------------------------------------------------------------------


@dataclass
class Row:
    """One team's line in the registry.

    ``registered``: since when it has this data set; ``handed_in``: when it handed in what stands here, None for a line
    that the instructor added.
    """

    team: tuple[str, ...]
    registered: datetime
    handed_in: datetime | None
    dataset_name: str
    dataset_url: str
    task: str = ""
    decision: str = ""
    remark: str = ""


def read_registry(course: Course) -> list[Row]:
    """The rows of the registry in its order; empty when there is none. CourseError, with the line, for a wrong one."""
    path = course.root / REGISTRY
    if not path.is_file():
        return []
    try:
        (_, header), *lines = read_table(path)
        missing = [name for name in COLUMNS if name not in header]
        if missing:
            raise ValueError(f"line 1: there is no column {missing[0]!r} (wanted: {', '.join(COLUMNS)})")
        return [_row(number, values) for number, values in lines]
    except ValueError as error:
        raise CourseError(f"{path}: {error}. Put it right, or remove the file to begin anew") from None


def _row(number: int, values: Mapping[str, str]) -> Row:
    said = {name: _as_written(values.get(name, "")) for name in COLUMNS}
    team = tuple(sorted(said["team"].replace(",", " ").split()))
    if not team:
        raise ValueError(f"line {number}: it names no team")
    registered, handed_in = (_time(number, said[name]) for name in ("registered", "handed_in"))
    if registered is None:
        raise ValueError(f"line {number}: the time in 'registered' is missing")
    decision = said["decision"].lower()
    if decision not in DECISIONS:
        raise ValueError(f"line {number}: the decision is {decision!r}: write 'allow' or 'refuse', or nothing")
    data = (said["dataset_name"], said["dataset_url"], said["task"])
    return Row(team, registered, handed_in, *data, decision, said["remark"])


def _time(number: int, text: str) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.strptime(text, _TIME).replace(tzinfo=UTC)
    except ValueError:
        raise ValueError(f"line {number}: {text!r} is no time: write it as 2026-12-01 08:30:00 UTC") from None


def _as_written(text: str) -> str:
    """A cell without the apostrophe that keeps a spreadsheet from taking it for a formula."""
    return text[1:] if text.startswith("'") and safe_cell(text[1:]) == text else text


def write_registry(course: Course, rows: Iterable[Row]) -> None:
    """Write the table anew if it says something else."""
    stream = io.StringIO(newline="")
    table = csv.writer(stream, quoting=csv.QUOTE_NONNUMERIC)
    table.writerow(COLUMNS)
    for row in rows:
        times = [when.strftime(_TIME) if when else "" for when in (row.registered, row.handed_in)]
        said = (row.dataset_name, row.dataset_url, row.task, row.decision, row.remark)
        table.writerow(map(safe_cell, (" ".join(row.team), *times, *said)))
    content = stream.getvalue().encode()
    path = course.root / REGISTRY
    if not path.is_file() or path.read_bytes() != content:
        write_file(path, content)


def registered(rows: list[Row], entries: Iterable["Entry"]) -> list[Row]:
    """The registry with what teams propose now; gives each entry its row.

    A team keeps its line, also when a member joins or leaves. It keeps its time, and the instructor's decision, as long
    as it keeps its data. Lines of teams that handed nothing in stay: the instructor may have reserved data for them.
    """
    found = list(rows)
    entries = list(entries)
    current = {entry.team for entry in entries}
    for entry in entries:
        index = _place(found, entry.team, current)
        said = entry.hand_in.proposal if entry.hand_in else None
        if said is not None and entry.hand_in is not None:
            when = entry.hand_in.when
            new = Row(entry.team, when, when, said["dataset_name"], said["dataset_url"], said["task"])
            if index is None:
                found.append(new)
                index = len(found) - 1
            elif found[index].handed_in != when:
                found[index] = _renewed(found[index], new)
        if index is not None:
            found[index].team = entry.team
            entry.row = found[index]
    return found


def _place(rows: list[Row], team: tuple[str, ...], current: Iterable[tuple[str, ...]]) -> int | None:
    """The line of a team: its own, or one of a team that is no more and had some of its members."""
    own = [index for index, row in enumerate(rows) if row.team == team]
    others = [index for index, row in enumerate(rows) if row.team not in current and {*row.team} & {*team}]
    return next(iter([*own, *others]), None)


def _renewed(old: Row, new: Row) -> Row:
    """A team's line after another hand-in."""
    if _same_data(old, new):
        new.registered, new.decision = min(old.registered, new.registered), old.decision
    new.remark = old.remark
    return new


def _same_data(one: Row, other: Row) -> bool:
    if one.dataset_url and other.dataset_url:
        return same_address(one.dataset_url, other.dataset_url) or one.dataset_url == other.dataset_url
    return one.dataset_name.casefold() == other.dataset_name.casefold()


# --- the state of the project -----------------------------------------------------------------------------------


@dataclass
class Entry:
    """One team: its hand-in that counts, its line in the registry, what speaks against its data, and what it lacks."""

    team: tuple[str, ...]
    hand_in: HandIn | None = None
    row: Row | None = None
    refused: list[str] = field(default_factory=list)
    alike: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return ", ".join(self.team)

    @property
    def state(self) -> str:
        """``accepted``, ``refused``, or ``no proposal``."""
        if self.row is None:
            return "no proposal"
        return "refused" if self.refused else "accepted"

    def lines(self) -> list[str]:
        if self.row is None:
            first = f"{self.name}: no proposal"
        else:
            texts = (self.row.dataset_name, self.row.dataset_url, self.row.task)
            data = ", ".join(one_line(text) for text in texts if text)
            first = f"{self.name}: {data} ({self.state}, since {self.row.registered:%Y-%m-%d %H:%M} UTC)"
        details = [f"refused: {line}" for line in self.refused] + [f"alike: {line}" for line in self.alike]
        return [first, *(f"  {line}" for line in [*details, *(f"missing: {line}" for line in self.missing)])]

    def as_dict(self) -> dict[str, Any]:
        row = self.row
        return {
            "team": list(self.team),
            **{key: getattr(row, key) if row else None for key in ("dataset_name", "dataset_url", "task", "decision")},
            "since": row.registered.isoformat() if row else None,
            "state": self.state,
            "refused": self.refused,
            "alike": self.alike,
            "missing": self.missing,
        }


@dataclass
class Status:
    """All teams, what is wrong with them, and who is in none."""

    entries: list[Entry] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    without: list[str] = field(default_factory=list)
    """Students of the roster that no team names."""

    def lines(self) -> list[str]:
        found = [line for entry in self.entries for line in entry.lines()]
        if self.without:
            found.append(f"in no team: {', '.join(self.without)}")
        states = [entry.state for entry in self.entries]
        counts = ", ".join(f"{states.count(state)} {state}" for state in ("accepted", "refused", "no proposal"))
        return [*found, f"{len(states)} teams: {counts}", *(f"error: {error}" for error in self.errors)]

    def as_dict(self) -> dict[str, Any]:
        teams = [entry.as_dict() for entry in self.entries]
        return {"teams": teams, "errors": self.errors, "without_team": self.without}


def status(course: Course) -> Status:
    """Who works on what, by the hand-ins that lie in submitted/ now; brings the registry up to date.

    Raises CourseError when there is no assignment `project`, or when the registry cannot be read.
    """
    course.source_notebooks(ASSIGNMENT)
    found = hand_ins(course)
    entries = _entries(found)
    rows = registered(read_registry(course), entries)
    write_registry(course, rows)
    known = {entry.team for entry in entries}
    entries += [Entry(row.team, row=row) for row in rows if row.team not in known]
    order = {row.team: index for index, row in enumerate(rows)}
    entries.sort(key=lambda entry: (order.get(entry.team, len(order)), entry.team))
    _judge(entries)
    by_student = {hand_in.student: hand_in for hand_in in found}
    for entry in entries:
        entry.missing = _missing(entry, by_student)
    twice = _two_teams(entries)
    said = tuple(f"{ASSIGNMENT}: {member} is in " for member in twice)  # TEAM and proposals say the same mostly
    others = [problem for problem in teams_of(course, ASSIGNMENT).problems if not problem.startswith(said)]
    return Status(entries, [*twice.values(), *others], _without_team(course, entries))


def _without_team(course: Course, entries: list[Entry]) -> list[str]:
    """The students of the roster, if there is one, whom no team names."""
    roster = load_roster(course)
    named = {member for entry in entries for member in entry.team}
    return sorted(student for student in (roster.students if roster else ()) if student not in named)


def team_of(hand_in: HandIn) -> tuple[str, ...]:
    """Whom a hand-in's proposal names, its owner included; else whom TEAM names, or the owner alone."""
    named = hand_in.proposal["team"] if hand_in.proposal else []
    ids = identity_ids(named) or hand_in.identity.team
    own = {member.casefold() for member in ids} & {hand_in.student.casefold(), hand_in.identity.student.casefold()}
    kept = [member for member in ids if member.casefold() not in own]
    return tuple(sorted({hand_in.student, *kept}))


def identity_ids(named: Iterable[str]) -> list[str]:
    """Ids as they are kept, of what a proposal names."""
    return [identifier for member in named if (identifier := student_id(member))]


def _entries(found: list[HandIn]) -> list[Entry]:
    """One entry for each team; of several hand-ins of one team the last one with a proposal counts.

    Who names nobody, and is named by another hand-in, is of that one's team.
    """
    known = {hand_in.student.casefold(): hand_in.student for hand_in in found}
    said = {h.student: tuple(sorted({known.get(m.casefold(), m) for m in team_of(h)})) for h in found}
    teams: dict[tuple[str, ...], list[HandIn]] = {}
    for hand_in in found:
        team = said[hand_in.student]
        if hand_in.proposal is None and len(team) == 1:
            team = next((other for other in said.values() if len(other) > 1 and hand_in.student in other), team)
        teams.setdefault(team, []).append(hand_in)
    entries = []
    for team, theirs in teams.items():
        proposing = [hand_in for hand_in in theirs if hand_in.proposal is not None]
        entries.append(Entry(team, (proposing or theirs)[-1]))
    return entries


def _two_teams(entries: list[Entry]) -> dict[str, str]:
    """Student → an error line, for each student whom two teams name."""
    found = {}
    for member in sorted({member for entry in entries for member in entry.team}):
        teams = [entry.name for entry in entries if member in entry.team]
        if len(teams) > 1:
            found[member] = f"{member} is in {len(teams)} teams: {' and '.join(f'({team})' for team in teams)}"
    return found


def _judge(entries: list[Entry]) -> None:
    """What speaks against the data of each team. Of equal addresses the one that was registered first is accepted."""
    proposing = [(entry, entry.row) for entry in entries if entry.row is not None]
    for entry, row in proposing:
        demo = demo_data_set(row.dataset_name, row.dataset_url)
        if demo is not None:
            entry.refused.append(f"it is one of the usual demos ({demo})")
        if row.decision == "refuse":
            entry.refused.append(f"by the instructor, in {REGISTRY}")
    proposing.sort(key=lambda pair: pair[1].registered)  # stable: of the same time, the upper line
    for (first, one), (second, other) in combinations(proposing, 2):
        if same_address(one.dataset_url, other.dataset_url):
            if one.decision == "allow" or not first.refused:
                since = f"{one.registered:%Y-%m-%d %H:%M} UTC"
                second.refused.append(f"the team {first.name} has data of this address since {since}")
        elif (likeness := alike(one.dataset_name, other.dataset_name)) >= ALIKE:
            names = [f'"{one_line(row.dataset_name)}"' for row in (one, other)]
            told = f"{names[0]} (team {first.name}) and {names[1]} (team {second.name})"
            for entry in (first, second):
                entry.alike.append(f"{told}, {likeness:.0f} of 100: look whether they are the same data")
    for entry, row in proposing:
        if row.decision == "allow":
            entry.refused, entry.alike = [], []


def alike(one: str, other: str) -> float:
    """How alike two names of data sets are, 0 to 100, whatever the order of words and with what all names may have.

    The better of two: RapidFuzz's token_set_ratio, for which a name that holds all words of the other one is equal
    ("WESAD" and "WESAD: wearable stress and affect detection"), and its ratio of the letters without white space
    ("ECG5000" and "ECG 5000").
    """
    words, others = plain_words(one), plain_words(other)
    if not words or not others:
        return 0.0
    tokens = fuzz.token_set_ratio(" ".join(sorted(words)), " ".join(sorted(others)))
    return float(max(tokens, fuzz.ratio("".join(words), "".join(others))))


def _missing(entry: Entry, hand_ins: Mapping[str, HandIn]) -> list[str]:
    """What a team lacks, over the hand-ins of all its members."""
    theirs = [hand_ins[member] for member in entry.team if member in hand_ins]
    found = [f"proposal: {one_line(h.problem)} (hand-in of {h.student})" for h in theirs if h.problem]
    if entry.state == "no proposal" and not found:
        found.append("proposal")
    said = entry.hand_in.proposal if entry.hand_in else None
    if said is not None and entry.hand_in is not None:
        problems = [
            team_problem(said["team"], entry.hand_in.identity.student, entry.hand_in.identity.team),
            *name_and_address_problems(said["dataset_name"], said["dataset_url"]),
            task_problem(said["task"]),
            reason_problem(said["why"]),
        ]
        found += [f"in the proposal: {one_line(problem)}" for problem in problems if problem]
    if not any(hand_in.experiments for hand_in in theirs):
        found.append("experiments: not answered")
    if not any(hand_in.runs for hand_in in theirs):
        found.append("experiments: no kept runs")
    if not any(hand_in.reports for hand_in in theirs):
        found.append("report: no PDF was handed in")
    for member in entry.team:
        if member not in hand_ins:
            shares = any(_names(hand_in.identity.team, member) for hand_in in theirs)
            marks = "the team's hand-in counts" if shares else "no hand-in lists the id in TEAM: no marks are shared"
            found.append(f"{member} handed in nothing ({marks})")
    return found


def _names(team: Iterable[str], member: str) -> bool:
    return member.casefold() in {identifier.casefold() for identifier in team}


def one_line(text: str) -> str:
    """A student's text for a terminal: printable, on one line, not long."""
    shown = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return shown if len(shown) <= MAX_SHOWN else f"{shown[: MAX_SHOWN - 1]}…"
