"""keras.preprocessing: the names of Keras's earlier days, for scripts that use them."""
from cornu.keras.utils._lazy import lazy

_WHERE = {name: "cornu.keras.utils" for name in
          ("image_dataset_from_directory", "text_dataset_from_directory", "timeseries_dataset_from_array")}
_MODULES = ("image", "sequence", "text")
_lazy_getattr, _ = lazy(__name__, _WHERE)
__all__ = sorted([*_WHERE, *_MODULES])


def __getattr__(name):
    if name in _MODULES:
        import importlib

        return importlib.import_module(f"{__name__}.{name}")
    return _lazy_getattr(name)


def __dir__():
    return __all__
