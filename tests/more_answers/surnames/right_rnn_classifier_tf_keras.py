# ---
# assignment: surnames
# expect: full
# why: "tf.keras throughout, a tensorflow op for the mask"
# ---
# %% rnn_classifier
import tensorflow as tf

def build_rnn_classifier(input_shape, n_classes, units):
    inp = tf.keras.layers.Input(shape=input_shape)
    x = tf.keras.layers.Masking(mask_value=0)(inp)
    x = tf.keras.layers.SimpleRNN(int(units), return_sequences=False)(x)
    x = tf.keras.layers.Dense(n_classes, activation=tf.nn.softmax)(x)
    model = tf.keras.models.Model(inputs=[inp], outputs=[x])
    model.compile(optimizer=tf.keras.optimizers.Adam(), loss=tf.keras.losses.SparseCategoricalCrossentropy(), metrics=["accuracy"])
    return model
