"""Does a function belong to the family of LSTM or GRU cells? Decided from its values alone.

There are many right ways to write a cell: any order of the gates, one fused matrix or eight small ones, one bias
or two, either sense of a GRU's update gate and either place of its reset gate. None of that is visible in the
function that the cell computes, so this module looks at nothing else: it takes the inputs and outputs of a
cell and finds the coefficients with which a right cell would have given the same outputs, or finds that there
are none.

What is fitted, with x (n, input), h and c (n, hidden), and "affine" short for an affine function of x and h:

* LSTM: cy = f * c + p with p = i * g, and hy = o * tanh(cy), where f, i, o are sigmoids of affines and g is
  the tanh of one. Three values of c at the same (x, h) give p (at c = 0) and f (the slope in c) without any fit,
  and o = hy / tanh(cy).
  logit(f) and logit(o) are linear regressions; p is a nonlinear least squares problem per unit.
* GRU: h' = (1 - z) * n + z * h. The other sense of z only changes the sign of its affine and needs nothing.
  Reset after the product: n = tanh(A x + a + r * (B h + b)). Before it: n = tanh(A x + a + B (r * h)).
  With one hidden unit the second is the first with b = 0; with more, the two conventions are told apart.

Sums of squares are minimised by the method of Levenberg and Marquardt from many random starts at once (one start
alone misses the solution for about one right cell in ten), in float64 on the float32 values that came.

A fit says that a cell *could* be right. A cell without a reset gate is also in the family (its gate is constant), so
`dead`, `shared` and `unmoved` look at the coefficients of several fits of one cell with different parameters.

The module knows nothing of candidates, marks or messages. Wrong families, for naming a misconception, are made of the
same parts (`Family`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


# --------------------------------------------------------------------------------------------------------------
# Values with their derivatives


@dataclass(frozen=True)
class Dual:
    """Values at n points for each of several starts, with the derivatives by all p coefficients of the family.

    value: (starts, n); slope: (starts, n, p). Arithmetic between Duals, and with arrays (n,) or numbers.
    """

    value: Array
    slope: Array

    # numpy would otherwise take `array * dual` apart element by element.
    __array_ufunc__ = None

    def __add__(self, other: "Dual | Array | float") -> "Dual":
        if isinstance(other, Dual):
            return Dual(self.value + other.value, self.slope + other.slope)
        return Dual(self.value + other, self.slope)

    def __mul__(self, other: "Dual | Array | float") -> "Dual":
        if isinstance(other, Dual):
            slope = self.slope * other.value[..., None] + other.slope * self.value[..., None]
            return Dual(self.value * other.value, slope)
        factor = np.broadcast_to(np.asarray(other, dtype=np.float64), self.value.shape)
        return Dual(self.value * factor, self.slope * factor[..., None])

    def __neg__(self) -> "Dual":
        return Dual(-self.value, -self.slope)

    def __sub__(self, other: "Dual | Array | float") -> "Dual":
        return self + (-other)

    def __rsub__(self, other: "Array | float") -> "Dual":
        return (-self) + other

    __radd__ = __add__
    __rmul__ = __mul__


def sigmoid(u: Dual) -> Dual:
    """The logistic function; (1 + tanh(u / 2)) / 2 does not overflow."""
    value = logistic(u.value)
    return Dual(value, u.slope * (value * (1.0 - value))[..., None])


def tanh(u: Dual) -> Dual:
    value = np.tanh(u.value)
    return Dual(value, u.slope * (1.0 - value * value)[..., None])


def relu(u: Dual) -> Dual:
    positive = u.value > 0.0
    return Dual(u.value * positive, u.slope * positive[..., None])


def identity(u: Dual) -> Dual:
    return u


def logistic(u: Array) -> Array:
    """The logistic function of an array, without overflow."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * u)))


# --------------------------------------------------------------------------------------------------------------
# Families and their fit


@dataclass(frozen=True)
class Family:
    """A parametrised function: affine terms of named features, and how they are put together.

    terms: term -> name of its features; formula: given the terms as Duals and the features, the outputs, each
    (starts, n).
    """

    name: str
    terms: Mapping[str, str]
    formula: Callable[[Mapping[str, Dual], Mapping[str, Array]], Sequence[Dual]]


