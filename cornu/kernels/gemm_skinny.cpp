// Products with few rows or few columns, where copying an operand would cost as much as the product: the operands are
// read where they lie.
#include <algorithm>

#include "cornu/kernels/gemm_parts.h"
#include "cornu/kernels/gemm_simd.h"

namespace cornu::gemm {
namespace {

struct Skinny {
  Gemm g;
  const Simd* simd;
  Result result;
  Cuts cuts;

  const void* a(void* const* buffers, int64_t batch, int64_t row) const {
    return a_of(g, buffers, batch) + row * g.a_row() * static_cast<int64_t>(bytes_of(g.a));
  }
  const std::byte* b(void* const* buffers, int64_t batch, int64_t column) const {
    return b_of(g, buffers, batch) + column * g.b_column() * static_cast<int64_t>(bytes_of(g.b));
  }
};

Kernel prepare(const char* name, Skinny c, void (*run)(const Skinny&, void* const*, int, void*), size_t floats, Numerics numerics) {
  const int slices = c.cuts.slices();
  const size_t bytes = c.result.scratch_bytes() + floats * sizeof(float);
  Kernel kernel = make_kernel(name, std::move(c), run, slices);
  kernel.scratch_bytes = bytes;
  kernel.numerics = numerics;
  return kernel;
}

bool has_float32_result(const Gemm& g) { return g.y == DType::float32 || g.y == DType::bfloat16; }
bool is_plain(DType d) { return d == DType::float32 || d == DType::uint8; }

// ---- dot: both operands lie along k
constexpr long dot_rows = 32, dot_block_columns = 240;

void run_dot(const Skinny& c, void* const* buffers, int slice, void* scratch) {
  const Gemm& g = c.g;
  each_block(g, c.result, c.cuts.block(slice), dot_rows, dot_block_columns, c.result.own(scratch), buffers, scratch,
             [&](int64_t batch, int64_t row, int64_t rows, int64_t column, int64_t columns, float* to, int64_t stride) {
               const auto* b = reinterpret_cast<const float*>(c.b(buffers, batch, column));
               c.simd->dot(g.a, rows, columns, g.k, c.a(buffers, batch, row), g.a_row(), b, g.b_column(), to, stride);
             });
}

// ---- direct: rows of B are added up, each times a number of A
constexpr long direct_block_rows = 48, direct_block_columns = 512;
constexpr int64_t turned_elements = 8192;  // of a B that is turned round first

size_t converted_floats(const Gemm& g) { return g.a == DType::float32 ? 0 : static_cast<size_t>(direct_block_rows * g.k); }
size_t turned_floats(const Gemm& g) { return g.transpose_b ? static_cast<size_t>(std::min<int64_t>(g.n, direct_block_columns) * g.k) : 0; }

void run_direct(const Skinny& c, void* const* buffers, int slice, void* scratch) {
  const Gemm& g = c.g;
  float* converted = c.result.own(scratch);  // A's rows, where they are not float32 yet
  float* turned = converted + converted_floats(g);
  int64_t converted_row = -1, turned_column = -1, last_batch = -1;
  each_block(g, c.result, c.cuts.block(slice), direct_block_rows, direct_block_columns, turned + turned_floats(g), buffers, scratch,
             [&](int64_t batch, int64_t row, int64_t rows, int64_t column, int64_t columns, float* to, int64_t stride) {
               const void *a = c.a(buffers, batch, row), *b = c.b(buffers, batch, column);
               int64_t a_row = g.a_row(), b_row = g.b_row();
               if (batch != last_batch) converted_row = turned_column = -1;
               last_batch = batch;
               if (g.a != DType::float32) {
                 if (row != converted_row)
                   for (int64_t i = 0; i < rows; ++i) c.simd->convert(g.a, c.a(buffers, batch, row + i), converted + i * g.k, g.k);
                 converted_row = row, a = converted, a_row = g.k;
               }
               if (g.transpose_b) {
                 if (column != turned_column) c.simd->pack(g.b, b, g.b_column(), 1, columns, columns, g.k, turned);
                 turned_column = column, b = turned, b_row = columns;
               }
               const DType b_type = g.transpose_b ? DType::float32 : g.b;
               c.simd->direct(b_type, rows, columns, g.k, static_cast<const float*>(a), a_row, g.a_column(), b, b_row, to, stride);
             });
}

// ---- transposed: y' = B' A' where A' lies along the long axis of y; each block is turned round on its way out
constexpr long transposed_block_rows = 96, transposed_block_columns = 30;

void run_transposed(const Skinny& c, void* const* buffers, int slice, void* scratch) {
  const Gemm& g = c.g;
  float* turned = c.result.own(scratch);
  each_block(g, c.result, c.cuts.block(slice), transposed_block_rows, transposed_block_columns,
             turned + transposed_block_rows * transposed_block_columns, buffers, scratch,
             [&](int64_t batch, int64_t row, int64_t rows, int64_t column, int64_t columns, float* to, int64_t stride) {
               const auto* b = reinterpret_cast<const float*>(c.b(buffers, batch, column));
               c.simd->direct(g.a, columns, rows, g.k, b, g.b_column(), g.b_row(), c.a(buffers, batch, row), g.a_column(), turned, rows);
               // A panel of one matrix with k = columns is its transpose.
               if (stride == columns) {
                 c.simd->pack(DType::float32, turned, rows, 1, columns, columns, rows, to);
               } else {
                 for (int64_t j = 0; j < columns; ++j)
                   for (int64_t i = 0; i < rows; ++i) to[i * stride + j] = turned[j * rows + i];
               }
             });
}

}  // namespace

std::optional<Kernel> dot(const Gemm& g, const Machine& machine, const Epilogue* epilogue) {
  if (g.transpose_a || !g.transpose_b || !is_plain(g.a) || g.b != DType::float32 || !has_float32_result(g)) return {};
  Skinny c{g, &simd_for(machine), Result(g, epilogue), cut(g, 2, 10)};
  const size_t block = c.result.direct() ? 0 : dot_rows * dot_block_columns;
  return prepare("gemm.dot", std::move(c), run_dot, block, Numerics::library);
}

std::optional<Kernel> direct(const Gemm& g, const Machine& machine, const Epilogue* epilogue) {
  if (!is_plain(g.b) || !has_float32_result(g) || !computes_in_float32(g)) return {};
  if (g.a != DType::float32 && g.transpose_a) return {};
  if (g.transpose_b && g.k * g.n > turned_elements) return {};
  const Simd& simd = simd_for(machine);
  Skinny c{g, &simd, Result(g, epilogue), cut(g, 6, simd.columns)};
  const size_t block = c.result.direct() ? 0 : direct_block_rows * direct_block_columns;
  return prepare("gemm.direct", std::move(c), run_direct, converted_floats(g) + turned_floats(g) + block, Numerics::blocked);
}

std::optional<Kernel> transposed(const Gemm& g, const Machine& machine, const Epilogue* epilogue) {
  if (!g.transpose_a || !is_plain(g.a) || g.b != DType::float32 || !has_float32_result(g)) return {};
  const Simd& simd = simd_for(machine);
  Skinny c{g, &simd, Result(g, epilogue), cut(g, simd.columns, 6)};
  const size_t turned = transposed_block_rows * transposed_block_columns;
  return prepare("gemm.transposed", std::move(c), run_transposed, 2 * turned, Numerics::blocked);
}

}  // namespace cornu::gemm
