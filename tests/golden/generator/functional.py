"""Models wired as graphs, as Keras writes them: shared layers, models in models, ops, several inputs and outputs, masks.

Of each in fixtures/functional/: NAME.keras; NAME.json with inputs, predictions, the names, paths and shapes of the weights, and the
next 20 losses if it is compiled; NAME.config.json; NAME.summary.txt (80 columns) and NAME.expanded.txt (nested models expanded, with the
column "Trainable", 120 characters).
"""
import os

import keras
import numpy as np
from keras import ops

from .common import GOLDEN, grid, write

L, O = keras.layers, keras.optimizers
FOLDER = GOLDEN / "fixtures" / "functional"
BATCH, TRAINED, NEXT = 4, 3, 20
ROWS = BATCH * (TRAINED + NEXT)


def shared():
    x = keras.Input((8,), name="features")
    fc = L.Dense(8, "tanh", name="fc")
    m = keras.Model(x, L.Dense(3, name="answer")(fc(fc(x)) - fc(x) * 2.0), name="shared")
    m.compile(O.Adam(0.01), "mse", metrics=["mae"])
    return m


def nested():
    x = keras.Input((8,))
    tower = keras.Sequential([keras.Input((8,)), L.Dense(6, "tanh"), L.Dropout(0), L.Dense(4)], name="tower")
    h = keras.Input((4,))
    head = keras.Model(h, L.Dense(4, "sigmoid")(h), name="head")
    t = tower(x)
    m = keras.Model(x, L.Dense(2)(ops.concatenate([head(t), head(head(t))], axis=-1) / 2), name="outer")
    m.compile(O.SGD(0.05, momentum=0.9), "mse")
    return m


def frozen():
    x = keras.Input((8,))
    base = keras.Sequential([keras.Input((8,)), L.Dense(6, "tanh"), L.Dense(4)], name="base")
    base.trainable = False
    m = keras.Model(x, L.Dense(2, name="top")(base(x)), name="transfer")
    m.compile(O.Adam(0.01), "mse")
    return m


def sequential_nested():
    inner = keras.Sequential([L.Dense(5, "tanh"), L.Dense(4)], name="inner")
    m = keras.Sequential([keras.Input((8,)), inner, L.Dense(2, name="last")], name="outer_chain")
    m.compile(O.RMSprop(0.01), "mse")
    return m


def arithmetic():
    a = keras.Input((4, 3), name="a")
    h = L.Dense(3, name="d")(a)
    y = ops.mean(h, axis=1) + ops.max(a, axis=1) * (1.0 - ops.sigmoid(h[:, 0])) - ops.transpose(a, (0, 2, 1))[..., -1] / 3.0
    y = ops.where(y > 0, ops.maximum(y, 0.25), -ops.absolute(y) ** 2.0)
    y = ops.expand_dims(y, 1) + ops.stack([h[:, 1], ops.tanh(h[:, 2])], axis=1)
    return keras.Model(a, ops.reshape(y, (-1, 6)), name="arithmetic")


def two():
    left, right = keras.Input((8,), name="left"), keras.Input((6,), name="right")
    tower = L.Dense(5, "tanh", name="tower")
    a, b = tower(left), L.Dense(5, "tanh", name="other")(right)
    m = keras.Model([left, right], [L.Dense(2, name="sum")(a + b), L.Dense(1, name="product")(tower(L.Dense(8, name="widen")(a * b)))], name="two")
    m.compile(O.Adam(0.01), ["mse", "mae"], loss_weights=[1.0, 0.5])
    return m


def named():
    first, second = keras.Input((8,), name="first"), keras.Input((6,), name="second")
    h = L.Dense(4, "tanh")(first) * L.Dense(4)(second)
    inner_in = keras.Input((4,), name="h")
    inner = keras.Model({"h": inner_in}, {"y": L.Dense(3, name="y")(inner_in)}, name="inner")
    m = keras.Model({"second": second, "first": first}, {"q": inner({"h": h})["y"], "p": L.Dense(2, name="p")(h)}, name="named")
    m.compile(O.Adam(0.01), {"p": "mse", "q": "mse"})
    return m


