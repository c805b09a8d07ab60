"""The registry of the project: who has which data first, what is refused or alike, what is missing, and two teams."""

import csv
import io
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from nbformat.v4 import new_notebook
from small_course import REPOSITORY, answer, cell_of, test_cell
from typer.testing import CliRunner

from autograder.cli import app
from autograder.course import Course, CourseError, open_course
from autograder.identity import Identity
from autograder.notebooks import normalise, read_notebook, to_bytes
from autograder.project import ALIKE, REGISTRY, alike, hand_ins, one_line, read_proposal, read_registry, status
from helpers.results import Run, write_runs

FORM = 'PROPOSAL = {"team": [], "dataset_name": "", "dataset_url": "", "task": "", "why": ""}'
WHY = (
    "Each recording holds two channels of half an hour and a beat is judged by what came before it so that memory over"
    " many seconds is needed while normal beats are nine of ten and accuracy says little"
)
ECG = ("MIT-BIH Arrhythmia Database", "https://physionet.org/content/mitdb/1.0.0/")
ECG_AGAIN = ("Arrhythmia recordings of Boston", "http://www.physionet.org/physiobank/database/mitdb/")
AIR = ("Beijing PM2.5", "https://archive.ics.uci.edu/dataset/381/beijing+pm2+5+data")
AIR_ALIKE = ("PM2.5 data of Beijing", "https://zenodo.org/records/4711")
TUNES = ("Folk tunes of thesession.org", "https://github.com/adactio/TheSession-data")

ALIKE_PAIRS = [
    ("MIT-BIH Arrhythmia Database", "MIT BIH arrhythmia"),
    ("Beijing PM2.5 Data", "PM2.5 data of Beijing"),
    ("Nottingham Music Database", "Nottingham folk tunes"),
    ("MAESTRO v3.0.0", "The MAESTRO Dataset"),
    ("ElectricityLoadDiagrams20112014", "Electricity Load Diagrams 2011-2014"),
    ("GeoLife GPS Trajectories", "Geolife trajectories 1.3"),
    ("JSB Chorales", "Bach chorales (JSB)"),
    ("Free Spoken Digit Dataset", "free spoken digits (FSDD)"),
    ("Bike Sharing", "Bike sharing dataset, Washington"),
    ("PAMAP2 Physical Activity Monitoring", "PAMAP2"),
    ("Japanese Vowels", "japanese vowel"),
    ("ECG5000", "ECG 5000"),
    ("Appliances energy prediction", "Appliance energy data set"),
    ("Lakh MIDI", "The Lakh MIDI Dataset v0.1 (clean)"),
    ("Multilingual Amazon Reviews", "Amazon reviews, multilingual corpus"),
    ("Wikipedia web traffic", "Web Traffic Time Series Forecasting (Wikipedia)"),
    ("NASA turbofan engine degradation (C-MAPSS)", "CMAPSS turbofan jet engines"),
    ("Tatoeba German-English sentences", "Tatoeba english german sentence pairs"),
    ("Porto taxi trajectories", "Taxi Trajectory Porto"),
    ("Solar power Alabama", "Solar Power in Alabama, NREL"),
    ("Sign language Auslan", "Australian Sign Language (AUSLAN) signs"),
    ("WESAD", "WESAD: wearable stress and affect detection"),
    ("Metro Interstate Traffic Volume", "metro traffic volume"),
    ("Recpies box", "Recipes Box"),
    ("Gas sensor array drift", "Gas Sensor Array Drift at Different Concentrations"),
]
"""The same data, as two teams may call them."""
OTHER_PAIRS = [
    ("Beijing PM2.5 Data", "Madrid air quality"),
    ("JSB Chorales", "Chopin nocturnes in MIDI"),
    ("MAESTRO", "MAPS piano recordings"),
    ("MIT-BIH Arrhythmia", "PTB-XL ECG"),
    ("MIT-BIH Arrhythmia", "MIT-BIH Supraventricular"),
    ("Bach chorales", "Bach cello suites"),
    ("Bike Sharing", "Car sharing trips Berlin"),
    ("Tatoeba German-English", "Tatoeba French-Spanish"),
    ("Porto taxi trajectories", "Bird migration trajectories"),
    ("New York taxi demand", "New York subway ridership"),
    ("ECG5000", "FordA engine noise"),
    ("Wikipedia web traffic", "Metro Interstate Traffic Volume"),
    ("Appliances energy prediction", "Household solar energy"),
    ("WESAD", "PAMAP2"),
    ("Amazon reviews", "Yelp reviews"),
    ("Japanese Vowels", "Japanese haiku"),
    ("Free Spoken Digit Dataset", "Free Music Archive"),
    ("Electricity load Portugal", "Electricity prices Spain"),
    ("Gas sensor array drift", "Gas price in Germany"),
    ("Goethe's poems", "Kafka's novels"),
    ("Hotel booking demand", "Hospital bed demand"),
    ("River flow of the Danube", "River level of the Rhine"),
    ("NASA turbofan", "NASA battery ageing"),
    ("Recipe Box", "Jokes by Reddit users"),
    ("Wind power Denmark", "Solar power Alabama"),
    ("Irish folk tunes", "Turkish folk songs"),
    ("EEG eye state", "EEG motor imagery"),
    ("Sleep-EDF", "Sleep heart health study"),
    ("Chess games of Lichess", "Go games of KGS"),
    ("Daily weather of Seattle", "Daily COVID cases of Italy"),
]
"""Different data."""


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course with a project of the real one's exercises, in few cells."""
    cells = [
        answer("identity", 'STUDENT_ID = ""\nTEAM = []\n### BEGIN SOLUTION\nTEAM = []\n### END SOLUTION'),
        answer("proposal", f"{FORM}\n### BEGIN SOLUTION\npass\n### END SOLUTION"),
        test_cell("proposal_test", "assert PROPOSAL", 2),
        answer("experiments", "### BEGIN SOLUTION\nexperiment_results = 1\n### END SOLUTION"),
        test_cell("experiments_test", "assert experiment_results", 6),
    ]
    cells[1].metadata["coursework"] = {"form": True}
    folder = tmp_path / "course" / "source" / "project"
    folder.mkdir(parents=True)
    (folder / "project.ipynb").write_bytes(to_bytes(normalise(new_notebook(cells=cells))))
    shutil.copy(REPOSITORY / "nbgrader_config.py", tmp_path / "course")
    return open_course(tmp_path / "course")


