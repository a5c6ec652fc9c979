# Made by python/scripts/stubs.py.
from typing import Any

from cornu.keras.datasets.cifar10 import cifar as cifar

def load_data(label_mode: Any = ...) -> Any: ...
