// Runs a prepared kernel by hand, as unkindly as its contract allows: slices last to first, outputs, workspace and
// scratch full of rubbish beforehand.
#pragma once
#include <cstring>
#include <utility>
#include <vector>

#include "cornu/kernels/kernel.h"
#include "cornu/tensor/tensor.h"

namespace cornu {

/// `buffers` are the inputs, then the outputs; the workspace is added here.
inline void run_kernel(const Kernel& kernel, std::vector<void*> buffers) {
  constexpr int rubbish = 0xa5;
  const auto rubbish_memory = [](size_t bytes) {
    Tensor memory(DType::uint8, Shape{static_cast<int64_t>(bytes)});
    std::memset(memory.mutable_data(), rubbish, memory.bytes());
    return memory;
  };
  Tensor workspace = rubbish_memory(kernel.workspace_bytes), scratch = rubbish_memory(kernel.scratch_bytes);
  if (kernel.workspace_bytes) buffers.push_back(workspace.mutable_data());
  for (const Phase& phase : kernel.phases)
    for (int slice = phase.slices - 1; slice >= 0; --slice) {
      std::memset(scratch.mutable_data(), rubbish, scratch.bytes());
      phase.run(kernel.context.get(), buffers.data(), slice, scratch.mutable_data());
    }
}

/// Into outputs of these types and shapes.
inline std::vector<Tensor> run_kernel(const Kernel& kernel, const std::vector<Tensor>& inputs,
                                      const std::vector<std::pair<DType, Shape>>& outputs) {
  std::vector<void*> buffers;
  for (const Tensor& t : inputs) buffers.push_back(const_cast<void*>(t.data()));  // kernels only read their inputs
  std::vector<Tensor> results;
  for (const auto& [dtype, shape] : outputs) {
    Tensor& t = results.emplace_back(dtype, shape);
    std::memset(t.mutable_data(), 0xa5, t.bytes());
  }
  for (Tensor& t : results) buffers.push_back(t.mutable_data());
  run_kernel(kernel, std::move(buffers));
  return results;
}

/// The same numbers, `elements` elements past an alignment of 64 bytes.
inline Tensor misaligned(const Tensor& t, int64_t elements = 1) {
  const size_t offset = static_cast<size_t>(elements) * bytes_of(t.dtype());
  auto memory = std::make_shared<Tensor>(DType::uint8, Shape{static_cast<int64_t>(t.bytes() + offset)});
  auto* bytes = static_cast<char*>(memory->mutable_data()) + offset;
  if (t.bytes()) std::memcpy(bytes, t.data(), t.bytes());
  return Tensor::borrow(t.dtype(), t.shape(), bytes, memory);
}

}  // namespace cornu
