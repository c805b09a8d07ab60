"""The examinations of `rnn_model` and `bidirectional_model` over the answer bank, without a sandbox."""

import functools
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from reference_cells import given

from autograder.bank import Answer, parse_answer
from autograder.channel import local_candidate
from autograder.examinations.models import BIDIRECTIONAL_MODEL, RNN_MODEL, STAND_IN_CELLS
from autograder.examine import Context, Examination, fraction, run_parts
from autograder.records import PartResult

EXAMINATIONS = {"rnn_model": RNN_MODEL, "bidirectional_model": BIDIRECTIONAL_MODEL}
ANSWERS = {path.stem: path for path in Path(__file__).parent.glob("*answers/speech_commands/*.py")}


def namespace_of(answer: Answer, *, stand_ins: bool = False) -> dict[str, Any]:
    """The notebook's globals after this answer's cells and models."""
    namespace = given()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)  # comparing strings with `is` is one of the mistakes
        for exercise in ("lstm_cell", "gru_cell"):
            _run(answer, exercise, namespace)
        if stand_ins:
            exec(STAND_IN_CELLS, namespace)
        for exercise in EXAMINATIONS:
            _run(answer, exercise, namespace)
    return namespace


def _run(answer: Answer, exercise: str, namespace: dict[str, Any]) -> None:
    exec(answer.replaced.get(exercise, ""), namespace)
    for place, source in answer.added:
        if place == exercise:
            exec(source, namespace)


def examine(examination: Examination, namespace: dict[str, Any], seed: int = 0) -> list[PartResult]:
    done: list[PartResult] = []
    context = Context()
    run_parts(examination, local_candidate(namespace), lambda: np.random.default_rng(seed), context, done)
    return done


@functools.cache
def best_of_two(path: Path, exercise: str) -> tuple[float, str]:
    """Fraction and messages, as grading finds them: as handed in, and again with stand-ins for the cells."""
    answer, examination = parse_answer(path), EXAMINATIONS[exercise]
    done = examine(examination, namespace_of(answer))
    if fraction(examination, done) < 1:
        again = examine(examination, namespace_of(answer, stand_ins=True))
        done = max(done, again, key=lambda parts: fraction(examination, parts))
    return fraction(examination, done), " ".join(part.message for part in done if part.message)


def answers() -> list[Any]:
    found = []
    for path in sorted(ANSWERS.values()):
        answer = parse_answer(path)
        found += [
            pytest.param(path, exercise, answer.expected(exercise), id=f"{path.stem}-{exercise}")
            for exercise in EXAMINATIONS
            if exercise in answer.replaced
        ]
    return found


@pytest.mark.parametrize(("path", "exercise", "expected"), answers())
def test_answers_of_the_bank(path, exercise, expected):
    if "device_hard_coded" in path.stem and torch.cuda.is_available():
        pytest.skip("this mistake shows only where there is no graphics card, as in the sandbox")
    earned, messages = best_of_two(path, exercise)
    if expected == "full":
        assert earned == 1, messages
    elif expected == "none":
        assert earned == 0
    else:
        assert earned < 1
    assert bool(messages) == (earned < 1)


