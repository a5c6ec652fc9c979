// Matrix products through OpenBLAS, one thread for each slice.
#include <climits>

#include "cornu/kernels/gemm_parts.h"
#include "cornu/kernels/library.h"

namespace cornu::gemm {
namespace {

constexpr long block_rows = 256, block_columns = 512;

struct Functions {
  void (*sgemm)(int order, int trans_a, int trans_b, int m, int n, int k, float alpha, const float* a, int lda, const float* b, int ldb, float beta,
                float* c, int ldc) = nullptr;
  bool loaded = false;
};

/// Loaded once. Its own threads would fight the team's: they are sent home.
const Functions& functions() {
  static const Functions all = [] {
    Functions f;
    void (*set_threads)(int) = nullptr;
    constexpr const char* library = "libopenblas.so.0";
    f.loaded = find_function(f.sgemm, library, "cblas_sgemm") && find_function(set_threads, library, "openblas_set_num_threads");
    if (f.loaded) set_threads(1);
    return f;
  }();
  return all;
}

struct OpenBlas {
  Gemm g;
  Result result;
  Cuts cuts;
};

void run(const OpenBlas& c, void* const* buffers, int slice, void* scratch) {
  constexpr int row_major = 101, plain = 111, transposed = 112;
  const Gemm& g = c.g;
  const int lda = static_cast<int>(std::max(g.transpose_a ? g.a_column() : g.a_row(), int64_t{1}));
  const int ldb = static_cast<int>(std::max(g.transpose_b ? g.b_column() : g.b_row(), int64_t{1}));
  each_block(g, c.result, c.cuts.block(slice), block_rows, block_columns, c.result.own(scratch), buffers, scratch,
             [&](int64_t batch, long row, long rows, long column, long columns, float* to, int64_t stride) {
               const auto* a = reinterpret_cast<const float*>(a_of(g, buffers, batch)) + row * g.a_row();
               const auto* b = reinterpret_cast<const float*>(b_of(g, buffers, batch)) + column * g.b_column();
               functions().sgemm(row_major, g.transpose_a ? transposed : plain, g.transpose_b ? transposed : plain, static_cast<int>(rows),
                                 static_cast<int>(columns), static_cast<int>(g.k), 1.0f, a, lda, b, ldb, 0.0f, to, static_cast<int>(stride));
             });
}

}  // namespace

std::optional<Kernel> openblas(const Gemm& g, const Machine&, const Epilogue* epilogue) {
  if (g.a != DType::float32 || g.b != DType::float32 || !computes_in_float32(g)) return {};
  if (std::max({g.m, g.n, g.k, g.lda, g.ldb}) > INT_MAX || !functions().loaded) return {};
  const Result result(g, epilogue);
  const Cuts cuts = cut(g, 32, 64);
  Kernel kernel = make_kernel("gemm.openblas", OpenBlas{g, result, cuts}, run, cuts.slices());
  kernel.scratch_bytes = result.scratch_bytes() + (result.direct() ? 0 : block_rows * block_columns * sizeof(float));
  kernel.numerics = Numerics::library;
  return kernel;
}

}  // namespace cornu::gemm
