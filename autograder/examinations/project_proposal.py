"""Examination of `proposal`: who works on which data."""

from autograder.examine import Examination

EXAMINATIONS: tuple[Examination, ...] = ()
