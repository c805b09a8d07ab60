# ---
# assignment: keras_sequences
# expect: full
# why: the classifier comes compiled
# ---
# %% classifier
def classifier(features, classes, units=16):
    model = keras.Sequential([keras.Input((None, features)), layers.GRU(units), layers.Dense(classes)])
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model
