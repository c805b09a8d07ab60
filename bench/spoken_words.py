"""The eight models over seeds: hand-written cells beside torch's own layers, trained alike.

    COURSEWORK_MIRROR=<folder or URL> python bench/spoken_words.py --source mirror --words one five eight
    python bench/spoken_words.py --epochs 30 --batch-size 32 --implementations "by hand"

Trains the reference's classes (read from the source notebook) and torch's nn.LSTM, nn.GRU and nn.RNN with the
same data, settings and seeds; the state with the best validation accuracy is tested once, and asked about the
examiner's clips. Prints Markdown tables, mean ± sample standard deviation over the seeds in percent, and how
the model that a student would hand in (the best of eight by validation) does on the examiner's clips.
`--json FILE` keeps every run.
"""

import argparse
import ast
import contextlib
import itertools
import json
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from tqdm import tqdm

from autograder.examinations.training import KINDS, STAND_INS, examiners_clips
from autograder.notebooks import read_notebook
from helpers.data import speech_commands
from helpers.seeding import seed_everything
from helpers.training import evaluate, fit

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOK = ROOT / "source" / "speech_commands" / "speech_commands.ipynb"
MODES = ("LSTM", "GRU", "RNN_TANH", "RNN_RELU")
IMPLEMENTATIONS = ("by hand", "torch")
HIDDEN_SIZE, NUM_LAYERS, LEARNING_RATE = 32, 3, 0.003


def reference_classes() -> dict[str, Any]:
    """What the cells of the source notebook define that hold nothing but imports, classes and functions."""
    namespace: dict[str, Any] = {"__name__": "reference"}
    definitions = (ast.Import, ast.ImportFrom, ast.ClassDef, ast.FunctionDef)
    exec("import math\nimport numpy as np\nimport torch\nfrom torch import nn", namespace)
    for cell in read_notebook(NOTEBOOK.read_bytes()).cells:
        if cell.cell_type == "code":
            try:
                body = ast.parse(cell.source).body
            except SyntaxError:  # a cell with IPython's own syntax defines no class
                continue
            if body and all(isinstance(statement, definitions) for statement in body):
                exec(cell.source, namespace)
    return namespace


def library_classes() -> dict[str, Any]:
    """torch's own layers behind the same two classes: the examiner's stand-ins."""
    namespace: dict[str, Any] = {"__name__": "library"}
    exec(STAND_INS, namespace)
    return namespace


def run(implementation: str, kind: str, mode: str, seed: int, data_from: dict, settings: dict[str, int]) -> dict:
    """Train one model; accuracies in [0, 1], seconds of wall time."""
    torch.set_num_threads(1)
    with contextlib.redirect_stdout(None):
        data = speech_commands.load(**data_from, progress=False)
    mean, std = speech_commands.feature_statistics(data.train.features)
    train, validation, test, clips = (
        (speech_commands.standardise(features, mean, std), labels)
        for features, labels in (
            *(split.arrays for split in (data.train, data.validation, data.test)),
            examiners_clips(data.words),
        )
    )
    classes = reference_classes() if implementation == "by hand" else library_classes()
    seed_everything(seed)
    model = classes[KINDS[kind]](mode, train[0].shape[2], HIDDEN_SIZE, NUM_LAYERS, True, len(data.words))
    began = time.perf_counter()
    fit(model, train, validation, lr=LEARNING_RATE, seed=seed, device="cpu", progress=False, **settings)
    return {
        "implementation": implementation,
        "model": kind,
        "mode": mode,
        "seed": seed,
        "val_accuracy": evaluate(model, validation)[1],
        "test_accuracy": evaluate(model, test)[1],
        "clips_accuracy": evaluate(model, clips)[1],
        "seconds": time.perf_counter() - began,
    }


def table(runs: pd.DataFrame, accuracy: str) -> str:
    """Mean ± sample standard deviation of an accuracy in percent, one row per model."""
    implementations = list(dict.fromkeys(runs["implementation"]))
    lines = [f"| model | mode | {' | '.join(implementations)} |", "| --- " * (2 + len(implementations)) + "|"]
    for kind, mode in itertools.product(KINDS, MODES):
        cells = []
        for implementation in implementations:
            chosen = runs[(runs["model"] == kind) & (runs["mode"] == mode) & (runs["implementation"] == implementation)]
            percent = 100 * chosen[accuracy]
            cells.append(f"{percent.mean():.1f} ± {percent.std(ddof=1):.1f}")
        lines.append(f"| {kind} | {mode} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", choices=["sample", "mirror", "full"], default="sample")
    parser.add_argument("--words", nargs="+", default=list(speech_commands.WORDS))
    parser.add_argument("--implementations", nargs="+", choices=IMPLEMENTATIONS, default=list(IMPLEMENTATIONS))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--workers", type=int, default=2, help="processes, each with one thread")
    parser.add_argument("--json", type=Path, help="keep every run in this file")
    options = parser.parse_args()
    data_from = {"words": options.words, "source": options.source}
    speech_commands.load(**data_from)  # computes the features once, for all processes
    settings = {"epochs": options.epochs, "batch_size": options.batch_size}
    # Seeds outside: an interrupted run has whole columns.
    todo = [
        (implementation, kind, mode, seed)
        for seed in range(1, options.seeds + 1)
        for implementation, kind, mode in itertools.product(options.implementations, KINDS, MODES)
    ]
    runs = []
    with ProcessPoolExecutor(options.workers) as pool:
        futures = [pool.submit(run, *task, data_from, settings) for task in todo]
        for future in tqdm(as_completed(futures), total=len(futures), unit="model"):
            runs.append(future.result())
            if options.json:
                options.json.write_text(json.dumps(runs, indent=1))
    frame = pd.DataFrame(runs)
    for accuracy in ("val_accuracy", "test_accuracy", "clips_accuracy"):
        print(f"\n{accuracy}\n{table(frame, accuracy)}")
    best = frame.loc[frame.groupby(["implementation", "seed"])["val_accuracy"].idxmax(), "clips_accuracy"]
    print(f"\nbest of eight on the examiner's clips: least {best.min():.3f}, median {best.median():.3f}")
    seconds = frame.groupby("implementation")["seconds"].sum()
    print(f"seconds of training: {', '.join(f'{name} {value:.0f}' for name, value in seconds.items())}")


if __name__ == "__main__":
    main()
