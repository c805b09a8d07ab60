"""Make the embedded sample of human activities: signals of our own model in the layout of the UCI HAR data set.

    python data/activity/make_sample.py            # writes into the folder of this file
    python data/activity/make_sample.py --out DIR

Only maintainers run this. The model is `helpers.data.activity_signals`; the same versions of numpy and scipy give the
same bytes (SHA256SUMS). The files lie in one archive, since the same text takes five times the room without.
"""

import argparse
import io
import zipfile
from pathlib import Path

import numpy as np

from helpers.data import activity_signals as model
from helpers.data import store

SEED = 20121203
SUBJECTS = {"train": range(1, 16), "test": range(16, 23)}
WINDOWS_EACH = 10  # of every subject and activity
ARCHIVE = "activity_sample.zip"
FOLDER = "Activity sample"
TIME = (2026, 1, 1, 0, 0, 0)  # of every file in the archive, so that its bytes are the same each time

README = """Signals of a mathematical model, made for a course: no person was measured, and nothing here was taken
from the UCI HAR data set, whose layout this has. Licence: CC0 1.0. Units: g (9.81 m/s^2) and rad/s, 50 Hz.
"""


def table(values: np.ndarray) -> str:
    """Numbers (n, 128) as text, a window a line, in thousandths: finer than the noise of the sensors is no use."""
    out = io.StringIO()
    np.savetxt(out, values, fmt="%.3f")
    return out.getvalue()


def files(seed: int = SEED) -> dict[str, str]:
    """All files of the sample by their path in the archive."""
    rng = np.random.default_rng(seed)
    names = "".join(f"{label} {name}\n" for label, name in enumerate(model.ACTIVITIES, start=1))
    made = {"README.txt": README, "activity_labels.txt": names}
    for split, subjects in SUBJECTS.items():
        signals, labels, owners = model.windows(rng, len(subjects), WINDOWS_EACH)
        for number, channel in enumerate(model.CHANNELS):
            made[f"{split}/Inertial Signals/{channel}_{split}.txt"] = table(signals[:, :, number])
        made[f"{split}/y_{split}.txt"] = "".join(f"{label + 1}\n" for label in labels)
        made[f"{split}/subject_{split}.txt"] = "".join(f"{subjects[owner]}\n" for owner in owners)
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, help="folder to write into")
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    temporary = out / f".{ARCHIVE}"
    with zipfile.ZipFile(temporary, "w", zipfile.ZIP_LZMA) as archive:
        for path, text in files().items():
            archive.writestr(zipfile.ZipInfo(f"{FOLDER}/{path}", TIME), text, zipfile.ZIP_LZMA)
    temporary.replace(out / ARCHIVE)
    store.write_checksums(out, ARCHIVE)
    print(f"{out / ARCHIVE}: {(out / ARCHIVE).stat().st_size} bytes")


if __name__ == "__main__":
    main()
