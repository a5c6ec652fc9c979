"""compile, fit, evaluate, predict and callbacks."""
import os
import signal
import threading
import time

import numpy as np
import pytest

import cornu
from cornu import keras
from cornu.keras import layers

RNG = np.random.default_rng(0)
X = RNG.normal(size=(96, 4)).astype("float32")
Y = (X @ np.array([[1.0], [-2.0], [0.5], [0.0]], "float32") + 0.3).astype("float32")
LABELS = (Y[:, 0] > 0).astype("int64")


def regressor(optimizer="sgd", loss="mse", **kwargs):
    model = keras.Sequential([keras.Input((4,)), layers.Dense(1)])
    model.compile(optimizer, loss, **kwargs)
    return model


def classifier():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(8, "relu"), layers.Dense(2, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def test_history_has_keras_s_keys_epochs_and_params():
    history = classifier().fit(X, LABELS, epochs=3, validation_data=(X[:32], LABELS[:32]), verbose=0)
    assert list(history.history) == ["accuracy", "loss", "val_accuracy", "val_loss"]
    assert all(len(v) == 3 and isinstance(v[0], float) for v in history.history.values())
    assert history.epoch == [0, 1, 2] and history.params == {"verbose": 0, "epochs": 3, "steps": 3}


def test_a_line_of_gradient_descent_is_learned():
    history = regressor(keras.optimizers.SGD(0.1)).fit(X, Y, epochs=30, batch_size=16, verbose=0)
    assert history.history["loss"][-1] < 1e-4 < history.history["loss"][0]


def test_what_fit_prints_goes_to_sys_stdout(capsys):
    model = classifier()
    model.fit(X, LABELS, epochs=2)
    out = capsys.readouterr().out
    assert "Epoch 1/2\n" in out and "Epoch 2/2\n" in out and out.count("3/3 - ") == 2 and "accuracy: " in out
    model.fit(X, LABELS, verbose=0)
    assert capsys.readouterr().out == ""
    model.fit(X, LABELS, verbose=2)
    assert capsys.readouterr().out.startswith("3/3 - ")
    model.predict(X)
    assert capsys.readouterr().out.startswith("3/3 - ")


def test_evaluate_gives_a_number_a_list_or_a_dict():
    assert isinstance(regressor().evaluate(X, Y, verbose=0), float)
    loss, accuracy = classifier().evaluate(X, LABELS, verbose=0)
    assert 0 <= accuracy <= 1 < 10 * loss
    assert list(classifier().evaluate(X, LABELS, verbose=0, return_dict=True)) == ["accuracy", "loss"]


def test_one_batch_at_a_time():
    model = regressor(metrics=["mae"])
    loss, mae = model.train_on_batch(X[:8], Y[:8])
    after, _ = model.test_on_batch(X[:8], Y[:8])
    assert after < loss and mae > 0 and set(model.test_on_batch(X, Y, return_dict=True)) == {"loss", "mae"}
    np.testing.assert_array_equal(model.predict_on_batch(X), model.predict(X, batch_size=96, verbose=0))


def test_the_learning_rate_is_read_and_set():
    model = regressor(keras.optimizers.Adam(1e-2))
    assert float(model.optimizer.learning_rate) == pytest.approx(1e-2)
    model.optimizer.learning_rate = 1e-3
    model.fit(X, Y, verbose=0)
    assert model.optimizer.learning_rate.numpy() == pytest.approx(1e-3) and model.optimizer.iterations == 3
    model.optimizer.learning_rate.assign(0.5)
    assert float(model.optimizer.learning_rate) == pytest.approx(0.5)


def test_a_schedule_is_followed():
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, decay_steps=3, decay_rate=0.5)
    assert float(schedule(3)) == pytest.approx(0.05)
    model = regressor(keras.optimizers.SGD(schedule))
    model.fit(X, Y, verbose=0)
    assert float(model.optimizer.learning_rate) == pytest.approx(0.05)


def test_weights_of_classes_and_samples_change_what_is_learned():
    def loss(**kwargs):
        keras.utils.set_random_seed(1)
        return classifier().fit(X, LABELS, verbose=0, **kwargs).history["loss"][0]

    assert loss(class_weight={0: 1.0, 1: 5.0}) != loss()
    assert loss(sample_weight=np.full(96, 2.0)) == pytest.approx(2 * loss(), rel=0.1)


