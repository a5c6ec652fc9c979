"""Writes docs/keras-parity.md: which of Keras's public names (keras_names.txt) cornu has, has partly, or has not, and why.

    PYTHONPATH=<build>/python python parity.py [--check]

A name is there if cornu.keras resolves it. What is only partly there is said in PARTLY, what is missing on purpose in MISSING; for
other missing names cornu's own AttributeError is quoted. --check: writes nothing, exits 1 if the file is not up to date.
"""
import importlib
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
TARGET = HERE.parent.parent / "docs" / "keras-parity.md"

# Regular expressions on the name without "keras.": the first that matches says why.
MISSING = {
    r"applications\b": "pretrained weights are downloads; build the network of layers, or load a .keras file",
    r"(quantizers|Quantizer|dtype_policies\..*Quant|dtype_policies\.(GPTQ|AWQ|Int4))|quantize": "no quantization yet",
    r"distribution\b|device\b": "one computer's processor",
    r"distillation\b": "write the loss in train_step",
    r"visualization\b": "Matplotlib draws arrays",
    r"export\b|.*\.export$": "no export to other formats yet; .keras files are read by Keras",
    r"(layers\.)?(TFSMLayer|FlaxLayer|JaxLayer|TorchModuleWrapper)": "no other framework inside a model",
    r"utils\.(bounding_boxes|FeatureSpace)|layers\.MaxNumBoundingBoxes": "cornu.keras.utils says what instead",
    r"(Stateless|Symbolic|Remat)Scope|remat|.*\.stateless_|.*get_state_tree|.*set_state_tree|.*stateless_call": "JAX's style; state lives in the model",
    r"callbacks\.(OrbaxCheckpoint|RemoteMonitor)": "ModelCheckpoint and LambdaCallback",
    r"preprocessing\.image\.": "layers RandomFlip, RandomRotation, RandomZoom and utils.image_dataset_from_directory",
    r"optimizers\.legacy": "Keras itself refuses them",
    r".*\.(from_config_with_hook|symbolic_call|path|quantize|dtype_policy|get_quantization_layer_structure)$": "internal to Keras",
}
# Names that are there and do less than Keras's.
PARTLY = {
    r"utils\.get_file$": "returns what lies in ~/.keras; downloads nothing",
    r"utils\.audio_dataset_from_directory$": "refused by name: no sound files",
    r"utils\.(PyDataset|Sequence)$": "threads, not processes, make batches",
    r"utils\.(model_to_dot)$": "returns Graphviz text of its own, not pydot's object",
    r"datasets\.(?!fashion_mnist).*load_data$": "from files in ~/.keras/datasets, no downloads",
}


def resolved(name):
    """None if cornu has keras.X, else why not."""
    parts = name.split(".")
    place = importlib.import_module("cornu.keras")
    for i, part in enumerate(parts[1:], 1):
        try:
            place = getattr(place, part)
        except AttributeError as error:
            try:
                place = importlib.import_module("cornu." + ".".join(parts[:i + 1]))
            except ImportError:
                return str(error)
    return None


def why(table, name):
    return next((text for pattern, text in table.items() if re.match(pattern, name)), None)


def entries():
    """[(module, name, "yes" | "partly" | "no", why)] of all of Keras's names."""
    for line in (HERE / "keras_names.txt").read_text().splitlines():
        if line.startswith("#"):
            continue
        module, _, short = line.rpartition(".")
        inner = line.removeprefix("keras.")
        error = resolved(line)
        if error is None:
            partly = why(PARTLY, inner)
            yield module, short, "partly" if partly else "yes", partly or ""
        else:
            said = error.split(": ", 1)[1] if error.startswith("cornu has no") and ": " in error else ""
            yield module, short, "no", why(MISSING, inner) or said or "not yet"


def document():
    rows = list(entries())
    modules = {}
    for module, *rest in rows:
        modules.setdefault(module, []).append(rest)
    count = {status: sum(r[2] == status for r in rows) for status in ("yes", "partly", "no")}
    version = (HERE / "keras_names.txt").read_text().split("Keras ", 1)[1].split(",", 1)[0]
    lines = ["# Keras's public names in cornu", "",
             f"Made by `python/scripts/parity.py`, which looks up every public name of Keras {version} in `cornu.keras`; a test keeps it true.",
             f"Of {len(rows)} names (many have several: `keras.ops.relu` is `keras.ops.nn.relu`) cornu has {count['yes']}, partly {count['partly']}, not {count['no']}.", "",
             "| module | yes | partly | no |", "|---|---|---|---|"]
    for module, names in modules.items():
        lines.append(f"| `{module}` | " + " | ".join(str(sum(n[1] == s for n in names)) for s in ("yes", "partly", "no")) + " |")
    for module, names in modules.items():
        lines += ["", f"## {module}", ""]
        there = [f"`{name}`" for name, status, _ in names if status == "yes"]
        if there:
            lines += wrapped("**Yes**: " + ", ".join(there) + ".")
        for status in ("partly", "no"):
            reasons = {}
            for name, state, reason in names:
                if state == status:
                    reasons.setdefault(reason, []).append(f"`{name}`")
            for reason, which in reasons.items():
                lines += ["", *wrapped(f"**{status.capitalize()}**, {reason}: " + ", ".join(which) + ".")]
    return "\n".join(lines) + "\n"


def wrapped(text, width=130):
    lines, line = [], ""
    for word in text.split(" "):
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line]


def main():
    text = document()
    if "--check" in sys.argv:
        if TARGET.read_text() != text:
            sys.exit(f"{TARGET} is not up to date: run {pathlib.Path(__file__).name}")
    else:
        TARGET.write_text(text)
        print(text.splitlines()[3])


if __name__ == "__main__":
    main()
