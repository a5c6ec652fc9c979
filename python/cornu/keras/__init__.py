"""keras: models, layers and all that they are made of."""
import importlib

from cornu.keras import layers, models
from cornu.keras.layers import Input, KerasTensor, Layer
from cornu.keras.models import Model, Sequential

_MODULES = ("activations backend callbacks config constraints datasets initializers losses metrics mixed_precision ops optimizers "
            "preprocessing random regularizers saving utils wrappers").split()


def __getattr__(name):
    if name in _MODULES:
        return importlib.import_module(f"cornu.keras.{name}")
    raise AttributeError(f"cornu has no keras.{name}")
