"""A candidate's Keras model as plain data, and whether it is what it says it is.

``read_model`` asks for the layers, their weights and how the graph calls them, and refuses layers that an exercise
does not allow. None of it is believed: ``recompute`` computes from that description what the model should give, and
``require_truth`` compares that with what it does give. ``family`` names the kind of network. No configuration of a
candidate's is ever given to Keras.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.channel import Candidate, CandidateDied, CandidateError, Remote
from autograder.examinations.keras_layers import (
    ACTIVATION_LAYERS,
    IDENTITIES,
    KNOWN,
    Call,
    Computation,
    Graph,
    Layer,
    Node,
    NotComputed,
    Value,
    activation_name,
    softmax,
)
from autograder.examine import Lost

Array = np.ndarray

MAX_NODES = 1000
"""Calls of layers in one model."""
TOLERANCE = 2e-3
"""Largest difference, of probabilities, between float32 there and float64 here: recurrences amplify rounding."""
AGREEING = 0.9
"""Share of the examples that must agree: a trained recurrent network may be chaotic on a few."""


class NotAllowed(Lost):
    """A layer that the exercise does not allow."""


@dataclass(frozen=True)
class KerasModel:
    """A model as its candidate describes it; ``layers`` lists each layer once, also those of models inside.

    ``loss``: name of the compiled loss (with its settings), None when the model is not compiled. Shapes are without
    the batch; ``input_shape`` has None for an axis that the model leaves open, ``example_shape`` what was asked for.
    ``parameters`` counts all weights, ``trainable`` those of layers that are trained.
    """

    name: str
    layers: tuple[Layer, ...]
    graphs: tuple[Graph, ...]
    input_shape: tuple[int | None, ...]
    example_shape: tuple[int, ...]
    parameters: int
    trainable: int
    loss: str | None
    loss_config: dict[str, Any]
    optimizer: str
    learning_rate: float

    @property
    def kinds(self) -> tuple[str, ...]:
        """Classes of the layers, in their order, without functions of keras.ops."""
        return tuple(layer.kind for layer in self.layers if not layer.kind.startswith("ops."))


def read_model(
    candidate: Candidate,
    remote: Remote | str,
    *,
    name: str = "the model",
    input_shape: tuple[int, ...] | None = None,
    allowed: Iterable[str] = KNOWN,
) -> KerasModel:
    """The description of a model, built for ``input_shape`` (without the batch) if it is not built yet.

    Raises Lost when it is no Sequential or functional model of one input and one output, or has a layer that is not
    in ``allowed`` (names of Keras classes; NotAllowed); CandidateDied when the description is not in the agreed form.
    """
    if not isinstance(remote, Remote | str):
        raise Lost(f"{name} should be a keras.Model, got {type(remote).__name__}.")
    described = candidate.keras_model(remote, input_shape)
    try:
        if described["kind"] not in ("Sequential", "Functional"):
            raise Lost(
                f"{name} should be a keras.Sequential or a functional keras.Model(inputs, outputs), built for its "
                f"input shape; got {str(described['class'])[:40]}."
            )
        return _parse(described, name, frozenset(allowed), input_shape)
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise CandidateDied(f"the description of a Keras model is not in the agreed form: {error!r}") from None


def _parse(
    described: dict[str, Any], name: str, allowed: frozenset[str], asked: tuple[int, ...] | None = None
) -> KerasModel:
    layers = tuple(_layer(item, name, allowed) for item in described["layers"])
    graphs = tuple(_graph(item, len(layers)) for item in described["graphs"])
    if sum(len(graph.nodes) for graph in graphs) > MAX_NODES:
        raise Lost(f"{name} has more than {MAX_NODES} layers.")
    _require_nesting(layers, len(graphs))
    if len(graphs[0].inputs) != 1 or len(graphs[0].outputs) != 1:
        raise Lost(f"{name} should have one input and one output.")
    shape = layers[graphs[0].nodes[graphs[0].inputs[0]].layer].config.get("batch_shape")
    if not isinstance(shape, list | tuple):
        raise ValueError("the input has no shape")
    open_shape = tuple(None if n is None else int(n) for n in shape[1:])
    compiled = described["compiled"] or {}
    trained = [layer for layer, item in zip(layers, described["layers"], strict=True) if item["trainable"]]
    return KerasModel(
        name,
        layers,
        graphs,
        open_shape,
        _example_shape(open_shape, asked),
        _count(layers),
        _count(trained),
        str(compiled["loss"]) if compiled else None,
        dict(compiled.get("loss_config", {})),
        str(compiled.get("optimizer", "")),
        float(compiled.get("learning_rate", 0.0)),
    )


def _example_shape(shape: tuple[int | None, ...], asked: tuple[int, ...] | None) -> tuple[int, ...]:
    """The input's shape, with open axes as they were asked for (else of length 1)."""
    lengths = asked if asked is not None and len(asked) == len(shape) else (1,) * len(shape)
    return tuple(length if n is None else n for n, length in zip(shape, lengths, strict=True))


