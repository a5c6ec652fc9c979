"""Ops that move elements or make tensors: their numbers stay what they are."""
import builtins
import math as _math

from cornu import _cornu
from cornu.keras._dispatch import KerasTensor, axes_of, axis_of, op, pointwise, primitive, sizes, tensor

__all__ = []


def _offered(f):
    __all__.append(f.__name__)
    return op(f)


def _plain(f):
    __all__.append(f.__name__)
    return f


def _floatx():
    from cornu.keras import config

    return config.floatx()


@_offered
def reshape(x, newshape):
    return _cornu.reshape(tensor(x), [-1 if s is None else int(s) for s in (newshape if isinstance(newshape, (list, tuple)) else sizes(newshape))])


@_offered
def transpose(x, axes=None):
    x = tensor(x)
    axes = list(range(x.ndim))[::-1] if axes is None else [axis_of(int(a), x.ndim) for a in axes]
    return primitive("transpose", x, axes=axes)


@_offered
def moveaxis(x, source, destination):
    x = tensor(x)
    source = [axis_of(a, x.ndim) for a in (source if isinstance(source, (list, tuple)) else [source])]
    destination = [axis_of(a, x.ndim) for a in (destination if isinstance(destination, (list, tuple)) else [destination])]
    order = [a for a in range(x.ndim) if a not in source]
    for to, of in sorted(zip(destination, source)):
        order.insert(to, of)
    return x if order == list(range(x.ndim)) else primitive("transpose", x, axes=order)


@_offered
def swapaxes(x, axis1, axis2):
    x = tensor(x)
    order = list(range(x.ndim))
    axis1, axis2 = axis_of(axis1, x.ndim), axis_of(axis2, x.ndim)
    order[axis1], order[axis2] = axis2, axis1
    return primitive("transpose", x, axes=order)


@_offered
def expand_dims(x, axis):
    x = tensor(x)
    axes = [axis] if not isinstance(axis, (list, tuple)) else list(axis)
    ndim = x.ndim + len(axes)
    axes = [axis_of(a, ndim) for a in axes]
    rest = iter(x.shape)
    return _cornu.reshape(x, [1 if a in axes else next(rest) for a in range(ndim)])


@_offered
def squeeze(x, axis=None):
    x = tensor(x)
    axes = [a for a, n in enumerate(x.shape) if n == 1] if axis is None else axes_of(axis, x.ndim)
    for a in axes:
        if x.shape[a] != 1:
            raise ValueError(f"squeeze: axis {a} of shape {tuple(x.shape)} is not of size 1")
    return _cornu.reshape(x, [n for a, n in enumerate(x.shape) if a not in axes])


@_offered
def ravel(x):
    return _cornu.reshape(tensor(x), [-1])


@_offered
def broadcast_to(x, shape):
    return primitive("broadcast_to", tensor(x), shape=list(sizes(shape)))


def _joined(xs):
    xs = list(xs)
    return _cornu.alike(*xs) if len(xs) > 1 else [tensor(xs[0])]


@_offered
def concatenate(xs, axis=0):
    xs = _joined(xs)
    return _cornu.concat(xs, axis_of(axis, xs[0].ndim))


@_offered
def stack(x, axis=0):
    xs = _joined(x)
    return _cornu.concat([expand_dims(v, axis) for v in xs], axis_of(axis, xs[0].ndim + 1))


@_offered
def unstack(x, num=None, axis=0):
    x = tensor(x)
    axis = axis_of(axis, x.ndim)
    if num is not None and num != x.shape[axis]:
        raise ValueError(f"unstack: num={num}, and axis {axis} has the size {x.shape[axis]}")
    return [squeeze(part, axis) for part in split(x, x.shape[axis], axis)]


@_offered
def hstack(xs):
    xs = [atleast_1d(x) for x in xs]
    return concatenate(xs, 0 if xs[0].ndim == 1 else 1)


@_offered
def vstack(xs):
    return concatenate([_cornu.reshape(tensor(x), [1, -1]) if tensor(x).ndim < 2 else x for x in xs], 0)


@_offered
def dstack(xs):
    def three(x):
        x = tensor(x)
        return _cornu.reshape(x, [1, -1, 1]) if x.ndim < 2 else expand_dims(x, 2) if x.ndim == 2 else x

    return concatenate([three(x) for x in xs], 2)


@_offered
def atleast_1d(x):
    x = tensor(x)
    return x if x.ndim else _cornu.reshape(x, [1])


@_offered
def append(x1, x2, axis=None):
    return concatenate([ravel(x1), ravel(x2)], 0) if axis is None else concatenate([x1, x2], axis)


def _part(x, axis, begin, end):
    shape = list(x.shape)
    first, last = [0] * x.ndim, shape[:]
    first[axis], last[axis] = begin, end
    return _cornu.slice(x, first, last, [1] * x.ndim)