def sequence():
    t = keras.Input((None,), dtype="int32", name="tokens")
    e = L.Embedding(10, 4, mask_zero=True)(t)
    y, h, c = L.LSTM(3, return_sequences=True, return_state=True)(e)
    z = L.LSTM(3)(y, initial_state=[h, c])
    m = keras.Model(t, L.Dense(2)(z), name="sequence")
    # Not Adam: on TensorFlow its second moment adds the squares of a token's gradients, one for each place, not the square of their sum.
    m.compile(O.SGD(0.05, momentum=0.9), "mse")
    return m


def wrapped():
    x = keras.Input((5, 4))
    h = L.TimeDistributed(L.Dense(3, "tanh"))(x)
    h = L.Bidirectional(L.GRU(2, return_sequences=True))(h)
    h = L.RNN([L.LSTMCell(3), L.SimpleRNNCell(2)], return_sequences=True)(h)
    h = L.TimeDistributed(keras.Sequential([L.Dense(3, "tanh"), L.Dense(2)]))(h)
    m = keras.Model(x, L.SimpleRNN(2)(h), name="wrapped")
    m.compile(O.Adam(0.01), "mse")
    return m


def spectral():
    x = keras.Input((6, 3))
    h = L.SpectralNormalization(L.Conv1D(4, 2, activation="tanh"), power_iterations=2)(x)
    h = L.Flatten()(h)
    h = L.Concatenate()([L.Add()([h])])
    m = keras.Model(x, L.SpectralNormalization(L.Dense(2))(h), name="spectral")
    m.compile(O.SGD(0.05, momentum=0.9), "mse")
    return m


def masked():
    """Every way in which Keras writes masks as ops of the graph."""
    t, u = keras.Input((7,), dtype="int32", name="tokens"), keras.Input((7, 4), name="steps")
    a, b = L.Embedding(10, 4, mask_zero=True, name="left")(t), L.Masking(0.5, name="hidden")(u)
    h = L.LSTM(3, return_sequences=True, return_state=True, name="lstm")(L.Add(name="sum")([a, b]))
    h = L.BatchNormalization(name="normal")(L.Dense(4, name="dense")(h[0]))
    h = L.Concatenate(name="wide")([L.Attention(name="attention")([h, b]), u])
    h = L.Bidirectional(L.GRU(2, return_sequences=True, name="gru"), name="both")(h)
    h = L.TimeDistributed(L.Dense(3, name="inner"), name="each")(L.MultiHeadAttention(2, 3, name="heads")(h, h))
    y = L.GlobalAveragePooling1D(name="mean")(L.Dropout(0.0, name="drop")(h))
    nested = keras.Sequential([keras.Input((7, 4)), L.SimpleRNN(2, name="rnn")], name="chain")
    m = keras.Model([t, u], L.Dense(2, name="last")(L.Concatenate(name="join")([y, nested(a)])), name="masked")
    m.compile(O.SGD(0.05, momentum=0.9), "mse")
    return m


def adapted():
    """Layers that learn from data before the model is trained: their vocabularies, weights and boundaries."""
    rng = np.random.default_rng(3)
    t, x = keras.Input((7,), dtype="int64", name="tokens"), keras.Input((3,), name="numbers")
    words = L.IntegerLookup(num_oov_indices=2, mask_token=0, name="words")
    words.adapt(rng.integers(0, 7, (20, 7)))
    bag = L.IntegerLookup(output_mode="tf_idf", max_tokens=6, pad_to_max_tokens=True, name="bag")
    bag.adapt(rng.integers(3, 9, (20, 7)))
    given = L.IntegerLookup(output_mode="tf_idf", vocabulary=[5, 7, 9], idf_weights=[0.5, 0.25, 0.75], name="given")
    normal, bins = L.Normalization(name="normal"), L.Discretization(num_bins=4, output_mode="one_hot", name="bins")
    normal.adapt(grid(rng, (30, 3)))
    bins.adapt(grid(rng, (40, 1)))
    h = L.Concatenate()([L.Flatten()(L.Embedding(9, 2)(words(t))), bag(t), given(t), normal(x), L.Flatten()(bins(x))])
    m = keras.Model([t, x], L.Dense(2)(h), name="adapted")
    m.compile(O.SGD(0.001, momentum=0.9), "mse")
    return m


