"""Training and asking a student's own network, of torch or Keras, on the three tasks of `helpers.sequences`.

Classifiers in torch may as well be trained by `helpers.training`, which keeps accuracies too; here there are other
losses, other optimizers and Keras beside it. Neither library is imported before a model of it is there.
"""

import copy
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from helpers.seeding import torch_generator
from helpers.sequences import Data, Examples, check_task

OPTIMIZERS = {"sgd": 0.05, "momentum": 0.01, "rmsprop": 0.002, "adam": 0.004, "adamw": 0.004}
"""Name, and the learning rate where none is given."""


@dataclass
class Curve:
    """Loss of each epoch: on the training part (mean over batches, while it learned), on the validation part after it.

    best_epoch: how many epochs the weights that were kept have seen; 0: those of the beginning.
    """

    train_loss: list[float] = field(default_factory=list)
    val_loss: list[float] = field(default_factory=list)
    best_epoch: int = 0


def train(
    model: Any,
    data: Data,
    task: str,
    *,
    epochs: int = 20,
    batch_size: int = 64,
    optimizer: str = "adam",
    lr: float | None = None,
    weight_decay: float = 0.0,
    clip_norm: float = 1.0,
    patience: int | None = None,
    seed: int = 0,
) -> Curve:
    """Train a torch or Keras model; it ends with the weights of the epoch with the lowest validation loss.

    The loss is the mean squared error for regression and the cross-entropy (nats) else. A torch module gives numbers
    (batch, outputs), for classes *logits*; a Keras model ends with a softmax for classes, and is compiled here: what it
    was compiled with before is replaced. optimizer: a name in `OPTIMIZERS`; lr: its learning rate, that of the table
    where None. clip_norm: gradients with a longer norm, over all weights, are shortened to it. patience: stop after so
    many epochs without a lower validation loss. seed: in what order examples are seen (torch); weights, dropout and
    Keras draw from the libraries' own generators, see `seed_everything`. A loss that is not finite ends the training.
    """
    check_task(task)
    if optimizer not in OPTIMIZERS:
        raise ValueError(f"optimizer={optimizer!r}: there are {', '.join(OPTIMIZERS)}")
    options = _Options(
        epochs, batch_size, optimizer, lr or OPTIMIZERS[optimizer], weight_decay, clip_norm, patience, seed
    )
    return (_train_keras if _framework(model) == "keras" else _train_torch)(model, data, task, options)


def predict(model: Any, features: np.ndarray, task: str, batch_size: int = 256) -> np.ndarray:
    """What a torch or Keras model says: numbers (n, outputs) for regression, probabilities (n, classes) else."""
    if _framework(model) == "torch":
        outputs = _torch_outputs(model, features, batch_size)
        if task != "regression":
            shifted = np.exp(outputs - outputs.max(axis=1, keepdims=True))
            outputs = shifted / shifted.sum(axis=1, keepdims=True)
        return outputs
    outputs = np.asarray(model.predict(features, batch_size=batch_size, verbose=0), dtype=np.float64)
    if task != "regression" and not (outputs.min() >= 0 and np.allclose(outputs.sum(axis=1), 1, atol=1e-3)):
        raise ValueError("the Keras model's outputs are no probabilities: end it with Dense(..., activation='softmax')")
    return outputs


@dataclass(frozen=True)
class _Options:
    epochs: int
    batch_size: int
    optimizer: str
    lr: float
    weight_decay: float
    clip_norm: float
    patience: int | None
    seed: int


class _Best:
    """The weights with the lowest validation loss so far, those of the beginning included."""

    def __init__(self, loss: float, weights: Any) -> None:
        self.loss, self.weights, self.epoch = loss if math.isfinite(loss) else math.inf, weights, 0

    def ends(self, curve: Curve, weights: Callable[[], Any], patience: int | None) -> bool:
        """Look at the epoch that was added to the curve last; whether training ends with it."""
        epoch, loss = len(curve.val_loss), curve.val_loss[-1]
        if loss < self.loss:
            self.loss, self.weights, self.epoch = loss, weights(), epoch
        curve.best_epoch = self.epoch
        finite = math.isfinite(loss) and math.isfinite(curve.train_loss[-1])
        return not finite or (patience is not None and epoch - self.epoch >= patience)


def _framework(model: Any) -> str:
    """'torch' or 'keras', by the names of the classes that it descends from: neither library is imported for it."""
    origins = {(kind.__module__.split(".")[0], kind.__name__) for kind in type(model).__mro__}
    if ("keras", "Model") in origins:  # first: on the torch backend it is a torch module too
        return "keras"
    if ("torch", "Module") in origins:
        return "torch"
    raise ValueError(f"a model is a torch.nn.Module or a keras.Model, not a {type(model).__name__}")


