// The loop over the steps of a sequence: RNN over any cell, and cells on top of each other.
#pragma once
#include "cornu/layers/recurrent_cell.h"

namespace cornu {

/// Cells on top of each other, as one: the output of each is the input of the next. Its states are all of theirs, in order.
struct StackedRNNCells {
  std::vector<Cell> cells;

  static constexpr std::string_view class_name = "StackedRNNCells";
  template <class Self, class Visit> static void fields(Self& self, Visit&& visit) {
    if constexpr (std::is_const_v<Self>) {
      const std::vector<Cell> named = self.named();
      visit("cells", named);
    } else {
      visit("cells", self.cells);
    }
  }
  /// The cells with names that differ: "lstm_cell", "lstm_cell_1". Throws ArgumentError when there are none, or two were given
  /// one name.
  std::vector<Cell> named() const;
  std::vector<int64_t> state_size() const;
  int64_t output_size() const;
  /// {x, states...} -> {output, states...}
  std::vector<Value> operator()(std::vector<Value> in, Scope& scope) const;
};
CORNU_LAYER(StackedRNNCells)

/// How a recurrent layer walks along its sequence: Keras's options that every one has.
struct RNNOptions {
  bool return_sequences = false, return_state = false, go_backwards = false, stateful = false, unroll = false, zero_output_for_mask = false;
};
template <class L> RNNOptions rnn_options(const L& layer) {
  return {layer.return_sequences, layer.return_state, layer.go_backwards, layer.stateful, layer.unroll, layer.zero_output_for_mask};
}

/// Runs `cell` over in[0] = x[batch, time, ...], from the states in in[1...] or in the call's "initial_state", else from zeros or,
/// when stateful, from where the last batch ended. Returns the output of the last step [batch, units] or, with
/// return_sequences, of all [batch, time, units]; then, with return_state, the states.
///
/// With go_backwards the last step comes first, and so do the outputs. Where the mask (the call's "mask", or the scope's of
/// in[0]; [batch, time]) is false, the states stay as they are, and the output repeats the one before (zeros before the first)
/// or, with zero_output_for_mask, is zero. As in Keras, a mask that comes with in[0] is not looked at when initial states are given;
/// one that the call names is. `activity_regularizer` is applied to all that is returned.
std::vector<Value> run_rnn(const Cell& cell, const RNNOptions& options, const Regularizer& activity_regularizer, const std::vector<Value>& in, Scope& scope);

/// In the options of a call of a recurrent layer: true turns the order of the outputs about. For Bidirectional.
inline constexpr const char* flip_outputs = "flip_outputs";

/// Any cell, or a list of cells on top of each other, over a sequence x[batch, time, ...].
struct RNN {
  Cell cell;
  bool return_sequences = false;
  bool return_state = false;
  bool go_backwards = false;
  bool stateful = false;
  bool unroll = false;  // the same numbers either way
  bool zero_output_for_mask = false;

  static constexpr std::string_view class_name = "RNN";
  static constexpr std::string_view mask_argument = "mask";
  static Config extras() { return only("time_major", false); }
  template <class Self, class Visit> static void fields(Self& self, Visit&& visit) {
    visit_rnn_options(self, visit);
    visit("cell", self.cell);
  }
  std::vector<Value> operator()(std::vector<Value> in, Scope& scope) const;
};
CORNU_LAYER(RNN)

}  // namespace cornu
