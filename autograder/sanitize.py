"""A submission rebuilt from the master notebook.

Every locked cell, its metadata and its tags come from the master; only the answers and the cells that
the student added come from the submission. What was lost or damaged is thereby repaired, and what was
changed to win marks wins none. What was seen is told in words, as evidence and never as a verdict.

The result still holds the hidden tests: `notebooks.without_hidden` takes them out before it is sent
to where students' code runs.
"""

import ast
import copy
import difflib
import functools
import itertools
import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from nbformat.notebooknode import NotebookNode, from_dict

from autograder.notebooks import (
    MAX_CELLS,
    checksum,
    find_markers,
    fresh_id,
    grade_id,
    nbgrader_of,
    normalise,
    parsed,
    release_source,
    repair,
    role,
    split_at_markers,
    without_markers,
)

ALIKE = 0.8
"""How alike (0 to 1) two texts must be for an edited cell without metadata to count as the same cell."""

MAX_LINES = 20
"""Lines of one kind of evidence; how many more there were is said in another one."""

_MAX_COMPARED = 20_000  # characters; comparing longer texts would take seconds
_MAX_COMPARISONS = 100_000_000  # pairs of characters in one submission: five seconds, where honest ones need a tenth
_MAX_CLAIMS = 2 * MAX_CELLS  # cells after merged ones came apart
_RELEASE = re.compile(r"[0-9a-f]{16}")
_VERDICT = re.compile(r"^Examiner: \S+ of \S+ points", re.MULTILINE)
_NUMBER = re.compile(r"\s*[-+]?[\d.]+(?:e[-+]?\d+)?\s*")
_MAX_SHOWN = 40  # characters that are quoted of what the student wrote
_HARMFUL_TAGS = ("skip-execution", "raises-exception")
_FLAGS = ("grade", "solution", "locked", "points", "task")
_CURRENT_SCHEMA = 3


@dataclass
class Sanitized:
    """What `sanitize` made of a submission.

    notebook: master with the student's answers; cells that the student added carry the metadata
        {"coursework": {"added": true}}. No outputs.
    tamper: what looks like an attempt to change the marking, a sentence each.
    notes: what else differs and may interest the instructor. Of one kind at most MAX_LINES are told, in both.
    unanswered: ids of answer cells (`identity` too) that were left as released.
    """

    notebook: NotebookNode
    tamper: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unanswered: set[str] = field(default_factory=set)


@dataclass(eq=False)
class _Claim:
    """One cell of the submission, and the cell of the master (its index) that it is taken for."""

    cell: NotebookNode
    master: int | None = None
    duplicate: bool = False

    @functools.cached_property
    def text(self) -> str:
        return _comparable(self.cell.source)

    @functools.cached_property
    def definitions(self) -> set[str]:
        return _definitions(self.cell.source)


def sanitize(master: NotebookNode, submitted: NotebookNode, release: NotebookNode | None = None) -> Sanitized:
    """Rebuild `submitted` from `master`. None of the arguments is changed.

    `release` is what students got; without it, what they got is derived from the master. Whatever the
    form of `submitted`, it is repaired first: nothing that a student wrote raises.
    """
    rebuilt = normalise(master)
    submitted = repair(submitted)
    released = _released_sources(rebuilt, release)
    result = Sanitized(rebuilt)
    claims = _claims(rebuilt, submitted, released, result)
    other_release = _from_other_release(submitted, release, result)
    _report_kernel(submitted, result)
    _report_outputs(rebuilt, claims, result)
    _report_order(rebuilt, claims, result)
    _report_flags(rebuilt, claims, result)
    if release is not None and not other_release:
        _report_checksums(rebuilt, claims, release, result)
    answers = _choose_answers(rebuilt, claims, released, result)
    _report_locked_cells(rebuilt, claims, released, other_release, result)
    result.notebook = _assemble(rebuilt, claims, answers, released)
    if release is not None and "coursework" in release.metadata:
        result.notebook.metadata["coursework"] = copy.deepcopy(release.metadata["coursework"])
    return result


