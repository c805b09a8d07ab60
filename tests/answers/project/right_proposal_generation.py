# ---
# assignment: project
# expect: full
# why: a corpus of music, capital letters in the task, more than one sentence of reasons
# ---
# %% proposal
PROPOSAL = {
    "team": [STUDENT_ID],
    "dataset_name": "Folk tunes of thesession.org in ABC notation",
    "dataset_url": "https://github.com/adactio/TheSession-data",
    "task": " Generation ",
    "why": (
        "A tune has parts of eight bars that come back with small changes, bar lines that must add up, and a key that "
        "holds to the end. Letters within a bar are easy; that the second part answers the first needs memory over two "
        "hundred characters. We ask how long that memory gets with the number of layers."
    ),
}
