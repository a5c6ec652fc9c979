// Which kernel takes which convolution.
#include "cornu/kernels/convolution.h"

#include "cornu/base/error.h"
#include "cornu/kernels/convolution_parts.h"
#include "cornu/kernels/gemm.h"

namespace cornu {
namespace convolution {

/// A kernel of one position that moves by one: a plain matrix product of positions by channels.
std::optional<Kernel> product(const Convolving& c, const Machine& machine, const Epilogue* epilogue) {
  const ConvolutionShape& s = c.shape;
  if (c.pass == ConvolutionPass::weights || s.groups != 1 || s.taps() != 1 || s.in != s.out || !computes_in_float32(c)) return {};
  if (s.stride != std::array<int64_t, 3>{1, 1, 1} || s.before != std::array<int64_t, 3>{0, 0, 0}) return {};
  const bool forward = c.pass == ConvolutionPass::forward;
  const Gemm g{.m = s.batch * s.out_positions(), .n = forward ? s.filters : s.channels, .k = forward ? s.channels : s.filters, .transpose_b = !forward,
               .a = forward ? c.x : DType::float32};
  return gemm_kernels(g, machine, epilogue)[0];
}

std::optional<Kernel> direct(const Convolving& c, const Machine& machine, const Epilogue* epilogue) {
  return c.pass == ConvolutionPass::weights ? direct_weights(c, machine) : direct_gather(c, machine, epilogue);
}

}  // namespace convolution

namespace {

using Prepare = std::optional<Kernel> (*)(const Convolving&, const Machine&, const Epilogue*);
struct Candidate {
  std::string_view name;
  Prepare prepare;
};
/// Best first, wherever they apply.
constexpr Candidate candidates[] = {
    {"product", convolution::product}, {"depthwise", convolution::depthwise}, {"direct", convolution::direct}, {"reference", convolution::reference}};

}  // namespace

std::vector<Kernel> convolution_kernels(const Convolving& c, const Machine& machine, const Epilogue* epilogue) {
  std::vector<Kernel> kernels;
  for (const Candidate& candidate : candidates)
    if (kernels.size() < (candidate.name == "reference" ? 1u : 2u))
      if (auto kernel = candidate.prepare(c, machine, epilogue)) kernels.push_back(std::move(*kernel));
  require<UnsupportedError>(!kernels.empty(), "a convolution of ", c.x, " with ", c.other, " has no kernel: cast both to float32");
  return kernels;
}

std::vector<std::string_view> convolution_candidates() {
  std::vector<std::string_view> names;
  for (const Candidate& c : candidates) names.push_back(c.name);
  return names;
}

std::optional<Kernel> convolution_candidate(std::string_view name, const Convolving& c, const Machine& machine, const Epilogue* epilogue) {
  for (const Candidate& candidate : candidates)
    if (candidate.name == name) return candidate.prepare(c, machine, epilogue);
  throw ArgumentError(text("no kernel for convolutions is called '", name, "'", did_you_mean(name, convolution_candidates())));
}

}  // namespace cornu
