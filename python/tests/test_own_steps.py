"""train_step and test_step of one's own: traced once for each kind of batch, then run by C++."""
import gc
import weakref

import numpy as np
import pytest

import cornu as tf
from cornu import keras
from cornu.keras import layers, ops

RNG = np.random.default_rng(3)
X = RNG.normal(size=(70, 5)).astype("float32")
Y = (X[:, :1] - X[:, 1:2] * 0.5).astype("float32")


def network():
    model = keras.Sequential([keras.Input((5,)), layers.Dense(8, "tanh"), layers.Dense(1)])
    rng = np.random.default_rng(7)
    model.set_weights([rng.normal(0, 0.3, w.shape).astype("float32") for w in model.get_weights()])
    return model


class Stepped(keras.Model):
    """Counts how often its Python runs."""

    def __init__(self, body=None):
        super().__init__()
        self.net, self.runs, self.tests, self.body = network(), 0, 0, body

    def call(self, x):
        return self.net(x)

    def train_step(self, data):
        self.runs += 1
        x, y, weight = keras.utils.unpack_x_y_sample_weight(data)
        with tf.GradientTape() as tape:
            prediction = self(x, training=True)
            loss = self.compute_loss(x=x, y=y, y_pred=prediction, sample_weight=weight)
            if self.body is not None:
                loss = self.body(self, loss)
        self.optimizer.apply_gradients(zip(tape.gradient(loss, self.trainable_variables), self.trainable_variables))
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss)
            else:
                metric.update_state(y, prediction)
        return {m.name: m.result() for m in self.metrics}

    def test_step(self, data):
        self.tests += 1
        x, y = data
        return {"distance": ops.mean(ops.abs(self(x) - y))}


def compiled(model, **options):
    model.compile(keras.optimizers.Adam(0.01), "mse", metrics=["mae"], **options)
    return model


def test_it_runs_once_for_each_size_of_batch_and_learns_as_fit_does():
    own, plain = compiled(Stepped()), compiled(network())
    options = dict(batch_size=32, epochs=4, shuffle=False, verbose=0)
    a, b = own.fit(X, Y, **options).history, plain.fit(X, Y, **options).history
    assert own.runs == 2  # 32 and the last 6
    np.testing.assert_allclose(a["mae"], b["mae"], rtol=1e-4)
    assert list(a) == ["loss", "mae"] or sorted(a) == ["loss", "mae"]
    for v, w in zip(own.net.get_weights(), plain.get_weights()):
        np.testing.assert_allclose(v, w, rtol=1e-3, atol=1e-5)
    own.fit(X, Y, **options)
    assert own.runs == 2 and int(own.optimizer.iterations) == 2 * 4 * 3


def test_run_eagerly_runs_it_for_every_batch_to_the_same_numbers():
    traced, eager = compiled(Stepped()), compiled(Stepped(), run_eagerly=True)
    histories = [m.fit(X, Y, batch_size=35, epochs=3, shuffle=False, verbose=0).history for m in (traced, eager)]
    assert traced.runs == 1 and eager.runs == 6
    for name in histories[0]:
        np.testing.assert_allclose(histories[0][name], histories[1][name], rtol=1e-5)


@pytest.mark.parametrize("bad, what", [(lambda m, loss: loss if loss > 0.1 else loss * 2, "if, while"), (lambda m, loss: loss * float(loss), "float"), (lambda m, loss: loss.numpy() * loss, "numpy")])
def test_what_cannot_be_traced_names_the_line_and_the_way_out(bad, what):
    with pytest.raises(TypeError, match=rf"test_own_steps.py, line \d+: .*{what}.*train_step.*run_eagerly=True"):
        compiled(Stepped(bad)).fit(X, Y, verbose=0)
    compiled(Stepped(bad), run_eagerly=True).fit(X, Y, verbose=0, epochs=1)


