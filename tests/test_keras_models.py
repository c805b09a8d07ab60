"""Keras models read as plain data: right ones compute what they say, and those that lie are found out."""

import copy
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers as L
from keras import ops

from autograder.channel import Candidate, CandidateDied, Remote, local_candidate
from autograder.examinations.keras_layers import KNOWN
from autograder.examinations.keras_models import (
    calls,
    family,
    hidden_layers,
    predict,
    read_model,
    recompute,
    require_loss,
    require_truth,
    softmaxes_at_the_end,
)
from autograder.examine import Lost

SEQUENCE, IMAGE, FEATURES = (12, 5), (9, 8, 4), (7,)
N_CLASSES = 3


def with_random_weights(model: keras.Model, seed: int = 0) -> keras.Model:
    """Biases of zero and statistics of one would hide a mistake. Variances are positive."""
    rng = np.random.default_rng(seed)
    weights = [rng.uniform(0.1, 0.9, size=w.shape) * np.where(rng.random(w.shape) < 0.5, -1, 1) for w in model.weights]
    for variable, value in zip(model.weights, weights, strict=True):
        variable.assign(np.abs(value) if "variance" in variable.path else value / max(1, np.sqrt(value.size) / 4))
    return model


def sequential(shape: tuple[int, ...], *layers: Any, head: bool = True) -> keras.Model:
    model = keras.Sequential([keras.Input(shape), *layers])
    if head and len(model.output_shape) > 2:
        model.add(L.Flatten())
    if head:
        model.add(L.Dense(N_CLASSES, activation="softmax"))
    return with_random_weights(model)


def inputs(shape: tuple[int, ...], n: int = 8, padded: bool = False, seed: int = 0) -> np.ndarray:
    """Standard normal; padded: of sequence i the last i steps are zeros, so one is all padding where n > time."""
    x = np.random.default_rng(seed).normal(size=(n, *shape)).astype(np.float32)
    for i in range(n if padded else 0):
        x[i, max(shape[0] - i, 1) :] = 0
    return x


def candidate_of(model: Any) -> Candidate:
    return local_candidate({"model": model})


def require_recomputed(model: keras.Model, x: np.ndarray) -> None:
    candidate = candidate_of(model)
    read = read_model(candidate, "model")
    outputs = candidate.keras_predict("model", x)
    np.testing.assert_allclose(recompute(read, x), outputs, atol=1e-4)
    assert read.parameters == model.count_params()