def _layer(item: dict[str, Any], name: str, allowed: frozenset[str]) -> Layer:
    kind, module, graph = str(item["class"]), str(item["module"]), item.get("graph")
    if module.startswith("keras.src.ops."):
        kind = f"ops.{kind}"
    elif not module.startswith("keras.src."):
        raise NotAllowed(f"{name}: the layer {str(item['name'])[:40]!r} is of a class {kind[:40]} of your own; "
                         "use layers that Keras defines.")  # fmt: skip
    elif graph is None and kind not in allowed:
        raise NotAllowed(f"{name}: the layer {kind[:40]} is not allowed in this exercise.")
    weights = {str(key): np.asarray(value, np.float64) for key, value in item["weights"].items()}
    if not all(np.isfinite(value).all() for value in weights.values()):
        raise Lost(f"{name}: weights of the layer {str(item['name'])[:40]!r} are not finite.")
    inner = item.get("layer")
    return Layer(str(item["name"]), kind, dict(item["config"]), weights, graph, inner)


def _graph(item: dict[str, Any], n_layers: int) -> Graph:
    nodes: list[Node] = []
    for node in item["nodes"]:
        trees = [*node["args"], *node["kwargs"].values()]
        _require_order(trees, len(nodes))
        if not 0 <= node["layer"] < n_layers:
            raise ValueError("a node calls no layer")
        nodes.append(Node(int(node["layer"]), list(node["args"]), dict(node["kwargs"])))
    inputs = tuple(int(place) for place in item["inputs"])
    outputs = tuple((int(node), int(output)) for node, output in item["outputs"])
    if not all(0 <= place < len(nodes) for place in (*inputs, *(node for node, _ in outputs))):
        raise ValueError("a graph has no such node")
    return Graph(tuple(nodes), inputs, outputs)


def _require_order(trees: list[Any], place: int) -> None:
    """Nodes use what nodes before them gave."""
    for tree in trees:
        if "tensor" in tree:
            node, output = tree["tensor"]
            if not (type(node) is int and type(output) is int and 0 <= node < place and output >= 0):
                raise ValueError("a node uses what is not there")
        elif "list" in tree:
            _require_order(tree["list"], place)


def _require_nesting(layers: tuple[Layer, ...], n_graphs: int) -> None:
    """Models inside a model have larger numbers than it, so that none contains itself."""
    inside = [layer.graph for layer in layers if layer.graph is not None]
    if len(set(inside)) != len(inside) or not all(type(g) is int and 0 < g < n_graphs for g in inside):
        raise ValueError("a model inside the model is not there")
    if not all(layer.inner is None or 0 <= layer.inner < len(layers) for layer in layers):
        raise ValueError("a layer inside a layer is not there")


def _count(layers: Iterable[Layer]) -> int:
    return sum(value.size for layer in layers for value in layer.weights.values())


# --- what it computes -------------------------------------------------------------------------------------


