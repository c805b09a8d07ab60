"""What the notebook `review` computes, loads and reads: gradients over time lags, sizes of one's own, training curves.

The pictures are drawn by `helpers.plots`. Nothing here knows what is right: the `read_...` functions say what an answer
says, to the visible tests as to whoever marks it, so that nobody loses points for a hyphen.
"""

import hashlib
import numbers
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from helpers.data.store import DATA

if TYPE_CHECKING:
    import pandas as pd
    import torch

CURVES = DATA / "theory" / "curves.csv"

Kind = Literal["RNN", "LSTM", "GRU"]
KINDS: tuple[Kind, ...] = ("RNN", "LSTM", "GRU")

FORMS = ("one-to-one", "one-to-many", "many-to-one", "many-to-many aligned", "many-to-many unaligned")
"""Forms of mapping between sequences."""

MAX_CHARACTERS = 100
"""A longer text is no answer to a question of this notebook."""

_HIDDEN = (16, 24, 32, 40, 48, 56, 64, 72, 80, 96, 112, 128)
_PAIRS = tuple((first, second) for first in _HIDDEN for second in _HIDDEN if first != second)
_FEATURES = tuple(size for size in range(10, 60) if size not in _HIDDEN)
_CLASSES = tuple(range(3, 31))
_STEPS = tuple(range(50, 201, 10))


# --- sizes of one's own --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sizes:
    """Sizes of a network of two recurrent layers with a softmax layer on top, and of its input."""

    time: int
    """Number of time steps of a sequence."""
    features: int
    """Numbers per time step."""
    hidden_1: int
    """Hidden size of the first layer."""
    hidden_2: int
    """Hidden size of the second layer."""
    classes: int


def own_sizes(student_id: str | int) -> Sizes:
    """Sizes that depend on nothing but the id: the same on every machine and with every version of Python.

    Upper and lower case, and spaces at the ends, make no difference. The two hidden sizes differ. Raises ValueError for
    a blank id and TypeError for one that is neither text nor a whole number.
    """
    if isinstance(student_id, bool) or not isinstance(student_id, str | int):
        raise TypeError(f"STUDENT_ID should be text, but it is a {type(student_id).__name__}")
    name = str(student_id).strip().lower()
    if not name:
        raise ValueError("STUDENT_ID is blank: fill in the first cell that asks for it, and run that cell and this one")
    # hash() of a text is another number in each process; this digest is fixed by a standard (FIPS 180-4).
    digest = hashlib.sha256(f"sizes of {name}".encode("utf-8", "surrogatepass")).digest()
    drawn = [int.from_bytes(digest[k : k + 4], "big") for k in range(0, 16, 4)]
    hidden_1, hidden_2 = _PAIRS[drawn[1] % len(_PAIRS)]
    return Sizes(
        time=_STEPS[drawn[3] % len(_STEPS)],
        features=_FEATURES[drawn[0] % len(_FEATURES)],
        hidden_1=hidden_1,
        hidden_2=hidden_2,
        classes=_CLASSES[drawn[2] % len(_CLASSES)],
    )


# --- gradients over time lags --------------------------------------------------------------------------


def recurrent_layer(
    kind: Kind, features: int, hidden_size: int, *, recurrent_scale: float = 1.0, keep_bias: float = 0.0
) -> "torch.nn.RNNBase":
    """An untrained layer of torch in float64, as torch initialises it, but for what the options change.

    recurrent_scale: factor for the recurrent weights. keep_bias: added to the bias of the gate that keeps the state,
    the forget gate of an LSTM and the update gate of a GRU (torch's convention: 1 keeps); an RNN has none. Draws from
    torch's global generator. Raises ValueError for another kind.
    """
    import torch

    if kind not in KINDS:
        raise ValueError(f"unknown kind {kind!r}: there are {', '.join(KINDS)}")
    layer = getattr(torch.nn, kind)(features, hidden_size, batch_first=True).double()
    with torch.no_grad():
        layer.weight_hh_l0 *= recurrent_scale
        if kind != "RNN":  # torch's gates: i, f, g, o and r, z, n: the second is the one that keeps
            layer.bias_ih_l0[hidden_size : 2 * hidden_size] += keep_bias
    return layer


