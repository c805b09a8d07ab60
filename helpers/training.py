"""The training loop of the torch notebooks: fit a classifier, evaluate it, keep its best state.

Data are pairs `(features, labels)` of numpy arrays or tensors: features float32 (n, ...), the first axis
counts the examples; labels int (n,), class ids 0..n_classes-1. A model maps (batch, ...) to logits
(batch, n_classes). Nothing here chooses a model: the caller compares, on validation data.
"""

import copy
import math
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from helpers.seeding import torch_generator

if TYPE_CHECKING:
    import torch
    from torch import nn

Data: TypeAlias = "tuple[np.ndarray | torch.Tensor, np.ndarray | torch.Tensor]"
Device: TypeAlias = "torch.device | str | None"


_LISTS = ("train_loss", "train_accuracy", "val_loss", "val_accuracy")


@dataclass
class History:
    """What happened in each epoch; all lists have one entry per epoch. Accuracies lie in [0, 1].

    The training values are means over the batches of the epoch, while the weights were changing; the
    validation values were computed at its end. `best_epoch` is the index of the epoch whose state was kept.
    """

    train_loss: list[float] = field(default_factory=list)
    train_accuracy: list[float] = field(default_factory=list)
    val_loss: list[float] = field(default_factory=list)
    val_accuracy: list[float] = field(default_factory=list)
    best_epoch: int = -1

    def lists(self) -> dict[str, list[float]]:
        """The four lists by name, to be kept; `History.of` makes a history of them again."""
        return {name: list(getattr(self, name)) for name in _LISTS}

    @classmethod
    def of(cls, lists: Mapping[str, list[float]]) -> "History":
        """A history out of its four lists, with the best epoch found anew. Raises ValueError if they do not fit."""
        if set(lists) != set(_LISTS) or len({len(values) for values in lists.values()}) != 1:
            raise ValueError(f"a history has the lists {', '.join(_LISTS)}, all of one length")
        history = cls()
        for name in _LISTS:
            setattr(history, name, list(lists[name]))
        ranks = [_rank(*epoch) for epoch in zip(history.val_accuracy, history.val_loss, strict=True)]
        history.best_epoch = ranks.index(max(ranks)) if ranks else -1
        return history


def fit(
    model: "nn.Module",
    train: Data,
    validation: "Data | None",
    *,
    epochs: int,
    lr: float = 0.003,
    batch_size: int = 32,
    seed: int = 0,
    device: Device = None,
    patience: int | None = None,
    keep_best: bool = True,
    clip_norm: float | None = None,
    progress: bool = True,
    description: str = "",
) -> History:
    """Train a classifier with Adam and cross-entropy; it ends with the state of its best epoch, or of the last.

    Best is the highest validation accuracy; of several such epochs, the one with the lowest validation
    loss; then the first. The training data are shuffled anew in each epoch; `seed` decides how, so that a
    repeated call does the same (the initial weights, and dropout, draw from torch's own generator: see
    `helpers.seeding.seed_everything`). device: where to compute, and where the model is afterwards; None:
    where its parameters are. patience: stop after that many epochs without a better one; None: never.
    keep_best: False to end with the state of the last epoch, so that validation is looked at and decides nothing.
    validation: None to train without any; then the last state stays, and the history has no validation values.
    clip_norm: gradients with a longer norm, over all parameters, are shortened to it; None: they are not.

    If the loss stops being finite, training ends there with a warning and the best state is kept (without `keep_best`
    it is an error, since there is none).
    Raises ValueError when data, model or settings do not fit together, and when no epoch gave a finite loss.
    """
    import torch

    if epochs < 1:
        raise ValueError(f"epochs must be 1 or more, but it is {epochs}")
    device = _device_of(model) if device is None else torch.device(device)
    model.to(device)
    features, labels = (part.to(device) for part in _tensors(train, "training"))
    if validation is not None:
        _tensors(validation, "validation")
    keep_best = keep_best and validation is not None
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    shuffling = torch_generator(seed)
    history = History()
    best: tuple[float, float] | None = None
    best_state: dict[str, Any] = {}

    with _progress_bar(epochs, description, progress) as bar:
        for epoch in range(epochs):
            order = torch.randperm(len(labels), generator=shuffling).to(device)
            batches = order.split(batch_size)
            train_loss, train_accuracy = _train_epoch(model, optimizer, features, labels, batches, clip_norm)
            val_loss, val_accuracy = (0.0, 0.0) if validation is None else evaluate(model, validation)
            if not (math.isfinite(train_loss) and math.isfinite(val_loss)):
                _stop_or_raise(epoch, has_best=keep_best and best is not None)
                break
            history.train_loss.append(train_loss)
            history.train_accuracy.append(train_accuracy)
            bar.update()
            if validation is None:
                bar.set_postfix_str(f"training {train_accuracy:.1%}", refresh=False)
                continue
            history.val_loss.append(val_loss)
            history.val_accuracy.append(val_accuracy)
            if best is None or _rank(val_accuracy, val_loss) > best:
                best = _rank(val_accuracy, val_loss)
                history.best_epoch = epoch
                # state_dict() refers to the weights themselves, which go on changing: a copy is needed
                best_state = copy.deepcopy(model.state_dict())
            best_accuracy = history.val_accuracy[history.best_epoch]
            bar.set_postfix_str(f"validation {val_accuracy:.1%}, best {best_accuracy:.1%}", refresh=False)
            if patience is not None and epoch - history.best_epoch >= patience:
                break

    if keep_best:
        model.load_state_dict(best_state)
    return history


