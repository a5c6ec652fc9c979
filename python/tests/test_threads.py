"""Threads of Python's that use cornu together."""
import threading

import numpy as np

import cornu as tf
from cornu import keras


def made(seed=3, width=32):
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.Input((16,)), keras.layers.Dense(width, activation="relu"), keras.layers.Dropout(0.2), keras.layers.Dense(4, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def data(rows=96):
    rng = np.random.default_rng(rows)
    return rng.random((rows, 16), dtype="float32"), rng.integers(0, 4, rows)


def together(*jobs):
    """Runs the jobs side by side; an error of one is the test's."""
    errors = []

    def guarded(job):
        try:
            job()
        except BaseException as e:  # noqa: B902
            errors.append(e)

    threads = [threading.Thread(target=guarded, args=(job,)) for job in jobs]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    if errors:
        raise errors[0]


def test_one_model_is_asked_by_many_threads_in_every_way():
    model = made(width=1024)  # a step is long enough for another thread to come in the middle
    inputs = [data(rows)[0] for rows in (1, 300, 301, 302)]
    expected = [model.predict_on_batch(x) for x in inputs]

    def ask(i):
        for _ in range(10):
            for answer in (model.predict(inputs[i], verbose=0), model.predict_on_batch(inputs[i]), np.asarray(model(inputs[i]))):
                np.testing.assert_allclose(answer, expected[i], atol=1e-6)

    together(*(lambda i=i: ask(i % 4) for i in range(8)))


def test_one_model_is_asked_while_it_is_trained():
    model, (x, y) = made(), data()

    def ask():
        for _ in range(20):
            assert np.isfinite(model.predict(x, verbose=0)).all()

    together(lambda: model.fit(x, y, epochs=5, verbose=0), ask, ask)


def test_models_are_trained_side_by_side_from_arrays_and_generators():
    x, y = data()
    models = [made() for _ in range(4)]
    before = [w.copy() for w in models[0].get_weights()]

    def batches():
        for i in range(0, len(x), 16):
            yield x[i:i + 16], y[i:i + 16]

    def train(model, generated):
        if generated:
            for _ in range(3):
                model.fit(batches(), verbose=0)
        else:
            model.fit(x, y, batch_size=16, epochs=3, verbose=0, shuffle=False, callbacks=[keras.callbacks.EarlyStopping("loss", patience=9)])

    together(*(lambda model=m, i=i: train(model, i % 2) for i, m in enumerate(models)))
    for pair in ((0, 2), (1, 3)):
        for a, b in zip(models[pair[0]].get_weights(), models[pair[1]].get_weights()):
            np.testing.assert_array_equal(a, b)
    assert not np.array_equal(models[0].get_weights()[0], before[0])


def test_tensors_are_computed_by_many_threads():
    shared = tf.constant(np.arange(12, dtype="float32").reshape(3, 4))
    variable = tf.Variable(np.ones((4,), "float32"))

    def compute(i):
        for _ in range(20):
            own = shared * float(i)
            assert float(tf.reduce_sum(own + variable)) == 66 * i + 12
            np.testing.assert_array_equal(np.asarray(keras.ops.matmul(own, keras.ops.transpose(shared)))[0], [14 * i, 38 * i, 62 * i])

    together(*(lambda i=i: compute(i) for i in range(1, 6)))
