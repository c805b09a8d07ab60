# ---
# assignment: speech_commands
# expect: {training: lost}
# why: train_models was left as it came
# ---
# %% training
def train_models(train, validation):
    # YOUR CODE HERE
    raise NotImplementedError("Exercise training: not answered yet")
