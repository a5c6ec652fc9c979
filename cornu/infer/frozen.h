// From a step that predicts to one whose weights are constants. Internal to infer/.
#pragma once
#include <map>
#include <memory>
#include <vector>

#include "cornu/graph/graph.h"

namespace cornu::infer {

using NewGraph = std::unique_ptr<Graph>;
using Weights = std::map<std::string, Tensor>;  // by the name of the state

/// The table of contents: all of the passes below, in order.
NewGraph frozen(const Graph& traced, const Weights& weights, bool int8);

/// States become constants. Throws UnsupportedError where the graph assigns to one.
NewGraph constant_weights(const Graph& graph, const Weights& weights);
/// What depends on constants alone is computed, unless it is much larger than they are.
NewGraph fold_constants(const Graph& graph);
/// Factors and offsets along the last axis of a linear op's result go into its constant operand and into one offset: batch
/// normalization in inference. Equal to rounding.
NewGraph fold_channels(const Graph& graph);
/// Kernels are rounded to 8 bits, one scale for each channel of the result: see quantize.cpp.
NewGraph quantize(const Graph& graph);
/// A constant with few columns is kept transposed, as its kernels read it.
NewGraph lay_out_constants(const Graph& graph);

/// Makes equal constants of several graphs one memory.
class SharedConstants {
 public:
  void share(Graph& graph);
  /// Of all that were shared.
  int64_t bytes() const;

 private:
  std::multimap<size_t, Tensor> known_;  // by a hash of the bytes
};

}  // namespace cornu::infer
