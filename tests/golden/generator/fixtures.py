"""Files as Keras writes them, with what a reader must get out of them: predictions, config, summary, and the next 20 losses.

Every .keras file has a .json beside it (the schema that check_cornu_files.py reads too), a .config.json (model.to_json()) and
a .summary.txt (model.summary() at 80 columns).
"""
import json

import keras
import numpy as np

from .common import GOLDEN, grid, images, small_data, small_weights, write

L, O, R = keras.layers, keras.optimizers, keras.regularizers
NEXT = 20


def pattern(rows, columns):
    """Numbers that any language makes: ((37 row + 11 column) mod 256) / 255."""
    r, c = np.mgrid[0:rows, 0:columns]
    return ((37 * r + 11 * c) % 256).astype("float32") / np.float32(255)


def seed_model():
    m = keras.Sequential([keras.Input((784,)), L.Dense(10, "relu"), L.Dense(10, "relu"), L.Dense(10, "softmax")])
    m.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return m


def small(*layers, name=None, weights=True, inputs=(8,)):
    m = keras.Sequential([keras.Input(inputs), *layers], name=name)
    if weights:
        m.set_weights(small_weights())
    return m


def dense_pair(activation="tanh", last="softmax", **kwargs):
    return L.Dense(6, activation, **kwargs), L.Dense(3, last)


def compiled(m, optimizer, loss="sparse_categorical_crossentropy", metrics=("accuracy",), **kwargs):
    m.compile(optimizer=optimizer, loss=loss, metrics=list(metrics), **kwargs)
    return m


def mixed():
    m = small(L.Rescaling(0.5, offset=0.125, name="scale"), L.Flatten(), L.Dense(6, name="hidden", kernel_regularizer=R.L2(0.01),
              bias_regularizer=R.L1(0.005), activity_regularizer=R.L1L2(0.001, 0.002)), L.Activation("tanh", name="squash"),
              L.Dropout(0.25, seed=3, name="drop"), L.Reshape((2, 3)), L.Reshape((-1,), name="flat_again"),
              L.Dense(3, "softmax", name="answer", kernel_initializer=keras.initializers.HeNormal(seed=5)),
              name="mixed_bag", inputs=(2, 4))
    return compiled(m, O.Adam(0.01))


def functional():
    inputs = keras.Input((8,), name="features")
    h = L.Dense(6, "tanh", name="first")(inputs)
    m = keras.Model(inputs, L.Dense(3, "softmax", name="second")(h), name="graph")
    m.set_weights(small_weights())
    return compiled(m, O.Adam(0.01))


def cases():
    """name -> (about, model, kind of data, steps trained before saving)"""
    small_adam = lambda: compiled(small(*dense_pair()), O.Adam(0.01))
    return {
        "seed_untrained": ("784-10-10-10, compiled with Adam, no step taken", seed_model, "images", 0),
        "seed_trained": ("784-10-10-10, 3 steps of Adam", seed_model, "images", 3),
        "small_adam": ("8-6-3, 3 steps of Adam", small_adam, "classes", 3),
        "small_uncompiled": ("8-6-3, never compiled", lambda: small(*dense_pair()), "classes", 0),
        "small_sgd_momentum": ("8-6-3, 3 steps of SGD with momentum", lambda: compiled(small(*dense_pair()), O.SGD(0.05, momentum=0.9)), "classes", 3),
        "small_sgd_nesterov_logits": ("8-6-3 without softmax, loss and metric objects, SGD nesterov with clipnorm", lambda: compiled(
            small(*dense_pair(last=None)), O.SGD(0.05, momentum=0.9, nesterov=True, clipnorm=0.5, name="sgd_of_mine"),
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            [keras.metrics.SparseCategoricalAccuracy(name="acc")]), "classes", 3),
        "small_rmsprop": ("8-6-3, 3 steps of RMSprop", lambda: compiled(small(*dense_pair()), "rmsprop"), "classes", 3),
        "small_rmsprop_centered": ("8-6-3, 3 steps of centered RMSprop with momentum",
                                   lambda: compiled(small(*dense_pair()), O.RMSprop(0.01, momentum=0.5, centered=True)), "classes", 3),
        "small_adamw_amsgrad": ("8-6-3, 3 steps of AdamW, amsgrad, global_clipnorm", lambda: compiled(
            small(*dense_pair()), O.AdamW(0.01, weight_decay=0.1, amsgrad=True, global_clipnorm=0.5)), "classes", 3),
        "small_regularized": ("8-6-3 with L2 and L1 regularizers in the loss, Adam", lambda: compiled(small(*dense_pair(
            kernel_regularizer="l2", bias_regularizer=R.L1(0.01))), O.Adam(0.01)), "classes", 3),
        "small_categorical": ("8-6-3, one-hot labels, categorical_crossentropy with label smoothing", lambda: compiled(
            small(*dense_pair()), O.Adam(0.01), keras.losses.CategoricalCrossentropy(label_smoothing=0.1)), "one-hot", 3),
        "small_binary": ("8-6-1 sigmoid, binary_crossentropy", lambda: compiled(small(L.Dense(6, "tanh"), L.Dense(1, "sigmoid"), weights=False),
                                                                               O.Adam(0.01), "binary_crossentropy"), "bits", 3),
        "small_regression": ("8-6-1, mse with mae", lambda: compiled(small(L.Dense(6, "tanh"), L.Dense(1), weights=False), O.Adam(0.01),
                                                                     "mse", ["mae"]), "numbers", 3),
        "small_mixed": ("Rescaling, Flatten, Dense with regularizers, Activation, Dropout, Reshape; names of its own; no next "
                        "losses: dropout is random", mixed, "2x4", 3),
        "small_functional": ("8-6-3 as a functional model", functional, "classes", 3),
    }


