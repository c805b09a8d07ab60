"""Make the embedded sample of spoken words: synthetic speech in the layout of Google Speech Commands.

    python data/speech_commands/make_sample.py            # writes into the folder of this file
    python data/speech_commands/make_sample.py --out DIR

Only maintainers run this; it needs the program `espeak-ng`. The real clips were recorded by thousands of
people with whatever microphone they had, so what is imitated here is the variety: voice, accent, pitch,
speed, room, microphone, background noise, loudness and the moment at which the word begins. A run with
the same versions of espeak-ng, numpy and scipy writes the same bytes (SHA256SUMS).

No speaker (voice, accent and pitch) occurs in two splits, and no voice either. Functions without an
underscore are also used to make other clips in the same style.
"""

import argparse
import hashlib
import io
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.io import wavfile
from scipy.signal import fftconvolve, resample_poly

SAMPLE_RATE = 16000  # Hz
WORDS = ("one", "two", "three")
SEED = 20180409

ACCENTS = (
    "en-gb",
    "en-us",
    "en-029",
    "en-gb-scotland",
    "en-gb-x-gbclan",
    "en-gb-x-rp",
    "en-gb-x-gbcwmd",
)
# espeak-ng's voice variants, a part of them; robots, croaks, whispers and doubles under two names are left out.
# Each voice of the training split speaks as two speakers, with two accents and pitches.
VOICES = {
    "training": (
        "m1 m2 m3 m5 f1 f2 f4 klatt2 Alex Alicia Annie Hugo Jacky Lee Marco adam belinda boris gustave iven linda "
        "max steph zac"
    ),
    "validation": "m4 f5 Michael aunty benjamin klatt4 michel",
    "testing": "m6 m7 m8 f3 Andy edward grandma grandpa quincy victor",
}
SPEAKERS_PER_VOICE = {"training": 2, "validation": 1, "testing": 1}

# What is drawn, evenly between two limits, for each clip. The limits were chosen so that a recurrent network
# of three layers learns something from so few clips and still errs on some (README.md has the figures).
SPEED = (130, 200)  # words per minute
REVERBERATION = (0.03, 0.1)  # seconds to -60 dB
PLACE = (0.35, 0.65)  # of the word in the clip: 0 at its beginning, 1 at its end
SNR = (18.0, 38.0)  # dB, over the time of the word
NOISE_COLOUR = (0.5, 1.5)  # exponent, see coloured_noise
TILT = (-1.5, 1.5)  # dB per octave, the microphone's
LOW_CUT, HIGH_CUT = (40.0, 200.0), (4000.0, 7500.0)  # Hz, the microphone's
PEAK = (-40.0, -1.0)  # dB of full scale
FULL_LENGTH_SHARE = 0.55  # of the clips last one second, the others from SHORTEST samples on
SHORTEST = 8000


@dataclass(frozen=True)
class Speaker:
    """Who speaks: an espeak-ng voice variant, an accent (espeak-ng's language) and a pitch (0 to 99)."""

    voice: str
    accent: str
    pitch: int

    @property
    def id(self) -> str:
        """Eight hexadecimal digits, as in the names of the real clips."""
        return hashlib.sha256(f"{self.voice} {self.accent} {self.pitch}".encode()).hexdigest()[:8]


def require_espeak() -> str:
    """Version line of espeak-ng; ends the program with one line when it is not installed."""
    if shutil.which("espeak-ng") is None:
        sys.exit("espeak-ng is not installed: install it (on Debian and Ubuntu: apt install espeak-ng) and try again")
    answer = subprocess.run(["espeak-ng", "--version"], capture_output=True, text=True, check=True)
    return answer.stdout.split("Data at")[0].strip()


def draw_speakers(
    voices: Sequence[str], accents: Sequence[str], per_voice: int, rng: np.random.Generator
) -> list[Speaker]:
    """`per_voice` speakers of each voice, with drawn pitches and accents (different ones for one voice)."""
    return [
        Speaker(voice, str(accent), int(rng.integers(20, 81)))
        for voice in voices
        for accent in rng.choice(accents, size=per_voice, replace=False)
    ]


