"""What the notebook `review` computes: gradients against the chain rule by hand, sizes that never change, answers."""

import importlib.util
import os
import subprocess
import sys
from dataclasses import astuple
from pathlib import Path

import numpy as np
import pytest
import torch

from helpers.data.store import check_checksums
from helpers.theory import (
    FORMS,
    KINDS,
    Sizes,
    gradient_norms,
    gradient_table,
    load_curves,
    own_sizes,
    read_form,
    read_network,
    read_whole_number,
    recurrent_layer,
)

ROOT = Path(__file__).parent.parent

# --- gradients ---


def layer_and_sequence(kind, hidden_size, steps, seed, features=3, **options):
    """What `gradient_norms` draws for this seed: the layer and its sequence (1, steps, features)."""
    torch.manual_seed(seed)
    layer = recurrent_layer(kind, features, hidden_size, **options)
    return layer, torch.randn(1, steps, features, dtype=torch.float64)


@pytest.mark.parametrize("scale", [0.5, 1.0, 4.0])
def test_an_rnns_gradients_are_the_product_of_its_jacobians(scale):
    hidden_size, steps = 4, 12
    layer, sequence = layer_and_sequence("RNN", hidden_size, steps, seed=3, recurrent_scale=scale)
    recurrent, inputs = layer.weight_hh_l0.detach().numpy(), layer.weight_ih_l0.detach().numpy()
    bias = (layer.bias_ih_l0 + layer.bias_hh_l0).detach().numpy()
    states, h = [], np.zeros(hidden_size)
    for x in sequence[0].numpy():
        h = np.tanh(inputs @ x + recurrent @ h + bias)
        states.append(h)
    product, expected = np.eye(hidden_size), []
    for h in reversed(states):
        slope = np.diag(1 - h**2)
        expected.append(np.linalg.norm(product @ slope @ inputs))
        product = product @ slope @ recurrent
    found = gradient_norms("RNN", hidden_size, steps, 3, features=3, recurrent_scale=scale)
    assert found == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("keep_bias", [0.0, 2.0])
def test_gradients_are_differences_of_the_last_state(kind, keep_bias):
    """Central differences of the last hidden state with respect to each input number, without backward."""
    steps, step = 6, 1e-6
    layer, sequence = layer_and_sequence(kind, 5, steps, seed=8, keep_bias=keep_bias)
    with torch.no_grad():
        jacobian = np.zeros((steps, 5, 3))
        for t, k in np.ndindex(steps, 3):
            moved = []
            for sign in (1, -1):
                shifted = sequence.clone()
                shifted[0, t, k] += sign * step
                moved.append(layer(shifted)[0][0, -1].numpy())
            jacobian[t, :, k] = (moved[0] - moved[1]) / (2 * step)
    expected = np.linalg.norm(jacobian, axis=(1, 2))[::-1]
    assert gradient_norms(kind, 5, steps, 8, features=3, keep_bias=keep_bias) == pytest.approx(expected, rel=1e-6)


