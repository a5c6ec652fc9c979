# Made by python/scripts/stubs.py.
from typing import Any

from cornu.keras.datasets.imdb import located as located

def images(name: Any) -> Any: ...
def load_data(path: Any = ...) -> Any: ...
