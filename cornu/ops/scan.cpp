// Scan: a loop over the leading axis whose body is a graph. Its gradient is another scan that runs the other way.
#include <map>

#include "cornu/graph/define_op.h"
#include "cornu/ops/scan_kernel.h"

namespace cornu {

Graph& innermost_graph(Values in, std::string_view op) {
  Graph* found = nullptr;
  for (const Value v : in) {
    require(static_cast<bool>(v), op, " needs a Value of a graph");
    if (!found || v.graph->capture) found = v.graph;
  }
  require(found != nullptr, op, " needs a Value of a graph");
  return *found;
}

namespace {

Value zeros(Graph& g, const TensorType& t) { return broadcast_to(g.constant(Tensor(t.dtype, Shape{})), t.shape); }

std::vector<Value> inputs_of(Graph& g) {
  std::vector<Value> in;
  for (int i = 0; i < g.size(); ++i)
    if (g[i].kind == Node::Kind::input) in.push_back({&g, i, 0});
  return in;
}

TensorType slice_type(const TensorType& t) { return {t.dtype, t.shape.drop_front()}; }
TensorType stacked_type(const TensorType& t, int64_t steps) { return {t.dtype, Shape{steps} + t.shape}; }

/// Copies nodes [first, last) of `from` into `to`; `moved` says where the values before them went.
using Moved = std::map<std::pair<int, int>, Value>;
void copy_nodes(const Graph& from, int first, int last, Graph& to, Moved& moved) {
  for (int i = first; i < last; ++i) {
    if (moved.contains({i, 0})) continue;
    Node copy = from[i];
    for (Value& v : copy.in) v = moved.at({v.node, v.output});
    to.nodes.push_back(std::move(copy));
    for (size_t k = 0; k < from[i].out.size(); ++k) moved[{i, static_cast<int>(k)}] = {&to, to.size() - 1, static_cast<int>(k)};
  }
}

}  // namespace

struct Scan::Rules : Scan {
  static constexpr std::string_view name = "scan", doc = "a loop over the leading axis whose body is a graph";

  std::vector<TensorType> infer(Types in) const {
    ensure(body != nullptr, "a scan needs a body");
    std::vector<TensorType> out;
    for (int64_t i = 0; i < static_cast<int64_t>(body->outputs.size()); ++i) {
      const TensorType& t = body->outputs[static_cast<size_t>(i)].type();
      if (i < carried) require<ShapeError>(t == in[static_cast<size_t>(i)], "scan: carried value ", i, " is ", in[static_cast<size_t>(i)], " before a step and ", t, " after it");
      out.push_back(i < carried ? t : stacked_type(t, steps));
    }
    return out;
  }

