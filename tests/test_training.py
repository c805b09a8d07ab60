"""The training loop, and the mistakes that such loops are known for."""

import inspect
import math
import warnings
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import helpers.training
from helpers.seeding import seed_everything
from helpers.training import History, evaluate, fit, load_weights, predict_logits, weights_of

Data = tuple[np.ndarray, np.ndarray]


def clusters(n: int, seed: int = 0) -> Data:
    """Three classes that a linear layer can tell apart: features (n, 4, 2), labels (n,)."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 3
    centres = np.random.default_rng(99).normal(scale=3.0, size=(3, 4, 2))
    return (centres[labels] + rng.normal(size=(n, 4, 2))).astype(np.float32), labels.astype(np.int64)


def linear(seed: int = 0) -> nn.Module:
    seed_everything(seed)
    return nn.Sequential(nn.Flatten(), nn.Linear(8, 3))


class Spy(nn.Module):
    """A model that notes in which circumstances it is called. Its logits favour class 0 throughout."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(3))
        self.dropout = nn.Dropout(0.5)
        self.calls: list[tuple[bool, bool, int]] = []

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.calls.append((self.training, torch.is_grad_enabled(), len(x)))
        favour = torch.tensor([1.0, 0.0, 0.0], device=x.device)
        return (self.weight * 0 + favour).expand(len(x), 3)


class Scripted(nn.Module):
    """A model whose n-th evaluation gets `accuracies[n]` of 10 clips of class 0 right."""

    def __init__(self, right: list[int]) -> None:
        super().__init__()
        self.right = iter(right)
        self.weight = nn.Parameter(torch.zeros(2))
        self.register_buffer("epoch", torch.zeros(()))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.training:
            with torch.no_grad():
                self.epoch += 1  # one batch an epoch: changed in place, as an optimizer changes weights
            return self.weight.expand(len(x), 2)
        logits = torch.tensor([[1.0, 0.0]]).repeat(len(x), 1)
        logits[next(self.right) :] = torch.tensor([0.0, 1.0])
        return logits


ZEROS: Data = (np.zeros((10, 1), np.float32), np.zeros(10, np.int64))


# --- learning ---------------------------------------------------------------------------------------------


def test_a_model_learns_and_the_history_tells() -> None:
    model = linear()
    history = fit(model, clusters(90), clusters(30, seed=1), epochs=40, lr=0.03, progress=False)
    assert history.train_loss[-1] < 0.3 * history.train_loss[0]
    assert {len(values) for values in history.lists().values()} == {40}
    assert evaluate(model, clusters(30, seed=1))[1] == history.val_accuracy[history.best_epoch] > 0.9


def test_tensors_do_as_well_as_arrays() -> None:
    train, validation = clusters(30), clusters(12, seed=1)
    as_tensors = [tuple(map(torch.from_numpy, data)) for data in (train, validation)]
    from_arrays = fit(linear(), train, validation, epochs=3, progress=False)
    assert fit(linear(), *as_tensors, epochs=3, progress=False) == from_arrays  # type: ignore[arg-type]


def test_the_same_seed_gives_the_same_run_whatever_was_drawn_before() -> None:
    train, validation = clusters(60), clusters(30, seed=1)
    model, again, other = linear(), linear(), linear()
    first = fit(model, train, validation, epochs=3, seed=1, progress=False)
    torch.rand(100)
    assert fit(again, train, validation, epochs=3, seed=1, progress=False) == first
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), again.parameters(), strict=True))
    assert fit(other, train, validation, epochs=3, seed=2, progress=False) != first


def test_every_example_is_seen_once_an_epoch_in_a_new_order() -> None:
    seen: list[list[float]] = []

    class Collector(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(1, 2)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            if self.training:
                seen.append(x[:, 0].tolist())
            return self.layer(x)

    features = np.arange(10, dtype=np.float32)[:, None]
    fit(Collector(), (features, np.zeros(10, int)), ZEROS, epochs=2, batch_size=4, progress=False)
    assert [len(batch) for batch in seen] == [4, 4, 2, 4, 4, 2]
    first, second = ([x for batch in part for x in batch] for part in (seen[:3], seen[3:]))
    assert sorted(first) == sorted(second) == list(range(10))
    assert first != second


def test_a_last_batch_of_one_is_no_trouble() -> None:
    fit(linear(), clusters(9), clusters(3), epochs=1, batch_size=4, progress=False)


# --- the best state -----------------------------------------------------------------------------------------


def test_the_state_of_the_best_epoch_is_put_back_not_that_of_the_last() -> None:
    model = Scripted([3, 8, 5, 1])
    history = fit(model, ZEROS, ZEROS, epochs=4, progress=False)
    assert history.val_accuracy == pytest.approx([0.3, 0.8, 0.5, 0.1])
    assert history.best_epoch == 1
    # The buffer is changed in place: had the state not been copied, it would say 4
    assert model.epoch.item() == 2


def test_the_last_state_stays_when_the_best_is_not_to_be_kept() -> None:
    model = Scripted([2, 9, 5])
    history = fit(model, ZEROS, ZEROS, epochs=3, keep_best=False, progress=False)
    assert history.best_epoch == 1
    assert model.epoch == 3


def test_training_goes_without_validation() -> None:
    model, train = linear(), clusters(60)
    history = fit(model, train, None, epochs=5, lr=0.03, progress=False)
    assert (len(history.train_loss), history.val_loss, history.val_accuracy, history.best_epoch) == (5, [], [], -1)
    watched = linear()
    fit(watched, train, clusters(30, seed=1), epochs=5, lr=0.03, keep_best=False, progress=False)
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), watched.parameters(), strict=True))


