"""One module per assignment: the hidden examinations of its exercises."""