def evaluate(model: "nn.Module", data: Data, *, batch_size: int = 256, device: Device = None) -> tuple[float, float]:
    """Mean cross-entropy and accuracy in [0, 1] of a classifier on (features, labels).

    Computed in evaluation mode and without gradients; every module is in its former mode afterwards.
    device: where to compute, and where the model is afterwards; None: where its parameters are.
    """
    from torch.nn import functional as F

    features, labels = _tensors(data, "given")
    labels = labels.cpu()  # where the logits are, wherever the caller has put the data
    logits = _logits(model, features, batch_size, device)
    if int(labels.max()) >= logits.shape[1]:
        raise ValueError(
            f"there is a label {int(labels.max())}, but the model has {logits.shape[1]} outputs: "
            "give it as many outputs as there are classes"
        )
    loss = F.cross_entropy(logits, labels).item()
    return loss, float((logits.argmax(dim=1) == labels).double().mean())


def predict_logits(
    model: "nn.Module",
    features: "np.ndarray | torch.Tensor",
    *,
    batch_size: int = 256,
    device: Device = None,
) -> np.ndarray:
    """The model's outputs as float32 (n, n_classes), in evaluation mode and without gradients."""
    import torch

    logits = _logits(model, torch.as_tensor(features, dtype=torch.float32), batch_size, device)
    return logits.numpy().astype(np.float32)


def weights_of(model: "nn.Module") -> dict[str, np.ndarray]:
    """Copies of all parameters and buffers by name, as plain arrays that can be stored."""
    return {name: value.detach().cpu().numpy().copy() for name, value in model.state_dict().items()}


def load_weights(model: "nn.Module", weights: dict[str, np.ndarray]) -> None:
    """Put stored weights (see `weights_of`) into a model. Raises ValueError when they do not fit it."""
    import torch

    try:
        model.load_state_dict({name: torch.from_numpy(value) for name, value in weights.items()})
    except RuntimeError as error:
        # torch's message: a title, then a line a kind of difference with all names.
        differences = [line.strip().split(",")[0] for line in str(error).splitlines()[1:]] or [str(error)]
        raise ValueError(
            "the kept weights do not fit this model, its classes have changed since: train again "
            f"(the first difference: {differences[0]})"
        ) from error


def _rank(val_accuracy: float, val_loss: float) -> tuple[float, float]:
    """Epochs in the order in which they are preferred: by accuracy, and among equals by lower loss."""
    return val_accuracy, -val_loss


