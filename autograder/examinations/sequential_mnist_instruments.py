"""What the examiner of `sequential_mnist` defines in the candidate: a model whose accuracy is planted, and its data.

It is sent as text and judges nothing. The model recognises a sequence by the sum of its pixels, whatever their order,
and answers rightly or wrongly as the plan says for the set that the sequence belongs to and for the sizes of the model.
So it does not matter how, how long or with which optimizer it is trained. It takes notes: with which arguments models
were built, from which state of torch's generator, and which sets took part in a backward pass.
"""

import numpy as np
import torch
from torch import nn


class _Plan:
    """What is in place of the notebook's own while a plan is examined, and what was noted meanwhile."""

    def __init__(self):
        self.sets = {}  # sum of the pixels (0 to 255) → (name of its set, label, rank in [0, 1))
        self.shares = {}  # name of the set → {(hidden size, layers): accuracy}; None stands for any size
        self.early = {}  # name of the set → (accuracy, examples): its accuracy as long as fewer were trained on
        self.built, self.trained = [], set()
        self.most = 0  # how many examples, counted in each epoch, one model was trained on at most
        self.kept, self.missing = {}, []  # what the notebook had under the names that are in use, and had not


_planted = _Plan()


class _PlantedModel(nn.Module):
    def __init__(self, hidden_size, num_layers, n_classes):
        super().__init__()
        self.sizes = [(hidden_size, num_layers), (hidden_size, None), (None, num_layers), (None, None)]
        self.n_classes = n_classes
        self.weight = nn.Parameter(torch.rand(n_classes))
        self.register_buffer("trained_on", torch.zeros((), dtype=torch.long))  # goes with the state that is kept

    def forward(self, x):
        sums = (x.detach().double().flatten(1).sum(1) * 255).round().long().tolist()
        known = [_planted.sets.get(key) for key in sums]
        classes = [self.answer(key, example) for key, example in zip(sums, known, strict=True)]
        logits = 4 * nn.functional.one_hot(torch.tensor(classes), self.n_classes).float() + 0 * self.weight
        if logits.requires_grad:
            names = {example[0] if example else "unknown" for example in known}
            logits.register_hook(lambda gradient: self.note(names, len(sums)))
        return logits

    def note(self, names, examples):
        _planted.trained.update(names)
        self.trained_on += examples
        _planted.most = max(_planted.most, int(self.trained_on))

    def answer(self, key, example):
        if example is None:
            return key % self.n_classes
        name, label, rank = example
        early, until = _planted.early.get(name, (0.0, 0))
        if self.trained_on < until:
            return label if rank < early else (label + 1) % self.n_classes
        share = next((_planted.shares[name][sizes] for sizes in self.sizes if sizes in _planted.shares[name]), 0.0)
        return label if rank < share else (label + 1) % self.n_classes


def _planted_build_model(kind, hidden_size=None, num_layers=None, n_classes=10, **others):
    from hashlib import sha256

    state = sha256(torch.get_rng_state().numpy().tobytes()).hexdigest()
    _planted.built.append([str(kind), hidden_size, num_layers, state])
    return _PlantedModel(hidden_size, num_layers, int(n_classes))


def _planted_pixels():
    """Pixels of the notebook's images, 64 where there are none.

    Not the length of its sequences, which is another one where `to_sequences` is wrong.
    """
    height, width = getattr(globals().get("data"), "size", (8, 8))
    return int(height) * int(width)


def _planted_defaults():
    """The notebook's default setting."""
    return dict(globals().get("DEFAULTS", {}))


def _plant(images, names, labels, ranks, shares, variables, space, early):
    """Put the examiner's model and data in place.

    images: uint8 (n, steps), those of all sets, whose names, labels and ranks the lists tell; shares: a list of (set,
    hidden size, layers, accuracy); variables: global name → the set that it gets; space: what SEARCH_SPACE becomes,
    None to leave it; early: a list of (set, accuracy, examples).
    """
    _uproot()
    _planted.__init__()
    examples = zip(names, labels, ranks, strict=True)
    _planted.sets = dict(zip(images.sum(1, dtype="int64").tolist(), examples, strict=True))
    _planted.shares = {name: {} for name in names}
    for name, hidden_size, num_layers, share in shares:
        _planted.shares[name][hidden_size, num_layers] = share
    _planted.early = {name: (share, examples) for name, share, examples in early}
    rows = {variable: [i for i, own in enumerate(names) if own == name] for variable, name in variables.items()}
    put = {"build_model": _planted_build_model}
    put |= {variable: _planted_pair(images[of], np.array(labels)[of]) for variable, of in rows.items()}
    if "data" in globals():
        put["data"] = _planted_data(globals()["data"], images, np.array(labels), rows)
    if "DEFAULTS" in globals():  # the model learns nothing: it needs few epochs
        put["DEFAULTS"] = globals()["DEFAULTS"] | {"epochs": min(2, globals()["DEFAULTS"].get("epochs", 2))}
    if space is not None:
        put["SEARCH_SPACE"] = space
    _planted.kept = {name: globals()[name] for name in put if name in globals()}
    _planted.missing = [name for name in put if name not in globals()]
    globals().update(put)


def _planted_pair(images, labels):
    """(sequences, labels) as the notebook has them."""
    return torch.from_numpy(images)[:, :, None].float() / 255, torch.from_numpy(labels)


def _planted_data(data, images, labels, rows):
    """A copy of the notebook's data with these rows in the splits of these names."""
    from copy import copy

    planted = copy(data)
    for name, of in rows.items():
        split = getattr(data, name)
        new = type(split)(images[of].reshape(len(of), *split.images.shape[1:]), labels[of].copy())
        object.__setattr__(planted, name, new)
    return planted


def _planted_turn_labels():
    """Give all test examples other labels, in place."""
    globals()["test"][1].add_(1).remainder_(10)
    if "data" in globals():
        labels = globals()["data"].test.labels
        labels[:] = (labels + 1) % 10


def _planted_notes():
    return {"built": list(_planted.built), "trained": sorted(_planted.trained)}


def _planted_most():
    return _planted.most


def _uproot():
    """Put the notebook's own back."""
    globals().update(_planted.kept)
    for name in _planted.missing:
        globals().pop(name, None)
    _planted.kept, _planted.missing = {}, []
