// What model.summary() takes.
#pragma once
#include <optional>

namespace cornu {

struct SummaryOptions {
  std::optional<int> line_length = {};  // default: 88 (graphs: 108; 12 more with show_trainable), at most columns - 4
  bool show_trainable = false;
  bool expand_nested = false;           // the layers of models that are layers, too
  int columns = 80;                     // of the terminal
  int colors = 0;                       // 0, 16 or 256
};

}  // namespace cornu
