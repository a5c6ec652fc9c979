"""Pictures of models, by Graphviz. The text for it is made here; the program `dot` draws it."""
import html
import json
import shutil
import subprocess


class Dot:
    """A graph in Graphviz's language: str(dot), dot.write(path), and drawn if `dot` is installed."""

    def __init__(self, text):
        self._text = text

    def __str__(self):
        return self._text

    to_string = __str__

    def write(self, path, format=None):
        """As text (.dot, .gv) or drawn, in a format that dot knows ("png", "svg", "pdf")."""
        kind = (format or str(path).rsplit(".", 1)[-1]).lower()
        if kind in ("dot", "gv", "raw"):
            with open(path, "w", encoding="utf-8") as f:
                f.write(self._text)
            return
        with open(path, "wb") as f:
            f.write(self._drawn(kind))

    def create_svg(self):
        return self._drawn("svg")

    def _repr_svg_(self):
        """What a notebook shows."""
        return self._drawn("svg").decode() if shutil.which("dot") else None

    def _drawn(self, kind):
        if shutil.which("dot") is None:
            raise ImportError("drawing a model needs the program `dot` of Graphviz (on Debian: apt install graphviz); without it, write the "
                              'text: model_to_dot(model).write("model.dot")')
        run = subprocess.run(["dot", f"-T{kind}"], input=self._text.encode(), capture_output=True)
        if run.returncode:
            raise OSError(f"dot -T{kind} failed: {run.stderr.decode(errors='replace').strip()}")
        return run.stdout


