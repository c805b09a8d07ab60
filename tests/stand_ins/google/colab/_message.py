"""Questions to the page that shows the notebook."""

import json
import os
from pathlib import Path
from typing import Any

from google.colab import errors


class MessageError(errors.Error):
    """The page answered with an error."""


def blocking_request(request_type: str, request: Any = "", timeout_sec: float | None = 5, parent: Any = None) -> Any:
    """What the page answers; None where it does not answer within `timeout_sec`, as Colab's function has it.

    COLAB_STAND_IN_NOTEBOOK tells what becomes of ``get_ipynb``: a notebook's path, ``silent`` or ``failing``.
    """
    if request_type != "get_ipynb":
        raise AssertionError(f"the stand-in knows get_ipynb, and was asked for {request_type}")
    notebook = os.environ.get("COLAB_STAND_IN_NOTEBOOK", "silent")
    if notebook == "silent":
        return None
    if notebook == "failing":
        raise MessageError("TypeError: Cannot read properties of undefined")
    return {"ipynb": json.loads(Path(notebook).read_text(encoding="utf-8"))}