# ---------------------------------------------------------------------------------------------------
# Whose cell is it


def _released_sources(master: NotebookNode, release: NotebookNode | None) -> list[str]:
    """For each cell of the master, the text that students got."""
    by_id = {cell.id: cell.source for cell in release.cells} if release is not None else {}
    return [by_id.get(cell.id, release_source(cell)) for cell in master.cells]


def _claims(master: NotebookNode, submitted: NotebookNode, released: list[str], result: Sanitized) -> list[_Claim]:
    """For each submitted cell the master cell that it stands for, by marker, grade id, cell id, likeness."""
    by_grade_id = {grade_id(cell): i for i, cell in enumerate(master.cells) if grade_id(cell)}
    by_cell_id = {cell.id: i for i, cell in enumerate(master.cells)}
    locked = _locked_texts(master, released)
    claims = _unmerged(submitted)
    mismatches, unknown = [], Sanitized(master)
    for claim in claims:
        name = grade_id(claim.cell)
        by_id = by_grade_id.get(name, by_cell_id.get(claim.cell.get("id")))
        marked = _marked_answer(master, claim.cell, by_grade_id)
        if marked is None and by_id is not None and role(master.cells[by_id]) == "answer":
            # No answer says what a locked cell says: such a cell was given the answer's id.
            marked = locked.get((claim.cell.cell_type, claim.text))
        if marked is not None and by_id is not None and marked != by_id:
            what = "is marked as exercise" if role(master.cells[marked]) == "answer" else "has the text of"
            mismatches.append(
                f"a cell {what} {_name(master, marked)} but carries the id of"
                f" {_name(master, by_id)}: it was taken for {_name(master, marked)}"
            )
        claim.master = by_id if marked is None else marked
        if name is not None and name not in by_grade_id:
            _report_unknown_id(claim.cell, name, unknown)
    result.tamper += [*_shortened(mismatches), *_shortened(unknown.tamper)]
    result.notes += _shortened(unknown.notes)
    _claim_same_text(master, claims, released)
    _claim_by_likeness(master, claims, released, result)
    return claims


def _locked_texts(master: NotebookNode, released: list[str]) -> dict[tuple[str, str], int]:
    """Type and text of the test and given cells → their index."""
    return {
        (cell.cell_type, _comparable(released[index])): index
        for index, cell in enumerate(master.cells)
        if role(cell) in ("test", "given")
    }


def _unmerged(submitted: NotebookNode) -> list[_Claim]:
    """The cells; where answer cells were merged into one, its parts."""
    claims: list[_Claim] = []
    for cell in submitted.cells:
        parts = _parts(cell)
        claims += map(_Claim, parts if len(claims) + len(parts) <= _MAX_CLAIMS else [cell])
    return claims


def _parts(cell: NotebookNode) -> list[NotebookNode]:
    """The cell, or its parts when answer cells were merged into it; the first part keeps its metadata."""
    markers = find_markers(cell.source)
    if len(set(markers)) < 2 or len(markers) > _MAX_CLAIMS:
        return [cell]
    first, *others = split_at_markers(cell.source)
    parts = [{"cell_type": cell.cell_type, "metadata": {}, "source": text, "outputs": []} for text in others]
    return [NotebookNode({**cell, "source": first}), *(from_dict(part) for part in parts)]


def _marked_answer(master: NotebookNode, cell: NotebookNode, by_grade_id: dict[str | None, int]) -> int | None:
    """The answer cell that the first valid marker line in the text names."""
    for name in find_markers(cell.source):
        index = by_grade_id.get(name)
        if index is not None and role(master.cells[index]) == "answer":
            return index
    return None


