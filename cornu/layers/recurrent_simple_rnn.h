// The simplest recurrence: SimpleRNNCell, and SimpleRNN over a sequence.
#pragma once
#include "cornu/layers/recurrent_rnn.h"
#include "cornu/nn/activations.h"

namespace cornu {

/// h = activation(x kernel + bias + h_before recurrent_kernel); {x[batch, features], h[batch, units]} -> {h, h}.
/// Weights: kernel [features, units], recurrent_kernel [units, units], bias [units].
struct SimpleRNNCell {
  int64_t units = 0;
  Activation activation = "tanh";
  bool use_bias = true;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer recurrent_initializer = "orthogonal";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = {};
  Regularizer recurrent_regularizer = {};
  Regularizer bias_regularizer = {};
  Constraint kernel_constraint = {};
  Constraint recurrent_constraint = {};
  Constraint bias_constraint = {};
  double dropout = 0;
  double recurrent_dropout = 0;
  std::optional<int64_t> seed = {};

  static constexpr std::string_view class_name = "SimpleRNNCell";
  template <class Self, class Visit> static void fields(Self& self, Visit&& visit) { visit_cell_options(self, visit); }
  std::vector<int64_t> state_size() const { return {units}; }
  CellStep over(Value x, Scope& scope) const;
  std::vector<Value> operator()(std::vector<Value> in, Scope& scope) const;
};
CORNU_LAYER(SimpleRNNCell)

/// SimpleRNNCell over x[batch, time, features]; what it returns and how it walks: run_rnn.
struct SimpleRNN {
  int64_t units = 0;
  Activation activation = "tanh";
  bool use_bias = true;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer recurrent_initializer = "orthogonal";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = {};
  Regularizer recurrent_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};  // of what it returns, divided by the batch size
  Constraint kernel_constraint = {};
  Constraint recurrent_constraint = {};
  Constraint bias_constraint = {};
  double dropout = 0;
  double recurrent_dropout = 0;
  bool return_sequences = false;
  bool return_state = false;
  bool go_backwards = false;
  bool stateful = false;
  bool unroll = false;  // the same numbers either way
  std::optional<int64_t> seed = {};
  bool zero_output_for_mask = false;

  static constexpr std::string_view class_name = "SimpleRNN";
  static constexpr std::string_view mask_argument = "mask";
  static Config extras() { return only("time_major", false); }
  template <class Self, class Visit> static void fields(Self& self, Visit&& visit) {
    visit_rnn_options(self, visit);
    visit_cell_options(self, visit);
  }
  std::vector<Value> operator()(std::vector<Value> in, Scope& scope) const;
};
CORNU_LAYER(SimpleRNN)

}  // namespace cornu
