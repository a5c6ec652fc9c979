"""Many calls in one process: memory stays flat, and threads get right answers."""
import os
import threading

import numpy as np

from cornu import keras

LONG = bool(os.environ.get("CORNU_LONG_TESTS"))


def resident():
    """Bytes of this process that lie in memory."""
    with open("/proc/self/statm") as f:
        return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def made():
    model = keras.Sequential([keras.Input((16,)), keras.layers.Dense(32, activation="relu"), keras.layers.Dense(4, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def growth(step, warm, rounds):
    """By how many MiB the process grows over `rounds` calls of `step`, after `warm` of them."""
    for _ in range(warm):
        step()
    before = resident()
    for _ in range(rounds):
        step()
    return (resident() - before) / 2**20


def test_predicting_again_and_again_takes_no_memory():
    model, x = made(), np.random.rand(1, 16).astype("float32")
    assert growth(lambda: model.predict(x, verbose=0), 200, 100_000 if LONG else 3000) < 5


def test_calling_a_model_again_and_again_takes_no_memory():
    model, x = made(), np.random.rand(1, 16).astype("float32")
    assert growth(lambda: np.asarray(model(x)), 200, 100_000 if LONG else 3000) < 5


def test_fitting_again_and_again_takes_no_memory():
    model, x, y = made(), np.random.rand(64, 16).astype("float32"), np.random.randint(0, 4, 64)
    assert growth(lambda: model.fit(x, y, epochs=1, verbose=0), 20, 1000 if LONG else 100) < 5


def test_models_that_are_dropped_give_their_memory_back():
    x, y = np.random.rand(32, 16).astype("float32"), np.random.randint(0, 4, 32)
    assert growth(lambda: made().fit(x, y, verbose=0), 20, 300 if LONG else 60) < 5


def test_threads_that_predict_together_get_right_answers():
    model = made()
    inputs = [np.random.rand(n, 16).astype("float32") for n in (1, 3, 32, 100)]
    expected = [model.predict(x, verbose=0) for x in inputs]
    wrong = []

    def work(i):
        for _ in range(50):
            for predict in (lambda x: model.predict(x, verbose=0), model.predict_on_batch, lambda x: np.asarray(model(x))):
                if not np.allclose(predict(inputs[i]), expected[i], atol=1e-6):
                    wrong.append(i)

    threads = [threading.Thread(target=work, args=(i % 4,)) for i in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not wrong


def test_the_interpreter_runs_on_while_a_model_is_fitted():
    model = made()
    x, y = np.random.rand(20000, 16).astype("float32"), np.random.randint(0, 4, 20000)
    ticks, done = [], threading.Event()

    def count():
        while not done.is_set():
            ticks.append(1)
            done.wait(0.0005)

    thread = threading.Thread(target=count)
    thread.start()
    model.fit(x, y, epochs=3, verbose=0)
    done.set()
    thread.join()
    assert len(ticks) > 5
