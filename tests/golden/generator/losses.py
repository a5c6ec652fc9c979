"""Losses on fixed inputs, with and without sample weights and masks, their gradients and configs; float32 and float64."""
import keras
import numpy as np
import tensorflow as tf

from .common import grid, write

L = keras.losses


def inputs():
    rng = np.random.default_rng(7)
    logits = grid(rng, (6, 4), -3, 3)
    exp = np.exp(logits.astype("float64"))
    probabilities = (exp / exp.sum(1, keepdims=True)).astype("float32")
    raw = grid(rng, (6, 4), 0.125, 2)            # positive, rows do not sum to 1: what a layer without softmax may give
    edge = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0.5, 0.5, 0, 0], [0, 0, 0, 1], [1e-9, 1, 0, 0], [0.25] * 4], "float32")
    labels = np.array([0, 3, 1, 2, 0, 2], "int32")
    onehot = np.eye(4, dtype="float32")[labels]
    soft = grid(rng, (6, 4), 0.125, 1)
    soft = (soft / soft.sum(1, keepdims=True)).astype("float32")
    binary_logits = grid(rng, (6, 2), -3, 3)
    binary = (1 / (1 + np.exp(-binary_logits.astype("float64")))).astype("float32")
    binary_edge = np.array([[0, 1], [1, 0], [0.5, 0], [1, 1], [1e-9, 1], [0, 0.5]], "float32")
    bits = rng.integers(0, 2, (6, 2)).astype("float32")
    target, guess = grid(rng, (6, 3)), grid(rng, (6, 3))
    wide = np.array([[100, -100, 0, 1], [-200, 0, 0, 0], [0, 0, 0, 50], [5, 5, 5, 5], [88, 0, 0, 0], [0, -88, 0, 0]], "float32")
    steps, step_labels = grid(rng, (6, 3, 4), -3, 3), rng.integers(0, 4, (6, 3)).astype("int32")
    step_exp = np.exp(steps.astype("float64"))
    step_probabilities = (step_exp / step_exp.sum(-1, keepdims=True)).astype("float32")
    embeddings = grid(rng, (6, 5), -1, 1)
    embeddings = (embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)).astype("float32")
    spoken = grid(rng, (6, 7, 4), -2, 2)
    sign = np.where(bits > 0, 1.0, -1.0).astype("float32")
    return locals()


