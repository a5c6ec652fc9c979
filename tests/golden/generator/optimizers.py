"""Twenty steps of every optimizer on the 8-6-3 model: losses, final weights and the optimizer's own variables.

relu would put kinks under the comparison, so the hidden layer is tanh. Each case is run in float32 and in float64; the float64
run tells how far rounding alone goes.
"""
import keras
import numpy as np

from .common import small_data, small_weights, write

STEPS, BATCH = 20, 4
O = keras.optimizers


def excluding(optimizer):
    """As cornu's test does for names that end in _exclude: no config says it."""
    optimizer.exclude_from_weight_decay(var_names=["bi.s"])
    return optimizer


def cases():
    """(name, a function that makes the optimizer): every option, at values where it changes the result."""
    schedules = O.schedules
    return [
        ("sgd", lambda: O.SGD(0.1)),
        ("sgd_momentum", lambda: O.SGD(0.05, momentum=0.9)),
        ("sgd_nesterov", lambda: O.SGD(0.05, momentum=0.9, nesterov=True)),
        ("sgd_clipnorm", lambda: O.SGD(0.1, clipnorm=0.05)),
        ("sgd_global_clipnorm", lambda: O.SGD(0.1, global_clipnorm=0.1)),
        ("sgd_clipvalue", lambda: O.SGD(0.1, clipvalue=0.02)),
        ("sgd_weight_decay", lambda: O.SGD(0.1, weight_decay=0.05)),
        ("sgd_momentum_clipnorm_weight_decay", lambda: O.SGD(0.05, momentum=0.9, clipnorm=0.05, weight_decay=0.05)),
        ("sgd_exponential_decay", lambda: O.SGD(schedules.ExponentialDecay(0.1, decay_steps=7, decay_rate=0.5))),
        ("sgd_exponential_decay_staircase",
         lambda: O.SGD(schedules.ExponentialDecay(0.1, decay_steps=7, decay_rate=0.5, staircase=True))),
        ("sgd_cosine_decay", lambda: O.SGD(schedules.CosineDecay(0.1, decay_steps=15, alpha=0.1))),
        ("sgd_cosine_decay_warmup",
         lambda: O.SGD(schedules.CosineDecay(0.01, decay_steps=12, alpha=0.1, warmup_target=0.1, warmup_steps=5))),
        ("sgd_piecewise_constant", lambda: O.SGD(schedules.PiecewiseConstantDecay([5, 10], [0.1, 0.05, 0.01]))),
        ("sgd_polynomial_decay", lambda: O.SGD(schedules.PolynomialDecay(0.1, 15, end_learning_rate=0.01, power=2.0))),
        ("adam", lambda: O.Adam(0.01)),
        ("adam_amsgrad", lambda: O.Adam(0.01, amsgrad=True)),
        ("adam_constants", lambda: O.Adam(0.02, beta_1=0.8, beta_2=0.95, epsilon=1e-3)),
        ("adam_clipnorm", lambda: O.Adam(0.01, clipnorm=0.05)),
        ("adam_global_clipnorm", lambda: O.Adam(0.01, global_clipnorm=0.1)),
        ("adam_clipvalue", lambda: O.Adam(0.01, clipvalue=0.02)),
        ("adam_weight_decay", lambda: O.Adam(0.01, weight_decay=0.1)),
        ("adam_gradient_accumulation", lambda: O.Adam(0.01, gradient_accumulation_steps=4)),
        ("adam_use_ema", lambda: O.Adam(0.01, use_ema=True, ema_momentum=0.9)),
        ("adam_use_ema_overwrite", lambda: O.Adam(0.01, use_ema=True, ema_momentum=0.9, ema_overwrite_frequency=7)),
        ("adam_loss_scale_factor", lambda: O.Adam(0.01, loss_scale_factor=8.0)),
        ("adamw", lambda: O.AdamW(0.01)),
        ("adamw_weight_decay", lambda: O.AdamW(0.01, weight_decay=0.1)),
        ("adamw_amsgrad", lambda: O.AdamW(0.01, weight_decay=0.1, amsgrad=True)),
        ("rmsprop", lambda: O.RMSprop(0.01)),
        ("rmsprop_momentum", lambda: O.RMSprop(0.01, momentum=0.9)),
        ("rmsprop_centered", lambda: O.RMSprop(0.01, centered=True)),
        ("rmsprop_centered_momentum", lambda: O.RMSprop(0.01, rho=0.8, momentum=0.5, centered=True, epsilon=1e-5)),
        ("rmsprop_weight_decay", lambda: O.RMSprop(0.01, weight_decay=0.1)),
        ("rmsprop_clipvalue", lambda: O.RMSprop(0.01, clipvalue=0.02)),
        ("sgd_gradient_accumulation_clipnorm_ema", lambda: O.SGD(
            0.1, momentum=0.9, clipnorm=0.05, weight_decay=0.05, gradient_accumulation_steps=3, use_ema=True, ema_momentum=0.8,
            ema_overwrite_frequency=2)),
        ("adam_schedule_gradient_accumulation", lambda: O.Adam(
            schedules.ExponentialDecay(0.1, decay_steps=7, decay_rate=0.5), gradient_accumulation_steps=2)),
        ("adamw_exclude", lambda: excluding(O.AdamW(0.01, weight_decay=0.1))),
        ("adam_use_ema_loss_scale_factor", lambda: O.Adam(0.01, use_ema=True, ema_momentum=0.5, loss_scale_factor=1024.0)),
        ("adagrad", lambda: O.Adagrad(0.1)),
        ("adagrad_constants", lambda: O.Adagrad(0.05, initial_accumulator_value=0.02, epsilon=1e-3, weight_decay=0.1)),
        ("adadelta", lambda: O.Adadelta(1.0)),
        ("adadelta_constants", lambda: O.Adadelta(2.0, rho=0.8, epsilon=1e-4, clipnorm=0.1)),
        ("adamax", lambda: O.Adamax(0.01)),
        ("adamax_constants", lambda: O.Adamax(0.02, beta_1=0.8, beta_2=0.95, epsilon=1e-3, weight_decay=0.1)),
        ("nadam", lambda: O.Nadam(0.01)),
        ("nadam_constants", lambda: O.Nadam(0.02, beta_1=0.8, beta_2=0.95, epsilon=1e-3, clipvalue=0.05)),
        ("nadam_gradient_accumulation", lambda: O.Nadam(0.02, gradient_accumulation_steps=3)),
        ("ftrl", lambda: O.Ftrl(0.1, l1_regularization_strength=0.01, l2_regularization_strength=0.01)),
        ("ftrl_defaults", lambda: O.Ftrl(0.1)),
        ("ftrl_constants", lambda: O.Ftrl(0.1, learning_rate_power=-0.7, initial_accumulator_value=0.5, l1_regularization_strength=0.001,
                                          l2_regularization_strength=0.02, l2_shrinkage_regularization_strength=0.03, beta=0.2)),
        ("lion", lambda: O.Lion(0.005)),
        ("lion_constants", lambda: O.Lion(0.005, beta_1=0.8, beta_2=0.9, weight_decay=0.1)),
        ("lamb", lambda: O.Lamb(0.01)),
        ("lamb_constants", lambda: O.Lamb(0.02, beta_1=0.8, beta_2=0.95, epsilon=1e-3, weight_decay=0.1, global_clipnorm=0.2)),
        ("adafactor", lambda: O.Adafactor(0.05)),
        ("adafactor_constants", lambda: O.Adafactor(0.5, beta_2_decay=-0.6, epsilon_1=1e-6, epsilon_2=0.01, clip_threshold=0.5,
                                                    relative_step=False, weight_decay=0.1)),
        ("adafactor_schedule", lambda: O.Adafactor(schedules.ExponentialDecay(0.1, decay_steps=7, decay_rate=0.5))),
        ("muon", lambda: O.Muon(0.02)),
        ("muon_constants", lambda: O.Muon(
            0.01, adam_beta_1=0.8, adam_beta_2=0.95, adam_weight_decay=0.1, epsilon=1e-3, weight_decay=0.05, muon_a=3.0, muon_b=-4.0,
            muon_c=1.5, adam_lr_ratio=0.5, momentum=0.8, ns_steps=3, nesterov=False, rms_rate=None)),
        ("muon_exclude_layers", lambda: O.Muon(0.02, exclude_layers=["dense_1.k"], adam_weight_decay=None)),
        ("schedule_free_adamw", lambda: O.ScheduleFreeAdamW(0.02)),
        ("schedule_free_adamw_constants", lambda: O.ScheduleFreeAdamW(
            0.05, beta_1=0.8, beta_2=0.95, epsilon=1e-3, warmup_steps=5, weight_decay=0.05, gradient_accumulation_steps=2)),
        ("loss_scale", lambda: O.LossScaleOptimizer(O.Adam(0.01), initial_scale=64.0, dynamic_growth_steps=3)),
    ]