TOLERANCE = 1e-5
"""Largest residual, in units of the outputs, of a function that belongs to a family.

Measured in float32: 4,000 right LSTM and 4,000 right GRU cells with one unit leave at most 1.8e-7 and 3.2e-7, and 3,800
with several units 3.0e-7; the wrong recurrences of `tests/test_recurrence.py` leave at least 3e-4.
"""

STARTS, ITERATIONS = (8, 32, 32, 32, 32), 100
"""With one unit, at least one start in ten finds a right GRU, and one in four a right LSTM, within these iterations.
Few are tried first, since they are often enough and take a third of the time."""

IDLE_ITERATIONS = 3
"""Iterations in which no start's cost falls by a hundredth: the residuals are rounding errors, or no start gets on."""

LARGER_STARTS, LARGER_ITERATIONS = (8, 32, 32), 40
"""With several units it is at least every fifth start, mostly two of three, and sooner: there are more data."""


@dataclass(frozen=True)
class Fit:
    """The best of all starts: its largest absolute residual, and each term's coefficients in its features' order."""

    residual: float
    coefficients: dict[str, Array]

    @property
    def fits(self) -> bool:
        return self.residual <= TOLERANCE


def fit(
    family: Family,
    features: Mapping[str, Array],
    targets: Sequence[Array],
    rng: np.random.Generator,
    *,
    starts: Sequence[int] = STARTS,
    iterations: int = ITERATIONS,
) -> Fit:
    """Fit a family to values: from so many random starts at once, one round of them after the other.

    features: name -> (n, k) for terms, (n,) for values that only the formula uses; targets: the outputs, each (n,).
    A start that fits ends the search, so only a function outside the family pays for all rounds; a right one is
    missed only if all starts end in local minima.
    """
    best = Fit(np.inf, {})
    for at_once in starts:
        # Half of the unit normal: starts with nearly linear gates succeed more often than steep ones.
        guesses = 0.5 * rng.standard_normal((at_once, _size(family, features)))
        guesses, residuals = _minimise(family, features, targets, guesses, stop_at=TOLERANCE, iterations=iterations)
        nearest = guesses[[np.argmin(residuals)]]
        # The search stops as soon as one start is near enough; a few steps more bring it down to rounding errors.
        polished, residuals = _minimise(family, features, targets, nearest, stop_at=0.0, iterations=30)
        if residuals[0] < best.residual:
            best = Fit(float(residuals[0]), _split(family, features, polished[0]))
        if best.fits:
            break
    return best


def _minimise(
    family: Family,
    features: Mapping[str, Array],
    targets: Sequence[Array],
    start: Array,
    *,
    stop_at: float,
    iterations: int = ITERATIONS,
) -> tuple[Array, Array]:
    """Levenberg-Marquardt from all starts (s, p) at once; returns the points reached and their largest residuals (s,).

    Ends when one start has no residual above `stop_at`, or when for some iterations none has come nearer.
    """
    wanted = np.concatenate(targets)
    point, damping = start, np.full(len(start), 1e-2)
    values, slope = _evaluate(family, features, point)
    residual = values - wanted
    cost = np.sum(residual**2, axis=1)
    idle = 0
    for _ in range(iterations):
        if np.min(np.max(np.abs(residual), axis=1)) <= stop_at or idle == IDLE_ITERATIONS:
            break
        transposed = slope.transpose(0, 2, 1)
        normal = transposed @ slope
        diagonal = np.einsum("spp->sp", normal)
        # The second term keeps the matrix regular where a saturated gate leaves coefficients without any effect.
        ridge = damping[:, None] * diagonal + 1e-13 * (1.0 + diagonal.sum(axis=1, keepdims=True))
        step = np.linalg.solve(normal + ridge[:, :, None] * np.eye(start.shape[1]), transposed @ residual[..., None])
        trial = point - step[..., 0]
        values, trial_slope = _evaluate(family, features, trial)
        trial_residual = values - wanted
        trial_cost = np.sum(trial_residual**2, axis=1)
        better = trial_cost < cost  # False for a cost that is not a number
        idle = 0 if np.any(trial_cost < 0.99 * cost) else idle + 1
        point = np.where(better[:, None], trial, point)
        slope = np.where(better[:, None, None], trial_slope, slope)
        residual = np.where(better[:, None], trial_residual, residual)
        cost = np.where(better, trial_cost, cost)
        damping = np.clip(np.where(better, damping * 0.2, damping * 5.0), 1e-12, 1e8)
    return point, np.max(np.abs(residual), axis=1)


