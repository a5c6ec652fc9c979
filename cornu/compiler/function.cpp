#include "cornu/compiler/function.h"

#include <algorithm>

#include "cornu/base/error.h"
#include "cornu/compiler/compile.h"

namespace cornu {

Function::Function(Traced f) : f_(std::move(f)) {}
Function::~Function() = default;
Function::Function(Function&&) noexcept = default;
Function& Function::operator=(Function&&) noexcept = default;
Function function(Function::Traced f) { return Function(std::move(f)); }

std::vector<Tensor> Function::operator()(const std::vector<Tensor>& given) {
  require(!given.empty(), "a function of Values is called on at least one tensor");
  std::vector<Tensor> inputs;
  std::vector<TensorType> types;
  for (const Tensor& t : given) {
    inputs.push_back(t.scale() == 1 ? t : t.cast(DType::float32));
    types.push_back({inputs.back().dtype(), inputs.back().shape()});
  }
  const auto known = std::find_if(programs_.begin(), programs_.end(), [&](const auto& p) { return p.first == types; });
  if (known != programs_.end()) {
    programs_.splice(programs_.begin(), programs_, known);
  } else {
    Graph g;
    std::vector<Value> values;
    for (size_t i = 0; i < types.size(); ++i) values.push_back(g.input(text("x", i), types[i]));
    for (const Value v : f_(values)) g.output(v);
    if (programs_.size() == 64) programs_.pop_back();
    programs_.emplace_front(types, Execution(compile(g)));
  }
  Execution& e = programs_.front().second;
  for (size_t i = 0; i < inputs.size(); ++i) e.bind_input(static_cast<int>(i), inputs[i].data());
  e.run();
  std::vector<Tensor> out;
  for (size_t i = 0; i < e.program().outputs.size(); ++i) out.push_back(e.output_tensor(static_cast<int>(i)));
  return out;
}

}  // namespace cornu
