# ---
# assignment: keras_sequences
# expect: {classifier: none}
# why: probabilities in place of logits
# ---
# %% classifier
def classifier(features, classes, units=16):
    return keras.Sequential(
        [keras.Input((None, features)), layers.GRU(units), layers.Dense(classes, activation="softmax")]
    )
