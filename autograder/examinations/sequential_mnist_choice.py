"""Examinations of `search_space` and `model_selection`: what may be chosen, and by what it is chosen.

`select` is called on a planted contest (see `sequential_mnist_planted`): the size that wins on the validation set is
the right choice, and every other choice tells by what it was made.
"""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from autograder.channel import Candidate, CandidateError, kind_of
from autograder.examinations.sequential_mnist_models import OPTIONAL, REQUIRED
from autograder.examinations.sequential_mnist_planted import (
    ELSEWHERE,
    TEST,
    TRAINING,
    VALIDATION,
    Contest,
    Ground,
    Size,
    cut_space,
    draw_contest,
    planted,
    scalar,
    sizes_of,
)
from autograder.examine import Context, Examination, Lost, Part

Space = dict[str, list[Any]]
"""Hyper-parameter → the values that are tried."""

MAX_VALUES = 100
STAND_INS = Path(__file__).with_name("sequential_mnist_stand_ins.py").read_text()


# --- search_space -------------------------------------------------------------------------------------------------


def read_space(candidate: Candidate) -> dict[str, Space]:
    """``SEARCH_SPACE``; Lost when it has not the agreed form."""
    space = candidate.lookup("SEARCH_SPACE")
    if not isinstance(space, dict) or not space or not all(isinstance(kind, str) for kind in space):
        raise Lost(f"SEARCH_SPACE should be a dict from kinds to dicts, got {kind_of(space)}.")
    found: dict[str, Space] = {}
    for kind, choices in space.items():
        if not isinstance(choices, dict) or not choices or not all(isinstance(name, str) for name in choices):
            raise Lost(f"SEARCH_SPACE[{kind[:40]!r}] should be a dict from hyper-parameters to lists, got "
                       f"{kind_of(choices)}. Is the level of the kinds missing?")  # fmt: skip
        place = f"SEARCH_SPACE[{kind[:40]!r}]"
        found[kind] = {name: _values(values, f"{place}[{name[:40]!r}]") for name, values in choices.items()}
    return found


def _values(values: Any, what: str) -> list[Any]:
    if isinstance(values, np.ndarray) and values.ndim == 1:
        values = values.tolist()
    if not isinstance(values, list | tuple):
        raise Lost(f"{what} should be a list of the values that are tried, got {kind_of(values)}.")
    plain = [scalar(value) for value in values]
    if not 0 < len(plain) <= MAX_VALUES or not all(isinstance(value, str | int | float | bool) for value in plain):
        raise Lost(f"{what} should be a list of 1 to {MAX_VALUES} numbers, strings or booleans.")
    return plain


