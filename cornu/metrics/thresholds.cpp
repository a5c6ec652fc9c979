// Counting by thresholds: in the graph one scatter into bins, on the host running sums over them.
#include "cornu/metrics/thresholds.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "cornu/losses/targets.h"
#include "cornu/ops/ops.h"

namespace cornu {
namespace {

constexpr double keras_epsilon = 1e-7;

// numpy.allclose with atol 1e-7 and its rtol of 1e-5.
bool evenly_spread(const std::vector<double>& thresholds) {
  const size_t n = thresholds.size();
  if (n < 3) return false;
  for (size_t i = 0; i < n; ++i) {
    const double even = static_cast<double>(static_cast<float>(i) / static_cast<float>(n - 1));
    if (!(std::abs(thresholds[i] - even) <= keras_epsilon + 1e-5 * even)) return false;
  }
  return true;
}

// The k largest along the last axis keep their place (the first of equals wins); the others fall below every threshold.
Value only_top(Value y_pred, int64_t k, std::string_view who) {
  const int64_t classes = y_pred.dim(-1);
  require(k >= 1 && k <= classes, who, ": top_k must be in [1, ", classes, "], the number of classes, and was ", k);
  const Value lowest = scalar(y_pred, -std::numeric_limits<float>::infinity());
  Value left = y_pred, chosen;
  for (int64_t i = 0; i < k; ++i) {
    const Value hot = one_hot(argmax(left), classes), is_best = not_equal(hot, scalar(hot, 0));
    chosen = i == 0 ? is_best : logical_or(chosen, is_best);
    left = select(is_best, lowest, left);
  }
  return select(chosen, y_pred, scalar(y_pred, -1e10));
}

Value column(Value x, int64_t i) {
  const Shape& shape = x.shape();
  std::vector<int64_t> begin(static_cast<size_t>(shape.rank()), 0), end = shape.sizes();
  begin.back() = i;
  end.back() = i + 1;
  return slice(x, begin, end);
}

}  // namespace

Thresholds::Thresholds(const std::optional<std::vector<double>>& given, double otherwise, std::string_view who) {
  const std::vector<double> list = given ? *given : std::vector<double>{otherwise};
  require(!list.empty(), who, ": thresholds must be at least one");
  for (const double t : list)
    require(!given || (t >= 0 && t <= 1), who, ": thresholds must be in [0, 1], and one was ", t);
  even_ = evenly_spread(list);
  std::vector<size_t> order(list.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return list[a] < list[b]; });
  place_.resize(list.size());
  for (size_t i = 0; i < order.size(); ++i) {
    ascending_.push_back(static_cast<float>(list[order[i]]));
    place_[order[i]] = i;
  }
}

Thresholds Thresholds::even(int64_t n, bool margin) {
  Thresholds t;
  for (int64_t i = 0; i < n; ++i) t.ascending_.push_back(static_cast<float>(static_cast<double>(i) / static_cast<double>(n - 1)));
  if (margin) t.ascending_.front() = static_cast<float>(-keras_epsilon), t.ascending_.back() = static_cast<float>(1 + keras_epsilon);
  t.even_ = true;
  t.margin_ = margin;
  return t;
}

Thresholds Thresholds::between(std::vector<double> inner) {
  std::sort(inner.begin(), inner.end());
  std::vector<double> ends = {0.0};
  ends.insert(ends.end(), inner.begin(), inner.end());
  ends.push_back(1.0);
  Thresholds t;
  for (const double v : ends) t.ascending_.push_back(static_cast<float>(v));
  t.ascending_.front() = static_cast<float>(-keras_epsilon), t.ascending_.back() = static_cast<float>(1 + keras_epsilon);
  t.even_ = evenly_spread(ends);
  t.margin_ = true;
  return t;
}

Value Thresholds::exceeded(Value y_pred) const {
  const auto n = static_cast<double>(size());
  if (even_) {
    const Value inside = clip(y_pred, 0, 1), bin = ceil(inside * (n - 1));
    return cast(margin_ ? maximum(bin, scalar(bin, 1)) : bin, DType::int64);
  }
  Value bin = cast(greater(y_pred, scalar(y_pred, static_cast<double>(ascending_[0]))), DType::int64);
  if (size() == 1) return bin;
  const Value all = y_pred.graph->constant(Tensor(Shape{size()}, ascending_));
  return sum(cast(greater(reshape(y_pred, y_pred.shape() + Shape{1}), all), DType::int64), {-1});
}