@_offered
def split(x, indices_or_sections, axis=0):
    x = tensor(x)
    axis = axis_of(axis, x.ndim)
    size = x.shape[axis]
    if isinstance(indices_or_sections, int):
        if size % indices_or_sections:
            raise ValueError(f"split: axis {axis} has the size {size}, which {indices_or_sections} parts do not divide")
        step = size // indices_or_sections
        ends = list(range(step, size, step)) if step else [0] * (indices_or_sections - 1)
    else:
        ends = [builtins.min(int(i) if i >= 0 else int(i) + size, size) for i in indices_or_sections]
    bounds = [0, *ends, size]
    return [_part(x, axis, a, builtins.max(a, b)) for a, b in zip(bounds, bounds[1:])]


@_offered
def array_split(x, indices_or_sections, axis=0):
    x = tensor(x)
    if not isinstance(indices_or_sections, int):
        return split(x, indices_or_sections, axis)
    each, more = divmod(x.shape[axis], indices_or_sections)
    ends, at = [], 0
    for i in range(indices_or_sections - 1):
        at += each + (i < more)
        ends.append(at)
    return split(x, ends, axis)


@_offered
def hsplit(x, indices_or_sections):
    return split(x, indices_or_sections, 0 if tensor(x).ndim == 1 else 1)


@_offered
def vsplit(x, indices_or_sections):
    return split(x, indices_or_sections, 0)


@_offered
def dsplit(x, indices_or_sections):
    return split(x, indices_or_sections, 2)


@_offered
def tile(x, repeats):
    x = tensor(x)
    repeats = list(sizes(repeats))
    shape = [1] * (len(repeats) - x.ndim) + list(x.shape)
    repeats = [1] * (len(shape) - len(repeats)) + repeats
    between = [n for r, s in zip(repeats, shape) for n in (r, s)]
    ones = [n for s in shape for n in (1, s)]
    return _cornu.reshape(primitive("broadcast_to", _cornu.reshape(x, ones), shape=between), [r * s for r, s in zip(repeats, shape)])


@_offered
def repeat(x, repeats, axis=None):
    x = tensor(x)
    if axis is None:
        x, axis = ravel(x), 0
    axis = axis_of(axis, x.ndim)
    if not isinstance(repeats, int):
        import numpy as np

        from cornu.keras.ops._index import take

        return take(x, np.repeat(np.arange(x.shape[axis]), np.asarray(repeats)), axis)
    shape = list(x.shape)
    wide = primitive("broadcast_to", expand_dims(x, axis + 1), shape=shape[: axis + 1] + [repeats] + shape[axis + 1 :])
    return _cornu.reshape(wide, shape[:axis] + [shape[axis] * repeats] + shape[axis + 1 :])


@_offered
def flip(x, axis=None):
    x = tensor(x)
    from cornu.keras.ops._index import take

    for a in axes_of(axis, x.ndim):
        x = take(x, list(range(x.shape[a]))[::-1], a)
    return x


@_offered
def fliplr(x):
    return flip(x, 1)


@_offered
def flipud(x):
    return flip(x, 0)


@_offered
def rot90(array, k=1, axes=(0, 1)):
    k %= 4
    if k == 0:
        return tensor(array)
    if k == 2:
        return flip(flip(array, axes[0]), axes[1])
    return swapaxes(flip(array, axes[1]), *axes) if k == 1 else flip(swapaxes(array, *axes), axes[1])


@_offered
def roll(x, shift, axis=None):
    x = tensor(x)
    if axis is None:
        return _cornu.reshape(roll(ravel(x), shift, 0), list(x.shape))
    shifts = shift if isinstance(shift, (list, tuple)) else [shift]
    for by, a in zip(shifts, axis if isinstance(axis, (list, tuple)) else [axis] * len(shifts)):
        a = axis_of(a, x.ndim)
        n = x.shape[a]
        cut = -int(by) % n if n else 0
        if cut:
            x = _cornu.concat([_part(x, a, cut, n), _part(x, a, 0, cut)], a)
    return x


@_offered
def pad(x, pad_width, mode="constant", constant_values=None):
    import numpy as np

    x = tensor(x)
    widths = np.broadcast_to(np.asarray(pad_width), (x.ndim, 2)).tolist()
    if mode == "constant":
        if x.dtype.is_bool:
            return tensor(pad(tensor(x, "int32"), pad_width, mode, int(constant_values or 0)), "bool")
        return primitive("pad", x, before=[w[0] for w in widths], after=[w[1] for w in widths], between=[0] * x.ndim, value=float(constant_values or 0))
    if constant_values is not None:
        raise ValueError(f"pad: constant_values goes with mode='constant', and mode is {mode!r}")
    from cornu.keras.ops._index import take

    for axis, width in enumerate(widths):
        if width != [0, 0]:
            x = take(x, np.pad(np.arange(x.shape[axis]), width, mode=mode), axis)
    return x


@_offered
def meshgrid(*x, indexing="xy"):
    xs = [ravel(v) for v in x]
    order = list(range(len(xs)))
    if indexing == "xy" and len(xs) > 1:
        order[0], order[1] = 1, 0
    shape = [0] * len(xs)
    for i, v in enumerate(xs):
        shape[order[i]] = v.shape[0]
    return [primitive("broadcast_to", _cornu.reshape(v, [-1 if a == order[i] else 1 for a in range(len(xs))]), shape=shape) for i, v in enumerate(xs)]


