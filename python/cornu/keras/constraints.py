"""keras.constraints: what weights are brought to after each update."""
from cornu import _cornu
from cornu.keras import _catalogue, _names
from cornu.keras.utils._lazy import lazy


class Constraint(_catalogue.Described):
    """The base of constraints: called with a weight, they give what it becomes."""

    _family = "constraint"
    _namespace = "keras.constraints"

    def __call__(self, w):
        return _cornu.apply_constraint(self, w)


_classes = {}
_catalogue.make_classes(Constraint, _cornu.constraint_classes(), "constraints", _classes)
globals().update(_classes)
globals().update({_names.snake_case(name): cls for name, cls in _classes.items()})


def get(identifier):
    return _catalogue.from_name(_classes, identifier, Constraint, "constraint")


def serialize(constraint):
    return _catalogue.serialized(constraint)


def deserialize(config, custom_objects=None):
    return get(config)


__getattr__ = lazy(__name__)[0]
