"""Examination of the bonus exercise `antisymmetric_cell`: an AntisymmetricRNN step, judged by its matrices.

One step is h' = h + epsilon · tanh((W - Wᵀ - gamma · I) h + V x + b) (B. Chang, M. Chen, E. Haber, E. H. Chi, 2019,
arXiv:1902.09689, equation 11). So u = atanh((h' - h) / epsilon) is an affine function of h and x. The examiner sets all
parameters, asks for h' at enough points, and reads the two matrices and the constant off: the one on h must be an
antisymmetric matrix less gamma on the diagonal. How a student keeps W does not matter.
"""

from dataclasses import dataclass, field

import numpy as np

from autograder.answering import Remote
from autograder.channel import Candidate, CandidateError, kind_of
from autograder.examine import LIBRARY_RECURRENT_LAYERS, Context, Examination, Lost, Part

Array = np.ndarray

INPUT, HIDDEN = 3, 5
SAME = 2e-3
"""Largest difference of the matrices' entries, of order 0.1 to 1: float32, divided by epsilon, leaves 1e-5."""
SATURATED = 0.999
"""Beyond it a tanh in float32 cannot be inverted; the parameters are drawn so small that no right cell comes there."""


@dataclass
class Cell:
    """A cell of the candidate's with parameters that the examiner set."""

    candidate: Candidate
    rng: np.random.Generator
    epsilon: float
    gamma: float
    input_size: int = INPUT
    hidden_size: int = HIDDEN
    parameters: dict[str, Array] = field(init=False)
    constants: list[str] = field(init=False)

    def __post_init__(self) -> None:
        arguments = (self.input_size, self.hidden_size, self.epsilon, self.gamma)
        self.text = f"AntisymmetricRNNCell({', '.join(f'{value:g}' for value in arguments)})"
        self.remote = self.candidate.construct("AntisymmetricRNNCell", *arguments)
        try:
            own = self.candidate.parameters(self.remote)
        except CandidateError:
            raise Lost(f"{self.text} should be an nn.Module with parameters, got {kind_of(self.remote)}.") from None
        if not own:
            raise Lost(f"{self.text} has no parameters. Are W, V and b nn.Parameter or nn.Linear, and attributes?")
        # So small that a right cell's tanh stays invertible, whatever is drawn. Some keep epsilon and gamma among the
        # parameters: they stay as they are, and must not be trained.
        self.constants = [name for name, value in own.items() if self._is_constant(value)]
        self.parameters = {
            name: self.rng.uniform(-0.25, 0.25, value.shape).astype(np.float32)
            for name, value in own.items()
            if name not in self.constants
        }
        self.candidate.set_parameters(self.remote, self.parameters)

    def _is_constant(self, value: Array) -> bool:
        """Whether a parameter is epsilon or gamma, in any shape of one entry, or as a multiple of I."""
        if value.dtype.kind != "f":
            return False
        wanted = [number * one for number in (self.epsilon, self.gamma) for one in (1.0, np.eye(self.hidden_size))]
        return any(np.size(one) == value.size and np.allclose(value.ravel(), np.ravel(one)) for one in wanted)

    def step(self, x: Array, *h: Array | Remote) -> Array:
        """The next state, checked for form: (batch, hidden) in float32, finite."""
        new = self.candidate.call(self.remote, x, *h)
        due = (len(x), self.hidden_size)
        asked = f"{self.text} called with x of shape {x.shape}" + (" and h" if h else "")
        if not isinstance(new, np.ndarray):
            raise Lost(f"{asked} should give hy, one tensor of shape {due}, got {kind_of(new)}.")
        if new.shape != due or new.dtype != np.float32 or not np.isfinite(new).all():
            raise Lost(
                f"{asked} should give finite float32 numbers of shape {due}, got {new.dtype} of shape {new.shape}."
            )
        return new

    def draw(self, batch: int) -> tuple[Array, Array]:
        """Inputs and states within [-1, 1]."""
        x, h = (self.rng.uniform(-1, 1, (batch, size)) for size in (self.input_size, self.hidden_size))
        return x.astype(np.float32), h.astype(np.float32)


@dataclass(frozen=True)
class Affine:
    """What stands inside of the tanh: on_h (hidden, hidden) · h + on_x (hidden, input) · x + constant (hidden,)."""

    on_h: Array
    on_x: Array
    constant: Array


