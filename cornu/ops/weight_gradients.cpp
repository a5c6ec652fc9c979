#include "cornu/ops/weight_gradients.h"

#include "cornu/base/error.h"
#include "cornu/base/fields.h"
#include "cornu/kernels/gemm_tall.h"

namespace cornu {
namespace {

const WeightGradients& self(const void* op) { return *static_cast<const WeightGradients*>(op); }

std::vector<TensorType> infer(const void* op, Types in) {
  ensure(in.size() >= 2, "weight_gradients reads one x at least, and dy");
  const Shape& dy = in.back().shape;
  std::vector<TensorType> out;
  for (const TensorType& t : in) {
    ensure(t.dtype == DType::float32 && t.shape.rank() == 2 && t.shape[0] == dy[0], "weight_gradients reads float32 matrices of ", dy[0], " rows, not ", t);
    out.push_back({DType::float32, {t.shape[1], dy[1]}});
  }
  out.pop_back();
  if (self(op).sums) out.push_back({DType::float32, {dy[1]}});
  return out;
}

std::vector<Kernel> kernels(const void* op, const KernelRequest& r) {
  const Shape& dy = r.in.back().shape;
  gemm::TallProducts all{.products = {}, .sums = self(op).sums};
  for (const TensorType& x : r.in.first(r.in.size() - 1)) all.products.push_back({.m = x.shape[1], .n = dy[1], .k = dy[0], .transpose_a = true});
  return {gemm::tall_products(all, r.machine)};
}

}  // namespace

// Below, the kernels for small products are faster, and copy nothing.
bool are_weight_gradients(int64_t m, int64_t n, int64_t k) { return k > 512 && m > 16 && n > 16; }

template <> const OpRules& rules<WeightGradients>() {
  static const OpRules all = {
      .name = "weight_gradients",
      .doc = "products x' dy of one dy with several x, and the sum of dy's rows",
      .properties = [](const void*) { return Properties{.differentiable = false}; },
      .infer = infer,
      .gradient = [](const void*, const Derivation&) -> std::vector<Value> { throw UnsupportedError("weight_gradients has no gradient: differentiate the graph before it is compiled"); },
      .kernels = kernels,
      .equal = [](const void* a, const void* b) { return self(a) == self(b); },
      .attributes = [](const void* op) {
        Config c = Config::dict();
        c.set("sums", self(op).sums);
        return c;
      },
      .parse = [](const Config& c) {
        WeightGradients w;
        if (c.contains("sums")) from_config(c["sums"], w.sums);
        return Op(w);
      },
      .graphs = [](const void*) { return std::vector<std::shared_ptr<const Graph>>(); },
      .examples = [] { return std::vector<Example>(); }};
  return all;
}

}  // namespace cornu
