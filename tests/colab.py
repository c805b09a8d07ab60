"""A Colab for tests: the stand-in for ``google.colab`` on the path, and what its user does."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

STAND_INS = Path(__file__).parent / "stand_ins"
"""A folder for the path: it holds the stand-in for ``google.colab``."""


@dataclass
class Colab:
    """A Colab runtime whose files lie in `folder`; `set` is told each variable of the environment that changes."""

    folder: Path
    variables: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.downloads.mkdir(parents=True, exist_ok=True)
        self.variables |= {"COLAB_RELEASE_TAG": "release-colab-stand-in", "COLAB_GPU": ""}
        self.variables |= {"COLAB_STAND_IN_DOWNLOADS": str(self.downloads)}

    @property
    def downloads(self) -> Path:
        """Where the browser puts what is downloaded."""
        return self.folder / "downloads"

    @property
    def mountpoint(self) -> Path:
        """What to give to ``drive.mount`` in place of /content/drive, which not every machine lets a test make."""
        return self.folder / "drive"

    def drive(self, answer: str) -> None:
        """What becomes of ``drive.mount``: ``mounts``, ``refused``, ``failing`` or ``unsupported``."""
        self._set("COLAB_STAND_IN_DRIVE", answer)

    def shows(self, notebook: Any) -> None:
        """The page shows `notebook` (nbformat's or plain data): what ``get_ipynb`` gives."""
        path = self.folder / "shown.ipynb"
        path.write_text(json.dumps(notebook), encoding="utf-8")
        self._set("COLAB_STAND_IN_NOTEBOOK", str(path))

    def does_not_show(self, how: str = "silent") -> None:
        """The page does not answer ``get_ipynb``: ``silent`` gives None, as after a time-out; ``failing`` raises."""
        self._set("COLAB_STAND_IN_NOTEBOOK", how)

    def blocks_downloads(self) -> None:
        """``files.download`` raises."""
        self._set("COLAB_STAND_IN_DOWNLOADS", "failing")

    def environment(self) -> dict[str, str]:
        """The whole environment for a process that is to run on this Colab: kernels, ``python -c``."""
        path = os.pathsep.join([str(STAND_INS), *filter(None, [os.environ.get("PYTHONPATH")])])
        return os.environ | self.variables | {"PYTHONPATH": path}

    def _set(self, name: str, value: str) -> None:
        self.variables[name] = value
