"""keras.losses: what training makes small."""
from cornu import _cornu
from cornu.keras import _catalogue
from cornu.keras.utils._lazy import lazy


class Loss(_catalogue.Described):
    """The base of losses. One of your own has call(y_true, y_pred), which gives a number for each sample."""

    _family = "loss"
    _namespace = "keras.losses"
    dtype = "float32"

    def get_config(self):
        return super().get_config() if self._class_name else {"name": self.name, "reduction": self.reduction}

    def __call__(self, y_true, y_pred, sample_weight=None):
        return _cornu.apply_loss(self, y_true, y_pred, sample_weight)

    def call(self, y_true, y_pred):
        return _cornu.apply_loss_values(self, y_true, y_pred)


_listed = [entry for entry in _cornu.loss_classes() if entry[0] != "crossentropy"]
_classes, _functions = {}, {}
_catalogue.make_classes(Loss, _listed, "losses", _classes)
globals().update(_classes)


def _function(cls, names):
    def function(y_true, y_pred, *options, **more):
        return cls(*options, **more).call(y_true, y_pred)

    function.__name__ = function.__qualname__ = function.__cornu_name__ = names[0]
    function.__doc__ = cls.__doc__
    for name in names:
        if name != cls.__name__:
            _functions[name] = function


for _entry in _listed:
    _function(_classes[_entry[0]], _entry[2])
globals().update(_functions)


def get(identifier):
    if identifier is None or isinstance(identifier, Loss) or callable(identifier) and not isinstance(identifier, type):
        return identifier
    if isinstance(identifier, str) and identifier in _functions:
        return _functions[identifier]
    return _catalogue.from_name(_classes, identifier, Loss, "loss")


def serialize(loss):
    return getattr(loss, "__cornu_name__", None) or _catalogue.serialized(loss)


def deserialize(name, custom_objects=None):
    return get(name)


def _for_compile(loss):
    """What compile was given, with functions of one's own as objects of C++'s."""
    if isinstance(loss, (list, tuple)):
        return [_for_compile(one) for one in loss]
    if isinstance(loss, dict) and "class_name" not in loss:
        return {name: _for_compile(one) for name, one in loss.items()}
    if isinstance(loss, type):
        loss = loss()
    if callable(loss) and not hasattr(loss, "__cornu_config__") and not hasattr(loss, "__cornu_name__"):
        return _cornu.python_loss(loss)
    return loss


__getattr__ = lazy(__name__)[0]
