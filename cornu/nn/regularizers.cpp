#include "cornu/nn/regularizers.h"

#include "cornu/nn/choice_from_config.h"
#include "cornu/nn/choose.h"
#include "cornu/ops/ops.h"

namespace cornu {

Value L1::operator()(Value weight) const { return sum(absolute(weight)) * l1; }
Value L2::operator()(Value weight) const { return sum(square(weight)) * l2; }
Value L1L2::operator()(Value weight) const {
  if (l2 == 0) return L1{l1}(weight);
  if (l1 == 0) return L2{l2}(weight);
  return L1{l1}(weight) + L2{l2}(weight);
}

Value OrthogonalRegularizer::operator()(Value weight) const {
  require(mode == "rows" || mode == "columns", "OrthogonalRegularizer: mode must be rows or columns, and is '", printable(mode), "'");
  require<ShapeError>(weight.shape().rank() == 2, "OrthogonalRegularizer is for matrices, and was given ", weight.shape());
  require(factor >= 0, "OrthogonalRegularizer: factor cannot be negative, and is ", factor);
  const bool rows = mode == "rows";
  const Value squares = sum(square(weight), {rows ? 1 : 0}, true);
  const Value unit = weight * rsqrt(maximum(squares, scalar(squares, 1e-14)));  // Keras divides by no less than 1e-7
  const Value products = matmul(unit, unit, {.transpose_a = !rows, .transpose_b = rows});
  const int64_t n = products.dim(0);
  require<ShapeError>(n > 1, "OrthogonalRegularizer needs more than one of the ", mode, " of ", weight.shape());
  Graph& graph = *weight.graph;
  const Value off_diagonal = not_equal(iota(graph, {n, n}, 0), iota(graph, {n, n}, 1));
  const Value total = sum(absolute(select(off_diagonal, products, scalar(products, 0))));
  return total * (factor / static_cast<double>(n * (n - 1)));
}

namespace {
const Family<L1, L2, L1L2, OrthogonalRegularizer> family = {"regularizer"};
}  // namespace

Regularizer::Regularizer(std::string_view name) : Regularizer(choose<Regularizer>(family, name)) {
  if (as<L1L2>()) *this = Regularizer(L1L2{0.01, 0.01});
  given_name_ = name;
}

Regularizer::Regularizer(const char* name) : Regularizer(std::string_view(name)) {}
Value Regularizer::operator()(Value weight) const { return self()->call(weight); }

Config to_config(const Regularizer& regularizer) { return regularizer.object_config("keras.regularizers", "the regularizer"); }

std::vector<ClassInfo> regularizer_classes() { return classes_of(family); }

void from_config(const Config& config, Regularizer& regularizer) {
  if (const auto* held = config.held<Regularizer>()) return void(regularizer = *held);
  if (config.is_null()) return void(regularizer = {});
  if (config.is_string()) return void(regularizer = value_in_config([&] { return Regularizer(config.as_string()); }));
  const ObjectConfig object = read_object(config, "regularizer");
  regularizer = value_in_config([&] { return choose<Regularizer>(family, object.name, object.config); });
}

}  // namespace cornu
