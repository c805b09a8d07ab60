"""A signal model of six human activities, as a smartphone at the waist would measure them.

It imitates the layout and the difficulties of the UCI HAR data set, and holds none of its values. A recording is the
sum of

- gravity (1 g), which turns with the posture and with how the phone sits in its pouch;
- gait: harmonics of the steps, with the stride (two steps) as sub-harmonic, strength and phases of which belong to
  the subject; upstairs slower, bent forward and uneven, downstairs faster and with sharper impacts;
- what a body does that keeps still: sway, breathing, now and then a movement;
- noise and bias of the sensors.

Sitting and standing differ by the tilt of the trunk, whose range overlaps from one subject to the next, and by how
the body sways: one subject's sitting looks like another's standing. The numbers were chosen so that the models of the
notebook differ, and err (data/activity/README.md has the figures).

Units: g (9.81 m/s²), rad/s, seconds, hertz. Axes of the phone: x up, y to the left, z forward, for a phone that is
upright. Everything is drawn from the generator that is given.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

ACTIVITIES = ("WALKING", "WALKING_UPSTAIRS", "WALKING_DOWNSTAIRS", "SITTING", "STANDING", "LAYING")
SAMPLE_RATE = 50  # Hz
WINDOW = 128  # samples: 2.56 s
STEP = 64  # samples from one window to the next: half of each window is in its neighbour
CHANNELS = tuple(f"{signal}_{axis}" for signal in ("total_acc", "body_acc", "body_gyro") for axis in "xyz")
GRAVITY_CORNER = 0.3  # Hz, below which acceleration counts as gravity

N_HARMONICS = 5
WARM_UP = 250  # samples that are cut off at both ends: there the filter knows only one side


@dataclass(frozen=True)
class Gait:
    """How one activity of walking differs from level walking."""

    cadence: float  # times the subject's
    strength: float  # times the subject's, of the harmonics
    impact: float  # how slowly the higher harmonics fade, 0 to 1
    lean: float  # radians forward
    unevenness: float  # strength of the stride's half frequency
    turn: float  # strength of the rotations


GAITS = {
    0: Gait(cadence=1.0, strength=1.0, impact=0.45, lean=0.0, unevenness=0.3, turn=1.0),
    1: Gait(cadence=0.85, strength=0.9, impact=0.4, lean=0.3, unevenness=0.6, turn=1.25),
    2: Gait(cadence=1.1, strength=1.5, impact=0.65, lean=-0.2, unevenness=0.4, turn=1.2),
}


@dataclass(frozen=True)
class Subject:
    """What stays the same in all recordings of one person. Angles in radians."""

    cadence: float  # steps a second
    strength: np.ndarray  # (3,) g, of the first harmonic, along x, y, z
    phases: np.ndarray  # (6, N_HARMONICS + 1), of acceleration and rotation; the last is the stride's
    turns: np.ndarray  # (3,) rad/s, of the rotation about x, y, z
    habits: np.ndarray  # (3, 2): how cadence and strength in each gait differ from the model's, as factors
    mounting: np.ndarray  # (3,) rotation vector of the phone in its pouch
    sitting: float  # tilt of the trunk backwards
    standing: float
    laying: float  # about the body's long axis: on the back, or on a side
    sway: np.ndarray  # (2,) rad, sitting and standing
    bias: np.ndarray  # (6,) g and rad/s


def draw_subject(rng: np.random.Generator) -> Subject:
    """A person: everything in which people differ here."""
    return Subject(
        cadence=rng.normal(1.85, 0.11),
        strength=np.array([0.24, 0.12, 0.15]) * np.exp(rng.normal(0, 0.18, 3)),
        phases=rng.uniform(0, 2 * np.pi, (6, N_HARMONICS + 1)),
        turns=np.array([0.35, 0.3, 0.28]) * np.exp(rng.normal(0, 0.2, 3)),
        habits=np.exp(rng.normal(0, (0.04, 0.1), (3, 2))),
        mounting=rng.normal(0, (0.10, 0.05, 0.08), 3),
        sitting=rng.normal(0.38, 0.13),
        standing=rng.normal(0.0, 0.07),
        laying=rng.normal(0.9, 0.45),
        sway=np.exp(rng.normal((-5.4, -5.1), 0.45)),
        bias=rng.normal(0, [0.01] * 3 + [0.01] * 3),
    )


def windows(
    rng: np.random.Generator, subjects: int | Sequence[Subject], windows_each: int = 20
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Windows of all activities of these subjects: `(signals, labels, subjects)`.

    subjects: people, or how many to draw. windows_each: of every subject and activity; they come from two recordings
    and overlap by half within each. Returns signals float32 (n, 128, 9) in the order of `CHANNELS`, labels int64 (n,),
    places in `ACTIVITIES`, and int64 (n,), the place of the subject; sorted by subject, activity and time. Raises
    ValueError for fewer than one subject or two windows.
    """
    people = [draw_subject(rng) for _ in range(subjects)] if isinstance(subjects, int) else list(subjects)
    if not people or windows_each < 2:
        raise ValueError(f"at least one subject and two windows, not {len(people)} and {windows_each}")
    parts, labels, owners = [], [], []
    for place, person in enumerate(people):
        for label in range(len(ACTIVITIES)):
            first = windows_each // 2
            for count in (first, windows_each - first):
                parts.append(cut(recording(rng, person, label, WINDOW + (count - 1) * STEP)))
            labels += [label] * windows_each
            owners += [place] * windows_each
    return np.concatenate(parts).astype(np.float32), np.array(labels), np.array(owners)


