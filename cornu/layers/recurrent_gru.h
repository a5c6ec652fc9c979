// The gated recurrent unit (Cho et al. 2014): GRUCell, and GRU over a sequence.
#pragma once
#include "cornu/layers/recurrent_rnn.h"
#include "cornu/nn/activations.h"

namespace cornu {

/// h = z h_before + (1 - z) activation(x W_h + candidate), with z = recurrent_activation(x W_z + h_before U_z), r alike, biases, and
///   candidate = r (h_before U_h + b)    with reset_after, as cuDNN has it: bias is [2, 3 units], for inputs and states;
///   candidate = (r h_before) U_h        without: bias is [3 units].
/// {x[batch, features], h[batch, units]} -> {h, h}. Weights: kernel [features, 3 units] and recurrent_kernel [units, 3 units], in
/// the order z, r, h; bias. Dropout as in LSTMCell.
struct GRUCell {
  int64_t units = 0;
  Activation activation = "tanh";
  Activation recurrent_activation = "sigmoid";
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
  bool reset_after = true;
  std::optional<int64_t> seed = {};
  int64_t implementation = 2;  // 1: dropout drops other inputs for each gate. Read from files, never written

  static constexpr std::string_view class_name = "GRUCell";
  template <class Self, class Visit> static void fields(Self& self, Visit&& visit) { visit_cell_options(self, visit); }
  std::vector<int64_t> state_size() const { return {units}; }
  CellStep over(Value x, Scope& scope) const;
  std::vector<Value> operator()(std::vector<Value> in, Scope& scope) const;
};
CORNU_LAYER(GRUCell)

/// GRUCell over x[batch, time, features]; what it returns and how it walks: run_rnn.
struct GRU {
  int64_t units = 0;
  Activation activation = "tanh";
  Activation recurrent_activation = "sigmoid";
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
  std::optional<int64_t> seed = {};
  bool return_sequences = false;
  bool return_state = false;
  bool go_backwards = false;
  bool stateful = false;
  bool unroll = false;  // the same numbers either way
  bool reset_after = true;
  bool zero_output_for_mask = false;
  int64_t implementation = 2;  // 1: dropout drops other inputs for each gate. Read from files, never written

  static constexpr std::string_view class_name = "GRU";
  static constexpr std::string_view mask_argument = "mask";
  static Config extras() { return only("time_major", false); }
  template <class Self, class Visit> static void fields(Self& self, Visit&& visit) {
    visit_rnn_options(self, visit);
    visit_cell_options(self, visit);
  }
  std::vector<Value> operator()(std::vector<Value> in, Scope& scope) const;
};
CORNU_LAYER(GRU)

}  // namespace cornu
