# Made by python/scripts/stubs.py.
from typing import Any

from cornu.keras.config import DTypePolicy as DTypePolicy
from cornu.keras.config import DTypePolicy as FloatDTypePolicy
from cornu.keras.config import dtype_policy as dtype_policy
from cornu.keras.optimizers.schedules import lazy as lazy

def deserialize(config: Any, custom_objects: Any = ...) -> Any: ...
def get(identifier: Any) -> Any: ...
def serialize(dtype_policy: Any) -> Any: ...
