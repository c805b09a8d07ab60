"""Files that are there whole or not at all, also after ``kill -9`` and after the power has gone.

What is written goes to a file with a name of its own in the same folder, is forced onto the disk, and is then
renamed; the folder is forced onto the disk too, since the rename lives there. A process that is killed in
between leaves only that other file, which ``remove_leftovers`` knows by its name.
"""

import contextlib
import ctypes
import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from autograder.course import Course

PREFIX, SUFFIX = ".coursework-", ".part"
"""What the name of every file begins and ends with that is still being written."""
_IN_USE = ".in-use"
"""The file in a temporary folder that is locked for as long as it is in use."""


def write_file(path: Path, content: bytes | Iterable[bytes], *, sync: bool = True) -> None:
    """Write a file that is there whole or not at all, readable by its owner only; content may come in pieces.

    Without ``sync`` its name may be lost with the power until ``sync_folder``; what has the name is whole all the same.
    OSError when it cannot be written (a full disk, say); then the old file stands and nothing else is left.
    """
    make_folder(path.parent)
    with _part(path.parent) as (descriptor, temporary):
        with os.fdopen(descriptor, "wb", closefd=False) as file:
            file.writelines([content] if isinstance(content, bytes) else content)
        os.fsync(descriptor)
        temporary.replace(path)
    if sync:
        sync_folder(path.parent)


@contextlib.contextmanager
def _part(folder: Path) -> Iterator[tuple[int, Path]]:
    """A new file that is locked for as long as it is being written; removed when that fails."""
    while True:
        descriptor, name = tempfile.mkstemp(dir=folder, prefix=PREFIX, suffix=SUFFIX)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_nlink:
            break
        os.close(descriptor)  # taken for a leftover in the moment before it was locked
    try:
        yield descriptor, Path(name)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    finally:
        os.close(descriptor)


def make_folder(folder: Path, mode: int = 0o777) -> None:
    """Make a folder and those above it, each forced onto the disk; ``mode`` is for the ones that are made."""
    if folder.is_dir():
        return
    make_folder(folder.parent, mode)
    folder.mkdir(mode, exist_ok=True)
    sync_folder(folder.parent)


def exchange(one: Path, other: Path) -> bool:
    """Let two files or folders change places in one step (renameat2); False where the file system cannot."""
    here, swap = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of linux/fcntl.h and linux/fs.h
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.renameat2(here, os.fsencode(one), here, os.fsencode(other), swap) == 0:
        return True
    error = ctypes.get_errno()
    if error in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):
        return False
    raise OSError(error, os.strerror(error), str(one), None, str(other))


def sync_folder(folder: Path) -> None:
    """Force a folder's entries onto the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some network and FUSE file systems know no fsync of folders and say so; there is nothing more to do there.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def locked(path: Path, *, shared: bool = False) -> Iterator[None]:
    """Hold the lock of a file, which is made if need be and stays; waits for whoever holds it.

    It is the kernel's (flock), and gone with the process that holds it.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def remove_leftovers(folders: Iterable[Path]) -> list[Path]:
    """Remove what killed processes left half-written right in these folders; returns what was removed."""
    return [
        path
        for folder in folders
        if folder.is_dir()
        for path in folder.glob(f"{PREFIX}*{SUFFIX}")
        if _remove_if_dead(path)
    ]


def _remove_if_dead(path: Path) -> bool:
    """Remove a file that nobody writes any more; False when somebody does, or has just finished."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink()
    except (BlockingIOError, FileNotFoundError):
        return False
    finally:
        os.close(descriptor)
    return True


# --- whole folders ----------------------------------------------------------------------------------


def replace_folder(new: Path, target: Path, aside: Path) -> None:
    """Put the folder `new` in the place of `target`; what was there is moved to `aside` first.

    All three must lie on one file system. Where that can exchange folders, `target` is there at every moment;
    elsewhere it is missing for a moment, and put back when the second step fails.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    existed = target.exists()
    if existed and exchange(new, target):
        new.rename(aside)
        return
    if existed:
        target.rename(aside)
    try:
        new.rename(target)
    except OSError:
        if existed:
            aside.rename(target)
        raise


@contextlib.contextmanager
def scratch_folder(course: Course) -> Iterator[Path]:
    """A temporary folder on the course's own file system, removed at the end.

    That of a process that was killed is removed by `remove_dead_scratch`, which knows it by its lock.
    """
    parent = course.work / "tmp"
    parent.mkdir(parents=True, exist_ok=True)
    lock = course.work / "tmp.lock"
    with locked(lock, shared=True):
        folder = Path(tempfile.mkdtemp(dir=parent))
        descriptor = os.open(folder / _IN_USE, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield folder
    finally:
        with locked(lock, shared=True):
            shutil.rmtree(folder)
        os.close(descriptor)


def remove_dead_scratch(course: Course) -> list[Path]:
    """Remove the temporary folders of processes that were killed; returns them."""
    removed = []
    if (course.work / "tmp").is_dir():
        with locked(course.work / "tmp.lock"):  # nobody makes or removes one meanwhile
            for folder in (course.work / "tmp").iterdir():
                if not _is_in_use(folder):
                    shutil.rmtree(folder)
                    removed.append(folder)
    return removed


def _is_in_use(folder: Path) -> bool:
    """Whether the process that made a temporary folder still runs."""
    try:
        descriptor = os.open(folder / _IN_USE, os.O_RDWR)
    except FileNotFoundError:
        return False  # killed before the lock was made
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