  std::vector<std::shared_ptr<const Graph>> graphs() const { return {body}; }
  std::vector<Value> gradient(const Derivation& d) const;
  std::vector<Kernel> kernels(const KernelRequest& r) const;
  static std::vector<Example> examples();
};

// The body and its backward pass are built in one graph. What the backward part reads of the forward part is stacked by
// an extended forward scan (the compiler lets it take the original's place) and read back, last step first.
std::vector<Value> Scan::Rules::gradient(const Derivation& d) const {
  Graph& outer = *d.in[0].graph;
  auto joint = rewrite(*body, nullptr);
  const std::vector<Value> in = inputs_of(*joint), out = joint->outputs;
  const int forward_nodes = joint->size();
  const auto captured = static_cast<int64_t>(in.size()) - carried - sequences;

  std::vector<Value> of, seeds, with;
  std::vector<int64_t> seeded, wanted;  // which outputs, which inputs
  for (size_t i = 0; i < out.size(); ++i)
    if (is_float(out[i].dtype()) && (static_cast<int64_t>(i) < carried || d.grad[i])) seeded.push_back(static_cast<int64_t>(i));
  for (const int64_t i : seeded) {
    of.push_back(out[static_cast<size_t>(i)]);
    seeds.push_back(joint->input("d_out", out[static_cast<size_t>(i)].type()));
  }
  for (size_t i = 0; i < in.size(); ++i)
    if (is_float(in[i].dtype())) wanted.push_back(static_cast<int64_t>(i)), with.push_back(in[i]);
  const std::vector<Value> grads = d.differentiate(of, with, seeds);
  joint->outputs = grads;

  // Gradients of captured values are sums over all steps. One that is itself a product or a sum over a step's rows is taken
  // after the loop, over the rows of all steps at once; what it reads is stacked.
  std::vector<bool> later(wanted.size(), false);
  const auto changes = [&](Value v) {  // from step to step
    const Node& n = (*joint)[v];
    if (v.node >= forward_nodes || n.op) return true;
    const auto at = std::find(in.begin(), in.end(), v) - in.begin();
    return n.kind == Node::Kind::input && at < carried + sequences;
  };
  for (size_t w = 0; w < wanted.size(); ++w) {
    if (wanted[w] < carried + sequences) continue;
    const Node& n = (*joint)[grads[w]];
    const auto* product = n.op ? n.op->as<MatMul>() : nullptr;
    const auto* total = n.op ? n.op->as<Reduce>() : nullptr;
    if (product) later[w] = product->transpose_a && !product->transpose_b && n.in[0].shape().rank() == 2 && n.in[1].shape().rank() == 2 && changes(n.in[0]) && changes(n.in[1]);
    if (total) later[w] = total->kind == Reduction::sum && changes(n.in[0]);
  }

  // What the backward nodes read of the forward ones, besides slices, captured values and constants: to be saved.
  std::vector<bool> needed(joint->nodes.size(), false);
  std::vector<Value> saved;
  std::map<std::pair<int, int>, size_t> saved_at;
  const auto need = [&](Value v) {
    needed[static_cast<size_t>(v.node)] = true;
    const Node& n = (*joint)[v];
    const bool is_carried = n.kind == Node::Kind::input && v.node < forward_nodes && std::find(in.begin(), in.begin() + carried, v) != in.begin() + carried;
    if (v.node < forward_nodes && (n.op || is_carried) && saved_at.try_emplace({v.node, v.output}, saved.size()).second) saved.push_back(v);
  };
  for (size_t w = 0; w < grads.size(); ++w) {
    if (!later[w]) need(grads[w]);
    else
      for (const Value v : (*joint)[grads[w]].in) need(v);
  }
  for (int i = joint->size() - 1; i >= forward_nodes; --i)
    if (needed[static_cast<size_t>(i)])
      for (const Value v : (*joint)[i].in) need(v);

  auto extended = std::make_shared<Graph>();
  Moved in_extended;
  copy_nodes(*joint, 0, forward_nodes, *extended, in_extended);
  for (const Value v : out) extended->output(in_extended.at({v.node, v.output}));
  for (const Value v : saved) extended->output(in_extended.at({v.node, v.output}));
  Scan forward = *this;
  forward.body = extended;
  forward.extends = body;
  const std::vector<Value> stacks = outer.add(forward, d.in);

  // The backward body. Carried: d(carried), then a running sum for each captured value. Slices: d(outputs), saved, slices.
  auto back = std::make_shared<Graph>();
  Moved moved;
  std::vector<Value> start, slices, outer_captured, sums;
  for (size_t s = 0; s < seeded.size(); ++s)
    if (seeded[s] < carried) {
      moved[{seeds[s].node, 0}] = back->input("d_carried", seeds[s].type());
      const Value g = d.grad[static_cast<size_t>(seeded[s])];
      start.push_back(g ? g : zeros(outer, seeds[s].type()));
    }
  const auto carried_grads = start.size();
  for (size_t w = 0; w < wanted.size(); ++w)
    if (wanted[w] >= carried + sequences && !later[w]) {
      sums.push_back(back->input("d_captured", grads[w].type()));
      start.push_back(zeros(outer, grads[w].type()));
    }
  for (size_t s = 0; s < seeded.size(); ++s)
    if (seeded[s] >= carried) {
      moved[{seeds[s].node, 0}] = back->input("d_slice", seeds[s].type());
      slices.push_back(d.grad[static_cast<size_t>(seeded[s])]);
    }
  for (size_t k = 0; k < saved.size(); ++k) {
    moved[{saved[k].node, saved[k].output}] = back->input("saved", saved[k].type());
    slices.push_back(stacks[out.size() + k]);
  }
  for (int64_t i = carried; i < carried + sequences; ++i) {
    moved[{in[static_cast<size_t>(i)].node, 0}] = back->input("slice", in[static_cast<size_t>(i)].type());
    slices.push_back(d.in[static_cast<size_t>(i)]);
  }
  for (int64_t i = carried + sequences; i < carried + sequences + captured; ++i) {
    moved[{in[static_cast<size_t>(i)].node, 0}] = back->input("captured", in[static_cast<size_t>(i)].type());
    outer_captured.push_back(d.in[static_cast<size_t>(i)]);
  }
  for (int i = 0; i < joint->size(); ++i) {
    if (!needed[static_cast<size_t>(i)] || moved.contains({i, 0})) continue;
    if (i >= forward_nodes || (*joint)[i].kind == Node::Kind::constant) copy_nodes(*joint, i, i + 1, *back, moved);
  }
  std::vector<Value> slice_grads;  // what is stacked: gradients of slices, then what is read after the loop
  size_t sum = 0;
  for (size_t w = 0; w < wanted.size(); ++w)
    if (wanted[w] < carried) back->output(moved.at({grads[w].node, grads[w].output}));
  for (size_t w = 0; w < wanted.size(); ++w)
    if (wanted[w] >= carried + sequences && !later[w]) back->output(sums[sum++] + moved.at({grads[w].node, grads[w].output}));
  for (size_t w = 0; w < wanted.size(); ++w)
    if (wanted[w] >= carried && wanted[w] < carried + sequences) back->output(moved.at({grads[w].node, grads[w].output})), slice_grads.push_back(grads[w]);
  for (size_t w = 0; w < wanted.size(); ++w)
    if (later[w])
      for (const Value v : (*joint)[grads[w]].in)
        if (v.node >= forward_nodes && std::find(slice_grads.begin(), slice_grads.end(), v) == slice_grads.end()) back->output(moved.at({v.node, v.output})), slice_grads.push_back(v);

  Scan backward{.body = back, .steps = steps, .carried = static_cast<int64_t>(start.size()), .sequences = static_cast<int64_t>(slices.size()), .reverse = !reverse};
  std::vector<Value> back_in = start;
  back_in.insert(back_in.end(), slices.begin(), slices.end());
  back_in.insert(back_in.end(), outer_captured.begin(), outer_captured.end());
  const std::vector<Value> result = outer.add(backward, back_in);

  // A value of the joint graph at every step, as [steps rows, columns] or as it is stacked.
  const auto stack_of = [&](Value v) {
    if (v.node >= forward_nodes) return result[start.size() + static_cast<size_t>(std::find(slice_grads.begin(), slice_grads.end(), v) - slice_grads.begin())];
    if (const auto found = saved_at.find({v.node, v.output}); found != saved_at.end()) return stacks[out.size() + found->second];
    return d.in[static_cast<size_t>(std::find(in.begin(), in.end(), v) - in.begin())];
  };
  const auto rows_of = [&](Value v) { return reshape(stack_of(v), {steps * v.dim(0), v.dim(1)}); };
  const auto after_loop = [&](Value grad) {
    const Node& n = (*joint)[grad];
    if (n.op->as<MatMul>()) return matmul(rows_of(n.in[0]), rows_of(n.in[1]), {.transpose_a = true});
    std::vector<int64_t> axes = {0};
    for (const int64_t axis : n.op->as<Reduce>()->axes) axes.push_back(axis + 1);
    return reshape(cornu::sum(stack_of(n.in[0]), axes), grad.shape());
  };

  std::vector<Value> into(d.in.size());
  size_t next_carried = 0, next_sum = carried_grads, next_slice = start.size();
  for (size_t k = 0; k < wanted.size(); ++k) {
    const int64_t w = wanted[k];
    into[static_cast<size_t>(w)] = w < carried ? result[next_carried++] : w < carried + sequences ? result[next_slice++] : later[k] ? after_loop(grads[k]) : result[next_sum++];
  }
  return into;
}

std::vector<Kernel> Scan::Rules::kernels(const KernelRequest& r) const { return {scan_kernel(*this, r)}; }

std::vector<Value> scan(std::vector<Value> carried, std::vector<Value> sequences, const ScanBody& body, bool reverse) {
  require(!carried.empty() || !sequences.empty(), "scan needs a carried value or a sequence");
  require<ShapeError>(!sequences.empty(), "scan needs a sequence: its leading axis says how many steps there are");
  for (const Value v : sequences)
    require<ShapeError>(v.shape().rank() >= 1 && v.dim(0) == sequences[0].dim(0), "scan: sequences of ", sequences[0].shape(), " and ", v.shape(),
                        " differ in their number of steps");
  auto graph = std::make_shared<Graph>();
  Graph& outer = innermost_graph(sequences, "scan");
  std::vector<Value> carried_in, slices, captured;
  for (const Value v : carried) carried_in.push_back(graph->input("carried", v.type()));
  for (const Value v : sequences) slices.push_back(graph->input("slice", slice_type(v.type())));
  graph->capture = [&, graph = graph.get()](Value foreign) {
    for (size_t i = 0; i < captured.size(); ++i)
      if (captured[i] == foreign) return inputs_of(*graph)[carried.size() + sequences.size() + i];
    captured.push_back(foreign);
    return graph->input("captured", foreign.type());
  };
  std::vector<Value> out = body(carried_in, slices);
  require<ShapeError>(out.size() >= carried.size(), "scan: the body carries ", carried.size(), " values and returned ", out.size());
  for (Value v : out) graph->output(v.graph == graph.get() ? v : graph->capture(v));
  graph->capture = nullptr;

  Scan op{.body = graph, .steps = sequences[0].dim(0), .carried = static_cast<int64_t>(carried.size()),
          .sequences = static_cast<int64_t>(sequences.size()), .reverse = reverse};
  std::vector<Value> in = std::move(carried);
  in.insert(in.end(), sequences.begin(), sequences.end());
  in.insert(in.end(), captured.begin(), captured.end());
  return outer.add(std::move(op), in);
}

// A simple recurrence, h <- tanh(x + h w), both ways, and a running sum without weights.
std::vector<Example> Scan::Rules::examples() {
  const auto example = [](bool backwards) {
    Graph g;
    const Value h = g.input("h", {DType::float64, {2, 3}}), x = g.input("x", {DType::float64, {4, 2, 3}}), w = g.input("w", {DType::float64, {3, 3}});
    const auto out = scan({h}, {x}, [&](Values before, Values slice) {
      const Value next = tanh(slice[0] + matmul(before[0], w));
      return std::vector{next, next * before[0]};
    }, backwards);
    const auto wave = [](Shape s, double phase) {
      Tensor t(DType::float64, s);
      int i = 0;
      for (double& v : t.mutable_values<double>()) v = 0.3 * ((i++ * 7 + static_cast<int>(phase)) % 11 - 5) / 2.5;
      return t;
    };
    return Example{*g[out[0]].op, {wave({2, 3}, 1), wave({4, 2, 3}, 2), wave({3, 3}, 3)}};
  };
  return {example(false), example(true)};
}

CORNU_DEFINE_OP(Scan)

}  // namespace cornu
