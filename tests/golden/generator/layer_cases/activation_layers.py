import keras
import numpy as np

from ..layer_values import case, L


def cases():
    yield case(L.ReLU(), (4,))
    yield case(L.ReLU(max_value=0.75), (2, 4))
    yield case(L.ReLU(negative_slope=0.25), (4,))
    yield case(L.ReLU(threshold=0.5), (4,))
    yield case(L.ReLU(max_value=1.0, negative_slope=0.1, threshold=0.25), (6,))
    yield case(L.LeakyReLU(), (4,))
    yield case(L.LeakyReLU(negative_slope=0.05), (2, 3), masks=[np.array([[True, False]] * 3)])
    yield case(L.LeakyReLU(negative_slope=0.0), (4,))
    yield case(L.PReLU(), (4,))
    yield case(L.PReLU(shared_axes=[1]), (3, 2))
    yield case(L.PReLU(shared_axes=[1, 2]), (2, 3, 2))
    yield case(L.PReLU(alpha_initializer=keras.initializers.Constant(0.25), alpha_regularizer="l2", alpha_constraint="non_neg"), (2, 3))
    yield case(L.ELU(), (4,))
    yield case(L.ELU(alpha=0.5), (4,))
    yield case(L.Softmax(), (4,))
    yield case(L.Softmax(axis=1), (3, 2))
    yield case(L.Softmax(axis=-2), (3, 2, 2))
    yield case(L.Softmax(axis=(1, 3)), (3, 2, 2))
    yield case(L.Softmax(axis=(-1,)), (3, 2))
    mask = np.array([[True, False, True, True], [False] * 4, [True] * 4])
    yield case(L.Softmax(), (4,), call={"mask": mask}, about="a row of which nothing counts is 0")
    yield case(L.Softmax(axis=(1, 2)), (2, 2), call={"mask": mask.reshape(3, 2, 2)})
    yield case(L.Softmax(), (4,), masks=[mask])
