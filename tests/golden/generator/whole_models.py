"""Five whole models: a .keras file before training, and what 50 steps on fixed batches make of it.

TensorFlow hands an optimizer the gradient of an Embedding as a list of rows, one for each occurrence of a token, and Keras squares
them one by one: a token that occurs twice in a batch gets another second moment than on other backends, which add its rows first.
Here they are added first. ../other_backend.py runs the models on such a backend, with nothing changed, and says how far it is off.

Batches are computed from their index by a rule that tests/train/whole_models_test.cpp repeats: nothing but losses is stored.
"""
import keras
import numpy as np

from .common import GOLDEN, write

L = keras.layers
STEPS, BATCH, CYCLE = 50, 16, 5  # the batches repeat after CYCLE of them


def hashed(count, salt):
    """0..255, by the multiplicative hash of the index."""
    i = np.arange(count, dtype=np.uint64) + np.uint64(1_000_003 * salt)
    return ((i * np.uint64(2654435761)) % np.uint64(2**32)) >> np.uint64(24)


def numbers(shape):
    return (hashed(int(np.prod(shape)), 1).astype("float32") / np.float32(128) - np.float32(1)).reshape(shape)


def tokens(samples, length, vocabulary):
    """1..vocabulary-1, then zeros from a length on that differs from sample to sample."""
    t = (1 + hashed(samples * length, 2) % np.uint64(vocabulary - 1)).astype("int32").reshape(samples, length)
    t[np.arange(length)[None, :] >= (3 + np.arange(samples) % (length - 2))[:, None]] = 0
    return t


def labels(samples, classes):
    return (hashed(samples, 3) % np.uint64(classes)).astype("int32")


def cnn():
    return keras.Sequential([L.Input((8, 8, 1)), L.Conv2D(4, 3, padding="same", activation="relu"), L.BatchNormalization(), L.MaxPooling2D(),
                             L.Conv2D(6, 3, use_bias=False), L.BatchNormalization(momentum=0.9), L.Activation("relu"), L.Flatten(),
                             L.Dense(10, activation="softmax")], name="cnn"), "adam", numbers, (8, 8, 1), 10


def residual():
    x = keras.Input((8, 8, 2))
    y = L.Conv2D(4, 3, strides=2, padding="same")(x)
    for _ in range(2):
        z = L.Activation("relu")(L.BatchNormalization()(L.Conv2D(4, 3, padding="same", use_bias=False)(y)))
        z = L.BatchNormalization()(L.Conv2D(4, 3, padding="same", use_bias=False)(z))
        y = L.Activation("relu")(L.Add()([y, z]))
    y = L.Dense(5, activation="softmax")(L.GlobalAveragePooling2D()(y))
    return keras.Model(x, y, name="residual"), keras.optimizers.SGD(0.05, momentum=0.9, nesterov=True), numbers, (8, 8, 2), 5


def lstm():
    return keras.Sequential([L.Input((10,), dtype="int32"), L.Embedding(20, 6, mask_zero=True), L.LSTM(8, return_sequences=True), L.LSTM(6),
                             L.Dense(1, activation="sigmoid")], name="lstm"), keras.optimizers.RMSprop(0.01), tokens, (10, 20), 2


def bidirectional_gru():
    return keras.Sequential([L.Input((7, 3)), L.Bidirectional(L.GRU(6, return_sequences=True)),
                             L.Bidirectional(L.GRU(5, reset_after=False), merge_mode="sum"), L.Dense(3, activation="softmax")],
                            name="bidirectional_gru"), keras.optimizers.Adam(0.01, clipnorm=1.0), numbers, (7, 3), 3


def transformer():
    x = keras.Input((10,), dtype="int32")
    y = L.Embedding(20, 12)(x)
    y = L.LayerNormalization(epsilon=1e-6)(L.Add()([y, L.MultiHeadAttention(2, 6)(y, y, use_causal_mask=True)]))
    z = L.Dense(12)(L.Dense(24, activation="gelu")(y))
    y = L.LayerNormalization()(L.Add()([y, z]))
    y = L.Dense(4, activation="softmax")(L.GlobalAveragePooling1D()(y))
    return keras.Model(x, y, name="transformer"), keras.optimizers.AdamW(0.003, weight_decay=0.01), tokens, (10, 20), 4


def with_dense_gradients(optimizer):
    import tensorflow as tf

    apply = optimizer.apply
    optimizer.apply = lambda grads, variables=None: apply([tf.convert_to_tensor(g) for g in grads], variables)
    return optimizer


def losses(make):
    keras.backend.clear_session()
    keras.utils.set_random_seed(5)
    model, optimizer, data, shape, classes = make()
    samples = CYCLE * BATCH
    x = data((samples, *shape)) if data is numbers else data(samples, *shape)
    y = labels(samples, classes)
    model.compile(optimizer=optimizer, loss="binary_crossentropy" if classes == 2 else "sparse_categorical_crossentropy", metrics=["accuracy"])
    if keras.config.floatx() == "float32":
        (GOLDEN / "whole_models").mkdir(exist_ok=True)
        model.save(GOLDEN / "whole_models" / f"{model.name}.keras")
        weights[model.name] = model.get_weights()
    else:
        model.set_weights(weights[model.name])
    with_dense_gradients(model.optimizer)
    found = []
    for step in range(STEPS):
        rows = slice(step % CYCLE * BATCH, (step % CYCLE + 1) * BATCH)
        model.reset_metrics()  # Keras goes on counting
        found.append(float(model.train_on_batch(x[rows], y[rows], return_dict=True)["loss"]))
    after = model.evaluate(x, y, batch_size=BATCH, verbose=0, return_dict=True)
    return model, found, after


weights = {}


def make():
    for build in (cnn, residual, lstm, bidirectional_gru, transformer):
        model, found, after = losses(build)
        keras.config.set_floatx("float64")
        keras.config.set_dtype_policy("float64")
        exact = losses(build)[1]
        keras.config.set_floatx("float32")
        keras.config.set_dtype_policy("float32")
        error = max(abs(a / b - 1) for a, b in zip(found, exact))
        print(f"  {model.name}: {found[0]:.4f} -> {found[-1]:.4f}, Keras's own error {error:.1e}")
        assert error < 2e-5, "another seed: rounding in Keras itself leads away"
        write(f"whole_models/{model.name}.json", {"losses": np.float64(found), "evaluate": after})
