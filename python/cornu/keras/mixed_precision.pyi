# Made by python/scripts/stubs.py.
from typing import Any

from cornu.keras.config import DTypePolicy as DTypePolicy
from cornu.keras.config import DTypePolicy as Policy
from cornu.keras.config import dtype_policy as dtype_policy
from cornu.keras.config import set_dtype_policy as set_dtype_policy

def global_policy() -> Any: ...
def set_global_policy(policy: Any) -> Any: ...
