"""What predictions are worth, and the simple methods that a network has to beat.

The methods know nothing of order but what stands in the columns that they get: means and counts, the last element, the
values of all steps side by side ("lag features") for methods of scikit-learn, which is imported where it is used.
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from helpers.sequences import Data, check_task

if TYPE_CHECKING:
    import pandas as pd

MAIN_METRIC = {"classification": "accuracy", "regression": "r2", "generation": "bits"}
"""By which a task's methods are compared; of bits, fewer are better."""
EASY = 0.95
"""From this accuracy or R² of a simple method on, data are too easy for a study."""


def scores(task: str, targets: np.ndarray, outputs: np.ndarray) -> dict[str, float]:
    """What outputs are worth, compared with the targets, both of n examples.

    regression: outputs like the targets; `rmse` and `mae` in the targets' unit, `r2` (1: perfect, 0: as good as the
    targets' mean, may be negative). classification: probabilities (n, classes); `accuracy`, `balanced_accuracy` (the
    mean over classes of the share that is right). generation: probabilities (n, symbols); `bits` (mean of -log2 of the
    probability of what came; nats are bits times ln 2), `accuracy`.
    """
    check_task(task)
    targets, outputs = np.asarray(targets), np.asarray(outputs, dtype=np.float64)
    if task == "regression":
        return _regression_scores(targets.astype(np.float64).reshape(len(targets), -1), outputs)
    if outputs.ndim != 2 or len(outputs) != len(targets) or not 0 <= targets.min() <= targets.max() < outputs.shape[1]:
        raise ValueError(f"outputs of shape {outputs.shape} do not fit {len(targets)} targets up to {targets.max()}")
    right = outputs.argmax(axis=1) == targets
    found = {"accuracy": float(right.mean())}
    if task == "classification":
        found["balanced_accuracy"] = float(np.mean([right[targets == name].mean() for name in np.unique(targets)]))
        return found
    likely = outputs[np.arange(len(targets)), targets]
    return {"bits": float(-np.log2(np.maximum(likely, np.finfo(np.float32).tiny)).mean()), **found}


def _regression_scores(targets: np.ndarray, outputs: np.ndarray) -> dict[str, float]:
    outputs = outputs.reshape(len(outputs), -1)
    if outputs.shape != targets.shape:
        raise ValueError(f"outputs of shape {outputs.shape} do not fit targets of shape {targets.shape}")
    error = outputs - targets
    spread = ((targets - targets.mean(axis=0)) ** 2).mean()
    squared = (error**2).mean()
    r2 = 1 - squared / spread if spread > 0 else math.nan
    return {"rmse": float(np.sqrt(squared)), "mae": float(np.abs(error).mean()), "r2": float(r2)}


# --- simple methods to compare with ---------------------------------------------------------------------------

SIMPLE = {
    "regression": ("mean", "last value", "ridge"),
    "classification": ("majority", "logistic regression"),
    "generation": ("frequencies", "bigram"),
}
"""Methods without any choice, or linear ones. Where one of them reaches 95 %, the data are too easy."""
STRONGER = {
    "regression": ("k-NN", "gradient boosting"),
    "classification": ("k-NN", "gradient boosting"),
    "generation": (),
}
"""Methods of scikit-learn that know nothing of order, and are often hard to beat."""
MOST_EXAMPLES = 10_000
"""On at most so many training examples, evenly spaced ones, the methods of scikit-learn are fitted."""


def baselines(data: Data, task: str, part: str = "validation", stronger: bool = True) -> "pd.DataFrame":
    """Metrics of simple methods on a part, one row a method (index `method`); says when the data are too easy.

    stronger: also those of `STRONGER`, which take seconds to minutes.
    """
    import pandas as pd

    names = methods(data, task, stronger)
    rows = [scores(task, data.part(part)[1], baseline_outputs(name, data, task, part)) for name in names]
    table = pd.DataFrame(rows, index=pd.Index(names, name="method"))
    simple = [name for name in names if name in SIMPLE[task]]
    warning = too_easy(task, best_of(task, table.loc[simple, MAIN_METRIC[task]]))
    if warning:
        print(warning)
    return table


def best_of(task: str, values: "Sequence[float] | pd.Series") -> float:
    """The best of a task's main metric."""
    return float(min(values) if MAIN_METRIC[task] == "bits" else max(values))


