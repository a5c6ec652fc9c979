"""Ops that choose elements by where they are."""
import builtins

from cornu import _cornu
from cornu.keras._dispatch import Tensor, Variable, axis_of, op, pointwise, primitive, sizes, tensor

__all__ = []


def _offered(f):
    __all__.append(f.__name__)
    return op(f)


def _counted_from_front(indices, size):
    """Integer indices, negative ones counted from the end."""
    if isinstance(indices, (Tensor, Variable)):
        indices = tensor(indices)
        if not indices.dtype.is_integer:
            indices = tensor(indices, "int32")
        return pointwise("select", pointwise("less", indices, 0), pointwise("add", indices, size), indices)
    import numpy as np

    indices = np.asarray(indices)
    if indices.dtype.kind == "f":
        indices = indices.astype(np.int64)
    if indices.size and not (-size <= indices.min() and indices.max() < size):
        raise IndexError(f"an index is out of bounds for an axis of size {size}: {indices.min()} to {indices.max()}")
    return tensor(np.where(indices < 0, indices + size, indices).astype(np.int32))


@_offered
def take(x, indices, axis=None):
    from cornu.keras.ops._shape import moveaxis

    x = tensor(x)
    if axis is None:
        x, axis = _cornu.reshape(x, [-1]), 0
    axis = axis_of(axis, x.ndim)
    at = _counted_from_front(indices, x.shape[axis])
    boolean = x.dtype.is_bool
    rows = moveaxis(tensor(x, "uint8") if boolean else x, axis, 0)
    picked = primitive("gather", rows, at)
    if axis:
        picked = moveaxis(picked, list(range(at.ndim)), list(range(axis, axis + at.ndim)))
    return tensor(picked, "bool") if boolean else picked


@_offered
def take_along_axis(x, indices, axis=None):
    import numpy as np

    x = tensor(x)
    if axis is None:
        return take(_cornu.reshape(x, [-1]), indices, 0)
    axis = axis_of(axis, x.ndim)
    at = _counted_from_front(indices, x.shape[axis])
    shape = [n if a == axis else builtins.max(n, m) for a, (n, m) in enumerate(zip(at.shape, x.shape))]
    strides = [int(np.prod(x.shape[a + 1 :], dtype=np.int64)) for a in range(x.ndim)]
    base = np.zeros(shape, np.int32)
    for a in range(x.ndim):
        if a != axis and x.shape[a] > 1:
            base = base + (np.arange(shape[a]) * strides[a]).reshape([-1 if b == a else 1 for b in range(x.ndim)])
    flat = pointwise("add", pointwise("multiply", tensor(at, "int32"), strides[axis]), base.astype(np.int32))
    return take(_cornu.reshape(x, [-1]), flat, 0)


