#include "cornu/layers/einsum_dense.h"

#include <algorithm>
#include <cctype>

#include "cornu/layers/core.h"
#include "cornu/nn/define_layer.h"

namespace cornu {

CORNU_DEFINE_LAYER(EinsumDense)

namespace {

/// The three terms of an equation, without their dots.
struct Terms {
  std::string input, kernel, output;
  enum class Dots { none, left, right } dots = Dots::none;
};

bool letters(std::string_view s) {
  return !s.empty() && std::all_of(s.begin(), s.end(), [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; });
}

/// Takes the dots from one side of a term.
bool take_dots(std::string& term, Terms::Dots side) {
  const size_t at = side == Terms::Dots::left ? 0 : term.size() - std::min<size_t>(3, term.size());
  if (side == Terms::Dots::none || term.compare(at, 3, "...") != 0) return side == Terms::Dots::none;
  term.erase(at, 3);
  return true;
}

Terms read(const std::string& equation, std::string_view where) {
  const size_t comma = equation.find(','), arrow = equation.find("->");
  if (comma != std::string::npos && arrow != std::string::npos && comma < arrow)
    for (const Terms::Dots dots : {Terms::Dots::none, Terms::Dots::left, Terms::Dots::right}) {
      Terms t{equation.substr(0, comma), equation.substr(comma + 1, arrow - comma - 1), equation.substr(arrow + 2), dots};
      if (take_dots(t.input, dots) && take_dots(t.output, dots) && letters(t.input) && letters(t.kernel) && letters(t.output)) return t;
    }
  throw ArgumentError(text(where, ": EinsumDense takes an equation like ab,bc->ac, ...a,ab->...b or ab...,bc->ac..., and was given '", printable(equation), "'"));
}

struct Shapes {
  Shape kernel, bias;
  std::vector<int64_t> input_axes, output_axes;  // of the kernel, for its fans
};

Shapes shapes_of(const EinsumDense& layer, const Shape& x, std::string_view where) {
  const Terms t = read(layer.equation, where);
  const auto refuse = [&](const auto&... parts) { throw ShapeError(text(where, ": EinsumDense with '", printable(layer.equation), "' ", parts...)); };
  const auto named = static_cast<int>(t.input.size()), under = x.rank() - named;
  if (under < 0 || (under > 0 && t.dots == Terms::Dots::none)) refuse("takes an input with the axes ", t.input, " and was given ", x);
  require(layer.output_shape.list.has_value(), where, ": EinsumDense needs an output_shape: the output's sizes without the batch");
  const int first_input = t.dots == Terms::Dots::left ? under : 0;  // of the named axes
  // The whole output: the batch, what is under the dots, and what output_shape names.
  std::vector<int64_t> sizes = *layer.output_shape.list;
  if (t.dots != Terms::Dots::left || under == 0) sizes.insert(sizes.begin(), x[0]);
  if (sizes.size() != t.output.size()) refuse("has an output with the axes ", t.output, ", and its output_shape ", *layer.output_shape.list, " names ", sizes.size(), " with the batch");

  const auto size_in = [&](char c) {
    const size_t i = t.input.find(c);
    return i == std::string::npos ? Shape::unknown : x[first_input + static_cast<int>(i)];
  };
  for (size_t i = 0; i < sizes.size(); ++i) {
    const int64_t in = size_in(t.output[i]);
    if (sizes[i] == Shape::unknown) sizes[i] = in;
    else if (in != Shape::unknown && in != sizes[i]) refuse("has ", t.output[i], " = ", in, " in its input ", x, " and ", sizes[i], " in its output_shape");
    if (t.input.find(t.output[i]) == std::string::npos && t.kernel.find(t.output[i]) == std::string::npos) refuse("names ", t.output[i], " in its output and nowhere else");
    if (sizes[i] == Shape::unknown) refuse("needs the size of ", t.output[i], " in its output_shape");
  }
  Shapes s;
  for (size_t i = 0; i < t.kernel.size(); ++i) {
    const char c = t.kernel[i];
    const size_t out = t.output.find(c);
    const int64_t in = size_in(c);
    if (out == std::string::npos && in == Shape::unknown) refuse("names ", c, " in its kernel and nowhere else");
    s.kernel.push_back(out != std::string::npos ? sizes[out] : in);
    (out != std::string::npos ? s.output_axes : s.input_axes).push_back(static_cast<int64_t>(i));
  }
  if (layer.bias_axes) {
    size_t first = t.output.size();
    for (const char c : *layer.bias_axes) {
      const size_t at = t.output.find(c);
      if (at == std::string::npos) refuse("has no ", c, " in its output for bias_axes '", printable(*layer.bias_axes), "'");
      first = std::min(first, at);
    }
    for (size_t i = first; i < t.output.size(); ++i) s.bias.push_back(layer.bias_axes->find(t.output[i]) != std::string::npos ? sizes[i] : 1);
    if (t.dots == Terms::Dots::right)
      for (int i = 0; i < under; ++i) s.bias.push_back(1);
  }
  return s;
}

}  // namespace

Config EinsumDense::extras() { return Config(Config::Dict{{"quantization_config", nullptr}, {"lora_rank", nullptr}, {"lora_alpha", nullptr}, {"gptq_unpacked_column_size", nullptr}}); }

Value EinsumDense::operator()(Value x, Scope& scope) const {
  require<ShapeError>(x.shape().rank() >= 1, scope.path(), ": EinsumDense takes [batch, ...] and was given one number");
  const Shapes s = shapes_of(*this, x.shape(), scope.path());
  const Value kernel = scope.weight("kernel", s.kernel, with_fans(kernel_initializer, s.input_axes, s.output_axes), {.regularizer = kernel_regularizer, .constraint = kernel_constraint});
  Value y = einsum(equation, {computable(x, scope), kernel});
  if (bias_axes) y = y + scope.weight("bias", s.bias, bias_initializer, {.regularizer = bias_regularizer, .constraint = bias_constraint});
  return activation(y);
}

}  // namespace cornu
