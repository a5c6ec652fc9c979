"""Layers as Keras's Python has them: names, positional arguments, attributes, configs, calls on KerasTensors."""
import inspect

import numpy as np
import pytest

from cornu import keras
from cornu.keras import layers


def test_positional_arguments_are_keras_s():
    assert layers.Dense(10, "relu").get_config()["activation"] == "relu"
    conv = layers.Conv2D(8, 3, 2, "same").get_config()
    assert (conv["filters"], conv["kernel_size"], conv["strides"], conv["padding"]) == (8, [3, 3], [2, 2], "same")
    assert layers.Dropout(0.3).rate == 0.3
    assert layers.Embedding(100, 16).output_dim == 16
    assert layers.LSTM(4, return_sequences=True).return_sequences is True


def test_aliases_are_the_same_classes():
    assert layers.MaxPool2D is layers.MaxPooling2D and layers.AvgPool1D is layers.AveragePooling1D
    assert layers.GlobalAvgPool2D is layers.GlobalAveragePooling2D and layers.Convolution2D is layers.Conv2D
    assert layers.GlobalMaxPool1D is layers.GlobalMaxPooling1D


def test_names_count_up_by_class_and_can_be_given():
    assert [layers.Dense(1).name, layers.Dense(1).name, layers.BatchNormalization().name] == ["dense", "dense_1", "batch_normalization"]
    layer = layers.Dense(1, name="mine")
    assert layer.name == "mine"
    keras.backend.clear_session()
    assert layers.Dense(1).name == "dense"


def test_signatures_and_docs_come_from_c_plus_plus():
    parameters = inspect.signature(layers.Dense).parameters
    assert list(parameters)[:3] == ["units", "activation", "use_bias"] and parameters["units"].default is inspect.Parameter.empty
    assert parameters["use_bias"].default is True and parameters["kernel_initializer"].default == "glorot_uniform"
    assert "activation(x kernel + bias)" in layers.Dense.__doc__


def test_options_are_attributes():
    layer = layers.Dense(5, activation="tanh", kernel_initializer="he_normal", use_bias=False)
    assert layer.units == 5 and layer.use_bias is False and layer.activation.__name__ == "tanh"
    assert isinstance(layer.kernel_initializer, keras.initializers.HeNormal)
    assert layers.Conv1D(2, 5).kernel_size == (5,)


def test_config_goes_there_and_back():
    for layer in (layers.Dense(3, "relu", kernel_regularizer="l2"), layers.Conv2D(4, (3, 2)), layers.LSTM(7), layers.BatchNormalization(momentum=0.9), layers.Reshape((2, -1)),
                  layers.Bidirectional(layers.GRU(3)), layers.MultiHeadAttention(2, 4), layers.Concatenate(axis=1)):
        again = type(layer).from_config(layer.get_config())
        assert type(again) is type(layer) and again.get_config() == layer.get_config()
        described = layers.serialize(layer)
        assert described["class_name"] == type(layer).__name__ and layers.deserialize(described).get_config() == layer.get_config()


def test_weights_are_variables_with_names_and_can_be_set():
    layer = layers.Dense(3)
    assert layer.weights == [] and not layer.built
    layer.build((None, 2))
    assert layer.built and [w.shape for w in layer.weights] == [(2, 3), (3,)]
    assert layer.kernel.shape == (2, 3) and layer.bias.numpy().tolist() == [0, 0, 0]
    layer.set_weights([np.ones((2, 3)), np.array([1, 2, 3])])
    np.testing.assert_array_equal(layer.kernel.numpy(), np.ones((2, 3)))
    assert layer.count_params() == 9
    with pytest.raises(ValueError, match="kernel"):
        layer.set_weights([np.ones((3, 3)), np.zeros(3)])


def test_frozen_layers_and_statistics_are_not_trainable():
    norm = layers.BatchNormalization()
    norm.build((None, 4))
    assert len(norm.trainable_weights) == 2 and len(norm.non_trainable_weights) == 2
    norm.trainable = False
    assert norm.trainable_weights == [] and len(norm.weights) == 4


def test_a_call_on_a_keras_tensor_gives_one():
    x = keras.Input((28, 28, 1), name="image")
    layer = layers.Conv2D(4, 3, activation="relu")
    y = layer(x)
    assert y.shape == (None, 26, 26, 4) and y.dtype == "float32" and isinstance(y, keras.KerasTensor)
    assert layer.input is x and layer.output.shape == y.shape
    assert "shape=(None, 26, 26, 4)" in repr(y)
    assert layers.Flatten()(y).shape == (None, 26 * 26 * 4)


def test_layers_with_several_inputs_and_outputs():
    a, b = keras.Input((4, 8)), keras.Input((6, 8))
    attention = layers.MultiHeadAttention(2, 4)
    assert attention(a, b).shape == (None, 4, 8)
    assert layers.MultiHeadAttention(2, 4)(query=a, value=b, key=b).shape == (None, 4, 8)
    out, h, c = layers.LSTM(5, return_state=True)(a)
    assert out.shape == h.shape == c.shape == (None, 5)
    again = layers.LSTM(5)(b, initial_state=[h, c])
    assert again.shape == (None, 5)
    assert layers.add([out, h]).shape == (None, 5) and layers.concatenate([out, h]).shape == (None, 10)


def test_wrappers_hold_the_very_layer():
    inner = layers.Dense(3)
    wrapped = layers.TimeDistributed(inner)
    wrapped(keras.Input((4, 2)))
    assert wrapped.count_params() == 9


def test_a_layer_called_on_arrays_computes():
    layer = layers.Dense(2, kernel_initializer="ones")
    np.testing.assert_allclose(np.asarray(layer(np.ones((3, 4), "float32"))), np.full((3, 2), 4.0))


def test_normalization_adapts():
    data = np.random.default_rng(0).normal(3, 2, (500, 2))
    layer = layers.Normalization()
    layer.adapt(data)
    model = keras.Sequential([keras.Input((2,)), layer])
    out = model.predict(data, verbose=0)
    np.testing.assert_allclose(out.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(out.std(axis=0), 1, atol=1e-3)


def test_texts_become_numbers_before_a_model():
    vectorize = layers.TextVectorization(max_tokens=10, output_sequence_length=4)
    vectorize.adapt(["the cat", "the dog", "the cat sat"])
    assert vectorize.get_vocabulary()[:4] == ["", "[UNK]", "the", "cat"]
    assert np.asarray(vectorize(["the cat flew"])).tolist() == [[2, 3, 1, 0]]
    lookup = layers.StringLookup(vocabulary=["a", "b"])
    assert np.asarray(lookup(np.array([["b", "z"], ["a", "a"]]))).tolist() == [[2, 0], [1, 1]]
    back = layers.StringLookup(vocabulary=["a", "b"], invert=True)
    assert back(np.array([2, 1])).tolist() == ["b", "a"]


def test_every_layer_of_the_catalogue_has_a_signature_and_a_repr():
    for name, cls in layers._classes.items():
        signature = inspect.signature(cls)
        required = [p for p in signature.parameters.values() if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD]
        if not required:
            assert type(cls()).__name__ == name and name in repr(cls())
