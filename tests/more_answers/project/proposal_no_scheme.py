# ---
# assignment: project
# expect: {proposal: 0.9}
# why: the address lacks https://
# ---
# %% proposal
PROPOSAL = {
    "team": [STUDENT_ID],
    "dataset_name": "MIT-BIH Arrhythmia Database",
    "dataset_url": "physionet.org/content/mitdb",
    "task": "classification",
    "why": (
        "Each recording holds half an hour of two channels, and a beat is judged by what came before it: an early beat is "
        "only early against the rhythm of its neighbours. Normal beats are nine of ten, so accuracy says little and the "
        "classes have to be weighed; patients must not be in training and test at once."
    ),
}
