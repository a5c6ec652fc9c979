// Layers that merge several inputs into one.
#pragma once
#include "cornu/layers/axes.h"
#include "cornu/nn/layer.h"

namespace cornu {

// Add, Subtract, Multiply, Average, Maximum and Minimum work element by element. Samples broadcast as in NumPy; an input with
// fewer axes gets new ones after the batch. A step of the result counts (its mask) where a step of any input does, if all
// inputs have masks. Multiply, Maximum and Minimum leave out steps that do not count.

/// a + b + ...
struct Add {
  static constexpr std::string_view class_name = "Add";
  static constexpr bool takes_list = true;
  CORNU_FIELDS()
  Value operator()(std::vector<Value> in, Scope& scope) const;
  Symbol make_mask(const std::vector<Symbol>& in) const;
};
CORNU_LAYER(Add)

/// a - b, of exactly two.
struct Subtract {
  static constexpr std::string_view class_name = "Subtract";
  static constexpr bool takes_list = true;
  CORNU_FIELDS()
  Value operator()(std::vector<Value> in, Scope& scope) const;
  Symbol make_mask(const std::vector<Symbol>& in) const;
};
CORNU_LAYER(Subtract)

/// a b ...
struct Multiply {
  static constexpr std::string_view class_name = "Multiply";
  static constexpr bool takes_list = true;
  CORNU_FIELDS()
  Value operator()(std::vector<Value> in, Scope& scope) const;
  Symbol make_mask(const std::vector<Symbol>& in) const;
};
CORNU_LAYER(Multiply)

/// (a + b + ...) / n
struct Average {
  static constexpr std::string_view class_name = "Average";
  static constexpr bool takes_list = true;
  CORNU_FIELDS()
  Value operator()(std::vector<Value> in, Scope& scope) const;
  Symbol make_mask(const std::vector<Symbol>& in) const;
};
CORNU_LAYER(Average)

/// The largest.
struct Maximum {
  static constexpr std::string_view class_name = "Maximum";
  static constexpr bool takes_list = true;
  CORNU_FIELDS()
  Value operator()(std::vector<Value> in, Scope& scope) const;
  Symbol make_mask(const std::vector<Symbol>& in) const;
};
CORNU_LAYER(Maximum)

/// The smallest.
struct Minimum {
  static constexpr std::string_view class_name = "Minimum";
  static constexpr bool takes_list = true;
  CORNU_FIELDS()
  Value operator()(std::vector<Value> in, Scope& scope) const;
  Symbol make_mask(const std::vector<Symbol>& in) const;
};
CORNU_LAYER(Minimum)

/// One after the other along `axis` (0 is the batch); the other sizes agree. Steps of inputs without a mask count.
struct Concatenate {
  int64_t axis = -1;
  static constexpr std::string_view class_name = "Concatenate";
  static constexpr bool takes_list = true;
  CORNU_FIELDS(axis)
  Value operator()(std::vector<Value> in, Scope& scope) const;
  Symbol make_mask(const std::vector<Symbol>& in) const;
};
CORNU_LAYER(Concatenate)

/// Sums of products of two inputs along one axis of each (`axes`: one for both, or two): [batch, rest of a..., rest of b...], or
/// [batch, 1] if nothing is left. With `normalize` they are first brought to length one along these axes: the cosine.
struct Dot {
  Axes axes = -1;
  bool normalize = false;
  static constexpr std::string_view class_name = "Dot";
  static constexpr bool takes_list = true;
  CORNU_FIELDS(axes, normalize)
  Value operator()(std::vector<Value> in, Scope& scope) const;
};
CORNU_LAYER(Dot)

namespace layers {
using cornu::Add;
using cornu::Average;
using cornu::Concatenate;
using cornu::Dot;
using cornu::Maximum;
using cornu::Minimum;
using cornu::Multiply;
using cornu::Subtract;
}  // namespace layers

}  // namespace cornu