def _compute(model: KerasModel, inputs: Array) -> tuple[Array, Computation]:
    computation = Computation(model.layers, model.graphs)
    try:
        (output,) = computation.run(model.graphs[0], [Value(np.asarray(inputs, np.float64))])
    except NotComputed as error:
        raise Lost(f"{model.name} cannot be checked: the examiner does not compute {error}.") from None
    except RecursionError:
        raise Lost(f"{model.name} cannot be checked: its models are nested too deep.") from None
    except (LookupError, TypeError, ValueError, ArithmeticError) as error:
        raise CandidateDied(f"the described Keras model does not fit together: {error!r}") from None
    if output.unknown:
        raise Lost(
            f"{model.name} cannot be checked: the examiner does not compute {output.unknown}; use a layer for it."
        )
    return output.array, computation


def recompute(model: KerasModel, inputs: Array) -> Array:
    """What the described model gives at inference for inputs (batch, ...): float64, masks included.

    Raises Lost when a layer or one of its settings is not known here, or the model is too large.
    """
    return _compute(model, inputs)[0]


def calls(model: KerasModel) -> list[Call]:
    """The calls of layers in their order, models inside unfolded, with shapes for a batch of one."""
    return _compute(model, np.zeros((1, *model.example_shape)))[1].calls


def predict(candidate: Candidate, remote: Remote | str, inputs: Array, n_classes: int, name: str) -> Array:
    """The model's outputs (batch, n_classes) at inference, float. Lost when they have another form."""
    outputs = candidate.keras_predict(remote, np.ascontiguousarray(inputs, np.float32))
    if not isinstance(outputs, np.ndarray) or outputs.shape != (len(inputs), n_classes):
        shape = outputs.shape if isinstance(outputs, np.ndarray) else type(outputs).__name__
        raise Lost(f"{name} on inputs of shape {inputs.shape}: expected outputs of shape "
                   f"({len(inputs)}, {n_classes}), got {shape}.")  # fmt: skip
    if outputs.dtype != np.float32 or not np.isfinite(outputs).all():
        raise Lost(f"{name} should give finite float32 numbers, got {outputs.dtype}.")
    return outputs


def require_truth(model: KerasModel, inputs: Array, outputs: Array) -> None:
    """Lost when these outputs are not those of the layers and weights that the model says it has."""
    expected = recompute(model, inputs)
    if expected.shape != outputs.shape:
        raise Lost(f"{model.name}: its layers give an output of shape {expected.shape}, but it gave {outputs.shape}.")
    scale = np.maximum(np.abs(expected).max(axis=1), 1.0)
    differences = np.abs(outputs - expected).max(axis=1) / scale
    if (differences <= TOLERANCE).mean() < AGREEING:
        raise Lost(
            f"{model.name}: its predictions are not those of its layers and weights (largest difference "
            f"{differences.max():.2g}). Is something computed beside the layers that it lists?"
        )


# --- what kind of network it is -----------------------------------------------------------------------------


def family(model: KerasModel) -> str:
    """'MLP', 'CNN', 'RNN', or 'mixture' of the last two or of sequences that a Flatten hands to Dense layers.

    What counts is what a layer does: a SimpleRNN that reads one time step has no recurrence, and a convolution
    whose windows are one step wide is a Dense layer.
    """
    made = calls(model)
    recurrent = [call for call in made if call.layer.kind == "SimpleRNN" and call.inputs[0][1] > 1]
    convolutional = [call for call in made if _convolves(call, model.example_shape[-1])]
    if recurrent and convolutional:
        return "mixture"
    if recurrent:
        return "mixture" if _flattened_sequences(made) else "RNN"
    return "CNN" if convolutional else "MLP"


def _convolves(call: Call, channels: int) -> bool:
    """Whether a convolution's windows are longer than one step along time.

    In a picture (batch, time, channels, ...) of a sequence, a kernel that spans the channels alone is a Dense layer
    of each step. Which axis is time is told by its length, unless both have as many places as there are channels.
    """
    if call.layer.kind not in ("Conv1D", "Conv2D"):
        return False
    sizes = call.inputs[0][1:-1]
    spanned = [size for size, width in zip(sizes, call.layer.weights["kernel"].shape[:-2], strict=True) if width > 1]
    across = len(sizes) == 2 and len(set(sizes)) == 2 and set(spanned) == {channels}
    return bool(spanned) and not across


