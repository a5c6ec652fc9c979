"""keras.layers: every layer of C++'s catalogue, and the base of one's own."""
import weakref

from cornu import _cornu
from cornu.keras import _catalogue, _names

KerasTensor = _cornu.KerasTensor
_wrappers = weakref.WeakValueDictionary()  # Python's objects by the handles that they stand for


def wrapped(handle):
    """The object of Python's for a handle of C++'s: the one that there is, else a new one."""
    found = _wrappers.get(handle.id)
    if found is not None:
        return found
    cls = _classes.get(handle.class_name)
    if cls is None:
        if handle.class_name in ("Sequential", "Functional"):
            raise NotImplementedError(f"'{handle.name}' is a model within a model that Python has no object of; keep one")
        cls = Layer
    layer = cls.__new__(cls)
    layer._adopt(handle)
    return layer


class Layer:
    """The base of all layers. One of your own has build() and call(), which is traced and compiled with the model."""

    _options = None
    _class_name = None
    _more = True
    _handle = None
    __signature__ = _catalogue.LazySignature()

    def __init__(self, *args, **kwargs):
        if self._class_name is None:
            raise NotImplementedError("a layer of one's own")
        self._adopt(_cornu.layer_from_config(self._class_name, _layer_config(_catalogue.bound(type(self), args, kwargs))))
        if not self._handle.name:
            self._handle.suggest_name(_names.auto_name(self._prefix))

    def _adopt(self, handle):
        self._handle = handle
        _wrappers[handle.id] = self

    # ---- calls

    def __call__(self, *args, **kwargs):
        first = args[0] if args else None
        if isinstance(first, KerasTensor) or _holds_symbols(args) or _holds_symbols(kwargs.values()):
            return self._wire(args, kwargs)
        return self._compute(args, kwargs)

    def _wire(self, args, kwargs):
        inputs, symbols, options = _call_arguments(self, args, kwargs)
        outputs = _cornu.call_on_symbols(self._handle, inputs, symbols, options)
        self._calls = getattr(self, "_calls", []) + [(inputs, outputs)]
        for output in outputs:
            output._keras_layer = self
        return outputs[0] if len(outputs) == 1 else outputs

    # ---- what belongs to every layer

    @property
    def name(self):
        return self._handle.name

    @name.setter
    def name(self, name):
        self._handle.name = name

    @property
    def trainable(self):
        return self._handle.trainable

    @trainable.setter
    def trainable(self, trainable):
        self._handle.trainable = bool(trainable)

    @property
    def built(self):
        return bool(self._handle.weights())

    def get_weights(self):
        return self._handle.get_weights()

    def set_weights(self, weights):
        self._handle.set_weights(weights)

    def count_params(self):
        return self._handle.count_params()

    def get_config(self):
        return self._handle.config()["config"]

    @classmethod
    def from_config(cls, config):
        return cls(**config)

    def __cornu_config__(self):
        return self._handle.held()

    @property
    def input(self):
        return self._call_of("input")[0]

    @property
    def output(self):
        outputs = self._call_of("output")[1]
        return outputs[0] if len(outputs) == 1 else outputs

    def _call_of(self, what):
        calls = getattr(self, "_calls", [])
        if len(calls) != 1:
            raise AttributeError(f"the layer '{self.name}' has {'no ' + what if not calls else f'{len(calls)} calls, so no one {what}'}; it is called on a KerasTensor to get one")
        return calls[0]

    def __repr__(self):
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"


def _holds_symbols(values):
    for value in values:
        if isinstance(value, KerasTensor):
            return True
        if isinstance(value, (list, tuple)) and _holds_symbols(value):
            return True
        if isinstance(value, dict) and _holds_symbols(value.values()):
            return True
    return False


def _call_arguments(layer, args, kwargs):
    """(inputs, symbols by keyword, options) of a call."""
    inputs = args[0] if len(args) == 1 else list(args)
    symbols, options = {}, {}
    for name, value in kwargs.items():
        if value is None:
            continue
        if _holds_symbols([value]):
            symbols[name] = value
        else:
            options[name] = value
    return inputs, symbols, options


def _layer_config(given):
    """A layer's options as C++ reads them."""
    config = {name: _catalogue.option(name, value) for name, value in given.items()}
    if config.get("name", "") is None:
        del config["name"]
    batch = config.pop("batch_size", None)
    if config.get("input_shape") is not None:
        config["batch_input_shape"] = [batch, *config.pop("input_shape")]
    if "input_dim" in config and "output_dim" not in config:
        config["batch_input_shape"] = [batch, config.pop("input_dim")]
    return config


def Input(shape=None, batch_size=None, dtype=None, sparse=None, batch_shape=None, name=None, tensor=None, optional=False, ragged=None):
    """What a model is fed: the shape of one sample, with None where sizes may differ."""
    if sparse or ragged or optional or tensor is not None:
        raise NotImplementedError("Input: sparse, ragged, optional inputs and given tensors are not supported by cornu")
    if batch_shape is not None:
        shape = batch_shape[1:]
    if shape is None:
        raise ValueError("Input needs a shape: that of one sample, without the batch axis")
    if isinstance(shape, int):
        shape = (shape,)
    return _cornu.input(tuple(shape), name or _names.auto_name("input_layer"), dtype or "float32")


_classes = {}
_catalogue.make_classes("layer", Layer, _cornu.layer_classes(), "layers", _classes)
for _name, _class in _classes.items():
    _class._prefix = _names.snake_case(_name)
globals().update(_classes)
_ALIASES = {
    "MaxPool1D": "MaxPooling1D", "MaxPool2D": "MaxPooling2D", "MaxPool3D": "MaxPooling3D",
    "AvgPool1D": "AveragePooling1D", "AvgPool2D": "AveragePooling2D", "AvgPool3D": "AveragePooling3D",
    "GlobalMaxPool1D": "GlobalMaxPooling1D", "GlobalMaxPool2D": "GlobalMaxPooling2D", "GlobalMaxPool3D": "GlobalMaxPooling3D",
    "GlobalAvgPool1D": "GlobalAveragePooling1D", "GlobalAvgPool2D": "GlobalAveragePooling2D", "GlobalAvgPool3D": "GlobalAveragePooling3D",
    "Convolution1D": "Conv1D", "Convolution2D": "Conv2D", "Convolution3D": "Conv3D",
    "Convolution1DTranspose": "Conv1DTranspose", "Convolution2DTranspose": "Conv2DTranspose", "Convolution3DTranspose": "Conv3DTranspose",
    "SeparableConvolution1D": "SeparableConv1D", "SeparableConvolution2D": "SeparableConv2D",
}
for _name, _of in _ALIASES.items():
    if _of in _classes:
        globals()[_name] = _classes[_of]
