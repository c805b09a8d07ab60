"""A planted contest: data and a model in the candidate, with accuracies that the examiner has chosen.

`model_selection` and `final_runs` ask what a student does with models, not how well they learn. So the notebook's
build_model is replaced by one whose accuracy on each set depends on hidden_size and num_layers alone, and its data by a
few made-up sequences (`sequential_mnist_instruments`, sent as text). One size wins on the validation set, others on the
training set, the test set and the notebook's global sets: which one is chosen tells by what.
"""

import contextlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from autograder.channel import Candidate, Remote
from autograder.examine import Lost

Array = np.ndarray
Size = tuple[Any, Any]
"""(hidden_size, num_layers), None for what the search space does not vary."""

INSTRUMENTS = Path(__file__).with_name("sequential_mnist_instruments.py").read_text()
TRAINING, VALIDATION, TEST, ELSEWHERE = "training", "validation", "test", "elsewhere"
SETS = (TRAINING, VALIDATION, TEST, ELSEWHERE)
EXAMPLES = {TRAINING: 80, VALIDATION: 20, TEST: 20, ELSEWHERE: 20}
"""How many each set has: more to train with, for those who leave out a batch that is not full."""
EARLY = 150
"""Between one and two epochs of the 100 examples that final runs are trained on."""
STEP = 1 / 20
"""Accuracies are multiples of it."""
CLASSES = 10


@dataclass(frozen=True)
class Examples:
    """images: uint8 (n, steps), no two with the same sum; the set, label and rank within the set of each."""

    images: Array
    names: list[str]
    labels: list[int]
    ranks: list[float]

    def pair(self, name: str) -> tuple[Array, Array]:
        """(sequences float32 (n, steps, 1), labels int64 (n,)) of one set."""
        rows = [i for i, own in enumerate(self.names) if own == name]
        sequences = self.images[rows].astype(np.float32)[:, :, None] / 255
        return sequences, np.asarray(self.labels, np.int64)[rows]


def draw_examples(rng: np.random.Generator, steps: int) -> Examples:
    """Random images of which each has a sum of its own, by which the model knows them."""
    n = sum(EXAMPLES.values())
    images = rng.integers(20, 236, size=(n, steps)).astype(np.int64)
    wanted = 128 * steps + 7 * rng.permutation(n)
    for image, total in zip(images, wanted, strict=True):
        while (missing := int(total - image.sum())) != 0:
            places = rng.integers(0, steps, size=min(abs(missing), steps))
            np.add.at(image, np.unique(places)[: abs(missing)], np.sign(missing))
            np.clip(image, 0, 255, out=image)
    labels = [int(label) for name in SETS for label in rng.permutation(np.arange(EXAMPLES[name]) % CLASSES)]
    # Which label is answered rightly has nothing to do with the label.
    ranks = [float(rank) for name in SETS for rank in (rng.permutation(EXAMPLES[name]) + 0.5) / EXAMPLES[name]]
    return Examples(images.astype(np.uint8), [name for name in SETS for _ in range(EXAMPLES[name])], labels, ranks)


@dataclass(frozen=True)
class Contest:
    """Which size wins on which set, and every size's accuracy on every set."""

    winners: Mapping[str, Size]
    shares: Mapping[str, Mapping[Size, float]]
    early: Mapping[str, float] = field(default_factory=dict)
    """A set's accuracy, whatever the size, while a model has been trained on less than EARLY examples."""

    def won_by(self, size: Size) -> str:
        """The set, other than the validation set, on which this size wins; empty when there is none."""
        return next((name for name in (TRAINING, TEST, ELSEWHERE) if self.winners[name] == size), "")

    def plan(self) -> list[tuple[str, Any, Any, float]]:
        return [(name, *size, share) for name, of in self.shares.items() for size, share in of.items()]


def draw_contest(rng: np.random.Generator, sizes: Sequence[Size], place: int) -> Contest:
    """A contest that the size at this place in the grid wins on the validation set, and none other by any sum of sets.

    The sizes after the winner are better and better on the validation set, without reaching it, so that whoever
    remembers the last improvement over the setting before goes astray. Where there are two sizes only, the test set
    prefers the second one when the first wins, and the training set the first one when the second wins.
    """
    winner = sizes[place]
    others = [size for size in sizes if size != winner]
    order = [others[i] for i in rng.permutation(len(others))]
    winners = {VALIDATION: winner}
    winners |= {name: order[k % len(order)] for k, name in enumerate((TRAINING, TEST, ELSEWHERE))}
    if len(sizes) == 2:
        winners[TEST if place else TRAINING] = winner
    rising = np.linspace(0.3, 0.6, len(sizes))
    shares = {VALIDATION: {size: float(np.round(rising[i] / STEP) * STEP) for i, size in enumerate(sizes)}}
    shares[VALIDATION][winner] = 0.8
    for name in (TRAINING, TEST, ELSEWHERE):
        middle = {size: float(rng.integers(8, 13) * STEP) for size in sizes}
        # Together with the validation set, too, another one is in front: 0.3 + 0.95 against 0.8 + 0.2.
        shares[name] = middle | {winner: 0.2} | {winners[name]: 0.95}
    return Contest(winners, shares)


