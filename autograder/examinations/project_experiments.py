"""Examination of `experiments`: the study of the project."""

from autograder.examine import Examination

EXAMINATIONS: tuple[Examination, ...] = ()
