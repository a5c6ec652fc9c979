// Symbol: the result of calling a layer before there are numbers, for wiring models. Nothing global owns the wiring: a Symbol
// holds the call that it comes from, and that its inputs.
//
//   Symbol x = input({28, 28, 1});
//   Symbol y = x | Flatten{} | Dense{10, "relu"};      // a new layer each time
//   Layer fc{Dense{10}, {.name = "fc"}};
//   Symbol a = fc(x1), b = fc(x2);                     // one layer, one set of weights
//   Symbol c = Layer(Concatenate{})({a, b}) * 2 + a;
#pragma once
#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cornu/base/special_members.h"
#include "cornu/graph/op.h"

namespace cornu {

class Layer;
struct SymbolCall;
struct SymbolArguments;

class Symbol {
 public:
  /// Empty: it may only be assigned to.
  Symbol() noexcept;
  Symbol(std::shared_ptr<const SymbolCall> call, int output);
  CORNU_SPECIAL_MEMBERS(Symbol)

  explicit operator bool() const { return call_ != nullptr; }
  DType dtype() const;
  /// With Shape::unknown for the batch and for every axis whose size the layers leave open.
  Shape shape() const;
  /// All outputs of the call that this Symbol comes from: of an LSTM with return_state, the sequence and two states.
  std::vector<Symbol> outputs() const;
  /// One of them.
  Symbol operator[](size_t i) const;

  bool operator==(const Symbol& other) const { return call_ == other.call_ && output_ == other.output_; }
  const std::shared_ptr<const SymbolCall>& call() const { return call_; }
  int output() const { return output_; }
  /// The type that two traces gave it, in which free axes have different sizes.
  const TensorType& probe(size_t i) const;

 private:
  std::shared_ptr<const SymbolCall> call_;
  int output_ = 0;
};

/// What a layer's call takes by keyword: Keras's call(x, mask=..., initial_state=..., use_causal_mask=True).
/// A `training` among the options is kept in files and has no effect: fit, evaluate and predict say which it is, as in Keras 3.
struct SymbolArguments {
  std::map<std::string, std::vector<Symbol>> symbols = {};  // "mask", "initial_state", "attention_mask"
  Config options = Config::dict();
};

/// The sizes that stand for free axes in the two traces which find out what layers do with them.
inline constexpr std::array<int64_t, 2> probe_batch = {2, 3}, probe_size = {128, 192};
/// With free axes where the two differ; throws ShapeError unless they have one rank.
Shape free_axes(const Shape& first, const Shape& second);

}  // namespace cornu
