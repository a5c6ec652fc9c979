"""What layers do at the edges: masks of which all or nothing counts, sequences of one step and of a thousand, single samples."""
import numpy as np

from ..layer_values import case, fill, L

ALL = dict(return_sequences=True, return_state=True)
MASKS = {"all": np.ones((3, 4), bool), "nothing": np.zeros((3, 4), bool)}
LONG = 1000


def recurrent(**k):
    yield L.SimpleRNN(2, **k)
    yield L.LSTM(2, **k)
    yield L.GRU(2, **k)
    yield L.GRU(2, reset_after=False, **k)
    yield L.RNN(L.LSTMCell(2), **k)
    yield L.Bidirectional(L.GRU(2, **k))


def separate(layer, xs, **call):
    return layer(*xs, **call)


def rows(rng, *shape):
    return fill(rng, shape)


def cases():
    rng = np.random.default_rng(5)
    for name, mask in MASKS.items():
        about = f"{name} counts"
        for k in ({}, ALL, {"return_sequences": True, "zero_output_for_mask": True}, {"go_backwards": True}):
            for layer in recurrent(**k) if k != {"go_backwards": True} else [L.LSTM(2, **k), L.GRU(2, **k)]:
                yield case(layer, (4, 2), masks=[mask], about=about)
        for training in (False, True):
            yield case(L.BatchNormalization(), (4, 2), masks=[mask], training=training, by_row=not training, about=about)
        yield case(L.GlobalAveragePooling1D(), (4, 2), masks=[mask], smooth=False, about=about)
        yield case(L.Softmax(), (4,), call={"mask": mask}, about=about)
        yield case(L.TimeDistributed(L.Dense(2)), (4, 2), masks=[mask], about=about)
        yield case(L.Attention(use_scale=True), (4, 2), (4, 2), masks=[mask, mask], about=about)
        yield case(L.Attention(), (4, 2), (4, 2), masks=[None, mask], call={"use_causal_mask": True, "return_attention_scores": True},
                   smooth=name == "all", about=about)  # beside -1e9 even float64 is rough
        yield case(L.AdditiveAttention(), (4, 2), (4, 2), masks=[mask, mask], about=about)
        yield case(L.MultiHeadAttention(2, 2), (4, 2), (4, 2), masks=[None, mask], apply=separate, about=about)
        yield case(L.MultiHeadAttention(2, 2), (4, 2), (4, 2), masks=[mask, mask], apply=separate, call={"use_causal_mask": True}, about=about)
        yield case(L.GroupQueryAttention(2, 4, 2), (4, 2), (4, 2), masks=[None, mask], apply=separate, about=about)
        yield case(L.Concatenate(), (4, 2), (4, 1), masks=[mask, mask], about=about)
        yield case(L.Add(), (4, 2), (4, 2), masks=[mask, MASKS["all"]], about=about)

    # one step, one sample, one of everything
    for layer in recurrent(**ALL):
        yield case(layer, rows(rng, 1, 1, 1), about="one step of one sample")
    yield case(L.MultiHeadAttention(1, 1), rows(rng, 1, 1, 1), rows(rng, 1, 1, 1), apply=separate, about="one step of one sample")
    yield case(L.Attention(), rows(rng, 1, 1, 1), rows(rng, 1, 1, 1), about="one step of one sample")
    yield case(L.Dense(1), rows(rng, 1, 1), about="one number")
    yield case(L.Conv1D(1, 1), rows(rng, 1, 1, 1), about="one number")
    yield case(L.Conv2D(1, 3, padding="same"), rows(rng, 1, 1, 1, 1), about="one pixel")
    yield case(L.Conv2D(2, 3, strides=2, padding="same"), rows(rng, 1, 1, 7, 1), about="one row of pixels")
    yield case(L.MaxPooling2D(2, padding="same"), rows(rng, 1, 1, 3, 1), about="one row of pixels", smooth=False)
    yield case(L.BatchNormalization(), rows(rng, 1, 3), training=True, by_row=False, about="one sample: no variance")
    yield case(L.LayerNormalization(), rows(rng, 1, 1), about="one number: no variance")
    yield case(L.GroupNormalization(groups=1), rows(rng, 1, 2), about="one sample")

    # long sequences
    for layer in (L.SimpleRNN(2), L.LSTM(2), L.GRU(2, return_sequences=True), L.GRU(2, reset_after=False), L.Bidirectional(L.LSTM(1, return_sequences=True))):
        yield case(layer, rows(rng, 1, LONG, 1), smooth=False, about="a thousand steps")
    mask = np.arange(LONG)[None, :] % 7 != 3
    yield case(L.LSTM(2, **ALL), rows(rng, 1, LONG, 1), masks=[mask], smooth=False, about="a thousand steps, some masked")
    yield case(L.MultiHeadAttention(2, 2), rows(rng, 1, LONG, 2), rows(rng, 1, LONG, 2), apply=separate, call={"use_causal_mask": True}, smooth=False, about="a thousand steps")
    yield case(L.Attention(), rows(rng, 1, LONG, 1), rows(rng, 1, LONG, 1), masks=[None, mask], smooth=False, about="a thousand steps, some masked")
    yield case(L.Conv1D(2, 5, padding="causal", dilation_rate=3), rows(rng, 1, LONG, 1), smooth=False, about="a thousand steps")
    yield case(L.Embedding(5, 2), (np.arange(LONG, dtype="int32") * 7 % 5)[None, :], smooth=False, about="a thousand steps")