def text_of(team: list[str], data: tuple[str, str], task: str = "classification", why: str = WHY) -> str:
    said = {"team": team, "dataset_name": data[0], "dataset_url": data[1], "task": task, "why": why}
    return f"PROPOSAL = {said!r}"


def hand_in(
    course: Course,
    student: str,
    data: tuple[str, str] | None = None,
    *,
    team: list[str] | None = None,
    listed: list[str] | None = None,
    minute: int = 0,
    proposal: str = "",
    experiments: str = "",
) -> Path:
    """Hand in at this minute; ``team``: whom PROPOSAL names, ``listed``: TEAM, the same where nothing is said."""
    team = [student] if team is None else team
    notebook = read_notebook((course.source / "project" / "project.ipynb").read_bytes())
    listed = (team if len(team) > 1 else []) if listed is None else listed
    cell_of(notebook, "identity").source = f"# exercise: identity\nSTUDENT_ID = {student!r}\nTEAM = {listed!r}"
    text = proposal or (text_of(team, data) if data else FORM)
    cell_of(notebook, "proposal").source = f"# exercise: proposal\n{text}"
    stub = '# YOUR CODE HERE\nraise NotImplementedError("Exercise experiments: not answered yet")'
    cell_of(notebook, "experiments").source = f"# exercise: experiments\n{experiments or stub}"
    folder = course.submitted / student / "project"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "project.ipynb").write_bytes(to_bytes(notebook))
    (folder / "timestamp.txt").write_text(f"2026-12-01 08:{minute:02d}:00.000000 UTC")
    return folder


