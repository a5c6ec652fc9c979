"""Several labels at once: sigmoid outputs, binary cross-entropy, F1 scores."""
from tensorflow import keras
from tensorflow.keras import layers

import json

import numpy as np

rng = np.random.default_rng(61)
topics = rng.normal(size=(4, 20))
y = (rng.random((800, 4)) < 0.35).astype("float32")
x = (y @ topics + rng.normal(0, 0.7, (800, 20))).astype("float32")

model = keras.Sequential([
    keras.Input((20,)),
    layers.Dense(32, activation="gelu"),
    layers.BatchNormalization(),
    layers.Dense(4, activation="sigmoid"),
])
start = np.random.default_rng(0)
model.layers[0].set_weights([start.normal(0, 0.2, (20, 32)), np.zeros(32)])
model.layers[2].set_weights([start.normal(0, 0.2, (32, 4)), np.zeros(4)])
model.compile(
    loss="binary_crossentropy",
    optimizer=keras.optimizers.AdamW(0.01, weight_decay=0.001),
    metrics=["binary_accuracy", keras.metrics.F1Score(average="macro", threshold=0.5, name="f1"), keras.metrics.Precision()],
)
history = model.fit(x[:600], y[:600], epochs=6, batch_size=60, validation_data=(x[600:], y[600:]), shuffle=False, verbose=0)
scores = model.predict(x[600:], verbose=0)
print(json.dumps({
    "losses": history.history["loss"],
    "f1": float(history.history["val_f1"][-1]),
    "binary_accuracy": history.history["val_binary_accuracy"][-1],
    "precision": history.history["val_precision"][-1],
    "labels_each": float(np.mean((scores > 0.5).sum(axis=1))),
    "keys": sorted(history.history),
}))
