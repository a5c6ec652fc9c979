// The table that model.summary() prints.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cornu/tensor/shape.h"
#include "cornu/train/summary_options.h"

namespace cornu {

struct SummaryRow {
  std::string name = {};
  std::string class_name = {};
  std::string output_shape = "?";            // keras_shape(), or a bracketed list of several
  std::optional<int64_t> params = {};        // unknown while the layer is unbuilt
  std::string connected_to = "-";            // "dense[0][0], gru[0][0]"
  std::optional<bool> trainable = {};        // empty for a layer without weights
  int level = 0;                             // depth inside nested models
};

struct SummaryCount {
  int64_t params = 0;
  int64_t bytes = 0;
};

struct Summary {
  std::string model_name = {};
  std::vector<SummaryRow> rows = {};
  SummaryCount trainable = {}, non_trainable = {};
  std::optional<SummaryCount> optimizer = {};  // once it has its variables (slots, learning rate, int64 iteration); counts in the total
  bool is_graph = false;                       // layers with several inputs or uses: adds "Connected to"
};

/// The whole text, byte for byte Keras 3.15's. Throws ArgumentError when the line is too short for its columns.
std::string summary_text(const Summary& summary, const SummaryOptions& options = {});

/// "(None, 10)": an unknown axis is None.
std::string keras_shape(const Shape& shape);

}  // namespace cornu