def entry(course: Course, *team: str) -> Any:
    (found,) = [found for found in status(course).entries if found.team == tuple(sorted(team))]
    return found


def table(course: Course) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((course.root / REGISTRY).read_text(), newline="")))


def edit(course: Course, team: str, **changes: str) -> None:
    """What an instructor changes in a spreadsheet, which writes semicolons and a byte order mark."""
    rows = [{**row, **(changes if row["team"] == team else {})} for row in table(course)]
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, list(rows[0]), delimiter=";")
    writer.writeheader()
    writer.writerows(rows)
    (course.root / REGISTRY).write_bytes(stream.getvalue().encode("utf-8-sig"))


# --- two pairs with alike data --------------------------------------------------------------------------------------


def test_of_two_pairs_with_the_same_address_the_first_one_has_it(course):
    hand_in(course, "cleo", ECG_AGAIN, team=["cleo", "dora"], minute=9)
    hand_in(course, "ada", ECG, team=["ada", "ben"], minute=5)
    assert entry(course, "ada", "ben").state == "accepted"
    refused = entry(course, "cleo", "dora")
    assert refused.state == "refused"
    assert "the team ada, ben has data of this address since 2026-12-01 08:05 UTC" in refused.refused[0]
    assert [row["team"] for row in table(course)] == ["ada ben", "cleo dora"]


def test_two_pairs_with_alike_names_are_shown_to_the_instructor(course):
    hand_in(course, "ada", AIR, team=["ada", "ben"], minute=1)
    hand_in(course, "cleo", AIR_ALIKE, team=["cleo", "dora"], minute=2)
    hand_in(course, "emil", TUNES, team=["emil"], minute=3)
    for team in (("ada", "ben"), ("cleo", "dora")):
        found = entry(course, *team)
        assert found.state == "accepted", "a name that is alike is for a person to judge"
        (line,) = found.alike
        assert '"Beijing PM2.5" (team ada, ben)' in line and '"PM2.5 data of Beijing" (team cleo, dora)' in line
    assert entry(course, "emil").alike == []


def test_alike_names_are_found_and_others_are_not():
    found = [pair for pair in ALIKE_PAIRS if alike(*pair) >= ALIKE]
    assert (
        len(found) == 24 and ("NASA turbofan engine degradation (C-MAPSS)", "CMAPSS turbofan jet engines") not in found
    )
    assert max(alike(*pair) for pair in OTHER_PAIRS) < ALIKE
    assert all(alike(one, other) == alike(other, one) for one, other in ALIKE_PAIRS + OTHER_PAIRS)
    assert alike("", "") == alike("MAESTRO", "") == 0


def test_the_usual_demos_are_refused(course):
    hand_in(course, "ada", ("Movies", "https://huggingface.co/datasets/stanfordnlp/imdb/tree/main"))
    assert entry(course, "ada").refused == ["it is one of the usual demos (IMDB movie reviews)"]


# --- places ---------------------------------------------------------------------------------------------------------


def test_a_later_hand_in_keeps_its_place(course):
    hand_in(course, "ada", ECG, minute=5)
    hand_in(course, "cleo", ECG, minute=9)
    status(course)
    hand_in(course, "ada", ECG_AGAIN, minute=30)
    assert entry(course, "ada").state == "accepted"
    assert entry(course, "cleo").state == "refused"
    first = table(course)[0]
    assert (first["team"], first["dataset_name"]) == ("ada", ECG_AGAIN[0])
    assert (first["registered"], first["handed_in"]) == ("2026-12-01 08:05:00 UTC", "2026-12-01 08:30:00 UTC")


def test_who_changes_to_other_data_gives_the_old_ones_free_and_stands_behind_who_has_the_new_ones(course):
    hand_in(course, "ada", ECG, minute=1)
    hand_in(course, "ben", ECG, minute=2)
    hand_in(course, "cleo", TUNES, minute=3)
    status(course)
    hand_in(course, "ada", TUNES, minute=4)
    assert [entry(course, who).state for who in ("ada", "ben", "cleo")] == ["refused", "accepted", "accepted"]
    assert [row["team"] for row in table(course)] == ["ada", "ben", "cleo"], "the lines stay where they are"


