"""keras: models, layers and all that they are made of."""
from cornu import _cornu
from cornu.keras import layers, models
from cornu.keras._layer import InputSpec, Layer
from cornu.keras.layers import Input
from cornu.keras.models import Model, Sequential
from cornu.keras.utils._lazy import lazy

__version__ = _cornu.__version__
KerasTensor = _cornu.KerasTensor
Functional = Model
_MODULES = ("activations backend callbacks config constraints datasets dtype_policies initializers layers losses metrics mixed_precision models ops optimizers preprocessing "
            "random regularizers saving tree utils wrappers").split()
_WHERE = {
    "Variable": "cornu.keras.backend", "Loss": "cornu.keras.losses", "Metric": "cornu.keras.metrics", "Optimizer": "cornu.keras.optimizers",
    "Initializer": "cornu.keras.initializers", "Regularizer": "cornu.keras.regularizers", "Constraint": "cornu.keras.constraints", "Callback": "cornu.keras.callbacks",
    "DTypePolicy": "cornu.keras.mixed_precision", "FloatDTypePolicy": "cornu.keras.dtype_policies",
}
_ABSENT = {
    "applications": "it would download weights; load_model() reads .keras files saved by Keras", "distribution": "cornu computes on one machine",
    "export": "save() writes .keras files, which Keras reads", "quantizers": "the policy mixed_bfloat16 computes in a smaller type", "visualization": "plot with matplotlib",
    "distillation": "a Model with a train_step of its own does it", "StatelessScope": "cornu's models keep their state",
    "Quantizer": "the policy mixed_bfloat16 computes in a smaller type", "remat": "cornu plans memory by itself", "device": "cornu computes on the processor",
    "legacy": "the names of Keras 3 serve",
}
_missing, _ = lazy(__name__, _WHERE | dict.fromkeys(["Sequential", "Model", "Input", "Layer", *_MODULES]), _ABSENT)


def version():
    return __version__


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    if name in _MODULES:
        import importlib

        return importlib.import_module(f"cornu.keras.{name}")
    return _missing(name)


def __dir__():
    return sorted({n for n in globals() if not n.startswith("_")} | set(_MODULES) | set(_WHERE) | {"__version__"})
