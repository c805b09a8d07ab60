"""The examinations of the assignment `speech_commands`."""

from autograder.examinations.cells import GRU_CELL, LSTM_CELL
from autograder.examinations.models import BIDIRECTIONAL_MODEL, RNN_MODEL
from autograder.examinations.training import TRAINING

EXAMINATIONS = (LSTM_CELL, GRU_CELL, RNN_MODEL, BIDIRECTIONAL_MODEL, TRAINING)
