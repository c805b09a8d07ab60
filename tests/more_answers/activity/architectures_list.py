# ---
# assignment: activity
# expect: {architectures: lost}
# why: a list instead of a dict
# ---
# %% after architectures
ARCHITECTURES = list(ARCHITECTURES.values())
