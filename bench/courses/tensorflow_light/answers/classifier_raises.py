# ---
# assignment: keras_sequences
# expect: {classifier: none}
# why: the state is asked for and not taken apart, so building the model raises
# ---
# %% classifier
def classifier(features, classes, units=16):
    inputs = keras.Input((None, features))
    states = layers.GRU(units, return_state=True)(inputs)
    return keras.Model(inputs, layers.Dense(classes)(states))
