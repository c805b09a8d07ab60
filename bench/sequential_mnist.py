r"""Sequential and permuted MNIST: recurrent networks that read a digit pixel by pixel, mean ± std over seeds.

    COURSEWORK_MIRROR=<folder or URL> python bench/sequential_mnist.py --json runs.json         # on a GPU
    COURSEWORK_MIRROR=<folder or URL> python bench/sequential_mnist.py --kinds antisymmetric lstm --train 5000 \
        --hidden 64 --batch 32 --epochs 12 --learning-rate 0.006 --json runs.json               # on a CPU
    python bench/sequential_mnist.py --source sample --epochs 30

The last hidden state after 784 steps goes to a softmax over the ten digits. `sequential` reads row by row, `permuted`
in one random order, the same for all images and seeds. Kinds: torch's tanh RNN, GRU and LSTM, and the AntisymmetricRNN
of Chang et al. (2019, arXiv:1902.09689), h' = h + epsilon * tanh((W - W^T - gamma I) h + V x + b).

Settings (`--epochs` and others override them): 256 units, batches of 128, 60 epochs of Adam, gradients clipped to norm
1, the learning rate falling from that of `LEARNING_RATES` to 0 along a cosine. Gated networks start with biases for
memories as long as the sequence (Tallec and Ollivier, 2018, arXiv:1804.11188), the antisymmetric one as in Chang et
al., appendix C. Trained on all images, the literature reports in the sequential order 98.9 % for the LSTM (Cooijmans et
al., 2017, arXiv:1603.09025: 100 units) and 98.0 % for the AntisymmetricRNN (Chang et al.: 128 units).

Nothing is chosen here: the state after the last epoch counts, and the test images are looked at once. `--json FILE`
keeps every run, and takes up what is kept there.
"""

import argparse
import dataclasses
import json
import math
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from helpers.data import mnist
from helpers.device import torch_device
from helpers.experiments import summarise
from helpers.seeding import seed_everything, torch_generator
from helpers.training import evaluate

ORDERS = ("sequential", "permuted")
LAYERS = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
LEARNING_RATES = {"lstm": 0.002, "antisymmetric": 0.002, "gru": 0.002, "rnn": 0.0003}
KINDS = tuple(LEARNING_RATES)
EPSILON, GAMMA = 0.01, 0.01
CLIP = 1.0
PERMUTATION_SEED = 0


@dataclasses.dataclass(frozen=True)
class Setting:
    """What a run depends on, beside its seed."""

    kind: str
    order: str
    source: str
    n_train: int  # training images
    n_test: int  # validation and test images, of each at most so many
    hidden: int
    batch: int
    epochs: int
    learning_rate: float


# --- networks ------------------------------------------------------------------------------------------------


class LastState(nn.Module):
    """One of torch's recurrent layers and a linear layer that reads its last state: (batch, steps, 1) -> logits."""

    def __init__(self, kind: str, hidden: int, steps: int, n_classes: int) -> None:
        super().__init__()
        self.layer = LAYERS[kind](1, hidden, batch_first=True)
        self.read = nn.Linear(hidden, n_classes)
        self._remember(kind, hidden, steps)

    @torch.no_grad()
    def _remember(self, kind: str, n: int, steps: int) -> None:
        """Biases of the gates such that the state is kept for 1 to `steps` steps; of both biases one stays zero."""
        if kind == "rnn":
            return
        memory = torch.log(torch.empty(n).uniform_(1, max(steps - 1, 2)))
        self.layer.bias_ih_l0[n : 2 * n] = memory  # z of a GRU, f of an LSTM
        self.layer.bias_hh_l0[n : 2 * n] = 0
        if kind == "lstm":
            self.layer.bias_ih_l0[:n] = -memory
            self.layer.bias_hh_l0[:n] = 0

    def forward(self, sequences: Tensor) -> Tensor:
        return self.read(self.layer(sequences)[0][:, -1])


class Antisymmetric(nn.Module):
    """The AntisymmetricRNN and a linear layer that reads its last state: (batch, steps, 1) -> logits."""

    def __init__(self, hidden: int, n_classes: int) -> None:
        super().__init__()
        self.input = nn.Linear(1, hidden)
        self.w = nn.Parameter(torch.randn(hidden, hidden) / math.sqrt(hidden))
        self.read = nn.Linear(hidden, n_classes)
        nn.init.normal_(self.input.weight)
        nn.init.zeros_(self.input.bias)

    def forward(self, sequences: Tensor) -> Tensor:
        inputs = self.input(sequences).unbind(dim=1)
        # Transposed, since it multiplies rows from the right
        matrix = (self.w - self.w.T - GAMMA * torch.eye(len(self.w), device=self.w.device)).T
        h = torch.zeros_like(inputs[0])
        for x in inputs:
            h = torch.add(h, torch.tanh(torch.addmm(x, h, matrix)), alpha=EPSILON)
        return self.read(h)


def build(setting: Setting, steps: int, n_classes: int) -> nn.Module:
    if setting.kind == "antisymmetric":
        return Antisymmetric(setting.hidden, n_classes)
    return LastState(setting.kind, setting.hidden, steps, n_classes)


# --- training and testing ------------------------------------------------------------------------------------


def sequences_of(split: mnist.Split, n: int, places: np.ndarray) -> tuple[Tensor, Tensor]:
    """The first n images as float32 (n, steps, 1) in [0, 1], each read in the order `places`, and their labels."""
    split = split.take(np.arange(min(n, len(split))))
    pixels = split.images.reshape(len(split), -1)[:, places]
    return torch.from_numpy(pixels.astype(np.float32) / 255).unsqueeze(-1), torch.from_numpy(split.labels)


