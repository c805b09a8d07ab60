"""Examinations of the notebook `quiz`."""

from autograder.examine import Examination

EXAMINATIONS: tuple[Examination, ...] = ()
