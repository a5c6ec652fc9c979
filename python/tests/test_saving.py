"""Files of models and weights, classes of one's own in them, and what is refused."""
import json
import zipfile

import numpy as np
import pytest

import cornu
from cornu import keras
from cornu.keras import layers

X = np.random.default_rng(0).normal(size=(12, 4)).astype("float32")
Y = X[:, :2]


def trained():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3, "relu"), layers.Dense(2)])
    model.compile(keras.optimizers.Adam(0.01), "mse", metrics=["mae"])
    model.fit(X, Y, epochs=2, verbose=0)
    return model


def test_a_model_comes_back_with_weights_optimizer_and_losses(tmp_path):
    model = trained()
    model.save(tmp_path / "m.keras")
    again = keras.models.load_model(tmp_path / "m.keras")
    assert type(again) is keras.Sequential and [type(layer) for layer in again.layers] == [layers.Dense, layers.Dense]
    np.testing.assert_array_equal(again.predict(X, verbose=0), model.predict(X, verbose=0))
    assert again.evaluate(X, Y, verbose=0) == model.evaluate(X, Y, verbose=0)
    assert again.optimizer.iterations == model.optimizer.iterations and type(again.optimizer).__name__ == "Adam"
    first, second = again.fit(X, Y, verbose=0).history["loss"], model.fit(X, Y, verbose=0).history["loss"]
    assert first == second


def test_weights_alone(tmp_path):
    model = trained()
    model.save_weights(tmp_path / "w.weights.h5")
    other = keras.Sequential([keras.Input((4,)), layers.Dense(3, "relu"), layers.Dense(2)])
    other.load_weights(tmp_path / "w.weights.h5")
    np.testing.assert_array_equal(other.predict(X, verbose=0), model.predict(X, verbose=0))


def test_a_functional_model_comes_back_with_its_names(tmp_path):
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    model = keras.Model({"a": a, "b": b}, layers.Dense(1, name="out")(layers.concatenate([a, b])))
    model.save(tmp_path / "f.keras")
    again = keras.saving.load_model(tmp_path / "f.keras")
    np.testing.assert_array_equal(again.predict({"a": X, "b": X}, verbose=0), model.predict({"a": X, "b": X}, verbose=0))
    assert again.get_layer("out").units == 1


def test_names_of_files_are_checked(tmp_path):
    model = trained()
    with pytest.raises(ValueError, match=".keras"):
        model.save(tmp_path / "model.bin")
    with pytest.raises(NotImplementedError, match=".h5"):
        model.save(tmp_path / "model.h5")
    model.save(tmp_path / "m.keras")
    with pytest.raises(ValueError, match="overwrite"):
        model.save(tmp_path / "m.keras", overwrite=False)


def test_a_damaged_file_and_one_with_code_are_refused(tmp_path):
    (tmp_path / "bad.keras").write_bytes(b"no archive")
    with pytest.raises(cornu.FormatError):
        keras.models.load_model(tmp_path / "bad.keras")
    trained().save(tmp_path / "m.keras")
    with zipfile.ZipFile(tmp_path / "m.keras") as archive, zipfile.ZipFile(tmp_path / "evil.keras", "w") as evil:
        for name in archive.namelist():
            content = archive.read(name)
            if name == "config.json":
                config = json.loads(content)
                config["config"]["layers"][1]["config"]["activation"] = {"class_name": "__lambda__", "config": {"code": "eA=="}}
                content = json.dumps(config)
            evil.writestr(name, content)
    with pytest.raises(cornu.Error, match="never runs code"):
        keras.models.load_model(tmp_path / "evil.keras")


@keras.saving.register_keras_serializable(package="test")
class Scaled(layers.Layer):
    def __init__(self, by=2.0, **kwargs):
        super().__init__(**kwargs)
        self.by = by

    def build(self, input_shape):
        self.scale = self.add_weight(shape=(input_shape[-1],), initializer="ones", name="scale")

    def call(self, x):
        return x * self.scale * self.by

    def get_config(self):
        return super().get_config() | {"by": self.by}


def test_classes_of_one_s_own_come_back_by_their_names(tmp_path):
    model = keras.Sequential([keras.Input((4,)), Scaled(3.0), layers.Dense(2)])
    model.save(tmp_path / "own.keras")
    again = keras.models.load_model(tmp_path / "own.keras")
    assert type(again.layers[0]) is Scaled and again.layers[0].by == 3.0
    np.testing.assert_array_equal(again.predict(X, verbose=0), model.predict(X, verbose=0))


def test_custom_objects_and_scopes_name_what_is_not_registered(tmp_path):
    class Shifted(layers.Layer):
        def call(self, x):
            return x + 1

    model = keras.Sequential([keras.Input((4,)), Shifted()])
    model.save(tmp_path / "s.keras")
    with pytest.raises((cornu.Error, TypeError), match="Shifted"):
        keras.models.load_model(tmp_path / "s.keras")
    assert type(keras.models.load_model(tmp_path / "s.keras", custom_objects={"Shifted": Shifted}).layers[0]) is Shifted
    with keras.saving.custom_object_scope({"Shifted": Shifted}):
        np.testing.assert_array_equal(keras.models.load_model(tmp_path / "s.keras").predict(X, verbose=0), X + 1)


def test_objects_go_to_descriptions_and_back():
    for thing in (keras.losses.Huber(delta=2.0), keras.optimizers.SGD(0.1, momentum=0.9), keras.initializers.HeNormal(seed=3), keras.regularizers.L1L2(0.1, 0.2),
                  keras.metrics.AUC(name="a"), keras.optimizers.schedules.CosineDecay(0.1, 100)):
        again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(thing))
        assert type(again) is type(thing) and again.get_config() == thing.get_config()
