"""cornu: Keras in native C++. `import cornu as tf` for scripts of tf.keras, `from cornu import keras` for scripts of Keras 3."""
from cornu._cornu import (ArgumentError, Error, FormatError, InternalError, IoError, LimitError, NumericError, ShapeError, UnsafeError,
                          UnsupportedError, __version__)
from cornu import keras


def __getattr__(name):
    """tf.data, and what scripts take from tf itself: loaded when it is first asked for."""
    import importlib

    if name.startswith("__"):
        raise AttributeError(name)
    if name == "data":
        return importlib.import_module("cornu.data")
    if name == "TensorSpec":
        return importlib.import_module("cornu._elements").TensorSpec
    facade = importlib.import_module("cornu._tf")
    if name in vars(facade) and not name.startswith("_"):
        value = globals()[name] = getattr(facade, name)
        return value
    from cornu.keras.utils._lazy import lazy

    return lazy("cornu", dict.fromkeys(__dir__()))[0](name)


def __dir__():
    from cornu import _tf

    return sorted({n for n in (*globals(), *vars(_tf)) if not n.startswith("_")} | {"data", "TensorSpec", "__version__"})
