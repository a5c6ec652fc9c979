"""GradientTape, and training loops written out."""
import numpy as np
import pytest

import cornu as tf
from cornu import keras
from cornu.keras import ops


def test_the_slope_of_a_watched_tensor():
    x = tf.constant([1.0, 2.0, 3.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.reduce_sum(x**3)
    assert tape.gradient(y, x).numpy().tolist() == [3, 12, 27]


def test_variables_are_watched_and_constants_are_not():
    w, frozen, c = tf.Variable(3.0), tf.Variable(2.0, trainable=False), tf.constant(5.0)
    with tf.GradientTape() as tape:
        y = w * w * frozen * c
    grads = tape.gradient(y, {"w": w, "frozen": frozen, "c": c})
    assert grads["w"].numpy() == 60 and grads["frozen"] is None and grads["c"] is None


def test_what_happened_before_the_tape_is_not_remembered():
    w = tf.Variable(3.0)
    before = w * 2
    with tf.GradientTape() as tape:
        y = before * w
    assert tape.gradient(y, w).numpy() == 6


def test_a_tape_answers_once_unless_it_is_persistent():
    w = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = w * w
    tape.gradient(y, w)
    with pytest.raises(RuntimeError, match="non-persistent"):
        tape.gradient(y, w)
    with tf.GradientTape(persistent=True) as tape:
        y = w * w
        z = y * y
    assert tape.gradient(z, w).numpy() == 108 and tape.gradient(y, w).numpy() == 6 and tape.gradient(z, y).numpy() == 18


def test_second_derivatives():
    x = tf.Variable(2.0)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = x**4
        slope = inner.gradient(y, x)
    assert slope.numpy() == 32 and outer.gradient(slope, x).numpy() == 48


def test_results_may_be_read_inside_of_the_tape():
    w = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(w * w)
        assert float(y) == 5
        z = y * 2
        print(f"{z}")
    assert tape.gradient(z, w).numpy().tolist() == [4, 8]


def test_seeds_and_stop_gradient():
    w = tf.Variable([1.0, 2.0])
    with tf.GradientTape(persistent=True) as tape:
        y = w * w
        z = tf.stop_gradient(w) * w
    assert tape.gradient(y, w, output_gradients=tf.constant([1.0, 10.0])).numpy().tolist() == [2, 40]
    assert tape.gradient(z, w).numpy().tolist() == [1, 2]
    with tf.GradientTape() as tape:
        y = w * w
    np.testing.assert_allclose(tape.jacobian(y, w), [[2, 0], [0, 4]])


def test_an_assignment_after_the_forward_pass_does_not_change_its_slope():
    w = tf.Variable(3.0)
    with tf.GradientTape(persistent=True) as tape:
        y = w * w
    w.assign(100.0)
    assert tape.gradient(y, w).numpy() == 6 and y.numpy() == 9


def test_a_training_loop_is_fit_written_out():
    rng = np.random.default_rng(5)
    x, y = rng.normal(size=(64, 5)).astype("float32"), rng.integers(0, 3, 64)

    def made():
        model = keras.Sequential([keras.Input((5,)), keras.layers.Dense(8, "tanh"), keras.layers.Dense(3)])
        model.set_weights([np.random.default_rng(i).normal(0, 0.3, w.shape).astype("float32") for i, w in enumerate(model.get_weights())])
        return model

    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    fitted = made()
    fitted.compile(keras.optimizers.Adam(0.01), loss)
    fitted.fit(x, y, batch_size=16, epochs=3, shuffle=False, verbose=0)

    model, optimizer = made(), keras.optimizers.Adam(0.01)
    for _ in range(3):
        for at in range(0, 64, 16):
            with tf.GradientTape() as tape:
                value = loss(y[at : at + 16], model(x[at : at + 16], training=True))
            grads = tape.gradient(value, model.trainable_variables)
            optimizer.apply_gradients(zip(grads, model.trainable_variables))
    for a, b in zip(model.get_weights(), fitted.get_weights()):
        np.testing.assert_allclose(a, b, rtol=2e-4, atol=2e-5)
    assert int(optimizer.iterations) == 12


def test_a_loop_compiles_its_step_once():
    from cornu import _cornu

    w = tf.Variable(tf.ones((4, 2)))
    optimizer = keras.optimizers.SGD(0.1)
    counts = []
    for i in range(6):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(tf.matmul(tf.constant(np.full((3, 4), i, "float32")), w)))
        optimizer.apply_gradients([(tape.gradient(loss, w), w)])
        float(loss)
        counts.append(_cornu.compiled_programs())
    assert counts[-1] == counts[1]


def test_batch_normalization_learns_its_means_in_a_loop():
    layer = keras.layers.BatchNormalization(momentum=0.5)
    x = np.random.default_rng(1).normal(3, 1, (64, 2)).astype("float32")
    with tf.GradientTape() as tape:
        y = ops.sum(layer(x, training=True) ** 2)
    assert all(g is not None for g in tape.gradient(y, layer.trainable_variables))
    np.testing.assert_allclose(layer.moving_mean, x.mean(0) * 0.5, rtol=1e-4)
    assert len(layer.trainable_variables) == 2 and len(layer.non_trainable_variables) == 2


def test_gradients_may_be_missing():
    w, other = tf.Variable(1.0), tf.Variable(1.0)
    with tf.GradientTape() as tape:
        y = w * 2
    assert tape.gradient(y, [w, other])[1] is None
    with pytest.raises(ValueError, match="No gradients provided"):
        keras.optimizers.SGD().apply_gradients([(None, w)])
