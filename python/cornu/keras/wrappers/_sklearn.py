"""Models as scikit-learn's estimators: for pipelines, grid searches, cross-validation."""
import copy

import numpy as np

try:
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, TransformerMixin
    from sklearn.utils.multiclass import type_of_target
    from sklearn.utils.validation import check_is_fitted, validate_data
except ImportError as error:
    raise ImportError("keras.wrappers needs scikit-learn 1.6 or later: pip install scikit-learn") from error


class _Estimator(BaseEstimator):
    """`model`: a compiled Model, which is cloned before each fit, or a function `model(X=..., y=..., **model_kwargs)` that returns one.
    `warm_start`: go on with the model of the last fit. `fit_kwargs`: options of Model.fit; those given to fit itself go first.

    Once fitted: `model_`, `history_` (what Model.fit returned)."""

    def __init__(self, model, warm_start=False, model_kwargs=None, fit_kwargs=None):
        self.model = model
        self.warm_start = warm_start
        self.model_kwargs = model_kwargs
        self.fit_kwargs = fit_kwargs

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.non_deterministic = True
        return tags

    def __sklearn_clone__(self):
        model = self.model if _is_factory(self.model) else copy.deepcopy(self.model)
        return type(self)(model=model, warm_start=self.warm_start, model_kwargs=copy.deepcopy(self.model_kwargs),
                          fit_kwargs=copy.deepcopy(self.fit_kwargs))

    def fit(self, X, y, **kwargs):
        """Trains a fresh model (or the last one, see warm_start); `kwargs` are options of Model.fit."""
        X, y = validate_data(self, X, y)
        target = self._encode(y)
        if self.warm_start and hasattr(self, "model_"):
            model = self.model_
        elif _is_factory(self.model):
            model = self.model(X=X, y=target, **(self.model_kwargs or {}))
        else:
            model = _clone(self.model)
        if not getattr(model, "compiled", False):
            raise RuntimeError(f"{type(self).__name__}: the model is not compiled; call compile() with a loss and an optimizer")
        self.history_ = model.fit(X, target, **{"verbose": 0, **(self.fit_kwargs or {}), **kwargs})
        self.model_ = model
        return self

    def predict(self, X):
        """What the model says of each row of X, in the form of y."""
        return self._decode(self._outputs(X))

    def _outputs(self, X):
        check_is_fitted(self)
        X = validate_data(self, X, reset=False)
        return self.model_.predict(X, verbose=0)

    def _encode(self, y):
        if type_of_target(y) == "unknown":
            raise ValueError(f"Unknown label type for data: {y!r}")
        self._target_ndim = y.ndim
        return y.reshape(-1, 1) if y.ndim == 1 else y

    def _decode(self, outputs):
        return outputs[:, 0] if self._target_ndim == 1 and outputs.ndim == 2 and outputs.shape[1] == 1 else outputs


def _is_factory(model):
    from cornu.keras.models import Model

    return callable(model) and not isinstance(model, Model)


def _clone(model):
    """A model of the same layers with weights of its own, compiled as the first."""
    from cornu.keras.models import clone_model

    made = clone_model(model)
    if getattr(model, "compiled", False):
        made.compile_from_config(model.get_compile_config())
    return made


class SKLearnClassifier(ClassifierMixin, _Estimator):
    """A classifier: the model has an output for each class and learns one-hot rows ("categorical_crossentropy"). `classes_` are the
    labels."""

    def decision_function(self, X):
        """The model's outputs."""
        return self._outputs(X)

    def _encode(self, y):
        kind = type_of_target(y)
        if kind == "unknown":
            raise ValueError(f"Unknown label type for data: {y!r}")
        if kind not in ("binary", "multiclass"):
            raise ValueError(f"Only binary and multiclass target types are supported. Target type: {kind}")
        self.classes_, numbers = np.unique(y, return_inverse=True)
        if len(self.classes_) == 1:
            raise ValueError("Classifier can't train when only one class is present.")
        self._target_ndim = y.ndim
        return np.eye(len(self.classes_))[numbers.ravel()]

    def _decode(self, outputs):
        labels = self.classes_[outputs.argmax(axis=1)]
        return labels if self._target_ndim == 1 else labels[:, None]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.poor_score = True
        return tags


class SKLearnRegressor(RegressorMixin, _Estimator):
    """A regressor: the model's outputs are what y has columns."""

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.regressor_tags.poor_score = True
        return tags


class SKLearnTransformer(TransformerMixin, _Estimator):
    """A step of a pipeline: `transform` gives the model's outputs, an embedding for example."""

    def transform(self, X):
        """The model's outputs for each row of X."""
        return self._outputs(X)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []
        return tags
