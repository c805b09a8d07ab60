# ---
# assignment: sequential_mnist
# expect: full
# why: by accuracy, ties by loss; the kind comes along in the answer
# ---
# %% model_selection
def select(kind, train, validation):
    tried = []
    for i, setting in enumerate(grid(**SEARCH_SPACE[kind])):
        model, _ = train_setting(kind, setting, train, SEED)
        loss, right = evaluate(model, validation)
        tried.append((right, -loss, -i, setting))
    return {"kind": kind, **max(tried, key=lambda entry: entry[:3])[3]}