def gradient_norms(
    kind: Kind,
    hidden_size: int,
    steps: int,
    seed: int,
    *,
    features: int = 8,
    recurrent_scale: float = 1.0,
    keep_bias: float = 0.0,
) -> np.ndarray:
    """How much the last output depends on the input `lag` steps before it: float64 (steps,), entry k is lag k.

    That is the Frobenius norm of the Jacobian of the last hidden state (hidden_size numbers) with respect to the input
    of that step (features numbers), for one sequence of normal random numbers and an untrained layer; see
    `recurrent_layer`. It is computed by torch's automatic differentiation. `seed` fixes weights and sequence, and
    torch's global generator is left as it was.
    """
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        layer = recurrent_layer(kind, features, hidden_size, recurrent_scale=recurrent_scale, keep_bias=keep_bias)
        sequence = torch.randn(1, steps, features, dtype=torch.float64)
    # One copy of the sequence for each unit: unit j is read from copy j, so that one pass back gives all rows.
    copies = sequence.repeat(hidden_size, 1, 1).requires_grad_()
    last = layer(copies)[0][:, -1]
    (jacobian,) = torch.autograd.grad(last.diagonal().sum(), copies)
    return jacobian.square().sum(dim=(0, 2)).sqrt().flip(0).numpy()


def gradient_table(
    seeds: range, steps: int = 100, hidden_size: int = 32, *, recurrent_scale: float = 1.0, keep_bias: float = 0.0
) -> dict[str, np.ndarray]:
    """`gradient_norms` of an RNN, an LSTM and a GRU: for each kind float64 (seeds, steps)."""

    def norms(kind: Kind, seed: int) -> np.ndarray:
        return gradient_norms(kind, hidden_size, steps, seed, recurrent_scale=recurrent_scale, keep_bias=keep_bias)

    return {kind: np.stack([norms(kind, seed) for seed in seeds]) for kind in KINDS}


# --- training curves -----------------------------------------------------------------------------------


def load_curves(path: Path = CURVES) -> "pd.DataFrame":
    """Validation error of the networks A, B and C: columns seed, epoch (from 1), A, B, C; a row for each epoch.

    The error is the mean square on 500 sequences of the adding problem; data/theory/README.md says more.
    """
    import pandas as pd

    return pd.read_csv(path)


# --- answers ---------------------------------------------------------------------------------------------


def read_form(value: Any, what: str = "the form") -> str:
    """One of FORMS. Case, spaces, hyphens and underscores make no difference. ValueError for anything else."""
    letters = re.sub("(?:not|non)aligned", "unaligned", _letters(value, what))
    letters = re.sub("^(unaligned|aligned)(manytomany)$", r"\2\1", letters)
    if letters == "manytomany":
        raise ValueError(f"{what} says that many go in and many come out. Aligned or unaligned?")
    for form in FORMS:
        if letters == _letters(form, what):
            return form
    raise ValueError(f"{what} should be one of these: {', '.join(FORMS)}")


def read_network(value: Any, what: str = "the network") -> Kind:
    """'RNN', 'LSTM' or 'GRU'. Case and spaces make no difference, 'SimpleRNN' is an RNN. ValueError for others."""
    letters = re.sub("^(?:simple|plain|vanilla|elman)(?=rnn$)", "", _letters(value, what))
    for kind in KINDS:
        if letters == kind.lower():
            return kind
    raise ValueError(f"{what} should be one of these: {', '.join(KINDS)}")


def read_whole_number(value: Any, what: str = "the number") -> int:
    """A whole number of Python or numpy, also 12.0 and a text such as '8,874'. ValueError for anything else."""
    if isinstance(value, np.ndarray) and value.shape == () and value.dtype.kind in "iuf":
        value = value.item()
    if isinstance(value, str) and re.fullmatch(r"\d{1,12}|\d{1,3}(?:[ ,_']\d{3}){1,4}", value.strip()):
        value = int(re.sub(r"\D", "", value))
    if isinstance(value, numbers.Integral) and not isinstance(value, bool):
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    raise ValueError(f"{what} should be one whole number, such as 1234")


def _letters(value: Any, what: str) -> str:
    """The letters of a short text in lower case, 1 as 'one'."""
    if not isinstance(value, str) or len(value) > MAX_CHARACTERS:
        raise ValueError(f"{what} should be a few words in quotes")
    return re.sub(r"[\W\d_]", "", value.replace("1", "one").lower())
