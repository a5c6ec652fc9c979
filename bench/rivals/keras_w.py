"""Keras on a workload: python keras_w.py W1|W2|W3|W4|W5|W6|W7 [plain|jit|spe]; one line of JSON.

plain: fit as a user writes it. jit: jit_compile=True. spe: jit and 25 steps per call. W7 trains nothing.
"""
import os
import time

start = time.time()
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
from data import Initial, arguments, cpu, fashion, made_up, report

import numpy as np

a = arguments(["plain", "jit", "spe"], ["W1", "W2", "W3", "W4", "W5", "W6", "W7"])
import keras
import tensorflow as tf
from keras import layers as L

tf.config.threading.set_intra_op_parallelism_threads(a.threads)
tf.config.threading.set_inter_op_parallelism_threads(a.threads)
import_s = time.time() - start
keras.utils.set_random_seed(0)
w = a.workload
BATCH = {"W1": 32, "W2": 128, "W3": 64, "W4": 128, "W5": 64, "W6": 16}


def mnist(shape, count):
    (x, y), (xt, yt) = fashion()
    return (x[:count].reshape((-1,) + shape).astype("float32") / 255, y[:count]), (xt.reshape((-1,) + shape).astype("float32") / 255, yt)


class Places(L.Layer):
    """x + a vector that is learnt for each place."""

    def build(self, shape):
        self.embeddings = self.add_weight(name="embeddings", shape=shape[1:], initializer="uniform")

    def call(self, x):
        return x + self.embeddings


def resnet20(made):
    def convolution(filters, size, stride):
        return made(L.Conv2D(filters, size, stride, "valid" if size == 1 else "same", use_bias=False))

    def block(x, filters, stride):
        shortcut = x
        if stride > 1:
            shortcut = convolution(filters, 1, stride)(x)
            shortcut = made(L.BatchNormalization())(shortcut)
        h = convolution(filters, 3, stride)(x)
        h = L.ReLU()(made(L.BatchNormalization())(h))
        h = convolution(filters, 3, 1)(h)
        return L.ReLU()(made(L.BatchNormalization())(h) + shortcut)

    x = keras.Input((32, 32, 3))
    h = convolution(16, 3, 1)(x)
    h = L.ReLU()(made(L.BatchNormalization())(h))
    for filters in (16, 32, 64):
        for i in range(3):
            h = block(h, filters, 2 if i == 0 and filters > 16 else 1)
    return keras.Model(x, made(L.Dense(10, "softmax"))(L.GlobalAveragePooling2D()(h)))


def transformer(made, T=128, V=256, D=256, H=4, N=4):
    x = keras.Input((T,), dtype="int32")
    h = made(L.Embedding(V, D))(x)
    h = made(Places())(h)
    for _ in range(N):
        n = made(L.LayerNormalization())(h)
        h = h + made(L.MultiHeadAttention(H, D // H))(n, n, use_causal_mask=True)
        f = made(L.LayerNormalization())(h)
        f = made(L.Dense(4 * D, "gelu"))(f)
        h = h + made(L.Dense(D))(f)
    h = made(L.LayerNormalization())(h)
    return keras.Model(x, made(L.Dense(V, "softmax"))(h))


def model(workload):
    """With the initial weights that every rival has."""
    layers = []

    def made(layer):
        layers.append(layer)
        return layer

    if workload in ("W1", "W2"):
        units = 10 if workload == "W1" else 512
        m = keras.Sequential([keras.Input((784,)), made(L.Dense(units, "relu")), made(L.Dense(units, "relu")), made(L.Dense(10, "softmax"))])
    elif workload == "W3":
        m = keras.Sequential([keras.Input((28, 28, 1)), made(L.Conv2D(32, 3, activation="relu")), L.MaxPooling2D(),
                              made(L.Conv2D(64, 3, activation="relu")), L.MaxPooling2D(), L.Flatten(), made(L.Dense(128, "relu")),
                              made(L.Dense(10, "softmax"))])
    elif workload == "W4":
        m = resnet20(made)
    elif workload == "W5":
        m = keras.Sequential([keras.Input((200,), dtype="int32"), made(L.Embedding(10000, 128)), made(L.LSTM(128)), made(L.Dense(2, "softmax"))])
    else:
        m = transformer(made)
    initial = Initial()
    for layer in layers:
        layer.set_weights([initial(v.name, v.shape) for v in layer.weights])
    return m


def predictions(m, one):
    """Seconds of predict and of a call, for one sample."""
    seconds = []
    for predict, count in ((lambda: m.predict(one, verbose=0), 30), (lambda: m(one), 100)):
        predict()
        begin = time.time()
        for _ in range(count):
            predict()
        seconds.append((time.time() - begin) / count)
    return seconds


if w == "W7":
    begin = time.time()
    one = mnist((784,), 1)[0][0]
    dense = model("W1")
    dense.predict(one, verbose=0)
    first_step = time.time() - begin
    predict_one, call_one = predictions(dense, one)
    predict_w3, call_w3 = predictions(model("W3"), one.reshape(1, 28, 28, 1))
    report(rival=f"keras/{keras.backend.backend()}", mode=a.mode, workload=w, us_per_step=predict_one * 1e6, first_step_s=first_step, import_s=import_s,
           predict_one_us=predict_one * 1e6, predict_w3_us=predict_w3 * 1e6, call_one_us=call_one * 1e6, call_w3_us=call_w3 * 1e6,
           threads=a.threads, version=f"{keras.__version__}, tensorflow {tf.__version__}")
    raise SystemExit

bs, val = BATCH[w], None
if w in ("W1", "W2"):
    (x, y), val = mnist((784,), 60000)
elif w == "W3":
    (x, y), val = mnist((28, 28, 1), 12800)
else:
    x, y = made_up(w)

begin = time.time()
m = model(w)
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
predict_one, call_one = predictions(m, x[:1])
report(rival=f"keras/{keras.backend.backend()}", mode=a.mode, workload=w, seconds_per_epoch=s, us_per_step=s / (len(x) / bs) * 1e6,
       first_step_s=first_step, import_s=import_s, test_accuracy=accuracy, loss_epoch_1=parity, predict_one_us=predict_one * 1e6,
       threads=a.threads, call_one_us=call_one * 1e6, cpu_seconds_per_epoch=s_cpu, version=f"{keras.__version__}, tensorflow {tf.__version__}")
