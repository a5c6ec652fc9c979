"""Sequential and functional models, their parts and their descriptions."""
import copy
import json
import pickle

import numpy as np
import pytest

import cornu
from cornu import keras
from cornu.keras import layers


def small(**kwargs):
    return keras.Sequential([keras.Input((4,)), layers.Dense(3, "relu"), layers.Dense(2)], **kwargs)


def test_a_sequential_names_counts_and_summarizes_as_keras():
    model = small()
    lines = []
    model.summary(print_fn=lines.append)
    assert model.name == "sequential" and [layer.name for layer in model.layers] == ["dense", "dense_1"]
    assert "".join(lines).splitlines()[0] == 'Model: "sequential"'
    assert "│ dense (Dense)                   │ (None, 3)              │            15 │" in lines[0]
    assert "Total params: 23 (92.00 B)" in lines[0] and model.count_params() == 23


def test_summary_goes_to_sys_stdout(capsys):
    small().summary()
    assert "Total params: 23" in capsys.readouterr().out


def test_layers_are_the_very_objects():
    first, second = layers.Dense(3), layers.Dense(2, name="last")
    model = keras.Sequential([keras.Input((4,)), first, second])
    assert model.layers[0] is first and model.get_layer("last") is second and model.get_layer(index=0) is first
    with pytest.raises(ValueError, match="did you mean 'last'"):
        model.get_layer("lost")


def test_add_and_pop():
    model = keras.Sequential()
    model.add(keras.Input((4,)))
    model.add(layers.Dense(3))
    model.add(layers.Dense(2))
    assert model.output_shape == (None, 2)
    assert model.pop().units == 2 and model.output_shape == (None, 3)
    with pytest.raises(ValueError, match="Only instances of `keras.Layer`"):
        model.add("dense")


def test_a_model_without_an_input_is_built_by_its_data():
    model = keras.Sequential([layers.Dense(3), layers.Dense(2)])
    assert not model.built
    assert model.predict(np.zeros((5, 7)), verbose=0).shape == (5, 2) and model.built and model.input_shape == (None, 7)
    other = keras.Sequential([layers.Dense(3)])
    other.build((None, 6))
    assert other.count_params() == 21


def test_the_old_input_shape_of_a_layer_serves():
    model = keras.Sequential([layers.Dense(3, input_shape=(5,)), layers.Dense(1)])
    assert model.input_shape == (None, 5) and model.built
    assert keras.Sequential([layers.Dense(3, input_dim=5)]).input_shape == (None, 5)


def test_functional_models_with_arithmetic_shared_layers_and_several_ends():
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    shared = layers.Dense(3, name="shared")
    x = shared(a) + 2 * shared(b) - 1
    model = keras.Model([a, b], [layers.Dense(1, name="one")(x), -x], name="twins")
    assert model.name == "twins" and model.input_names == ["a", "b"] and len(model.outputs) == 2
    assert model.get_layer("shared") is shared and model.count_params() == 15 + 4
    xa, xb = np.random.default_rng(0).normal(size=(2, 6, 4)).astype("float32")
    one, other = model.predict([xa, xb], verbose=0)
    kernel = shared.get_weights()[0]
    np.testing.assert_allclose(other, -(xa @ kernel + 2 * (xb @ kernel) - 1), rtol=1e-5, atol=1e-6)
    by_name = model.predict({"b": xb, "a": xa}, verbose=0)
    np.testing.assert_array_equal(by_name[0], one)


def test_outputs_given_as_a_dict_come_as_a_dict():
    x = keras.Input((4,))
    model = keras.Model(x, {"p": layers.Dense(2)(x), "q": layers.Dense(1)(x)})
    out = model.predict(np.zeros((3, 4)), verbose=0)
    assert set(out) == {"p", "q"} and out["p"].shape == (3, 2) and out["q"].shape == (3, 1)


def test_models_are_layers_of_models():
    inner = small(name="inner")
    x = keras.Input((4,))
    outer = keras.Model(x, layers.Dense(1)(inner(x)))
    assert outer.get_layer("inner") is inner
    data = np.ones((2, 4))
    before = outer.predict(data, verbose=0)
    inner.set_weights([np.zeros_like(w) for w in inner.get_weights()])
    assert not np.array_equal(before, outer.predict(data, verbose=0))