ON_SEQUENCES = {
    "dense_of_steps": [L.Dense(6, activation="tanh", use_bias=False)],
    "simple_rnn": [L.SimpleRNN(6)],
    "simple_rnn_sequences": [L.SimpleRNN(6, return_sequences=True, activation="relu")],
    "simple_rnn_backwards": [L.SimpleRNN(6, return_sequences=True, go_backwards=True, use_bias=False)],
    "simple_rnn_twice": [L.SimpleRNN(6, return_sequences=True), L.SimpleRNN(4, unroll=True)],
    "simple_rnn_dropouts": [L.SimpleRNN(6, dropout=0.3, recurrent_dropout=0.3)],
    "conv_valid": [L.Conv1D(6, 3, activation="relu")],
    "conv_same_strides": [L.Conv1D(6, 4, strides=3, padding="same")],
    "conv_causal_dilated": [L.Conv1D(6, 3, dilation_rate=2, padding="causal")],
    "conv_same_dilated": [L.Conv1D(6, 3, dilation_rate=3, padding="same", activation="elu")],
    "conv_groups": [L.Conv1D(10, 3, groups=5)],
    "max_pooling": [L.MaxPooling1D(3)],
    "max_pooling_same": [L.MaxPooling1D(3, strides=2, padding="same")],
    "average_pooling_same": [L.AveragePooling1D(5, strides=3, padding="same")],
    "global_max": [L.GlobalMaxPooling1D()],
    "global_average_kept": [L.GlobalAveragePooling1D(keepdims=True)],
    "batch_normalization": [L.BatchNormalization()],
    "batch_normalization_of_steps": [L.BatchNormalization(axis=1, scale=False)],
    "layer_normalization": [L.LayerNormalization()],
    "layer_normalization_two_axes": [L.LayerNormalization(axis=[1, 2], center=False)],
    "group_normalization": [L.Dense(6), L.GroupNormalization(groups=3)],
    "unit_normalization": [L.UnitNormalization()],
    "rms_normalization": [L.RMSNormalization()],
    "normalization": [L.Normalization(mean=[0.5] * 5, variance=[2.0] * 5), L.Rescaling(0.5, offset=1.0)],
    "permute": [L.Permute((2, 1)), L.Dense(4)],
    "reshape_to_image": [L.Reshape((12, 5, 1)), L.Conv2D(3, (3, 2)), L.GlobalMaxPooling2D()],
    "reshape_guessed": [L.Reshape((-1, 10)), L.SimpleRNN(4)],
    "zero_padding": [L.ZeroPadding1D((2, 1)), L.Cropping1D(1)],
    "up_sampling": [L.UpSampling1D(2)],
    "regularisation": [
        L.GaussianNoise(0.5),
        L.SpatialDropout1D(0.4),
        L.GaussianDropout(0.3),
        L.ActivityRegularization(0.1),
        L.AlphaDropout(0.1),
        L.Dense(6, kernel_regularizer="l2"),
        L.Dropout(0.5),
    ],
    "time_distributed": [L.TimeDistributed(L.Dense(6, activation="relu")), L.SimpleRNN(4)],
    "time_distributed_conv": [L.Reshape((3, 4, 5)), L.TimeDistributed(L.Conv1D(4, 2)), L.TimeDistributed(L.Flatten())],
    "nested": [keras.Sequential([L.Conv1D(4, 3), keras.Sequential([L.ReLU(), L.MaxPooling1D(2)])]), L.SimpleRNN(4)],
}


@pytest.mark.parametrize("name", ON_SEQUENCES)
def test_layers_on_sequences_are_recomputed(name: str) -> None:
    require_recomputed(sequential(SEQUENCE, *ON_SEQUENCES[name]), inputs(SEQUENCE))


ON_IMAGES = {
    "conv_valid": [L.Conv2D(5, (3, 2), activation="gelu")],
    "conv_same_strides": [L.Conv2D(5, 3, strides=(2, 3), padding="same")],
    "conv_dilated": [L.Conv2D(5, (2, 3), dilation_rate=(2, 1))],
    "pooling": [L.MaxPooling2D((2, 3), padding="same"), L.AveragePooling2D(2, strides=1, padding="same")],
    "global_pooling": [L.Conv2D(5, 3), L.GlobalAveragePooling2D()],
    "padding": [L.ZeroPadding2D(((1, 0), (2, 1))), L.Cropping2D(((0, 1), (1, 1))), L.UpSampling2D((1, 2))],
    "normalisation": [L.SpatialDropout2D(0.3), L.BatchNormalization(), L.GroupNormalization(groups=2)],
}


@pytest.mark.parametrize("name", ON_IMAGES)
def test_layers_on_images_are_recomputed(name: str) -> None:
    require_recomputed(sequential(IMAGE, *ON_IMAGES[name]), inputs(IMAGE))


@pytest.mark.parametrize(
    "activation",
    ["relu", "tanh", "sigmoid", "softplus", "silu", "selu", "hard_sigmoid", "leaky_relu", "mish", "relu6", "softsign",
     "exponential", L.LeakyReLU(negative_slope=0.1), L.ReLU(max_value=1.0), keras.ops.tanh, tf.nn.softmax, tf.nn.relu],
    ids=lambda activation: activation if isinstance(activation, str) else type(activation).__name__,
)  # fmt: skip
def test_activations_are_recomputed(activation: Any) -> None:
    layers = (L.Dense(6, activation=activation), L.Dense(4), L.PReLU(), L.Dense(4), L.ELU(), L.LeakyReLU(), L.Softmax())
    require_recomputed(sequential(FEATURES, *layers), inputs(FEATURES))


