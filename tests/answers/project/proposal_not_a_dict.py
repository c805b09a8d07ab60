# ---
# assignment: project
# expect: {proposal: none}
# why: the values are a list, in the order of the form
# ---
# %% proposal
PROPOSAL = [[STUDENT_ID], "MIT-BIH Arrhythmia Database", "https://physionet.org/content/mitdb/", "classification", "why not"]