def test_a_part_of_a_model_becomes_a_model():
    model = small()
    features = keras.Model(model.inputs, model.layers[0].output)
    data = np.random.default_rng(1).normal(size=(5, 4)).astype("float32")
    kernel, bias = model.layers[0].get_weights()
    np.testing.assert_allclose(features.predict(data, verbose=0), np.maximum(data @ kernel + bias, 0), rtol=1e-5, atol=1e-6)


def test_weights_to_and_fro():
    model = small()
    weights = model.get_weights()
    assert [w.shape for w in weights] == [(4, 3), (3,), (3, 2), (2,)]
    model.set_weights([w + 1 for w in weights])
    np.testing.assert_allclose(model.get_weights()[0], weights[0] + 1)
    with pytest.raises(cornu.ShapeError):
        model.set_weights(weights[:2])
    assert len(model.trainable_weights) == 4 and model.non_trainable_weights == []
    model.layers[0].trainable = False
    assert len(model.trainable_weights) == 2 and len(model.non_trainable_weights) == 2


def test_the_same_seed_gives_the_same_model_and_the_next_model_another():
    first = small().get_weights()
    second = small().get_weights()
    assert not np.array_equal(first[0], second[0])
    keras.utils.set_random_seed(7)
    for again, before in zip(small().get_weights(), first):
        np.testing.assert_array_equal(again, before)


def test_json_and_config():
    model = small()
    again = keras.models.model_from_json(model.to_json())
    assert json.loads(again.to_json())["config"]["layers"] == json.loads(model.to_json())["config"]["layers"]
    assert type(keras.Sequential.from_config(model.get_config())) is keras.Sequential
    x = keras.Input((4,))
    functional = keras.Model(x, layers.Dense(2)(x) + 1)
    assert keras.Model.from_config(functional.get_config()).count_params() == functional.count_params()
    assert keras.models.clone_model(model).count_params() == model.count_params()


@pytest.mark.parametrize("through", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_models_and_layers_are_copied_with_their_weights(through):
    model = small()
    model.compile("adam", "mse")
    data = np.random.default_rng(0).normal(size=(8, 4)).astype("float32")
    model.fit(data, data[:, :2], verbose=0)
    again = through(model)
    np.testing.assert_array_equal(again.predict(data, verbose=0), model.predict(data, verbose=0))
    np.testing.assert_allclose(again.evaluate(data, data[:, :2], verbose=0), model.evaluate(data, data[:, :2], verbose=0))
    layer = through(model.layers[0])
    np.testing.assert_array_equal(layer.get_weights()[0], model.layers[0].get_weights()[0])
    assert layer.get_config() == model.layers[0].get_config()


def test_a_model_called_on_arrays_gives_a_tensor():
    model = small()
    data = np.random.default_rng(0).normal(size=(3, 4)).astype("float32")
    y = model(data)
    np.testing.assert_allclose(y.numpy(), model.predict(data, verbose=0), rtol=1e-6)
    assert y.shape == (3, 2)


def test_a_layer_of_a_model_knows_its_input_and_output():
    x = keras.Input((3,), name="in")
    y = keras.layers.Add(name="sum")([keras.layers.Dense(3, name="a")(x), x])
    model = keras.Model(x, y)
    part = keras.Model(model.inputs, model.get_layer("a").output)  # what made the layer is long gone
    ones = np.ones((2, 3), "float32")
    np.testing.assert_allclose(model.predict(ones, verbose=0), part.predict(ones, verbose=0) + ones, rtol=1e-6)
    assert len(model.get_layer("sum").input) == 2

    one_after_the_other = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4), keras.layers.Dense(2)])
    parts = keras.Model(one_after_the_other.inputs, [layer.output for layer in one_after_the_other.layers])
    assert [y.shape for y in parts.predict(ones, verbose=0)] == [(2, 4), (2, 2)]
