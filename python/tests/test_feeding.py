"""How data get from Python into a run: pipelines of arrays by C++, PyDatasets by their workers, arrays without a copy."""
import threading

import numpy as np
import pytest

from cornu import data, keras
from cornu.keras import _data

X = np.random.default_rng(0).normal(size=(60, 3)).astype("float32")
Y = X @ np.array([[1.0], [2.0], [3.0]], "float32")


def model():
    keras.utils.set_random_seed(5)
    made = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    made.compile(keras.optimizers.SGD(0.1), "mse")
    return made


def test_a_pipeline_that_only_batches_arrays_is_read_by_c_plus_plus_and_gives_the_same():
    pipeline = data.Dataset.from_tensor_slices((X, Y)).batch(8).prefetch(data.AUTOTUNE)
    x, y, weight, size, shuffle = _data.arrays_of(pipeline, None, None, None, True)
    assert np.shares_memory(x, X) and np.shares_memory(y, Y) and weight is None and size == 8 and shuffle is False
    assert _data.arrays_of(data.Dataset.from_tensor_slices((X, Y)).shuffle(60).batch(8), None, None, None, False)[3:] == (8, True)
    by_pipeline = model().fit(pipeline, epochs=3, validation_data=data.Dataset.from_tensor_slices((X[:20], Y[:20])).batch(7), verbose=0).history
    by_arrays = model().fit(X, Y, batch_size=8, shuffle=False, epochs=3, validation_data=(X[:20], Y[:20]), validation_batch_size=7, verbose=0).history
    assert by_pipeline == by_arrays
    walked = []
    mapped = pipeline.map(lambda x, y: (walked.append(1), (x, y))[1])
    one_by_one = model().fit(mapped, epochs=3, verbose=0).history["loss"]
    assert len(walked) == 3 * 8
    np.testing.assert_allclose(one_by_one, by_arrays["loss"], rtol=1e-5)


def test_what_is_no_plain_pipeline_is_left_as_it_is():
    for other in (data.Dataset.from_tensor_slices((X, Y)), data.Dataset.from_tensor_slices((X, Y)).batch(8).map(lambda x, y: (x, y)),
                  data.Dataset.from_tensor_slices((X, np.array(["a"] * 60))).batch(8), iter([(X, Y)])):
        assert _data.arrays_of(other, None, None, None, True) == (other, None, None, None, True)
    assert _data.arrays_of(X, Y, None, 16, True)[0] is X


class Batches(keras.utils.PyDataset):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.threads, self.begun, self.ended, self.asked = set(), 0, 0, []
        self.meet = None  # a barrier for those who make the first two batches of an epoch

    def __len__(self):
        return 6

    def __getitem__(self, i):
        if self.meet and i < 2:
            self.meet.wait(timeout=20)
        self.threads.add(threading.get_ident())
        self.asked.append(i)
        return X[10 * i : 10 * i + 10], Y[10 * i : 10 * i + 10]

    def on_epoch_begin(self):
        self.begun += 1

    def on_epoch_end(self):
        self.ended += 1


@pytest.mark.parametrize("workers", [1, 3])
def test_batches_by_number_are_made_by_workers_and_each_epoch_is_told(workers):
    batches = Batches(workers=workers, max_queue_size=4)
    if workers > 1:  # else one worker that is quick enough makes them all
        batches.meet = threading.Barrier(2)
    history = model().fit(batches, epochs=2, shuffle=False, verbose=0).history["loss"]
    assert sorted(batches.asked) == sorted(2 * list(range(6))) and batches.begun == 2 and batches.ended == 2
    assert threading.get_ident() not in batches.threads or workers == 1
    if workers > 1:
        assert len(batches.threads) > 1
    by_arrays = model().fit(X, Y, batch_size=10, shuffle=False, epochs=2, verbose=0).history["loss"]
    np.testing.assert_allclose(history, by_arrays, rtol=1e-5)


def test_an_error_in_a_worker_ends_fit_with_that_error():
    class Broken(Batches):
        def __getitem__(self, i):
            if i == 3:
                raise KeyError("no batch 3")
            return super().__getitem__(i)

    for workers in (1, 2):
        with pytest.raises(KeyError, match="no batch 3"):
            model().fit(Broken(workers=workers), shuffle=False, verbose=0)


def test_processes_are_refused_by_name():
    with pytest.raises(NotImplementedError, match="workers"):
        Batches(use_multiprocessing=True)


def test_a_short_prediction_is_one_batch_whatever_it_is_made_of():
    made = model()
    expected = made.predict(X, batch_size=7, verbose=0)
    for given in (X[:5], X[:5].astype("float64"), X[:5].tolist(), np.asfortranarray(X[:5]), X[:10:2]):
        np.testing.assert_allclose(made.predict(given, verbose=0), made.predict(given, batch_size=2, verbose=0), rtol=1e-6)
    np.testing.assert_allclose(made.predict(X[:5], verbose=0), expected[:5], rtol=1e-6)
    assert type(made.predict(X[:1], verbose=0)) is np.ndarray and made.predict(X[:1], verbose=0).shape == (1, 1)