def too_easy(task: str, simple: float) -> str:
    """A sentence when a simple method's accuracy or R² is 95 % or more, else ''."""
    check_task(task)
    if task == "generation" or not simple >= EASY:
        return ""
    name = {"accuracy": "accuracy", "r2": "R²"}[MAIN_METRIC[task]]
    return (
        f"A simple method reaches an {name} of {simple:.1%}: these data are too easy to show anything. Take a longer "
        "horizon, fewer examples, a harder question, or other data."
    )


def baseline_outputs(name: str, data: Data, task: str, part: str = "validation") -> np.ndarray:
    """What a method, fitted on the training part, says of a part: see `scores` for the form."""
    if name not in methods(data, task, stronger=True):
        raise ValueError(f"there is no method {name!r} for {task}; there are {', '.join(methods(data, task, True))}")
    features, targets = data.part(part)[0], data.train[1]
    if name == "last value":
        return np.asarray(features[:, -1, data.target])
    if name == "mean":
        return np.broadcast_to(targets.mean(axis=0), (len(features), *targets.shape[1:]))
    if task != "regression" and name in ("majority", "frequencies", "bigram"):
        return _counted(name, data, features, data.outputs(task))
    return _fitted(_estimator(name, task), data, task, features)


def methods(data: Data, task: str, stronger: bool = True) -> list[str]:
    """Names of the methods for a task; "last value" is one for forecasts only. stronger: also those of `STRONGER`."""
    check_task(task)
    names = [*SIMPLE[task], *(STRONGER[task] if stronger else ())]
    return [name for name in names if name != "last value" or data.target is not None]


def _counted(name: str, data: Data, features: np.ndarray, classes: int) -> np.ndarray:
    """Probabilities by counting targets, all of them or those after the same last element; each count begins at 1."""
    targets = data.train[1].astype(np.int64)
    if name != "bigram":
        counts = np.bincount(targets, minlength=classes) + 1.0
        return np.broadcast_to(counts / counts.sum(), (len(features), classes))
    table = np.ones((data.symbols(), classes))
    np.add.at(table, (data.train[0][:, -1], targets), 1)
    return (table / table.sum(axis=1, keepdims=True))[features[:, -1]]


def lag_features(features: np.ndarray, symbols: int = 0) -> np.ndarray:
    """Features for methods that take one row an example: every value of every step, (n, time · features).

    Of ids (n, time), how often each of the `symbols` ids occurs, (n, symbols).
    """
    if features.dtype.kind == "f":
        return features.reshape(len(features), -1)
    counts = np.zeros((len(features), symbols), dtype=np.float32)
    np.add.at(counts, (np.arange(len(features))[:, None], features), 1)
    return counts


def _estimator(name: str, task: str) -> Any:
    from sklearn import ensemble, linear_model, multioutput, neighbors
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if name == "ridge":
        return make_pipeline(StandardScaler(), linear_model.RidgeCV(np.logspace(-3, 4, 8)))
    if name == "logistic regression":
        return make_pipeline(StandardScaler(), linear_model.LogisticRegression(max_iter=300))
    if name == "k-NN":
        kind = neighbors.KNeighborsRegressor if task == "regression" else neighbors.KNeighborsClassifier
        return make_pipeline(StandardScaler(), kind(n_neighbors=8))
    if task == "regression":
        return multioutput.MultiOutputRegressor(ensemble.HistGradientBoostingRegressor(random_state=0))
    return ensemble.HistGradientBoostingClassifier(random_state=0)


def _fitted(estimator: Any, data: Data, task: str, features: np.ndarray) -> np.ndarray:
    symbols = 0 if features.dtype.kind == "f" else data.symbols()
    chosen = np.unique(np.linspace(0, len(data.train[1]) - 1, MOST_EXAMPLES).astype(int))
    rows, targets = lag_features(data.train[0][chosen], symbols), data.train[1][chosen]
    if task == "regression":
        fitted = estimator.fit(rows, targets.reshape(len(targets), -1))
        return np.asarray(fitted.predict(lag_features(features, symbols))).reshape(len(features), *targets.shape[1:])
    fitted = estimator.fit(rows, targets)
    likely = np.zeros((len(features), data.outputs(task)))
    likely[:, fitted.classes_.astype(int)] = fitted.predict_proba(lag_features(features, symbols))
    return likely
