"""Stop when it gets no better, and go slower before that."""
from tensorflow import keras

import json

import numpy as np

rng = np.random.default_rng(47)
x = rng.normal(size=(160, 10)).astype("float32")
y = (x[:, :1] + rng.normal(0, 1.0, (160, 1))).astype("float32")

model = keras.Sequential([keras.Input((10,)), keras.layers.Dense(64, activation="relu"), keras.layers.Dense(1)])
start = np.random.default_rng(0)
model.set_weights([start.normal(0, 0.2, w.shape).astype("float32") for w in model.get_weights()])
model.compile(keras.optimizers.Adam(0.01), "mse")
stop = keras.callbacks.EarlyStopping(monitor="val_loss", patience=6, restore_best_weights=True)
slower = keras.callbacks.ReduceLROnPlateau(monitor="val_loss", factor=0.2, patience=2, min_lr=1e-4)
history = model.fit(x, y, validation_split=0.5, epochs=100, batch_size=16, shuffle=False, verbose=0, callbacks=[stop, slower])
val = history.history["val_loss"]
print(json.dumps({
    "epochs": len(val),
    "stopped_epoch": stop.stopped_epoch,
    "best_epoch": int(np.argmin(val)),
    "best": min(val),
    "restored": model.evaluate(x[80:], y[80:], verbose=0),
    "rates": sorted({round(float(v), 6) for v in history.history["learning_rate"]}),
}))
