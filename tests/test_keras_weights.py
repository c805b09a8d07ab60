"""Weights of Keras models as arrays, and back."""

import json

import keras
import numpy as np
import pytest
from keras import layers

from helpers.keras_weights import load_weights, model_from, structure_of, weights_of
from helpers.results import Results
from helpers.seeding import seed_everything


def model(units: int = 4, seed: int = 0) -> keras.Model:
    seed_everything(seed)
    hidden = [layers.SimpleRNN(units, return_sequences=True), layers.BatchNormalization(), layers.Dropout(0.5)]
    return keras.Sequential([keras.Input((5, 3)), *hidden, layers.SimpleRNN(units), layers.Dense(2)])


def test_a_model_of_the_same_structure_computes_the_same_afterwards(tmp_path) -> None:
    trained, fresh = model(seed=1), model(seed=2)
    x = np.random.default_rng(0).normal(size=(7, 5, 3)).astype(np.float32)
    trained.compile("adam", "mse")
    trained.fit(x, x[:, 0, :2], epochs=1, verbose=0)  # moves the statistics of BatchNormalization
    kept = Results("best_model", tmp_path)
    kept.keep(setting={"architecture": "rnn"}, seed=0, metrics={}, weights=weights_of(trained))
    load_weights(fresh, kept.weights({"architecture": "rnn"}))
    np.testing.assert_array_equal(trained(x), fresh(x))


def test_a_model_is_made_again_from_what_was_kept(tmp_path) -> None:
    trained = model(units=6)
    trained.compile("adam", "mse", metrics=["accuracy"])
    kept = Results("best_model", tmp_path)
    structure = {"structure": structure_of(trained)}
    run = kept.keep(setting={"architecture": "rnn"}, seed=0, metrics={}, data=structure, weights=weights_of(trained))
    again = model_from(run.data["structure"], run.weights)
    x = np.random.default_rng(0).normal(size=(7, 5, 3)).astype(np.float32)
    np.testing.assert_array_equal(trained(x), again(x))
    assert again.loss == "mse"


def test_what_cannot_be_made_again_is_told_before_it_is_trained() -> None:
    class Own(layers.Layer):
        def call(self, inputs):
            return inputs * 2

    own = keras.Sequential([keras.Input((3,)), Own(), layers.Dense(1)])
    with pytest.raises(ValueError, match="only a sequential or functional model of Keras's own layers"):
        structure_of(own)


def of_a_newer_keras(structure: str, value: object) -> str:
    """The structure as a Keras writes it whose layers and initialisers have one more setting, False by default."""
    described = json.loads(structure)
    for layer in described["config"]["layers"]:
        if layer["class_name"] == "Dense":
            layer["config"]["sparse"] = value
            layer["config"]["kernel_initializer"]["config"]["sparse"] = False
    for kind in ("Dense", "GlorotUniform"):
        described["defaults"][kind]["sparse"] = False
    return json.dumps(described)


def test_an_older_keras_reads_what_a_newer_one_kept_as_long_as_nothing_new_is_used() -> None:
    trained = model()
    again = model_from(of_a_newer_keras(structure_of(trained), False), weights_of(trained))
    x = np.ones((2, 5, 3), np.float32)
    np.testing.assert_array_equal(trained(x), again(x))
    with pytest.raises((TypeError, ValueError), match="sparse"):
        model_from(of_a_newer_keras(structure_of(trained), True), weights_of(trained))


def test_settings_that_this_keras_knows_are_taken_as_they_were_kept() -> None:
    described = json.loads(structure_of(model()))
    described["defaults"]["BatchNormalization"]["momentum"] = 0.5
    described["config"]["layers"][2]["config"]["momentum"] = 0.5
    assert model_from(json.dumps(described), weights_of(model())).layers[1].momentum == 0.5


def test_a_structure_without_a_word_on_defaults_is_read_too() -> None:
    described = json.loads(structure_of(model()))
    del described["defaults"]
    model_from(json.dumps(described), weights_of(model()))


def test_kept_weights_are_copies() -> None:
    changing = model()
    before = weights_of(changing)
    changing.set_weights([weight * 0 for weight in changing.get_weights()])
    assert any(array.any() for array in before.values())


def test_the_order_holds_beyond_ten_weights() -> None:
    deep = keras.Sequential([keras.Input((1,)), *(layers.Dense(1, use_bias=False) for _ in range(12))])
    deep.set_weights([np.full((1, 1), float(number)) for number in range(12)])
    again = keras.models.clone_model(deep)
    load_weights(again, weights_of(deep))
    assert [float(weight[0, 0]) for weight in again.get_weights()] == list(range(12))


def test_weights_of_another_model_are_refused() -> None:
    with pytest.raises(ValueError, match=r"train again \(it has \(3, 5\) and not \(3, 4\)\)"):
        load_weights(model(5), weights_of(model(4)))
    with pytest.raises(ValueError, match=r"arrays and not \d+"):
        load_weights(model(), dict(list(weights_of(model()).items())[:-2]))
    with pytest.raises(ValueError, match="no weights yet"):
        weights_of(keras.Sequential([layers.Dense(2)]))
