"""For tests: what the notebook of `activity` has before its exercises, and answers of the bank as candidates."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pandas as pd
from keras import layers

from autograder.bank import Answer, parse_answer
from autograder.channel import Candidate, local_candidate
from helpers.experiments import grid, summarise
from helpers.results import Run

ANSWERS = {path.stem: path for path in Path(__file__).parent.glob("*answers/activity/*.py")}

REFERENCE = """
def compiled(model):
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def build_mlp(input_shape, n_classes, regularised=True):
    return compiled(keras.Sequential([
        keras.Input(input_shape), layers.Flatten(), layers.Dense(16, activation="relu"),
        layers.Dropout(0.3 if regularised else 0.0), layers.Dense(n_classes, activation="softmax"),
    ]))


def build_cnn(input_shape, n_classes, regularised=True):
    return compiled(keras.Sequential([
        keras.Input(input_shape), layers.Conv1D(8, 5, activation="relu"), layers.MaxPooling1D(4),
        layers.GlobalAveragePooling1D(), layers.Dense(n_classes, activation="softmax"),
    ]))


def build_cnn_2d(input_shape, n_classes, regularised=True):
    return compiled(keras.Sequential([
        keras.Input(input_shape), layers.Reshape((*input_shape, 1)), layers.Conv2D(4, (5, 3), activation="relu"),
        layers.GlobalMaxPooling2D(), layers.Dense(n_classes, activation="softmax"),
    ]))


def build_rnn(input_shape, n_classes, regularised=True):
    return compiled(keras.Sequential([
        keras.Input(input_shape), layers.SimpleRNN(8), layers.Dense(n_classes, activation="softmax"),
    ]))


def build_cnn_rnn(input_shape, n_classes, regularised=True):
    return compiled(keras.Sequential([
        keras.Input(input_shape), layers.Conv1D(8, 5, strides=4, activation="relu"), layers.SimpleRNN(8),
        layers.Dense(n_classes, activation="softmax"),
    ]))


def build_cnn_fine(input_shape, n_classes, regularised=True):
    inputs = keras.Input(input_shape)
    views = [layers.Normalization(mean=CHANNEL_MEAN, variance=scale * CHANNEL_VARIANCE)(inputs) for scale in (1, 0.01)]
    x = layers.Concatenate()([views[0], layers.Activation("tanh")(views[1])])
    x = layers.GlobalMaxPooling1D()(layers.Conv1D(8, 9, strides=2, activation="relu")(x))
    return compiled(keras.Model(inputs, layers.Dense(n_classes, activation="softmax")(x)))


ARCHITECTURES = {
    "mlp": build_mlp, "cnn": build_cnn, "cnn_2d": build_cnn_2d, "rnn": build_rnn, "cnn_rnn": build_cnn_rnn,
    "cnn_fine": build_cnn_fine,
}
SETTINGS = [
    {"architecture": name, "regularised": regularised, "batch_size": batch_size, "epochs": epochs}
    for name in ARCHITECTURES
    for regularised, batch_size, epochs in ((False, 32, 15), (True, 32, 15), (True, 128, 15), (True, 32, 30))
]
SEEDS = [0, 1, 2]


def validation_split(subjects):
    chosen = np.isin(subjects, np.unique(subjects)[::5])
    return np.flatnonzero(~chosen), np.flatnonzero(chosen)
"""


def namespace() -> dict[str, Any]:
    """What stands before the exercises."""
    return {
        "keras": keras,
        "layers": layers,
        "np": np,
        "pd": pd,
        "data": SimpleNamespace(train=SimpleNamespace(subjects=np.repeat(np.arange(1, 8), 10))),
        "Sweep": MadeUpSweep,
        "grid": grid,
        "SEED": 0,
        "CHANNEL_MEAN": np.zeros(9, np.float32),
        "CHANNEL_VARIANCE": np.ones(9, np.float32),
        "INPUT_SHAPE": (128, 9),
        "N_CLASSES": 6,
    }


BEST = "cnn_fine"


def made_up_runs() -> list[Run]:
    """A sweep as it could have come out: every setting of the reference with three seeds; BEST is the best."""
    place = reference()
    rng = np.random.default_rng(5)
    return [
        Run(
            "comparison",
            dict(setting),
            seed,
            {
                "val_accuracy": 0.8 + 0.1 * (setting["architecture"] == BEST) + rng.normal(0, 0.01),
                "test_accuracy": 0.8 + 0.1 * (setting["architecture"] == "cnn_rnn") + rng.normal(0, 0.01),
                "parameters": 100.0 * (1 + list(place["ARCHITECTURES"]).index(setting["architecture"])),
                "seconds": float(rng.uniform(1, 9)),
            },
        )
        for setting in place["SETTINGS"]
        for seed in place["SEEDS"]
    ]


class MadeUpSweep:
    """Stands for helpers.experiments.Sweep: the table of those runs that were asked for."""

    def __init__(self, settings: list[dict[str, Any]], seeds: list[int]) -> None:
        self.pairs = [(setting, seed) for setting in settings for seed in seeds]

    def run(self, function: Any) -> pd.DataFrame:
        runs = [run for run in made_up_runs() if (run.setting, run.seed) in self.pairs]
        return pd.DataFrame([run.setting | {"seed": run.seed} | run.metrics for run in runs])


def reference() -> dict[str, Any]:
    place = namespace()
    exec(REFERENCE, place)
    return place


def notebook(answer: Answer | None, exercise: str) -> Candidate:
    """The notebook after this answer's cells of one exercise."""
    place = reference()
    if exercise == "best_model":
        place["comparison"] = MadeUpSweep(place["SETTINGS"], place["SEEDS"]).run(None)
        place |= {"choices": list(place["SETTINGS"][0]), "best_architecture": BEST, "summarise": summarise}
    if answer is not None:
        if exercise in answer.replaced:
            exec(answer.replaced[exercise], place)
        for title, source in answer.added:
            if title == exercise:
                exec(source, place)
    if exercise == "comparison":
        place["comparison"] = place["Sweep"](place["SETTINGS"], place["SEEDS"]).run(None)
    return local_candidate(place)


def answers(exercise: str) -> dict[str, Answer]:
    """The bank's answers to one exercise by name."""
    parsed = {name: parse_answer(path) for name, path in ANSWERS.items()}
    return {name: a for name, a in parsed.items() if exercise in {*a.replaced, *(place for place, _ in a.added)}}
