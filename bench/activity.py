"""UCI HAR: the reference's architectures over seeds, and how far a network of the allowed layers gets.

    COURSEWORK_MIRROR=<folder or URL> python bench/activity.py choose         # on held-out training subjects
    COURSEWORK_MIRROR=<folder or URL> python bench/activity.py final          # the chosen one, and the test windows
    COURSEWORK_MIRROR=<folder or URL> python bench/activity.py architectures  # the notebook's, and the test windows

`choose` compares the candidates below by cross-validation over three groups of training subjects; it never sees a
test window. `final` trains `CHOSEN` on all training subjects, for as many epochs as were chosen, and tests it once a
seed. `architectures` trains what the notebook's solution defines, as its `run_once` does. `--source sample` does the
same on the embedded sample. Prints Markdown tables, percent, mean ± sample standard deviation over the seeds. Every run
is kept in `--folder` as it ends: a call that was interrupted goes on where it was.
"""

import argparse
import ast
import os
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import pandas as pd
from keras import layers

from autograder.notebooks import read_notebook
from helpers.data import activity, activity_signals
from helpers.data.activity import Split, rotate, split_by_subject
from helpers.experiments import Sweep, grid, summarise
from helpers.seeding import seed_everything

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOK = ROOT / "source" / "activity" / "activity.ipynb"
FOLDS = 3
N_CLASSES = 6

QUIET = np.array([0.03] * 3 + [0.06] * 3)  # g and rad/s: twice what a body that keeps still moves
# Each candidate differs from the one before in one thing; `CHOSEN` was chosen by `choose`.
PLAIN = {"fine": False, "degrees": 0.0, "noise": 0.1, "kernel": 5, "recurrent": 0, "epochs": 30}
CANDIDATES: dict[str, dict[str, Any]] = {
    "CNN": PLAIN,
    "+ rotated windows": PLAIN | {"degrees": 15.0},
    "+ fine view": PLAIN | {"degrees": 15.0, "fine": True},
    "without noise on the input": PLAIN | {"degrees": 15.0, "fine": True, "noise": 0.0},
    "+ kernels of 9 samples": PLAIN | {"degrees": 15.0, "fine": True, "noise": 0.0, "kernel": 9},
    "+ SimpleRNN beside the pooling": PLAIN
    | {"degrees": 15.0, "fine": True, "noise": 0.0, "kernel": 9, "recurrent": 32},
}
CHOSEN = "+ kernels of 9 samples"


# --- the candidates --------------------------------------------------------------------------------------


class RotatedBatches(keras.utils.PyDataset):
    """Batches in a new order every epoch, each window turned a little, labels as one-hot rows."""

    def __init__(self, data: Split, batch_size: int, degrees: float, seed: int) -> None:
        super().__init__()
        self.data, self.batch_size, self.degrees = data, batch_size, degrees
        self.rng = np.random.default_rng(seed)
        self.order = self.rng.permutation(len(data))

    def __len__(self) -> int:
        return len(self.data) // self.batch_size

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        chosen = self.order[index * self.batch_size : (index + 1) * self.batch_size]
        windows = self.data.windows[chosen]
        if self.degrees:
            windows = rotate(windows, self.rng, self.degrees)
        return windows, np.eye(N_CLASSES, dtype=np.float32)[self.data.labels[chosen]]

    def on_epoch_end(self) -> None:
        self.order = self.rng.permutation(len(self.data))


