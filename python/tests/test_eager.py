"""Tensors in Python: lazily computed, and at home among numbers, lists and arrays."""
import numpy as np
import pytest

import cornu as tf
from cornu import _cornu, keras
from cornu.keras import ops

X = np.arange(12, dtype="float32").reshape(3, 4)


def test_nothing_is_compiled_before_a_result_is_read_and_repetition_costs_nothing():
    before = _cornu.compiled_programs()
    y = ops.tanh(ops.convert_to_tensor(X) * 0.123 + 7.5)
    assert _cornu.compiled_programs() == before
    y.numpy()
    assert _cornu.compiled_programs() == before + 1
    for i in range(5):
        ops.tanh(ops.convert_to_tensor(X + i) * (0.2 * i) + float(i)).numpy()
    assert _cornu.compiled_programs() == before + 1


def test_a_tensor_is_a_number_a_list_and_an_array_where_one_is_wanted():
    t = ops.convert_to_tensor(X)
    assert t.shape == (3, 4) and t.shape.as_list() == [3, 4] and t.ndim == 2 and len(t) == 3 and t.size == 12
    assert t.dtype == "float32" and t.dtype == tf.float32 and t.dtype.name == "float32"
    np.testing.assert_array_equal(np.asarray(t), X)
    np.testing.assert_array_equal(np.add(X, np.asarray(t)), X + X)
    np.testing.assert_array_equal(np.from_dlpack(t), X)
    assert float(t[1, 2]) == 6.0 and int(t[1, 2]) == 6 and bool(t[0, 1]) and t[2, 3].item() == 11
    assert [float(row[0]) for row in t] == [0, 4, 8]
    assert f"{t[1, 2]:.2f}" == "6.00" and [10, 20, 30][ops.convert_to_tensor(1)] == 20
    assert "shape=(3, 4)" in repr(t) and "numpy=" in repr(t)
    assert t.numpy().tolist() == t.tolist()


@pytest.mark.parametrize("key", [0, -1, slice(1, None), (slice(None), 2), (0, slice(None, None, 2)), (slice(None, None, -1),), (Ellipsis, 1), (None, slice(0, 2)), ([0, 2],), (slice(None), [1, 3]), (slice(2, 0, -1), slice(0, 3)), X > 5])
def test_indices_are_numpys(key):
    np.testing.assert_array_equal(np.asarray(ops.convert_to_tensor(X)[key]), X[key])


