"""Finding and reading the files of data sets, in Keras's own formats. Nothing in a file is ever run."""
import io
import os
import pickle
import tarfile
import zipfile

import numpy as np

from cornu.keras.utils._files import keras_home

ORIGIN = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"


def located(name, what, origin=ORIGIN, instead=""):
    """The path of ~/.keras/datasets/`name`, or `name` itself if it is a path. Throws IoError saying what to put where."""
    place = name if os.path.isabs(name) else os.path.join(keras_home(), "datasets", name)
    if os.path.exists(place):
        return place
    from cornu import IoError

    raise IoError(f"{what}: {place} is not there, and cornu downloads nothing. Put {origin}{os.path.basename(name)} there "
                  f"(Keras does so where it has run; $KERAS_HOME names another folder than ~/.keras){instead}")


class _ArraysOnly(pickle.Unpickler):
    """Rebuilds NumPy arrays, lists, dicts and numbers, and refuses all else."""

    _ALLOWED = {("numpy", "ndarray"), ("numpy", "dtype"), ("numpy.core.multiarray", "_reconstruct"),
                ("numpy._core.multiarray", "_reconstruct"), ("numpy.core.multiarray", "scalar"), ("numpy._core.multiarray", "scalar"),
                ("_codecs", "encode")}

    def find_class(self, module, name):
        if (module, name) not in self._ALLOWED:
            from cornu import UnsafeError

            raise UnsafeError(f"the file wants to load {module}.{name}: a data set holds arrays only")
        return super().find_class(module, name)


def unpickled(file, encoding="ASCII"):
    """The arrays of a pickle, which cannot run code."""
    return _ArraysOnly(file, encoding=encoding).load()


def read_npz(path):
    """{name: array} of an .npz file, with arrays of lists, which are pickled in it."""
    arrays = {}
    with zipfile.ZipFile(path) as archive:
        for entry in archive.namelist():
            file = io.BytesIO(archive.read(entry))
            version = np.lib.format.read_magic(file)
            read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            shape, fortran, dtype = read(file)
            if dtype.hasobject:
                array = unpickled(file).reshape(shape)
            else:
                file.seek(0)
                array = np.lib.format.read_array(file, allow_pickle=False)
            arrays[entry.removesuffix(".npy")] = array
    return arrays


def images(name):
    """((x_train, y_train), (x_test, y_test)) of an .npz with these four arrays."""
    arrays = read_npz(name)
    return (arrays["x_train"], arrays["y_train"]), (arrays["x_test"], arrays["y_test"])


def cifar(archive, folder, files, label_key):
    """[(x, y)] of CIFAR's pickles: uint8 [n, 32, 32, 3] and [n, 1]. They are read from the folder into which Keras unpacks them, or
    from the archive itself."""
    home = os.path.join(keras_home(), "datasets")
    roots = [os.path.join(home, f"{unpacked}-target", folder) for unpacked in (folder, archive)] + [os.path.join(home, folder)]
    root = next((r for r in roots if os.path.isdir(r)), None)
    packed = tarfile.open(located(f"{archive}.tar.gz", folder, "https://www.cs.toronto.edu/~kriz/")) if root is None else None
    read = []
    for name in files:
        file = open(os.path.join(root, name), "rb") if root else packed.extractfile(f"{folder}/{name}")
        with file:
            batch = {k.decode() if isinstance(k, bytes) else k: v for k, v in unpickled(file, "bytes").items()}
        x = np.asarray(batch["data"], np.uint8).reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
        read.append((x, np.asarray(batch[label_key], np.uint8).reshape(-1, 1)))
    if packed:
        packed.close()
    return read


def housing(path, what, test_split, seed, rows=None):
    """Shuffled by `seed` and split, as Keras does it."""
    if not 0 <= test_split < 1:
        raise ValueError(f"{what}: test_split={test_split} must lie in [0, 1)")
    with np.load(located(path, what), allow_pickle=False) as f:
        x, y = f["x"][:rows], f["y"][:rows]
    order = np.arange(len(x))
    np.random.RandomState(seed).shuffle(order)
    x, y, cut = x[order], y[order], int(len(x) * (1 - test_split))
    return (x[:cut], y[:cut]), (x[cut:], y[cut:])


def texts(parts, seed, maxlen, start_char, oov_char, index_from, num_words, skip_top, what):
    """Lists of word numbers, as Keras prepares them. `parts`: [(sequences, labels)], shuffled by `seed`, one after the other. Returns the same with
    object arrays of lists; rare words (from num_words on) and the skip_top most frequent ones are `oov_char`, or left out."""
    made, rng = [], np.random.RandomState(seed)
    for sequences, labels in parts:
        order = np.arange(len(sequences))
        rng.shuffle(order)
        start = [] if start_char is None else [start_char]
        rows = [start + [w + (index_from or 0) for w in sequences[i]] for i in order]
        numbers = labels[order]
        if maxlen:
            short = [i for i, row in enumerate(rows) if len(row) < maxlen]
            rows, numbers = [rows[i] for i in short], numbers[short]
            if not rows:
                raise ValueError(f"{what}: no sequence is shorter than maxlen={maxlen}")
        made.append((rows, numbers))
    limit = num_words or max((max(row, default=0) for rows, _ in made for row in rows), default=0)
    # Keras's own bound: without num_words it is the largest number, which is therefore cut off itself.

    def kept(row):
        if oov_char is None:
            return [w for w in row if skip_top <= w < limit]
        return [w if skip_top <= w < limit else oov_char for w in row]

    result = []
    for rows, numbers in made:
        column = np.empty(len(rows), dtype=object)
        column[:] = [kept(row) for row in rows]
        result.append((column, numbers))
    return result
