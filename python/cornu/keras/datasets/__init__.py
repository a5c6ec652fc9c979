"""keras.datasets: what lies in Keras's folder of data sets, ~/.keras/datasets or $KERAS_HOME/datasets; cornu downloads nothing.
Fashion-MNIST is also found where Debian's package dataset-fashion-mnist puts it."""
import importlib

_MODULES = ("boston_housing", "california_housing", "cifar10", "cifar100", "fashion_mnist", "imdb", "mnist", "reuters")
__all__ = list(_MODULES)


def __getattr__(name):
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"cornu has no keras.datasets.{name}; there are {', '.join(_MODULES)}")


def __dir__():
    return __all__
