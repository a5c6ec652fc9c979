#include "cornu/kernels/tile.h"

#include <algorithm>

#include "cornu/base/error.h"
#include "cornu/kernels/tile_plan.h"

namespace cornu {
namespace {

struct Segments {
  std::vector<TilePlan> plans;
  std::vector<int64_t> first_tile;  // of each segment; one more at the end
  int inputs = 0;
  int slices = 1;

  void run(void* const* buffers, int slice, void* scratch) const {
    const Range tiles = slice_of(first_tile.back(), slices, slice);
    void* const* in = buffers;
    void* const* out = buffers + inputs;
    for (size_t s = 0; s < plans.size(); ++s) {
      const TilePlan& plan = plans[s];
      const int64_t first = std::max<int64_t>(tiles.first, first_tile[s]) - first_tile[s];
      const int64_t last = std::min<int64_t>(tiles.last, first_tile[s + 1]) - first_tile[s];
      if (first < last) {
        const TilePlan::Run run{.in = in, .out = out, .scratch = static_cast<std::byte*>(scratch)};
        plan.begin(run);
        plan.tiles(run, first * tile_size, std::min(last * tile_size, plan.elements()));
      }
      in += plan.inputs(), out += plan.outputs();
    }
  }
};

}  // namespace

Kernel tile_kernel(std::vector<TileProgram> segments, std::string name) {
  Segments all;
  double work = 0;
  size_t scratch = 0;
  all.first_tile.push_back(0);
  for (const TileProgram& program : segments) {
    const TilePlan& plan = all.plans.emplace_back(program);
    all.first_tile.push_back(all.first_tile.back() + (plan.elements() + tile_size - 1) / tile_size);
    all.inputs += plan.inputs();
    work += static_cast<double>(plan.elements()) * plan.weight();
    scratch = std::max(scratch, plan.scratch_bytes());
  }
  const int slices = static_cast<int>(std::clamp<int64_t>(all.first_tile.back(), 1, slices_for(work)));
  all.slices = slices;
  Kernel kernel = make_kernel(
      std::move(name), std::move(all), +[](const Segments& s, void* const* buffers, int slice, void* own) { s.run(buffers, slice, own); }, slices);
  kernel.scratch_bytes = scratch;
  return kernel;
}

Kernel tile_kernel(TileProgram program, std::string name) {
  std::vector<TileProgram> one;
  one.push_back(std::move(program));
  return tile_kernel(std::move(one), std::move(name));
}

Epilogue::Epilogue(TileProgram program)
    : program_(std::make_shared<const TileProgram>(std::move(program))), plan_(std::make_shared<const TilePlan>(*program_)) {
  ensure(!program_->inputs.empty() && program_->inputs[0].dtype == DType::float32 && program_->space.rank() > 0,
         "an epilogue reads a float32 block of a matrix as its input 0");
  ensure(program_->inputs[0].strides == dense_strides(program_->space), "an epilogue's input 0 is as large as its space");
}

size_t Epilogue::scratch_bytes() const { return plan_->scratch_bytes(); }

void Epilogue::run(const float* block, int64_t stride, int64_t row, int64_t rows, int64_t column, int64_t columns,
                   void* const* operands, void* scratch) const {
  if (rows == 0 || columns == 0) return;
  // The plan counts from element 0 of the space: the block's base is where that element would lie.
  const int64_t width = program_->space.dim(-1), start = row * width + column;
  const TilePlan::Run run{.in = operands,
                          .out = operands + extra_inputs(),
                          .block = reinterpret_cast<const float*>(reinterpret_cast<uintptr_t>(block) - static_cast<uintptr_t>(start) * sizeof(float)),
                          .scratch = static_cast<std::byte*>(scratch)};
  constexpr int64_t short_row = 64;
  plan_->begin(run);
  if (columns == width && stride == width && width < short_row) plan_->tiles(run, start, start + rows * width);
  else plan_->block(run, start, rows, columns, width, stride);
}

}  // namespace cornu
