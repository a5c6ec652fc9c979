# Made by python/scripts/stubs.py.
from typing import Any

from cornu.keras.datasets.boston_housing import housing as housing

def load_data(version: Any = ..., path: Any = ..., test_split: float = ..., seed: float = ...) -> Any: ...