def _inside(cell: Cell) -> Affine:
    """The affine function inside of the tanh. Lost when there is none."""
    points = 6 * (1 + cell.input_size + cell.hidden_size)
    x, h = cell.draw(points)
    change = (cell.step(x, h).astype(np.float64) - h) / cell.epsilon
    if np.abs(change).max() > SATURATED:
        raise Lost(f"{cell.text}: (hy - h) / epsilon should be a tanh, within (-1, 1), but it reaches "
                   f"{np.abs(change).max():.3g}. {_other_form(cell, x, h)}")  # fmt: skip
    found = _fit(np.arctanh(change), x, h)
    if found is None:
        raise Lost(f"{cell.text}: atanh((hy - h) / epsilon) should be an affine function of h and x, but it is not. "
                   f"{_other_form(cell, x, h)}")  # fmt: skip
    return found


def _fit(values: Array, x: Array, h: Array) -> Affine | None:
    """The affine function of h and x that gives these values (batch, hidden); None when there is none."""
    known = np.concatenate([h, x, np.ones((len(x), 1))], axis=1).astype(np.float64)
    weights, *_ = np.linalg.lstsq(known, values, rcond=None)
    if not np.isfinite(values).all() or np.abs(known @ weights - values).max() > SAME:
        return None
    n = h.shape[1]
    return Affine(weights[:n].T, weights[n:-1].T, weights[-1])


def _other_form(cell: Cell, x: Array, h: Array) -> str:
    """The likely mistake of a cell that is no h + epsilon · tanh(affine), in words; empty when none explains it."""
    new = cell.step(x, h).astype(np.float64)

    def is_tanh(values: Array, outside: float = 1.0) -> bool:
        inner = values / outside
        return np.abs(inner).max() < SATURATED and _fit(np.arctanh(inner), x, h) is not None

    if is_tanh(new - h):
        return "The change is a tanh itself: epsilon scales it."
    if is_tanh(new):
        return "The new state is a tanh itself: the change is added to h, outside of the tanh."
    if is_tanh(new, cell.epsilon):
        return "h is missing: the step is added to it."
    if cell.gamma and is_tanh(new - h, cell.gamma):
        return "The step has the size of gamma. Are epsilon and gamma exchanged?"
    if _fit(new, x, h) is not None:
        return "The new state is an affine function of h and x: where is the tanh?"
    if is_tanh(h - new, cell.epsilon):
        return "The step is taken off instead of added."
    return "Asked for is h + epsilon · tanh(...), with all else inside of the tanh, and epsilon a plain number."


