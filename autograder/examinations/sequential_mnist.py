"""The examinations of the assignment `sequential_mnist`."""

from autograder.examinations.sequential_mnist_cell import ANTISYMMETRIC_CELL
from autograder.examinations.sequential_mnist_choice import MODEL_SELECTION, SEARCH_SPACE
from autograder.examinations.sequential_mnist_models import RECURRENT_MODELS
from autograder.examinations.sequential_mnist_pixels import PIXEL_SEQUENCES
from autograder.examinations.sequential_mnist_runs import FINAL_RUNS, RESULTS_TABLE

EXAMINATIONS = (
    PIXEL_SEQUENCES,
    RECURRENT_MODELS,
    ANTISYMMETRIC_CELL,
    SEARCH_SPACE,
    MODEL_SELECTION,
    FINAL_RUNS,
    RESULTS_TABLE,
)
