"""Keras on a workload: python keras_w.py W1|W2|W3|W4|W5|W6 [plain|jit|spe]; one line of JSON.

plain: fit as a user writes it. jit: jit_compile=True. spe: jit and 25 steps per call.
"""
import os
import time

start = time.time()
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
from data import arguments, cpu, dense_weights, fashion, report

import numpy as np

a = arguments(["plain", "jit", "spe"], ["W1", "W2", "W3", "W4", "W5", "W6"])
import keras
import tensorflow as tf
from keras import layers as L

tf.config.threading.set_intra_op_parallelism_threads(a.threads)
tf.config.threading.set_inter_op_parallelism_threads(a.threads)
import_s = time.time() - start
keras.utils.set_random_seed(0)
rng = np.random.default_rng(0)
w, bs, val, weights = a.workload, 32, None, None


def mnist(shape):
    (x, y), (xt, yt) = fashion()
    return (x.reshape((-1,) + shape).astype("float32") / 255, y), (xt.reshape((-1,) + shape).astype("float32") / 255, yt)


def resnet20():
    def block(h, filters, stride):
        s = h if stride == 1 and h.shape[-1] == filters else L.BatchNormalization()(L.Conv2D(filters, 1, stride, use_bias=False)(h))
        h = L.ReLU()(L.BatchNormalization()(L.Conv2D(filters, 3, stride, "same", use_bias=False)(h)))
        return L.ReLU()(L.BatchNormalization()(L.Conv2D(filters, 3, 1, "same", use_bias=False)(h)) + s)
    inp = keras.Input((32, 32, 3))
    h = L.ReLU()(L.BatchNormalization()(L.Conv2D(16, 3, 1, "same", use_bias=False)(inp)))
    for filters in (16, 32, 64):
        for i in range(3):
            h = block(h, filters, 2 if i == 0 and filters > 16 else 1)
    return keras.Model(inp, L.Dense(10, "softmax")(L.GlobalAveragePooling2D()(h)))


def transformer(T=128, V=256, D=256, H=4, N=4):
    inp = keras.Input((T,), dtype="int32")
    h = L.Embedding(V, D)(inp) + L.Embedding(T, D)(np.arange(T))
    for _ in range(N):
        n = L.LayerNormalization()(h)
        h = h + L.MultiHeadAttention(H, D // H)(n, n, use_causal_mask=True)
        f = L.LayerNormalization()(h)
        h = h + L.Dense(D)(L.Dense(4 * D, "gelu")(f))
    return keras.Model(inp, L.Dense(V, "softmax")(L.LayerNormalization()(h)))


if w == "W1":
    (x, y), val = mnist((784,))
    sizes = [784, 10, 10, 10]
elif w == "W2":
    (x, y), val = mnist((784,))
    bs, sizes = 128, [784, 512, 512, 10]
elif w == "W3":
    (x, y), val = mnist((28, 28, 1))
    x, y, bs = x[:12800], y[:12800], 64
elif w == "W4":
    x, y, bs = rng.random((1280, 32, 32, 3), "float32"), rng.integers(0, 10, 1280), 128
elif w == "W5":
    x, y, bs = rng.integers(0, 10000, (2560, 200)).astype("int32"), rng.integers(0, 2, 2560), 64
elif w == "W6":
    x, y, bs = rng.integers(0, 256, (320, 128)).astype("int32"), rng.integers(0, 256, (320, 128)), 16

begin = time.time()
if w in ("W1", "W2"):
    m = keras.Sequential([keras.Input((784,)), L.Dense(sizes[1], "relu"), L.Dense(sizes[2], "relu"), L.Dense(10, "softmax")])
    m.set_weights(dense_weights(sizes))
elif w == "W3":
    m = keras.Sequential([keras.Input((28, 28, 1)), L.Conv2D(32, 3, activation="relu"), L.MaxPooling2D(), L.Conv2D(64, 3, activation="relu"),
                          L.MaxPooling2D(), L.Flatten(), L.Dense(128, "relu"), L.Dense(10, "softmax")])
elif w == "W4":
    m = resnet20()
elif w == "W5":
    m = keras.Sequential([keras.Input((200,), dtype="int32"), L.Embedding(10000, 128), L.LSTM(128), L.Dense(2, "softmax")])
else:
    m = transformer()
how = {"plain": dict(jit_compile=False), "jit": dict(jit_compile=True), "spe": dict(jit_compile=True, steps_per_execution=25)}[a.mode]
m.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"], **how)
initial = m.get_weights()
m.fit(x[:bs], y[:bs], batch_size=bs, epochs=1, verbose=0)
first_step = time.time() - begin


def restart():
    """The initial weights and an optimizer that has taken no step."""
    m.set_weights(initial)
    for v in m.optimizer.variables:
        if "learning_rate" not in v.path:
            v.assign(np.zeros(v.shape, v.dtype))


restart()
parity = m.fit(x, y, batch_size=bs, epochs=1, shuffle=False, verbose=0).history["loss"][0]  # in the files' order; untimed, warms up
restart()

begin, begin_cpu = time.time(), cpu()
m.fit(x, y, batch_size=bs, epochs=a.epochs, verbose=0)
s, s_cpu = (time.time() - begin) / a.epochs, (cpu() - begin_cpu) / a.epochs
accuracy = m.evaluate(*val, verbose=0)[1] if val is not None else None
one = x[:1]
m.predict(one, verbose=0)
begin = time.time()
for _ in range(30):
    m.predict(one, verbose=0)
predict_one = (time.time() - begin) / 30
m(one)
begin = time.time()
for _ in range(100):
    m(one)
call_one = (time.time() - begin) / 100
report(rival=f"keras/{keras.backend.backend()}", mode=a.mode, workload=w, seconds_per_epoch=s, us_per_step=s / (len(x) / bs) * 1e6,
       first_step_s=first_step, import_s=import_s, test_accuracy=accuracy, loss_epoch_1=parity, predict_one_us=predict_one * 1e6,
       threads=a.threads, call_one_us=call_one * 1e6, cpu_seconds_per_epoch=s_cpu, version=f"{keras.__version__}, tensorflow {tf.__version__}")
