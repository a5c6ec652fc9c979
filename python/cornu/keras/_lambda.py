"""Layers that hold a function or another layer of the user's."""
from cornu.keras._custom import takes
from cornu.keras._layer import Layer


class Lambda(Layer):
    """A function as a layer. It is traced, so that no Python runs when the model does."""

    def __init__(self, function, output_shape=None, mask=None, arguments=None, **kwargs):
        super().__init__(**kwargs)
        self.function = function
        self.arguments = arguments or {}
        self._mask = mask

    def call(self, inputs, mask=None, training=None):
        more = dict(self.arguments)
        for name, value in (("mask", mask), ("training", training)):
            if name in getattr(getattr(self.function, "__code__", None), "co_varnames", ()) and takes(self.function, name):
                more.setdefault(name, value)
        return self.function(inputs, **more)

    def compute_mask(self, inputs, mask=None):
        return self._mask(inputs, mask) if callable(self._mask) else self._mask

    def get_config(self):
        from cornu.keras import saving

        return {**super().get_config(), "function": saving.serialize_keras_object(self.function), "arguments": self.arguments}

    @classmethod
    def from_config(cls, config):
        from cornu.keras import saving

        config = dict(config)
        if isinstance(config.get("function"), dict):
            config["function"] = saving.deserialize_keras_object(config["function"])
        return cls(**config)


class Wrapper(Layer):
    """The base of layers around a layer."""

    def __init__(self, layer, **kwargs):
        super().__init__(**kwargs)
        self.layer = layer

    def call(self, *args, **kwargs):
        return self.layer(*args, **kwargs)

    def get_config(self):
        from cornu.keras import saving

        return {**super().get_config(), "layer": saving.serialize_keras_object(self.layer)}

    @classmethod
    def from_config(cls, config):
        from cornu.keras import saving

        config = dict(config)
        return cls(saving.deserialize_keras_object(config.pop("layer")), **config)
