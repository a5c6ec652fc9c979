"""What scripts take from tf itself, beside tf.keras and tf.data: counted from notebooks, and spelled as there."""
import builtins
import contextlib
import types

from cornu import _cornu, _dtypes
from cornu._dtypes import DType, TensorShape, bfloat16, float32, float64, int32, int64, uint8
from cornu._function import function, functions_run_eagerly, numpy_function, py_function, run_functions_eagerly
from cornu._tape import GradientTape
from cornu.keras import ops
from cornu.keras.ops import (abs, argsort, broadcast_to, cast, clip as _clip, concatenate, convert_to_tensor, cos, cumsum, custom_gradient, divide, einsum, equal, exp, expand_dims, eye, floor, greater,
                             greater_equal, less, less_equal, linspace, logical_and, logical_not, logical_or, matmul, maximum, meshgrid, minimum, multiply, negative, not_equal,
                             ones, ones_like, pad as _pad, repeat, reshape, roll, round, sigmoid, sign, sin, sort, split as _split, sqrt, square, squeeze, stack,
                             stop_gradient, subtract, tan, tanh, tensordot, tile, transpose as _transpose, unstack, where, zeros, zeros_like)
from cornu.keras.ops import add, power as pow

bool = _dtypes.bool
double, half_of_float32 = float64, bfloat16
dtypes = _dtypes
newaxis = None
Tensor = _cornu.Tensor
KerasTensor = _cornu.KerasTensor
acos, asin, atan, atan2, atanh, acosh, asinh = ops.arccos, ops.arcsin, ops.arctan, ops.arctan2, ops.arctanh, ops.arccosh, ops.arcsinh
truediv, floordiv, mod = ops.true_divide, ops.floor_divide, ops.mod


class Variable(_cornu.Variable):
    """A tensor that may be assigned to, and that tapes watch."""

    def __init__(self, initial_value=None, trainable=True, validate_shape=True, caching_device=None, name=None, variable_def=None, dtype=None, import_scope=None,
                 constraint=None, synchronization=None, aggregation=None, shape=None):
        if callable(initial_value):
            initial_value = initial_value()
        super().__init__(initial_value, trainable=builtins.bool(trainable), dtype=dtype, name=name)
        self.constraint = constraint


def constant(value, dtype=None, shape=None, name="Const"):
    x = convert_to_tensor(value, dtype)
    if shape is None:
        return x
    return ops.broadcast_to(x, shape) if x.size == 1 else ops.reshape(x, shape)


def identity(input, name=None):
    return ops.copy(input)


def shape(input, out_type=None, name=None):
    """A tuple of ints: sizes are known when a model is traced."""
    return TensorShape(ops.shape(input))


def size(input, out_type=None, name=None):
    return ops.size(input)


def rank(input, name=None):
    return ops.ndim(input)


def concat(values, axis, name=None):
    return concatenate(values, axis=axis)


def transpose(a, perm=None, conjugate=False, name=None):
    return _transpose(a, perm)


def split(value, num_or_size_splits, axis=0, num=None, name=None):
    if isinstance(num_or_size_splits, int):
        return _split(value, num_or_size_splits, axis)
    ends, at = [], 0
    for part in num_or_size_splits[:-1]:
        at += part
        ends.append(at)
    return _split(value, ends, axis)


def pad(tensor, paddings, mode="CONSTANT", constant_values=0, name=None):
    mode = mode.lower()
    return _pad(tensor, paddings, mode, constant_values if mode == "constant" else None)


def fill(dims, value, name=None):
    return ops.full(dims, value, ops.convert_to_tensor(value).dtype)


def range(start, limit=None, delta=1, dtype=None, name="range"):
    return ops.arange(start, dtype=dtype) if limit is None else ops.arange(start, limit, delta, dtype=dtype)


def one_hot(indices, depth, on_value=None, off_value=None, axis=-1, dtype=None, name=None):
    code = ops.one_hot(indices, depth, axis=axis, dtype=dtype)
    if on_value is None and off_value is None:
        return code
    return ops.where(ops.cast(code, "bool"), 1 if on_value is None else on_value, 0 if off_value is None else off_value)


def argmax(input, axis=0, output_type=int64, name=None):
    return cast(ops.argmax(input, axis=axis), output_type)


