"""The fits that decide whether a function is a right cell: no right one rejected, no wrong one accepted.

Cells are written in numpy and float32 here, vectorised over the points of a question.
"""

from collections.abc import Callable

import numpy as np
import pytest

from autograder.recurrence import (
    AFTER,
    BEFORE,
    DEAD,
    TOLERANCE,
    CellFit,
    Weights,
    dead,
    draw_parameters,
    fit_gru,
    fit_lstm,
    gru_questions,
    lstm_questions,
    shared,
    unmoved,
)

RIGHT = TOLERANCE / 10
"""Right cells leave at most this: float32 rounding, with a decade to spare below the tolerance."""

WRONG = TOLERANCE * 10
"""Wrong recurrences leave at least this."""

f32 = np.float32


def sigmoid(u):
    return f32(1) / (f32(1) + np.exp(-u))


def relu(u):
    return np.maximum(u, f32(0))


def hard_sigmoid(u):
    return np.clip(u / f32(6) + f32(0.5), f32(0), f32(1))


def affines(p: dict, x, h, gates: int) -> tuple[list, list]:
    """Each gate's part from x and its part from h, with the biases there are."""
    hidden = h.shape[1]
    from_x = x @ p["wx"] + p.get("bx", f32(0))
    from_h = h @ p["wh"] + p.get("bh", f32(0))
    return np.split(from_x, gates, axis=1), [from_h[:, k * hidden : (k + 1) * hidden] for k in range(gates)]


def parameters(gates: int, input_size: int, hidden_size: int, biases: int, rng) -> dict:
    like = {
        "wx": np.zeros((input_size, gates * hidden_size), f32),
        "wh": np.zeros((hidden_size, gates * hidden_size), f32),
    }
    like |= {name: np.zeros(gates * hidden_size, f32) for name in ("bx", "bh")[:biases]}
    return draw_parameters(like, input_size, hidden_size, rng)


# --------------------------------------------------------------------------------------------------------------
# Right cells


def lstm(p, x, h, c):
    i, f, g, o = (a + b for a, b in zip(*affines(p, x, h, 4), strict=True))
    cy = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(cy), cy


def gru(p, x, h, *, place=AFTER, keeps=True):
    (ax, zx, rx), (ah, zh, rh) = affines(p, x, h, 3)
    z, r = sigmoid(zx + zh), sigmoid(rx + rh)
    if place == AFTER:
        n = np.tanh(ax + r * ah)
    else:
        hidden = h.shape[1]
        n = np.tanh(ax + (r * h) @ p["wh"][:, :hidden] + p.get("bh", np.zeros(hidden, f32))[:hidden])
    return (1 - z) * n + z * h if keeps else z * n + (1 - z) * h


def fit_right_lstm(input_size: int, hidden_size: int, biases: int, rng) -> CellFit:
    questions = lstm_questions(input_size, hidden_size, rng)
    hy, cy = lstm(parameters(4, input_size, hidden_size, biases, rng), questions.x, questions.h, questions.c)
    assert hy.dtype == cy.dtype == f32
    return fit_lstm(questions, hy, cy, rng)


def fit_right_gru(input_size: int, hidden_size: int, biases: int, place: str, keeps: bool, rng) -> CellFit:
    questions = gru_questions(input_size, hidden_size, rng)
    p = parameters(3, input_size, hidden_size, biases, rng)
    hy = gru(p, questions.x, questions.h, place=place, keeps=keeps)
    assert hy.dtype == f32
    return fit_gru(questions, hy, rng)


@pytest.mark.slow
def test_no_right_lstm_of_a_thousand_is_rejected():
    rng = np.random.default_rng(1)
    residuals = [fit_right_lstm(1, 1, k % 3, rng).residual for k in range(1000)]
    assert max(residuals) < RIGHT


