"""What marks depend on beside the submission: our code, the samples, the installed packages, the machine."""

import functools
import hashlib
import importlib.metadata
import platform
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from autograder.sandbox import PACKAGE_ROOT

SHORT_PARTS = {
    "examinations": "the examinations",
    "code": "the autograder's code",
    "samples": "the embedded samples",
    "packages": "installed packages",
}
"""The parts that ``digests`` tells apart, as a person calls them."""


@functools.cache
def packages() -> dict[str, str]:
    """Version by name of every installed package.

    Only of the folders that packages are installed into: setuptools, once imported, puts its own copies of some on the
    path, and what a mark depends on must not depend on what this process has imported so far.
    """
    folders = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    # The last one wins here, and the first one on the path when it is imported.
    found = {d.name: d.version for d in importlib.metadata.distributions(path=folders[::-1])}
    return dict(sorted(found.items()))


@functools.cache
def digests() -> dict[str, str]:
    """A sha256 of each part of what may mark otherwise, so that a change can be named."""
    ours = _files("autograder", (".py", ".npz", ".yaml")) + _files("helpers", (".py", ".npz"))
    examinations = PACKAGE_ROOT / "autograder" / "examinations"
    return {
        "examinations": _digest(path for path in ours if path.is_relative_to(examinations)),
        "code": _digest(path for path in ours if not path.is_relative_to(examinations)),
        "samples": _digest(sorted((PACKAGE_ROOT / "data").glob("*/SHA256SUMS"))),
        "packages": hashlib.sha256("\n".join(f"{n} {v}" for n, v in packages().items()).encode()).hexdigest(),
    }


@functools.cache
def code_digest() -> bytes:
    """One digest of the examining code, the samples and the installed packages: other ones might mark otherwise."""
    return hashlib.sha256("".join(digests().values()).encode()).digest()


def _files(folder: str, suffixes: tuple[str, ...]) -> list[Path]:
    return [path for path in sorted((PACKAGE_ROOT / folder).rglob("*")) if path.suffix in suffixes]


def _digest(paths: Iterable[Path]) -> str:
    whole = hashlib.sha256()
    for path in paths:
        whole.update(path.relative_to(PACKAGE_ROOT).as_posix().encode() + b"\0")
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def describe_environment() -> dict[str, Any]:
    """Everything about this machine and installation that a mark may depend on, for a run's manifest."""
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "machine": platform.machine(),
        "bubblewrap": _first_line(["bwrap", "--version"]),
        "autograder": {"version": packages().get("rnn-coursework"), "commit": commit()},
        "code_digest": code_digest().hex(),
        "digests": digests(),
        "packages": packages(),
    }


@functools.cache
def commit() -> str | None:
    """The git commit of this code, with ``-dirty`` when files differ from it; None outside of a clone."""
    if not (PACKAGE_ROOT / ".git").exists():
        return None
    describe = ["describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    return _first_line(["git", "-C", str(PACKAGE_ROOT), *describe])


def _first_line(command: list[str]) -> str | None:
    """What a program says first; None when it is not installed or fails."""
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return answer.stdout.partition("\n")[0] or None


def environment_differences(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """What differs between two ``describe_environment``, one line each."""
    lines = []
    for name in ("python", "platform", "machine", "bubblewrap"):
        if before.get(name) != now.get(name):
            lines.append(f"{name}: {before.get(name)} -> {now.get(name)}")
    if before.get("autograder") != now.get("autograder"):
        lines.append(f"autograder: {_version(before)} -> {_version(now)}")
    for part in ("examinations", "code", "samples"):
        if before.get("digests", {}).get(part) != now.get("digests", {}).get(part):
            lines.append(f"{SHORT_PARTS[part]} changed")
    return lines + package_differences(before.get("packages", {}), now.get("packages", {}))


def _version(environment: dict[str, Any]) -> str:
    ours = environment.get("autograder", {})
    return f"{ours.get('version')} ({ours.get('commit') or 'no commit'})"


def package_differences(before: dict[str, str], now: dict[str, str]) -> list[str]:
    """``torch 2.3.0 -> 2.4.0`` for each package that is another one, new or gone."""
    names = [name for name in sorted({*before, *now}) if before.get(name) != now.get(name)]
    return [f"{name} {before.get(name, 'not there')} -> {now.get(name, 'not there')}" for name in names]
