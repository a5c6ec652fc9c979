"""Every byte that fit, evaluate, predict and the callbacks print, under a clock that this file moves.

Keras's progress bar asks time.time(); here it is a counter that grows by a fixed step for each batch, so that the recorded bytes
are exact: nothing is masked. On Linux Keras prints the same bytes to a terminal and to a file.
"""
import contextlib
import io
import json
import os
import pathlib
import tempfile

import keras
import numpy as np
from keras.src.utils import progbar

from .common import GOLDEN, small_data, small_weights, write

L, O, C = keras.layers, keras.optimizers, keras.callbacks


class Clock:
    """Stands in for the module `time` inside Keras's progress bar."""

    now = 1000.0

    def time(self):
        return self.now


CLOCK = progbar.time = Clock()


class Tick(C.Callback):
    """Moves the clock before the progress bar looks at it: user callbacks come first."""

    def __init__(self, train, test=0.0):
        super().__init__()
        self.train, self.test = train, test

    def on_train_batch_end(self, batch, logs=None):
        CLOCK.now += self.train

    def on_test_batch_end(self, batch, logs=None):
        CLOCK.now += self.test

    on_predict_batch_end = on_test_batch_end


def model(rate=0.01, optimizer=None):
    keras.backend.clear_session()
    m = keras.Sequential([keras.Input((8,)), L.Dense(6, "tanh"), L.Dense(3, "softmax")])
    m.set_weights(small_weights())
    m.compile(optimizer or O.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return m


X, Y = small_data()
TRAIN, TEST = (X[:60], Y[:60]), (X[60:], Y[60:])
FIT = {"optimizer": "Adam(0.01)", "batch_size": 4, "shuffle": False, "train": "samples 0..59", "validation": "samples 60..79"}


def fit(m, train, test=0.0, callbacks=(), **kwargs):
    """fit with FIT's settings; the clock moves by `train` seconds a training batch and `test` a validation batch."""
    given = {"batch_size": 4, "shuffle": False, "validation_data": TEST, "callbacks": [Tick(train, test), *callbacks], **kwargs}
    return m.fit(*TRAIN, **given)


def fit_run(train, test=0.0, rate=0.01, callbacks=lambda: (), optimizer=None, **kwargs):
    return lambda: fit(model(rate, optimizer() if optimizer else None), train, test, callbacks(), **kwargs)


def predict_run():
    model().predict(TRAIN[0], batch_size=4, callbacks=[Tick(0, 0.02)])


def unknown_run():
    def batches():
        for i in range(0, 60, 4):
            yield X[i:i + 4], Y[i:i + 4]
    return model().fit(batches(), epochs=1, callbacks=[Tick(0.02)])


def nan_run():
    x = X[:60].copy()
    x[20, 3] = np.nan
    return model().fit(x, Y[:60], batch_size=4, shuffle=False, epochs=3, callbacks=[Tick(0.03), C.TerminateOnNaN()])


def csv_run():
    """The file itself is the record."""
    with contextlib.redirect_stdout(io.StringIO()):
        history = fit(model(), 0.01, 0.01, [C.CSVLogger("log.csv")], epochs=3)
    print(pathlib.Path("log.csv").read_text(), end="")
    return history


def csv_append_run():
    with contextlib.redirect_stdout(io.StringIO()):
        m = model()
        fit(m, 0.01, 0.01, [C.CSVLogger("log.csv", separator=";")], epochs=2)
        history = fit(m, 0.01, 0.01, [C.CSVLogger("log.csv", separator=";", append=True)], epochs=4, initial_epoch=2)
    print(pathlib.Path("log.csv").read_text(), end="")
    return history


def early(**kwargs):
    return lambda: [C.EarlyStopping(verbose=1, **kwargs)]


def checkpoint(path, **kwargs):
    return lambda: [C.ModelCheckpoint(path, verbose=1, **kwargs)]


RUNS = {  # name -> (what it is, the run)
    "fit_verbose1": ("fit, 2 epochs, verbose=1; 0.02 s a training batch, 0.01 s a validation batch", fit_run(0.02, 0.01, epochs=2, verbose=1)),
    "fit_verbose2": ("the same with verbose=2", fit_run(0.02, 0.01, epochs=2, verbose=2)),
    "fit_one_epoch": ("1 epoch, no validation: no Epoch line; 0.1 s a batch", fit_run(0.1, epochs=1, validation_data=None)),
    "fit_slow": ("1 epoch, 7.5 s a batch: the remaining time as m:ss", fit_run(7.5, epochs=1, validation_data=None)),
    "fit_very_slow": ("1 epoch, 400 s a batch: h:mm:ss", fit_run(400.0, epochs=1, validation_data=None)),
    "fit_fast": ("2 epochs, 0.0002 s a batch: us/step, only the first and the last update are drawn", fit_run(0.0002, epochs=2)),
    "fit_last_batch_short": ("batch_size=16: 4 steps, the last of 12 samples; 0.05 s a batch", fit_run(0.05, epochs=1, batch_size=16)),
    "fit_batch_larger_than_set": ("batch_size=1000: 1 step", fit_run(0.05, epochs=1, batch_size=1000)),
    "fit_initial_epoch": ("epochs=4, initial_epoch=2, verbose=2", fit_run(0.02, 0.01, epochs=4, initial_epoch=2, verbose=2)),
    "fit_validation_split": ("validation_split=0.25 of samples 0..59, verbose=2", fit_run(0.02, 0.01, epochs=2, validation_split=0.25, validation_data=None, verbose=2)),
    "fit_unknown_length": ("a Python generator of 15 batches: the target is unknown; 0.02 s a batch", unknown_run),
    "evaluate_verbose1": ("evaluate on samples 0..59, batch_size=4; 0.02 s a batch", lambda: {"returned": model().evaluate(*TRAIN, batch_size=4, callbacks=[Tick(0, 0.02)])}),
    "evaluate_verbose2": ("the same with verbose=2", lambda: {"returned": model().evaluate(*TRAIN, batch_size=4, verbose=2, callbacks=[Tick(0, 0.02)])}),
    "predict_verbose1": ("predict on samples 0..59, batch_size=4; 0.02 s a batch", predict_run),
    "early_stopping": ("EarlyStopping(patience=2, verbose=1), SGD(2.0), 12 epochs, verbose=2; 0.01 s a batch", fit_run(
        0.01, epochs=12, verbose=2, optimizer=lambda: O.SGD(2.0), callbacks=early(patience=2))),
    "early_stopping_restore": ("the same with restore_best_weights=True", fit_run(
        0.01, epochs=12, verbose=2, optimizer=lambda: O.SGD(2.0), callbacks=early(patience=2, restore_best_weights=True))),
    "early_stopping_not_triggered": ("EarlyStopping(patience=5, restore_best_weights=True), 3 epochs, verbose=1, Adam(0.01)", fit_run(
        0.01, epochs=3, callbacks=early(patience=5, restore_best_weights=True))),
    "checkpoint_every_epoch": ("ModelCheckpoint('m_{epoch:02d}.keras', verbose=1), 2 epochs, verbose=2", fit_run(
        0.02, epochs=2, verbose=2, callbacks=checkpoint("m_{epoch:02d}.keras"))),
    "checkpoint_best": ("ModelCheckpoint('best.keras', save_best_only=True, verbose=1), SGD(2.0), 6 epochs, verbose=2", fit_run(
        0.02, epochs=6, verbose=2, optimizer=lambda: O.SGD(2.0), callbacks=checkpoint("best.keras", save_best_only=True))),
    "checkpoint_best_verbose1": ("the same under verbose=1, 3 epochs", fit_run(
        0.02, epochs=3, verbose=1, optimizer=lambda: O.SGD(2.0), callbacks=checkpoint("best.keras", save_best_only=True))),
    "checkpoint_accuracy": ("ModelCheckpoint('best.weights.h5', monitor='val_accuracy', save_weights_only=True, save_best_only=True), 4 epochs, verbose=2", fit_run(
        0.02, epochs=4, verbose=2, callbacks=checkpoint("best.weights.h5", monitor="val_accuracy", save_weights_only=True, save_best_only=True))),
    "reduce_lr": ("ReduceLROnPlateau(patience=1, factor=0.5, verbose=1), SGD(2.0), 6 epochs, verbose=2", fit_run(
        0.02, epochs=6, verbose=2, optimizer=lambda: O.SGD(2.0), callbacks=lambda: [C.ReduceLROnPlateau(patience=1, factor=0.5, verbose=1)])),
    "learning_rate_scheduler": ("LearningRateScheduler(0.01 / (epoch + 1), verbose=1), 3 epochs, verbose=2", fit_run(
        0.02, epochs=3, verbose=2, callbacks=lambda: [C.LearningRateScheduler(lambda epoch, lr: 0.01 / (epoch + 1), verbose=1)])),
    "terminate_on_nan": ("TerminateOnNaN; sample 20 holds a NaN, so batch 5 of samples 0..59 ends training; no validation; 0.03 s a batch", nan_run),
    "csv_logger": ("the file of CSVLogger after 3 epochs", csv_run),
    "csv_logger_append": ("separator ';', 2 epochs, then append=True for epochs 3 and 4", csv_append_run),
}


def progress_bar():
    """Calls of Progbar.update and the bytes of each: the bar alone, without a model."""
    scenarios = [
        ("3 steps", {"target": 3}, [(0.1, 1, {"loss": 2.5}), (0.1, 2, {"loss": 1.25}), (0.1, 3, {"loss": 1.0, "val_loss": 2.0})]),
        ("12 steps drawn every 0.05 s", {"target": 12}, [(0.02, i, {"loss": 1 / i}) for i in range(1, 13)]),
        ("small and negative values", {"target": 2}, [(1.0, 1, {"a": 0.0005, "b": -3.0, "c": 0.001}), (1.0, 2, {"a": 0.0, "b": -0.0001, "c": 12345.678})]),
        ("the line gets shorter", {"target": 1000}, [(100.0, 1, {"loss": 1e30}), (0.1, 500, {"loss": 1.0}), (0.1, 999, {"loss": 1.0}), (0.1, 1000, {"loss": 1.0})]),
        ("hours", {"target": 20000}, [(1.5, 1, {}), (1.5, 2, {}), (3000.0, 3, {})]),
        ("unknown target", {"target": None}, [(0.5, 1, {"loss": 1.0}), (0.5, 2, {"loss": 1.0})]),
        ("microseconds", {"target": 1875}, [(0.00001, 1, {}), (0.05, 900, {"accuracy": 0.5}), (0.05, 1875, {"accuracy": 0.75})]),
        ("verbose 2", {"target": 4, "verbose": 2}, [(0.25, i, {"loss": -0.5 * i, "accuracy": 0.25}) for i in range(1, 5)]),
    ]
    out = []
    for about, arguments, calls in scenarios:
        CLOCK.now = 1000.0
        names = sorted({k for _, _, values in calls for k in values})
        bar = progbar.Progbar(stateful_metrics=names, **arguments)
        record = []
        for advance, current, values in calls:
            CLOCK.now += advance
            with contextlib.redirect_stdout(io.StringIO()) as text:
                bar.update(current, list(values.items()))
            record.append({"advance_seconds": advance, "current": current, "values": values, "text": text.getvalue()})
        out.append({"about": about, "arguments": arguments, "updates": record})
    return out


class Terminal(io.StringIO):
    """A stream that says it is a terminal, for rich."""

    def isatty(self):
        return True


def summaries():
    """summary() of the seed's model, built and unbuilt, and in colour as a 256-colour terminal gets it."""
    keras.backend.clear_session()
    unbuilt = keras.Sequential([L.Dense(10, "relu"), L.Dropout(0.2), L.Dense(10, "softmax")])
    yield "summary_unbuilt", "summary of a model without an input shape", text_of(unbuilt)
    keras.backend.clear_session()
    long = keras.Sequential([keras.Input((12, 12)), L.Flatten(name="a_name_so_long_that_it_does_not_fit_into_its_column"),
                             L.Dense(1000, name="a name with several words in it that wraps"), L.Dense(1)], name="wide")
    long.layers[1].trainable = False
    yield "summary_long_names", "long names are cut or wrapped; one layer is frozen", text_of(long)
    yield "summary_trainable", "the same with show_trainable=True", text_of(long, show_trainable=True)
    yield "summary_line_length_60", "the same with line_length=60", text_of(long, line_length=60)
    os.environ.update(TERM="xterm-256color", COLORTERM="")
    with contextlib.redirect_stdout(Terminal()) as out:
        model().summary()
    yield "summary_terminal", "the 8-6-3 model on a terminal with 256 colours, 80 columns (escape codes)", out.getvalue()


def text_of(m, **kwargs):
    text = []
    m.summary(print_fn=lambda s, **_: text.append(s), **kwargs)
    return "".join(text)


def make():
    runs, lines = {}, []
    here = os.getcwd()
    for name, (about, run) in RUNS.items():
        CLOCK.now = 1000.0
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()) as out:
            os.chdir(folder)
            result = run()
            os.chdir(here)
        write(f"console/{name}.txt", out.getvalue())
        entry = {"about": about}
        if isinstance(result, dict):
            entry.update(result)
        elif result is not None:
            entry.update(history=result.history, epoch=result.epoch, params=result.params)
        runs[name] = entry
        lines.append(f"- `{name}.txt`: {about}.")
    for name, about, text in summaries():
        write(f"console/{name}.txt", text)
        lines.append(f"- `{name}.txt`: {about}.")
    write("console/runs.json", {"about": "what each run was given and returned", "model": "Dense(6, tanh), Dense(3, softmax) on 8 inputs",
                                "settings unless said": FIT, "x": X, "y": Y, "initial_weights": small_weights(), "runs": runs})
    write("console/progress_bar.json", {"about": "Progbar.update calls (all metrics stateful) and the exact text of each; the clock moves by "
                                        "advance_seconds before the call", "scenarios": progress_bar()})
    write("console/README.md", "# What Keras prints, byte for byte\n\nRecorded by generator/console.py with the clock of the progress bar under "
          "control, so times are exact.\nUnless said: Adam(0.01), batch_size=4, no shuffling, samples 0..59 of runs.json to train, 60..79 to "
          "validate.\nThe .txt files hold backspaces, carriage returns and escape codes; runs.json holds data, settings and results, "
          "progress_bar.json single calls.\n\n" + "\n".join(lines) + "\n")
