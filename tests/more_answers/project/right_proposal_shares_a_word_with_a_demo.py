# ---
# assignment: project
# expect: full
# why: "names that share words with usual demos and are other data"
# ---
# %% proposal
PROPOSAL = {
    "team": [STUDENT_ID],
    "dataset_name": "Reviews of hotels in Lisbon, in Portuguese, with stars",
    "dataset_url": "https://zenodo.org/records/7654321",
    "task": "classification",
    "why": "Stars from one to five are to be told from the text of a review. The most frequent class has 38 percent, a "
    "bag of words with logistic regression 54; irony, negations and a turn after the word but need order, often over "
    "several sentences, and the last sentence tends to decide about the stars.",
}
