"""keras.optimizers: how weights follow their gradients."""
from cornu import _cornu
from cornu.keras import _catalogue
from cornu.keras.optimizers import schedules


class Optimizer(_catalogue.Described):
    """The base of optimizers."""

    _family = "optimizer"
    _namespace = "keras.optimizers"
    _model = None  # C++'s, once a model is compiled with it

    @property
    def learning_rate(self):
        return self._model.learning_rate if self._model is not None else self._config["learning_rate"]

    @learning_rate.setter
    def learning_rate(self, rate):
        if self._model is not None:
            self._model.learning_rate = float(rate)
        self._given["learning_rate"] = self._config["learning_rate"] = rate

    lr = learning_rate

    @property
    def iterations(self):
        return self._model.iterations if self._model is not None else 0


_classes = {}
_catalogue.make_classes("optimizer", Optimizer, _cornu.optimizer_classes(), "optimizers", _classes)
globals().update(_classes)


def get(identifier):
    return _catalogue.from_name("optimizer", _classes, identifier, Optimizer, "optimizer")


def serialize(optimizer):
    return _catalogue.serialized(optimizer)


def deserialize(config, custom_objects=None):
    return get(config)
