// The innermost loops of depthwise convolutions, compiled once for each kind of processor. Private to them.
#pragma once
#include <cstdint>

namespace cornu::convolution {

struct DepthwiseLoops {
  /// to[p * to_step + c] = sum over taps t of from[t][p * from_step + c] w[t][c], for p < count and c < channels.
  void (*gather)(int64_t count, int64_t channels, int64_t taps, const float* const* from, int64_t from_step, const float* const* w, float* to,
                 int64_t to_step);
  /// to[t * channels + c] += sum over p < count of from[t][p * from_step + c] dy[p * dy_step + c].
  void (*sums)(int64_t count, int64_t channels, int64_t taps, const float* const* from, int64_t from_step, const float* dy, int64_t dy_step, float* to);
};
/// For this processor.
DepthwiseLoops depthwise_loops();

}  // namespace cornu::convolution