def test_gradients_are_shortened_only_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    norms: list[float] = []
    step = torch.optim.Adam.step

    def spy(self: torch.optim.Adam, *args: Any) -> Any:
        gradients = [p.grad.flatten() for group in self.param_groups for p in group["params"]]
        norms.append(float(torch.cat(gradients).norm()))
        return step(self, *args)

    monkeypatch.setattr(torch.optim.Adam, "step", spy)
    fit(linear(), clusters(60), None, epochs=1, progress=False)
    assert max(norms) > 0.01
    norms.clear()
    fit(linear(), clusters(60), None, epochs=1, clip_norm=0.01, progress=False)
    assert max(norms) <= 0.01 * (1 + 1e-4)


def test_a_loss_that_is_not_finite_is_an_error_when_no_state_is_kept() -> None:
    features, labels = clusters(60)
    with pytest.raises(ValueError, match="the loss stopped being finite in epoch 1"):
        fit(linear(), (np.full_like(features, np.nan), labels), None, epochs=2, progress=False)


def test_among_equal_accuracies_the_lower_loss_wins_then_the_earlier_epoch() -> None:
    accuracy, rest = [0.5, 0.9, 0.9, 0.9], [0.0] * 4
    history = History.of(
        {"train_loss": rest, "train_accuracy": rest, "val_accuracy": accuracy, "val_loss": [0.1, 0.4, 0.3, 0.3]}
    )
    assert history.best_epoch == 2


def test_a_kept_history_is_the_same_as_before() -> None:
    history = fit(linear(), clusters(30), clusters(12, seed=1), epochs=5, progress=False)
    assert History.of(history.lists()) == history
    with pytest.raises(ValueError, match="all of one length"):
        History.of({**history.lists(), "val_loss": [1.0]})


def test_patience_ends_training() -> None:
    history = fit(Scripted([3, 8, 5, 1, 9]), ZEROS, ZEROS, epochs=5, patience=2, progress=False)
    assert len(history.val_accuracy) == 4 and history.best_epoch == 1


def test_a_loss_that_is_not_finite_ends_training_with_the_best_state_kept() -> None:
    class Exploding(nn.Module):
        def __init__(self, after: int) -> None:
            super().__init__()
            self.layer, self.left = nn.Linear(1, 2), after

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            self.left -= self.training
            return self.layer(x) * (math.nan if self.left < 0 else 1.0)

    model = Exploding(after=2)
    with pytest.warns(UserWarning, match="stopped being finite in epoch 3: try a smaller learning rate"):
        history = fit(model, ZEROS, ZEROS, epochs=9, progress=False)
    assert len(history.val_loss) == 2
    assert all(torch.isfinite(p).all() for p in model.parameters())
    with pytest.raises(ValueError, match="epoch 1"):
        fit(Exploding(after=0), ZEROS, ZEROS, epochs=9, progress=False)


# --- evaluation ---------------------------------------------------------------------------------------------


def test_each_accuracy_is_counted_from_zero_over_its_own_set() -> None:
    model = Spy()
    validation = (np.zeros((10, 1), np.float32), np.array([0] * 9 + [1]))
    test = (np.zeros((4, 1), np.float32), np.array([1, 1, 1, 0]))
    for _ in range(2):
        assert evaluate(model, validation)[1] == pytest.approx(0.9)
        assert evaluate(model, test)[1] == pytest.approx(0.25)
    history = fit(model, validation, test, epochs=2, progress=False)
    assert history.train_accuracy == pytest.approx([0.9, 0.9])
    assert history.val_accuracy == pytest.approx([0.25, 0.25])


def test_the_size_of_the_batches_does_not_change_loss_and_accuracy() -> None:
    model, data = linear(), clusters(31)
    whole = evaluate(model, data)
    assert evaluate(model, data, batch_size=7) == pytest.approx(whole)
    assert evaluate(model, data, batch_size=1) == pytest.approx(whole)


def test_evaluation_has_no_gradients_and_no_dropout_and_training_has_both() -> None:
    model = Spy()
    fit(model, ZEROS, ZEROS, epochs=1, batch_size=10, progress=False)
    assert model.calls == [(True, True, 10), (False, False, 10)]
    assert torch.is_grad_enabled()


def test_every_module_gets_its_own_mode_back_also_after_an_error() -> None:
    model = Spy()
    model.train()
    model.dropout.eval()  # as when a part is frozen
    evaluate(model, ZEROS)
    assert model.training and not model.dropout.training
    with pytest.raises(RuntimeError):
        evaluate(nn.Sequential(model, nn.Linear(7, 3)), ZEROS)
    assert model.training and not model.dropout.training


