"""What predictions are worth, and the simple methods."""

import math

import numpy as np
import pytest

from helpers.baselines import baseline_outputs, baselines, best_of, lag_features, scores, too_easy
from helpers.sequences import Data, forecasting, next_elements

RNG = np.random.default_rng(0)


def test_scores_of_a_regression_by_hand():
    found = scores("regression", np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 6.0]))
    assert found["rmse"] == pytest.approx(math.sqrt(3))
    assert found["mae"] == pytest.approx(1)
    assert found["r2"] == pytest.approx(1 - 9 / 2)


def test_outputs_of_another_shape_are_not_stretched():
    with pytest.raises(ValueError, match="do not fit"):
        scores("regression", np.zeros((4, 2)), np.zeros(4))


def test_scores_of_a_classification_by_hand():
    likely = np.array([[0.9, 0.1], [0.8, 0.2], [0.6, 0.4], [0.7, 0.3]])
    found = scores("classification", np.array([0, 0, 0, 1]), likely)
    assert found == {"accuracy": 0.75, "balanced_accuracy": 0.5}


def test_bits_by_hand():
    found = scores("generation", np.array([0, 1]), np.array([[0.5, 0.5], [0.75, 0.25]]))
    assert found["bits"] == pytest.approx((1 + 2) / 2)
    assert scores("generation", np.array([0]), np.array([[0.0, 1.0]]))["bits"] == pytest.approx(126)


def test_an_unknown_task_is_named():
    with pytest.raises(ValueError, match="'classification', 'regression', 'generation'"):
        scores("ranking", np.zeros(1), np.zeros(1))


def test_methods_on_a_straight_line():
    data = forecasting(np.arange(300.0), window=4, horizon=2)
    last = baseline_outputs("last value", data, "regression")
    assert last.tolist() == data.validation[0][:, -1, 0].tolist()
    assert baselines(data, "regression").loc["ridge", "r2"] > 0.99


def test_data_that_a_simple_method_solves_are_said_to_be_too_easy(capsys):
    baselines(forecasting(np.arange(300.0), window=4), "regression", stronger=False)
    assert "too easy" in capsys.readouterr().out
    baselines(forecasting(RNG.normal(size=300), window=4), "regression", stronger=False)
    assert capsys.readouterr().out == ""


def test_where_too_easy_begins():
    assert too_easy("classification", 0.95)
    assert too_easy("classification", 0.9499) == ""
    assert too_easy("regression", math.nan) == ""
    assert too_easy("generation", 0.99) == ""  # bits: no share


def test_the_last_value_is_a_method_for_forecasts_only():
    examples = RNG.normal(size=(60, 4, 1)).astype(np.float32), RNG.normal(size=60).astype(np.float32)
    found = baselines(Data(examples, examples, examples), "regression", stronger=False)
    assert list(found.index) == ["mean", "ridge"]


def test_classes_that_training_lacks_keep_their_places():
    features = RNG.normal(size=(90, 3, 2)).astype(np.float32)
    train = features[:60], RNG.choice([0, 2], size=60)
    rest = features[60:], RNG.choice([0, 1, 2, 3], size=30)
    data = Data(train, rest, rest)
    for name in ("majority", "logistic regression", "k-NN", "gradient boosting"):
        likely = baseline_outputs(name, data, "classification")
        assert likely.shape == (30, 4)
        assert np.allclose(likely.sum(axis=1), 1)
    assert set(baseline_outputs("k-NN", data, "classification").argmax(axis=1)) <= {0, 2}


def test_pairs_are_known_by_counting():
    data = next_elements(np.tile([0, 1, 2], 100), window=2)
    found = baselines(data, "generation")
    assert found.loc["frequencies", "bits"] == pytest.approx(math.log2(3), abs=0.01)
    assert found.loc["bigram", "bits"] < 0.1
    assert best_of("generation", found["bits"]) == found.loc["bigram", "bits"]


def test_several_targets_at_once():
    features = RNG.normal(size=(200, 3, 1)).astype(np.float32)
    examples = features, np.column_stack([features[:, 0, 0], -features[:, 2, 0]])
    found = baselines(Data(examples, examples, examples), "regression")
    assert found.loc["ridge", "r2"] > 0.99


def test_lag_features_of_numbers_and_of_ids():
    assert lag_features(np.arange(12.0).reshape(2, 3, 2)).tolist() == [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11]]
    assert lag_features(np.array([[0, 2, 2]]), symbols=4).tolist() == [[1, 0, 2, 0]]
