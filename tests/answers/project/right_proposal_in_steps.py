# ---
# assignment: project
# expect: full
# why: the form is filled in line by line, and holds a word of a demo without being one
# ---
# %% proposal
PROPOSAL = {"team": [], "dataset_name": "", "dataset_url": "", "task": "", "why": ""}
PROPOSAL["team"] = [STUDENT_ID]
PROPOSAL["dataset_name"] = "AudioMNIST"
PROPOSAL["dataset_url"] = "https://github.com/soerenab/AudioMNIST"
PROPOSAL["task"] = "classification"
PROPOSAL["why"] = (
    "Sixty speakers say ten digits, fifty times each. The digit is easy once the speaker is known, so we split by speaker "
    "and ask how many speakers a network must have heard before it understands a new one, with and without accents."
)
