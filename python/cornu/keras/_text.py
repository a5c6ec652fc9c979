"""Layers that take texts: they stand before a model, since tensors hold no text."""
import numpy as np

from cornu import _cornu
from cornu.keras import _catalogue, _data, _names


class _TextLayer:
    """Called on texts (a str, a list, an array, a pipeline's batch), it gives an array of numbers."""

    _more = True
    __signature__ = _catalogue.LazySignature()

    def __init__(self, *args, **kwargs):
        given = _catalogue.bound(type(self), args, kwargs)
        self.name = given.pop("name", None) or _names.auto_name(_names.snake_case(type(self).__name__))
        for ignored in ("trainable", "dtype"):
            given.pop(ignored, None)
        self._given = given
        self._native = self._make({k: v.tolist() if hasattr(v, "tolist") else v for k, v in given.items()})

    def adapt(self, data, batch_size=None, steps=None):
        """Learns the vocabulary."""
        self._native.adapt(_texts(data, steps))

    def __call__(self, inputs):
        if isinstance(inputs, _cornu.KerasTensor):
            raise _cornu.UnsupportedError(f"{type(self).__name__} cannot be part of a model: cornu's tensors hold no text. Call it on the texts, and give the model its numbers")
        texts = inputs.numpy() if hasattr(inputs, "numpy") else inputs
        if isinstance(texts, (str, bytes)):
            return self._native.call(texts)[0]
        texts = np.asarray(texts)
        flat = self._native.call(texts.reshape(-1))
        return self._reshaped(flat, texts.shape)

    def _reshaped(self, numbers, shape):
        return numbers

    def get_vocabulary(self, include_special_tokens=True):
        words = self._native.get_vocabulary()
        return words if include_special_tokens else [w for w in words if w not in ("", "[UNK]")]

    def vocabulary_size(self):
        return len(self._native.get_vocabulary())

    def set_vocabulary(self, vocabulary, idf_weights=None):
        self._given = self._given | {"vocabulary": list(vocabulary), "idf_weights": idf_weights}
        self._native = self._make(self._given)

    def get_config(self):
        return {"name": self.name, "trainable": True, "dtype": "float32"} | self._native.config()

    @classmethod
    def from_config(cls, config):
        return cls(**config)

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        config = self._native.config()
        if name in config:
            return config[name]
        raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}")

    def __repr__(self):
        return f"<{type(self).__name__} name={self.name}>"


class TextVectorization(_TextLayer):
    _make = staticmethod(_cornu.text_vectorization)


class StringLookup(_TextLayer):
    _make = staticmethod(_cornu.string_lookup)

    def __call__(self, inputs):
        if self._native.config()["invert"] and not isinstance(inputs, _cornu.KerasTensor):
            indices = np.asarray(inputs)
            return np.array(self._native.inverse(indices.reshape(-1)), dtype=object).reshape(indices.shape)
        return super().__call__(inputs)

    def _reshaped(self, numbers, shape):
        return numbers.reshape(shape) if numbers.ndim == 1 and self._native.config()["output_mode"] == "int" else numbers


for _class, _options in zip((TextVectorization, StringLookup), _cornu.text_options()):
    _catalogue.fill(_class, _class.__name__, _options, "layers", more=True)
    _class.__doc__ = _catalogue.doc_of(_class.__name__)


def _texts(data, steps=None):
    """All texts of an array, a list, or batches of them."""
    import itertools

    if not _data.is_batches(data):
        return np.asarray(data.numpy() if hasattr(data, "numpy") else data).reshape(-1)
    texts = []
    for batch in itertools.islice(iter(data), steps):
        batch = batch[0] if isinstance(batch, tuple) else batch
        texts.extend(np.asarray(batch.numpy() if hasattr(batch, "numpy") else batch).reshape(-1).tolist())
    return texts
