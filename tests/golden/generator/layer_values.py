"""Any layer on fixed inputs: outputs, gradients of a weighted sum of them, updated states, masks, penalties, config.

A family's cases are a module of layer_cases/ with cases(), a generator of case(...); they go to layers/<family>.json.
"""
import importlib
import json
import pkgutil

import keras
import numpy as np
import tensorflow as tf

from . import layer_cases
from .common import grid, write

L = keras.layers
BATCH = 3


def case(layer, *inputs, training=False, masks=None, call=None, apply=None, smooth=True, by_row=True, about=""):
    """One case. inputs: a shape without the batch axis (filled with odd multiples of 1/128, so that nothing lies on a kink),
    or an array with it. masks: one array or None for each input. call: keyword arguments of call(); arrays and lists of arrays
    are tensors. apply: how to call it, default layer(x) or layer([x, ...]). smooth=False: no numeric gradient check.
    by_row=False: samples of a batch depend on each other."""
    return {"layer": layer, "inputs": inputs, "training": training, "masks": masks, "call": call or {}, "apply": apply,
            "smooth": smooth, "by_row": by_row, "about": about}


def fill(rng, shape):
    return grid(rng, shape, -1.5, 1.5) + np.float32(1 / 128)


def weight(rng, variable):
    value = grid(rng, variable.shape, -0.75, 0.75)
    return np.abs(value) + 0.5 if "variance" in variable.name else value


def config(layer):
    """The layer's object dict as to_json writes it (no Python objects)."""
    return json.loads(json.dumps(keras.saving.serialize_keras_object(layer)))


def tensors(v):
    if isinstance(v, np.ndarray):
        return tf.constant(v)
    return [tensors(x) for x in v] if isinstance(v, (list, tuple)) and v and isinstance(v[0], np.ndarray) else v


def run(c, rng):
    layer = c["layer"]
    arrays = [fill(rng, (BATCH,) + x) if isinstance(x, tuple) else np.asarray(x) for x in c["inputs"]]
    masks = c["masks"] or [None] * len(arrays)
    call = {k: tensors(v) for k, v in c["call"].items()}
    values = {k: v for k, v in c["call"].items() if tensors(v) is not v}

    def apply(xs):
        for x, mask in zip(xs, masks):
            if mask is not None:
                keras.src.backend.set_keras_mask(x, tf.constant(mask))
        if c["apply"]:
            return c["apply"](layer, xs, **call)
        keywords = dict(call)
        if layer._call_has_training_arg:
            keywords.setdefault("training", c["training"])
        return layer(xs[0] if len(xs) == 1 else xs, **keywords)

    apply([tf.constant(a) for a in arrays])  # builds it
    for v in layer.weights:
        if np.issubdtype(v.dtype, np.floating):
            v.assign(weight(rng, v))
    if isinstance(layer, L.Normalization):
        layer.finalize_state()  # it keeps constants made of its weights
    entry = {"about": c["about"], "class_name": type(layer).__name__, "training": c["training"], "smooth": c["smooth"],
             "by_row": c["by_row"], "serialized": config(layer), "inputs": arrays, "dtypes": [str(a.dtype) for a in arrays],
             "masks": [None if m is None else np.asarray(m) for m in masks],
             "call_values": {k: v if isinstance(v, (list, tuple)) else [v] for k, v in values.items()},
             "call_options": {k: v for k, v in c["call"].items() if k not in values},
             "weights": [{"path": v.path, "trainable": bool(v.trainable), "value": v.numpy(), "shape": list(v.shape)} for v in layer.weights]}
    xs = [tf.constant(a) for a in arrays]
    with_respect_to = [x for x in xs if x.dtype.is_floating]
    with tf.GradientTape() as tape:
        for x in with_respect_to:
            tape.watch(x)
        outputs = [y for y in tf.nest.flatten(apply(xs)) if y is not None]
        seeds = [fill(rng, y.shape) for y in outputs]
        total = sum((tf.reduce_sum(y * s) for y, s in zip(outputs, seeds) if y.dtype.is_floating), tf.constant(0.0))
    trained = [v for v in layer.weights if v.trainable]
    slopes = tape.gradient(total, with_respect_to + [v.value for v in trained])
    slopes = [None if g is None else tf.convert_to_tensor(g).numpy() for g in slopes]
    mask = getattr(outputs[0], "_keras_mask", None)
    entry |= {"outputs": [y.numpy() for y in outputs], "output_shapes": [list(y.shape) for y in outputs], "seeds": seeds,
              "input_gradients": slopes[:len(with_respect_to)], "weight_gradients": slopes[len(with_respect_to):],
              "mask": None if mask is None else mask.numpy(), "losses": [v.numpy() for v in layer.losses],
              "updated": {v.path: v.numpy() for v in layer.weights if not v.trainable} if c["training"] else {}}
    return entry


def families():
    return sorted(m.name for m in pkgutil.iter_modules(layer_cases.__path__))


def make(family=None):
    for name in [family] if family else families():
        rng = np.random.default_rng(17)
        out = []
        keras.backend.clear_session()
        for c in importlib.import_module(f"generator.layer_cases.{name}").cases():
            out.append(run(c, rng))
            keras.backend.clear_session()
        write(f"layers/{name}.json", {"cases": out})
