"""keras.metrics: what is reported while training."""
from cornu import _cornu
from cornu.keras import _catalogue, losses


class Metric(_catalogue.Described):
    """The base of metrics. One of your own has update_state(), result() and Variables."""

    _family = "metric"
    _namespace = "keras.metrics"
    _state = None

    def update_state(self, *args, **kwargs):
        if self._state is None:
            self._state = _cornu.MetricState(self)
        self._state.update(*args, **kwargs)

    def result(self):
        return self._state.result() if self._state is not None else _cornu.MetricState(self).result()

    def reset_state(self):
        self._state = None

    def __call__(self, *args, **kwargs):
        self.update_state(*args, **kwargs)
        return self.result()


_listed = _cornu.metric_classes()
_classes = {}
_catalogue.make_classes("metric", Metric, _listed, "metrics", _classes)
globals().update(_classes)
globals().update(losses._functions)


def get(identifier):
    if identifier is None or isinstance(identifier, Metric) or callable(identifier) and not isinstance(identifier, type):
        return identifier
    return _catalogue.from_name("metric", _classes, identifier, Metric, "metric")


def serialize(metric):
    return _catalogue.serialized(metric)


def deserialize(config, custom_objects=None):
    return get(config)