def test_logits_come_as_a_float32_array_of_all_examples() -> None:
    model, (features, _) = linear(), clusters(11)
    logits = predict_logits(model, features, batch_size=4)
    assert logits.dtype == np.float32 and logits.shape == (11, 3)
    with torch.no_grad():
        np.testing.assert_allclose(logits, model(torch.from_numpy(features)).numpy(), atol=1e-6)
    assert predict_logits(model, features[:1]).shape == (1, 3)


# --- devices --------------------------------------------------------------------------------------------------


def test_no_device_is_written_into_the_loop() -> None:
    source = inspect.getsource(helpers.training)
    assert ".cuda(" not in source and '"cuda' not in source and "'cuda" not in source


def test_data_go_to_the_models_device_unless_another_is_named() -> None:
    placed: list[str] = []

    class Placed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(1, 2)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            placed.append(x.device.type)
            return self.layer(x)

    fit(Placed(), ZEROS, ZEROS, epochs=1, progress=False)
    assert set(placed) == {"cpu"}
    placed.clear()
    # "meta" stands in for another device: it computes shapes only, and has no numbers to count
    with pytest.raises((NotImplementedError, RuntimeError)):
        predict_logits(Placed(), ZEROS[0], device="meta")
    assert placed == ["meta"]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
def test_a_gpu_gives_what_the_cpu_gives() -> None:
    train, validation = clusters(60), clusters(30, seed=1)
    model = linear()
    fit(model, train, validation, epochs=2, device="cuda", progress=False)
    on_gpu = predict_logits(model, validation[0])
    np.testing.assert_allclose(predict_logits(model, validation[0], device="cpu"), on_gpu, atol=1e-4)


# --- weights ----------------------------------------------------------------------------------------------------


def test_weights_go_out_and_in_as_copies() -> None:
    model, other = linear(0), linear(1)
    weights = weights_of(model)
    with torch.no_grad():
        model[1].weight.zero_()  # type: ignore[index]
    assert np.abs(weights["1.weight"]).sum() > 0
    load_weights(other, weights)
    np.testing.assert_array_equal(weights_of(other)["1.weight"], weights["1.weight"])


def test_weights_of_other_classes_are_refused_in_one_line_that_says_what_to_do() -> None:
    weights = weights_of(linear())
    for wrong in (nn.Sequential(nn.Flatten(), nn.Linear(8, 4)), nn.Linear(8, 3)):
        with pytest.raises(ValueError, match="train again") as error:
            load_weights(wrong, weights)
        assert "\n" not in str(error.value)


# --- errors for people --------------------------------------------------------------------------------------------


class Wrong(nn.Module):
    """A model whose output has a shape that it should not have."""

    def __init__(self, change: str) -> None:
        super().__init__()
        self.layer, self.change = nn.Linear(8, 3), change

    def forward(self, x: torch.Tensor) -> object:
        logits = self.layer(x.flatten(1))
        return {"squeeze": logits.squeeze(), "steps": logits[:, None].repeat(1, 4, 1), "pair": (logits, 0)}[self.change]


@pytest.mark.parametrize("change", ["squeeze", "steps", "pair"])
def test_logits_of_a_wrong_shape_are_explained(change: str) -> None:
    features, labels = clusters(1)
    with pytest.raises(ValueError, match=r"for a batch of 1 the model must give logits of shape \(1, number"):
        evaluate(Wrong(change), (features, labels))
    with pytest.raises(ValueError, match="for a batch of 1"):
        fit(Wrong(change), (features, labels), clusters(3), epochs=1, progress=False)


def test_data_that_do_not_fit_together_are_explained() -> None:
    features, labels = clusters(6)
    for train, message in (
        ((features, labels[:5]), "one label for each example"),
        ((features, np.eye(3)[labels]), "one label for each example"),
        ((features[:0], labels[:0]), "one label for each example"),
        ((features, labels.astype(float)), "class ids"),
        ((features, labels - 1), "class ids"),
    ):
        with pytest.raises(ValueError, match=message):
            fit(linear(), train, clusters(3), epochs=1, progress=False)
    with pytest.raises(ValueError, match="a label 5, but the model has 3 outputs"):
        evaluate(linear(), (features, labels + 3))
    with pytest.raises(ValueError, match="features are empty"):
        predict_logits(linear(), features[:0])
    with pytest.raises(ValueError, match="epochs must be 1 or more"):
        fit(linear(), (features, labels), clusters(3), epochs=0)


def test_a_model_without_parameters_is_explained() -> None:
    with pytest.raises(ValueError, match="has no parameters"):
        fit(nn.Flatten(), clusters(6), clusters(3), epochs=1, progress=False)


def test_progress_goes_to_standard_output_and_nothing_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit(linear(), clusters(6), clusters(3), epochs=2, description="a model")
        shown = capsys.readouterr()
        assert "a model" in shown.out and "2/2" in shown.out and shown.err == ""
        fit(linear(), clusters(6), clusters(3), epochs=2, progress=False)
    assert capsys.readouterr().out == ""
