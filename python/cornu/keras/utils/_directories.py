"""Data sets from folders: a folder is a class."""
import os

import numpy as np

_PICTURES = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".ppm", ".pgm")


def _listed(directory, what, endings, labels, label_mode, class_names, shuffle, seed, validation_split, subset, follow_links, verbose):
    """(paths, labels or None, class names), in Keras's order for the same seed."""
    if labels not in ("inferred", None) and not isinstance(labels, (list, tuple)):
        raise ValueError(f'{what}: labels={labels!r} is neither "inferred", None nor a list of labels, one for each file')
    if label_mode not in ("int", "categorical", "binary", None):
        raise ValueError(f'{what}: label_mode={label_mode!r} is none of "int", "categorical", "binary", None')
    if labels is None or label_mode is None:
        labels, label_mode = None, None
    if (validation_split is None) != (subset is None) or subset not in (None, "training", "validation", "both"):
        raise ValueError(f'{what}: validation_split and subset ("training", "validation" or "both") go together, {validation_split} and {subset!r} given')
    if validation_split is not None and not 0 < validation_split < 1:
        raise ValueError(f"{what}: validation_split={validation_split} must lie between 0 and 1")
    if validation_split and shuffle and seed is None:
        raise ValueError(f"{what}: with validation_split and shuffle give a seed, or the parts will overlap; or shuffle=False")
    if not os.path.isdir(directory):
        raise FileNotFoundError(f"{what}: there is no folder {directory}")
    folders = [""]
    if labels == "inferred":
        found = sorted(d for d in os.listdir(directory) if os.path.isdir(os.path.join(directory, d)) and not d.startswith("."))
        if class_names is not None and not set(class_names) <= set(found):
            raise ValueError(f"{what}: class_names={list(class_names)}, but the folders in {directory} are {found}")
        folders = list(class_names) if class_names is not None else found
    elif class_names is not None:
        raise ValueError(f'{what}: class_names go with labels="inferred" only')
    paths, numbers = [], []
    for number, folder in enumerate(folders):
        for root, _, files in sorted(os.walk(os.path.join(directory, folder), followlinks=follow_links)):
            for name in sorted(files):
                if name.lower().endswith(endings):
                    paths.append(os.path.join(root, name))
                    numbers.append(number)
    names = folders if labels == "inferred" else None
    if isinstance(labels, (list, tuple)):
        if len(labels) != len(paths):
            raise ValueError(f"{what}: {len(labels)} labels for {len(paths)} files in {directory}")
        names, numbers = [str(v) for v in sorted(set(labels))], list(labels)
    if not paths:
        raise ValueError(f"{what}: no files ending in {', '.join(endings)} in {directory}" + (", in folders for the classes" if labels == "inferred" else ""))
    if label_mode == "binary" and len(names) != 2:
        raise ValueError(f'{what}: label_mode="binary" is for 2 classes; there are {len(names)}: {names}')
    if verbose:
        print(f"Found {len(paths)} files" + (f" belonging to {len(names)} classes." if names else "."))
    if shuffle:
        seed = int(np.random.randint(1e6)) if seed is None else seed
        for column in (paths, numbers):
            np.random.RandomState(seed).shuffle(column)
    return paths, np.array(numbers, dtype=np.int32) if label_mode else None, names, seed


def _parts(n, validation_split, subset, verbose):
    held = int(validation_split * n) if validation_split else 0
    both = {"training": slice(0, n - held), "validation": slice(n - held, n)}
    wanted = ["training", "validation"] if subset == "both" else [subset] if subset else []
    if verbose:
        for name in wanted:
            print(f"Using {held if name == 'validation' else n - held} files for {name}.")
    return [both[name] for name in wanted] or [slice(0, n)]


def _dataset(paths, labels, label_mode, names, batch_size, shuffle, seed, load):
    """`load`: from paths to the x of a batch, or of one sample where there is no batch size."""
    from cornu.data import Dataset
    from cornu.keras.utils._arrays import to_categorical

    if label_mode == "binary":
        labels = labels.astype(np.float32)[:, None]
    elif label_mode == "categorical":
        labels = to_categorical(labels, len(names)).astype(np.float32)
    order = Dataset.from_tensor_slices(np.arange(len(paths)))
    if shuffle:
        order = order.shuffle(batch_size * 8 if batch_size else 1024, seed=seed)
    if batch_size:
        order = order.batch(batch_size)

    def elements():
        for at in order.as_numpy_iterator():
            x = load([paths[i] for i in np.atleast_1d(at)])
            x = x if batch_size else x[0]
            yield x if labels is None else (x, labels[at])

    made = Dataset._make(elements, order._length, batched=bool(batch_size))
    made.class_names, made.file_paths = names, paths
    return made


