// The gradients of a convolution whose results were max-pooled. Of each window one number has a gradient, so that three of four
// terms (or more) are zeros: these kernels meet only the others. Ops: ops/convolution_of_maxima.h.
#pragma once
#include "cornu/kernels/convolution.h"
#include "cornu/kernels/pooling.h"

namespace cornu {

/// y = convolution of x, then windows over y: pool.in is convolution.out. Strides and dilation of the convolution are one.
struct ConvolutionOfMaxima {
  ConvolutionShape convolution;
  PoolingShape pool;
  DType x = DType::float32;  // or uint8, for the kernel's gradient

  /// Whether the kernels below take it: two axes at most, one group, and samples that stay in the caches.
  bool applies() const;
};

// With "where" as max pooling gives it, and d its gradient [batch, pool.out..., filters]; the rest is float32. Where d is zero,
// what it would have met is not read: zero times what is no number is zero here.

/// Buffers: x, d, where -> dw [kernel..., channels, filters]. One candidate.
std::vector<Kernel> kernel_gradient_of_maxima(const ConvolutionOfMaxima& c);
/// Buffers: d, where, w -> dx [batch, in..., channels], or an epilogue's inputs and outputs in its place, which sees rows of channels.
std::vector<Kernel> input_gradient_of_maxima(const ConvolutionOfMaxima& c, const Epilogue* epilogue = nullptr);

/// A number that is met, and where what it meets begins.
struct Maximum {
  int32_t offset;
  float gradient;
};
struct MaximaLoops {
  /// sums[i] += gradient x[offset + i] over the entries, in order, for i < n.
  void (*gather)(const Maximum* entries, int64_t count, const float* x, int64_t n, float* sums);
  /// For filters [0, filters) side by side: sums[(h * run + i) * sums_row + f] += d[p * d_row + f] x[bases[p] + cells[where[p * d_row + f]] +
  /// h * x_row + i] over results p < results, in order, for h < rows, i < run.
  void (*masked)(const float* d, const int32_t* where, int64_t d_row, int64_t filters, int64_t results, const int64_t* bases, const int64_t* cells,
                 int64_t cell_count, const float* x, int64_t x_row, int64_t rows, int64_t run, float* sums, int64_t sums_row);
};
/// For this processor.
const MaximaLoops& maxima_loops();

}  // namespace cornu