def sizes_of(space: Mapping[str, Sequence[Any]]) -> list[Size]:
    """All sizes of a search space, in the order of the grid."""
    varied = [name for name in space if name in ("hidden_size", "num_layers")]
    grid: list[dict[str, Any]] = [{}]
    for name in varied:
        grid = [{**setting, name: value} for setting in grid for value in space[name]]
    return list(dict.fromkeys((setting.get("hidden_size"), setting.get("num_layers")) for setting in grid))


MAX_SETTINGS, MAX_EPOCHS = 12, 30


def cut_space(space: Mapping[str, Sequence[Any]]) -> dict[str, list[Any]] | None:
    """A smaller search space where trying all of this one would take long; None where it would not."""
    settings = math.prod(len(set(values)) for values in space.values())
    if settings <= MAX_SETTINGS and max(space.get("epochs", [0])) <= MAX_EPOCHS:
        return None
    most = {"hidden_size": 3, "num_layers": 2}
    smaller = {name: list(dict.fromkeys(values))[: most.get(name, 2)] for name, values in space.items()}
    if "epochs" in smaller:
        smaller["epochs"] = [min(space["epochs"])]
    for name in smaller:
        if name not in most and math.prod(map(len, smaller.values())) > MAX_SETTINGS:
            smaller[name] = smaller[name][:1]
    return smaller


class Ground:
    """The candidate while the examiner's data and model are in place."""

    def __init__(self, candidate: Candidate, examples: Examples) -> None:
        self.candidate, self.examples = candidate, examples

    def ask(self, name: str, *arguments: Any) -> Any:
        return self.candidate.call(name, *arguments, arrays="numpy")

    def plant(self, contest: Contest, variables: Mapping[str, str], space: Any = None) -> None:
        """Put the data, and a model with the contest's accuracies, in place; variables: global name → its set."""
        found = self.examples
        self.ask(
            "_plant",
            found.images,
            found.names,
            found.labels,
            found.ranks,
            contest.plan(),
            dict(variables),
            space,
            [[name, share, EARLY] for name, share in contest.early.items()],
        )

    def pair(self, name: str) -> Remote:
        """(sequences, labels) of one set, laid down with the candidate as tensors."""
        return self.candidate.put(self.examples.pair(name))

    def notes(self) -> tuple[list[list[Any]], set[str]]:
        """The models that were built since `plant`, [kind, hidden_size, num_layers, state of the generator] each, and
        the sets that took part in a backward pass."""
        notes = self.ask("_planted_notes")
        if not isinstance(notes, dict) or not all(isinstance(notes.get(key), list) for key in ("built", "trained")):
            raise Lost("the notebook does not answer as asked for: does it redefine names that begin with _planted?")
        noted = [note for note in notes["built"] if isinstance(note, list) and len(note) == 4]
        built = [[scalar(value) for value in note] for note in noted]
        return built, {str(name) for name in notes["trained"]}

    def ended_early(self) -> bool:
        """Whether no model since `plant` was trained on EARLY examples: then early accuracies are the last ones."""
        most = self.ask("_planted_most")
        return isinstance(most, int) and most < EARLY


def scalar(value: Any) -> Any:
    """A scalar as Python has it (numpy's come as arrays without an axis); None in place of any other array."""
    if isinstance(value, np.ndarray):
        return value.item() if value.ndim == 0 else None
    return value


@contextlib.contextmanager
def planted(candidate: Candidate, rng: np.random.Generator) -> Iterator[Ground]:
    """The ground on which contests are held; the notebook's own is put back at the end."""
    candidate.define(INSTRUMENTS)
    pixels = candidate.call("_planted_pixels", arrays="numpy")
    ground = Ground(candidate, draw_examples(rng, pixels if isinstance(pixels, int) and 4 <= pixels <= 4096 else 64))
    try:
        yield ground
    finally:
        ground.ask("_uproot")
