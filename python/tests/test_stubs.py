"""The type stubs are those of the package as it is, and a type checker is content with a typical program."""
import pathlib
import subprocess
import sys

import pytest

SCRIPTS = pathlib.Path(__file__).resolve().parent.parent / "scripts"
sys.path.insert(0, str(SCRIPTS))
import stubs  # noqa: E402

PROGRAM = '''
import numpy as np
import cornu as tf
from cornu import keras
from cornu.keras import layers
from cornu.keras.callbacks import EarlyStopping
from cornu.keras.utils import to_categorical

x = np.zeros((10, 4), "float32")
y = to_categorical(np.zeros(10), 3)
inputs = keras.Input((4,))
h = layers.Dense(8, activation="relu", name="h")(inputs)
model = keras.Model(inputs, layers.Dense(3, activation="softmax")(h))
model.compile(optimizer=keras.optimizers.Adam(learning_rate=1e-3), loss="categorical_crossentropy", metrics=["accuracy"])
history = model.fit(x, y, epochs=2, batch_size=4, validation_split=0.2, callbacks=[EarlyStopping(patience=1)], verbose=0)
print(history.history["loss"], model.predict(x).shape, model.count_params() + 1)
other = keras.Sequential([keras.Input((4,)), layers.Dropout(0.5), layers.Flatten()])
other.summary()
data = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(10).batch(2)
z = keras.ops.matmul(x, x.T)


class Mine(layers.Layer):
    def build(self, input_shape):
        self.w = self.add_weight(shape=(4, 2), name="w")

    def call(self, inputs):
        return keras.ops.matmul(inputs, self.w)
'''


def mypy(tmp_path, text, *options):
    pytest.importorskip("mypy")
    (tmp_path / "program.py").write_text(text)
    return subprocess.run([sys.executable, "-m", "mypy", "--cache-dir", str(tmp_path / "cache"), *options, "program.py"], cwd=tmp_path,
                          env={"MYPYPATH": str(stubs.ROOT), "PATH": ""}, capture_output=True, text=True)


def test_stubs_are_up_to_date():
    stale = [str(path.relative_to(stubs.ROOT)) for path, text in stubs.stubs().items() if not path.exists() or path.read_text() != text]
    assert not stale, "run python/scripts/stubs.py"


def test_a_typical_program_is_clean_under_mypy(tmp_path):
    run = mypy(tmp_path, PROGRAM)
    assert run.returncode == 0, run.stdout + run.stderr


def test_mistakes_are_found(tmp_path):
    run = mypy(tmp_path, PROGRAM + "\nmodel.fitt(x, y)\nlayers.Dense(8, unit=3)\nlayers.Dens(8)\n")
    assert run.returncode == 1 and run.stdout.count("error:") == 3, run.stdout
