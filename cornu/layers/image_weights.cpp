// The weights of resampling, as TensorFlow computes them: in float32, step by step.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

#include "cornu/layers/image_resizing.h"

namespace cornu {
namespace {

constexpr std::array<std::string_view, 6> interpolations = {"bilinear", "nearest", "lanczos3", "lanczos5", "bicubic", "area"};

/// One row for each output sample.
struct Matrix {
  Tensor tensor;
  int64_t from, to;
  std::span<float> numbers;
  Matrix(int64_t from_size, int64_t to_size) : tensor(DType::float32, {to_size, from_size}), from(from_size), to(to_size), numbers(tensor.mutable_values<float>()) {}
  int64_t inside(int64_t k) const { return std::clamp<int64_t>(k, 0, from - 1); }
  float& at(int64_t i, int64_t k) { return numbers[static_cast<size_t>(i * from + inside(k))]; }
  float place(int64_t i) const { return (static_cast<float>(i) + 0.5f) * (static_cast<float>(from) / static_cast<float>(to)); }
};

void bilinear(Matrix& m) {
  for (int64_t i = 0; i < m.to; ++i) {
    const float in = m.place(i) - 0.5f, below = std::floor(in), share = in - below;
    m.at(i, static_cast<int64_t>(below)) += 1 - share;
    m.at(i, static_cast<int64_t>(std::ceil(in))) += share;
  }
}

void area(Matrix& m) {
  const float scale = static_cast<float>(m.from) / static_cast<float>(m.to);
  for (int64_t i = 0; i < m.to; ++i) {
    const float first = static_cast<float>(i) * scale, last = static_cast<float>(i + 1) * scale;
    for (auto k = static_cast<int64_t>(std::floor(first)); k < static_cast<int64_t>(std::ceil(last)); ++k)
      m.at(i, k) += (std::min(static_cast<float>(k + 1), last) - std::max(static_cast<float>(k), first)) / scale;
  }
}

float keys(float x) {
  constexpr float a = -0.5f;
  return x <= 1 ? ((a + 2) * x - (a + 3)) * x * x + 1 : ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
}

void bicubic(Matrix& m) {
  constexpr int steps = 1024;  // TensorFlow's table
  for (int64_t i = 0; i < m.to; ++i) {
    const float in = m.place(i) - 0.5f, below = std::floor(in);
    const auto k = static_cast<int64_t>(below);
    const float share = static_cast<float>(std::lrintf((in - below) * steps)) / steps;
    const std::array<float, 4> weights = {keys(share + 1), keys(share), keys(1 - share), keys(2 - share)};
    float sum = 0;
    for (int64_t j = 0; j < 4; ++j)
      if (k + j - 1 == m.inside(k + j - 1)) sum += weights[static_cast<size_t>(j)];
    for (int64_t j = 0; j < 4; ++j)
      if (k + j - 1 == m.inside(k + j - 1)) m.at(i, k + j - 1) += weights[static_cast<size_t>(j)] / sum;
  }
}

/// A kernel of some radius, stretched with the step if `antialias`.
template <class Kernel> void convolve(Matrix& m, float radius, bool antialias, Kernel kernel) {
  const float step = 1 / (static_cast<float>(m.to) / static_cast<float>(m.from)), stretch = antialias ? std::max(step, 1.0f) : 1.0f;
  for (int64_t i = 0; i < m.to; ++i) {
    const float in = (static_cast<float>(i) + 0.5f) * step;
    const int64_t first = m.inside(static_cast<int64_t>(std::ceil(in - radius * stretch - 0.5f))), last = m.inside(static_cast<int64_t>(std::floor(in + radius * stretch - 0.5f)));
    float sum = 0;
    for (int64_t k = first; k <= last; ++k) sum += m.at(i, k) = kernel(std::abs((static_cast<float>(k) + 0.5f - in) / stretch));
    if (std::abs(sum) < 1000 * std::numeric_limits<float>::min()) continue;
    for (int64_t k = first; k <= last; ++k) m.at(i, k) /= sum;
  }
}

auto lanczos(float radius) {
  return [radius](float x) {
    constexpr float pi = std::numbers::pi_v<float>;
    if (x > radius) return 0.0f;
    if (x <= 1e-3f) return 1.0f;
    return radius * std::sin(pi * x) * std::sin(pi * x / radius) / (pi * pi * x * x);
  };
}

}  // namespace

Tensor resize_weights(std::string_view interpolation, bool antialias, int64_t from, int64_t to) {
  Matrix m(from, to);
  if (interpolation == "nearest")
    for (int64_t i = 0; i < to; ++i) m.at(i, static_cast<int64_t>(std::floor(m.place(i)))) = 1;
  else if (interpolation == "bilinear" && antialias) convolve(m, 1, true, [](float x) { return x < 1 ? 1 - x : 0.0f; });
  else if (interpolation == "bilinear") bilinear(m);
  else if (interpolation == "bicubic" && antialias) convolve(m, 2, true, [](float x) { return x < 2 ? keys(x) : 0.0f; });
  else if (interpolation == "bicubic") bicubic(m);
  else if (interpolation == "lanczos3") convolve(m, 3, antialias, lanczos(3));
  else if (interpolation == "lanczos5") convolve(m, 5, antialias, lanczos(5));
  else if (interpolation == "area") area(m);
  else throw ArgumentError(text("unknown interpolation '", printable(interpolation), "'", did_you_mean(interpolation, interpolations), "; give one of ", std::vector<std::string_view>(interpolations.begin(), interpolations.end())));
  return m.tensor;
}

}  // namespace cornu
