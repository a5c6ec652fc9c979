"""Writes cornu/keras/_orders.py: the order of Keras's constructors' arguments where that is not the order of C++'s fields (which is the one
of configs), and how many of them must be given. Run in two steps:
    python keras_orders.py cornu orders.json        with cornu's Python
    python keras_orders.py keras orders.json        with Keras's"""
import inspect
import json
import pathlib
import sys

MODULES = ("layers", "losses", "metrics", "optimizers", "initializers", "regularizers", "constraints", "schedules")
TARGET = pathlib.Path(__file__).resolve().parent.parent / "cornu" / "keras" / "_orders.py"


def module_of(keras, name):
    return keras.optimizers.schedules if name == "schedules" else getattr(keras, name)


def cornus(path):
    from cornu import _cornu, keras

    listed = {m: getattr(_cornu, m.rstrip("s").replace("losse", "loss") + "_classes")() for m in MODULES}
    orders = {m: {entry[0]: list(entry[1]) for entry in entries} for m, entries in listed.items()}
    text = keras.layers
    for cls in (text.TextVectorization, text.StringLookup):
        orders["layers"][cls.__name__] = list(_cornu.text_options()[0 if cls is text.TextVectorization else 1])
    pathlib.Path(path).write_text(json.dumps(orders))


def parameters(cls):
    for name, p in inspect.signature(cls.__init__).parameters.items():
        if name != "self" and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD):
            yield name, p.default is p.empty


def kerass(path):
    import keras

    ours = json.loads(pathlib.Path(path).read_text())
    orders, required = {}, {}
    for module in MODULES:
        for name, options in sorted(ours[module].items()):
            cls = getattr(module_of(keras, module), name, None)
            if cls is None:
                continue
            theirs = list(parameters(cls))
            known = [n in options or n == "name" for n, _ in theirs]
            last = max((i for i, k in enumerate(known) if k), default=-1)
            order = [n for n, _ in theirs[: last + 1]]
            if order != options[: len(order)]:
                orders[module, name] = order
            must = [needed for _, needed in theirs]
            count = must.index(False) if False in must else len(must)
            if count:
                required[module, name] = count
    lines = ['"""Where Keras\'s constructors take their options in another order than its configs have them, and how many must be given. Written by',
             'scripts/keras_orders.py."""', "", "_ORDERS = {"]
    lines += [f'    ("{m}", "{n}"): "{" ".join(order)}",' for (m, n), order in orders.items()]
    lines += ["}", "ORDERS = {key: names.split() for key, names in _ORDERS.items()}", "REQUIRED = {"]
    lines += [f'    ("{m}", "{n}"): {count},' for (m, n), count in required.items()]
    TARGET.write_text("\n".join(lines + ["}"]) + "\n")


if __name__ == "__main__":
    {"cornu": cornus, "keras": kerass}[sys.argv[1]](sys.argv[2])
