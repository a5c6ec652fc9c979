"""Every activation: values and derivatives, computed by Keras in float64 on inputs that float32 holds exactly."""
import keras
import numpy as np
import tensorflow as tf

from .common import grid, write

A = keras.activations

# name, arguments, the places where the derivative jumps (there the value is compared, the derivative is a convention)
POINTWISE = [
    ("linear", {}, []), ("relu", {}, [0]), ("relu", {"negative_slope": 0.25, "max_value": 4.0, "threshold": 1.0}, [1, 4]),
    ("relu", {"max_value": 2.0}, [0, 2]), ("relu6", {}, [0, 6]), ("leaky_relu", {}, [0]),
    ("leaky_relu", {"negative_slope": 0.5}, [0]), ("elu", {}, []), ("elu", {"alpha": 0.5}, [0]), ("selu", {}, [0]),
    ("celu", {}, []), ("celu", {"alpha": 2.0}, []), ("gelu", {}, []), ("gelu", {"approximate": True}, []),
    ("sigmoid", {}, []), ("hard_sigmoid", {}, [-3, 3]), ("log_sigmoid", {}, []), ("tanh", {}, []),
    ("hard_tanh", {}, [-1, 1]), ("tanh_shrink", {}, []), ("softplus", {}, []), ("softsign", {}, [0]),
    ("exponential", {}, []), ("silu", {}, []), ("swish", {}, []), ("hard_silu", {}, [-3, 3]), ("hard_swish", {}, [-3, 3]),
    ("mish", {}, []), ("squareplus", {}, []), ("squareplus", {"b": 1.0}, []), ("soft_shrink", {}, [-0.5, 0.5]),
    ("soft_shrink", {"threshold": 1.0}, [-1, 1]), ("hard_shrink", {}, [-0.5, 0.5]), ("threshold", {"threshold": 1.0, "default_value": 0.5}, [1]),
    ("sparse_plus", {}, [-1, 1]), ("sparse_sigmoid", {}, [-1, 1]),
]
ROWS = [("softmax", {}), ("log_softmax", {}), ("sparsemax", {}), ("glu", {}), ("softmax", {"axis": 0})]


def function(name, arguments):
    f = A.get(name)
    return lambda x: f(x, **arguments)


def values(f, x, upstream=None):
    """y = f(x) and d(sum(upstream * y))/dx in float64."""
    x = tf.constant(np.asarray(x, "float64"))
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
        total = tf.reduce_sum(y if upstream is None else y * tf.constant(np.asarray(upstream, "float64")))
    gradient = tape.gradient(total, x)
    return y.numpy(), (tf.zeros_like(x) if gradient is None else gradient).numpy()


def make():
    # multiples of 1/4 shifted off every kink, and far values on both sides
    x = np.concatenate([[-100, -40, -20, -10], np.arange(-6, 6, 0.25) + 0.0625, [10, 20, 40, 80]])
    cases = []
    for name, arguments, kinks in POINTWISE:
        y, dy = values(function(name, arguments), x)
        case = {"name": name, "arguments": arguments, "y": y, "dy": dy}
        if kinks:
            at, slope = values(function(name, arguments), kinks)
            case["kinks"] = {"x": kinks, "y": at, "dy": slope}
        cases.append(case)
    rng = np.random.default_rng(5)
    rows = grid(rng, (4, 6), -4, 4)
    extreme = np.array([[0, 0, 0, 0, 0, 0], [100, -100, 0, 1, 2, 3], [-1000, -1000, -1000, -999, -1000, -1000]], "float32")
    vector = []
    for name, arguments in ROWS:
        for x_rows in (rows, extreme):
            y = values(function(name, arguments), x_rows)[0]
            upstream = grid(rng, y.shape, -1, 1)
            y, dx = values(function(name, arguments), x_rows, upstream)
            vector.append({"name": name, "arguments": arguments, "x": x_rows, "y": y, "upstream": upstream, "dx": dx})
    names = sorted({c["name"] for c in cases + vector})
    missing = set(A.activations.ALL_OBJECTS_DICT if hasattr(A, "activations") else []) - set(names)
    assert not missing, missing
    write("activations.json", {
        "about": "float64 values and derivatives; dx is the gradient of sum(upstream * y); at kinks dy is TensorFlow's convention",
        "names": names, "x": x, "pointwise": cases, "rows": vector})
