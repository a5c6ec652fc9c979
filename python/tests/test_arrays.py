"""What may be data: arrays of any layout, lists, frames, tensors of others; and when memory is shared."""
import numpy as np
import pytest

from cornu import _cornu, keras


@pytest.fixture
def model():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.set_weights([np.arange(6, dtype="float32").reshape(3, 2), np.array([0.5, -0.5], "float32")])
    return model


X = np.array([[1, 2, 3], [4, 5, 6]], "float32")


def expected(x=X):
    return np.asarray(x, "float64") @ np.arange(6).reshape(3, 2) + [0.5, -0.5]


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "int8", "int16", "int32", "int64", "uint8", "uint16", "bool"])
def test_numbers_of_any_width_are_inputs(model, dtype):
    x = X.astype(dtype)
    np.testing.assert_allclose(model.predict(x, verbose=0), expected(x), rtol=1e-6)


def test_any_layout_is_read_as_it_looks(model):
    fortran, reversed_, every_other = np.asfortranarray(X), X[::-1], np.repeat(X, 2, axis=0)[::2]
    for x in (fortran, reversed_, every_other, X.T.copy().T):
        np.testing.assert_allclose(model.predict(x, verbose=0), expected(x), rtol=1e-6)


def test_read_only_arrays_and_lists_and_scalars_are_read(model):
    x = X.copy()
    x.flags.writeable = False
    np.testing.assert_allclose(model.predict(x, verbose=0), expected(), rtol=1e-6)
    np.testing.assert_allclose(model.predict(np.array(X.tolist()), verbose=0), expected(), rtol=1e-6)
    np.testing.assert_allclose(model.predict_on_batch(X.tolist()), expected(), rtol=1e-6)


def test_frames_of_pandas_are_matrices(model):
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"a": [1, 4], "b": [2.0, 5.0], "c": [3, 6]})
    np.testing.assert_allclose(model.predict(frame, verbose=0), expected(), rtol=1e-6)
    model.compile("sgd", "mse")
    model.fit(frame, pd.DataFrame({"y": [1.0, 2.0], "z": [0.0, 1.0]}), verbose=0)


def test_dlpack_is_enough(model):
    class Exporter:
        def __init__(self, array):
            self.array = array
            self.shape = array.shape

        def __dlpack__(self, **kwargs):
            return self.array.__dlpack__(**kwargs)

        def __dlpack_device__(self):
            return self.array.__dlpack_device__()

    np.testing.assert_allclose(model.predict(Exporter(X), verbose=0), expected(), rtol=1e-6)


def test_results_are_arrays_of_their_own(model):
    first = model.predict(X, verbose=0)
    first[:] = 7
    np.testing.assert_allclose(model.predict(X, verbose=0), expected(), rtol=1e-6)
    weights = model.get_weights()
    weights[0][:] = 0
    np.testing.assert_allclose(model.predict(X, verbose=0), expected(), rtol=1e-6)
    assert first.flags.writeable and first.flags.c_contiguous


def test_float32_arrays_are_not_copied_and_float64_becomes_float32():
    x = np.zeros((4, 4), "float32")
    assert _cornu.shares_memory(x)
    assert not _cornu.shares_memory(x.astype("float64"))
    assert not _cornu.shares_memory(x.T[1:])


def test_empty_and_scalar_arrays_keep_their_shape():
    for shape in ((), (1,), (0,), (2, 0), (1, 1, 1)):
        assert _cornu.to_float32(np.zeros(shape)).shape == shape


def test_text_and_rows_of_different_lengths_are_refused_with_a_remedy(model):
    with pytest.raises(TypeError, match="turn texts into numbers first"):
        model.predict(np.array([["a", "b", "c"]]), verbose=0)
    with pytest.raises((TypeError, ValueError), match="pad_sequences|inhomogeneous"):
        model.predict([[1, 2, 3], [1]], verbose=0)
    ragged = np.empty(2, object)
    ragged[:] = [[1, 2, 3], [1]]
    with pytest.raises(TypeError, match="pad_sequences"):
        model.predict(ragged, verbose=0)
