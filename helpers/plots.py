"""Pictures for the notebooks: readable when projected, and without relying on colour alone.

Each function returns a matplotlib Figure that is already closed for pyplot, so that a notebook shows it once:
as the value of the cell's last line, or through `display(figure)`.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from helpers.experiments import require_columns, summarise
from helpers.training import History

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from helpers.networks import Curve

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#F0E442")
"""Okabe and Ito's colours, which people with any colour vision tell apart (jfly.uni-koeln.de/color), in an
order that keeps neighbours far apart."""
LINES = ("-", "--", "-.", ":")
"""A second sign beside the colour."""
_MARKERS = ("o", "D", "s", "^")

_STYLE: Any = {
    "font.size": 13.0,
    "axes.titlesize": 14.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.alpha": 0.3,
    "lines.linewidth": 2.0,
    "legend.frameon": False,
    "figure.dpi": 100.0,
}


def waveform(signal: np.ndarray, sample_rate: int, title: str = "") -> "Figure":
    """A sound over time. signal: float (n,), full scale is 1; sample_rate in Hz."""
    with _figure(10, 3) as (figure, axes):
        axes.plot(np.arange(len(signal)) / sample_rate, signal, color=COLOURS[0], linewidth=0.8)
        axes.set(xlabel="time (s)", ylabel="amplitude (full scale = 1)", title=title)
        axes.set_xlim(0, len(signal) / sample_rate)
    return figure


def mfcc(
    features: np.ndarray | Sequence[np.ndarray],
    *,
    titles: Sequence[str] = (),
    hop_seconds: float = 512 / 16000,
    label: str = "coefficient value",
) -> "Figure":
    """MFCC as an image, time from left to right, one panel a clip, all on one colour scale.

    features: (frames, coefficients), or several of them; hop_seconds: time from one frame to the next;
    label: what the colours mean.
    """
    panels = [features] if isinstance(features, np.ndarray) and features.ndim == 2 else list(features)
    low, high = min(float(p.min()) for p in panels), max(float(p.max()) for p in panels)
    with _figure(max(6.0, 4.4 * len(panels)), 3.6, columns=len(panels)) as (figure, all_axes):
        for number, (panel, axes) in enumerate(zip(panels, np.atleast_1d(all_axes), strict=True)):
            frames, coefficients = panel.shape
            picture = axes.imshow(
                panel.T,
                origin="lower",
                aspect="auto",
                cmap="cividis",
                vmin=low,
                vmax=high,
                extent=(0, frames * hop_seconds, -0.5, coefficients - 0.5),
            )
            axes.set(xlabel="time (s)", title=titles[number] if titles else "")
            axes.yaxis.get_major_locator().set_params(integer=True)
            axes.grid(False)
            if number == 0:
                axes.set_ylabel("MFCC coefficient (number)")
        figure.colorbar(picture, ax=all_axes, label=label)
    return figure


def feature_ranges(before: np.ndarray, after: np.ndarray) -> "Figure":
    """Each coefficient's mean and standard deviation, before and after standardising.

    before, after: (clips, frames, coefficients).
    """
    titles = ("as computed", "standardised")
    with _figure(11, 4, columns=2) as (figure, all_axes):
        for axes, features, title, colour in zip(all_axes, (before, after), titles, COLOURS, strict=False):
            mean, std = features.mean(axis=(0, 1)), features.std(axis=(0, 1))
            axes.errorbar(np.arange(len(mean)), mean, yerr=std, fmt="o", capsize=3, color=colour)
            axes.set(xlabel="MFCC coefficient (number)", title=title)
            axes.xaxis.get_major_locator().set_params(integer=True)
        all_axes[0].set_ylabel("value (mean ± standard deviation)")
    return figure


def class_balance(counts: "Mapping[str, Sequence[int]]", words: Sequence[str]) -> "Figure":
    """Number of clips of each word. counts: for each split's name one number a word."""
    width = 0.8 / len(counts)
    with _figure(8, 4) as (figure, axes):
        for number, (split, values) in enumerate(counts.items()):
            places = np.arange(len(words)) + (number - (len(counts) - 1) / 2) * width
            bars = axes.bar(places, values, width * 0.95, label=split, color=COLOURS[number])
            axes.bar_label(bars, fontsize=12)
        axes.set_xticks(range(len(words)), words)
        axes.set(xlabel="word", ylabel="number of clips")
        _legend_beside(axes)
    return figure


