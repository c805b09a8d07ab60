"""Seconds per epoch with features that were computed once, against MFCC recomputed at every access.

    python bench/mfcc_cache.py [--clips N] [--epochs N] [--json FILE]

Both epochs train the same model (a GRU of 3 layers of 32 units) on the same clips in the same process, in
batches of 32. The slow way is a torch Dataset whose `__getitem__` reads the wav and computes its MFCC, as is
often written. What is printed is the median over the epochs; an epoch of each kind is run before, unmeasured.
"""

import argparse
import json
import os
import statistics
import time
from pathlib import Path

# Small models are slowed down by more threads than cores, and one thread is the steadiest to measure. Must be
# set before numpy and torch are imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

from helpers.data import speech_commands

HIDDEN, LAYERS, BATCH, LEARNING_RATE = 32, 3, 32, 0.003


class RecomputedClips(Dataset):
    """Clips whose MFCC are computed at each access: (features float32 (32, 20), label)."""

    def __init__(self, data: speech_commands.SpeechCommands, n: int):
        self.paths = [data.folder / path for path in data.train.paths[:n]]
        self.labels = torch.as_tensor(data.train.labels[:n])

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, torch.Tensor]:
        waveform = speech_commands.read_wav(self.paths[index])
        return torch.as_tensor(speech_commands.mfcc(waveform)), self.labels[index]


class Classifier(nn.Module):
    """GRU read to its end, then one linear layer."""

    def __init__(self, classes: int):
        super().__init__()
        self.gru = nn.GRU(speech_commands.N_MFCC, HIDDEN, LAYERS, batch_first=True)
        self.fc = nn.Linear(HIDDEN, classes)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Logits (batch, classes) from features (batch, time, 20)."""
        outputs, _ = self.gru(features)
        logits: torch.Tensor = self.fc(outputs[:, -1])
        return logits


def seconds_per_epoch(clips: Dataset, classes: int, epochs: int) -> float:
    """Median wall-clock seconds of one epoch of training."""
    torch.manual_seed(0)
    model = Classifier(classes)
    optimiser = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
    loader = DataLoader(clips, batch_size=BATCH, shuffle=True, generator=torch.Generator().manual_seed(0))
    seconds = []
    for _ in range(epochs + 1):
        start = time.perf_counter()
        for features, labels in loader:
            optimiser.zero_grad()
            nn.functional.cross_entropy(model(features), labels).backward()
            optimiser.step()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds[1:])


def main() -> None:
    """Measure both ways and print them with their ratio."""
    parser = argparse.ArgumentParser(description="Cached MFCC against MFCC recomputed at each access.")
    parser.add_argument("--clips", type=int, default=1000, help="training clips at most (default: %(default)s)")
    parser.add_argument("--epochs", type=int, default=5, help="measured epochs of each kind (default: %(default)s)")
    parser.add_argument("--words", nargs="+", default=list(speech_commands.WORDS))
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))

    data = speech_commands.load(options.words, progress=False)
    n = min(options.clips, len(data.train))
    features, labels = (torch.as_tensor(array[:n]) for array in data.train.arrays)
    cached = seconds_per_epoch(TensorDataset(features, labels), len(data.words), options.epochs)
    recomputed = seconds_per_epoch(RecomputedClips(data, n), len(data.words), options.epochs)

    print(f"{n} clips, median of {options.epochs} epochs, {torch.get_num_threads()} thread(s)")
    print(f"cached features   {cached:8.3f} s per epoch")
    print(f"MFCC recomputed   {recomputed:8.3f} s per epoch")
    print(f"ratio             {recomputed / cached:8.1f}")
    if options.json:
        figures = {
            "benchmark": "mfcc_cache",
            "clips": n,
            "epochs": options.epochs,
            "threads": torch.get_num_threads(),
            "cached_seconds_per_epoch": cached,
            "recomputed_seconds_per_epoch": recomputed,
            "ratio": recomputed / cached,
            "data": data.provenance,
        }
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
