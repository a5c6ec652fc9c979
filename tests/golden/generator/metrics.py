"""Metrics over two updates, with and without sample weights and masks, and what "accuracy" means for which shapes."""
import keras
import numpy as np
import tensorflow as tf
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
    yield "TopKCategoricalAccuracy", {}, np.eye(5, dtype="float32")[labels], scores
    yield "SparseTopKCategoricalAccuracy", {"k": 2}, labels, scores
    yield "SparseTopKCategoricalAccuracy", {"k": 1}, tied_labels, tied
    yield "SparseTopKCategoricalAccuracy", {"k": 2}, tied_labels, tied
    yield "SparseTopKCategoricalAccuracy", {"k": 2}, labels, nan
    yield "SparseTopKCategoricalAccuracy", {"k": 2, "from_sorted_ids": True}, labels, np.argsort(-scores, axis=1).astype("float32")
    yield "SparseTopKCategoricalAccuracy", {"k": 1}, labels[:, None], scores[:, :1]

    # Means of losses, and of other functions.
    target, guess = grid(rng, (12, 3)), grid(rng, (12, 3))
    for name in ("MeanSquaredError", "MeanAbsoluteError", "RootMeanSquaredError", "MeanAbsolutePercentageError", "MeanSquaredLogarithmicError",
                 "LogCoshError", "CosineSimilarity", "PearsonCorrelation", "ConcordanceCorrelation"):
        yield name, {}, target, guess
    for name in ("MeanSquaredError", "RootMeanSquaredError"):
        yield name, {}, grid(rng, (12, 2, 3)), grid(rng, (12, 2, 3))
    yield "PearsonCorrelation", {"axis": 1}, grid(rng, (12, 4, 2)), grid(rng, (12, 4, 2))
    yield "ConcordanceCorrelation", {"axis": 1}, grid(rng, (12, 4, 2)), grid(rng, (12, 4, 2))
    onehot, p5 = np.eye(5, dtype="float32")[labels], scores / scores.sum(1, keepdims=True)
    yield "KLDivergence", {}, onehot, p5
    yield "Poisson", {}, onehot, scores
    yield "CategoricalHinge", {}, onehot, scores
    for name in ("Hinge", "SquaredHinge"):
        yield name, {}, wide_bits, wide_p
    yield "BinaryCrossentropy", {}, wide_bits, wide_p
    yield "BinaryCrossentropy", {"from_logits": True, "label_smoothing": 0.25}, wide_bits, wide_p
    yield "CategoricalCrossentropy", {}, onehot, p5
    yield "CategoricalCrossentropy", {"from_logits": True, "label_smoothing": 0.25}, onehot, scores
    yield "SparseCategoricalCrossentropy", {}, labels, p5
    yield "SparseCategoricalCrossentropy", {"from_logits": True, "ignore_class": 2}, labels, scores

    # Counts at thresholds. The predictions lie on multiples of 1/8: on thresholds, too.
    for name in ("TruePositives", "FalsePositives", "TrueNegatives", "FalseNegatives"):
        yield name, {}, bits, p
        yield name, {"thresholds": [0.75, 0.25]}, wide_bits, wide_p
    for name in ("Precision", "Recall"):
        for arguments in ({}, {"thresholds": 0.25}, {"thresholds": [0.0, 0.5, 1.0]}, {"thresholds": [0.25, 0.875, 0.5, 0.25]}, {"class_id": 1},
                          {"top_k": 2}, {"top_k": 1, "class_id": 0}, {"top_k": 2, "thresholds": [0.25, 0.75]}):
            yield name, arguments, wide_bits, wide_p
        yield name, {}, bits[:, 0], p
        yield name, {}, grid(rng, (12, 2, 2), 0, 1, 1), grid(rng, (12, 2, 2), 0, 1, 1 / 16)
        yield name, {}, bits * 0, p  # nothing is true
    fine, fine_bits = grid(rng, (12, 3), 0, 1, 1 / 1024), rng.integers(0, 2, (12, 3)).astype("float32")
    for name, option in (("SensitivityAtSpecificity", "specificity"), ("SpecificityAtSensitivity", "sensitivity"), ("PrecisionAtRecall", "recall"),
                         ("RecallAtPrecision", "precision")):
        for arguments in ({option: 0.5}, {option: 0.625, "num_thresholds": 5}, {option: 0.25, "num_thresholds": 1}, {option: 0.5, "class_id": 2}):
            yield name, arguments, fine_bits, fine
    for arguments in ([{"curve": c, "summation_method": m, "num_thresholds": 9} for c in ("ROC", "PR", "PRGAIN")
                       for m in ("interpolation", "minoring", "majoring")] +
                      [{}, {"curve": "PR"}, {"num_thresholds": 2}, {"thresholds": [0.75, 0.25, 0.375]}, {"thresholds": [0.25, 0.5, 0.75], "curve": "PR"},
                       {"label_weights": [1.0, 0.5, 2.0]}, {"multi_label": True, "num_labels": 3},
                       {"multi_label": True, "num_labels": 3, "label_weights": [1.0, 0.5, 2.0], "curve": "PR"},
                       {"multi_label": True, "num_labels": 3, "summation_method": "majoring", "thresholds": [0.25, 0.625]}]):
        yield "AUC", arguments, fine_bits, fine
    yield "AUC", {}, bits[:, 0], p
    yield "AUC", {"from_logits": True}, bits, grid(rng, (12, 1))

    # F scores, R2, intersections over unions.
    for average in (None, "micro", "macro", "weighted"):
        yield "F1Score", {"average": average}, onehot, scores
        yield "F1Score", {"average": average, "threshold": 0.5}, wide_bits, wide_p
        yield "FBetaScore", {"average": average, "beta": 0.5}, onehot, scores
        yield "FBetaScore", {"average": average, "beta": 2.0, "threshold": 0.25}, wide_bits, wide_p
    for arguments in ({}, {"class_aggregation": "variance_weighted_average"}, {"class_aggregation": None}, {"num_regressors": 2},
                      {"class_aggregation": None, "num_regressors": 4}, {"num_regressors": 40}):
        yield "R2Score", arguments, target, guess
    yield "R2Score", {}, target[:, :1], guess[:, :1]
    classes, answers = rng.integers(-1, 4, 12).astype("int32"), rng.integers(0, 3, 12).astype("int32")
    for arguments in ({"target_class_ids": [0, 2]}, {"target_class_ids": [1]}, {"target_class_ids": [0, 1, 2], "ignore_class": 1},
                      {"target_class_ids": [0, 2], "dtype": "float32"}):
        yield "IoU", {"num_classes": 3, **arguments}, classes, answers
    yield "MeanIoU", {"num_classes": 3}, classes, answers
    yield "MeanIoU", {"num_classes": 5, "ignore_class": 0}, classes, answers
    yield "MeanIoU", {"num_classes": 5, "sparse_y_pred": False}, classes, scores
    yield "BinaryIoU", {}, bits[:, 0], p[:, 0]
    yield "BinaryIoU", {"target_class_ids": [1], "threshold": 0.25}, bits[:, 0], p[:, 0]
    yield "OneHotIoU", {"num_classes": 5, "target_class_ids": [0, 3]}, onehot, scores
    yield "OneHotIoU", {"num_classes": 5, "target_class_ids": [0, 3], "sparse_y_pred": True}, onehot, answers
    yield "OneHotMeanIoU", {"num_classes": 5}, onehot, scores
    yield "OneHotMeanIoU", {"num_classes": 5, "ignore_class": 4}, onehot, scores


