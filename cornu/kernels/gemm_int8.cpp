#include "cornu/kernels/gemm_int8.h"

#include "cornu/kernels/gemm_int8_simd.h"
#include "cornu/kernels/gemm_parts.h"

namespace cornu {
namespace {

using gemm::Result;

struct Product {
  GemmInt8 g;
  const integers::Int8Simd* simd;
  Result result;
  gemm::Cuts cuts;
  int round_slices;
  int workspace;  // its place among the buffers

  // The workspace: rounded rows, then what a unit of each is worth, then the sum of each.
  int64_t row() const { return (g.k + integers::int8_step - 1) / integers::int8_step * integers::int8_step; }
  int16_t* rows(void* const* buffers) const { return static_cast<int16_t*>(buffers[workspace]); }
  float* units(void* const* buffers) const { return reinterpret_cast<float*>(rows(buffers) + g.m * row()); }
  int32_t* sums(void* const* buffers) const { return reinterpret_cast<int32_t*>(units(buffers) + g.m); }
  size_t workspace_bytes() const { return static_cast<size_t>(g.m) * (static_cast<size_t>(row()) * sizeof(int16_t) + sizeof(float) + sizeof(int32_t)) + 64; }
};

void round_rows(const void* context, void* const* buffers, int slice, void*) {
  const auto& c = *static_cast<const Product*>(context);
  const Range rows = slice_of(c.g.m, c.round_slices, slice);
  for (int64_t i = rows.first; i < rows.last; ++i)
    c.sums(buffers)[i] = c.simd->round(static_cast<const float*>(buffers[0]) + i * c.g.k, c.g.k, c.rows(buffers) + i * c.row(), c.units(buffers) + i);
}

constexpr long block_rows = 16, block_columns = 64;

void multiply(const void* context, void* const* buffers, int slice, void* scratch) {
  const auto& c = *static_cast<const Product*>(context);
  const auto* bytes = static_cast<const uint8_t*>(buffers[1]);
  const auto* factor = static_cast<const float*>(buffers[2]);
  const Gemm g{.m = c.g.m, .n = c.g.n, .k = c.g.k};
  int32_t sums[block_rows * block_columns];
  // Results stand one buffer further on than those of products of floats.
  gemm::each_block(g, c.result, c.cuts.block(slice), block_rows, block_columns, c.result.own(scratch), buffers + 1, scratch,
                   [&](int64_t, long row, long rows, long column, long columns, float* to, int64_t stride) {
                     c.simd->dot(rows, columns, c.g.k, c.rows(buffers) + row * c.row(), c.row(), bytes + column * c.g.k, c.g.k, sums, columns);
                     for (long i = 0; i < rows; ++i) {
                       const float unit = c.units(buffers)[row + i];
                       const int32_t offset = 128 * c.sums(buffers)[row + i];
                       for (long j = 0; j < columns; ++j) to[i * stride + j] = static_cast<float>(sums[i * columns + j] - offset) * (unit * factor[column + j]);
                     }
                   });
}

Kernel prepare(const GemmInt8& g, const integers::Int8Simd& simd, const char* name, const Epilogue* epilogue) {
  const Gemm like{.m = g.m, .n = g.n, .k = g.k};
  Product c{g, &simd, Result(like, epilogue), gemm::cut(like, 4, 16), slices_for(static_cast<double>(g.m * g.k), 16000), 3 + (epilogue ? epilogue->extra_inputs() + epilogue->outputs() : 1)};
  Kernel kernel{.name = name};
  kernel.workspace_bytes = c.workspace_bytes();
  kernel.scratch_bytes = c.result.scratch_bytes() + (c.result.direct() ? 0 : block_rows * block_columns * sizeof(float));
  kernel.phases = {{round_rows, c.round_slices}, {multiply, c.cuts.slices()}};
  kernel.context = std::make_shared<const Product>(std::move(c));
  return kernel;
}

}  // namespace

std::vector<Kernel> gemm_int8_kernels(const GemmInt8& g, const Machine& machine, const Epilogue* epilogue) {
  return {prepare(g, integers::int8_simd_for(&machine), "gemm.int8", epilogue)};
}

Kernel gemm_int8_reference(const GemmInt8& g, const Epilogue* epilogue) { return prepare(g, integers::int8_simd_for(nullptr), "gemm.int8_reference", epilogue); }

}  // namespace cornu
