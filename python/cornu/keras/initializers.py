"""keras.initializers: how weights begin."""
from cornu import _cornu
from cornu.keras import _catalogue, _names
from cornu.keras.utils._lazy import lazy


class Initializer(_catalogue.Described):
    """The base of initializers: called with a shape and a dtype, they give an array."""

    _family = "initializer"
    _namespace = "keras.initializers"
    _calls = 0

    def __call__(self, shape, dtype=None, **kwargs):
        self._calls += 1
        return _cornu.initialize(self, shape, dtype or "float32", _names.shuffle_seed(), self._calls)

    def clone(self):
        return type(self).from_config(self.get_config())


_classes = {}
_catalogue.make_classes(Initializer, _cornu.initializer_classes(), "initializers", _classes)
globals().update(_classes)
globals().update({_names.snake_case(name): cls for name, cls in _classes.items()})
globals().update(zeros=_classes["Zeros"], ones=_classes["Ones"], normal=_classes["RandomNormal"], uniform=_classes["RandomUniform"], one=_classes["Ones"], zero=_classes["Zeros"],
                 IdentityInitializer=_classes["Identity"], OrthogonalInitializer=_classes["Orthogonal"], STFTInitializer=_classes["STFT"])


def get(identifier):
    return _catalogue.from_name(_classes, identifier, Initializer, "initializer")


def serialize(initializer):
    return _catalogue.serialized(initializer)


def deserialize(config, custom_objects=None):
    return get(config)


__getattr__ = lazy(__name__)[0]
