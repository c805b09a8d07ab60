"""What an instructor runs: release, collect, grade, examine, feedback, report."""

import sys

# nbformat imports jsonschema, which would build the grammar of URIs (a second of CPU in each process) to check formats
# that no notebook's schema names; without this package it leaves that check out.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
