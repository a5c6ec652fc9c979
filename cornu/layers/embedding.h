// Layers that begin sequences: vectors for tokens, and which steps count.
#pragma once
#include "cornu/nn/layer.h"

namespace cornu {

/// y[...] = embeddings[x[...]], a row for each whole number below input_dim. A negative number counts from the end; one that is
/// out of range reads as zeros. With mask_zero, 0 means "nothing here": those steps are masked. Weights: embeddings [input_dim, output_dim].
struct Embedding {
  int64_t input_dim = 0;
  int64_t output_dim = 0;
  Initializer embeddings_initializer = "uniform";
  Regularizer embeddings_regularizer = {};
  Regularizer activity_regularizer = {};  // of the output, divided by the batch size
  Constraint embeddings_constraint = {};
  bool mask_zero = false;

  static constexpr std::string_view class_name = "Embedding";
  static Config extras();
  template <class Self, class Visit> static void fields(Self& self, Visit&& visit) {
    visit("input_dim", self.input_dim);
    visit("output_dim", self.output_dim);
    visit("embeddings_initializer", self.embeddings_initializer);
    visit("embeddings_regularizer", self.embeddings_regularizer);
    visit("activity_regularizer", self.activity_regularizer);
    visit("embeddings_constraint", self.embeddings_constraint);
    visit("mask_zero", self.mask_zero);
    if constexpr (!std::is_const_v<Self>) {  // Keras 2 wrote how long the sequences were
      std::optional<int64_t> input_length;
      visit("input_length", input_length);
    }
  }
  Value operator()(Value x, Scope& scope) const;
  Symbol make_mask(const std::vector<Symbol>& in) const;
};
CORNU_LAYER(Embedding)

/// x[batch, time, features], whose steps with nothing but mask_value are masked, and zeros.
struct Masking {
  double mask_value = 0;
  static constexpr std::string_view class_name = "Masking";
  CORNU_FIELDS(mask_value)
  Value operator()(Value x, Scope& scope) const;
  Symbol make_mask(const std::vector<Symbol>& in) const;
};
CORNU_LAYER(Masking)

}  // namespace cornu
