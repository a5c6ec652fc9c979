#include "cornu/kernels/reference.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cornu::reference {
namespace {

/// Row-major position -> index along each axis.
std::vector<int64_t> index_of(int64_t position, const Shape& shape) {
  std::vector<int64_t> index(static_cast<size_t>(shape.rank()));
  for (int a = shape.rank(); a-- > 0; position /= shape[a]) index[static_cast<size_t>(a)] = position % shape[a];
  return index;
}

double joined(Fold fold, double a, double b) {
  switch (fold) {
    case Fold::sum: return a + b;
    case Fold::product: return a * b;
    case Fold::max: return std::isnan(a) || std::isnan(b) ? a + b : std::max(a, b);
    case Fold::min: return std::isnan(a) || std::isnan(b) ? a + b : std::min(a, b);
  }
  return 0;
}

/// f(first element of a row, of [rows, n])
template <class F> void each_row(const Tensor& x, F f) {
  const int64_t n = x.shape().dim(-1);
  for (int64_t at = 0; at < x.size(); at += n) f(at, n);
}

double log_of_sum(const Tensor& x, int64_t at, int64_t n) {
  double largest = x.at(at), sum = 0;
  for (int64_t k = 1; k < n; ++k) largest = std::max(largest, x.at(at + k));
  for (int64_t k = 0; k < n; ++k) sum += std::exp(x.at(at + k) - largest);
  return largest + std::log(sum);
}

}  // namespace

Tensor reduce(const Tensor& x, Fold fold, const std::vector<int64_t>& axes) {
  Shape shape;
  for (int a = 0; a < x.shape().rank(); ++a)
    if (std::find(axes.begin(), axes.end(), a) == axes.end()) shape.push_back(x.shape()[a]);
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const double identity = fold == Fold::sum ? 0 : fold == Fold::product ? 1 : fold == Fold::max ? -infinity : infinity;
  Tensor y(shape, std::vector<double>(static_cast<size_t>(shape.elements()), identity));
  auto out = y.mutable_values<double>();
  for (int64_t i = 0; i < x.size(); ++i) {
    const std::vector<int64_t> index = index_of(i, x.shape());
    int64_t to = 0;
    for (int a = 0; a < x.shape().rank(); ++a)
      if (std::find(axes.begin(), axes.end(), a) == axes.end()) to = to * x.shape()[a] + index[static_cast<size_t>(a)];
    out[static_cast<size_t>(to)] = joined(fold, out[static_cast<size_t>(to)], x.at(i));
  }
  return y;
}

Tensor argmax(const Tensor& x, int axis, bool smallest) {
  const int a = x.shape().axis(axis);
  const int64_t n = x.shape()[a], inner = x.shape().drop_front(a + 1).elements();
  Tensor y(DType::int64, x.shape().part(0, a) + x.shape().drop_front(a + 1));
  auto out = y.mutable_values<int64_t>();
  for (int64_t o = 0; o < y.size(); ++o) {
    const auto at = [&](int64_t i) { return x.at(o / inner * n * inner + i * inner + o % inner); };
    int64_t best = 0;
    for (int64_t i = 1; i < n; ++i)
      if ((smallest ? at(i) < at(best) : at(i) > at(best)) || (std::isnan(at(i)) && !std::isnan(at(best)))) best = i;
    out[static_cast<size_t>(o)] = best;
  }
  return y;
}

Tensor softmax(const Tensor& x) {
  Tensor y = log_softmax(x);
  for (double& v : y.mutable_values<double>()) v = std::exp(v);
  return y;
}

Tensor log_softmax(const Tensor& x) {
  Tensor y(DType::float64, x.shape());
  auto out = y.mutable_values<double>();
  each_row(x, [&](int64_t at, int64_t n) {
    const double log_sum = log_of_sum(x, at, n);
    for (int64_t k = 0; k < n; ++k) out[static_cast<size_t>(at + k)] = x.at(at + k) - log_sum;
  });
  return y;
}

Tensor gather(const Tensor& x, const Tensor& indices) {
  Tensor y(DType::float64, indices.shape() + x.shape().drop_front());
  auto out = y.mutable_values<double>();
  const int64_t width = x.shape().drop_front().elements();
  for (int64_t i = 0; i < y.size(); ++i) {
    const auto row = static_cast<int64_t>(indices.at(i / width));
    out[static_cast<size_t>(i)] = row >= 0 && row < x.shape()[0] ? x.at(row * width + i % width) : 0;
  }
  return y;
}

Tensor scatter_add(const Tensor& updates, const Tensor& indices, int64_t rows) {
  const Shape row_shape = updates.shape().drop_front(indices.shape().rank());
  Tensor y(DType::float64, Shape{rows} + row_shape);
  auto out = y.mutable_values<double>();
  const int64_t width = row_shape.elements();
  for (int64_t i = 0; i < updates.size(); ++i) {
    const auto row = static_cast<int64_t>(indices.at(i / width));
    if (row >= 0 && row < rows) out[static_cast<size_t>(row * width + i % width)] += updates.at(i);
  }
  return y;
}

}  // namespace cornu::reference
