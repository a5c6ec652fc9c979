import numpy as np

from ..layer_values import L, case, keras

R = keras.regularizers
TOKENS = np.array([[1, 0, 4, 2], [0, 0, 3, 3], [2, 1, 0, 0]])


def cases():
    yield case(L.Embedding(5, 3), TOKENS.astype("int32"))
    yield case(L.Embedding(5, 3, mask_zero=True), TOKENS.astype("int64"))
    yield case(L.Embedding(5, 2, embeddings_initializer="ones", embeddings_constraint="unit_norm"), TOKENS.astype("float32"), smooth=False)
    yield case(L.Embedding(5, 3, embeddings_regularizer=R.L2(0.1), activity_regularizer=R.L1(0.2), mask_zero=True), TOKENS.astype("int32"))
    yield case(L.Embedding(5, 3), TOKENS.astype("int32")[:, :, None])
    yield case(L.Embedding(5, 3, trainable=False), TOKENS.astype("int32"))
    yield case(L.Embedding(5, 3), np.array([[-1], [2], [-5]], "int32"), about="negative tokens count from the end")

    x = np.array([[[0, 0], [1, 0], [2, 3]], [[0, 0], [0, 0], [-1, 1]], [[1, 1], [0, 0], [0, 0]]], "float32")
    yield case(L.Masking(), x, smooth=False)
    yield case(L.Masking(mask_value=1.0), x, smooth=False)
    yield case(L.Masking(mask_value=-1.0), (3, 2))
    yield case(L.Masking(mask_value=2.0, name="where"), x[:, :, None, :], smooth=False)
