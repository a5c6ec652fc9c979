"""Classify pictures of clothes with a small network of Dense layers."""
import tensorflow as tf

import json

import numpy as np

(x_train, y_train), (x_test, y_test) = tf.keras.datasets.fashion_mnist.load_data()
x_train, x_test = x_train[:10000] / 255.0, x_test / 255.0
y_train = y_train[:10000]
tf.keras.utils.set_random_seed(1)

model = tf.keras.models.Sequential([
    tf.keras.layers.Input(shape=(28, 28)),
    tf.keras.layers.Flatten(),
    tf.keras.layers.Dense(32, activation="relu"),
    tf.keras.layers.Dropout(0.1),
    tf.keras.layers.Dense(10),
])
model.compile(
    optimizer="adam",
    loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
history = model.fit(x_train, y_train, epochs=3, batch_size=64, verbose=2)
loss, accuracy = model.evaluate(x_test, y_test, verbose=0)

# Probabilities come from a second model around the first.
probability_model = tf.keras.Sequential([model, tf.keras.layers.Softmax()])
predictions = probability_model.predict(x_test[:500], verbose=0)
print(json.dumps({
    "epochs": len(history.history["loss"]),
    "loss": loss,
    "accuracy": accuracy,
    "shape": list(predictions.shape),
    "sums": float(np.mean(predictions.sum(axis=1))),
    "agreement": float(np.mean(np.argmax(predictions, axis=1) == y_test[:500])),
    "params": model.count_params(),
}))