def _report_unknown_id(cell: NotebookNode, name: str, result: Sanitized) -> None:
    text = f"a cell carries the grade id '{_shown(name)}', which the assignment does not have"
    (result.tamper if nbgrader_of(cell).get("grade") else result.notes).append(text)


def _claim_same_text(master: NotebookNode, claims: list[_Claim], released: list[str]) -> None:
    """Cells that lost their ids but not their text."""
    missing = _missing(master, claims)
    by_text: dict[tuple[str, str], list[int]] = {}
    for index in missing:
        by_text.setdefault((master.cells[index].cell_type, _comparable(released[index])), []).append(index)
    for claim in claims:
        if claim.master is None and claim.cell.source.strip():
            candidates = by_text.get((claim.cell.cell_type, claim.text), [])
            if candidates:
                claim.master = candidates.pop(0)


def _claim_by_likeness(master: NotebookNode, claims: list[_Claim], released: list[str], result: Sanitized) -> None:
    """What is left: answers by what they define or where they stand, locked cells by their text."""
    answered = {
        claim.master
        for claim in claims
        if claim.master is not None and not _is_stub(claim.cell, released[claim.master])
    }
    for index, cell in enumerate(master.cells):
        if role(cell) == "answer" and index not in answered:
            found = _answer_alike(master, index, claims, released[index])
            if found is not None:
                found.master = index
                result.notes.append(f"{grade_id(cell)}: the answer was found by likeness; its marks were lost")
    effort = _Effort()
    for index in _missing(master, claims):
        if role(master.cells[index]) != "answer":
            alike = _most_alike(_comparable(released[index]), master.cells[index].cell_type, claims, effort)
            if alike is not None:
                alike.master = index


def _missing(master: NotebookNode, claims: list[_Claim]) -> list[int]:
    present = {claim.master for claim in claims}
    return [index for index in range(len(master.cells)) if index not in present]


def _answer_alike(master: NotebookNode, index: int, claims: list[_Claim], released: str) -> _Claim | None:
    """The last free cell that defines what the answer is to define; for text the one in its place."""
    cell = master.cells[index]
    if cell.cell_type != "code":
        return _in_the_place_of(index, claims)
    scaffold = _definitions(released)
    wanted = scaffold or _definitions(cell.source)
    fitting = None
    for claim in claims:
        if claim.master is None and claim.cell.cell_type == "code":
            common = wanted & claim.definitions
            if common == wanted if scaffold else common:
                fitting = claim
    return fitting


def _in_the_place_of(index: int, claims: list[_Claim]) -> _Claim | None:
    """The free text cell that directly follows the cell (or the stub's place) before this one."""
    for before, claim in itertools.pairwise(claims):
        follows = before.master is not None and before.master in (index - 1, index)
        if follows and claim.master is None and claim.cell.cell_type == "markdown":
            return claim if claim.cell.source.strip() or claim.cell.get("attachments") else None
    return None


def _definitions(source: str) -> set[str]:
    """The names of the classes and functions that a cell defines at its top level."""
    # Lines that only IPython understands would hide the rest of the cell from the parser.
    python = re.sub(r"^[ \t]*[%!].*$", "", source, flags=re.MULTILINE)
    tree = parsed(python)
    return {node.name for node in (tree.body if tree else []) if isinstance(node, (ast.ClassDef, ast.FunctionDef))}


@dataclass
class _Effort:
    """What may still be spent on comparing the texts of one submission, in pairs of characters."""

    left: int = _MAX_COMPARISONS


def _most_alike(text: str, cell_type: str, claims: list[_Claim], effort: _Effort) -> _Claim | None:
    """The free cell whose text is most like `text`, if it is alike enough."""
    best, best_ratio = None, ALIKE
    for claim in claims:
        if claim.master is not None or claim.cell.cell_type != cell_type:
            continue
        ratio = _likeness(text, claim.text, best_ratio, effort)
        if ratio >= best_ratio:
            best, best_ratio = claim, ratio
    return best


