"""Colab's own errors."""


class Error(Exception):
    """What all of Colab's errors are."""
