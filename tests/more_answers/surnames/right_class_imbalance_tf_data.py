# ---
# assignment: surnames
# expect: full
# why: "tf.data draws every class with the same chance"
# ---
# %% class_imbalance
import tensorflow as tf
def train_balanced(train, validation):
    x, y = train
    n_classes = int(y.max()) + 1
    parts = [tf.data.Dataset.from_tensor_slices((x[y == c], y[y == c])).shuffle(2000).repeat() for c in range(n_classes)]
    mixed = tf.data.Dataset.sample_from_datasets(parts, weights=[1 / n_classes] * n_classes).batch(64).prefetch(2)
    model = build_rnn_classifier(x.shape[1:], n_classes, 48)
    model.fit(mixed, steps_per_epoch=60, epochs=6, validation_data=validation, verbose=0)
    return model