def _likeness(first: str, second: str, at_least: float, effort: _Effort) -> float:
    """0 to 1; 0 as soon as it is certain to stay below `at_least`, and when there is no effort left."""
    if not first or not second or max(len(first), len(second)) > _MAX_COMPARED:
        return 0.0
    matcher = difflib.SequenceMatcher(None, first, second, autojunk=False)
    if matcher.real_quick_ratio() < at_least:
        return 0.0
    effort.left -= len(first) + len(second)
    if effort.left < 0 or matcher.quick_ratio() < at_least:
        return 0.0
    # A text of the same letters in another order takes a step for about each pair of them.
    effort.left -= len(first) * len(second)
    return matcher.ratio() if effort.left >= 0 else 0.0


# ---------------------------------------------------------------------------------------------------
# Which answer counts


def _choose_answers(
    master: NotebookNode, claims: list[_Claim], released: list[str], result: Sanitized
) -> dict[int, NotebookNode]:
    """Master index → the submitted cell that counts: the last one that is not the stub.

    The others that are not the stub become cells that the student added: a cell that was split in two
    thereby still runs whole.
    """
    answers = {}
    for index, cell in enumerate(master.cells):
        if role(cell) != "answer":
            continue
        candidates = [claim for claim in claims if claim.master == index]
        written = [claim for claim in candidates if not _is_stub(claim.cell, released[index])]
        for claim in candidates:
            claim.duplicate = bool(written) and claim is not written[-1]
        if len(written) > 1:
            result.notes.append(f"{grade_id(cell)} is answered in {len(written)} cells: the last one counts")
        for claim in written[:-1]:
            claim.master = None
        if written:
            answers[index] = written[-1].cell
            _note_cell_type(cell, written[-1].cell, result)
        else:
            result.unanswered.add(str(grade_id(cell)))
            if not candidates:
                result.notes.append(f"{grade_id(cell)}: there is no answer cell")
    return answers


def _note_cell_type(cell: NotebookNode, submitted: NotebookNode, result: Sanitized) -> None:
    if cell.cell_type != submitted.cell_type:
        result.notes.append(
            f"{grade_id(cell)}: the answer was handed in as a {submitted.cell_type} cell;"
            f" it was taken as {cell.cell_type}"
        )


def _is_stub(cell: NotebookNode, released: str) -> bool:
    """Whether a cell says nothing beyond what students got: the stub, markers, comments, white space."""
    if cell.get("attachments"):
        return False
    said = _without_comments(cell.source) if cell.cell_type == "code" else without_markers(cell.source)
    got = _without_comments(released) if cell.cell_type == "code" else without_markers(released)
    return not said.strip() or _comparable(said) == _comparable(got)


def _without_comments(source: str) -> str:
    return "\n".join(line for line in source.split("\n") if line.strip() and not line.lstrip().startswith("#"))


# ---------------------------------------------------------------------------------------------------
# What is told about the locked cells


def _from_other_release(submitted: NotebookNode, release: NotebookNode | None, result: Sanitized) -> bool:
    """Whether the hand-in was made from another release, so that differences need not be the student's."""
    if release is None:
        return False
    ours, theirs = _stamp(release), _stamp(submitted)
    if theirs.get("assignment", ours.get("assignment")) != ours.get("assignment"):
        result.notes.append(f"its stamp names another assignment, '{_shown(theirs['assignment'])}'")
    if "release" not in ours or theirs.get("release", ours["release"]) == ours["release"]:
        return False
    if not _RELEASE.fullmatch(str(theirs["release"])):
        result.tamper.append(f"the release's stamp in the notebook was changed to '{_shown(theirs['release'])}'")
        return False
    result.notes.append("the hand-in was made from another release of this assignment")
    return True


def _stamp(notebook: NotebookNode) -> dict[str, Any]:
    stamp = notebook.metadata.get("coursework")
    return stamp if isinstance(stamp, dict) else {}


