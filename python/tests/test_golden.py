"""NumPy in, NumPy out: Keras's own numbers (tests/golden, see its README) through the package. The C++ tests hold gradients, masks and
configs to them as well; here it is the way through Python that is tested: descriptions, arrays, weights, calls, models."""
import functools
import json
import pathlib

import numpy as np
import pytest

from cornu import keras
from cornu.keras import layers

GOLDEN = pathlib.Path(__file__).resolve().parents[2] / "tests" / "golden"


@functools.cache
def golden(name):
    return json.loads((GOLDEN / name).read_text())


def near(found, expected, tolerance):
    """The largest difference, as a share of the largest number, where it exceeds the tolerance."""
    found, expected = np.asarray(found), np.asarray(expected, "float64")
    if found.shape != expected.shape:
        return f"shape {found.shape}, in Keras {expected.shape}"
    found = found.astype("float64")
    scale = max(1e-3, np.max(np.abs(expected[np.isfinite(expected)]), initial=0))
    same = (found == expected) | (np.isnan(found) & np.isnan(expected))
    with np.errstate(invalid="ignore"):
        apart = np.where(same, 0, np.abs(found - expected)) / scale
    worst = np.max(apart, initial=0)
    return None if worst < tolerance else f"{worst:.2g} apart"


# ---- layers

FAMILIES = sorted(path.stem for path in (GOLDEN / "layers").glob("*.json"))
CLASSES = [(family, name) for family in FAMILIES for name in sorted({c["class_name"] for c in golden(f"layers/{family}.json")["cases"]})]
ONE_BY_ONE = {"MultiHeadAttention", "GroupQueryAttention"}  # call(query, value, key=None)


def array(value, dtype):
    return np.asarray(value, "float32" if dtype.startswith("float") else dtype)


def call_value(value):
    value = np.asarray(value)
    return value if value.dtype == bool else value.astype("float32")


def tensor(value, mask):
    x = keras.ops.convert_to_tensor(value)
    if mask is not None:
        x._keras_mask = keras.ops.convert_to_tensor(np.asarray(mask, bool))
    return x


def made(case, inputs):
    """The layer that Keras described, with Keras's weights."""
    layer = layers.deserialize(case["serialized"])
    called(layer, case, inputs)
    given = [np.asarray(w["value"], "float32").reshape(w["shape"]) for w in case["weights"]]
    if given:
        layer.set_weights(given)
    return layer


def called(layer, case, inputs):
    keywords = {name: [call_value(v) for v in values] for name, values in case["call_values"].items()}
    keywords = {name: values[0] if len(values) == 1 and name != "initial_state" else values for name, values in keywords.items()} | case["call_options"]
    tensors = [tensor(x, mask) for x, mask in zip(inputs, case["masks"])]
    outputs = layer(*tensors, training=case["training"], **keywords) if type(layer).__name__ in ONE_BY_ONE else layer(tensors[0] if len(tensors) == 1 else tensors, training=case["training"], **keywords)
    return outputs if isinstance(outputs, (list, tuple)) else [outputs]


def as_a_model(layer, case, inputs):
    """The outputs of a model that is this layer, by predict, or None where no model says the same: masks, training, values by keyword."""
    if case["call_values"] or case["call_options"] or case["training"] or any(case["masks"]) or any(x.ndim == 0 for x in inputs) or len({len(x) for x in inputs}) > 1:
        return None
    fixed = (case["serialized"]["config"].get("noise_shape") or [None])[0]  # a shape that holds the number of samples
    if fixed:
        return None
    symbols = [keras.Input(x.shape[1:], dtype=str(x.dtype)) for x in inputs]
    outputs = layer(*symbols) if type(layer).__name__ in ONE_BY_ONE else layer(symbols[0] if len(symbols) == 1 else symbols)
    predicted = keras.Model(symbols, outputs).predict(inputs[0] if len(inputs) == 1 else inputs, batch_size=len(inputs[0]), verbose=0)
    return predicted if isinstance(predicted, list) else [predicted]


