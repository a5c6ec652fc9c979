"""Ops whose results' shapes depend on numbers, and those that cornu leaves to NumPy: they need numbers, so they cannot be traced, and
no gradient flows through them."""
from cornu import _cornu
from cornu.keras._dispatch import Tensor, Variable, floats, is_concrete, op, pointwise, tensor

__all__ = []


def _offered(f):
    __all__.append(f.__name__)
    return op(f)


def array(x, what):
    """x as NumPy has it. Refused in a trace, with the user's line."""
    x = tensor(x)
    if x.is_traced:
        raise NotImplementedError(f"{_cornu.users_line()}: ops.{what} needs numbers, and a tensor that is being traced has none; compute it outside of call(), "
                                  "or before the model, on arrays")
    return x.numpy()


def _by_numpy(name, function=None, floating=False):
    def f(x, *args, **kwargs):
        import numpy as np

        x = array(floats(x) if floating else x, name)
        args = [array(a, name) if isinstance(a, (Tensor, Variable)) else a for a in args]
        return _returned(getattr(np, function or name)(x, *args, **kwargs), x.dtype)

    f.__name__ = f.__qualname__ = name
    globals()[name] = op(f)
    __all__.append(name)


def _returned(y, like):
    import numpy as np

    if isinstance(y, tuple):
        return tuple(_returned(v, like) for v in y)
    y = np.asarray(y)
    if y.dtype == np.int64:
        y = y.astype(np.int32)
    if y.dtype == np.float64 and like != np.float64:
        y = y.astype(np.float32)
    return tensor(y)


for _name in "bitwise_and bitwise_or bitwise_xor left_shift right_shift gcd lcm nextafter i0 unravel_index argpartition correlate".split():
    _by_numpy(_name)
for _name, _of in {"bitwise_invert": "invert", "bitwise_not": "invert", "bitwise_left_shift": "left_shift", "bitwise_right_shift": "right_shift"}.items():
    _by_numpy(_name, _of)


@_offered
def nonzero(x):
    import numpy as np

    return tuple(tensor(i.astype(np.int32)) for i in np.nonzero(array(x, "nonzero")))


@_offered
def unique(x, sorted=True, return_index=False, return_inverse=False, return_counts=False, axis=None, size=None, fill_value=None):
    import numpy as np

    if size is not None:
        raise NotImplementedError("unique: size is not supported")
    return _returned(np.unique(array(x, "unique"), return_index, return_inverse, return_counts, axis), np.asarray(x).dtype)


@_offered
def bincount(x, weights=None, minlength=0, sparse=False):
    from cornu.keras.ops._nn import one_hot
    from cornu.keras.ops._reduce import sum

    x = tensor(x)
    classes = int(minlength)
    if not x.is_traced:
        classes = max(classes, int(x.numpy().max(initial=-1)) + 1)
    elif not classes:
        raise NotImplementedError(f"{_cornu.users_line()}: bincount of a tensor that is being traced needs minlength: the number of bins")
    code = one_hot(x, classes)
    if weights is None:
        return tensor(sum(code, -2), "int32")
    weights = floats(weights)
    return sum(pointwise("multiply", code, _cornu.reshape(weights, [*weights.shape, 1])), -2)


@_offered
def histogram(x, bins=10, range=None):
    import numpy as np

    counts, edges = np.histogram(array(x, "histogram"), bins, range)
    return tensor(counts.astype(np.int32)), tensor(edges.astype(np.float32))


def _quantile(x, q, axis, method, keepdims, name):
    import numpy as np

    x = floats(x)
    if not x.is_traced:
        return _returned(getattr(np, name)(x.numpy(), np.asarray(q), axis=tuple(axis) if isinstance(axis, list) else axis, method=method, keepdims=keepdims), x.numpy().dtype)
    if method != "linear" or name != "quantile" or isinstance(q, (list, tuple)) or isinstance(axis, (list, tuple)):
        raise NotImplementedError(f"{_cornu.users_line()}: in a trace a quantile is one number along one axis, with method='linear'")
    from cornu.keras.ops._index import sort, take
    from cornu.keras.ops._shape import expand_dims

    rows, axis = (_cornu.reshape(x, [-1]), 0) if axis is None else (x, axis)
    rows = sort(rows, axis)
    at = float(q) * (rows.shape[axis] - 1)
    low = int(at)
    high = min(low + 1, rows.shape[axis] - 1)
    y = pointwise("add", pointwise("multiply", take(rows, low, axis), 1 - (at - low)), pointwise("multiply", take(rows, high, axis), at - low))
    return expand_dims(y, axis) if keepdims else y


@_offered
def quantile(x, q, axis=None, method="linear", keepdims=False):
    return _quantile(x, q, axis, method, keepdims, "quantile")


@_offered
def percentile(x, q, axis=None, method="linear", keepdims=False):
    return _quantile(x, q / 100 if isinstance(q, (int, float)) else [v / 100 for v in q], axis, method, keepdims, "quantile")


@_offered
def median(x, axis=None, keepdims=False):
    return _quantile(x, 0.5, axis, "linear", keepdims, "quantile")


@_offered
def nanquantile(x, q, axis=None, method="linear", keepdims=False):
    return _quantile(x, q, axis, method, keepdims, "nanquantile")


@_offered
def nanpercentile(x, q, axis=None, method="linear", keepdims=False):
    return _quantile(x, q, axis, method, keepdims, "nanpercentile")


@_offered
def nanmedian(x, axis=None, keepdims=False):
    return _quantile(x, 0.5, axis, "linear", keepdims, "nanquantile")
