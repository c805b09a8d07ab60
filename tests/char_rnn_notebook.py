"""The notebook `char_rnn` in this process: its given names, the reference's answers, answers of the bank."""

import re
import warnings
from pathlib import Path
from typing import Any

from autograder.bank import parse_answer
from autograder.channel import Candidate, local_candidate
from autograder.notebooks import grade_id, read_notebook

ROOT = Path(__file__).parent.parent
NOTEBOOK = ROOT / "source" / "char_rnn" / "char_rnn.ipynb"
ANSWERS = {path.stem: path for path in Path(__file__).parent.glob("*answers/char_rnn/*.py")}
EXERCISES = ("vocabulary", "batches", "char_rnn_model", "sampling", "perplexity", "training")


def reference() -> dict[str, str]:
    """The reference's answer to each exercise that is examined."""
    cells = {grade_id(cell): cell.source for cell in read_notebook(NOTEBOOK.read_bytes()).cells}
    return {e: re.sub(r"^ *### (BEGIN|END) SOLUTION$", "", cells[e], flags=re.M) for e in EXERCISES}


def namespace(answers: dict[str, str] | None = None) -> dict[str, Any]:
    """What the notebook has defined after these answers, the reference's in place of those that are not given."""
    import math

    import numpy as np
    import pandas as pd
    import torch
    from torch import nn
    from torch.nn import functional as F

    from helpers.seeding import seed_everything, torch_generator

    defined: dict[str, Any] = {"math": math, "np": np, "pd": pd, "torch": torch, "nn": nn, "F": F, "SEED": 0}
    defined.update({helper.__name__: helper for helper in (seed_everything, torch_generator)})
    # An answer that takes these in place of its arguments should fail for that, not for a missing name.
    defined.update(train_ids=torch.arange(900) % 60, validation_ids=torch.arange(100) % 60)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        for source in {**reference(), **(answers or {})}.values():
            exec(source, defined)
    return defined


def candidate(name: str | None = None) -> Candidate:
    """The notebook after this answer of the bank, or after the reference's answers."""
    return local_candidate(namespace(parse_answer(ANSWERS[name]).replaced if name else None))


def of(exercise: str, *, right: bool) -> list[str]:
    """Names of the bank's answers, right or wrong, to this exercise."""
    found = {name: parse_answer(path) for name, path in sorted(ANSWERS.items())}
    return [name for name, answer in found.items() if exercise in answer.replaced and answer.right == right]