def _form(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    context.memory["space"] = space = read_space(candidate)
    missing = [kind for kind in REQUIRED if kind not in space]
    if missing:
        raise Lost(f"SEARCH_SPACE has no entry for {', '.join(map(repr, missing))}.",
                   earned=1 - len(missing) / len(REQUIRED))  # fmt: skip
    unknown = sorted(set(space) - {*REQUIRED, *OPTIONAL})
    if unknown:
        told = ", ".join(map(repr, unknown))[:100]
        raise Lost(f"SEARCH_SPACE has {told}, which build_model does not know.", earned=0.5)


def _space(context: Context) -> dict[str, Space]:
    if "space" not in context.memory:
        raise Lost("SEARCH_SPACE could not be read, see above.")
    space: dict[str, Space] = context.memory["space"]
    return space


def _enough(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    space = _space(context)
    few = []
    for kind, choices in space.items():
        varied = [name for name, values in choices.items() if len(set(values)) >= 2]
        if len(varied) < 2:
            few.append(f"SEARCH_SPACE[{kind!r}] has {len(varied)} hyper-parameters with two different values or more; "
                       "two such are asked for.")  # fmt: skip
    if few:
        raise Lost(few[0], earned=1 - len(few) / len(space))


def _possible(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """What is tried are hyper-parameters, with values that can be; one of them says how large the network is."""
    for kind, choices in _space(context).items():
        for name in ("seed", "seeds"):
            if name in choices:
                raise Lost(f"SEARCH_SPACE[{kind!r}] has {name!r}: a seed is no hyper-parameter. To choose the luckiest "
                           "one by validation would be to select by chance.")  # fmt: skip
        if not {"hidden_size", "num_layers"} & set(choices):
            raise Lost(f"SEARCH_SPACE[{kind!r}] does not say how large the network is: hidden_size or num_layers "
                       "should be among its hyper-parameters.")  # fmt: skip
        for name in ("hidden_size", "num_layers", "batch_size", "epochs"):
            if not all(type(value) is int and value > 0 for value in choices.get(name, [])):
                raise Lost(f"SEARCH_SPACE[{kind!r}][{name!r}] should hold whole numbers above 0.")
        for value in choices.get("learning_rate", []):
            if isinstance(value, bool | str) or not 0 < value < math.inf:
                raise Lost(f"SEARCH_SPACE[{kind!r}]['learning_rate'] should hold numbers above 0.")


SEARCH_SPACE = Examination(
    "search_space",
    (
        Part("a dict of dicts of lists, for every kind", 0.4, _form),
        Part("two hyper-parameters with two values each", 0.4, _enough),
        Part("values that can be, among them the network's size", 0.2, _possible),
    ),
)


# --- model_selection ----------------------------------------------------------------------------------------------


def _chosen(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """The notebook's choices are kept runs, and lie in the search space."""
    chosen = read_chosen(candidate)
    missing = [kind for kind in REQUIRED if kind not in chosen]
    if missing:
        raise Lost(f"chosen has no setting for {', '.join(map(repr, missing))}: did the selection run to its end?")
    runs = [run for run in context.runs if run.exercise == "model_selection"]
    if not runs:
        raise Lost("no runs of model_selection came with the hand-in: run its cells, and hand in the saved notebook "
                   "with its outputs, or the folder results.")  # fmt: skip
    space = {} if context.stand_ins else read_space(candidate)
    for kind, setting in chosen.items():
        same = [run for run in runs if run.setting.get("kind") == kind and _within(setting, run.setting)]
        if not same:
            raise Lost(f"chosen[{kind!r}] is {_told(setting)}, but no such run came with the hand-in.")
        accuracy = same[-1].metrics.get("val_accuracy", math.nan)
        if not 0 <= accuracy <= 1:
            raise Lost(f"the kept run of model_selection for {kind!r} should have a val_accuracy in [0, 1].")
        if space and not _lies_in(setting, space.get(kind, {})):
            raise Lost(f"chosen[{kind!r}] is {_told(setting)}, which is no setting out of SEARCH_SPACE[{kind!r}]. Was "
                       "the search space changed after the selection?")  # fmt: skip


def read_chosen(candidate: Candidate) -> dict[str, dict[str, Any]]:
    """``chosen``, kind → setting; Lost when it has not the agreed form."""
    try:
        chosen = candidate.lookup("chosen")
    except CandidateError as error:
        raise Lost(f"the notebook does not set chosen: {error.message}. Do the kept results come with the "
                   "hand-in?") from None  # fmt: skip
    if not isinstance(chosen, dict) or not all(isinstance(setting, dict) for setting in chosen.values()):
        raise Lost(f"chosen should be a dict from kinds to settings, got {kind_of(chosen)}.")
    return {
        str(kind): {str(name): scalar(value) for name, value in setting.items() if name != "kind"}
        for kind, setting in chosen.items()
    }


def _within(setting: Mapping[str, Any], whole: Mapping[str, Any]) -> bool:
    return all(name in whole and whole[name] == value for name, value in setting.items())


def _lies_in(setting: Mapping[str, Any], space: Mapping[str, list[Any]]) -> bool:
    return set(setting) == set(space) and all(setting[name] in values for name, values in space.items())


def _told(setting: Mapping[str, Any]) -> str:
    return " ".join(f"{name}={value}" for name, value in setting.items())[:120] or "empty"


def _select(ground: Ground, kind: str, space: Space) -> dict[str, Any]:
    """What ``select`` returns: checked for form, a setting out of the search space."""
    reply = ground.ask("select", kind, ground.pair(TRAINING), ground.pair(VALIDATION))
    asked = f"select({kind!r}, train, validation)"
    if not isinstance(reply, dict):
        raise Lost(f"{asked} should return the chosen setting, a dict, got {kind_of(reply)}.")
    setting = {str(name): scalar(value) for name, value in reply.items() if name != "kind"}
    if not _lies_in(setting, space):
        hint = " Is the accuracy, or something else, returned with it?" if set(setting) - set(space) else ""
        raise Lost(f"{asked} returned {_told(setting)}, which is no setting out of SEARCH_SPACE[{kind!r}].{hint}")
    return setting


def _size(setting: Mapping[str, Any], sizes: list[Size]) -> Size:
    """The size that a setting has, as the search space's sizes are written."""
    found = setting.get("hidden_size"), setting.get("num_layers")
    return next(size for size in sizes if size == found)


def _follows_validation(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """In two contests the size that wins on the validation set is chosen."""
    space = read_space(candidate)
    missing = [kind for kind in REQUIRED if kind not in space]
    if missing or any(len(sizes_of(space[kind])) < 2 for kind in REQUIRED):
        raise Lost("select cannot be examined: SEARCH_SPACE does not give two values of hidden_size or num_layers to "
                   "each of 'rnn', 'gru' and 'lstm'.")  # fmt: skip
    first, second, _ = (REQUIRED[i] for i in rng.permutation(len(REQUIRED)))
    with planted(candidate, rng) as ground:
        for number, kind in enumerate((first, second), start=1):
            sizes = sizes_of(space[kind])
            contest = _plant(ground, rng, space, kind, number)
            chosen = _size(_select(ground, kind, space[kind]), sizes)
            context.memory.setdefault("notes", []).append((kind, list(contest.shares[VALIDATION]), *ground.notes()))
            context.memory.setdefault("choices", []).append((kind, chosen, number))
            _require_winner(contest, chosen, kind, sizes)
        context.memory["follows validation"] = True


def _plant(ground: Ground, rng: np.random.Generator, space: dict[str, Space], kind: str, third: int) -> Contest:
    """A contest among the sizes of one kind, won at the first or the second third of those that are tried."""
    tried = cut_space(space[kind])
    sizes = sizes_of(tried or space[kind])
    contest = draw_contest(rng, sizes, third * len(sizes) // 3)
    variables = {"train": ELSEWHERE, "validation": ELSEWHERE, "test": TEST}
    ground.plant(contest, variables, None if tried is None else {**space, kind: tried})
    return contest


def _require_winner(contest: Contest, chosen: Size, kind: str, sizes: list[Size]) -> None:
    if chosen == contest.winners[VALIDATION]:
        return
    by = contest.won_by(chosen)
    told = (f"select({kind!r}, train, validation), called with models of known accuracies, chose another setting than "
            "the one with the best validation accuracy.")  # fmt: skip
    hints = {
        TRAINING: " It is the best on the training set.",
        TEST: " It is the best on the test set, or takes it into account: only the validation set decides.",
        ELSEWHERE: " Are train and validation the arguments, not the notebook's own?",
    }
    accuracies = contest.shares[VALIDATION]
    if len(sizes) > 2 and chosen in accuracies and accuracies[chosen] == min(accuracies.values()):
        raise Lost(f"{told} It is the worst there. Is the least looked for instead of the greatest?")
    if len(sizes) == 2 and chosen == contest.winners[TEST]:
        raise Lost(f"{told} Does the test set take part in the choice, or is it the setting that was tried last?")
    if len(sizes) == 2:
        raise Lost(f"{told} Is it the training set that decides, or the setting that was tried first?")
    if not by and chosen in (sizes[0], sizes[-1]):
        raise Lost(f"{told} It is the {'first' if chosen == sizes[0] else 'last'} of the search space. Is the best so "
                   "far remembered, with its accuracy?")  # fmt: skip
    raise Lost(told + hints.get(by, " Is every setting trained, and the best so far remembered with its accuracy?"))


def _labels_do_not_matter(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """With the test labels changed in place, the choice stays; with other data it does not.

    The winner lies elsewhere than when this kind was chosen before, so that a choice that is remembered shows.
    """
    choices: list[tuple[str, Size, int]] = context.memory.get("choices", [])
    if not choices:
        raise Lost("select did not return a setting, see above.")
    space = read_space(candidate)
    kind, earlier, number = choices[rng.integers(len(choices))]
    sizes = sizes_of(space[kind])
    with planted(candidate, rng) as ground:
        contest = _plant(ground, rng, space, kind, 3 - number)
        before = _size(_select(ground, kind, space[kind]), sizes)
        followed = context.memory.get("follows validation", False)
        if followed and before == earlier != contest.winners[VALIDATION]:
            raise Lost(f"select({kind!r}, train, validation) makes the choice of an earlier call again, although with "
                       "these data another one is best. Is something remembered from call to call?")  # fmt: skip
        ground.ask("_planted_turn_labels")
        after = _size(_select(ground, kind, space[kind]), sizes)
    if before != after:
        raise Lost(f"select({kind!r}, train, validation) makes another choice when the test labels are changed: they "
                   "must not matter. Only the validation set decides.")  # fmt: skip


def _trains_as_asked(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    """Every size is built and trained, of the kind asked for, on the training set alone."""
    notes: list[tuple[str, list[Size], list[list[Any]], set[str]]] = context.memory.get("notes", [])
    if not notes:
        raise Lost("select did not return a setting, see above.")
    for kind, sizes, built, trained in notes:
        asked = f"select({kind!r}, train, validation)"
        others = {str(note[0]) for note in built} - {kind}
        if others:
            told = ", ".join(map(repr, sorted(others)))[:80]
            raise Lost(f"{asked} builds models of the kind {told}. Is kind passed on?")
        tried = {size for size in sizes for note in built if _is_size(size, note)}
        if len(tried) < len(sizes):
            raise Lost(f"{asked} builds models of {len(tried)} of {len(sizes)} sizes. Are the settings passed on to "
                       "build_model?")  # fmt: skip
        if not trained:
            raise Lost(f"{asked} trains nothing: no backward pass was made.")
        if VALIDATION in trained:
            raise Lost(f"{asked} trains on the validation set, which is there to choose by.")
        if TEST in trained or ELSEWHERE in trained:
            raise Lost(f"{asked} trains on other data than its argument train.")


def _is_size(size: Size, note: list[Any]) -> bool:
    return all(wanted is None or wanted == got for wanted, got in zip(size, note[1:3], strict=True))


MODEL_SELECTION = Examination(
    "model_selection",
    (
        Part("chosen: kept, and out of the search space", 0.2, _chosen),
        Part("select: the best on the validation set", 0.45, _follows_validation),
        Part("select: the test labels do not matter", 0.15, _labels_do_not_matter),
        Part("select: trains every size, on the training set alone", 0.2, _trains_as_asked),
    ),
    seconds=60.0,
    builds_on=("pixel_sequences", "recurrent_models", "search_space"),
    stand_ins=STAND_INS,
)
