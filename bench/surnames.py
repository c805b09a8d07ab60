"""Languages of surnames: n-grams, a SimpleRNN with and without treatment of the class imbalance, and a tuned one.

    COURSEWORK_MIRROR=<folder or URL> python bench/surnames.py --source mirror --json runs.json
    python bench/surnames.py --source sample --seeds 5

Models: `n-grams`, the notebook's logistic regression; `plain`, one SimpleRNN of 128 units behind a Masking layer, its
last state to a softmax; `tuned`, one SimpleRNN of 192 units in each direction, the largest value of each unit over the
time steps to a softmax, with dropout of letters (0.1) and states (0.4). Both networks: AdamW with gradients clipped to
norm 1, learning rate 0.003 (plain) or 0.002 (tuned) falling to 0 along a cosine, batches of 64, 15 or 25 epochs.

Treatments: class weights `inverse` (1/n) and `square root` (1/sqrt(n)), each with mean 1 over the examples; `logit
adjustment`, tau * log(class share) taken from the scores of the untreated network (Menon et al., 2021,
arXiv:2007.07314).

All choices were made on the validation names; the test names are only looked at here. Prints one Markdown table per
split, mean ± sample standard deviation over the seeds in percent. `--json FILE` keeps every run, and takes up what is
kept there.
"""

import argparse
import json
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
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score, f1_score
from sklearn.pipeline import make_pipeline

from helpers.data import surnames
from helpers.seeding import seed_everything

BATCH = 64
UNITS = {"plain": 128, "tuned": 192}
EPOCHS = {"plain": 15, "tuned": 25}
LEARNING_RATE = {"plain": 0.003, "tuned": 0.002}
POWERS = {"none": 0.0, "square root": 0.5, "inverse": 1.0}
TRAINED = [
    ("plain", "none"),
    ("plain", "square root"),
    ("plain", "inverse"),
    ("tuned", "none"),
    ("tuned", "square root"),
]
TAUS = (0.25, 0.5)
SCORES = ("accuracy", "balanced accuracy", "macro-F1")
Split = tuple[np.ndarray, np.ndarray]


def encode(data: surnames.Surnames) -> dict[str, Split]:
    """One-hot names float32 (n, time, characters) and labels of each split, over the training names' alphabet."""
    alphabet = {c: k for k, c in enumerate(sorted(set("".join(data.train.names))))}
    longest = max(map(len, data.train.names))
    encoded = {}
    for part in ("train", "validation", "test"):
        split = getattr(data, part)
        names = np.zeros((len(split), longest, len(alphabet)), np.float32)
        for i, name in enumerate(split.names):
            for t, c in enumerate(name[:longest]):
                if c in alphabet:
                    names[i, t, alphabet[c]] = 1
        encoded[part] = names, split.labels
    return encoded


def build(model: str, shape: tuple[int, int], n_classes: int, steps: int) -> keras.Model:
    """A compiled network; steps: of the optimizer, over which its learning rate falls to 0."""
    x = inputs = keras.Input(shape)
    x = layers.Masking()(x)
    if model == "tuned":
        x = layers.Dropout(0.1, noise_shape=(None, shape[0], 1))(x)  # a letter as a whole
        x = layers.Bidirectional(layers.SimpleRNN(UNITS[model], return_sequences=True))(x)
        x = layers.Dropout(0.4)(layers.GlobalMaxPooling1D()(x))
    else:
        x = layers.SimpleRNN(UNITS[model])(x)
    network = keras.Model(inputs, layers.Dense(n_classes, activation="softmax")(x))
    rate = keras.optimizers.schedules.CosineDecay(LEARNING_RATE[model], steps)
    optimizer = keras.optimizers.AdamW(rate, weight_decay=0.0, clipnorm=1.0)
    network.compile(optimizer, "sparse_categorical_crossentropy")
    return network


def scores(labels: np.ndarray, predictions: np.ndarray) -> dict[str, float]:
    """In [0, 1]."""
    return {
        "accuracy": float((labels == predictions).mean()),
        "balanced accuracy": float(balanced_accuracy_score(labels, predictions)),
        "macro-F1": float(f1_score(labels, predictions, average="macro", zero_division=0)),
    }


