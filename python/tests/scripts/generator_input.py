"""Data that do not fit in memory: a PyDataset, a Python generator, train_on_batch."""
from tensorflow import keras

import json
import math

import numpy as np

W = np.array([[1.0], [2.0], [-1.0]], "float32")


class Blocks(keras.utils.PyDataset):
    def __init__(self, n, batch_size, **kwargs):
        super().__init__(**kwargs)
        rng = np.random.default_rng(83)
        self.x = rng.normal(size=(n, 3)).astype("float32")
        self.y = self.x @ W
        self.batch_size = batch_size
        self.epochs = 0

    def __len__(self):
        return math.ceil(len(self.x) / self.batch_size)

    def __getitem__(self, index):
        low = index * self.batch_size
        high = min(low + self.batch_size, len(self.x))
        return self.x[low:high], self.y[low:high]

    def on_epoch_end(self):
        self.epochs += 1


def batches(blocks):
    while True:
        for i in range(len(blocks)):
            yield blocks[i]


def make():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.set_weights([np.zeros((3, 1), "float32"), np.zeros(1, "float32")])
    model.compile(keras.optimizers.SGD(0.05), "mse", metrics=["mae"])
    return model


blocks = Blocks(100, 16)
a, b, c = make(), make(), make()
from_dataset = a.fit(blocks, epochs=3, shuffle=False, verbose=0)
from_generator = b.fit(batches(blocks), steps_per_epoch=7, epochs=3, verbose=0)
for _ in range(3):
    for i in range(len(blocks)):
        logs = c.train_on_batch(*blocks[i], return_dict=True)
print(json.dumps({
    "steps": len(blocks),
    "dataset": from_dataset.history["loss"],
    "generator": from_generator.history["loss"],
    "weights": a.get_weights()[0].ravel().tolist(),
    "same": bool(np.allclose(a.get_weights()[0], c.get_weights()[0], atol=1e-5)),
    "evaluate": a.evaluate(blocks, verbose=0)[0],
    "predict": list(a.predict(blocks, verbose=0).shape),
    "logs": sorted(logs),
}))