def _evaluate(family: Family, features: Mapping[str, Array], point: Array) -> tuple[Array, Array]:
    """All outputs one after the other (s, n * outputs), and their derivatives (s, n * outputs, p)."""
    terms, at = {}, 0
    for name, of in family.terms.items():
        matrix = features[of]
        block = slice(at, at + matrix.shape[1])
        slope = np.zeros((len(point), len(matrix), point.shape[1]))
        slope[:, :, block] = matrix
        terms[name] = Dual(point[:, block] @ matrix.T, slope)
        at = block.stop
    outputs = family.formula(terms, features)
    return np.concatenate([o.value for o in outputs], axis=1), np.concatenate([o.slope for o in outputs], axis=1)


def _size(family: Family, features: Mapping[str, Array]) -> int:
    return sum(features[of].shape[1] for of in family.terms.values())


def _split(family: Family, features: Mapping[str, Array], point: Array) -> dict[str, Array]:
    ends = np.cumsum([features[of].shape[1] for of in family.terms.values()])
    return dict(zip(family.terms, np.split(point, ends[:-1]), strict=True))


# --------------------------------------------------------------------------------------------------------------
# Questions to a cell


@dataclass(frozen=True)
class Questions:
    """What a cell is asked: x (n, input), h (n, hidden), for an LSTM c (n, hidden); all float32.

    For an LSTM the n rows are three blocks with the same x and h: c = 0, c > 0, c < 0.
    """

    x: NDArray[np.float32]
    h: NDArray[np.float32]
    c: NDArray[np.float32] | None = None

    def features(self) -> dict[str, Array]:
        """Named features of the rows: "xh1" = [x, h, 1], "x1", "h1", "1" (n, k); "x", "h", "c" (n, size)."""
        x, h = self.x.astype(np.float64), self.h.astype(np.float64)
        one = np.ones((len(x), 1))
        named: dict[str, Array] = {
            "xh1": np.hstack([x, h, one]),
            "x1": np.hstack([x, one]),
            "h1": np.hstack([h, one]),
            "1": one,
        }
        named |= {"x": x, "h": h}
        if self.c is not None:
            named["c"] = self.c.astype(np.float64)
        return named


def gru_questions(input_size: int, hidden_size: int, rng: np.random.Generator) -> Questions:
    """Random points in [-2, 2], where gates vary widely without saturating for parameters of `draw_parameters`."""
    n = 64 if input_size + hidden_size == 2 else 100
    x = rng.uniform(-2.0, 2.0, (n, input_size)).astype(np.float32)
    return Questions(x, rng.uniform(-2.0, 2.0, (n, hidden_size)).astype(np.float32))


def lstm_questions(input_size: int, hidden_size: int, rng: np.random.Generator) -> Questions:
    """The points of `gru_questions`, each with three cell states."""
    points = gru_questions(input_size, hidden_size, rng)
    c = rng.uniform(0.5, 1.5, (2, *points.h.shape)) * np.array([1.0, -1.0])[:, None, None]
    states = np.concatenate([np.zeros_like(points.h), *c.astype(np.float32)])
    return Questions(np.tile(points.x, (3, 1)), np.tile(points.h, (3, 1)), states)


def draw_parameters(
    like: Mapping[str, NDArray], input_size: int, hidden_size: int, rng: np.random.Generator
) -> dict[str, NDArray]:
    """New values for a cell's parameters, whatever their names and shapes, under which every gate shows.

    A student's own initialisation may be all zeros, and then a right cell looks dead. Magnitudes lie in [0.5, 1]
    (times sqrt(2 / (input + hidden)), so that gates vary alike at all sizes) with random signs, and in [0.2, 0.5]
    for what has one dimension, with one sign for all, since the two biases of a gate must not cancel.
    """
    scale = np.sqrt(2.0 / (input_size + hidden_size))
    sign = rng.choice([-1.0, 1.0])
    drawn = {}
    for name, value in like.items():
        if value.ndim <= 1:
            new = sign * rng.uniform(0.2, 0.5, value.shape)
        else:
            new = scale * rng.choice([-1.0, 1.0], value.shape) * rng.uniform(0.5, 1.0, value.shape)
        drawn[name] = np.asarray(new, dtype=value.dtype)
    return drawn


# --------------------------------------------------------------------------------------------------------------
# LSTM