@pytest.mark.slow
@pytest.mark.parametrize("half", [0, 1])
def test_no_right_gru_of_a_thousand_is_rejected(half):
    rng = np.random.default_rng(2 + half)
    residuals = [
        fit_right_gru(1, 1, k % 3, (AFTER, BEFORE)[k // 3 % 2], bool(k // 6 % 2), rng).residual for k in range(500)
    ]
    assert max(residuals) < RIGHT


@pytest.mark.parametrize("sizes", [(3, 2), (2, 5), (1, 4), (6, 1)])
def test_larger_lstm_cells_fit(sizes):
    rng = np.random.default_rng(4)
    for k in range(12):
        found = fit_right_lstm(*sizes, k % 3, rng)
        assert found.residual < RIGHT
        assert not [key for key in dead([found]) if key.operand != "1"]


@pytest.mark.parametrize("place", [AFTER, BEFORE])
@pytest.mark.parametrize("sizes", [(3, 2), (2, 3), (1, 2)])
def test_larger_gru_cells_fit_and_tell_where_the_reset_gate_is(sizes, place):
    rng = np.random.default_rng(5)
    for k in range(8):
        found = fit_right_gru(*sizes, k % 3, place, bool(k % 2), rng)
        assert found.residual < RIGHT
        assert found.convention == place
        assert not [key for key in dead([found]) if key.operand != "1"]


def test_the_coefficients_found_are_the_ones_that_were_set():
    rng = np.random.default_rng(6)
    p = parameters(4, 3, 2, 2, rng)
    questions = lstm_questions(3, 2, rng)
    found = fit_lstm(questions, *lstm(p, questions.x, questions.h, questions.c), rng)
    for k, gate in enumerate("ifgo"):
        columns = slice(2 * k, 2 * k + 2)
        expected = np.vstack([p["wx"][:, columns], p["wh"][:, columns], (p["bx"] + p["bh"])[columns]]).T
        np.testing.assert_allclose(found.gates[gate], expected, atol=1e-4)


def fits_of(cell: Callable, gates: int, biases: int, rng, sizes=(1, 1), draws: int = 4) -> list[CellFit]:
    """Fits of one cell with several draws of its parameters."""
    fits = []
    for _ in range(draws):
        p = parameters(gates, *sizes, biases, rng)
        if gates == 4:
            questions = lstm_questions(*sizes, rng)
            fits.append(fit_lstm(questions, *cell(p, questions.x, questions.h, questions.c), rng))
        else:
            questions = gru_questions(*sizes, rng)
            fits.append(fit_gru(questions, cell(p, questions.x, questions.h), rng))
    return fits


@pytest.mark.parametrize(("cell", "gates"), [(lstm, 4), (gru, 3)])
def test_all_gates_of_right_cells_are_live_and_independent(cell, gates):
    rng = np.random.default_rng(7)
    for biases in (1, 2):
        for _ in range(25):
            fits = fits_of(cell, gates, biases, rng)
            assert (dead(fits), shared(fits), unmoved(fits)) == ([], [], [])


def test_one_bias_within_the_reset_gate_is_a_bias_of_the_candidate():
    rng = np.random.default_rng(8)

    def cell(p, x, h):
        return gru(p | {"bx": np.r_[f32(0), p["bx"][1:]]}, x, h)

    assert dead(fits_of(cell, 3, 2, rng)) == []


@pytest.mark.parametrize(("cell", "gates"), [(lstm, 4), (gru, 3)])
def test_without_biases_none_is_found(cell, gates):
    rng = np.random.default_rng(9)
    for found in fits_of(cell, gates, 0, rng, draws=25):
        assert max(np.max(np.abs(rows[:, -1])) for rows in found.gates.values()) < 5e-4


def test_weights_that_do_not_change_with_the_parameters_are_found():
    rng = np.random.default_rng(10)
    own = parameters(4, 1, 1, 2, rng)
    fits = fits_of(lambda p, x, h, c: lstm({**p, "wh": own["wh"]}, x, h, c), 4, 2, rng)
    assert {key.operand for key in unmoved(fits)} == {"h"}
    assert len(unmoved(fits)) == 4


# --------------------------------------------------------------------------------------------------------------
# Wrong recurrences: the values do not fit


def wrong_lstm(cell_state: Callable, hidden_state: Callable | None = None) -> Callable:
    """A cell of formulas in the affines i, f, g, o (not squashed yet), h and c."""

    def cell(p, x, h, c):
        i, f, g, o = (a + b for a, b in zip(*affines(p, x, h, 4), strict=True))
        cy = cell_state(i, f, g, o, h, c)
        hy = hidden_state(i, f, g, o, h, c, cy) if hidden_state else sigmoid(o) * np.tanh(cy)
        return hy, cy

    return cell


def right_cell_state(i, f, g, o, h, c):
    return sigmoid(f) * c + sigmoid(i) * np.tanh(g)


WRONG_LSTM = {
    "forget gate on h": wrong_lstm(lambda i, f, g, o, h, c: sigmoid(f) * h + sigmoid(i) * np.tanh(g)),
    "candidate squashed by the sigmoid": wrong_lstm(lambda i, f, g, o, h, c: sigmoid(f) * c + sigmoid(i) * sigmoid(g)),
    "candidate squashed by relu": wrong_lstm(lambda i, f, g, o, h, c: sigmoid(f) * c + sigmoid(i) * relu(g)),
    "candidate not squashed": wrong_lstm(lambda i, f, g, o, h, c: sigmoid(f) * c + sigmoid(i) * g),
    "candidate softsign": wrong_lstm(lambda i, f, g, o, h, c: sigmoid(f) * c + sigmoid(i) * g / (1 + np.abs(g))),
    "forget gate tanh": wrong_lstm(lambda i, f, g, o, h, c: np.tanh(f) * c + sigmoid(i) * np.tanh(g)),
    "forget gate hard sigmoid": wrong_lstm(lambda i, f, g, o, h, c: hard_sigmoid(f) * c + sigmoid(i) * np.tanh(g)),
    "forget gate squared": wrong_lstm(lambda i, f, g, o, h, c: sigmoid(f) ** 2 * c + sigmoid(i) * np.tanh(g)),
    "input gate tanh": wrong_lstm(lambda i, f, g, o, h, c: sigmoid(f) * c + np.tanh(i) * np.tanh(g)),
    "input gate relu": wrong_lstm(lambda i, f, g, o, h, c: sigmoid(f) * c + relu(i) * np.tanh(g)),
    "input gate added": wrong_lstm(lambda i, f, g, o, h, c: sigmoid(f) * c + sigmoid(i) + np.tanh(g)),
    "h for the candidate": wrong_lstm(lambda i, f, g, o, h, c: sigmoid(f) * c + sigmoid(i) * h),
    "tanh of the cell state": wrong_lstm(lambda i, f, g, o, h, c: np.tanh(sigmoid(f) * c + sigmoid(i) * np.tanh(g))),
    "gates see c": wrong_lstm(lambda i, f, g, o, h, c: sigmoid(f + f32(0.2) * c) * c + sigmoid(i) * np.tanh(g)),
    "no old cell state": wrong_lstm(lambda i, f, g, o, h, c: sigmoid(i) * np.tanh(g) + f32(0.5) * h),
    "no tanh on the output": wrong_lstm(right_cell_state, lambda i, f, g, o, h, c, cy: sigmoid(o) * cy),
    "output of the old cell state": wrong_lstm(right_cell_state, lambda i, f, g, o, h, c, cy: sigmoid(o) * np.tanh(c)),
    "output of the candidate": wrong_lstm(right_cell_state, lambda i, f, g, o, h, c, cy: sigmoid(o) * np.tanh(g)),
    "output gate tanh": wrong_lstm(right_cell_state, lambda i, f, g, o, h, c, cy: np.tanh(o) * np.tanh(cy)),
    "output gate sees cy": wrong_lstm(
        right_cell_state, lambda i, f, g, o, h, c, cy: sigmoid(o + f32(0.2) * cy) * np.tanh(cy)
    ),
    "output gate inside tanh": wrong_lstm(right_cell_state, lambda i, f, g, o, h, c, cy: np.tanh(sigmoid(o) * cy)),
    "sigmoid on the output": wrong_lstm(right_cell_state, lambda i, f, g, o, h, c, cy: sigmoid(o) * sigmoid(cy)),
    "same state twice": wrong_lstm(right_cell_state, lambda i, f, g, o, h, c, cy: cy),
    "states returned in the other order": lambda p, x, h, c: lstm(p, x, h, c)[::-1],
    "states taken in the other order": lambda p, x, h, c: lstm(p, x, c, h),
}


def wrong_gru(formula: Callable) -> Callable:
    """A cell of a formula in the affines z and r, the candidate's parts a of x and b of h, and h."""

    def cell(p, x, h):
        (a, zx, rx), (b, zh, rh) = affines(p, x, h, 3)
        return formula(zx + zh, rx + rh, a, b, h)

    return cell


def mix(z, n, h):
    return (1 - z) * n + z * h


WRONG_GRU = {
    "candidate squashed by the sigmoid": lambda z, r, a, b, h: mix(sigmoid(z), sigmoid(a + sigmoid(r) * b), h),
    "candidate squashed by relu": lambda z, r, a, b, h: mix(sigmoid(z), relu(a + sigmoid(r) * b), h),
    "candidate not squashed": lambda z, r, a, b, h: mix(sigmoid(z), a + sigmoid(r) * b, h),
    "reset gate tanh": lambda z, r, a, b, h: mix(sigmoid(z), np.tanh(a + np.tanh(r) * b), h),
    "reset gate without sigmoid": lambda z, r, a, b, h: mix(sigmoid(z), np.tanh(a + r * b), h),
    "reset gate squared": lambda z, r, a, b, h: mix(sigmoid(z), np.tanh(a + sigmoid(r) ** 2 * b), h),
    "update gate tanh": lambda z, r, a, b, h: mix(np.tanh(z), np.tanh(a + sigmoid(r) * b), h),
    "update gate without sigmoid": lambda z, r, a, b, h: mix(z, np.tanh(a + sigmoid(r) * b), h),
    "update gate hard sigmoid": lambda z, r, a, b, h: mix(hard_sigmoid(z), np.tanh(a + sigmoid(r) * b), h),
    "shares do not add up": lambda z, r, a, b, h: sigmoid(z) * (np.tanh(a + sigmoid(r) * b) + h),
    "shares from two gates": lambda z, r, a, b, h: sigmoid(z) * np.tanh(a + sigmoid(r) * b) + sigmoid(r) * h,
    "update gate on the candidate only": lambda z, r, a, b, h: sigmoid(z) * np.tanh(a + sigmoid(r) * b) + h,
    "update gate on the state only": lambda z, r, a, b, h: np.tanh(a + sigmoid(r) * b) + sigmoid(z) * h,
    "no old state": lambda z, r, a, b, h: sigmoid(z) * np.tanh(a + sigmoid(r) * b),
    "wrong sign of the step": lambda z, r, a, b, h: h + sigmoid(z) * (h - np.tanh(a + sigmoid(r) * b)),
    "reset outside the tanh": lambda z, r, a, b, h: mix(sigmoid(z), sigmoid(r) * np.tanh(a + b), h),
    "reset on the input": lambda z, r, a, b, h: mix(sigmoid(z), np.tanh(sigmoid(r) * a + b), h),
    "reset on input and state": lambda z, r, a, b, h: mix(sigmoid(z), np.tanh(sigmoid(r) * (a + b)), h),
    "reset state carried on": lambda z, r, a, b, h: mix(sigmoid(z), np.tanh(a + sigmoid(r) * b), sigmoid(r) * h),
    "reset state added": lambda z, r, a, b, h: mix(sigmoid(z), np.tanh(a + b + sigmoid(r) * h), h),
    "tanh of the new state": lambda z, r, a, b, h: np.tanh(mix(sigmoid(z), np.tanh(a + sigmoid(r) * b), h)),
    "sigmoid of the mixture": lambda z, r, a, b, h: sigmoid(mix(sigmoid(z), np.tanh(a + sigmoid(r) * b), h)),
}


@pytest.mark.parametrize("name", WRONG_LSTM)
def test_wrong_lstm_does_not_fit(name):
    rng = np.random.default_rng(11)
    for found in fits_of(WRONG_LSTM[name], 4, 2, rng, draws=3):
        assert found.residual > WRONG


@pytest.mark.parametrize("name", WRONG_GRU)
def test_wrong_gru_does_not_fit(name):
    rng = np.random.default_rng(12)
    for found in fits_of(wrong_gru(WRONG_GRU[name]), 3, 2, rng, draws=2):
        assert found.residual > WRONG


# --------------------------------------------------------------------------------------------------------------
# Wrong cells whose values fit, with gates that are dead or not independent


@pytest.mark.parametrize(
    ("gate", "cell"),
    [
        ("f", wrong_lstm(lambda i, f, g, o, h, c: c + sigmoid(i) * np.tanh(g))),
        ("i", wrong_lstm(lambda i, f, g, o, h, c: sigmoid(f) * c + np.tanh(g))),
        ("o", wrong_lstm(right_cell_state, lambda i, f, g, o, h, c, cy: np.tanh(cy))),
        ("f", wrong_lstm(lambda i, f, g, o, h, c: f32(0.5) * c + sigmoid(i) * np.tanh(g))),
    ],
)
def test_missing_gate_of_an_lstm_is_dead(gate, cell):
    fits = fits_of(cell, 4, 2, np.random.default_rng(13))
    assert {(key.gate, key.operand) for key in dead(fits)} >= {(gate, "x"), (gate, "h")}
    assert {key.gate for key in dead(fits)} == {gate}


@pytest.mark.parametrize(
    ("gate", "formula"),
    [
        ("r", lambda z, r, a, b, h: mix(sigmoid(z), np.tanh(a + b), h)),
        ("z", lambda z, r, a, b, h: np.tanh(a + sigmoid(r) * b)),
        ("z", lambda z, r, a, b, h: mix(f32(0.5), np.tanh(a + sigmoid(r) * b), h)),
    ],
)
def test_missing_gate_of_a_gru_is_dead(gate, formula):
    fits = fits_of(wrong_gru(formula), 3, 2, np.random.default_rng(14))
    assert {(key.gate, key.operand) for key in dead(fits)} >= {(gate, "x"), (gate, "h")}


def test_weights_left_out_are_dead():
    rng = np.random.default_rng(15)
    without_h = fits_of(lambda p, x, h, c: lstm({**p, "wh": p["wh"] * f32([1, 0, 1, 1])}, x, h, c), 4, 2, rng)
    assert dead(without_h) == [Weights("f", 0, "h")]
    without_bias = fits_of(lambda p, x, h: gru({**p, "bx": p["bx"] * f32([0, 1, 1])}, x, h, place=AFTER), 3, 1, rng)
    assert dead(without_bias) == [Weights("a", 0, "1")]


@pytest.mark.parametrize(
    "cell",
    [
        wrong_lstm(lambda i, f, g, o, h, c: sigmoid(f) * c + (1 - sigmoid(f)) * np.tanh(g)),
        wrong_lstm(lambda i, f, g, o, h, c: sigmoid(f) * c + sigmoid(f) * np.tanh(g)),
        wrong_lstm(right_cell_state, lambda i, f, g, o, h, c, cy: sigmoid(i) * np.tanh(cy)),
        wrong_lstm(lambda i, f, g, o, h, c: sigmoid(f) * c + sigmoid(g) * np.tanh(g)),
    ],
)
def test_gates_of_an_lstm_that_share_weights_are_found(cell):
    fits = fits_of(cell, 4, 2, np.random.default_rng(16))
    assert dead(fits) == []
    assert {a.operand for a, _ in shared(fits)} == {"x", "h", "1"}


def test_gates_of_a_gru_that_share_weights_are_found():
    for formula in (
        lambda z, r, a, b, h: mix(sigmoid(z), np.tanh(a + sigmoid(z) * b), h),
        lambda z, r, a, b, h: mix(sigmoid(z), np.tanh(a + (1 - sigmoid(z)) * b), h),
    ):
        fits = fits_of(wrong_gru(formula), 3, 2, np.random.default_rng(17))
        assert {a.operand for a, _ in shared(fits)} == {"x", "h", "1"}


# --------------------------------------------------------------------------------------------------------------
# Wrong only with several units


def diagonal(p: dict, gates: int, hidden: int) -> dict:
    return {**p, "wh": p["wh"] * np.tile(np.eye(hidden, dtype=f32), gates)}


def test_elementwise_hidden_weights_are_dead():
    rng = np.random.default_rng(18)
    of_lstm = fits_of(lambda p, x, h, c: lstm(diagonal(p, 4, 2), x, h, c), 4, 2, rng, sizes=(3, 2), draws=2)
    of_gru = fits_of(lambda p, x, h: gru(diagonal(p, 3, 2), x, h), 3, 2, rng, sizes=(3, 2), draws=2)
    for fits, expected in ((of_lstm, 8), (of_gru, 6)):
        assert all(one.fits for one in fits)
        assert len([key for key in dead(fits) if key.operand == "h"]) == expected


def test_slices_of_gates_that_overlap_share_weights():
    def cell(p, x, h, c):
        overlapping = [0, 1, 1, 2, 4, 5, 6, 7]
        return lstm({name: value[..., overlapping] for name, value in p.items()}, x, h, c)

    fits = fits_of(cell, 4, 2, np.random.default_rng(19), sizes=(3, 2), draws=2)
    assert (Weights("i", 1, "x"), Weights("f", 0, "x")) in [
        tuple(sorted(p, key=lambda w: "ifgo".index(w.gate))) for p in shared(fits)
    ]


def half_before(p, x, h):
    after, before = gru(p, x, h, place=AFTER), gru(p, x, h, place=BEFORE)
    return np.column_stack([after[:, 0], before[:, 1]])


def units_exchanged(p, x, h):
    (ax, zx, rx), (ah, zh, rh) = affines(p, x, h, 3)
    z = sigmoid(zx + zh)
    return mix(z, np.tanh(ax + sigmoid(rx + rh) * ah), h[:, ::-1])


def softmax_over_units(p, x, h):
    (ax, zx, rx), (ah, zh, rh) = affines(p, x, h, 3)
    z = np.exp(zx + zh)
    return mix(z / z.sum(axis=1, keepdims=True) * f32(0.9), np.tanh(ax + sigmoid(rx + rh) * ah), h)


def rows_mixed(p, x, h):
    return gru(p, x, h) + f32(1e-2) * gru(p, x, h).mean(axis=0)


@pytest.mark.parametrize("cell", [half_before, units_exchanged, softmax_over_units, rows_mixed])
def test_gru_wrong_with_several_units_does_not_fit(cell):
    (found,) = fits_of(cell, 3, 2, np.random.default_rng(20), sizes=(3, 2), draws=1)
    assert found.residual > WRONG


def test_lstm_with_rows_or_units_mixed_up_does_not_fit():
    def reshaped(p, x, h, c):
        hy, cy = lstm(p, x, h, c)
        return hy, cy.T.reshape(cy.shape)

    def units(p, x, h, c):
        return lstm(p, x, h, c[:, ::-1])

    for cell in (reshaped, units):
        (found,) = fits_of(cell, 4, 2, np.random.default_rng(21), sizes=(3, 2), draws=1)
        assert found.residual > WRONG


def test_effects_of_right_cells_are_far_above_what_counts_as_dead():
    rng = np.random.default_rng(22)
    smallest = min(
        np.min(np.abs(rows if gate != "b" else rows[:, :-1]))
        for cell, gates in ((lstm, 4), (gru, 3))
        for one in fits_of(cell, gates, 2, rng, draws=50)
        for gate, rows in one.effects.items()
    )
    assert smallest > 3 * DEAD
