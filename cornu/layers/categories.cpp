#include "cornu/layers/categories.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "cornu/layers/core.h"
#include "cornu/nn/define_layer.h"

namespace cornu {

CORNU_DEFINE_LAYER(Discretization)
CORNU_DEFINE_LAYER(CategoryEncoding)

namespace {
constexpr std::array<std::string_view, 5> encoding_names = {"int", "one_hot", "multi_hot", "count", "tf_idf"};
}

Config to_config(Encoding encoding) { return encoding_names[static_cast<size_t>(encoding)]; }

void from_config(const Config& config, Encoding& encoding) {
  std::string_view name = config.as_string();
  if (name == "binary") name = "multi_hot";
  if (name == "tf-idf") name = "tf_idf";
  const auto found = std::find(encoding_names.begin(), encoding_names.end(), name);
  require<FormatError>(found != encoding_names.end(), "unknown output mode '", printable(name), "'", did_you_mean(name, encoding_names), "; the modes are int, one_hot, multi_hot, count and tf_idf");
  encoding = static_cast<Encoding>(found - encoding_names.begin());
}

Value encode_categories(Value indices, Encoding encoding, int64_t depth, DType dtype, std::optional<Value> weights) {
  if (encoding == Encoding::integer) return indices;
  const Shape shape = indices.shape();
  if (encoding == Encoding::one_hot) return one_hot(shape.rank() > 1 && shape.dim(-1) == 1 ? reshape(indices, shape.drop_back()) : indices, depth, dtype);
  Value hot = one_hot(indices, depth, dtype);
  const int64_t axis = shape.rank() > 1 ? 1 : 0;
  if (encoding == Encoding::multi_hot) return max(hot, {axis});
  if (weights) hot = hot * reshape(weights->dtype() == dtype ? *weights : cast(*weights, dtype), shape + Shape{1});
  return sum(hot, {axis});
}

Value search_sorted(Value x, const Tensor& sorted, bool or_equal) {
  // Filled up to 2^k - 1 numbers with the largest there is, a search takes k steps and needs no check of bounds.
  const int64_t n = sorted.size();
  int64_t half = 1;
  while (2 * half - 1 < n) half *= 2;
  Tensor filled(sorted.dtype(), {2 * half - 1});
  with_type(sorted.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const auto to = filled.mutable_values<T>();
    const auto from = sorted.values<T>();
    std::copy(from.begin(), from.end(), to.begin());
    if constexpr (std::is_floating_point_v<T>) std::fill(to.begin() + n, to.end(), std::numeric_limits<T>::infinity());
    else if constexpr (std::is_integral_v<T>) std::fill(to.begin() + n, to.end(), std::numeric_limits<T>::max());
  });
  Graph& graph = *x.graph;
  const Value numbers = graph.constant(filled);
  Value below = broadcast_to(graph.constant(Tensor::scalar<int64_t>(0)), x.shape());
  for (; half > 0; half /= 2) {
    const Value boundary = gather(numbers, below + static_cast<double>(half - 1));
    // Of a NaN nothing is greater: it goes on upwards.
    const Value stays = or_equal ? greater(boundary, x) : greater_equal(boundary, x);
    below = select(stays, below, below + static_cast<double>(half));
  }
  return minimum(below, cornu::scalar(below, static_cast<double>(n)));  // an infinite x passes the filling, too
}