@_offered
def tril(x, k=0):
    return _triangle(x, k, True)


@_offered
def triu(x, k=0):
    return _triangle(x, k, False)


def _triangle(x, k, lower):
    import numpy as np

    x = tensor(x)
    keep = np.tri(x.shape[-2], x.shape[-1], k, bool) if lower else ~np.tri(x.shape[-2], x.shape[-1], k - 1, bool)
    return pointwise("select", keep, x, tensor(0, x.dtype))


@_offered
def diagonal(x, offset=0, axis1=0, axis2=1):
    import numpy as np

    from cornu.keras.ops._index import take

    x = moveaxis(x, (axis1, axis2), (-2, -1))
    rows, columns = x.shape[-2:]
    n = builtins.max(0, builtins.min(rows, columns - offset) if offset >= 0 else builtins.min(rows + offset, columns))
    at = (np.arange(n) + builtins.max(-offset, 0)) * columns + np.arange(n) + builtins.max(offset, 0)
    return take(_cornu.reshape(x, [*x.shape[:-2], rows * columns]), at, -1)


@_offered
def diag(x, k=0):
    import numpy as np

    x = tensor(x)
    if x.ndim == 2:
        return diagonal(x, k)
    n = x.shape[0] + builtins.abs(k)
    wide = primitive("pad", x, before=[builtins.max(-k, 0) if k < 0 else 0], after=[builtins.max(k, 0)], between=[0], value=0.0) if k else x
    return pointwise("multiply", np.eye(n, k=k).astype(x.dtype), _cornu.reshape(wide, [n, 1]))


@_offered
def diagflat(x, k=0):
    return diag(ravel(x), k)


@_offered
def trace(x, offset=0, axis1=0, axis2=1):
    from cornu.keras.ops._reduce import sum

    return sum(diagonal(x, offset, axis1, axis2), -1)


@_offered
def diff(a, n=1, axis=-1):
    a = tensor(a)
    axis = axis_of(axis, a.ndim)
    for _ in range(n):
        a = pointwise("subtract", _part(a, axis, 1, a.shape[axis]), _part(a, axis, 0, a.shape[axis] - 1))
    return a


# ---- made of nothing

@_plain
def zeros(shape, dtype=None):
    return full(shape, 0, dtype)


@_plain
def ones(shape, dtype=None):
    return full(shape, 1, dtype)


@_plain
def empty(shape, dtype=None):
    return full(shape, 0, dtype)


@_offered
def full(shape, fill_value, dtype=None):
    return primitive("broadcast_to", tensor(fill_value, dtype or _floatx()), shape=list(sizes(shape)))


@_offered
def zeros_like(x, dtype=None):
    return full_like(x, 0, dtype)


@_offered
def ones_like(x, dtype=None):
    return full_like(x, 1, dtype)


@_offered
def empty_like(x, dtype=None):
    return full_like(x, 0, dtype)


@_offered
def full_like(x, fill_value, dtype=None):
    x = tensor(x)
    return primitive("broadcast_to", tensor(fill_value, dtype or x.dtype), shape=list(x.shape))


def _of_numpy(function):
    def made(*args, dtype=None, **kwargs):
        import numpy as np

        return tensor(getattr(np, function)(*args, **kwargs), dtype or _floatx())

    made.__name__ = function
    return made


@_plain
def arange(start, stop=None, step=None, dtype=None):
    import numpy as np

    start, stop, step = (v.item() if hasattr(v, "item") else v for v in (start, stop, step))
    if dtype is None:
        dtype = _floatx() if builtins.any(isinstance(v, float) for v in (start, stop, step)) else "int32"
    return tensor(np.arange(start, stop, step) if stop is not None else np.arange(0, start, step if step is not None else 1), dtype)


@_plain
def linspace(start, stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0):
    import numpy as np

    values, step = np.linspace(np.asarray(start), np.asarray(stop), num, endpoint, True, axis=axis)
    made = tensor(values, dtype or _floatx())
    return (made, tensor(step, dtype or _floatx())) if retstep else made


@_plain
def logspace(start, stop, num=50, endpoint=True, base=10, dtype=None, axis=0):
    return _of_numpy("logspace")(start, stop, num, endpoint, base, axis=axis, dtype=dtype)


@_plain
def geomspace(start, stop, num=50, endpoint=True, dtype=None, axis=0):
    return _of_numpy("geomspace")(start, stop, num, endpoint, axis=axis, dtype=dtype)


@_plain
def eye(N, M=None, k=0, dtype=None):
    return _of_numpy("eye")(N, M, k, dtype=dtype)


@_plain
def identity(n, dtype=None):
    return eye(n, dtype=dtype)


@_plain
def tri(N, M=None, k=0, dtype=None):
    return _of_numpy("tri")(N, M, k, dtype=dtype)


for _name in "bartlett blackman hamming hanning".split():
    globals()[_name] = (lambda f: lambda x: f(int(x)))(_of_numpy(_name))
    __all__.append(_name)


@_plain
def kaiser(x, beta):
    return _of_numpy("kaiser")(int(x), float(beta))