def _made(listed, label_mode, batch_size, shuffle, validation_split, subset, verbose, load):
    paths, labels, names, seed = listed
    sets = [_dataset(paths[part], None if labels is None else labels[part], label_mode if labels is not None else None, names, batch_size,
                     shuffle and not (subset == "both" and i), seed, load)
            for i, part in enumerate(_parts(len(paths), validation_split, subset, verbose))]
    return sets if subset == "both" else sets[0]


def image_dataset_from_directory(directory, labels="inferred", label_mode="int", class_names=None, color_mode="rgb", batch_size=32,
                                 image_size=(256, 256), shuffle=True, seed=None, validation_split=None, subset=None,
                                 interpolation="bilinear", follow_links=False, crop_to_aspect_ratio=False, pad_to_aspect_ratio=False,
                                 data_format=None, format="tf", verbose=True):
    """The pictures in the folders of `directory` as a Dataset of float32 [batch, height, width, channels], 0 to 255, and their
    classes. Without Pillow: PNG, PPM, PGM and BMP files."""
    from cornu.keras.utils._images import _MODES, _channels_last, img_to_array, load_img

    _channels_last(data_format, "image_dataset_from_directory")
    if format != "tf":
        raise ValueError(f'image_dataset_from_directory: format="tf" is what there is, {format!r} given')
    if color_mode not in _MODES:
        raise ValueError(f"image_dataset_from_directory: color_mode={color_mode!r} is none of {', '.join(_MODES)}")
    listed = _listed(directory, "image_dataset_from_directory", _PICTURES, labels, label_mode, class_names, shuffle, seed, validation_split,
                     subset, follow_links, verbose)
    resize = []

    def load(paths):
        if not resize:
            from cornu.keras.layers import Resizing

            resize.append(Resizing(*image_size, interpolation=interpolation, crop_to_aspect_ratio=crop_to_aspect_ratio,
                                   pad_to_aspect_ratio=pad_to_aspect_ratio))
        rows = np.empty((len(paths), *image_size, _MODES[color_mode][1]), np.float32)
        for row, path in zip(rows, paths):
            picture = img_to_array(load_img(path, color_mode=color_mode), dtype="float32")
            row[...] = picture if picture.shape[:2] == tuple(image_size) else np.asarray(resize[0](picture[None]))[0]
        return rows

    return _made(listed, label_mode, batch_size, shuffle, validation_split, subset, verbose, load)


def text_dataset_from_directory(directory, labels="inferred", label_mode="int", class_names=None, batch_size=32, max_length=None,
                                shuffle=True, seed=None, validation_split=None, subset=None, follow_links=False, format="tf", verbose=True):
    """The .txt files in the folders of `directory` as a Dataset of texts (arrays of str) and their classes. `max_length`: in bytes."""
    from cornu._elements import Strings

    if format != "tf":
        raise ValueError(f'text_dataset_from_directory: format="tf" is what there is, {format!r} given')
    listed = _listed(directory, "text_dataset_from_directory", (".txt",), labels, label_mode, class_names, shuffle, seed, validation_split,
                     subset, follow_links, verbose)

    def load(paths):
        texts = np.empty(len(paths), dtype=object)
        for i, path in enumerate(paths):
            with open(path, "rb") as f:
                texts[i] = f.read(-1 if max_length is None else max_length).decode("utf-8", errors="replace")
        return texts.view(Strings)

    return _made(listed, label_mode, batch_size, shuffle, validation_split, subset, verbose, load)


def audio_dataset_from_directory(*args, **kwargs):
    """Refused: cornu reads no sound files."""
    from cornu.keras.utils._lazy import refused

    raise refused("audio_dataset_from_directory: cornu reads no sound files; read them with Python's wave module and give the arrays to "
                  "cornu.data.Dataset.from_tensor_slices")