def _flattened_sequences(made: list[Call]) -> bool:
    """Whether what a SimpleRNN gives at every time step is laid side by side, for weights of their own each."""
    return any(
        call.layer.kind in ("Flatten", "Reshape", "ops.Reshape")
        and (len(call.inputs[0]), len(call.output)) == (3, 2)
        and call.inputs[0][1] > 1
        and _reaches(made, call, "SimpleRNN")
        for call in made
    )


def _reaches(made: list[Call], call: Call, kind: str) -> bool:
    """Whether the output of a layer of this kind has gone into this call."""
    waiting, seen = list(call.sources), set()
    while waiting:
        place = waiting.pop()
        if place < 0 or place in seen:
            continue
        seen.add(place)
        if made[place].layer.kind == kind:
            return True
        waiting.extend(made[place].sources)
    return False


def reads_sequence(made: list[Call], upper: int, lower: int) -> bool:
    """Whether the call at place `upper` reads what the one at `lower` gives at every time step, (batch, time, units).

    Between them may be calls that keep a time axis.
    """
    waiting, seen = list(made[upper].sources), set()
    while waiting:
        place = waiting.pop()
        if place < 0 or place in seen or len(made[place].output) != 3 or made[place].output[1] < 2:
            continue
        if place == lower:
            return True
        seen.add(place)
        waiting.extend(made[place].sources)
    return False


def hidden_layers(model: KerasModel) -> int:
    """Dense layers, convolutions and SimpleRNNs before the last one."""
    return sum(call.layer.kind in ("Dense", "Conv1D", "Conv2D", "SimpleRNN") for call in calls(model)) - 1


# --- output and loss ----------------------------------------------------------------------------------------


def softmaxes_at_the_end(model: KerasModel) -> int:
    """How many softmaxes follow one another at the output: 0, 1 or more (Dropout and Reshape between them or not)."""
    count, made = 0, calls(model)
    place = len(made) - 1
    while place >= 0 and len(made[place].inputs) == 1:
        layer = made[place].layer
        if layer.kind in ("Softmax", "ops.Softmax") or activation_name(layer) in ("softmax", "Softmax"):
            count += 1
        if layer.kind not in (*ACTIVATION_LAYERS, *IDENTITIES, "ops.Softmax", "Flatten", "Reshape"):
            break
        place = made[place].sources[0]
    return count


def require_loss(candidate: Candidate, remote: Remote | str, model: KerasModel, rng: np.random.Generator) -> None:
    """Lost unless the compiled loss judges the model's outputs by integer labels: as cross-entropy does, or, when it
    is one of the student's own (a focal loss, say), so that it prefers the right class.

    It is asked for its values on made-up outputs. The regularisation of weights does not depend on the labels, so
    only differences between labels are compared.
    """
    if model.loss is None:
        raise Lost(f"{model.name} is not compiled: call compile with an optimizer and a loss.")
    softmaxes = softmaxes_at_the_end(model)
    if softmaxes > 1:
        raise Lost(f"{model.name}: its output goes through softmax twice.")
    n_classes = calls(model)[-1].output[-1]
    logits = rng.normal(size=(6 * n_classes, n_classes), scale=2.0)
    labels = rng.permutation(np.arange(len(logits)) % n_classes)
    other = np.roll(labels, 1)
    probabilities = softmax(logits)
    outputs = probabilities if softmaxes else logits
    found = _loss(candidate, remote, model, labels, outputs) - _loss(candidate, remote, model, other, outputs)
    if np.isclose(found, _cross_entropy(logits, labels) - _cross_entropy(logits, other), rtol=1e-3, atol=1e-4):
        return
    again = _cross_entropy(probabilities, labels) - _cross_entropy(probabilities, other)
    if softmaxes and np.isclose(found, again, rtol=1e-3, atol=1e-4):
        raise Lost(f"{model.name}: the output is a softmax already, but the loss takes it for logits (from_logits) "
                   "and applies a second one.")  # fmt: skip
    if model.loss.lower().replace("_", "").startswith("sparsecategorical") and not softmaxes:
        raise Lost(f"{model.name}: its output is no softmax, but its loss {model.loss} expects probabilities.")
    if not _prefers_the_right_class(candidate, remote, model, n_classes, logits=not softmaxes):
        raise Lost(f"{model.name} is compiled with the loss {model.loss}, which does not judge the probabilities of "
                   f"{n_classes} classes by integer ids. Which loss belongs to this coding of the labels?")  # fmt: skip


