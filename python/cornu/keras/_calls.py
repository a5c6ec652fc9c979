"""What a layer of one's own knows of its calls on KerasTensors. It does not keep these: they keep the layer."""
from cornu import _cornu
from cornu.keras._dispatch import KerasTensor, _replace


class Call:
    """(inputs, outputs) of a call on KerasTensors, as long as something is wired with them: these keep the layer."""

    def __init__(self, *parts):
        self._parts = _replace(parts, KerasTensor, _cornu.WeakSymbol)

    def __getitem__(self, index):
        return _replace(self._parts[index], _cornu.WeakSymbol, _alive)


def _alive(weak):
    symbol = weak()
    if symbol is None:
        raise AttributeError("the KerasTensors that the layer was called on are gone: keep them, or a model that is made of them")
    return symbol