def _report_kernel(submitted: NotebookNode, result: Sanitized) -> None:
    """Another language, or a command to start a kernel with. The notebook runs in our Python all the same."""
    spec, info = (submitted.metadata.get(key) for key in ("kernelspec", "language_info"))
    spec, info = (value if isinstance(value, dict) else {} for value in (spec, info))
    languages = [value for value in (spec.get("language"), info.get("name")) if value is not None]
    others = [value for value in languages if not str(value).lower().startswith(("python", "ipython"))]
    if others:
        result.notes.append(f"the notebook says that it is written in '{_shown(others[0])}': it was run as Python")
    for key in ("argv", "env"):
        if key in spec:
            result.tamper.append(f"the notebook says how its kernel is to be started ('{key}'): that was not used")


def _report_outputs(master: NotebookNode, claims: list[_Claim], result: Sanitized) -> None:
    """Outputs that look like marks. None that is handed in goes on to grading."""
    found = []
    for claim in claims:
        is_test = claim.master is not None and role(master.cells[claim.master]) == "test"
        for output in claim.cell.get("outputs", []):
            text = _output_text(output)
            if _VERDICT.search(text):
                found.append("an output that was handed in reads like the examiner's verdict: it was not taken")
            elif is_test and output.output_type == "execute_result" and _NUMBER.fullmatch(text):
                found.append(
                    f"a test cell was handed in with the number {_shown(text)} as its output: it was not taken"
                )
    result.notes += _shortened(found)


def _output_text(output: NotebookNode) -> str:
    text = output.get("text", output.get("data", {}).get("text/plain", ""))
    return text[:_MAX_COMPARED] if isinstance(text, str) else ""


def _report_locked_cells(
    master: NotebookNode, claims: list[_Claim], released: list[str], other_release: bool, result: Sanitized
) -> None:
    """Edited, deleted and duplicated cells; the first copy of a cell with its own text is the cell itself."""
    for index, cell in enumerate(master.cells):
        kind = role(cell)
        if kind == "answer":
            continue
        copies = [claim for claim in claims if claim.master == index]
        unchanged = [claim for claim in copies if _same_text(claim.cell.source, released[index])]
        kept = (unchanged or copies)[:1]
        for claim in copies:
            claim.duplicate = claim not in kept
            if claim.duplicate and not _same_text(claim.cell.source, released[index]):
                claim.master = None  # the student tried something in a copy: it stays, as an added cell
        happened = []
        if not copies and kind != "plain":
            happened.append("was deleted")
        if copies and not unchanged:
            happened.append("was edited")
        if kept and kept[0].cell.cell_type != cell.cell_type:
            happened.append(f"was made a {kept[0].cell.cell_type} cell")
        if len(copies) > 1:
            happened.append(f"was there {len(copies)} times")
        serious = kind == "test" and not other_release
        for what in happened:
            (result.tamper if serious else result.notes).append(f"{_describe(cell)} {what}: the original was used")


def _report_flags(master: NotebookNode, claims: list[_Claim], result: Sanitized) -> None:
    """Changed flags, points, schema version and tags that change how a cell is carried out."""
    seen = Sanitized(master)
    for claim in claims:
        tags = [tag for tag in claim.cell.metadata.get("tags", []) if tag in _HARMFUL_TAGS]
        if claim.master is None:
            seen.notes += [f"a cell that the student added had the tag '{tag}'" for tag in tags]
            continue
        cell = master.cells[claim.master]
        known_tags = cell.metadata.get("tags", [])
        seen.tamper += [f"{_describe(cell)} had the tag '{tag}'" for tag in tags if tag not in known_tags]
        if nbgrader_of(claim.cell) and grade_id(claim.cell) is None:
            seen.notes.append(f"{_describe(cell)}: the grade id in nbgrader's metadata is missing")
        elif grade_id(cell) is not None and grade_id(claim.cell) == grade_id(cell):
            _report_changed_flags(cell, nbgrader_of(claim.cell), seen)
    result.tamper += _shortened(seen.tamper)
    result.notes += _shortened(seen.notes)


