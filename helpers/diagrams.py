"""Pictures of ideas: what the notebooks about theory show where a student would rather look than read.

Each function returns a matplotlib figure. Pictures of data and results are in `helpers.plots`, whose style this uses.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from helpers.plots import COLOURS, LINES, _arrow, _box, _figure, _legend_beside

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def unrolled_network(steps: int = 4) -> "Figure":
    """A recurrent layer written out over its steps: inputs below, states in a row, outputs above."""
    with _figure(2.0 * steps + 3, 3.6) as (figure, axes):
        _box(axes, -0.1, 1, "$h_0$", "dimgrey")
        for step in range(1, steps + 1):
            _box(axes, step, 0, f"$x_{step}$", COLOURS[0], filled=True)
            _box(axes, step, 1, f"$h_{step}$", "black")
            _box(axes, step, 2, f"$y_{step}$", COLOURS[1], filled=True)
            _arrow(axes, (step, 0.26), (step, 0.74), "black")
            _arrow(axes, (step, 1.26), (step, 1.74), "black")
            start = 0.22 if step == 1 else step - 0.68
            _arrow(axes, (start, 1), (step - 0.32, 1), "black")
        axes.set(xlim=(-0.6, steps + 0.6), ylim=(-0.4, 2.4))
        axes.set_axis_off()
    return figure


def activation_slopes() -> "Figure":
    """tanh and σ on the left, their slopes on the right: what a gradient is multiplied by on its way back."""
    a = np.linspace(-6, 6, 241)
    sigma = 1 / (1 + np.exp(-a))
    curves = {"tanh": (np.tanh(a), 1 - np.tanh(a) ** 2), "σ": (sigma, sigma * (1 - sigma))}
    with _figure(11.5, 3.6, columns=2) as (figure, panels):
        for number, (name, values) in enumerate(curves.items()):
            for axes, curve in zip(panels, values, strict=True):
                axes.plot(a, curve, LINES[number], color=COLOURS[number], label=name)
        panels[0].set(xlabel="sum that goes in", ylabel="value", title="function")
        panels[1].set(xlabel="sum that goes in", ylabel="slope", title="its slope")
        _legend_beside(panels[1])
    return figure


def decay_over_steps(forget: Sequence[float], steps: int) -> "Figure":
    """What is left of a cell state after steps on which nothing is written, for fixed values of the forget gate."""
    at = np.arange(steps + 1)
    with _figure(9, 3.8) as (figure, axes):
        for number, f in enumerate(forget):
            axes.plot(at, f**at, LINES[number % len(LINES)], color=COLOURS[number], label=f"$f$ = {f:g}")
        axes.set(xlabel="steps", ylabel="share of $c$ that is left", title="A cell state, nothing written")
        _legend_beside(axes)
    return figure


def mixed_state(update: Sequence[float], steps: int) -> "Figure":
    """How the state of a GRU unit goes from 0 to a candidate that stays at 1, for fixed values of the update gate."""
    at = np.arange(steps + 1)
    with _figure(9, 3.8) as (figure, axes):
        for number, z in enumerate(update):
            axes.plot(at, 1 - z**at, LINES[number % len(LINES)], color=COLOURS[number], label=f"$z$ = {z:g}")
        axes.set(xlabel="steps", ylabel="state $h$", title="A state that follows the candidate $n = 1$")
        _legend_beside(axes)
    return figure


def joined_steps(steps: int = 8) -> "Figure":
    """Steps that are joined in rounds: each with what lies 1, 2, 4, ... places before, until all reach the first.

    steps: a power of two. The interval in a box names the steps that are joined in it.
    """
    rounds = steps.bit_length() - 1
    if 2**rounds != steps:
        raise ValueError(f"steps should be a power of two, not {steps}")
    with _figure(1.45 * steps + 2, 1.3 * rounds + 1.6) as (figure, axes):
        for level in range(rounds + 1):
            for step in range(1, steps + 1):
                first = max(1, step - 2**level + 1)
                done = first == 1
                text = f"{step}" if first == step else f"{first} to {step}"
                _box(axes, step, level, text, COLOURS[2] if done else "dimgrey", filled=done, width=0.72)
                if level:
                    _arrow(axes, (step, level - 0.75), (step, level - 0.27), "dimgrey")
                    if step > 2 ** (level - 1):
                        _arrow(axes, (step - 2 ** (level - 1), level - 0.75), (step - 0.15, level - 0.27), "dimgrey")
            axes.text(0.4, level, "steps" if not level else f"round {level}", ha="right", va="center", fontsize=14)
        axes.set(xlim=(-0.7, steps + 0.6), ylim=(-0.4, rounds + 0.4))
        axes.set_axis_off()
    return figure
