"""Accuracies over two updates, with and without sample weights, and what "accuracy" means for which shapes."""
import keras
import numpy as np
from keras.src.trainers import compile_utils

from .common import grid, write

M = keras.metrics


def cases():
    rng = np.random.default_rng(11)
    labels, scores = rng.integers(0, 5, 12).astype("int32"), grid(rng, (12, 5), 0, 1, 1 / 1024)
    scores[np.arange(0, 12, 2), labels[::2]] += 1  # every other sample is surely right
    tied = np.array([[1, 1, 0], [0, 2, 2], [3, 3, 3], [0, 0, 1]] * 3, "float32")
    tied_labels = np.array([0, 1, 0, 2, 1, 2, 2, 2, 0, 1, 1, 0], "int32")
    bits, p = rng.integers(0, 2, (12, 1)).astype("float32"), grid(rng, (12, 1), 0, 1, 1 / 8)
    wide_bits, wide_p = rng.integers(0, 2, (12, 3)).astype("float32"), grid(rng, (12, 3), 0, 1, 1 / 8)
    nan = scores.copy()
    nan[3, 2] = np.nan
    yield "SparseCategoricalAccuracy", {}, labels, scores
    yield "SparseCategoricalAccuracy", {}, labels[:, None], scores
    yield "SparseCategoricalAccuracy", {}, tied_labels, tied
    yield "CategoricalAccuracy", {}, np.eye(5, dtype="float32")[labels], scores
    yield "CategoricalAccuracy", {}, np.eye(3, dtype="float32")[tied_labels], tied
    yield "BinaryAccuracy", {}, bits, p
    yield "BinaryAccuracy", {"threshold": 0.25}, bits, p
    yield "BinaryAccuracy", {}, wide_bits, wide_p
    yield "Accuracy", {}, labels, rng.integers(0, 5, 12).astype("int32")
    yield "TopKCategoricalAccuracy", {"k": 2}, np.eye(5, dtype="float32")[labels], scores
    yield "SparseTopKCategoricalAccuracy", {"k": 2}, labels, scores
    yield "SparseTopKCategoricalAccuracy", {"k": 2}, labels, nan
    for name in ("MeanSquaredError", "MeanAbsoluteError", "RootMeanSquaredError"):
        yield name, {}, grid(rng, (12, 3)), grid(rng, (12, 3))


def updated(metric, y, p, weights):
    """The results after the first 5 samples and after all 12."""
    results = []
    for part in (slice(0, 5), slice(5, 12)):
        metric.update_state(y[part], p[part], sample_weight=None if weights is None else weights[part])
        results.append(np.float32(metric.result().numpy()))
    return results


def make():
    weights = np.array([1, 0.5, 2, 0, 1.5, 0.25, 1, 1, 3, 0, 0.5, 1], "float32")
    out = []
    for name, arguments, y, p in cases():
        out.append({"class_name": name, "arguments": arguments, "y_true": y, "y_pred": p,
                    "results": updated(getattr(M, name)(**arguments), y, p, None),
                    "results_weighted": updated(getattr(M, name)(**arguments), y, p, weights)})
    resolved = []
    for y_shape, p_shape in (((4,), (4, 10)), ((4, 1), (4, 10)), ((4, 10), (4, 10)), ((4,), (4, 1)), ((4, 1), (4, 1)),
                             ((4, 2), (4, 2)), ((4, 7), (4, 7, 5)), ((4, 7, 1), (4, 7, 5)), ((4, 7, 5), (4, 7, 5)),
                             ((4, 7, 1), (4, 7, 1)), ((4, 1), (4, 2))):
        y, p = np.zeros(y_shape, "float32"), np.zeros(p_shape, "float32")
        loss = compile_utils.get_loss("crossentropy", y, p)
        resolved.append({"y_true": list(y_shape), "y_pred": list(p_shape),
                         "accuracy": type(compile_utils.get_metric("accuracy", y, p)).__name__,
                         "crossentropy": getattr(getattr(loss, "fn", loss), "__name__", None)})
    names = [{"given": list(given), "logs": list(keras_names(given))}
             for given in (["accuracy"], ["acc"], ["accuracy", "sparse_categorical_crossentropy"], [M.SparseCategoricalAccuracy()],
                           [M.SparseCategoricalAccuracy(name="top"), "accuracy"], ["accuracy", "accuracy"])]
    for entry in names:
        entry["given"] = [g if isinstance(g, str) else f"{type(g).__name__}(name={g.name})" for g in entry["given"]]
    write("metrics.json", {
        "about": "results after 5 samples and after all 12; weighted: update_state(sample_weight=...)",
        "sample_weight": weights, "cases": out, "resolved": resolved, "log_names": names})


def keras_names(metrics):
    """The keys of History for a model compiled with these metrics."""
    m = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, "softmax")])
    m.compile("sgd", "sparse_categorical_crossentropy", metrics=metrics)
    x, y = np.zeros((4, 2), "float32"), np.zeros((4,), "int32")
    return m.fit(x, y, validation_data=(x, y), verbose=0).history
