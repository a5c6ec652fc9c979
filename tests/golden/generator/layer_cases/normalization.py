import keras
import numpy as np

from ..layer_values import case, L

STEPS = np.array([[True, False, True], [False, False, False], [True, True, True]])


def cases():
    for training in (False, True):
        # by_row: while training samples depend on each other
        yield case(L.BatchNormalization(), (4,), training=training, by_row=not training)
        yield case(L.BatchNormalization(momentum=0.5, epsilon=0.1), (3, 4), training=training, by_row=not training)
        yield case(L.BatchNormalization(axis=1), (3, 2), training=training, by_row=not training)
        yield case(L.BatchNormalization(axis=-2), (2, 3, 2), training=training, by_row=not training)
        yield case(L.BatchNormalization(center=False), (2, 2, 3), training=training, by_row=not training)
        yield case(L.BatchNormalization(scale=False), (3,), training=training, by_row=not training)
        yield case(L.BatchNormalization(center=False, scale=False), (3,), training=training, by_row=not training)
        yield case(L.BatchNormalization(trainable=False), (3,), training=training)
        yield case(L.BatchNormalization(), (3, 2), masks=[STEPS], training=training, by_row=not training)
    yield case(L.BatchNormalization(), (3, 2), call={"mask": STEPS}, training=True, by_row=False)
    yield case(L.BatchNormalization(beta_initializer="ones", gamma_initializer=keras.initializers.Constant(0.5), moving_mean_initializer="ones",
                                    moving_variance_initializer=keras.initializers.Constant(2.0), beta_regularizer="l1",
                                    gamma_regularizer=keras.regularizers.L2(0.1), beta_constraint="non_neg", gamma_constraint=keras.constraints.MaxNorm(3)), (3,))

    yield case(L.LayerNormalization(), (4,))
    yield case(L.LayerNormalization(), (2, 3), masks=[STEPS[:, :2]])
    yield case(L.LayerNormalization(axis=1), (3, 2))
    yield case(L.LayerNormalization(axis=[1, 2]), (3, 2))
    yield case(L.LayerNormalization(axis=(-1, -3)), (2, 3, 2))
    yield case(L.LayerNormalization(epsilon=0.1, center=False), (2, 3))
    yield case(L.LayerNormalization(scale=False), (2, 3))
    yield case(L.LayerNormalization(center=False, scale=False), (4,))
    yield case(L.LayerNormalization(rms_scaling=True), (2, 4))
    yield case(L.LayerNormalization(beta_initializer="ones", gamma_initializer="zeros", beta_regularizer="l2", gamma_regularizer="l1", beta_constraint="unit_norm",
                                    gamma_constraint="non_neg"), (4,))

    yield case(L.GroupNormalization(groups=2), (4,))
    yield case(L.GroupNormalization(groups=2), (3, 4))
    yield case(L.GroupNormalization(groups=1), (2, 2, 3))
    yield case(L.GroupNormalization(groups=-1), (4, 3))
    yield case(L.GroupNormalization(groups=2, axis=1), (4, 3))
    yield case(L.GroupNormalization(groups=3, axis=-2), (2, 3, 2), masks=[STEPS[:, :2]])
    yield case(L.GroupNormalization(groups=2, epsilon=0.1, center=False), (2, 4))
    yield case(L.GroupNormalization(groups=2, scale=False), (2, 4))
    yield case(L.GroupNormalization(groups=2, beta_initializer="ones", gamma_initializer="ones", beta_regularizer="l2", gamma_regularizer="l1",
                                    beta_constraint="unit_norm", gamma_constraint="non_neg"), (4,))

    yield case(L.RMSNormalization(), (4,))
    yield case(L.RMSNormalization(axis=2, epsilon=0.01), (3, 2))
    yield case(L.RMSNormalization(axis=[2, 3]), (2, 3, 2))
    yield case(L.RMSNormalization(axis=(-2, -1)), (3, 2))

    yield case(L.UnitNormalization(), (4,))
    yield case(L.UnitNormalization(axis=1), (3, 2), masks=[STEPS])
    yield case(L.UnitNormalization(axis=[1, 2]), (3, 2))
    yield case(L.UnitNormalization(axis=(1, -1)), (2, 2, 3))

    # While training the gradient is that of the kernel after division: the numeric one is another.
    for training in (False, True):
        yield case(L.SpectralNormalization(L.Dense(3)), (4,), training=training, smooth=not training)
        yield case(L.SpectralNormalization(L.Dense(2, use_bias=False, activation="tanh"), power_iterations=3), (2, 3), training=training, smooth=not training)
    yield case(L.SpectralNormalization(L.Dense(3, kernel_regularizer="l2", name="inner"), name="outer"), (4,), training=True, smooth=False)
    yield case(L.SpectralNormalization(L.EinsumDense("ab,bcd->acd", (2, 3), bias_axes="d")), (4,), training=True, smooth=False)