def _train_torch(model: Any, data: Data, task: str, options: _Options) -> Curve:
    import torch

    device = _device(model)
    features, targets = (tensor.to(device) for tensor in _tensors(data.train, task))
    makers: dict[str, Callable[..., Any]] = {
        "sgd": torch.optim.SGD,
        "momentum": lambda weights, **rest: torch.optim.SGD(weights, momentum=0.9, **rest),
        "rmsprop": torch.optim.RMSprop,
        "adam": torch.optim.Adam,
        "adamw": torch.optim.AdamW,
    }
    optimizer = makers[options.optimizer](model.parameters(), lr=options.lr, weight_decay=options.weight_decay)
    order, curve = torch_generator(options.seed), Curve()
    best = _Best(_torch_loss_on(model, data.validation, task), copy.deepcopy(model.state_dict()))
    for _ in range(options.epochs):
        model.train()
        total = 0.0
        for batch in torch.randperm(len(targets), generator=order).to(device).split(options.batch_size):
            loss = _torch_loss(model(features[batch]), targets[batch], task)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), options.clip_norm)
            optimizer.step()
            total += loss.item() * len(batch)
        curve.train_loss.append(total / len(targets))
        curve.val_loss.append(_torch_loss_on(model, data.validation, task))
        if best.ends(curve, lambda: copy.deepcopy(model.state_dict()), options.patience):
            break
    model.load_state_dict(best.weights)
    return curve


def _torch_loss(outputs: Any, targets: Any, task: str) -> Any:
    """Mean squared error or cross-entropy. ValueError for outputs whose shape would be stretched to the targets'."""
    from torch.nn import functional as F

    shape = tuple(getattr(outputs, "shape", ()))
    wanted = tuple(targets.shape) if task == "regression" else (len(targets), "classes")
    if len(shape) != 2 or (shape != wanted if task == "regression" else shape[0] != len(targets)):
        raise ValueError(
            f"the model's output should have the shape {wanted}, but it has {shape or type(outputs).__name__}. Is the "
            "output of every time step still there, or did squeeze() remove an axis?"
        )
    return F.mse_loss(outputs, targets) if task == "regression" else F.cross_entropy(outputs, targets)


def _torch_loss_on(model: Any, examples: Examples, task: str) -> float:
    import torch

    outputs = torch.from_numpy(_torch_outputs(model, examples[0], 256))
    return float(
        _torch_loss(outputs, _tensors(examples, task)[1].to(outputs.dtype if task == "regression" else None), task)
    )


def _torch_outputs(model: Any, features: np.ndarray, batch_size: int) -> np.ndarray:
    """Outputs in evaluation mode, float64 (n, outputs); the model is in training mode again if it was."""
    import torch

    was_training, device = model.training, _device(model)
    model.eval()
    try:
        with torch.no_grad():
            parts = [model(part.to(device)).cpu() for part in _feature_tensor(features).split(batch_size)]
    finally:
        model.train(was_training)
    return np.asarray(torch.cat(parts).double().numpy())


def _tensors(examples: Examples, task: str) -> tuple[Any, Any]:
    import torch

    features, targets = examples
    if task == "regression":
        return _feature_tensor(features), torch.as_tensor(targets, dtype=torch.float32).reshape(len(targets), -1)
    return _feature_tensor(features), torch.as_tensor(targets, dtype=torch.int64)


def _feature_tensor(features: np.ndarray) -> Any:
    import torch

    return torch.as_tensor(features, dtype=torch.float32 if features.dtype.kind == "f" else torch.int64)


def _device(model: Any) -> Any:
    parameter = next(model.parameters(), None)
    if parameter is None:
        raise ValueError("the model has no parameters. Are its layers attributes, or in an nn.ModuleList?")
    return parameter.device


def _train_keras(model: Any, data: Data, task: str, options: _Options) -> Curve:
    import keras

    rest = {"learning_rate": options.lr, "global_clipnorm": options.clip_norm}
    rest |= {"weight_decay": options.weight_decay} if options.weight_decay else {}
    makers: dict[str, Callable[..., Any]] = {
        "sgd": keras.optimizers.SGD,
        "momentum": lambda **rest: keras.optimizers.SGD(momentum=0.9, **rest),
        "rmsprop": keras.optimizers.RMSprop,
        "adam": keras.optimizers.Adam,
        "adamw": keras.optimizers.AdamW,
    }
    loss = "mse" if task == "regression" else "sparse_categorical_crossentropy"
    model.compile(makers[options.optimizer](**rest), loss)
    (features, targets), (val_features, val_targets) = (
        (part[0], part[1].reshape(len(part[1]), -1) if task == "regression" else part[1])
        for part in (data.train, data.validation)
    )
    _check_keras_output(model, data, task)
    at_first = model.evaluate(val_features, val_targets, batch_size=256, verbose=0, return_dict=True)["loss"]
    curve, best = Curve(), _Best(float(at_first), model.get_weights())

    def after_epoch(epoch: int, logs: Mapping[str, float]) -> None:
        curve.train_loss.append(float(logs["loss"]))
        curve.val_loss.append(float(logs["val_loss"]))
        model.stop_training = best.ends(curve, model.get_weights, options.patience)

    model.fit(
        features, targets, validation_data=(val_features, val_targets), epochs=options.epochs,
        batch_size=options.batch_size, verbose=0, callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=after_epoch)],
    )  # fmt: skip
    model.set_weights(best.weights)
    return curve


def _check_keras_output(model: Any, data: Data, task: str) -> None:
    shape = tuple(np.shape(model.predict(data.train[0][:2], verbose=0)))
    if shape != (min(2, len(data.train[0])), data.outputs(task)):
        raise ValueError(
            f"the model's output for 2 examples should have the shape (2, {data.outputs(task)}), but it has {shape}. "
            "Does the last recurrent layer return the output of every time step?"
        )


def parameters_of(model: Any) -> int:
    """How many weights are trained."""
    if _framework(model) == "keras":
        return int(sum(math.prod(weight.shape) for weight in model.trainable_weights))
    return sum(weight.numel() for weight in model.parameters() if weight.requires_grad)
