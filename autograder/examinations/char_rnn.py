"""The examinations of the assignment `char_rnn`."""

from autograder.examinations.char_rnn_model import CHAR_RNN_MODEL
from autograder.examinations.char_rnn_sampling import PERPLEXITY, SAMPLING
from autograder.examinations.char_rnn_text import BATCHES, VOCABULARY
from autograder.examinations.char_rnn_training import TRAINING

EXAMINATIONS = (VOCABULARY, BATCHES, CHAR_RNN_MODEL, SAMPLING, PERPLEXITY, TRAINING)