def train(network: nn.Module, data: tuple[Tensor, Tensor], setting: Setting, seed: int) -> float:
    """Train for all epochs; the mean loss of the last one. Says after each epoch how far it is."""
    features, labels = data
    optimizer = torch.optim.Adam(network.parameters(), lr=setting.learning_rate)
    n_batches = math.ceil(len(labels) / setting.batch)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, n_batches * setting.epochs)
    shuffling = torch_generator(seed)
    mean = math.nan
    for epoch in range(setting.epochs):
        started, total = time.perf_counter(), torch.zeros((), device=labels.device)
        order = torch.randperm(len(labels), generator=shuffling).to(labels.device)
        for batch in order.split(setting.batch):
            loss = F.cross_entropy(network(features[batch]), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), CLIP)
            optimizer.step()
            schedule.step()
            total += loss.detach() * len(batch)
        mean = total.item() / len(labels)
        print(f"  epoch {epoch + 1}: training loss {mean:.3f} ({time.perf_counter() - started:.1f} s)", flush=True)
    return mean


def run(setting: Setting, seed: int, data: mnist.Digits, device: torch.device) -> dict[str, Any]:
    """One run as plain data: accuracies in [0, 1], seconds of training."""
    steps = data.size[0] * data.size[1]
    places = np.arange(steps)
    if setting.order == "permuted":
        places = np.random.default_rng(PERMUTATION_SEED).permutation(steps)
    features, labels = sequences_of(data.train, setting.n_train, places)
    seed_everything(seed)
    network = build(setting, steps, data.n_classes).to(device)
    started = time.perf_counter()
    loss = train(network, (features.to(device), labels.to(device)), setting, seed)
    figures = {"seconds": time.perf_counter() - started, "train_loss": loss}
    for name, split in (("validation", data.validation), ("test", data.test)):
        figures[name] = evaluate(network, sequences_of(split, setting.n_test, places), batch_size=500)[1]
    parameters = sum(parameter.numel() for parameter in network.parameters())
    return dataclasses.asdict(setting) | {"seed": seed, "parameters": parameters, "device": str(device)} | figures


# --- runs that are kept, and the table -----------------------------------------------------------------------


def write(runs: list[dict[str, Any]], path: Path) -> None:
    """Replace the file, so that it is never there half."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(json.dumps(runs, indent=1))
    temporary.replace(path)


def markdown(runs: list[dict[str, Any]]) -> str:
    """One row for each order and kind: accuracies in percent, mean ± sample standard deviation over the seeds."""
    by = ["order", "kind", "hidden", "parameters"]
    table = pd.DataFrame(runs).sort_values("order", ascending=False, kind="stable")
    columns = ("train_loss", "validation", "test")
    summaries = {column: summarise(table, by, column) for column in columns}
    lines = [
        "| Order | Kind | Units | Parameters | Training loss | Validation accuracy | Test accuracy | Seeds |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for key in summaries["test"].index:
        order, kind, hidden, parameters = key
        mean, std = ({c: summaries[c].loc[key, part] for c in columns} for part in ("mean", "std"))
        cells = [order, kind, str(hidden), f"{parameters:,}", f"{mean['train_loss']:.3f} ± {std['train_loss']:.3f}"]
        cells += [f"{100 * mean[c]:.1f} ± {100 * std[c]:.1f}" for c in ("validation", "test")]
        lines.append("| " + " | ".join([*cells, str(summaries["test"].loc[key, "n"])]) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", default="mirror", choices=("mirror", "full", "sample"))
    parser.add_argument("--kinds", nargs="+", default=KINDS, choices=KINDS)
    parser.add_argument("--orders", nargs="+", default=ORDERS, choices=ORDERS)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    parser.add_argument("--train", type=int, default=10**9, help="use only so many training images")
    parser.add_argument("--test", type=int, default=10**9, help="use only so many validation and test images")
    parser.add_argument("--hidden", type=int, default=256)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--learning-rate", type=float, help="for all kinds (default: one for each)")
    parser.add_argument("--device", choices=("cuda", "mps", "cpu"))
    parser.add_argument("--json", type=Path, help="where the runs are kept")
    options = parser.parse_args()

    data = mnist.load(source=options.source)
    device = torch_device(options.device)
    kept: list[dict[str, Any]] = []
    if options.json is not None and options.json.is_file():
        kept = json.loads(options.json.read_text())
    runs = []
    for kind in options.kinds:
        for order in options.orders:
            setting = Setting(
                kind=kind,
                order=order,
                source=data.source,
                n_train=min(options.train, len(data.train)),
                n_test=min(options.test, len(data.test)),
                hidden=options.hidden,
                batch=options.batch,
                epochs=options.epochs,
                learning_rate=options.learning_rate or LEARNING_RATES[kind],
            )
            for seed in options.seeds:
                wanted = (dataclasses.asdict(setting) | {"seed": seed}).items()
                found = next((one for one in kept if wanted <= one.items()), None)
                if found is None:
                    print(f"{kind}, {order}, seed {seed}", flush=True)
                    found = run(setting, seed, data, device)
                    kept.append(found)
                    if options.json is not None:
                        write(kept, options.json)
                runs.append(found)
    print(markdown(runs))
    print(f"{len(runs)} runs, {sum(one['seconds'] for one in runs) / 60:.0f} minutes of training; {data.provenance}")


if __name__ == "__main__":
    main()
