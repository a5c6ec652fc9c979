"""Pictures turned, flipped and zoomed on the way into the model."""
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

import json

import numpy as np

(x_train, y_train), _ = keras.datasets.fashion_mnist.load_data()
x, y = x_train[:1500, ..., None].astype("float32"), y_train[:1500]
keras.utils.set_random_seed(1)

augmentation = keras.Sequential([
    layers.RandomFlip("horizontal"),
    layers.RandomRotation(0.05),
    layers.RandomZoom(0.1),
    layers.RandomContrast(0.1),
])
once = np.array(augmentation(x[:8], training=True))
again = np.array(augmentation(x[:8], training=True))
still = np.array(augmentation(x[:8], training=False))

model = keras.Sequential([
    keras.Input((28, 28, 1)),
    augmentation,
    layers.Resizing(14, 14),
    layers.Rescaling(1.0 / 255),
    layers.Conv2D(8, 3, padding="same", activation="relu"),
    layers.MaxPooling2D(),
    layers.Flatten(),
    layers.Dense(10),
])
model.compile("adam", tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
history = model.fit(x, y, epochs=4, verbose=0)
first = model.predict(x[:50], verbose=0)
second = model.predict(x[:50], verbose=0)
flipped = np.array(tf.keras.layers.RandomFlip("horizontal")(x[:200], training=True))
share = np.mean([np.array_equal(a, b[:, ::-1]) and not np.array_equal(a, b) for a, b in zip(flipped, x[:200])])
print(json.dumps({
    "shape": list(once.shape),
    "changes": not np.allclose(once, again),
    "still": bool(np.array_equal(still, x[:8])),
    "learned": bool(history.history["accuracy"][-1] > 0.55),
    "predicts_alike": bool(np.array_equal(first, second)),
    "flips_half": bool(0.35 < share < 0.65),
}))
