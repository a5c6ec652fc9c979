"""Normalizations, and images as blocks of channels."""
import math as _math

from cornu import _cornu
from cornu.keras.ops import _reduce
from cornu.keras._dispatch import axes_of, axis_of, floats, op, pointwise, primitive, tensor

__all__ = []


def _offered(f):
    __all__.append(f.__name__)
    return op(f)


@_offered
def moments(x, axes, keepdims=False, synchronized=False):
    x = floats(x)
    return _reduce.mean(x, axes, keepdims), _reduce.var(x, axes, keepdims)


@_offered
def batch_normalization(x, mean, variance, axis, offset=None, scale=None, epsilon=1e-3):
    x = floats(x)
    shape = [n if a == axis_of(axis, x.ndim) else 1 for a, n in enumerate(x.shape)]
    factor = pointwise("rsqrt", pointwise("add", _cornu.reshape(tensor(variance), shape), epsilon))
    if scale is not None:
        factor = pointwise("multiply", factor, _cornu.reshape(tensor(scale), shape))
    y = pointwise("multiply", pointwise("subtract", x, _cornu.reshape(tensor(mean), shape)), factor)
    return y if offset is None else pointwise("add", y, _cornu.reshape(tensor(offset), shape))


def _scaled(y, factor, axes):
    factor = tensor(factor)
    return pointwise("multiply", y, factor if factor.ndim != len(axes) else _cornu.reshape(factor, [n if a in axes else 1 for a, n in enumerate(y.shape)]))


@_offered
def layer_normalization(x, gamma=None, beta=None, axis=-1, epsilon=None, **kwargs):
    x = floats(x)
    axes = axes_of(axis, x.ndim)
    centered = pointwise("subtract", x, _reduce.mean(x, axes, True))
    y = pointwise("multiply", centered, pointwise("rsqrt", pointwise("add", _reduce.mean(pointwise("square", centered), axes, True), _epsilon() if epsilon is None else epsilon)))
    if gamma is not None:
        y = _scaled(y, gamma, axes)
    if beta is None:
        return y
    beta = tensor(beta)
    return pointwise("add", y, _cornu.reshape(beta, [n if a in axes else 1 for a, n in enumerate(y.shape)]) if beta.ndim == len(axes) else beta)


@_offered
def rms_normalization(x, scale=None, axis=-1, epsilon=None):
    x = floats(x)
    axes = axes_of(axis, x.ndim)
    y = pointwise("multiply", x, pointwise("rsqrt", pointwise("add", _reduce.mean(pointwise("square", x), axes, True), _epsilon() if epsilon is None else epsilon)))
    return y if scale is None else _scaled(y, scale, axes)


@_offered
def normalize(x, axis=-1, order=2, epsilon=None):
    epsilon = _epsilon() if epsilon is None else epsilon
    x = floats(x)
    if order == 2:
        return pointwise("multiply", x, pointwise("rsqrt", pointwise("maximum", _reduce.sum(pointwise("square", x), axis, True), epsilon * epsilon)))
    from cornu.keras.ops._products import norm

    return pointwise("divide", x, pointwise("maximum", norm(x, order, axis, True), epsilon))


def _epsilon():
    from cornu.keras import config

    return config.epsilon()


@_offered
def psnr(x1, x2, max_val):
    a, b = (floats(v) for v in _cornu.alike(x1, x2))
    error = _reduce.mean(pointwise("square", pointwise("subtract", a, b)))
    return pointwise("subtract", 20 * _math.log10(max_val), pointwise("multiply", pointwise("log10", error), 10.0))


@_offered
def depth_to_space(x, block_size, data_format="channels_last"):
    x, b = tensor(x), int(block_size)
    n, h, w, c = x.shape
    parts = primitive("transpose", _cornu.reshape(x, [n, h, w, b, b, c // (b * b)]), axes=[0, 1, 3, 2, 4, 5])
    return _cornu.reshape(parts, [n, h * b, w * b, c // (b * b)])


@_offered
def space_to_depth(x, block_size, data_format="channels_last"):
    x, b = tensor(x), int(block_size)
    n, h, w, c = x.shape
    parts = primitive("transpose", _cornu.reshape(x, [n, h // b, b, w // b, b, c]), axes=[0, 1, 3, 2, 4, 5])
    return _cornu.reshape(parts, [n, h // b, w // b, b * b * c])


@_offered
def extract_sequences(x, sequence_length, sequence_stride):
    import numpy as np

    from cornu.keras.ops._index import take

    x = tensor(x)
    count = (x.shape[-1] - sequence_length) // sequence_stride + 1
    return take(x, np.arange(count)[:, None] * sequence_stride + np.arange(sequence_length), -1)
