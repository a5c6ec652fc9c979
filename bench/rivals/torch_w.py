"""PyTorch on a workload: python torch_w.py W1|W2|W3|W4|W5|W6 [eager|compile|bf16]; one line of JSON. Adam is the fused one."""
import time

start = time.time()
from data import arguments, cpu, dense_weights, fashion, report

a = arguments(["eager", "compile", "bf16"], ["W1", "W2", "W3", "W4", "W5", "W6"])
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

import_s = time.time() - start
torch.set_num_threads(a.threads)
torch.manual_seed(0)
w, bs, val = a.workload, 32, None


def mnist(shape):
    (x, y), (xt, yt) = fashion()
    f = lambda v: torch.from_numpy(v.reshape((-1,) + shape).astype("float32") / 255)
    g = lambda v: torch.from_numpy(v.astype("int64"))
    return (f(x), g(y)), (f(xt), g(yt))


class Block(nn.Module):
    """ResNet-20's: two 3x3 convolutions with batch norm, and a shortcut."""

    def __init__(s, i, o, stride):
        super().__init__()
        s.a, s.b = nn.Conv2d(i, o, 3, stride, 1, bias=False), nn.Conv2d(o, o, 3, 1, 1, bias=False)
        s.na, s.nb = nn.BatchNorm2d(o), nn.BatchNorm2d(o)
        s.s = nn.Identity() if stride == 1 and i == o else nn.Sequential(nn.Conv2d(i, o, 1, stride, bias=False), nn.BatchNorm2d(o))

    def forward(s, x):
        return F.relu(s.nb(s.b(F.relu(s.na(s.a(x))))) + s.s(x))


def resnet20():
    layers, i = [nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU()], 16
    for o in (16, 32, 64):
        for k in range(3):
            layers.append(Block(i, o, 2 if k == 0 and o > 16 else 1))
            i = o
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


class Recurrent(nn.Module):
    def __init__(s):
        super().__init__()
        s.e, s.l, s.d = nn.Embedding(10000, 128), nn.LSTM(128, 128, batch_first=True), nn.Linear(128, 2)

    def forward(s, x):
        o, _ = s.l(s.e(x))
        return s.d(o[:, -1])


T, V, D, H, N = 128, 256, 256, 4, 4


class Attention(nn.Module):
    def __init__(s):
        super().__init__()
        s.a, s.q, s.o = nn.LayerNorm(D), nn.Linear(D, 3 * D), nn.Linear(D, D)
        s.b, s.u, s.d = nn.LayerNorm(D), nn.Linear(D, 4 * D), nn.Linear(4 * D, D)

    def forward(s, h):
        b, t, _ = h.shape
        q, k, v = s.q(s.a(h)).view(b, t, 3, H, D // H).permute(2, 0, 3, 1, 4)
        h = h + s.o(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).reshape(b, t, D))
        return h + s.d(F.gelu(s.u(s.b(h))))


class Transformer(nn.Module):
    def __init__(s):
        super().__init__()
        s.e, s.p, s.b = nn.Embedding(V, D), nn.Embedding(T, D), nn.Sequential(*[Attention() for _ in range(N)])
        s.n, s.h = nn.LayerNorm(D), nn.Linear(D, V)

    def forward(s, x):
        return s.h(s.n(s.b(s.e(x) + s.p(torch.arange(T)))))


def dense(sizes):
    m = nn.Sequential(nn.Linear(sizes[0], sizes[1]), nn.ReLU(), nn.Linear(sizes[1], sizes[2]), nn.ReLU(), nn.Linear(sizes[2], sizes[3]))
    with torch.no_grad():
        for p, v in zip(m.parameters(), dense_weights(sizes)):
            p.copy_(torch.from_numpy(v.T.copy()))
    return m


if w == "W1":
    (x, y), val = mnist((784,))
elif w == "W2":
    (x, y), val = mnist((784,))
    bs = 128
elif w == "W3":
    (x, y), val = mnist((1, 28, 28))
    x, y, bs = x[:12800], y[:12800], 64
elif w == "W4":
    x, y, bs = torch.rand(1280, 3, 32, 32).to(memory_format=torch.channels_last), torch.randint(0, 10, (1280,)), 128
elif w == "W5":
    x, y, bs = torch.randint(0, 10000, (2560, 200)), torch.randint(0, 2, (2560,)), 64
else:
    x, y, bs = torch.randint(0, V, (320, T)), torch.randint(0, V, (320, T)), 16

begin = time.time()
if w in ("W1", "W2"):
    m = dense([784, 10, 10, 10] if w == "W1" else [784, 512, 512, 10])
elif w == "W3":
    m = nn.Sequential(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
                      nn.Linear(1600, 128), nn.ReLU(), nn.Linear(128, 10)).to(memory_format=torch.channels_last)
elif w == "W4":
    m = resnet20().to(memory_format=torch.channels_last)
else:
    m = Recurrent() if w == "W5" else Transformer()
opt = torch.optim.Adam(m.parameters(), eps=1e-7, fused=True)
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
with torch.inference_mode():
    one = x[:1]
    for _ in range(20):
        m(one)
    begin = time.time()
    for _ in range(200):
        m(one)
    predict_one = (time.time() - begin) / 200
report(rival="torch", mode=a.mode, workload=w, seconds_per_epoch=s, us_per_step=s / (len(x) / bs) * 1e6, first_step_s=first_step,
       import_s=import_s, test_accuracy=accuracy, loss_epoch_1=parity, predict_one_us=predict_one * 1e6, threads=a.threads,
       cpu_seconds_per_epoch=s_cpu, version=torch.__version__)
