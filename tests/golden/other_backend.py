"""What Keras makes of the whole models on another backend than TensorFlow: JAX or PyTorch, where no gradient is a list of rows.

    KERAS_BACKEND=jax python other_backend.py

Each model of whole_models/ is loaded from its file and trained on the 50 batches of generator/whole_models.py, with nothing changed
in Keras. Prints how far its losses are from those in whole_models/*.json, to which the tests hold cornu.
"""
import json
import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np

from generator.common import GOLDEN
from generator.whole_models import BATCH, CYCLE, STEPS, labels, numbers, tokens

MODELS = {"cnn": (numbers, 10), "residual": (numbers, 5), "lstm": (tokens, 2), "bidirectional_gru": (numbers, 3), "transformer": (tokens, 4)}
VOCABULARY = 20


def losses(name):
    data, classes = MODELS[name]
    model = keras.models.load_model(GOLDEN / "whole_models" / f"{name}.keras")
    shape, samples = model.input_shape[1:], CYCLE * BATCH
    x = data((samples, *shape)) if data is numbers else data(samples, *shape, VOCABULARY)
    y = labels(samples, classes)
    found = []
    for step in range(STEPS):
        rows = slice(step % CYCLE * BATCH, (step % CYCLE + 1) * BATCH)
        model.reset_metrics()
        found.append(float(model.train_on_batch(x[rows], y[rows], return_dict=True)["loss"]))
    return np.float64(found)


for name in MODELS:
    golden = json.loads((GOLDEN / "whole_models" / f"{name}.json").read_text())
    found, backend = losses(name), keras.backend.backend()
    print(f"{name}: on {backend} within {np.max(np.abs(found / np.array(golden['losses']) - 1)):.1e} of TensorFlow's", flush=True)
