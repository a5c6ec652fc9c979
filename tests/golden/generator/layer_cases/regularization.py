import keras
import numpy as np

from ..layer_values import case, L

STEPS = np.array([[True, False]] * 3)


def cases():
    # Without training; what they do while training is random, and tested by its statistics.
    yield case(L.Dropout(0.5), (4,))
    yield case(L.Dropout(0.25, seed=3), (2, 3), masks=[STEPS])
    yield case(L.Dropout(0.25, noise_shape=(None, 1)), (4,))
    yield case(L.Dropout(0.25, noise_shape=(3, 1, 2), seed=7), (3, 2))
    yield case(L.Dropout(0.0), (4,), training=True)
    yield case(L.SpatialDropout1D(0.5), (3, 2))
    yield case(L.SpatialDropout1D(0.25, seed=1, name="maps"), (2, 2), masks=[STEPS])
    yield case(L.SpatialDropout1D(0.0), (3, 2), training=True)
    yield case(L.SpatialDropout2D(0.5), (2, 2, 3))
    yield case(L.SpatialDropout2D(0.25, data_format="channels_last", seed=1), (2, 2, 3))
    yield case(L.SpatialDropout2D(0.0), (2, 2, 3), training=True)
    yield case(L.SpatialDropout3D(0.5), (2, 2, 1, 3))
    yield case(L.SpatialDropout3D(0.25, seed=1), (1, 2, 2, 3))
    yield case(L.SpatialDropout3D(0.0), (1, 2, 2, 3), training=True)
    yield case(L.GaussianNoise(0.5), (4,))
    yield case(L.GaussianNoise(0.1, seed=2), (2, 3), masks=[STEPS])
    yield case(L.GaussianNoise(0.0), (4,), training=True)
    yield case(L.GaussianDropout(0.5), (4,))
    yield case(L.GaussianDropout(0.1, seed=2), (2, 3), masks=[STEPS])
    yield case(L.GaussianDropout(0.0), (4,), training=True)
    yield case(L.AlphaDropout(0.5), (4,))
    yield case(L.AlphaDropout(0.1, noise_shape=(None, 1, 3), seed=2), (2, 3), masks=[STEPS])
    yield case(L.AlphaDropout(0.0), (4,), training=True)
    yield case(L.ActivityRegularization(), (4,))
    yield case(L.ActivityRegularization(l1=0.25), (4,))
    yield case(L.ActivityRegularization(l2=0.5), (2, 3), masks=[STEPS])
    yield case(L.ActivityRegularization(l1=0.1, l2=0.2), (4,), training=True)