def speak(word: str, speaker: Speaker, speed: int) -> np.ndarray:
    """The bare word: float64 (n,) with peak 1, at SAMPLE_RATE, silence at both ends cut off.

    `speed` is in words per minute.
    """
    command = ["espeak-ng", "-v", f"{speaker.accent}+{speaker.voice}", "-p", str(speaker.pitch)]
    command += ["-s", str(speed), "-z"]
    with tempfile.TemporaryDirectory() as folder:
        # A file and not --stdout: only then does espeak-ng know the length that the header must state.
        path = Path(folder, "word.wav")
        subprocess.run([*command, "-w", str(path), word], check=True, capture_output=True)
        rate, samples = wavfile.read(io.BytesIO(path.read_bytes()))
    common = int(np.gcd(rate, SAMPLE_RATE))
    speech = resample_poly(samples.astype(np.float64), SAMPLE_RATE // common, rate // common)
    loud = np.flatnonzero(np.abs(speech) > 0.01 * np.abs(speech).max())
    speech = speech[loud[0] : loud[-1] + 1]
    return speech / np.abs(speech).max()


def coloured_noise(n: int, exponent: float, rng: np.random.Generator) -> np.ndarray:
    """Noise (n,) of mean square 1 whose power falls as 1 / frequency**exponent (0 white, 1 pink, 2 brown)."""
    spectrum = np.fft.rfft(rng.standard_normal(n))
    frequency = np.fft.rfftfreq(n, 1 / SAMPLE_RATE)
    noise = np.fft.irfft(spectrum * np.maximum(frequency, 50.0) ** (-exponent / 2), n)
    return noise / np.sqrt(np.mean(noise**2))


def microphone(sound: np.ndarray, tilt: float, low: float, high: float) -> np.ndarray:
    """Filter: `tilt` dB per octave around 1 kHz, and soft limits at `low` and `high` Hz."""
    frequency = np.maximum(np.fft.rfftfreq(len(sound), 1 / SAMPLE_RATE), 20.0)
    gain = 10 ** (tilt * np.log2(frequency / 1000) / 20)
    gain /= np.sqrt(1 + (low / frequency) ** 4) * np.sqrt(1 + (frequency / high) ** 4)
    return np.fft.irfft(np.fft.rfft(sound) * gain, len(sound))


def room(sound: np.ndarray, reverberation: float, rng: np.random.Generator) -> np.ndarray:
    """The sound with an exponentially decaying echo of `reverberation` seconds (to -60 dB)."""
    time = np.arange(int(reverberation * SAMPLE_RATE)) / SAMPLE_RATE
    response = rng.standard_normal(len(time)) * 10 ** (-3 * time / reverberation) * 0.08
    response[0] = 1.0
    return fftconvolve(sound, response)


def record(word: str, speaker: Speaker, rng: np.random.Generator) -> np.ndarray:
    """One clip: int16 (n,), at most SAMPLE_RATE (one second); some are shorter, as among the real ones."""
    speech = room(speak(word, speaker, int(rng.integers(*SPEED))), rng.uniform(*REVERBERATION), rng)
    length = SAMPLE_RATE if rng.random() < FULL_LENGTH_SHARE else int(rng.integers(SHORTEST, SAMPLE_RATE))
    length = min(max(length, len(speech)), SAMPLE_RATE)
    speech = speech[:length]
    onset = int(rng.uniform(*PLACE) * (length - len(speech)))
    clip = np.zeros(length)
    clip[onset : onset + len(speech)] = speech
    noise_level = np.sqrt(np.mean(speech**2)) * 10 ** (-rng.uniform(*SNR) / 20)
    clip += noise_level * coloured_noise(length, rng.uniform(*NOISE_COLOUR), rng)
    clip = microphone(clip, rng.uniform(*TILT), rng.uniform(*LOW_CUT), rng.uniform(*HIGH_CUT))
    peak = 32767 * 10 ** (rng.uniform(*PEAK) / 20)
    return np.round(clip / np.abs(clip).max() * peak).astype(np.int16)


def clip_generator(seed: int, speaker: Speaker, word: str, take: int) -> np.random.Generator:
    """Random numbers of one clip; they do not depend on which other clips are made."""
    text = f"{seed} {speaker.id} {word} {take}"
    return np.random.default_rng(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big"))


def sample_speakers() -> dict[str, list[Speaker]]:
    """The speakers of each split."""
    rng = np.random.default_rng(SEED)
    return {
        split: draw_speakers(voices.split(), ACCENTS, SPEAKERS_PER_VOICE[split], rng)
        for split, voices in VOICES.items()
    }


def sample_clip(word: str, speaker: Speaker) -> np.ndarray:
    """The sample's clip of this word by this speaker: int16 (n,)."""
    return record(word, speaker, clip_generator(SEED, speaker, word, 0))


def write_sample(folder: Path) -> dict[str, list[str]]:
    """Write clips, split lists and SHA256SUMS into `folder`; returns the relative paths of each split."""
    paths: dict[str, list[str]] = {}
    for split, speakers in sample_speakers().items():
        paths[split] = []
        for word in WORDS:
            (folder / word).mkdir(parents=True, exist_ok=True)
            for speaker in speakers:
                path = f"{word}/{speaker.id}_nohash_0.wav"
                wavfile.write(folder / path, SAMPLE_RATE, sample_clip(word, speaker))
                paths[split].append(path)
    listed = {f"{split}_list.txt": paths[split] for split in ("validation", "testing")}
    for name, lines in listed.items():
        (folder / name).write_text("".join(f"{line}\n" for line in sorted(lines)))
    files = sorted([*listed, *(path for split in paths.values() for path in split)])
    digests = [f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in files]
    (folder / "SHA256SUMS").write_text("".join(digests))
    return paths


def main() -> None:
    """Make the sample anew, beside the place it will have, and put it there at the end."""
    parser = argparse.ArgumentParser(description="Make the embedded sample of spoken words with espeak-ng.")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, help="folder that gets the sample")
    out = parser.parse_args().out
    print(f"speaking with {require_espeak()} ...")
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".unfinished-", dir=out) as temporary:
        paths = write_sample(Path(temporary))
        for word in WORDS:
            shutil.rmtree(out / word, ignore_errors=True)
        for path in Path(temporary).iterdir():
            path.replace(out / path.name)
    print(", ".join(f"{len(clips)} {split} clips" for split, clips in paths.items()), f"in {out}")


if __name__ == "__main__":
    main()
