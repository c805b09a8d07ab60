r"""Character models on a whole text: the reference's RNN, GRU and LSTM, validation loss in nats and bits.

    COURSEWORK_MIRROR=<folder or URL> python bench/char_rnn.py --json runs.json
    python bench/char_rnn.py --text dante --cells GRU

Takes `CharRNN`, `stream_batches`, `bits_per_character` and `train_char_rnn` from the source notebook and trains them on
the first nine tenths of the text; the loss is that of the last tenth, each character foretold from all before it. The
state of the epoch with the least validation loss counts, as in the published figures that it stands beside: nanoGPT
(A. Karpathy, 2022) reports 1.4697 nats for its character model of Shakespeare, and 1.88 with its settings for a CPU.

Prints a Markdown table. `--json FILE` keeps every run as it ends, and takes up what is kept there.
"""

import argparse
import dataclasses
import json
import math
import time
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from torch import nn
from torch.nn import functional as F

from autograder.bank import reference_source
from autograder.files import write_file
from autograder.notebooks import grade_id, read_notebook
from helpers.data import texts
from helpers.device import torch_device
from helpers.seeding import seed_everything

NOTEBOOK = Path(__file__).resolve().parents[1] / "source" / "char_rnn" / "char_rnn.ipynb"
EXERCISES = ("vocabulary", "batches", "char_rnn_model", "perplexity", "training")


@dataclasses.dataclass(frozen=True)
class Setting:
    """What a run depends on, beside text and seed."""

    cell: str
    epochs: int
    learning_rate: float
    dropout: float
    hidden_size: int = 512
    embedding_size: int = 64
    num_layers: int = 1
    batch_size: int = 64
    seq_length: int = 128


SETTINGS = {
    setting.cell: setting
    for setting in (
        Setting("RNN", epochs=10, learning_rate=0.001, dropout=0.2),
        Setting("GRU", epochs=8, learning_rate=0.002, dropout=0.3, batch_size=32),
        Setting("LSTM", epochs=20, learning_rate=0.003, dropout=0.3, batch_size=32),
    )
}


def reference() -> dict[str, Any]:
    """What the reference's answers define."""
    namespace: dict[str, Any] = {"math": math, "pd": pd, "torch": torch, "nn": nn, "F": F}
    cells = {grade_id(cell): cell for cell in read_notebook(NOTEBOOK.read_bytes()).cells}
    for exercise in EXERCISES:
        exec(reference_source(cells[exercise]), namespace)
    return namespace


def run(setting: Setting, seed: int, text: texts.Text, device: torch.device) -> dict[str, Any]:
    """One run as plain data: losses in bits per character, seconds of training with its validation."""
    given = reference()
    vocabulary = given["Vocabulary"](text.text)
    train, validation = vocabulary.encode(text.train), vocabulary.encode(text.validation)
    seed_everything(seed)
    sizes = (setting.embedding_size, setting.hidden_size, setting.num_layers, setting.cell, setting.dropout)
    model = given["CharRNN"](len(vocabulary), *sizes).to(device)
    training = {name: getattr(setting, name) for name in ("epochs", "batch_size", "seq_length", "learning_rate")}
    started = time.perf_counter()
    log = given["train_char_rnn"](model, train, validation, **training)
    best = log.loc[log["validation_bpc"].idxmin()]
    return dataclasses.asdict(setting) | {
        "seed": seed,
        "text": text.title,
        "device": str(device),
        "threads": torch.get_num_threads(),
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "seconds": time.perf_counter() - started,
        "train_bpc": float(best["train_bpc"]),
        "validation_bpc": float(best["validation_bpc"]),
        "history": log.to_dict("list"),
    }


def markdown(runs: list[dict[str, Any]]) -> str:
    lines = [
        "| Cell | Units | Parameters | Epochs | Seed | Training bits | Validation bits | Validation nats | Minutes |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for one in runs:
        cells = [one["cell"], str(one["hidden_size"]), f"{one['parameters']:,}", str(one["epochs"]), str(one["seed"])]
        bits = one["validation_bpc"]
        cells += [f"{one['train_bpc']:.3f}", f"{bits:.3f}", f"{bits * math.log(2):.3f}", f"{one['seconds'] / 60:.0f}"]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", default="shakespeare", help="a name that helpers.data.texts knows, or a text file")
    parser.add_argument("--cells", nargs="+", default=list(SETTINGS), choices=list(SETTINGS))
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--epochs", type=int, help="for all cells (default: one number for each)")
    parser.add_argument("--device", choices=("cuda", "mps", "cpu"))
    parser.add_argument("--json", type=Path, help="where the runs are kept")
    options = parser.parse_args()

    text = texts.load(options.text)
    device = torch_device(options.device)
    kept: list[dict[str, Any]] = []
    if options.json is not None and options.json.is_file():
        kept = json.loads(options.json.read_text())
    runs = []
    for cell in options.cells:
        setting = SETTINGS[cell]
        if options.epochs is not None:
            setting = dataclasses.replace(setting, epochs=options.epochs)
        for seed in options.seeds:
            wanted = dataclasses.asdict(setting) | {"seed": seed, "text": text.title}
            found = next((one for one in kept if wanted.items() <= {k: one[k] for k in wanted}.items()), None)
            if found is None:
                print(f"{cell}, seed {seed}", flush=True)
                found = run(setting, seed, text, device)
                kept.append(found)
                if options.json is not None:
                    write_file(options.json, json.dumps(kept, indent=1).encode())
            runs.append(found)
    print(markdown(runs))
    print(f"{text.provenance}; {runs[0]['device']}, {runs[0]['threads']} threads")


if __name__ == "__main__":
    main()
