"""Teams: the marks of one hand-in go to all whom its TEAM lists, in any assignment.

TEAM is what the hand-in's cell `identity` says, read without executing it. When several members hand in, the last
hand-in counts. `share_marks` gives the others what its owner has: rows in the gradebook, the graded notebook and the
verdict, so that feedback, report, formgrader and exporters know them as they know any other student. What was handed in
is not touched: grading never takes a copy for a hand-in, and a member's own hand-in keeps its own verdict.

Marks by hand may be given to any member. Points and comments that one copy has are taken over by the others; where two
differ, the one that changed since the last time counts, and when both did, that is a conflict, which is told and left
alone. A mark that is taken back must be taken back in all copies.
"""

import filecmp
import json
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from nbformat.v4 import new_notebook

from autograder.course import Course
from autograder.files import locked, write_file
from autograder.grade import last_verdict, make_job, shared_verdict_file
from autograder.identity import Identity, identity_of, merged
from autograder.notebooks import UnreadableNotebook, read_notebook
from autograder.records import SubmissionVerdict
from autograder.sanitize import Sanitized, sanitize

if TYPE_CHECKING:
    from autograder.marks import Recorder

Value = TypeVar("Value")

DEFAULT_SIZE = 2
"""Members that a team may have where c.Coursework.team_sizes says nothing."""


# --- who works with whom ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Team:
    """Two or more students, sorted; ``source``: under whose id the hand-in lies that counts for all of them."""

    members: tuple[str, ...]
    source: str

    @property
    def others(self) -> list[str]:
        return [member for member in self.members if member != self.source]


@dataclass
class Teams:
    """The teams of an assignment, and what is wrong with others, one line each: for these no marks are shared.

    ``said``: what each hand-in's TEAM lists, its owner included.
    """

    teams: list[Team] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    said: dict[str, frozenset[str]] = field(default_factory=dict)

    def of(self, student: str) -> Team | None:
        return next((team for team in self.teams if student in team.members), None)


def teams_of(course: Course, assignment: str) -> Teams:
    """The teams that the hand-ins of an assignment name.

    Of a hand-in that is graded what was graded counts, of any other one what lies in submitted/.
    """
    found = Teams()
    identities = {student: _identity(course, assignment, student) for student in course.students(assignment)}
    for student, said in identities.items():
        if said.problem:
            found.problems.append(f"{assignment}: {student}: {said.problem}")
    listed = {student: said.team for student, said in identities.items() if not said.problem}
    known = _known_ids(course) if any(listed.values()) else {}
    for student, team in listed.items():
        found.said[student] = frozenset({student, *(known.get(member.casefold(), member) for member in team)})
    groups = sorted({team for team in found.said.values() if len(team) > 1}, key=sorted)
    most = course.settings().team_sizes.get(assignment, DEFAULT_SIZE) if groups else DEFAULT_SIZE
    for group in groups:
        problems = _problems(assignment, group, groups, found.said, identities, most)
        found.problems += [problem for problem in problems if problem not in found.problems]
        if not problems:
            handed_in = [member for member in sorted(group) if member in identities]
            source = max(handed_in, key=lambda member: (handed_in_at(course, assignment, member), member))
            found.teams.append(Team(tuple(sorted(group)), source))
    return found


def _problems(
    assignment: str,
    group: frozenset[str],
    groups: list[frozenset[str]],
    said: Mapping[str, frozenset[str]],
    identities: Mapping[str, Identity],
    most: int,
) -> list[str]:
    """What is wrong with one team, one line each."""
    named = ", ".join(sorted(group))
    found = []
    if len(group) > most:
        found.append(f"{assignment}: the team {named} has {len(group)} members; at most {most} may work together")
    for member in sorted(group):
        others = [other for other in groups if member in other]
        if len(others) > 1:
            teams = " and ".join(f"({', '.join(sorted(other))})" for other in others)
            found.append(f"{assignment}: {member} is in {len(others)} teams: {teams}; no marks are shared for them")
        elif said.get(member) == frozenset({member}):
            owners = ", ".join(sorted(student for student, team in said.items() if team == group))
            found.append(
                f"{assignment}: {member} handed in alone, but TEAM in the hand-in of {owners} lists {member}: no marks"
                " are shared"
            )
        elif member in identities and identities[member].problem:
            found.append(f"{assignment}: no marks are shared for {named}: TEAM of {member} cannot be read")
    return found


