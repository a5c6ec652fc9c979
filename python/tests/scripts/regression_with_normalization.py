"""Predict a car's consumption from columns of quite different sizes."""
import tensorflow as tf
from tensorflow import keras

import json

import numpy as np

layers = keras.layers
rng = np.random.default_rng(7)
cylinders = rng.choice([4, 6, 8], 300)
weight = rng.normal(1300, 250, 300)
year = rng.integers(70, 83, 300)
x = np.stack([cylinders, weight, year], axis=1).astype("float32")
y = (60 - 2.0 * cylinders - 0.012 * weight + 0.1 * (year - 70) + rng.normal(0, 0.5, 300)).astype("float32")

normalizer = layers.Normalization(axis=-1)
normalizer.adapt(x[:240])
normalized = np.array(normalizer(x[:240]))

model = keras.Sequential([normalizer, layers.Dense(16, activation="relu"), layers.Dense(16, activation="relu"), layers.Dense(1)])
model(x[:1])
start = np.random.default_rng(0)
for layer in model.layers[1:]:
    layer.set_weights([start.normal(0, 0.3, w.shape).astype("float32") for w in layer.get_weights()])
model.compile(loss="mean_absolute_error", optimizer=tf.keras.optimizers.Adam(0.01), metrics=["mse"])
history = model.fit(x[:240], y[:240], validation_split=0.2, epochs=20, shuffle=False, verbose=0)
results = model.evaluate(x[240:], y[240:], verbose=0, return_dict=True)
print(json.dumps({
    "mean": [float(v) for v in normalized.mean(axis=0).round(3) + 0.0],
    "std": [float(v) for v in normalized.std(axis=0).round(3)],
    "loss": results["loss"],
    "mse": results["mse"],
    "val_loss": history.history["val_loss"][-1],
    "prediction": float(model.predict(x[:1], verbose=0)[0, 0]),
}))
