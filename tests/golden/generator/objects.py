"""What stands in layers and compile as objects: initializers, regularizers, constraints, losses, as Keras writes each in a file."""
import json

import keras

from .common import write

I, R, C, LS = keras.initializers, keras.regularizers, keras.constraints, keras.losses


def objects():
    """kind -> objects, each with options other than the defaults where there are some."""
    return {
        "initializer": [
            I.Zeros(), I.Ones(), I.Constant(0.25), I.RandomNormal(0.1, 0.2, seed=3), I.RandomUniform(-0.2, 0.1, seed=4), I.TruncatedNormal(0.1, 0.3, seed=5),
            I.VarianceScaling(2.0, "fan_avg", "uniform", seed=6), I.GlorotUniform(seed=7), I.GlorotNormal(), I.HeUniform(), I.HeNormal(seed=8), I.LecunUniform(),
            I.LecunNormal(), I.Orthogonal(0.5, seed=9), I.Identity(2.0), I.GlorotUniform(input_axes=[0], output_axes=[1])],
        "regularizer": [R.L1(0.02), R.L2(0.03), R.L1L2(0.01, 0.02), R.OrthogonalRegularizer(0.1, "columns")],
        "constraint": [C.MaxNorm(1.5, 1), C.MinMaxNorm(0.5, 1.5, 0.75, 1), C.NonNeg(), C.UnitNorm(1)],
        "loss": [
            LS.BinaryCrossentropy(from_logits=True, label_smoothing=0.1), LS.BinaryFocalCrossentropy(True, 0.3, 1.5, name="mine"), LS.CategoricalCrossentropy(label_smoothing=0.1),
            LS.CategoricalFocalCrossentropy(0.3, 1.5), LS.CategoricalGeneralizedCrossEntropy(0.4), LS.CategoricalHinge(), LS.Circle(0.3, 70.0), LS.CosineSimilarity(axis=-2),
            LS.CTC(reduction="sum"), LS.Dice(axis=(1, 2)), LS.Hinge(reduction="sum"), LS.Huber(0.5), LS.KLDivergence(), LS.LogCosh(), LS.MeanAbsoluteError(),
            LS.MeanAbsolutePercentageError(), LS.MeanSquaredError(reduction="mean_with_sample_weight"), LS.MeanSquaredLogarithmicError(), LS.Poisson(),
            LS.SparseCategoricalCrossentropy(from_logits=True, ignore_class=2), LS.SquaredHinge(), LS.Tversky(0.3, 0.7)],
    }


def make():
    written = {kind: [json.loads(json.dumps(keras.saving.serialize_keras_object(o))) for o in list_] for kind, list_ in objects().items()}
    write("objects.json", written)
