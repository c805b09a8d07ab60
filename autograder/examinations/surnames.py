"""The examinations of the assignment `surnames`."""

import numpy as np

from autograder.channel import Candidate
from autograder.examinations import sweeps
from autograder.examinations.short_runs import Claims, short_run
from autograder.examinations.surnames_imbalance import CLASS_IMBALANCE
from autograder.examinations.surnames_models import DEEP_RNN_CLASSIFIER, RNN_CLASSIFIER
from autograder.examinations.surnames_text import ALPHABET, ONE_HOT
from autograder.examine import Context, Examination, Part
from helpers.results import Run

_SWEEP = sweeps.Sweep(
    exercise="rnn_sweep",
    variable="rnn_sweep_results",
    setting={"units": int, "batch_size": int},
    metrics={"val_accuracy": sweeps.UNIT},
    seeds=2,
    least={"units": 3, "batch_size": 3},
    grid=("units", "batch_size"),
)


def _steps_and_size(run: sweeps.Row) -> tuple[int, int]:
    """What orders the settings by the time that they take: steps of the optimizer first, then units."""
    return -run["batch_size"], run["units"]


VALIDATION_NAMES = 323
"""Of the embedded sample."""
CLAIMS = Claims(_SWEEP, "Surnames", {"val_accuracy": VALIDATION_NAMES}, modest=0.7, cost=_steps_and_size)
"""A SimpleRNN reaches 0.5 to 0.66 on the sample, n-grams 0.74 (docs/results.md)."""


def _functions_before(candidate: Candidate, rng: np.random.Generator, run: Run) -> None:
    """What a run of the sweep builds on is right."""
    for examination in (ALPHABET, ONE_HOT, RNN_CLASSIFIER):
        for part in examination.parts:
            part.question(candidate, rng, Context())


RNN_SWEEP = Examination(
    "rnn_sweep",
    (
        Part("table: form", 0.15, sweeps.form(_SWEEP)),
        Part("table: three by three settings with seeds", 0.25, sweeps.complete(_SWEEP)),
        Part("table: every row is a kept run", 0.25, sweeps.follows_runs(_SWEEP)),
        Part("table: seeds and settings make a difference", 0.15, sweeps.seeds_used(_SWEEP, "val_accuracy")),
        Part("a short run, made again, comes near", 0.2, short_run(CLAIMS, _functions_before)),
    ),
    seconds=60.0,
)

EXAMINATIONS = (ALPHABET, ONE_HOT, RNN_CLASSIFIER, RNN_SWEEP, CLASS_IMBALANCE, DEEP_RNN_CLASSIFIER)
