"""Callbacks of one's own and those that come along."""
from tensorflow import keras

import csv
import json
import os
import tempfile

import numpy as np

rng = np.random.default_rng(13)
x = rng.normal(size=(96, 4)).astype("float32")
y = x @ np.array([[1.0], [-2.0], [0.5], [0.0]], dtype="float32")
folder = tempfile.mkdtemp()


class Diary(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.events = []
        self.losses = []

    def on_train_begin(self, logs=None):
        self.events.append("train")

    def on_epoch_begin(self, epoch, logs=None):
        self.events.append(f"epoch {epoch}")

    def on_train_batch_end(self, batch, logs=None):
        self.losses.append(logs["loss"])

    def on_test_begin(self, logs=None):
        self.events.append("test")

    def on_epoch_end(self, epoch, logs=None):
        self.events.append("end " + " ".join(sorted(logs)))
        if epoch == 2:
            self.model.stop_training = True

    def on_train_end(self, logs=None):
        self.events.append("done")


diary = Diary()
seen = []
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
model.set_weights([np.full((4, 1), 0.1, "float32"), np.zeros(1, "float32")])
model.compile("sgd", "mse", metrics=["mae"])
log = os.path.join(folder, "log.csv")
history = model.fit(x, y, epochs=5, batch_size=32, validation_split=1 / 3, shuffle=False, verbose=0, callbacks=[
    diary,
    keras.callbacks.CSVLogger(log),
    keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(round(float(logs["val_loss"]), 3))),
    keras.callbacks.ModelCheckpoint(os.path.join(folder, "best.keras"), save_best_only=True),
    keras.callbacks.TerminateOnNaN(),
])
with open(log) as f:
    rows = list(csv.reader(f))
best = keras.models.load_model(os.path.join(folder, "best.keras"))
print(json.dumps({
    "events": diary.events,
    "batches": len(diary.losses),
    "losses": [float(v) for v in diary.losses],
    "seen": len(seen),
    "header": rows[0],
    "rows": len(rows),
    "best": best.evaluate(x[64:], y[64:], verbose=0)[0],
    "smallest": min(history.history["val_loss"]),
    "epochs": history.epoch,
}))
