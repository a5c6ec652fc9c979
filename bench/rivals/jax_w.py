"""JAX (jit, a step by hand, optax's Adam) on W1 or W2: python jax_w.py W1|W2 [step|scan]; one line of JSON.

step: one call per batch. scan: the whole epoch in one call. XLA's threads follow the process's CPU affinity: pin it.
"""
import time

start = time.time()
from data import arguments, cpu, dense_weights, fashion, report

a = arguments(["step", "scan"], ["W1", "W2"])
import numpy as np
import jax
import jax.numpy as jnp
import optax

import_s = time.time() - start
(x, y), (xt, yt) = fashion()
x, xt = x.reshape(-1, 784).astype("float32") / 255, xt.reshape(-1, 784).astype("float32") / 255
y = y.astype("int32")
sizes, bs = ([784, 10, 10, 10], 32) if a.workload == "W1" else ([784, 512, 512, 10], 128)
begin = time.time()


def fresh():
    flat = [jnp.array(v) for v in dense_weights(sizes)]
    P = list(zip(flat[::2], flat[1::2]))
    return P, opt.init(P)


def f(P, x):
    for W, b in P[:-1]:
        x = jax.nn.relu(x @ W + b)
    return x @ P[-1][0] + P[-1][1]


opt = optax.adam(1e-3, eps=1e-7)


def step(c, b):
    P, S = c
    xb, yb = b

    def loss(P):
        o = f(P, xb)
        return optax.softmax_cross_entropy_with_integer_labels(o, yb).mean(), (o.argmax(-1) == yb).mean()
    (l, acc), g = jax.value_and_grad(loss, has_aux=True)(P)
    u, S = opt.update(g, S)
    return (optax.apply_updates(P, u), S), (l, acc)


js = jax.jit(step, donate_argnums=0)
n = len(x) // bs
je = jax.jit(lambda c, X, Y: jax.lax.scan(step, c, (X, Y)), donate_argnums=0)
rng = np.random.default_rng(0)


def epoch(c, shuffle=True):
    """One epoch; the state and the losses of its steps, still on their way."""
    p = (rng.permutation(len(x)) if shuffle else np.arange(len(x)))[:n * bs]
    if a.mode == "scan":
        c, r = je(c, x[p].reshape(n, bs, 784), y[p].reshape(n, bs))
        jax.block_until_ready(c)
        return c, r[0]
    losses = []
    for i in range(n):
        ix = p[i * bs:(i + 1) * bs]
        c, r = js(c, (x[ix], y[ix]))
        losses.append(r[0])
    jax.block_until_ready(c)
    return c, losses


if a.mode == "step":
    jax.block_until_ready(js(fresh(), (x[:bs], y[:bs])))
else:
    epoch(fresh())  # scan has no step of its own: its first_step_s is the first epoch
first_step = time.time() - begin
_, losses = epoch(fresh(), shuffle=False)  # in the files' order; untimed, warms up
parity = float(np.mean(np.asarray(jnp.stack(list(losses)))))
c = fresh()
begin, begin_cpu = time.time(), cpu()
for _ in range(a.epochs):
    c, _ = epoch(c)
s, s_cpu = (time.time() - begin) / a.epochs, (cpu() - begin_cpu) / a.epochs
accuracy = float((np.asarray(f(c[0], xt)).argmax(1) == yt).mean())
jf, one = jax.jit(f), x[:1]
for _ in range(20):
    jf(c[0], one).block_until_ready()
begin = time.time()
for _ in range(200):
    jf(c[0], one).block_until_ready()
predict_one = (time.time() - begin) / 200
report(rival="jax", mode=a.mode, workload=a.workload, seconds_per_epoch=s, us_per_step=s / n * 1e6, first_step_s=first_step,
       import_s=import_s, test_accuracy=accuracy, loss_epoch_1=parity,
       predict_one_us=predict_one * 1e6, threads=a.threads, cpu_seconds_per_epoch=s_cpu, version=jax.__version__)