def cases(d):
    """(class, arguments, y_true, y_pred, what y_pred is)"""
    sparse, categorical, binary = "SparseCategoricalCrossentropy", "CategoricalCrossentropy", "BinaryCrossentropy"
    both = [("labels", sparse), ("onehot", categorical), ("soft", categorical)]
    for y, name in both:
        yield name, {"from_logits": True}, d[y], d["logits"], "logits"
        yield name, {"from_logits": True}, d[y], d["wide"], "logits far apart"
        yield name, {}, d[y], d["probabilities"], "probabilities"
        yield name, {}, d[y], d["raw"], "positive numbers that do not sum to 1"
        yield name, {}, d[y], d["edge"], "probabilities of exactly 0 and 1: clipped"
    for from_logits, p in ((True, "logits"), (False, "probabilities")):
        yield categorical, {"from_logits": from_logits, "label_smoothing": 0.1}, d["onehot"], d[p], p
        yield binary, {"from_logits": from_logits}, d["bits"], d["binary_logits" if from_logits else "binary"], p
        yield binary, {"from_logits": from_logits, "label_smoothing": 0.2}, d["bits"], d["binary_logits" if from_logits else "binary"], p
    yield binary, {}, d["bits"], d["binary_edge"], "probabilities of exactly 0 and 1: clipped"
    ignored = d["labels"].copy()
    ignored[1] = -1
    yield sparse, {"from_logits": True, "ignore_class": -1}, ignored, d["logits"], "logits"
    for name, arguments in (("MeanSquaredError", {}), ("MeanAbsoluteError", {}), ("Huber", {}), ("Huber", {"delta": 0.5}),
                            ("MeanAbsolutePercentageError", {}), ("MeanSquaredLogarithmicError", {}), ("LogCosh", {}),
                            ("CosineSimilarity", {}), ("CosineSimilarity", {"axis": 0})):
        yield name, arguments, d["target"], d["guess"], "numbers"
    for name in ("Hinge", "SquaredHinge"):
        yield name, {}, d["sign"], d["binary_logits"], "scores, labels -1 and 1"
        yield name, {}, d["bits"], d["binary_logits"], "scores, labels 0 and 1"
        yield name, {}, np.where(d["bits"] > 0, 1, 0.5).astype("float32"), d["binary_logits"], "scores, other labels"
    yield "CategoricalHinge", {}, d["onehot"], d["logits"], "scores"
    yield "KLDivergence", {}, d["soft"], d["probabilities"], "probabilities"
    yield "KLDivergence", {}, d["onehot"], d["edge"], "probabilities of exactly 0 and 1: clipped"
    yield "Poisson", {}, d["soft"], d["raw"], "rates"

    focal, categorical_focal, generalized = "BinaryFocalCrossentropy", "CategoricalFocalCrossentropy", "CategoricalGeneralizedCrossEntropy"
    for arguments in ({}, {"apply_class_balancing": True}, {"apply_class_balancing": True, "alpha": 0.75, "gamma": 3.0},
                      {"gamma": 1.5, "label_smoothing": 0.1}):
        yield focal, arguments, d["bits"], d["binary"], "probabilities"
    yield focal, {"from_logits": True}, d["bits"], d["binary_logits"], "logits"
    for arguments in ({}, {"alpha": 0.5, "gamma": 1.0}, {"label_smoothing": 0.1}):
        yield categorical_focal, arguments, d["onehot"], d["probabilities"], "probabilities"
    yield categorical_focal, {"from_logits": True}, d["onehot"], d["logits"], "logits"
    yield categorical_focal, {}, d["soft"], d["raw"], "positive numbers that do not sum to 1"
    for arguments in ({}, {"q": 0.75}):
        yield generalized, arguments, d["labels"], d["probabilities"], "probabilities"

    for name, arguments in (("Dice", {}), ("Dice", {"axis": -1}), ("Dice", {"axis": [1]}), ("Tversky", {}), ("Tversky", {"alpha": 0.25, "beta": 0.75, "axis": [1]})):
        yield name, arguments, d["bits"], d["binary"], "probabilities"

    # Sequences and images: one number for each step or pixel; other axes than the last.
    steps, one_hot_steps = d["steps"], np.eye(4, dtype="float32")[d["step_labels"]]
    yield sparse, {"from_logits": True}, d["step_labels"], steps, "logits of steps"
    yield sparse, {"from_logits": True, "ignore_class": 2}, d["step_labels"], steps, "logits of steps"
    yield sparse, {"ignore_class": 0}, d["step_labels"], d["step_probabilities"], "probabilities of steps"
    yield categorical, {"from_logits": True}, one_hot_steps, steps, "logits of steps"
    first = lambda x: np.ascontiguousarray(np.moveaxis(x, -1, 1))
    yield categorical, {"from_logits": True, "axis": 1}, first(one_hot_steps), first(steps), "logits, classes on axis 1"
    yield categorical, {"axis": 1}, first(one_hot_steps), first(d["step_probabilities"]), "probabilities, classes on axis 1"
    yield categorical_focal, {"axis": 1}, first(one_hot_steps), first(d["step_probabilities"]), "probabilities, classes on axis 1"
    yield binary, {"axis": 1}, one_hot_steps, d["step_probabilities"], "probabilities, mean over axis 1"
    yield focal, {"axis": 1}, one_hot_steps, d["step_probabilities"], "probabilities, mean over axis 1"
    yield "MeanSquaredError", {}, one_hot_steps, steps, "numbers of steps"
    yield "Tversky", {"axis": [1, 2]}, one_hot_steps, d["step_probabilities"], "probabilities of pixels"
    yield "Dice", {"axis": [1, 2]}, one_hot_steps, d["step_probabilities"], "probabilities of pixels"

    for arguments in ({}, {"gamma": 20.0, "margin": 0.25}, {"remove_diagonal": False}):
        yield "Circle", arguments, np.array([0, 1, 0, 2, 1, 1], "int32"), d["embeddings"], "embeddings; the class 2 has one sample"
    yield "CTC", {}, np.array([[1, 2, 3], [2, 2, 0], [1, 0, 0], [3, 1, 3], [1, 1, 1], [0, 0, 0]], "int32"), d["spoken"], "logits of steps"
    yield "CTC", {}, np.array([[1], [2], [3], [1], [2], [0]], "int32"), d["spoken"][:, :1], "logits of one step"