def build(candidate: dict[str, Any], train: Split, filters: int = 64, blocks: int = 3) -> keras.Model:
    """Blocks of convolution, BatchNormalization, ReLU and dropout over one or two views of the window."""
    mean, variance = train.windows.mean(axis=(0, 1)), train.windows.var(axis=(0, 1))
    inputs = keras.Input(train.windows.shape[1:])
    x = layers.Normalization(mean=mean, variance=variance)(inputs)
    if candidate["fine"]:
        # Total acceleration is shown as before (in units of 2 g), since its mean is the posture
        centre, width = np.concatenate([mean[:3], np.zeros(6)]), np.concatenate([np.full(3, 2.0), QUIET])
        magnified = layers.Normalization(mean=centre, variance=width**2)(inputs)
        x = layers.Concatenate()([x, layers.Activation("tanh")(magnified)])
    if candidate["noise"]:
        x = layers.GaussianNoise(candidate["noise"])(x)
    for block in range(blocks):
        x = layers.Conv1D(
            filters, candidate["kernel"], padding="same", use_bias=False, kernel_regularizer=keras.regularizers.L2(1e-4)
        )(x)
        x = layers.SpatialDropout1D(0.1)(layers.ReLU()(layers.BatchNormalization()(x)))
        if block < blocks - 1:
            x = layers.MaxPooling1D(2)(x)
    pooled = layers.GlobalAveragePooling1D()(x)
    if candidate["recurrent"]:
        pooled = layers.Concatenate()([pooled, layers.SimpleRNN(candidate["recurrent"])(x)])
    return keras.Model(inputs, layers.Dense(N_CLASSES, activation="softmax")(layers.Dropout(0.3)(pooled)))


def trained(candidate: dict[str, Any], train: Split, seed: int, batch_size: int = 64) -> keras.Model:
    """The candidate after a fixed number of epochs: Adam, the rate falling along a cosine, labels smoothed by 0.1."""
    keras.utils.clear_session()
    seed_everything(seed)
    model = build(candidate, train)
    batches = RotatedBatches(train, batch_size, candidate["degrees"], seed)
    rate = keras.optimizers.schedules.CosineDecay(2e-3, len(batches) * candidate["epochs"])
    model.compile(keras.optimizers.Adam(rate), keras.losses.CategoricalCrossentropy(label_smoothing=0.1))
    model.fit(batches, epochs=candidate["epochs"], verbose=0)
    return model


def accuracy(model: keras.Model, data: Split) -> float:
    return float((model.predict(data.windows, batch_size=256, verbose=0).argmax(axis=1) == data.labels).mean())


# --- the three questions ---------------------------------------------------------------------------------


def choose(data: activity.Activity, seeds: list[int], folder: Path) -> pd.DataFrame:
    """Accuracy of every candidate on training subjects that were held out, mean of three groups."""
    people = np.random.default_rng(0).permutation(np.unique(data.train.subjects))

    def run(candidate: str, fold: int, seed: int) -> dict[str, float]:
        train, held_out = split_by_subject(data.train, people[fold::FOLDS].tolist())
        started = time.perf_counter()
        model = trained(CANDIDATES[candidate], train, seed)
        return {"accuracy": accuracy(model, held_out), "seconds": time.perf_counter() - started}

    sweep = Sweep("activity_choose", grid(candidate=CANDIDATES, fold=range(FOLDS)), seeds, folder, data=_origin(data))
    table = sweep.run(run)
    return table.groupby(["candidate", "seed"], sort=False)[["accuracy", "seconds"]].mean().reset_index()


def final(data: activity.Activity, seeds: list[int], folder: Path) -> pd.DataFrame:
    """The chosen candidate, trained on all training subjects, on the test windows and on each activity of them."""

    def run(candidate: str, seed: int) -> dict[str, float]:
        started = time.perf_counter()
        model = trained(CANDIDATES[candidate], data.train, seed)
        right = model.predict(data.test.windows, batch_size=256, verbose=0).argmax(axis=1) == data.test.labels
        metrics = {
            "seconds": time.perf_counter() - started,
            "accuracy": right.mean(),
            "parameters": model.count_params(),
        }
        return metrics | {name: right[data.test.labels == label].mean() for label, name in enumerate(data.classes)}

    return Sweep("activity_final", [{"candidate": CHOSEN}], seeds, folder, data=_origin(data)).run(run)


