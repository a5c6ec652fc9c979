// Layers around a layer: Bidirectional and TimeDistributed.
#pragma once
#include "cornu/layers/recurrent_rnn.h"

namespace cornu {

/// A recurrent layer along a sequence and another one against it. Their outputs, both in the order of time, are put together:
/// concat (along the last axis), sum, mul, ave, or not at all when merge_mode is null (two outputs). Then, with return_state,
/// the states of the first and those of the second; initial states are given in the same order.
///
/// The layers are copies, named "forward_..." and "backward_...", of `layer`: SimpleRNN, LSTM, GRU or RNN. A backward_layer of
/// one's own is used as it is; go_backwards must differ from the layer's, stateful, return_sequences and return_state must not.
/// As in Keras, outputs at masked steps are zero where sequences are returned. Weights: the forward layer's come first.
struct Bidirectional {
  std::optional<Layer> layer = {};
  std::optional<std::string> merge_mode = "concat";
  std::optional<Layer> backward_layer = {};

  static constexpr std::string_view class_name = "Bidirectional";
  static constexpr std::string_view mask_argument = "mask";
  template <class Self, class Visit> static void fields(Self& self, Visit&& visit) {
    visit("merge_mode", self.merge_mode);
    if constexpr (std::is_const_v<Self>) {
      const std::optional<Layer> forward = self.forward(), backward = self.backward();
      visit("layer", forward);
      visit("backward_layer", backward);
    } else {
      visit("layer", self.layer);
      visit("backward_layer", self.backward_layer);
    }
  }
  /// The layers that do the work. Throw ArgumentError for what cannot be used.
  Layer forward() const;
  Layer backward() const;
  std::vector<Value> operator()(std::vector<Value> in, Scope& scope) const;
};
CORNU_LAYER(Bidirectional)

/// Any layer on each step of x[batch, time, ...] by itself, with the same weights: y[batch, time, ...].
///
/// All steps are computed at once, as more samples, unless the layer keeps a state while training (BatchNormalization): then one
/// step comes after the other. A mask of more axes than [batch, time] is handed to the layer as its "mask", step by step.
struct TimeDistributed {
  std::optional<Layer> layer = {};

  static constexpr std::string_view class_name = "TimeDistributed";
  static constexpr std::string_view mask_argument = "mask";
  static constexpr bool supports_masking = true;
  CORNU_FIELDS(layer)
  Value operator()(Value x, Scope& scope) const;
};
CORNU_LAYER(TimeDistributed)

}  // namespace cornu
