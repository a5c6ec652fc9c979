"""Reads what cornu's TensorBoard callback wrote with TensorBoard's own reader.

    python check_tensorboard.py BUILD/tensorboard_files

for the files that tests/callbacks/tensorboard_test.cpp leaves. Needs the tensorboard package.
"""
import pathlib
import sys

import numpy as np
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator


def main(folder):
    def read(part):
        events = EventAccumulator(str(folder / "all" / part), size_guidance={"tensors": 0}).Reload()
        return {tag: [(e.step, e.tensor_proto) for e in events.Tensors(tag)] for tag in events.Tags()["tensors"]}, events

    from tensorboard.util.tensor_util import make_ndarray
    train, events = read("train")
    assert [(s, float(make_ndarray(t))) for s, t in train["epoch_loss"]] == [(0, 0.75), (1, 0.75), (2, 0.75)]
    assert [s for s, _ in train["batch_loss"]] == [2, 4, 6, 8, 10, 12]
    assert [float(make_ndarray(t)) for _, t in train["epoch_learning_rate"]] == [0.5] * 3
    assert make_ndarray(train["keras"][0][1]).item() == b'{"class_name": "Sequential"}'
    assert events.SummaryMetadata("keras").plugin_data.plugin_name == "graph_keras_model"
    assert events.SummaryMetadata("epoch_loss").plugin_data.plugin_name == "scalars"
    steps = train["sequential/dense/kernel/histogram"]
    assert [s for s, _ in steps] == [0, 2]
    rows = make_ndarray(steps[0][1])
    counts, edges = np.histogram(np.array([-1, 0, 0.5, 1]), 30)
    assert rows.shape == (30, 3) and rows[:, 2].sum() == 4 and rows[0, 0] == -1 and rows[-1, 1] == 1
    assert np.allclose(rows[:, 0], edges[:-1]) and np.allclose(rows[:, 1], edges[1:]) and (rows[:, 2] == counts).all()
    assert events.SummaryMetadata("sequential/dense/kernel/histogram").plugin_data.plugin_name == "histograms"
    validation, _ = read("validation")
    assert set(validation) == {"epoch_loss", "evaluation_loss_vs_iterations"}
    print("ok")


if len(sys.argv) != 2:
    sys.exit(__doc__)
main(pathlib.Path(sys.argv[1]))