@pytest.mark.parametrize("family, name", CLASSES, ids=[f"{family}-{name}" for family, name in CLASSES])
def test_layer(family, name):
    wrong = []
    for i, case in enumerate(golden(f"layers/{family}.json")["cases"]):
        if case["class_name"] != name:
            continue
        where = f"case {i} {case['about']} {case['serialized']['config']}"
        inputs = [array(x, dtype) for x, dtype in zip(case["inputs"], case["dtypes"])]
        layer = made(case, inputs)
        outputs = called(layer, case, inputs)
        expected = [np.asarray(y).reshape(shape) for y, shape in zip(case["outputs"], case["output_shapes"])]
        found = [near(a, b, 1e-5) for a, b in zip(outputs, expected, strict=True)]
        penalties = sum(float(loss) for loss in layer.losses)
        if abs(penalties - sum(case["losses"])) > 1e-5 * max(1, abs(penalties)):
            found.append(f"losses {penalties}, in Keras {sum(case['losses'])}")
        if case["training"]:
            now = dict(zip([w["path"] for w in case["weights"]], layer.get_weights()))
            found += [near(now[path].reshape(np.shape(value)), value, 1e-5) for path, value in case["updated"].items()]
        predicted = as_a_model(layer, case, inputs)
        if predicted is not None:
            found += [near(a, b, 1e-5) for a, b in zip(predicted, expected, strict=True)]
            found += [f"predict gives a {type(a)}" for a in predicted if type(a) is not np.ndarray]
        wrong += [f"{where}: {f}" for f in found if f]
    assert not wrong, "\n".join(wrong)


# ---- losses, metrics, activations

LOSSES = sorted({c["class_name"] for c in golden("losses.json")["cases"]})
WITH_CLASS_NUMBERS = ("Sparse", "CategoricalGeneralized", "Circle", "CTC")


@pytest.mark.parametrize("name", LOSSES)
def test_loss(name):
    wrong = []
    cls = getattr(keras.losses, name)
    for case in golden("losses.json")["cases"]:
        if case["class_name"] != name:
            continue
        y_true = np.asarray(case["y_true"], "int64" if name.startswith(WITH_CLASS_NUMBERS) else "float32")
        y_pred = np.asarray(case["y_pred"], "float32")
        weight = None if case["sample_weight"] is None else np.asarray(case["sample_weight"], "float32")
        want, arguments = case["float32"], case["arguments"]
        for key, expected in want.items():
            if key.startswith("gradient"):
                continue
            reduction = "none" if key == "per_sample" else key.removesuffix("_masked").removesuffix("_weighted")
            loss = cls(**arguments | {"reduction": reduction})
            found = loss(y_true, tensor(y_pred, case["mask"] if "masked" in key else None), sample_weight=weight if "weighted" in key else None)
            apart = near(found, expected, 2e-5 if name == "Circle" else 1e-5)
            if apart:
                wrong.append(f"{arguments} {key} of {case['y_pred_is']}: {apart}")
    assert not wrong, "\n".join(wrong)


METRICS = sorted({c["class_name"] for c in golden("metrics.json")["cases"]})


@pytest.mark.parametrize("name", METRICS)
def test_metric(name):
    wrong, all = [], golden("metrics.json")
    weights = np.asarray(all["sample_weight"], "float32")
    for case in all["cases"]:
        if case["class_name"] != name:
            continue
        y_true, y_pred = np.asarray(case["y_true"], "float32"), np.asarray(case["y_pred"], "float32")
        for key in ("results", "results_weighted"):
            if case.get(key) is None:
                continue
            metric = getattr(keras.metrics, name)(**case["arguments"])
            for part, expected in zip((slice(0, 5), slice(5, 12)), case[key]):
                metric.update_state(y_true[part], y_pred[part], sample_weight=weights[part] if key.endswith("weighted") else None)
                apart = near(metric.result(), expected, 1e-5)
                if apart:
                    wrong.append(f"{case['arguments']} {key}: {apart}")
    assert not wrong, "\n".join(wrong)


def test_means_and_sums():
    all = golden("metrics.json")
    weights = np.asarray(all["sample_weight"], "float32")
    for case in all["of_values"]:
        for key, weight in (("results", None), ("results_weighted", weights)):
            metric = getattr(keras.metrics, case["class_name"])()
            for part, expected in zip((slice(0, 5), slice(5, 12)), case[key]):
                metric.update_state(np.asarray(case["values"], "float32")[part], sample_weight=None if weight is None else weight[part])
                assert near(metric.result(), expected, 1e-6) is None


def test_activations():
    all, wrong = golden("activations.json"), []
    x = np.asarray(all["x"], "float32")
    for case in all["pointwise"] + all["rows"]:
        if case["name"] == "sparsemax":  # Keras's rows do not all sum to 1: see tests/nn_golden/activations_test.cpp
            continue
        given = np.asarray(case.get("x", x), "float32")
        found = np.asarray(getattr(keras.activations, case["name"])(given, **case["arguments"]))
        expected = np.asarray(case["y"])
        # Each number by itself: exp(80) is beside exp(-100).
        if not np.allclose(found, expected, rtol=2e-6, atol=5e-6 if case["name"] == "squareplus" else 2e-7):  # x + sqrt(x^2 + b)
            wrong.append(f"{case['name']} {case['arguments']}: {np.max(np.abs(found - expected))}")
    assert not wrong, "\n".join(wrong)


