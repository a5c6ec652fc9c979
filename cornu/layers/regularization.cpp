#include "cornu/layers/regularization.h"

#include <cmath>

#include "cornu/layers/core.h"
#include "cornu/nn/define_layer.h"

namespace cornu {

CORNU_DEFINE_LAYER(Dropout)
CORNU_DEFINE_LAYER(SpatialDropout1D)
CORNU_DEFINE_LAYER(SpatialDropout2D)
CORNU_DEFINE_LAYER(SpatialDropout3D)
CORNU_DEFINE_LAYER(GaussianNoise)
CORNU_DEFINE_LAYER(GaussianDropout)
CORNU_DEFINE_LAYER(AlphaDropout)
CORNU_DEFINE_LAYER(ActivityRegularization)

namespace {

void check_fraction(double number, const Scope& scope, std::string_view layer, std::string_view name, std::string_view meaning) {
  require(number >= 0 && number <= 1, scope.path(), ": ", layer, "'s ", name, " is ", meaning, ", from 0 to 1, and was given as ", number);
}

/// Unknown sizes are x's; each is x's or 1.
Shape shape_of_noise(const Sizes& sizes, const Shape& x, const Scope& scope, std::string_view layer) {
  if (!sizes) return x;
  Shape shape(*sizes.list);
  bool fits = shape.rank() == x.rank();
  for (int a = 0; fits && a < x.rank(); ++a) {
    if (shape[a] == Shape::unknown) shape[a] = x[a];
    fits = shape[a] == x[a] || shape[a] == 1;
  }
  require<ShapeError>(fits, scope.path(), ": ", layer, "'s noise_shape has, for each axis of ", x, ", its size, 1 or unknown, and was given as ", Shape(*sizes.list));
  return shape;
}

Value spatial(Value x, double rate, const std::optional<int64_t>& seed, int rank, Scope& scope, std::string_view layer) {
  check_fraction(rate, scope, layer, "rate", "the fraction to drop");
  require<ShapeError>(x.shape().rank() == rank, scope.path(), ": ", layer, " takes [batch, ", rank == 3 ? "steps" : rank == 4 ? "rows, columns" : "planes, rows, columns", ", channels] and was given ", x.shape());
  x = computable(x, scope);
  if (!scope.training()) return x;
  Shape one(std::vector<int64_t>(static_cast<size_t>(rank), 1));
  one[0] = x.dim(0), one[rank - 1] = x.dim(-1);
  return dropped(x, rate, seed, one, scope);
}

}  // namespace

Value noise(Scope& scope, const std::optional<int64_t>& seed, Random how) {
  Value key = scope.random_key();
  const auto constant = [&](int64_t number) { return scope.graph().constant(Tensor(Shape{1}, std::vector<int64_t>{number})); };
  if (seed) key = concat({constant(*seed), slice(key, {1}, {3})}, 0);  // the step and the row stay
  // Numbers for all samples together do not depend on which rows of a batch these are.
  if (how.shape.rank() == 0 || how.shape[0] == 1) key = concat({slice(key, {0}, {2}), constant(0)}, 0);
  how.stream = scope.stream();
  return random(key, how);
}

Value dropped(Value x, double rate, const std::optional<int64_t>& seed, const Shape& noise_shape, Scope& scope) {
  if (rate == 0) return x;
  if (rate == 1) return x * 0;
  return x * noise(scope, seed, {.distribution = Distribution::bernoulli, .shape = noise_shape, .dtype = x.dtype(), .a = 1 - rate}) * (1 / (1 - rate));
}

Value Dropout::operator()(Value x, Scope& scope) const {
  check_fraction(rate, scope, class_name, "rate", "the fraction to drop");
  x = computable(x, scope);
  return scope.training() ? dropped(x, rate, seed, shape_of_noise(noise_shape, x.shape(), scope, class_name), scope) : x;
}

Value SpatialDropout1D::operator()(Value x, Scope& scope) const { return spatial(x, rate, seed, 3, scope, class_name); }
Value SpatialDropout2D::operator()(Value x, Scope& scope) const { return spatial(x, rate, seed, 4, scope, class_name); }
Value SpatialDropout3D::operator()(Value x, Scope& scope) const { return spatial(x, rate, seed, 5, scope, class_name); }

Value GaussianNoise::operator()(Value x, Scope& scope) const {
  check_fraction(stddev, scope, class_name, "stddev", "the deviation of the noise");
  x = computable(x, scope);
  if (!scope.training() || stddev == 0) return x;
  return x + noise(scope, seed, {.distribution = Distribution::normal, .shape = x.shape(), .dtype = x.dtype(), .a = 0, .b = stddev});
}

Value GaussianDropout::operator()(Value x, Scope& scope) const {
  check_fraction(rate, scope, class_name, "rate", "as Dropout's");
  require(rate < 1, scope.path(), ": GaussianDropout's rate is below 1: there its noise has no finite deviation");
  x = computable(x, scope);
  if (!scope.training() || rate == 0) return x;
  return x * noise(scope, seed, {.distribution = Distribution::normal, .shape = x.shape(), .dtype = x.dtype(), .a = 1, .b = std::sqrt(rate / (1 - rate))});
}

Value AlphaDropout::operator()(Value x, Scope& scope) const {
  check_fraction(rate, scope, class_name, "rate", "the fraction to drop");
  x = computable(x, scope);
  if (!scope.training() || rate == 0) return x;
  const Shape of_noise = shape_of_noise(noise_shape, x.shape(), scope, class_name);
  constexpr double lowest = -1.6732632423543772848170429916717 * 1.0507009873554804934193349852946;  // selu at minus infinity
  require(rate < 1, scope.path(), ": AlphaDropout's rate is below 1: where all numbers are equal, none can have variance 1");
  const double a = 1 / std::sqrt((1 - rate) * (1 + rate * lowest * lowest)), b = -a * lowest * rate;
  const Value keep = noise(scope, seed, {.distribution = Distribution::bernoulli, .shape = of_noise, .dtype = x.dtype(), .a = 1 - rate});
  return (x * keep + (1 - keep) * lowest) * a + b;
}

Value ActivityRegularization::operator()(Value x, Scope& scope) const {
  require<ShapeError>(x.shape().rank() >= 1, scope.path(), ": ActivityRegularization takes [batch, ...] and was given one number");
  x = computable(x, scope);
  if (l1 != 0 || l2 != 0) scope.add_loss(L1L2{l1, l2}(x) / static_cast<double>(x.dim(0)));
  return x;
}

}  // namespace cornu
