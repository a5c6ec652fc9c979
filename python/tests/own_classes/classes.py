"""Layers and models of one's own with layers in attributes, lists and dicts; the same file for Keras and for cornu.

    KERAS_BACKEND=tensorflow python classes.py      under Keras: writes block.keras, net.keras and predictions.json beside this file
"""
import json
import pathlib

import numpy as np

if __name__ == "__main__":
    import keras
else:
    from cornu import keras

layers = keras.layers
HERE = pathlib.Path(__file__).resolve().parent
X = (np.arange(12).reshape(4, 3) / 10).astype("float32")


@keras.saving.register_keras_serializable(package="own")
class Block(layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.first = layers.Dense(units, activation="relu")
        self.rest = [layers.Dense(units), layers.Dense(units)]
        self.table = {"norm": layers.LayerNormalization()}

    def build(self, input_shape):
        self.scale = self.add_weight(shape=(self.units,), initializer="ones", name="scale")
        if __name__ == "__main__":  # which cornu does by itself
            self.first.build(input_shape)
            for layer in (*self.rest, self.table["norm"]):
                layer.build((None, self.units))

    def call(self, inputs):
        x = self.first(inputs)
        for layer in self.rest:
            x = x + layer(x)
        return self.table["norm"](x) * self.scale

    def get_config(self):
        return {**super().get_config(), "units": self.units}


@keras.saving.register_keras_serializable(package="own")
class Net(keras.Model):
    """Keras keeps `out` in files under `layers`, an attribute too, which comes before it."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.a = layers.Dense(4)
        self.blocks = [Block(4), Block(4)]
        self.out = keras.Sequential([layers.Dense(3, activation="relu"), layers.Dense(1)])

    def call(self, inputs):
        x = self.a(inputs)
        for block in self.blocks:
            x = block(x)
        return self.out(x)

    def get_config(self):
        return {}


@keras.saving.register_keras_serializable(package="own", name="distance")
def apart(y_true, y_pred):
    return keras.ops.mean(keras.ops.abs(y_true - y_pred), axis=-1)


def trained():
    """{file: model}"""
    keras.utils.set_random_seed(3)
    block = keras.Sequential([keras.Input((3,)), Block(4), Block(5), layers.Dense(1)])
    made = {"block.keras": block, "net.keras": Net()}
    for model in made.values():
        model.compile("adam", apart)
        model.fit(X, np.ones((4, 1)), verbose=0)
    return made


if __name__ == "__main__":
    said = {}
    for name, model in trained().items():
        model.save(HERE / name)
        said[name] = model.predict(X, verbose=0).tolist()
    (HERE / "predictions.json").write_text(json.dumps(said) + "\n")