std::vector<float> Thresholds::in_given_order(const std::vector<float>& ascending) const {
  if (place_.empty()) return ascending;
  std::vector<float> out;
  for (const size_t at : place_) out.push_back(ascending[at]);
  return out;
}

std::vector<MetricState> bin_states(int64_t thresholds, int64_t labels) {
  const Tensor zeros(DType::float32, {(thresholds + 1) * labels});
  return {{"true_bins", zeros}, {"false_bins", zeros}};
}

std::vector<Value> count(Values states, Value y_true, Value y_pred, std::optional<Value> weight, const Thresholds& thresholds, const CountOptions& options, std::string_view who) {
  if (y_pred.dtype() != DType::float32) y_pred = cast(y_pred, DType::float32);
  auto [y, p] = same_shape(y_true, y_pred, who);
  if (options.top_k) p = only_top(p, *options.top_k, who);
  if (options.class_id) {
    const int64_t classes = p.shape().rank() < 2 ? 0 : p.dim(-1);
    require<ShapeError>(*options.class_id >= 0 && *options.class_id < classes, who, ": class_id is ", *options.class_id, ", and predictions of shape ", p.shape(), " have ", classes, " classes");
    y = column(y, *options.class_id);
    p = column(p, *options.class_id);
  }
  const Shape& shape = p.shape();
  Value bin = thresholds.exceeded(p);
  if (options.by_label) {
    const int64_t labels = shape.dim(-1);
    bin = bin * static_cast<double>(labels) + iota(*p.graph, Shape{labels});
  }
  Value w = scalar(p, 1);
  if (weight) w = aligned_weight(*weight, p);
  if (!options.label_weights.empty()) {
    require<ShapeError>(shape.rank() >= 1 && shape.dim(-1) == static_cast<int64_t>(options.label_weights.size()), who, ": there are ", options.label_weights.size(),
                        " label_weights for predictions of shape ", shape);
    w = w * cast(p.graph->constant(Tensor(Shape{shape.dim(-1)}, options.label_weights)), p.dtype());
  }
  const Value is_true = not_equal(y, scalar(y, 0)), zero = broadcast_to(scalar(p, 0), shape);
  w = broadcast_to(w, shape);
  const int64_t bins = states[0].shape()[0];
  return {states[0] + scatter_add(select(is_true, w, zero), bin, bins), states[1] + scatter_add(select(is_true, zero, w), bin, bins)};
}

Confusion confusion(std::span<const Tensor> states, int64_t thresholds, int64_t labels) {
  const auto n = static_cast<size_t>(thresholds), l = static_cast<size_t>(labels);
  Confusion c;
  const auto split = [&](const Tensor& bins, std::vector<float>& above, std::vector<float>& below) {
    const auto b = bins.values<float>();
    above.assign(n * l, 0);
    below.assign(n * l, 0);
    for (size_t k = 0; k < l; ++k) {
      float sum = 0;
      for (size_t i = n; i-- > 0;) above[i * l + k] = sum += b[(i + 1) * l + k];
      sum = 0;
      for (size_t i = 0; i < n; ++i) below[i * l + k] = sum += b[i * l + k];
    }
  };
  split(states[0], c.true_positives, c.false_negatives);
  split(states[1], c.false_positives, c.true_negatives);
  return c;
}

std::vector<float> divide_no_nan(const std::vector<float>& a, const std::vector<float>& b) {
  std::vector<float> out(a.size());
  for (size_t i = 0; i < a.size(); ++i) out[i] = b[i] == 0 ? 0 : a[i] / b[i];
  return out;
}
std::vector<float> plus(const std::vector<float>& a, const std::vector<float>& b) {
  std::vector<float> out(a.size());
  for (size_t i = 0; i < a.size(); ++i) out[i] = a[i] + b[i];
  return out;
}
Tensor one_or_many(const std::vector<float>& numbers) {
  return numbers.size() == 1 ? Tensor::scalar(numbers[0]) : Tensor(Shape{static_cast<int64_t>(numbers.size())}, numbers);
}

Config to_config(const Numbers& numbers) {
  if (!numbers) return {};
  return numbers.one ? Config(numbers.list->at(0)) : to_config(*numbers.list);
}
void from_config(const Config& config, Numbers& numbers) {
  numbers = {};
  if (config.is_null()) return;
  if (config.is_number()) numbers = config.as_double();
  else from_config(config, numbers.list.emplace());
}

}  // namespace cornu
