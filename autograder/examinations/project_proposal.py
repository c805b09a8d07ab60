"""Examination of `proposal`: who works on which data.

It judges the form with the functions that the notebook's visible test uses too (`helpers.proposals`). Whether the data
are interesting is for people; whether another team has them is known to the registry (`autograder.project`) only.
"""

from typing import Any

import numpy as np

from autograder.channel import Candidate, CandidateError, kind_of
from autograder.examine import Context, Examination, Lost, Part
from helpers.proposals import (
    KEYS,
    as_proposal,
    demo_problem,
    form_problems,
    name_and_address_problems,
    reason_problem,
    task_problem,
    team_problem,
)


def _value(candidate: Candidate) -> Any:
    value = candidate.lookup("PROPOSAL")
    # A value that stays with the candidate is no plain dict; a dict with odd values comes as one.
    if not isinstance(value, dict):
        raise Lost(f"PROPOSAL is a {kind_of(value)}; expected a dict with the keys {', '.join(KEYS)}")
    return value


def _text(candidate: Candidate, key: str) -> str:
    """One text of the proposal, whatever else is wrong with it."""
    value = _value(candidate).get(key)
    if not isinstance(value, str):
        raise Lost(f"PROPOSAL has no text {key!r}; expected one, in quotation marks")
    # What is too long is lost under 'form'; here its beginning is enough.
    return " ".join(value[:5000].split())


def _identity(candidate: Candidate, name: str) -> Any:
    """STUDENT_ID or TEAM; None when the cell `identity` does not set it."""
    try:
        return candidate.lookup(name)
    except CandidateError:
        return None


def _form(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """A dict with the five keys, and values of the right types."""
    value = _value(candidate)
    if as_proposal(value) is None:
        raise Lost(form_problems(value)[0])


def _team(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """One or two ids, the student's own among them, and the same as in TEAM."""
    team = _value(candidate).get("team")
    problem = team_problem(team, _identity(candidate, "STUDENT_ID") or "", _identity(candidate, "TEAM") or ())
    if problem:
        raise Lost(problem)


def _data_set(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """A name, and a web address that may lead to it; each is half of the part."""
    texts = []
    problems = []
    for key in ("dataset_name", "dataset_url"):
        try:
            texts.append(_text(candidate, key))
        except Lost as lost:
            texts.append("")
            problems.append(lost.message)
    problems = problems or name_and_address_problems(*texts)
    if problems:
        raise Lost("; ".join(problems), earned=0.5 if len(problems) == 1 else 0.0)


def _task(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """One of the three kinds of task."""
    problem = task_problem(_text(candidate, "task"))
    if problem:
        raise Lost(problem)


def _reason(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """Enough words that they can say something."""
    problem = reason_problem(_text(candidate, "why"))
    if problem:
        raise Lost(problem)


def _not_a_demo(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """None of the data sets that every tutorial uses, by address or by name."""
    proposal = _value(candidate)
    name, address = (proposal.get(key) for key in ("dataset_name", "dataset_url"))
    texts = [text[:5000] if isinstance(text, str) else "" for text in (name, address)]
    if not any(text.strip() for text in texts):
        raise Lost("PROPOSAL names no data set: expected one that you chose yourselves")
    problem = demo_problem(*texts)
    if problem:
        raise Lost(problem)


EXAMINATIONS: tuple[Examination, ...] = (
    Examination(
        "proposal",
        (
            Part("form", 0.1, _form),
            Part("team", 0.2, _team),
            Part("data set", 0.2, _data_set),
            Part("task", 0.1, _task),
            Part("reason", 0.2, _reason),
            Part("not a usual demo", 0.2, _not_a_demo),
        ),
    ),
)
