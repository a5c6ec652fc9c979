"""keras.dtype_policies: in which numbers layers keep their weights and compute."""
from cornu.keras.config import DTypePolicy, dtype_policy
from cornu.keras.utils._lazy import lazy

FloatDTypePolicy = DTypePolicy


def get(identifier):
    """By name, by description, or as it is; None is the policy of models that are made now."""
    if identifier is None:
        return dtype_policy()
    if isinstance(identifier, DTypePolicy):
        return identifier
    if isinstance(identifier, dict):
        return deserialize(identifier)
    if isinstance(identifier, str):
        return DTypePolicy(identifier)
    raise ValueError(f"Cannot interpret `dtype` argument. Expected a string or an instance of DTypePolicy. Received: dtype={identifier}")


def serialize(dtype_policy):
    return {"module": "keras", "class_name": "DTypePolicy", "config": dtype_policy.get_config(), "registered_name": None}


def deserialize(config, custom_objects=None):
    if config.get("class_name") not in ("DTypePolicy", "FloatDTypePolicy", "Policy"):
        raise ValueError(f"a policy of class {config.get('class_name')!r} is not supported by cornu; it has DTypePolicy")
    return DTypePolicy.from_config(config["config"])


_QUANTIZED = dict.fromkeys("AWQDTypePolicy GPTQDTypePolicy Int4DTypePolicy QuantizedDTypePolicy QuantizedFloat8DTypePolicy".split(), "cornu does not quantize")
__getattr__ = lazy(__name__, {}, _QUANTIZED | {"DTypePolicyMap": "a layer's own dtype is its option `dtype`"})[0]
