// What every op of the catalogue promises, checked on the examples that it brings.
#include <doctest/doctest.h>

#include "cornu/graph/text.h"
#include "tests/harness.h"

namespace cornu {
using namespace testing;

namespace {
Function apply(const Op& op) {
  return [op](const std::vector<Value>& in) { return in.at(0).graph->add(op, in); };
}
/// Iota and the like read nothing: their graph is empty of inputs.
Tensors run_example(const Example& e, const Tensors& in) {
  Graph g;
  std::vector<Value> values;
  for (size_t i = 0; i < in.size(); ++i) values.push_back(g.input("x" + std::to_string(i), {in[i].dtype(), in[i].shape()}));
  for (const Value v : g.add(e.op, values)) g.output(v);
  return run_graph(g, in);
}
}  // namespace

TEST_CASE("every op has a name, a meaning and examples") {
  CHECK(catalogue().size() > 70);
  for (const OpRules* op : catalogue()) {
    CAPTURE(op->name);
    CHECK(!op->name.empty());
    CHECK(op->doc.size() > 1);
    CHECK(!op->examples().empty());
    CHECK(find_op(op->name) == op);
  }
}

TEST_CASE("every differentiable op has the gradient that its forward pass implies") {
  std::mt19937 rng(1);
  for (const OpRules* op : catalogue())
    for (const Example& e : op->examples()) {
      if (!e.op.properties().differentiable || !e.smooth || e.inputs.empty()) continue;
      CAPTURE(op->name);
      CAPTURE(text(e.op.attributes()));
      CHECK(gradient_error(e.inputs, apply(e.op), rng) < 1e-7);
    }
}

TEST_CASE("every gradient has a gradient of its own, where it has one") {
  std::mt19937 rng(2);
  for (const OpRules* op : catalogue())
    for (const Example& e : op->examples()) {
      if (!e.op.properties().differentiable || !e.smooth || e.inputs.empty()) continue;
      CAPTURE(op->name);
      CAPTURE(text(e.op.attributes()));
      const Function first = [&](const std::vector<Value>& in) {
        std::vector<Value> of, seeds, with;
        for (const Value v : apply(e.op)(in))
          if (v.dtype() == DType::float64) of.push_back(v), seeds.push_back(broadcast_to(scalar(v, 0.7), v.shape()));
        for (const Value v : in)
          if (v.dtype() == DType::float64) with.push_back(v);
        return gradients(of, with, seeds);
      };
      CHECK(gradient_error(e.inputs, first, rng, 1e-5) < 1e-7);
    }
}

TEST_CASE("every op computes the same in float32 as in float64, within the precision of float32") {
  for (const OpRules* op : catalogue())
    for (const Example& e : op->examples()) {
      CAPTURE(op->name);
      CAPTURE(text(e.op.attributes()));
      Tensors low, rounded;
      bool has_floats = false;
      for (const Tensor& t : e.inputs) {
        const bool is_float64 = t.dtype() == DType::float64;
        has_floats |= is_float64;
        low.push_back(is_float64 ? t.cast(DType::float32) : t);
        rounded.push_back(is_float64 ? low.back().cast(DType::float64) : t);
      }
      if (!has_floats || op == &rules<Scan>()) continue;
      const Tensors y32 = run_example(e, low), y64 = run_example(e, rounded);
      for (size_t k = 0; k < y32.size(); ++k) CHECK(largest_difference(y32[k], y64[k]) < 3e-6);
    }
}

TEST_CASE("every op survives being printed and read back") {
  for (const OpRules* op : catalogue())
    for (const Example& e : op->examples()) {
      if (op == &rules<Scan>()) continue;  // its body has no text form
      CAPTURE(op->name);
      Graph g;
      std::vector<Value> values;
      for (size_t i = 0; i < e.inputs.size(); ++i) values.push_back(g.input("x" + std::to_string(i), {e.inputs[i].dtype(), e.inputs[i].shape()}));
      for (const Value v : g.add(e.op, values)) g.output(v);
      const std::string printed = to_text(g);
      CHECK(to_text(*parse_graph(printed, find_op)) == printed);
    }
}

TEST_CASE("one answer on any number of threads: slices are cut by shape alone") {
  Team team(2);
  std::mt19937 rng(3);
  for (const OpRules* op : catalogue())
    for (const Example& e : op->examples()) {
      CAPTURE(op->name);
      Graph g;
      std::vector<Value> values;
      for (size_t i = 0; i < e.inputs.size(); ++i) values.push_back(g.input("x" + std::to_string(i), {e.inputs[i].dtype(), e.inputs[i].shape()}));
      for (const Value v : g.add(e.op, values)) g.output(v);
      const auto program = compile(g);
      Execution one(program), two(program, &team);
      for (size_t i = 0; i < e.inputs.size(); ++i) one.bind_input(static_cast<int>(i), e.inputs[i].data()), two.bind_input(static_cast<int>(i), e.inputs[i].data());
      one.run();
      two.run();
      for (size_t k = 0; k < program->outputs.size(); ++k) CHECK(one.output_tensor(static_cast<int>(k)) == two.output_tensor(static_cast<int>(k)));
    }
}

}  // namespace cornu