def test_validation_split_takes_the_last_part():
    model = regressor(keras.optimizers.SGD(0.0))
    history = model.fit(X, Y, validation_split=0.25, verbose=0).history
    assert history["val_loss"][0] == pytest.approx(model.evaluate(X[72:], Y[72:], verbose=0), rel=1e-5)


def test_several_outputs_have_losses_and_metrics_by_name():
    x = keras.Input((4,))
    model = keras.Model(x, {"value": layers.Dense(1, name="value")(x), "sign": layers.Dense(2, "softmax", name="sign")(x)})
    model.compile("adam", loss={"value": "mse", "sign": "sparse_categorical_crossentropy"}, loss_weights={"value": 1.0, "sign": 0.5}, metrics={"sign": ["accuracy"]})
    history = model.fit(X, {"value": Y, "sign": LABELS}, verbose=0).history
    assert {"loss", "value_loss", "sign_loss", "sign_accuracy"} == set(history)


# ---- generators and the like

def batches(n=96, size=32):
    for i in range(0, n, size):
        yield X[i:i + size], Y[i:i + size]


def test_generators_are_data():
    def endless():
        while True:
            yield from batches()

    model = regressor()
    history = model.fit(endless(), steps_per_epoch=3, epochs=2, validation_data=endless(), validation_steps=3, verbose=0)
    assert history.params["steps"] == 3 and len(history.history["val_loss"]) == 2
    assert model.evaluate(batches(), verbose=0) == pytest.approx(model.evaluate(X, Y, verbose=0), rel=1e-5)
    np.testing.assert_array_equal(model.predict(batches(), verbose=0), model.predict(X, verbose=0))


def test_a_pydataset_is_shuffled_and_told_of_epochs():
    class Data(keras.utils.PyDataset):
        ends = 0

        def __len__(self):
            return 3

        def __getitem__(self, i):
            return X[32 * i:32 * i + 32], Y[32 * i:32 * i + 32]

        def on_epoch_end(self):
            self.ends += 1

    data = Data()
    history = regressor().fit(data, epochs=2, verbose=0)
    assert history.params["steps"] == 3 and data.ends >= 1


def test_an_iterable_begins_anew_each_epoch_and_an_error_in_it_comes_through():
    class Loader:
        def __len__(self):
            return 3

        def __iter__(self):
            return batches()

    assert len(regressor().fit(Loader(), epochs=3, verbose=0).epoch) == 3

    def broken():
        yield X[:8], Y[:8]
        raise KeyError("no such file")

    with pytest.raises(KeyError, match="no such file"):
        regressor().fit(broken(), verbose=0)


def test_a_generator_that_calls_the_model_it_feeds_is_refused_rather_than_waited_for():
    model = regressor()

    def asks():
        yield X[:8], model.predict(X[:8], verbose=0)

    with pytest.raises(RuntimeError, match="cannot call the model"):
        model.fit(asks(), verbose=0)


# ---- callbacks

class Recorder(keras.callbacks.Callback):
    def __init__(self):
        self.calls = []

    def on_train_begin(self, logs=None):
        self.calls.append("begin")

    def on_epoch_end(self, epoch, logs=None):
        self.calls.append((epoch, sorted(logs)))

    def on_train_batch_end(self, batch, logs=None):
        self.calls.append(batch)


def test_hooks_are_called_with_numbers_and_logs():
    recorder = Recorder()
    model = regressor()
    model.fit(X, Y, epochs=2, verbose=0, callbacks=[recorder])
    assert recorder.calls == ["begin", 0, 1, 2, (0, ["loss"]), 0, 1, 2, (1, ["loss"])]
    assert recorder.model is model and recorder.params["epochs"] == 2


def test_a_callback_stops_training_and_sets_the_rate():
    class Stop(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self.model.optimizer.learning_rate = 0.01 * (epoch + 1)

        def on_epoch_end(self, epoch, logs=None):
            logs["extra"] = 2.0
            if epoch == 1:
                self.model.stop_training = True

    model = regressor()
    history = model.fit(X, Y, epochs=9, verbose=0, callbacks=[Stop()])
    assert history.epoch == [0, 1] and float(model.optimizer.learning_rate) == pytest.approx(0.02)
    assert history.history["extra"] == [2.0, 2.0]


def test_lambda_callbacks_and_errors_in_hooks():
    seen = []
    keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(epoch))
    regressor().fit(X, Y, epochs=2, verbose=0, callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(epoch))])
    assert seen == [0, 1]

    def fails(epoch, logs):
        raise RuntimeError("in a hook")

    with pytest.raises(RuntimeError, match="in a hook"):
        regressor().fit(X, Y, verbose=0, callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=fails)])
    with pytest.raises(ValueError, match="Callback"):
        regressor().fit(X, Y, verbose=0, callbacks=["stop"])


