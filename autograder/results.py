"""Compute the reference's results anew: ``python -m autograder.results`` (``make results``).

Each source notebook that keeps results is run in its own folder, without its hidden tests, and told to train
again. What it keeps there comes with the answer bank's hand-ins, and lets the notebook run without training.
"""

import os
import sys
from pathlib import Path

from nbclient import NotebookClient

from autograder.course import open_course
from autograder.notebooks import read_notebook, without_hidden

SECONDS = 3600
"""Time limit of one cell."""


def compute(notebook: Path) -> None:
    """Run one source notebook from top to bottom, training included; its cells' errors are raised."""
    os.environ["COURSEWORK_RETRAIN"] = "1"
    folder = {"metadata": {"path": str(notebook.parent)}}
    NotebookClient(without_hidden(read_notebook(notebook.read_bytes())), timeout=SECONDS, resources=folder).execute()


def main() -> None:
    course = open_course(sys.argv[1] if len(sys.argv) > 1 else ".")
    for assignment in course.assignments():
        for notebook in course.source_notebooks(assignment):
            if any(keeps in notebook.read_text() for keeps in ("Results(", "Sweep(")):
                print(f"computing the results of {notebook.relative_to(course.root)}", flush=True)
                compute(notebook)


if __name__ == "__main__":
    main()
