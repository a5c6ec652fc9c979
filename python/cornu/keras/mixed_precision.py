"""keras.mixed_precision: the policy of models that are made from now on."""
from cornu.keras.config import DTypePolicy, dtype_policy, set_dtype_policy

Policy = DTypePolicy


def global_policy():
    return dtype_policy()


def set_global_policy(policy):
    set_dtype_policy(policy)


def __getattr__(name):
    if name == "LossScaleOptimizer":
        from cornu.keras import optimizers

        return optimizers.LossScaleOptimizer
    raise AttributeError(f"cornu has no keras.mixed_precision.{name}")
