"""The examinations of the assignment `surnames`."""

from autograder.examinations import sweeps
from autograder.examinations.surnames_imbalance import CLASS_IMBALANCE
from autograder.examinations.surnames_models import DEEP_RNN_CLASSIFIER, RNN_CLASSIFIER
from autograder.examinations.surnames_text import ALPHABET, ONE_HOT
from autograder.examine import Examination, Part

_SWEEP = sweeps.Sweep(
    exercise="rnn_sweep",
    variable="rnn_sweep_results",
    setting={"units": int, "batch_size": int},
    metrics={"val_accuracy": sweeps.UNIT},
    seeds=2,
    least={"units": 3, "batch_size": 3},
    grid=("units", "batch_size"),
)
RNN_SWEEP = Examination(
    "rnn_sweep",
    (
        Part("table: form", 0.2, sweeps.form(_SWEEP)),
        Part("table: three by three settings with seeds", 0.3, sweeps.complete(_SWEEP)),
        Part("table: every row is a kept run", 0.3, sweeps.follows_runs(_SWEEP)),
        Part("table: seeds and settings make a difference", 0.2, sweeps.seeds_used(_SWEEP, "val_accuracy")),
    ),
)

EXAMINATIONS = (ALPHABET, ONE_HOT, RNN_CLASSIFIER, RNN_SWEEP, CLASS_IMBALANCE, DEEP_RNN_CLASSIFIER)
