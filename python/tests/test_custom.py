"""Layers, models, losses, metrics, optimizers and the rest, written in Python: traced once, then compiled."""
import numpy as np
import pytest

import cornu as tf
from cornu import keras
from cornu.keras import layers, ops

rng = np.random.default_rng(11)
X = rng.normal(size=(64, 4)).astype("float32")
Y = (X @ rng.normal(size=(4, 1))).astype("float32")


class Linear(layers.Layer):
    def __init__(self, units, activation=None, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.activation = keras.activations.get(activation)

    def build(self, input_shape):
        assert input_shape[0] is None
        self.w = self.add_weight(shape=(input_shape[-1], self.units), initializer="glorot_uniform", name="w")
        self.b = self.add_weight(shape=(self.units,), initializer="zeros", name="b")

    def call(self, inputs):
        return self.activation(ops.matmul(inputs, self.w) + self.b)

    def get_config(self):
        return {**super().get_config(), "units": self.units}


def weights_of(model):
    return [np.random.default_rng(i).normal(0, 0.4, w.shape).astype("float32") for i, w in enumerate(model.get_weights())]


def fitted(model, **kwargs):
    model.set_weights(weights_of(model))
    model.compile(kwargs.pop("optimizer", "sgd"), kwargs.pop("loss", "mse"), **kwargs)
    return model.fit(X, Y, batch_size=16, epochs=3, shuffle=False, verbose=0).history


def sequential(*stack):
    return keras.Sequential([keras.Input((4,)), *stack])


def test_a_layer_of_ones_own_trains_as_cornus_does():
    own, dense = sequential(Linear(8, "tanh"), Linear(1)), sequential(layers.Dense(8, "tanh"), layers.Dense(1))
    np.testing.assert_allclose(fitted(own)["loss"], fitted(dense)["loss"], rtol=1e-5)
    for a, b in zip(own.get_weights(), dense.get_weights()):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)
    assert [w.name for w in own.layers[0].weights] == ["w", "b"] and own.layers[0].count_params() == 40


def test_no_python_runs_once_a_step_is_compiled():
    calls = []

    class Counted(layers.Layer):
        def call(self, x):
            calls.append(1)
            return x * 2.0

    model = sequential(Counted(), layers.Dense(1))
    model.compile("sgd", "mse")
    model.fit(X, Y, batch_size=16, epochs=1, verbose=0)
    before = len(calls)
    model.fit(X, Y, batch_size=16, epochs=4, verbose=0)
    assert before > 0 and len(calls) == before


