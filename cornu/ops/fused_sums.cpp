#include "cornu/ops/fused_sums.h"

#include "cornu/base/fields.h"
#include "cornu/kernels/tile_sums.h"

namespace cornu {
namespace {

const FusedSums& self(const void* op) { return *static_cast<const FusedSums*>(op); }

std::vector<TensorType> infer(const void* op, Types in) {
  const FusedSums& s = self(op);
  const std::vector<TensorType> results = Op(s.chain).infer(in);
  std::vector<TensorType> out(results.begin(), results.begin() + s.stored);
  for (size_t k = 0; k < s.sums.size(); ++k) {
    const Shape& of = results.at(static_cast<size_t>(s.sums[k])).shape;
    std::vector<int64_t> shape(s.keep_dims[k] ? static_cast<size_t>(of.rank() - 1) : 0, 1);
    shape.push_back(of.dim(-1));
    out.push_back({DType::float32, Shape(shape)});
  }
  return out;
}

}  // namespace

template <> const OpRules& rules<FusedSums>() {
  static const OpRules all = {
      .name = "fused_sums",
      .doc = "a fused chain of which some results are summed over all axes but the last",
      .properties = [](const void* op) {
        Properties p{.differentiable = false};
        for (int i = 0; i < self(op).chain.inputs; ++i)
          for (int o = 0; o < self(op).stored; ++o) p.in_place.push_back({i, o});
        return p;
      },
      .infer = infer,
      .gradient = [](const void*, const Derivation&) -> std::vector<Value> { throw UnsupportedError("fused_sums has no gradient: differentiate the graph before it is compiled"); },
      .kernels = [](const void* op, const KernelRequest& r) {
        return std::vector<Kernel>{tile_sums_kernel(tile_program(self(op).chain, r.in), self(op).stored, self(op).sums)};
      },
      .equal = [](const void* a, const void* b) { return self(a) == self(b); },
      .attributes = [](const void* op) {
        Config c = Config::dict();
        c.set("chain", Op(self(op).chain).attributes()).set("stored", self(op).stored).set("sums", to_config(self(op).sums)).set("keep_dims", to_config(self(op).keep_dims));
        return c;
      },
      .parse = [](const Config& c) {
        FusedSums s;
        if (c.contains("chain")) s.chain = *rules<Fused>().parse(c["chain"]).as<Fused>();
        if (c.contains("stored")) from_config(c["stored"], s.stored);
        if (c.contains("sums")) from_config(c["sums"], s.sums);
        if (c.contains("keep_dims")) from_config(c["keep_dims"], s.keep_dims);
        return Op(std::move(s));
      },
      .graphs = [](const void*) { return std::vector<std::shared_ptr<const Graph>>(); },
      .examples = [] { return std::vector<Example>(); }};
  return all;
}

}  // namespace cornu
