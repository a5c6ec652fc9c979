"""Products of matrices and their likes."""
from cornu import _cornu
from cornu.keras._dispatch import axis_of, floats, op, pointwise, primitive, tensor
from cornu.keras.ops._shape import expand_dims, moveaxis, ravel

__all__ = []


def _offered(f):
    __all__.append(f.__name__)
    return op(f)


def _product(a, b):
    """a b of at least two axes each; whole numbers by way of float64."""
    if a.dtype.is_floating:
        return primitive("matmul", a, b)
    kind = "int32" if a.dtype.is_bool else a.dtype
    return tensor(pointwise("round", primitive("matmul", tensor(a, "float64"), tensor(b, "float64"))), kind)


@_offered
def matmul(x1, x2):
    a, b = _cornu.alike(x1, x2)
    if a.ndim == 0 or b.ndim == 0:
        raise ValueError("matmul takes tensors of at least one axis; multiply scales by a number")
    left, right = a.ndim == 1, b.ndim == 1
    y = _product(expand_dims(a, 0) if left else a, expand_dims(b, 1) if right else b)
    shape = list(y.shape)
    if right:
        shape.pop()
    if left:
        shape.pop(-1 if right else -2)
    return _cornu.reshape(y, shape) if left or right else y


@_offered
def dot(x1, x2):
    a, b = _cornu.alike(x1, x2)
    if a.ndim == 0 or b.ndim == 0:
        return pointwise("multiply", a, b)
    return tensordot(a, b, [[a.ndim - 1], [max(b.ndim - 2, 0)]])


@_offered
def tensordot(x1, x2, axes=2):
    import math

    a, b = _cornu.alike(x1, x2)
    if isinstance(axes, int):
        axes = [list(range(a.ndim - axes, a.ndim)), list(range(axes))]
    of_a, of_b = ([axis_of(i, t.ndim) for i in (part if isinstance(part, (list, tuple)) else [part])] for part, t in zip(axes, (a, b)))
    free_a, free_b = [i for i in range(a.ndim) if i not in of_a], [i for i in range(b.ndim) if i not in of_b]
    shape = [a.shape[i] for i in free_a] + [b.shape[i] for i in free_b]
    inner = math.prod(a.shape[i] for i in of_a)
    left = _cornu.reshape(primitive("transpose", a, axes=free_a + of_a), [math.prod(a.shape[i] for i in free_a), inner])
    right = _cornu.reshape(primitive("transpose", b, axes=of_b + free_b), [inner, math.prod(b.shape[i] for i in free_b)])
    return _cornu.reshape(_product(left, right), shape)


@_offered
def inner(x1, x2):
    a, b = _cornu.alike(x1, x2)
    return tensordot(a, b, [[-1], [-1]]) if a.ndim and b.ndim else pointwise("multiply", a, b)


@_offered
def outer(x1, x2):
    return pointwise("multiply", expand_dims(ravel(x1), 1), expand_dims(ravel(x2), 0))


@_offered
def vdot(x1, x2):
    return dot(ravel(x1), ravel(x2))


@_offered
def einsum(subscripts, *operands, **kwargs):
    tensors = _cornu.alike(*operands) if len(operands) > 1 else [tensor(operands[0])]
    if tensors[0].dtype.is_floating:
        return _cornu.einsum(subscripts, *tensors)
    return tensor(pointwise("round", _cornu.einsum(subscripts, *(tensor(t, "float64") for t in tensors))), "int32" if tensors[0].dtype.is_bool else tensors[0].dtype)


@_offered
def kron(x1, x2):
    a, b = _cornu.alike(x1, x2)
    ndim = max(a.ndim, b.ndim)
    of_a, of_b = [1] * (ndim - a.ndim) + list(a.shape), [1] * (ndim - b.ndim) + list(b.shape)
    wide_a = _cornu.reshape(a, [n for s in of_a for n in (s, 1)])
    wide_b = _cornu.reshape(b, [n for s in of_b for n in (1, s)])
    return _cornu.reshape(pointwise("multiply", wide_a, wide_b), [s * t for s, t in zip(of_a, of_b)])


@_offered
def cross(x1, x2, axisa=-1, axisb=-1, axisc=-1, axis=None):
    from cornu.keras.ops._shape import concatenate, split

    a, b = _cornu.alike(x1, x2)
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = moveaxis(a, axisa, -1), moveaxis(b, axisb, -1)
    if a.shape[-1] != 3 or b.shape[-1] != 3:
        raise NotImplementedError("cross takes vectors of three numbers")
    (a1, a2, a3), (b1, b2, b3) = split(a, 3, -1), split(b, 3, -1)

    def minor(p, q, r, s):
        return pointwise("subtract", pointwise("multiply", p, q), pointwise("multiply", r, s))

    return moveaxis(concatenate([minor(a2, b3, a3, b2), minor(a3, b1, a1, b3), minor(a1, b2, a2, b1)], -1), -1, axisc)


@_offered
def norm(x, ord=None, axis=None, keepdims=False):
    from cornu.keras.ops import _reduce

    x = floats(x)
    if ord is None or ord == "fro" or (ord == 2 and (axis is not None and not isinstance(axis, (list, tuple)) or x.ndim == 1)):
        return pointwise("sqrt", _reduce.sum(pointwise("square", x), axis, keepdims))
    if axis is None and x.ndim > 1 or isinstance(axis, (list, tuple)) and len(axis) > 1:
        raise NotImplementedError(f"norm of a matrix with ord={ord!r} is not supported; 'fro' is")
    size = pointwise("absolute", x)
    if ord == float("inf"):
        return _reduce.max(size, axis, keepdims)
    if ord == -float("inf"):
        return _reduce.min(size, axis, keepdims)
    if ord == 0:
        return tensor(_reduce.sum(tensor(pointwise("not_equal", x, 0.0), x.dtype), axis, keepdims))
    if ord == 1:
        return _reduce.sum(size, axis, keepdims)
    return pointwise("power", _reduce.sum(pointwise("power", size, float(ord)), axis, keepdims), 1 / ord)


@_offered
def cdist(x, y):
    x, y = (floats(v) for v in _cornu.alike(x, y))
    from cornu.keras.ops import _reduce

    return pointwise("sqrt", _reduce.sum(pointwise("square", pointwise("subtract", expand_dims(x, -2), expand_dims(y, -3))), -1))


@_offered
def corrcoef(x):
    from cornu.keras.ops import _reduce

    x = floats(x)
    d = pointwise("subtract", x, _reduce.mean(x, -1, True))
    c = primitive("matmul", d, d, transpose_b=True)
    from cornu.keras.ops._shape import diagonal

    s = pointwise("sqrt", diagonal(c))
    return pointwise("divide", pointwise("divide", c, expand_dims(s, 1)), expand_dims(s, 0))


@_offered
def trapezoid(y, x=None, dx=1.0, axis=-1):
    from cornu.keras.ops import _reduce
    from cornu.keras.ops._shape import diff

    y = moveaxis(floats(y), axis, -1)
    steps = diff(floats(x), axis=-1) if x is not None else dx
    return pointwise("multiply", _reduce.sum(pointwise("multiply", pointwise("add", y[..., 1:], y[..., :-1]), steps), -1), 0.5)


@_offered
def vander(x, N=None, increasing=False):
    import numpy as np

    x = tensor(x)
    powers = np.arange(N if N is not None else x.shape[0])
    from cornu.keras.ops._pointwise import power

    return power(expand_dims(x, -1), tensor((powers if increasing else powers[::-1]).astype(np.int32), x.dtype))
