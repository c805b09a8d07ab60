"""Pictures: axes with units, letters that can be read when projected, and nothing left open in pyplot."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers import plots
from helpers.training import History

ROOT = Path(__file__).resolve().parent.parent
WORDS = ("one", "two", "three")
PAIRS = [(model, mode) for model in ("RNN", "Bidir") for mode in ("LSTM", "GRU", "RNN_TANH", "RNN_RELU")]
RNG = np.random.default_rng(0)


def history(best: int = 2) -> History:
    return History([1.0, 0.6, 0.4, 0.3], [0.4, 0.6, 0.8, 0.9], [1.1, 0.8, 0.7, 0.9], [0.3, 0.5, 0.8, 0.7], best)


def table() -> pd.DataFrame:
    rows = [
        {"model": a, "mode": b, "val_accuracy": 0.5 + i / 20, "test_accuracy": 0.4} for i, (a, b) in enumerate(PAIRS)
    ]
    return pd.DataFrame(rows)


def sweep(std: float = 0.02) -> pd.DataFrame:
    """Three units × two batch sizes × three seeds."""
    rows = [
        {"units": units, "batch_size": size, "seed": seed, "val_accuracy": 0.5 + units / 200 + std * (seed - 1)}
        for units in (16, 32, 64)
        for size in (64, 32)
        for seed in range(3)
    ]
    return pd.DataFrame(rows)


def bits_log() -> pd.DataFrame:
    return pd.DataFrame({"step": [10, 20, 30], "train_bpc": [3.0, 2.2, 1.9], "validation_bpc": [3.1, 2.4, 2.3]})


def letters() -> pd.DataFrame:
    """Two seeds of three epochs of the networks A and B."""
    return pd.DataFrame({"seed": [0, 0, 0, 1, 1, 1], "epoch": [1, 2, 3] * 2, "A": 0.5, "B": [1, 0.4, 0.2] * 2})


DRAWN: dict[str, Callable[[], Figure]] = {
    "waveform": lambda: plots.waveform(RNG.normal(size=8000), 16000, "a clip"),
    "mfcc": lambda: plots.mfcc(RNG.normal(size=(32, 20))),
    "mfcc of three": lambda: plots.mfcc([RNG.normal(size=(32, 20)) for _ in WORDS], titles=WORDS),
    "feature_ranges": lambda: plots.feature_ranges(RNG.normal(size=(5, 32, 20)), RNG.normal(size=(5, 32, 20))),
    "class_balance": lambda: plots.class_balance({"training": [4, 5, 6], "test": [1, 2, 3]}, WORDS),
    "learning curve": lambda: plots.learning_curves({"GRU": history()}),
    "learning curves": lambda: plots.learning_curves({" ".join(pair): history() for pair in PAIRS}),
    "compare_models": lambda: plots.compare_models(table()),
    "confusion_matrix": lambda: plots.confusion_matrix(np.array([0, 1, 2, 2]), np.array([0, 1, 2, 1]), WORDS),
    "confusion of long names": lambda: plots.confusion_matrix(
        np.arange(3), np.arange(3), ("walking upstairs", "sitting", "standing"), true="activity", predicted="predicted"
    ),
    "motion_signals": lambda: plots.motion_signals(RNG.normal(size=(2, 128, 9)), ("sitting", "walking upstairs")),
    "motion of six": lambda: plots.motion_signals(RNG.normal(size=(6, 128, 9)), ["walking downstairs"] * 6),
    "images": lambda: plots.images(RNG.integers(0, 256, (10, 8, 8)), [str(digit) for digit in range(10)]),
    "one image": lambda: plots.images(RNG.integers(0, 256, (1, 28, 28)), ["3 taken for 8"]),
    "reading_orders": lambda: plots.reading_orders(RNG.integers(0, 256, (28, 28)), RNG.permutation(784)),
    "heat_map": lambda: plots.heat_map(sweep(), "units", "batch_size", "val_accuracy", label="accuracy"),
    "points_with_spread": lambda: plots.points_with_spread(sweep(), "units", "val_accuracy", series="batch_size"),
    "bidirectional_diagram": plots.bidirectional_diagram,
    "text_batches": lambda: plots.text_batches("the cell remembers what it has read before", 3, 4),
    "text_batches of one row": lambda: plots.text_batches("a\tb\n", 1, 2),
    "carried_state": plots.carried_state,
    "temperatures": lambda: plots.temperatures([2.0, 1.0, -1.0], "a $", (0.3, 1.0)),
    "bits_over_steps": lambda: plots.bits_over_steps(bits_log(), {"by share": 4.6, "1 before": 3.4}),
    "sequence_forms": plots.sequence_forms,
    "gradient_decay": lambda: plots.gradient_decay(
        {"one": {"RNN": 10.0 ** -RNG.uniform(0, 9, (3, 20))}, "two": {"RNN": RNG.uniform(1, 2, (3, 20))}}
    ),
    "seeds_over_epochs": lambda: plots.seeds_over_epochs(letters(), "AB", label="error", level=("a constant", 0.5)),
    "surprise": lambda: plots.surprise("def f(x):\n\treturn '$'" * 9, RNG.exponential(2.0, 189).tolist()),
}
WITHOUT_AXES = {
    "sequence_forms",
    "bidirectional_diagram",
    "images",
    "one image",
    "text_batches",
    "text_batches of one row",
    "carried_state",
    "surprise",
}


def words_of(figure: Figure) -> list[str]:
    """All texts in a figure that has been drawn."""
    figure.draw_without_rendering()
    return [text.get_text() for text in figure.findobj(matplotlib.text.Text) if text.get_text().strip()]


def plain_axes(figure: Figure) -> list[Axes]:
    """The axes that are neither a colour bar nor without axes (as a diagram is)."""
    return [axes for axes in figure.axes if axes.axison and axes.get_label() != "<colorbar>"]


@pytest.mark.parametrize("name", DRAWN)
def test_every_text_is_large_enough_and_inside_the_picture(name: str) -> None:
    figure = DRAWN[name]()
    figure.draw_without_rendering()
    sizes = {text.get_text(): text.get_fontsize() for text in figure.findobj(matplotlib.text.Text)}
    assert min(size for text, size in sizes.items() if text.strip()) >= 12
    drawn, (width, height) = figure.get_tightbbox(), figure.get_size_inches()
    assert drawn.x0 >= -0.02 and drawn.y0 >= -0.02, "something is cut off"
    assert drawn.x1 <= width + 0.02 and drawn.y1 <= height + 0.02, "something is cut off"


@pytest.mark.parametrize("name", [name for name in DRAWN if name not in WITHOUT_AXES])
def test_every_axis_is_named(name: str) -> None:
    figure = DRAWN[name]()
    axes = plain_axes(figure)
    if name.startswith("motion"):  # panels that share their axes name them once, at the edge
        axes = [axes[0], axes[-1]]
        assert axes[0].get_ylabel() and axes[1].get_xlabel()
        return
    assert axes and all(a.get_xlabel() for a in axes)
    assert axes[0].get_ylabel() or name == "compare_models"  # whose rows are named one by one
    for bar in (a for a in figure.axes if a.get_label() == "<colorbar>"):
        assert bar.get_ylabel()


@pytest.mark.parametrize("name", DRAWN)
def test_a_notebook_shows_a_picture_once(name: str) -> None:
    before = plt.get_fignums()
    assert isinstance(DRAWN[name](), Figure)
    assert plt.get_fignums() == before
    assert plt.rcParams["font.size"] == matplotlib.rcParamsDefault["font.size"]


def test_time_is_in_seconds_and_counts_from_the_sample_rate() -> None:
    (axes,) = plots.waveform(np.zeros(8000), 16000).axes
    assert axes.get_xlabel() == "time (s)" and axes.get_xlim() == (0.0, 0.5)
    picture, _ = plots.mfcc(np.zeros((32, 20))).axes
    assert picture.get_xlabel() == "time (s)"
    assert picture.images[0].get_extent()[:2] == [0, pytest.approx(32 * 512 / 16000)]
    assert picture.images[0].get_array().shape == (20, 32), "time must run from left to right"


def test_panels_of_mfcc_share_one_scale_of_colours() -> None:
    figure = plots.mfcc([np.zeros((4, 3)), np.full((4, 3), 9.0)])
    assert [axes.images[0].get_clim() for axes in figure.axes[:2]] == [(0, 9), (0, 9)]


def test_motion_is_drawn_over_seconds_with_gravity_above_and_rotation_below() -> None:
    windows = np.zeros((2, 128, 9))
    windows[0, :, 0], windows[1, :, 8] = 1.0, 3.0
    above, _, _, below = plots.motion_signals(windows, ("standing", "turning")).axes
    assert [line.get_ydata()[0] for line in above.lines] == [1, 0, 0]
    assert [line.get_ydata()[0] for line in below.lines] == [0, 0, 3]
    assert below.lines[0].get_xdata()[-1] == pytest.approx(127 / 50)


def test_no_two_models_share_colour_and_line() -> None:
    for axes in plots.learning_curves({" ".join(pair): history() for pair in PAIRS}).axes:
        lines = [line for line in axes.lines if len(line.get_xdata()) > 1]
        assert len({(line.get_color(), line.get_linestyle()) for line in lines}) == len(lines) == 8


def test_colours_can_be_told_apart_by_anybody() -> None:
    assert set(plots.COLOURS[:4]) <= {"#0072B2", "#D55E00", "#009E73", "#CC79A7"}
    assert {a.images[0].get_cmap().name for a in plots.mfcc(np.zeros((4, 3))).axes if a.images} == {"cividis"}


def test_a_dot_marks_the_epoch_that_was_kept_counting_from_one() -> None:
    loss, accuracy = plots.learning_curves({"GRU": history(best=2)}).axes
    for axes, value in ((loss, 0.7), (accuracy, 0.8)):
        (dot,) = [line for line in axes.lines if line.get_marker() == "o"]
        assert (dot.get_xdata()[0], dot.get_ydata()[0]) == (3, value)


def test_one_history_shows_training_beside_validation_and_several_say_that_they_do_not() -> None:
    alone, several = plots.learning_curves({"GRU": history()}), plots.learning_curves({"a": history(), "b": history()})
    assert {"GRU, validation", "GRU, training"} <= set(words_of(alone))
    assert {"Validation loss", "Validation accuracy"} <= set(words_of(several))


def test_learning_curves_name_what_is_counted_and_mark_no_epoch_when_the_last_one_was_kept() -> None:
    loss, accuracy = plots.learning_curves({"GRU": history()}, examples="images", mark_best=False).axes
    assert accuracy.get_ylabel() == "accuracy (share of images)"
    assert not [line for axes in (loss, accuracy) for line in axes.lines if line.get_marker() == "o"]


def test_both_orders_hold_the_same_pixels() -> None:
    image, permutation = np.arange(12, dtype=np.uint8).reshape(3, 4), RNG.permutation(12)
    axes = plots.reading_orders(image, permutation).axes
    rows, permuted = (np.asarray(axes[place].lines[0].get_ydata()) * 255 for place in (1, 3))
    np.testing.assert_allclose(rows, np.arange(12))
    np.testing.assert_allclose(permuted, permutation)
    np.testing.assert_array_equal(axes[2].images[0].get_array().ravel(), permutation)


def test_the_comparison_names_every_model_and_every_number() -> None:
    texts = words_of(plots.compare_models(table()))
    assert {" ".join(pair) for pair in PAIRS} <= set(texts)
    assert {"validation", "test", "50.0%", "85.0%"} <= set(texts) and texts.count("40.0%") == 8


def test_the_confusion_matrix_counts_spoken_against_predicted() -> None:
    labels, predictions = np.array([0, 0, 0, 1, 2]), np.array([0, 2, 2, 1, 1])
    axes = plots.confusion_matrix(labels, predictions, WORDS).axes[0]
    shares = np.asarray(axes.images[0].get_array())
    np.testing.assert_allclose(shares, [[1 / 3, 0, 2 / 3], [0, 1, 0], [0, 1, 0]])
    assert [text.get_text() for text in axes.texts] == ["1", "0", "2", "0", "1", "0", "0", "1", "0"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("predicted word", "spoken word")


def test_a_word_that_was_never_spoken_is_no_division_by_zero() -> None:
    with np.errstate(all="raise"):
        plots.confusion_matrix(np.array([0]), np.array([1]), WORDS)


def test_the_diagram_names_what_is_concatenated() -> None:
    texts = words_of(plots.bidirectional_diagram(steps=5))
    assert "forward $h_{5}$" in texts and "backward $h'_1$" in texts and "concatenated" in texts


def test_the_heat_map_is_the_mean_over_the_seeds_and_tells_the_spread() -> None:
    figure = plots.heat_map(sweep().sample(frac=1, random_state=0), "units", "batch_size", "val_accuracy")
    axes = figure.axes[0]
    np.testing.assert_allclose(axes.images[0].get_array(), np.array([[0.58, 0.58], [0.66, 0.66], [0.82, 0.82]]))
    assert [text.get_text() for text in axes.get_xticklabels()] == ["32", "64"]
    assert {text.get_text() for text in axes.texts} == {f"{mean}\n±0.020" for mean in ("0.580", "0.660", "0.820")}


def test_a_cell_that_was_not_run_stays_empty_and_one_run_has_no_spread() -> None:
    table = sweep().query("seed == 0 and not (units == 16 and batch_size == 32)")
    axes = plots.heat_map(table, "units", "batch_size", "val_accuracy").axes[0]
    assert np.isnan(np.ma.filled(axes.images[0].get_array(), np.nan)).sum() == 1
    assert len(axes.texts) == 5 and not any("±" in text.get_text() for text in axes.texts)


def test_points_show_every_run_beside_mean_and_spread() -> None:
    axes = plots.points_with_spread(sweep(), "units", "val_accuracy", series="batch_size").axes[0]
    dots = [line for line in axes.lines if line.get_marker() == "."]
    assert [len(line.get_xdata()) for line in dots] == [9, 9]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["64", "32", "16"]
    assert {text.get_text() for text in axes.get_legend().get_texts()} == {"batch_size: 64", "batch_size: 32"}
    (bars, _) = axes.containers
    np.testing.assert_allclose([right - left for (left, _), (right, _) in bars[2][0].get_segments()], 0.04)


def test_batches_of_a_text_are_its_characters_in_order() -> None:
    text = "abcdefghijklmnop"
    axes = plots.text_batches(text, 2, 3).axes[0]
    cells = [label.get_text() for label in axes.texts if len(label.get_text()) == 1]
    assert "".join(cells).startswith("abcdef" + "ghijkl")  # row 0, then row 1
    assert "".join(cells[12:]).endswith("bcdefg"), "below row 0, the character after each"
    assert "left out at the end: m n o p" in words_of(axes.figure)
    assert sum(label.startswith("batch") for label in words_of(axes.figure)) == 2


def test_a_low_temperature_makes_the_likeliest_character_likelier() -> None:
    cold, warm = plots.temperatures([1.0, 0.0], "ab", (0.5, 1.0)).axes
    heights = [[bar.get_height() for bar in axes.patches] for axes in (cold, warm)]
    np.testing.assert_allclose(heights, [[0.8808, 0.1192], [0.7311, 0.2689]], atol=1e-4)
    assert [label.get_text() for label in warm.get_xticklabels()] == ["a", "b"]


def test_characters_that_cannot_be_seen_are_drawn_by_a_sign_or_a_number() -> None:
    axes = plots.surprise(" \n\t$你a", [0.0] * 6).axes[0]
    assert [label.get_text() for label in axes.texts] == ["␣", "↵", "⇥", r"\$", "4F60", "a"]


def test_bits_are_drawn_over_the_steps_beside_the_simpler_models() -> None:
    axes = plots.bits_over_steps(bits_log(), {"by share": 4.6}).axes[0]
    training, validation, level = axes.lines
    assert list(training.get_xdata()) == [10, 20, 30] and list(validation.get_ydata()) == [3.1, 2.4, 2.3]
    assert level.get_ydata()[0] == 4.6 and "by share" in words_of(axes.figure)


def test_what_cannot_be_drawn_is_explained() -> None:
    with pytest.raises(ValueError, match="not enough for a batch of 3 × 4"):
        plots.text_batches("too short", 3, 4)
    with pytest.raises(ValueError, match="no column 'train_bpc'"):
        plots.bits_over_steps(bits_log().drop(columns="train_bpc"))
    with pytest.raises(ValueError, match="train a model"):
        plots.learning_curves({})
    with pytest.raises(ValueError, match="lacks the columns test_accuracy"):
        plots.compare_models(table().drop(columns="test_accuracy"))
    with pytest.raises(ValueError, match="labels and predictions"):
        plots.confusion_matrix(np.zeros(3, int), np.zeros((3, 2), int), WORDS)
    with pytest.raises(ValueError, match="no column 'depth'"):
        plots.heat_map(sweep(), "units", "depth", "val_accuracy")
    with pytest.raises(ValueError, match="at most 4"):
        plots.points_with_spread(sweep().assign(batch_size=range(18)), "units", "val_accuracy", series="batch_size")
    with pytest.raises(ValueError, match="3 steps"):
        plots.bidirectional_diagram(steps=2)


def test_pyplot_is_imported_when_something_is_drawn_and_not_before() -> None:
    code = "import sys, helpers.plots; print('matplotlib' in sys.modules)"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_class_counts_sorts_the_classes_by_size():
    figure = plots.class_counts({"training": [5, 50, 20], "test": [1, 9, 4]}, ["few", "many", "some"])
    (axes,) = figure.axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["few", "some", "many"]
    assert list(axes.lines[0].get_xdata()) == [5, 20, 50]
    assert axes.get_xscale() == "log"


def test_length_counts():
    figure = plots.length_counts([3, 3, 5], "length (characters)")
    (axes,) = figure.axes
    assert [bar.get_height() for bar in axes.patches] == [2, 1]
    assert axes.get_xlabel() == "length (characters)"


def test_norms_of_gradients_share_one_logarithmic_axis() -> None:
    first, second = DRAWN["gradient_decay"]().axes
    assert first.get_yscale() == second.get_yscale() == "log"
    assert first.get_ylim() == second.get_ylim()
    assert first.get_ylim()[0] < 1e-3 and first.get_ylim()[1] > 1


def test_curves_of_seeds_show_mean_and_range() -> None:
    (axes,) = plots.seeds_over_epochs(letters().assign(A=[1.0, 1, 1, 3, 3, 3]), "A", label="error").axes
    (line,) = axes.lines
    assert np.allclose(line.get_ydata(), 2.0) and line.get_xdata().tolist() == [1, 2, 3]
    (band,) = axes.collections
    assert (band.get_datalim(axes.transData).y0, band.get_datalim(axes.transData).y1) == (1.0, 3.0)


def test_the_forms_of_mapping_are_named_in_words() -> None:
    words = " ".join(words_of(plots.sequence_forms())).replace("\n", " ")
    for name in ("one-to-one", "one-to-many", "many-to-one", "many-to-many, aligned", "many-to-many, unaligned"):
        assert name in words
