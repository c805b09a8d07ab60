# ---
# assignment: theory
# expect: full
# why: summed over shapes; an integer of numpy
# ---
# %% parameter_count
shapes = [(30, 32), (32, 32), (32,), (32, 64), (64, 64), (64,), (64, 10), (10,)]
N_PARAMETERS = np.sum([np.prod(shape) for shape in shapes])
