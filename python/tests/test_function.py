"""tf.function, py_function and custom_gradient."""
import numpy as np
import pytest

import cornu as tf
from cornu import _cornu, keras
from cornu.keras import layers, ops


def test_a_function_is_traced_once_for_each_kind_of_arguments():
    traced = []

    @tf.function
    def f(x, factor=2.0):
        traced.append((tuple(x.shape), factor))
        return {"y": x * factor, "n": [tf.reduce_sum(x), "word"]}

    for i in range(3):
        made = f(tf.constant([1.0, float(i)]))
        assert made["y"].numpy().tolist() == [2, 2 * i] and made["n"][0].numpy() == 1 + i and made["n"][1] == "word"
    f(np.ones(3, "float32")), f(np.zeros(3, "float32")), f(tf.constant([1, 2])), f(tf.ones(2), factor=3.0), f(tf.ones(2), 3.0)
    assert traced == [((2,), 2.0), ((3,), 2.0), ((2,), 2.0), ((2,), 3.0), ((2,), 3.0)]  # a keyword is another kind
    assert f.experimental_get_tracing_count() == 5


def test_no_program_is_compiled_after_the_first_call():
    v = tf.Variable([1.0, 2.0])

    @tf.function
    def step(x):
        v.assign_add(x)
        return tf.reduce_sum(v * v)

    x = tf.constant([1.0, 1.0])
    float(step(x))
    compiled = _cornu.compiled_programs()
    results = [float(step(x)) for _ in range(3)]
    assert _cornu.compiled_programs() == compiled and results == [25, 41, 61] and v.numpy().tolist() == [5, 6]


def test_variables_are_read_where_they_are_now():
    v = tf.Variable(1.0)
    double = tf.function(lambda: v * 2)
    assert double().numpy() == 2
    v.assign(5.0)
    kept = v.value
    assert double().numpy() == 10
    change = tf.function(lambda: v.assign(v + 1))
    change()
    assert kept.numpy() == 5 and v.numpy() == 6


def test_a_whole_training_step_with_metrics():
    x = np.random.default_rng(1).normal(size=(64, 3)).astype("float32")
    y = x @ np.array([[1.0], [2.0], [3.0]], "float32")
    model = keras.Sequential([keras.Input((3,)), layers.Dense(1)])
    optimizer, loss_fn, mean, runs = keras.optimizers.Adam(0.05), keras.losses.MeanSquaredError(), keras.metrics.Mean(), []

    @tf.function
    def train(x, y):
        runs.append(1)
        with tf.GradientTape() as tape:
            loss = loss_fn(y, model(x, training=True))
        optimizer.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)
        mean.update_state(loss)
        return loss

    losses = []
    for _ in range(60):
        mean.reset_state()
        losses.append(float(train(x, y)))
    assert len(runs) == 1 and losses[-1] < 0.2 * losses[0] and float(mean.result()) == pytest.approx(losses[-1])
    assert int(optimizer.iterations) == 60


def test_random_numbers_differ_and_repeat_with_the_seed():
    draw = tf.function(lambda: (tf.random.normal((3,)), keras.random.uniform((3,))))

    def rows():
        keras.utils.set_random_seed(5)
        return [np.concatenate([a.numpy(), b.numpy()]).tolist() for a, b in (draw() for _ in range(3))]

    first = rows()
    assert len({n for row in first for n in row}) == 18 and rows() == first


def test_branches_assign_only_where_they_are_taken():
    v = tf.Variable(0.0)

    @tf.function
    def f(x):
        return tf.cond(x > 0, lambda: v.assign_add(1.0), lambda: v.assign_add(10.0))

    assert [float(f(tf.constant(n))) for n in (1.0, -1.0, 2.0)] == [1, 11, 12] and v.numpy() == 12


def test_loops_over_numbers_close_over_tensors():
    @tf.function
    def powers(x):
        return ops.scan(lambda carry, row: (carry * x, carry + row), tf.ones(()), tf.range(3, dtype="float32"))

    last, rows = powers(tf.constant(2.0))
    assert last.numpy() == 8 and rows.numpy().tolist() == [1, 3, 6]


def test_values_are_refused_with_the_line():
    @tf.function
    def f(x):
        if x > 0:
            return x
        return -x

    with pytest.raises(TypeError, match=r"test_function.py, line \d+: .*tf.function.*ops.where.*run_functions_eagerly"):
        f(tf.constant(1.0))
    tf.config.run_functions_eagerly(True)
    try:
        assert f(tf.constant(-2.0)).numpy() == 2
    finally:
        tf.config.run_functions_eagerly(False)


def test_a_tape_around_a_function_sees_through_it():
    w = tf.Variable(3.0)
    f = tf.function(lambda x: w * x)
    with tf.GradientTape() as tape:
        y = f(tf.constant(2.0)) * f(tf.constant(2.0))
    assert tape.gradient(y, w).numpy() == 24