def test_operators_are_numpys():
    t = ops.convert_to_tensor(X) + 1
    x = X + 1
    for made, expected in [(t + X, x + X), (X + t, X + x), (2 - t, 2 - x), (t / 2, x / 2), (1 / t, 1 / x), (t**2, x**2), (t // 2, x // 2), (t % 3, x % 3), (-t, -x), (abs(-t), x), (t @ X.T, x @ X.T),
                           (t > 3, x > 3), (t == 3, x == 3), (t != 3, x != 3), ((t > 2) & (t < 5), (x > 2) & (x < 5)), (~(t > 2), ~(x > 2)), (2**t, 2**x)]:
        np.testing.assert_allclose(np.asarray(made), expected, rtol=1e-6)


def test_dtypes_meet_as_in_keras():
    whole, floating = ops.convert_to_tensor([1, 2]), ops.convert_to_tensor([1.5, 2.5])
    assert whole.dtype == "int32" and floating.dtype == "float32"
    assert (whole + 1).dtype == "int32" and (whole + 1.0).dtype == "float32" and (whole + floating).dtype == "float32" and (whole / 2).dtype == "float32"
    assert ops.convert_to_tensor(np.array([1.0])).dtype == "float64" and (ops.convert_to_tensor(np.array([1.0])) + floating).dtype == "float64"
    assert ops.convert_to_tensor(True).dtype == "bool" and tf.constant([1, 2], tf.float32).dtype == tf.float32


def test_tensors_of_tensors():
    t = ops.convert_to_tensor(X)
    np.testing.assert_array_equal(ops.convert_to_tensor([t[0], t[1]]), X[:2])
    np.testing.assert_array_equal(ops.stack([t[0], X[1]]), X[:2])


def test_variables_are_assigned_to_and_read():
    v = tf.Variable([1.0, 2.0], name="v")
    before = v * 10
    v.assign_add([1.0, 1.0])
    assert v.numpy().tolist() == [2, 3] and before.numpy().tolist() == [10, 20]
    v.assign(v * v)
    assert (v + 1).numpy().tolist() == [5, 10] and v.shape == (2,) and v.dtype == "float32" and v.name == "v"
    v.assign_sub(4 * tf.ones(2))
    assert np.asarray(v).tolist() == [0, 5] and float(v[1]) == 5
    with pytest.raises(ValueError, match=r"shape \[2\]"):
        v.assign([1.0, 2.0, 3.0])


def test_tf_names():
    assert tf.reduce_mean(X).numpy() == X.mean() and tf.reduce_sum(X, axis=0).numpy().tolist() == X.sum(0).tolist()
    assert tf.argmax(X, axis=1).numpy().tolist() == [3, 3, 3] and tf.cast(X, tf.int32).dtype == tf.int32
    assert tf.one_hot([0, 2], 3).numpy().tolist() == [[1, 0, 0], [0, 0, 1]]
    assert X[tf.newaxis].shape == (1, 3, 4) and tf.expand_dims(X, -1).shape == (3, 4, 1)
    assert tf.concat([X, X], 0).shape == (6, 4) and tf.shape(X)[0] == 3 and tf.range(3).numpy().tolist() == [0, 1, 2]
    assert tf.math.reduce_max(X).numpy() == 11 and tf.nn.softmax(X).shape == (3, 4) and tf.linalg.matmul(X, X.T).shape == (3, 3)
    assert [p.shape for p in tf.split(X, [1, 3], axis=1)] == [(3, 1), (3, 3)]
    assert tf.clip_by_value(X, 2, 5).numpy().max() == 5 and tf.gather(X, [2, 0]).numpy()[0, 0] == 8
    assert tf.function(lambda x: x * 2)(tf.constant(3.0)).numpy() == 6
    tf.random.set_seed(4)
    a = tf.random.normal((3,)).numpy()
    tf.random.set_seed(4)
    assert np.array_equal(a, tf.random.normal((3,)).numpy())


def test_layers_compute_on_tensors():
    layer = keras.layers.Dense(2, kernel_initializer="ones")
    y = layer(X)
    np.testing.assert_allclose(y, X @ np.ones((4, 2), "float32"))
    assert [tuple(w.shape) for w in layer.weights] == [(4, 2), (2,)]
    layer.kernel.assign(np.zeros((4, 2), "float32"))
    assert float(ops.sum(layer(X))) == 0
    dropout = keras.layers.Dropout(0.5)
    np.testing.assert_array_equal(dropout(X), X)
    assert not np.array_equal(dropout(X, training=True), dropout(X, training=True))


def test_two_layers_of_one_kind_begin_differently():
    a, b = keras.layers.Dense(3), keras.layers.Dense(3)
    a(X), b(X)
    assert not np.array_equal(a.get_weights()[0], b.get_weights()[0])


def test_losses_and_metrics_compute_on_tensors():
    y, z = np.array([[0.0], [1.0]], "float32"), np.array([[1.0], [3.0]], "float32")
    assert float(keras.losses.MeanSquaredError()(y, z)) == pytest.approx(2.5)
    assert np.asarray(keras.losses.mean_squared_error(y, z)).tolist() == [1, 4]
    m = keras.metrics.MeanAbsoluteError()
    m.update_state(y, z)
    m.update_state(y, y)
    assert float(m.result()) == pytest.approx(0.75)
    m.reset_state()
    assert float(m.result()) == 0
    mean = keras.metrics.Mean()
    mean.update_state(3.0)
    mean.update_state(tf.constant(5.0))
    assert float(mean.result()) == 4
