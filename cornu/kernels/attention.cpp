// The plain twins, in double, and how work is cut.
#include "cornu/kernels/attention.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "cornu/kernels/attention_simd.h"

namespace cornu {
namespace {

template <class T> double number(T x) {
  if constexpr (std::is_same_v<T, bfloat16>) return static_cast<double>(static_cast<float>(x));
  else return static_cast<double>(x);
}
template <class T> T stored(double x) {
  if constexpr (std::is_same_v<T, bfloat16>) return bfloat16(static_cast<float>(x));
  else return static_cast<T>(x);
}

struct Plan {
  AttentionSize size;
  bool has_dlogs;
  int slices;
};

/// Of batch b and head h: where row i of [batch, rows, heads, width] begins.
template <class T> T* row(void* buffer, const AttentionSize& s, int64_t pair, int64_t rows, int64_t width, int64_t i) {
  return static_cast<T*>(buffer) + ((pair / s.heads * rows + i) * s.heads + pair % s.heads) * width;
}
template <class T> double dot(const T* a, const T* b, int64_t n) {
  double sum = 0;
  for (int64_t i = 0; i < n; ++i) sum += number(a[i]) * number(b[i]);
  return sum;
}

template <class T> void plain(const Plan& p, void* const* buffers, int slice, void* scratch) {
  const AttentionSize& s = p.size;
  auto* weight = static_cast<double*>(scratch);
  const Range pairs = slice_of(s.batch * s.heads, p.slices, slice);
  for (int64_t pair = pairs.first; pair < pairs.last; ++pair)
    for (int64_t t = 0; t < s.queries; ++t) {
      const T* q = row<T>(buffers[0], s, pair, s.queries, s.size, t);
      double max = -std::numeric_limits<double>::infinity(), sum = 0;
      for (int64_t i = 0; i < s.seen(t); ++i) max = std::max(max, weight[i] = s.scale * dot(q, row<T>(buffers[1], s, pair, s.keys, s.size, i), s.size));
      for (int64_t i = 0; i < s.seen(t); ++i) sum += weight[i] = std::exp(weight[i] - max);
      T* y = row<T>(buffers[3], s, pair, s.queries, s.values, t);
      for (int64_t e = 0; e < s.values; ++e) {
        double total = 0;
        for (int64_t i = 0; i < s.seen(t); ++i) total += weight[i] * number(row<T>(buffers[2], s, pair, s.keys, s.values, i)[e]);
        y[e] = stored<T>(total / sum);
      }
      *row<T>(buffers[4], s, pair, s.queries, 1, t) = stored<T>(max + std::log(sum));
    }
}

/// With g = p (dy . v - dy . y + dlogs):  dq = scale g k, dk = scale g' q, dv = p' dy.
template <class T> void plain_gradient(const Plan& p, void* const* buffers, int slice, void* scratch) {
  const AttentionSize& s = p.size;
  auto* dq = static_cast<double*>(scratch);
  double *dk = dq + s.size, *dv = dk + s.keys * s.size;
  void* const* to = buffers + (p.has_dlogs ? 7 : 6);
  const Range pairs = slice_of(s.batch * s.heads, p.slices, slice);
  for (int64_t pair = pairs.first; pair < pairs.last; ++pair) {
    std::fill(dk, dv + s.keys * s.values, 0.0);
    for (int64_t t = 0; t < s.queries; ++t) {
      const T *q = row<T>(buffers[0], s, pair, s.queries, s.size, t), *dy = row<T>(buffers[5], s, pair, s.queries, s.values, t);
      double delta = dot(dy, row<T>(buffers[3], s, pair, s.queries, s.values, t), s.values);
      if (p.has_dlogs) delta -= number(*row<T>(buffers[6], s, pair, s.queries, 1, t));
      const double logs = number(*row<T>(buffers[4], s, pair, s.queries, 1, t));
      std::fill_n(dq, s.size, 0.0);
      for (int64_t i = 0; i < s.seen(t); ++i) {
        const T *k = row<T>(buffers[1], s, pair, s.keys, s.size, i), *v = row<T>(buffers[2], s, pair, s.keys, s.values, i);
        const double weight = std::exp(s.scale * dot(q, k, s.size) - logs), g = s.scale * weight * (dot(dy, v, s.values) - delta);
        for (int64_t d = 0; d < s.size; ++d) dq[d] += g * number(k[d]), dk[i * s.size + d] += g * number(q[d]);
        for (int64_t e = 0; e < s.values; ++e) dv[i * s.values + e] += weight * number(dy[e]);
      }
      for (int64_t d = 0; d < s.size; ++d) row<T>(to[0], s, pair, s.queries, s.size, t)[d] = stored<T>(dq[d]);
    }
    for (int64_t i = 0; i < s.keys; ++i) {
      for (int64_t d = 0; d < s.size; ++d) row<T>(to[1], s, pair, s.keys, s.size, i)[d] = stored<T>(dk[i * s.size + d]);
      for (int64_t e = 0; e < s.values; ++e) row<T>(to[2], s, pair, s.keys, s.values, i)[e] = stored<T>(dv[i * s.values + e]);
    }
  }
}

/// By pairs of batch and head: about 10 us of multiply-adds each.
int slices_of(const AttentionSize& s, double products) {
  const double work = static_cast<double>(s.batch * s.heads) * static_cast<double>(s.queries * s.keys * (s.size + s.values)) * products;
  return static_cast<int>(std::clamp<int64_t>(s.batch * s.heads, 1, slices_for(work, 400000)));
}

template <class T> std::vector<Kernel> plain_kernels(const AttentionSize& s) {
  const int slices = slices_of(s, 1);
  Kernel k = make_kernel<Plan>("attention", {s, false, slices}, plain<T>, slices);
  k.scratch_bytes = static_cast<size_t>(s.keys) * sizeof(double);
  return {k};
}
template <class T> std::vector<Kernel> plain_gradient_kernels(const AttentionSize& s, bool has_dlogs) {
  const int slices = slices_of(s, 2.5);
  Kernel k = make_kernel<Plan>("attention_gradient", {s, has_dlogs, slices}, plain_gradient<T>, slices);
  k.scratch_bytes = static_cast<size_t>(s.size + s.keys * (s.size + s.values)) * sizeof(double);
  return {k};
}

}  // namespace

std::vector<Kernel> attention_kernels(DType dtype, const AttentionSize& size, const Machine& machine) {
  if (dtype == DType::float64) return plain_kernels<double>(size);
  if (dtype == DType::bfloat16) return plain_kernels<bfloat16>(size);
  std::vector<Kernel> kernels = plain_kernels<float>(size);
  kernels.insert(kernels.begin(), attention::forward(size, slices_of(size, 1), machine));
  return kernels;
}

std::vector<Kernel> attention_gradient_kernels(DType dtype, const AttentionSize& size, bool has_dlogs, const Machine& machine) {
  if (dtype == DType::float64) return plain_gradient_kernels<double>(size, has_dlogs);
  if (dtype == DType::bfloat16) return plain_gradient_kernels<bfloat16>(size, has_dlogs);
  std::vector<Kernel> kernels = plain_gradient_kernels<float>(size, has_dlogs);
  kernels.insert(kernels.begin(), attention::backward(size, has_dlogs, slices_of(size, 2.5), machine));
  return kernels;
}

}  // namespace cornu
