"""A model that grows, in Keras, PyTorch or JAX: the models of ../growth.cpp. A line of JSON for each size:

    python growth.py keras|torch|jax  batch|width|depth|lstm|transformer  THREADS SIZE...

jax has the first three. As users write it: fit; a loop with fused Adam over batches of a tensor; a jitted step. The first of two epochs of
64 steps warms up (3 steps where one takes more than 20 ms), the best of those in half a second counts.
"""
import json
import os
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
from data import classes, uniform

import numpy as np

rival, axis, threads, sizes = sys.argv[1], sys.argv[2], int(sys.argv[3]), [int(s) for s in sys.argv[4:]]


def case(size):
    """batch, shape of a sample, tokens, labels, label at each place."""
    return {"batch": (size, (784,), 0, 10, False), "width": (128, (784,), 0, 10, False), "depth": (32, (64,), 0, 10, False),
            "lstm": (16, (size, 32), 0, 2, False), "transformer": (2, (size,), 256, 256, True)}[axis]


def data(size, steps):
    batch, sample, tokens, labels, each = case(size)
    rows = (steps * batch,)
    x = classes(rows + sample, tokens, 1000) if tokens else uniform(int(np.prod(rows + sample)), 1000).reshape(rows + sample)
    return x, classes(rows + sample if each else rows, labels, 1001)


def dense_sizes(size):
    return {"batch": [784, 512, 512, 10], "width": [784, size, size, 10], "depth": [64] * (size + 1) + [10]}[axis]


def keras_epochs(size):
    import keras
    import tensorflow as tf
    from keras import layers as L

    if not keras_epochs.ready:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)
        keras_epochs.ready = True
    keras.backend.clear_session()
    batch, sample = case(size)[:2]
    if axis == "lstm":
        m = keras.Sequential([keras.Input(sample), L.LSTM(64), L.Dense(2, "softmax")])
    elif axis == "transformer":
        class Places(L.Layer):
            def build(self, shape):
                self.embeddings = self.add_weight(name="embeddings", shape=shape[1:], initializer="uniform")

            def call(self, x):
                return x + self.embeddings

        x = keras.Input(sample, dtype="int32")
        h = Places()(L.Embedding(256, 64)(x))
        for _ in range(2):
            n = L.LayerNormalization()(h)
            h = h + L.MultiHeadAttention(4, 16)(n, n, use_causal_mask=True)
            h = h + L.Dense(64)(L.Dense(256, "gelu")(L.LayerNormalization()(h)))
        m = keras.Model(x, L.Dense(256, "softmax")(L.LayerNormalization()(h)))
    else:
        units = dense_sizes(size)
        m = keras.Sequential([keras.Input((units[0],))] + [L.Dense(u, "relu") for u in units[1:-1]] + [L.Dense(10, "softmax")])
    m.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return lambda x, y: m.fit(x, y, batch_size=batch, verbose=0, shuffle=False)


keras_epochs.ready = False


def torch_epochs(size):
    import torch
    import torch.nn as nn
    import torch.nn.functional as F

    torch.set_num_threads(threads)
    batch, sample = case(size)[:2]

    class Recurrent(nn.Module):
        def __init__(s):
            super().__init__()
            s.l, s.d = nn.LSTM(32, 64, batch_first=True), nn.Linear(64, 2)

        def forward(s, x):
            return s.d(s.l(x)[0][:, -1])

    class Attention(nn.Module):
        def __init__(s):
            super().__init__()
            s.a, s.q, s.o = nn.LayerNorm(64), nn.Linear(64, 192), nn.Linear(64, 64)
            s.b, s.u, s.d = nn.LayerNorm(64), nn.Linear(64, 256), nn.Linear(256, 64)

        def forward(s, h):
            b, t, _ = h.shape
            q, k, v = s.q(s.a(h)).view(b, t, 3, 4, 16).permute(2, 0, 3, 1, 4)
            h = h + s.o(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).reshape(b, t, 64))
            return h + s.d(F.gelu(s.u(s.b(h))))

    class Transformer(nn.Module):
        def __init__(s):
            super().__init__()
            s.e, s.p, s.b = nn.Embedding(256, 64), nn.Embedding(sample[0], 64), nn.Sequential(Attention(), Attention())
            s.n, s.h = nn.LayerNorm(64), nn.Linear(64, 256)

        def forward(s, x):
            return s.h(s.n(s.b(s.e(x) + s.p.weight)))

    if axis == "lstm":
        m = Recurrent()
    elif axis == "transformer":
        m = Transformer()
    else:
        units = dense_sizes(size)
        layers = [l for a, b in zip(units[:-2], units[1:-1]) for l in (nn.Linear(a, b), nn.ReLU())]
        m = nn.Sequential(*layers, nn.Linear(units[-2], 10))
    opt = torch.optim.Adam(m.parameters(), fused=True)

    def epoch(x, y):
        x, y = torch.from_numpy(x if x.dtype == np.float32 else x.astype("int64")), torch.from_numpy(y.astype("int64"))
        for i in range(0, len(x), batch):
            opt.zero_grad(set_to_none=True)
            loss = F.cross_entropy(m(x[i:i + batch]).flatten(0, -2), y[i:i + batch].flatten())
            loss.backward()
            opt.step()
        return loss.item()
    return epoch


def jax_epochs(size):
    import jax
    import jax.numpy as jnp
    import optax

    batch, units = case(size)[0], dense_sizes(size)
    P = [(jnp.array(((2 * uniform(n * m, i) - 1) * np.float32(np.sqrt(6 / (n + m)))).reshape(n, m)), jnp.zeros(m)) for i, (n, m) in enumerate(zip(units, units[1:]))]
    opt = optax.adam(1e-3)

    def step(c, x, y):
        def loss(P):
            h = x
            for W, b in P[:-1]:
                h = jax.nn.relu(h @ W + b)
            return optax.softmax_cross_entropy_with_integer_labels(h @ P[-1][0] + P[-1][1], y).mean()
        P, S = c
        l, g = jax.value_and_grad(loss)(P)
        u, S = opt.update(g, S)
        return (optax.apply_updates(P, u), S), l

    step = jax.jit(step, donate_argnums=0)
    state = [(P, opt.init(P))]

    def epoch(x, y):
        for i in range(0, len(x), batch):
            state[0], l = step(state[0], x[i:i + batch], y[i:i + batch])
        jax.block_until_ready(state[0])
    return epoch


def measure(size):
    begin = time.time()
    epoch = {"keras": keras_epochs, "torch": torch_epochs, "jax": jax_epochs}[rival](size)
    one = data(size, 1)
    epoch(*one)
    first = time.time() - begin
    begin = time.time()
    epoch(*one)
    quick = time.time() - begin < 0.02
    steps = 64 if quick or rival == "keras" and time.time() - begin < 0.08 else 3  # Keras's epoch has a price of its own
    x, y = data(size, steps)
    if steps == 64:
        epoch(x, y)
    best, begin, i = float("inf"), time.time(), 0
    while i < 2 or (i < 50 and time.time() - begin < 0.5):
        start = time.time()
        epoch(x, y)
        best, i = min(best, (time.time() - start) / steps), i + 1
    print(json.dumps({"rival": rival, "axis": axis, "size": size, "threads": threads, "us_per_step": float(f"{best * 1e6:.6g}"), "first_step_s": float(f"{first:.4g}")}), flush=True)


for s in sizes:
    measure(s)
