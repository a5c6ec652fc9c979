"""Texts to numbers: hashes, StringLookup, TextVectorization, adapted vocabularies, and what prepares sequences."""
import keras
import numpy as np
import tensorflow as tf

from .common import grid, write
from .layer_values import config

L = keras.layers
TEXTS = ["The cat sat on the mat.", "A dog; a cat & the DOG!", "", "  mat\tmat\nmat ", "Äpfel, naïve café: 1,5 €", "on on on on on on"]
WORDS = ["the", "cat", "dog", "mat", "on"]


def vector(layer, adapt=None, texts=TEXTS):
    out = {"adapt": adapt, "texts": texts}
    if adapt is not None:
        layer.adapt(adapt)
    out["config"] = config(layer)["config"]
    out["vocabulary"] = layer.get_vocabulary()
    y = layer(tf.constant(texts)).numpy()
    return out | {"output": y, "shape": list(y.shape), "size": layer.vocabulary_size()}


def lookup(layer, words, adapt=None):
    out = {"adapt": adapt, "words": words}
    if adapt is not None:
        layer.adapt(tf.constant(adapt))
    y = layer(tf.constant(words)).numpy()
    return out | {"config": config(layer)["config"], "vocabulary": layer.get_vocabulary(), "output": y, "shape": list(y.shape)}


def hashes():
    rng = np.random.default_rng(3)
    texts = ["".join(chr(c) for c in rng.integers(32, 127, n)) for n in list(range(0, 70)) + [127, 128, 129, 191, 192, 193, 260]] + ["naïve", "日本語"]
    return [{"text": t, "fast": tf.strings.to_hash_bucket_fast(t, 2**31 - 1).numpy(), "strong": tf.strings.to_hash_bucket_strong(t, 2**31 - 1, key=[133, 137]).numpy(),
             "few": tf.strings.to_hash_bucket_fast(t, 7).numpy()} for t in texts]


def sequences():
    lists = [[1, 2, 3], [4], [], [5, 6, 7, 8, 9]]
    pad = [{"options": o, "output": keras.utils.pad_sequences(lists, **o)} for o in
           ({}, {"maxlen": 3}, {"maxlen": 3, "padding": "post"}, {"maxlen": 2, "truncating": "post"}, {"maxlen": 4, "padding": "post", "truncating": "post", "value": -1}, {"maxlen": 6})]
    one_hot = [{"labels": np.array(y), "classes": n, "output": (v := keras.utils.to_categorical(y, n)), "shape": list(v.shape)} for y, n in (([0, 2, 1], None), ([0, 2, 1], 5), ([[1], [0]], None), ([[1, 0], [2, 2]], 3))]
    data, targets = np.arange(20, dtype="float32").reshape(10, 2), np.arange(100, 110, dtype="float32")
    windows = []
    for o in ({"sequence_length": 4}, {"sequence_length": 3, "sequence_stride": 2}, {"sequence_length": 3, "sampling_rate": 2}, {"sequence_length": 2, "sequence_stride": 3, "sampling_rate": 3},
              {"sequence_length": 3, "start_index": 2, "end_index": 8}):
        for with_targets in (True, False):
            batches = list(keras.utils.timeseries_dataset_from_array(data, targets if with_targets else None, batch_size=100, **o))
            x, y = batches[0] if with_targets else (batches[0], None)
            windows.append({"options": o, "x": x.numpy(), "shape": list(x.shape), "y": None if y is None else y.numpy()})
    return {"lists": lists, "pad_sequences": pad, "to_categorical": one_hot, "data": data, "targets": targets, "windows": windows}


