"""Are two pictures of the same class? One encoder for both, and a contrastive loss."""
from tensorflow import keras
from tensorflow.keras import layers, ops

import json

import numpy as np

rng = np.random.default_rng(41)
centres = rng.normal(size=(5, 12))


def pairs(n):
    a, b = rng.integers(0, 5, n), rng.integers(0, 5, n)
    b = np.where(rng.random(n) < 0.5, a, b)
    left = (centres[a] + rng.normal(0, 0.3, (n, 12))).astype("float32")
    right = (centres[b] + rng.normal(0, 0.3, (n, 12))).astype("float32")
    return left, right, (a != b).astype("float32")[:, None]


encoder = keras.Sequential([keras.Input((12,)), layers.Dense(16, activation="tanh"), layers.Dense(8)], name="encoder")
input_1, input_2 = layers.Input((12,)), layers.Input((12,))
tower_1, tower_2 = encoder(input_1), encoder(input_2)


def euclidean_distance(vects):
    x, y = vects
    return ops.sqrt(ops.maximum(ops.sum(ops.square(x - y), axis=1, keepdims=True), 1e-7))


def contrastive_loss(y_true, y_pred, margin=1.0):
    return ops.mean((1 - y_true) * ops.square(y_pred) + y_true * ops.square(ops.maximum(margin - y_pred, 0.0)))


distance = layers.Lambda(euclidean_distance, output_shape=(1,))([tower_1, tower_2])
siamese = keras.Model(inputs=[input_1, input_2], outputs=distance)
start = np.random.default_rng(0)
siamese.set_weights([start.normal(0, 0.2, w.shape).astype("float32") for w in siamese.get_weights()])
siamese.compile(loss=contrastive_loss, optimizer="rmsprop")
left, right, different = pairs(1000)
history = siamese.fit([left, right], different, batch_size=50, epochs=8, shuffle=False, verbose=0)
left, right, different = pairs(300)
distances = siamese.predict([left, right], verbose=0)
print(json.dumps({
    "weights": len(siamese.weights),
    "first": history.history["loss"][0],
    "last": history.history["loss"][-1],
    "right": float(np.mean((distances > 0.5) == (different > 0.5))),
    "symmetric": bool(np.allclose(distances, siamese.predict([right, left], verbose=0), atol=1e-5)),
}))
