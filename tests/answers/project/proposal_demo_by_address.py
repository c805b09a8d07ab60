# ---
# assignment: project
# expect: {proposal: 0.8}
# why: a usual demo under another name
# ---
# %% proposal
PROPOSAL = {
    "team": [STUDENT_ID],
    "dataset_name": "Passengers of an airline, by month",
    "dataset_url": "https://raw.githubusercontent.com/jbrownlee/Datasets/master/airline-passengers.csv",
    "task": "regression",
    "why": (
        "Each recording holds half an hour of two channels, and a beat is judged by what came before it: an early beat is "
        "only early against the rhythm of its neighbours. Normal beats are nine of ten, so accuracy says little and the "
        "classes have to be weighed; patients must not be in training and test at once."
    ),
}
