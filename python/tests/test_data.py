"""tf.data's Dataset: pipelines over arrays and functions."""
import numpy as np
import pytest

import cornu as tf
from cornu.data import AUTOTUNE, Dataset, as_arrays


def values(dataset):
    return list(dataset.as_numpy_iterator())


def test_slices_are_rows_in_the_structure_they_were_given_in():
    x, y = np.arange(6).reshape(3, 2), np.array([1.5, 2.5, 3.5])
    rows = values(Dataset.from_tensor_slices((x, y)))
    assert len(rows) == 3 and rows[1][0].tolist() == [2, 3] and rows[1][1] == 2.5
    named = values(Dataset.from_tensor_slices({"a": x, "b": (y, y)}))
    assert named[2]["a"].tolist() == [4, 5] and named[2]["b"][1] == 3.5


def test_python_numbers_become_float32_and_int32_and_arrays_stay_as_they_are():
    assert Dataset.from_tensor_slices([1.0, 2.0]).element_spec.dtype == "float32"
    assert Dataset.from_tensor_slices([1, 2]).element_spec.dtype == "int32"
    assert Dataset.from_tensor_slices(np.array([1.0])).element_spec.dtype == "float64"


def test_arrays_of_different_lengths_are_refused_with_their_shapes():
    with pytest.raises(ValueError, match=r"first axis of one length.*\(3, 2\).*\(2,\)"):
        Dataset.from_tensor_slices((np.zeros((3, 2)), np.zeros(2)))


def test_batches_are_stacked_and_the_last_one_is_short_or_dropped():
    assert [b.tolist() for b in values(Dataset.range(5).batch(2))] == [[0, 1], [2, 3], [4]]
    assert len(Dataset.range(5).batch(2)) == 3
    assert [b.tolist() for b in values(Dataset.range(5).batch(2, drop_remainder=True))] == [[0, 1], [2, 3]]
    mapped = Dataset.range(5).map(lambda v: v + 1).batch(2)
    assert [b.tolist() for b in values(mapped)] == [[1, 2], [3, 4], [5]]


def test_elements_of_different_shapes_cannot_be_batched_but_padded():
    made = Dataset.from_generator(lambda: ([1] * n for n in (1, 3)), output_signature=tf.TensorSpec((None,), "int32"))
    with pytest.raises(ValueError, match=r"different shapes: \[\(1,\), \(3,\)\]; use padded_batch"):
        values(made.batch(2))
    assert values(made.padded_batch(2))[0].tolist() == [[1, 0, 0], [1, 1, 1]]
    assert values(made.padded_batch(2, padded_shapes=[4], padding_values=9))[0].tolist() == [[1, 9, 9, 9], [1, 1, 1, 9]]


def test_map_gives_tuples_as_arguments_and_its_function_sees_tensors():
    dataset = Dataset.from_tensor_slices((np.array([1, 2, 255], np.uint8), np.array([0, 1, 0])))
    mapped = dataset.map(lambda x, y: (tf.cast(x, tf.float32) / 255.0, y), num_parallel_calls=AUTOTUNE)
    rows = values(mapped)
    assert rows[2][0] == 1.0 and rows[2][0].dtype == np.float32 and rows[1][1] == 1


def test_filter_keeps_what_the_predicate_says():
    assert values(Dataset.range(6).filter(lambda v: v % 2 == 1)) == [1, 3, 5]


def test_take_skip_repeat_and_concatenate():
    assert values(Dataset.range(5).skip(1).take(2)) == [1, 2]
    assert values(Dataset.range(2).repeat(2)) == [0, 1, 0, 1]
    assert values(Dataset.range(2).repeat().take(5)) == [0, 1, 0, 1, 0]
    assert values(Dataset.range(2).concatenate(Dataset.range(5, 7))) == [0, 1, 5, 6]
    assert values(Dataset.range(4).take(-1)) == [0, 1, 2, 3]
    assert values(Dataset.range(7).shard(3, 1)) == [1, 4]


def test_zip_enumerate_unbatch_flat_map_window_and_reduce():
    assert values(Dataset.zip((Dataset.range(3), Dataset.range(5, 9)))) == [(0, 5), (1, 6), (2, 7)]
    assert values(Dataset.zip(Dataset.range(2), Dataset.range(2))) == [(0, 0), (1, 1)]
    assert values(Dataset.range(2).enumerate(start=4)) == [(4, 0), (5, 1)]
    assert values(Dataset.range(3).batch(2).unbatch()) == [0, 1, 2]
    assert values(Dataset.range(3).flat_map(lambda v: Dataset.range(int(v)))) == [0, 0, 1]
    windows = Dataset.range(5).window(3, shift=1, drop_remainder=True).flat_map(lambda w: w.batch(3))
    assert [w.tolist() for w in values(windows)] == [[0, 1, 2], [1, 2, 3], [2, 3, 4]]
    assert int(Dataset.range(5).reduce(np.int64(0), lambda state, v: state + v)) == 10


def test_cardinality_counts_or_says_that_it_cannot():
    assert int(Dataset.range(7).batch(3).cardinality()) == 3
    assert int(Dataset.range(7).repeat().cardinality()) == -1
    assert int(Dataset.range(7).filter(lambda v: v > 3).cardinality()) == -2
    with pytest.raises(TypeError, match="endless"):
        len(Dataset.range(7).repeat())
    with pytest.raises(TypeError, match="not known"):
        len(Dataset.range(7).filter(lambda v: v > 3))


