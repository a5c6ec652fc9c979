"""keras.utils and keras.preprocessing."""
import io
import json
import shutil

import numpy as np
import pytest

from cornu import keras
from cornu.keras import utils


def test_to_categorical_makes_one_hot_rows_and_drops_a_last_axis_of_one():
    assert utils.to_categorical([0, 2, 1]).tolist() == [[1, 0, 0], [0, 0, 1], [0, 1, 0]]
    assert utils.to_categorical(np.array([[1], [0]]), 3).shape == (2, 3)
    assert utils.to_categorical(np.zeros((2, 4)), 5).shape == (2, 4, 5)
    with pytest.raises(ValueError, match="label 3 at place 1 is none of 3 classes"):
        utils.to_categorical([0, 3], 3)


def test_normalize_divides_by_the_norm_and_leaves_zeros():
    x = np.array([[3.0, 4.0], [0.0, 0.0]])
    assert utils.normalize(x).tolist() == [[0.6, 0.8], [0, 0]]
    assert utils.normalize(x, axis=0, order=1)[0].tolist() == [1, 1]


def test_a_seed_repeats_everything_random():
    def once():
        utils.set_random_seed(7)
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
        return np.random.rand(), np.array(keras.random.normal((2,))), model.get_weights()[0]

    first, second = once(), once()
    assert first[0] == second[0] and np.array_equal(first[1], second[1]) and np.array_equal(first[2], second[2])
    with pytest.raises(ValueError, match="an integer is expected, 'x'"):
        utils.set_random_seed("x")


def test_pad_sequences_cuts_and_pads_at_either_end():
    rows = [[1, 2, 3], [4], []]
    assert utils.pad_sequences(rows).tolist() == [[1, 2, 3], [0, 0, 4], [0, 0, 0]]
    assert utils.pad_sequences(rows, maxlen=2).tolist() == [[2, 3], [0, 4], [0, 0]]
    assert utils.pad_sequences(rows, maxlen=2, padding="post", truncating="post", value=9).tolist() == [[1, 2], [4, 9], [9, 9]]
    assert utils.pad_sequences([[[1, 2]], [[3, 4], [5, 6]]]).shape == (2, 2, 2)
    assert utils.pad_sequences([["a"], ["b", "c"]], dtype=object, value="").tolist() == [["", "a"], ["b", "c"]]
    with pytest.raises(ValueError, match="element 1 is 5, which is no sequence"):
        utils.pad_sequences([[1], 5])
    with pytest.raises(ValueError, match='padding=\'middle\' is neither "pre" nor "post"'):
        utils.pad_sequences(rows, padding="middle")


def test_windows_of_a_series_and_their_targets():
    data = np.arange(10)
    dataset = utils.timeseries_dataset_from_array(data, data * 10, 3, batch_size=4)
    batches = list(dataset.as_numpy_iterator())
    assert batches[0][0].tolist() == [[0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5]] and batches[0][1].tolist() == [0, 10, 20, 30]
    assert sum(len(x) for x, _ in batches) == 8
    sparse = list(utils.timeseries_dataset_from_array(data, None, 2, sequence_stride=3, sampling_rate=2, batch_size=None).as_numpy_iterator())
    assert [w.tolist() for w in sparse] == [[0, 2], [3, 5], [6, 8]]
    part = list(utils.timeseries_dataset_from_array(data, data, 2, start_index=4, end_index=8).as_numpy_iterator())
    assert part[0][0].tolist() == [[4, 5], [5, 6], [6, 7]] and part[0][1].tolist() == [4, 5, 6]
    mixed = list(utils.timeseries_dataset_from_array(data, data, 3, shuffle=True, seed=1, batch_size=8).as_numpy_iterator())[0]
    assert sorted(mixed[1].tolist()) == list(range(8)) and (mixed[0][:, 0] == mixed[1]).all() and mixed[1].tolist() != list(range(8))
    with pytest.raises(ValueError, match="sequence_length=11 must lie between 1 and the 10 steps"):
        utils.timeseries_dataset_from_array(data, None, 11)


