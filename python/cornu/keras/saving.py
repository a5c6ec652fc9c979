"""keras.saving: models and their parts to files and back."""
from cornu import _cornu


def load_model(filepath, custom_objects=None, compile=True, safe_mode=True):
    from cornu.keras.models import adopted

    return adopted(_cornu.load_model(str(filepath)))


def save_model(model, filepath, overwrite=True, **kwargs):
    model.save(filepath, overwrite=overwrite, **kwargs)