def residual() -> keras.Model:
    x = given = keras.Input(SEQUENCE)
    for _ in range(2):
        x = L.Add()([x, L.Conv1D(5, 3, padding="same")(x)])
    x = x + L.Dense(5)(x)
    merged = [L.Multiply()([x, given]), L.Subtract()([x, given]), L.Average()([x, given]), L.Maximum()([x, given])]
    return keras.Model(given, L.Dense(N_CLASSES, activation="softmax")(L.Flatten()(L.Concatenate()(merged))))


def shared_layer() -> keras.Model:
    given = keras.Input(SEQUENCE)
    rnn = L.SimpleRNN(5)
    both = L.Concatenate()([rnn(given), rnn(L.Conv1D(5, 3)(given))])
    return keras.Model(given, L.Dense(N_CLASSES)(both))


def last_state() -> keras.Model:
    given = keras.Input(SEQUENCE)
    outputs, state = L.SimpleRNN(5, return_sequences=True, return_state=True)(given)
    both = L.Concatenate()([L.GlobalMaxPooling1D()(outputs), state])
    return keras.Model(given, L.Dense(N_CLASSES)(both))


@pytest.mark.parametrize("build", [residual, shared_layer, last_state])
def test_functional_models_are_recomputed(build: Any) -> None:
    require_recomputed(with_random_weights(build()), inputs(SEQUENCE))


BY_FUNCTIONS = {
    "last_step": lambda x: x[:, -1],
    "slices": lambda x: ops.concatenate([x[..., :2], x[:, :, 3:], x[:, ::-1, 2:3]], axis=-1),
    "standardised": lambda x: (x - np.linspace(-1, 1, 5)) / np.sqrt(np.arange(1.0, 6.0)),
    "standardised_by_tensors": lambda x: (x - ops.convert_to_tensor([0.5] * 5)) * 2.0,
    "statistics": lambda x: ops.stack([ops.mean(x, 1), ops.std(x, axis=1), ops.max(x, 1), ops.min(x, 1)], axis=1),
    "sums": lambda x: ops.sum(ops.square(x), axis=(1, 2), keepdims=True)[:, 0] / ops.sqrt(ops.var(x, axis=1) + 1.0),
    "comparisons": lambda x: ops.where(ops.logical_and(x > -1, x <= 1), x, ops.cast(ops.not_equal(x, 0), "float32")),
    "counts": lambda x: ops.cast(ops.count_nonzero(ops.relu(x), axis=1), "float32"),
    "activations": lambda x: ops.sigmoid(x) * ops.tanh(x) + ops.gelu(x) - ops.elu(x) + ops.leaky_relu(x, 0.1),
    "more_activations": lambda x: ops.silu(x) + ops.softplus(x) + ops.selu(x) + ops.hard_sigmoid(x) + ops.relu6(x),
    "gelu_exact": lambda x: ops.gelu(x, approximate=False),
    "softmax_over_time": lambda x: ops.softmax(x, axis=1) * x,
    "maths": lambda x: ops.log(ops.abs(x) + 1) - ops.exp(-ops.absolute(x)) + ops.maximum(x, 0.1) ** 2 + ops.sin(x),
    "shapes": lambda x: ops.squeeze(ops.expand_dims(ops.transpose(x, (0, 2, 1)), 1), 1),
    "reshaped": lambda x: ops.reshape(ops.flip(x, axis=1), (-1, 6, 10)),
    "clipped": lambda x: ops.clip(x, -0.5, 0.5),
    "activation_of_a_tensor": keras.activations.tanh,
}