def name_of(x):
    """Of an Input: the tensor's own name is another when it was not given."""
    return x._keras_history.operation.name


def data(m, rng):
    inputs = {}
    for x in m.inputs:
        shape = (ROWS, *(7 if n is None else n for n in x.shape[1:]))
        if x.dtype in ("int32", "int64"):
            tokens = rng.integers(1, 10, shape)
            tokens[np.arange(shape[1]) >= rng.integers(3, 8, (ROWS, 1))] = 0
            inputs[name_of(x)] = tokens.astype(x.dtype)
        else:
            inputs[name_of(x)] = grid(rng, shape)
    return inputs, [grid(rng, (ROWS, *y.shape[1:])) for y in m.outputs]


def fed(m, inputs, rows):
    if isinstance(getattr(m, "_inputs_struct", None), dict):
        return {k: inputs[k][rows] for k in m._inputs_struct}
    x = [inputs[name_of(t)][rows] for t in m.inputs]
    return x[0] if len(x) == 1 else x


def flat(y):
    return keras.tree.flatten(y)


def step(m, inputs, targets, s):
    rows = slice(s * BATCH, (s + 1) * BATCH)
    y = [t[rows] for t in targets]
    struct = getattr(m, "_outputs_struct", None)
    y = dict(zip(sorted(struct), y)) if isinstance(struct, dict) else y[0] if len(y) == 1 else y
    m.reset_metrics()
    return m.train_on_batch(fed(m, inputs, rows), y, return_dict=True)["loss"]


def summary(m, **kwargs):
    text = []
    m.summary(print_fn=lambda s, **_: text.append(s), **kwargs)
    return "".join(text)


def one(name, make_model):
    keras.backend.clear_session()
    keras.utils.set_random_seed(7)
    m = make_model()
    rng = np.random.default_rng(11)
    for w in m.weights if make_model is not adapted else m.trainable_weights:
        w.assign(abs(grid(rng, w.shape)) / 2 + 0.5 if "variance" in w.name else grid(rng, w.shape) / 2)
    inputs, targets = data(m, rng)
    compiled = getattr(m, "optimizer", None) is not None
    write(f"fixtures/functional/{name}.config.json", m.to_json())
    for s in range(TRAINED if compiled else 0):
        step(m, inputs, targets, s)
    path = FOLDER / f"{name}.keras"
    m.save(path)
    write(f"fixtures/functional/{name}.summary.txt", summary(m))
    os.environ["COLUMNS"] = "130"
    write(f"fixtures/functional/{name}.expanded.txt", summary(m, expand_nested=True, show_trainable=True, line_length=120))
    os.environ["COLUMNS"] = "80"
    loaded = keras.models.load_model(path)
    probe = slice(0, 8)
    entry = {"trained_steps": TRAINED if compiled else 0, "params": m.count_params(), "inputs": {k: v[probe] for k, v in inputs.items()},
             "input_names": [name_of(x) for x in m.inputs], "output_names": getattr(m, "output_names", []),
             "weights": [[w.path, w.numpy()] for w in m.weights],
             "trainable": [w.path for w in m.trainable_weights],
             "layers": [layer.name for layer in m.layers],
             "predictions": flat(loaded.predict(fed(m, inputs, probe), verbose=0))}
    if compiled:
        losses = [step(loaded, inputs, targets, s) for s in range(TRAINED, TRAINED + NEXT)]
        used = slice(TRAINED * BATCH, ROWS)
        entry["next"] = {"batch_size": BATCH, "inputs": {k: v[used] for k, v in inputs.items()}, "targets": [t[used] for t in targets],
                         "losses": np.array(losses, "float32"), "predictions_after": flat(loaded.predict(fed(m, inputs, probe), verbose=0))}
    write(f"fixtures/functional/{name}.json", entry)


CASES = [shared, nested, frozen, sequential_nested, arithmetic, two, named, sequence, wrapped, spectral, masked, adapted]


def make(only=None):
    FOLDER.mkdir(exist_ok=True)
    for case in CASES:
        if only in (None, case.__name__):
            one(case.__name__, case)
