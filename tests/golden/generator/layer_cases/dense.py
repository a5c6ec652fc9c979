from ..layer_values import L, case, keras

R = keras.regularizers


def cases():
    yield case(L.Dense(3), (4,))
    yield case(L.Dense(3, activation="relu"), (2, 4))
    yield case(L.Dense(2, activation="gelu", use_bias=False), (4,))
    yield case(L.Dense(2, activation="softmax"), (2, 2, 3))
    yield case(L.Dense(3, kernel_regularizer=R.L2(0.01), bias_regularizer=R.L1(0.1), activity_regularizer=R.L1L2(0.1, 0.2)), (4,))
    yield case(L.Dense(1, kernel_initializer="he_normal", kernel_constraint="non_neg", name="head"), (5,))
    yield case(L.Dense(3, trainable=False), (4,))
    yield case(L.Activation("tanh"), (2, 3))
    yield case(L.Activation("softmax"), (4,))