@pytest.mark.parametrize("name", BY_FUNCTIONS)
def test_functions_of_keras_ops_are_recomputed(name: str) -> None:
    given = keras.Input(SEQUENCE)
    computed = BY_FUNCTIONS[name](L.Dense(5)(given))
    flat = L.Flatten()(computed) if len(computed.shape) > 2 else computed
    model = with_random_weights(keras.Model(given, keras.activations.softmax(L.Dense(N_CLASSES)(flat))))
    require_recomputed(model, inputs(SEQUENCE))
    assert softmaxes_at_the_end(read_model(candidate_of(model), "model")) == 1


def test_layers_with_other_layers_inside_are_recomputed() -> None:
    model = sequential(SEQUENCE, L.Flatten(), L.SpectralNormalization(L.Dense(6, activation="relu")))
    require_recomputed(model, inputs(SEQUENCE))


def test_an_open_time_axis_is_as_long_as_was_asked_for() -> None:
    model = keras.Sequential([keras.Input((None, 5)), L.SimpleRNN(6), L.Dense(N_CLASSES)])
    read = read_model(candidate_of(model), "model", input_shape=SEQUENCE)
    assert (read.input_shape, read.example_shape, family(read)) == ((None, 5), SEQUENCE, "RNN")


def masked_functional() -> keras.Model:
    given = keras.Input(SEQUENCE)
    x = L.Masking()(given)
    a = L.SimpleRNN(6, return_sequences=True)(x)
    b = L.SimpleRNN(6, return_sequences=True, go_backwards=True, zero_output_for_mask=True)(x)
    c = L.Concatenate()([a, b, L.BatchNormalization()(a)])
    d = L.Concatenate()([L.GlobalAveragePooling1D()(c), L.SimpleRNN(3)(L.Add()([a, b])), L.SimpleRNN(3)(c)])
    return keras.Model(given, L.Dense(N_CLASSES)(d))


def masked_by_hand() -> keras.Model:
    given = keras.Input(SEQUENCE)
    mask = L.Masking().compute_mask(given)
    return keras.Model(given, L.Dense(N_CLASSES)(L.SimpleRNN(6)(given, mask=mask)))


def masked_by_functions(to_mask: Any) -> keras.Model:
    """A mask computed from the input, for two layers; the first hands it on as well."""
    given = keras.Input(SEQUENCE)
    mask = to_mask(given)
    states = L.SimpleRNN(6, return_sequences=True)(given, mask=mask)
    both = L.Concatenate()([L.SimpleRNN(5)(states, mask=mask), L.SimpleRNN(4)(states), states[:, -1]])
    return keras.Model(given, L.Dense(N_CLASSES)(both))


def mask_lost_by_a_function() -> keras.Model:
    given = keras.Input(SEQUENCE)
    return keras.Model(given, L.Dense(N_CLASSES)(L.SimpleRNN(6)(ops.tanh(L.Masking()(given)))))


def masked_outside_of_a_nested_model() -> keras.Model:
    inner = keras.Sequential([L.Dense(4, activation="tanh"), L.SimpleRNN(6)])
    return keras.Sequential([keras.Input(SEQUENCE), L.Masking(), L.Dropout(0.2), inner, L.Dense(N_CLASSES)])


