"""The examinations of the notebook `review`: the reference, every answer of the bank, and what the numbers rest on."""

import importlib.util
import re
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from autograder.bank import parse_answer, reference_source
from autograder.channel import local_candidate
from autograder.examinations import theory_review
from autograder.examinations.theory_review import MODELS, NETWORKS, TASKS, Network, misconceptions
from autograder.examine import Context, examinations, fraction, run_part
from autograder.notebooks import answer_cells, grade_id, read_notebook
from autograder.records import PartResult
from helpers import theory
from helpers.theory import KINDS, Sizes, load_curves, own_sizes

ROOT = Path(__file__).parent.parent
NOTEBOOK = ROOT / "source" / "theory" / "review.ipynb"
EXAMINATIONS = {examination.exercise: examination for examination in theory_review.EXAMINATIONS}
ANSWERS = {
    path.stem: answer
    for path in sorted(Path(__file__).parent.glob("*answers/theory/*.py"))
    if set((answer := parse_answer(path)).replaced) <= EXAMINATIONS.keys()
}
IDS = ["reference", *(f"s{number}" for number in range(300))]
ALL_NETWORKS = {key: network for networks in NETWORKS.values() for key, network in networks.items()}


def reference() -> dict[str, str]:
    cells = answer_cells(read_notebook(NOTEBOOK.read_bytes()))
    return {str(grade_id(cell)): reference_source(cell) for cell in cells if cell.cell_type == "code"}


def namespace(answers: dict[str, str], student_id: Any = "an id") -> dict[str, Any]:
    """What the notebook has defined after these answers, the reference's in place of those that are not given."""
    defined = {"STUDENT_ID": student_id, "np": np, "own_sizes": own_sizes, "curves": load_curves()}
    defined["sizes"] = own_sizes(student_id)
    for exercise, source in {**reference(), **answers}.items():
        if exercise != "identity":
            exec(source, defined)
    return defined


def ask(exercise: str, names: dict[str, Any]) -> dict[str, PartResult]:
    """All parts of an examination by name."""
    candidate, rng = local_candidate(names), np.random.default_rng(0)
    return {part.name: run_part(part, candidate, rng, Context()) for part in EXAMINATIONS[exercise].parts}


def earned(exercise: str, names: dict[str, Any]) -> float:
    return fraction(EXAMINATIONS[exercise], list(ask(exercise, names).values()))


def messages(exercise: str, **names: Any) -> str:
    found = ask(exercise, {"STUDENT_ID": "an id", **names})
    return " ".join(part.message for part in found.values())


# --- the bank ---


@pytest.mark.parametrize("student_id", ["reference", " S 123 ", 4711])
def test_the_reference_is_right_whoever_hands_it_in(student_id):
    names = namespace({}, student_id)
    assert {exercise: earned(exercise, names) for exercise in EXAMINATIONS} == dict.fromkeys(EXAMINATIONS, 1.0)


@pytest.mark.parametrize("name", ANSWERS)
def test_every_answer_of_the_bank_earns_what_it_should(name):
    answer = ANSWERS[name]
    names = namespace(answer.replaced, f"a0012_{name}")
    for exercise in EXAMINATIONS:
        # An answer that types its id once more is asked about that id from there on, as in the notebook.
        right = {"full": 1.0, "none": 0.0}.get(answer.expected(exercise), answer.expected(exercise))
        assert earned(exercise, names) == pytest.approx(right), ask(exercise, names)


WORDS = {
    "sequence_mapping_translation_aligned": "as many words as the sentence",
    "sequence_mapping_alignment_not_said": "Aligned or unaligned?",
    "sequence_mapping_a_list": "MAPPING should be a dictionary, as it was given, got list",
    "parameter_count_no_bias": "Is there any bias in it?",
    "parameter_count_no_recurrent_bias": "Do the recurrent layers have biases?",
    "parameter_count_two_biases": "How many bias vectors are asked for?",
    "parameter_count_times_length": "used again in the next?",
    "parameter_count_recurrent_weights_forgotten": "What else does it read at each step?",
    "parameter_count_second_layer_reads_input": "What does the second layer read at each step?",
    "parameter_count_softmax_forgotten": "Is the softmax layer in it?",
    "parameter_count_lstm": "How often does this cell have a matrix",
    "parameter_count_rounded": "should be one whole number",
    "own_parameter_count_no_biases": "Is there any bias in it?",
    "own_parameter_count_softmax_bias_forgotten": "Does the softmax layer have biases?",
    "own_parameter_count_conventions_exchanged": "How many bias vectors are asked for?",
    "own_parameter_count_gru_like_lstm": "How often does this cell have a matrix",
    "own_parameter_count_second_layer_reads_one_direction": "what does each read?",
    "own_parameter_count_softmax_reads_one_direction": "what does each read?",
    "own_parameter_count_nothing_reads_both": "read in both directions?",
    "own_parameter_count_one_direction": "This looks like one direction only.",
    "own_parameter_count_one_layer_only": "Are both recurrent layers in it?",
    "own_parameter_count_times_length": "used again in the next?",
    "own_parameter_count_of_another_id": "Write down each matrix",
    "own_parameter_count_one_convention": "OWN_PARAMETERS['rnn_two_biases'] is not answered.",
    "curves_gated_exchanged": "LSTM and GRU are not both where you say",
    "curves_rnn_and_lstm_exchanged": "the plain RNN is not the curve that you name",
    "curves_only_the_rnn": "A_model is not answered.",
}


