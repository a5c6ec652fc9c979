"""Where Keras keeps the files that it downloads. cornu downloads nothing: it takes what is there."""
import os


def keras_home():
    """$KERAS_HOME, or ~/.keras."""
    return os.environ.get("KERAS_HOME") or os.path.join(os.path.expanduser("~"), ".keras")


def get_file(fname=None, origin=None, untar=False, md5_hash=None, file_hash=None, cache_subdir="datasets", hash_algorithm="auto",
             extract=False, archive_format="auto", cache_dir=None, force_download=False):
    """The path of a file that lies where Keras would have put it. Throws UnsupportedError when it is not there: cornu has no
    downloads; the message says what to fetch and where to put it."""
    name = os.fspath(fname) if fname else os.path.basename(origin or "")
    if not name:
        raise ValueError("get_file: give fname or origin")
    path = os.path.join(cache_dir or keras_home(), cache_subdir, name)
    if os.path.exists(path) and not force_download:
        return path
    from cornu.keras.utils._lazy import refused

    fetch = f"fetch {origin}" if origin else "get the file"
    unpack = " and unpack it there" if untar or extract else ""
    raise refused(f"get_file: cornu downloads nothing, and {path} is not there. By yourself {fetch}, put it at {path}{unpack}, and run this again")
