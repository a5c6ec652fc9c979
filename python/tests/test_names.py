"""Smaller parts of Keras's surface: keras.tree, metrics as functions, policies, names in files."""
import collections
import json
import zipfile

import numpy as np
import pytest

from cornu import keras
from cornu.keras import layers, metrics, tree


def test_trees_are_flattened_mapped_and_packed():
    nested = {"b": [1, (2, 3)], "a": 4}
    assert tree.flatten(nested) == [4, 1, 2, 3] and tree.flatten(None) == [None] and tree.flatten(1) == [1]
    assert tree.flatten({100: "world!", 6: "Hello"}) == ["Hello", "world!"]
    assert tree.map_structure(lambda v: v * 10, nested) == {"b": [10, (20, 30)], "a": 40}
    assert tree.map_structure(lambda a, b: a + b, [1, [2]], [3, [4]]) == [4, [6]]
    assert tree.pack_sequence_as(nested, [1, 2, 3, 4]) == {"b": [2, (3, 4)], "a": 1}
    assert tree.flatten_with_path([{"foo": 42}]) == [((0, "foo"), 42)]
    Point = collections.namedtuple("Point", "x y")
    assert tree.map_structure(lambda v: -v, Point(1, [2])) == Point(-1, [-2])
    assert tree.is_nested({}) and tree.is_nested(()) and not tree.is_nested("text") and not tree.is_nested(np.ones(2))
    assert tree.lists_to_tuples([1, [2, {"a": [3]}]]) == (1, (2, {"a": (3,)}))
    assert tree.map_structure_up_to([None, None], len, [[1, 1], [2, 2, 2]]) == [2, 3]
    assert tree.map_shape_structure(tuple, {"a": [2, None], "b": [(3,)]}) == {"a": (2, None), "b": [(3,)]}
    seen = []
    tree.traverse(seen.append, [(1, 2), [3]], top_down=True)
    assert seen == [[(1, 2), [3]], (1, 2), 1, 2, [3], 3]
    for a, b in (([1], [1, 2]), ([1], 1), ({"a": 1}, {"b": 1}), ([1], {0: 1})):
        with pytest.raises(ValueError, match="same nested structure"):
            tree.assert_same_structure(a, b)
    with pytest.raises(ValueError, match="4 leaves"):
        tree.pack_sequence_as(nested, [1])
    with pytest.raises(ValueError, match="same paths"):
        tree.assert_same_paths([0], [0, 1])


def test_metrics_as_functions_are_keras_s():
    # What Keras 3.15.1 gives.
    y, p = np.array([[0.0, 1, 0.5], [1, 1, 0.2]]), np.array([[0.1, 0.9, 0.5], [1, 0.9, 0.2]])
    np.testing.assert_allclose(metrics.pearson_correlation(y, p), [1.0, 0.99339927], rtol=1e-5)
    np.testing.assert_allclose(metrics.concordance_correlation(y, p), [0.97560976, 0.98765432], rtol=1e-5)
    np.testing.assert_array_equal(metrics.binary_accuracy([[1], [1], [0], [0]], [[0.98], [1], [0], [0.6]]), [[1], [1], [1], [0]])
    np.testing.assert_array_equal(metrics.binary_accuracy([1, 0], [0.3, 0.2], threshold=0.25), [1, 1])
    scores = np.array([[0.1, 0.9, 0.8], [0.05, 0.95, 0]])
    np.testing.assert_array_equal(metrics.sparse_categorical_accuracy([2, 1], scores), [0, 1])
    np.testing.assert_array_equal(metrics.sparse_categorical_accuracy([[2], [1]], scores), [0, 1])
    np.testing.assert_array_equal(metrics.categorical_accuracy([[0, 0, 1], [0, 1, 0]], scores), [0, 1])
    np.testing.assert_array_equal(metrics.top_k_categorical_accuracy([[0, 0, 1], [0, 1, 0]], scores, k=2), [1, 1])
    np.testing.assert_array_equal(metrics.sparse_top_k_categorical_accuracy([0, 2], scores, k=2), [0, 0])
    np.testing.assert_array_equal(metrics.sparse_top_k_categorical_accuracy([1, 2], [[1, 2, 0], [0, 1, 2]], k=2, from_sorted_ids=True), [1, 0])
    model = keras.Sequential([keras.Input((3,)), layers.Dense(3, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=[metrics.sparse_categorical_accuracy])
    history = model.fit(np.eye(3), np.arange(3), verbose=0).history
    assert list(history) == ["loss", "sparse_categorical_accuracy"]


def test_a_function_becomes_a_metric():
    metric = metrics.MeanMetricWrapper(lambda y, p: keras.ops.abs(y - p), name="distance")
    metric.update_state(np.zeros((2, 3), "float32"), np.ones((2, 3), "float32"))
    metric.update_state(np.zeros((1, 3), "float32"), np.full((1, 3), 4.0, "float32"), sample_weight=[2])
    assert float(metric.result()) == pytest.approx((2 * 1 + 2 * 4) / 4)
    metric.reset_state()
    assert float(metric.result()) == 0
    model = keras.Sequential([keras.Input((3,)), layers.Dense(1, kernel_initializer="zeros")])
    model.compile(keras.optimizers.SGD(0.0), "mse", metrics=[metrics.MeanMetricWrapper(lambda y, p: keras.ops.abs(y - p), name="distance")])
    assert model.fit(np.eye(3), np.arange(3), verbose=0).history["distance"] == [pytest.approx(1.0)]


def test_policies_by_name_and_description():
    policies = keras.dtype_policies
    policy = policies.get("mixed_bfloat16")
    assert policy.compute_dtype == "bfloat16" and policies.deserialize(policies.serialize(policy)) == policy and policies.get(policy) is policy
    assert policies.get(None).name == "float32" and keras.FloatDTypePolicy is keras.DTypePolicy
    with pytest.raises(AttributeError, match="quantize"):
        policies.QuantizedDTypePolicy


def test_weight_decay_leaves_out_what_it_is_told_to():
    def moved(**which):
        model = keras.Sequential([keras.Input((2,)), layers.Dense(2, kernel_initializer="ones", bias_initializer="ones")])
        optimizer = keras.optimizers.AdamW(0.0, weight_decay=0.1)
        optimizer.learning_rate = 0.5
        if which.get("var_list"):
            which = {"var_list": [model.layers[0].bias]}
        optimizer.exclude_from_weight_decay(**which)
        model.compile(optimizer, "mse")
        y = model.predict(np.zeros((4, 2)), verbose=0)
        model.fit(np.zeros((4, 2)), y, verbose=0)  # no gradient: weights only decay
        return [bool(np.any(w != 1)) for w in model.get_weights()]

    assert moved() == [True, True] and moved(var_names=["bias"]) == [True, False] and moved(var_names=["k.rnel"]) == [False, True]
    assert moved(var_list=True) == [True, False]
    model = keras.Sequential([keras.Input((2,)), layers.Dense(2)])
    model.compile(keras.optimizers.AdamW(), "mse")
    with pytest.raises(ValueError, match="before compile"):
        model.optimizer.exclude_from_weight_decay(var_names=["bias"])


@keras.saving.register_keras_serializable(package="mine")
class Scale(layers.Layer):
    def __init__(self, by=2.0, **kwargs):
        super().__init__(**kwargs)
        self.by = by

    def call(self, inputs):
        return inputs * self.by

    def get_config(self):
        return {**super().get_config(), "by": self.by}




def described(path):
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read("config.json"))


def test_files_name_classes_of_one_s_own_as_keras_does(tmp_path):
    model = keras.Sequential([keras.Input((2,)), Scale(3.0), layers.Dense(1)])
    model.save(tmp_path / "own.keras")
    layer = described(tmp_path / "own.keras")["config"]["layers"][1]
    assert (layer["module"], layer["class_name"], layer["registered_name"]) == (__name__, "Scale", "mine>Scale")
    x = np.ones((2, 2), "float32")
    again = keras.models.load_model(tmp_path / "own.keras")
    np.testing.assert_array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))
    assert again.layers[0].by == 3.0

    @keras.saving.register_keras_serializable()
    class Twice(Scale):
        pass

    keras.Sequential([keras.Input((2,)), Twice()]).save(tmp_path / "twice.keras")
    assert described(tmp_path / "twice.keras")["config"]["layers"][1]["registered_name"] == "Custom>Twice"

    class Nobody(layers.Layer):
        def call(self, inputs):
            return inputs + 1

    keras.Sequential([keras.Input((2,)), Nobody()]).save(tmp_path / "nobody.keras")
    assert described(tmp_path / "nobody.keras")["config"]["layers"][1]["registered_name"] == "Nobody"
    loaded = keras.models.load_model(tmp_path / "nobody.keras", custom_objects={"Nobody": Nobody})
    np.testing.assert_array_equal(loaded.predict(x, verbose=0), x + 1)