def test_the_gate_that_keeps_is_the_one_that_the_bias_opens():
    """With this gate wide open, a GRU's state and an LSTM's cell state outlast any inputs."""
    torch.manual_seed(0)
    inputs, h = torch.randn(1, 9, 3, dtype=torch.float64), torch.rand(1, 1, 5, dtype=torch.float64)
    gru = recurrent_layer("GRU", 3, 5, keep_bias=60.0)
    assert torch.allclose(gru(inputs, h)[1], h, atol=1e-12)
    lstm, plain = recurrent_layer("LSTM", 3, 5, keep_bias=60.0), torch.zeros_like(h)
    with torch.no_grad():
        lstm.bias_ih_l0[:5] -= 60.0  # nothing is written
    assert torch.allclose(lstm(inputs, (plain, h))[1][1], h, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_gives_one_curve_and_leaves_torchs_generator_alone(kind):
    torch.manual_seed(5)
    state = torch.get_rng_state()
    first = gradient_norms(kind, 6, 15, 1)
    assert torch.equal(torch.get_rng_state(), state)
    assert first.shape == (15,) and first.dtype == np.float64
    assert np.array_equal(first, gradient_norms(kind, 6, 15, 1))
    assert not np.allclose(first, gradient_norms(kind, 6, 15, 2))


def test_a_plain_layer_has_no_gate_to_open():
    assert np.array_equal(gradient_norms("RNN", 6, 9, 0), gradient_norms("RNN", 6, 9, 0, keep_bias=4.0))


def test_another_kind_is_refused():
    with pytest.raises(ValueError, match="unknown kind 'lstm': there are RNN, LSTM, GRU"):
        gradient_norms("lstm", 4, 5, 0)


def test_the_picture_is_as_the_notebook_says():
    at_first, kept = gradient_table(range(5)), gradient_table(range(5), keep_bias=3.0)
    grown = gradient_table(range(5), recurrent_scale=5.0)
    last = {kind: np.exp(np.log(norms[:, 99]).mean()) for kind, norms in at_first.items()}
    assert 1e-29 < last["RNN"] < 1e-27
    assert 1e-22 < last["LSTM"] < 1e-20 and 1e-22 < last["GRU"] < 1e-20
    assert (at_first["RNN"][:, 0] / at_first["RNN"][:, 20]).min() > 1e4
    assert kept["LSTM"].min() > 0.03 and kept["LSTM"].max() < 1
    assert 30 < np.exp(np.log(kept["GRU"][:, 0] / kept["GRU"][:, 99]).mean()) < 120
    assert np.array_equal(kept["RNN"], at_first["RNN"])
    assert 1e9 < np.exp(np.log(grown["RNN"][:, 99]).mean()) < 1e12


# --- sizes of one's own ---

FIXED = {
    "reference": (130, 34, 112, 56, 9),
    "s1234567": (60, 47, 72, 48, 17),
    "Ada Lovelace": (160, 30, 48, 112, 14),
    "0000000": (110, 27, 16, 112, 9),
}


@pytest.mark.parametrize(("student_id", "sizes"), FIXED.items(), ids=FIXED.keys())
def test_sizes_of_an_id_never_change(student_id, sizes):
    """Students work for days, and are marked on another machine: these numbers were written down once."""
    assert astuple(own_sizes(student_id)) == sizes


@pytest.mark.parametrize("hash_seed", ["0", "1"])
def test_sizes_are_the_same_in_every_process(hash_seed):
    code = (
        "from dataclasses import astuple; from helpers.theory import own_sizes; print(astuple(own_sizes('reference')))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(FIXED["reference"])


def test_case_and_spaces_of_an_id_make_no_difference():
    assert own_sizes(" S12AB ") == own_sizes("s12ab") != own_sizes("s12ac")
    assert own_sizes(4711) == own_sizes("4711")


@pytest.mark.parametrize("student_id", ["", " ", "\n"])
def test_a_blank_id_has_no_sizes(student_id):
    with pytest.raises(ValueError, match="STUDENT_ID is blank"):
        own_sizes(student_id)


@pytest.mark.parametrize("student_id", [None, True, 1.5, ["s1"]])
def test_an_id_is_text_or_a_whole_number(student_id):
    with pytest.raises(TypeError, match="STUDENT_ID should be text"):
        own_sizes(student_id)


def test_sizes_differ_between_students_and_within_a_network():
    drawn = [own_sizes(f"s{number}") for number in range(500)]
    assert len(set(drawn)) > 495
    for sizes in drawn:
        assert sizes.hidden_1 != sizes.hidden_2 and sizes.features not in (sizes.hidden_1, sizes.hidden_2)
        assert 50 <= sizes.time <= 200 and 10 <= sizes.features < 60 and 3 <= sizes.classes <= 30
    for name in ("time", "features", "hidden_1", "hidden_2", "classes"):
        counts = np.unique([getattr(sizes, name) for sizes in drawn], return_counts=True)[1]
        assert len(counts) >= 12 and counts.max() < 500 / 5, name
    assert isinstance(drawn[0], Sizes)


# --- answers ---


@pytest.mark.parametrize(
    ("text", "form"),
    [
        *((form, form) for form in FORMS),
        ("Many To One", "many-to-one"),
        ("ONE_TO_MANY", "one-to-many"),
        ("  1-to-1 ", "one-to-one"),
        ("aligned many-to-many", "many-to-many aligned"),
        ("many-to-many (not aligned)", "many-to-many unaligned"),
        ("Many-to-many, non-aligned", "many-to-many unaligned"),
    ],
)
def test_a_form_is_read_however_it_is_typed(text, form):
    assert read_form(text) == form


@pytest.mark.parametrize(
    "text", ["", "many", "many-to-many-to-one", "aligned", "one-to-one aligned", 3, None, 101 * "x"]
)
def test_what_is_no_form_is_refused(text):
    with pytest.raises(ValueError, match="the form should be"):
        read_form(text)


def test_many_to_many_alone_is_asked_about():
    with pytest.raises(ValueError, match=r"the form of 'summary' says .* Aligned or unaligned\?"):
        read_form("many to many", "the form of 'summary'")


def test_networks_are_read_however_they_are_typed():
    assert [read_network(text) for text in ("rnn", " LSTM", "G.R.U.", "Simple RNN")] == ["RNN", "LSTM", "GRU", "RNN"]
    for text in ("LSTM or GRU", "simple lstm", "", None, 1):
        with pytest.raises(ValueError, match=r"the network should be"):
            read_network(text)


@pytest.mark.parametrize("value", [8874, 8874.0, np.int64(8874), np.array(8874.0), "8874", " 8,874 ", "8 874", "8'874"])
def test_whole_numbers_are_read(value):
    found = read_whole_number(value)
    assert found == 8874 and type(found) is int


@pytest.mark.parametrize(
    "value", [True, 0.5, float("inf"), "8,87", "eight", "8874 in all", None, [1], np.array([1]), 1j]
)
def test_what_is_no_whole_number_is_refused(value):
    with pytest.raises(ValueError, match="N should be one whole number"):
        read_whole_number(value, "N")


# --- curves ---


def test_the_curves_are_those_of_the_checksum_and_whole():
    assert check_checksums(ROOT / "data" / "theory", "*.csv") == []
    curves = load_curves()
    assert list(curves.columns) == ["seed", "epoch", "A", "B", "C"]
    assert len(curves) == 500 and set(curves["seed"]) == set(range(5))
    assert all(list(run["epoch"]) == list(range(1, 101)) for _, run in curves.groupby("seed"))
    assert curves[["A", "B", "C"]].to_numpy().min() > 0


def test_the_adding_problem_is_as_the_notebook_says():
    spec = importlib.util.spec_from_file_location("make_curves", ROOT / "data" / "theory" / "make_curves.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    sequences, sums = script.adding_problem(20_000, 50, torch.Generator().manual_seed(1))
    values, marks = sequences.unbind(dim=2)
    assert torch.equal(marks[:, :25].sum(dim=1), torch.ones(20_000))
    assert torch.equal(marks[:, 25:].sum(dim=1), torch.ones(20_000))
    assert torch.allclose(sums, values[marks.bool()].reshape(-1, 2).sum(dim=1))
    assert sums.mean().item() == pytest.approx(1, abs=0.01) and sums.var().item() == pytest.approx(1 / 6, abs=0.005)


def test_nothing_heavy_is_imported_with_the_helpers():
    heavy = ("torch", "pandas", "matplotlib", "autograder")
    code = f"import sys, helpers.theory; print([name for name in {heavy} if name in sys.modules])"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
