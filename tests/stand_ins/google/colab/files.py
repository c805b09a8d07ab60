"""Downloads by the browser."""

import os
import shutil
from pathlib import Path

from google.colab import _message


def download(filename: str) -> None:
    """Copy the file into the folder COLAB_STAND_IN_DOWNLOADS, where that is set; ``failing`` there raises."""
    if not Path(filename).exists():
        raise FileNotFoundError(f"Cannot find file: {filename}")
    downloads = os.environ.get("COLAB_STAND_IN_DOWNLOADS", "")
    if downloads == "failing":
        raise _message.MessageError("NetworkError: the download was blocked")
    if downloads:
        shutil.copy(filename, downloads)
