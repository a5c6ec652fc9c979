// Computing directly: a function of Values, called on tensors.
#pragma once
#include <functional>
#include <list>

#include "cornu/graph/graph.h"
#include "cornu/runtime/program.h"

namespace cornu {

/// Traces f for the types that it is called with, compiles it, and keeps the Program for the next call with such types:
///
///   auto slope = function([](const std::vector<Value>& in) { return gradients(sum(square(in[0])), {in[0]}); });
///   Tensor dx = slope({Tensor{1, 2, 3}})[0];   // {2, 4, 6}
///
/// One thread at a time. At most 64 Programs are kept.
class Function {
 public:
  using Traced = std::function<std::vector<Value>(const std::vector<Value>&)>;
  explicit Function(Traced f);
  ~Function();
  Function(Function&&) noexcept;
  Function& operator=(Function&&) noexcept;
  std::vector<Tensor> operator()(const std::vector<Tensor>& inputs);

 private:
  Traced f_;
  std::list<std::pair<std::vector<TensorType>, Execution>> programs_;  // the one used last first
};

Function function(Function::Traced f);

}  // namespace cornu
