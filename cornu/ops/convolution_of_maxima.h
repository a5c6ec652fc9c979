// What the compiler makes of the gradients of a convolution whose results were max-pooled. As fused.h's, these ops come after
// differentiation: they are not in the Catalogue and have no gradient.
#pragma once
#include "cornu/ops/ops.h"

namespace cornu {

/// convolution_kernel(x, max_pooling_put(d, where), sizes, of), where the put gives `results` spatial sizes: inputs x, d, where.
struct ConvolutionKernelOfMaxima {
  Convolution of;
  Window window;
  std::vector<int64_t> sizes, results;
  bool operator==(const ConvolutionKernelOfMaxima&) const = default;
  CORNU_FIELDS(of, window, sizes, results)
  struct Rules;
};

/// convolution_input(max_pooling_put(d, where), kernel, sizes, of) in the same way: inputs d, where, kernel.
struct ConvolutionInputOfMaxima {
  Convolution of;
  Window window;
  std::vector<int64_t> sizes, results;
  bool operator==(const ConvolutionInputOfMaxima&) const = default;
  CORNU_FIELDS(of, window, sizes, results)
  struct Rules;
};

/// Whether there are kernels for them: of x, the kernel's shape, and d.
bool has_kernels(const ConvolutionKernelOfMaxima& op, const TensorType& x, const TensorType& d);
bool has_kernels(const ConvolutionInputOfMaxima& op, const TensorType& d, const TensorType& kernel);

template <> const OpRules& rules<ConvolutionKernelOfMaxima>();
template <> const OpRules& rules<ConvolutionInputOfMaxima>();

}  // namespace cornu
