"""`nbgrader export` without formulas: the table that nbgrader writes, safe to open in a spreadsheet.

nbgrader puts ids, names, addresses and assignments into the file as they are. A spreadsheet takes a cell that begins
with ``=``, ``+``, ``-`` or ``@`` for a formula, which can fetch pages and, where allowed, start programs; and a comma
or a line break in a name shifts the marks of everybody below. Here every text is quoted, and one that would be a
formula begins with an apostrophe, which spreadsheets take for "this is text" (OWASP, "CSV Injection").
"""

import csv
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.api import Assignment, Gradebook, MissingEntry, Student
from nbgrader.plugins import ExportPlugin

COLUMNS = (
    "assignment",
    "duedate",
    "timestamp",
    "student_id",
    "last_name",
    "first_name",
    "email",
    "raw_score",
    "late_submission_penalty",
    "score",
    "max_score",
)
"""The columns of nbgrader's own export, in its order."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a text must not begin with; spreadsheets take the wide signs for the narrow ones."""


class SafeCsv(ExportPlugin):
    """Marks as CSV in UTF-8; ``--to`` names the file (``grades.csv``), ``--student`` and ``--assignment`` choose."""

    def export(self, gradebook: Gradebook) -> None:
        target = Path(self.to or "grades.csv")
        students = [s for s in gradebook.students if self._wanted(s.id, self.student)]
        assignments = [a for a in gradebook.assignments if self._wanted(a.name, self.assignment)]
        aside = target.with_name(f"{target.name}.new")
        with aside.open("w", newline="", encoding="utf-8") as file:
            table = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC)
            table.writerow(COLUMNS)
            for assignment in assignments:
                for student in students:
                    table.writerow([safe_cell(value) for value in _row(gradebook, assignment, student)])
        aside.replace(target)
        self.log.info("Exported the marks of %s students to %s", len(students), target)

    @staticmethod
    def _wanted(name: str, chosen: list[Any]) -> bool:
        return not chosen or name in map(str, chosen)


def safe_cell(value: Any) -> Any:
    """A value for one cell: numbers as they are, text on one line and never a formula, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, int | float):
        return value
    text = str(value) if isinstance(value, datetime) else "".join(c if c.isprintable() else " " for c in str(value))
    return f"'{text}" if str(value).lstrip(" \u00a0").startswith(_FORMULA) else text


def _row(gradebook: Gradebook, assignment: Assignment, student: Student) -> list[Any]:
    """The values of one student and assignment in the order of COLUMNS; zero where nothing was handed in."""
    try:
        submission = gradebook.find_submission(assignment.name, student.id)
    except MissingEntry:
        timestamp, raw, penalty = None, 0.0, 0.0
    else:
        timestamp, raw, penalty = submission.timestamp, submission.score, submission.late_submission_penalty
    score = max(0.0, raw - (penalty or 0.0))
    who = [student.id, student.last_name, student.first_name, student.email]
    return [assignment.name, assignment.duedate, timestamp, *who, raw, penalty, score, assignment.max_score]
