import numpy as np

from ..layer_values import L, case, keras

R = keras.regularizers
C = keras.constraints
MASK = np.array([[True, True, False, True], [False, True, True, False], [True, False, False, False]])
ALL = dict(return_sequences=True, return_state=True)


def states(*shape, count=1):
    rng = np.random.default_rng(3)
    return [(rng.integers(-48, 49, shape) / 64).astype("float32") for _ in range(count)]


def cell(layer, xs):
    return layer(xs[0], list(xs[1:]))


def layers_of(make, count):
    """What every recurrent layer does alike."""
    yield case(make(), (4, 2))
    yield case(make(return_sequences=True), (4, 2))
    yield case(make(**ALL), (4, 2))
    yield case(make(return_state=True), (1, 2))
    yield case(make(go_backwards=True), (4, 2))
    yield case(make(go_backwards=True, **ALL), (4, 2))
    yield case(make(unroll=True, return_sequences=True), (3, 2))
    yield case(make(), (4, 2), masks=[MASK])
    yield case(make(**ALL), (4, 2), masks=[MASK])
    yield case(make(go_backwards=True, **ALL), (4, 2), masks=[MASK])
    yield case(make(zero_output_for_mask=True, **ALL), (4, 2), masks=[MASK])
    yield case(make(zero_output_for_mask=True), (4, 2), masks=[MASK])
    yield case(make(zero_output_for_mask=True, go_backwards=True), (4, 2), masks=[MASK])
    yield case(make(), (4, 2), call={"initial_state": states(3, 3, count=count)})
    yield case(make(**ALL), (4, 2), masks=[MASK], call={"initial_state": states(3, 3, count=count)})
    yield case(make(), (4, 2), masks=[MASK], call={"initial_state": states(3, 3, count=count)})
    yield case(make(return_sequences=True), (4, 2), call={"mask": MASK})
    yield case(make(**ALL), (4, 2), call={"initial_state": states(3, 3, count=count), "mask": MASK})
    yield case(make(use_bias=False), (3, 2))
    yield case(make(activation="linear"), (3, 2))
    yield case(make(activation="relu", return_sequences=True), (3, 2))
    yield case(make(kernel_initializer="he_normal", recurrent_initializer="glorot_normal", bias_initializer="ones",
                    kernel_constraint=C.MaxNorm(1.5), recurrent_constraint=C.UnitNorm(), bias_constraint=C.NonNeg()), (2, 2))
    yield case(make(kernel_regularizer=R.L2(0.1), recurrent_regularizer=R.L1(0.01), bias_regularizer=R.L1L2(0.1, 0.2),
                    activity_regularizer=R.L2(0.3)), (2, 2))
    yield case(make(activity_regularizer=R.L1(0.3), **ALL), (2, 2))
    yield case(make(trainable=False, name="frozen"), (2, 2))
    yield case(make(dropout=0.25, recurrent_dropout=0.5, seed=7), (3, 2))
    yield case(make(return_sequences=True), (4, 2), training=True)


