# ---
# assignment: activity
# expect: full
# why: scikit-learn splits by groups
# ---
# %% after comparison
from sklearn.model_selection import GroupShuffleSplit


def validation_split(subjects):
    splitter = GroupShuffleSplit(n_splits=1, test_size=0.25, random_state=3)
    return next(splitter.split(subjects, groups=subjects))
