"""``python -m autograder`` is the command ``coursework``."""

from autograder.cli import main

main()