@pytest.mark.parametrize(("name", "words"), WORDS.items(), ids=WORDS.keys())
def test_messages_name_the_misconception(name, words):
    (exercise,) = ANSWERS[name].replaced
    found = ask(exercise, namespace(ANSWERS[name].replaced))
    assert any(words in part.message for part in found.values()), found


def test_messages_give_no_answer_away():
    numbers = {str(network.parameters(own_sizes("an id"))) for network in ALL_NETWORKS.values()} | {"8874", "8,874"}
    for name, answer in ANSWERS.items():
        (exercise,) = answer.replaced
        told = " ".join(part.message for part in ask(exercise, namespace(answer.replaced)).values())
        assert not any(number in told for number in numbers), name


# --- what may be handed in ---


@pytest.mark.parametrize("value", [True, 8874.5, float("nan"), "8874.0.0", [8874], np.array([8874]), object(), b"8874"])
def test_what_is_no_whole_number_is_said_and_earns_nothing(value):
    assert "N_PARAMETERS should be one whole number" in messages("parameter_count", N_PARAMETERS=value)
    assert earned("parameter_count", {"N_PARAMETERS": value}) == 0


@pytest.mark.parametrize("value", [-8874, 0, 10**30, 8875])
def test_other_whole_numbers_earn_nothing(value):
    assert earned("parameter_count", {"N_PARAMETERS": value}) == 0


@pytest.mark.parametrize("value", [8874, 8874.0, np.int32(8874), torch.tensor(8874), "8874", "8 874", "8,874"])
def test_any_way_to_write_the_number_is_right(value):
    assert earned("parameter_count", {"N_PARAMETERS": value}) == 1


@pytest.mark.parametrize("value", [7, ["many-to-one"], object(), "many", "m" * 10_000, None, "", "  "])
def test_what_is_no_form_is_said_and_the_others_count(value):
    mapping = {task: form for form, tasks in TASKS.items() for task in tasks}
    assert earned("sequence_mapping", {"MAPPING": {**mapping, "translation": value}}) == pytest.approx(0.9)
    assert "MAPPING['translation']" in messages("sequence_mapping", MAPPING={**mapping, "translation": value})


@pytest.mark.parametrize(
    ("student_id", "words"),
    [("", "is blank"), ("  ", "is blank"), (None, "should be a text"), (True, "should be a text"), (["s1"], "list")],
)
def test_an_id_that_is_none_is_said(student_id, words):
    found = ask("own_parameter_count", {"STUDENT_ID": student_id, "OWN_PARAMETERS": {}})
    assert all(part.earned == 0 and words in part.message for part in found.values())


def test_names_that_the_candidate_lacks_earn_nothing():
    for exercise in EXAMINATIONS:
        found = ask(exercise, {"STUDENT_ID": "an id"})
        assert all(part.earned == 0 and part.message for part in found.values()), exercise


def test_a_half_of_unicode_in_the_id_is_an_id():
    assert own_sizes("\ud800") == own_sizes("\ud800")


# --- numbers of parameters ---


def of_torch(kind: type[nn.RNNBase], sizes: Sizes, directions: int) -> tuple[int, int]:
    """Parameters of torch's own layers, with one and with two bias vectors."""
    two_way = directions == 2
    layers = (
        kind(sizes.features, sizes.hidden_1, bidirectional=two_way),
        kind(directions * sizes.hidden_1, sizes.hidden_2, bidirectional=two_way),
        nn.Linear(directions * sizes.hidden_2, sizes.classes),
    )
    named = [pair for layer in layers for pair in layer.named_parameters()]
    total = sum(p.numel() for _, p in named)
    return total - sum(p.numel() for name, p in named if name.startswith("bias_hh")), total


@pytest.mark.parametrize("directions", [1, 2])
@pytest.mark.parametrize(("kind", "gates"), [(nn.RNN, 1), (nn.LSTM, 4), (nn.GRU, 3)])
def test_the_numbers_are_those_of_torchs_layers(kind, gates, directions):
    for student_id in IDS[:5]:
        sizes = own_sizes(student_id)
        one, two = of_torch(kind, sizes, directions)
        assert Network(gates, 1, directions).parameters(sizes) == one
        assert Network(gates, 2, directions).parameters(sizes) == two