MESSAGES = {
    "model_first_output": "first time step",
    "model_mean_over_time": "averaged over time",
    "model_sum_of_logits_over_time": "logits are not fc applied to",
    "model_first_layer_output": "first layer's hidden state",
    "model_state_not_carried": "not to be carried from one time step",
    "model_layers_fed_raw_input": "cannot be multiplied",
    "model_sequence_read_backwards": "read backwards",
    "model_softmax_output": "softmax",
    "model_squeeze_breaks_batch_of_one": "squeeze()",
    "model_uninitialised_state": "uninitialised memory",
    "model_plain_list_of_cells": "nn.ModuleList",
    "model_layers_share_one_cell": "one cell used more than once",
    "model_bias_not_passed_on": "Is bias passed on",
    "model_relu_mode_uses_tanh": "do not seem to use relu",
    "model_hx_ignored": "Is hx ignored?",
    "model_hx_reversed": "the layers get each other's states",
    "model_hx_list_changed": "changed in place",
    "model_state_detached_each_step": "detached",
    "model_state_kept_between_calls": "kept in self",
    "model_float64_logits": "float32 logits",
    "model_logits_at_every_step": "expected logits of shape",
    "model_unknown_mode_accepted": "expected a ValueError for an unknown mode, but a model was built",
    "bidir_backward_before_forward": "[backward, forward] instead of [forward, backward]",
    "bidir_backward_not_reversed": "read the sequence forwards",
    "bidir_forward_cells_for_both": "use the forward direction's cells",
    "bidir_backward_output_at_last_frame": "only the last element of the sequence",
    "bidir_forward_state_twice": "both halves seem to come from the forward direction",
    "bidir_mean_over_time": "averaged over time",
    "bidir_plain_list_of_backward_cells": "nn.ModuleList",
    "bidir_softmax_output": "softmax",
}


@pytest.mark.parametrize(("name", "words"), MESSAGES.items(), ids=MESSAGES.keys())
def test_messages_name_the_misconception(name, words):
    exercise = "rnn_model" if name.startswith("model_") else "bidirectional_model"
    _, messages = best_of_two(ANSWERS[name], exercise)
    assert words in messages


def test_messages_tell_no_source_of_the_examination():
    for name in MESSAGES:
        exercise = "rnn_model" if name.startswith("model_") else "bidirectional_model"
        _, messages = best_of_two(ANSWERS[name], exercise)
        assert "candidate." not in messages
        assert "autograder" not in messages


@pytest.mark.parametrize("seed", range(3))
def test_right_models_pass_whatever_is_drawn(seed):
    answer = parse_answer(ANSWERS["right_everything_terse"])
    namespace = namespace_of(answer)
    for examination in EXAMINATIONS.values():
        assert fraction(examination, examine(examination, namespace, seed)) == 1


WRONG_CELL = """
class GRUCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        raise NotImplementedError("Exercise gru_cell: not answered yet")
"""


def test_a_missing_cell_costs_nothing_where_models_are_marked():
    answer = parse_answer(ANSWERS["right_model_step_by_step"])
    namespace = namespace_of(answer)
    exec(WRONG_CELL, namespace)
    done = examine(RNN_MODEL, namespace)
    assert fraction(RNN_MODEL, done) < 1
    assert "not answered yet" in " ".join(part.message for part in done)
    exec(STAND_IN_CELLS, namespace)
    assert fraction(RNN_MODEL, examine(RNN_MODEL, namespace)) == 1


def test_the_library_is_absent_while_models_are_examined():
    _, messages = best_of_two(ANSWERS["model_library_layers"], "rnn_model")
    assert "has no attribute 'LSTM'" in messages


class RefusesArguments:
    pass


ODD = {
    "no class": None,
    "a function": lambda *arguments: None,
    "a number": lambda *arguments: 3,
    "a class that refuses": RefusesArguments,
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD.keys())
def test_odd_answers_earn_nothing_and_say_why(odd):
    for examination, name in ((RNN_MODEL, "RNNModel"), (BIDIRECTIONAL_MODEL, "BidirRecurrentModel")):
        namespace = {**given(), name: odd}
        done = examine(examination, namespace)
        assert fraction(examination, done) == 0
        assert all(part.message for part in done)


def test_an_output_layer_inside_a_sequential_is_one_too():
    namespace = namespace_of(parse_answer(ANSWERS["right_model_step_by_step"]))
    build = namespace["RNNModel"].__init__

    def wrapped(self: torch.nn.Module, *sizes: Any) -> None:
        build(self, *sizes)
        self.fc = torch.nn.Sequential(self.fc)

    namespace["RNNModel"].__init__ = wrapped
    assert fraction(RNN_MODEL, examine(RNN_MODEL, namespace)) == 1
