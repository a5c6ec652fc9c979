"""keras.activations: functions of a tensor, and by name."""
from cornu import _cornu
from cornu.keras.ops import _nn as _ops
from cornu.keras._dispatch import floats, op, pointwise, tensor

_NAMED = {}


def _named(function, name=None):
    """A function that C++ has under this name: layers with it can be saved, and run C++'s own."""
    function.__cornu_name__ = name or function.__name__
    _NAMED[function.__name__] = function
    return function


def _copy(name, of=None):
    native = getattr(_ops, of or name).__wrapped__

    def f(x):
        return native(x)

    f.__name__ = f.__qualname__ = name
    globals()[name] = _named(op(f))


for _name in "relu6 sigmoid tanh softplus softsign silu log_sigmoid hard_sigmoid hard_silu hard_tanh selu sparse_plus sparse_sigmoid tanh_shrink".split():
    _copy(_name)
swish, hard_swish = silu, hard_silu  # noqa: F821
_NAMED["swish"], _NAMED["hard_swish"] = swish, hard_swish


@_named
@op
def linear(x):
    return x if isinstance(x, _cornu.Tensor) else tensor(x)


@_named
@op
def exponential(x):
    return pointwise("exp", x)


@_named
@op
def mish(x):
    return _cornu.activation("mish", x)


@_named
@op
def relu(x, negative_slope=0.0, max_value=None, threshold=0.0):
    if negative_slope == 0 and max_value is None and threshold == 0:
        return pointwise("relu", x)
    x = floats(x)
    below = pointwise("multiply", pointwise("subtract", x, threshold), negative_slope)
    y = pointwise("select", pointwise("greater_equal" if threshold == 0 else "greater", x, threshold), x, below)
    return y if max_value is None else pointwise("minimum", y, float(max_value))


@_named
@op
def leaky_relu(x, negative_slope=0.2):
    return _ops.leaky_relu.__wrapped__(x, negative_slope)


@_named
@op
def elu(x, alpha=1.0):
    return _ops.elu.__wrapped__(x, alpha)


@_named
@op
def celu(x, alpha=1.0):
    return _ops.celu.__wrapped__(x, alpha)


@_named
@op
def gelu(x, approximate=False):
    return _ops.gelu.__wrapped__(x, approximate)


@_named
@op
def glu(x, axis=-1):
    return _ops.glu.__wrapped__(x, axis)


@_named
@op
def squareplus(x, b=4):
    return _ops.squareplus.__wrapped__(x, b)


@_named
@op
def soft_shrink(x, threshold=0.5):
    return _ops.soft_shrink.__wrapped__(x, threshold)


@_named
@op
def hard_shrink(x, threshold=0.5):
    return _ops.hard_shrink.__wrapped__(x, threshold)


@op
def threshold(x, threshold, default_value):
    return _ops.threshold.__wrapped__(x, threshold, default_value)


@_named
@op
def softmax(x, axis=-1):
    return _ops.softmax.__wrapped__(x, axis)


@_named
@op
def log_softmax(x, axis=-1):
    return _ops.log_softmax.__wrapped__(x, axis)


@_named
@op
def sparsemax(x, axis=-1):
    return _ops.sparsemax.__wrapped__(x, axis)


def serialize(activation):
    """The name."""
    name = getattr(activation, "__cornu_name__", None)
    if name:
        return name
    from cornu.keras import saving

    return saving.serialize_keras_object(activation)


def deserialize(config, custom_objects=None):
    if isinstance(config, dict):
        config = config.get("config", config)
    if custom_objects and config in custom_objects:
        return custom_objects[config]
    return get(config)


def get(identifier):
    """By name, as a function, or None for linear."""
    if identifier is None:
        return linear
    if callable(identifier):
        return identifier
    if isinstance(identifier, dict):
        return deserialize(identifier)
    if identifier in _NAMED:
        return _NAMED[identifier]
    from cornu.keras import saving

    found = saving.get_custom_objects().get(identifier) if hasattr(saving, "get_custom_objects") else None
    if found is not None:
        return found
    _cornu.activation_name(identifier)  # says which name is near
    raise ValueError(f"Could not interpret activation function identifier: {identifier!r}")
