"""A file with a layer and a function of the program's own, registered under names, as Keras writes them."""
import keras

from .common import GOLDEN, small_data, write

L = keras.layers


@keras.saving.register_keras_serializable(package="mine")
class Scale(L.Layer):
    def __init__(self, by=2.0, **kwargs):
        super().__init__(**kwargs)
        self.by = by

    def build(self, shape):
        self.shift = self.add_weight(shape=(shape[-1],), initializer="ones", name="shift")

    def call(self, x):
        return x * self.by + self.shift

    def get_config(self):
        return {**super().get_config(), "by": self.by}


@keras.saving.register_keras_serializable(package="mine")
def twice(x):
    return x * 2


def make():
    keras.backend.clear_session()
    keras.utils.set_random_seed(5)
    m = keras.Sequential([keras.Input((8,)), L.Dense(3, "tanh"), L.Lambda(twice, name="double"), Scale(0.5, name="scale"), L.Dense(2, name="last"), Scale(-1.0, name="again")])
    for layer in (m.layers[2], m.layers[4]):
        layer.shift.assign(layer.shift * 0.25)
    m.save(GOLDEN / "fixtures" / "own_layers.keras")
    x, _ = small_data(8)
    write("fixtures/own_layers.json", {"x": x, "predictions": m.predict(x, verbose=0)})
