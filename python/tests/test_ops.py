"""keras.ops against NumPy: values, shapes and dtypes; wired into a model, the same op gives the same numbers."""
import numpy as np
import pytest

from cornu import keras
from cornu.keras import ops

rng = np.random.default_rng(3)
A = rng.normal(size=(3, 4)).astype("float32")
B = rng.normal(size=(3, 4)).astype("float32")
P = (np.abs(A) + 0.1).astype("float32")
U = np.tanh(A).astype("float32") * 0.9
M = rng.normal(size=(4, 5)).astype("float32")
I = rng.integers(-5, 6, (3, 4)).astype("int32")
J = rng.integers(1, 4, (3, 4)).astype("int32")
C = A > 0
T = rng.normal(size=(2, 3, 4)).astype("float32")


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(x, axis=-1):
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


CASES = {
    # elements
    "absolute": (lambda: ops.absolute(A), lambda: np.abs(A)), "add": (lambda: ops.add(A, B), lambda: A + B), "subtract": (lambda: ops.subtract(A, 2), lambda: A - 2),
    "multiply": (lambda: ops.multiply(A, B[0]), lambda: A * B[0]), "divide": (lambda: ops.divide(A, P), lambda: A / P),
    "true_divide of whole numbers": (lambda: ops.true_divide(I, J), lambda: (I / J).astype("float32")),
    "floor_divide": (lambda: ops.floor_divide(I, J), lambda: I // J), "mod": (lambda: ops.mod(I, J), lambda: I % J), "fmod": (lambda: ops.fmod(A, P), lambda: np.fmod(A, P)),
    "power": (lambda: ops.power(P, B), lambda: P**B), "power 2": (lambda: ops.power(A, 2), lambda: A**2), "power of whole numbers": (lambda: ops.power(J, 3), lambda: J**3),
    "square": (lambda: ops.square(A), lambda: A**2), "sqrt": (lambda: ops.sqrt(P), lambda: np.sqrt(P)), "rsqrt": (lambda: ops.rsqrt(P), lambda: 1 / np.sqrt(P)),
    "exp": (lambda: ops.exp(A), lambda: np.exp(A)), "exp of whole numbers": (lambda: ops.exp(J), lambda: np.exp(J).astype("float32")),
    "log": (lambda: ops.log(P), lambda: np.log(P)), "log1p": (lambda: ops.log1p(P), lambda: np.log1p(P)),
    "log2": (lambda: ops.log2(P), lambda: np.log2(P)), "sin": (lambda: ops.sin(A), lambda: np.sin(A)), "cos": (lambda: ops.cos(A), lambda: np.cos(A)),
    "tan": (lambda: ops.tan(U), lambda: np.tan(U)), "arcsin": (lambda: ops.arcsin(U), lambda: np.arcsin(U)), "arctan2": (lambda: ops.arctan2(A, B), lambda: np.arctan2(A, B)),
    "tanh": (lambda: ops.tanh(A), lambda: np.tanh(A)), "sinc": (lambda: ops.sinc(A), lambda: np.sinc(A)), "cbrt": (lambda: ops.cbrt(A), lambda: np.cbrt(A)),
    "sign": (lambda: ops.sign(A), lambda: np.sign(A)), "floor": (lambda: ops.floor(A), lambda: np.floor(A)), "ceil": (lambda: ops.ceil(A), lambda: np.ceil(A)),
    "round": (lambda: ops.round(A, 1), lambda: np.round(A, 1)), "trunc": (lambda: ops.trunc(A * 3), lambda: np.trunc(A * 3)),
    "maximum": (lambda: ops.maximum(A, B), lambda: np.maximum(A, B)), "minimum": (lambda: ops.minimum(A, 0), lambda: np.minimum(A, 0)),
    "clip": (lambda: ops.clip(A, -0.5, 0.5), lambda: np.clip(A, -0.5, 0.5)), "clip of whole numbers": (lambda: ops.clip(I, -1, 2), lambda: np.clip(I, -1, 2)),
    "where": (lambda: ops.where(C, A, B), lambda: np.where(C, A, B)), "where with a number": (lambda: ops.where(C, A, 0.0), lambda: np.where(C, A, 0).astype("float32")),
    "equal": (lambda: ops.equal(I, J), lambda: I == J), "not_equal": (lambda: ops.not_equal(I, 1), lambda: I != 1), "greater": (lambda: ops.greater(A, B), lambda: A > B),
    "less_equal": (lambda: ops.less_equal(A, 0), lambda: A <= 0), "logical_and": (lambda: ops.logical_and(C, I), lambda: np.logical_and(C, I)),
    "logical_not": (lambda: ops.logical_not(C), lambda: ~C), "isnan": (lambda: ops.isnan(np.array([1, np.nan], "float32")), lambda: np.array([False, True])),
    "hypot": (lambda: ops.hypot(A, B), lambda: np.hypot(A, B)), "logaddexp": (lambda: ops.logaddexp(A, B), lambda: np.logaddexp(A, B)),
    "nan_to_num": (lambda: ops.nan_to_num(np.array([np.nan, np.inf, 1], "float32")), lambda: np.nan_to_num(np.array([np.nan, np.inf, 1], "float32"))),
    "isclose": (lambda: ops.isclose(A, A + 1e-7), lambda: np.isclose(A, A + 1e-7)), "heaviside": (lambda: ops.heaviside(A, 0.5), lambda: np.heaviside(A, np.float32(0.5))),
    "whole and float": (lambda: ops.add(I, A), lambda: (I + A).astype("float32")), "whole and 0.5": (lambda: ops.add(I, 0.5), lambda: (I + 0.5).astype("float32")),
    # folds
    "sum": (lambda: ops.sum(A, axis=1), lambda: A.sum(1)), "sum of all": (lambda: ops.sum(A), lambda: A.sum()), "sum of axes": (lambda: ops.sum(T, (0, -1), True), lambda: T.sum((0, 2), keepdims=True)),
    "sum of whole numbers": (lambda: ops.sum(I, 0), lambda: I.sum(0).astype("int32")), "sum of truths": (lambda: ops.sum(C), lambda: np.int32(C.sum())),
    "mean": (lambda: ops.mean(A, 0), lambda: A.mean(0)), "mean of whole numbers": (lambda: ops.mean(I), lambda: np.float32(I.mean())), "std": (lambda: ops.std(A, 1), lambda: A.std(1)),
    "var": (lambda: ops.var(T, 2), lambda: T.var(2)), "max": (lambda: ops.max(A, 1), lambda: A.max(1)), "min": (lambda: ops.min(I), lambda: I.min()), "prod": (lambda: ops.prod(U, 0), lambda: U.prod(0)),
    "any": (lambda: ops.any(C, 0), lambda: C.any(0)), "all": (lambda: ops.all(C, 1), lambda: C.all(1)), "argmax": (lambda: ops.argmax(A, 1), lambda: A.argmax(1).astype("int32")),
    "argmax of all": (lambda: ops.argmax(A), lambda: np.int32(A.argmax())), "argmin": (lambda: ops.argmin(T, axis=0), lambda: T.argmin(0).astype("int32")),
    "count_nonzero": (lambda: ops.count_nonzero(I, 1), lambda: np.count_nonzero(I, 1).astype("int32")), "cumsum": (lambda: ops.cumsum(A, 1), lambda: A.cumsum(1)),
    "cumsum of all": (lambda: ops.cumsum(I), lambda: I.cumsum().astype("int32")), "cumprod": (lambda: ops.cumprod(U, 0), lambda: U.cumprod(0)),
    "logsumexp": (lambda: ops.logsumexp(A, 1), lambda: np.log(np.exp(A).sum(1))), "average": (lambda: ops.average(A, 1, M[:, 0] ** 2), lambda: np.average(A, 1, M[:, 0] ** 2)),
    "median": (lambda: ops.median(A, 1), lambda: np.median(A, 1)), "quantile": (lambda: ops.quantile(A, 0.3), lambda: np.quantile(A, 0.3).astype("float32")),
    "nanmean": (lambda: ops.nanmean(np.array([1, np.nan, 3], "float32")), lambda: np.float32(2)), "ptp": (lambda: ops.ptp(A, 0), lambda: np.ptp(A, 0)),
    # products
    "matmul": (lambda: ops.matmul(A, M), lambda: A @ M), "matmul of batches": (lambda: ops.matmul(T, M), lambda: T @ M), "matmul with a vector": (lambda: ops.matmul(A, M[:, 0]), lambda: A @ M[:, 0]),
    "matmul of whole numbers": (lambda: ops.matmul(I, J.T), lambda: I @ J.T), "dot": (lambda: ops.dot(T, M), lambda: np.dot(T, M)),
    "tensordot": (lambda: ops.tensordot(T, M, [[2], [0]]), lambda: np.tensordot(T, M, [[2], [0]])), "einsum": (lambda: ops.einsum("ij,jk->ki", A, M), lambda: np.einsum("ij,jk->ki", A, M)),
    "outer": (lambda: ops.outer(A[0], B[1]), lambda: np.outer(A[0], B[1])), "inner": (lambda: ops.inner(A, B), lambda: np.inner(A, B)), "kron": (lambda: ops.kron(A[:2, :2], B[:2, :1]), lambda: np.kron(A[:2, :2], B[:2, :1])),
    "cross": (lambda: ops.cross(A[:, :3], B[:, :3]), lambda: np.cross(A[:, :3], B[:, :3])), "norm": (lambda: ops.norm(A, axis=1), lambda: np.linalg.norm(A, axis=1)),
    "trace": (lambda: ops.trace(A), lambda: np.trace(A)), "inv": (lambda: ops.linalg.inv(np.eye(3, dtype="float32") * 2), lambda: np.eye(3, dtype="float32") / 2),
    # shapes
    "reshape": (lambda: ops.reshape(A, (2, -1)), lambda: A.reshape(2, -1)), "transpose": (lambda: ops.transpose(T, (2, 0, 1)), lambda: T.transpose(2, 0, 1)), "swapaxes": (lambda: ops.swapaxes(T, 0, -1), lambda: T.swapaxes(0, 2)),
    "moveaxis": (lambda: ops.moveaxis(T, (0, 1), (-1, 0)), lambda: np.moveaxis(T, (0, 1), (-1, 0))), "expand_dims": (lambda: ops.expand_dims(A, (0, -1)), lambda: A[None, ..., None]),
    "squeeze": (lambda: ops.squeeze(A[:, None]), lambda: A), "concatenate": (lambda: ops.concatenate([A, I], 1), lambda: np.concatenate([A, I], 1).astype("float32")), "stack": (lambda: ops.stack([A, B], -1), lambda: np.stack([A, B], -1)),
    "split": (lambda: ops.split(A, [1, 3], 1)[1], lambda: A[:, 1:3]), "split in parts": (lambda: ops.split(A, 2, 1)[1], lambda: A[:, 2:]), "tile": (lambda: ops.tile(A, (2, 1, 3)), lambda: np.tile(A, (2, 1, 3))),
    "repeat": (lambda: ops.repeat(A, 2, 0), lambda: A.repeat(2, 0)), "repeat each": (lambda: ops.repeat(A, [1, 0, 2], 0), lambda: A.repeat([1, 0, 2], 0)), "flip": (lambda: ops.flip(A, 1), lambda: A[:, ::-1]),
    "roll": (lambda: ops.roll(A, -1, 1), lambda: np.roll(A, -1, 1)), "pad": (lambda: ops.pad(A, ((1, 0), (0, 2)), constant_values=7), lambda: np.pad(A, ((1, 0), (0, 2)), constant_values=7)),
    "pad by reflection": (lambda: ops.pad(A, 1, "reflect"), lambda: np.pad(A, 1, "reflect")), "tril": (lambda: ops.tril(A, 1), lambda: np.tril(A, 1)), "triu": (lambda: ops.triu(A), lambda: np.triu(A)),
    "diag": (lambda: ops.diag(A[0], 1), lambda: np.diag(A[0], 1)), "diagonal": (lambda: ops.diagonal(A, 1), lambda: np.diagonal(A, 1)), "diff": (lambda: ops.diff(A, axis=0), lambda: np.diff(A, axis=0)),
    "broadcast_to": (lambda: ops.broadcast_to(A[0], (2, 4)), lambda: np.broadcast_to(A[0], (2, 4))), "meshgrid": (lambda: ops.meshgrid(A[0], B[0, :2])[1], lambda: np.meshgrid(A[0], B[0, :2])[1]),
    "rot90": (lambda: ops.rot90(A), lambda: np.rot90(A)), "hstack": (lambda: ops.hstack([A, B]), lambda: np.hstack([A, B])), "vstack": (lambda: ops.vstack([A, B]), lambda: np.vstack([A, B])),
    "rearrange": (lambda: ops.rearrange(T, "a (b c) d -> (a d) b c", c=3), lambda: T.reshape(2, 1, 3, 4).transpose(0, 3, 1, 2).reshape(8, 1, 3)),
    # made
    "zeros": (lambda: ops.zeros((2, 3)), lambda: np.zeros((2, 3), "float32")), "ones_like": (lambda: ops.ones_like(I), lambda: np.ones_like(I)), "full": (lambda: ops.full((2,), 7, "int32"), lambda: np.full(2, 7, "int32")),
    "eye": (lambda: ops.eye(3, 4, 1), lambda: np.eye(3, 4, 1, dtype="float32")), "arange": (lambda: ops.arange(2, 8, 3), lambda: np.arange(2, 8, 3).astype("int32")), "linspace": (lambda: ops.linspace(0, 1, 5), lambda: np.linspace(0, 1, 5).astype("float32")),
    # indices
    "take": (lambda: ops.take(A, [2, 0, -1], 0), lambda: A[[2, 0, -1]]), "take along axis": (lambda: ops.take_along_axis(A, A.argsort(1), 1), lambda: np.sort(A, 1)), "take of axis 1": (lambda: ops.take(A, [[0, 3], [1, 1]], 1), lambda: np.take(A, [[0, 3], [1, 1]], 1)),
    "sort": (lambda: ops.sort(A, 0), lambda: np.sort(A, 0)), "argsort": (lambda: ops.argsort(A), lambda: A.argsort().astype("int32")), "top_k": (lambda: ops.top_k(A, 2)[0], lambda: -np.sort(-A, 1)[:, :2]),
    "searchsorted": (lambda: ops.searchsorted(np.array([1.0, 2, 3], "float32"), np.array([0.5, 2, 9], "float32")), lambda: np.array([0, 1, 3], "int32")), "digitize": (lambda: ops.digitize(A, [-1.0, 0.0, 1.0]), lambda: np.digitize(A, [-1, 0, 1]).astype("int32")),
    "slice": (lambda: ops.slice(A, (1, 0), (2, 3)), lambda: A[1:3, :3]), "slice_update": (lambda: ops.slice_update(A, (1, 1), np.zeros((2, 2), "float32")), lambda: _updated()),
    "scatter": (lambda: ops.scatter([[0, 1], [2, 3]], np.array([5.0, 7], "float32"), (3, 4)), lambda: _scattered()), "segment_sum": (lambda: ops.segment_sum(A, [0, 1, 0], 2), lambda: np.stack([A[0] + A[2], A[1]])),
    "bincount": (lambda: ops.bincount([1, 2, 2, 4]), lambda: np.bincount([1, 2, 2, 4]).astype("int32")), "unique": (lambda: ops.unique([3, 1, 3]), lambda: np.array([1, 3], "int32")), "isin": (lambda: ops.isin(I, [1, 2]), lambda: np.isin(I, [1, 2])),
    # nn
    "relu": (lambda: ops.relu(A), lambda: np.maximum(A, 0)), "sigmoid": (lambda: ops.sigmoid(A), lambda: sigmoid(A)), "softmax": (lambda: ops.softmax(A), lambda: softmax(A)), "softmax of axis 0": (lambda: ops.softmax(A, 0), lambda: softmax(A, 0)),
    "log_softmax": (lambda: ops.log_softmax(A), lambda: np.log(softmax(A))), "leaky_relu": (lambda: ops.leaky_relu(A), lambda: np.where(A > 0, A, 0.2 * A).astype("float32")), "elu": (lambda: ops.elu(A, 0.5), lambda: np.where(A > 0, A, 0.5 * np.expm1(A)).astype("float32")),
    "silu": (lambda: ops.silu(A), lambda: A * sigmoid(A)), "one_hot": (lambda: ops.one_hot(J, 4), lambda: np.eye(4, dtype="float32")[J]), "one_hot axis": (lambda: ops.one_hot(J[0], 4, axis=0), lambda: np.eye(4, dtype="float32")[J[0]].T),
    "categorical_crossentropy": (lambda: ops.categorical_crossentropy(softmax(B), A, True), lambda: -(softmax(B) * np.log(softmax(A))).sum(-1)),
    "sparse_categorical_crossentropy": (lambda: ops.sparse_categorical_crossentropy([0, 3, 1], A, True), lambda: -np.log(softmax(A))[range(3), [0, 3, 1]]),
    "binary_crossentropy": (lambda: ops.binary_crossentropy(C, A, True), lambda: -np.log(np.where(C, sigmoid(A), 1 - sigmoid(A)))),
    "moments": (lambda: ops.moments(A, 0)[1], lambda: A.var(0)), "layer_normalization": (lambda: ops.layer_normalization(A, epsilon=1e-3), lambda: (A - A.mean(1, keepdims=True)) / np.sqrt(A.var(1, keepdims=True) + 1e-3)),
    "normalize": (lambda: ops.normalize(A), lambda: A / np.linalg.norm(A, axis=1, keepdims=True)), "max_pool": (lambda: ops.max_pool(T[..., None], 2, 1), lambda: _pooled()),
    "cast": (lambda: ops.cast(A * 3, "int32"), lambda: (A * 3).astype("int32")), "depth_to_space": (lambda: ops.depth_to_space(np.arange(16, dtype="float32").reshape(1, 2, 2, 4), 2), lambda: np.arange(16, dtype="float32").reshape(1, 2, 2, 2, 2, 1).transpose(0, 1, 3, 2, 4, 5).reshape(1, 4, 4, 1)),
    # loops and choices
    "cond": (lambda: ops.cond(ops.sum(A) > 1e9, lambda: A, lambda: B), lambda: B), "while_loop": (lambda: ops.while_loop(lambda i, s: i < 4, lambda i, s: (i + 1, s + i), (0, 0))[1], lambda: np.int32(6)),
    "fori_loop": (lambda: ops.fori_loop(0, 3, lambda i, x: x * 2, A), lambda: A * 8), "scan": (lambda: ops.scan(lambda c, x: (c + x, c * 2), ops.zeros(4), A)[1], lambda: np.concatenate([np.zeros((1, 4), "float32"), A.cumsum(0)[:2]]) * 2),
    "map": (lambda: ops.map(lambda row: ops.sum(row), A), lambda: A.sum(1)), "switch": (lambda: ops.switch(1, [lambda x: x, lambda x: -x], A), lambda: -A),
}


def _updated():
    x = A.copy()
    x[1:3, 1:3] = 0
    return x


def _scattered():
    x = np.zeros((3, 4), "float32")
    x[0, 1], x[2, 3] = 5, 7
    return x


def _pooled():
    return np.maximum(np.maximum(T[:, :-1, :-1], T[:, 1:, :-1]), np.maximum(T[:, :-1, 1:], T[:, 1:, 1:]))[..., None]


@pytest.mark.parametrize("name", CASES)
def test_an_op_gives_what_numpy_gives(name):
    made, expected = CASES[name][0](), np.asarray(CASES[name][1]())
    assert tuple(made.shape) == expected.shape
    assert str(made.dtype) == str(expected.dtype)
    np.testing.assert_allclose(np.asarray(made), expected, rtol=2e-5, atol=2e-6)


X = rng.normal(size=(6, 3, 4)).astype("float32")
WIRED = {
    "sum": lambda x: ops.sum(x, axis=-1), "mean of all but the batch": lambda x: ops.mean(x, axis=(1, 2)), "softmax": lambda x: ops.softmax(x, axis=1), "reshape": lambda x: ops.reshape(x, (-1, 12)),
    "einsum": lambda x: ops.einsum("bij,bkj->bik", x, x), "where": lambda x: ops.where(x > 0, x, -2.0 * x), "transpose": lambda x: ops.transpose(x, (0, 2, 1)), "item": lambda x: x[:, 1:, ::2],
    "stack": lambda x: ops.stack([x, x * 2], axis=1), "concatenate": lambda x: ops.concatenate([x, ops.tanh(x)], axis=-1), "matmul": lambda x: x @ np.ones((4, 2), "float32"), "power": lambda x: x**2,
    "array and tensor": lambda x: np.ones((3, 4), "float32") + x, "clip": lambda x: ops.clip(x, -1, 1), "one_hot": lambda x: ops.one_hot(ops.cast(x > 0, "int32"), 2), "split": lambda x: ops.split(x, 2, axis=-1)[1],
    "norm": lambda x: ops.norm(x, axis=-1), "sort": lambda x: ops.sort(x, axis=-1), "top_k": lambda x: ops.top_k(x, 2)[0], "cumsum": lambda x: ops.cumsum(x, axis=1), "expand": lambda x: ops.expand_dims(x, 1), "layer norm": lambda x: ops.layer_normalization(x),
    "comparison": lambda x: ops.cast(x >= 0.5, "float32"), "take": lambda x: ops.take(x, [0, 2], axis=1), "logsumexp": lambda x: ops.logsumexp(x, axis=-1), "pad": lambda x: ops.pad(x, ((0, 0), (1, 1), (0, 0))),
}


@pytest.mark.parametrize("name", WIRED)
def test_an_op_on_a_keras_tensor_computes_the_same_in_the_model(name):
    f = WIRED[name]
    x = keras.Input((3, 4))
    model = keras.Model(x, f(x))
    np.testing.assert_allclose(model.predict(X, verbose=0), np.asarray(f(ops.convert_to_tensor(X))), rtol=2e-5, atol=2e-6)


def test_an_op_that_is_not_there_names_a_near_one():
    with pytest.raises(AttributeError, match="reduce_mean"):
        ops.reduce_mean
    with pytest.raises(AttributeError, match="cornu has no keras.ops.erfinv"):
        ops.erfinv


def test_errors_say_what_does_not_fit():
    with pytest.raises(ValueError, match="do not broadcast|broadcast"):
        ops.add(A, np.ones((5, 5), "float32"))
    with pytest.raises(ValueError, match="axis 7"):
        ops.sum(A, 7)


def test_random_numbers_follow_their_seed():
    a, b = keras.random.normal((1000,), seed=1), keras.random.normal((1000,), seed=1)
    np.testing.assert_array_equal(a, b)
    assert not np.array_equal(a, keras.random.normal((1000,), seed=2))
    assert abs(float(ops.mean(a))) < 0.1 and abs(float(ops.std(a)) - 1) < 0.1
    generator = keras.random.SeedGenerator(5)
    assert not np.array_equal(keras.random.uniform((5,), seed=generator), keras.random.uniform((5,), seed=generator))
    u = np.asarray(keras.random.uniform((500,), 2, 3))
    assert u.min() >= 2 and u.max() < 3
    assert set(np.asarray(keras.random.randint((200,), 0, 3)).tolist()) == {0, 1, 2}
    assert sorted(np.asarray(keras.random.shuffle(np.arange(9))).tolist()) == list(range(9))
    kept = np.asarray(keras.random.dropout(np.ones(1000, "float32"), 0.25))
    np.testing.assert_allclose(np.unique(kept), [0, 4 / 3], rtol=1e-6)
    assert 600 < (kept > 0).sum() < 900
    assert np.asarray(keras.random.categorical(np.log(np.array([[0.01, 0.99]], "float32")), 50)).mean() > 0.8
