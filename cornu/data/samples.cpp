#include "cornu/data/samples.h"

#include <algorithm>
#include <cmath>

#include "cornu/base/error.h"

namespace cornu {
namespace {

/// Calls f(tensor, name) for each tensor there is: "x", or "x[0]" and "x[1]" when there are several.
template <class F>
void for_each(const Samples& s, F f) {
  const auto list = [&](const std::vector<Tensor>& tensors, const char* name) {
    for (size_t i = 0; i < tensors.size(); ++i) f(tensors[i], tensors.size() == 1 ? std::string(name) : text(name, '[', i, ']'));
  };
  list(s.x, "x");
  list(s.y, "y");
  list(s.sample_weight, "sample_weight");
}

/// "sample 12, at [3, 4]": where element `i` of a tensor stands.
std::string place_of(int64_t i, const Shape& shape) {
  if (shape.rank() == 0) return "the scalar";
  const int64_t row = shape.drop_front().elements();
  std::vector<int64_t> at(static_cast<size_t>(shape.rank()) - 1);
  int64_t rest = i % row;
  for (size_t k = at.size(); k-- > 0;) {
    const int64_t size = shape[static_cast<int>(k) + 1];
    at[k] = rest % size;
    rest /= size;
  }
  std::string place = text("sample ", i / row);
  if (!at.empty()) append_text(place += ", at ", at);
  return place;
}

}  // namespace

int64_t Samples::rows() const {
  require(!x.empty(), "there is no x: give at least one input tensor");
  int64_t rows = -1;
  for_each(*this, [&](const Tensor& t, const std::string& name) {
    require(t.shape().rank() > 0, name, " is a scalar; its first axis must count the samples");
    if (rows < 0) rows = t.shape()[0];
    require(t.shape()[0] == rows, x.size() == 1 ? "x" : "x[0]", " has ", rows, rows == 1 ? " sample" : " samples", " but ", name,
            " has ", t.shape()[0], " (shape ", t.shape(), "); each sample needs a row in both");
  });
  return rows;
}

Samples Samples::part(int64_t first, int64_t last) const {
  Samples part;
  for (const Tensor& t : x) part.x.push_back(t.rows(first, last));
  for (const Tensor& t : y) part.y.push_back(t.rows(first, last));
  for (const Tensor& t : sample_weight) part.sample_weight.push_back(t.rows(first, last));
  return part;
}

std::pair<Samples, Samples> split_validation(const Samples& samples, double split) {
  require(split > 0 && split < 1, "validation_split is ", split,
          "; it is the fraction of the samples to validate on, between 0 and 1");
  const int64_t rows = samples.rows();
  const auto training = static_cast<int64_t>(std::floor(static_cast<double>(rows) * (1 - split)));
  require(0 < training && training < rows, "validation_split ", split, " of ", rows, rows == 1 ? " sample" : " samples",
          " leaves ", training, " to train on and ", rows - training, " to validate on; give more data or another split");
  return {samples.part(0, training), samples.part(training, rows)};
}

namespace {

template <class T>
int64_t first_not_finite(const T* values, int64_t n) {
  constexpr int64_t block = 1024;
  for (int64_t i = 0; i < n; i += block) {
    // v * 0 is 0, or NaN if v is not finite; one sum over a block needs no branch for each element.
    const int64_t end = std::min(n, i + block);
    float sum = 0;
    for (int64_t k = i; k < end; ++k) sum += static_cast<float>(static_cast<T>(values[k] * 0));
    if (sum == 0) continue;
    for (int64_t k = i; k < end; ++k)
      if (!std::isfinite(values[k])) return k;
  }
  return -1;
}

int64_t first_not_finite(const bfloat16* values, int64_t n) {
  for (int64_t i = 0; i < n; ++i)
    if ((values[i].bits & 0x7f80) == 0x7f80) return i;
  return -1;
}

}  // namespace

void check_finite(const Tensor& tensor, std::string_view what) {
  int64_t bad = -1;
  with_type(tensor.dtype(), [&](auto zero) {
    using T = decltype(zero);
    if constexpr (std::is_floating_point_v<T> || std::is_same_v<T, bfloat16>)
      bad = first_not_finite(static_cast<const T*>(tensor.data()), tensor.size());
  });
  require(bad < 0, what, " holds ", bad < 0 ? 0.0 : tensor.at(bad), " (", bad < 0 ? "" : place_of(bad, tensor.shape()),
          ", counting from 0); clean or drop such samples first");
}

std::pair<int64_t, int64_t> range_of(const Tensor& integers) {
  require(is_integer(integers.dtype()), "a range of integers was asked of a tensor of ", integers.dtype());
  std::pair<int64_t, int64_t> range{0, -1};
  if (integers.size() == 0) return range;
  with_type(integers.dtype(), [&](auto zero) {
    using T = decltype(zero);
    if constexpr (std::is_integral_v<T>) {
      const auto* v = static_cast<const T*>(integers.data());
      const auto [least, most] = std::minmax_element(v, v + integers.size());
      range = {static_cast<int64_t>(*least), static_cast<int64_t>(*most)};
    }
  });
  return range;
}

void check_labels(const Tensor& labels, int64_t classes, std::string_view what) {
  if (is_integer(labels.dtype())) {
    const auto [least, most] = range_of(labels);
    if (least >= 0 && most < classes) return;
  }
  for (int64_t i = 0; i < labels.size(); ++i) {
    const double label = labels.at(i);
    require(label >= 0 && label < static_cast<double>(classes) && label == std::floor(label), what, " holds the label ", label,
            " (", place_of(i, labels.shape()), ", counting from 0), but the model has ", classes,
            classes == 1 ? " class" : " classes", ", 0 to ", classes - 1);
  }
}

}  // namespace cornu
