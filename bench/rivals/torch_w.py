"""PyTorch on a workload: python torch_w.py W1|W2|W3|W4|W5|W6|W7 [eager|compile|bf16]; one line of JSON. Adam is the fused one.

Epsilons and momenta are Keras's. ResNet's strided convolutions are padded on both sides, as is usual in PyTorch; Keras pads behind.
"""
import time

start = time.time()
from data import Initial, arguments, cpu, fashion, made_up, report

a = arguments(["eager", "compile", "bf16"], ["W1", "W2", "W3", "W4", "W5", "W6", "W7"])
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

import_s = time.time() - start
torch.set_num_threads(a.threads)
torch.manual_seed(0)
w = a.workload
BATCH = {"W1": 32, "W2": 128, "W3": 64, "W4": 128, "W5": 64, "W6": 16}


def mnist(shape, count):
    (x, y), (xt, yt) = fashion()
    f = lambda v: torch.from_numpy(v.reshape((-1,) + shape).astype("float32") / 255)
    g = lambda v: torch.from_numpy(v.astype("int64"))
    return (f(x[:count]), g(y[:count])), (f(xt), g(yt))


def norm2d(channels):
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)


class Block(nn.Module):
    """ResNet-20's: two 3x3 convolutions with batch norm, and a shortcut."""

    def __init__(s, i, o, stride):
        super().__init__()
        s.a, s.b = nn.Conv2d(i, o, 3, stride, 1, bias=False), nn.Conv2d(o, o, 3, 1, 1, bias=False)
        s.na, s.nb = norm2d(o), norm2d(o)
        s.s = nn.Identity() if stride == 1 and i == o else nn.Sequential(nn.Conv2d(i, o, 1, stride, bias=False), norm2d(o))

    def forward(s, x):
        return F.relu(s.nb(s.b(F.relu(s.na(s.a(x))))) + s.s(x))


def resnet20():
    layers, i = [nn.Conv2d(3, 16, 3, 1, 1, bias=False), norm2d(16), nn.ReLU()], 16
    for o in (16, 32, 64):
        for k in range(3):
            layers.append(Block(i, o, 2 if k == 0 and o > 16 else 1))
            i = o
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


class Recurrent(nn.Module):
    def __init__(s):
        super().__init__()
        s.e, s.l, s.d = nn.Embedding(10000, 128), nn.LSTM(128, 128, batch_first=True), nn.Linear(128, 2)
        s.l.bias_hh_l0.requires_grad_(False)  # Keras has one bias

    def forward(s, x):
        o, _ = s.l(s.e(x))
        return s.d(o[:, -1])


T, V, D, H, N = 128, 256, 256, 4, 4


class Attention(nn.Module):
    def __init__(s):
        super().__init__()
        s.a, s.q, s.o = nn.LayerNorm(D, eps=1e-3), nn.Linear(D, 3 * D), nn.Linear(D, D)
        s.b, s.u, s.d = nn.LayerNorm(D, eps=1e-3), nn.Linear(D, 4 * D), nn.Linear(4 * D, D)

    def forward(s, h):
        b, t, _ = h.shape
        q, k, v = s.q(s.a(h)).view(b, t, 3, H, D // H).permute(2, 0, 3, 1, 4)
        h = h + s.o(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).reshape(b, t, D))
        return h + s.d(F.gelu(s.u(s.b(h))))


class Transformer(nn.Module):
    def __init__(s):
        super().__init__()
        s.e, s.p, s.b = nn.Embedding(V, D), nn.Embedding(T, D), nn.Sequential(*[Attention() for _ in range(N)])
        s.n, s.h = nn.LayerNorm(D, eps=1e-3), nn.Linear(D, V)

    def forward(s, x):
        return s.h(s.n(s.b(s.e(x) + s.p(torch.arange(T)))))


