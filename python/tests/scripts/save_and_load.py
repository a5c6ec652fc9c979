"""Save during and after training, and load again: weights, whole models, architecture."""
import tensorflow as tf
from tensorflow import keras

import json
import os
import tempfile

import numpy as np

rng = np.random.default_rng(11)
x = rng.normal(size=(256, 8)).astype("float32")
y = (x.sum(axis=1) > 0).astype("int32")


def create_model():
    model = tf.keras.Sequential([
        keras.Input(shape=(8,)),
        keras.layers.Dense(16, activation="relu"),
        keras.layers.Dropout(0.2),
        keras.layers.Dense(2),
    ])
    model.compile(optimizer="adam", loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    return model


folder = tempfile.mkdtemp()
keras.utils.set_random_seed(1)
model = create_model()
checkpoint = os.path.join(folder, "cp-{epoch:02d}.weights.h5")
model.fit(x, y, epochs=3, verbose=0,
          callbacks=[keras.callbacks.ModelCheckpoint(filepath=checkpoint, save_weights_only=True, verbose=0)])
files = sorted(os.listdir(folder))

fresh = create_model()
fresh.load_weights(os.path.join(folder, "cp-03.weights.h5"))
path = os.path.join(folder, "model.keras")
model.save(path)
loaded = keras.models.load_model(path)
twin = keras.models.model_from_json(model.to_json())
twin.set_weights(model.get_weights())
copy = keras.models.clone_model(model)

expected = model.predict(x, verbose=0)
before = model.evaluate(x, y, verbose=0)
after = loaded.evaluate(x, y, verbose=0)
loaded.fit(x, y, epochs=1, verbose=0)  # the optimizer came along
print(json.dumps({
    "files": files,
    "weights": bool(np.allclose(fresh.predict(x, verbose=0), expected)),
    "model": bool(np.allclose(after, before, atol=1e-6)),
    "json": bool(np.allclose(twin.predict(x, verbose=0), expected)),
    "clone_differs": not np.allclose(copy.get_weights()[0], model.get_weights()[0]),
    "iterations": int(loaded.optimizer.iterations),
    "names": [layer.__class__.__name__ for layer in loaded.layers],
}))
