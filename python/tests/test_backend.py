"""keras.config, backend, mixed_precision and activations."""
import numpy as np
import pytest

from cornu import keras
from cornu.keras import activations, backend, config, mixed_precision, ops


def test_floatx_epsilon_and_data_format():
    assert config.floatx() == "float32" and config.epsilon() == 1e-7 and config.image_data_format() == "channels_last" and backend.floatx() == "float32"
    config.set_floatx("float64")
    try:
        assert ops.zeros(2).dtype == "float64" and (ops.convert_to_tensor([1, 2]) / 2).dtype == "float64"
    finally:
        config.set_floatx("float32")
    with pytest.raises(ValueError, match="Unknown `floatx`"):
        config.set_floatx("float33")
    with pytest.raises(NotImplementedError, match="channels_first"):
        config.set_image_data_format("channels_first")
    config.set_epsilon(1e-5)
    assert backend.epsilon() == 1e-5
    config.set_epsilon(1e-7)


def test_policies():
    assert mixed_precision.global_policy().name == "float32"
    mixed_precision.set_global_policy("mixed_bfloat16")
    try:
        assert mixed_precision.global_policy().compute_dtype == "bfloat16" and config.dtype_policy().variable_dtype == "float32"
    finally:
        mixed_precision.set_global_policy("float32")
    with pytest.raises(NotImplementedError, match="mixed_bfloat16"):
        mixed_precision.set_global_policy("mixed_float16")


def test_dtypes_by_any_name():
    for given, name in [("float32", "float32"), (np.float64, "float64"), (np.dtype("int32"), "int32"), ("float", "float32"), (int, "int64"), (bool, "bool"), (None, "float32"), (ops.zeros(1).dtype, "float32")]:
        assert backend.standardize_dtype(given) == name
    with pytest.raises(ValueError, match="Invalid dtype"):
        backend.standardize_dtype("flaot32")
    assert backend.result_type("int32", "float32") == "float32" and backend.is_float_dtype("bfloat16") and backend.is_int_dtype("uint8")


def test_the_old_backend_functions():
    x = np.array([[1.0, 2.0]], "float32")
    assert float(backend.sum(x)) == 3 and backend.square(x).numpy().tolist() == [[1, 4]] and backend.pow(x, 3).numpy().tolist() == [[1, 8]]
    assert backend.is_keras_tensor(keras.Input((2,))) and not backend.is_keras_tensor(x)
    with pytest.raises(AttributeError, match="keras.backend.nothing"):
        backend.nothing


X = np.linspace(-3, 3, 13).astype("float32")


@pytest.mark.parametrize("name", "relu relu6 sigmoid tanh softplus softsign silu swish log_sigmoid hard_sigmoid hard_silu hard_swish hard_tanh selu sparse_plus sparse_sigmoid tanh_shrink linear exponential "
                                 "mish leaky_relu elu celu gelu squareplus soft_shrink hard_shrink softmax log_softmax".split())
def test_activations_by_name_are_those_of_layers(name):
    f = activations.get(name)
    assert activations.serialize(f) in (name, {"swish": "silu", "hard_swish": "hard_silu"}.get(name))
    layer = keras.Sequential([keras.Input((13,)), keras.layers.Activation(name)])
    np.testing.assert_allclose(np.asarray(f(X[None])), layer.predict(X[None], verbose=0), rtol=1e-5, atol=1e-6)


def test_activations_with_options():
    np.testing.assert_allclose(activations.relu(X, negative_slope=0.1, max_value=2, threshold=0.5), np.minimum(np.where(X > 0.5, X, 0.1 * (X - 0.5)), 2), rtol=1e-6)
    assert activations.get(None) is activations.linear and activations.get(np.tanh) is np.tanh
    with pytest.raises(ValueError, match="did you mean 'relu'"):
        activations.get("rleu")
