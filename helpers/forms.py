"""Forms: exercises that are answered by filling in plain assignments, a line for each question."""

from collections.abc import Mapping
from typing import Any


def require_answers(exercise: str, answers: Mapping[str, Any]) -> None:
    """Say which lines of a form are still blank ("" or spaces, None, or an empty list or dict).

    `answers`: name of the variable → its value. Prints one line when some are blank. Raises NotImplementedError, as
    the stub of any other exercise does, when all of them are.
    """
    blank = [name for name, value in answers.items() if _is_blank(value)]
    if len(blank) == len(answers):
        raise NotImplementedError(f"Exercise {exercise}: not answered yet")
    if blank:
        print(f"Not answered yet: {', '.join(blank)}")


def _is_blank(value: Any) -> bool:
    if isinstance(value, str):
        return not value.strip()
    if getattr(value, "shape", None) == ():  # a number of numpy or torch has no length to be asked for
        return False
    return value is None or (hasattr(value, "__len__") and not len(value))
