"""A network too large for its data, then the same with weight decay and dropout."""
from tensorflow import keras
from tensorflow.keras import layers, regularizers

import json

import numpy as np

keras.utils.set_random_seed(1)
rng = np.random.default_rng(5)
x = rng.normal(size=(600, 20)).astype("float32")
y = (x[:, 0] + x[:, 1] + rng.normal(0, 1.0, 600) > 0).astype("float32")
x_train, y_train, x_val, y_val = x[:100], y[:100], x[100:], y[100:]


def train(model):
    model.compile(optimizer=keras.optimizers.Adam(0.006), loss="binary_crossentropy", metrics=["accuracy"])
    return model.fit(x_train, y_train, epochs=25, batch_size=25, validation_data=(x_val, y_val), verbose=0)


large = keras.Sequential([layers.Dense(64, activation="elu"), layers.Dense(64, activation="elu"),
                          layers.Dense(1, activation="sigmoid")])
regular = keras.Sequential([
    layers.Dense(64, activation="elu", kernel_regularizer=regularizers.l2(0.02)),
    layers.Dropout(0.5),
    layers.Dense(64, activation="elu", kernel_regularizer=regularizers.L1L2(l1=0.0, l2=0.02)),
    layers.Dropout(0.5),
    layers.Dense(1, activation="sigmoid"),
])
a, b = train(large), train(regular)
print(json.dumps({
    "large_fits": bool(a.history["accuracy"][-1] > 0.97),
    "large_val_loss": a.history["val_loss"][-1],
    "regular_val_accuracy": b.history["val_accuracy"][-1],
    "regular_is_better": bool(min(b.history["val_loss"]) < a.history["val_loss"][-1]),
    "penalties": len(regular.losses),
    "epochs": len(b.epoch),
}))
