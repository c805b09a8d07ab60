# ---
# assignment: sequential_mnist
# expect: {model_selection: lost}
# why: the models are trained on the validation set as well
# ---
# %% model_selection
def select(kind, train, validation):
    everything = tuple(torch.cat(parts) for parts in zip(train, validation))
    settings = grid(**SEARCH_SPACE[kind])
    models = [train_setting(kind, setting, everything, SEED)[0] for setting in settings]
    return settings[int(np.argmax([accuracy(model, validation) for model in models]))]
