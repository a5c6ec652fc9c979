"""Ops that fold axes away, and those that run along one."""
import math as _math

from cornu import _cornu
from cornu.keras._dispatch import axes_of, axis_of, floats, op, pointwise, primitive, tensor

__all__ = []


def _offered(f):
    __all__.append(f.__name__)
    return op(f)


def _fold(kind, x, axis, keepdims):
    axes = axes_of(axis, x.ndim)
    return primitive("reduce", x, kind=kind, axes=axes, keep_dims=bool(keepdims)) if axes else x


def _count(x, axis):
    n = 1
    for a in axes_of(axis, x.ndim):
        n *= x.shape[a]
    return n


def _numeric(x):
    x = tensor(x)
    return tensor(x, "int32") if x.dtype.is_bool else x


@_offered
def sum(x, axis=None, keepdims=False):
    return _fold("sum", _numeric(x), axis, keepdims)


@_offered
def prod(x, axis=None, keepdims=False, dtype=None):
    x = _numeric(x)
    return _fold("product", x if dtype is None else tensor(x, dtype), axis, keepdims)


@_offered
def mean(x, axis=None, keepdims=False):
    x = floats(x)
    return pointwise("multiply", _fold("sum", x, axis, keepdims), 1 / _count(x, axis)) if _count(x, axis) else pointwise("multiply", _fold("sum", x, axis, keepdims), _math.nan)


def _extreme(kind, x, axis, keepdims, initial):
    x = tensor(x)
    if x.dtype.is_bool:
        return tensor(_extreme(kind, tensor(x, "int32"), axis, keepdims, initial), "bool")
    y = _fold(kind, x, axis, keepdims) if _count(x, axis) else pointwise("add", _fold("sum", x, axis, keepdims), initial)
    return y if initial is None else pointwise("maximum" if kind == "max" else "minimum", y, initial)


@_offered
def max(x, axis=None, keepdims=False, initial=None):
    return _extreme("max", x, axis, keepdims, initial)


@_offered
def min(x, axis=None, keepdims=False, initial=None):
    return _extreme("min", x, axis, keepdims, initial)


amax, amin = max, min
__all__ += ["amax", "amin"]


@_offered
def var(x, axis=None, keepdims=False):
    x = floats(x)
    return mean(pointwise("square", pointwise("subtract", x, mean(x, axis, True))), axis, keepdims)


@_offered
def std(x, axis=None, keepdims=False):
    return pointwise("sqrt", var(x, axis, keepdims))


@_offered
def any(x, axis=None, keepdims=False):
    return tensor(_fold("max", tensor(tensor(x, "bool"), "int32"), axis, keepdims), "bool")


@_offered
def all(x, axis=None, keepdims=False):
    return tensor(_fold("min", tensor(tensor(x, "bool"), "int32"), axis, keepdims), "bool")


@_offered
def count_nonzero(x, axis=None):
    return _fold("sum", tensor(tensor(x, "bool"), "int32"), axis, False)


@_offered
def ptp(x, axis=None, keepdims=False):
    return pointwise("subtract", max(x, axis, keepdims), min(x, axis, keepdims))


def _arg(x, axis, keepdims, smallest):
    x = tensor(x)
    if x.dtype.is_bool:
        x = tensor(x, "int32")
    ndim = x.ndim
    if axis is None:
        x, axis = _cornu.reshape(x, [-1]), 0
        y = tensor(primitive("argmax", x, axis=0, smallest=smallest), "int32")
        return _cornu.reshape(y, [1] * ndim) if keepdims else y
    axis = axis_of(axis, ndim)
    y = tensor(primitive("argmax", x, axis=axis, smallest=smallest), "int32")
    return _cornu.reshape(y, [1 if a == axis else n for a, n in enumerate(x.shape)]) if keepdims else y


@_offered
def argmax(x, axis=None, keepdims=False):
    return _arg(x, axis, keepdims, False)