def test_early_stopping_tells_what_it_found():
    stop = keras.callbacks.EarlyStopping(monitor="loss", patience=1, min_delta=10.0, restore_best_weights=True)
    history = regressor().fit(X, Y, epochs=20, verbose=0, callbacks=[stop])
    assert stop.stopped_epoch == len(history.epoch) - 1 > 0 and stop.best == pytest.approx(history.history["loss"][0]) and stop.patience == 1


def test_a_subclass_of_a_built_in_callback_may_call_it():
    class Loud(keras.callbacks.EarlyStopping):
        said = 0

        def on_epoch_end(self, epoch, logs=None):
            self.said += 1
            super().on_epoch_end(epoch, logs)

    loud = Loud(monitor="loss", patience=0, min_delta=10.0)
    history = regressor().fit(X, Y, epochs=20, verbose=0, callbacks=[loud])
    assert loud.said == len(history.epoch) < 20


def test_files_of_callbacks(tmp_path):
    log, best = tmp_path / "log.csv", tmp_path / "best.keras"
    regressor().fit(X, Y, epochs=2, verbose=0, callbacks=[keras.callbacks.CSVLogger(log), keras.callbacks.ModelCheckpoint(best, monitor="loss", save_best_only=True)])
    assert log.read_text().splitlines()[0] == "epoch,loss,val_loss" and keras.models.load_model(best).count_params() == 5


def test_learning_rate_callbacks():
    model = regressor()
    model.fit(X, Y, epochs=2, verbose=0, callbacks=[keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)])
    assert float(model.optimizer.learning_rate) == pytest.approx(0.0025)
    history = regressor().fit(X, Y, epochs=3, verbose=0, callbacks=[keras.callbacks.ReduceLROnPlateau(monitor="loss", patience=1, min_delta=10.0, factor=0.5)])
    assert history.history["learning_rate"][-1] < history.history["learning_rate"][0]


def test_ctrl_c_finishes_the_step_and_keeps_the_weights():
    model = regressor(keras.optimizers.SGD(1e-4))
    before = model.get_weights()[0]
    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
    begin = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y, epochs=10_000_000, verbose=0)
    assert time.monotonic() - begin < 20
    assert not np.array_equal(before, model.get_weights()[0]) and np.isfinite(model.evaluate(X, Y, verbose=0))


def test_threads_may_predict_and_others_run_meanwhile():
    models = [regressor() for _ in range(2)]
    results = [None, None]

    def work(i):
        results[i] = [models[i].predict(X, verbose=0) for _ in range(20)]

    threads = [threading.Thread(target=work, args=(i,)) for i in range(2)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    for i in range(2):
        for r in results[i]:
            np.testing.assert_array_equal(r, models[i].predict(X, verbose=0))


def test_losses_and_metrics_as_objects_names_and_functions():
    from cornu.keras import losses, metrics

    for loss in ("mse", "MSE", losses.MeanSquaredError(), losses.mean_squared_error, losses.Huber(delta=2.0)):
        assert np.isfinite(regressor(loss=loss).fit(X, Y, verbose=0).history["loss"][0])
    history = regressor(metrics=["mae", metrics.RootMeanSquaredError(), metrics.MeanAbsoluteError(name="mine")]).fit(X, Y, verbose=0).history
    assert set(history) == {"loss", "mae", "root_mean_squared_error", "mine"}


def test_regularizers_constraints_and_initializers_are_objects():
    layer = layers.Dense(1, kernel_regularizer=keras.regularizers.L2(0.1), kernel_constraint=keras.constraints.NonNeg(), kernel_initializer=keras.initializers.Constant(0.5))
    model = keras.Sequential([keras.Input((4,)), layer])
    model.compile("sgd", "mse")
    model.fit(X, Y, verbose=0, epochs=3)
    assert (model.get_weights()[0] >= 0).all()
    assert keras.initializers.get("he_normal").get_config() == {"seed": None}
    assert keras.initializers.HeNormal(seed=1)((2, 3)).shape == (2, 3)
    assert keras.regularizers.l2(0.1).l2 == pytest.approx(0.1)


def test_verbose_is_checked():
    with pytest.raises(cornu.ArgumentError, match="verbose"):
        regressor().fit(X, Y, verbose=7)
