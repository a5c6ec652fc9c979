"""Few of one class: class_weight, and metrics that show it."""
import tensorflow as tf
from tensorflow import keras

import json

import numpy as np

rng = np.random.default_rng(53)
n = 2000
y = (rng.random(n) < 0.04).astype("float32")
x = (rng.normal(size=(n, 8)) + 1.1 * y[:, None] * np.array([1, -1, 1, 0, 0, 0, 0.5, 0])).astype("float32")
neg, pos = int((y == 0).sum()), int((y == 1).sum())
METRICS = [
    keras.metrics.TruePositives(name="tp"),
    keras.metrics.FalsePositives(name="fp"),
    keras.metrics.Precision(name="precision"),
    keras.metrics.Recall(name="recall"),
    keras.metrics.AUC(name="auc"),
    keras.metrics.AUC(name="prc", curve="PR"),
]


def make_model(output_bias=None):
    if output_bias is not None:
        output_bias = keras.initializers.Constant(output_bias)
    model = keras.Sequential([
        keras.Input((8,)),
        keras.layers.Dense(16, activation="relu", kernel_initializer=keras.initializers.Constant(0.0)),
        keras.layers.Dense(1, activation="sigmoid", bias_initializer=output_bias or "zeros"),
    ])
    model.layers[0].set_weights([np.random.default_rng(0).normal(0, 0.3, (8, 16)), np.zeros(16)])
    model.layers[1].set_weights([np.full((16, 1), 0.1), model.layers[1].get_weights()[1]])
    model.compile(optimizer=keras.optimizers.Adam(0.003), loss="binary_crossentropy", metrics=METRICS)
    return model


bias = float(np.log(pos / neg))
model = make_model(output_bias=bias)
initial = model.evaluate(x, y, batch_size=500, verbose=0, return_dict=True)
weights = {0: (1 / neg) * n / 2.0, 1: (1 / pos) * n / 2.0}
history = model.fit(x, y, batch_size=100, epochs=5, class_weight=weights, shuffle=False, verbose=0)
weighted = model.evaluate(x, y, batch_size=500, verbose=0, return_dict=True)
plain = make_model()
plain.fit(x, y, batch_size=100, epochs=5, sample_weight=np.where(y == 1, 1.0, 0.5), shuffle=False, verbose=0)
print(json.dumps({
    "initial": float(initial["loss"]),
    "training_loss": history.history["loss"],
    "recall": float(weighted["recall"]),
    "precision": float(weighted["precision"]),
    "auc": float(weighted["auc"]),
    "prc": float(weighted["prc"]),
    "tp": float(weighted["tp"]),
    "plain_tp": float(plain.evaluate(x, y, batch_size=500, verbose=0, return_dict=True)["tp"]),
}))
