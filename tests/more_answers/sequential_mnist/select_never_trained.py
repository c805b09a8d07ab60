# ---
# assignment: sequential_mnist
# expect: {model_selection: lost}
# why: models are compared before they are trained
# ---
# %% model_selection
def select(kind, train, validation):
    reached = []
    settings = grid(**SEARCH_SPACE[kind])
    for setting in settings:
        whole = DEFAULTS | setting
        model = build_model(kind, whole["hidden_size"], whole["num_layers"], N_CLASSES)
        reached.append(accuracy(model, validation))
    return settings[int(np.argmax(reached))]
