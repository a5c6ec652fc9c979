"""Writes keras_names.txt: the public names of the Keras that is installed, one a line, names only.

    KERAS_BACKEND=tensorflow python keras_names.py

Modules are walked through their __init__ files; of a few classes the public methods are listed too.
"""
import inspect
import pathlib
import pkgutil

import keras

METHODS_OF = ("Layer", "Model", "Sequential", "losses.Loss", "metrics.Metric", "optimizers.Optimizer", "callbacks.Callback",
              "initializers.Initializer", "utils.PyDataset", "random.SeedGenerator", "KerasTensor")


def modules(package, prefix):
    """(dotted name, module) of a package and the public ones in it."""
    yield prefix, package
    for info in pkgutil.iter_modules(package.__path__):
        if not info.name.startswith("_") and info.name != "src":
            module = __import__(f"{package.__name__}.{info.name}", fromlist=["x"])
            if hasattr(module, "__path__"):
                yield from modules(module, f"{prefix}.{info.name}")


def main():
    names = set()
    for prefix, module in modules(keras, "keras"):
        for name, value in vars(module).items():
            if not name.startswith("_") and not inspect.ismodule(value):
                names.add(f"{prefix}.{name}")
    for name in METHODS_OF:
        cls = keras
        for part in name.split("."):
            cls = getattr(cls, part)
        names.update(f"keras.{name}.{method}" for method in dir(cls) if not method.startswith("_"))
    # keras._tf_keras is what tf.keras has beside: the legacy preprocessing.
    from keras._tf_keras.keras import preprocessing
    for part in ("image", "sequence", "text"):
        names.update(f"keras.preprocessing.{part}.{n}" for n, v in vars(getattr(preprocessing, part)).items() if not n.startswith("_") and not inspect.ismodule(v))
    text = f"# Public names of Keras {keras.__version__}, by keras_names.py\n" + "".join(f"{n}\n" for n in sorted(names))
    pathlib.Path(__file__).with_suffix(".txt").write_text(text)
    print(len(names), "names")


if __name__ == "__main__":
    main()
