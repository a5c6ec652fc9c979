import keras
import numpy as np

from ..layer_values import case, L


def cases():
    yield case(L.Identity(), (2, 3), masks=[np.array([[True, False]] * 3)])
    yield case(L.Identity(name="same"), (4,))

    yield case(L.EinsumDense("ab,bc->ac", output_shape=5), (4,))
    yield case(L.EinsumDense("ab,bc->ac", output_shape=3, bias_axes="c", activation="tanh"), (4,))
    yield case(L.EinsumDense("abc,cd->abd", output_shape=(None, 3), bias_axes="d"), (2, 4))
    yield case(L.EinsumDense("abc,cd->abd", output_shape=(2, 3), bias_axes="bd"), (2, 4))
    yield case(L.EinsumDense("...x,xy->...y", output_shape=3, bias_axes="y"), (2, 4))
    yield case(L.EinsumDense("...x,xy->...y", output_shape=3, bias_axes="y"), (4,))
    yield case(L.EinsumDense("...xy,yz->...xz", output_shape=(2, 3), bias_axes="x"), (4, 2, 5))
    yield case(L.EinsumDense("ab...,bc->ac...", output_shape=3, bias_axes="c"), (4, 2))
    yield case(L.EinsumDense("ab...,bc->ac...", output_shape=3), (4, 2, 2))
    yield case(L.EinsumDense("abc,cde->abde", output_shape=(None, 2, 3), bias_axes="de"), (2, 4))
    yield case(L.EinsumDense("abde,dec->abc", output_shape=(None, 3), bias_axes="c"), (2, 2, 2))
    yield case(L.EinsumDense("abc,bcd->abd", output_shape=(2, 3), bias_axes="d"), (2, 4))
    yield case(L.EinsumDense("abc,dc->adb", output_shape=(3, 2), bias_axes="d"), (2, 4))
    yield case(L.EinsumDense("abc,bc->ac", output_shape=4), (2, 4))
    yield case(L.EinsumDense("ab,bc->ac", output_shape=3, bias_axes="c", kernel_initializer="he_normal", bias_initializer="ones", kernel_regularizer="l2", bias_regularizer="l1",
                             activity_regularizer=keras.regularizers.L2(0.25), kernel_constraint="max_norm", bias_constraint="non_neg", trainable=True, name="e"), (4,))
    yield case(L.EinsumDense("ab,bc->ac", output_shape=3, bias_axes="c", kernel_regularizer="l2", trainable=False), (4,))