def _known_ids(course: Course) -> dict[str, str]:
    """Ids that are known, by their lower case: what students type need not have the case of what is kept."""
    from nbgrader.api import Student

    from autograder.gradebook import gradebook_url, has_gradebook, opened_gradebook

    ids = [folder.name for folder in course.submitted.iterdir() if folder.is_dir()] if course.submitted.is_dir() else []
    if has_gradebook(gradebook_url(course)):
        with opened_gradebook(course) as book:
            ids += [identifier for (identifier,) in book.db.query(Student.id)]
    return {identifier.casefold(): identifier for identifier in ids}


def _identity(course: Course, assignment: str, student: str) -> Identity:
    verdict = last_verdict(course, assignment, student)
    if verdict is not None:
        return Identity(team=verdict.team, problem=verdict.team_problem)
    return merged(identity_of(clean.notebook) for clean in rebuilt(course, assignment, student))


def rebuilt(course: Course, assignment: str, student: str) -> list[Sanitized]:
    """The notebooks of a hand-in as grading sees them before they are run; one that cannot be read is blank."""
    found = []
    for path in course.source_notebooks(assignment):
        handed_in = course.submitted / student / assignment / path.name
        try:
            usable = handed_in.is_file() and not handed_in.is_symlink()
            submitted = read_notebook(handed_in.read_bytes()) if usable else new_notebook()
        except UnreadableNotebook:
            submitted = new_notebook()
        released = course.release / assignment / path.name
        release = read_notebook(released.read_bytes()) if released.is_file() else None
        found.append(sanitize(read_notebook(path.read_bytes()), submitted, release))
    return found


def handed_in_at(course: Course, assignment: str, student: str) -> float:
    """When a hand-in was made, in seconds since 1970: what timestamp.txt says, else the time of its newest file."""
    from datetime import UTC

    from nbgrader.utils import parse_utc

    folder = course.submitted / student / assignment
    try:
        when = parse_utc((folder / "timestamp.txt").read_text(errors="replace").strip())
        return float(when.replace(tzinfo=UTC).timestamp())
    except (OSError, ValueError):  # no such file, or no time in it, which the recording of the marks tells
        return max(path.stat().st_mtime for path in folder.glob("*.ipynb"))


# --- what was shared ------------------------------------------------------------------------------------------


Base = dict[str, dict[str, Any]]
"""``<notebook>/<cell>`` → what all members' copies held when marks were shared last: manual, extra, needs, comment."""


@dataclass
class Copy:
    """That a member has the marks of another one's hand-in."""

    source: str
    members: list[str]
    base: Base

    @classmethod
    def read(cls, path: Path) -> "Copy | None":
        """What a file says; None where there is none that can be read: it is made anew."""
        try:
            said = json.loads(path.read_bytes())
            return cls(str(said["source"]), list(said["members"]), dict(said["base"]))
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None

    def to_json(self) -> str:
        return json.dumps({"source": self.source, "members": self.members, "base": self.base}, indent=1)


def _folder(course: Course, assignment: str) -> Path:
    return course.work / "teams" / assignment


def _copies(course: Course, assignment: str) -> dict[str, Copy]:
    """Member → copy, of all members that have another one's marks."""
    paths = sorted(path for path in _folder(course, assignment).glob("*.json") if not path.name.startswith("."))
    return {path.stem: copy for path in paths if (copy := Copy.read(path)) is not None}


def copied_from(course: Course, assignment: str) -> dict[str, str]:
    """Member → under whose id the hand-in lies that counts, of all members that have another one's marks."""
    return {member: copy.source for member, copy in _copies(course, assignment).items()}


# --- sharing ----------------------------------------------------------------------------------------------------


@dataclass
class Shared:
    """What came of it, for people: ``errors`` are teams that got no marks, ``lines`` what else is to be known."""

    errors: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)


def bring_up_to_date(course: Course, assignments: list[str]) -> list[str]:
    """Late penalties follow marks that were given by hand since; those of one member of a team reach the others.

    Returns what there is to say.
    """
    from autograder.late import settle

    return [*settle(course, assignments), *share_all(course, assignments)]


def share_all(course: Course, assignments: Iterable[str]) -> list[str]:
    """Share the marks of several assignments; returns all lines, errors first."""
    found = [share_marks(course, assignment) for assignment in assignments]
    return [line for shared in found for line in shared.errors] + [line for shared in found for line in shared.lines]


