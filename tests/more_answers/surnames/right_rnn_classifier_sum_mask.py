# ---
# assignment: surnames
# expect: full
# why: "the mask as sum over the characters greater than zero"
# ---
# %% rnn_classifier
from keras import ops
def build_rnn_classifier(input_shape, n_classes, units):
    x = keras.layers.Input(shape=input_shape)
    m = ops.sum(x, axis=2) > 0
    h = layers.SimpleRNN(units)(x, mask=m)
    h = layers.BatchNormalization()(h)
    y = layers.Dense(n_classes)(h)
    y = layers.Softmax()(y)
    model = keras.models.Model(x, y)
    model.compile("nadam", "sparse_categorical_crossentropy")
    return model