def argmin(input, axis=0, output_type=int64, name=None):
    return cast(ops.argmin(input, axis=axis), output_type)


def gather(params, indices, validate_indices=None, axis=0, batch_dims=0, name=None):
    if batch_dims:
        raise NotImplementedError("gather: batch_dims is not supported; see ops.take_along_axis")
    return ops.take(params, indices, axis=axis)


def gather_nd(params, indices, batch_dims=0, name=None):
    if batch_dims:
        raise NotImplementedError("gather_nd: batch_dims is not supported")
    indices = convert_to_tensor(indices)
    return params[tuple(unstack(indices, axis=-1))]


def boolean_mask(tensor, mask, axis=None, name="boolean_mask"):
    return convert_to_tensor(tensor)[convert_to_tensor(mask)]


def scatter_nd(indices, updates, shape, name=None):
    return ops.scatter(indices, updates, shape)


def tensor_scatter_nd_update(tensor, indices, updates, name=None):
    return ops.scatter_update(tensor, indices, updates)


def clip_by_value(t, clip_value_min, clip_value_max, name=None):
    return _clip(t, clip_value_min, clip_value_max)


def clip_by_norm(t, clip_norm, axes=None, name=None):
    t = convert_to_tensor(t)
    length = ops.norm(t, axis=axes, keepdims=axes is not None)
    return t * (clip_norm / ops.maximum(length, clip_norm))


def clip_by_global_norm(t_list, clip_norm, use_norm=None, name=None):
    total = use_norm if use_norm is not None else global_norm(t_list)
    scale = clip_norm / ops.maximum(total, clip_norm)
    return [None if t is None else t * scale for t in t_list], total


def global_norm(t_list, name=None):
    return ops.sqrt(builtins.sum(ops.sum(ops.square(t)) for t in t_list if t is not None))


def norm(tensor, ord="euclidean", axis=None, keepdims=None, name=None):
    return ops.norm(tensor, None if ord == "euclidean" else ord, axis, builtins.bool(keepdims))


def _reduction(name):
    function = getattr(ops, name)

    def reduce(input_tensor, axis=None, keepdims=False, name=None):
        return function(input_tensor, axis=axis, keepdims=keepdims)

    reduce.__name__ = f"reduce_{name}"
    return reduce


reduce_sum, reduce_mean, reduce_max, reduce_min, reduce_prod, reduce_any, reduce_all, reduce_logsumexp, reduce_std, reduce_variance = (
    _reduction(n) for n in "sum mean max min prod any all logsumexp std var".split())


def add_n(inputs, name=None):
    return builtins.sum(inputs[1:], convert_to_tensor(inputs[0]))


def cond(pred, true_fn=None, false_fn=None, name=None):
    return ops.cond(pred, true_fn, false_fn)


def while_loop(cond, body, loop_vars, shape_invariants=None, parallel_iterations=10, back_prop=True, swap_memory=False, maximum_iterations=None, name=None):
    return ops.while_loop(cond, body, loop_vars, maximum_iterations)


def map_fn(fn, elems, **kwargs):
    return ops.map(fn, elems)


vectorized_map = map_fn


def executing_eagerly():
    return not (_cornu.tracing() or _cornu.recording())


def print(*inputs, output_stream=None, summarize=3, sep=" ", end="\n", name=None):
    """Prints numbers that are there; while something is traced, what is known of tensors then."""
    builtins.print(*inputs, sep=sep, end=end)


def is_tensor(x):
    return ops.is_tensor(x)


@contextlib.contextmanager
def device(name):
    """Nothing to do: cornu computes on the processor."""
    yield


@contextlib.contextmanager
def name_scope(name):
    """Nothing to do: weights are named by their layers."""
    yield


def ensure_shape(x, shape, name=None):
    if len(x.shape) != len(shape) or builtins.any(s is not None and n is not None and s != n for s, n in zip(shape, x.shape)):
        raise ValueError(f"ensure_shape: {tuple(x.shape)} is not {tuple(shape)}")
    return x


def get_static_value(tensor, partial=False):
    return None if _cornu.is_traced(tensor) else convert_to_tensor(tensor).numpy()


def _namespace(name, doc, **members):
    module = types.ModuleType(f"cornu.{name}", doc)
    for key, value in members.items():
        setattr(module, key, value)
    return module