# ---- optimizers and schedules

@pytest.mark.parametrize("name", sorted(golden("optimizers.json")["cases"]))
def test_optimizer(name):
    all = golden("optimizers.json")
    case = all["cases"][name]
    x, y = np.asarray(all["x"], "float32"), np.asarray(all["y"])
    model = keras.Sequential([keras.Input((8,)), layers.Dense(6, "tanh"), layers.Dense(3, "softmax")])
    model.set_weights([np.asarray(w, "float32") for w in all["initial_weights"].values()])
    optimizer = keras.optimizers.deserialize({"module": "keras.optimizers", "class_name": case["class_name"], "config": case["config"], "registered_name": None})
    if name.endswith("_exclude"):
        optimizer.exclude_from_weight_decay(var_names=["bi.s"])
    model.compile(optimizer, "sparse_categorical_crossentropy")
    losses = []
    for step in range(20):
        model.reset_metrics()
        losses.append(model.train_on_batch(x[4 * step : 4 * step + 4], y[4 * step : 4 * step + 4]))
    np.testing.assert_allclose(losses, case["losses"], rtol=10 * case["loss_difference"] + 1e-5)
    noise = 10 * case["weight_difference"] + 1e-6
    for found, expected in zip(model.get_weights(), case["weights"].values(), strict=True):
        np.testing.assert_allclose(found, expected, atol=noise * max(1, np.max(np.abs(expected))))


def test_schedules():
    all = golden("schedules.json")
    for case in all["cases"]:
        schedule = keras.optimizers.schedules.deserialize(case["config"])
        np.testing.assert_allclose([float(schedule(step)) for step in all["steps"]], case["values"], rtol=2e-6, atol=1e-12)


# ---- regularizers, constraints, initializers: as objects

def test_fixed_initializers():
    for case in golden("initializers.json")["fixed"]:
        found = getattr(keras.initializers, case["class_name"])(**case["arguments"])(tuple(case["shape"]))
        np.testing.assert_allclose(np.asarray(found), case["values"], rtol=1e-6)


def pattern(rows, columns):
    r, c = np.mgrid[0:rows, 0:columns]
    return ((37 * r + 11 * c) % 256).astype("float32") / np.float32(255)


FILES = sorted(path.with_suffix(".keras") for folder in ("fixtures", "fixtures/functional") for path in (GOLDEN / folder).glob("*.json")
               if path.with_suffix(".keras").exists() and path.stem != "own_layers")


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_a_model_that_keras_saved_predicts_and_trains_on_as_in_keras(file):
    said = json.loads(file.with_suffix(".json").read_text())
    model = keras.models.load_model(file)
    if "inputs" in said:
        x = {name: np.asarray(value, "float32") for name, value in said["inputs"].items()}
        x = x[model.input_names[0]] if len(x) == 1 else x
    else:
        x = pattern(*said["x"]["pattern"]) if isinstance(said["x"], dict) else np.asarray(said["x"], "float32")
    predicted = model.predict(x, verbose=0)
    several = "inputs" in said and len(said["output_names"]) > 1
    predicted = list(predicted.values()) if isinstance(predicted, dict) else predicted if several else [predicted]
    expected = said["predictions"] if "inputs" in said else [said["predictions"]]
    assert not [apart for a, b in zip(predicted, expected, strict=True) if (apart := near(a, b, 1e-5))]
    more = said.get("next")
    if not more or "images" in more:
        return
    y = [np.asarray(t) for t in more["targets"]] if "targets" in more else [np.asarray(more["y"])]
    given = {name: np.asarray(value, "float32") for name, value in more["inputs"].items()} if "inputs" in more else {"x": np.asarray(more["x"], "float32")}
    losses = []
    for step in range(len(more["losses"])):
        rows = slice(step * more["batch_size"], (step + 1) * more["batch_size"])
        batch = {name: value[rows] for name, value in given.items()}
        batch = next(iter(batch.values())) if len(batch) == 1 else batch
        model.reset_metrics()
        result = model.train_on_batch(batch, y[0][rows] if len(y) == 1 else [t[rows] for t in y], return_dict=True)
        losses.append(result["loss"])
    np.testing.assert_allclose(losses, more["losses"], rtol=1e-4)