@pytest.mark.parametrize(
    ("layer", "options", "gates", "biases"),
    [("SimpleRNN", {}, 1, 1), ("LSTM", {}, 4, 1), ("GRU", {}, 3, 2), ("GRU", {"reset_after": False}, 3, 1)],
)
@pytest.mark.parametrize("directions", [1, 2])
def test_the_conventions_are_those_of_keras(layer, options, gates, biases, directions):
    keras = pytest.importorskip("keras")
    sizes = own_sizes("reference")
    recurrent = [
        getattr(keras.layers, layer)(sizes.hidden_1, return_sequences=True, **options),
        getattr(keras.layers, layer)(sizes.hidden_2, **options),
    ]
    if directions == 2:
        recurrent = [keras.layers.Bidirectional(one) for one in recurrent]
    softmax = keras.layers.Dense(sizes.classes, activation="softmax")
    model = keras.Sequential([keras.Input((sizes.time, sizes.features)), *recurrent, softmax])
    assert model.count_params() == Network(gates, biases, directions).parameters(sizes)


def test_the_question_of_the_coursework_has_its_answer():
    assert theory_review.SIMPLE_RNN.parameters(theory_review.COURSEWORK) == 8874


def test_no_misconception_gives_a_right_number_for_any_id():
    for student_id in IDS:
        sizes = own_sizes(student_id)
        right = {key: network.parameters(sizes) for key, network in ALL_NETWORKS.items()}
        assert len(set(right.values())) == len(right), student_id
        for key, network in ALL_NETWORKS.items():
            assert right[key] not in {number for number, _ in misconceptions(network, sizes)}, (student_id, key)


def test_the_weights_of_the_coursework_are_not_right_by_a_misconception_about_weights():
    about_biases = ("bias",)
    for number, question in misconceptions(theory_review.SIMPLE_RNN, theory_review.COURSEWORK):
        got = earned("parameter_count", {"N_PARAMETERS": number})
        assert got == (0.5 if any(word in question for word in about_biases) and "matrix" not in question else 0.0)


# --- curves ---


def test_the_curves_are_told_apart_by_every_seed():
    """What the answer rests on: the GRU falls first, the LSTM later, the RNN does not stay down."""
    curves = load_curves()
    column = {name: letter for letter, name in MODELS.items()}
    assert sorted(column) == sorted(KINDS)
    for _, run in curves.groupby("seed"):
        by_epoch = run.set_index("epoch")
        fallen = {kind: by_epoch[column[kind]].lt(0.08).idxmax() for kind in ("GRU", "LSTM")}
        assert fallen["GRU"] <= 25 < 30 <= fallen["LSTM"] <= 65
        assert by_epoch[[column["GRU"], column["LSTM"]]].iloc[-1].max() < 0.01
        assert by_epoch[column["RNN"]].iloc[-1] > 0.1
        assert by_epoch[column["RNN"]].iloc[:80].min() > 0.1


def make_curves() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_curves", ROOT / "data" / "theory" / "make_curves.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("letter", MODELS)
def test_the_script_gives_the_curves_that_are_kept(letter):
    """Its first epochs, over which rounding does not yet grow, tell the networks and their seeds apart."""
    curves = load_curves()
    made = make_curves().curve(MODELS[letter], seed=1, epochs=3)
    begun = {(column, seed): run[column].to_numpy()[:3] for seed, run in curves.groupby("seed") for column in "ABC"}
    distance = {key: np.abs(values - made).max() for key, values in begun.items()}
    assert distance[letter, 1] < 1e-3
    assert min(distance, key=lambda key: distance[key]) == (letter, 1)


def test_nothing_that_students_get_says_which_curve_is_which():
    """Neither a line that names a letter together with a network, nor the networks in the order of the letters."""
    order = list(MODELS.values())
    given = [
        *sorted((ROOT / "data" / "theory").iterdir()),
        ROOT / "helpers" / "theory.py",
        ROOT / "helpers" / "plots.py",
    ]
    texts = {path.name: path.read_text() for path in given if path.is_file()}
    released = read_notebook((ROOT / "release" / "theory" / "review.ipynb").read_bytes())
    texts["release"] = "\n".join(cell.source for cell in released.cells)
    for name, text in texts.items():
        assert not re.search(r"\b[ABC](_model)?\W*(\bis\b|\bwas\b|[=:→])\W*(the )?\W*(RNN|LSTM|GRU)\b", text), name
        for line in text.splitlines():
            found = re.findall(r"RNN|LSTM|GRU", line)
            assert all(list(three) != order for three in zip(found, found[1:], found[2:], strict=False)), (name, line)


# --- the notebook ---


def test_points_and_parts_of_the_assignment():
    assert EXAMINATIONS.keys() <= examinations("theory").keys()
    notebook = read_notebook(NOTEBOOK.read_bytes())
    tasks = next(cell for cell in answer_cells(notebook) if grade_id(cell) == "sequence_mapping").source
    listed = re.findall(r'^    "(\w+)": ""', tasks, flags=re.M)
    assert sorted(listed) == sorted(task for tasks in TASKS.values() for task in tasks)
    assert any(form != other for form, other in pairwise(right_form(task) for task in listed)), "not sorted by form"


def right_form(task: str) -> str:
    return next(form for form, tasks in TASKS.items() if task in tasks)


def test_the_forms_are_those_that_can_be_read():
    assert tuple(TASKS) == theory.FORMS
