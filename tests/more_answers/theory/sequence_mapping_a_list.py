# ---
# assignment: theory
# expect: {sequence_mapping: none}
# why: a list of forms without the tasks
# ---
# %% sequence_mapping
MAPPING = [
    "many-to-one",
    "one-to-many",
    "many-to-many aligned",
    "one-to-one",
    "many-to-many unaligned",
    "many-to-one",
    "many-to-many aligned",
    "one-to-one",
    "one-to-many",
    "many-to-many unaligned",
]
