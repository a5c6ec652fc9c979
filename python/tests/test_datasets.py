"""keras.datasets, from files as Keras keeps them."""
import json
import os
import pickle
import tarfile

import numpy as np
import pytest

from cornu.keras import datasets


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.delenv("CORNU_DATA", raising=False)
    (tmp_path / "datasets").mkdir()
    return tmp_path / "datasets"


def ragged(*rows):
    column = np.empty(len(rows), dtype=object)
    column[:] = [list(r) for r in rows]
    return column


def test_fashion_mnist_is_as_in_keras():
    if not os.path.exists("/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz") and "CORNU_DATA" not in os.environ:
        pytest.skip("the package dataset-fashion-mnist is not installed")
    (x_train, y_train), (x_test, y_test) = datasets.fashion_mnist.load_data()
    assert x_train.shape == (60000, 28, 28) and x_train.dtype == np.uint8 and x_train.max() == 255 and y_train.shape == (60000,)
    assert x_test.shape == (10000, 28, 28) and y_test[:5].tolist() == [9, 2, 1, 1, 6] and y_train[:5].tolist() == [9, 0, 0, 3, 0]
    x_train[0, 0, 0] = 1  # the array is the caller's


def test_mnist_comes_from_keras_folder(home):
    with pytest.raises(OSError, match="mnist.npz is not there, and cornu downloads nothing. Put https://.*/mnist.npz there"):
        datasets.mnist.load_data()
    x = np.arange(2 * 784, dtype=np.uint8).reshape(2, 28, 28)
    np.savez(home / "mnist.npz", x_train=x, y_train=[1, 2], x_test=x[:1], y_test=[3])
    (x_train, y_train), (x_test, y_test) = datasets.mnist.load_data()
    assert np.array_equal(x_train, x) and y_train.tolist() == [1, 2] and len(x_test) == 1 and y_test.tolist() == [3]


def test_imdb_is_shuffled_marked_and_cut_as_in_keras(home):
    np.savez(home / "imdb.npz", x_train=ragged([1, 2], [3], [4, 5, 6], [7]), y_train=np.array([0, 1, 0, 1]),
             x_test=ragged([1, 9], [2, 2], [8]), y_test=np.array([1, 0, 1]))
    (x_train, y_train), (x_test, y_test) = datasets.imdb.load_data(num_words=9)
    # What Keras 3.15 gives for these files.
    assert x_train.tolist() == [[1, 2], [1, 7, 8, 2], [1, 4, 5], [1, 6]] and y_train.tolist() == [1, 0, 0, 1]
    assert x_test.tolist() == [[1, 5, 5], [1, 4, 2], [1, 2]] and y_test.tolist() == [0, 1, 1]
    (x_train, _), _ = datasets.imdb.load_data(start_char=None, oov_char=None, index_from=0, skip_top=2, maxlen=3)
    assert sorted(x_train.tolist()) == [[2], [3], [7]]
    (home / "imdb_word_index.json").write_text(json.dumps({"the": 1}))
    assert datasets.imdb.get_word_index() == {"the": 1}


def test_reuters_is_split(home):
    np.savez(home / "reuters.npz", x=ragged([1], [2], [3], [4], [5]), y=np.arange(5))
    (x_train, y_train), (x_test, y_test) = datasets.reuters.load_data(test_split=0.4)
    assert len(x_train) == 3 and len(x_test) == 2 and sorted([*y_train, *y_test]) == [0, 1, 2, 3, 4]
    assert all(row[0] == 1 for row in x_train) and len(datasets.reuters.get_label_names()) == 46


def test_cifar_comes_from_the_folder_or_the_archive(home):
    def batch(first):
        return {b"data": np.full((2, 3072), first, np.uint8), b"labels": [first, 9]}

    source = home / "made" / "cifar-10-batches-py"
    source.mkdir(parents=True)
    for i, name in enumerate([f"data_batch_{n}" for n in range(1, 6)] + ["test_batch"]):
        (source / name).write_bytes(pickle.dumps(batch(i), protocol=2))
    with tarfile.open(home / "cifar-10-python.tar.gz", "w:gz") as archive:
        archive.add(source, "cifar-10-batches-py")
    for _ in range(2):
        (x_train, y_train), (x_test, y_test) = datasets.cifar10.load_data()
        assert x_train.shape == (10, 32, 32, 3) and y_train.ravel().tolist() == [0, 9, 1, 9, 2, 9, 3, 9, 4, 9] and x_test[0, 0, 0, 0] == 5
        os.replace(source, home / "cifar-10-batches-py") if source.exists() else None
        (home / "cifar-10-python.tar.gz").unlink(missing_ok=True)
    with pytest.raises(OSError, match="cifar-100-python.tar.gz is not there"):
        datasets.cifar100.load_data()
    with pytest.raises(ValueError, match='neither "fine" nor "coarse"'):
        datasets.cifar100.load_data("medium")


def test_a_file_cannot_run_code(home):
    class Evil:
        def __reduce__(self):
            return os.system, ("touch " + str(home / "harm"),)

    column = np.empty(1, dtype=object)
    column[0] = Evil()
    np.savez(home / "imdb.npz", x_train=column, y_train=[0], x_test=column, y_test=[0])
    with pytest.raises(Exception, match="wants to load posix.system: a data set holds arrays only"):
        datasets.imdb.load_data()
    assert not (home / "harm").exists()


def test_houses_are_shuffled_by_the_seed_and_split(home):
    x, y = np.arange(20.0).reshape(10, 2), np.arange(10.0)
    np.savez(home / "boston_housing.npz", x=x, y=y)
    (x_train, y_train), (x_test, y_test) = datasets.boston_housing.load_data(test_split=0.3)
    order = np.arange(10)
    np.random.RandomState(113).shuffle(order)
    assert y_train.tolist() == order[:7].tolist() and np.array_equal(x_test, x[order[7:]]) and len(y_test) == 3
    np.savez(home / "california_housing.npz", x=np.zeros((700, 8)), y=np.zeros(700))
    assert len(datasets.california_housing.load_data("small")[0][0]) == 480
    with pytest.raises(ValueError, match="neither"):
        datasets.california_housing.load_data("tiny")
    with pytest.raises(AttributeError, match="there are boston_housing, california_housing"):
        datasets.svhn
