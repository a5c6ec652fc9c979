#include "cornu/ops/fused.h"

#include "cornu/base/fields.h"
#include "cornu/ops/catalogue.h"
#include "cornu/ops/convolution_of_maxima.h"
#include "cornu/ops/fused_sums.h"
#include "cornu/ops/tile_code.h"
#include "cornu/ops/weight_gradients.h"

namespace cornu {
namespace {

// The text form of a chain: {inputs: 2, steps: [["add", 0, 1], ["cast", 2, {dtype: "int32"}]], outputs: [3]}.
Config to_config(const Fused& fused) {
  Config::List steps;
  for (const FusedStep& s : fused.steps) {
    Config::List step{Config(s.op.name())};
    for (const int v : s.operands) step.push_back(v);
    if (Config attributes = s.op.attributes(); attributes.is_dict() && !attributes.as_dict().empty()) step.push_back(std::move(attributes));
    steps.push_back(std::move(step));
  }
  Config config = Config::dict();
  config.set("inputs", fused.inputs);
  config.set("steps", std::move(steps));
  config.set("outputs", cornu::to_config(fused.outputs));
  return config;
}

Op op_from(std::string_view name, const Config& attributes) {
  const OpRules* rules = find_op(name);
  require<FormatError>(rules != nullptr, "there is no op '", printable(name), "'");
  return rules->parse(attributes);
}

void from_config(const Config& c, Fused& fused) {
  if (c.contains("inputs")) cornu::from_config(c["inputs"], fused.inputs);
  if (c.contains("outputs")) cornu::from_config(c["outputs"], fused.outputs);
  if (!c.contains("steps")) return;
  for (const Config& item : c["steps"].as_list()) {
    const Config::List& parts = item.as_list();
    require<FormatError>(!parts.empty(), "a step of a fused op is a list: [\"add\", 0, 1]");
    const bool attributes = parts.back().is_dict();
    FusedStep step{op_from(parts[0].as_string(), attributes ? parts.back() : Config::dict()), {}};
    for (size_t i = 1; i + attributes < parts.size(); ++i) step.operands.push_back(static_cast<int>(parts[i].as_int()));
    fused.steps.push_back(std::move(step));
  }
}

std::vector<TensorType> infer_chain(const Fused& fused, Types in) {
  ensure(!fused.outputs.empty(), "a fused op has outputs");
  const std::vector<TensorType> types = types_of(fused, in);
  std::vector<TensorType> out;
  for (const int v : fused.outputs) {
    ensure(v >= 0 && v < static_cast<int>(types.size()), "a fused op has no value ", v);
    out.push_back(types[static_cast<size_t>(v)]);
    ensure(out.back().shape == out[0].shape, "the outputs of a fused op have one shape, not ", out[0].shape, " and ", out.back().shape);
  }
  for (const TensorType& t : types) ensure(broadcast(t.shape, out[0].shape) == out[0].shape, "a fused op of shape ", out[0].shape, " cannot read ", t.shape);
  return out;
}

[[noreturn]] std::vector<Value> no_gradient(const void*, const Derivation&) {
  throw UnsupportedError("fused ops have no gradient: differentiate the graph before it is compiled");
}

/// The parts that every op here has alike.
template <class T> OpRules rules_of(std::string_view name, std::string_view doc) {
  return {.name = name,
          .doc = doc,
          .properties = nullptr,
          .infer = nullptr,
          .gradient = [](const void* op, const Derivation& d) -> std::vector<Value> { no_gradient(op, d); },
          .kernels = nullptr,
          .equal = [](const void* a, const void* b) { return *static_cast<const T*>(a) == *static_cast<const T*>(b); },
          .attributes = nullptr,
          .parse = nullptr,
          .graphs = [](const void*) { return std::vector<std::shared_ptr<const Graph>>(); },
          .examples = [] { return std::vector<Example>(); }};
}

/// Any input may share memory with any output of its type: the tile machine looks before it writes.
void add_pairs(Properties& p, int first_input, int inputs, int first_output, int outputs) {
  for (int i = 0; i < inputs; ++i)
    for (int o = 0; o < outputs; ++o) p.in_place.push_back({first_input + i, first_output + o});
}

const Fused& chain(const void* op) { return *static_cast<const Fused*>(op); }
const FusedSegments& segments(const void* op) { return *static_cast<const FusedSegments*>(op); }
const WithEpilogue& with_epilogue(const void* op) { return *static_cast<const WithEpilogue*>(op); }

/// f(chain, its inputs' types) for each segment.
template <class F> void for_segments(const FusedSegments& all, Types in, F f) {
  size_t first = 0;
  for (const Fused& fused : all.segments) {
    const auto count = static_cast<size_t>(fused.inputs);
    ensure(first + count <= in.size(), "fused segments were given too few inputs");
    f(fused, in.subspan(first, count));
    first += count;
  }
  ensure(first == in.size(), "fused segments were given too many inputs");
}

/// The types that the epilogue's chain reads: the producer's result, then the rest.
std::vector<TensorType> chain_inputs(const WithEpilogue& w, Types in) {
  const auto count = static_cast<size_t>(w.producer_inputs);
  ensure(count <= in.size(), "an op with an epilogue was given too few inputs");
  std::vector<TensorType> types = w.producer.infer(in.first(count));
  ensure(types.size() == 1 && types[0].dtype == DType::float32, "an epilogue follows one float32 result");
  types.insert(types.end(), in.begin() + w.producer_inputs, in.end());
  return types;
}

}  // namespace

template <> const OpRules& rules<Fused>() {
  static const OpRules all = [] {
    OpRules r = rules_of<Fused>("fused", "a chain of pointwise ops that runs as one kernel");
    r.properties = [](const void* op) {
      Properties p;
      p.pointwise = true, p.differentiable = false;
      add_pairs(p, 0, chain(op).inputs, 0, static_cast<int>(chain(op).outputs.size()));
      return p;
    };
    r.infer = [](const void* op, Types in) { return infer_chain(chain(op), in); };
    r.kernels = [](const void* op, const KernelRequest& k) { return std::vector<Kernel>{tile_kernel(tile_program(chain(op), k.in), "tile.fused")}; };
    r.attributes = [](const void* op) { return to_config(chain(op)); };
    r.parse = [](const Config& c) {
      Fused fused;
      from_config(c, fused);
      return Op(std::move(fused));
    };
    return r;
  }();
  return all;
}

template <> const OpRules& rules<FusedSegments>() {
  static const OpRules all = [] {
    OpRules r = rules_of<FusedSegments>("fused_segments", "several fused chains as one kernel");
    r.properties = [](const void* op) {
      Properties p;
      p.differentiable = false;
      int in = 0, out = 0;
      for (const Fused& f : segments(op).segments) {
        add_pairs(p, in, f.inputs, out, static_cast<int>(f.outputs.size()));
        in += f.inputs, out += static_cast<int>(f.outputs.size());
      }
      return p;
    };
    r.infer = [](const void* op, Types in) {
      std::vector<TensorType> out;
      for_segments(segments(op), in, [&](const Fused& f, Types types) {
        for (TensorType& t : infer_chain(f, types)) out.push_back(std::move(t));
      });
      return out;
    };
    r.kernels = [](const void* op, const KernelRequest& k) {
      std::vector<TileProgram> programs;
      for_segments(segments(op), k.in, [&](const Fused& f, Types types) { programs.push_back(tile_program(f, types)); });
      return std::vector<Kernel>{tile_kernel(std::move(programs), "tile.fused_segments")};
    };
    r.attributes = [](const void* op) {
      Config::List list;
      for (const Fused& f : segments(op).segments) list.push_back(to_config(f));
      return Config::dict().set("segments", std::move(list));
    };
    r.parse = [](const Config& c) {
      FusedSegments s;
      if (c.contains("segments"))
        for (const Config& item : c["segments"].as_list()) from_config(item, s.segments.emplace_back());
      return Op(std::move(s));
    };
    return r;
  }();
  return all;
}

template <> const OpRules& rules<WithEpilogue>() {
  static const OpRules all = [] {
    OpRules r = rules_of<WithEpilogue>("with_epilogue", "an op with a fused chain run on each block of its result");
    r.properties = [](const void* op) {
      const WithEpilogue& w = with_epilogue(op);
      Properties p;
      p.differentiable = false;
      // The producer hands its blocks over in memory of its own: only the chain touches the outputs.
      add_pairs(p, w.producer_inputs, w.epilogue.inputs - 1, 0, static_cast<int>(w.epilogue.outputs.size()));
      return p;
    };
    r.infer = [](const void* op, Types in) {
      const WithEpilogue& w = with_epilogue(op);
      const std::vector<TensorType> types = chain_inputs(w, in);
      std::vector<TensorType> out = infer_chain(w.epilogue, types);
      ensure(out[0].shape == types[0].shape, "an epilogue keeps the shape of its producer's result");
      return out;
    };
    r.kernels = [](const void* op, const KernelRequest& k) {
      const WithEpilogue& w = with_epilogue(op);
      const Epilogue epilogue(tile_program(w.epilogue, chain_inputs(w, k.in)));
      KernelRequest request{.in = k.in, .out = k.out, .machine = k.machine, .epilogue = &epilogue, .compile = k.compile, .steady = k.steady};
      return w.producer.kernels(request);
    };
    r.attributes = [](const void* op) {
      const WithEpilogue& w = with_epilogue(op);
      Config c = Config::dict();
      c.set("producer", w.producer.name()).set("options", w.producer.attributes()).set("producer_inputs", w.producer_inputs);
      return c.set("epilogue", to_config(w.epilogue));
    };
    r.parse = [](const Config& c) {
      WithEpilogue w{Op(Fused{}), 0, {}};
      if (c.contains("producer")) w.producer = op_from(c["producer"].as_string(), c.contains("options") ? c["options"] : Config::dict());
      if (c.contains("producer_inputs")) cornu::from_config(c["producer_inputs"], w.producer_inputs);
      if (c.contains("epilogue")) from_config(c["epilogue"], w.epilogue);
      return Op(std::move(w));
    };
    return r;
  }();
  return all;
}

std::span<const OpRules* const> compiler_ops() {
  static const OpRules* const all[] = {&rules<Fused>(), &rules<FusedSegments>(), &rules<WithEpilogue>(), &rules<ConvolutionKernelOfMaxima>(), &rules<ConvolutionInputOfMaxima>(), &rules<FusedSums>(), &rules<WeightGradients>()};
  return all;
}

bool is_fusible(const Op& op) { return pointwise_of(op) || op.as<Cast>() || op.as<Fused>(); }

}  // namespace cornu
