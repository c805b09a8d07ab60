"""What an instructor runs: release, collect, grade, examine, feedback, report."""
