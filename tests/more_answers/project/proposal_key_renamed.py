# ---
# assignment: project
# expect: {proposal: lost}
# why: a key has another name
# ---
# %% proposal
PROPOSAL = {
    "team": [STUDENT_ID],
    "dataset_name": "MIT-BIH Arrhythmia Database",
    "url": "https://physionet.org/content/mitdb/1.0.0/",
    "task": "classification",
    "why": (
        "Each recording holds half an hour of two channels, and a beat is judged by what came before it: an early beat is "
        "only early against the rhythm of its neighbours. Normal beats are nine of ten, so accuracy says little and the "
        "classes have to be weighed; patients must not be in training and test at once."
    ),
}
