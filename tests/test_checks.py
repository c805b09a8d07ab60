"""Torch's device "meta" stands for a GPU: tensors there have no values, but they do not mix with those of the CPU."""

import pytest
import torch
from torch import nn

from helpers.checks import computes_on, explained


class Cell(nn.Module):
    """A recurrent cell whose first state lies beside its input, or always on the CPU."""

    def __init__(self, beside: bool) -> None:
        super().__init__()
        self.beside, self.x2h, self.h2h = beside, nn.Linear(3, 5), nn.Linear(5, 5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = x.new_zeros(len(x), 5) if self.beside else torch.zeros(len(x), 5)
        return torch.tanh(self.x2h(x) + self.h2h(h))


def test_a_module_that_computes_beside_its_input_passes() -> None:
    computes_on("meta", "Cell(3, 5)(x)", Cell(beside=True), torch.rand(2, 3))


def test_a_state_that_is_made_on_the_cpu_is_found_and_explained() -> None:
    with pytest.raises(AssertionError, match=r"^Cell\(3, 5\)\(x\) works on the CPU, but not on meta: .*new_zeros"):
        computes_on("meta", "Cell(3, 5)(x)", Cell(beside=False), torch.rand(2, 3))


def test_weights_that_torch_does_not_know_of_are_found() -> None:
    class Hidden(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = [nn.Linear(3, 5)]

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.layers[0](x)

    with pytest.raises(AssertionError, match=r"keep weights outside of nn\.Parameter"):
        computes_on("meta", "Hidden()(x)", Hidden(), torch.rand(2, 3))


def test_on_the_cpu_nothing_is_called() -> None:
    class Never(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            raise RuntimeError("it was called")

    computes_on(torch.device("cpu"), "Never()(x)", Never(), torch.rand(2, 3))


def test_an_error_of_the_answer_is_told_with_the_call_and_a_question_and_keeps_its_own_line() -> None:
    told = r"^f\(x\) stops with RuntimeError: mat1 .*7x5 and 3x20.*\. Which\?$"
    with pytest.raises(AssertionError, match=told) as caught, explained("f(x)", "Which?"):
        torch.zeros(7, 5) @ torch.zeros(3, 20)
    assert isinstance(caught.value.__cause__, RuntimeError)


UNANSWERED = NotImplementedError("Exercise lstm_cell: not answered yet")


@pytest.mark.parametrize("error", [UNANSWERED, AssertionError("in words")], ids=["stub", "test"])
def test_what_says_by_itself_what_is_wrong_passes_as_it_is(error: Exception) -> None:
    with pytest.raises(type(error)) as caught, explained("f(x)", "Which?"):
        raise error
    assert caught.value is error
