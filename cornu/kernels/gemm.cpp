// Which kernel takes which product.
#include "cornu/kernels/gemm.h"

#include <algorithm>

#include "cornu/base/error.h"
#include "cornu/kernels/gemm_parts.h"

namespace cornu {
namespace {

using Prepare = std::optional<Kernel> (*)(const Gemm&, const Machine&, const Epilogue*);
struct Candidate {
  std::string_view name;
  Prepare prepare;
};
constexpr Candidate candidates[] = {
    {"reference", gemm::reference}, {"packed", gemm::packed}, {"tall", gemm::tall}, {"dot", gemm::dot},       {"direct", gemm::direct},
    {"transposed", gemm::transposed}, {"xsmm", gemm::xsmm},   {"onednn", gemm::onednn}, {"openblas", gemm::openblas},
};

/// The names to try in order. The bounds are where the kernels' measured times cross (bench/gemm_bench).
std::vector<std::string_view> order(const Gemm& g, const Machine& machine) {
  constexpr int64_t few = 16, small = 8192;
  std::vector<std::string_view> names;
  if (g.steady_b && !g.transpose_a && g.m >= 4 && g.n > few) names.push_back("packed");
  const bool narrow = g.m <= few || g.n <= few, is_small = g.k * g.n <= small;
  // Both operands along k: a few rows or columns never repay a copy, unless the sums are so short that folding them costs more.
  if (!g.transpose_a && g.transpose_b && narrow && g.k >= 64) names.push_back("dot");
  // x' dy with few columns: the long axis of the result is the contiguous one of x.
  if (g.transpose_a && g.n <= few && g.m >= 64) names.push_back("transposed");
  // Few rows read B once; a small B stays in the first-level cache.
  if (is_small || (!g.transpose_b && narrow)) names.push_back("direct");
  // Long sums into a small result: operands are copied stretch by stretch.
  if (g.transpose_a && g.k > 512 && g.m > few && g.n > few) names.push_back("tall");
  // libxsmm adds up short sums with less overhead; its code costs 50 us for each shape of block, so it is written only where it wins.
  if (g.transpose_a && g.k <= 256 && machine.avx2 && !machine.avx512) names.push_back("xsmm");
  names.insert(names.end(), {"packed", "reference"});
  return names;
}

}  // namespace

std::vector<Kernel> gemm_kernels(const Gemm& g, const Machine& machine, const Epilogue* epilogue) {
  std::vector<Kernel> kernels;
  for (const std::string_view name : order(g, machine)) {
    if (kernels.size() >= (name == "reference" ? 1u : 2u)) break;
    if (auto kernel = gemm_candidate(name, g, machine, epilogue)) kernels.push_back(std::move(*kernel));
  }
  require<UnsupportedError>(!kernels.empty(), "a matrix product of ", g.a, " and ", g.b, " into ", g.y,
                            " has no kernel: cast the operands to float32");
  return kernels;
}

std::vector<std::string_view> gemm_candidates() {
  std::vector<std::string_view> names;
  for (const Candidate& c : candidates) names.push_back(c.name);
  return names;
}

std::optional<Kernel> gemm_candidate(std::string_view name, const Gemm& g, const Machine& machine, const Epilogue* epilogue) {
  for (const Candidate& c : candidates)
    if (c.name == name) return c.prepare(g, machine, epilogue);
  throw ArgumentError(text("no kernel for matrix products is called '", name, "'", did_you_mean(name, gemm_candidates())));
}

}  // namespace cornu
