"""A convolutional network for pictures, from the same start in every library."""
from tensorflow import keras
from tensorflow.keras import layers

import json

import numpy as np

(x_train, y_train), (x_test, y_test) = keras.datasets.fashion_mnist.load_data()
x_train = np.expand_dims(x_train[:2000].astype("float32") / 255, -1)
x_test = np.expand_dims(x_test[:1000].astype("float32") / 255, -1)
y_train = keras.utils.to_categorical(y_train[:2000], 10)
y_test = keras.utils.to_categorical(y_test[:1000], 10)

model = keras.Sequential([
    keras.Input(shape=(28, 28, 1)),
    layers.Conv2D(8, kernel_size=(3, 3), activation="relu"),
    layers.MaxPooling2D(pool_size=(2, 2)),
    layers.Conv2D(16, kernel_size=(3, 3), activation="relu"),
    layers.MaxPooling2D(pool_size=(2, 2)),
    layers.Flatten(),
    layers.Dense(10, activation="softmax"),
])
rng = np.random.default_rng(0)
model.set_weights([rng.normal(0, 0.1, w.shape).astype("float32") for w in model.get_weights()])
model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
history = model.fit(x_train, y_train, batch_size=64, epochs=2, validation_split=0.1, shuffle=False, verbose=2)
score = model.evaluate(x_test, y_test, verbose=0)
print(json.dumps({
    "loss": score[0],
    "accuracy": score[1],
    "first_epoch": history.history["loss"][0],
    "val_loss": history.history["val_loss"][-1],
    "keys": sorted(history.history),
    "shapes": [list(w.shape) for w in model.weights],
}))