def test_layers_in_layers_and_training():
    class Block(layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.parts = [Linear(6, "relu"), layers.Dropout(0.5), layers.BatchNormalization()]
            self.last = layers.Dense(1)

        def call(self, x, training=None):
            assert training in (True, False)
            for part in self.parts:
                x = part(x, training=training)
            return self.last(x)

    block = Block()
    model = sequential(block)
    assert [tuple(w.shape) for w in block.trainable_weights] == [(4, 6), (6,), (6,), (6,), (6, 1), (1,)] and len(block.non_trainable_weights) == 2
    model.compile(keras.optimizers.Adam(0.02), "mse")
    losses = model.fit(X, Y, epochs=20, verbose=0).history["loss"]
    assert losses[-1] < 0.8 * losses[0]
    np.testing.assert_array_equal(model.predict(X, verbose=0), model.predict(X, verbose=0))
    block.trainable = False
    assert not block.trainable_weights


def test_a_state_that_is_assigned_to():
    class Total(layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.total = self.add_weight(shape=(), initializer="zeros", trainable=False, name="total")

        def call(self, x):
            self.total.assign_add(ops.sum(x))
            return x

    layer = Total()
    layer(np.ones((2, 2), "float32"))
    assert float(layer.total) == 4
    layer(np.ones((1, 2), "float32"))
    assert float(layer.total) == 6
    model = sequential(Total(), layers.Dense(1))
    model.compile("sgd", "mse")
    model.fit(X, Y, epochs=2, verbose=0)
    assert float(model.layers[0].total) == pytest.approx(2 * X.sum(), rel=1e-4)


def test_several_inputs_outputs_masks_and_keywords():
    class Two(layers.Layer):
        def call(self, a, b, scale=1.0):
            return a * scale + b, a - b

    class Dict(layers.Layer):
        def call(self, inputs):
            return {"sum": inputs["a"] + inputs["b"]}

    class Masked(layers.Layer):
        def call(self, x, mask=None):
            return ops.sum(x * ops.cast(mask, "float32")[..., None], axis=1)

    a, b = keras.Input((4,)), keras.Input((4,))
    one, two = Two()(a, b, scale=3.0)
    three = Dict()({"a": one, "b": two})["sum"]
    model = keras.Model([a, b], [one, three])
    first, second = model.predict([X, X * 2], verbose=0)
    np.testing.assert_allclose(first, X * 5, rtol=1e-5)
    np.testing.assert_allclose(second, X * 4, rtol=1e-5)
    tokens = np.array([[1, 2, 0, 0]])
    embedding = layers.Embedding(3, 2, mask_zero=True, embeddings_initializer="ones")
    model = keras.Sequential([keras.Input((4,)), embedding, Masked()])
    assert model.predict(tokens, verbose=0).tolist() == [[2, 2]]


def test_losses_that_a_layer_adds():
    class Penalty(layers.Layer):
        def call(self, x):
            self.add_loss(ops.mean(ops.square(x)) * 10.0)
            return x

    model = sequential(Penalty(), layers.Dense(1, kernel_initializer="zeros"))
    model.compile("sgd", "mse")
    assert model.evaluate(X, Y, verbose=0) == pytest.approx(np.mean(Y**2) + 10 * np.mean(X**2), rel=1e-4)


def test_lambda_layers_and_functions_as_options():
    model = sequential(layers.Lambda(lambda x: x * 2), layers.Dense(3, activation=lambda v: ops.square(v), kernel_initializer=lambda shape, dtype=None: ops.ones(shape, dtype),
                                                                    kernel_regularizer=lambda w: ops.sum(w) * 0.1, kernel_constraint=lambda w: ops.clip(w, 0, 1)))
    np.testing.assert_allclose(model.predict(X, verbose=0), ((2 * X) @ np.ones((4, 3), "float32")) ** 2, rtol=1e-4)
    model.compile("sgd", "mae")
    model.fit(X, np.zeros((64, 3)), epochs=1, verbose=0)
    assert model.get_weights()[0].max() <= 1 and model.get_weights()[0].min() >= 0


def test_initializers_regularizers_and_constraints_as_classes():
    class Ramp(keras.initializers.Initializer):
        def __call__(self, shape, dtype=None):
            return ops.reshape(ops.arange(int(np.prod(shape)), dtype=dtype), shape)

    class Sizes(keras.regularizers.Regularizer):
        def __call__(self, w):
            return 0.5 * ops.sum(ops.abs(w))

    class Positive(keras.constraints.Constraint):
        def __call__(self, w):
            return ops.maximum(w, 0.0)

    model = sequential(layers.Dense(1, kernel_initializer=Ramp(), kernel_regularizer=Sizes(), kernel_constraint=Positive()))
    assert model.get_weights()[0].ravel().tolist() == [0, 1, 2, 3]
    model.compile("sgd", "mse")
    expected = np.mean((X @ np.arange(4, dtype="float32")[:, None] - Y) ** 2) + 3
    assert model.evaluate(X, Y, verbose=0) == pytest.approx(expected, rel=1e-4)


def quartic(y_true, y_pred):
    return ops.mean((y_true - y_pred) ** 4, axis=-1)


def test_a_loss_and_metrics_of_ones_own():
    class Asymmetric(keras.losses.Loss):
        def __init__(self, factor=2.0, name="asymmetric"):
            super().__init__(name=name)
            self.factor = factor

        def call(self, y_true, y_pred):
            error = y_pred - y_true
            return ops.mean(ops.where(error > 0, self.factor * error, -error), axis=-1)

    class Within(keras.metrics.Metric):
        def __init__(self, limit=0.5, name="within", **kwargs):
            super().__init__(name=name, **kwargs)
            self.limit = limit
            self.hits = self.add_weight(name="hits", initializer="zeros")
            self.count = self.add_weight(name="count", initializer="zeros")

        def update_state(self, y_true, y_pred, sample_weight=None):
            near = ops.cast(ops.abs(y_true - y_pred) < self.limit, "float32")
            self.hits.assign_add(ops.sum(near))
            self.count.assign_add(ops.cast(ops.size(near), "float32"))

        def result(self):
            return self.hits / self.count

    assert float(Asymmetric(3.0)(np.zeros((2, 1), "float32"), np.array([[1.0], [-1.0]], "float32"))) == pytest.approx(2.0)
    metric = Within()
    metric.update_state(np.array([[0.0], [2.0]]), np.array([[0.1], [0.5]]))
    assert float(metric.result()) == 0.5
    metric.reset_state()
    assert float(metric.count) == 0

    model = sequential(layers.Dense(1, kernel_initializer="zeros"))
    model.compile("sgd", Asymmetric(3.0), metrics=[Within(1.0), quartic])
    values = model.evaluate(X, Y, verbose=0, return_dict=True)
    assert values["within"] == pytest.approx(np.mean(np.abs(Y) < 1)) and values["quartic"] == pytest.approx(np.mean(Y**4), rel=1e-4)
    assert values["loss"] == pytest.approx(np.mean(np.where(Y < 0, -3 * Y, Y)), rel=1e-4)
    history = model.fit(X, Y, epochs=2, verbose=0).history
    assert sorted(history) == ["loss", "quartic", "within"]
    model.compile("sgd", quartic)
    assert model.evaluate(X, Y, verbose=0) == pytest.approx(np.mean((model.predict(X, verbose=0) - Y) ** 4), rel=1e-4)


class Momentum(keras.optimizers.Optimizer):
    def __init__(self, learning_rate=0.01, momentum=0.9, name="momentum", **kwargs):
        super().__init__(learning_rate=learning_rate, name=name, **kwargs)
        self.momentum = momentum

    def build(self, variables):
        if self.built:
            return
        super().build(variables)
        self.moments = [self.add_variable_from_reference(reference_variable=v, name="m") for v in variables]

    def update_step(self, gradient, variable, learning_rate):
        m = self.moments[self._get_variable_index(variable)]
        m.assign(self.momentum * m - learning_rate * gradient)
        variable.assign_add(m)


def test_an_optimizer_of_ones_own():
    own, sgd = fitted(sequential(layers.Dense(3, "tanh"), layers.Dense(1)), optimizer=Momentum(0.05, 0.8)), fitted(
        sequential(layers.Dense(3, "tanh"), layers.Dense(1)), optimizer=keras.optimizers.SGD(0.05, momentum=0.8))
    np.testing.assert_allclose(own["loss"], sgd["loss"], rtol=1e-5)
    w, optimizer = tf.Variable([1.0, 2.0]), Momentum(0.1, 0.5)
    for _ in range(2):
        optimizer.apply_gradients([(tf.constant([1.0, 1.0]), w)])
    np.testing.assert_allclose(w, [1 - 0.1 - 0.15, 2 - 0.1 - 0.15], rtol=1e-6)


class Net(keras.Model):
    def __init__(self, units=5, **kwargs):
        super().__init__(**kwargs)
        self.hidden = layers.Dense(units, activation="tanh")
        self.dropout = layers.Dropout(0.0)
        self.out = layers.Dense(1)

    def call(self, x, training=False):
        return self.out(self.dropout(self.hidden(x), training=training))


def test_a_model_of_ones_own():
    own, plain = Net(), sequential(layers.Dense(5, "tanh"), layers.Dense(1))
    own(X)
    own.set_weights(weights_of(plain)), plain.set_weights(weights_of(plain))
    own.compile("sgd", "mse"), plain.compile("sgd", "mse")
    a, b = (m.fit(X, Y, batch_size=16, epochs=3, shuffle=False, verbose=0).history["loss"] for m in (own, plain))
    np.testing.assert_allclose(a, b, rtol=1e-5)
    np.testing.assert_allclose(own.predict(X, verbose=0), plain.predict(X, verbose=0), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(np.asarray(own(X)), plain.predict(X, verbose=0), rtol=1e-4, atol=1e-6)
    assert [layer.name for layer in own.layers] and len(own.trainable_variables) == 4 and own.count_params() == 31


def test_a_train_step_of_ones_own():
    class Stepped(Net):
        def train_step(self, data):
            x, y = data
            with tf.GradientTape() as tape:
                loss = self.compute_loss(y=y, y_pred=self(x, training=True))
            self.optimizer.apply_gradients(zip(tape.gradient(loss, self.trainable_variables), self.trainable_variables))
            for metric in self.metrics:
                if metric.name == "loss":
                    metric.update_state(loss)
            return {"loss": self.metrics[0].result()}

    own, plain = Stepped(), Net()
    own(X), plain(X)
    for m in (own, plain):
        m.set_weights(weights_of(plain))
        m.compile("sgd", "mse")
    a, b = (m.fit(X, Y, batch_size=16, epochs=3, shuffle=False, verbose=0).history["loss"] for m in (own, plain))
    np.testing.assert_allclose(a, b, rtol=1e-4)
    assert own.evaluate(X, Y, verbose=0) == pytest.approx(plain.evaluate(X, Y, verbose=0), rel=1e-4)


@pytest.mark.parametrize("bad, what", [(lambda x: x if x.sum() > 0 else -x, "bool"), (lambda x: np.square(x) + np.asarray(x), "NumPy"), (lambda x: x * float(ops.sum(x)), "float"), (lambda x: x.numpy(), "numpy")])
def test_what_cannot_be_traced_is_refused_with_the_users_line(bad, what):
    class Bad(layers.Layer):
        def call(self, x):
            return bad(x)

    with pytest.raises(TypeError, match=rf"test_custom.py, line \d+: .*{what}.*keras.ops"):
        sequential(Bad())


def test_a_tensor_of_a_trace_that_is_over_says_so():
    kept = []

    class Keeps(layers.Layer):
        def call(self, x):
            kept.append(x)
            return x

    sequential(Keeps())
    with pytest.raises(ValueError, match="trace that is over"):
        kept[0] + 1


def test_errors_in_call_point_at_the_line():
    class Wrong(layers.Layer):
        def call(self, x):
            return ops.matmul(x, np.ones((7, 2), "float32"))

    with pytest.raises(ValueError, match="matmul") as caught:
        sequential(Wrong())
    assert any(entry.name == "call" and entry.path.name == "test_custom.py" for entry in caught.traceback)