def cut(signals: np.ndarray) -> np.ndarray:
    """Windows (n, 128, channels) of a recording (samples, channels), each half a window after the one before."""
    starts = range(0, len(signals) - WINDOW + 1, STEP)
    return np.stack([signals[start : start + WINDOW] for start in starts])


def recording(rng: np.random.Generator, person: Subject, label: int, samples: int) -> np.ndarray:
    """One activity of a person without a break: float64 (samples, 9), in the order of `CHANNELS`."""
    n = samples + 2 * WARM_UP
    acceleration, rotation, tilt = _walk(rng, person, label, n) if label in GAITS else _rest(rng, person, label, n)
    # The pouch is put on anew for every recording, not quite as before
    phone = _rotation(person.mounting + rng.normal(0, 0.04, 3))
    gravity = _gravity(tilt, person.laying + rng.normal(0, 0.1) if label == 5 else 0.0)
    total = (gravity + acceleration) @ phone.T + person.bias[:3] + rng.normal(0, 0.004, (n, 3))
    gyro = rotation @ phone.T + person.bias[3:] + rng.normal(0, 0.012, (n, 3))
    body = total - _low_pass(total)
    return np.concatenate([total, body, gyro], axis=1)[WARM_UP : WARM_UP + samples]


def _walk(rng: np.random.Generator, person: Subject, label: int, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Acceleration (n, 3) in g and rotation (n, 3) in rad/s of the body, and its tilt (n,)."""
    gait = GAITS[label]
    faster, stronger = person.habits[label]
    cadence = person.cadence * gait.cadence * faster * np.exp(rng.normal(0, 0.03))
    # Nobody steps like a clock: the cadence wanders, and so does the strength
    phase = 2 * np.pi * np.cumsum(cadence * (1 + 0.05 * _wander(rng, n, 0.5))) / SAMPLE_RATE
    envelope = 1 + 0.15 * _wander(rng, n, 0.7)
    phases = person.phases + rng.normal(0, 0.25, person.phases.shape)
    waves = np.stack([_harmonics(phase, offsets, gait) for offsets in phases], axis=1) * envelope[:, None]
    strength = np.concatenate([person.strength * gait.strength, person.turns * gait.turn]) * stronger
    moving = waves * strength
    noise = np.stack([_wander(rng, n, 6.0) for _ in range(6)], axis=1) * strength * 0.35
    moving = moving + noise
    tilt = person.standing - gait.lean + rng.normal(0, 0.03) + 0.03 * _wander(rng, n, 0.2)
    return moving[:, :3], moving[:, 3:], tilt


def _harmonics(phase: np.ndarray, offsets: np.ndarray, gait: Gait) -> np.ndarray:
    """Sum of the steps' harmonics and of the stride's half frequency, (n,)."""
    wave = gait.unevenness * np.sin(phase / 2 + offsets[-1])
    for k in range(N_HARMONICS):
        wave = wave + gait.impact**k * np.sin((k + 1) * phase + offsets[k])
    return wave


def _rest(rng: np.random.Generator, person: Subject, label: int, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The same for a body that keeps still: it sways, breathes, and moves now and then."""
    time = np.arange(n) / SAMPLE_RATE
    sway = person.sway[0 if label == 3 else 1] * np.exp(rng.normal(0, 0.2)) * (0.6 if label == 5 else 1.0)
    angle = sway * np.stack([_wander(rng, n, 0.8 if label == 4 else 0.5) for _ in range(3)], axis=1)
    breath = 0.003 * np.sin(2 * np.pi * rng.uniform(0.2, 0.35) * time + rng.uniform(0, 2 * np.pi))
    angle[:, 1] += breath * (0.3 if label == 4 else 1.0)
    if rng.uniform() < 0.5:  # a movement: somebody looks around
        middle, width = rng.uniform(0, n / SAMPLE_RATE), rng.uniform(0.3, 0.8)
        angle += np.exp(-(((time - middle) / width) ** 2))[:, None] * rng.normal(0, 0.05, 3)
    rotation = np.gradient(angle, axis=0) * SAMPLE_RATE
    # A movement of the trunk by an angle moves the phone, at 0.3 m from the hip; in g
    acceleration = np.gradient(rotation, axis=0) * SAMPLE_RATE * 0.3 / 9.81
    tilt = {3: person.sitting, 4: person.standing, 5: np.pi / 2}[label] + rng.normal(0, 0.05) + angle[:, 1]
    return acceleration, rotation, tilt


def _gravity(tilt: np.ndarray, side: float) -> np.ndarray:
    """What an accelerometer at rest feels, (n, 3) in g: tilt backwards from upright, then turned about the long axis.

    Lying on the back the whole of it is along z; `side` turns it towards y.
    """
    across = np.sin(tilt)
    return np.stack([np.cos(tilt), across * np.sin(side), across * np.cos(side)], axis=1)


def _rotation(vector: np.ndarray) -> np.ndarray:
    """The rotation matrix of a rotation vector in radians (Rodrigues' formula)."""
    from scipy.spatial.transform import Rotation

    return np.asarray(Rotation.from_rotvec(vector).as_matrix())


def _wander(rng: np.random.Generator, n: int, corner: float) -> np.ndarray:
    """Noise of standard deviation 1 without much above `corner` (Hz), (n,)."""
    from scipy.signal import sosfilt

    noise = sosfilt(_butterworth(2, corner), rng.normal(size=n + 500))[500:]
    return np.asarray(noise / np.sqrt(corner * 2.22 / SAMPLE_RATE))  # 2.22: the filter's noise bandwidth, both sides


def _low_pass(signals: np.ndarray) -> np.ndarray:
    """The part of signals (n, channels) below `GRAVITY_CORNER`, not delayed."""
    from scipy.signal import sosfiltfilt

    return np.asarray(sosfiltfilt(_butterworth(3, GRAVITY_CORNER), signals, axis=0))


@functools.cache
def _butterworth(order: int, corner: float) -> np.ndarray:
    """A low-pass filter as second-order sections. To design one takes longer than to use it."""
    from scipy.signal import butter

    return np.asarray(butter(order, corner, fs=SAMPLE_RATE, output="sos"))
