# ---
# assignment: keras_sequences
# expect: {masked_mean: none, classifier: none, tagger: none}
# why: handed in as it was released
# ---
# %% masked_mean
def masked_mean(sequences, lengths):
    """sequences (batch, time, features), lengths (batch,) -> (batch, features)"""
    # YOUR CODE HERE
    raise NotImplementedError("Exercise masked_mean: not answered yet")


# %% classifier
def classifier(features, classes, units=16):
    """A model from (batch, time, features) to logits (batch, classes)."""
    # YOUR CODE HERE
    raise NotImplementedError("Exercise classifier: not answered yet")


# %% tagger
def tagger(features, classes, units=8):
    """A model from (batch, time, features) to probabilities (batch, time, classes)."""
    # YOUR CODE HERE
    raise NotImplementedError("Exercise tagger: not answered yet")
