"""Models as scikit-learn's estimators, held to scikit-learn's own checks."""
import numpy as np
import pytest

sklearn = pytest.importorskip("sklearn")
from sklearn.utils.estimator_checks import parametrize_with_checks  # noqa: E402

from cornu import keras  # noqa: E402
from cornu.keras.wrappers import SKLearnClassifier, SKLearnRegressor, SKLearnTransformer  # noqa: E402


def dynamic_model(X, y, loss, layers=(10,), activation=None):
    """A small network whose inputs and outputs fit the data; it begins from the same weights each time, for scikit-learn's checks
    expect that two fits are the same."""
    keras.utils.set_random_seed(1)
    inputs = hidden = keras.Input((X.shape[1],))
    for units in layers:
        hidden = keras.layers.Dense(units, activation="relu")(hidden)
    model = keras.Model(inputs, keras.layers.Dense(y.shape[1] if y.ndim > 1 else 1, activation=activation)(hidden))
    model.compile(loss=loss, optimizer="rmsprop")
    return model


def classifier(**fit_kwargs):
    return SKLearnClassifier(dynamic_model, model_kwargs={"loss": "categorical_crossentropy", "layers": [20, 20], "activation": "softmax"},
                             fit_kwargs=fit_kwargs)


# Three of the eight checks that Keras's own wrapper is excused from, for the same reasons; the others pass.
EXCUSED = {
    "SKLearnClassifier": {
        "check_classifiers_one_label_sample_weights": "a sample of weight 0 still counts as one",
        "check_classifiers_classes": "few samples and few epochs do not find all classes",
        "check_classifiers_train": "the decision function has a column for each class, of two classes too",
    },
}


@parametrize_with_checks(
    [classifier(epochs=5), SKLearnRegressor(dynamic_model, model_kwargs={"loss": "mse"}), SKLearnTransformer(dynamic_model, model_kwargs={"loss": "mse"})],
    expected_failed_checks=lambda estimator: EXCUSED.get(type(estimator).__name__, {}),
)
def test_scikit_learn_checks(estimator, check):
    check(estimator)


def test_a_classifier_learns_and_speaks_in_labels():
    x = np.random.default_rng(0).normal(size=(200, 5))
    y = np.where(x[:, 0] > 0, "yes", "no")
    made = classifier(epochs=30, batch_size=20).fit(x, y)
    assert made.classes_.tolist() == ["no", "yes"] and made.score(x, y) > 0.9 and len(made.history_.epoch) == 30
    assert (made.classes_[made.decision_function(x).argmax(axis=1)] == made.predict(x)).all()


def test_a_compiled_model_is_cloned_for_each_fit():
    x = np.random.default_rng(0).normal(size=(60, 3)).astype("float32")
    y = x.sum(axis=1)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    before = model.get_weights()[0].copy()
    made = SKLearnRegressor(model, fit_kwargs={"epochs": 20}).fit(x, y)
    assert np.array_equal(model.get_weights()[0], before) and made.predict(x).shape == (60,) and made.score(x, y) > 0.5
    with pytest.raises(RuntimeError, match="not compiled"):
        SKLearnRegressor(keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])).fit(x, y)


def test_warm_start_goes_on_with_the_same_model():
    x = np.random.default_rng(0).normal(size=(60, 3)).astype("float32")
    made = SKLearnRegressor(dynamic_model, warm_start=True, model_kwargs={"loss": "mse"}, fit_kwargs={"epochs": 5})
    first = made.fit(x, x[:, 0]).model_
    assert made.fit(x, x[:, 0]).model_ is first


def test_in_a_pipeline_a_grid_search_and_cross_validation():
    from sklearn.model_selection import GridSearchCV, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    x = np.random.default_rng(0).normal(size=(120, 4)) * 10
    y = (x[:, 0] > 0).astype(int)
    assert cross_val_score(make_pipeline(StandardScaler(), classifier(epochs=20, batch_size=10)), x, y, cv=2).min() > 0.7
    search = GridSearchCV(classifier(epochs=2), {"model_kwargs": [{"loss": "categorical_crossentropy", "layers": [n], "activation": "softmax"} for n in (2, 8)]}, cv=2)
    assert search.fit(x / 10, y).best_params_
    hidden = SKLearnTransformer(dynamic_model, model_kwargs={"loss": "mse"})
    assert hidden.fit(x, y).transform(x).shape == (120, 1)
