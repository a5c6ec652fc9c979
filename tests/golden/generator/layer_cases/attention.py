import keras
import numpy as np

from ..layer_values import case, L

Q = np.array([[True, True, False], [True, False, False], [True, True, True]])
V = np.array([[True, False, True, True], [True, True, False, False], [True, True, True, True]])
PAIRS = np.array([[[(b + t + 2 * s) % 3 > 0 for s in range(4)] for t in range(3)] for b in range(3)])
PAIRS[..., 0] = True


def separate(layer, xs, **call):
    return layer(*xs, **call)


def heads(layer, *inputs, **how):
    return case(layer, *inputs, apply=separate, **how)


def cases():
    A = L.Attention
    yield case(A(), (3, 2), (4, 2))
    yield case(A(), (3, 2), (4, 5), (4, 2))
    yield case(A(use_scale=True), (3, 2), (4, 2))
    yield case(A(score_mode="concat"), (3, 2), (4, 2))
    yield case(A(score_mode="concat", use_scale=True), (3, 2), (4, 3), (4, 2))
    yield case(A(dropout=0.5, seed=3), (3, 2), (4, 2))
    yield case(A(), (3, 2), (4, 2), call={"use_causal_mask": True})
    yield case(A(), (3, 2), (4, 2), call={"return_attention_scores": True})
    yield case(A(use_scale=True), (3, 2), (4, 2), masks=[Q, V])
    yield case(A(), (3, 2), (4, 2), (4, 2), masks=[None, V, None], call={"use_causal_mask": True, "return_attention_scores": True})
    yield case(A(), (3, 2), (4, 2), call={"mask": [Q, V]})
    B = L.AdditiveAttention
    yield case(B(), (3, 2), (4, 2))
    yield case(B(), (3, 2), (4, 5), (4, 2))
    yield case(B(use_scale=False), (3, 2), (4, 2))
    yield case(B(dropout=0.25, seed=1), (3, 2), (4, 2), masks=[Q, V])
    yield case(B(), (3, 2), (4, 2), call={"use_causal_mask": True, "return_attention_scores": True})

    M = L.MultiHeadAttention
    yield heads(M(2, 3), (3, 4), (4, 4))
    yield heads(M(num_heads=2, key_dim=2, value_dim=3), (3, 4), (4, 5), (4, 3))
    yield heads(M(1, 2, use_bias=False), (3, 4), (4, 4))
    yield heads(M(2, 2, output_shape=5), (3, 4), (4, 4))
    yield heads(M(2, 2, output_shape=(2, 3)), (3, 4), (4, 4))
    yield heads(M(2, 2, dropout=0.5, seed=3), (3, 4), (4, 4))
    yield heads(M(2, 2), (3, 4), (3, 4), call={"use_causal_mask": True})
    yield heads(M(2, 2), (3, 4), (4, 4), call={"return_attention_scores": True})
    yield heads(M(2, 2), (3, 4), (4, 4), call={"attention_mask": PAIRS})
    yield heads(M(2, 2), (3, 4), (4, 4), call={"attention_mask": PAIRS, "use_causal_mask": True, "return_attention_scores": True})
    yield heads(M(2, 2), (3, 4), (4, 4), masks=[None, V])
    yield heads(M(2, 2), (3, 4), (4, 4), masks=[Q, V], about="queries that do not count see nothing: they get the mean")
    yield heads(M(2, 2), (3, 4), (4, 4), masks=[Q, V], call={"return_attention_scores": True}, about="with scores they get 0")
    yield heads(M(2, 2, dropout=0.1), (3, 4), (4, 4), masks=[Q, None])
    yield heads(M(2, 2), (3, 4), (4, 4), (4, 3), masks=[Q, None, V])
    yield heads(M(2, 2), (3, 4), (4, 4), (4, 3), masks=[None, V, V], call={"use_causal_mask": True, "attention_mask": PAIRS})
    yield heads(M(2, 2), (3, 4), (4, 4), call={"attention_mask": PAIRS[:, None]}, about="a mask with an axis of heads")
    yield heads(M(2, 2, sliding_window=2), (4, 4), (4, 4))
    yield heads(M(2, 2, sliding_window=2), (4, 4), (4, 4), call={"use_causal_mask": True})
    yield heads(M(2, 2, use_gate=True), (3, 4), (4, 4))
    yield heads(M(2, 2, value_dim=3, use_gate=True, use_bias=False), (3, 4), (4, 4))
    yield heads(M(2, 2, attention_axes=(1,)), (3, 4), (4, 4))
    yield heads(M(2, 2, attention_axes=2), (2, 3, 4), (2, 5, 4))
    yield heads(M(2, 2, attention_axes=(1,)), (3, 2, 4), (4, 2, 4), about="a batch of attention over rows")
    yield heads(M(2, 2), (2, 2, 4), (2, 3, 4), about="over two axes together")
    yield heads(M(2, 2, attention_axes=(1, 2)), (2, 2, 4), (2, 2, 4), call={"return_attention_scores": True})
    yield heads(M(2, 2, attention_axes=(-2,)), (2, 3, 4), (2, 3, 4))
    yield heads(M(2, 2, kernel_initializer="he_normal", bias_initializer="ones", kernel_regularizer="l2", bias_regularizer="l1",
                  activity_regularizer=keras.regularizers.L2(0.25), kernel_constraint="max_norm", bias_constraint="non_neg", name="m"), (3, 4), (4, 4))

    G = L.GroupQueryAttention
    yield heads(G(3, 4, 2), (3, 4), (5, 4))
    yield heads(G(head_dim=2, num_query_heads=2, num_key_value_heads=2), (3, 4), (5, 4), (5, 4))
    yield heads(G(2, 3, 1, use_bias=False), (3, 4), (5, 4))
    yield heads(G(2, 4, 2, dropout=0.5, seed=1), (3, 4), (4, 4))
    yield heads(G(2, 4, 2), (3, 4), (4, 4), call={"use_causal_mask": True})
    yield heads(G(2, 4, 2), (3, 4), (4, 4), call={"return_attention_scores": True, "attention_mask": PAIRS})
    yield heads(G(2, 4, 2), (3, 4), (4, 4), masks=[Q, V])
    yield heads(G(2, 4, 2), (3, 4), (4, 4), masks=[None, V], call={"use_causal_mask": True, "return_attention_scores": True})
    yield heads(G(2, 4, 2, sliding_window=2), (4, 4), (4, 4))
    yield heads(G(2, 4, 2, use_gate=True), (3, 4), (4, 4))
    yield heads(G(2, 4, 2, kernel_initializer="he_normal", bias_initializer="ones", kernel_regularizer="l2", bias_regularizer="l1",
                  activity_regularizer=keras.regularizers.L2(0.25), kernel_constraint="max_norm", bias_constraint="non_neg", name="g"), (3, 4), (4, 4))
