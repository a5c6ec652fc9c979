"""A model of mixed_bfloat16 whose last layer is float32, as most scripts write it: the file, what it predicts, the next losses."""
import keras
import numpy as np

from .common import GOLDEN, small_data, write

L = keras.layers
BATCH, TRAINED, NEXT = 4, 3, 20


def make():
    (GOLDEN / "fixtures" / "policies").mkdir(exist_ok=True)
    keras.backend.clear_session()
    keras.utils.set_random_seed(3)
    keras.config.set_dtype_policy("mixed_bfloat16")
    m = keras.Sequential([keras.Input((8,)), L.Dense(16, "tanh", name="wide"), L.Reshape((4, 4)), L.LSTM(6, name="steps"),
                          L.Dense(3, "softmax", dtype="float32", name="head")])
    m.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
    x, y = small_data(BATCH * (TRAINED + NEXT))

    def step(m, s):
        part = slice(s * BATCH, (s + 1) * BATCH)
        m.reset_metrics()
        return m.train_on_batch(x[part], y[part])

    for s in range(TRAINED):
        step(m, s)
    m.save(GOLDEN / "fixtures" / "policies" / "mixed_head.keras")
    loaded = keras.models.load_model(GOLDEN / "fixtures" / "policies" / "mixed_head.keras")
    entry = {"x": x[:8], "predictions": loaded.predict(x[:8], verbose=0)}
    used = slice(TRAINED * BATCH, None)
    entry["next"] = {"batch_size": BATCH, "x": x[used], "y": y[used], "losses": np.array([step(loaded, s) for s in range(TRAINED, TRAINED + NEXT)], "float32")}
    keras.config.set_dtype_policy("float32")
    write("fixtures/policies/mixed_head.json", entry)
