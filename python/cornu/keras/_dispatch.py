"""What every op does first: on KerasTensors it becomes a node of the model being wired; on anything else it runs."""
import functools

from cornu import _cornu
from cornu.keras.utils._lazy import deferred

inspect = deferred("inspect")

KerasTensor = _cornu.KerasTensor
Tensor = _cornu.Tensor
Variable = _cornu.Variable
pointwise = _cornu.pointwise
primitive = _cornu.op


def _has_symbol(values):
    for value in values:
        if type(value) is KerasTensor:
            return True
        if type(value) in (list, tuple) and _has_symbol(value):
            return True
        if type(value) is dict and _has_symbol(value.values()):
            return True
    return False


def op(function):
    """Offers `function`, written for tensors, on KerasTensors too."""

    @functools.wraps(function)
    def called(*args, **kwargs):
        for value in args:
            kind = type(value)
            if kind is KerasTensor or ((kind is list or kind is tuple) and _has_symbol(value)):
                return _wire(function, args, kwargs)
        if kwargs and _has_symbol(kwargs.values()):
            return _wire(function, args, kwargs)
        return function(*args, **kwargs)

    called.__wrapped__ = function
    return called


class _Place:
    """Where a KerasTensor stood among an op's arguments."""

    def __init__(self, index):
        self.index = index


def _replace(value, kind, by):
    if type(value) is kind:
        return by(value)
    if type(value) in (list, tuple):
        return type(value)(_replace(v, kind, by) for v in value)
    if type(value) is dict:
        return {k: _replace(v, kind, by) for k, v in value.items()}
    return value


class OpNode:
    """An op with the arguments that are no KerasTensors: what a model replays."""

    def __init__(self, function, args, kwargs):
        self.function, self.args, self.kwargs = function, args, kwargs

    def _trace_call(self, inputs, tensors, options, training, masks):
        def given(place):
            return inputs[place.index]

        out = self.function(*_replace(self.args, _Place, given), **_replace(self.kwargs, _Place, given))
        return (list(out) if isinstance(out, (list, tuple)) else [out]), None

    def _fields(self):
        """For files: Keras's op with its options, if they are such as a file can hold."""
        bound = inspect.signature(self.function).bind(*self.args, **self.kwargs).arguments
        return {name: value for name, value in bound.items() if not isinstance(value, _Place)}


def _wire(function, args, kwargs):
    symbols = []

    def place(symbol):
        symbols.append(symbol)
        return _Place(len(symbols) - 1)

    known = _known_to_files(function.__name__, args, kwargs)
    if known is not None:
        return known
    node = OpNode(function, _replace(args, KerasTensor, place), _replace(kwargs, KerasTensor, place))
    name = "".join(part.capitalize() for part in function.__name__.split("_"))
    handle = _cornu.python_layer(node, name, separate_inputs=True)
    from cornu.keras import _names

    handle.suggest_name(_names.auto_name(function.__name__))
    outputs = _cornu.call_on_symbols(handle, symbols, {}, {})
    return outputs[0] if len(outputs) == 1 else outputs


# Ops that C++ knows by Keras's class: models with them can be saved, and loaded by Keras.
_CLASSES = {
    "square": "Square", "sqrt": "Sqrt", "exp": "Exp", "log": "Log", "tanh": "Tanh", "sin": "Sin", "cos": "Cos", "negative": "Negative", "absolute": "Absolute",
    "abs": "Absolute", "sum": "Sum", "mean": "Mean", "max": "Max", "min": "Min", "prod": "Prod", "any": "Any", "all": "All", "transpose": "Transpose",
    "expand_dims": "ExpandDims", "squeeze": "Squeeze", "swapaxes": "Swapaxes", "relu": "Relu", "relu6": "Relu6", "sigmoid": "Sigmoid",
    "softplus": "Softplus", "silu": "Silu", "logical_not": "LogicalNot",
}
_PAIRS = {
    "add": "Add", "subtract": "Subtract", "multiply": "Multiply", "divide": "Divide", "true_divide": "TrueDivide", "maximum": "Maximum", "minimum": "Minimum",
    "matmul": "Matmul", "equal": "Equal", "not_equal": "NotEqual", "greater": "Greater", "greater_equal": "GreaterEqual", "less": "Less",
    "less_equal": "LessEqual", "power": "Power",
}


def _known_to_files(name, args, kwargs):
    if name in _PAIRS and len(args) == 2 and not kwargs and type(args[0]) is KerasTensor and type(args[1]) is KerasTensor:
        return _cornu.operation(_PAIRS[name], list(args), {})[0]
    if name in _CLASSES and args and type(args[0]) is KerasTensor:
        options = dict(kwargs)
        names = {"sum": ["axis", "keepdims"], "mean": ["axis", "keepdims"], "max": ["axis", "keepdims"], "min": ["axis", "keepdims"],
                 "prod": ["axis", "keepdims"], "any": ["axis", "keepdims"], "all": ["axis", "keepdims"], "transpose": ["axes"], "expand_dims": ["axis"],
                 "squeeze": ["axis"], "swapaxes": ["axis1", "axis2"]}.get(name, [])
        if len(args) - 1 > len(names) or not set(options) <= set(names):
            return None
        options.update(zip(names, args[1:]))
        return _cornu.operation(_CLASSES[name], args[0], options)[0]
    if name == "concatenate" and type(args[0]) in (list, tuple) and all(type(v) is KerasTensor for v in args[0]) and len({v.dtype for v in args[0]}) == 1:
        axis = args[1] if len(args) > 1 else kwargs.get("axis", 0)
        return _cornu.operation("Concatenate", list(args[0]), {"axis": axis})[0]
    return None


# ---- small words that ops share

def tensor(x, dtype=None):
    return _cornu.convert(x, dtype)


def floats(x):
    """x as a tensor of floats: whole numbers become floatx."""
    x = tensor(x)
    if x.dtype.is_floating:
        return x
    from cornu.keras import config

    return _cornu.convert(x, config.floatx())


def axis_of(axis, ndim):
    """Counted from the front."""
    if not -ndim <= axis < max(ndim, 1):
        raise ValueError(f"axis {axis} is out of bounds for a tensor of {ndim} axes")
    return axis + ndim if axis < 0 else axis


def axes_of(axis, ndim):
    """A list of axes, ascending; None means all."""
    if axis is None:
        return list(range(ndim))
    if isinstance(axis, (list, tuple)):
        return sorted(axis_of(int(a), ndim) for a in axis)
    return [axis_of(int(axis), ndim)]


def is_concrete(*tensors):
    return not any(_cornu.is_traced(t) for t in tensors)


def sizes(shape):
    """A shape as ints: of numbers, of tensors with one number, or a tensor of several."""
    if isinstance(shape, (Tensor, Variable)) or hasattr(shape, "tolist"):
        shape = shape.numpy().tolist() if isinstance(shape, (Tensor, Variable)) else shape.tolist()
    if isinstance(shape, int):
        return (shape,)
    return tuple(int(s) for s in shape)