@keras.saving.register_keras_serializable(package="mine")
class Net(keras.Model):
    def __init__(self, units=2, **kwargs):
        super().__init__(**kwargs)
        self.units, self.dense = units, layers.Dense(units)

    def call(self, inputs):
        return self.dense(inputs)

    def get_config(self):
        return {"units": self.units}


def test_files_name_models_of_one_s_own_as_keras_does(tmp_path):
    model, x = Net(3), np.ones((2, 4), "float32")
    expected = model.predict(x, verbose=0)
    model.save(tmp_path / "net.keras")
    said = described(tmp_path / "net.keras")
    assert (said["module"], said["class_name"], said["registered_name"]) == (__name__, "Net", "mine>Net")
    again = keras.models.load_model(tmp_path / "net.keras")
    assert type(again) is Net
    np.testing.assert_array_equal(again.predict(x, verbose=0), expected)


def test_a_large_array_of_float64_is_noted():
    from cornu.keras import _data

    x = np.zeros((10, 4))
    with pytest.warns(UserWarning, match="float64.*astype"):
        _data.note_float64(x, least=1)
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        _data.note_float64(x)
        _data.note_float64(x.astype("float32"), least=1)
        _data.note_float64([1.0], least=1)


def test_models_of_one_s_own_classes_come_from_keras_and_go_there(tmp_path):
    from own_classes import classes

    predictions = json.loads((classes.HERE / "predictions.json").read_text())
    places = {}
    for name, model in classes.trained().items():
        read = keras.models.load_model(classes.HERE / name)
        np.testing.assert_allclose(read.predict(classes.X, verbose=0), predictions[name], atol=1e-5)
        assert read.loss is classes.apart
        read.fit(classes.X, np.ones((4, 1)), verbose=0)
        model.save(tmp_path / name)
        again = keras.models.load_model(tmp_path / name)
        np.testing.assert_array_equal(again.predict(classes.X, verbose=0), model.predict(classes.X, verbose=0))
        for file in (classes.HERE / name, tmp_path / name):  # what Keras would look for is there
            with zipfile.ZipFile(file) as archive:
                said, weights = json.loads(archive.read("config.json")), archive.read("model.weights.h5")
            names = [said] + said["config"].get("layers", [])
            places.setdefault(name, []).append(([d["registered_name"] for d in names], said["compile_config"]["loss"], b"layer_normalization" in weights, b"rest" in weights))
        assert places[name][0] == places[name][1]