def share_marks(course: Course, assignment: str) -> Shared:
    """Give all members of each team the marks of its hand-in, by hand given ones too; again, it changes nothing.

    One transaction for each team. A member that has another one's marks and is in no team any more gets the marks of
    the own hand-in back, or none if there is no own one.
    """
    found = teams_of(course, assignment)
    shared = Shared(list(found.problems))
    if not found.teams and not _folder(course, assignment).is_dir():
        return shared
    from autograder.gradebook import gradebook_url, has_gradebook
    from autograder.marks import Recorder

    if not has_gradebook(gradebook_url(course)):
        return shared
    course.work.mkdir(parents=True, exist_ok=True)
    with locked(course.work / "teams.lock"), Recorder(course) as recorder:
        copies = _copies(course, assignment)
        for team in found.teams:
            _share(course, assignment, team, copies, recorder, shared)
        for member, copy in copies.items():
            if found.of(member) is None:
                _end(course, assignment, member, copy, found, recorder, shared)
    return shared


def _share(
    course: Course, assignment: str, team: Team, copies: Mapping[str, Copy], recorder: "Recorder", shared: Shared
) -> None:
    """Bring the copies of one team in step, and note what was shared."""
    before = [copies[member] for member in team.members if member in copies]
    base = next((copy.base for copy in before if copy.members == list(team.members)), {})
    sync: _Sync | None = None

    def change(book: Any, place: Callable[[str, Path], None]) -> None:
        nonlocal sync
        sync = _Sync(book, assignment, team, base)
        if not sync.is_recorded():
            return
        sync.run()
        for member in team.others:
            graded = course.autograded / team.source / assignment
            if not same_files(graded, course.autograded / member / assignment):
                place(member, graded)

    named = ", ".join(team.members)
    failure = f"{assignment}: the marks of the team {named} could not be shared"
    failures = recorder.together(assignment, team.members, change, failure)
    if not failures and sync is not None and sync.moved:
        # What is late costs a part of the points, and the hand-in that counts has other points now.
        lines = sync.lines
        failures = recorder.settle(assignment, team.source)
        failures += recorder.together(assignment, team.members, change, failure)
        sync.lines = lines
    shared.errors += failures
    if not failures and sync is not None and sync.recorded:
        shared.lines += sync.lines
        _note(course, assignment, team, sync.base)
        news = [member for member in team.others if member not in copies or copies[member].source != team.source]
        if news:
            line = f"{assignment}: team {named}: the hand-in of {team.source} counts for {', '.join(news)}"
            shared.lines.append(line)


def _note(course: Course, assignment: str, team: Team, base: Base) -> None:
    """Keep the members' verdicts, and what was shared."""
    verdict = last_verdict(course, assignment, team.source)
    folder = _folder(course, assignment)
    for member in team.others:
        if verdict is not None:
            own = last_verdict(course, assignment, member)
            content = _verdict_for(member, verdict, own).to_json().encode()
            _write_if_new(shared_verdict_file(course, assignment, member), content)
        _write_if_new(folder / f"{member}.json", Copy(team.source, list(team.members), base).to_json().encode())
    for path in (folder / f"{team.source}.json", shared_verdict_file(course, assignment, team.source)):
        path.unlink(missing_ok=True)


def _verdict_for(member: str, verdict: SubmissionVerdict, own: SubmissionVerdict | None) -> SubmissionVerdict:
    """The verdict of a team's hand-in as that of another member; what the member's own hand-in showed is not lost."""
    notes = [f"the marks are those of the team's hand-in, which is that of {verdict.student}", *verdict.notes]
    evidence = [f"in the own hand-in, which does not count: {line}" for line in (own.tamper if own else [])]
    return replace(verdict, student=member, notes=notes, tamper=[*verdict.tamper, *evidence])


def _write_if_new(path: Path, content: bytes) -> None:
    if not path.is_file() or path.read_bytes() != content:
        write_file(path, content)


def _end(
    course: Course, assignment: str, member: str, copy: Copy, found: Teams, recorder: "Recorder", shared: Shared
) -> None:
    """A member that has another one's marks and is in no team any more.

    Nothing is taken back where that is not sure: while a team is in error, or when the hand-in is no longer there.
    """
    if member in course.students(assignment):
        verdict = last_verdict(course, assignment, member)
        if verdict is None:
            return  # it is not graded yet; its marks come with its grading
        job = make_job(course, assignment, member, course.limits(), sandboxed=True)
        failures = recorder.record(job, verdict, again=True)
        line = f"{assignment}: {member} is in no team any more and has the marks of the own hand-in again"
    elif copy.source in found.said and member not in found.said[copy.source]:
        failures = _withdraw(course, assignment, member, copy, recorder)
        line = f"{assignment}: {member} is in no team any more and handed nothing in: the marks were taken back"
    else:
        return
    shared.errors += failures
    if not failures:
        shared.lines.append(line)
        for path in (_folder(course, assignment) / f"{member}.json", shared_verdict_file(course, assignment, member)):
            path.unlink(missing_ok=True)


