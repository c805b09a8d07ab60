"""The course's gradebook: where it is, its tables, how it is opened and locked."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy
from alembic.script import ScriptDirectory
from nbgrader.api import (
    Assignment,
    Base,
    BaseCell,
    Gradebook,
    Notebook,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.coursedir import CourseDirectory
from nbgrader.dbutil import ALEMBIC_DIR
from sqlalchemy import Engine, Select, event, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError

from autograder.course import Course, CourseError


def gradebook_url(course: Course) -> URL:
    """Where the course's gradebook is: what nbgrader_config.py says, or gradebook.db in the course's folder."""
    address = CourseDirectory(config=course.config()).db_url
    try:
        return make_url(address)
    except sqlalchemy.exc.ArgumentError:
        raise CourseError(f"c.CourseDirectory.db_url is no address of a database: {address!r}") from None


def has_gradebook(url: URL) -> bool:
    """False when the gradebook is an SQLite file that is not there; a server is asked when it is used."""
    return url.get_backend_name() != "sqlite" or Path(url.database or "").is_file()


def make_tables(course: Course) -> None:
    """Make the tables of a new gradebook, all or none, marked with the revision of nbgrader's schema.

    ``Gradebook`` does so in several transactions, and starts the command ``alembic`` to be told the revision: seconds
    in which no marks are taken, and a command that must be on the PATH. CourseError, in one line, when the database
    cannot be used.
    """
    url = gradebook_url(course)
    engine = sqlalchemy.create_engine(url)
    if engine.dialect.name == "sqlite":
        begin_immediately(engine)
    with _told(url), _disposed(engine), engine.begin() as connection:
        if engine.dialect.name == "postgresql":  # SQLite has been locked
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('coursework/tables'))"))
        if sqlalchemy.inspect(connection).get_table_names():
            return
        Base.metadata.create_all(connection)
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        revision = ScriptDirectory(ALEMBIC_DIR).get_current_head()
        connection.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": revision})


@contextlib.contextmanager
def opened_gradebook(course: Course) -> Iterator[Gradebook]:
    """The course's gradebook, for reading; CourseError, in one line, when the database cannot be used."""
    url = gradebook_url(course)
    with _told(url), Gradebook(url.render_as_string(hide_password=False)) as book:
        yield book


@contextlib.contextmanager
def _told(url: URL) -> Iterator[None]:
    """What a database says when it cannot be used becomes a CourseError."""
    try:
        yield
    except (DBAPIError, ImportError) as error:
        raise CourseError(f"the gradebook {url.render_as_string()} cannot be used: {cause(error)}") from error


@contextlib.contextmanager
def _disposed(engine: Engine) -> Iterator[None]:
    try:
        yield
    finally:
        engine.dispose()


def rows_of(kind: Any, assignment: str, *columns: Any) -> Select[Any]:
    """The query for the rows of one kind (Grade, Comment) of an assignment: student, notebook, cell, these columns."""
    return (
        select(SubmittedAssignment.student_id, Notebook.name, BaseCell.name, *columns)
        .select_from(kind)
        .join(SubmittedNotebook, SubmittedNotebook.id == kind.notebook_id)
        .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .join(BaseCell, BaseCell.id == kind.cell_id)
        .where(Assignment.name == assignment)
    )


def cause(error: Exception) -> str:
    """What an exception says, on one line; for the database's the driver's words, without statement and values."""
    original = getattr(error, "orig", None) or error
    words = " ".join(str(original).split())
    return words or type(original).__name__


def begin_immediately(engine: Engine) -> None:
    """Take SQLite's write lock when a transaction begins.

    Python's sqlite3 begins a transaction only before the first change, so that what was read before may be out of date
    by then. This is the way that SQLAlchemy's documentation of the dialect gives.
    """
    engine.dispose()  # the connection that was made before knows nothing of this

    @event.listens_for(engine, "connect")
    def leave_transactions_to_us(connection: Any, _: Any) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def take_the_lock(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
