"""keras.ops.nn: activations, convolutions, pools, one-hot codes, crossentropies and attention."""
import math as _math

from cornu import _cornu
from cornu.keras._dispatch import axis_of, floats, op, pointwise, primitive, tensor
from cornu.keras.ops import _reduce
from cornu.keras.ops._shape import moveaxis

__all__ = []


def _offered(f):
    __all__.append(f.__name__)
    return op(f)


def _activation(name):
    def f(x):
        return _cornu.activation(name, x)

    f.__name__ = f.__qualname__ = name
    globals()[name] = op(f)
    __all__.append(name)


for _name in "relu relu6 sigmoid tanh softplus softsign silu log_sigmoid hard_sigmoid hard_silu hard_tanh selu sparse_plus sparse_sigmoid tanh_shrink".split():
    _activation(_name)
swish, hard_swish = silu, hard_silu  # noqa: F821
__all__ += ["swish", "hard_swish"]


@_offered
def elu(x, alpha=1.0):
    x = floats(x)
    return pointwise("select", pointwise("greater", x, 0.0), x, pointwise("multiply", pointwise("expm1", pointwise("minimum", x, 0.0)), alpha))


@_offered
def celu(x, alpha=1.0):
    x = floats(x)
    return pointwise("add", pointwise("maximum", x, 0.0), pointwise("multiply", pointwise("expm1", pointwise("divide", pointwise("minimum", x, 0.0), alpha)), alpha))


@_offered
def leaky_relu(x, negative_slope=0.2):
    x = floats(x)
    return pointwise("select", pointwise("greater", x, 0.0), x, pointwise("multiply", x, negative_slope))


@_offered
def gelu(x, approximate=True):
    if not approximate:
        return _cornu.activation("gelu", x)
    x = floats(x)
    inner = pointwise("multiply", pointwise("add", x, pointwise("multiply", pointwise("multiply", pointwise("square", x), x), 0.044715)), _math.sqrt(2 / _math.pi))
    return pointwise("multiply", pointwise("multiply", x, 0.5), pointwise("add", pointwise("tanh", inner), 1.0))


@_offered
def glu(x, axis=-1):
    from cornu.keras.ops._shape import split

    a, b = split(floats(x), 2, axis)
    return pointwise("multiply", a, pointwise("sigmoid", b))


@_offered
def squareplus(x, b=4):
    x = floats(x)
    return pointwise("multiply", pointwise("add", x, pointwise("sqrt", pointwise("add", pointwise("square", x), float(b)))), 0.5)


@_offered
def soft_shrink(x, threshold=0.5):
    x = floats(x)
    return pointwise("multiply", pointwise("sign", x), pointwise("maximum", pointwise("subtract", pointwise("absolute", x), threshold), 0.0))


@_offered
def hard_shrink(x, threshold=0.5):
    x = floats(x)
    return pointwise("select", pointwise("greater", pointwise("absolute", x), threshold), x, 0.0)


@_offered
def threshold(x, threshold, default_value):
    x = floats(x)
    return pointwise("select", pointwise("greater", x, threshold), x, default_value)


def _last_axis(name, x, axis):
    x = floats(x)
    if isinstance(axis, (list, tuple)):
        axes = [axis_of(a, x.ndim) for a in axis]
        moved = moveaxis(x, axes, list(range(x.ndim - len(axes), x.ndim)))
        flat = _cornu.reshape(moved, [*moved.shape[: x.ndim - len(axes)], -1])
        return moveaxis(_cornu.reshape(primitive(name, flat), list(moved.shape)), list(range(x.ndim - len(axes), x.ndim)), axes)
    if axis is None:
        return _cornu.reshape(primitive(name, _cornu.reshape(x, [-1])), list(x.shape))
    return moveaxis(primitive(name, moveaxis(x, axis, -1)), -1, axis)


@_offered
def softmax(x, axis=-1):
    return _last_axis("softmax", x, axis)


@_offered
def log_softmax(x, axis=-1):
    return _last_axis("log_softmax", x, axis)


@_offered
def sparsemax(x, axis=-1):
    return moveaxis(_cornu.activation("sparsemax", moveaxis(floats(x), axis, -1)), -1, axis)


# ---- convolutions and pools: channels last

def _channels_last(data_format, what):
    from cornu.keras import config

    if (data_format or config.image_data_format()) != "channels_last":
        raise NotImplementedError(f"{what}: cornu keeps channels last; data_format='channels_first' is not supported")