def test_methods_and_functions_in_functions():
    class Model:
        def __init__(self, w):
            self.w = tf.Variable(w)

        @tf.function
        def twice(self, x):
            return self.once(self.once(x))

        @tf.function
        def once(self, x):
            return self.w * x

    a, b = Model(2.0), Model(5.0)
    assert a.twice(tf.ones(())).numpy() == 4 and b.twice(tf.ones(())).numpy() == 25 and a.twice(tf.ones(())).numpy() == 4


def test_a_tensor_that_was_kept_from_a_trace_has_no_numbers():
    kept = []
    tf.function(lambda x: kept.append(x * 2) or x)(tf.constant(1.0))
    with pytest.raises(TypeError, match="numpy"):
        kept[0].numpy()


# ---- py_function

def test_python_functions_run_at_once_or_in_the_program():
    calls = []

    def cumulated(a):
        calls.append(np.array(a))
        return np.cumsum(a, dtype="float32")

    assert tf.numpy_function(cumulated, [tf.constant([1.0, 2.0])], tf.float32).numpy().tolist() == [1, 3] and len(calls) == 1
    f = tf.function(lambda x: tf.numpy_function(cumulated, [x * 2], tf.float32) + 1)
    assert f(tf.constant([1.0, 2.0])).numpy().tolist() == [3, 7]
    assert f(tf.constant([5.0, 1.0])).numpy().tolist() == [11, 13]
    assert [c.tolist() for c in calls[1:]] == [[0, 0], [2, 4], [10, 2]]  # once on zeros, for the shape
    assert tf.py_function(lambda a, b: (a + b, a * b), [2.0, 3.0], [tf.float32, tf.float32])[1].numpy() == 6


def test_a_python_function_in_a_layer():
    class Sorted(layers.Layer):
        def call(self, x):
            return ops.reshape(tf.numpy_function(lambda a: np.sort(a, axis=-1), [x], tf.float32), ops.shape(x))

    model = keras.Sequential([keras.Input((3,)), Sorted()])
    np.testing.assert_array_equal(model.predict(np.array([[3, 1, 2]], "float32"), verbose=0), [[1, 2, 3]])


def test_an_error_in_a_python_function_comes_out():
    def bad(a):
        if a.any():
            raise KeyError("not there")
        return a

    f = tf.function(lambda x: tf.numpy_function(bad, [x], tf.float32))
    with pytest.raises(KeyError, match="not there"):
        f(tf.ones(2))
    assert f(tf.zeros(2)).numpy().tolist() == [0, 0]


def test_tensors_can_be_computed_in_a_python_function():
    f = tf.function(lambda x: tf.py_function(lambda t: tf.reduce_sum(t * t), [x], tf.float32) * 2)
    assert f(tf.constant([1.0, 2.0])).numpy() == 10


# ---- custom_gradient

@ops.custom_gradient
def log1pexp(x):
    e = ops.exp(x)

    def gradient(slope):
        return slope * (1 - 1 / (1 + e))

    return ops.log(1 + e), gradient


@tf.custom_gradient
def clipped(x, y):
    return x * y, lambda slope: (ops.clip(slope, -0.1, 0.1), None)


def test_a_gradient_of_ones_own_directly_and_traced():
    def slope(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = log1pexp(x)
        return y, tape.gradient(y, x)

    for f in (slope, tf.function(slope)):
        for n in (0.0, 2.0):
            y, g = f(tf.constant(n))
            assert y.numpy() == pytest.approx(np.log1p(np.exp(n)), rel=1e-5) and g.numpy() == pytest.approx(1 / (1 + np.exp(-n)), rel=1e-5)
    y, g = slope(tf.constant(100.0))
    assert g.numpy() == 1.0 and np.isinf(y.numpy())


def test_a_gradient_of_ones_own_in_fit():
    class Clipped(layers.Layer):
        def build(self, shape):
            self.w = self.add_weight(shape=(), initializer="ones")

        def call(self, x):
            return clipped(self.w, x)

    model = keras.Sequential([keras.Input((1,)), Clipped()])
    model.compile(keras.optimizers.SGD(1.0), "mse")
    with pytest.raises(ValueError, match="slope of argument 0"):
        model.fit(np.ones((4, 1), "float32"), np.zeros((4, 1), "float32"), verbose=0)

    @ops.custom_gradient
    def tenfold(x):
        return x * 1.0, lambda slope: slope * 10.0

    class Tenfold(layers.Layer):
        def call(self, x):
            return tenfold(x)

    x, y = np.ones((4, 1), "float32"), np.zeros((4, 1), "float32")
    weights = []
    for layer, rate in ((Tenfold(), 0.01), (layers.Activation("linear"), 0.1)):
        model = keras.Sequential([keras.Input((1,)), layers.Dense(1, kernel_initializer="ones"), layer])
        model.compile(keras.optimizers.SGD(rate), "mse")
        model.fit(x, y, epochs=2, verbose=0)
        weights.append(float(model.get_weights()[0][0, 0]))
    assert weights[0] == pytest.approx(weights[1], rel=1e-5) and weights[0] < 1
