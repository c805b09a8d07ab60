# ---
# assignment: project
# expect: {proposal: 0.8}
# why: one sentence, over and over
# ---
# %% proposal
PROPOSAL = {
    "team": [STUDENT_ID],
    "dataset_name": "MIT-BIH Arrhythmia Database",
    "dataset_url": "https://physionet.org/content/mitdb/1.0.0/",
    "task": "classification",
    "why": "It is hard. " * 20,
}
