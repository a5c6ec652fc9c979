"""Golden values: what Keras 3.15 on TensorFlow computes, prints and writes, for cornu's tests.

    python make_golden.py [part ...]        parts: seed_model optimizers schedules activations losses metrics initializers weights layers
                                            layer_cases fixtures training functional optimizer_files objects policies own_layers
                                            whole_models console; all of them if none is named;
                                            layer_cases.dense makes one family of layers, functional.two one graph

Needs Keras 3.15 with TensorFlow (pip install tensorflow-cpu) and, for seed_model and fixtures, Debian's dataset-fashion-mnist
(or its four files in the folder that FASHION_MNIST names). Each part rewrites its own files below this folder; README.md says
what they hold. A part that is run again on the same versions writes the same text (.keras files differ in their dates).
"""
import importlib
import os
import sys

for variable in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(variable, None)
os.environ.update(KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="", COLUMNS="80")

import keras
import numpy
import tensorflow

PARTS = ["seed_model", "optimizers", "schedules", "activations", "losses", "metrics", "initializers", "weights", "layers", "layer_cases", "image", "text", "training", "fixtures", "functional", "optimizer_files", "objects", "policies", "own_layers", "whole_models", "console"]


def main():
    print(f"keras {keras.__version__}, tensorflow {tensorflow.__version__}, numpy {numpy.__version__}", flush=True)
    if not keras.__version__.startswith("3.15."):
        sys.exit("The golden values are Keras 3.15's: pip install 'keras==3.15.*' tensorflow-cpu")
    unknown = {part.split(".")[0] for part in sys.argv[1:]} - set(PARTS)
    if unknown:
        sys.exit(f"No part {', '.join(sorted(unknown))}; the parts are {' '.join(PARTS)}")
    for part in sys.argv[1:] or PARTS:
        print(part, flush=True)
        keras.utils.set_random_seed(1)
        part, _, family = part.partition(".")
        if part == "layer_cases":
            importlib.import_module("generator.layer_values").make(family)
        elif family:
            importlib.import_module(f"generator.{part}").make(family)
        else:
            importlib.import_module(f"generator.{part}").make()


main()