def learned():
    rng = np.random.default_rng(8)
    data, integers = grid(rng, (30, 3)), rng.integers(0, 9, (12, 3))
    normalization, bins = [], []
    for axis in (-1, None, 0, (0, 1)):
        layer = L.Normalization(axis=axis)
        layer.adapt(data)
        normalization.append({"axis": axis if not isinstance(axis, tuple) else list(axis), "mean": layer.weights[0].numpy(), "variance": layer.weights[1].numpy()})
    for count, epsilon, values in ((3, 0.01, data), (4, 0.1, data), (5, 0.05, np.arange(200, dtype="float32") ** 1.5), (2, 0.01, data[:1])):
        layer = L.Discretization(num_bins=count, epsilon=epsilon)
        layer.adapt(values)
        bins.append({"num_bins": count, "epsilon": epsilon, "data": values, "boundaries": layer.bin_boundaries})
    lookups = []
    for o in ({}, {"max_tokens": 5}, {"mask_token": 0}, {"output_mode": "tf_idf"}, {"output_mode": "tf_idf", "max_tokens": 6, "pad_to_max_tokens": True}):
        layer = L.IntegerLookup(**o)
        layer.adapt(integers)
        lookups.append({"options": o, "vocabulary": np.array(layer.get_vocabulary()), "idf": layer.idf_weights_const.numpy() if "output_mode" in o else None})
    return {"data": data, "integers": integers, "normalization": normalization, "discretization": bins, "integer_lookup": lookups}


def make():
    V = L.TextVectorization
    vectors = [vector(V(**o), adapt=TEXTS) for o in
               ({}, {"max_tokens": 6}, {"output_sequence_length": 3}, {"output_sequence_length": 9}, {"ngrams": 2}, {"ngrams": (2, 3), "output_mode": "count"}, {"standardize": None}, {"standardize": "lower"},
                {"standardize": "strip_punctuation"}, {"split": "character"}, {"split": None}, {"output_mode": "multi_hot"}, {"output_mode": "count", "max_tokens": 30, "pad_to_max_tokens": True},
                {"output_mode": "tf_idf"}, {"output_mode": "tf_idf", "max_tokens": 5, "pad_to_max_tokens": True, "ngrams": 2})]
    vectors += [vector(V(vocabulary=WORDS)), vector(V(vocabulary=["", "[UNK]"] + WORDS, output_sequence_length=4)), vector(V(vocabulary=WORDS, output_mode="multi_hot")),
                vector(V(vocabulary=WORDS, idf_weights=[0.5, 1.0, 1.5, 2.0, 2.5], output_mode="tf_idf"))]
    S, words = L.StringLookup, ["cat", "the", "bird", "on", "", "cat"]
    lookups = [lookup(S(vocabulary=WORDS, **o), words) for o in
               ({}, {"mask_token": ""}, {"num_oov_indices": 3}, {"num_oov_indices": 3, "salt": 5}, {"output_mode": "one_hot"}, {"output_mode": "multi_hot"}, {"output_mode": "count", "mask_token": ""},
                {"max_tokens": 9, "output_mode": "multi_hot", "pad_to_max_tokens": True}, {"output_mode": "tf_idf", "idf_weights": [0.5, 1.0, 1.5, 2.0, 2.5]})]
    lookups += [lookup(S(**o), words, adapt=["b", "a", "b", "c", "a", "[UNK]", "b", "", "on"]) for o in ({}, {"mask_token": ""}, {"max_tokens": 3}, {"num_oov_indices": 2})]
    back = S(vocabulary=WORDS, invert=True, mask_token="")
    inverse = {"indices": np.array([0, 1, 2, 6, 7, -1]), "words": [w.decode() for w in back(tf.constant([0, 1, 2, 6, 7, -1], "int64")).numpy()], "config": config(back)["config"]}
    hashed = [{"texts": WORDS, "config": config(h)["config"], "output": h(tf.constant(WORDS)).numpy()} for h in (L.Hashing(5), L.Hashing(5, salt=[1, 2]), L.Hashing(5, mask_value="cat"), L.Hashing(4, output_mode="multi_hot"))]
    write("text.json", {"hashes": hashes(), "text_vectorization": vectors, "string_lookup": lookups, "inverse": inverse, "hashing": hashed, "sequences": sequences(), "learned": learned()})
