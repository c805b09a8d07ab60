"""Google Drive as a folder."""

import os
from pathlib import Path

from google.colab import _message


def mount(mountpoint: str, force_remount: bool = False, timeout_ms: int = 120000, readonly: bool = False) -> None:
    """Make `mountpoint`/MyDrive, or do what COLAB_STAND_IN_DRIVE says: ``refused``, ``failing`` or ``unsupported``."""
    drive = os.environ.get("COLAB_STAND_IN_DRIVE", "mounts")
    if drive == "refused":  # the person closed the dialog, or took no account
        raise _message.MessageError("Error: credential propagation was unsuccessful")
    if drive == "failing":
        raise ValueError("mount failed")
    if drive == "unsupported":
        raise NotImplementedError("google.colab.drive.mount is not supported in Colab Enterprise.")
    if " " in mountpoint:
        raise ValueError("Mountpoint must not contain a space.")
    folder = Path(mountpoint).expanduser()
    if (folder / "MyDrive").is_dir() and not force_remount:
        print(
            f"Drive already mounted at {mountpoint}; to attempt to forcibly remount, "
            f'call drive.mount("{mountpoint}", force_remount=True).'
        )
        return
    if folder.is_dir() and any(folder.iterdir()) and not force_remount:
        raise ValueError("Mountpoint must not already contain files")
    if not folder.parent.is_dir():
        raise ValueError("Mountpoint must be in a directory that exists")
    (folder / "MyDrive").mkdir(parents=True, exist_ok=True)
    print(f"Mounted at {mountpoint}")