def test_a_partner_who_joins_takes_nothing_away(course):
    hand_in(course, "ada", ECG, minute=1)
    hand_in(course, "cleo", ECG, minute=2)
    status(course)
    hand_in(course, "ada", ECG, team=["ada", "ben"], minute=9)
    assert entry(course, "ada", "ben").state == "accepted"
    assert [row["team"] for row in table(course)] == ["ada ben", "cleo"]


def test_running_it_again_changes_nothing(course):
    hand_in(course, "ada", ECG, team=["ada", "ben"])
    status(course)
    path = course.root / REGISTRY
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    assert status(course).lines() == status(course).lines()
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert not list(course.root.glob(".coursework-*"))


# --- the instructor's hand ----------------------------------------------------------------------------------------


def test_the_instructor_decides(course):
    hand_in(course, "ada", ECG, minute=1)
    hand_in(course, "ben", ECG, minute=2)
    hand_in(course, "cleo", TUNES, minute=3)
    status(course)
    edit(course, "ben", decision="allow", remark="other leads; agreed")
    status(course)
    edit(course, "cleo", decision="Refuse")
    assert entry(course, "ben").state == "accepted"
    assert entry(course, "cleo").refused == [f"by the instructor, in {REGISTRY}"]
    hand_in(course, "ben", ECG, minute=20)
    assert entry(course, "ben").state == "accepted", "the decision is about these data"
    assert {row["team"]: row["remark"] for row in table(course)}["ben"] == "other leads; agreed"
    hand_in(course, "ben", TUNES, minute=21)
    assert entry(course, "ben").row.decision == ""


def test_what_the_instructor_writes_stays_until_the_team_hands_in_again(course):
    hand_in(course, "ada", ECG, minute=1)
    status(course)
    edit(course, "ada", dataset_name="MIT-BIH", dataset_url=ECG[1])
    assert entry(course, "ada").row.dataset_name == "MIT-BIH"
    hand_in(course, "ada", ECG, minute=2)
    assert entry(course, "ada").row.dataset_name == ECG[0]


def test_data_that_the_instructor_reserved_are_taken(course):
    hand_in(course, "ada", ECG, minute=9)
    line = "emil fay,2026-11-01 00:00:00 UTC,,ECG of Boston,https://physionet.org/content/mitdb/,,,agreed\n"
    (course.root / REGISTRY).write_text(f"{','.join(table_columns())}\n{line}")
    assert "the team emil, fay" in entry(course, "ada").refused[0]
    assert entry(course, "emil", "fay").state == "accepted"
    assert [row["team"] for row in table(course)] == ["emil fay", "ada"]


def table_columns() -> tuple[str, ...]:
    from autograder.project import COLUMNS

    return COLUMNS


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("team,registered\nada,2026-01-01 00:00:00 UTC\n", "handed_in"),
        ("{columns}\nada,yesterday,,x,y,z,,\n", "line 2: 'yesterday' is no time"),
        ("{columns}\nada,,,x,y,z,,\n", "line 2"),
        ("{columns}\n,2026-01-01 00:00:00 UTC,,x,y,z,,\n", "line 2: it names no team"),
        ("{columns}\nada,2026-01-01 00:00:00 UTC,,x,y,z,perhaps,\n", "'allow' or 'refuse'"),
        ("", "empty"),
    ],
)
def test_a_damaged_registry_is_told_and_left_alone(course, content, said):
    hand_in(course, "ada", ECG)
    path = course.root / REGISTRY
    path.write_text(content.replace("{columns}", ",".join(table_columns())))
    before = path.read_bytes()
    with pytest.raises(CourseError, match=REGISTRY) as error:
        status(course)
    assert said in str(error.value) and "\n" not in str(error.value)
    assert path.read_bytes() == before


# --- what is missing ----------------------------------------------------------------------------------------------


