"""keras.metrics: what is reported while training."""
from cornu import _cornu
from cornu.keras import _catalogue, _own, losses
from cornu.keras.utils._lazy import lazy


class Metric(_catalogue.Described):
    """The base of metrics. One of your own makes its variables in __init__ with add_variable(), and has update_state(y_true, y_pred,
    sample_weight=None) and result()."""

    _family = "metric"
    _namespace = "keras.metrics"
    _state = None
    dtype = "float32"
    add_variable = _own.add_variable
    add_weight = _own.add_variable

    def get_config(self):
        return super().get_config() if self._class_name else {"name": self.name, "dtype": self.dtype}

    def update_state(self, *args, **kwargs):
        if self._state is None:
            self._state = _cornu.MetricState(self)
        self._state.update(*args, **kwargs)

    def result(self):
        return (self._state or _cornu.MetricState(self)).result()

    def reset_state(self):
        if _own.is_own(self):
            _own.reset(self)
        elif self._state is not None:
            self._state.reset()

    reset_states = reset_state

    def __call__(self, *args, **kwargs):
        self.update_state(*args, **kwargs)
        return self.result()

    @property
    def variables(self):
        if _own.is_own(self):
            return list(self.__dict__.get("_own_weights", []))
        return self._state.variables() if self._state is not None else []


_listed = _cornu.metric_classes()
_classes = {}
_catalogue.make_classes(Metric, _listed, "metrics", _classes)
globals().update(_classes)
globals().update(losses._functions)


def get(identifier):
    if identifier is None or isinstance(identifier, Metric) or callable(identifier) and not isinstance(identifier, type):
        return identifier
    return _catalogue.from_name(_classes, identifier, Metric, "metric")


def serialize(metric):
    return _catalogue.serialized(metric)


def deserialize(config, custom_objects=None):
    return get(config)


def _for_compile(metrics):
    """What compile was given, with functions of one's own as objects of C++'s."""
    if metrics is None:
        return None
    if isinstance(metrics, dict):
        return {name: [_one(m) for m in (given if isinstance(given, (list, tuple)) else [given])] for name, given in metrics.items()}
    return [_for_compile(m) if isinstance(m, (list, tuple, dict)) else _one(m) for m in (metrics if isinstance(metrics, (list, tuple)) else [metrics])]


def _one(metric):
    if isinstance(metric, type):
        metric = metric()
    if callable(metric) and not hasattr(metric, "__cornu_config__") and not hasattr(metric, "__cornu_name__"):
        return _cornu.python_metric(metric)
    return metric


_functions = dict.fromkeys("binary_accuracy categorical_accuracy sparse_categorical_accuracy top_k_categorical_accuracy sparse_top_k_categorical_accuracy "
                           "pearson_correlation concordance_correlation MeanMetricWrapper".split(), "cornu.keras._metric_functions")
__getattr__ = lazy(__name__, _functions)[0]


def __dir__():
    return sorted({*globals(), *_functions})
