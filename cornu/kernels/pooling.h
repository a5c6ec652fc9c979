// Pooling over windows of one to three spatial axes, channels last, and what its gradients are made of.
#pragma once
#include <array>

#include "cornu/kernels/kernel.h"
#include "cornu/tensor/dtype.h"

namespace cornu {

/// Windows over x [batch, in..., channels]: result o covers positions o stride - before ... + size - 1 along each axis, those
/// inside x; there is at least one. Missing leading axes have size one everywhere.
struct PoolingShape {
  int64_t batch = 1, channels = 1;
  std::array<int64_t, 3> in = {1, 1, 1}, out = {1, 1, 1}, size = {1, 1, 1}, stride = {1, 1, 1}, before = {0, 0, 0};
  int64_t in_positions() const { return in[0] * in[1] * in[2]; }
  int64_t out_positions() const { return out[0] * out[1] * out[2]; }
  bool operator==(const PoolingShape&) const = default;
};

// float32 and float64. "where" is int32: the number of a cell in its window, row by row, as if all of it were inside.
enum class Pooling {
  max,               // x -> y, where: the first of the largest; a NaN wins
  max_pick,          // x, where -> y: the numbers that max chose
  max_put,           // dy, where -> dx: zeros, with dy added where max chose: the transpose of max_pick
  average,           // x -> y: over the cells inside x
  average_transpose  // dy -> dx: the transpose of average
};
/// Candidates, best first. Results are the same on any number of threads.
std::vector<Kernel> pooling_kernels(Pooling what, DType dtype, const PoolingShape& shape);

/// The loops of all five over one stretch of results that cover the same cells.
struct PoolingStretch {
  int64_t count, channels;         // results side by side; y, where and dy are dense
  int64_t taps;                    // cells of each window that are inside
  const int64_t* from;             // for each, where it begins in x (or dx) for the first result
  const int32_t* number;           // for each, its number in the window
  int64_t step;                    // from one result's cell to the next one's, in elements
};
template <class T> struct PoolingLoops {
  void (*max)(const PoolingStretch& s, const T* x, T* y, int32_t* where);
  void (*pick)(const PoolingStretch& s, const T* x, const int32_t* where, T* y);
  void (*put)(const PoolingStretch& s, const T* dy, const int32_t* where, T* dx);
  void (*average)(const PoolingStretch& s, const T* x, T* y);
  void (*spread)(const PoolingStretch& s, const T* dy, T* dx);
};
/// For this processor.
template <class T> PoolingLoops<T> pooling_loops();
template <> PoolingLoops<float> pooling_loops();
template <> PoolingLoops<double> pooling_loops();

}  // namespace cornu
