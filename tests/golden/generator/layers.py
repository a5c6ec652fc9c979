"""Layers on fixed inputs at inference: output, output shape, parameters, losses added by regularizers, and the config."""
import json

import keras
import numpy as np

from .common import grid, write

L, R = keras.layers, keras.regularizers


def dense_cases():
    """(arguments, input shape without the batch axis)"""
    yield {"units": 3}, (4,)
    for activation in ("relu", "softmax", "sigmoid", "tanh", "linear", "gelu", "log_softmax"):
        yield {"units": 3, "activation": activation}, (4,)
    yield {"units": 3, "use_bias": False}, (4,)
    yield {"units": 3, "bias_initializer": keras.initializers.Constant(0.5)}, (4,)
    yield {"units": 3, "kernel_initializer": "ones", "bias_initializer": "ones"}, (4,)
    yield {"units": 3, "kernel_regularizer": R.L2(0.01), "bias_regularizer": R.L1(0.1)}, (4,)
    yield {"units": 3, "kernel_regularizer": R.L1L2(0.1, 0.2)}, (4,)
    yield {"units": 3, "kernel_regularizer": "l2"}, (4,)
    yield {"units": 3, "activation": "relu", "activity_regularizer": R.L2(0.25)}, (4,)
    yield {"units": 3, "kernel_constraint": keras.constraints.MaxNorm(0.5)}, (4,)
    yield {"units": 1}, (4,)
    yield {"units": 3, "activation": "relu"}, (2, 4)
    yield {"units": 2, "name": "head", "trainable": False}, (2, 2, 3)


def other_cases():
    for shape in ((4,), (2, 3), (2, 3, 2), ()):
        yield "Flatten", {}, shape
    yield "Flatten", {"data_format": "channels_first"}, (2, 3, 2)
    for shape, target in (((12,), (3, 4)), ((12,), (-1, 2)), ((3, 4), (12,)), ((3, 4), (2, -1, 3)), ((12,), (12,))):
        yield "Reshape", {"target_shape": target}, shape
    for arguments in ({"scale": 0.25}, {"scale": 1 / 127.5, "offset": -1.0}, {"scale": [1.0, 2.0, 0.5], "offset": [0.0, 1.0, -1.0]}):
        yield "Rescaling", arguments, (2, 3)
    yield "Dropout", {"rate": 0.5}, (4,)
    yield "Dropout", {"rate": 0.0}, (4,)
    yield "Dropout", {"rate": 0.25, "noise_shape": (None, 1), "seed": 7}, (4,)
    for activation in ("relu", "softmax", "silu"):
        yield "Activation", {"activation": activation}, (4,)


def config(layer):
    """The layer's config as to_json writes it (no Python objects)."""
    return json.loads(json.dumps(keras.saving.serialize_keras_object(layer)))


def make():
    rng = np.random.default_rng(13)
    out = []
    for name, arguments, shape in [("Dense", a, s) for a, s in dense_cases()] + list(other_cases()):
        keras.backend.clear_session()
        layer = getattr(L, name)(**arguments)
        x = grid(rng, (3,) + shape)
        layer.build((None,) + shape)
        entry = {"class_name": name, "given": config(layer)["config"], "x": x}
        if name == "Dense":
            if "ones" not in arguments.values():
                layer.set_weights([grid(rng, w.shape, -1, 1) for w in layer.get_weights()])
            entry["weights"] = {v.name: v.numpy() for v in layer.weights}
        entry["y"] = layer(x, training=False).numpy() if name == "Dropout" else layer(x).numpy()
        entry["output_shape"] = list(layer.compute_output_shape((None,) + shape))
        entry["params"] = layer.count_params()
        entry["trainable"] = len(layer.trainable_weights)
        entry["losses"] = [v.numpy() for v in layer.losses]
        entry["serialized"] = config(layer)
        out.append(entry)
    write("layers.json", {
        "about": "y = layer(x) at inference; losses: regularizers (and the activity regularizer of this call, divided by the batch)",
        "cases": out, "dropout_training": dropout()})


def dropout():
    """Dropout in training: the share of zeros and the one other value, over 200,000 elements."""
    out = []
    for rate in (0.1, 0.5, 0.9):
        y = L.Dropout(rate, seed=1)(np.ones((1000, 200), "float32"), training=True).numpy()
        out.append({"rate": rate, "share_of_zeros": float(np.mean(y == 0)), "kept_value": y.max(), "mean": float(y.mean())})
    return out