@pytest.mark.parametrize("size", [3, 100])
def test_shuffles_are_permutations_that_a_seed_repeats_and_that_differ_by_epoch(size):
    dataset = Dataset.range(20).shuffle(size, seed=5)
    first, second = values(dataset), values(dataset)
    assert sorted(first) == list(range(20)) and first != list(range(20)) and first != second
    assert values(Dataset.range(20).shuffle(size, seed=5)) == first
    fixed = Dataset.range(20).shuffle(size, seed=5, reshuffle_each_iteration=False)
    assert values(fixed) == values(fixed)


def test_a_buffer_smaller_than_the_data_moves_no_element_far_ahead():
    order = values(Dataset.range(100).shuffle(5, seed=1))
    assert all(place >= value - 4 for place, value in enumerate(order))


def test_cache_runs_what_is_before_it_once():
    calls = []
    dataset = Dataset.range(3).map(lambda v: calls.append(1) or v).cache()
    assert values(dataset) == values(dataset) == [0, 1, 2] and len(calls) == 3
    with pytest.raises(NotImplementedError, match="memory"):
        dataset.cache("file")


def test_a_generator_begins_anew_each_time_and_is_held_to_its_signature():
    signature = (tf.TensorSpec((), tf.int32), tf.TensorSpec((2,), tf.float32))
    made = Dataset.from_generator(lambda: ((i, [i, i]) for i in range(3)), output_signature=signature)
    assert [int(i) for i, _ in values(made)] == [int(i) for i, _ in values(made)] == [0, 1, 2]
    assert values(made)[0][1].dtype == np.float32
    wrong = Dataset.from_generator(lambda: iter([(1, [1, 2, 3])]), output_signature=signature)
    with pytest.raises(ValueError, match=r"yielded shape \(3,\), but its signature says \(2,\)"):
        values(wrong)
    with pytest.raises(TypeError, match="must be a function"):
        Dataset.from_generator(iter([1]))


def test_a_loop_sees_tensors_and_texts_stay_texts():
    for x in Dataset.from_tensor_slices(np.ones((2, 3), np.float32)).batch(2):
        assert tuple(x.shape) == (2, 3) and x.numpy().sum() == 6
    for text in Dataset.from_tensor_slices(["a b", "c"]).batch(2):
        assert text.numpy().tolist() == ["a b", "c"]


def test_plain_pipelines_hand_their_arrays_over_without_a_copy():
    x, y = np.random.rand(10, 3).astype("float32"), np.arange(10)
    (xs, ys), size, shuffled = as_arrays(Dataset.from_tensor_slices((x, y)).shuffle(10).batch(4).prefetch(AUTOTUNE))
    assert np.shares_memory(xs, x) and np.shares_memory(ys, y) and size == 4 and shuffled
    (xs, _), _, shuffled = as_arrays(Dataset.from_tensor_slices((x, y)).skip(2).take(5).cache().batch(5))
    assert np.shares_memory(xs, x) and xs.tolist() == x[2:7].tolist() and not shuffled
    for other in (lambda d: d.map(lambda a, b: (a, b)).batch(4), lambda d: d.batch(4).repeat(2), lambda d: d.batch(4, drop_remainder=True),
                  lambda d: d.shuffle(3).batch(4), lambda d: d.shuffle(10, reshuffle_each_iteration=False).batch(4), lambda d: d):
        assert as_arrays(other(Dataset.from_tensor_slices((x, y)))) is None


def test_what_there_is_not_is_said_with_what_there_is():
    with pytest.raises(AttributeError, match="has no 'bucket_by_sequence_length'.*padded_batch"):
        Dataset.range(3).bucket_by_sequence_length()
    with pytest.raises(ValueError, match="batch_size must be at least 1, 0 given"):
        Dataset.range(3).batch(0)


def model():
    keras = tf.keras
    made = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    made.set_weights([np.full((3, 1), 0.1, "float32"), np.zeros(1, "float32")])
    made.compile("sgd", "mse")
    return made


def test_fit_reads_a_dataset_as_it_reads_the_arrays():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(50, 3)).astype("float32"), rng.normal(size=(50, 1)).astype("float32")
    expected = model().fit(x, y, batch_size=8, epochs=3, shuffle=False, validation_data=(x[:20], y[:20]), verbose=0).history
    plain = Dataset.from_tensor_slices((x, y))
    for train in (plain.batch(8), plain.map(lambda a, b: (a, b)).batch(8), plain.map(lambda a, b: (a, b)).batch(8).cache().prefetch(2)):
        history = model().fit(train, epochs=3, validation_data=plain.take(20).batch(8), verbose=0).history
        assert np.allclose(history["loss"], expected["loss"], rtol=1e-5)
        assert np.allclose(history["val_loss"], expected["val_loss"], rtol=1e-5)
    one = model()
    assert np.allclose(one.predict(plain.batch(7), verbose=0), one.predict(x, verbose=0), atol=1e-6)
    assert np.isclose(one.evaluate(plain.batch(7), verbose=0), one.evaluate(x, y, verbose=0), rtol=1e-5)
    endless = model().fit(plain.batch(10).repeat(), steps_per_epoch=5, epochs=2, verbose=0).history
    whole = model().fit(x, y, batch_size=10, epochs=2, shuffle=False, verbose=0).history
    assert np.allclose(endless["loss"], whole["loss"], rtol=1e-5)


def test_weights_of_samples_may_come_from_the_dataset():
    x, y = np.ones((6, 3), "float32"), np.ones((6, 1), "float32")
    w = np.array([0, 0, 0, 0, 0, 3.0], "float32")
    expected = model().fit(x, y, sample_weight=w, batch_size=6, verbose=0).history["loss"]
    assert np.allclose(model().fit(Dataset.from_tensor_slices((x, y, w)).batch(6), verbose=0).history["loss"], expected)