def _report_changed_flags(cell: NotebookNode, flags: dict[str, Any], result: Sanitized) -> None:
    ours = nbgrader_of(cell)
    for key in _FLAGS:
        if key in flags and flags[key] != ours.get(key, False):
            was, became = ours.get(key, False), _shown(flags[key])
            result.tamper.append(f"{_describe(cell)}: '{key}' was changed from {was} to {became}")
    version = flags.get("schema_version")
    changed = f"{_describe(cell)}: nbgrader's schema version was changed to {_shown(version)}"
    if version is None:
        result.notes.append(f"{_describe(cell)}: nbgrader's schema version is missing")
    elif isinstance(version, int | float) and version < _CURRENT_SCHEMA:
        result.notes.append(changed)
    elif version != _CURRENT_SCHEMA:
        result.tamper.append(changed)


def _report_checksums(master: NotebookNode, claims: list[_Claim], release: NotebookNode, result: Sanitized) -> None:
    """nbgrader's checksums are written once, at release: another value was put there by hand."""
    ours = {grade_id(cell): nbgrader_of(cell).get("checksum") for cell in release.cells if grade_id(cell)}
    changed = []
    for claim in claims:
        name, theirs = grade_id(claim.cell), nbgrader_of(claim.cell).get("checksum")
        if claim.master is not None and name in ours and theirs is not None and theirs != ours[name]:
            changed.append(f"{_describe(master.cells[claim.master])}: nbgrader's checksum was changed")
    result.tamper += _shortened(changed)


def _report_order(master: NotebookNode, claims: list[_Claim], result: Sanitized) -> None:
    """Cells that stand elsewhere than in the master: those outside a longest run in the right order."""
    order = list(dict.fromkeys(claim.master for claim in claims if claim.master is not None))
    moved = set(order) - set(_longest_increasing(order))
    place = {index: position for position, index in enumerate(order)}
    for index, cell in enumerate(master.cells):
        if index not in place or role(cell) == "plain":
            continue
        before_answer = role(cell) == "test" and any(
            place.get(answer, -1) > place[index]
            for answer, other in enumerate(master.cells)
            if role(other) == "answer" and grade_id(cell) == f"{grade_id(other)}_test"
        )
        if before_answer or index in moved:
            text = f"{_describe(cell)} was moved{' before the answer' if before_answer else ''}: it is back in place"
            (result.tamper if role(cell) == "test" else result.notes).append(text)


def _longest_increasing(values: list[int]) -> list[int]:
    """A longest strictly increasing subsequence."""
    tails: list[int] = []  # tails[k]: position of the smallest last value of a run of length k + 1
    before: list[int | None] = []
    for position, value in enumerate(values):
        length = bisect_left([values[tail] for tail in tails], value)
        before.append(tails[length - 1] if length else None)
        tails[length : length + 1] = [position]
    run: list[int] = []
    position_or_none = tails[-1] if tails else None
    while position_or_none is not None:
        run.append(values[position_or_none])
        position_or_none = before[position_or_none]
    return run[::-1]


# ---------------------------------------------------------------------------------------------------
# Putting it together


def _assemble(
    master: NotebookNode, claims: list[_Claim], answers: dict[int, NotebookNode], released: list[str]
) -> NotebookNode:
    """The master's cells in their order, each followed by what the student added after it."""
    added = _added_after(claims)
    taken = {cell.id for cell in master.cells}
    cells = [_added_cell(cell, taken) for cell in added[-1]]
    for index, cell in enumerate(master.cells):
        cells.append(_rebuilt_cell(cell, answers.get(index), released[index]))
        cells += [_added_cell(extra, taken) for extra in added[index]]
    notebook = copy.deepcopy(master)
    notebook.cells = cells
    return notebook