def _top_k(input, k=1, sorted=True, index_type=int32, name=None):
    return ops.top_k(input, k, sorted)


def _l2_normalize(x, axis=None, epsilon=1e-12, name=None):
    return x * ops.rsqrt(ops.maximum(ops.sum(ops.square(x), axis=axis, keepdims=True), epsilon))


_reductions = {n: globals()[n] for n in list(globals()) if n.startswith("reduce_")}
math = _namespace(
    "math", "tf.math", **_reductions, l2_normalize=_l2_normalize, top_k=_top_k, argmax=argmax, argmin=argmin, pow=pow, add_n=add_n, atan2=ops.arctan2, asin=ops.arcsin,
    acos=ops.arccos, atan=ops.arctan, truediv=ops.true_divide, floordiv=ops.floor_divide, is_nan=ops.isnan, is_inf=ops.isinf, is_finite=ops.isfinite,
    unsorted_segment_sum=lambda data, segment_ids, num_segments, name=None: ops.segment_sum(data, segment_ids, num_segments), ceil=ops.ceil,
    confusion_matrix=lambda labels, predictions, num_classes=None, **kw: _confusion(labels, predictions, num_classes),
    **{n: getattr(ops, n) for n in "abs add subtract multiply divide divide_no_nan negative square sqrt rsqrt exp expm1 log log1p sin cos tan tanh sinh cosh sigmoid softplus "
       "softsign sign floor round maximum minimum mod equal not_equal greater greater_equal less less_equal logical_and logical_or logical_not logical_xor cumsum cumprod "
       "erf erfc bincount in_top_k reciprocal log_sigmoid logsumexp".split() if n != "logsumexp"}, squared_difference=lambda x, y, name=None: ops.square(ops.subtract(x, y)))
squared_difference = math.squared_difference
confusion_matrix = math.confusion_matrix


def _confusion(labels, predictions, num_classes=None):
    labels, predictions = (cast(x, "int32") for x in (labels, predictions))
    n = num_classes if num_classes is not None else int(ops.max(ops.maximum(labels, predictions))) + 1
    return cast(ops.matmul(ops.transpose(ops.one_hot(labels, n)), ops.one_hot(predictions, n)), "int32")


def _with_logits(function):
    def loss(labels=None, logits=None, axis=-1, name=None):
        return function(labels, logits)

    return loss


def _nn_dropout(x, rate=0.5, noise_shape=None, seed=None, name=None):
    from cornu.keras import random

    return random.dropout(x, rate, noise_shape, seed)


def _moments(x, axes, shift=None, keepdims=False, name=None):
    return ops.moments(x, axes, keepdims)


nn = _namespace(
    "nn", "tf.nn", l2_normalize=_l2_normalize, top_k=_top_k, dropout=_nn_dropout, moments=_moments, embedding_lookup=lambda params, ids, **kw: ops.take(params, ids, axis=0),
    softmax_cross_entropy_with_logits=_with_logits(lambda y, z: ops.categorical_crossentropy(y, z, from_logits=True)),
    sparse_softmax_cross_entropy_with_logits=_with_logits(lambda y, z: ops.sparse_categorical_crossentropy(y, z, from_logits=True)),
    sigmoid_cross_entropy_with_logits=_with_logits(lambda y, z: ops.binary_crossentropy(y, z, from_logits=True)),
    conv2d=lambda input, filters, strides, padding, **kw: ops.conv(input, filters, strides if isinstance(strides, int) else list(strides)[-3:-1] if len(strides) == 4 else strides, padding.lower()),
    max_pool2d=lambda input, ksize, strides, padding, **kw: ops.max_pool(input, ksize, strides, padding.lower()),
    avg_pool2d=lambda input, ksize, strides, padding, **kw: ops.average_pool(input, ksize, strides, padding.lower()),
    bias_add=lambda value, bias, **kw: ops.add(value, bias), l2_loss=lambda t, name=None: ops.sum(ops.square(t)) / 2,
    gelu=lambda features, approximate=False, name=None: ops.gelu(features, approximate),
    leaky_relu=lambda features, alpha=0.2, name=None: ops.leaky_relu(features, alpha),
    **{n: getattr(ops, n) for n in "relu relu6 sigmoid tanh softmax log_softmax softplus softsign elu selu silu swish".split()})

