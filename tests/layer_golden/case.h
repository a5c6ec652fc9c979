// One case of tests/golden/layers/: a layer with inputs and weights, traced and run in a precision of choice.
#pragma once
#include <map>
#include <optional>

#include "cornu/layers/layers.h"
#include "tests/nn_golden/golden.h"

namespace cornu::testing {

struct Case {
  Layer layer;
  bool training = false;
  Tensors inputs, seeds;                                   // as Keras had them
  std::vector<std::optional<Tensor>> masks;                // of the inputs
  std::map<std::string, Tensors> call_values;
  Config call_options;
  std::vector<std::pair<std::string, Tensor>> weights;     // by path, in Keras's order
};

struct Answer {
  Tensors outputs, input_gradients, weight_gradients;      // gradients of sum(outputs * seeds)
  std::map<std::string, Tensor> states;                    // all weights, after the call
  std::vector<std::string> paths;                          // of the weights, as declared: trainable ones and states
  std::vector<bool> trainable;
  std::optional<Tensor> mask;
  double penalties = 0;
  bool parallel = false;                                   // some of the work was cut into slices
  int64_t allocations = 0;                                 // of two more runs; where a sanitizer does not hide them
};

Case read_case(const Config& c);
/// Runs the case in `dtype` on one thread. `gradients`: whether to differentiate. Outputs for which the case has no seeds, since
/// its inputs were changed, get waves.
Answer answer(const Case& c, DType dtype, bool gradients);
/// The same Program on these numbers of threads.
std::vector<Answer> answers_on(const Case& c, DType dtype, bool gradients, const std::vector<int>& threads);

}  // namespace cornu::testing
