"""What visible tests of several torch notebooks assert. Nothing here decides marks."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from torch import nn


@contextmanager
def explained(called: str, question: str) -> Iterator[None]:
    """An error of the answer within, told as a failed test: what was called, what it said, where to look.

    Raises AssertionError from the error, so that its own line in the answer is shown as well. What a test asserts, and
    NotImplementedError of an exercise that is not answered yet, pass as they are.
    """
    try:
        yield
    except (AssertionError, NotImplementedError):
        raise
    except Exception as error:
        said = str(error).strip().partition("\n")[0]
        raise AssertionError(f"{called} stops with {type(error).__name__}: {said}. {question}") from error


def computes_on(device: "torch.device | str", called: str, module: "nn.Module", *inputs: "torch.Tensor") -> None:
    """Assert that a module computes on `device` when its inputs lie there; on the CPU there is nothing to check.

    called: how the call is named in the message. The module is moved, so give one that is not needed afterwards. Raises
    AssertionError when tensors of two devices meet, which happens only on a GPU: on the CPU, a state that `torch.zeros`
    makes is as good as one that lies beside the input.
    """
    import torch

    device = torch.device(device)
    if device.type == "cpu":
        return
    try:
        module.to(device)(*(tensor.to(device) for tensor in inputs))
    except RuntimeError as error:
        raise AssertionError(
            f"{called} works on the CPU, but not on {device}: {str(error).splitlines()[0]} Does it make a tensor "
            "without saying where (input.new_zeros(...) makes it beside the input), or keep weights outside of "
            "nn.Parameter and the layers, so that .to(device) does not find them?"
        ) from error
