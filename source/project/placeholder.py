"""Draws given/learning_curve.png, the picture that stands in the report's templates until a student puts in another.

python source/project/placeholder.py
"""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

SIZE = (5.0, 2.6)
"""Inches."""
DOTS = 120
"""Per inch: enough for a placeholder, and small."""


def draw(path: Path) -> None:
    epochs = np.arange(1, 41)
    figure = Figure(figsize=SIZE, layout="constrained")
    axes = figure.add_subplot()
    axes.plot(epochs, 1.6 * np.exp(-epochs / 9) + 0.05, color="#0072b2", label="training")
    validation = 1.5 * np.exp(-epochs / 7) + 0.4 + 0.012 * np.maximum(epochs - 12, 0)
    axes.plot(epochs, validation, color="#d55e00", linestyle="--", label="validation")
    axes.text(0.5, 0.5, "made up: put your own picture here", transform=axes.transAxes, ha="center", color="#5b6470")
    axes.set(xlabel="epoch", ylabel="loss", xlim=(1, 40), ylim=(0, None))
    axes.legend(frameon=False)
    figure.savefig(path, dpi=DOTS, metadata={"Software": None})


if __name__ == "__main__":
    draw(Path(__file__).resolve().parent / "given" / "learning_curve.png")
