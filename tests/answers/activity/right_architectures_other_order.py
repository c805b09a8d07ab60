# ---
# assignment: activity
# expect: full
# why: the dict in another order, with lambdas instead of functions
# ---
# %% after architectures
def shifted(build):
    return lambda input_shape, n_classes, **options: build(input_shape, n_classes, **options)


ARCHITECTURES = {name: shifted(ARCHITECTURES[name]) for name in sorted(ARCHITECTURES, reverse=True)}
