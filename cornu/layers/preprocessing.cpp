#include "cornu/layers/preprocessing.h"

#include <algorithm>

#include "cornu/layers/core.h"
#include "cornu/nn/define_layer.h"

namespace cornu {

CORNU_DEFINE_LAYER(Rescaling)
CORNU_DEFINE_LAYER(Normalization)

Config to_config(const Factor& factor) { return factor.numbers.size() == 1 ? Config(factor.numbers[0]) : to_config(factor.numbers); }

void from_config(const Config& config, Factor& factor) {
  if (config.is_list()) from_config(config, factor.numbers);
  else factor.numbers = {config.as_double()};
}

Value Rescaling::operator()(Value x, Scope& scope) const {
  x = computable(x, scope);
  const auto value_of = [&](const Factor& factor) {
    if (factor.numbers.size() == 1) return cornu::scalar(x, factor.numbers[0]);
    const auto size = static_cast<int64_t>(factor.numbers.size());
    require<ShapeError>(x.shape().rank() > 0 && x.dim(-1) == size, scope.path(), ": Rescaling has ", size, " factors for the last axis of ", x.shape());
    return scope.graph().constant(Tensor(Shape{size}, factor.numbers).cast(x.dtype()));
  };
  x = x * value_of(scale);
  return offset.numbers == std::vector<double>{0} ? x : x + value_of(offset);
}

Config to_config(const KeptAxes& axes) { return to_config(axes.list); }

void from_config(const Config& config, KeptAxes& axes) {
  axes.list.clear();
  if (config.is_list()) from_config(config, axes.list);
  else if (!config.is_null()) axes.list = {config.as_int()};
}

NumberArray::NumberArray(const Tensor& tensor) : shape(tensor.shape()) {
  const Tensor wide = tensor.cast(DType::float64);
  numbers.assign(wide.values<double>().begin(), wide.values<double>().end());
}

Config to_config(const NumberArray& array) {
  std::vector<Config> level(array.numbers.begin(), array.numbers.end());
  for (int axis = array.shape.rank() - 1; axis >= 0; --axis) {
    std::vector<Config> outer;
    const auto size = static_cast<size_t>(array.shape[axis]);
    for (size_t i = 0; i + size <= level.size() && size > 0; i += size) {
      Config::List row;
      for (size_t k = 0; k < size; ++k) row.push_back(level[i + k]);
      outer.emplace_back(std::move(row));
    }
    level = std::move(outer);
  }
  return level.empty() ? Config(Config::List{}) : level[0];
}

namespace {

void collect(const Config& config, int depth, NumberArray& array) {
  require<FormatError>(config.is_list() == (depth < array.shape.rank()), "expected numbers in lists of equal lengths, found ", config);
  if (!config.is_list()) return array.numbers.push_back(config.as_double());
  require<FormatError>(static_cast<int64_t>(config.as_list().size()) == array.shape[depth], "expected lists of equal lengths, found ", config);
  for (const Config& item : config.as_list()) collect(item, depth + 1, array);
}

}  // namespace

void from_config(const Config& config, NumberArray& array) {
  array.shape = {};
  array.numbers.clear();
  for (const Config* at = &config; at->is_list(); at = &at->as_list()[0]) {
    require<FormatError>(array.shape.rank() < 8, "expected a number or lists of numbers, found lists more than 8 deep");
    array.shape.push_back(static_cast<int64_t>(at->as_list().size()));
    if (at->as_list().empty()) break;
  }
  collect(config, 0, array);
}

namespace {

/// `axis` from the front, ascending.
std::vector<int> kept_axes(const KeptAxes& axis, const Shape& x, const std::string& where) {
  std::vector<int> kept;
  for (const int64_t a : axis.list) {
    require<ShapeError>(a >= -x.rank() && a < x.rank(), where, ": Normalization keeps axis ", a, ", which ", x, " does not have");
    kept.push_back(x.axis(static_cast<int>(a)));
  }
  std::sort(kept.begin(), kept.end());
  return kept;
}

/// `sizes`, one after another along the axes `kept`, as a shape that broadcasts to x; the last size stands at the last axis.
Shape spread(const Shape& x, const std::vector<int>& kept, const Shape& sizes) {
  Shape shape(std::vector<int64_t>(static_cast<size_t>(x.rank()), 1));
  for (int i = 1; i <= sizes.rank(); ++i) shape[kept[kept.size() - static_cast<size_t>(i)]] = sizes[sizes.rank() - i];
  return shape;
}

/// A weight that begins as `tensor`, or as `otherwise` when there is none.
Initializer from(const std::optional<Tensor>& tensor, const char* otherwise, const std::string& where) {
  if (!tensor) return otherwise;
  return [value = *tensor, where](const Shape& shape, DType dtype, uint64_t) {
    require<ShapeError>(value.shape() == shape, where, ": Normalization was adapted to data with ", value.shape(), " means, and now reads data with ", shape);
    return value.cast(dtype);
  };
}

}  // namespace

void Normalization::adapt(const Tensor& data) {
  require(!mean && !variance, "Normalization was given a mean and a variance, so there is nothing to adapt");
  require<ShapeError>(data.size() > 0, "Normalization::adapt takes samples, and was given ", data.shape());
  const Shape& x = data.shape();
  const std::vector<int> kept = kept_axes(axis, x, "Normalization::adapt");
  Shape sizes;
  for (const int a : kept) sizes.push_back(x[a]);
  const std::vector<int64_t> from_strides = dense_strides(x), to_strides = dense_strides(sizes);
  Tensor means(DType::float64, sizes), variances(DType::float64, sizes);
  const auto mean_of = means.mutable_values<double>(), variance_of = variances.mutable_values<double>();
  const auto place = [&](int64_t i) {
    int64_t at = 0;
    for (size_t k = 0; k < kept.size(); ++k) at += i / from_strides[static_cast<size_t>(kept[k])] % x[kept[k]] * to_strides[k];
    return static_cast<size_t>(at);
  };
  const double n = static_cast<double>(data.size() / sizes.elements());
  // Twice over the data: the deviation from the mean, not from zero, is what keeps its digits.
  for (int64_t i = 0; i < data.size(); ++i) mean_of[place(i)] += data.at(i);
  for (double& m : mean_of) m /= n;
  for (int64_t i = 0; i < data.size(); ++i) {
    const double d = data.at(i) - mean_of[place(i)];
    variance_of[place(i)] += d * d;
  }
  for (double& v : variance_of) v /= n;
  adapted_mean = means, adapted_variance = variances;
}

Value Normalization::operator()(Value x, Scope& scope) const {
  x = computable(x, scope);
  const Shape in = x.shape();
  const std::vector<int> kept = kept_axes(axis, in, scope.path());
  Shape sizes;
  for (const int a : kept) {
    require<ShapeError>(sizes.rank() == 0 || a != kept[static_cast<size_t>(sizes.rank()) - 1], scope.path(), ": Normalization names axis ", a, " twice");
    sizes.push_back(in[a]);
  }
  require(mean.has_value() == variance.has_value(), scope.path(), ": Normalization takes a mean and a variance together, and was given only the ", mean ? "mean" : "variance");
  Value center, square;
  if (mean) {
    const auto given = [&](const NumberArray& array, const char* what) {
      require<ShapeError>(array.shape.rank() <= static_cast<int>(kept.size()), scope.path(), ": Normalization's ", what, " has the shape ", array.shape,
                          ", more axes than it keeps (", kept.size(), ")");
      const Shape shape = spread(in, kept, array.shape);
      for (int a = 0; a < in.rank(); ++a)
        require<ShapeError>(shape[a] == 1 || shape[a] == in[a], scope.path(), ": Normalization's ", what, " has the shape ", array.shape, ", which does not fit ", in);
      return scope.graph().constant(Tensor(shape, array.numbers).cast(x.dtype()));
    };
    require<ShapeError>(mean->shape == variance->shape, scope.path(), ": Normalization's mean ", mean->shape, " and variance ", variance->shape, " have different shapes");
    center = given(*mean, "mean");
    square = given(*variance, "variance");
  } else {
    const Shape shape = spread(in, kept, sizes);
    center = reshape(scope.weight("mean", sizes, from(adapted_mean, "zeros", scope.path()), {.trainable = false}), shape);
    square = reshape(scope.weight("variance", sizes, from(adapted_variance, "ones", scope.path()), {.trainable = false}), shape);
    scope.weight("count", {}, "zeros", {.trainable = false});
  }
  const Value root = sqrt(square), deviation = maximum(root, cornu::scalar(root, 1e-7));
  return invert ? center + x * deviation : (x - center) / deviation;
}

}  // namespace cornu