@dataclass(frozen=True)
class CellFit:
    """Whether a cell's outputs belong to its family, and with which coefficients.

    residuals: for each output that was fitted, what is left at worst. gates: name -> one row per hidden unit,
    columns as in `columns[name]`: ("x", ..., "h", ..., "1"). effects: same shapes, the coefficients times the mean
    steepness of the squashing behind them, so that a weight within a saturated gate counts as little as it does.
    """

    residuals: dict[str, float]
    gates: dict[str, Array]
    effects: dict[str, Array]
    columns: dict[str, tuple[str, ...]]
    convention: str = ""

    @property
    def residual(self) -> float:
        return max(self.residuals.values())

    @property
    def fits(self) -> bool:
        return self.residual <= TOLERANCE


@dataclass(frozen=True)
class LSTMReading:
    """An LSTM's outputs taken apart, all without a fit, (points, hidden).

    added: cy at c = 0; kept: the slope of cy in c; bend: how far cy is at worst from a straight line in c.
    """

    added: Array
    kept: Array
    bend: float


def read_lstm(questions: Questions, cy: NDArray) -> LSTMReading:
    """Take the new cell state (n, hidden) at the `lstm_questions` apart: cy = kept * c + added."""
    assert questions.c is not None
    zero, up, down = np.split(cy.astype(np.float64), 3)
    _, c_up, c_down = np.split(questions.c.astype(np.float64), 3)
    kept = (up - down) / (c_up - c_down)
    return LSTMReading(zero, kept, float(np.max(np.abs(up - kept * c_up - zero))))


LSTM_ADDED = Family("i * g", {"i": "xh1", "g": "xh1"}, lambda t, _: [sigmoid(t["i"]) * tanh(t["g"])])


def fit_lstm(questions: Questions, hy: NDArray, cy: NDArray, rng: np.random.Generator) -> CellFit:
    """Fit an LSTM cell's outputs (n, hidden) at `lstm_questions`; all values must be finite.

    residuals: "straight" (cy against a straight line in c), "forget" (the slope of that line), "added" (i * g) and
    "output" (hy, given cy).
    """
    features = questions.features()
    reading = read_lstm(questions, cy)
    n, hidden = reading.kept.shape
    points, units = features["xh1"][:n], range(hidden)
    squashed = np.tanh(cy.astype(np.float64))

    forget = [_fit_gate("f", points, reading.kept[:, j], np.ones(n)) for j in units]
    output = [_fit_gate("o", features["xh1"], hy[:, j].astype(np.float64), squashed[:, j]) for j in units]
    added: list[Fit] = []
    for j in units:
        added.append(fit(LSTM_ADDED, {"xh1": points}, [reading.added[:, j]], rng))
        if not added[-1].fits:
            # One unit outside the family is enough, and the others would search as long in vain.
            added += [added[-1]] * (hidden - len(added))
            break

    fits = {"forget": forget, "added": added, "output": output}
    residuals: dict[str, float] = {"straight": reading.bend}
    residuals |= {name: max(one.residual for one in of) for name, of in fits.items()}
    if np.max(np.abs(reading.kept)) <= TOLERANCE:
        # A forget gate that is always shut would fit as a limit of the family, but then c has no part in the cell.
        residuals["forget"] = 1.0
    sources = {"f": forget, "i": added, "g": added, "o": output}
    gates = {gate: np.array([one.coefficients[gate] for one in of]) for gate, of in sources.items()}
    steepness = {"f": logistic_slope, "i": logistic_slope, "g": tanh_slope, "o": logistic_slope}
    effects = {g: rows * steepness[g](points @ rows.T).mean(axis=0)[:, None] for g, rows in gates.items()}
    return CellFit(residuals, gates, effects, dict.fromkeys(gates, _columns(questions, "xh1")))


def logistic_slope(u: Array) -> Array:
    s = logistic(u)
    return np.asarray(s * (1.0 - s))


def tanh_slope(u: Array) -> Array:
    return np.asarray(1.0 - np.tanh(u) ** 2)


