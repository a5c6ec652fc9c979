"""pickle and copy.deepcopy: a model by its .keras file, a layer by its config and weights."""
import os
import tempfile


def reduce_layer(layer):
    if getattr(layer, "_model", None) is None:
        return _layer_from, (type(layer), layer.get_config(), [(w.path, w.numpy(), w.transposed) for w in layer._handle.weights()])
    if not layer.built:
        return _unbuilt_model, (type(layer), layer.get_config())
    if layer._call_is_own():
        return _own_model, (type(layer), layer.get_config(), layer.get_weights(), layer._model.input_shapes())
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.keras")
        layer._model.save(path)
        with open(path, "rb") as file:
            return _model_from, (file.read(), _classes_in(layer))


def _classes_in(model):
    """Classes of one's own among the layers, which a file names and pickle knows."""
    found = {}
    for layer in model.layers:
        if getattr(layer, "_model", None) is not None:
            found |= _classes_in(layer)
        elif type(layer)._class_name is None or layer._written:
            found[type(layer).__name__] = type(layer)
    return found


def _model_from(content, classes):
    from cornu.keras import saving

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.keras")
        with open(path, "wb") as file:
            file.write(content)
        return saving.load_model(path, custom_objects=classes)


def _unbuilt_model(cls, config):
    return cls.from_config(config)


def _own_model(cls, config, weights, shapes):
    model = cls.from_config(config)
    import numpy as np

    zeros = [np.zeros([1 if n is None else n for n in shape], np.float32) for shape in shapes]
    model.predict_on_batch(zeros[0] if len(zeros) == 1 else zeros)
    model.set_weights(weights)
    return model


def _layer_from(cls, config, weights):
    layer = cls.from_config(config)
    for path, value, transposed in weights:
        layer._handle.give_weight(path, value, transposed)
    return layer