def _added_after(claims: Iterable[_Claim]) -> "_Added":
    """Master index (-1: before the first cell) → the student's own cells that followed it."""
    added = _Added()
    anchor = -1
    for claim in claims:
        if claim.master is None:
            if claim.cell.source.strip() or claim.cell.get("attachments"):
                added[anchor].append(claim.cell)
        elif not claim.duplicate:
            anchor = claim.master
    return added


class _Added(dict[int, list[NotebookNode]]):
    def __missing__(self, key: int) -> list[NotebookNode]:
        return self.setdefault(key, [])


def _rebuilt_cell(cell: NotebookNode, answer: NotebookNode | None, released: str) -> NotebookNode:
    """A master cell as it goes on to grading, with nbgrader's checksum of what students got."""
    rebuilt = copy.deepcopy(cell)
    is_answer = role(cell) == "answer"
    if is_answer:
        rebuilt.source = released
    if role(cell) != "plain":
        # nbgrader tells an untouched written answer by this checksum.
        rebuilt.metadata["nbgrader"]["checksum"] = checksum(rebuilt)
        rebuilt.metadata["nbgrader"]["cell_type"] = rebuilt.cell_type
    if is_answer and answer is not None:
        rebuilt.source = answer.source
        if rebuilt.cell_type != "code" and answer.get("attachments"):
            rebuilt["attachments"] = copy.deepcopy(answer.attachments)
    return rebuilt


def _added_cell(cell: NotebookNode, taken: set[str]) -> NotebookNode:
    """A cell of the student's own, without ids and metadata that mean anything."""
    identifier = cell.get("id")
    if not isinstance(identifier, str) or identifier in taken:
        identifier = fresh_id(cell.source, taken)
    taken.add(identifier)
    added: dict[str, Any] = {
        "id": identifier,
        "cell_type": cell.cell_type,
        "metadata": {"coursework": {"added": True}},
        "source": cell.source,
    }
    if cell.cell_type == "code":
        added |= {"execution_count": None, "outputs": []}
    elif cell.get("attachments"):
        added["attachments"] = copy.deepcopy(cell.attachments)
    return from_dict(added)


# ---------------------------------------------------------------------------------------------------
# Words and texts


def _describe(cell: NotebookNode) -> str:
    kind = {"test": "test cell", "answer": "answer cell", "given": "given cell", "rubric": "rubric"}
    name = grade_id(cell)
    if name is None:
        lines = cell.source.strip().split("\n")
        return f"the cell '{lines[0][:40]}'"
    return f"{kind.get(role(cell), 'cell')} {name}"


def _name(master: NotebookNode, index: int) -> str:
    return (
        _describe(master.cells[index]) if grade_id(master.cells[index]) is None else str(grade_id(master.cells[index]))
    )


def _shortened(lines: list[str]) -> list[str]:
    """Each line once, the first ones; and how many more there were."""
    distinct = list(dict.fromkeys(lines))
    more = len(distinct) - MAX_LINES
    return distinct if more <= 0 else [*distinct[:MAX_LINES], f"and {more} more of this kind"]


def _shown(value: object) -> str:
    """What the student wrote, short and printable: it goes to terminals and pages."""
    text = str(value)
    printable = "".join(char if char.isprintable() else " " for char in text[: 2 * _MAX_SHOWN])
    return printable if len(text) <= _MAX_SHOWN else printable[: _MAX_SHOWN - 1] + "…"


def _same_text(first: str, second: str) -> bool:
    return _comparable(first) == _comparable(second)


def _comparable(text: str) -> str:
    """A text without what editors change by themselves: white space at line ends and around, tabs, NBSP."""
    lines = text.replace("\u00a0", " ").expandtabs(4).split("\n")
    return "\n".join(line.rstrip() for line in lines).strip("\n").strip()