def train(model: str, treatment: str, seed: int, splits: dict[str, Split]) -> list[dict[str, Any]]:
    """One training; a row for each split, and for an untreated network also for each logit adjustment."""
    seed_everything(seed)
    names, labels = splits["train"]
    shares = np.bincount(labels) / len(labels)
    weights = shares ** -POWERS[treatment]
    weights /= weights[labels].mean()
    steps = EPOCHS[model] * -(-len(labels) // BATCH)
    network = build(model, names.shape[1:], len(shares), steps)
    began = time.perf_counter()
    network.fit(
        names,
        labels,
        class_weight={c: float(weight) for c, weight in enumerate(weights)},
        batch_size=BATCH,
        epochs=EPOCHS[model],
        verbose=0,
    )
    seconds = time.perf_counter() - began
    rows = []
    for part in ("validation", "test"):
        logs = np.log(network.predict(splits[part][0], batch_size=512, verbose=0) + 1e-9)
        taus = (0.0, *TAUS) if treatment == "none" else (0.0,)
        for tau in taus:
            found = (logs - tau * np.log(shares)).argmax(axis=1)
            name = f"logit adjustment, tau {tau}" if tau else treatment
            key = {"model": model, "treatment": name, "seed": seed, "split": part, "seconds": seconds}
            rows.append(key | scores(splits[part][1], found))
    return rows


def n_grams(data: surnames.Surnames) -> list[dict[str, Any]]:
    """The notebook's baseline: nothing in it is drawn."""
    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4), lowercase=False, sublinear_tf=True)
    baseline = make_pipeline(vectorizer, LogisticRegression(C=30, max_iter=300)).fit(*data.train.arrays)
    key = {"model": "n-grams", "treatment": "none", "seed": 0, "seconds": 0.0}
    return [
        key | {"split": part} | scores(getattr(data, part).labels, baseline.predict(getattr(data, part).names))
        for part in ("validation", "test")
    ]


def table(runs: pd.DataFrame) -> str:
    """Mean ± sample standard deviation in percent, one row for each model and treatment."""
    lines = [f"| model | treatment | {' | '.join(SCORES)} | runs |", "| --- " * (3 + len(SCORES)) + "|"]
    for (model, treatment), rows in runs.groupby(["model", "treatment"], sort=False):
        cells = []
        for score in SCORES:
            percent = 100 * rows[score]
            cells.append(f"{percent.mean():.1f}" + (f" ± {percent.std(ddof=1):.1f}" if len(rows) > 1 else ""))
        lines.append(f"| {model} | {treatment} | {' | '.join(cells)} | {len(rows)} |")
    return "\n".join(lines)


def keep(path: Path | None, rows: list[dict[str, Any]]) -> None:
    if path is not None:
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        temporary.write_text(json.dumps(rows, indent=1))
        temporary.replace(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", choices=["sample", "mirror", "full"], default="sample")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="keep every run in this file, and go on from it")
    options = parser.parse_args()
    data = surnames.load(options.source, progress=False)
    splits = encode(data)
    rows: list[dict[str, Any]] = []
    if options.json is not None and options.json.is_file():
        rows = json.loads(options.json.read_text())
    if not rows:
        rows += n_grams(data)
    done = {(row["model"], row["treatment"], row["seed"]) for row in rows}
    for seed in range(options.seeds):
        for model, treatment in TRAINED:
            if (model, treatment, seed) not in done:
                rows += train(model, treatment, seed, splits)
                keep(options.json, rows)
                print(f"{model}, {treatment}, seed {seed}: {rows[-1]['seconds']:.0f} s", flush=True)
    runs = pd.DataFrame(rows)
    print(f"keras {keras.__version__}, seeds 0 to {options.seeds - 1}, {data.provenance}")
    for part in ("validation", "test"):
        print(f"\n{part} names\n\n{table(runs[runs['split'] == part])}")


if __name__ == "__main__":
    main()
