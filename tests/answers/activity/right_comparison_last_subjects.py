# ---
# assignment: activity
# expect: full
# why: the subjects with the largest numbers are held out
# ---
# %% after comparison
def validation_split(subjects):
    names = sorted(set(subjects.tolist()))
    held_out = set(names[-max(1, len(names) // 5) :])
    inside = [name in held_out for name in subjects.tolist()]
    train = [i for i, held in enumerate(inside) if not held]
    validation = [i for i, held in enumerate(inside) if held]
    return np.array(train), np.array(validation)