def _each(value, n):
    return [int(value)] * n if isinstance(value, int) else [int(v) for v in value]


def _padding(padding, sizes, windows, strides, dilation):
    """Cells before and after each axis, as Keras has them."""
    padding = padding.lower()
    if padding == "valid":
        return [0] * len(sizes), [0] * len(sizes)
    if padding == "causal":
        return [(k - 1) * d for k, d in zip(windows, dilation)], [0] * len(sizes)
    if padding != "same":
        raise ValueError(f"padding is 'valid' or 'same', and was {padding!r}")
    total = [max((-(-n // s) - 1) * s + (k - 1) * d + 1 - n, 0) for n, k, s, d in zip(sizes, windows, strides, dilation)]
    return [t // 2 for t in total], [t - t // 2 for t in total]


@_offered
def conv(inputs, kernel, strides=1, padding="valid", data_format=None, dilation_rate=1):
    _channels_last(data_format, "conv")
    x, kernel = (floats(v) for v in _cornu.alike(inputs, kernel))
    n = x.ndim - 2
    strides, dilation = _each(strides, n), _each(dilation_rate, n)
    before, after = _padding(padding, x.shape[1:-1], kernel.shape[:n], strides, dilation)
    groups = x.shape[-1] // kernel.shape[-2]
    return _cornu.convolution(x, kernel, {"strides": strides, "dilation": dilation, "before": before, "after": after, "groups": groups})


@_offered
def depthwise_conv(inputs, kernel, strides=1, padding="valid", data_format=None, dilation_rate=1):
    kernel = floats(kernel)
    shape = list(kernel.shape)
    channels, multiplier = shape[-2:]
    return conv(inputs, _cornu.reshape(kernel, [*shape[:-2], 1, channels * multiplier]), strides, padding, data_format, dilation_rate)


@_offered
def separable_conv(inputs, depthwise_kernel, pointwise_kernel, strides=1, padding="valid", data_format=None, dilation_rate=1):
    return conv(depthwise_conv(inputs, depthwise_kernel, strides, padding, data_format, dilation_rate), pointwise_kernel, 1, "valid", data_format, 1)


@_offered
def conv_transpose(inputs, kernel, strides=1, padding="valid", output_padding=None, data_format=None, dilation_rate=1):
    _channels_last(data_format, "conv_transpose")
    x, kernel = (floats(v) for v in _cornu.alike(inputs, kernel))
    n = x.ndim - 2
    strides, dilation = _each(strides, n), _each(dilation_rate, n)
    if output_padding is not None:
        raise NotImplementedError("conv_transpose: output_padding is not supported here; layers.Conv2DTranspose has it")
    windows = kernel.shape[:n]
    sizes = [m * s if padding.lower() == "same" else (m - 1) * s + max((k - 1) * d + 1, s) for m, s, k, d in zip(x.shape[1:-1], strides, windows, dilation)]
    before, after = _padding(padding, sizes, windows, strides, dilation)
    if padding.lower() == "valid":
        after = [size - ((m - 1) * s + (k - 1) * d + 1) for size, m, s, k, d in zip(sizes, x.shape[1:-1], strides, windows, dilation)]
        after = [-a if a > 0 else 0 for a in after]
    kernel = primitive("transpose", kernel, axes=[*range(n), n, n + 1])
    return _cornu.convolution_input(x, kernel, sizes, {"strides": strides, "dilation": dilation, "before": before, "after": after, "groups": 1})


def _pool(inputs, pool_size, strides, padding, data_format, largest):
    _channels_last(data_format, "pooling")
    x = floats(inputs)
    n = x.ndim - 2
    size = _each(pool_size, n)
    strides = size if strides is None else _each(strides, n)
    before, after = _padding(padding, x.shape[1:-1], size, strides, [1] * n)
    return _cornu.pooling(x, {"size": size, "strides": strides, "before": before, "after": after}, largest)


@_offered
def max_pool(inputs, pool_size, strides=None, padding="valid", data_format=None):
    return _pool(inputs, pool_size, strides, padding, data_format, True)


@_offered
def average_pool(inputs, pool_size, strides=None, padding="valid", data_format=None):
    return _pool(inputs, pool_size, strides, padding, data_format, False)


# ---- codes

def _floatx():
    from cornu.keras import config

    return config.floatx()


@_offered
def one_hot(x, num_classes, axis=-1, dtype=None, sparse=False):
    if sparse:
        raise NotImplementedError("sparse tensors are not supported by cornu")
    x = tensor(x)
    code = _cornu.one_hot(x if x.dtype.is_integer else tensor(x, "int32"), int(num_classes), "float32" if dtype in ("bool",) else dtype or _floatx())
    if dtype == "bool":
        code = tensor(code, "bool")
    return moveaxis(code, -1, axis)


@_offered
def multi_hot(inputs, num_classes=None, axis=-1, dtype=None, sparse=False, **kwargs):
    num_classes = num_classes if num_classes is not None else kwargs.pop("num_tokens")
    inputs = tensor(inputs)
    return _reduce.max(one_hot(inputs, num_classes, axis, dtype, sparse), 1 if inputs.ndim > 1 else 0)


# ---- crossentropies

def _epsilon():
    from cornu.keras import config

    return config.epsilon()


def _clipped(p):
    return pointwise("minimum", pointwise("maximum", p, _epsilon()), 1 - _epsilon())


@_offered
def categorical_crossentropy(target, output, from_logits=False, axis=-1):
    output = floats(output)
    target = tensor(target, output.dtype)
    if tuple(target.shape) != tuple(output.shape):
        raise ValueError(f"Arguments `target` and `output` must have the same shape. Received: target.shape={tuple(target.shape)}, output.shape={tuple(output.shape)}")
    if from_logits:
        logs = log_softmax(output, axis)
    else:
        logs = pointwise("log", _clipped(pointwise("divide", output, _reduce.sum(output, axis, True))))
    return pointwise("negative", _reduce.sum(pointwise("multiply", target, logs), axis))


@_offered
def sparse_categorical_crossentropy(target, output, from_logits=False, axis=-1):
    output = floats(output)
    target = tensor(target, "int32")
    if target.ndim == output.ndim and target.shape[-1] == 1:
        target = _cornu.reshape(target, list(target.shape[:-1]))
    logs = log_softmax(output if from_logits else pointwise("log", _clipped(output)), axis)
    return pointwise("negative", _reduce.sum(pointwise("multiply", one_hot(target, logs.shape[axis], axis, logs.dtype), logs), axis))


@_offered
def binary_crossentropy(target, output, from_logits=False):
    output = floats(output)
    target = tensor(target, output.dtype)
    if from_logits:
        return pointwise("add", pointwise("subtract", pointwise("maximum", output, 0.0), pointwise("multiply", output, target)),
                         pointwise("log1p", pointwise("exp", pointwise("negative", pointwise("absolute", output)))))
    p = _clipped(output)
    return pointwise("negative", pointwise("add", pointwise("multiply", target, pointwise("log", p)),
                                           pointwise("multiply", pointwise("subtract", 1.0, target), pointwise("log", pointwise("subtract", 1.0, p)))))


# ---- attention

@_offered
def dot_product_attention(query, key, value, bias=None, mask=None, scale=None, is_causal=False, flash_attention=None, attn_logits_soft_cap=None):
    """Of tensors [batch, length, heads, size]."""
    import numpy as np

    query, key, value = (floats(v) for v in _cornu.alike(query, key, value))
    heads, of_keys = query.shape[2], key.shape[2]
    if of_keys != heads:
        from cornu.keras.ops._shape import repeat

        key, value = repeat(key, heads // of_keys, 2), repeat(value, heads // of_keys, 2)
    scores = pointwise("multiply", _cornu.einsum("btnh,bsnh->bnts", query, key), scale if scale is not None else 1 / _math.sqrt(query.shape[-1]))
    if attn_logits_soft_cap is not None:
        scores = pointwise("multiply", pointwise("tanh", pointwise("divide", scores, attn_logits_soft_cap)), attn_logits_soft_cap)
    if bias is not None:
        scores = pointwise("add", scores, bias)
    if is_causal:
        causal = np.tri(scores.shape[-2], scores.shape[-1], dtype=bool)
        mask = causal if mask is None else pointwise("logical_and", mask, causal)
    if mask is not None:
        scores = pointwise("select", mask, scores, float(np.finfo(np.float32).min) * 0.7)
    return _cornu.einsum("bnts,bsnh->btnh", primitive("softmax", scores), value)
