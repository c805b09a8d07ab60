"""The examinations of the assignment `project`."""

from autograder.examinations import project_experiments, project_proposal

EXAMINATIONS = (*project_proposal.EXAMINATIONS, *project_experiments.EXAMINATIONS)
