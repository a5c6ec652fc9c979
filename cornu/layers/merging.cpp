#include "cornu/layers/merging.h"

#include <algorithm>

#include "cornu/layers/core.h"
#include "cornu/layers/operations.h"
#include "cornu/nn/define_layer.h"
#include "cornu/nn/symbol_call.h"

namespace cornu {

CORNU_DEFINE_LAYER(Add)
CORNU_DEFINE_LAYER(Subtract)
CORNU_DEFINE_LAYER(Multiply)
CORNU_DEFINE_LAYER(Average)
CORNU_DEFINE_LAYER(Maximum)
CORNU_DEFINE_LAYER(Minimum)
CORNU_DEFINE_LAYER(Concatenate)
CORNU_DEFINE_LAYER(Dot)

namespace {

using Pair = Value (*)(Value, Value);

std::string shapes(const std::vector<Value>& in) {
  std::string list;
  for (const Value v : in) list += text(list.empty() ? "" : ", ", v.shape());
  return list;
}

void check(const std::vector<Value>& in, const Scope& scope, std::string_view name) {
  require(!in.empty(), scope.path(), ": ", name, " merges one input or more, and was given none");
  for (const Value v : in)
    require<ShapeError>(v.shape().rank() >= 1 && v.dim(0) == in[0].dim(0), scope.path(), ": ", name, " merges inputs of as many samples each, and was given ", shapes(in));
}

/// The inputs with as many axes each, new ones after the batch, and their masks. Keras looks at the masks' values only where no
/// axis is new.
struct Inputs {
  std::vector<Value> values;
  std::vector<std::optional<Value>> masks;  // as they came
  bool same_rank = true;