@_offered
def get_item(x, key):
    """x[key]: numbers, slices, None, an ellipsis, and at most one list or tensor of numbers or truths."""
    import numpy as np

    x = tensor(x)
    keys = list(key) if isinstance(key, tuple) else [key]
    used = builtins.sum(1 for k in keys if k is not None and k is not Ellipsis and not _is_mask(k)) + builtins.sum(_mask_ndim(k) for k in keys if _is_mask(k))
    if used > x.ndim:
        raise IndexError(f"{used} indices for a tensor of {x.ndim} axes")
    places = [i for i, k in enumerate(keys) if k is Ellipsis]
    if len(places) > 1:
        raise IndexError("an index has more than one ellipsis")
    whole = [slice(None)] * (x.ndim - used)
    if places:
        keys[places[0] : places[0] + 1] = whole
    else:
        keys += whole
    if builtins.any(_is_mask(k) for k in keys):
        return _masked(x, keys)
    begin, end, step, kept, picks, flips = [], [], [], [], [], []
    axis = 0
    for k in keys:
        if k is None:
            kept.append(1)
            continue
        n = x.shape[axis]
        if isinstance(k, slice):
            start, stop, by = _slice_bounds(k, n)
            if by < 0:
                count = builtins.max(0, (start - stop - by - 1) // -by)
                flips.append((axis, [start + i * by for i in range(count)]))
                start, stop, by = 0, n, 1
                kept.append(count)
            else:
                kept.append(builtins.max(0, (stop - start + by - 1) // by))
            begin.append(start), end.append(builtins.max(start, stop)), step.append(by)
        elif isinstance(k, (int, np.integer)) and not isinstance(k, bool):
            if not -n <= k < n:
                raise IndexError(f"index {k} is out of bounds for axis {axis} of size {n}")
            at = int(k) % n
            begin.append(at), end.append(at + 1), step.append(1)
        else:
            picks.append((axis, len(kept), k))
            begin.append(0), end.append(n), step.append(1)
            kept.append(n)
        axis += 1
    for a, at in flips:
        x = take(x, at, a)
        begin[a], end[a] = 0, len(at)
    if begin != [0] * x.ndim or end != list(x.shape) or builtins.any(s != 1 for s in step):
        x = _cornu.slice(x, begin, end, step)
    if list(x.shape) != kept:
        x = _cornu.reshape(x, kept)
    if len(picks) == 1:
        _, place, indices = picks[0]
        return take(x, indices, place)
    if picks:
        return _several(x, picks)
    return x


def _slice_bounds(key, n):
    def number(v):
        return None if v is None else int(v)

    return slice(number(key.start), number(key.stop), number(key.step)).indices(n)


def _several(x, picks):
    """x[..., i, j, ...] with index tensors side by side: their elements go together."""
    import numpy as np

    places = [place for _, place, _ in picks]
    if places != list(range(places[0], places[0] + len(places))):
        raise NotImplementedError("index tensors with slices between them are not supported; use ops.take for one axis after the other")
    sizes_ = [x.shape[p] for p in places]
    flat = None
    for (_, place, indices), n in zip(picks, sizes_):
        at = tensor(_counted_from_front(indices, n), "int32")
        flat = at if flat is None else pointwise("add", pointwise("multiply", flat, n), at)
    shape = list(x.shape)
    merged = shape[: places[0]] + [int(np.prod(sizes_))] + shape[places[-1] + 1 :]
    return take(_cornu.reshape(x, merged), flat, places[0])


def _is_mask(k):
    if isinstance(k, (Tensor, Variable)):
        return k.dtype == "bool"
    return hasattr(k, "dtype") and str(k.dtype) == "bool" or isinstance(k, list) and len(k) > 0 and isinstance(k[0], bool)


def _mask_ndim(k):
    return getattr(k, "ndim", 1)


def _masked(x, keys):
    """x[mask]: how many elements there are depends on numbers, so these must be there."""
    import numpy as np

    keys = [np.asarray(k) if _is_mask(k) else k for k in keys]
    if len(keys) >= 1 and _is_mask(keys[0]) and builtins.all(isinstance(k, slice) and k == slice(None) for k in keys[1:]):
        mask = keys[0]
        flat = _cornu.reshape(x, [int(mask.size), *x.shape[mask.ndim :]])
        return take(flat, np.flatnonzero(mask), 0)
    raise NotImplementedError("a mask can be the only index of a tensor; use ops.where, or two steps")


@_offered
def slice_(inputs, start_indices, shape):
    inputs = tensor(inputs)
    start = list(sizes(start_indices)) if not _cornu.is_traced(start_indices) else start_indices
    shape = sizes(shape)
    end = [n if s == -1 else a + s for a, s, n in zip(start, shape, inputs.shape)]
    return _cornu.slice(inputs, start, end, [1] * inputs.ndim)


slice_.__name__ = "slice"


@_offered
def slice_update(inputs, start_indices, updates):
    inputs, updates = _cornu.alike(inputs, updates)
    start = list(sizes(start_indices))
    import numpy as np

    before, after = start, [n - a - u for n, a, u in zip(inputs.shape, start, updates.shape)]
    mask = np.zeros(inputs.shape, bool)
    mask[tuple(builtins.slice(a, a + u) for a, u in zip(start, updates.shape))] = True
    wide = primitive("pad", updates, before=before, after=after, between=[0] * inputs.ndim, value=0.0)
    return pointwise("select", mask, wide, inputs)


def _flat_places(indices, shape):
    """Rows of index tuples as places in a flattened tensor of this shape."""
    import numpy as np

    n = tensor(indices).shape[-1]
    strides = np.array([int(np.prod(shape[a + 1 : n], dtype=np.int64)) for a in range(n)], np.int32)
    from cornu.keras.ops._reduce import sum

    return tensor(sum(pointwise("multiply", tensor(indices, "int32"), strides), -1), "int32"), n


@_offered
def scatter(indices, values, shape):
    shape = sizes(shape)
    import numpy as np

    places, n = _flat_places(indices, shape)
    values = tensor(values)
    rows = int(np.prod(shape[:n], dtype=np.int64))
    flat = _cornu.scatter_add(_cornu.reshape(values, [-1, *shape[n:]]), _cornu.reshape(places, [-1]), rows)
    return _cornu.reshape(flat, list(shape))


@_offered
def scatter_update(inputs, indices, updates, reduction=None):
    inputs, updates = _cornu.alike(inputs, updates)
    shape = tuple(inputs.shape)
    if reduction == "add":
        return pointwise("add", inputs, scatter(indices, updates, shape))
    if reduction is not None:
        raise NotImplementedError(f"scatter_update with reduction={reduction!r} is not supported; None and 'add' are")
    from cornu.keras.ops._shape import ones_like

    n = tensor(indices).shape[-1]
    hits = scatter(indices, ones_like(_cornu.reshape(updates, [-1, *shape[n:]]), "float32"), shape)
    new = scatter(indices, updates, shape)
    return pointwise("select", pointwise("greater", hits, 0.5), new, inputs)


@_offered
def segment_sum(data, segment_ids, num_segments=None, sorted=False):
    data = tensor(data)
    return _cornu.scatter_add(data, tensor(segment_ids, "int32"), _segments(segment_ids, num_segments))


def _segments(segment_ids, num_segments):
    return int(num_segments) if num_segments is not None else int(tensor(segment_ids).numpy().max()) + 1


def _segment_extreme(data, segment_ids, num_segments, largest):
    import numpy as np

    from cornu.keras.ops._reduce import max, min

    data = tensor(data)
    n = _segments(segment_ids, num_segments)
    member = pointwise("equal", _cornu.reshape(tensor(segment_ids, "int32"), [1, -1] + [1] * (data.ndim - 1)), np.arange(n, dtype=np.int32).reshape([-1, 1] + [1] * (data.ndim - 1)))
    info = (np.finfo if data.dtype.is_floating else np.iinfo)(data.dtype)
    worst = -np.inf if largest and data.dtype.is_floating else np.inf if data.dtype.is_floating else info.min if largest else info.max
    spread = pointwise("select", member, _cornu.reshape(data, [1, *data.shape]), tensor(float(worst) if data.dtype.is_floating else int(worst), data.dtype))
    return (max if largest else min)(spread, 1)


@_offered
def segment_max(data, segment_ids, num_segments=None, sorted=False):
    return _segment_extreme(data, segment_ids, num_segments, True)


@_offered
def segment_min(data, segment_ids, num_segments=None, sorted=False):
    return _segment_extreme(data, segment_ids, num_segments, False)


# ---- order

def _ranks(x):
    """The place of each element of the last axis in ascending order; equal ones keep theirs. n^2 comparisons."""
    import numpy as np

    from cornu.keras.ops._reduce import sum

    n = x.shape[-1]
    a, b = _cornu.reshape(x, [*x.shape, 1]), _cornu.reshape(x, [*x.shape[:-1], 1, n])
    before = pointwise("logical_or", pointwise("less", b, a), pointwise("logical_and", pointwise("equal", a, b), np.tri(n, n, -1, bool)))
    return sum(before, -1)


@_offered
def argsort(x, axis=-1):
    import numpy as np

    from cornu.keras.ops._shape import moveaxis

    x = tensor(x)
    if axis is None:
        x, axis = _cornu.reshape(x, [-1]), 0
    if not x.is_traced:
        return tensor(np.argsort(x.numpy(), axis, kind="stable").astype(np.int32))
    rows = moveaxis(x, axis, -1)
    order = tensor(tensor(_cornu.one_hot(_ranks(rows), rows.shape[-1], "float32")), "float32")  # [..., i, rank of i]
    from cornu.keras.ops._reduce import sum

    places = np.arange(rows.shape[-1], dtype=np.float32)[:, None]
    return moveaxis(tensor(pointwise("round", sum(pointwise("multiply", order, places), -2)), "int32"), -1, axis)


@_offered
def sort(x, axis=-1):
    x = tensor(x)
    if axis is None:
        x, axis = _cornu.reshape(x, [-1]), 0
    return take_along_axis(x, argsort(x, axis), axis)


@_offered
def top_k(x, k, sorted=True):
    x = tensor(x)
    order = argsort(pointwise("negative", x), -1)
    at = get_item(order, (Ellipsis, slice(0, int(k))))
    return take_along_axis(x, at, -1), at


@_offered
def in_top_k(targets, predictions, k):
    from cornu.keras.ops._reduce import sum

    predictions = tensor(predictions)
    own = take_along_axis(predictions, _cornu.reshape(tensor(targets, "int32"), [-1, 1]), -1)
    return pointwise("less", sum(pointwise("greater", predictions, own), -1), int(k))


@_offered
def searchsorted(sorted_sequence, values, side="left"):
    from cornu.keras.ops._reduce import sum

    edges, values = _cornu.alike(sorted_sequence, values)
    return sum(pointwise("less" if side == "left" else "less_equal", edges, _cornu.reshape(values, [*values.shape, 1])), -1)


@_offered
def digitize(x, bins):
    return searchsorted(bins, x, "right")


@_offered
def isin(x1, x2, assume_unique=False, invert=False):
    from cornu.keras.ops._reduce import any

    a, b = _cornu.alike(x1, x2)
    found = any(pointwise("equal", _cornu.reshape(a, [*a.shape, 1]), _cornu.reshape(b, [-1])), -1)
    return pointwise("logical_not", found) if invert else found
