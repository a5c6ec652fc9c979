// Weights in 8 bits, after training: for each channel of a product's result w ~ q / scale with scale = 127 / (max|w| + 1e-7) and q an
// integer from -127 to 127, which is what Keras's AbsMaxQuantizer makes of a kernel. Products of matrices are then computed in
// integers, their other operand rounded row by row as it comes (Keras's Dense in the mode "int8"). Convolutions, which Keras does not
// quantize, are computed in floats from the rounded kernel: here sums of bytes are no quicker than sums of floats, and the memory is
// what is saved.
#include <algorithm>
#include <cmath>

#include "cornu/compiler/pattern.h"
#include "cornu/infer/frozen.h"
#include "cornu/infer/quantized_matmul.h"
#include "cornu/kernels/gemm_int8.h"

namespace cornu::infer {
namespace {

/// numbers[before][channel][after]: bytes of the same layout hold q + 128; factor[channel] = 1 / scale.
struct Rounded {
  Tensor bytes, factor;
};
Rounded rounded(const Tensor& numbers, int axis) {
  const Shape& shape = numbers.shape();
  const int64_t channels = shape.dim(axis), after = shape.drop_front(shape.rank() + axis + 1).elements();
  Rounded r{Tensor(DType::uint8, shape), Tensor(DType::float32, {channels})};
  const auto from = numbers.values<float>();
  const auto bytes = r.bytes.mutable_values<uint8_t>();
  const auto factor = r.factor.mutable_values<float>();
  const auto channel_of = [&](size_t i) { return static_cast<size_t>(static_cast<int64_t>(i) / after % channels); };
  std::vector<float> largest(static_cast<size_t>(channels), 0);
  for (size_t i = 0; i < from.size(); ++i) largest[channel_of(i)] = std::max(largest[channel_of(i)], std::abs(from[i]));
  std::vector<float> scale;
  for (size_t c = 0; c < largest.size(); ++c) scale.push_back(127.0f / (largest[c] + 1e-7f)), factor[c] = 1.0f / scale[c];
  for (size_t i = 0; i < from.size(); ++i) {
    const float q = std::clamp(std::nearbyint(from[i] * scale[channel_of(i)]), -127.0f, 127.0f);
    bytes[i] = static_cast<uint8_t>(static_cast<int>(q) + 128);
  }
  return r;
}

Tensor rows_of_columns(const Tensor& bytes) {
  const int64_t rows = bytes.shape()[0], columns = bytes.shape()[1];
  Tensor t(DType::uint8, {columns, rows});
  const auto from = bytes.values<uint8_t>();
  const auto to = t.mutable_values<uint8_t>();
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < columns; ++j) to[static_cast<size_t>(j * rows + i)] = from[static_cast<size_t>(i * columns + j)];
  return t;
}

/// In integers, if the product is one of a matrix in full.
std::optional<Value> in_integers(Graph& to, const MatMul& how, Value x, const Tensor& kernel) {
  if (how.transpose_a || kernel.shape().rank() != 2) return {};
  const Rounded r = rounded(kernel, how.transpose_b ? -2 : -1);
  const Tensor bytes = how.transpose_b ? r.bytes : rows_of_columns(r.bytes);
  if (bytes.shape()[1] > GemmInt8::longest) return {};
  if (x.dtype() != DType::float32) x = cast(x, DType::float32);
  return to.add(QuantizedMatMul{}, std::vector{x, to.constant(bytes), to.constant(r.factor)})[0];
}

/// (bytes - 128) factor, as floats.
Value restored(Graph& to, const Rounded& r, int axis) {
  Shape along(std::vector<int64_t>(static_cast<size_t>(-axis), 1));
  along[0] = r.factor.size();
  return (cast(to.constant(r.bytes), DType::float32) - 128.0) * to.constant(r.factor.reshaped(along));
}

}  // namespace

NewGraph quantize(const Graph& graph) {
  return rewrite(graph, [](Graph& to, const Node& node, Values in) -> std::optional<std::vector<Value>> {
    if (!node.op) return {};
    const Properties::Channels c = node.op->properties().channels;
    if (c.operand < 0) return {};
    const std::optional<Tensor> kernel = to[in[static_cast<size_t>(c.operand)]].constant;
    if (!kernel || kernel->dtype() != DType::float32 || kernel->size() == 0) return {};
    if (const MatMul* m = node.op->as<MatMul>())
      if (const auto y = in_integers(to, *m, in[0], *kernel)) return std::vector{*y};
    std::vector<Value> operands(in.begin(), in.end());
    operands[static_cast<size_t>(c.operand)] = restored(to, rounded(*kernel, c.axis), c.axis);
    return to.add(*node.op, operands);
  });
}

}  // namespace cornu::infer
