"""Seed every generator of random numbers that a notebook uses, so that a run can be repeated."""

import random
import sys
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch


def seed_everything(seed: int) -> None:
    """Seed `random`, numpy and, where they have been imported, torch (all devices) and tensorflow.

    A library that is not imported yet is not seeded (importing one takes seconds): call this after the
    imports. Raises ValueError for a seed that not all of them take: an int from 0 to 2**32 - 1.
    """
    if not isinstance(seed, int | np.integer) or not 0 <= seed < 2**32:
        raise ValueError(f"the seed must be a whole number from 0 to 2**32 - 1, but it is {seed!r}")
    random.seed(int(seed))
    np.random.seed(int(seed))
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(int(seed))
    if "tensorflow" in sys.modules:
        sys.modules["tensorflow"].random.set_seed(int(seed))


def torch_generator(seed: int, device: "torch.device | str" = "cpu") -> "torch.Generator":
    """A torch generator of its own: what is drawn from it does not depend on what was drawn elsewhere."""
    import torch

    return torch.Generator(device=device).manual_seed(int(seed))
