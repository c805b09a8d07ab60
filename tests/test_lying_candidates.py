"""Candidates that lie: replies of any kind, shape and type cost the student points, and never stop an examination.

What an examination raises counts as a failure of ours: the hand-in stays ungraded and a person has to look. So replies
are spoiled here at random, within what the channel lets through, for every examination that answers in milliseconds.
"""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import activity_answers
import numpy as np
import pytest
import reference_cells
import surnames_notebook
import torch
from char_rnn_notebook import candidate as char_rnn
from sequential_mnist_notebook import candidate as sequential_mnist
from torch import nn

from autograder.answering import Remote
from autograder.bank import reference_source
from autograder.channel import Candidate, CandidateDied, local_candidate
from autograder.examine import Context, examinations, run_part
from autograder.notebooks import grade_id, read_notebook

SOURCE = Path(__file__).parent.parent / "source"
ARRAYS: tuple[Callable[[np.ndarray], Any], ...] = (
    lambda a: a[None],
    lambda a: np.stack([a, a]),
    lambda a: a[..., None],
    lambda a: a.ravel(),
    lambda a: a.ravel()[:0],
    lambda a: a.T,
    lambda a: np.full(a.shape, "x"),
    lambda a: np.full(a.shape, np.nan),
    lambda a: np.full(a.shape, np.inf),
    lambda a: a.astype(bool),
    lambda a: np.full(a.shape, 2**40),
    lambda a: np.array(3.0),
    lambda a: None,
    lambda a: "text",
    lambda a: [1, 2],
    lambda a: {"a": 1},
)
"""Ways of spoiling an array."""
OTHERS: tuple[Callable[[Any], Any], ...] = (
    lambda value: None,
    lambda value: "text",
    lambda value: "",
    lambda value: -1,
    lambda value: math.inf,
    lambda value: 10**300,
    lambda value: math.nan,
    lambda value: True,
    lambda value: [],
    lambda value: {},
    lambda value: [value],
    lambda value: [None, None],
    lambda value: {"a": value},
    lambda value: np.zeros((2, 3)),
    lambda value: np.zeros(0),
    lambda value: np.array("x"),
)
"""Ways of spoiling anything else."""


QUIZ = ("basics", "challenges", "lstm", "lstm_settings", "gru", "gru_network", "advanced")
REVIEW = ("sequence_mapping", "parameter_count", "curves")


class Liar(Candidate):
    """A candidate of which some replies, or parts of them, come as something else."""

    def __init__(self, honest: Candidate, rng: np.random.Generator, often: float) -> None:
        super().__init__(honest._ask)
        self.rng, self.often = rng, often

    def _question(self, op: str, **arguments: Any) -> Any:
        return self.spoiled(super()._question(op, **arguments))

    def spoiled(self, value: Any) -> Any:
        if isinstance(value, Remote):
            return value
        if self.rng.random() < self.often:
            ways = ARRAYS if isinstance(value, np.ndarray) else OTHERS
            return ways[self.rng.integers(len(ways))](value)
        if isinstance(value, dict):
            return {key if self.rng.random() > self.often / 3 else "x": self.spoiled(v) for key, v in value.items()}
        if isinstance(value, list | tuple):
            whole = [self.spoiled(item) for item in value]
            return type(value)(whole[: len(whole) - (self.rng.random() < self.often / 2)])
        return value


def answers(notebook: str, exercises: tuple[str, ...], place: dict[str, Any]) -> dict[str, Any]:
    """`place` after the reference's answers to these exercises."""
    cells = {grade_id(cell): cell for cell in read_notebook((SOURCE / notebook).read_bytes()).cells}
    for exercise in exercises:
        exec(reference_source(cells[exercise]), place)
    return place


def speech_commands() -> Candidate:
    notebook = "speech_commands/speech_commands.ipynb"
    return local_candidate(answers(notebook, ("rnn_model", "bidirectional_model"), reference_cells.given()))


def quiz() -> Candidate:
    return local_candidate(answers("theory/quiz.ipynb", QUIZ, {"np": np, "torch": torch, "nn": nn}))


def review() -> Candidate:
    return local_candidate(answers("theory/review.ipynb", REVIEW, {}))


@pytest.mark.parametrize(
    ("assignment", "exercises", "candidate", "rounds"),
    [
        ("speech_commands", ("rnn_model", "bidirectional_model"), speech_commands, 40),
        ("speech_commands", ("lstm_cell", "gru_cell"), speech_commands, 10),
        ("char_rnn", ("vocabulary", "batches", "sampling", "perplexity"), char_rnn, 10),
        ("char_rnn", ("char_rnn_model",), char_rnn, 40),
        ("char_rnn", ("training",), char_rnn, 4),
        ("sequential_mnist", ("pixel_sequences", "recurrent_models"), sequential_mnist, 30),
        ("sequential_mnist", ("antisymmetric_cell", "search_space", "results_table"), sequential_mnist, 40),
        ("sequential_mnist", ("model_selection", "final_runs"), sequential_mnist, 20),
        ("surnames", ("alphabet", "one_hot"), surnames_notebook.candidate, 40),
        ("activity", ("architectures",), lambda: activity_answers.notebook(None, "architectures"), 20),
        ("theory", QUIZ, quiz, 60),
        ("theory", REVIEW, review, 100),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else value if isinstance(value, str) else "",
)
def test_no_reply_stops_an_examination(assignment, exercises, candidate, rounds) -> None:
    honest = candidate()
    for exercise in exercises:
        examination = examinations(assignment)[exercise]
        for number in range(rounds):
            liar = Liar(honest, np.random.default_rng(number), often=(0.02, 0.15)[number % 2])
            for part in examination.parts:
                try:
                    result = run_part(part, liar, np.random.default_rng(number), Context())
                except CandidateDied:
                    continue  # the channel noticed it
                assert 0 <= result.earned <= 1
