"""keras.layers: every layer of C++'s catalogue, and the base of one's own."""
from cornu import _cornu
from cornu.keras import _catalogue, _names
from cornu.keras._layer import Layer, wrapped  # noqa: F401
from cornu.keras.utils._lazy import lazy

KerasTensor = _cornu.KerasTensor


def Input(shape=None, batch_size=None, dtype=None, sparse=None, batch_shape=None, name=None, tensor=None, optional=False, ragged=None):
    """What a model is fed: the shape of one sample, with None where sizes may differ from batch to batch."""
    if sparse or ragged or optional or tensor is not None:
        raise _cornu.UnsupportedError("Input: sparse, ragged and optional inputs, and tensors that are given, are not supported by cornu")
    if batch_shape is not None:
        shape = tuple(batch_shape)[1:]
    if shape is None:
        raise ValueError("Input needs a shape: that of one sample, without the batch axis, such as Input(shape=(784,))")
    if isinstance(shape, int):
        raise ValueError(f"Input: a shape is a tuple, such as ({shape},), and {shape} was given")
    return _cornu.input(tuple(shape), name or _names.auto_name("input_layer"), dtype or "float32")


_classes = {}
_catalogue.make_classes(Layer, _cornu.layer_classes(), "layers", _classes)
for _name, _class in _classes.items():
    _class._prefix = _names.snake_case(_name)
globals().update(_classes)
for _name, _class in list(_classes.items()):  # Keras's other names for them
    for _long, _short in (("MaxPooling", "MaxPool"), ("AveragePooling", "AvgPool"), ("Conv", "Convolution")):
        if _long in _name and not (_long == "Conv" and _name.startswith("Depthwise")):
            globals()[_name.replace(_long, _short)] = _class


def _merge(cls):
    def merge(inputs, **kwargs):
        return cls(**kwargs)(inputs)

    merge.__name__ = merge.__qualname__ = cls.__name__.lower()
    merge.__doc__ = f"{cls.__name__}()(inputs)"
    return merge


for _name in ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate"):
    globals()[_name.lower()] = _merge(_classes[_name])


def dot(inputs, axes=-1, **kwargs):
    """Dot(axes)(inputs)"""
    return _classes["Dot"](axes=axes, **kwargs)(inputs)


def serialize(layer):
    """The full description of a layer, as files have it."""
    from cornu.keras import saving

    return saving.serialize_keras_object(layer)


def deserialize(config, custom_objects=None):
    """The layer that a description describes."""
    from cornu.keras import saving

    return saving.deserialize_keras_object(config, custom_objects=custom_objects)


_ABSENT = {
    "TFSMLayer": "it would run TensorFlow's code", "FlaxLayer": "it would run JAX's code", "JaxLayer": "it would run JAX's code", "TorchModuleWrapper": "it would run PyTorch's code",
    "ThresholdedReLU": "layers.ReLU(threshold=...) does what it did", "LSTMV1": "layers.LSTM serves", "CuDNNLSTM": "layers.LSTM serves", "CuDNNGRU": "layers.GRU serves",
}
_text = {name: "cornu.keras._text" for name in ("TextVectorization", "StringLookup")}
_other = {"Lambda": "cornu.keras._custom", "Wrapper": "cornu.keras._custom", "InputSpec": "cornu.keras._layer"}
_missing, _dir = lazy(__name__, _text | _other | {name: __name__ for name in list(globals()) if name[0].isupper()}, _ABSENT)


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    return _missing(name)


def __dir__():
    return sorted({n for n in globals() if not n.startswith("_")} | set(_text) | set(_other))