@_offered
def argmin(x, axis=None, keepdims=False):
    return _arg(x, axis, keepdims, True)


@_offered
def logsumexp(x, axis=None, keepdims=False):
    x = floats(x)
    top = max(x, axis, True)
    top = primitive("stop_gradient", pointwise("select", pointwise("isfinite", top), top, 0.0))
    y = pointwise("add", pointwise("log", _fold("sum", pointwise("exp", pointwise("subtract", x, top)), axis, True)), top)
    return y if keepdims else _cornu.reshape(y, [n for a, n in enumerate(x.shape) if a not in axes_of(axis, x.ndim)])


@_offered
def average(x, axis=None, weights=None):
    if weights is None:
        return mean(x, axis)
    x, weights = (floats(v) for v in _cornu.alike(x, weights))
    if weights.ndim == 1 and x.ndim > 1 and axis is not None:
        weights = _cornu.reshape(weights, [-1 if a == axis_of(axis, x.ndim) else 1 for a in range(x.ndim)])
    weights = pointwise("add", weights, pointwise("multiply", x, 0.0))
    return pointwise("divide", _fold("sum", pointwise("multiply", x, weights), axis, False), _fold("sum", weights, axis, False))


def _along(x, axis, dtype, body, first):
    x = _numeric(x) if dtype is None else tensor(x, dtype)
    from cornu.keras.ops._shape import moveaxis

    if axis is None:
        x, axis = _cornu.reshape(x, [-1]), 0
    if 0 in x.shape:
        return x
    rows = moveaxis(x, axis, 0)
    start = pointwise("add", pointwise("multiply", rows[0], tensor(0, x.dtype)), tensor(first, x.dtype))

    def step(carried, slices):
        y = pointwise(body, carried[0], slices[0])
        return [y, y]

    return moveaxis(_cornu.scan(step, [start], [rows], False)[1], 0, axis)


@_offered
def cumsum(x, axis=None, dtype=None):
    return _along(x, axis, dtype, "add", 0)


@_offered
def cumprod(x, axis=None, dtype=None):
    return _along(x, axis, dtype, "multiply", 1)


# ---- where some numbers are NaN

def _without_nan(x, instead):
    x = tensor(x)
    return pointwise("select", pointwise("isnan", x), instead, x) if x.dtype.is_floating else x


@_offered
def nansum(x, axis=None, keepdims=False):
    return sum(_without_nan(x, 0.0), axis, keepdims)


@_offered
def nanprod(x, axis=None, keepdims=False):
    return prod(_without_nan(x, 1.0), axis, keepdims)


@_offered
def nanmean(x, axis=None, keepdims=False):
    x = floats(x)
    return pointwise("divide", nansum(x, axis, keepdims), _fold("sum", tensor(pointwise("logical_not", pointwise("isnan", x)), x.dtype), axis, keepdims))


@_offered
def nanmax(x, axis=None, keepdims=False):
    return max(_without_nan(x, -_math.inf), axis, keepdims)


@_offered
def nanmin(x, axis=None, keepdims=False):
    return min(_without_nan(x, _math.inf), axis, keepdims)


@_offered
def nanvar(x, axis=None, keepdims=False):
    x = floats(x)
    return nanmean(pointwise("square", pointwise("subtract", x, nanmean(x, axis, True))), axis, keepdims)


@_offered
def nanstd(x, axis=None, keepdims=False):
    return pointwise("sqrt", nanvar(x, axis, keepdims))


@_offered
def nanargmax(x, axis=None, keepdims=False):
    return argmax(_without_nan(x, -_math.inf), axis, keepdims)


@_offered
def nanargmin(x, axis=None, keepdims=False):
    return argmin(_without_nan(x, _math.inf), axis, keepdims)


@_offered
def nancumsum(x, axis=None, dtype=None):
    return cumsum(_without_nan(x, 0.0), axis, dtype)


@_offered
def nancumprod(x, axis=None, dtype=None):
    return cumprod(_without_nan(x, 1.0), axis, dtype)
