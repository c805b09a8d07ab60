# ---
# assignment: activity
# expect: full
# why: "objects with __call__, a dict comprehension, Sequential with list concatenation"
# ---
# %% architectures
from dataclasses import dataclass

@dataclass
class Builder:
    kind: str
    width: int = 16

    def hidden(self, shape, r):
        drop = [layers.GaussianDropout(0.2)] if r else []
        if self.kind == "mlp":
            return [layers.Flatten(), layers.Dense(self.width, activation=keras.activations.relu), *drop]
        if self.kind == "cnn":
            return [layers.ZeroPadding1D(2), layers.Conv1D(self.width, kernel_size=5), layers.LeakyReLU(negative_slope=0.1), *drop, layers.GlobalMaxPooling1D()]
        if self.kind == "deep_cnn":
            return [layers.Conv1D(self.width, 5, activation="relu"), layers.LayerNormalization(), layers.Conv1D(self.width, 5, activation="relu"), *drop, layers.Cropping1D(2), layers.Flatten()]
        if self.kind == "rnn":
            return [layers.MaxPooling1D(4), layers.SimpleRNN(self.width, activation="relu", recurrent_initializer=keras.initializers.Identity(0.9)), *drop]
        return [layers.MaxPooling1D(2), layers.SimpleRNN(self.width, return_sequences=True), *drop, layers.Conv1D(8, 3, activation="selu"), layers.GlobalAveragePooling1D()]

    def __call__(self, input_shape, n_classes, regularised=True):
        scale = layers.Normalization(axis=-1, mean=CHANNEL_MEAN.tolist(), variance=CHANNEL_VARIANCE.tolist())
        model = keras.models.Sequential(
            [layers.InputLayer(shape=input_shape), scale] + self.hidden(input_shape, regularised) + [layers.Dense(n_classes, activation="softmax")]
        )
        model.compile(optimizer=keras.optimizers.SGD(0.01, momentum=0.9), loss="sparse_categorical_crossentropy", weighted_metrics=[], metrics=["accuracy"])
        return model

ARCHITECTURES = {kind: Builder(kind) for kind in ["mlp", "cnn", "deep_cnn", "rnn", "mixture"]}
