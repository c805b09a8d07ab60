"""Train the three networks whose curves the notebook `review` shows, and write `curves.csv`.

    python data/theory/make_curves.py FIRST SECOND THIRD

FIRST, SECOND and THIRD are RNN, LSTM and GRU in any order: they become the columns A, B and C. Which order was taken is
not written down here, since students get this script. Each run is kept in `build/curves/` as soon as it ends, so that
an interrupted script goes on where it was. All runs take about eight minutes on one core.

The data is the adding problem (S. Hochreiter, J. Schmidhuber, "Long Short-Term Memory", Neural Computation 9, 1997): in
a sequence of random numbers two are marked, and the network gives their sum after the last step.
"""

import argparse
import csv
from pathlib import Path

import torch
from torch import nn

from helpers.data.store import write_checksums

FOLDER = Path(__file__).parent
KEPT = FOLDER.parents[1] / "build" / "curves"

KINDS = ("RNN", "LSTM", "GRU")
STEPS = 50
HIDDEN_SIZE = 32
TRAINING, VALIDATION = 1000, 500  # sequences
BATCH_SIZE = 50
EPOCHS = 100
LEARNING_RATE = 0.003
LARGEST_NORM = 1.0  # to which gradients are clipped
SEEDS = range(5)
DATA_SEED = 0


def adding_problem(n: int, steps: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Sequences (n, steps, 2) and sums (n,), float32.

    The first feature is uniform in [0, 1); the second is 1 at one step of the first half and at one of the second half,
    0 elsewhere. The sum is that of the two marked numbers: mean 1, variance 1/6.
    """
    values, marks, rows = torch.rand(n, steps, generator=generator), torch.zeros(n, steps), torch.arange(n)
    marks[rows, torch.randint(0, steps // 2, (n,), generator=generator)] = 1
    marks[rows, torch.randint(steps // 2, steps, (n,), generator=generator)] = 1
    return torch.stack([values, marks], dim=2), (values * marks).sum(dim=1)


class Adder(nn.Module):
    """One recurrent layer of torch, as it is initialised there, and a linear layer that reads its last output."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.recurrent = getattr(nn, kind)(2, HIDDEN_SIZE, batch_first=True)
        self.fc = nn.Linear(HIDDEN_SIZE, 1)

    def forward(self, sequences: torch.Tensor) -> torch.Tensor:
        """(batch, steps, 2) -> (batch,)"""
        return self.fc(self.recurrent(sequences)[0][:, -1])[:, 0]


def curve(kind: str, seed: int, epochs: int = EPOCHS) -> list[float]:
    """Mean squared error on the validation sequences after each epoch. The data is the same for all seeds."""
    generator = torch.Generator().manual_seed(DATA_SEED)
    sequences, sums = adding_problem(TRAINING, STEPS, generator)
    validation, validation_sums = adding_problem(VALIDATION, STEPS, generator)
    torch.manual_seed(seed)
    model = Adder(kind)
    optimiser = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
    errors = []
    for _ in range(epochs):
        for batch in torch.randperm(TRAINING).split(BATCH_SIZE):
            optimiser.zero_grad()
            nn.functional.mse_loss(model(sequences[batch]), sums[batch]).backward()
            nn.utils.clip_grad_norm_(model.parameters(), LARGEST_NORM)
            optimiser.step()
        with torch.no_grad():
            errors.append(nn.functional.mse_loss(model(validation), validation_sums).item())
    return errors


def kept_curve(kind: str, seed: int) -> list[float]:
    """The curve of one run, from the folder of kept runs if it is there."""
    path = KEPT / f"{kind}-{seed}.txt"
    if not path.is_file():
        KEPT.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".unfinished")
        unfinished.write_text("".join(f"{error!r}\n" for error in curve(kind, seed)))
        unfinished.replace(path)
        print(f"{kind}, seed {seed}: done", flush=True)
    return [float(line) for line in path.read_text().split()]


def main() -> None:
    parser = argparse.ArgumentParser(description="Write curves.csv: columns seed, epoch, A, B, C.")
    parser.add_argument("kinds", nargs=3, choices=KINDS, help="what A, B and C are")
    kinds = parser.parse_args().kinds
    if len(set(kinds)) != 3:
        parser.error("A, B and C are three different kinds")
    torch.set_num_threads(1)
    curves = {(kind, seed): kept_curve(kind, seed) for seed in SEEDS for kind in KINDS}
    unfinished = FOLDER / ".curves.csv"
    with unfinished.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["seed", "epoch", "A", "B", "C"])
        for seed in SEEDS:
            for epoch in range(EPOCHS):
                writer.writerow([seed, epoch + 1, *(f"{curves[kind, seed][epoch]:.5f}" for kind in kinds)])
    unfinished.replace(FOLDER / "curves.csv")
    write_checksums(FOLDER, "*.csv")


if __name__ == "__main__":
    main()