  Inputs(const std::vector<Value>& in, Scope& scope, std::string_view name) {
    check(in, scope, name);
    int rank = 0;
    for (const Value v : in) rank = std::max(rank, v.shape().rank());
    Shape all;
    for (const Value v : in) {
      masks.push_back(scope.mask(v));
      same_rank &= v.shape().rank() == rank;
      Shape shape = {v.dim(0)};
      for (int i = v.shape().rank(); i < rank; ++i) shape.push_back(1);
      values.push_back(reshape(computable(v, scope), shape + v.shape().drop_front()));
      try {
        all = broadcast(all, values.back().shape().drop_front());
      } catch (const ShapeError&) {
        throw ShapeError(text(scope.path(), ": ", name, " takes inputs whose samples broadcast, and was given ", shapes(in)));
      }
    }
  }
  bool all_masked() const {
    return std::all_of(masks.begin(), masks.end(), [](const auto& m) { return m.has_value(); });
  }
  /// The mask of input i as it broadcasts to the input: [batch, time, 1].
  std::optional<Value> along(size_t i) const {
    if (!masks[i] || !same_rank) return {};
    return reshape(*masks[i], masks[i]->shape() + Shape{1});
  }
  /// y, which counts where any input does.
  Value with_mask(Value y, Scope& scope) const {
    if (!all_masked()) return y;
    Value any = *masks[0];
    for (size_t i = 1; i < masks.size(); ++i) any = logical_or(any, *masks[i]);
    scope.set_mask(y, any);
    return y;
  }
};

Value fold(const Inputs& in, Pair op) {
  Value y = in.values[0];
  for (size_t i = 1; i < in.values.size(); ++i) y = op(y, in.values[i]);
  return y;
}

/// Keras's mask of what is merged, as ops: a step counts where it does in any input, if all have masks.
Symbol any_mask(const std::vector<Symbol>& in) {
  Symbol any;
  for (const Symbol& s : in) {
    const Symbol mask = mask_of(s);
    if (!mask) return {};
    any = any ? operation("LogicalOr", {any, mask}) : mask;
  }
  return any;
}

/// Where only one of two steps counts, it is the result.
Value extreme(const std::vector<Value>& given, Scope& scope, std::string_view name, Pair op) {
  const Inputs in(given, scope, name);
  Value y = in.values[0];
  std::optional<Value> counts = in.along(0);
  for (size_t i = 1; i < in.values.size(); ++i) {
    Value x = in.values[i];
    const std::optional<Value> mask = in.along(i);
    if (mask) x = select(*mask, x, y);
    if (counts) y = select(*counts, y, x);
    counts = mask && counts ? std::optional(logical_or(*counts, *mask)) : std::nullopt;
    y = op(y, x);
  }
  return in.with_mask(y, scope);
}

}  // namespace

Value Add::operator()(std::vector<Value> in, Scope& scope) const {
  const Inputs inputs(in, scope, class_name);
  return inputs.with_mask(fold(inputs, add), scope);
}

Value Subtract::operator()(std::vector<Value> in, Scope& scope) const {
  require(in.size() == 2, scope.path(), ": Subtract takes two inputs, and was given ", in.size());
  const Inputs inputs(in, scope, class_name);
  return inputs.with_mask(fold(inputs, subtract), scope);
}

Value Average::operator()(std::vector<Value> in, Scope& scope) const {
  const Inputs inputs(in, scope, class_name);
  return inputs.with_mask(fold(inputs, add) / static_cast<double>(in.size()), scope);
}

Value Multiply::operator()(std::vector<Value> in, Scope& scope) const {
  const Inputs inputs(in, scope, class_name);
  Value y;
  std::optional<Value> any;
  for (size_t i = 0; i < in.size(); ++i) {
    Value x = inputs.values[i];
    if (const auto mask = inputs.along(i)) {
      x = select(*mask, x, scalar(x, 1));
      any = any ? logical_or(*any, *mask) : *mask;
    }
    y = y ? multiply(y, x) : x;
  }
  if (any && inputs.all_masked()) y = select(*any, y, scalar(y, 0));
  return inputs.with_mask(y, scope);
}

Value Maximum::operator()(std::vector<Value> in, Scope& scope) const { return extreme(in, scope, class_name, maximum); }
Value Minimum::operator()(std::vector<Value> in, Scope& scope) const { return extreme(in, scope, class_name, minimum); }

Value Concatenate::operator()(std::vector<Value> in, Scope& scope) const {
  require(!in.empty(), scope.path(), ": Concatenate takes one input or more, and was given none");
  const int rank = in[0].shape().rank();
  const int along = OneAxis(static_cast<int>(axis)).of(in[0].shape(), text(scope.path(), ": Concatenate"));
  bool masked = false;
  std::vector<Value> parts;
  for (const Value v : in) {
    bool fits = v.shape().rank() == rank;
    for (int a = 0; fits && a < rank; ++a) fits = a == along || v.shape()[a] == in[0].shape()[a];
    require<ShapeError>(fits, scope.path(), ": Concatenate takes inputs that differ only along axis ", axis, ", and was given ", shapes(in));
    masked |= scope.mask(v).has_value();
    parts.push_back(computable(v, scope));
  }
  const Value y = parts.size() == 1 ? parts[0] : concat(parts, along);
  if (!masked) return y;

  // The mask has all axes but the last. Along the last, a step counts if it does in one of the inputs.
  const Value always = equal(iota(scope.graph(), {1}), iota(scope.graph(), {1}));
  std::vector<Value> masks;
  for (const Value v : in) {
    const Shape steps = v.shape().drop_back();
    const std::optional<Value> mask = scope.mask(v);
    require<ShapeError>(!mask || mask->shape() == steps, scope.path(), ": Concatenate takes masks with all axes of their inputs but the last, and was given ", mask ? mask->shape() : Shape{}, " for ", v.shape());
    masks.push_back(mask ? *mask : broadcast_to(always, steps));
  }
  Value mask = masks[0];
  if (along == rank - 1)
    for (size_t i = 1; i < masks.size(); ++i) mask = logical_or(mask, masks[i]);
  else if (masks.size() > 1)
    mask = concat(masks, along);
  scope.set_mask(y, mask);
  return y;
}

Symbol Add::make_mask(const std::vector<Symbol>& in) const { return any_mask(in); }
Symbol Subtract::make_mask(const std::vector<Symbol>& in) const { return any_mask(in); }
Symbol Multiply::make_mask(const std::vector<Symbol>& in) const { return any_mask(in); }
Symbol Average::make_mask(const std::vector<Symbol>& in) const { return any_mask(in); }
Symbol Maximum::make_mask(const std::vector<Symbol>& in) const { return any_mask(in); }
Symbol Minimum::make_mask(const std::vector<Symbol>& in) const { return any_mask(in); }

// As Keras builds it: each mask spread over its input, these joined as the inputs are.
Symbol Concatenate::make_mask(const std::vector<Symbol>& in) const {
  std::vector<Symbol> masks;
  bool masked = false;
  const auto options = [](std::string_view key, Config value) { return Config(Config::Dict{{std::string(key), std::move(value)}}); };
  for (const Symbol& s : in) {
    const Symbol mask = mask_of(s);
    masked |= static_cast<bool>(mask);
    if (!mask) masks.push_back(operation("OnesLike", {s}, options("dtype", "bool")));
    else if (mask.shape().rank() == s.shape().rank()) masks.push_back(mask);
    else masks.push_back(operation("LogicalOr", {operation("ExpandDims", {mask}, options("axis", -1)), operation("ZerosLike", {s}, options("dtype", "bool"))}));
  }
  if (!masked) return {};
  return operation("Any", {operation("Concatenate", masks, options("axis", axis))}, Config(Config::Dict{{"axis", -1}, {"keepdims", false}}));
}

Value Dot::operator()(std::vector<Value> in, Scope& scope) const {
  require(in.size() == 2, scope.path(), ": Dot takes two inputs, and was given ", in.size());
  check(in, scope, class_name);
  require(axes.list.size() == 1 || axes.list.size() == 2, scope.path(), ": Dot takes one axis, or one for each input, and was given ", axes.list);
  const std::string who = text(scope.path(), ": Dot");
  std::string terms[2], rest;
  int at[2] = {0, 0};
  char letter = 'c';  // a is the batch, b is summed over
  for (size_t i = 0; i < 2; ++i) {
    require<ShapeError>(in[i].shape().rank() >= 2, who, " takes inputs of two axes or more, and was given ", shapes(in));
    at[i] = OneAxis(static_cast<int>(axes.list[axes.list.size() == 1 ? 0 : i])).of(in[i].shape(), who);
    require<ShapeError>(at[i] > 0, who, " cannot sum along the batch axis of ", in[i].shape());
    in[i] = computable(in[i], scope);
    for (int a = 0; a < in[i].shape().rank(); ++a) {
      terms[i] += a == 0 ? 'a' : a == at[i] ? 'b' : letter;
      if (a > 0 && a != at[i]) rest += letter++;
    }
    if (normalize) {
      const Value squares = sum(square(in[i]), {at[i]}, true);
      in[i] = in[i] * rsqrt(maximum(squares, scalar(squares, 1e-14)));  // Keras divides by no less than 1e-7
    }
  }
  require<ShapeError>(in[0].shape()[at[0]] == in[1].shape()[at[1]], who, " needs as many numbers along axis ", at[0], " of ", in[0].shape(), " as along axis ", at[1], " of ", in[1].shape());
  const Value y = einsum(terms[0] + "," + terms[1] + "->a" + rest, in);
  return y.shape().rank() == 1 ? reshape(y, {y.dim(0), 1}) : y;
}

}  // namespace cornu