def _fit_gate(gate: str, points: Array, product: Array, factor: Array) -> Fit:
    """Fit product = sigmoid(points @ w) * factor for a known factor by linear regression of the logit.

    Each row weighs as much as its logit is certain: rounding errors are alike in the product, not in the logit.
    """
    usable = np.abs(factor) > 0.05
    value = np.clip(product[usable] / factor[usable], 1e-6, 1.0 - 1e-6)
    weight = value * (1.0 - value) * np.abs(factor[usable])
    logit = np.log(value) - np.log1p(-value)
    w: Array = np.linalg.lstsq(points[usable] * weight[:, None], logit * weight, rcond=None)[0].astype(np.float64)
    return Fit(float(np.max(np.abs(logistic(points @ w) * factor - product))), {gate: w})


def _columns(questions: Questions, name: str) -> tuple[str, ...]:
    x = ("x",) * questions.x.shape[1] if "x" in name else ()
    h = ("h",) * questions.h.shape[1] if "h" in name else ()
    return x + h + ("1",)


# --------------------------------------------------------------------------------------------------------------
# GRU

AFTER, BEFORE = "after", "before"
"""Where a GRU's reset gate multiplies: after the product with the hidden weights, or before it."""

GRU_UNIT = Family(
    "one unit of a GRU, reset after the product",
    {"z": "xh1", "r": "xh1", "a": "x1", "b": "h1"},
    lambda t, given: [_mix(sigmoid(t["z"]), tanh(t["a"] + sigmoid(t["r"]) * t["b"]), given["own"])],
)


def _mix(z: Dual, n: Dual, h: Array) -> Dual:
    return n + z * (h - n)


def gru_reset_before(hidden_size: int) -> Family:
    """All units together: each candidate depends on every reset gate."""
    units = range(hidden_size)
    terms = {f"{term}{j}": of for term, of in (("z", "xh1"), ("r", "xh1"), ("a", "x1")) for j in units}
    terms |= {f"b{j},{k}": "1" for j in units for k in units}

    def formula(t: Mapping[str, Dual], given: Mapping[str, Array]) -> list[Dual]:
        h = given["h"].T
        reset = [sigmoid(t[f"r{k}"]) * h[k] for k in units]
        outputs = []
        for j in units:
            inner = t[f"a{j}"]
            for k in units:
                inner = inner + t[f"b{j},{k}"] * reset[k]
            outputs.append(_mix(sigmoid(t[f"z{j}"]), tanh(inner), h[j]))
        return outputs

    return Family("a GRU, reset before the product", terms, formula)


def fit_gru(questions: Questions, hy: NDArray, rng: np.random.Generator) -> CellFit:
    """Fit a GRU cell's output (n, hidden) at `gru_questions`, with either place of the reset gate; finite values.

    The gates found are "z", "r" (columns x, h, 1), "a" (x, 1) and "b" (h, 1) in n = tanh(a + r * b); with reset before
    the product b has no bias and its last column is zero. At hidden size 1 the convention is called "after".
    """
    features, targets = questions.features(), list(hy.astype(np.float64).T)
    hidden = len(targets)
    best = CellFit({"hy": np.inf}, {}, {}, {})
    if hidden == 1:
        unit = fit(GRU_UNIT, features | {"own": features["h"][:, 0]}, targets, rng)
        gates = {name: w[None, :] for name, w in unit.coefficients.items()}
        return _gru_fit(questions, features, unit.residual, gates, AFTER)
    # In turns, so that neither convention has to wait until the other has failed from all starts.
    for starts in LARGER_STARTS:
        for place, attempt in ((AFTER, _fit_after), (BEFORE, _fit_before)):
            residual, gates = attempt(features, targets, starts, rng)
            if residual < best.residual:
                best = _gru_fit(questions, features, residual, gates, place)
            if best.fits:
                return best
    return best


def _fit_after(
    features: dict[str, Array], targets: list[Array], starts: int, rng: np.random.Generator
) -> tuple[float, dict[str, Array]]:
    worst, rows = 0.0, []
    for j, target in enumerate(targets):
        own = features | {"own": features["h"][:, j]}
        # Once the first unit fits, the others most likely do: they may search longer.
        rounds = 1 if j == 0 else len(LARGER_STARTS)
        unit = fit(GRU_UNIT, own, [target], rng, starts=[starts] * rounds, iterations=LARGER_ITERATIONS)
        worst = max(worst, unit.residual)
        rows.append(unit.coefficients)
        if not unit.fits:
            break
    rows += [rows[-1]] * (len(targets) - len(rows))
    return worst, {name: np.array([row[name] for row in rows]) for name in GRU_UNIT.terms}