def cases():
    yield from layers_of(lambda **k: L.SimpleRNN(3, **k), 1)
    yield from layers_of(lambda **k: L.LSTM(3, **k), 2)
    yield from layers_of(lambda **k: L.GRU(3, **k), 1)
    yield from layers_of(lambda **k: L.GRU(3, reset_after=False, **k), 1)
    yield case(L.LSTM(3, recurrent_activation="hard_sigmoid", unit_forget_bias=False), (3, 2), smooth=False)
    yield case(L.LSTM(2, recurrent_activation="relu", activation="softsign"), (3, 2), smooth=False)
    yield case(L.GRU(3, recurrent_activation="tanh", use_bias=False, reset_after=False), (3, 2))
    yield case(L.LSTM(1, return_sequences=True), (5, 1))
    yield case(L.GRU(5), (2, 7))

    # cells on their own
    for make, count in ((lambda **k: L.SimpleRNNCell(3, **k), 1), (lambda **k: L.LSTMCell(3, **k), 2), (lambda **k: L.GRUCell(3, **k), 1),
                        (lambda **k: L.GRUCell(3, reset_after=False, **k), 1)):
        yield case(make(), (2,), *[(3,)] * count, apply=cell)
        yield case(make(use_bias=False, activation="linear", kernel_regularizer="l2"), (2,), *[(3,)] * count, apply=cell)
        yield case(make(dropout=0.5, recurrent_dropout=0.1, seed=3, name="own"), (2,), *[(3,)] * count, apply=cell)
    yield case(L.StackedRNNCells([L.LSTMCell(3), L.GRUCell(2)]), (2,), (3,), (3,), (2,),
               apply=lambda layer, xs: layer(xs[0], [[xs[1], xs[2]], xs[3]]))

    # RNN over cells
    yield case(L.RNN(L.LSTMCell(3), **ALL), (4, 2))
    yield case(L.RNN(L.GRUCell(3)), (4, 2), masks=[MASK])
    yield case(L.RNN(L.SimpleRNNCell(3), go_backwards=True, activity_regularizer=R.L2(0.1)), (4, 2))
    yield case(L.RNN([L.GRUCell(3), L.LSTMCell(2)]), (4, 2))
    yield case(L.RNN([L.LSTMCell(3, name="below"), L.LSTMCell(2, name="above")], return_sequences=True), (4, 2))
    yield case(L.RNN([L.SimpleRNNCell(3), L.SimpleRNNCell(3)], return_sequences=True), (4, 2), masks=[MASK])
    yield case(L.RNN([L.SimpleRNNCell(3), L.GRUCell(2)], return_sequences=True, zero_output_for_mask=True), (4, 2), masks=[MASK])
    yield case(L.RNN([L.SimpleRNNCell(3), L.GRUCell(2)], return_sequences=True), (4, 2), masks=[MASK],
               call={"initial_state": states(3, 3) + states(3, 2)})
    yield case(L.RNN(L.StackedRNNCells([L.GRUCell(2)])), (4, 2))

    # Bidirectional
    B = L.Bidirectional
    for mode in ("concat", "sum", "mul", "ave", None):
        yield case(B(L.GRU(2, return_sequences=True), merge_mode=mode), (4, 2))
        yield case(B(L.LSTM(2), merge_mode=mode), (4, 2))
    yield case(B(L.LSTM(2, **ALL)), (4, 2))
    yield case(B(L.GRU(2, return_state=True), merge_mode=None), (4, 2))
    yield case(B(L.SimpleRNN(2, return_sequences=True)), (4, 2), masks=[MASK])
    yield case(B(L.LSTM(2)), (4, 2), masks=[MASK])
    yield case(B(L.GRU(2, return_sequences=True), merge_mode=None), (4, 2), masks=[MASK])
    yield case(B(L.GRU(2, return_state=True), merge_mode="sum"), (4, 2), masks=[MASK])
    yield case(B(L.LSTM(2, return_sequences=True)), (4, 2), call={"initial_state": states(3, 2, count=4)})
    yield case(B(L.LSTM(2, return_sequences=True)), (4, 2), masks=[MASK], call={"initial_state": states(3, 2, count=4)})
    yield case(B(L.GRU(2, return_sequences=True, name="own"), backward_layer=L.GRU(3, return_sequences=True, go_backwards=True, activation="relu", name="other")), (4, 2))
    yield case(B(L.GRU(2, return_sequences=True, go_backwards=True), backward_layer=L.GRU(2, return_sequences=True)), (4, 2))
    yield case(B(L.RNN(L.LSTMCell(2), return_sequences=True), name="both"), (4, 2))
    yield case(B(L.RNN([L.GRUCell(2), L.GRUCell(3)])), (4, 2))
    yield case(B(L.LSTM(2, kernel_regularizer="l2", activity_regularizer="l1", dropout=0.5)), (3, 2))

    # TimeDistributed
    T = L.TimeDistributed
    yield case(T(L.Dense(3)), (4, 2))
    yield case(T(L.Dense(3, activation="tanh", kernel_regularizer="l2", name="each")), (4, 2), masks=[MASK])
    yield case(T(L.Dense(3)), (2, 3, 2))
    yield case(T(L.GRU(2)), (2, 3, 2))
    yield case(T(L.LSTM(2, return_sequences=True)), (2, 3, 2), training=True)
    yield case(T(T(L.Dense(2))), (2, 3, 2))
    yield case(T(L.Flatten()), (3, 2, 2))
