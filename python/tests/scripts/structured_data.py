"""A table of numbers and words: lookups, one-hot columns, crossed with a Functional model."""
from tensorflow import keras
from tensorflow.keras import layers

import json

import numpy as np

rng = np.random.default_rng(79)
n = 500
age = rng.integers(1, 18, n).astype("float32")
fee = rng.gamma(2.0, 50.0, n).astype("float32")
kind = rng.choice(["cat", "dog"], n)
breed_size = rng.integers(0, 4, n)
adopted = ((age < 6) | ((kind == "dog") & (fee < 80))).astype("float32")

lookup = layers.StringLookup(output_mode="one_hot")
lookup.adapt(kind)
kind_columns = np.array(lookup(kind), dtype="float32")
sizes = layers.CategoryEncoding(num_tokens=4, output_mode="one_hot")
size_columns = np.array(sizes(breed_size), dtype="float32")
buckets = layers.Discretization(bin_boundaries=[3.0, 8.0])
age_bucket = np.array(buckets(age))

numbers = keras.Input(shape=(2,), name="numbers")
categories = keras.Input(shape=(kind_columns.shape[1] + 4,), name="categories")
normalization = layers.Normalization()
normalization.adapt(np.stack([age, fee], axis=1))
h = layers.concatenate([normalization(numbers), categories])
h = layers.Dense(16, activation="relu", name="hidden")(h)
output = layers.Dense(1, name="output")(h)
model = keras.Model({"numbers": numbers, "categories": categories}, output)
start = np.random.default_rng(0)
for name, columns in (("hidden", 16), ("output", 1)):
    layer = model.get_layer(name)
    layer.set_weights([start.normal(0, 0.4, layer.get_weights()[0].shape), np.zeros(columns)])
model.compile(keras.optimizers.Adam(0.01), keras.losses.BinaryCrossentropy(from_logits=True), metrics=["accuracy"])
x = {"numbers": np.stack([age, fee], axis=1), "categories": np.concatenate([kind_columns, size_columns], axis=1)}
history = model.fit(x, adopted, epochs=15, batch_size=50, shuffle=False, verbose=0)
print(json.dumps({
    "vocabulary": lookup.get_vocabulary(),
    "columns": [int(v) for v in kind_columns.sum(axis=0)],
    "sizes": [int(v) for v in size_columns.sum(axis=0)],
    "buckets": np.bincount(age_bucket, minlength=3).tolist(),
    "loss": history.history["loss"],
    "accuracy": history.history["accuracy"][-1],
}))
