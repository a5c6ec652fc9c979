"""Writes tests/io/fixtures with the rivals' own writers.

    python make_fixtures.py            (needs h5py; the .keras ones also Keras)

Numbers are chosen so that the tests can compute them: element i of a dataset is i / 2 unless said otherwise.
"""

import gzip
import os
import sys

import h5py
import numpy as np

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "fixtures")


def halves(*shape, dtype="f4"):
    return (np.arange(int(np.prod(shape))).reshape(shape) / 2).astype(dtype)


def create(name, **options):
    return h5py.File(os.path.join(HERE, name), "w", **options)


def compress(name):
    path = os.path.join(HERE, name)
    with open(path, "rb") as plain, open(path + ".gz", "wb") as packed:
        packed.write(gzip.compress(plain.read(), 9, mtime=0))
    os.remove(path)


def types(f):
    for kind in ("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4"):
        f[kind] = halves(2, 3, dtype=kind)
    f["bool"] = np.array([True, False, True])
    f["scalar"] = np.float32(0.5)
    f["empty"] = np.zeros((0, 4), "f4")
    f["negative"] = np.array([-1, -128], "i1")
    bits = (halves(5).view("u4") >> 16).astype("u2")
    f.create_dataset("bf16", data=bits.view("V2")).attrs["dtype"] = "bfloat16"
    f["halves"] = np.array([0x0001, 0x03FF, 0x7BFF, 0xFC00, 0x7E00, 0x8000], "u2").view("f2")


def main():
    os.makedirs(HERE, exist_ok=True)
    with create("types.h5") as f:
        types(f)
    with create("types_latest.h5", libver="latest") as f:
        g = f.create_group("g")
        g.attrs["name"] = "compact links"
        for kind in ("f4", "i8"):
            g[kind] = halves(2, 3, dtype=kind)
    with create("dense_links.h5", libver="latest") as f:
        for i in range(20):
            f[str(i)] = np.float32(i)
    with create("many.h5") as f:  # symbol table nodes split: more than one level of the B-tree
        for i in range(300):
            f.create_group(f"layers/dense_{i}")
        f["layers/dense_299/0"] = halves(3)
    compress("many.h5")
    with create("chunks.h5") as f:
        data = halves(10, 7)
        f.create_dataset("plain", data=data, chunks=(4, 3))
        f.create_dataset("gzip", data=data, chunks=(4, 3), compression="gzip")
        f.create_dataset("all", data=data, chunks=(4, 3), compression="gzip", shuffle=True, fletcher32=True)
        f.create_dataset("sum", data=data, chunks=(10, 7), fletcher32=True)
        d = f.create_dataset("holes", shape=(10, 7), dtype="f4", chunks=(5, 7), fillvalue=0.25)
        d[:5] = data[:5]
        f.create_dataset("unwritten", shape=(3,), dtype="f4", fillvalue=0.25)
    with create("attributes.h5") as f:
        f.attrs["text"] = "caf\u00e9"
        f.attrs["fixed"] = np.bytes_(b"fixed")
        f.attrs["list"] = ["a", "bc", ""]
        f.attrs["number"] = 3
    with create("soft_link.h5") as f:
        f["a"] = np.float32(1)
        f["link"] = h5py.SoftLink("/a")
    with create("external_link.h5") as f:
        f["link"] = h5py.ExternalLink("/etc/passwd", "/a")
    with create("external_link_latest.h5", libver="latest") as f:
        f["link"] = h5py.ExternalLink("/etc/passwd", "/a")
    with create("hard_link.h5") as f:
        f["g/a"] = np.float32(1)
        f["g/back"] = f["g"]
    with create("external_storage.h5") as f:
        f.create_dataset("a", (4,), "f4", external=[("/etc/passwd", 0, 16)])
    with create("virtual.h5", libver="latest") as f:
        layout = h5py.VirtualLayout((4,), "f4")
        layout[:] = h5py.VirtualSource("/etc/passwd", "a", (4,))
        f.create_virtual_dataset("a", layout)
    with create("reference.h5") as f:
        f["a"] = np.float32(1)
        f.create_dataset("ref", data=f["a"].ref, dtype=h5py.ref_dtype)
    with create("committed.h5") as f:
        f["type"] = np.dtype("f4")
        f.create_dataset("a", (2,), dtype=f["type"])
    with create("big_endian.h5") as f:
        f["a"] = halves(3, dtype=">f4")
    with create("bomb.h5") as f:  # 2 KB on disk, 4 GiB declared
        f.create_dataset("a", (1 << 30,), "f4")
    with create("bomb_chunks.h5") as f:
        f.create_dataset("a", (1 << 30,), "f4", chunks=(1 << 20,), compression="gzip")
    try:
        import keras
    except ImportError:
        print("no Keras here: its fixtures stay as they are", file=sys.stderr)
        return
    keras.utils.set_random_seed(0)
    layers = keras.layers
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3, "relu"), layers.Dropout(0.5), layers.BatchNormalization(), layers.Dense(2)])
    model.compile("adam", "mse", metrics=["mae"])
    for variable in model.variables:  # the optimizer's keep what Keras gives them
        variable.assign(halves(*variable.shape).astype(variable.dtype))
    model.optimizer.build(model.trainable_variables)
    model.save(os.path.join(HERE, "small.keras"))
    model.save_weights(os.path.join(HERE, "small.weights.h5"))


main()