def _train_epoch(
    model: "nn.Module",
    optimizer: "torch.optim.Optimizer",
    features: "torch.Tensor",
    labels: "torch.Tensor",
    batches: "tuple[torch.Tensor, ...]",
    clip_norm: float | None,
) -> tuple[float, float]:
    """One pass over the training data in the given batches of indices. Mean loss and accuracy."""
    from torch.nn import functional as F
    from torch.nn.utils import clip_grad_norm_

    model.train()
    total_loss, correct = 0.0, 0
    for batch in batches:
        logits = model(features[batch])
        _check_logits(logits, len(batch))
        loss = F.cross_entropy(logits, labels[batch])
        optimizer.zero_grad()
        loss.backward()
        if clip_norm is not None:
            clip_grad_norm_(model.parameters(), clip_norm)
        optimizer.step()
        total_loss += loss.item() * len(batch)
        correct += int((logits.argmax(dim=1) == labels[batch]).sum())
    return total_loss / len(labels), correct / len(labels)


def _logits(model: "nn.Module", features: "torch.Tensor", batch_size: int, device: Device) -> "torch.Tensor":
    """Outputs for all features, on the CPU, computed batch by batch on the device (None: the model's)."""
    import torch

    if len(features) == 0:
        raise ValueError("there are no examples to evaluate: the features are empty")
    device = _device_of(model) if device is None else torch.device(device)
    model.to(device)
    outputs = []
    with _evaluation_mode(model), torch.no_grad():
        for batch in features.split(batch_size):
            logits = model(batch.to(device))
            _check_logits(logits, len(batch))
            outputs.append(logits.cpu())
    return torch.cat(outputs)


@contextmanager
def _evaluation_mode(model: "nn.Module") -> Iterator[None]:
    """Evaluation mode for a while; each module gets its own former mode back, also after an error."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training


def _tensors(data: Data, name: str) -> "tuple[torch.Tensor, torch.Tensor]":
    """Features float32 and labels int64 as tensors, or a ValueError that names the data."""
    import torch

    features, labels = torch.as_tensor(data[0]), torch.as_tensor(data[1])
    if labels.ndim != 1 or len(features) != len(labels) or len(labels) == 0:
        raise ValueError(
            f"the {name} data need one label for each example, but the features have shape "
            f"{tuple(features.shape)} and the labels {tuple(labels.shape)}"
        )
    if labels.is_floating_point() or labels.is_complex() or int(labels.min()) < 0:
        raise ValueError(f"the labels of the {name} data must be class ids 0, 1, 2, ... (whole numbers)")
    return features.to(torch.float32), labels.to(torch.int64)


def _check_logits(logits: Any, batch: int) -> None:
    """ValueError unless a model's output is a tensor (batch, n_classes)."""
    shape = tuple(getattr(logits, "shape", ()))
    if len(shape) != 2 or shape[0] != batch:
        raise ValueError(
            f"for a batch of {batch} the model must give logits of shape ({batch}, number of classes), but "
            f"it gave {shape or type(logits).__name__}. Did squeeze() remove an axis, or is the output of "
            "every time step still there?"
        )


def _device_of(model: "nn.Module") -> "torch.device":
    parameter = next(model.parameters(), None)
    if parameter is None:
        raise ValueError("the model has no parameters. Are its cells in an nn.ModuleList, and its layers attributes?")
    return parameter.device


def _stop_or_raise(epoch: int, *, has_best: bool) -> None:
    message = f"the loss stopped being finite in epoch {epoch + 1}: try a smaller learning rate"
    if not has_best:
        raise ValueError(message)
    warnings.warn(f"{message} (training ends here, the best state is kept)", stacklevel=3)


def _progress_bar(epochs: int, description: str, progress: bool) -> Any:
    from tqdm import tqdm

    # On standard output: what is written to standard error looks like a failure in a notebook
    return tqdm(total=epochs, desc=description, unit="epoch", file=sys.stdout, disable=not progress, mininterval=2)