MASKED = {
    "one_layer": lambda: sequential(SEQUENCE, L.Masking(), L.SimpleRNN(6)),
    "two_layers": lambda: sequential(SEQUENCE, L.Masking(), L.SimpleRNN(6, return_sequences=True), L.SimpleRNN(5)),
    "lost_by_a_convolution": lambda: sequential(SEQUENCE, L.Masking(), L.Conv1D(4, 2), L.SimpleRNN(6)),
    "kept_by_normalisation": lambda: sequential(SEQUENCE, L.Masking(), L.LayerNormalization(), L.SimpleRNN(6)),
    "lost_by_rms": lambda: sequential(SEQUENCE, L.Masking(), L.Dense(5), L.RMSNormalization(), L.SimpleRNN(6)),
    "backwards": lambda: sequential(SEQUENCE, L.Masking(), L.SimpleRNN(6, go_backwards=True)),
    "all_steps": lambda: sequential(SEQUENCE, L.Masking(), L.SimpleRNN(6, return_sequences=True), L.Flatten()),
    "time_distributed": lambda: sequential(
        SEQUENCE, L.Masking(), L.TimeDistributed(L.Dense(4)), L.GlobalAveragePooling1D()
    ),
    "functional": masked_functional,
    "by_hand": masked_by_hand,
    "by_any": lambda: masked_by_functions(lambda x: ops.any(ops.not_equal(x, 0), axis=-1)),
    "by_all": lambda: masked_by_functions(lambda x: ops.logical_not(ops.all(ops.equal(x, 0), axis=2))),
    "by_sum": lambda: masked_by_functions(lambda x: ops.sum(ops.abs(x), axis=2) > 0),
    "by_max": lambda: masked_by_functions(lambda x: ops.cast(ops.max(ops.absolute(x), axis=-1), "bool")),
    "lost_by_a_function": mask_lost_by_a_function,
    "outside_of_a_nested_model": masked_outside_of_a_nested_model,
}


@pytest.mark.parametrize("name", MASKED)
def test_masks_go_from_layer_to_layer_as_in_keras(name: str) -> None:
    require_recomputed(with_random_weights(MASKED[name]()), inputs(SEQUENCE, padded=True))


def test_padding_that_is_not_masked_makes_a_difference() -> None:
    model = sequential(SEQUENCE, L.Masking(), L.SimpleRNN(6))
    x = inputs(SEQUENCE, padded=True)
    read = read_model(candidate_of(model), "model")
    unmasked = sequential(SEQUENCE, L.SimpleRNN(6))
    unmasked.set_weights(model.get_weights())
    with pytest.raises(Lost, match="not those of its layers"):
        require_truth(read, x, np.asarray(unmasked(x)))


def test_a_model_without_input_is_built_for_the_shape_that_it_is_asked_for() -> None:
    model = keras.Sequential([L.Flatten(), L.Dense(N_CLASSES)])
    assert read_model(candidate_of(model), "model", input_shape=SEQUENCE).input_shape == SEQUENCE