def test_what_is_missing_is_listed(course):
    hand_in(course, "ada", team=["ada"], minute=1)
    assert entry(course, "ada").missing == [
        "proposal",
        "experiments: not answered",
        "experiments: no kept runs",
        "report: no PDF was handed in",
    ]
    folder = hand_in(course, "ben", ECG, experiments="experiment_results = study()", minute=2)
    write_runs([Run("experiments", {"cell": "LSTM"}, 0, {"accuracy": 0.5})], folder / "results")
    (folder / "report.PDF").write_bytes(b"%PDF-1.7")
    assert entry(course, "ben").missing == []


def test_runs_of_another_exercise_or_damaged_ones_are_none(course):
    folder = hand_in(course, "ada", ECG, experiments="experiment_results = 1")
    write_runs([Run("training", {"cell": "LSTM"}, 0, {"accuracy": 0.5})], folder / "results")
    (folder / "results" / "experiments").mkdir()
    (folder / "results" / "experiments" / "x.json").write_text("{")
    assert "experiments: no kept runs" in entry(course, "ada").missing


def test_members_who_handed_in_nothing_are_named(course):
    hand_in(course, "ada", ECG, team=["ada", "ben"], minute=1)
    assert "ben handed in nothing (the team's hand-in counts)" in entry(course, "ada", "ben").missing
    hand_in(course, "ada", ECG, team=["ada", "ben"], listed=[], minute=2)
    assert any("no hand-in lists the id in TEAM" in line for line in entry(course, "ada", "ben").missing)


def test_the_hand_ins_of_both_members_are_one_entry(course):
    hand_in(course, "ada", ECG, team=["ada", "ben"], minute=1)
    folder = hand_in(course, "ben", None, team=["ada", "ben"], minute=2)
    (folder / "report.pdf").write_bytes(b"%PDF-1.7")
    found = entry(course, "ada", "ben")
    assert found.state == "accepted"
    assert not any("report" in line or "handed in nothing" in line for line in found.missing)


def test_who_names_nobody_is_of_the_team_that_names_them(course):
    hand_in(course, "ada", ECG, team=["ada", "ben"], minute=1)
    hand_in(course, "ben", None, team=["ben"], minute=2)
    found = status(course)
    assert [each.team for each in found.entries] == [("ada", "ben")]
    assert any("ben handed in alone" in error for error in found.errors), "TEAM of ben is blank: no marks are shared"


def test_students_of_the_roster_in_no_team_are_named(course):
    (course.root / "roster.csv").write_text("id\nada\nben\ncleo\n")
    with (course.root / "nbgrader_config.py").open("a") as file:
        file.write('\nc.Coursework.roster = "roster.csv"\n')
    hand_in(course, "ada", ECG, team=["ada", "ben"])
    assert status(course).without == ["cleo"]


def test_problems_of_a_proposal_are_listed(course):
    hand_in(course, "ada", proposal=text_of(["ada"], ("Tides", "tides.org/data"), task="guess", why="short"))
    said = " ".join(entry(course, "ada").missing)
    assert "https://" in said and "'guess'" in said and "30" in said


# --- two teams ------------------------------------------------------------------------------------------------------


def test_a_student_in_two_teams_is_an_error_and_all_else_is_listed(course, tmp_path):
    hand_in(course, "ada", ECG, team=["ada", "ben"], minute=1)
    hand_in(course, "cleo", AIR, team=["cleo", "ben"], minute=2)
    hand_in(course, "emil", TUNES, minute=3)
    out = tmp_path / "status.json"
    run = CliRunner().invoke(app, ["project", "status", "--course", str(course.root), "--json", str(out)])
    assert run.exit_code == 1
    errors = [line for line in run.output.splitlines() if line.startswith("error")]
    assert errors == ["error: ben is in 2 teams: (ada, ben) and (ben, cleo)"]
    assert "emil: Folk tunes" in run.output
    said = json.loads(out.read_text())
    assert [team["team"] for team in said["teams"]] == [["ada", "ben"], ["ben", "cleo"], ["emil"]]
    assert said["errors"] == ["ben is in 2 teams: (ada, ben) and (ben, cleo)"]


