"""A tag for each word: a bidirectional LSTM over padded sentences, with a mask."""
from tensorflow import keras
from tensorflow.keras import layers

import json

import numpy as np

rng = np.random.default_rng(67)
WORDS, TAGS, LENGTH = 30, 4, 10
# A word's tag depends on the word and on the one after it.
table = rng.integers(1, TAGS, (WORDS, 2))
sentences = [rng.integers(1, WORDS, rng.integers(4, LENGTH + 1)).tolist() for _ in range(600)]
tags = [[int(table[w, int(i + 1 < len(s) and s[i + 1] % 2)]) for i, w in enumerate(s)] for s in sentences]
x = keras.utils.pad_sequences(sentences, maxlen=LENGTH, padding="post")
y = keras.utils.pad_sequences(tags, maxlen=LENGTH, padding="post")

model = keras.Sequential([
    keras.Input((LENGTH,), dtype="int32"),
    layers.Embedding(WORDS, 12, mask_zero=True),
    layers.Bidirectional(layers.LSTM(16, return_sequences=True)),
    layers.TimeDistributed(layers.Dense(TAGS, activation="softmax")),
])
start = np.random.default_rng(0)
model.set_weights([start.normal(0, 0.3, w.shape).astype("float32") for w in model.get_weights()])
model.compile(keras.optimizers.SGD(0.5, momentum=0.9), "sparse_categorical_crossentropy", weighted_metrics=["accuracy"])
history = model.fit(x[:500], y[:500], batch_size=50, epochs=5, shuffle=False, verbose=0)
found = model.predict(x[500:], verbose=0).argmax(axis=-1)
words = x[500:] > 0
print(json.dumps({
    "losses": history.history["loss"],
    "accuracy": history.history["accuracy"][-1],
    "test": float(np.mean(found[words] == y[500:][words])),
    "shape": list(model.output_shape),
    "params": model.count_params(),
    "padding": x[0].tolist(),
}))