def _step(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """The change of the state is epsilon times a tanh of an affine function; x and a constant count."""
    for epsilon, gamma in ((0.5, 0.2), (0.13, 0.05)):
        cell = Cell(candidate, rng, epsilon, gamma)
        found = _inside(cell)
        if np.abs(found.on_x).max() < SAME:
            raise Lost(f"{cell.text}: x has no effect.")
        if np.abs(found.constant).max() < SAME:
            raise Lost(f"{cell.text}: there is no constant b inside of the tanh.")
        if np.ptp(found.constant) < SAME:
            raise Lost(f"{cell.text}: the constant b inside of the tanh is one number for all units. It is a vector.",
                       earned=0.7)  # fmt: skip


def _antisymmetric(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """The matrix on h, but for its diagonal, is that of W - Wᵀ."""
    cell = Cell(candidate, rng, 0.4, 0.15)
    matrix = _inside(cell).on_h
    outside = matrix - np.diag(np.diag(matrix))
    if np.abs(outside).max() < SAME:
        raise Lost(f"{cell.text}: the matrix on h is diagonal. Where is W - Wᵀ?")
    total = outside + outside.T
    if np.abs(total).max() <= SAME:
        return
    off = total[~np.eye(len(total), dtype=bool)]
    if np.abs(outside - outside.T).max() <= SAME:
        raise Lost(f"{cell.text}: the matrix on h is symmetric. Is Wᵀ added instead of taken off?")
    if np.ptp(off) <= SAME:
        raise Lost(f"{cell.text}: every entry of the matrix on h is shifted by {off.mean() / 2:.3g}. gamma belongs on "
                   "the diagonal alone: it is multiplied by the identity matrix.")  # fmt: skip
    raise Lost(
        f"{cell.text}: the matrix on h is not antisymmetric: entries mirrored at the diagonal should be each other's "
        "negative. Is the matrix transposed, and taken off itself, whenever the cell is called?"
    )


def _diagonal(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """Its diagonal is that of -gamma · I."""
    for epsilon, gamma in ((0.4, 0.3), (0.25, 0.0)):
        cell = Cell(candidate, rng, epsilon, gamma)
        found = np.diag(_inside(cell).on_h)
        if np.abs(found + gamma).max() <= SAME:
            continue
        asked = f"{cell.text}: the matrix on h should have a diagonal of -gamma"
        if np.abs(found - gamma).max() <= SAME:
            raise Lost(f"{asked}, but it has +gamma: that lets the state grow. Check the sign.")
        if np.abs(found).max() <= SAME:
            raise Lost(f"{asked}, but it has zeros. Is gamma used?")
        if np.abs(found + epsilon).max() <= SAME:
            raise Lost(f"{asked}, but epsilon stands there. Are epsilon and gamma exchanged?")
        if np.ptp(found) <= SAME:
            raise Lost(f"{asked} = {-gamma:g}, but it has {found.mean():.3g}.")
        raise Lost(f"{asked}, the same for all units; it has other numbers there. Is it W - Wᵀ, with zeros there?")


def _sizes_and_states(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """Any sizes and batches; without hx the state is zero; each row by itself; nothing is changed in place."""
    for input_size, hidden_size, batch in ((1, 4, 6), (3, 1, 2), (2, 7, 1)):
        cell = Cell(candidate, rng, 0.3, 0.1, input_size, hidden_size)
        x, h = cell.draw(batch)
        zeros = np.zeros_like(h)
        if not np.allclose(cell.step(x), cell.step(x, zeros), atol=1e-6):
            raise Lost(f"{cell.text} called without hx should begin in the state zero.")
        kept = candidate.put(h)
        new = cell.step(x, kept)
        if not np.array_equal(candidate.get(kept), h):
            raise Lost(f"{cell.text} changes the caller's state in place.")
        alone = cell.step(x[-1:], h[-1:])
        if not np.allclose(alone, new[-1:], atol=1e-5):
            raise Lost(f"{cell.text}: a row alone gets another state than the same row in a batch.")


def _trained(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """Gradients reach all parameters, x and h."""
    cell = Cell(candidate, rng, 0.3, 0.1)
    x, h = cell.draw(4)
    gradients = candidate.gradients(cell.remote, x, h, weights=rng.normal(size=h.shape).astype(np.float32))
    trained = [name for name in cell.constants if gradients.parameters.get(name) is not None]
    if trained:
        raise Lost(f"{cell.text}: {' and '.join(sorted(trained))[:80]} would be trained. W, V and b are; epsilon and "
                   "gamma stay as they were given.")  # fmt: skip
    missing = sorted(
        name for name, gradient in gradients.parameters.items() if gradient is None and name not in cell.constants
    )
    if missing:
        raise Lost(f"{cell.text}: gradients do not reach {', '.join(missing[:3])}. Is something detached, or not used?")
    if len(gradients.inputs) != 2 or any(gradient is None for gradient in gradients.inputs):
        raise Lost(f"{cell.text}: gradients do not reach x and h. Is something detached, or converted to numpy?")
    twin = Cell(candidate, rng, 0.3, 0.1)
    before = twin.step(x, h)
    candidate.set_parameters(twin.remote, {name: 0 * value for name, value in twin.parameters.items()})
    after = twin.step(x, h)
    expected = h + 0.3 * np.tanh(-0.1 * h)
    if np.allclose(before, after, atol=1e-5) or not np.allclose(after, expected, atol=1e-4):
        raise Lost(f"{cell.text}: with all parameters zero the step should be that of gamma alone. Are W, V and b all "
                   "parameters, and used anew at each call?")  # fmt: skip


ANTISYMMETRIC_CELL = Examination(
    "antisymmetric_cell",
    (
        Part("h plus epsilon times a tanh of h, x and a constant", 0.3, _step),
        Part("the matrix on h is antisymmetric", 0.3, _antisymmetric),
        Part("gamma on its diagonal", 0.2, _diagonal),
        Part("no state given, other sizes, each row by itself", 0.1, _sizes_and_states),
        Part("everything is trained", 0.1, _trained),
    ),
    forbidden=tuple(LIBRARY_RECURRENT_LAYERS),
)
