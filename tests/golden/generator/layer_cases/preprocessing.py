import numpy as np

from ..layer_values import L, case, fill

RNG = np.random.default_rng(5)


def floats(*shape):
    return fill(RNG, shape)


def integers(high, *shape, low=0, dtype="int64"):
    return RNG.integers(low, high, shape).astype(dtype)


def adapted(layer, data):
    layer.adapt(data)
    return layer


def cases():
    yield case(L.Rescaling(1 / 255), (2, 3))
    yield case(L.Rescaling(2.0, offset=-1.0), (4,))
    yield case(L.Rescaling([0.5, 2.0, 3.0], offset=[0.25, -1.0, 0.0]), (2, 3))

    yield case(L.Normalization(), (3,))
    yield case(L.Normalization(axis=None), (2, 3))
    yield case(L.Normalization(axis=1), (3, 2))
    yield case(L.Normalization(axis=[1, 2]), (2, 3))
    yield case(L.Normalization(axis=(-1, 1)), (2, 2, 3))
    yield case(L.Normalization(invert=True), (3,))
    yield case(L.Normalization(mean=0.5, variance=2.25), (2, 3))
    yield case(L.Normalization(axis=None, mean=0.5, variance=0.0), (2,), smooth=False)
    yield case(L.Normalization(mean=[0.25, -1.0, 2.0], variance=[1.0, 4.0, 0.25], invert=True), (2, 3))
    yield case(L.Normalization(axis=(1, 2), mean=[[0.0, 1.0], [2.0, 3.0]], variance=[[1.0, 4.0], [0.25, 1.0]]), (2, 2))
    yield case(L.Normalization(axis=(1, 2), mean=[0.0, 1.0, 2.0], variance=[1.0, 4.0, 0.25]), (2, 3))

    for mode in ("int", "one_hot", "multi_hot", "count"):
        yield case(L.Discretization([-0.5, 0.0, 0.75], output_mode=mode), floats(4, 3), smooth=False)
    yield case(L.Discretization([0.0]), np.array([[-1.0, 0.0, 0.5, np.inf, -np.inf]], "float32"), smooth=False)
    yield case(L.Discretization([float(i) / 4 for i in range(-5, 6)]), floats(3, 2, 2), smooth=False)
    yield case(L.Discretization([0.0, 1.0], output_mode="one_hot"), floats(4, 1), smooth=False)
    yield case(L.Discretization([0.0, 1.0], output_mode="one_hot"), floats(4), smooth=False)
    yield case(L.Discretization([0.0, 1.0], output_mode="count"), floats(2, 3, 2), smooth=False)
    yield case(adapted(L.Discretization(num_bins=4), floats(40)), floats(4, 3), smooth=False)

    for mode in ("one_hot", "multi_hot", "count"):
        yield case(L.CategoryEncoding(5, output_mode=mode), integers(5, 4, 3), smooth=False)
        yield case(L.CategoryEncoding(3, output_mode=mode), integers(3, 4, 1, dtype="int32"), smooth=False)
        yield case(L.CategoryEncoding(4, output_mode=mode), integers(4, 3), smooth=False, by_row=mode == "one_hot")
    yield case(L.CategoryEncoding(4, output_mode="count"), integers(4, 2, 3), call={"count_weights": floats(2, 3)}, smooth=False)
    yield case(L.CategoryEncoding(4, output_mode="one_hot"), integers(4, 2, 3, 1), smooth=False)

    for mode in ("int", "one_hot", "multi_hot", "count"):
        yield case(L.Hashing(6, output_mode=mode), integers(1000, 4, 3), smooth=False)
    yield case(L.Hashing(3, salt=133), integers(10**12, 4, 2, low=-(10**12)), smooth=False)
    yield case(L.Hashing(3, salt=[133, 137], mask_value=0), integers(3, 4, 2, dtype="int32"), smooth=False)
    yield case(L.Hashing(7, mask_value=-1), integers(4, 4, 3, low=-2), smooth=False)
    yield case(L.Hashing(1, mask_value=1), integers(4, 4, 3), smooth=False)
    yield case(L.Hashing(5, output_mode="one_hot"), integers(50, 4, 1), smooth=False)

    words = [12, 5, -3, 40, 7]
    seen = np.array([[12, 5, 1, 7], [-3, 40, 40, 99], [0, 0, -3, -1]])
    yield case(L.IntegerLookup(vocabulary=words), seen, smooth=False)
    yield case(L.IntegerLookup(vocabulary=words, mask_token=0), seen, smooth=False)
    yield case(L.IntegerLookup(vocabulary=words, num_oov_indices=3), seen, smooth=False)
    yield case(L.IntegerLookup(vocabulary=words, num_oov_indices=3, oov_method="farmhash"), seen, smooth=False)
    yield case(L.IntegerLookup(vocabulary=words, num_oov_indices=2, oov_method="farmhash", salt=9, mask_token=-1), seen, smooth=False)
    yield case(L.IntegerLookup(vocabulary=[0, -1, 3, 4], mask_token=0), seen % 6, smooth=False)
    yield case(L.IntegerLookup(vocabulary=words, num_oov_indices=0), np.array([[12, 5], [7, -3]]), smooth=False)
    yield case(L.IntegerLookup(vocabulary=words, invert=True), np.array([[0, 1, 2], [5, 6, 9], [-1, 3, 4]]), smooth=False)
    yield case(L.IntegerLookup(vocabulary=words, invert=True, mask_token=0, oov_token=-9), np.array([[0, 1, 2], [5, 6, 9]]), smooth=False)
    for mode in ("one_hot", "multi_hot", "count"):
        yield case(L.IntegerLookup(vocabulary=words, output_mode=mode, mask_token=0), seen, smooth=False)
    yield case(L.IntegerLookup(vocabulary=words, output_mode="multi_hot", max_tokens=9, pad_to_max_tokens=True), seen, smooth=False)
    yield case(L.IntegerLookup(vocabulary=words, output_mode="one_hot"), seen[:, :1], smooth=False)
    idf = [0.5, 1.0, 1.5, 2.0, 0.25]
    yield case(L.IntegerLookup(vocabulary=words, idf_weights=idf, output_mode="tf_idf", num_oov_indices=2), seen, smooth=False)
    yield case(L.IntegerLookup(vocabulary=words, idf_weights=idf, output_mode="tf_idf", max_tokens=8, pad_to_max_tokens=True), seen, smooth=False)
