"""Learning rate schedules: their configs and what they say at some steps, the ends of their parts among them."""
import keras
import numpy as np

from .common import write

S = keras.optimizers.schedules
STEPS = [0, 1, 2, 4, 5, 6, 9, 10, 11, 15, 19, 20, 21, 29, 30, 31, 47, 64, 100, 1000]


def cases():
    return [
        S.ExponentialDecay(0.1, 10, 0.5), S.ExponentialDecay(0.1, 10, 0.5, staircase=True),
        S.PiecewiseConstantDecay([5, 10, 30], [0.1, 0.05, 0.01, 0.002]), S.PiecewiseConstantDecay([5.5, 20.0], [1.0, 0.5, 0.25]),
        S.PolynomialDecay(0.1, 20), S.PolynomialDecay(0.1, 20, end_learning_rate=0.01, power=2.0),
        S.PolynomialDecay(0.1, 10, end_learning_rate=0.01, power=0.5, cycle=True), S.PolynomialDecay(0.1, 10, cycle=True),
        S.InverseTimeDecay(0.1, 10, 0.5), S.InverseTimeDecay(0.1, 10, 0.5, staircase=True),
        S.CosineDecay(0.1, 20), S.CosineDecay(0.1, 20, alpha=0.1), S.CosineDecay(0.01, 20, alpha=0.1, warmup_target=0.2, warmup_steps=10),
        S.CosineDecay(0.0, 20, warmup_target=0.1, warmup_steps=5, name="warm"),
        S.CosineDecayRestarts(0.1, 10), S.CosineDecayRestarts(0.1, 10, t_mul=1.0, m_mul=0.8, alpha=0.1),
        S.CosineDecayRestarts(0.1, 5, t_mul=1.5, m_mul=0.9, alpha=0.05),
    ]


def make():
    entries = [{"config": S.serialize(s), "values": np.array([s(step) for step in STEPS], "float32")} for s in cases()]
    write("schedules.json", {"steps": STEPS, "cases": entries})