def updated(metric, y, p, weights, mask=None):
    """The results after the first 5 samples and after all 12."""
    results = []
    for part in (slice(0, 5), slice(5, 12)):
        y_pred = tf.constant(p[part])
        if mask is not None:
            keras.src.backend.set_keras_mask(y_pred, tf.constant(mask[part]))
        metric.update_state(y[part], y_pred, sample_weight=None if weights is None else weights[part])
        results.append(np.float32(metric.result().numpy()))
    return results


def values_metrics(weights):
    """Mean and Sum, which take values: after two updates."""
    values, out = grid(np.random.default_rng(13), (12, 2)), []
    for name in ("Mean", "Sum"):
        entry = {"class_name": name, "values": values, "config": keras.saving.serialize_keras_object(getattr(M, name)())["config"]}
        for key, w in (("results", None), ("results_weighted", weights)):
            m, entry[key] = getattr(M, name)(), []
            for part in (slice(0, 5), slice(5, 12)):
                m.update_state(values[part], sample_weight=None if w is None else w[part])
                entry[key].append(np.float32(m.result().numpy()))
        out.append(entry)
    return out


def make():
    weights = np.array([1, 0.5, 2, 0, 1.5, 0.25, 1, 1, 3, 0, 0.5, 1], "float32")
    mask = np.array([1, 1, 0, 1, 0, 1, 1, 0, 0, 1, 1, 1], "bool")
    out = []
    for name, arguments, y, p in cases():
        new = lambda: getattr(M, name)(**arguments)
        keras.backend.clear_session()  # names without numbers
        config = keras.saving.serialize_keras_object(new())["config"]
        if name == "AUC" and arguments.get("label_weights"):
            config["label_weights"] = arguments["label_weights"]
        entry = {"class_name": name, "arguments": arguments, "y_true": y, "y_pred": p, "config": config,
                 "higher_is_better": {"up": True, "down": False}.get(getattr(new(), "_direction", None)),
                 "results": updated(new(), y, p, None)}
        if y.ndim <= 2 or "Squared" in name or "Correlation" in name:  # Keras cannot stretch the weights of others
            entry["results_weighted"] = updated(new(), y, p, weights)
        if y.ndim <= 2:
            entry["results_masked"] = updated(new(), y, p, None, mask)
            entry["results_weighted_masked"] = updated(new(), y, p, weights, mask)
        out.append(entry)
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
        "about": "results after 5 samples and after all 12; weighted: update_state(sample_weight=...); masked: y_pred carries the mask",
        "sample_weight": weights, "mask": mask, "cases": out, "of_values": values_metrics(weights), "resolved": resolved, "log_names": names})


def keras_names(metrics):
    """The keys of History for a model compiled with these metrics."""
    m = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, "softmax")])
    m.compile("sgd", "sparse_categorical_crossentropy", metrics=metrics)
    x, y = np.zeros((4, 2), "float32"), np.zeros((4,), "int32")
    return m.fit(x, y, validation_data=(x, y), verbose=0).history