def learning_curves(histories: Mapping[str, History], *, examples: str = "clips", mark_best: bool = True) -> "Figure":
    """Validation loss and accuracy over the epochs, one line a model; a dot marks the epoch that was kept.

    With one history, the training values are shown beside the validation values. examples: what accuracy counts;
    mark_best: False for models whose last state was kept.
    """
    if not histories:
        raise ValueError("there are no learning curves to draw: train a model in this session first")
    alone = len(histories) == 1
    with _figure(13, 4.5, columns=2) as (figure, (loss, accuracy)):
        for number, (name, history) in enumerate(histories.items()):
            style = {"color": COLOURS[number % 4], "linestyle": LINES[number // 4 % len(LINES)]}
            epochs = np.arange(1, len(history.val_loss) + 1)
            label = f"{name}, validation" if alone else name
            loss.plot(epochs, history.val_loss, label=label, **style)
            accuracy.plot(epochs, history.val_accuracy, label=label, **style)
            best = history.best_epoch
            for axes, values in ((loss, history.val_loss), (accuracy, history.val_accuracy)):
                if mark_best:
                    axes.plot(best + 1, values[best], "o", color=style["color"], markersize=8)
            if alone:
                training = {"color": COLOURS[1], "linestyle": "--", "label": f"{name}, training"}
                loss.plot(epochs, history.train_loss, **training)
                accuracy.plot(epochs, history.train_accuracy, **training)
        loss.set(xlabel="epoch", ylabel="cross-entropy (nats)", title="Loss" if alone else "Validation loss")
        loss.set_ylim(bottom=0)
        title = "Accuracy" if alone else "Validation accuracy"
        accuracy.set(xlabel="epoch", ylabel=f"accuracy (share of {examples})", title=title)
        accuracy.set_ylim(0, 1.02)
        for axes in (loss, accuracy):
            axes.xaxis.get_major_locator().set_params(integer=True)
        _legend_beside(accuracy)
    return figure


def compare_models(results: "pd.DataFrame") -> "Figure":
    """Validation and test accuracy of each model.

    results: columns model, mode, val_accuracy, test_accuracy.
    """
    missing = {"model", "mode", "val_accuracy", "test_accuracy"} - set(results.columns)
    if missing:
        raise ValueError(f"the table of results lacks the columns {', '.join(sorted(missing))}")
    names = [f"{model} {mode}" for model, mode in zip(results["model"], results["mode"], strict=True)]
    places = np.arange(len(names))[::-1]
    with _figure(10, 1.5 + 0.55 * len(names)) as (figure, axes):
        kinds = (("val_accuracy", "validation", 0.2, "o"), ("test_accuracy", "test", -0.2, "D"))
        for number, (column, label, shift, marker) in enumerate(kinds):
            values = results[column].to_numpy(dtype=float)
            axes.hlines(places + shift, 0, values, color=COLOURS[number], linewidth=3)
            axes.plot(values, places + shift, marker, color=COLOURS[number], label=label, markersize=8)
            for place, value in zip(places, values, strict=True):
                axes.text(value + 0.015, place + shift, f"{value:.1%}", va="center", fontsize=12)
        axes.set_yticks(places, names)
        axes.set(xlabel="accuracy (share of clips)", xlim=(0, 1.12))
        axes.set_xticks(np.linspace(0, 1, 6))
        axes.grid(axis="y", visible=False)
        _legend_beside(axes)
    return figure


def confusion_matrix(
    labels: np.ndarray,
    predictions: np.ndarray,
    words: Sequence[str],
    title: str = "",
    *,
    true: str = "spoken word",
    predicted: str = "predicted word",
    share: str = "share of the spoken word's clips",
) -> "Figure":
    """How often each class was taken for which. labels, predictions: int (n,), class ids as in `words`.

    true, predicted, share: what rows, columns and colours are called.
    """
    labels, predictions = np.asarray(labels), np.asarray(predictions)
    if labels.shape != predictions.shape or labels.ndim != 1:
        raise ValueError(
            f"labels and predictions must be (n,) each, but they have {labels.shape} and {predictions.shape}"
        )
    counts = np.zeros((len(words), len(words)), dtype=np.int64)
    np.add.at(counts, (labels, predictions), 1)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    size = 2.6 + 1.1 * len(words)
    with _figure(size + 1.4, size) as (figure, axes):
        picture = axes.imshow(shares, cmap="cividis", vmin=0, vmax=1)
        for row, column in np.ndindex(*counts.shape):
            ink = "black" if shares[row, column] > 0.5 else "white"
            axes.text(column, row, str(counts[row, column]), ha="center", va="center", color=ink, fontsize=16)
        # Short words stand side by side; longer ones would run into each other
        axes.set_xticks(range(len(words)), words, rotation=45 if max(map(len, words)) > 8 else 0)
        axes.set_yticks(range(len(words)), words)
        axes.set(xlabel=predicted, ylabel=true, title=title)
        axes.grid(False)
        figure.colorbar(picture, ax=axes, label=share, shrink=0.8)
    return figure


def class_counts(counts: "Mapping[str, Sequence[int]]", classes: Sequence[str]) -> "Figure":
    """Number of examples of many classes, the largest class on top, on a logarithmic axis.

    counts: for each split's name one number a class.
    """
    order = np.argsort(np.sum(list(counts.values()), axis=0), kind="stable")
    places = np.arange(len(classes))
    with _figure(9, 1.2 + 0.33 * len(classes)) as (figure, axes):
        for number, (split, values) in enumerate(counts.items()):
            marker = "oDs^"[number % 4]
            axes.plot(np.asarray(values)[order], places, marker, color=COLOURS[number], label=split, markersize=8)
        axes.set_yticks(places, [classes[i] for i in order])
        axes.set_xscale("log")
        axes.set(xlabel="number of examples (logarithmic)")
        _legend_beside(axes)
    return figure


def length_counts(lengths: Sequence[int], label: str) -> "Figure":
    """How many examples have which length. lengths: whole numbers; label: what is measured, with its unit."""
    values, counts = np.unique(np.asarray(lengths), return_counts=True)
    with _figure(9, 3.6) as (figure, axes):
        axes.bar(values, counts, color=COLOURS[0])
        axes.set(xlabel=label, ylabel="number of examples")
        axes.xaxis.get_major_locator().set_params(integer=True)
    return figure


def motion_signals(
    windows: np.ndarray, titles: Sequence[str], *, sample_rate: float = 50.0, same_scale: bool = True
) -> "Figure":
    """Windows of motion sensors: acceleration above, angular velocity below, one column a window.

    windows: (n, samples, 9), total acceleration, body acceleration (g) and angular velocity (rad/s) along x, y, z, of
    which the first and the last three are drawn; sample_rate in Hz. same_scale: one scale for all windows of a row.
    """
    import matplotlib.pyplot as plt

    rows = (("total acceleration (g)", slice(0, 3)), ("angular velocity (rad/s)", slice(6, 9)))
    with plt.rc_context(_STYLE):
        figure, all_axes = plt.subplots(
            2,
            len(windows),
            figsize=(max(6.0, 3.2 * len(windows)), 6.4),
            layout="constrained",
            sharex=True,
            sharey="row" if same_scale else False,
            squeeze=False,
        )
        time = np.arange(windows.shape[1]) / sample_rate
        for (name, channels), axes_of_row in zip(rows, all_axes, strict=True):
            for axes, window in zip(axes_of_row, windows, strict=True):
                for values, axis, colour, line in zip(window[:, channels].T, "xyz", COLOURS, LINES, strict=False):
                    axes.plot(time, values, line, color=colour, label=axis, linewidth=1.5)
            axes_of_row[0].set_ylabel(name)
            _legend_beside(axes_of_row[-1])
        for axes, title in zip(all_axes[0], titles, strict=True):
            axes.set_title(title)
        for axes in all_axes.flat:
            axes.set_xlabel("time (s)")
            axes.label_outer(remove_inner_ticks=True)
        figure.draw_without_rendering()
    plt.close(figure)
    return figure


def images(pictures: np.ndarray, titles: Sequence[str]) -> "Figure":
    """Pictures in grey side by side, ink dark. pictures: uint8 (n, height, width), 0 to 255; titles: n strings."""
    with _figure(max(4.0, 1.25 * len(pictures)), 1.7, columns=len(pictures)) as (figure, all_axes):
        for axes, picture, title in zip(np.atleast_1d(all_axes), pictures, titles, strict=True):
            _picture(axes, picture, title)
    return figure


def reading_orders(image: np.ndarray, permutation: np.ndarray) -> "Figure":
    """An image and the sequence of its pixels: row by row above, in the order of a permutation below.

    image: uint8 (height, width), 0 to 255; permutation: int (height * width,), the place that is read at each step.
    """
    import matplotlib.pyplot as plt

    orders = (
        ("as it is", "read row by row", np.arange(image.size)),
        ("permuted", "the same pixels, permuted", permutation),
    )
    with plt.rc_context(_STYLE):
        figure, all_axes = plt.subplots(2, 2, figsize=(12, 5), layout="constrained", width_ratios=(1, 3.4))
        for number, ((left, right), (name, title, order)) in enumerate(zip(all_axes, orders, strict=True)):
            pixels = image.ravel()[order]
            _picture(left, pixels.reshape(image.shape), name)
            right.plot(np.arange(image.size), pixels / 255, color=COLOURS[number], linewidth=1.5)
            right.set(xlabel="time step", ylabel="ink (1 = black)", title=title, xlim=(0, image.size - 1))
        figure.draw_without_rendering()
    plt.close(figure)
    return figure


def heat_map(
    table: "pd.DataFrame",
    rows: str,
    columns: str,
    value: str,
    *,
    label: str = "",
    title: str = "",
) -> "Figure":
    """A sweep over two settings as a grid: the mean over the seeds as colour, mean ± standard deviation as text.

    table: one row a run, as `helpers.experiments.Sweep` returns it; rows, columns, value: names of its columns.
    label: what the value is, with its unit. Both settings are sorted. Cells that have not been run stay empty.
    """
    summary = summarise(table, [rows, columns], value)
    names = [sorted(table[column].unique()) for column in (rows, columns)]
    means = np.full([len(values) for values in names], np.nan)
    texts = {}
    for (row, column), cell in summary.iterrows():
        place = names[0].index(row), names[1].index(column)
        means[place] = cell["mean"]
        texts[place] = _mean_and_std(cell["mean"], cell["std"])
    middle = (np.nanmin(means) + np.nanmax(means)) / 2 if np.isfinite(means).any() else 0.0
    with _figure(3.6 + 1.35 * means.shape[1], 2.0 + 0.85 * means.shape[0]) as (figure, axes):
        picture = axes.imshow(means, cmap="cividis", aspect="auto", origin="lower")
        for (row, column), text in texts.items():
            ink = "black" if not means[row, column] <= middle else "white"
            axes.text(column, row, text, ha="center", va="center", color=ink, fontsize=12)
        axes.set_xticks(range(means.shape[1]), [str(name) for name in names[1]])
        axes.set_yticks(range(means.shape[0]), [str(name) for name in names[0]])
        axes.set(xlabel=columns, ylabel=rows, title=title)
        axes.grid(False)
        figure.colorbar(picture, ax=axes, label=f"{label or value} (mean over seeds)")
    return figure


def points_with_spread(
    table: "pd.DataFrame",
    by: str,
    value: str,
    *,
    series: str = "",
    label: str = "",
    over: str = "runs",
    title: str = "",
) -> "Figure":
    """A sweep as points: mean ± standard deviation over the runs of each `by`, and the single runs as small dots.

    table: one row a run, as `helpers.experiments.Sweep` returns it; by, value, series: names of its columns; series:
    drawn in colours and markers of their own, side by side (at most four). label: what the value is, with its unit;
    over: what one row is, if not a run.
    """
    require_columns(table, [by, value, *([series] if series else [])])
    names = list(table[by].unique())
    kinds = list(table[series].unique()) if series else [None]
    if len(kinds) > len(_MARKERS):
        raise ValueError(f"{series!r} has {len(kinds)} values: at most {len(_MARKERS)} can be told apart in a picture")
    with _figure(10, 1.9 + 0.33 * len(names) * len(kinds) ** 0.5) as (figure, axes):
        for number, kind in enumerate(kinds):
            part = table if kind is None else table[table[series] == kind]
            summary = summarise(part, by, value)
            shift = 0.22 * (number - (len(kinds) - 1) / 2)
            places = np.array([len(names) - 1 - names.index(name) for name in summary.index]) - shift
            dots = [len(names) - 1 - names.index(name) - shift for name in part[by]]
            axes.plot(part[value], dots, ".", color=COLOURS[number], alpha=0.5, markersize=6)
            axes.errorbar(
                summary["mean"],
                places,
                xerr=summary["std"].fillna(0.0),
                fmt=_MARKERS[number],
                capsize=4,
                markersize=9,
                color=COLOURS[number],
                label="" if kind is None else f"{series}: {kind}",
            )
        axes.set_yticks(range(len(names)), [str(name) for name in names[::-1]])
        axes.set(xlabel=f"{label or value} (mean ± standard deviation over {over})", ylabel=by, title=title)
        if series:
            _legend_beside(axes)
    return figure


def loss_curves(curves: Mapping[str, "Curve"], *, label: str = "loss", level: float | None = None) -> "Figure":
    """Training and validation loss of each epoch, one panel a training; a dot marks the epoch that was kept.

    curves: by name, as `helpers.networks.train` returns them. label: what the loss is, with its unit; level: the loss
    of a baseline, drawn as a line.
    """
    with _figure(6.5 * len(curves), 4.2, columns=len(curves)) as (figure, all_axes):
        for axes, (name, curve) in zip(np.atleast_1d(all_axes), curves.items(), strict=True):
            epochs = np.arange(1, len(curve.val_loss) + 1)
            axes.plot(epochs, curve.val_loss, color=COLOURS[0], label="validation")
            axes.plot(epochs, curve.train_loss, "--", color=COLOURS[1], label="training")
            if curve.best_epoch:
                axes.plot(curve.best_epoch, curve.val_loss[curve.best_epoch - 1], "o", color=COLOURS[0], markersize=9)
            if level is not None:
                axes.axhline(level, color="dimgrey", linestyle=":", label="baseline")
            axes.set(xlabel="epoch", ylabel=label, title=name)
            axes.set_ylim(bottom=0)
            axes.xaxis.get_major_locator().set_params(integer=True)
        _legend_beside(axes)
    return figure


def bidirectional_diagram(steps: int = 4) -> "Figure":
    """What `BidirRecurrentModel` concatenates: the two stacks' last layers, each read to its end.

    steps: length of the sequence drawn, at least 3.
    """
    import matplotlib.pyplot as plt

    if steps < 3:
        raise ValueError(f"the picture needs 3 steps or more, not {steps}")
    last = steps - 1
    forward, backward = COLOURS[0], COLOURS[1]
    with plt.rc_context(_STYLE):
        figure, axes = plt.subplots(figsize=(12.5, 5.2), layout="constrained")
        for step in range(steps):
            number = step + 1
            _box(axes, step, 0, f"$x_{{{number}}}$", "black")
            _box(axes, step, 1.3, f"$h_{{{number}}}$", forward, filled=step == last)
            _box(axes, step, -1.3, f"$h'_{{{number}}}$", backward, filled=step == 0)
            _arrow(axes, (step, 0.26), (step, 1.04), forward)
            _arrow(axes, (step, -0.26), (step, -1.04), backward)
        for step in range(last):
            _arrow(axes, (step + 0.32, 1.3), (step + 0.68, 1.3), forward)
            _arrow(axes, (step + 0.68, -1.3), (step + 0.32, -1.3), backward)
        for y, text, colour in (
            (1.3, "forward stack,\nlast layer", forward),
            (-1.3, "backward stack,\nlast layer", backward),
            (0, "input", "black"),
        ):
            axes.text(-0.5, y, text, ha="right", va="center", color=colour)
        _concatenation(axes, steps, forward, backward)
        axes.set(xlim=(-1.6, steps + 3.3), ylim=(-2.15, 1.75))
        axes.set_axis_off()
    plt.close(figure)
    return figure


def text_batches(text: str, batch_size: int, seq_length: int) -> "Figure":
    """How a text is cut: rows that follow one another in the text, and batches that follow one another in each row.

    One square a character, row by row; the squares of a batch have one colour. Below the first row stands what it is
    asked for, the character after each. text: at least one whole batch and one character more.
    """
    from matplotlib.patches import Rectangle

    batches = (len(text) - 1) // (batch_size * seq_length)
    if batches < 1:
        raise ValueError(
            f"{len(text)} characters are not enough for a batch of {batch_size} × {seq_length} and one more"
        )
    length = batches * seq_length
    # Two lines for the first row (x and y), one for each of the others
    places = [0.0, *(2.5 + 1.4 * row for row in range(batch_size - 1))]
    with _figure(2.6 + 0.46 * length, 1.5 + 0.62 * batch_size + 0.6) as (figure, axes):
        for row, y in enumerate(places):
            axes.text(-0.4, y + 0.5, f"row {row}: x", ha="right", va="center")
            for column in range(length):
                batch = column // seq_length
                square: dict[str, Any] = {"facecolor": COLOURS[batch % 4], "alpha": 0.35, "edgecolor": "white"}
                axes.add_patch(Rectangle((column, y), 1, 1, **square))
                axes.text(column + 0.5, y + 0.5, _glyph(text[row * length + column]), ha="center", va="center")
        axes.text(-0.4, 1.5, "y", ha="right", va="center")
        for column in range(length):
            axes.text(column + 0.5, 1.5, _glyph(text[column + 1]), ha="center", va="center", color="dimgrey")
        for batch in range(batches):
            axes.text((batch + 0.5) * seq_length, -0.35, f"batch {batch}", ha="center", color=COLOURS[batch % 4])
            if batch:
                axes.plot([batch * seq_length] * 2, [-0.2, places[-1] + 1], color="black", linewidth=1.5)
        rest = text[batch_size * length :]
        axes.text(0, places[-1] + 1.7, f"left out at the end: {' '.join(map(_glyph, rest))}", va="center")
        axes.set(xlim=(-3.2, length + 0.2), ylim=(places[-1] + 2.2, -1.0))
        axes.set_axis_off()
    return figure


def carried_state(pieces: int = 3) -> "Figure":
    """Truncated back-propagation: the state goes on from batch to batch, the gradient ends where its batch began."""
    with _figure(3.2 * pieces + 2.2, 2.8) as (figure, axes):
        for piece in range(pieces):
            x = 2.0 * piece
            _box(axes, x, 0, f"batch {piece}", "black", width=1.1)
            _arrow(axes, (x + 0.57, 0), (x + 1.43, 0), COLOURS[0])
            _arrow(axes, (x, 0.24), (x, 0.76), "black")
            axes.text(x, 0.88, f"loss {piece}", ha="center", va="center")
            axes.plot([x + 0.32, x + 0.5, x + 0.5], [0.88, 0.88, 0.46], "--", color=COLOURS[1])
            _arrow(axes, (x + 0.5, 0.46), (x - 0.7, 0.46), COLOURS[1])
            axes.plot([x - 0.72] * 2, [0.24, 0.68], color=COLOURS[1], linewidth=4)
        end = 2.0 * pieces - 0.5
        _arrow(axes, (-1.0, 0), (-0.57, 0), COLOURS[0])
        axes.text(-1.05, 0, "zeros", ha="right", va="center")
        axes.text(end, 0, "state: goes on", color=COLOURS[0], va="center")
        axes.text(end, 0.46, "gradient: ends", color=COLOURS[1], va="center")
        axes.set(xlim=(-1.6, end + 1.3), ylim=(-0.4, 1.1))
        axes.set_axis_off()
    return figure


def temperatures(logits: Sequence[float], characters: str, values: Sequence[float]) -> "Figure":
    """What a temperature does to the probabilities of the next character: one panel a temperature, above 0.

    logits: one number a character.
    """
    scores = np.asarray(logits, dtype=float)
    with _figure(3.3 * len(values), 3.6, columns=len(values)) as (figure, all_axes):
        for axes, temperature in zip(np.atleast_1d(all_axes), values, strict=True):
            weights = np.exp((scores - scores.max()) / temperature)
            axes.bar(range(len(scores)), weights / weights.sum(), color=COLOURS[0])
            axes.set_xticks(range(len(scores)), [_glyph(character) for character in characters])
            axes.set(ylim=(0, 1), xlabel="next character", ylabel="probability", title=f"temperature {temperature:g}")
            axes.label_outer()
    return figure


def bits_over_steps(log: "pd.DataFrame", levels: Mapping[str, float] | None = None) -> "Figure":
    """Bits per character over the steps of a training, beside those of simpler models.

    log: columns step, train_bpc, validation_bpc; levels: bits of each simpler model by its name, drawn as lines.
    """
    require_columns(log, ["step", "train_bpc", "validation_bpc"])
    with _figure(10, 4.5) as (figure, axes):
        kinds = (("train_bpc", "training", "o"), ("validation_bpc", "validation", "D"))
        for number, (column, label, marker) in enumerate(kinds):
            axes.plot(log["step"], log[column], f"{marker}{LINES[number]}", color=COLOURS[number], label=label)
        for name, bits in (levels or {}).items():
            axes.axhline(bits, color="dimgrey", linewidth=1)
            axes.annotate(
                name, (1.01, bits), xycoords=("axes fraction", "data"), va="center", color="dimgrey", fontsize=12
            )
        axes.set(xlabel="step (batches seen)", ylabel="bits per character")
        axes.legend(loc="upper right", frameon=True, facecolor="white", framealpha=1, edgecolor="none")
    return figure


def surprise(text: str, bits: Sequence[float], columns: int = 64) -> "Figure":
    """A passage with each character on a ground as dark as it surprised the model.

    bits: what each character of the text cost, -log2 of its probability; 8 bits and more have the darkest ground.
    """
    from matplotlib.patches import Rectangle

    rows = -(-len(text) // columns)
    with _figure(11.5, 0.7 + 0.36 * rows) as (figure, axes):
        picture = axes.imshow(np.zeros((1, 1)), cmap="Blues", vmin=0, vmax=8, visible=False)
        for place, (character, cost) in enumerate(zip(text, bits, strict=True)):
            row, column = divmod(place, columns)
            axes.add_patch(Rectangle((column, row), 1, 1, facecolor=picture.to_rgba(cost), edgecolor="none"))
            glyph = _glyph(character)
            style = {"family": "monospace", "fontsize": 13 if len(glyph) <= 2 else 6}
            style["color"] = "white" if cost > 4.5 else "black"
            axes.text(column + 0.5, row + 0.5, glyph, ha="center", va="center", **style)
        axes.set(xlim=(0, columns), ylim=(rows, 0), aspect="auto")
        axes.set_axis_off()
        figure.colorbar(picture, ax=axes, label="bits", fraction=0.03, pad=0.01, extend="max")
    return figure


def sequence_forms() -> "Figure":
    """The forms in which a recurrent network maps inputs x to outputs y: one or many, step by step or not."""
    forms = (
        ("one-to-one", (1,), (1,)),
        ("one-to-many", (1,), (1, 2, 3)),
        ("many-to-one", (1, 2, 3), (3,)),
        ("many-to-many,\naligned", (1, 2, 3), (1, 2, 3)),
        ("many-to-many,\nunaligned", (1, 2, 3), (4, 5)),
    )
    left, centres = 0.0, []
    with _figure(13.5, 4.0) as (figure, axes):
        for title, inputs, outputs in forms:
            steps = max(*inputs, *outputs)
            for step in range(1, steps + 1):
                _box(axes, left + step, 1, f"$h_{step}$", "dimgrey")
                if step > 1:
                    _arrow(axes, (left + step - 0.7, 1), (left + step - 0.3, 1), "black")
            for number, step in enumerate(inputs, start=1):
                _box(axes, left + step, 0, f"$x_{number}$", COLOURS[0], filled=True)
                _arrow(axes, (left + step, 0.24), (left + step, 0.76), "black")
            for number, step in enumerate(outputs, start=1):
                _box(axes, left + step, 2, f"$y_{number}$", COLOURS[1], filled=True)
                _arrow(axes, (left + step, 1.24), (left + step, 1.76), "black")
            centres.append((left + (1 + steps) / 2, title))
            left += steps + 0.75
        for centre, title in centres:
            axes.text(centre, 2.55, title, ha="center", va="center", fontsize=14)
        for height, name in enumerate(("inputs", "states", "outputs")):
            axes.text(0.35, height, name, ha="right", va="center", fontsize=14)
        axes.set(xlim=(-0.9, left), ylim=(-0.4, 2.9))
        axes.set_axis_off()
    return figure


def gradient_decay(panels: Mapping[str, Mapping[str, np.ndarray]]) -> "Figure":
    """Norms of gradients over the lag, on a logarithmic axis: the geometric mean as a line, the range as a band.

    panels: title → name of the network → float (seeds, lags), each above 0.
    """
    with _figure(6.3 * len(panels) + 0.9, 4.6, columns=len(panels)) as (figure, all_axes):
        for axes, (title, networks) in zip(np.atleast_1d(all_axes), panels.items(), strict=True):
            for number, (name, norms) in enumerate(networks.items()):
                lags, colour = np.arange(norms.shape[1]), COLOURS[number]
                axes.fill_between(lags, norms.min(axis=0), norms.max(axis=0), color=colour, alpha=0.2, linewidth=0)
                axes.plot(lags, np.exp(np.log(norms).mean(axis=0)), LINES[number], color=colour, label=name)
            axes.set(yscale="log", xlabel="lag (steps before the last)", title=title)
        low, high = (f(axes.get_ylim()[k] for axes in np.atleast_1d(all_axes)) for k, f in enumerate((min, max)))
        for axes in np.atleast_1d(all_axes):
            axes.set_ylim(low, high)
        np.atleast_1d(all_axes)[0].set_ylabel("norm of the gradient")
        _legend_beside(np.atleast_1d(all_axes)[-1])
    return figure


def seeds_over_epochs(
    curves: "pd.DataFrame", names: Sequence[str], *, label: str, level: tuple[str, float] | None = None
) -> "Figure":
    """Training curves of several networks, each over several seeds: the mean as a line, the range as a band.

    curves: columns seed, epoch and one for each of `names`; label: what the curves show; level: name and height of a
    grey line to compare with.
    """
    require_columns(curves, ["seed", "epoch", *names])
    by_epoch = curves.groupby("epoch")
    with _figure(10, 4.8) as (figure, axes):
        for number, name in enumerate(names):
            low, mean, high = (getattr(by_epoch[name], value)() for value in ("min", "mean", "max"))
            axes.fill_between(mean.index, low, high, color=COLOURS[number], alpha=0.2, linewidth=0)
            axes.plot(mean.index, mean, LINES[number], color=COLOURS[number], label=name)
        if level is not None:
            axes.axhline(level[1], color="dimgrey", linewidth=1, linestyle=(0, (1, 3)), label=level[0])
        axes.set(xlabel="epoch", ylabel=label)
        axes.set_ylim(bottom=0)
        _legend_beside(axes)
    return figure


# --- parts of pictures ---------------------------------------------------------------------------------


@contextmanager
def _figure(width: float, height: float, columns: int = 1) -> Iterator[tuple["Figure", Any]]:
    """A figure (size in inches) and its axes in the common style, closed for pyplot at the end."""
    import matplotlib.pyplot as plt

    with plt.rc_context(_STYLE):
        figure, axes = plt.subplots(1, columns, figsize=(width, height), layout="constrained")
        yield figure, axes
        # Ticks are made when a figure is drawn first: here, they still get the size of this style
        figure.draw_without_rendering()
    plt.close(figure)


def _glyph(character: str) -> str:
    """A character as it can be seen in a picture: white space by its sign, what the font lacks by its number."""
    from matplotlib.font_manager import findfont, get_font

    signs = {" ": "␣", "\n": "↵", "\t": "⇥", "$": r"\$"}  # a bare $ would begin a formula
    if character in signs:
        return signs[character]
    known = character.isprintable() and get_font(findfont("DejaVu Sans")).get_char_index(ord(character))
    return character if known else f"{ord(character):X}"


def _picture(axes: "Axes", picture: np.ndarray, title: str) -> None:
    """One grey picture, 0 white and 255 black, without axes."""
    axes.imshow(picture, cmap="gray_r", vmin=0, vmax=255)
    axes.set_title(title)
    axes.set_axis_off()


def _mean_and_std(mean: float, std: float) -> str:
    """The two numbers on two lines; of a single run there is no spread."""
    return f"{mean:.3f}" if np.isnan(std) else f"{mean:.3f}\n±{std:.3f}"


def _legend_beside(axes: "Axes") -> None:
    """A legend beside the axes, where it hides nothing."""
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))


def _box(
    axes: "Axes", x: float, y: float, text: str, colour: str, *, filled: bool = False, width: float = 0.56
) -> None:
    from matplotlib.patches import FancyBboxPatch

    shape = FancyBboxPatch(
        (x - width / 2, y - 0.22),
        width,
        0.44,
        "round,pad=0.02",
        facecolor=colour if filled else "white",
        edgecolor=colour,
        linewidth=2,
    )
    axes.add_patch(shape)
    ink = "white" if filled else colour
    axes.text(x, y, text, ha="center", va="center", color=ink, fontsize=16)


def _arrow(axes: "Axes", start: tuple[float, float], end: tuple[float, float], colour: str) -> None:
    line = {"arrowstyle": "-|>", "color": colour, "linewidth": 1.8, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", xy=end, xytext=start, arrowprops=line)


def _concatenation(axes: "Axes", steps: int, forward: str, backward: str) -> None:
    """The right part of the diagram: the two final states, one below the other, and the layer that reads them."""
    from matplotlib.patches import Rectangle

    left, width, height = steps + 0.1, 1.45, 0.5
    for y, text, colour in (
        (0, f"forward $h_{{{steps}}}$", forward),
        (-height, "backward $h'_1$", backward),
    ):
        axes.add_patch(Rectangle((left, y), width, height, facecolor=colour, edgecolor="black"))
        axes.text(left + width / 2, y + height / 2, text, ha="center", va="center", color="white")
    axes.text(left + width + 0.1, 0.75, "concatenated", ha="center", va="bottom")

    centre = left + width / 2
    axes.plot([steps - 0.68, centre], [1.3, 1.3], color=forward, linewidth=1.8)
    _arrow(axes, (centre, 1.3), (centre, height), forward)
    axes.plot([0, 0, centre], [-1.54, -1.95, -1.95], color=backward, linewidth=1.8)
    _arrow(axes, (centre, -1.95), (centre, -height), backward)

    reader = left + width + 0.55
    _arrow(axes, (left + width, 0), (reader, 0), "black")
    axes.add_patch(Rectangle((reader, -0.4), 1.0, 0.8, facecolor="white", edgecolor="black", linewidth=2))
    axes.text(reader + 0.5, 0, "fc: one logit\na class", ha="center", va="center")