def test_split_dataset_gives_shares_or_numbers_of_elements():
    left, right = utils.split_dataset(np.arange(10), left_size=0.8)
    assert list(left.as_numpy_iterator()) == list(range(8)) and list(right.as_numpy_iterator()) == [8, 9]
    left, right = utils.split_dataset((np.arange(4), np.arange(4) * 2), right_size=1)
    assert len(left) == 3 and list(right.as_numpy_iterator()) == [(3, 6)]
    left, right = utils.split_dataset(list(range(20)), 0.5, shuffle=True, seed=1)
    both = [int(v) for v in [*left.as_numpy_iterator(), *right.as_numpy_iterator()]]
    assert sorted(both) == list(range(20)) and both != list(range(20))
    with pytest.raises(ValueError, match="left_size=1.5 is neither a share"):
        utils.split_dataset(np.arange(4), left_size=1.5)


def test_packing_and_unpacking_of_batches():
    assert utils.pack_x_y_sample_weight(1) == 1 and utils.pack_x_y_sample_weight([1]) == ([1],)
    assert utils.pack_x_y_sample_weight(1, 2) == (1, 2)
    assert utils.unpack_x_y_sample_weight((1, 2)) == (1, 2, None) and utils.unpack_x_y_sample_weight(5) == (5, None, None)
    with pytest.raises(ValueError, match="a tuple of 4"):
        utils.unpack_x_y_sample_weight((1, 2, 3, 4))


class Rows(utils.PyDataset):
    def __len__(self):
        return 3

    def __getitem__(self, index):
        return np.full((2, 3), index, "float32"), np.full((2, 1), index, "float32")


def test_a_pydataset_is_walked_through_in_order_with_any_number_of_workers():
    from cornu.keras.utils._datasets import batches_of

    assert [int(x[0, 0]) for x, _ in Rows()] == [0, 1, 2] and utils.Sequence is utils.PyDataset
    assert [int(x[0, 0]) for x, _ in batches_of(Rows(workers=3), range(3))] == [0, 1, 2]
    assert [int(x[0, 0]) for x, _ in batches_of(Rows(workers=2), [2, 0, 1])] == [2, 0, 1]
    with pytest.raises(NotImplementedError, match="workers=N"):
        Rows(use_multiprocessing=True)


def test_progress_is_one_line_without_control_codes_where_there_is_no_terminal(capsys):
    bar = utils.Progbar(3, stateful_metrics=["lr"])
    for step in range(1, 4):
        bar.update(step, [("loss", 4.0 / step), ("lr", 0.5)])
    text = capsys.readouterr().out
    assert text.count("\n") == 1 and "3/3 " in text and "\x1b" not in text and "\b" not in text and "lr: 0.5000" in text


def picture(h=5, w=7, channels=3):
    return np.random.default_rng(0).integers(0, 256, (h, w, channels)).astype("float32")


@pytest.mark.parametrize("channels,mode", [(1, "grayscale"), (3, "rgb"), (4, "rgba")])
def test_pictures_are_written_and_read_again(tmp_path, channels, mode):
    x = picture(channels=channels)
    utils.save_img(tmp_path / "p.png", x, scale=False)
    assert np.array_equal(utils.img_to_array(utils.load_img(tmp_path / "p.png", color_mode=mode)), x)
    small = utils.load_img(io.BytesIO((tmp_path / "p.png").read_bytes()), target_size=(3, 4))
    assert utils.img_to_array(small).shape == (3, 4, 3)
    assert np.asarray(utils.array_to_img(x)).max() == 255