def evaluate(loss, y_true, y_pred, weights, dtype, mask=None):
    p = tf.constant(y_pred.astype(dtype))
    if mask is not None:
        keras.src.backend.set_keras_mask(p, tf.constant(mask))
    w = None if weights is None else weights.astype(dtype)
    y = y_true if y_true.dtype.kind == "i" else y_true.astype(dtype)
    with tf.GradientTape() as tape:
        tape.watch(p)
        value = loss(y, p, sample_weight=w)
        total = tf.reduce_sum(value)
    return value.numpy(), tape.gradient(total, p).numpy()


def make():
    d = inputs()
    weights = np.array([1, 0.5, 2, 0, 1.5, 0.25], "float32")
    step_weights = grid(np.random.default_rng(8), (6, 3), 0, 2)
    out = []
    for name, arguments, y_true, y_pred, kind in cases(d):
        entry = {"class_name": name, "arguments": arguments, "y_pred_is": kind, "y_true": y_true, "y_pred": y_pred,
                 "config": keras.saving.serialize_keras_object(getattr(L, name)(**arguments))["config"]}
        for dtype in ("float32", "float64"):
            keras.config.set_floatx(dtype)
            reduced = lambda r: getattr(L, name)(reduction=r, **arguments)
            values = evaluate(reduced("none"), y_true, y_pred, None, dtype)[0]
            w = step_weights if values.shape == (6, 3) else weights[:values.shape[0]] if values.ndim == 1 else weights
            fits = values.shape in ((6, 3), (6,), ())  # others: no weights
            mask = None if values.ndim == 0 or not fits else (w > 0.25)
            e = entry[dtype] = {"per_sample": values}
            for reduction in ("sum_over_batch_size", "sum", "mean_with_sample_weight"):
                e[reduction] = evaluate(reduced(reduction), y_true, y_pred, None, dtype)[0]
                if fits:
                    e[reduction + "_weighted"] = evaluate(reduced(reduction), y_true, y_pred, w, dtype)[0]
                if mask is not None:
                    e[reduction + "_masked"] = evaluate(reduced(reduction), y_true, y_pred, None, dtype, mask)[0]
                    e[reduction + "_weighted_masked"] = evaluate(reduced(reduction), y_true, y_pred, w, dtype, mask)[0]
            e["gradient"] = evaluate(reduced("sum_over_batch_size"), y_true, y_pred, None, dtype)[1]
            if fits:
                e["gradient_weighted"] = evaluate(reduced("sum_over_batch_size"), y_true, y_pred, w, dtype)[1]
            entry["sample_weight"], entry["mask"] = (w if fits else None), mask
        out.append(entry)
    keras.config.set_floatx("float32")
    write("losses.json", {
        "about": "keras.losses objects on plain arrays: the clipped forms, no softmax layer in front; gradient is d loss / d y_pred "
                 "for sum_over_batch_size; masked: y_pred carries the mask",
        "cases": out})
    write("fused_crossentropy.json", fused(d))


def fused(d):
    """A loss behind an activation: TensorFlow's backend takes the logits from softmax and sigmoid, so nothing is clipped."""
    out = []
    plan = [("softmax", "SparseCategoricalCrossentropy", "labels", "logits"), ("softmax", "SparseCategoricalCrossentropy", "labels", "wide"),
            ("softmax", "CategoricalCrossentropy", "soft", "logits"), ("softmax", "CategoricalCrossentropy", "onehot", "wide"),
            ("sigmoid", "BinaryCrossentropy", "bits", "binary_logits")]
    for activation, name, y, p in plan:
        logits = tf.constant(d[p].astype("float64"))
        with tf.GradientTape() as tape:
            tape.watch(logits)
            loss = getattr(L, name)()(d[y], getattr(keras.activations, activation)(logits))
        with tf.GradientTape() as tape32:
            logits32 = tf.constant(d[p])
            tape32.watch(logits32)
            loss32 = getattr(L, name)()(d[y], getattr(keras.activations, activation)(logits32))
        out.append({"activation": activation, "class_name": name, "y_true": d[y], "logits": d[p],
                    "loss": loss.numpy(), "gradient": tape.gradient(loss, logits).numpy(),
                    "loss_float32": loss32.numpy(), "gradient_float32": tape32.gradient(loss32, logits32).numpy()})
    return {"about": "loss(y_true, activation(logits)) and d loss / d logits, in float64 and float32", "cases": out}