namespace {

// Keras's summary of data: numbers with how many each stands for, of which quantiles are interpolated.
struct Summary {
  std::vector<double> numbers, weights;
};

Summary summarize(const Tensor& data, double epsilon) {
  std::vector<float> sorted;
  for (int64_t i = 0; i < data.size(); ++i) sorted.push_back(static_cast<float>(data.at(i)));
  std::sort(sorted.begin(), sorted.end());
  const double step = std::max(static_cast<double>(sorted.size()) / (1 / epsilon), 1.0);
  Summary summary;
  for (auto i = static_cast<size_t>(step - 1); i < sorted.size(); i += static_cast<size_t>(step)) {
    summary.numbers.push_back(sorted[i]);
    summary.weights.push_back(static_cast<float>(step));
  }
  return summary;
}

/// y at x on the line through the points (xs, ys), level beyond its ends.
double interpolate(double x, const std::vector<double>& xs, const std::vector<double>& ys) {
  const auto above = static_cast<size_t>(std::upper_bound(xs.begin(), xs.end(), x) - xs.begin());
  if (above == 0) return ys.front();
  if (above == xs.size()) return ys.back();
  return (ys[above] - ys[above - 1]) / (xs[above] - xs[above - 1]) * (x - xs[above - 1]) + ys[above - 1];
}

Summary compress(const Summary& summary, double epsilon) {
  if (static_cast<double>(summary.numbers.size()) * epsilon < 1) return summary;
  std::vector<double> total = summary.weights, share;
  float sum = 0;  // Keras adds in float32
  for (double& t : total) t = sum += static_cast<float>(t);
  for (const double t : total) share.push_back(static_cast<float>(t) / static_cast<float>(total.back()));
  Summary out;
  double before = 0;
  const auto count = static_cast<int>(std::ceil(1 / epsilon));
  for (int i = 0; i < count; ++i) {
    const double percent = epsilon + i * epsilon, weight = interpolate(percent, share, total);
    out.numbers.push_back(static_cast<float>(interpolate(percent, share, summary.numbers)));
    out.weights.push_back(static_cast<float>(weight - before));
    before = weight;
  }
  return out;
}

}  // namespace

void Discretization::adapt(const Tensor& data) {
  require(num_bins && *num_bins > 0, "Discretization::adapt needs num_bins, the number of bins to make", bin_boundaries ? "; it was given bin_boundaries instead" : "");
  require<ShapeError>(data.size() > 0, "Discretization::adapt takes numbers, and was given ", data.shape());
  require(epsilon > 0 && epsilon <= 1, "Discretization's epsilon is a share of the data, in (0, 1], and was given as ", epsilon);
  // Twice, as Keras does: its summary of one batch is merged with an empty one.
  Summary bins = compress(compress(summarize(data, epsilon), epsilon), 1.0 / static_cast<double>(*num_bins));
  if (!bins.numbers.empty()) bins.numbers.pop_back();
  bin_boundaries = NumberArray(Tensor(Shape{static_cast<int64_t>(bins.numbers.size())}, bins.numbers));
}

Value Discretization::operator()(Value x, Scope& scope) const {
  require(output_mode != Encoding::tf_idf, scope.path(), ": Discretization has no output mode tf_idf; its modes are int, one_hot, multi_hot and count");
  require(bin_boundaries.has_value(), scope.path(), ": Discretization has no boundaries; give it bin_boundaries, or num_bins and then call adapt(data)");
  const std::vector<double>& boundaries = bin_boundaries->numbers;
  require(bin_boundaries->shape.rank() == 1 && std::is_sorted(boundaries.begin(), boundaries.end()), scope.path(),
          ": Discretization's boundaries are a list of ascending numbers, and were given as ", to_config(*bin_boundaries));
  x = computable(x, scope);
  const auto count = static_cast<int64_t>(boundaries.size());
  const Value bins = search_sorted(x, Tensor(Shape{count}, boundaries).cast(x.dtype()), true);
  return output_mode == Encoding::integer ? cast(bins, DType::int32) : encode_categories(bins, output_mode, count + 1, scope.dtype());
}

Value CategoryEncoding::operator()(Value x, Scope& scope) const {
  require(num_tokens > 0, scope.path(), ": CategoryEncoding takes a positive num_tokens, and was given ", num_tokens, "; if it is not known, use IntegerLookup");
  require(output_mode != Encoding::integer && output_mode != Encoding::tf_idf, scope.path(), ": CategoryEncoding has no output mode ", to_config(output_mode),
          "; its modes are one_hot, multi_hot and count");
  const auto given = scope.call().values.find("count_weights");
  const bool weighted = given != scope.call().values.end() && !given->second.empty();
  require(!weighted || output_mode == Encoding::count, scope.path(), ": CategoryEncoding was called with count_weights, which only output_mode 'count' uses; its mode is ", to_config(output_mode));
  if (weighted)
    require<ShapeError>(given->second[0].shape() == x.shape(), scope.path(), ": CategoryEncoding's count_weights ", given->second[0].shape(), " differ in shape from its input ", x.shape());
  return encode_categories(is_integer(x.dtype()) ? x : cast(x, DType::int64), output_mode, num_tokens, scope.dtype(), weighted ? std::optional(given->second[0]) : std::nullopt);
}

}  // namespace cornu