def test_refusals_are_no_failure_of_the_command(course):
    hand_in(course, "ada", ("MNIST", "https://yann.lecun.com/exdb/mnist/"))
    run = CliRunner().invoke(app, ["project", "status", "--course", str(course.root)])
    assert run.exit_code == 0
    assert "refused: it is one of the usual demos (MNIST)" in run.output
    assert "1 teams: 0 accepted, 1 refused, 0 no proposal" in run.output


def test_a_course_without_a_project_says_so(course):
    shutil.rmtree(course.source / "project")
    with pytest.raises(CourseError, match="no assignment 'project'"):
        status(course)


def test_no_hand_ins_are_no_failure(course):
    assert status(course).lines() == ["0 teams: 0 accepted, 0 refused, 0 no proposal"]


# --- reading, and showing what students wrote -------------------------------------------------------------------------


def test_proposals_are_read_and_never_run(course, tmp_path):
    touched = tmp_path / "touched"
    hand_in(course, "ada", proposal=f'PROPOSAL = {{"team": [open({str(touched)!r}, "w").name]}}')
    assert any("no literal" in line for line in entry(course, "ada").missing)
    assert not touched.exists()


def test_names_of_the_identity_and_single_lines_of_the_form_are_read():
    identity = Identity("s1", ["s1", "s2"])
    source = text_of([], ECG).replace("[]", "[STUDENT_ID, 's2']")
    assert read_proposal(source, "s1", identity)[0]["team"] == ["s1", "s2"]
    assert read_proposal(source.replace("[STUDENT_ID, 's2']", "TEAM"), "s1", identity)[0]["team"] == ["s1", "s2"]
    steps = f"{FORM}\n" + "".join(
        f"PROPOSAL[{key!r}] = {value!r}\n"
        for key, value in (("team", ["s1"]), ("dataset_name", ECG[0]), ("dataset_url", ECG[1]), ("task", "x"))
    )
    assert read_proposal(steps, "s1", identity)[0]["dataset_url"] == ECG[1]


@pytest.mark.parametrize(
    "source",
    ["PROPOSAL = dict(team=['s1'])", "PROPOSAL =", FORM, "pass", "PROPOSAL = 3", "PROPOSAL = {'team': ['s1']}"],
)
def test_what_is_no_proposal_is_told_in_one_line(source):
    proposal, problem = read_proposal(source, "s1", Identity())
    assert proposal is None
    assert problem and "\n" not in problem


def test_a_proposal_is_found_where_its_metadata_are_lost(course):
    hand_in(course, "ada", ECG)
    path = course.submitted / "ada" / "project" / "project.ipynb"
    content = json.loads(path.read_text())
    for cell in content["cells"]:
        cell["metadata"] = {}
        cell.pop("id")
    path.write_text(json.dumps(content))
    assert entry(course, "ada").state == "accepted"


def test_hand_ins_that_cannot_be_read_are_listed(course):
    folder = hand_in(course, "ada", ECG)
    (folder / "project.ipynb").write_text("{")
    assert entry(course, "ada").missing[0] == "proposal"
    assert [found.when for found in hand_ins(course)] == [datetime(2026, 12, 1, 8, 0, tzinfo=UTC)]


def test_students_text_is_harmless_in_terminal_and_table(course):
    name = "=HYPERLINK(1)\x1b[2J\u202e [bold]x[/bold]\nerror: none" + "y" * 500
    hand_in(course, "ada", (name, "https://a-lab.org/=x"))
    run = CliRunner().invoke(app, ["project", "status", "--course", str(course.root)])
    assert run.exit_code == 0
    assert "\x1b" not in run.output and "\u202e" not in run.output
    assert "[bold]x[/bold]" in run.output
    assert not any(line.startswith("error") for line in run.output.splitlines())
    cell = table(course)[0]["dataset_name"]
    assert cell.startswith("'=HYPERLINK") and "\n" not in cell and cell.isprintable()
    assert read_registry(course)[0].dataset_name.startswith("=HYPERLINK")
    again = status(course)
    assert again.entries[0].row.registered == datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
    assert len(one_line(name)) <= 100
