"""A stand-in for Colab's package of this name, for tests: the three things that the notebooks ask Colab for.

Put the folder ``tests/stand_ins`` on the path (``google`` stays a namespace, so that ``google.protobuf`` is still
found), or, in a test, take the fixture ``colab`` of ``tests/conftest.py``. What Colab's user does is told in variables
of the environment, so that it reaches a kernel as well; see ``tests/colab.py``, which sets them. What is raised, with
which words, is what googlecolab/colabtools raises (``drive.py``, ``files.py``, ``_message.py``).
"""

from typing import Any


def load_ipython_extension(shell: Any) -> None:
    """Colab's kernel loads its package as an extension of IPython, so that it is imported before the first cell."""