def architectures(data: activity.Activity, seeds: list[int], folder: Path) -> pd.DataFrame:
    """The notebook's architectures: validation by its own split, test, and new people of the signal model."""
    notebook = reference(data)
    rows, held_out = notebook["validation_split"](data.train.subjects)
    train, validation = data.train.take(rows), data.train.take(held_out)
    new, new_labels, _ = activity_signals.windows(np.random.default_rng(7), 8, 20)

    def run(architecture: str, regularised: bool, seed: int) -> dict[str, float]:
        keras.utils.clear_session()
        seed_everything(seed)
        model = notebook["ARCHITECTURES"][architecture](data.train.windows.shape[1:], N_CLASSES, regularised)
        started = time.perf_counter()
        model.fit(*train.arrays, batch_size=32, epochs=30, verbose=0)
        return {
            "seconds": time.perf_counter() - started,
            "validation": accuracy(model, validation),
            "accuracy": accuracy(model, data.test),
            "new_people": accuracy(model, Split(new, new_labels, new_labels)),
            "parameters": model.count_params(),
        }

    settings = grid(architecture=notebook["ARCHITECTURES"], regularised=[False, True])
    return Sweep("activity_architectures", settings, seeds, folder, data=_origin(data)).run(run)


def reference(data: activity.Activity) -> dict[str, Any]:
    """What the notebook's solution cells of architectures and split define, for these data."""
    namespace: dict[str, Any] = {"keras": keras, "layers": layers, "np": np, "data": data, "SEED": 0, "grid": grid}
    namespace["CHANNEL_MEAN"] = data.train.windows.mean(axis=(0, 1))
    namespace["CHANNEL_VARIANCE"] = data.train.windows.var(axis=(0, 1))
    cells = {cell.get("id"): cell.source for cell in read_notebook(NOTEBOOK.read_bytes()).cells}
    for name in ("architectures", "comparison"):
        exec(compile(ast.parse(cells[name]), name, "exec"), namespace)
    return namespace


def _origin(data: activity.Activity) -> dict[str, str]:
    return {"source": data.source, "provenance": data.provenance}


# --- tables ----------------------------------------------------------------------------------------------


def markdown(table: pd.DataFrame, by: list[str], values: list[str]) -> str:
    """A Markdown table of percents, mean ± standard deviation over the seeds."""
    lines = [
        "| " + " | ".join([*by, *values, "n"]) + " |",
        "| " + " | ".join("---" for _ in [*by, *values, "n"]) + " |",
    ]
    summaries = {value: summarise(table, by, value) for value in values}
    for key in summaries[values[0]].index:
        cells = [f"{100 * s.loc[key, 'mean']:.1f} ± {100 * s.loc[key, 'std']:.1f}" for s in summaries.values()]
        names = [str(part) for part in (key if isinstance(key, tuple) else (key,))]
        lines.append("| " + " | ".join([*names, *cells, str(summaries[values[0]].loc[key, "n"])]) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("question", choices=("choose", "final", "architectures"))
    parser.add_argument("--source", default="mirror", choices=("mirror", "full", "sample"))
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    parser.add_argument("--folder", type=Path, required=True, help="where the runs are kept")
    arguments = parser.parse_args()
    data = activity.load(source=arguments.source)
    question = {"choose": choose, "final": final, "architectures": architectures}[arguments.question]
    table = question(data, arguments.seeds, arguments.folder / arguments.source)
    by = [column for column in ("candidate", "architecture", "regularised") if column in table.columns]
    values = [column for column in ("validation", "accuracy", "new_people", *data.classes) if column in table.columns]
    print(markdown(table, by, values))
    print(f"{table['seconds'].sum() / 60:.0f} minutes of training", end="")
    print(f"; parameters: {sorted(set(table['parameters']))}" if "parameters" in table.columns else "")


if __name__ == "__main__":
    main()