def _cross_entropy(logits: Array, labels: Array) -> float:
    return float(-np.log(softmax(logits)[np.arange(len(labels)), labels]).mean())


def _loss(candidate: Candidate, remote: Remote | str, model: KerasModel, labels: Array, outputs: Array) -> float:
    try:
        loss = candidate.keras_loss(remote, labels.astype(np.int64), outputs.astype(np.float32))
    except CandidateError as error:
        raise Lost(
            f"{model.name}: its loss {model.loss} fails on integer class ids of shape {labels.shape} and "
            f"outputs of shape {outputs.shape} ({error.kind}). {question_about_loss(error)}"
        ) from None
    if not isinstance(loss, int | float) or not np.isfinite(loss):
        raise Lost(f"{model.name}: its loss {model.loss} gives {str(loss)[:40]} on ordinary outputs.")
    return float(loss)


def question_about_loss(error: CandidateError) -> str:
    """What to ask somebody whose compiled loss raised this error on integer labels."""
    if "dtype='string'" in error.message:  # of Keras, which multiplies the loss by the name of a metric
        return "The third argument of compile are weights of losses. Are the metrics given by name, metrics=[...]?"
    return "Which loss belongs to this coding of the labels?"


def _prefers_the_right_class(
    candidate: Candidate, remote: Remote | str, model: KerasModel, n_classes: int, *, logits: bool
) -> bool:
    """Whether the loss of an example grows when its class gets less of the probability, a little or most of it."""

    def loss(share: float, label: int) -> float:
        outputs = np.full((1, n_classes), (1 - share) / max(n_classes - 1, 1))
        outputs[0, label] = share
        return _loss(candidate, remote, model, np.array([label]), np.log(outputs) if logits else outputs)

    return all(loss(0.8, c) < loss(0.79, c) < loss(0.05, c) - 1e-3 for c in range(n_classes))


# --- learning -----------------------------------------------------------------------------------------------


def require_trainable(model: KerasModel) -> None:
    """Lost when nothing of the model would be trained, or with a learning rate that no network learns with."""
    if model.trainable == 0:
        raise Lost(f"{model.name} has no weights that are trained.")
    if not 1e-7 <= model.learning_rate <= 10:
        raise Lost(f"{model.name} is compiled with the learning rate {model.learning_rate:g}.")


def require_learns(
    candidate: Candidate, remote: Remote | str, model: KerasModel, inputs: Array, labels: Array, steps: int = 6
) -> None:
    """Lost unless some steps of the model's own ``fit``, on all of these examples at once, lower its training loss.

    It is enough that the loss is lower after any of them; dropout makes it noisy, so a second try takes three times
    as many steps. The model is trained afterwards.
    """
    require_trainable(model)
    for epochs in (steps, 3 * steps):
        history = candidate.keras_fit(remote, inputs, labels.astype(np.int64), epochs=epochs, batch_size=len(inputs))
        losses = history.get("loss") if isinstance(history, dict) else None
        if not isinstance(losses, list) or len(losses) != epochs or not all(isinstance(n, int | float) for n in losses):
            raise CandidateDied("the reply to 'keras_fit' is not in the agreed form")
        if not np.isfinite(losses).all():
            raise Lost(f"{model.name}: its loss is no longer finite after a few steps on {len(inputs)} easy examples. "
                       f"Is the learning rate ({model.learning_rate:g}) too large?")  # fmt: skip
        if min(losses[1:]) < losses[0] - 1e-6 * abs(losses[0]):
            return
    raise Lost(f"{model.name}: its loss does not fall on {len(inputs)} easy examples. Is the learning rate "
               f"({model.learning_rate:g}) sensible, and are the layers trainable?")  # fmt: skip
