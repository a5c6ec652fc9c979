"""What is done to weights: constraints and regularizers on a matrix and a convolution kernel, with gradients; STFT kernels, windows."""
import json

import keras
import numpy as np
import scipy.signal
import tensorflow as tf

from .common import grid, write

C, R, I = keras.constraints, keras.regularizers, keras.initializers


def config(o):
    return json.loads(json.dumps(keras.saving.serialize_keras_object(o)))


def constraints():
    for axis in (0, 1, [0, 1]):
        yield C.MaxNorm(0.75, axis=axis)
        yield C.UnitNorm(axis=axis)
        yield C.MinMaxNorm(min_value=0.5, max_value=1.0, rate=0.75, axis=axis)
    yield C.MaxNorm()
    yield C.MinMaxNorm()
    yield C.NonNeg()


def regularizers():
    yield R.L1(0.25)
    yield R.L2(0.5)
    yield R.L1L2(0.25, 0.5)
    yield R.OrthogonalRegularizer()
    yield R.OrthogonalRegularizer(factor=0.5, mode="columns")
    yield R.OrthogonalRegularizer(0.5, "rows")


def slope(f, x, upstream=None):
    x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    return y.numpy(), tape.gradient(y, x).numpy()


def make():
    rng = np.random.default_rng(31)
    matrix, kernel = grid(rng, (4, 3)) + np.float32(1 / 128), grid(rng, (2, 3, 2)) + np.float32(1 / 128)
    projected = [{"serialized": config(c), "matrix": c(matrix.astype("float64")).numpy(), "kernel": c(kernel.astype("float64")).numpy()} for c in constraints()]
    penalties = []
    for r in regularizers():
        value, gradient = slope(r, matrix)
        penalties.append({"serialized": config(r), "value": value, "gradient": gradient})
    stft = []
    for arguments in ({}, {"side": "imag"}, {"window": "hamming", "scaling": "spectrum"}, {"window": None, "side": "imag"}, {"window": [1.0, 2.0, 3.0, 2.0, 1.0]},
                      {"window": "blackman", "scaling": None, "periodic": True}):
        o = I.STFT(**arguments)
        stft.append({"serialized": config(o), "values": o((5, 1, 4), dtype="float64").numpy()})
    windows = [{"name": name, "size": n, "periodic": periodic, "values": scipy.signal.get_window(name, n, periodic)}
               for name in ("boxcar", "hann", "hamming", "blackman", "nuttall", "blackmanharris", "flattop", "bartlett", "triang", "cosine", "bohman", "parzen")
               for n in (1, 5, 8) for periodic in (False, True)]
    write("weights.json", {"matrix": matrix, "kernel": kernel, "constraints": projected, "regularizers": penalties, "stft": stft, "windows": windows})