def _quoted(text):
    return '"' + str(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _shape(tensor):
    if isinstance(tensor, dict):
        return ", ".join(f"{k}: {_shape(v)}" for k, v in tensor.items())
    if isinstance(tensor, (list, tuple)):
        return ", ".join(_shape(t) for t in tensor)
    return str(tuple(tensor.shape))


def _dtype(tensor):
    tensors = tensor.values() if isinstance(tensor, dict) else tensor if isinstance(tensor, (list, tuple)) else [tensor]
    return ", ".join(str(getattr(t.dtype, "name", t.dtype)) for t in tensors)


def _label(layer, entry, show):
    """An HTML table: the name, then a row for what is to be shown."""
    kind = entry["class_name"]
    title = f"<b>{html.escape(layer.name)}</b> ({html.escape(kind)})" if show["names"] else f"<b>{html.escape(kind)}</b>"
    cells = []
    if show["shapes"]:
        for what in ("input", "output"):
            if kind == "InputLayer" and what == "input":
                continue
            cells.append(f"{what.capitalize()} shape: <b>{html.escape(_attribute(layer, what, _shape))}</b>")
    if show["dtype"]:
        cells.append(f"Output dtype: <b>{html.escape(_attribute(layer, 'output', _dtype))}</b>")
    if show["trainable"] and layer.weights:
        cells.append("<b>Trainable</b>" if layer.trainable else "<b>Non-trainable</b>")
    rows = [f'<tr><td colspan="{max(1, len(cells))}" bgcolor="black"><font point-size="16" color="white">{title}</font></td></tr>']
    activation = entry.get("config", {}).get("activation")
    if show["activations"] and activation:
        shown = activation if isinstance(activation, str) else activation.get("config", activation.get("class_name", "?"))
        rows.append(f'<tr><td colspan="{max(1, len(cells))}">Activation: <b>{html.escape(str(shown))}</b></td></tr>')
    if cells:
        rows.append("<tr>" + "".join(f"<td>{c}</td>" for c in cells) + "</tr>")
    return '<<table border="0" cellborder="1" cellspacing="0" cellpadding="8">' + "".join(rows) + "</table>>"


def _attribute(layer, name, shown):
    try:
        return shown(getattr(layer, name))
    except (AttributeError, ValueError):
        return "?"


def _histories(node):
    """The (name, node, tensor) of all tensors among an inbound node's arguments."""
    if isinstance(node, dict):
        if node.get("class_name") == "__keras_tensor__":
            yield node["config"]["keras_history"]
            return
        node = list(node.values())
    if isinstance(node, list):
        for part in node:
            yield from _histories(part)


def _ends(model, config, prefix, expand):
    """Name of the node that edges into the model enter, by input, and of those that they leave, by output."""
    layers = {entry["config"]["name"]: entry for entry in config["layers"]}

    def end(name, which, at=0):
        inner = layers[name]
        path = f"{prefix}{name}"
        if expand and "layers" in inner.get("config", {}):
            found = _ends(model.get_layer(name), inner["config"], path + "/", expand)[which]
            return found[min(at, len(found) - 1)]
        return path

    if "input_layers" in config:
        inputs, outputs = ([h for h in _tensors(config[key])] for key in ("input_layers", "output_layers"))
        return [end(h[0], 0) for h in inputs], [end(h[0], 1, h[2]) for h in outputs]
    names = [n for n in layers if layers[n]["class_name"] != "InputLayer"]
    return [end(names[0], 0)], [end(names[-1], 1)]


def _tensors(value):
    """[[name, node, tensor], ...] of an input_layers or output_layers entry, which may be one of them, a list or a dict."""
    if isinstance(value, dict):
        value = list(value.values())
    return [value] if value and isinstance(value[0], str) else [h for v in value for h in _tensors(v)]


def _body(model, config, prefix, show, expand):
    """Lines for the layers of a model and the edges between them."""
    lines, edges = [], []
    sequential = "input_layers" not in config
    entries = [e for e in config["layers"] if not (sequential and e["class_name"] == "InputLayer")]
    ends = {}
    for entry in entries:
        name = entry["config"]["name"]
        layer, inner = model.get_layer(name), entry["config"]
        if expand and "layers" in inner:
            ends[name] = _ends(layer, inner, f"{prefix}{name}/", expand)
            lines.append(f"subgraph {_quoted('cluster_' + prefix + name)} {{ label={_quoted(name)}; style=dashed;")
            lines += _body(layer, inner, f"{prefix}{name}/", show, expand) + ["}"]
        else:
            ends[name] = ([prefix + name], [prefix + name])
            lines.append(f"{_quoted(prefix + name)} [label={_label(layer, entry, show)}];")
    if sequential:
        names = [e["config"]["name"] for e in entries]
        edges = [(ends[a][1][0], ends[b][0][0]) for a, b in zip(names, names[1:])]
    else:
        for entry in entries:
            into = ends[entry["config"]["name"]][0]
            for node in entry.get("inbound_nodes", []):
                for i, (source, _, tensor) in enumerate(_histories(node)):
                    out = ends[source][1]
                    edges.append((out[min(tensor, len(out) - 1)], into[min(i, len(into) - 1)]))
    return lines + [f"{_quoted(a)} -> {_quoted(b)};" for a, b in dict.fromkeys(edges)]


def model_to_dot(model, show_shapes=False, show_dtype=False, show_layer_names=True, rankdir="TB", expand_nested=False, dpi=200,
                 subgraph=False, show_layer_activations=False, show_trainable=False, splines="ortho"):
    """The model as a graph in Graphviz's language. Throws ValueError unless the model is built."""
    if not model.built:
        raise ValueError("model_to_dot: the model is not built; call build(), or the model on a batch of data")
    show = {"shapes": show_shapes, "dtype": show_dtype, "names": show_layer_names, "activations": show_layer_activations, "trainable": show_trainable}
    try:
        whole = json.loads(model.to_json())
        config = whole["config"]
    except (NotImplementedError, TypeError):
        config = {}
    if "layers" in config:
        body = _body(model, config, "", show, expand_nested)
    else:  # a subclass of Model is one node
        body = [f"{_quoted(model.name)} [label={_label(model, {'class_name': type(model).__name__}, show)}];"]
    head = f'digraph {{ rankdir={rankdir}; concentrate=true; dpi={dpi}; splines={splines}; node [shape=plain, fontname="Helvetica"];'
    if subgraph:
        head = f"subgraph {_quoted('cluster_' + model.name)} {{ label={_quoted(model.name)}; style=dashed; node [shape=plain];"
    return Dot("\n".join([head, *body, "}"]) + "\n")


def plot_model(model, to_file="model.png", show_shapes=False, show_dtype=False, show_layer_names=False, rankdir="TB", expand_nested=False,
               dpi=200, show_layer_activations=False, show_trainable=False, splines="ortho", **kwargs):
    """Draws the model into a file (.png, .svg, .pdf; .dot is the text) and returns the graph. Drawing needs Graphviz's `dot`."""
    if kwargs:
        raise ValueError(f"plot_model: unknown options {', '.join(kwargs)}")
    dot = model_to_dot(model, show_shapes=show_shapes, show_dtype=show_dtype, show_layer_names=show_layer_names, rankdir=rankdir,
                       expand_nested=expand_nested, dpi=dpi, show_layer_activations=show_layer_activations, show_trainable=show_trainable,
                       splines=splines)
    if to_file is not None:
        dot.write(to_file)
    return dot
