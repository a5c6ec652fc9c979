"""Forecast a noisy wave one step ahead from windows of 24."""
from tensorflow import keras
from tensorflow.keras import layers

import json

import numpy as np

rng = np.random.default_rng(23)
t = np.arange(1200)
series = (np.sin(t / 6) + 0.5 * np.sin(t / 17) + rng.normal(0, 0.05, t.size)).astype("float32")
mean, std = series[:800].mean(), series[:800].std()
series = (series - mean) / std
LENGTH = 24


def windows(first, last):
    part = series[first:last]
    return keras.utils.timeseries_dataset_from_array(part[:-LENGTH, None], part[LENGTH:], sequence_length=LENGTH, batch_size=64)


train, val = windows(0, 800), windows(800, 1200)
for inputs, targets in train.take(1):
    batch = [list(inputs.shape), list(targets.shape)]

model = keras.Sequential([keras.Input((LENGTH, 1)), layers.LSTM(16), layers.Dense(1)])
start = np.random.default_rng(0)
model.set_weights([start.normal(0, 0.2, w.shape).astype("float32") for w in model.get_weights()])
model.compile(optimizer=keras.optimizers.Adam(0.01), loss="mse", metrics=["mae"])
history = model.fit(train, epochs=5, validation_data=val, verbose=0)
persistence = float(np.mean((series[801:] - series[800:-1]) ** 2))
print(json.dumps({
    "batch": batch,
    "steps": history.params["steps"],
    "losses": history.history["loss"],
    "val_mae": history.history["val_mae"][-1],
    "persistence": persistence,
    "beats_persistence": bool(history.history["val_loss"][-1] < persistence),
}))
