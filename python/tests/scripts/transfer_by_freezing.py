"""Take what one task has taught to another: freeze, train a new head, thaw, fine-tune."""
from tensorflow import keras
from tensorflow.keras import layers

import json

import numpy as np

(x_train, y_train), _ = keras.datasets.fashion_mnist.load_data()
x = x_train[:4000].astype("float32")[..., None] / 255
y = y_train[:4000]
keras.utils.set_random_seed(1)

base = keras.Sequential([
    keras.Input((28, 28, 1)),
    layers.Conv2D(8, 3, strides=2, padding="same", activation="relu"),
    layers.BatchNormalization(),
    layers.Conv2D(16, 3, strides=2, padding="same", activation="relu"),
    layers.GlobalAveragePooling2D(),
], name="base")
teacher = keras.Sequential([base, layers.Dense(10)])
teacher.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
teacher.fit(x[:3000], y[:3000], epochs=2, verbose=0)

# The new task: is it worn on the feet? With the base as it is.
feet = np.isin(y, [5, 7, 9]).astype("float32")
base.trainable = False
inputs = keras.Input((28, 28, 1))
features = base(inputs, training=False)
outputs = layers.Dense(1, activation="sigmoid")(features)
model = keras.Model(inputs, outputs)
frozen = [w.copy() for w in base.get_weights()]
counts = [len(model.trainable_weights), len(model.non_trainable_weights)]
model.compile(keras.optimizers.Adam(0.02), "binary_crossentropy", metrics=["accuracy"])
model.fit(x[3000:3800], feet[3000:3800], epochs=4, verbose=0)
kept = all(np.array_equal(a, b) for a, b in zip(frozen, base.get_weights()))

base.trainable = True
model.compile(keras.optimizers.Adam(1e-4), "binary_crossentropy", metrics=["accuracy"])
model.fit(x[3000:3800], feet[3000:3800], epochs=1, verbose=0)
moved = not np.array_equal(frozen[0], base.get_weights()[0])
print(json.dumps({
    "frozen_counts": counts,
    "thawed": [len(model.trainable_weights), len(model.non_trainable_weights)],
    "kept": kept,
    "moved": moved,
    "accuracy": model.evaluate(x[3800:], feet[3800:], verbose=0)[1],
}))
