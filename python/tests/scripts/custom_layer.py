"""Layers of one's own: weights in build, a config, a state that is not trained, layers in layers."""
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import ops

import json
import os
import tempfile

import numpy as np


@keras.utils.register_keras_serializable(package="Scripts")
class Linear(keras.layers.Layer):
    def __init__(self, units=32, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape):
        self.w = self.add_weight(shape=(input_shape[-1], self.units), initializer="glorot_uniform", trainable=True, name="w")
        self.b = self.add_weight(shape=(self.units,), initializer="zeros", trainable=True, name="b")

    def call(self, inputs):
        return ops.matmul(inputs, self.w) + self.b

    def get_config(self):
        return {**super().get_config(), "units": self.units}


@keras.utils.register_keras_serializable(package="Scripts")
class Block(keras.layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.first = Linear(8)
        self.second = Linear(1)

    def call(self, inputs):
        return self.second(ops.tanh(self.first(inputs)))


class Sum(keras.layers.Layer):
    def __init__(self, size):
        super().__init__()
        self.total = self.add_weight(shape=(size,), initializer="zeros", trainable=False, name="total")

    def call(self, inputs):
        self.total.assign_add(ops.sum(inputs, axis=0))
        return self.total


rng = np.random.default_rng(17)
x = rng.normal(size=(128, 3)).astype("float32")
y = np.sin(x[:, :1]) * x[:, 1:2]

layer = Linear(4)
out = layer(tf.ones((2, 3)))
total = Sum(2)
total(np.ones((2, 2), "float32"))
twice = np.array(total(np.ones((2, 2), "float32")))

inputs = keras.Input((3,))
model = keras.Model(inputs, Block(name="block")(inputs))
model.set_weights([rng.normal(0, 0.5, w.shape).astype("float32") for w in model.get_weights()])
model.compile("adam", "mse")
history = model.fit(x, y, epochs=20, batch_size=32, shuffle=False, verbose=0)
path = os.path.join(tempfile.mkdtemp(), "own.keras")
model.save(path)
loaded = keras.models.load_model(path)
print(json.dumps({
    "shape": list(out.shape),
    "weights": [list(w.shape) for w in layer.weights],
    "twice": twice.tolist(),
    "sum_trains": len(total.trainable_weights),
    "first": history.history["loss"][0],
    "last": history.history["loss"][-1],
    "loaded": bool(np.allclose(loaded.predict(x, verbose=0), model.predict(x, verbose=0), atol=1e-6)),
    "config": loaded.get_layer("block").first.units,
}))