def _withdraw(course: Course, assignment: str, member: str, copy: Copy, recorder: "Recorder") -> list[str]:
    """Remove a copy from the gradebook, unless it holds a mark by hand that the hand-in itself does not have."""
    kept: list[str] = []

    def change(book: Any, place: Callable[[str, Path], None]) -> None:
        sync = _Sync(book, assignment, Team(tuple(sorted({member, copy.source})), copy.source), copy.base)
        kept[:] = sync.only_here(member)
        if not kept:
            sync.remove(member)

    failure = f"{assignment}: the marks of {member} could not be taken back"
    failures = recorder.together(assignment, [member, copy.source], change, failure)
    if failures:
        return failures
    if kept:
        what = f"has marks by hand that {copy.source} has not ({', '.join(kept)})"
        return [f"{assignment}: {member} is in no team any more, but {what}: remove the submission yourself"]
    shutil.rmtree(course.autograded / member / assignment, ignore_errors=True)
    return []


# --- one team in the gradebook ------------------------------------------------------------------------------------


def settled(values: Iterable[Value | None], base: Value | None) -> tuple[Value | None, bool]:
    """(the value that all copies get, whether they are in conflict) of what each copy holds; None: nothing.

    Of two values the one counts that is not ``base``, which all had before.
    """
    given = {value for value in values if value is not None}
    if len(given) > 1:
        given -= {base}
    return (next(iter(given), None), False) if len(given) <= 1 else (None, True)


def settled_flag(flags: Mapping[str, bool], marked: Iterable[str], base: bool | None, source: str) -> bool:
    """Whether a cell waits for a marker, of what each copy says; ``marked``: the copies with points by hand.

    The copy that changed since the last time is right. The first time one that a marker has seen is.
    """
    if len(set(flags.values())) == 1 or base is None:
        seen = [flags[member] for member in marked]
        return any(seen) if seen else flags[source]
    return not base