def set_initial(m):
    """The weights that every rival begins with: what Keras has, in the order in which keras_w.py makes the layers."""
    initial = Initial()

    def put(p, v):
        with torch.no_grad():
            p.copy_(torch.from_numpy(np.ascontiguousarray(v)))

    def linear(l, *shape):
        put(l.weight, initial("kernel", shape or l.weight.shape[::-1]).reshape(l.weight.shape[::-1]).T)
        put(l.bias, initial("bias", l.bias.shape))

    def conv(c):
        o, i, h, v = c.weight.shape
        put(c.weight, initial("kernel", (h, v, i, o)).transpose(3, 2, 0, 1))
        if c.bias is not None:
            put(c.bias, initial("bias", (o,)))

    if isinstance(m, Transformer):
        put(m.e.weight, initial("embeddings", (V, D)))
        put(m.p.weight, initial("embeddings", (T, D)))
        for b in m.b:  # norms begin with ones and zeros, and so do biases with zeros
            qkv = [initial("kernel", (D, H, D // H)).reshape(D, D).T for _ in range(3)]
            put(b.q.weight, np.concatenate(qkv))
            put(b.q.bias, np.zeros(3 * D, "float32"))
            linear(b.o, H, D // H, D), linear(b.u), linear(b.d)
        linear(m.h)
    elif isinstance(m, Recurrent):
        put(m.e.weight, initial("embeddings", (10000, 128)))
        put(m.l.weight_ih_l0, initial("kernel", (128, 512)).T)
        put(m.l.weight_hh_l0, initial("recurrent_kernel", (128, 512)).T)
        put(m.l.bias_ih_l0, initial("bias", (512,)))
        put(m.l.bias_hh_l0, np.zeros(512, "float32"))
        linear(m.d)
    else:
        for l in m:
            if isinstance(l, nn.Conv2d):
                conv(l)
            elif isinstance(l, Block):
                if isinstance(l.s, nn.Sequential):
                    conv(l.s[0])
                conv(l.a), conv(l.b)
            elif isinstance(l, nn.Linear) and l.in_features == 1600:  # Keras flattens [5, 5, 64]
                put(l.weight, initial("kernel", (1600, 128)).reshape(5, 5, 64, 128).transpose(2, 0, 1, 3).reshape(1600, 128).T)
                put(l.bias, np.zeros(128, "float32"))
            elif isinstance(l, nn.Linear):
                linear(l)
    return m


def model(workload):
    if workload in ("W1", "W2"):
        u = 10 if workload == "W1" else 512
        m = nn.Sequential(nn.Linear(784, u), nn.ReLU(), nn.Linear(u, u), nn.ReLU(), nn.Linear(u, 10))
    elif workload == "W3":
        m = nn.Sequential(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
                          nn.Linear(1600, 128), nn.ReLU(), nn.Linear(128, 10)).to(memory_format=torch.channels_last)
    elif workload == "W4":
        m = resnet20().to(memory_format=torch.channels_last)
    else:
        m = Recurrent() if workload == "W5" else Transformer()
    return set_initial(m)


def seconds_of_a_prediction(m, one):
    m.eval()
    with torch.inference_mode():
        for _ in range(20):
            m(one)
        begin = time.time()
        for _ in range(200):
            m(one)
        return (time.time() - begin) / 200


if w == "W7":
    begin = time.time()
    one = mnist((784,), 1)[0][0]
    dense = model("W1")
    if a.mode == "compile":
        dense = torch.compile(dense)
    with torch.inference_mode():
        dense(one)
    first_step = time.time() - begin
    convolutional = model("W3")
    if a.mode == "compile":
        convolutional = torch.compile(convolutional)
    predict_one = seconds_of_a_prediction(dense, one)
    predict_w3 = seconds_of_a_prediction(convolutional, one.reshape(1, 1, 28, 28).to(memory_format=torch.channels_last))
    report(rival="torch", mode=a.mode, workload=w, us_per_step=predict_one * 1e6, first_step_s=first_step, import_s=import_s,
           predict_one_us=predict_one * 1e6, predict_w3_us=predict_w3 * 1e6, threads=a.threads, version=torch.__version__)
    raise SystemExit

bs, val = BATCH[w], None
if w in ("W1", "W2"):
    (x, y), val = mnist((784,), 60000)
elif w == "W3":
    (x, y), val = mnist((1, 28, 28), 12800)
else:
    x, y = made_up(w)
    x = torch.from_numpy(x) if w == "W4" else torch.from_numpy(x.astype("int64"))
    x, y = x.permute(0, 3, 1, 2) if w == "W4" else x, torch.from_numpy(y.astype("int64"))  # W4: channels last in memory

begin = time.time()
m = model(w)
opt = torch.optim.Adam([p for p in m.parameters() if p.requires_grad], eps=1e-7, fused=True)
forward = torch.compile(m) if a.mode == "compile" else m


def step(xb, yb):
    opt.zero_grad(set_to_none=True)
    with torch.autocast("cpu", torch.bfloat16, enabled=a.mode == "bf16"):
        o = forward(xb)
        l = F.cross_entropy(o.flatten(0, -2), yb.flatten())
    l.backward()
    opt.step()
    return l, o


def epoch(x, y, shuffle=True):
    """One epoch with running loss and accuracy, as Keras reports them; the mean loss."""
    p = torch.randperm(len(x)) if shuffle else torch.arange(len(x))
    loss, acc, n = torch.zeros(()), torch.zeros(()), 0
    for i in range(0, len(x) - bs + 1, bs):
        ix = p[i:i + bs]
        yb = y[ix]
        l, o = step(x[ix], yb)
        loss += l.detach()
        acc += (o.argmax(-1) == yb).float().mean()
        n += 1
    return (loss / n).item()


initial = [p.detach().clone() for p in m.parameters()]
epoch(x[:bs], y[:bs])
first_step = time.time() - begin


def restart():
    """The initial weights and an optimizer that has taken no step."""
    with torch.no_grad():
        for p, v in zip(m.parameters(), initial):
            p.copy_(v)
            for state in opt.state[p].values():
                state.zero_()


restart()
parity = epoch(x, y, shuffle=False)  # in the files' order; untimed, warms up
restart()

begin, begin_cpu = time.time(), cpu()
for _ in range(a.epochs):
    epoch(x, y)
s, s_cpu = (time.time() - begin) / a.epochs, (cpu() - begin_cpu) / a.epochs
m.eval()
accuracy = None
if val:
    with torch.no_grad():
        accuracy = (m(val[0]).argmax(1) == val[1]).float().mean().item()
predict_one = seconds_of_a_prediction(m, x[:1])
report(rival="torch", mode=a.mode, workload=w, seconds_per_epoch=s, us_per_step=s / (len(x) / bs) * 1e6, first_step_s=first_step,
       import_s=import_s, test_accuracy=accuracy, loss_epoch_1=parity, predict_one_us=predict_one * 1e6, threads=a.threads,
       cpu_seconds_per_epoch=s_cpu, version=torch.__version__)