def test_every_filter_of_png_is_undone():
    import struct
    import zlib

    from cornu.keras.utils import _png

    x = picture(6, 4).astype(np.uint8)
    flat = x.reshape(6, -1).astype(int)
    lines = []
    for y, kind in enumerate([0, 1, 2, 3, 4, 4]):
        up = flat[y - 1] if y else np.zeros(12, int)
        left, corner = (np.concatenate([np.zeros(3, int), row[:-3]]) for row in (flat[y], up))
        p = left + up - corner
        near = np.stack([abs(p - left), abs(p - up), abs(p - corner)]).argmin(axis=0)
        guess = [0, left, up, (left + up) // 2, np.choose(near, [left, up, corner])][kind]
        lines.append(bytes([kind]) + ((flat[y] - guess) % 256).astype(np.uint8).tobytes())
    plain = _png.encode(x)
    start = plain.index(b"IDAT") - 4
    body = zlib.compress(b"".join(lines))
    data = plain[:start] + struct.pack(">I", len(body)) + b"IDAT" + body + struct.pack(">I", 0) + struct.pack(">I", 0) + b"IEND" + b"\0\0\0\0"
    assert np.array_equal(_png.decode(data), x)
    with pytest.raises(ValueError, match="damaged"):
        _png.decode(plain[:40], "p.png")


def test_ppm_and_bmp_are_read_without_pillow():
    import struct

    from cornu.keras.utils import _png

    x = picture(2, 3).astype(np.uint8)
    assert np.array_equal(_png.decode(b"P6\n# a comment\n3 2\n255\n" + x.tobytes()), x)
    rows = b"".join(row[:, ::-1].tobytes() + b"\0" * 3 for row in x[::-1])
    head = b"BM" + struct.pack("<IHHI", 54 + len(rows), 0, 0, 54) + struct.pack("<IiiHHIIiiII", 40, 3, 2, 1, 24, 0, len(rows), 0, 0, 0, 0)
    assert np.array_equal(_png.decode(head + rows), x)
    assert _png.decode(b"\xff\xd8\xff\xe0") is None


def folders(tmp_path, write):
    for name, count in (("cats", 3), ("dogs", 5)):
        (tmp_path / name).mkdir()
        for i in range(count):
            write(tmp_path / name / f"{i}", name, i)


def test_pictures_in_folders_become_batches_with_labels(tmp_path, capsys):
    folders(tmp_path, lambda path, name, i: utils.save_img(f"{path}.png", np.full((4, 6, 3), 10 * i + (name == "dogs")), scale=False))
    dataset = utils.image_dataset_from_directory(tmp_path, image_size=(4, 6), batch_size=3, shuffle=False)
    assert "Found 8 files belonging to 2 classes." in capsys.readouterr().out
    batches = list(dataset.as_numpy_iterator())
    assert dataset.class_names == ["cats", "dogs"] and len(dataset) == 3 and batches[0][0].shape == (3, 4, 6, 3)
    assert np.concatenate([y for _, y in batches]).tolist() == [0] * 3 + [1] * 5
    assert batches[1][0][:, 0, 0, 0].tolist() == [1, 11, 21]
    train, val = utils.image_dataset_from_directory(tmp_path, image_size=(2, 2), validation_split=0.25, subset="both", seed=3, label_mode="categorical")
    assert sum(len(x) for x, _ in train.as_numpy_iterator()) == 6 and next(val.as_numpy_iterator())[1].shape == (2, 2)
    binary = utils.image_dataset_from_directory(tmp_path, image_size=(2, 2), label_mode="binary", color_mode="grayscale", verbose=False)
    x, y = next(binary.as_numpy_iterator())
    assert x.shape == (8, 2, 2, 1) and y.shape == (8, 1) and y.dtype == np.float32
    with pytest.raises(ValueError, match="give a seed"):
        utils.image_dataset_from_directory(tmp_path, validation_split=0.5, subset="training")
    with pytest.raises(ValueError, match="the folders in .* are \\['cats', 'dogs'\\]"):
        utils.image_dataset_from_directory(tmp_path, class_names=["birds"])


def test_texts_in_folders_become_batches_with_labels(tmp_path):
    folders(tmp_path, lambda path, name, i: path.with_suffix(".txt").write_text(f"{name} number {i}"))
    dataset = utils.text_dataset_from_directory(tmp_path, batch_size=4, shuffle=False, verbose=False)
    texts, labels = next(dataset.as_numpy_iterator())
    assert texts.tolist() == ["cats number 0", "cats number 1", "cats number 2", "dogs number 0"] and labels.tolist() == [0, 0, 0, 1]
    short = utils.text_dataset_from_directory(tmp_path, labels=None, max_length=4, shuffle=False, verbose=False)
    assert next(short.as_numpy_iterator()).tolist() == ["cats"] * 3 + ["dogs"] * 5
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        utils.text_dataset_from_directory(tmp_path / "none")


def branching():
    inputs = keras.Input((4,), name="in")
    a = keras.layers.Dense(3, activation="relu", name="a")(inputs)
    b = keras.layers.Dense(3, name="b")(inputs)
    return keras.Model(inputs, keras.layers.Add(name="sum")([a, b]))


def test_a_model_as_a_graph_for_graphviz(tmp_path):
    text = str(utils.model_to_dot(branching(), show_shapes=True, show_layer_activations=True))
    for edge in ('"in" -> "a"', '"in" -> "b"', '"a" -> "sum"', '"b" -> "sum"'):
        assert edge in text
    assert "(None, 3)" in text and "Activation: <b>relu</b>" in text and text.count("->") == 4
    chain = keras.Sequential([keras.Input((4,)), branching(), keras.layers.Dense(1, name="last")])
    nested = str(utils.model_to_dot(chain, expand_nested=True))
    assert '/sum" -> "last"' in nested and "subgraph" in nested
    utils.plot_model(chain, to_file=tmp_path / "model.dot")
    assert (tmp_path / "model.dot").read_text().startswith("digraph {")
    if shutil.which("dot"):
        utils.plot_model(chain, to_file=tmp_path / "model.png", show_shapes=True, show_trainable=True, show_dtype=True)
        assert (tmp_path / "model.png").read_bytes().startswith(b"\x89PNG")
    else:
        with pytest.raises(ImportError, match="graphviz"):
            utils.plot_model(chain, to_file=tmp_path / "model.png")
    with pytest.raises(ValueError, match="not built"):
        utils.model_to_dot(keras.Sequential([keras.layers.Dense(1)]))


def test_get_file_takes_what_is_there_and_downloads_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    with pytest.raises(NotImplementedError, match=r"downloads nothing.*http://there/x.zip.*datasets/x.zip"):
        utils.get_file("x.zip", "http://there/x.zip")
    (tmp_path / "datasets").mkdir()
    (tmp_path / "datasets" / "x.zip").write_text("x")
    assert utils.get_file("x.zip", "http://there/x.zip") == str(tmp_path / "datasets" / "x.zip")
    with pytest.raises(NotImplementedError, match="wave"):
        utils.audio_dataset_from_directory("sounds")


def test_names_that_there_are_not_say_so():
    with pytest.raises(AttributeError, match="no keras.utils.FeatureSpace: put StringLookup"):
        utils.FeatureSpace
    with pytest.raises(AttributeError, match="did you mean to_categorical"):
        utils.to_categoricals
    with pytest.raises(AttributeError, match="RandomFlip"):
        keras.preprocessing.image.ImageDataGenerator


def test_the_tokenizer_numbers_words_by_frequency():
    from cornu.keras.preprocessing.text import Tokenizer, text_to_word_sequence, tokenizer_from_json

    tokenizer = Tokenizer(num_words=4, oov_token="<oov>")
    tokenizer.fit_on_texts(["The cat, the dog!", "The cat sat."])
    assert tokenizer.word_index == {"<oov>": 1, "the": 2, "cat": 3, "dog": 4, "sat": 5}
    assert tokenizer.texts_to_sequences(["the cat sat on the mat"]) == [[2, 3, 1, 1, 2, 1]]
    assert tokenizer.sequences_to_texts([[2, 3, 4]]) == ["the cat <oov>"]
    assert tokenizer.texts_to_matrix(["the the cat"], mode="count").tolist() == [[0, 0, 2, 1]]
    assert tokenizer.texts_to_matrix(["the the cat"], mode="freq")[0, 2] == pytest.approx(2 / 3)
    assert tokenizer.texts_to_matrix(["the the cat"], mode="tfidf")[0, 2] == pytest.approx((1 + np.log(2)) * np.log(1 + 2 / 3))
    again = tokenizer_from_json(tokenizer.to_json())
    assert again.texts_to_sequences(["dog sat"]) == tokenizer.texts_to_sequences(["dog sat"]) and again.document_count == 2
    assert json.loads(again.to_json()) == json.loads(tokenizer.to_json())
    assert text_to_word_sequence("Don't stop-me") == ["don't", "stop", "me"]


def test_legacy_sequences():
    from cornu.keras.preprocessing import sequence, text

    generator = sequence.TimeseriesGenerator(np.arange(10), np.arange(10) * 10, length=3, batch_size=4)
    x, y = generator[0]
    assert len(generator) == 2 and x[0].tolist() == [0, 1, 2] and y.tolist() == [30, 40, 50, 60]
    pairs, labels = sequence.skipgrams([1, 2, 0, 3], 5, window_size=1, negative_samples=0, shuffle=False)
    assert pairs == [[1, 2], [2, 1]] and labels == [1, 1]
    # by word2vec's formula: min(1, sqrt(t * rank * (log rank + 0.577) + ...))
    assert sequence.make_sampling_table(5)[1:3] == pytest.approx([0.00315225, 0.00547597], rel=1e-4)
    assert text.hashing_trick("a b a", 10, "md5") == [text.hashing_trick("a", 10, "md5")[0], text.hashing_trick("b", 10, "md5")[0], text.hashing_trick("a", 10, "md5")[0]]