def test_callbacks_the_progress_bar_and_validation_work_as_ever(capsys):
    model, seen = compiled(Stepped()), []

    class Watch(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            seen.append((batch, sorted(logs)))

    history = model.fit(X, Y, batch_size=35, epochs=50, validation_data=(X[:20], Y[:20]), verbose=2,
                        callbacks=[Watch(), keras.callbacks.EarlyStopping("val_distance", mode="min", patience=2, min_delta=10.0, restore_best_weights=True),
                                   keras.callbacks.ReduceLROnPlateau("val_distance", mode="min", patience=1, min_delta=10.0, factor=0.5), keras.callbacks.TerminateOnNaN()])
    assert len(history.epoch) == 3 and model.tests == 1
    assert seen == [(i % 2, ["loss", "mae"]) for i in range(6)]
    assert "val_distance" in history.history and float(model.optimizer.learning_rate) < 0.01
    out = capsys.readouterr().out
    assert "Epoch 3/50" in out and "val_distance" in out
    assert model.evaluate(X[:20], Y[:20], verbose=0) == pytest.approx(history.history["val_distance"][0], rel=1e-5)  # the best weights are back


def test_the_learning_rate_is_a_state():
    model = compiled(Stepped())
    model.fit(X, Y, batch_size=70, verbose=0)
    before = model.net.get_weights()
    model.optimizer.learning_rate = 0.0
    model.fit(X, Y, batch_size=70, epochs=3, verbose=0)
    assert model.runs == 1
    for a, b in zip(before, model.net.get_weights()):
        np.testing.assert_array_equal(a, b)


def test_weights_of_classes_and_samples():
    labels = (Y > 0).astype("int32")
    heavy = np.where(labels[:, 0] == 1, 3.0, 1.0).astype("float32")
    runs = []
    for options in (dict(class_weight={0: 1.0, 1: 3.0}), dict(sample_weight=heavy)):
        runs.append(compiled(Stepped()).fit(X, labels.astype("float32"), batch_size=35, shuffle=False, verbose=0, **options).history["loss"])
    plain = compiled(Stepped()).fit(X, labels.astype("float32"), batch_size=35, shuffle=False, verbose=0).history["loss"]
    assert runs[0] == pytest.approx(runs[1], rel=1e-6) and abs(runs[0][0] - plain[0]) > 1e-3


def test_random_numbers_are_new_in_each_step():
    drawn = []

    class Noisy(keras.Model):
        def __init__(self):
            super().__init__()
            self.w = tf.Variable(0.0)

        def train_step(self, data):
            noise = keras.random.normal((2,))
            self.w.assign(noise[0])
            return {"a": noise[0], "b": noise[1], "c": keras.random.uniform(())}

    model = Noisy()
    model.compile()
    model.fit(X, batch_size=7, verbose=0, callbacks=[keras.callbacks.LambdaCallback(on_train_batch_end=lambda i, logs: drawn.append((logs["a"], logs["b"], logs["c"])))])
    assert len(drawn) == 10 and len({n for row in drawn for n in row}) == 30


def test_dropout_and_batch_normalization_in_a_step():
    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            self.norm, self.drop = layers.BatchNormalization(momentum=0.5), layers.Dropout(0.5)

        def train_step(self, data):
            y = self.norm(data, training=True)
            return {"zeros": ops.mean(ops.cast(ops.equal(self.drop(y, training=True), 0.0), "float32"))}

    model = Net()
    model.compile()
    zeros = []
    model.fit(X, batch_size=10, verbose=0, callbacks=[keras.callbacks.LambdaCallback(on_train_batch_end=lambda i, logs: zeros.append(logs["zeros"]))])
    assert len(set(zeros)) > 2 and all(0.2 < z < 0.8 for z in zeros)
    assert np.abs(model.norm.moving_mean.numpy()).sum() > 0


def test_generators_dictionaries_and_one_batch():
    class Named(keras.Model):
        def __init__(self):
            super().__init__()
            self.runs, self.total = 0, self.add_weight(shape=(), initializer="zeros", trainable=False)

        def train_step(self, data):
            self.runs += 1
            self.total.assign_add(ops.sum(data["a"]))
            return {"sum": ops.sum(data["a"]), "deep": {"b": ops.sum(data["b"])}}

    model = Named()
    model.compile()

    def batches():
        while True:
            yield {"a": X[:4], "b": Y[:4]}

    history = model.fit(batches(), steps_per_epoch=3, epochs=2, verbose=0).history
    assert model.runs == 1 and set(history) == {"sum", "b"} and history["sum"][0] == pytest.approx(float(X[:4].sum()), rel=1e-5)
    assert float(model.total) == pytest.approx(6 * float(X[:4].sum()), rel=1e-4)
    assert model.train_on_batch({"a": X[:4], "b": Y[:4]}, return_dict=True)["b"] == pytest.approx(float(Y[:4].sum()), rel=1e-5)
    assert model.runs == 1


def test_compute_loss_alone():
    class Doubled(keras.Sequential):
        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
            return 2.0 * super().compute_loss(x, y, y_pred, sample_weight)

    doubled, plain = Doubled(network().layers), network()
    for m in (doubled, plain):
        m.compile("sgd", "mse")
        m.optimizer.learning_rate = 0.0
    assert doubled.evaluate(X, Y, verbose=0) == pytest.approx(2 * plain.evaluate(X, Y, verbose=0), rel=1e-5)
    assert doubled.fit(X, Y, verbose=0).history["loss"][0] == pytest.approx(2 * plain.evaluate(X, Y, verbose=0), rel=1e-4)


def test_an_optimizer_of_ones_own_in_a_step():
    class Plain(keras.optimizers.Optimizer):
        def update_step(self, gradient, variable, learning_rate):
            variable.assign_sub(learning_rate * gradient)

    models = [Stepped(), Stepped()]
    for model, optimizer in zip(models, (Plain(0.05), keras.optimizers.SGD(0.05))):
        model.compile(optimizer, "mse")
    a, b = (m.fit(X, Y, batch_size=35, epochs=3, shuffle=False, verbose=0).history["loss"] for m in models)
    assert models[0].runs == 1
    np.testing.assert_allclose(a, b, rtol=1e-5)


def test_a_predict_step():
    class Halved(keras.Sequential):
        def predict_step(self, data):
            return self(data, training=False) * 0.5

    model = Halved(network().layers)
    np.testing.assert_allclose(model.predict(X, verbose=0), 0.5 * network().predict(X, verbose=0), rtol=1e-5)


def test_models_with_steps_and_layers_of_ones_own_are_freed():
    class Scaled(layers.Layer):
        def build(self, shape):
            self.scale = self.add_weight(shape=(shape[-1],), initializer="ones")

        def call(self, x):
            return x * self.scale

    def once():
        model = compiled(Stepped())
        model.fit(X, Y, batch_size=70, verbose=0)
        own = Scaled()
        wired = keras.Model(inputs := keras.Input((5,)), layers.Dense(1)(own(inputs)))
        wired.compile("sgd", "mse")
        wired.fit(X, Y, batch_size=70, verbose=0)
        row = keras.Sequential([keras.Input((5,)), Scaled(), layers.Dense(1)])
        row(X)
        return [weakref.ref(o) for o in (model, own, wired, row, row.layers[0])]

    known = once()
    gc.collect()
    assert [r() for r in known] == [None] * len(known)


def test_wiring_keeps_layers_of_ones_own():
    class Twice(layers.Layer):
        def call(self, x):
            return 2 * x

    def wired():
        x = keras.Input((3,))
        return x, layers.Dense(3, kernel_initializer="identity")(Twice()(x))

    x, y = wired()
    gc.collect()
    model = keras.Model(x, y)
    del x, y
    gc.collect()
    np.testing.assert_allclose(model.predict(np.ones((1, 3), "float32"), verbose=0), [[2, 2, 2]])
    assert model.layers[1].output.shape == (None, 3) and type(model.layers[1]) is Twice
    inner = keras.Sequential([Twice(), Twice()])
    outer = keras.Sequential([keras.Input((3,)), inner])
    del inner
    gc.collect()
    np.testing.assert_allclose(outer(np.ones((1, 3), "float32")), [[4, 4, 4]])
    over_time = keras.Sequential([keras.Input((2, 3)), layers.TimeDistributed(Twice())])
    gc.collect()
    np.testing.assert_allclose(over_time(np.ones((1, 2, 3), "float32")), 2 * np.ones((1, 2, 3)))


def test_assign_acts_in_every_mode():
    class Counting(layers.Layer):
        def build(self, shape):
            self.count = self.add_weight(shape=(), initializer="zeros", trainable=False)

        def call(self, x):
            self.count.assign_add(1.0)
            return x + 0.0 * self.count

    model = keras.Sequential([keras.Input((5,)), Counting(), layers.Dense(1)])
    model.compile("sgd", "mse")
    counts = [float(model.layers[0].count)]
    for run in (lambda: model.fit(X, Y, batch_size=35, verbose=0), lambda: model.evaluate(X, Y, batch_size=35, verbose=0), lambda: model.predict(X, batch_size=35, verbose=0),
                lambda: np.asarray(model(X)), lambda: model.train_on_batch(X, Y), lambda: model.test_on_batch(X, Y), lambda: model.predict_on_batch(X)):
        run()
        counts.append(float(model.layers[0].count))
    assert np.diff(counts).tolist() == [2, 2, 2, 1, 1, 1, 1]
