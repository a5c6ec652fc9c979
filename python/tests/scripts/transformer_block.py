"""Text classification with a Transformer block and learned positions."""
from tensorflow import keras
from tensorflow.keras import layers, ops

import json

import numpy as np

VOCABULARY, LENGTH, WIDTH = 40, 16, 16


class TransformerBlock(layers.Layer):
    def __init__(self, embed_dim, num_heads, ff_dim, rate=0.1):
        super().__init__()
        self.att = layers.MultiHeadAttention(num_heads=num_heads, key_dim=embed_dim)
        self.ffn = keras.Sequential([layers.Dense(ff_dim, activation="relu"), layers.Dense(embed_dim)])
        self.layernorm1 = layers.LayerNormalization(epsilon=1e-6)
        self.layernorm2 = layers.LayerNormalization(epsilon=1e-6)
        self.dropout1 = layers.Dropout(rate)
        self.dropout2 = layers.Dropout(rate)

    def call(self, inputs, training=None):
        attn_output = self.dropout1(self.att(inputs, inputs), training=training)
        out1 = self.layernorm1(inputs + attn_output)
        ffn_output = self.dropout2(self.ffn(out1), training=training)
        return self.layernorm2(out1 + ffn_output)


class TokenAndPositionEmbedding(layers.Layer):
    def __init__(self, maxlen, vocab_size, embed_dim):
        super().__init__()
        self.token_emb = layers.Embedding(input_dim=vocab_size, output_dim=embed_dim)
        self.pos_emb = layers.Embedding(input_dim=maxlen, output_dim=embed_dim)

    def call(self, x):
        maxlen = ops.shape(x)[-1]
        positions = ops.arange(0, maxlen, step=1)
        return self.token_emb(x) + self.pos_emb(positions)


# Is there a 3 anywhere before a 7?
rng = np.random.default_rng(31)
x = rng.integers(10, VOCABULARY, (1200, LENGTH))
places = np.sort(rng.permuted(np.tile(np.arange(LENGTH), (1200, 1)), axis=1)[:, :2], axis=1)
y = rng.integers(0, 2, 1200)
rows = np.arange(1200)
x[rows, places[:, 0]] = np.where(y == 1, 3, 7)
x[rows, places[:, 1]] = np.where(y == 1, 7, 3)

keras.utils.set_random_seed(1)
inputs = layers.Input(shape=(LENGTH,))
h = TokenAndPositionEmbedding(LENGTH, VOCABULARY, WIDTH)(inputs)
h = TransformerBlock(WIDTH, 2, 32)(h)
h = layers.GlobalAveragePooling1D()(h)
h = layers.Dropout(0.1)(h)
outputs = layers.Dense(2, activation="softmax")(h)
model = keras.Model(inputs=inputs, outputs=outputs)
model.compile(keras.optimizers.Adam(0.005), "sparse_categorical_crossentropy", metrics=["accuracy"])
history = model.fit(x[:1000], y[:1000], batch_size=50, epochs=15, validation_data=(x[1000:], y[1000:]), verbose=0)
print(json.dumps({
    "params": model.count_params(),
    "best": max(history.history["val_accuracy"]), "learned": bool(max(history.history["val_accuracy"]) > 0.85),
    "weights": len(model.trainable_weights),
    "output": list(model.output_shape),
}))
