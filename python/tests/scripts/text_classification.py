"""Tell praise from complaint: TextVectorization, Embedding, pooling."""
import tensorflow as tf

import json

import numpy as np

layers = tf.keras.layers
rng = np.random.default_rng(3)
GOOD = "fine lovely superb warm bright clever touching funny".split()
BAD = "dull awful cold boring clumsy noisy shallow tired".split()
PLAIN = "the film story actors music scene ending was with and of a very".split()


def review(label):
    words = list(rng.choice(PLAIN, 8)) + list(rng.choice(GOOD if label else BAD, 3))
    rng.shuffle(words)
    return " ".join(words).capitalize() + "!"


labels = rng.integers(0, 2, 1200)
texts = np.array([review(label) for label in labels])
train, test = slice(0, 1000), slice(1000, None)
tf.keras.utils.set_random_seed(1)

vectorize = layers.TextVectorization(max_tokens=64, output_sequence_length=12)
vectorize.adapt(texts[train])
x_train = np.array(vectorize(texts[train]))
x_test = np.array(vectorize(texts[test]))

model = tf.keras.Sequential([
    layers.Embedding(64, 8),
    layers.Dropout(0.2),
    layers.GlobalAveragePooling1D(),
    layers.Dense(1, activation="sigmoid"),
])
model.compile(loss=tf.keras.losses.BinaryCrossentropy(), optimizer=tf.keras.optimizers.Adam(0.02),
              metrics=[tf.keras.metrics.BinaryAccuracy(threshold=0.5)])
model.fit(x_train, labels[train], epochs=12, verbose=0)
loss, accuracy = model.evaluate(x_test, labels[test], verbose=0)
examples = np.array(vectorize(np.array(["A lovely, touching story!", "A dull and boring film."])))
scores = model.predict(examples, verbose=0)[:, 0]
print(json.dumps({
    "vocabulary_size": len(vectorize.get_vocabulary()),
    "most_frequent": vectorize.get_vocabulary()[:2],
    "row": x_train[0].tolist(),
    "accuracy": accuracy,
    "good_then_bad": [bool(s > 0.5) for s in scores],
}))
