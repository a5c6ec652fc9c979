"""keras.wrappers: models as scikit-learn's estimators."""
from cornu.keras.utils._lazy import lazy, table

_WHERE = table(_sklearn="SKLearnClassifier SKLearnRegressor SKLearnTransformer")
__getattr__, __dir__ = lazy(__name__, _WHERE)
__all__ = sorted(_WHERE)
