"""Make the examiner's clips: spoken words by voices that no student has, as MFCC.

    python autograder/examinations/make_speech_clips.py       # writes speech_commands_clips.npz beside this file

Only maintainers run this; it needs espeak-ng. The clips are made by the synthesis of the embedded sample
(data/speech_commands/make_sample.py), but no voice, and so no speaker, occurs in any of its splits, and one
accent is new. This file and the clips are never part of what students get.

speech_commands_clips.npz: `features` float32 (n, 32, 20), raw MFCC as `helpers.data.speech_commands.mfcc` gives
them; `labels` int64 (n,), places in `words`; `words` (5,), strings.
"""

import argparse
import importlib.util
import sys
import tempfile
from pathlib import Path
from types import ModuleType

import numpy as np

from helpers.data import speech_commands
from helpers.data.store import DATA

WORDS = ("one", "two", "three", "five", "eight")
SEED = 20240914
VOICES = (
    "Andrea Denis Diogo Gene Henrique Mario Mike Nguyen Storm Tweaky antonio caleb david ed edward2 john klatt5 "
    "miguel norbert pablo paul rob robert sandro"
)
NEW_ACCENT = "en-us-nyc"
SPEAKERS_PER_VOICE = 2
OUT = Path(__file__).with_name("speech_commands_clips.npz")


def synthesis() -> ModuleType:
    """The module data/speech_commands/make_sample.py, which is no package."""
    path = DATA / "speech_commands" / "make_sample.py"
    spec = importlib.util.spec_from_file_location("make_sample", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["make_sample"] = module  # where dataclasses look up the module of a class
    spec.loader.exec_module(module)
    return module


def examiner_speakers(make: ModuleType) -> list:
    """The examiner's speakers (make_sample.Speaker); ValueError when the sample has one of their voices."""
    shared = set(VOICES.split()) & set(" ".join(make.VOICES.values()).split())
    if shared:
        raise ValueError(f"students have these voices: {', '.join(sorted(shared))}")
    accents = (*make.ACCENTS, NEW_ACCENT)
    speakers: list = make.draw_speakers(VOICES.split(), accents, SPEAKERS_PER_VOICE, np.random.default_rng(SEED))
    return speakers


def make_clip(make: ModuleType, word: str, speaker: object) -> np.ndarray:
    """One clip: int16 (n,) at 16 kHz."""
    clip: np.ndarray = make.record(word, speaker, make.clip_generator(SEED, speaker, word, 0))
    return clip


def main() -> None:
    """Speak every word with every speaker and write the features."""
    parser = argparse.ArgumentParser(description="Make the examiner's clips of spoken words with espeak-ng.")
    parser.add_argument("--out", type=Path, default=OUT, help="the .npz file to write")
    out = parser.parse_args().out
    make = synthesis()
    print(f"speaking with {make.require_espeak()} ...")
    speakers = examiner_speakers(make)
    clips = [(make_clip(make, word, speaker), label) for label, word in enumerate(WORDS) for speaker in speakers]
    # As read_wav gives a 16-bit file.
    features = np.stack([speech_commands.mfcc(clip.astype(np.float32) / 32768) for clip, _ in clips])
    labels = np.array([label for _, label in clips], dtype=np.int64)
    with tempfile.TemporaryDirectory(prefix=".unfinished-", dir=out.parent) as folder:
        temporary = Path(folder, out.name)
        np.savez_compressed(temporary, features=features, labels=labels, words=np.array(WORDS))
        temporary.replace(out)
    print(f"{len(labels)} clips of {', '.join(WORDS)} by {len(speakers)} speakers in {out}")


if __name__ == "__main__":
    main()
