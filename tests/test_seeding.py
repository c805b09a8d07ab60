"""Seeds: the same seed gives the same numbers, in every library that was imported."""

import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from helpers.seeding import seed_everything, torch_generator

ROOT = Path(__file__).resolve().parent.parent


def draw() -> tuple[float, float, float]:
    return random.random(), float(np.random.random()), float(torch.rand(()))


def test_the_same_seed_gives_the_same_numbers_and_another_gives_others() -> None:
    seed_everything(3)
    first = draw()
    seed_everything(3)
    assert draw() == first
    seed_everything(4)
    assert all(a != b for a, b in zip(draw(), first, strict=True))


@pytest.mark.parametrize("seed", [-1, 2**32, 1.5, "7", None])
def test_a_seed_that_not_all_libraries_take_is_refused(seed: object) -> None:
    with pytest.raises(ValueError, match="seed must be a whole number"):
        seed_everything(seed)  # type: ignore[arg-type]


def test_a_library_that_is_not_imported_stays_so() -> None:
    code = "import sys; from helpers.seeding import *; seed_everything(1); print('torch' in sys.modules)"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_generator_of_its_own_does_not_depend_on_what_was_drawn_elsewhere() -> None:
    first = torch.rand(3, generator=torch_generator(5))
    torch.rand(10)
    assert torch.equal(torch.rand(3, generator=torch_generator(5)), first)
