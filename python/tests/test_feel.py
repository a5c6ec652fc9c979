"""What a newcomer meets: Ctrl-C, notebooks, tracebacks, help(), names that are not there."""
import contextlib
import io
import os
import pathlib
import pydoc
import re
import subprocess
import sys
import traceback

import numpy as np
import pytest

import cornu
from cornu import keras
from cornu.keras import layers

INTERRUPTED = '''
import sys
import numpy as np
from cornu import keras

model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
model.compile(keras.optimizers.SGD(1e-4), "mse")
x, y = np.ones((64, 4), "float32"), np.ones((64, 1), "float32")
before = model.get_weights()[0]

class Tell(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        if epoch == 3:
            print("ready", flush=True)

try:
    model.fit(x, y, epochs=100_000_000, verbose=0, callbacks=[Tell()])
finally:
    print("changed", not np.array_equal(before, model.get_weights()[0]), "loss", np.isfinite(model.evaluate(x, y, verbose=0)), flush=True)
'''


def test_ctrl_c_in_a_terminal_ends_fit_with_a_keyboard_interrupt_and_keeps_the_weights(tmp_path):
    import pty

    (tmp_path / "script.py").write_text(INTERRUPTED)
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(sys.executable, [sys.executable, str(tmp_path / "script.py")], os.environ)
    written, pressed = "", False
    with contextlib.suppress(OSError):  # the program has ended
        while chunk := os.read(terminal, 1 << 16):
            written += chunk.decode()
            if "ready" in written and not pressed:
                os.write(terminal, b"\x03")
                pressed = True
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    assert "changed True loss True" in written and written.rstrip().endswith("KeyboardInterrupt"), written
    assert re.search(r'script\.py", line \d+, in <module>', written)
    assert os.waitstatus_to_exitcode(status) == -2  # what a shell shows as 130


