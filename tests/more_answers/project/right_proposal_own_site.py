# ---
# assignment: project
# expect: full
# why: an address with a port, capital letters and a fragment, and a name in another script
# ---
# %% proposal
PROPOSAL = {
    "team": [STUDENT_ID],
    "dataset_name": "Данные о реке Неве",
    "dataset_url": "HTTPS://Data.Hydro.Example-University.EDU:443/Rivers/Neva#table",
    "task": "regression",
    "why": (
        "Each recording holds half an hour of two channels, and a beat is judged by what came before it: an early beat is "
        "only early against the rhythm of its neighbours. Normal beats are nine of ten, so accuracy says little and the "
        "classes have to be weighed; patients must not be in training and test at once."
    ),
}
