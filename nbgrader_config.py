"""nbgrader's configuration of this course.

`coursework` loads this file, and so do `nbgrader` and formgrader: all of them take the same way.
"""

import os
import sys
from glob import glob

c = get_config()  # noqa: F821  (put here by traitlets)

ROOT = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120

# nbgrader starts `alembic` by name when it makes a gradebook; it lies beside this Python, which need not be
# on the PATH (a command is often called by its path, .venv/bin/...).
PROGRAMS = os.path.dirname(sys.executable)  # noqa: PTH120
if PROGRAMS not in os.environ.get("PATH", "").split(os.pathsep):
    os.environ["PATH"] = os.pathsep.join([PROGRAMS, os.environ.get("PATH", os.defpath)])

c.CourseDirectory.course_id = "rnn-coursework"

# --- this course -----------------------------------------------------------------------------------
# What a term brings. A line without '#' in front is in force; what is commented out shows the default, or an
# example. `coursework check` reads all of it and says what is wrong where. docs/instructors.md explains each.

# Where times without a zone are at home: deadlines below, times in the names of a platform's files.
# c.Coursework.time_zone = "Europe/Berlin"  # default "UTC"

# The list of students, a CSV file with at least the column `id`; `coursework roster` enters it into the gradebook.
# c.Coursework.roster = "roster.csv"

# When assignments are due. None says that there is no deadline; what is not named keeps what the gradebook knows.
# c.Coursework.deadlines = {
#     "speech_commands": "2026-12-01 23:59",
#     "char_rnn": "2026-12-15 23:59",
# }

# Deadlines of single students, here or in a CSV file with the columns student, assignment, deadline.
# c.Coursework.extensions = {"s1234567": {"speech_commands": "2026-12-05 23:59"}}
# c.Coursework.extensions_file = "extensions.csv"

# What each started day after the deadline costs: "10 %" or a number of points; None costs nothing.
# c.Coursework.late_penalty = None
# Per cent of what: "earned", the points of the hand-in, or "maximum", those of the assignment.
# c.Coursework.late_percent_of = "earned"
# This many minutes late is in time; a later hand-in counts its days from the deadline itself.
# c.Coursework.late_grace_minutes = 0
# The penalty is never more than this: "50 %" or a number of points.
# c.Coursework.late_cap = None
# A hand-in that is later than this many days earns nothing.
# c.Coursework.late_days = None

# Which of several hand-ins of a student counts: the "last", or the "best" by its points after the late penalty
# (all are graded then).
# c.Coursework.resubmissions = "last"

# How many may hand in together, where it is not 2: all whom TEAM in the notebook lists get the same marks.
# c.Coursework.team_sizes = {"project": 2, "char_rnn": 3}

# The assignments whose feedback shows the right answers to the quiz's questions, once nobody can hand in any more.
# Explanations, which give no answer away, are always shown. After a change run `coursework feedback` again.
# c.Coursework.show_answers = ["theory"]  # default []

# What an assignment is called on the learning platform, for `coursework export`.
# c.Coursework.platform_names = {"speech_commands": "Speech commands (123456)"}

# Among whom `coursework marking share` deals what is marked by a person, and what it deals: "student", all written
# answers of a hand-in, or "exercise", one exercise of all hand-ins.
# c.Coursework.markers = ["anna", "ben"]
# c.Coursework.marking_by = "student"
# Where the markers' Jupyter runs: the lists of `coursework marking` lead there.
# c.Coursework.formgrader = "http://localhost:8888"
# Comments that markers use again and again, by short keys; comments.yaml where nothing is said.
# c.Coursework.comments = "comments.yaml"

# The gradebook: a file in this folder, or a PostgreSQL server where several instructors work at once (its password in
# ~/.pgpass, not here).
# c.CourseDirectory.db_url = "sqlite:///gradebook.db"
# c.CourseDirectory.db_url = "postgresql://instructor@db.example.org/rnn_coursework"

# How many hand-ins `coursework grade` grades side by side, 0 for as many as the cores allow; or a Dask scheduler whose
# workers it takes. `--workers` and `--scheduler` go before these.
# c.Coursework.workers = 0
# c.Coursework.scheduler = "tls://head.example.org:8786"