def rounded(config):
    """The learning rate without the digits that float32 adds."""
    rate = config.get("learning_rate")
    if isinstance(rate, float):
        config["learning_rate"] = float(f"{rate:.7g}")
    if "inner_optimizer" in config:
        rounded(config["inner_optimizer"]["config"])
    return config


def train(dtype, make_optimizer, x, y):
    keras.backend.clear_session()
    keras.config.set_floatx(dtype)
    m = keras.Sequential([keras.Input((8,)), keras.layers.Dense(6, "tanh"), keras.layers.Dense(3, "softmax")])
    m.set_weights(small_weights())
    optimizer = make_optimizer()
    m.compile(optimizer=optimizer, loss="sparse_categorical_crossentropy", run_eagerly=True)
    losses = []
    for step in range(STEPS):
        part = slice(step * BATCH, (step + 1) * BATCH)
        m.reset_metrics()
        losses.append(m.train_on_batch(x[part].astype(dtype), y[part]))
    keras.config.set_floatx("float32")
    config = rounded(optimizer.get_config())
    config.pop("name")
    # Pairs: some of Keras's paths are the same (adafactor/kernel).
    return np.array(losses), m.get_weights(), [[v.path, v.numpy()] for v in optimizer.variables], config


def make():
    x, y = small_data(STEPS * BATCH)
    names = ["dense/kernel", "dense/bias", "dense_1/kernel", "dense_1/bias"]
    entries = {}
    for name, make_optimizer in cases():
        single, weights, variables, config = train("float32", make_optimizer, x, y)
        double, weights64, _, _ = train("float64", make_optimizer, x, y)
        entries[name] = {
            "class_name": type(make_optimizer()).__name__, "config": config,
            "losses": single.astype("float32"), "losses_float64": double,
            "loss_difference": float(np.max(np.abs(single / double - 1))),
            "weight_difference": float(max(np.max(np.abs(a - b)) for a, b in zip(weights, weights64))),
            "weights": dict(zip(names, weights)), "variables": variables}
    worst = max(entries, key=lambda n: entries[n]["loss_difference"])
    print(f"  largest loss difference: {worst} {entries[worst]['loss_difference']:.2e}")
    write("optimizers.json", {
        "about": "20 train_on_batch steps of batch 4, in order, on 8-6-3 (Dense 6 tanh, Dense 3 softmax), "
                 "sparse_categorical_crossentropy; loss and weight _difference: float32 against float64",
        "x": x, "y": y, "initial_weights": dict(zip(names, small_weights())), "cases": entries})
