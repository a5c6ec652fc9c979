#include "cornu/kernels/tile_sums.h"

#include <algorithm>

#include "cornu/base/error.h"
#include "cornu/kernels/reduce.h"
#include "cornu/kernels/tile_plan.h"

namespace cornu {
namespace {

constexpr int64_t block_numbers = 2048;  // of each result that is summed: they stay in the first-level cache
constexpr int most_slices = 32;
constexpr size_t most_outputs = 64;

struct Sums {
  TilePlan plan;
  FoldColumns fold;
  int64_t columns, rows, block_rows;
  int stored, slices;
  std::vector<int> sums;

  int outputs() const { return plan.outputs(); }
  size_t block_bytes() const { return static_cast<size_t>((block_rows * columns + 15) / 16 * 16) * sizeof(float); }
  size_t plan_bytes() const { return (plan.scratch_bytes() + 63) / 64 * 64; }
  int64_t all_sums() const { return static_cast<int64_t>(sums.size()) * columns; }
};

/// Where element 0 would lie if element `first` lay at `numbers`.
void* origin(void* numbers, int64_t first) {
  return reinterpret_cast<void*>(reinterpret_cast<uintptr_t>(numbers) - static_cast<uintptr_t>(first) * sizeof(float));
}

/// Some of the rows: results stored, their sums kept by slice.
void run_slice(const void* context, void* const* buffers, int slice, void* scratch) {
  const auto& s = *static_cast<const Sums*>(context);
  const int inputs = s.plan.inputs(), kept = inputs + s.stored;
  std::byte* blocks = static_cast<std::byte*>(scratch) + s.plan_bytes();
  auto* partial = reinterpret_cast<float*>(blocks + static_cast<size_t>(s.outputs() - s.stored) * s.block_bytes());
  const auto to = [&](size_t k) {
    return s.slices == 1 ? static_cast<float*>(buffers[static_cast<size_t>(kept) + k])
                         : static_cast<float*>(buffers[static_cast<size_t>(kept) + s.sums.size()]) + slice * s.all_sums() + static_cast<int64_t>(k) * s.columns;
  };
  for (size_t k = 0; k < s.sums.size(); ++k) std::fill_n(to(k), s.columns, 0.0f);
  void* out[most_outputs];
  for (int k = 0; k < s.stored; ++k) out[k] = buffers[inputs + k];
  const TilePlan::Run run{.in = buffers, .out = out, .scratch = static_cast<std::byte*>(scratch)};
  const Range rows = slice_of(s.rows, s.slices, slice);
  for (int64_t row = rows.first; row < rows.last; row += s.block_rows) {
    const int64_t count = std::min(s.block_rows, rows.last - row), first = row * s.columns;
    for (int k = s.stored; k < s.outputs(); ++k) out[k] = origin(blocks + static_cast<size_t>(k - s.stored) * s.block_bytes(), first);
    if (row == rows.first) s.plan.begin(run);
    s.plan.tiles(run, first, first + count * s.columns);
    for (size_t k = 0; k < s.sums.size(); ++k) {
      const int output = s.sums[k];
      const void* block = output < s.stored ? static_cast<const float*>(out[output]) + first
                                            : reinterpret_cast<const float*>(blocks + static_cast<size_t>(output - s.stored) * s.block_bytes());
      s.fold(block, count, s.columns, s.columns, partial);
      float* sum = to(k);
      for (int64_t c = 0; c < s.columns; ++c) sum[c] += partial[c];
    }
  }
}

void join(const void* context, void* const* buffers, int, void*) {
  const auto& s = *static_cast<const Sums*>(context);
  const auto kept = static_cast<size_t>(s.plan.inputs() + s.stored);
  const auto* parts = static_cast<const float*>(buffers[kept + s.sums.size()]);
  for (size_t k = 0; k < s.sums.size(); ++k)
    s.fold(parts + static_cast<int64_t>(k) * s.columns, s.slices, s.all_sums(), s.columns, buffers[kept + k]);
}

}  // namespace

Kernel tile_sums_kernel(TileProgram program, int stored, std::vector<int> sums) {
  const int64_t columns = program.space.dim(-1);
  ensure(program.outputs.size() <= most_outputs && columns > 0, "so many results are not summed at once");
  for (const int k : sums) ensure(program.output_types[static_cast<size_t>(k)] == DType::float32, "only float32 results are summed");
  TilePlan plan(program);
  const int64_t rows = plan.elements() / columns;
  Sums s{std::move(plan), simd_fold(Fold::sum).columns, columns, rows, std::clamp<int64_t>(block_numbers / columns, 1, std::max<int64_t>(rows, 1)), stored, 1, std::move(sums)};
  const double work = static_cast<double>(s.plan.elements()) * (s.plan.weight() + static_cast<double>(s.sums.size()));
  s.slices = static_cast<int>(std::clamp<int64_t>(slices_for(work), 1, std::clamp<int64_t>(rows / s.block_rows, 1, most_slices)));
  Kernel kernel{.name = "tile.sums"};
  const int slices = s.slices;
  kernel.workspace_bytes = slices > 1 ? static_cast<size_t>(slices * s.all_sums()) * sizeof(float) : 0;
  kernel.scratch_bytes = s.plan_bytes() + static_cast<size_t>(s.outputs() - stored) * s.block_bytes() + static_cast<size_t>((columns + 15) / 16 * 16) * sizeof(float);
  kernel.context = std::make_shared<const Sums>(std::move(s));
  kernel.phases.push_back({run_slice, slices});
  if (slices > 1) kernel.phases.push_back({join, 1});
  return kernel;
}

}  // namespace cornu
