"""Data sets of the coursework, one module each."""
