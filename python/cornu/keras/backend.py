"""keras.backend."""
from cornu import _cornu
from cornu.keras.config import (backend, epsilon, floatx, image_data_format, set_epsilon, set_floatx, set_image_data_format)
from cornu.keras.utils._lazy import lazy

KerasTensor = _cornu.KerasTensor
Variable = _cornu.Variable
_uids = {}
_missing = lazy(__name__)[0]


def clear_session(free_memory=True):
    """Names begin anew. Models and their memory are Python's own: what nobody holds is gone already."""
    from cornu.keras import _names

    _names.reset_names()
    _uids.clear()


def get_uid(prefix=""):
    _uids[prefix] = _uids.get(prefix, 0) + 1
    return _uids[prefix]


def standardize_dtype(dtype):
    """The name of any way to say a dtype."""
    if dtype is None:
        return floatx()
    from cornu import _dtypes

    name = getattr(dtype, "name", None) or (dtype if isinstance(dtype, str) else getattr(dtype, "__name__", str(dtype)))
    name = {"float": "float32", "int": "int64", "bool_": "bool"}.get(name, name)
    name = str(name).removeprefix("torch.").removeprefix("jax.numpy.")
    if not hasattr(_dtypes, name) and name not in ("float16", "int8", "int16", "uint16", "uint32", "uint64", "string"):
        raise ValueError(f"Invalid dtype: {dtype}")
    return name


def is_float_dtype(dtype):
    return standardize_dtype(dtype) in ("float16", "bfloat16", "float32", "float64")


def is_int_dtype(dtype):
    return "int" in standardize_dtype(dtype)


def is_keras_tensor(x):
    return isinstance(x, KerasTensor)


def result_type(*dtypes):
    order = ["bool", "uint8", "int32", "int64", "bfloat16", "float32", "float64"]
    return max((standardize_dtype(d) for d in dtypes), key=order.index) if dtypes else floatx()


def convert_to_tensor(x, dtype=None, sparse=None, ragged=None):
    from cornu.keras.ops import convert_to_tensor

    return convert_to_tensor(x, dtype, sparse, ragged)


def convert_to_numpy(x):
    from cornu.keras.ops import convert_to_numpy

    return convert_to_numpy(x)


def __getattr__(name):
    """The old K.square, K.mean, K.dot ...: keras.ops's of that name."""
    if name.startswith("__"):
        raise AttributeError(name)
    from cornu.keras import activations, ops

    old = {"pow": "power", "batch_dot": "matmul", "concatenate": "concatenate", "l2_normalize": "normalize", "constant": "convert_to_tensor", "permute_dimensions": "transpose",
           "int_shape": "shape", "cast_to_floatx": "cast", "sum": "sum", "std": "std"}.get(name, name)
    for module in (ops, activations):
        found = getattr(module, old, None) if old in dir(module) else None
        if found is not None:
            return found
    return _missing(name)