def _fit_before(
    features: dict[str, Array], targets: list[Array], starts: int, rng: np.random.Generator
) -> tuple[float, dict[str, Array]]:
    units = range(len(targets))
    family = gru_reset_before(len(targets))
    whole = fit(family, features, targets, rng, starts=[starts], iterations=LARGER_ITERATIONS)
    found = whole.coefficients
    gates = {name: np.array([found[f"{name}{j}"] for j in units]) for name in ("z", "r", "a")}
    # The bias of b is none of its own here: it is a's.
    gates["b"] = np.array([[*(found[f"b{j},{k}"][0] for k in units), 0.0] for j in units])
    return whole.residual, gates


def _gru_fit(
    questions: Questions, features: dict[str, Array], residual: float, gates: dict[str, Array], place: str
) -> CellFit:
    points = features["xh1"]
    reach = np.abs(features["h1"] @ gates["b"].T).mean(axis=0)
    if place == BEFORE:
        reach = np.abs(features["h"]).mean(axis=0) * np.abs(gates["b"]).max(axis=0)[:-1]
    effects = {
        "z": gates["z"] * logistic_slope(points @ gates["z"].T).mean(axis=0)[:, None],
        "r": gates["r"] * (logistic_slope(points @ gates["r"].T).mean(axis=0) * reach)[:, None],
        "a": gates["a"],
        "b": gates["b"],
    }
    names = {"z": "xh1", "r": "xh1", "a": "x1", "b": "h1"}
    columns = {gate: _columns(questions, of) for gate, of in names.items()}
    return CellFit({"hy": residual}, gates, effects, columns, place)


# --------------------------------------------------------------------------------------------------------------
# What the coefficients of several draws of the parameters tell

DEAD = 5e-3
"""A weight whose effect is below this in every draw is missing. Right cells have 0.03 and more: see the tests."""

SHARED = 1e-3
"""Weights that agree, up to their sign, to within this in every draw are one and the same parameter."""


@dataclass(frozen=True)
class Weights:
    """The weights of one gate and unit on one operand: "x", "h" or "1" (the bias)."""

    gate: str
    unit: int
    operand: str


def parts(one: CellFit, which: str = "gates") -> dict[Weights, Array]:
    """The coefficients (or the effects) of a fit, by gate, unit and operand."""
    found = {}
    for gate, rows in getattr(one, which).items():
        operands = np.array(one.columns[gate])
        for unit, row in enumerate(rows):
            for operand in dict.fromkeys(one.columns[gate]):
                found[Weights(gate, unit, operand)] = row[operands == operand]
    return found


def dead(fits: Sequence[CellFit]) -> list[Weights]:
    """Weights of which at least one has no effect in any of the fits of a cell with different parameters.

    A GRU's candidate may have its bias on either side of the reset gate: it is reported as missing from "a" if on both.
    """
    without = _without_effect(fits)
    either = {key for key in without if key.operand == "1" and key.gate in ("a", "b")}
    both = {key for key in either if key.gate == "a" and Weights("b", key.unit, "1") in either}
    return [key for key in without if key not in either or key in both]


def _without_effect(fits: Sequence[CellFit]) -> list[Weights]:
    effects = [parts(one, "effects") for one in fits]
    return [key for key in effects[0] if np.any(np.max([np.abs(e[key]) for e in effects], axis=0) < DEAD)]


def shared(fits: Sequence[CellFit]) -> list[tuple[Weights, Weights]]:
    """Pairs of gates or units whose weights on one operand are equal, or opposite, in all fits."""
    drawn = [parts(one) for one in fits]
    missing = set(_without_effect(fits))
    keys = [key for key in drawn[0] if key not in missing]
    pairs = [(a, b) for i, a in enumerate(keys) for b in keys[i + 1 :] if a.operand == b.operand]
    return [(a, b) for a, b in pairs if all(_same(d[a], d[b]) for d in drawn)]


def unmoved(fits: Sequence[CellFit]) -> list[Weights]:
    """Weights that did not change although every parameter was set anew: they are not among the parameters."""
    first, missing = parts(fits[0]), set(_without_effect(fits))
    others = [parts(one) for one in fits[1:]]
    return [key for key in first if key not in missing and all(_same(first[key], o[key]) for o in others)]


def _same(a: Array, b: Array) -> bool:
    return bool(np.all(np.abs(a - b) < SHARED) or np.all(np.abs(a + b) < SHARED))
