"""A PostgreSQL server of the tests' own: the real programs, on a Unix socket in a temporary folder.

``from postgres import postgres, postgres_url`` in a test file gives the fixtures.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy

ROLE = "instructor"
SECONDS_TO_START = 60


def missing() -> str:
    """Why no server can be had here; empty when one can."""
    if not all(shutil.which(program) for program in ("initdb", "postgres")):
        return "PostgreSQL's initdb and postgres are not on the PATH"
    if not (find_spec("psycopg") or find_spec("psycopg2")):
        return "there is no driver for PostgreSQL: install psycopg"
    return ""


def _other_user() -> dict[str, Any]:
    """For subprocess: PostgreSQL refuses to run as root, so root starts it as nobody."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


@pytest.fixture(scope="session")
def postgres() -> Iterator[Path]:
    """A running server; its value is the folder of its socket. Skips where there is none to be had."""
    if reason := missing():
        pytest.skip(reason)
    other = _other_user()
    # Not pytest's own folder, which only this user may enter; and the path of a Unix socket is short.
    folder = Path(tempfile.mkdtemp(prefix="coursework-pg-"))
    if other:
        os.chown(folder, other["user"], other["group"])
    try:
        data = folder / "data"
        options = ["--username", ROLE, "--auth", "trust", "--encoding", "UTF8", "--no-locale", "--no-sync"]
        made = subprocess.run(
            ["initdb", "--pgdata", data, *options], cwd=folder, capture_output=True, text=True, **other
        )
        assert made.returncode == 0, made.stderr
        settings = [
            "listen_addresses=",
            f"unix_socket_directories={folder}",
            "shared_buffers=16MB",
            "max_connections=50",
        ]
        arguments = [part for setting in settings for part in ("-c", setting)]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(["postgres", "-D", data, *arguments], cwd=folder, stdout=log, stderr=log, **other)
        try:
            _wait_for(server, folder)
            yield folder
        finally:
            server.send_signal(signal.SIGINT)  # PostgreSQL's word for: end connections, then yourself
            server.wait(SECONDS_TO_START)
    finally:
        shutil.rmtree(folder)


def _wait_for(server: subprocess.Popen[bytes], folder: Path) -> None:
    until = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            with _admin(folder).connect():
                return
        except sqlalchemy.exc.OperationalError:
            assert server.poll() is None and time.monotonic() < until, (folder / "log").read_text()
            time.sleep(0.1)


def _admin(folder: Path) -> sqlalchemy.Engine:
    """For what no transaction can hold: making and removing databases."""
    return sqlalchemy.create_engine(
        _url(folder, "postgres"), isolation_level="AUTOCOMMIT", poolclass=sqlalchemy.pool.NullPool
    )


def _url(folder: Path, database: str) -> str:
    return f"postgresql://{ROLE}@/{database}?host={folder}"


@pytest.fixture
def postgres_url(postgres: Path) -> Iterator[str]:
    """The address of an empty database, removed after the test."""
    name = f"gradebook_{uuid.uuid4().hex[:12]}"
    with _admin(postgres).connect() as connection:
        connection.execute(sqlalchemy.text(f"CREATE DATABASE {name}"))
    yield _url(postgres, name)
    with _admin(postgres).connect() as connection:
        connection.execute(sqlalchemy.text(f"DROP DATABASE {name} WITH (FORCE)"))
