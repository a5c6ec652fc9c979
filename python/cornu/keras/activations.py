"""keras.activations: functions of a tensor, and by name."""
import types

from cornu import _cornu
from cornu.keras.ops import _nn as _ops
from cornu.keras._dispatch import floats, op, pointwise, tensor
from cornu.keras.utils._lazy import lazy

_NAMED = {}


def _named(function, name=None):
    """A function that C++ has under this name: layers with it can be saved, and run C++'s own."""
    function.__cornu_name__ = name or function.__name__
    _NAMED[function.__name__] = function
    return function


# Those of keras.ops under names of their own, with Keras's defaults where these differ.
_OF_OPS = {name: None for name in ("relu6 sigmoid tanh softplus softsign silu log_sigmoid hard_sigmoid hard_silu hard_tanh selu sparse_plus sparse_sigmoid tanh_shrink "
                                   "leaky_relu elu celu glu squareplus soft_shrink hard_shrink threshold softmax log_softmax sparsemax").split()}
_OF_OPS["gelu"] = (False,)  # exact, where keras.ops.gelu approximates

for _name, _defaults in _OF_OPS.items():
    _op = getattr(_ops, _name).__wrapped__
    _own = types.FunctionType(_op.__code__, _op.__globals__, _name, _defaults or _op.__defaults__, _op.__closure__)
    _own.__doc__, _own.__qualname__, _own.__module__ = _op.__doc__, _name, __name__
    globals()[_name] = _named(op(_own)) if _name != "threshold" else op(_own)  # which layers cannot name: it has no defaults
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


__getattr__ = lazy(__name__)[0]
