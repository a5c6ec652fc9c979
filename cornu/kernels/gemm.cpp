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
    {"reference", gemm::reference}, {"packed", gemm::packed}, {"dot", gemm::dot},       {"direct", gemm::direct},
    {"transposed", gemm::transposed}, {"xsmm", gemm::xsmm},   {"onednn", gemm::onednn}, {"openblas", gemm::openblas},
};

/// The names to try in order. The bounds are where the kernels' measured times cross (bench/gemm_bench).
std::vector<std::string_view> order(const Gemm& g) {
  constexpr int64_t few = 16;
  const double b_elements = static_cast<double>(g.k) * static_cast<double>(g.n);
  std::vector<std::string_view> names;
  // Both along k: a few rows or columns never repay a copy.
  if (!g.transpose_a && g.transpose_b && (g.m <= few || g.n <= few)) names.push_back("dot");
  // B along n: few rows read it once; a small B stays in the first-level cache.
  if (!g.transpose_b && (g.m <= few || b_elements <= 4096 || g.n <= few)) names.push_back("direct");
  if (g.transpose_a && g.n <= few) names.push_back("transposed");
  names.insert(names.end(), {"xsmm", "packed", "reference"});
  return names;
}

}  // namespace

std::vector<Kernel> gemm_kernels(const Gemm& g, const Machine& machine, const Epilogue* epilogue) {
  std::vector<Kernel> kernels;
  for (const std::string_view name : order(g)) {
    if (kernels.size() >= 2) break;
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
