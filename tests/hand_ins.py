"""What attacks on notebooks and archives are made with: see the sections `# %% hand-in` below `tests/attacks/`."""

import base64
import copy
import io
import json
import stat
import zipfile
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode
from small_course import cell_of as cell_of
from tiny_course import ASSIGNMENT

from helpers.results import MIME_TYPE

NAME = f"{ASSIGNMENT}.ipynb"
TEST = "lstm_cell_test"
"""The grade id of the tiny course's test cell."""


def opened(notebook: dict[str, Any]) -> NotebookNode:
    """A copy of the composed notebook whose parts can be reached as attributes, and whose texts are not lists."""
    changed = nbformat.from_dict(copy.deepcopy(notebook))
    for cell in changed.cells:
        cell.source = "".join(cell.source)
    return changed


def as_bytes(notebook: Any) -> bytes:
    """JSON as it stands: nothing is checked and nothing put right."""
    return json.dumps(notebook).encode()


def zipped(files: dict[Any, bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of contents by name or by `zipfile.ZipInfo`."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", packing) as archive:
        for name, content in files.items():
            archive.writestr(name, content, compress_type=packing)
    return stream.getvalue()


def link(name: str) -> zipfile.ZipInfo:
    """The entry of a symbolic link; its content is where it leads."""
    entry = zipfile.ZipInfo(name)
    entry.create_system = 3
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


def npy(header: str, content: bytes = b"") -> bytes:
    """A .npy file with this text as its header."""
    text = header.encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + content


def run(**changes: Any) -> dict[str, Any]:
    """A kept run as `helpers.results` writes it, with changes."""
    plain = {"format": 1, "exercise": "training", "setting": {"mode": "LSTM"}, "seed": 0, "metrics": {"accuracy": 1.0}}
    return {**plain, "environment": {}, "data": {}, "history": {}, "weights": None, **changes}


def run_with(weights: bytes, **changes: Any) -> dict[str, Any]:
    """A kept run that carries the bytes of an .npz file."""
    return run(weights="x.npz", weights_npz_base64=base64.b64encode(weights).decode(), **changes)


def with_runs(notebook: dict[str, Any], *payloads: Any) -> bytes:
    """The notebook with a cell at its end whose outputs are these kept runs."""
    changed = opened(notebook)
    outputs = [nbformat.v4.new_output("display_data", {MIME_TYPE: payload}) for payload in payloads]
    changed.cells.append(nbformat.v4.new_code_cell("pass  # kept", outputs=outputs))
    return as_bytes(changed)


def with_files(notebook: dict[str, Any], files: dict[Any, bytes]) -> dict[str, bytes]:
    """A student's zip of the notebook and more files."""
    return {"{student}.zip": zipped({NAME: as_bytes(notebook), **files})}
