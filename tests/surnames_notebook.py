"""The notebook `surnames` in this process: its given names, the reference's answers, answers of the bank."""

import re
from pathlib import Path
from typing import Any

from autograder.bank import parse_answer
from autograder.channel import Candidate, local_candidate
from autograder.notebooks import grade_id, read_notebook

ROOT = Path(__file__).parent.parent
NOTEBOOK = ROOT / "source" / "surnames" / "surnames.ipynb"
ANSWERS = {path.stem: path for path in Path(__file__).parent.glob("*answers/surnames/*.py")}
FUNCTIONS = ("alphabet", "one_hot", "rnn_classifier", "class_imbalance", "deep_rnn_classifier")


def reference() -> dict[str, str]:
    """The reference's answer to each exercise that is a function."""
    cells = {grade_id(cell): cell.source for cell in read_notebook(NOTEBOOK.read_bytes()).cells}
    return {
        exercise: re.sub(r"^ *### (BEGIN|END) SOLUTION$", "", cells[exercise], flags=re.M) for exercise in FUNCTIONS
    }


def namespace(answers: dict[str, str] | None = None) -> dict[str, Any]:
    """What the notebook has defined after these answers, the reference's in place of those that are not given."""
    import keras
    import numpy as np
    import pandas as pd
    from keras import layers

    from helpers.experiments import Sweep, grid
    from helpers.seeding import seed_everything

    defined: dict[str, Any] = {"keras": keras, "layers": layers, "np": np, "pd": pd, "EPOCHS": 20, "SEED": 0}
    defined.update({helper.__name__: helper for helper in (Sweep, grid, seed_everything)})
    for exercise, source in {**reference(), **(answers or {})}.items():
        if exercise in FUNCTIONS:
            exec(source, defined)
    return defined


def candidate(name: str | None = None) -> Candidate:
    """The notebook after this answer of the bank, or after the reference's answers."""
    return local_candidate(namespace(parse_answer(ANSWERS[name]).replaced if name else None))
