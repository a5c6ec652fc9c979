"""The script that cornu was made for, word for word but for its import, and what it prints."""
import os
import pathlib
import pty
import re
import subprocess
import sys

import pytest

SCRIPT = '''
import cornu as tf

(x_train, y_train), (x_test, y_test) = tf.keras.datasets.fashion_mnist.load_data()
x_train, x_test = x_train.reshape(-1, 784) / 255.0, x_test.reshape(-1, 784) / 255.0

model = tf.keras.models.Sequential([
    tf.keras.layers.Dense(10, activation='relu', input_shape=(784,)),
    tf.keras.layers.Dense(10, activation='relu'),
    tf.keras.layers.Dense(10, activation='softmax')
])
model.compile(optimizer='adam', loss='sparse_categorical_crossentropy', metrics=['accuracy'])
model.fit(x_train, y_train, epochs=10)

loss, accuracy = model.evaluate(x_test, y_test)
predictions = model.predict(x_test)
model.save("fashion.keras")
again = tf.keras.models.load_model("fashion.keras")

import numpy as np
print("shape", predictions.shape, predictions.dtype, "sum", np.round(predictions.sum(axis=1)[:3], 4).tolist())
print("accuracy", accuracy, "again", again.evaluate(x_test, y_test, verbose=0)[1], "equal", np.array_equal(predictions, again.predict(x_test, verbose=0)))
'''
CONSOLE = pathlib.Path(__file__).resolve().parents[2] / "tests" / "golden" / "console"


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    run = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, cwd=tmp_path_factory.mktemp("mission"), env=os.environ | {"COLUMNS": "80"})
    if "dataset-fashion-mnist" in run.stderr:
        pytest.skip("the images are not installed")
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_every_epoch_is_printed_as_keras_prints_it(printed):
    for epoch in range(1, 11):
        assert f"Epoch {epoch}/10\n" in printed
    lines = re.findall(r"^1875/1875 - \d+s - \S+/step - accuracy: 0\.\d{4} - loss: \d\.\d{4}$", printed, re.M)
    assert len(lines) == 10, printed
    assert len(re.findall(r"^313/313 - \d+s - \S+/step - accuracy: 0\.\d{4} - loss: \d\.\d{4}$", printed, re.M)) == 1


def in_form(line):
    """A line with # for each number."""
    return re.sub(r"\d+(\.\d+)?", "#", re.sub(r"\d+(us|ms|s)/step", "#/step", line))


def on_a_terminal(command, folder):
    """What a program writes to a terminal of 80 columns."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.execve(command[0], command, os.environ | {"COLUMNS": "80", "TERM": "xterm-256color"})
    written = b""
    try:
        while chunk := os.read(terminal, 1 << 16):
            written += chunk
    except OSError:  # the program has ended
        pass
    os.waitpid(pid, 0)
    os.close(terminal)
    return written.decode()


def test_on_a_terminal_each_epoch_ends_in_the_line_that_keras_draws(tmp_path):
    script = SCRIPT.replace("epochs=10", "epochs=2").replace("import numpy as np", "raise SystemExit")
    written = on_a_terminal([sys.executable, "-c", script], tmp_path)
    if "dataset-fashion-mnist" in written:
        pytest.skip("the images are not installed")
    keras = (CONSOLE / "fit_verbose1.txt").read_text()
    last = [re.split(r"[\r\x08]+", line)[-1].split(" - val_")[0] for line in keras.split("\n") if "/step" in line]  # of an epoch: what is left standing
    last = [line for line in last if line]
    ours = [re.split(r"[\r\x08]+", line)[-1] for line in written.replace("\r\n", "\n").split("\n") if "/step" in line and "1875" in line]
    assert len(ours) == 2 and {in_form(line) for line in ours} == {in_form(line) for line in last}, (ours, last)
    assert "Epoch 1/2\r\n" in written and "Epoch 2/2\r\n" in written


def test_piped_lines_are_those_of_keras_s_verbose_2(printed):
    keras = (CONSOLE / "fit_verbose2.txt").read_text().splitlines()
    forms = {in_form(line.split(" - val_")[0]) for line in keras}
    ours = [line for line in printed.splitlines() if line.startswith(("Epoch", "1875/1875"))]
    assert len(ours) == 20 and {in_form(line) for line in ours} == forms


def test_it_learns_and_a_loaded_model_predicts_the_same(printed):
    accuracy, again, equal = re.search(r"accuracy (\S+) again (\S+) equal (\S+)", printed).groups()
    assert float(accuracy) > 0.8 and accuracy == again and equal == "True"
    assert "shape (10000, 10) float32 sum [1.0, 1.0, 1.0]" in printed


def test_the_readme_s_script_runs():
    import pathlib

    readme = pathlib.Path(__file__).resolve().parents[2] / "README.md"
    script = re.search(r"```python\n(.*?)```", readme.read_text(), re.S).group(1)
    run = subprocess.run([sys.executable, "-c", script.replace("epochs=10", "epochs=1")], capture_output=True, text=True)
    if "dataset-fashion-mnist" in run.stderr:
        pytest.skip("the images are not installed")
    assert run.returncode == 0 and "val_accuracy" in run.stdout, run.stderr
