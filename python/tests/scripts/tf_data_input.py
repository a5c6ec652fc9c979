"""tf.data: slices, maps, batches, generators, and a model fed from them."""
import tensorflow as tf

import json

import numpy as np

AUTOTUNE = tf.data.AUTOTUNE
rng = np.random.default_rng(59)
images = rng.integers(0, 256, (300, 6, 6), dtype=np.uint8)
labels = (images.mean(axis=(1, 2)) > 127.5).astype("int64")

dataset = tf.data.Dataset.from_tensor_slices((images, labels))


def prepare(image, label):
    return tf.cast(image, tf.float32) / 255.0 - 0.5, label


train = dataset.take(240).map(prepare, num_parallel_calls=AUTOTUNE).cache().batch(32).prefetch(AUTOTUNE)
test = dataset.skip(240).map(prepare).batch(32)
for image_batch, label_batch in train.take(1):
    seen = [list(image_batch.shape), list(label_batch.shape), image_batch.dtype.name]

model = tf.keras.Sequential([tf.keras.Input((6, 6)), tf.keras.layers.Flatten(), tf.keras.layers.Dense(1)])
model.set_weights([np.zeros((36, 1), "float32"), np.zeros(1, "float32")])
model.compile("adam", tf.keras.losses.BinaryCrossentropy(from_logits=True), metrics=["accuracy"])
history = model.fit(train, epochs=6, validation_data=test, verbose=0)
probabilities = model.predict(test, verbose=0)

squares = tf.data.Dataset.range(10).map(lambda v: v * v).filter(lambda v: v % 2 == 0)
zipped = tf.data.Dataset.zip((tf.data.Dataset.range(3), tf.data.Dataset.range(10, 13)))
named = tf.data.Dataset.from_tensor_slices({"a": np.arange(4), "b": np.arange(4) * 2.0}).batch(3, drop_remainder=True)


def count(stop):
    for i in range(stop):
        yield i, [i, i + 1]


made = tf.data.Dataset.from_generator(lambda: count(5), output_signature=(
    tf.TensorSpec(shape=(), dtype=tf.int32), tf.TensorSpec(shape=(2,), dtype=tf.float32)))
shuffled = [int(v) for v in tf.data.Dataset.range(50).shuffle(50, seed=1).as_numpy_iterator()]
print(json.dumps({
    "seen": seen,
    "losses": history.history["loss"],
    "val_loss": history.history["val_loss"][-1],
    "predicted": list(probabilities.shape),
    "cardinality": [int(train.cardinality()), int(dataset.repeat(2).cardinality()), len(test)],
    "squares": [int(v) for v in squares],
    "zipped": [[int(a), int(b)] for a, b in zipped.as_numpy_iterator()],
    "named": [{k: v.tolist() for k, v in sorted(e.items())} for e in named.as_numpy_iterator()],
    "made": [[int(a), b.tolist()] for a, b in made.batch(2).unbatch().as_numpy_iterator()],
    "numbered": [[int(i), int(v)] for i, v in tf.data.Dataset.range(5, 8).enumerate(start=1)],
    "permuted": sorted(shuffled) == list(range(50)) and shuffled != list(range(50)),
    "joined": [int(v) for v in tf.data.Dataset.range(2).concatenate(tf.data.Dataset.range(3)).repeat(2)],
}))
