"""Metrics as functions, a number for each sample, and the metric that is the mean of such a function."""
from cornu.keras import _catalogue, metrics, ops


def _same_rank(y_true, y_pred):
    """As tensors of one rank: a last axis of one is added or dropped."""
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    if y_true.ndim == y_pred.ndim + 1 and y_true.shape[-1] == 1:
        return (y_true, ops.expand_dims(y_pred, -1)) if y_pred.ndim == 1 else (ops.squeeze(y_true, -1), y_pred)
    if y_pred.ndim == y_true.ndim + 1 and y_pred.shape[-1] == 1:
        return (ops.expand_dims(y_true, -1), y_pred) if y_true.ndim == 1 else (y_true, ops.squeeze(y_pred, -1))
    return y_true, y_pred


def _equal(a, b):
    return ops.cast(ops.equal(ops.cast(a, b.dtype), b), "float32")


def _labels(y_true, y_pred):
    """Class numbers without a last axis of one."""
    y_true = ops.convert_to_tensor(y_true)
    return ops.squeeze(y_true, -1) if y_true.ndim == y_pred.ndim and y_true.shape[-1] == 1 else y_true


def binary_accuracy(y_true, y_pred, threshold=0.5):
    y_true, y_pred = _same_rank(y_true, y_pred)
    return _equal(y_true, ops.cast(ops.greater(y_pred, threshold), "float32"))


def categorical_accuracy(y_true, y_pred):
    return _equal(ops.argmax(y_true, axis=-1), ops.argmax(y_pred, axis=-1))


def sparse_categorical_accuracy(y_true, y_pred):
    y_pred = ops.convert_to_tensor(y_pred)
    return _equal(_labels(y_true, y_pred), ops.argmax(y_pred, axis=-1))


def top_k_categorical_accuracy(y_true, y_pred, k=5):
    return sparse_top_k_categorical_accuracy(ops.argmax(y_true, axis=-1), y_pred, k)


def sparse_top_k_categorical_accuracy(y_true, y_pred, k=5, from_sorted_ids=False):
    y_pred = ops.convert_to_tensor(y_pred)
    labels = _labels(y_true, y_pred)
    if from_sorted_ids:
        return ops.cast(ops.any(ops.equal(ops.expand_dims(ops.cast(labels, y_pred.dtype), -1), y_pred[..., :k]), axis=-1), "float32")
    shape = labels.shape
    found = ops.in_top_k(ops.cast(ops.reshape(labels, (-1,)), "int32"), ops.reshape(y_pred, (-1, y_pred.shape[-1])), k=k)
    return ops.reshape(ops.cast(found, "float32"), shape)


def pearson_correlation(y_true, y_pred, axis=-1):
    parts = []
    for x in _same_rank(y_true, y_pred):
        x = x - ops.mean(x, axis=axis, keepdims=True)
        parts.append(x / ops.std(x, axis=axis, keepdims=True))
    return ops.mean(parts[0] * parts[1], axis=axis)


def concordance_correlation(y_true, y_pred, axis=-1):
    y_true, y_pred = _same_rank(y_true, y_pred)
    mean = [ops.mean(x, axis=axis, keepdims=True) for x in (y_true, y_pred)]
    variance = [ops.var(x, axis=axis, keepdims=True) for x in (y_true, y_pred)]
    covariance = (y_true - mean[1]) * (y_pred - mean[1])
    return ops.mean(2 * covariance / (variance[0] + variance[1] + ops.square(mean[0] - mean[1]) + 1e-7), axis=axis)


for _function in (binary_accuracy, categorical_accuracy, sparse_categorical_accuracy, top_k_categorical_accuracy, sparse_top_k_categorical_accuracy,
                  pearson_correlation, concordance_correlation):
    _function.__module__ = "cornu.keras.metrics"
    _function.__cornu_name__ = _function.__name__
    _function.__doc__ = _catalogue.doc_of("".join(part.capitalize() for part in _function.__name__.split("_")))


class MeanMetricWrapper(metrics.Metric):
    """The mean over samples of a function (y_true, y_pred) -> a number for each sample."""

    def __init__(self, fn, name=None, dtype=None, **kwargs):
        super().__init__(name=name, dtype=dtype)
        self._fn, self._fn_kwargs = fn, kwargs
        self.total = self.add_variable((), "zeros", name="total")
        self.count = self.add_variable((), "zeros", name="count")

    def update_state(self, y_true, y_pred, sample_weight=None):
        values = ops.cast(self._fn(y_true, y_pred, **self._fn_kwargs), "float32")
        if values.ndim > 1:
            values = ops.mean(values, axis=tuple(range(1, values.ndim)))
        if sample_weight is None:
            weights = ops.ones_like(values)
        else:
            weights = ops.cast(ops.convert_to_tensor(sample_weight), "float32")
            weights = ops.mean(weights, axis=tuple(range(1, weights.ndim))) if weights.ndim > 1 else weights
            weights = ops.broadcast_to(weights, values.shape)
        self.total.assign_add(ops.sum(values * weights))
        self.count.assign_add(ops.sum(weights))

    def result(self):
        return ops.divide_no_nan(self.total, self.count)

    def get_config(self):
        from cornu.keras import saving

        return {"name": self.name, "dtype": self.dtype, "fn": saving.serialize_keras_object(self._fn), **self._fn_kwargs}

    @classmethod
    def from_config(cls, config):
        from cornu.keras import saving

        return cls(**{name: saving.deserialize_keras_object(value) if name == "fn" else value for name, value in config.items()})