# What one hand-in may use: bytes, and seconds, without those in which the machine had no processor for it. Students'
# code always runs in the sandbox, with bubblewrap and without a network; only `--unsafe-no-sandbox` goes without, which
# no line of this file can say.
# c.Limits.submission_seconds = 300.0  # all of a hand-in
# c.Limits.cell_seconds = 120.0        # a cell of the notebook
# c.Limits.added_cell_seconds = 20.0   # a cell that the student added
# c.Limits.memory = 4 * 2**30
# c.Limits.disk = 512 * 2**20          # the largest file that it may write
# c.Limits.processes = 512
# c.Limits.open_files = 1024
# c.Limits.cell_output = 4 * 2**20     # what is kept of a cell's output
# c.Limits.threads = 1                 # of numerical libraries, for each hand-in

# Penalties are worked out by the rules above; without late_penalty and late_days nbgrader's own methods hold.
c.AssignLatePenalties.plugin_class = "autograder.late.LateRules"

# --- what students get -----------------------------------------------------------------------------
# The public repository on GitHub to which you push the unpacked bundle: "owner/name" or "owner/name@branch". The
# release then puts a badge "Open in Colab" above each notebook, and into its setup cell the address from which it
# takes `helpers`. After a change run `coursework release` and `coursework bundle`.
# c.Coursework.repository = "university/rnn-coursework"  # default None: neither badge nor address

# Beside the notebook only the folder `given` of an assignment is released: what else lies there (such as
# the reference's results) is the instructor's. nbgrader compares these paths as text, with its `/./`.
c.CourseDirectory.ignore = [
    ".ipynb_checkpoints",
    "*.pyc",
    "__pycache__",
    "feedback",
    *(
        path
        for path in sorted(glob(os.path.join(ROOT, "source", ".", "*", "*")))  # noqa: PTH118, PTH207
        if os.path.basename(path) != "given" and not path.endswith(".ipynb")  # noqa: PTH119
    ),
]

# MarkAnswers puts the exercise's id in place of EXERCISE_ID.
c.ClearSolutions.code_stub = {
    "python": '# YOUR CODE HERE\nraise NotImplementedError("Exercise EXERCISE_ID: not answered yet")'
}
c.ClearSolutions.text_stub = "YOUR ANSWER HERE"

# nbgrader's own steps with two of ours: MarkAnswers must see the cleared answer, StampRelease must come
# before the checksums that nbgrader compares submissions with.
c.GenerateAssignment.preprocessors = [
    "nbgrader.preprocessors.IncludeHeaderFooter",
    "nbgrader.preprocessors.InstantiateTests",
    "nbgrader.preprocessors.LockCells",
    "nbgrader.preprocessors.ClearSolutions",
    "autograder.release.MarkAnswers",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.CheckCellMetadata",
    "autograder.release.StampRelease",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.SaveCells",
    "nbgrader.preprocessors.ClearHiddenTests",
    "nbgrader.preprocessors.ClearMarkScheme",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# --- where students' text meets people -------------------------------------------------------------
# Answers and outputs may hold scripts and HTML, and formgrader shows them on a page that may do all that the
# instructor may. Its template does not clean markdown cells whatever `sanitize_html` says: these two parts do.
c.HTMLExporter.sanitize_html = True
c.HTMLExporter.preprocessors = ["autograder.shown.Harmless"]
c.HTMLExporter.filters = {"markdown2html": "autograder.shown.markdown2html"}

# A cell of a CSV file that begins with '=' is a formula to a spreadsheet: names go in as text.
c.ExportApp.plugin_class = "autograder.export.SafeCsv"

# --- feedback --------------------------------------------------------------------------------------
# nbgrader's own page quotes hidden tests in tracebacks and shows students' HTML as it is; this one does not.
c.GenerateFeedback.preprocessors = ["autograder.feedback.SummariseMarks", "autograder.feedback.WithholdHidden"]
c.GenerateFeedback.exporter_class = "autograder.feedback.FeedbackExporter"

# --- grading -----------------------------------------------------------------------------------------
# nbgrader's own `autograde`, and formgrader through it, take the way of `coursework grade`: the submission is
# rebuilt from the master, runs in the sandbox, and the examiner judges from outside. SaveMarks is nbgrader's own
# SaveAutoGrades for all but bonus exercises.
c.Autograde.sanitize_preprocessors = [
    "autograder.nbgrader_hooks.Sanitize",
    "nbgrader.preprocessors.DeduplicateIds",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.OverwriteCells",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.Autograde.autograde_preprocessors = [
    "autograder.nbgrader_hooks.ExamineInSandbox",
    "autograder.marks.SaveMarks",
    "autograder.late.EnterDeadline",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
