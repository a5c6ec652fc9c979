// Matrix products through libxsmm, which writes machine code for the very sizes of a block when a kernel is prepared.
#include "cornu/kernels/gemm_parts.h"

#ifdef CORNU_HAS_XSMM
#include <libxsmm.h>

#include "cornu/kernels/gemm_simd.h"
#endif

namespace cornu::gemm {

#ifdef CORNU_HAS_XSMM
namespace {

// Blocks of the result, 32 by 64, over stretches of k: the panel of B (64 KiB) is met by every block of A from the second-level cache.
constexpr long block_rows = 32, block_columns = 64;
constexpr int64_t block_depth = 256;

struct Xsmm {
  Gemm g;
  const Simd* simd;
  Result result;
  Cuts cuts;
  bool a_in_place, b_in_place;
  int64_t a_matrices, b_matrices;
  int pack_slices;
  // [short block of rows][short block of columns][last stretch of k][added to what is there]
  libxsmm_smmfunction kernels[2][2][2][2] = {};

  int64_t a_panels() const { return a_in_place ? 0 : (g.m + block_rows - 1) / block_rows; }
  int64_t b_panels() const { return b_in_place ? 0 : (g.n + block_columns - 1) / block_columns; }
  int64_t a_floats() const { return a_in_place ? 0 : a_matrices * g.m * g.k; }
  int64_t b_floats() const { return b_in_place ? 0 : b_matrices * g.n * g.k; }
  int64_t panels() const { return a_matrices * a_panels() + b_matrices * b_panels(); }
};

/// A becomes float32 [m, k]; B panels of [k, 64], the last one narrower.
void pack(const void* context, void* const* buffers, int slice, void*) {
  const auto& c = *static_cast<const Xsmm*>(context);
  const Gemm& g = c.g;
  auto* a_to = static_cast<float*>(c.result.workspace(buffers));
  float* b_to = a_to + c.a_floats();
  const int64_t of_a = c.a_matrices * c.a_panels();
  const Range panels = slice_of(c.panels(), c.pack_slices, slice);
  for (int64_t i = panels.first; i < panels.last; ++i) {
    if (i < of_a) {
      const int64_t matrix = i / c.a_panels(), row = i % c.a_panels() * block_rows, rows = std::min<int64_t>(block_rows, g.m - row);
      const std::byte* from = a_of(g, buffers, matrix) + row * g.a_row() * static_cast<int64_t>(bytes_of(g.a));
      c.simd->pack(g.a, from, g.a_column(), g.a_row(), g.k, g.k, rows, a_to + (matrix * g.m + row) * g.k);
    } else {
      const int64_t matrix = (i - of_a) / c.b_panels(), column = (i - of_a) % c.b_panels() * block_columns;
      const int64_t columns = std::min<int64_t>(block_columns, g.n - column);
      const std::byte* from = b_of(g, buffers, matrix) + column * g.b_column() * static_cast<int64_t>(bytes_of(g.b));
      c.simd->pack(g.b, from, g.b_column(), g.b_row(), columns, columns, g.k, b_to + (matrix * g.n + column) * g.k);
    }
  }
}

void multiply(const void* context, void* const* buffers, int slice, void* scratch) {
  const auto& c = *static_cast<const Xsmm*>(context);
  const Gemm& g = c.g;
  const auto* a_packed = static_cast<const float*>(c.result.workspace(buffers));
  const float* b_packed = a_packed + c.a_floats();
  each_block(g, c.result, c.cuts.block(slice), block_rows, block_columns, c.result.own(scratch), buffers, scratch,
             [&](int64_t batch, long row, long rows, long column, long columns, float* to, int64_t) {
               const float* a = c.a_in_place ? reinterpret_cast<const float*>(a_of(g, buffers, batch)) + row * g.a_row()
                                             : a_packed + ((c.a_matrices == 1 ? 0 : batch) * g.m + row) * g.k;
               const float* b = c.b_in_place ? reinterpret_cast<const float*>(b_of(g, buffers, batch)) + column
                                             : b_packed + ((c.b_matrices == 1 ? 0 : batch) * g.n + column) * g.k;
               const auto& of = c.kernels[rows < block_rows][columns < block_columns];
               const int64_t b_row = c.b_in_place ? g.b_row() : columns;
               for (int64_t p = 0; p < g.k; p += block_depth) of[g.k - p < block_depth][p > 0](b + p * b_row, a + p, to);
             });
}

/// Machine code for each shape of block that occurs; false where libxsmm has none. Column-major: its M are our columns.
bool write_code(Xsmm& c) {
  const Gemm& g = c.g;
  const int64_t sizes[3][2] = {{block_rows, g.m % block_rows}, {block_columns, g.n % block_columns}, {block_depth, g.k % block_depth}};
  const int64_t whole[3] = {g.m / block_rows, g.n / block_columns, g.k / block_depth};
  for (int r = 0; r < 2; ++r)
    for (int s = 0; s < 2; ++s)
      for (int t = 0; t < 2; ++t)
        for (int add = 0; add < 2; ++add) {
          const auto occurs = [&](int axis, int part) { return part ? sizes[axis][1] > 0 : whole[axis] > 0; };
          const bool first = t ? whole[2] == 0 : true, later = t ? whole[2] > 0 : whole[2] > 1;
          if (!occurs(0, r) || !occurs(1, s) || !occurs(2, t) || !(add ? later : first)) continue;
          const auto rows = static_cast<int>(sizes[0][r]), columns = static_cast<int>(sizes[1][s]), depth = static_cast<int>(sizes[2][t]);
          const int lda = static_cast<int>(c.b_in_place ? g.b_row() : columns), ldb = static_cast<int>(c.a_in_place ? g.a_row() : g.k);
          const int ldc = static_cast<int>(c.result.direct() ? g.n : columns), flags = LIBXSMM_GEMM_FLAG_NONE, prefetch = LIBXSMM_PREFETCH_NONE;
          const float alpha = 1, beta = static_cast<float>(add);
          auto& code = c.kernels[r][s][t][add] = libxsmm_smmdispatch(columns, rows, depth, &lda, &ldb, &ldc, &alpha, &beta, &flags, &prefetch);
          if (!code) return false;
        }
  return true;
}

}  // namespace

std::optional<Kernel> xsmm(const Gemm& g, const Machine& machine, const Epilogue* epilogue) {
  if (!machine.avx2 || !computes_in_float32(g)) return {};
  if (g.m == 0 || g.n == 0 || g.k == 0 || std::max({g.m, g.n, g.k, g.lda, g.ldb}) > (1 << 24)) return {};
  Xsmm c{.g = g, .simd = &simd_for(machine), .result = Result(g, epilogue), .cuts = cut(g, block_rows, block_columns)};
  c.a_in_place = g.a == DType::float32 && !g.transpose_a;
  // A small B stays in the caches as it lies; a large one is read again and again, best from front to back.
  c.b_in_place = g.b == DType::float32 && !g.transpose_b && g.k * g.n <= 32 * 1024;
  c.a_matrices = is_shared(g, &Gemm::Axis::a_stride) ? 1 : g.batches();
  c.b_matrices = is_shared(g, &Gemm::Axis::b_stride) ? 1 : g.batches();
  const auto floats = static_cast<size_t>(c.a_floats() + c.b_floats());
  c.pack_slices = slices_for(static_cast<double>(floats), 16000);
  if (!write_code(c)) return {};
  const int pack_slices = c.pack_slices, slices = c.cuts.slices();

  Kernel kernel{.name = "gemm.xsmm"};
  kernel.workspace_bytes = std::max<size_t>(floats * sizeof(float), 64);
  kernel.scratch_bytes = c.result.scratch_bytes() + (c.result.direct() ? 0 : block_rows * block_columns * sizeof(float));
  kernel.numerics = Numerics::library;
  kernel.context = std::make_shared<const Xsmm>(std::move(c));
  if (floats) kernel.phases.push_back({pack, pack_slices});
  kernel.phases.push_back({multiply, slices});
  return kernel;
}

#else
// A build without libxsmm: the other candidates take every product.
std::optional<Kernel> xsmm(const Gemm&, const Machine&, const Epilogue*) { return {}; }
#endif

}  // namespace cornu::gemm
