"""The whole way on embedded data: release, bundle, a small made-up class, collect, grade, feedback, report.

The class hands in answers from the bank, the way real students do: most as a zip, some as a bare notebook,
one damaged, one untouched, one with the metadata lost.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from autograder.bank import compose, find_answers, make_course
from autograder.bundle import bundle
from autograder.collect import collect
from autograder.course import Course, CourseError
from autograder.feedback import feedback
from autograder.grade import grade_class
from autograder.project import status
from autograder.records import SubmissionVerdict
from autograder.release import release
from autograder.report import report
from autograder.sandbox import PACKAGE_ROOT, require_bubblewrap

CLASS = {
    "speech_commands": (
        ("amelie", "right_everything_terse"),
        ("bogdan", "right_lstm_split_matrices"),
        ("chiara", "right_gru_reset_before"),
        ("dmitri", "lstm_forget_gate_on_hidden_state"),
        ("elif", "gru_reset_gate_ignored"),
        ("farid", "bidir_backward_not_reversed"),
        ("greta", "training_last_epoch_instead_of_best"),
        ("hugo", "model_squeeze_breaks_batch_of_one"),
        ("ines", "lstm_library_cell"),
        ("jonas", "model_state_not_carried"),
    ),
    "surnames": (
        ("amelie", "right_rnn_pooled_states"),
        ("bogdan", "right_imbalance_focal_loss"),
        ("chiara", "rnn_not_masked"),
        ("dmitri", "one_hot_off_by_one"),
        ("elif", "imbalance_rare_classes_dropped"),
        ("farid", "deep_return_sequences_forgotten"),
    ),
    "activity": (
        ("amelie", "right_architectures_functional_mixture"),
        ("bogdan", "right_comparison_last_subjects"),
        ("chiara", "architectures_flatten_before_the_rnn"),
        ("dmitri", "comparison_split_of_shuffled_windows"),
        ("elif", "best_model_chosen_by_test"),
    ),
    "char_rnn": (
        ("amelie", "right_sampling_gumbel"),
        ("bogdan", "right_training_value_clipping"),
        ("chiara", "batches_y_not_shifted"),
        ("dmitri", "sampling_temperature_wrong_way"),
        ("elif", "training_not_clipped"),
    ),
    "sequential_mnist": (
        ("amelie", "right_models_own_cells"),
        ("bogdan", "right_select_own_loop"),
        ("chiara", "models_batch_taken_for_time"),
        ("dmitri", "pixels_inverse_permutation"),
        ("elif", "select_by_test"),
        ("farid", "final_three_seeds"),
    ),
    "theory": (
        ("amelie", "right_basics_small_letters_and_commas"),
        ("bogdan", "right_own_parameter_count_torch"),
        ("chiara", "basics_general_term"),
        ("dmitri", "own_parameter_count_one_direction"),
        ("elif", "curves_gated_exchanged"),
        ("farid", "lstm_one_answered"),
        ("greta", "network_state_after_padding"),
    ),
    "project": (
        ("amelie", "right_proposal_pair"),
        ("chiara", "experiments_two_seeds"),
        ("dmitri", "right_experiments_rounded"),
        ("elif", "proposal_demo_by_name"),
    ),
}
"""For each assignment made-up students and the bank's answers that they hand in."""
TEAMS = {"project": {"amelie": ("amelie", "7654321")}}
"""For each assignment who hands in for a team, and all its members; the answer's proposal names them, too."""
DEMO_MARK = ".coursework-demo"


def run_demo(
    course: Course,
    folder: Path,
    *,
    workers: int,
    say: Callable[[str], None],
    on_start: Callable[[int], None],
    on_done: Callable[[SubmissionVerdict], None],
) -> Path:
    """Carry everything out in a course of its own at ``folder``; returns the report's path.

    Raises CourseError when ``folder`` exists and is not an earlier demo.
    """
    require_bubblewrap()
    _empty(folder)
    demo = make_course(course, folder)
    for assignment in demo.assignments():
        for path in release(demo, assignment):
            say(f"released {path.relative_to(demo.root)}")
    say(f"bundle for students: {bundle(demo, demo.root / 'student-bundle.zip')}")
    for line in collect(demo, hand_in(demo, demo.root / "incoming")).lines():
        say(line)
    graded = grade_class(demo, demo.assignments(), workers=workers, on_start=on_start, on_done=on_done)
    if not graded.complete:
        raise CourseError("; ".join(graded.failures + graded.team_errors) or "an exercise stayed ungraded, see above")
    for line in [*graded.team_lines, *status(demo).lines()]:
        say(line)
    for assignment in demo.assignments():
        pages = feedback(demo, assignment)
        say(f"feedback for {len(pages)} notebooks, for example {pages[0]}")
    return report(demo)


def _empty(folder: Path) -> None:
    if folder.exists() and not (folder / DEMO_MARK).is_file():
        raise CourseError(f"{folder} exists and is no demo: name another folder with --folder", 2)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / DEMO_MARK).touch()


def hand_in(demo: Course, incoming: Path) -> list[Path]:
    """Folders of hand-ins, one for each assignment, as an instructor downloads them."""
    answers = {(a.assignment, a.path.stem): a for a in find_answers([PACKAGE_ROOT / "tests" / "answers"])}
    for assignment, students in CLASS.items():
        (incoming / assignment).mkdir(parents=True)
        for student, name in students:
            team = TEAMS.get(assignment, {}).get(student, ())
            zipped = compose(demo, answers[assignment, name], student, team)
            (incoming / assignment / f"{student}.zip").write_bytes(zipped)
    first = next(iter(CLASS))
    (source,) = demo.source_notebooks(first)
    released = demo.release / first / source.name
    shutil.copy(released, incoming / first / "karim.ipynb")
    _without_metadata(released, incoming / first / "lena.ipynb")
    (incoming / first / "mateo.ipynb").write_bytes(released.read_bytes()[:2000])
    return [incoming / assignment for assignment in CLASS]


def _without_metadata(notebook: Path, target: Path) -> None:
    """As some editors save it: no metadata, no cell ids, an answer typed in."""
    content = json.loads(notebook.read_text())
    for cell in content["cells"]:
        cell["metadata"] = {}
        cell.pop("id", None)
    content.update(metadata={}, nbformat_minor=4)
    target.write_text(json.dumps(content))