class _Sync:
    """Brings the copies of one team in step, within a transaction that is begun and ended elsewhere."""

    def __init__(self, book: Any, assignment: str, team: Team, base: Base) -> None:
        self.book, self.assignment, self.team, self.before = book, assignment, team, base
        self.base: Base = {}
        self.lines: list[str] = []
        self.recorded = False
        self.moved = False
        """Whether the hand-in that counts got points by hand from another copy."""

    def is_recorded(self) -> bool:
        """Whether the gradebook has the hand-in that counts; it has not when its grading failed."""
        self.recorded = self._submission(self.team.source) is not None
        return self.recorded

    def _submission(self, student: str) -> Any:
        from nbgrader.api import MissingEntry

        try:
            return self.book.find_submission(self.assignment, student)
        except MissingEntry:
            return None

    def run(self) -> None:
        source = self._submission(self.team.source)
        for member in self.team.others:
            if self._submission(member) is None:
                self._make(member)
            _set(self._submission(member), "timestamp", source.timestamp)
        for name in [notebook.name for notebook in source.notebooks]:
            penalty = self._notebook(name, self.team.source).late_submission_penalty
            for member in self.team.others:
                _set(self._notebook(name, member), "late_submission_penalty", penalty)
            master = self.book.find_notebook(name, self.assignment)
            for cell in [*master.grade_cells, *master.task_cells]:
                self._share_marks(name, cell.name)
            for cell in [*master.solution_cells, *master.task_cells]:
                self._share_comment(name, cell.name)

    def _make(self, member: str) -> None:
        from nbgrader.api import MissingEntry

        try:
            self.book.find_student(member)
        except MissingEntry:
            self.book.update_or_create_student(member)
            self.lines.append(f"{self.assignment}: {member}, a member of a team, was not in the gradebook: entered")
        self.book.update_or_create_submission(self.assignment, member)

    def _notebook(self, name: str, student: str) -> Any:
        return self.book.find_submission_notebook(name, self.assignment, student)

    def _rows(self, find: Callable[..., Any], notebook: str, cell: str) -> dict[str, Any]:
        """Member → row of one cell. None at all when the hand-in that counts was recorded before there was the cell."""
        from nbgrader.api import MissingEntry

        rows = {}
        for member in self.team.members:
            try:
                rows[member] = find(cell, notebook, self.assignment, member)
            except MissingEntry:
                if member == self.team.source:
                    return {}
                self.lines.append(f"{self.assignment}: {member} has no {cell} in the gradebook: grade again")
        return rows

    def _share_marks(self, notebook: str, cell: str) -> None:
        rows = self._rows(self.book.find_grade, notebook, cell)
        if not rows:
            return
        before = self.before.get(f"{notebook}/{cell}", {})
        source = rows[self.team.source]
        by_hand = {member: row.manual_score for member, row in rows.items()}
        manual, conflict = settled(by_hand.values(), before.get("manual"))
        extra, other_conflict = settled([row.extra_credit for row in rows.values()], before.get("extra"))
        for member in self.team.others:
            if member in rows:
                _set(rows[member], "auto_score", source.auto_score)
        if conflict or other_conflict:
            what = "points" if conflict else "extra credit"
            self._conflict(cell, what, {m: r.manual_score if conflict else r.extra_credit for m, r in rows.items()})
            self.base[f"{notebook}/{cell}"] = before
            return
        flags = {member: bool(row.needs_manual_grade) for member, row in rows.items()}
        marked = [member for member, points in by_hand.items() if points is not None]
        needs = settled_flag(flags, marked, before.get("needs"), self.team.source)
        self.moved = self.moved or (source.manual_score, source.extra_credit) != (manual, extra)
        for row in rows.values():
            _set(row, "manual_score", manual)
            _set(row, "extra_credit", extra)
            _set(row, "needs_manual_grade", needs)
        self.base[f"{notebook}/{cell}"] = {"manual": manual, "extra": extra, "needs": needs}

    def _share_comment(self, notebook: str, cell: str) -> None:
        rows = self._rows(self.book.find_comment, notebook, cell)
        if not rows:
            return
        key = f"{notebook}/{cell}/comment"
        for member in self.team.others:
            if member in rows:
                _set(rows[member], "auto_comment", rows[self.team.source].auto_comment)
        words = {member: row.manual_comment or None for member, row in rows.items()}
        comment, conflict = settled(words.values(), self.before.get(key, {}).get("comment"))
        if conflict:
            self._conflict(cell, "comments", dict.fromkeys(member for member, said in words.items() if said))
            self.base[key] = self.before.get(key, {})
            return
        for row in rows.values():
            if comment is not None:
                _set(row, "manual_comment", comment)
        self.base[key] = {"comment": comment}

    def _conflict(self, cell: str, what: str, values: Mapping[str, float | None]) -> None:
        named = ", ".join(
            member if value is None else f"{member} ({value:g})"
            for member, value in values.items()
            if value is not None or what == "comments"
        )
        self.lines.append(
            f"{self.assignment}: {cell}: {named} have different {what} by hand: left as they are; give all the same in"
            " formgrader"
        )

    # --- taking a copy back

    def only_here(self, member: str) -> list[str]:
        """The cells with points, extra credit or a comment by hand that the hand-in that counts has not."""
        submission = self._submission(member)
        if submission is None or self._submission(self.team.source) is None:
            return []
        found = []
        for notebook in submission.notebooks:
            for kind, rows in ((self.book.find_grade, notebook.grades), (self.book.find_comment, notebook.comments)):
                for row in rows:
                    theirs = kind(row.name, notebook.name, self.assignment, self.team.source)
                    pairs = zip(_by_hand(row), _by_hand(theirs), strict=True)
                    if any(ours not in (None, "", other) for ours, other in pairs):
                        found.append(row.name)
        return found

    def remove(self, member: str) -> None:
        if self._submission(member) is not None:
            self.book.remove_submission(self.assignment, member)


def _by_hand(row: Any) -> tuple[Any, ...]:
    return (row.manual_comment,) if hasattr(row, "manual_comment") else (row.manual_score, row.extra_credit)


def _set(row: Any, name: str, value: Any) -> None:
    if getattr(row, name) != value:
        setattr(row, name, value)


def same_files(one: Path, other: Path) -> bool:
    """Whether two folders hold the same files, by size and time: copies keep both."""
    if not other.is_dir():
        return False
    names = {str(path.relative_to(one)) for path in one.rglob("*") if path.is_file()}
    if names != {str(path.relative_to(other)) for path in other.rglob("*") if path.is_file()}:
        return False
    return all(filecmp.cmp(one / name, other / name) for name in names)
