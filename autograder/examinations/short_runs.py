"""One short run of a sweep, made again: what the student's function reaches here, against what was kept.

Nothing long is trained at grading. But of a sweep on the embedded sample, a run in the cheapest setting takes seconds,
so the candidate makes it again: with the very function that the sweep was run with (`helpers.experiments` remembers
it), the notebook's own training and validation sets, and a seed that was kept. Whatever a student chose (epochs, early
stopping, class weights, preprocessing) is in that function. What loses is far too good: invented figures.

So only settings are looked at whose accuracy is better than what any model reaches at once (``modest``). Nothing is
repeated, and nothing lost, where there is none; where the kept runs do not say that they were made on the embedded
sample; where the run takes longer than ``SECONDS``; and where what it builds on is wrong, which costs in its own
exercise.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from autograder.channel import Candidate, CandidateError
from autograder.examinations import sweeps
from autograder.examinations.sweeps import Row, Sweep
from autograder.examine import Context, Lost, Question
from helpers.results import Run

INSTRUMENT = Path(__file__).with_name("short_run_instruments.py").read_text()
SECONDS = 8.0
"""Of processor time that one run may take; those of the references take 2 to 5, half of it Keras's tracing."""
SEEDS = 3
"""So many of the setting's seeds are tried before a claim is doubted: one training in ten or so goes astray."""
FAR = 0.12
"""Accuracy by which the claims may at least lie above the best of these runs; docs/results.md has the distributions."""

Sound = Callable[[Candidate, np.random.Generator, Run], None]
"""Raises Lost or CandidateError where what a run builds on is wrong."""


@dataclass(frozen=True)
class Claims:
    """What a sweep claims, and how it can be seen.

    data: the title under which the loader notes its source. examples: accuracy → how many examples it is counted on.
    modest: accuracies up to here, as the mean over a setting's seeds, are not doubted. cost: of a run, what the
    cheapest setting is the least of.
    """

    sweep: Sweep
    data: str
    examples: Mapping[str, int]
    modest: float
    cost: Callable[[Row], Any]

    def doubtful(self, runs: Sequence[Run]) -> dict[str, list[float]]:
        """The accuracies of one setting's runs that are more than modest."""
        found = {name: [run.metrics[name] for run in runs] for name in self.examples}
        return {name: values for name, values in found.items() if np.mean(values) > self.modest}


def short_run(claims: Claims, sound: Sound) -> Question:
    """The part: the cheapest setting of which much is claimed, run again, comes near."""

    def question(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
        rows = sweeps.rows_of(context, claims.sweep)
        runs = cheapest(sweeps.runs_of_table(rows, context.runs, claims.sweep), claims)
        if not runs:
            return
        candidate.define(INSTRUMENT)
        problem = _problem(candidate, [runs[i] for i in rng.permutation(len(runs))], claims)
        if problem and _sound(sound, candidate, rng, runs[0]):
            raise Lost(f"{claims.sweep.variable}: {problem}")

    return question


def on_sample(run: Run, data: str) -> bool:
    """Whether a run says that it was made on the embedded sample of this data set, and on nothing else."""
    sources = run.environment.get("data")
    if "source" in run.data:
        return bool(run.data["source"] == "sample")
    return isinstance(sources, dict) and sources.get(data) == ["sample"]


def cheapest(runs: Sequence[Run], claims: Claims) -> list[Run]:
    """The runs in the cheapest setting on the sample of which more than a modest accuracy is claimed; none if there is
    no such setting."""
    settings: dict[str, list[Run]] = {}
    for run in runs:
        if on_sample(run, claims.data):
            settings.setdefault(repr(sorted(run.setting.items())), []).append(run)
    doubtful = [found for found in settings.values() if claims.doubtful(found)]
    return min(doubtful, key=lambda found: min(claims.cost(run.setting | run.metrics) for run in found), default=[])


def _problem(candidate: Candidate, runs: Sequence[Run], claims: Claims) -> str:
    """What is wrong with the claims of these runs, all in one setting, in words; empty when nothing is known to be."""
    setting = runs[0].setting
    words = " ".join(f"{name}={value}" for name, value in setting.items())[:200]
    best, doubts = 0.0, ""
    for run in runs[:SEEDS]:
        asked = (run.exercise, setting, run.seed, claims.data, SECONDS)
        try:
            reply = candidate.call("_one_run_again", *asked, arrays="numpy")
        except CandidateError as error:
            return f"the function of the sweep raised {error}, for {words}, seed {run.seed}."
        if reply is None:
            return ""
        reached = [reply.get(name) for name in claims.examples] if isinstance(reply, dict) else [None]
        if not all(isinstance(value, float) and 0 <= value <= 1 for value in reached):
            return f"the function of the sweep returns no {' and '.join(claims.examples)} in [0, 1], for {words}."
        # The best of all: who looks at other people for validation than the sweep did reaches something else there.
        best = max(best, *reached)
        doubts = _too_good(runs, best, claims)
        if not doubts:
            return ""
    tried = f"{words}, made again with {min(len(runs), SEEDS)} of its seeds"
    return (
        f"{doubts}, but the function of the sweep reaches {best:.3f} ({tried}). Was it or the model changed after the "
        "sweep, without RETRAIN = True, or do the figures come from other data?"
    )


def _too_good(runs: Sequence[Run], best: float, claims: Claims) -> str:
    """The claims that lie far above what was reached, in words."""
    return "; ".join(
        f"{name} was kept as {np.mean(claimed):.3f} on average"
        for name, claimed in claims.doubtful(runs).items()
        if np.mean(claimed) - best > allowed(claimed, claims.examples[name])
    )


def allowed(claimed: Sequence[float], number: int) -> float:
    """By how much the mean of claimed accuracies, counted on so many examples, may lie above the best of the runs here.

    Four standard deviations of the spread over seeds and of the counting together, ``FAR`` at least, and twice that at
    most: who invents figures may invent their spread.
    """
    mean = float(np.mean(claimed))
    spread = float(np.std(claimed, ddof=1)) if len(claimed) > 1 else 0.0
    counting = math.sqrt(max(mean * (1 - mean), 1 / number) / number)
    return min(max(4 * math.hypot(spread, counting), FAR), 2 * FAR)


def _sound(sound: Sound, candidate: Candidate, rng: np.random.Generator, run: Run) -> bool:
    try:
        sound(candidate, rng, run)
    except (Lost, CandidateError):
        return False
    return True
