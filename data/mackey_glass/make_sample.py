"""Compute the embedded series: the Mackey-Glass equation, read at whole times, with noise of the measurement.

    python data/mackey_glass/make_sample.py [--out DIR]

    dx/dt = BETA x(t - DELAY) / (1 + x(t - DELAY)^10) - GAMMA x(t)

Source: M. C. Mackey and L. Glass, "Oscillation and chaos in physiological control systems", Science 197 (1977),
287-289; BETA, GAMMA and the power are those that are usual for benchmarks, with which the series is chaotic for delays
above about 17. It is written with plain Python numbers and multiplications: a chaotic series that used a library's
power function would be another one after some hundred steps wherever the last digit is rounded otherwise.
"""

import argparse
import hashlib
import tempfile
from pathlib import Path

import numpy as np

BETA, GAMMA = 0.2, 0.1
DELAY = 24
"""In units of time; a value is read once in a unit."""
LENGTH = 4000
"""Values that are kept."""
SKIPPED = 1000
"""Values before them, in which the series forgets where it began."""
START = 1.2
"""The value at all times before the first."""
PER_UNIT = 10
"""Steps of the solver in a unit of time."""
NOISE = 0.1
"""Standard deviation of the measurement's noise, as a share of the series' own."""
SEED = 20_240_117


def mackey_glass(length: int, delay: int = DELAY, skipped: int = SKIPPED) -> list[float]:
    """The series at whole times, without noise; solved by Runge and Kutta's method of fourth order.

    The delayed value in the middle of a step is taken as the mean of those at its ends.
    """
    back = delay * PER_UNIT
    values = [START] * (back + 1)
    step = 1 / PER_UNIT
    for now in range(back, back + (skipped + length) * PER_UNIT):
        x, begin, end = values[now], values[now - back], values[now - back + 1]
        k1 = _slope(x, begin)
        k2 = _slope(x + step / 2 * k1, (begin + end) / 2)
        k3 = _slope(x + step / 2 * k2, (begin + end) / 2)
        k4 = _slope(x + step * k3, end)
        values.append(x + step / 6 * (k1 + 2 * k2 + 2 * k3 + k4))
    first = back + skipped * PER_UNIT
    return values[first : first + length * PER_UNIT : PER_UNIT]


def _slope(x: float, delayed: float) -> float:
    square = delayed * delayed
    fourth = square * square
    return BETA * delayed / (1 + fourth * fourth * square) - GAMMA * x


def table() -> str:
    """The file's text: time, value without noise, value as measured."""
    clean = np.array(mackey_glass(LENGTH))
    noise = np.random.default_rng(SEED).normal(size=LENGTH) * NOISE * clean.std()
    rows = [f"{time},{x:.6f},{y:.6f}" for time, (x, y) in enumerate(zip(clean, clean + noise, strict=True))]
    return "\n".join(["time,clean,measured", *rows]) + "\n"


def write(folder: Path) -> None:
    """Write series and checksum into an existing folder."""
    text = table()
    _replace(folder / "series.csv", text)
    _replace(folder / "SHA256SUMS", f"{hashlib.sha256(text.encode()).hexdigest()}  series.csv\n")


def _replace(path: Path, text: str) -> None:
    with tempfile.NamedTemporaryFile("wb", dir=path.parent, prefix=".unfinished-", delete=False) as file:
        file.write(text.encode())
    Path(file.name).chmod(0o644)
    Path(file.name).replace(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, metavar="DIR")
    write(parser.parse_args().out)


if __name__ == "__main__":
    main()
