// The plainest product there is: one element after another, added up in double. What the others are tested against, and
// the kernel for float64.
#include "cornu/kernels/gemm_parts.h"

namespace cornu::gemm {
namespace {

struct Reference {
  Gemm g;
  Result result;
  Cuts cuts;
};

double number(bfloat16 x) { return static_cast<double>(static_cast<float>(x)); }
template <class T> double number(T x) { return static_cast<double>(x); }

void run(const Reference& r, void* const* buffers, int slice, void* scratch) {
  const Gemm& g = r.g;
  const Block block = r.cuts.block(slice);
  auto* row = reinterpret_cast<float*>(static_cast<std::byte*>(scratch) + r.result.scratch_bytes());
  with_type(g.a, [&](auto a_type) {
    with_type(g.b, [&](auto b_type) {
      for (long batch = block.batches.first; batch < block.batches.last; ++batch) {
        const auto* a = reinterpret_cast<const decltype(a_type)*>(a_of(g, buffers, batch));
        const auto* b = reinterpret_cast<const decltype(b_type)*>(b_of(g, buffers, batch));
        for (long i = block.rows.first; i < block.rows.last; ++i) {
          for (int64_t j = 0; j < g.n; ++j) {
            double sum = 0;
            for (int64_t p = 0; p < g.k; ++p)
              sum += number(a[i * g.a_row() + p * g.a_column()]) * number(b[p * g.b_row() + j * g.b_column()]);
            if (g.y == DType::float64) static_cast<double*>(buffers[2])[(batch * g.m + i) * g.n + j] = sum;
            else row[j] = static_cast<float>(sum);
          }
          if (g.y != DType::float64) r.result.finish(row, g.n, batch * g.m + i, 1, 0, g.n, buffers, scratch);
        }
      }
    });
  });
}

}  // namespace

std::optional<Kernel> reference(const Gemm& g, const Machine&, const Epilogue* epilogue) {
  const bool doubles = g.a == DType::float64 && g.b == DType::float64 && g.y == DType::float64 && !epilogue;
  if (!doubles && !computes_in_float32(g)) return {};
  const Result result(g, epilogue);
  const Cuts cuts = cut(g, 1, g.n + 1);
  Kernel kernel = make_kernel("gemm.reference", Reference{g, result, cuts}, run, cuts.slices());
  kernel.scratch_bytes = result.scratch_bytes() + static_cast<size_t>(g.n) * sizeof(float);
  kernel.numerics = Numerics::exact;
  return kernel;
}

}  // namespace cornu::gemm
