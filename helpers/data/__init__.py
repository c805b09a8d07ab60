"""Data sets of the coursework, one module each, and their list for `coursework data`."""

from helpers.data import activity, mackey_glass, mnist, speech_commands, surnames, texts
from helpers.data.store import Dataset

DATASETS: dict[str, Dataset] = {
    dataset.name: dataset
    for dataset in (
        activity.DATASET,
        mackey_glass.DATASET,
        mnist.DATASET,
        speech_commands.DATASET,
        surnames.DATASET,
        texts.DATASET,
    )
}
