#include "cornu/layers/spectral_normalization.h"

#include "cornu/layers/layers.h"
#include "cornu/nn/define_layer.h"

namespace cornu {

CORNU_DEFINE_LAYER(SpectralNormalization)

namespace {

bool is_kernel(const Variable& weight) { return weight.path.ends_with("/kernel") || weight.path.ends_with("/embeddings"); }

/// x / |x|; Keras divides by no less than 1e-7.
Value unit(Value x) {
  const Value squares = sum(square(x));
  return x * rsqrt(maximum(squares, scalar(squares, 1e-14)));
}

}  // namespace

std::vector<Value> SpectralNormalization::operator()(std::vector<Value> in, Scope& scope) const {
  require(power_iterations > 0, scope.path(), ": SpectralNormalization takes a positive number of power_iterations, and was given ", power_iterations);
  bool found = false;
  const auto divided = [&](const Variable& weight, Value kernel) {
    if (found || !is_kernel(weight)) return kernel;
    found = true;
    const Value w = reshape(kernel, {-1, kernel.dim(-1)});
    const Value before = scope.weight("vector_u", {1, w.dim(1)}, TruncatedNormal{.stddev = 0.02}, {.trainable = false});
    if (!scope.training()) return kernel;
    Value u = before, v;
    for (int64_t i = 0; i < power_iterations; ++i) {
      v = unit(matmul(u, w, {.transpose_b = true}));
      u = unit(matmul(v, w));
    }
    const Value sigma = reshape(matmul(matmul(v, w), u, {.transpose_b = true}), {});
    const Value zero = equal(max(absolute(kernel)), scalar(kernel, 0));  // nothing to divide by
    scope.update(before, select(zero, before, u));
    const Value normal = select(zero, kernel, kernel / select(zero, scalar(sigma, 1), sigma));
    if (!weight.trainable) scope.update(kernel, normal);  // where it is trainable, the optimizer's update starts from it
    return normal;
  };
  const std::vector<Value> out = scope.seen_through(divided, [&] { return layer(in, scope); });
  require(found, scope.path(), ": SpectralNormalization wraps a layer with a kernel or embeddings, and ", layer.class_name(), " has neither");
  return out;
}

}  // namespace cornu
