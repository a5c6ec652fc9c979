// Attention: each step of a query is answered by a mean of values, weighted by how well their keys fit.
#pragma once
#include "cornu/layers/axes.h"
#include "cornu/nn/layer.h"

namespace cornu {

// Inputs: {query, value} or {query, value, key}; without a key the value is it. MultiHeadAttention and GroupQueryAttention also take
// value and key as call's "value" and "key". Outputs: the answer, and with call's option return_attention_scores the weights.
// Call's option use_causal_mask: no step sees a later one. The result has the query's mask.

/// Vaswani et al. 2017. query [batch, ..., q], value and key [batch, ..., v]: with `num_heads` projections to key_dim each (value_dim for
/// the value), softmax(query key^T / sqrt(key_dim)) value, and a projection back, to the query's features or to output_shape.
/// attention_axes: the axes of steps; all but batch and features unless given. A key is seen where all masks allow it: those of query,
/// value and key (or call's "query_mask", "value_mask", "key_mask" [batch, steps]), call's "attention_mask" [batch, steps of the query,
/// steps of the value], the causal one, and sliding_window: fewer than so many steps away. use_gate: a sigmoid projection of the query
/// scales the answer (Qiu et al. 2025). Weights: query, key, gate, value, attention_output, each kernel and bias.
struct MultiHeadAttention {
  int64_t num_heads = 0;
  int64_t key_dim = 0;
  std::optional<int64_t> value_dim = {};
  double dropout = 0;
  bool use_bias = true;
  Sizes output_shape = {};
  std::optional<Axes> attention_axes = {};
  std::optional<int64_t> sliding_window = {};
  Initializer kernel_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = {}, bias_regularizer = {}, activity_regularizer = {};  // of each projection
  Constraint kernel_constraint = {}, bias_constraint = {};
  bool use_gate = false;
  std::optional<int64_t> seed = {};

  static constexpr std::string_view class_name = "MultiHeadAttention";
  static constexpr bool separate_inputs = true;
  static Config extras() { return only("flash_attention", false); }
  CORNU_FIELDS(num_heads, key_dim, value_dim, dropout, use_bias, use_gate, output_shape, attention_axes, sliding_window, kernel_initializer,
               bias_initializer, kernel_regularizer, bias_regularizer, activity_regularizer, kernel_constraint, bias_constraint, seed)
  std::vector<Value> operator()(std::vector<Value> in, Scope& scope) const;
};
CORNU_LAYER(MultiHeadAttention)

/// Ainslie et al. 2023: MultiHeadAttention of [batch, steps, features] whose num_query_heads heads of head_dim share
/// num_key_value_heads keys and values.
struct GroupQueryAttention {
  int64_t head_dim = 0;
  int64_t num_query_heads = 0;
  int64_t num_key_value_heads = 0;
  double dropout = 0;
  bool use_bias = true;
  std::optional<int64_t> sliding_window = {};
  Initializer kernel_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = {}, bias_regularizer = {}, activity_regularizer = {};
  Constraint kernel_constraint = {}, bias_constraint = {};
  bool use_gate = false;
  std::optional<int64_t> seed = {};

  static constexpr std::string_view class_name = "GroupQueryAttention";
  static constexpr bool separate_inputs = true;
  static Config extras() { return only("flash_attention", false); }
  CORNU_FIELDS(head_dim, num_query_heads, num_key_value_heads, use_bias, use_gate, sliding_window, dropout, kernel_initializer, bias_initializer,
               kernel_regularizer, bias_regularizer, activity_regularizer, kernel_constraint, bias_constraint, seed)
  std::vector<Value> operator()(std::vector<Value> in, Scope& scope) const;
};
CORNU_LAYER(GroupQueryAttention)

/// softmax(scores) value, of [batch, steps, features]. Scores: query key^T, times a trained scale if use_scale (Luong et al. 2015); with
/// score_mode "concat" concat_score_weight sum(tanh(scale (query + key))). Only the value's mask hides steps; where the query's does
/// not count, the answer is 0. Call's "mask": {query's, value's}. Weights: scale [], concat_score_weight [].
struct Attention {
  bool use_scale = false;
  std::string score_mode = "dot";
  double dropout = 0;
  std::optional<int64_t> seed = {};

  static constexpr std::string_view class_name = "Attention";
  CORNU_FIELDS(use_scale, score_mode, dropout, seed)
  std::vector<Value> operator()(std::vector<Value> in, Scope& scope) const;
  Symbol make_mask(const std::vector<Symbol>& in) const;
};
CORNU_LAYER(Attention)

/// Attention with the scores sum(scale tanh(query + key)) (Bahdanau et al. 2015). Weights: scale [features].
struct AdditiveAttention {
  bool use_scale = true;
  double dropout = 0;
  std::optional<int64_t> seed = {};

  static constexpr std::string_view class_name = "AdditiveAttention";
  CORNU_FIELDS(use_scale, dropout, seed)
  std::vector<Value> operator()(std::vector<Value> in, Scope& scope) const;
  Symbol make_mask(const std::vector<Symbol>& in) const;
};
CORNU_LAYER(AdditiveAttention)

namespace layers {
using cornu::AdditiveAttention;
using cornu::Attention;
using cornu::GroupQueryAttention;
using cornu::MultiHeadAttention;
}  // namespace layers

/// Bool [steps of the query, steps of the value]: whether the key is not later than the query.
Value causal_mask(Graph& graph, int64_t queries, int64_t keys);

}  // namespace cornu
