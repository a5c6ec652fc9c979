"""Files of compiled models with each optimizer's state, as Keras writes them after a few steps, and the losses of 20 more.

fixtures/optimizers/NAME.keras, and for all of them fixtures/optimizers.json: the batches, the next losses, the weights after them.
"""
import keras
import numpy as np

from .common import GOLDEN, small_data, small_weights, write
from .optimizers import cases

BATCH, TRAINED, NEXT = 4, 3, 20
FOLDER = GOLDEN / "fixtures" / "optimizers"
NAMES = ["sgd_gradient_accumulation_clipnorm_ema", "sgd_cosine_decay_warmup", "sgd_piecewise_constant", "sgd_polynomial_decay", "adam_use_ema_loss_scale_factor",
         "adam_schedule_gradient_accumulation", "adamw_amsgrad", "rmsprop_centered_momentum", "adagrad_constants", "adadelta_constants", "adamax_constants", "nadam_constants",
         "ftrl_constants", "lion_constants", "lamb_constants", "adafactor", "adafactor_constants", "muon", "muon_constants", "schedule_free_adamw_constants", "loss_scale"]


def make():
    FOLDER.mkdir(exist_ok=True)
    x, y = small_data(BATCH * (TRAINED + NEXT))
    optimizers, entries = dict(cases()), {}
    for name in NAMES:
        keras.backend.clear_session()
        m = keras.Sequential([keras.Input((8,)), keras.layers.Dense(6, "tanh"), keras.layers.Dense(3, "softmax")])
        m.set_weights(small_weights())
        m.compile(optimizers[name](), "sparse_categorical_crossentropy")

        def step(m, s):
            part = slice(s * BATCH, (s + 1) * BATCH)
            m.reset_metrics()
            return m.train_on_batch(x[part], y[part])

        for s in range(TRAINED):
            step(m, s)
        m.save(FOLDER / f"{name}.keras")
        loaded = keras.models.load_model(FOLDER / f"{name}.keras")
        losses = [step(loaded, s) for s in range(TRAINED, TRAINED + NEXT)]
        entries[name] = {"iterations": int(m.optimizer.iterations.numpy()), "losses": np.array(losses, "float32"), "weights": loaded.get_weights()}
    used = slice(TRAINED * BATCH, None)
    write("fixtures/optimizers.json", {"about": "20 steps of batch 4 that follow on each file", "batch_size": BATCH, "x": x[used], "y": y[used], "cases": entries})
