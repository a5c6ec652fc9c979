"""fit and evaluate with all that compile takes: several inputs and outputs, losses and metrics of each, weights, masks.

Each case holds the model and its compile configuration as Keras writes them, what it was fed, and what came out: the history of
two epochs (unshuffled), evaluate, predictions and weights. cornu reads the configurations and must come to the same numbers.
"""
import json

import keras
import numpy as np

from .common import GOLDEN, grid, write

L = keras.layers
# Batches of one size: on TensorFlow, which leaves that size open, Keras means the losses of outputs over batches, not samples.
SAMPLES, BATCH, EPOCHS = 8, 4, 2


def two(regularizer=None):
    """Two inputs, a classifier and a regression."""
    a, b = keras.Input((4,), name="a"), keras.Input((3,), name="b")
    h = L.Dense(5, activation="tanh", name="hidden", kernel_regularizer=regularizer)(L.Concatenate(name="both")([a, b]))
    return keras.Model([a, b], [L.Dense(3, activation="softmax", name="kind")(h), L.Dense(2, name="size")(h)], name="two")


def one():
    return keras.Sequential([keras.Input((4,)), L.Dense(3, activation="softmax", name="dense")], name="one")


def steps():
    """A prediction for each step; steps of index 0 are masked."""
    x = keras.Input((5,), dtype="int32", name="words")
    h = L.Embedding(7, 4, mask_zero=True, name="embedding")(x)
    return keras.Model(x, L.Dense(3, activation="softmax", name="tag")(h), name="steps")


def steps_and_whole():
    x = keras.Input((5,), dtype="int32", name="words")
    h = L.Embedding(7, 4, mask_zero=True, name="embedding")(x)
    last = L.LSTM(3, name="lstm")(h)
    return keras.Model(x, [L.Dense(3, activation="softmax", name="tag")(h), L.Dense(1, name="score")(last)], name="steps_and_whole")


def plain_steps():
    x = keras.Input((5, 2), name="signal")
    return keras.Model(x, L.Dense(2, name="out")(x), name="plain_steps")


def data(make):
    rng = np.random.default_rng(20)
    classes, words = rng.integers(0, 3, SAMPLES).astype("int32"), rng.integers(0, 7, (SAMPLES, 5)).astype("int32")
    words[0] = 0  # a row without a step that counts
    tags = rng.integers(0, 3, (SAMPLES, 5)).astype("int32")
    if make is two:
        return [grid(rng, (SAMPLES, 4)), grid(rng, (SAMPLES, 3))], [classes, grid(rng, (SAMPLES, 2))]
    if make is one:
        return [grid(rng, (SAMPLES, 4))], [classes]
    if make is steps:
        return [words], [tags]
    if make is steps_and_whole:
        return [words], [tags, grid(rng, (SAMPLES, 1))]
    return [grid(rng, (SAMPLES, 5, 2))], [grid(rng, (SAMPLES, 5, 2))]


def weight(*shape):
    return np.abs(grid(np.random.default_rng(sum(shape)), shape, 0, 2, 1 / 8))


SPARSE = "sparse_categorical_crossentropy"


