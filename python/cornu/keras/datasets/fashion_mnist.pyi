# Made by python/scripts/stubs.py.
from typing import Any


def load_data() -> Any: ...
