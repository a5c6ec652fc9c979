// Long short-term memory (Hochreiter and Schmidhuber 1997): LSTMCell, and LSTM over a sequence.
#pragma once
#include "cornu/layers/recurrent_rnn.h"
#include "cornu/nn/activations.h"

namespace cornu {

/// With z = x kernel + bias + h_before recurrent_kernel, in four parts of `units` columns i, f, g, o:
///   c = recurrent_activation(f) c_before + recurrent_activation(i) activation(g),  h = recurrent_activation(o) activation(c).
/// {x[batch, features], h[batch, units], c[batch, units]} -> {h, h, c}.
/// Weights: kernel [features, 4 units], recurrent_kernel [units, 4 units], bias [4 units].
///
/// While training, `dropout` drops inputs and `recurrent_dropout` states: other ones for each sample (and, where there is
/// recurrent_dropout, for each gate), the same ones at each step. As in Keras, a rate of 1 drops nothing.
struct LSTMCell {
  int64_t units = 0;
  Activation activation = "tanh";
  Activation recurrent_activation = "sigmoid";
  bool use_bias = true;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer recurrent_initializer = "orthogonal";
  Initializer bias_initializer = "zeros";
  bool unit_forget_bias = true;  // the forget gate's bias begins with ones
  Regularizer kernel_regularizer = {};
  Regularizer recurrent_regularizer = {};
  Regularizer bias_regularizer = {};
  Constraint kernel_constraint = {};
  Constraint recurrent_constraint = {};
  Constraint bias_constraint = {};
  double dropout = 0;
  double recurrent_dropout = 0;
  std::optional<int64_t> seed = {};
  int64_t implementation = 2;  // 1: dropout drops other inputs for each gate. Read from files, never written

  static constexpr std::string_view class_name = "LSTMCell";
  template <class Self, class Visit> static void fields(Self& self, Visit&& visit) { visit_cell_options(self, visit); }
  std::vector<int64_t> state_size() const { return {units, units}; }
  CellStep over(Value x, Scope& scope) const;
  std::vector<Value> operator()(std::vector<Value> in, Scope& scope) const;
};
CORNU_LAYER(LSTMCell)

/// LSTMCell over x[batch, time, features]; what it returns and how it walks: run_rnn. Its states are h and c.
struct LSTM {
  int64_t units = 0;
  Activation activation = "tanh";
  Activation recurrent_activation = "sigmoid";
  bool use_bias = true;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer recurrent_initializer = "orthogonal";
  Initializer bias_initializer = "zeros";
  bool unit_forget_bias = true;  // the forget gate's bias begins with ones
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
  bool zero_output_for_mask = false;
  int64_t implementation = 2;  // 1: dropout drops other inputs for each gate. Read from files, never written

  static constexpr std::string_view class_name = "LSTM";
  static constexpr std::string_view mask_argument = "mask";
  static Config extras() { return only("time_major", false); }
  template <class Self, class Visit> static void fields(Self& self, Visit&& visit) {
    visit_rnn_options(self, visit);
    visit_cell_options(self, visit);
  }
  std::vector<Value> operator()(std::vector<Value> in, Scope& scope) const;
};
CORNU_LAYER(LSTM)

}  // namespace cornu
