// A prepared kernel: everything that can be decided before the numbers are there, decided.
#pragma once
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace cornu {

/// Runs one slice. `buffers` are the inputs, then the outputs, then (if asked for) the workspace; `scratch` belongs to
/// the calling thread alone and keeps nothing between calls.
using KernelFunction = void (*)(const void* context, void* const* buffers, int slice, void* scratch);

/// Part of a kernel whose slices may run at the same time, in any order. Slices are cut by shape alone, never by the
/// number of threads: that is what makes results the same on any of them.
struct Phase {
  KernelFunction run = nullptr;
  int slices = 1;
};

/// Kernels of one class add the same numbers in the same order and give the same bits.
enum class Numerics { exact, blocked, library };

struct Kernel {
  std::string name;                     // "gemm.xsmm": what the profile prints
  std::shared_ptr<const void> context;  // owns what `run` is handed
  std::vector<Phase> phases;            // one after the other, a barrier between them
  size_t workspace_bytes = 0;           // memory shared by all slices and phases
  size_t scratch_bytes = 0;             // memory for each thread
  /// The first `steady_phases` read nothing but operand `steady_operand` and write nothing but the workspace: with the same
  /// operand and an untouched workspace they need not run again.
  int steady_phases = 0, steady_operand = -1;
  Numerics numerics = Numerics::exact;
};

/// A kernel of one phase from a context and a callable: f(context, buffers, slice, scratch).
template <class Context>
Kernel make_kernel(std::string name, Context context, void (*run)(const Context&, void* const*, int, void*), int slices = 1) {
  struct Bound {
    Context context;
    void (*run)(const Context&, void* const*, int, void*);
  };
  Kernel kernel;
  kernel.name = std::move(name);
  kernel.context = std::make_shared<const Bound>(Bound{std::move(context), run});
  kernel.phases.push_back({[](const void* bound, void* const* buffers, int slice, void* scratch) {
                             const auto& b = *static_cast<const Bound*>(bound);
                             b.run(b.context, buffers, slice, scratch);
                           },
                           slices});
  return kernel;
}

/// [first, last) of `n` things for slice `i` of `slices`, cut at multiples of `grain`.
struct Range {
  long first, last;
};
constexpr Range slice_of(long n, int slices, int i, long grain = 1) {
  const long grains = (n + grain - 1) / grain, lo = grains * i / slices * grain, hi = grains * (i + 1) / slices * grain;
  return {lo < n ? lo : n, hi < n ? hi : n};
}

/// How many slices `work` (in multiply-adds or elements touched) deserves: one below about 3 us, at most 64.
constexpr int slices_for(double work, double per_slice = 60000) {
  const double slices = work / per_slice;
  return slices < 2 ? 1 : slices > 64 ? 64 : static_cast<int>(slices);
}

}  // namespace cornu
