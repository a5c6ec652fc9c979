import numpy as np

from ..layer_values import BATCH, L, case


def different(*shape):
    """No two numbers are equal: nothing lies on a kink of the maximum."""
    n = BATCH * int(np.prod(shape))
    return ((np.arange(n) * 7919 % 1021 - 500) / 64).astype("float32").reshape(BATCH, *shape)


def cases():
    one, two, three = (7, 3), (5, 6, 2), (4, 3, 5, 2)
    for layer, n, shape in ((L.MaxPooling1D, 1, one), (L.MaxPooling2D, 2, two), (L.MaxPooling3D, 3, three)):
        yield case(layer(), different(*shape))
        yield case(layer(pool_size=3, strides=1), different(*shape))
        yield case(layer(pool_size=2, padding="same"), different(*shape))
        yield case(layer(pool_size=3, strides=2, padding="same"), different(*shape))
        yield case(layer(pool_size=(3, 2, 2)[:n], strides=(1, 3, 2)[:n]), different(*shape))
    yield case(L.MaxPooling2D(2), np.zeros((BATCH, 4, 4, 1), "float32"), smooth=False, about="the first of equals")
    for layer, n, shape in ((L.AveragePooling1D, 1, one), (L.AveragePooling2D, 2, two), (L.AveragePooling3D, 3, three)):
        yield case(layer(2), shape)
        yield case(layer(pool_size=3, strides=1), shape)
        yield case(layer(pool_size=2, padding="same"), shape)
        yield case(layer(pool_size=3, strides=2, padding="same"), shape)
        yield case(layer(pool_size=(3, 2, 2)[:n], strides=(1, 3, 2)[:n]), shape)
    for layer, shape in ((L.GlobalMaxPooling1D, one), (L.GlobalMaxPooling2D, two), (L.GlobalMaxPooling3D, three)):
        yield case(layer(), different(*shape))
        yield case(layer(keepdims=True), different(*shape))
    for layer, shape in ((L.GlobalAveragePooling1D, one), (L.GlobalAveragePooling2D, two), (L.GlobalAveragePooling3D, three)):
        yield case(layer(), shape)
        yield case(layer(keepdims=True), shape)
    mask = np.arange(BATCH * 7).reshape(BATCH, 7) % 3 != 1
    yield case(L.GlobalAveragePooling1D(), one, masks=[mask])
    yield case(L.GlobalAveragePooling1D(keepdims=True), one, masks=[mask])
