"""keras.regularizers: penalties on weights."""
from cornu import _cornu
from cornu.keras import _catalogue
from cornu.keras.utils._lazy import lazy


class Regularizer(_catalogue.Described):
    """The base of penalties: called with a tensor, they give a number to be added to the loss."""

    _family = "regularizer"
    _namespace = "keras.regularizers"

    def __call__(self, x):
        return _cornu.apply_regularizer(self, x)


_classes = {}
_catalogue.make_classes(Regularizer, _cornu.regularizer_classes(), "regularizers", _classes)
globals().update(_classes)
l1, l2, orthogonal_regularizer = _classes["L1"], _classes["L2"], _classes["OrthogonalRegularizer"]


def l1_l2(l1=0.01, l2=0.01):
    return _classes["L1L2"](l1, l2)


def get(identifier):
    return _catalogue.from_name(_classes, identifier, Regularizer, "regularizer")


def serialize(regularizer):
    return _catalogue.serialized(regularizer)


def deserialize(config, custom_objects=None):
    return get(config)


__getattr__ = lazy(__name__)[0]
