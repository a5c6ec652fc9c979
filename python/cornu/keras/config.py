"""keras.config: what holds for everything that is made from now on."""
from cornu import _cornu
from cornu.keras.utils._lazy import lazy

_floatx, _epsilon, _image_data_format, _interactive = "float32", 1e-7, "channels_last", True
_policy = None
_max_epochs = _max_steps = None


def floatx():
    return _floatx


def set_floatx(value):
    global _floatx
    value = str(value)
    if value == "float16":
        raise NotImplementedError("cornu has no float16; float32, float64 and bfloat16 are there")
    if value not in ("float32", "float64", "bfloat16"):
        raise ValueError(f"Unknown `floatx` value: {value}. Expected one of ('bfloat16', 'float32', 'float64')")
    _cornu.set_floatx(value)
    _floatx = value


def epsilon():
    return _epsilon


def set_epsilon(value):
    global _epsilon
    _epsilon = float(value)


def image_data_format():
    return _image_data_format


def set_image_data_format(data_format):
    if data_format == "channels_first":
        raise NotImplementedError("cornu keeps channels last; image_data_format 'channels_first' is not supported")
    if data_format != "channels_last":
        raise ValueError(f"The `data_format` argument must be 'channels_last'. Received: data_format={data_format}")


def backend():
    return "cornu"


def set_backend(backend):
    if backend != "cornu":
        raise NotImplementedError(f"cornu computes by itself; the backend {backend!r} is not part of it")


class DTypePolicy:
    """In which numbers layers keep their weights and compute."""

    def __init__(self, name="float32", source_name=None):
        if name in ("mixed_float16", "float16"):
            raise NotImplementedError(f"the dtype policy {name!r} is not supported by cornu; mixed_bfloat16 rounds what enters matrix products and needs no loss scaling")
        if name not in ("float32", "float64", "mixed_bfloat16"):
            raise ValueError(f"unknown dtype policy {name!r}; cornu has float32, float64 and mixed_bfloat16")
        self.name = name

    @property
    def compute_dtype(self):
        return "bfloat16" if self.name == "mixed_bfloat16" else self.name

    @property
    def variable_dtype(self):
        return "float32" if self.name == "mixed_bfloat16" else self.name

    @property
    def quantization_mode(self):
        return None

    @property
    def __cornu_name__(self):
        return self.name

    def get_config(self):
        return {"name": self.name}

    @classmethod
    def from_config(cls, config):
        return cls(**config)

    def __eq__(self, other):
        return self.name == getattr(other, "name", other)

    def __hash__(self):
        return hash(self.name)

    def __repr__(self):
        return f'<DTypePolicy "{self.name}">'


def dtype_policy():
    return _policy or DTypePolicy(_floatx)


def set_dtype_policy(policy):
    """Of models that are made from now on."""
    global _policy
    _policy = policy if isinstance(policy, DTypePolicy) else DTypePolicy(policy)


def enable_interactive_logging():
    global _interactive
    _interactive = True


def disable_interactive_logging():
    """verbose="auto" becomes 0."""
    global _interactive
    _interactive = False


def is_interactive_logging_enabled():
    return _interactive


def enable_traceback_filtering():
    """Nothing to do: errors come from C++, whose frames Python does not show."""


def disable_traceback_filtering():
    """Nothing to do: errors come from C++, whose frames Python does not show."""


def is_traceback_filtering_enabled():
    return True


def enable_unsafe_deserialization():
    raise NotImplementedError("cornu never runs code from a file: lambdas in files stay refused. Register the function (keras.saving.register_keras_serializable)")


def is_flash_attention_enabled():
    return False


def enable_flash_attention():
    raise NotImplementedError("cornu has no flash attention")


def disable_flash_attention():
    """Nothing to do: there is none."""


def max_epochs():
    return _max_epochs


def set_max_epochs(max_epochs):
    global _max_epochs
    _max_epochs = max_epochs


def max_steps_per_epoch():
    return _max_steps


def set_max_steps_per_epoch(max_steps_per_epoch):
    global _max_steps
    _max_steps = max_steps_per_epoch


def is_nnx_enabled():
    return False


__getattr__ = lazy(__name__)[0]