def test_what_is_read_of_a_compiled_model() -> None:
    model = sequential(SEQUENCE, L.SimpleRNN(4))
    assert read_model(candidate_of(model), "model").loss is None
    model.compile(keras.optimizers.SGD(0.5), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    read = read_model(candidate_of(model), "model")
    assert (read.loss, read.optimizer, read.learning_rate) == ("SparseCategoricalCrossentropy", "SGD", 0.5)
    assert read.loss_config["from_logits"] is True
    assert read.kinds == ("InputLayer", "SimpleRNN", "Dense")
    assert read.parameters == read.trainable == model.count_params()
    model.layers[0].trainable = False
    assert read_model(candidate_of(model), "model").trainable == 4 * N_CLASSES + N_CLASSES


# --- models that are refused, and models that lie ------------------------------------------------------------


class OwnDense(L.Dense):
    """A layer of the student's own; its class may be given any name."""

    def call(self, inputs: Any) -> Any:
        return keras.ops.softmax(10 * super().call(inputs))


def renamed() -> type:
    """Everything that a class says of itself says that it is Keras's Dense."""
    kind = type("Dense", (OwnDense,), {"__module__": L.Dense.__module__})
    kind.__qualname__ = "Dense"
    return kind


def refusal(model: Any, **options: Any) -> str:
    with pytest.raises(Lost) as lost:
        read_model(candidate_of(model), "model", **options)
    return lost.value.message


def test_a_layer_outside_of_the_list_is_named() -> None:
    assert "LSTM is not allowed" in refusal(sequential(SEQUENCE, L.LSTM(4)))
    assert "Lambda is not allowed" in refusal(sequential(SEQUENCE, L.Lambda(lambda x: x, output_shape=SEQUENCE)))
    assert "Conv1D is not allowed" in refusal(
        sequential(SEQUENCE, L.Conv1D(4, 3)), allowed=set(KNOWN) - {"Conv1D", "Conv2D"}
    )
    assert "GRU is not allowed" in refusal(sequential(SEQUENCE, keras.Sequential([L.GRU(4)])))
    assert "Bidirectional is not allowed" in refusal(sequential(SEQUENCE, L.Bidirectional(L.SimpleRNN(3))))


def test_a_class_of_ones_own_is_refused() -> None:
    assert "of a class OwnDense of your own" in refusal(sequential(FEATURES, OwnDense(3), head=False))


def test_models_without_a_graph_are_refused() -> None:
    class Own(keras.Model):
        def call(self, inputs: Any) -> Any:
            return inputs

    assert "should be a keras.Sequential or a functional" in refusal(Own())
    assert "should be a keras.Sequential or a functional" in refusal(keras.Sequential([L.Dense(3)]))
    assert "should be a keras.Sequential or a functional" in refusal([1, 2])
    given = keras.Input(FEATURES)
    assert "one input and one output" in refusal(keras.Model(given, [L.Dense(3)(given), L.Dense(3)(given)]))


def lambda_in_disguise() -> keras.Model:
    kind = type("Dropout", (L.Lambda,), {"__module__": L.Dropout.__module__})
    return sequential(FEATURES, kind(lambda x: 2 * x, output_shape=FEATURES))


def layer_with_another_call() -> keras.Model:
    model = sequential(FEATURES, L.Dense(8))
    layer = model.layers[0]
    layer.call = lambda inputs, training=None: keras.ops.sin(L.Dense.call(layer, inputs))
    return model


def weights_that_are_not_its_own() -> keras.Model:
    model = sequential(FEATURES, L.Dense(8))
    described = copy.copy(model.layers[0].weights)
    kind = type("Dense", (L.Dense,), {"__module__": L.Dense.__module__, "weights": property(lambda _: described)})
    hidden = kind(8)
    hidden.build((None, *FEATURES))
    hidden.kernel, hidden.bias  # noqa: B018 - built: these are the ones that compute
    return keras.Sequential([keras.Input(FEATURES), hidden, L.Dense(N_CLASSES)])


@pytest.mark.parametrize(
    "build",
    [
        lambda_in_disguise,
        layer_with_another_call,
        weights_that_are_not_its_own,
        lambda: sequential(FEATURES, renamed()(3), head=False),
    ],
)
def test_a_model_that_computes_something_else_than_it_says_is_found_out(build: Any) -> None:
    model = with_random_weights(build())
    candidate, x = candidate_of(model), inputs(FEATURES)
    read = read_model(candidate, "model")
    outputs = predict(candidate, "model", x, N_CLASSES, "the model")
    with pytest.raises(Lost, match="not those of its layers and weights"):
        require_truth(read, x, outputs)


def test_a_setting_that_is_not_computed_is_named() -> None:
    read = read_model(candidate_of(sequential(FEATURES, L.Dense(3, activation=keras.ops.sin))), "model")
    with pytest.raises(Lost, match="Dense with the activation 'sin'"):
        recompute(read, inputs(FEATURES))
    given = keras.Input(SEQUENCE)
    model = keras.Model(given, L.Dense(3)(ops.cumsum(given, axis=1)))
    with pytest.raises(Lost, match=r"does not compute keras.ops.Cumsum before Dense; use a layer for it"):
        recompute(read_model(candidate_of(model), "model"), inputs(SEQUENCE))
    last = keras.Model(given, ops.cumsum(given, axis=1))
    with pytest.raises(Lost, match=r"does not compute keras.ops.Cumsum; use a layer for it"):
        recompute(read_model(candidate_of(last), "model"), inputs(SEQUENCE))
    masked = L.SimpleRNN(3)(given, mask=ops.cumsum(given[:, :, 0], axis=1) > 0)
    with pytest.raises(Lost, match=r"keras.ops.Cumsum in the mask that SimpleRNN is given"):
        recompute(read_model(candidate_of(keras.Model(given, masked)), "model"), inputs(SEQUENCE))


def test_a_model_that_would_not_fit_into_memory_is_not_computed() -> None:
    model = keras.Sequential([keras.Input(FEATURES), L.RepeatVector(10**6), L.UpSampling1D(10**3), L.Dense(1)])
    read = read_model(candidate_of(model), "model")
    with pytest.raises(Lost, match="a model as large as this one"):
        recompute(read, inputs(FEATURES))


class Describes(Candidate):
    """A candidate whose answer about its model is made up."""

    def __init__(self, described: Any) -> None:
        self.described = described

    def keras_model(self, target: Remote | str, input_shape: tuple[int, ...] | None = None) -> Any:
        return self.described


def damaged() -> list[Any]:
    described = candidate_of(sequential(SEQUENCE, L.SimpleRNN(4))).keras_model("model")
    found: list[Any] = [None, 3, [], {}, {"kind": "Sequential"}]
    for path, value in (
        (("graphs", 0, "nodes", 1, "layer"), 99),
        (("graphs", 0, "nodes", 1, "args"), [{"tensor": [1, 0]}]),
        (("graphs", 0, "nodes", 1, "args"), [{"tensor": ["0", 0]}]),
        (("graphs", 0, "nodes", 1, "args"), 5),
        (("graphs", 0, "outputs"), [[7, 0]]),
        (("graphs", 0, "inputs"), [0.5j]),
        (("layers", 1, "weights"), {"kernel": np.array(["a"])}),
        (("layers", 1, "graph"), 0),
        (("layers", 1, "layer"), -5),
        (("layers", 0, "config"), {}),
    ):
        wrong = copy.deepcopy(described)
        place = wrong
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value
        found.append(wrong)
    return found


@pytest.mark.parametrize("described", damaged(), ids=range(15))
def test_descriptions_that_are_made_up_are_the_candidates_end(described: Any) -> None:
    with pytest.raises(CandidateDied):
        read_model(Describes(described), "model")


def test_a_layer_that_contains_itself_is_not_computed() -> None:
    described = candidate_of(sequential(SEQUENCE, L.TimeDistributed(L.Dense(4)))).keras_model("model")
    outer = next(i for i, layer in enumerate(described["layers"]) if layer["class"] == "TimeDistributed")
    described["layers"][outer]["layer"] = outer
    with pytest.raises((Lost, CandidateDied)):
        recompute(read_model(Describes(described), "model"), inputs(SEQUENCE))


# --- families ---------------------------------------------------------------------------------------------------


FAMILIES = {
    "MLP": [
        [L.Flatten(), L.Dense(8, activation="relu")],
        [L.Dense(4), L.GlobalAveragePooling1D()],
        [L.Flatten(), L.Reshape((1, 60)), L.SimpleRNN(4)],
        [L.Conv1D(4, 1)],
    ],
    "CNN": [[L.Conv1D(4, 3), L.Flatten()], [L.Reshape((12, 5, 1)), L.Conv2D(4, (3, 1)), L.GlobalMaxPooling2D()]],
    "RNN": [
        [L.SimpleRNN(4)],
        [L.Dense(4), L.SimpleRNN(4, return_sequences=True), L.BatchNormalization(), L.SimpleRNN(4)],
        [L.SimpleRNN(4, return_sequences=True), L.GlobalAveragePooling1D()],
        [L.TimeDistributed(L.Dense(4)), L.SimpleRNN(4)],
    ],
    "mixture": [
        [L.Conv1D(4, 3), L.MaxPooling1D(2), L.SimpleRNN(4)],
        [L.SimpleRNN(4, return_sequences=True), L.Conv1D(4, 3)],
        [L.SimpleRNN(4, return_sequences=True), L.Dropout(0.1), L.Flatten()],
    ],
}


@pytest.mark.parametrize(("kind", "place"), [(kind, i) for kind, found in FAMILIES.items() for i in range(len(found))])
def test_the_family_is_what_the_layers_do(kind: str, place: int) -> None:
    assert family(read_model(candidate_of(sequential(SEQUENCE, *FAMILIES[kind][place])), "model")) == kind


def test_calls_hidden_layers_and_softmaxes() -> None:
    read = read_model(candidate_of(sequential(SEQUENCE, L.SimpleRNN(4), L.Dropout(0.1))), "model")
    assert [(call.layer.kind, call.output) for call in calls(read)] == [
        ("SimpleRNN", (1, 4)),
        ("Dropout", (1, 4)),
        ("Dense", (1, N_CLASSES)),
    ]
    assert hidden_layers(read) == 1
    ends = {0: [L.Dense(3)], 1: [L.Dense(3), L.Softmax()], 2: [L.Dense(3, activation="softmax"), L.Softmax()]}
    for count, layers in ends.items():
        assert softmaxes_at_the_end(read_model(candidate_of(sequential(FEATURES, *layers, head=False)), "model")) == (
            count
        )


# --- losses -------------------------------------------------------------------------------------------------------


def focal(y_true: Any, y_pred: Any) -> Any:
    p = keras.ops.sum(keras.ops.one_hot(keras.ops.reshape(y_true, (-1,)), N_CLASSES) * y_pred, axis=-1)
    return -((1 - p) ** 2) * keras.ops.log(p)


def check_loss(activation: str | None, loss: Any, regularizer: str | None = None) -> None:
    model = sequential(FEATURES, L.Dense(N_CLASSES, activation=activation, kernel_regularizer=regularizer), head=False)
    model.compile("adam", loss, metrics=["accuracy"])
    candidate = candidate_of(model)
    require_loss(candidate, "model", read_model(candidate, "model"), np.random.default_rng(0))


@pytest.mark.parametrize(
    ("activation", "loss"),
    [
        ("softmax", "sparse_categorical_crossentropy"),
        ("softmax", keras.losses.SparseCategoricalCrossentropy()),
        ("softmax", keras.losses.sparse_categorical_crossentropy),
        (None, keras.losses.SparseCategoricalCrossentropy(from_logits=True)),
        ("log_softmax", keras.losses.SparseCategoricalCrossentropy(from_logits=True)),
        ("softmax", focal),
    ],
    ids=range(6),
)
def test_losses_that_belong_to_integer_labels(activation: str | None, loss: Any) -> None:
    check_loss(activation, loss, regularizer="l2")


@pytest.mark.parametrize(
    ("activation", "loss", "words"),
    [
        ("softmax", "categorical_crossentropy", "coding of the labels"),
        ("softmax", "binary_crossentropy", "coding of the labels"),
        ("softmax", "mse", "coding of the labels"),
        ("softmax", "mae", "coding of the labels"),
        ("softmax", "kl_divergence", "coding of the labels"),
        ("softmax", keras.losses.SparseCategoricalCrossentropy(from_logits=True), "applies a second one"),
        (None, "sparse_categorical_crossentropy", "its output is no softmax"),
        ("sigmoid", "sparse_categorical_crossentropy", "its output is no softmax"),
        ("softmax", None, "is not compiled|fails"),
    ],
)
def test_losses_that_do_not(activation: str | None, loss: Any, words: str) -> None:
    with pytest.raises(Lost, match=words):
        check_loss(activation, loss)


def test_fitting_through_the_channel_trains_the_model() -> None:
    model = sequential(SEQUENCE, L.SimpleRNN(8))
    model.compile(keras.optimizers.Adam(0.03), "sparse_categorical_crossentropy", metrics=["accuracy"])
    x, labels = inputs(SEQUENCE, n=6), np.arange(6) % N_CLASSES
    history = candidate_of(model).keras_fit("model", x, labels, epochs=12, batch_size=6)
    assert history["loss"][-1] < history["loss"][0] / 2
