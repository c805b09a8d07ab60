"""Training and asking small networks of torch and Keras on the three tasks."""

import numpy as np
import pytest
import torch
from torch import nn

from helpers.networks import OPTIMIZERS, parameters_of, predict, train
from helpers.seeding import seed_everything
from helpers.sequences import Data, forecasting, next_elements

WAVE = forecasting(np.sin(np.arange(240) / 3), window=8)
LETTERS = next_elements(np.tile([0, 1, 2, 1], 60), window=4)


class Network(nn.Module):
    """A GRU of 8 units over numbers, or over embedded ids; its last state through a linear layer."""

    def __init__(self, outputs: int, symbols: int = 0) -> None:
        super().__init__()
        self.embedding = nn.Embedding(symbols, 4) if symbols else nn.Identity()
        self.rnn = nn.GRU(4 if symbols else 1, 8, batch_first=True)
        self.dropout = nn.Dropout(0.1)
        self.head = nn.Linear(8, outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.dropout(self.rnn(self.embedding(x))[0][:, -1]))


def two_classes() -> Data:
    """Does the sequence rise or fall?"""
    features = np.random.default_rng(0).normal(size=(160, 5, 1)).astype(np.float32)
    labels = (features[:, -1, 0] > features[:, 0, 0]).astype(np.int64)
    return Data(*((features[part], labels[part]) for part in (slice(96), slice(96, 128), slice(128, 160))))


def keras_model(data: Data, task: str):
    import keras
    from keras import layers

    last = layers.Dense(data.outputs(task), activation=None if task == "regression" else "softmax")
    first = [layers.Embedding(data.symbols(), 4)] if task == "generation" else []
    return keras.Sequential([keras.Input(data.input_shape), *first, layers.GRU(8), last])


CASES = [("regression", WAVE), ("classification", two_classes()), ("generation", LETTERS)]


@pytest.mark.parametrize(("task", "data"), CASES, ids=[task for task, _ in CASES])
@pytest.mark.parametrize("framework", ["torch", "keras"])
def test_networks_learn_every_task(framework, task, data):
    seed_everything(0)
    model = (
        keras_model(data, task)
        if framework == "keras"
        else Network(data.outputs(task), data.symbols() if task == "generation" else 0)
    )
    curve = train(model, data, task, epochs=15, batch_size=16, lr=0.01)
    assert len(curve.train_loss) == len(curve.val_loss) == 15
    assert curve.train_loss[-1] < 0.6 * curve.train_loss[0]
    outputs = predict(model, data.validation[0], task)
    assert outputs.shape == (len(data.validation[1]), data.outputs(task))
    if task != "regression":
        assert np.allclose(outputs.sum(axis=1), 1, atol=1e-4) and outputs.min() >= 0
        assert (outputs.argmax(axis=1) == data.validation[1]).mean() > 0.7


@pytest.mark.parametrize("framework", ["torch", "keras"])
def test_the_weights_of_the_best_epoch_stay(framework):
    seed_everything(1)
    model = Network(1) if framework == "torch" else keras_model(WAVE, "regression")
    curve = train(model, WAVE, "regression", epochs=12, lr=0.1)  # too fast: losses go up and down
    error = predict(model, WAVE.validation[0], "regression")[:, 0] - WAVE.validation[1]
    assert curve.best_epoch == 1 + int(np.argmin(curve.val_loss))
    assert np.mean(error**2) == pytest.approx(min(curve.val_loss), rel=1e-3)


@pytest.mark.parametrize("framework", ["torch", "keras"])
def test_a_training_that_diverges_ends_and_gives_finite_weights_back(framework):
    seed_everything(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(8, 1))
    if framework == "keras":
        import keras

        model = keras.Sequential([keras.Input((8, 1)), keras.layers.Flatten(), keras.layers.Dense(1)])
    curve = train(model, WAVE, "regression", epochs=30, optimizer="sgd", lr=1e30, clip_norm=1e30)
    assert len(curve.val_loss) < 30
    assert np.isfinite(predict(model, WAVE.validation[0], "regression")).all()


@pytest.mark.parametrize("framework", ["torch", "keras"])
def test_patience_ends_a_training_that_gets_no_better(framework):
    seed_everything(0)
    model = Network(1) if framework == "torch" else keras_model(WAVE, "regression")
    curve = train(model, WAVE, "regression", epochs=50, optimizer="sgd", lr=1e-30, patience=2)
    assert len(curve.val_loss) <= 4


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_learns_at_its_own_rate(optimizer):
    for model in (Network(1), keras_model(WAVE, "regression")):
        curve = train(model, WAVE, "regression", epochs=4, batch_size=8, optimizer=optimizer, weight_decay=1e-4)
        assert curve.val_loss[-1] < curve.train_loss[0]


def test_the_same_seed_gives_the_same_torch_network():
    found = []
    for seed in (3, 3, 4):
        seed_everything(seed)
        model = Network(1)
        train(model, WAVE, "regression", epochs=2, seed=seed)
        found.append(predict(model, WAVE.test[0], "regression"))
    assert np.array_equal(found[0], found[1])
    assert not np.array_equal(found[0], found[2])


def test_a_model_keeps_its_mode():
    model = Network(1)
    predict(model.eval(), WAVE.test[0], "regression")
    assert not model.training
    predict(model.train(), WAVE.test[0], "regression")
    assert model.training


class EveryStep(nn.Module):
    """Returns the output of every time step."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.GRU(1, 2, batch_first=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.rnn(x)[0]


class Squeezed(nn.Module):
    """Returns (batch,) where (batch, 1) is wanted."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(1, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.linear(x[:, -1]).squeeze()


@pytest.mark.parametrize("kind", [EveryStep, Squeezed])
def test_outputs_that_would_be_stretched_are_refused(kind):
    with pytest.raises(ValueError, match="should have the shape"):
        train(kind(), WAVE, "regression", epochs=1)


def test_keras_outputs_that_are_wrong_are_named():
    import keras
    from keras import layers

    steps = keras.Sequential([keras.Input((8, 1)), layers.GRU(1, return_sequences=True)])
    with pytest.raises(ValueError, match="every time step"):
        train(steps, WAVE, "regression", epochs=1)
    data = two_classes()
    logits = keras.Sequential([keras.Input((5, 1)), layers.GRU(2), layers.Dense(2)])
    with pytest.raises(ValueError, match="softmax"):
        predict(logits, data.test[0], "classification")


def test_what_is_no_model_or_no_optimizer_is_named():
    with pytest.raises(ValueError, match=r"torch\.nn\.Module or a keras\.Model, not a list"):
        train([], WAVE, "regression")
    with pytest.raises(ValueError, match="sgd, momentum"):
        train(Network(1), WAVE, "regression", optimizer="lion")


def test_parameters_are_counted_alike():
    assert parameters_of(nn.Linear(3, 2)) == 8
    import keras

    assert parameters_of(keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])) == 8
