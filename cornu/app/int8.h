// What rounding a model's weights to 8 bits costs, for `cornu evaluate --int8`.
#pragma once
#include "cornu/train/model.h"

namespace cornu::app {

struct Int8Scores {
  Logs logs;                           // of the rounded model, under the names of `before`
  int64_t weight_bytes = 0, bytes_before = 0;
};
/// `before` is what evaluate said of the model. Of models with one input and one output; throws UnsupportedError for others.
Int8Scores score_int8(Model& model, const Tensor& x, const Tensor& y, const Logs& before);

}  // namespace cornu::app
