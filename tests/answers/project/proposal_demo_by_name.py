# ---
# assignment: project
# expect: {proposal: 0.8}
# why: a usual demo, found on a page of its own
# ---
# %% proposal
PROPOSAL = {
    "team": [STUDENT_ID],
    "dataset_name": "IMDB movie reviews (50k)",
    "dataset_url": "https://my-reviews.org/data",
    "task": "classification",
    "why": (
        "Each recording holds half an hour of two channels, and a beat is judged by what came before it: an early beat is "
        "only early against the rhythm of its neighbours. Normal beats are nine of ten, so accuracy says little and the "
        "classes have to be weighed; patients must not be in training and test at once."
    ),
}
