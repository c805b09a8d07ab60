# ---
# assignment: surnames
# expect: full
# why: functional model, mask value given, dropout, RMSprop
# ---
# %% rnn_classifier
def build_rnn_classifier(input_shape, n_classes, units):
    inputs = keras.Input(shape=input_shape)
    x = layers.Masking(mask_value=0.0)(inputs)
    x = layers.SimpleRNN(units, dropout=0.05)(x)
    x = layers.Dropout(0.1)(x)
    outputs = layers.Dense(n_classes, activation=keras.activations.softmax)(x)
    model = keras.Model(inputs, outputs)
    model.compile(optimizer=keras.optimizers.RMSprop(0.003), loss=keras.losses.SparseCategoricalCrossentropy())
    return model
