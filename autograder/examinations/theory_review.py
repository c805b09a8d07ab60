"""Examinations of the notebook `review`."""

from autograder.examine import Examination

EXAMINATIONS: tuple[Examination, ...] = ()