def test_sigint_ends_a_script_likewise(tmp_path):
    import signal

    (tmp_path / "script.py").write_text(INTERRUPTED)
    with subprocess.Popen([sys.executable, tmp_path / "script.py"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
        assert program.stdout.readline() == "ready\n"
        program.send_signal(signal.SIGINT)
        out, err = program.communicate(timeout=60)
    assert "changed True loss True" in out and err.rstrip().endswith("KeyboardInterrupt")


class OutStream(io.StringIO):
    """What sys.stdout is in a notebook."""


OutStream.__module__ = "ipykernel.iostream"


def small():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


def test_a_notebook_shows_the_bar_on_one_line_and_a_file_one_line_for_each_epoch():
    x, y = np.ones((320, 4), "float32"), np.ones((320, 1), "float32")
    with contextlib.redirect_stdout(OutStream()) as notebook:
        small().fit(x, y, epochs=2)
    shown = notebook.getvalue()
    assert shown.startswith("Epoch 1/2\n") and shown.count("\n") == 4 and "━" in shown and "10/10" in shown
    # Each redrawing goes back over the one before: nothing is left of a longer line.
    for line in shown.split("\n"):
        if "/step" in line:
            assert "\x08" in line or "\r" in line
    with contextlib.redirect_stdout(io.StringIO()) as file:
        small().fit(x, y, epochs=2)
    assert re.fullmatch(r"(Epoch \d/2\n10/10 - \d+s - \S+/step - loss: \d\.\d{4}\n){2}", file.getvalue()), file.getvalue()


def frames(error):
    return traceback.extract_tb(error.value.__traceback__)


def test_a_traceback_has_the_user_s_line_and_few_of_the_package_s_after_it():
    model = small()
    with pytest.raises(ValueError) as error:
        model.fit(np.ones((8, 3)), np.ones((8, 1)), verbose=0)  # this line
    names = [f.filename for f in frames(error)]
    last_own = max(i for i, name in enumerate(names) if name == __file__)
    assert frames(error)[last_own].line.startswith("model.fit(") and len(names) - last_own <= 3, names

    class Broken(layers.Layer):
        def call(self, inputs):
            return keras.ops.matmul(inputs, keras.ops.ones((7, 2)))  # and this one

    with pytest.raises(ValueError) as error:
        Broken()(keras.Input((3,)))
    lines = [f.line for f in frames(error) if f.filename == __file__]
    assert any("keras.ops.matmul" in line for line in lines), lines


def test_help_says_what_a_layer_does_and_takes():
    text = pydoc.plain(pydoc.render_doc(layers.Dense))
    assert "Dense(units, activation='linear', use_bias=True" in text and "activation(x kernel + bias)" in text
    for thing in (layers.Conv2D, keras.Model.fit, keras.optimizers.Adam, keras.losses.Huber, keras.callbacks.EarlyStopping, keras.activations.gelu, keras.ops.softmax):
        assert pydoc.render_doc(thing)


def test_unknown_options_are_errors_of_the_class_that_keras_raises():
    with pytest.raises(ValueError, match="did you mean 'activation'"):
        layers.Dense(10, actvation="relu")
    with pytest.raises(ValueError, match="did you mean 'learning_rate'"):
        keras.optimizers.Adam(learning_rat=0.1)
    for make, near in ((lambda: keras.losses.Huber(delt=1.0), "delta"), (lambda: keras.metrics.AUC(num_threshold=3), "num_thresholds"),
                       (lambda: keras.initializers.HeNormal(sed=1), "seed"), (lambda: keras.regularizers.L2(l3=1), "l2"),
                       (lambda: keras.constraints.MaxNorm(max_valu=1), "max_value"), (lambda: keras.optimizers.schedules.CosineDecay(0.1, 10, alpa=1), "alpha"),
                       (lambda: keras.callbacks.EarlyStopping(patienc=1), "patience")):
        with pytest.raises(TypeError, match=near):
            make()


@pytest.mark.parametrize("module, name, near", [
    ("", "Sequentiel", "Sequential"), ("layers", "Dens", "Dense"), ("losses", "MeanSquareError", "MeanSquaredError"), ("metrics", "BinaryAcuracy", "BinaryAccuracy"),
    ("optimizers", "Adm", "Adam"), ("optimizers.schedules", "ExponentialDecy", "ExponentialDecay"), ("callbacks", "EarlyStoping", "EarlyStopping"),
    ("initializers", "GlorotUnifrom", "GlorotUniform"), ("regularizers", "L1_L2", "L1L2"), ("constraints", "NonNegative", "NonNeg"), ("activations", "softmx", "softmax"),
    ("utils", "to_categorial", "to_categorical"), ("models", "load_modell", "load_model"), ("ops", "matmull", "matmul"), ("random", "uniforn", "uniform"),
    ("config", "set_flotx", "set_floatx"), ("saving", "load_modl", "load_model"), ("datasets", "fashion_mnst", "fashion_mnist"), ("backend", "clear_sesion", "clear_session"),
])
def test_a_name_that_is_not_there_says_which_is_near(module, name, near):
    place = keras
    for part in module.split(".") if module else []:
        place = getattr(place, part)
    with pytest.raises(AttributeError, match=rf"cornu has no keras\.{module + '.' if module else ''}{name}.*{near}"):
        getattr(place, name)


def test_importing_takes_nothing_that_it_need_not(tmp_path):
    script = "import sys, cornu; print(*sorted(m for m in sys.modules))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=os.environ | {"PYTHONPATH": str(pathlib.Path(cornu.__file__).parent.parent)})
    loaded = set(run.stdout.split())
    for heavy in ("numpy", "cornu.keras.ops", "cornu.data", "cornu._tf", "cornu.keras.saving", "cornu.keras.callbacks", "json", "asyncio", "multiprocessing", "typing"):
        assert heavy not in loaded, f"{heavy} is loaded by `import cornu`"
