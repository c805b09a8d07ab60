"""Where real data lies, for tests that need it."""

import os
from pathlib import Path

import pytest

REAL_DATA = Path(os.environ.get("COURSEWORK_MIRROR") or Path(__file__).resolve().parents[2] / "shared" / "data")
needs_real_data = pytest.mark.skipif(not (REAL_DATA / "index.json").is_file(), reason="no mirror with real data")
