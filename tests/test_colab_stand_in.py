"""The stand-in for ``google.colab`` does what its user says, in this process and in others, and stands in no way."""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from colab import Colab

ASKS = """
import google.protobuf
from google.colab import _message, drive, files
print(_message.blocking_request("get_ipynb", timeout_sec=1)["ipynb"]["cells"])
files.download(__import__("sys").argv[1])
"""


def test_a_process_on_it_sees_the_notebook_and_downloads_a_file(tmp_path):
    there = Colab(tmp_path / "colab")
    there.shows({"cells": ["a cell"]})
    (tmp_path / "file.zip").write_text("content")
    command = [sys.executable, "-c", ASKS, str(tmp_path / "file.zip")]
    done = subprocess.run(command, env=there.environment(), capture_output=True, text=True, check=True)
    assert done.stdout == "['a cell']\n"
    assert (there.downloads / "file.zip").read_text() == "content"


def test_drive_mounts_once(colab, capsys):
    from google.colab import drive

    drive.mount(str(colab.mountpoint))
    (colab.mountpoint / "MyDrive" / "kept.txt").write_text("kept")
    drive.mount(str(colab.mountpoint))
    assert capsys.readouterr().out.splitlines()[0] == f"Mounted at {colab.mountpoint}"
    assert [path.name for path in (colab.mountpoint / "MyDrive").iterdir()] == ["kept.txt"]


@pytest.mark.parametrize("answer", ["refused", "failing", "unsupported"])
def test_drive_may_be_had_or_not(colab, answer):
    from google.colab import _message, drive

    colab.drive(answer)
    raised = {"refused": _message.MessageError, "failing": ValueError, "unsupported": NotImplementedError}
    with pytest.raises(raised[answer]):
        drive.mount(str(colab.mountpoint))
    assert not colab.mountpoint.exists()


def test_the_page_may_be_silent_or_fail(colab):
    from google.colab import _message

    assert _message.blocking_request("get_ipynb") is None
    colab.does_not_show("failing")
    with pytest.raises(_message.MessageError):
        _message.blocking_request("get_ipynb")
    colab.shows({"cells": []})
    assert _message.blocking_request("get_ipynb") == {"ipynb": {"cells": []}}


def test_downloads_may_be_blocked(colab, tmp_path):
    from google.colab import _message, files

    with pytest.raises(FileNotFoundError):
        files.download(str(tmp_path / "none.zip"))
    path = tmp_path / "some.zip"
    path.write_text(json.dumps("some"))
    colab.blocks_downloads()
    with pytest.raises(_message.MessageError):
        files.download(str(path))
    assert list(colab.downloads.iterdir()) == []


def test_the_stand_in_is_on_nobody_elses_path():
    spec = find_spec("google.colab")
    assert spec is None or "stand_ins" not in str(Path(str(spec.origin)))
