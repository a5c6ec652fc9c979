"""A training loop written out: GradientTape, an optimizer, metrics."""
import tensorflow as tf
from tensorflow import keras

import json

import numpy as np

rng = np.random.default_rng(19)
x = rng.normal(size=(512, 10)).astype("float32")
y = (x[:, 0] * x[:, 1] > 0).astype("int32")

model = keras.Sequential([keras.Input((10,)), keras.layers.Dense(32, activation="relu"), keras.layers.Dense(2)])
model.set_weights([rng.normal(0, 0.2, w.shape).astype("float32") for w in model.get_weights()])
optimizer = keras.optimizers.Adam(learning_rate=0.01)
loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
train_metric = keras.metrics.SparseCategoricalAccuracy()
test_metric = keras.metrics.SparseCategoricalAccuracy()


@tf.function
def train_step(x, y):
    with tf.GradientTape() as tape:
        logits = model(x, training=True)
        loss_value = loss_fn(y, logits)
    grads = tape.gradient(loss_value, model.trainable_weights)
    optimizer.apply_gradients(zip(grads, model.trainable_weights))
    train_metric.update_state(y, logits)
    return loss_value


dataset = tf.data.Dataset.from_tensor_slices((x[:384], y[:384])).batch(64)
losses, accuracies = [], []
for epoch in range(8):
    for step, (x_batch, y_batch) in enumerate(dataset):
        loss_value = train_step(x_batch, y_batch)
    losses.append(float(loss_value))
    accuracies.append(float(train_metric.result()))
    train_metric.reset_state()
test_metric.update_state(y[384:], model(x[384:], training=False))

# Derivatives by themselves.
w = tf.Variable(3.0)
with tf.GradientTape() as tape:
    z = w * w + 2.0 * w
slope = tape.gradient(z, w)
print(json.dumps({
    "losses": losses,
    "accuracies": accuracies,
    "test": float(test_metric.result()),
    "steps": step + 1,
    "iterations": int(optimizer.iterations),
    "slope": float(slope),
}))