def data(kind):
    """x, y and the batch size, enough for the steps before saving and the NEXT ones."""
    if kind == "images":
        x, y = images("train", 32 * (3 + NEXT))
        return x, y, 32
    x, y = small_data(4 * (3 + NEXT))
    if kind == "2x4":
        x = x.reshape(-1, 2, 4)
    elif kind == "one-hot":
        y = np.eye(3, dtype="float32")[y]
    elif kind == "bits":
        y = (y > 0).astype("int32")
    elif kind == "numbers":
        y = grid(np.random.default_rng(4), (len(x), 1))
    return x, y, 4


def steps(m, x, y, batch, first, last, dtype="float32"):
    losses = []
    for s in range(first, last):
        part = slice(s * batch, (s + 1) * batch)
        m.reset_metrics()
        losses.append(m.train_on_batch(x[part].astype(dtype), y[part], return_dict=True)["loss"])
    return losses


def in_double(m):
    """The loaded model and its optimizer's state, in float64."""
    keras.config.set_floatx("float64")
    double = keras.models.model_from_json(m.to_json().replace("float32", "float64"))
    double.set_weights(m.get_weights())
    double.compile_from_config(json.loads(json.dumps(m.get_compile_config()).replace("float32", "float64")))
    double.optimizer.build(double.trainable_variables)
    for to, source in zip(double.optimizer.variables, m.optimizer.variables):
        to.assign(source.numpy())
    return double


def summary(m):
    text = []
    m.summary(print_fn=lambda s, **_: text.append(s))
    return "".join(text)


def one(name, about, make_model, kind, trained):
    keras.backend.clear_session()
    keras.utils.set_random_seed(20)
    m = make_model()
    x, y, batch = data(kind)
    write(f"fixtures/{name}.config.json", m.to_json())
    steps(m, x, y, batch, 0, trained)
    path = GOLDEN / "fixtures" / f"{name}.keras"
    m.save(path)
    write(f"fixtures/{name}.summary.txt", summary(m))
    probe = pattern(8, 784) if kind == "images" else x[:8]
    entry = {"about": about, "file": path.name, "trained_steps": trained, "params": m.count_params()}
    entry["x"] = {"pattern": [8, 784]} if kind == "images" else probe
    loaded = keras.models.load_model(path)
    entry["predictions"] = loaded.predict(probe, verbose=0)
    if getattr(m, "optimizer", None) is None or name == "small_mixed":
        return write(f"fixtures/{name}.json", entry)
    used = slice(trained * batch, (trained + NEXT) * batch)
    entry["next"] = {"batch_size": batch}
    if kind == "images":
        entry["next"]["images"] = {"split": "train", "first": used.start, "count": used.stop - used.start}
    else:
        entry["next"].update(x=x[used], y=y[used])
    double = in_double(loaded)
    losses64 = np.array(steps(double, x, y, batch, trained, trained + NEXT, "float64"))
    keras.config.set_floatx("float32")
    losses = np.array(steps(loaded, x, y, batch, trained, trained + NEXT))
    entry["next"].update(losses=losses.astype("float32"), losses_float64=losses64)
    difference = float(np.max(np.abs(losses / losses64 - 1)))
    entry["next"]["float32_against_float64"] = difference
    assert difference < 1e-6, f"{name}: {difference:.1e}"
    entry["next"]["predictions_after"] = loaded.predict(probe, verbose=0)
    write(f"fixtures/{name}.json", entry)


def weights_only():
    """save_weights: the weights, and the optimizer's variables because the model was compiled and trained."""
    keras.backend.clear_session()
    m = keras.models.load_model(GOLDEN / "fixtures" / "small_adam.keras")
    m.save_weights(GOLDEN / "fixtures" / "small_adam.weights.h5")


def make():
    for name, (about, make_model, kind, trained) in cases().items():
        one(name, about, make_model, kind, trained)
    weights_only()
