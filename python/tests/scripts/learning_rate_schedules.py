"""Learning rates that change: schedules in the optimizer, and a callback."""
from tensorflow import keras

import json

import numpy as np

rng = np.random.default_rng(43)
x = rng.normal(size=(200, 6)).astype("float32")
y = (x @ rng.normal(size=(6, 1))).astype("float32")
schedules = keras.optimizers.schedules


def train(optimizer, callbacks=()):
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(1)])
    model.set_weights([np.full((6, 1), 0.05, "float32"), np.zeros(1, "float32")])
    model.compile(optimizer, "mse")
    return model.fit(x, y, epochs=5, batch_size=20, shuffle=False, verbose=0, callbacks=list(callbacks)).history


exponential = schedules.ExponentialDecay(0.1, decay_steps=10, decay_rate=0.8, staircase=True)
cosine = schedules.CosineDecay(0.01, decay_steps=40, warmup_target=0.1, warmup_steps=10)
piecewise = schedules.PiecewiseConstantDecay([10, 30], [0.1, 0.05, 0.01])


class Warmup(schedules.LearningRateSchedule):
    def __init__(self, peak):
        self.peak = peak

    def __call__(self, step):
        step = keras.ops.cast(step, "float32")
        return self.peak * keras.ops.minimum(1.0, (step + 1.0) / 20.0)


def halve(epoch, lr):
    return lr if epoch < 2 else lr * 0.5


history = train(keras.optimizers.SGD(0.05), [keras.callbacks.LearningRateScheduler(halve)])
print(json.dumps({
    "values": [float(s(step)) for s in (exponential, cosine, piecewise) for step in (0, 5, 10, 25, 39)],
    "exponential": train(keras.optimizers.SGD(exponential))["loss"][1],
    "cosine": train(keras.optimizers.SGD(cosine, momentum=0.5))["loss"][1],
    "piecewise": train(keras.optimizers.Adam(piecewise))["loss"][1],
    "own": train(keras.optimizers.SGD(Warmup(0.1)))["loss"][1],
    "halved": [float(v) for v in history["learning_rate"]],
    "halved_loss": history["loss"][1],
}))
