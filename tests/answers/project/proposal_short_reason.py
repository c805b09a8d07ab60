# ---
# assignment: project
# expect: {proposal: 0.8}
# why: a reason of a few words
# ---
# %% proposal
PROPOSAL = {
    "team": [STUDENT_ID],
    "dataset_name": "MIT-BIH Arrhythmia Database",
    "dataset_url": "https://physionet.org/content/mitdb/1.0.0/",
    "task": "classification",
    "why": "The data are interesting and hard, and nobody has worked on them.",
}