def cases():
    each, stepwise = weight(SAMPLES), weight(SAMPLES, 5)
    lo = keras.losses
    yield "lists", two, dict(loss=[SPARSE, "mse"], loss_weights=[1.0, 0.5], metrics=["accuracy", "mae"]), {}
    yield "metric_lists", two, dict(loss=[SPARSE, "mse"], metrics=[["accuracy"], ["mae", "mse"]], weighted_metrics=[["accuracy"], ["mae"]]), dict(sample_weight=each)
    yield "maps", two, dict(loss={"kind": SPARSE, "size": "mae"}, loss_weights={"kind": 2.0, "size": 0.25},
                            metrics={"size": ["mae", "mse", "mae"]}), {}
    yield "no_loss_of_one", two, dict(loss={"kind": SPARSE, "size": None}, metrics={"kind": ["accuracy"]}), {}
    yield "no_loss_in_list", two, dict(loss=[None, "mse"], metrics=[["accuracy"], None]), {}
    yield "weights_of_each", two, dict(loss=[SPARSE, "mse"], weighted_metrics=[["accuracy"], ["mse"]]), dict(sample_weight=[each, each[::-1].copy()])
    yield "loss_objects", two, dict(loss=[lo.SparseCategoricalCrossentropy(reduction="sum"), lo.MeanSquaredError(reduction="mean_with_sample_weight")]), dict(sample_weight=each)
    yield "penalties", lambda: two("l2"), dict(loss=[SPARSE, "mse"]), {}
    yield "one_weighted", one, dict(loss=SPARSE, metrics=["accuracy"], weighted_metrics=["accuracy", SPARSE]), dict(sample_weight=each)
    yield "class_weight", one, dict(loss=SPARSE, weighted_metrics=["accuracy"]), dict(class_weight={0: 0.5, 2: 3.0})
    yield "mask", steps, dict(loss=SPARSE, metrics=["accuracy"], weighted_metrics=[SPARSE]), {}
    yield "mask_and_steps_weighted", steps, dict(loss=SPARSE, metrics=["accuracy"], weighted_metrics=["accuracy"]), dict(sample_weight=stepwise)
    yield "mask_sum", steps, dict(loss=lo.SparseCategoricalCrossentropy(reduction="sum")), {}
    yield "mask_weighted_mean", steps, dict(loss=lo.SparseCategoricalCrossentropy(reduction="mean_with_sample_weight")), dict(sample_weight=stepwise)
    yield "mask_of_one_output", steps_and_whole, dict(loss=[SPARSE, "mse"], metrics=[["accuracy"], ["mae"]]), {}
    yield "steps_weighted", plain_steps, dict(loss="mse", metrics=["mae"], weighted_metrics=["mae"]), dict(sample_weight=stepwise)
    yield "samples_weighted", plain_steps, dict(loss="mae"), dict(sample_weight=weight(SAMPLES, 1))
    yield "averages", one, dict(loss=SPARSE, optimizer=keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.75)), {}
    yield "accumulated", one, dict(loss=SPARSE, optimizer=keras.optimizers.SGD(0.1, gradient_accumulation_steps=2)), {}
    yield "scaled", one, dict(loss=SPARSE, optimizer=keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.1), initial_scale=256.0)), {}


def several(values):
    return list(values) if isinstance(values, (list, tuple)) else [values]


def make():
    all_cases = {}
    for name, build, compile_options, fit_options in cases():
        model = build()
        rng = np.random.default_rng(5)
        model.set_weights([grid(rng, w.shape, -0.5, 0.5, 1 / 64) for w in model.get_weights()])
        model.compile(**{"optimizer": keras.optimizers.SGD(0.1), **compile_options})
        base = {"two": two, "one": one, "steps": steps, "steps_and_whole": steps_and_whole, "plain_steps": plain_steps}[model.name]
        x, y = data(base)
        given = lambda v: v if len(v) > 1 else v[0]
        before = model.get_weights()
        history = model.fit(given(x), given(y), epochs=EPOCHS, batch_size=BATCH, shuffle=False, verbose=0, **fit_options)
        weights = {"sample_weight": fit_options["sample_weight"]} if "sample_weight" in fit_options else {}
        listed = model.evaluate(given(x), given(y), batch_size=BATCH, verbose=0, **weights)
        named = model.evaluate(given(x), given(y), batch_size=BATCH, verbose=0, return_dict=True, **weights)
        config = model.get_compile_config()
        all_cases[name] = {
            "model": json.loads(model.to_json()), "compile": config, "weights": before, "x": x, "y": y,
            "sample_weight": several(fit_options.get("sample_weight", [])),
            "class_weight": {str(k): v for k, v in fit_options.get("class_weight", {}).items()},
            "history": history.history, "evaluate": named, "evaluate_list": several(listed),
            "predict": several(model.predict(given(x), verbose=0)), "weights_after": model.get_weights(),
            "iterations": int(model.optimizer.iterations),
        }
    write("training.json", all_cases)