linalg = _namespace("linalg", "tf.linalg", matmul=matmul, norm=norm, einsum=einsum, trace=ops.trace, diag=ops.diag, diag_part=ops.diagonal, eye=eye,
                    l2_normalize=_l2_normalize, tensordot=tensordot, global_norm=global_norm,
                    matvec=lambda a, b, **kw: ops.squeeze(ops.matmul(a, ops.expand_dims(b, -1)), -1), matrix_transpose=lambda a, **kw: ops.swapaxes(a, -1, -2),
                    band_part=lambda x, lower, upper, **kw: _band(x, lower, upper),
                    **{n: getattr(ops.linalg, n) for n in "det inv qr svd cholesky solve lstsq pinv eigh".split()})


def _band(x, lower, upper):
    if lower >= 0:
        x = ops.triu(x, -lower)
    return ops.tril(x, upper) if upper >= 0 else x


def _random(name):
    def draw(shape, *args, dtype=float32, seed=None, name_=None, **kwargs):
        from cornu.keras import random

        return getattr(random, name)(shape, *args, dtype=dtype, seed=seed, **kwargs)

    return draw


def _set_seed(seed):
    from cornu.keras import _names

    _names.set_seed(seed)
    _cornu.set_seed(seed)


def _random_uniform(shape, minval=0, maxval=None, dtype=float32, seed=None, name=None):
    from cornu.keras import random

    if "int" in dtype:
        return random.randint(shape, minval, maxval, dtype, seed)
    return random.uniform(shape, minval, 1.0 if maxval is None else maxval, dtype, seed)


def _random_shuffle(value, seed=None, name=None):
    from cornu.keras import random

    return random.shuffle(value, seed=seed)


def _random_categorical(logits, num_samples, dtype=int64, seed=None, name=None):
    from cornu.keras import random

    return random.categorical(logits, num_samples, dtype, seed)


random = _namespace("random", "tf.random", set_seed=_set_seed, normal=_random("normal"), uniform=_random_uniform, truncated_normal=_random("truncated_normal"),
                    shuffle=_random_shuffle, categorical=_random_categorical, gamma=_random("gamma"))


def _image_resize(images, size, method="bilinear", preserve_aspect_ratio=False, antialias=False, name=None):
    if preserve_aspect_ratio:
        raise NotImplementedError("tf.image.resize: preserve_aspect_ratio is not supported")
    return ops.image.resize(images, size, interpolation=str(method).lower().rsplit(".", 1)[-1], antialias=antialias)


def _flip(axis):
    return lambda image: ops.flip(image, axis)


image = _namespace("image", "tf.image", resize=_image_resize, rgb_to_grayscale=ops.image.rgb_to_grayscale, flip_left_right=_flip(-2), flip_up_down=_flip(-3),
                   grayscale_to_rgb=lambda images, name=None: ops.repeat(images, 3, axis=-1), ResizeMethod=types.SimpleNamespace(BILINEAR="bilinear", NEAREST_NEIGHBOR="nearest"),
                   convert_image_dtype=lambda image, dtype, **kw: ops.cast(image, dtype) / 255.0 if ops.convert_to_tensor(image).dtype.is_integer else ops.cast(image, dtype),
                   crop_to_bounding_box=lambda image, top, left, height, width: ops.image.crop_images(image, top, left, target_height=height, target_width=width),
                   pad_to_bounding_box=lambda image, top, left, height, width: ops.image.pad_images(image, top, left, target_height=height, target_width=width))
config = _namespace("config", "tf.config", list_physical_devices=lambda device_type=None: [] if device_type == "GPU" else ["/physical_device:CPU:0"],
                    list_logical_devices=lambda device_type=None: [] if device_type == "GPU" else ["/device:CPU:0"], run_functions_eagerly=run_functions_eagerly,
                    functions_run_eagerly=functions_run_eagerly, experimental=types.SimpleNamespace(set_memory_growth=lambda *a: None))
test = _namespace("test", "tf.test", is_gpu_available=lambda *a, **k: False, gpu_device_name=lambda: "")
debugging = _namespace("debugging", "tf.debugging", set_log_device_placement=lambda enabled: None)


def _assert_equal(x, y, message=None, **kw):
    if not builtins.bool(ops.all(ops.equal(x, y))):
        raise ValueError(message or f"{x} and {y} differ")


debugging.assert_equal = _assert_equal
