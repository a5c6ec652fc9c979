#include "cornu/kernels/attention.h"

#include <array>

#include "cornu/base/error.h"
#include "cornu/kernels/machine.h"
#include "numbers.h"
#include "run_kernel.h"

using namespace cornu;

namespace {

using Tensors = std::vector<Tensor>;
using Outputs = std::vector<std::pair<DType, Shape>>;

struct Case {
  AttentionSize size;
  Tensors forward;  // operands in float32

  explicit Case(const AttentionSize& s) : size(s) {
    const Shape q{s.batch, s.queries, s.heads, s.size}, k{s.batch, s.keys, s.heads, s.size}, v{s.batch, s.keys, s.heads, s.values};
    forward = {normal_numbers(q, DType::float32, 1), normal_numbers(k, DType::float32, 2), normal_numbers(v, DType::float32, 3)};
  }
  Outputs outputs(DType d) const { return {{d, {size.batch, size.queries, size.heads, size.values}}, {d, {size.batch, size.queries, size.heads}}}; }
  Outputs gradients(DType d) const { return {{d, forward[0].shape()}, {d, forward[1].shape()}, {d, forward[2].shape()}}; }
};

Tensors in(DType dtype, Tensors all) {
  for (Tensor& t : all) t = t.cast(dtype);
  return all;
}

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const bool causal : {false, true})
    for (const auto [queries, keys, size, values] : {std::array<int64_t, 4>{1, 1, 1, 1}, {7, 7, 5, 3}, {33, 33, 16, 16}, {5, 40, 17, 20}, {40, 5, 9, 33}, {128, 128, 64, 64}})
      all.push_back(Case({.batch = 2, .queries = queries, .keys = keys, .heads = 3, .size = size, .values = values, .scale = 0.25, .causal = causal}));
  return all;
}

}  // namespace

TEST_CASE("attention in float32 is the plain one in double, forward and backward") {
  for (const Case& c : cases()) {
    const AttentionSize& s = c.size;
    CAPTURE(text(s.queries, " queries, ", s.keys, " keys, ", s.size, ", ", s.values, s.causal ? ", causal" : ""));
    const auto wide = attention_kernels(DType::float64, s, this_machine());
    const Tensors want = run_kernel(wide[0], in(DType::float64, c.forward), c.outputs(DType::float64));
    Tensors backward = c.forward;
    backward.insert(backward.end(), {want[0].cast(DType::float32), want[1].cast(DType::float32), normal_numbers(want[0].shape(), DType::float32, 4), normal_numbers(want[1].shape(), DType::float32, 5)});
    const Tensors want_back = run_kernel(attention_gradient_kernels(DType::float64, s, true, this_machine())[0], in(DType::float64, backward), c.gradients(DType::float64));
    for (const Kernel& k : attention_kernels(DType::float32, s, this_machine())) {
      CAPTURE(k.name);
      const Tensors got = run_kernel(k, c.forward, c.outputs(DType::float32));
      for (size_t i = 0; i < 2; ++i) check_near(got[i], want[i], 1e-6, 4e-6);
    }
    for (const Kernel& k : attention_gradient_kernels(DType::float32, s, true, this_machine())) {
      CAPTURE(k.name);
      const Tensors got = run_kernel(k, backward, c.gradients(DType::float32));
      for (size_t i = 0; i < 3; ++i) check_near(got[i], want_back[i], 1e-5, 4e-5);
    }
  }
}

TEST_CASE("without a gradient of the logarithms, attention's backward pass takes it to be zero") {
  const Case c({.batch = 1, .queries = 9, .keys = 9, .heads = 2, .size = 8, .values = 8, .scale = 1, .causal = true});
  const Tensors y = run_kernel(attention_kernels(DType::float32, c.size, this_machine())[0], c.forward, c.outputs(DType::float32));
  Tensors without = c.forward;
  without.insert(without.end(), {y[0], y[1], normal_numbers(y[0].shape(), DType::float32, 4)});
  Tensors with = without;
  with.push_back(Tensor(DType::float32, y[1].shape()));
  const auto kernel = [&](bool has) { return attention_gradient_kernels(DType::float32, c.size, has, this_machine())[0]; };
  const Tensors a = run_kernel(kernel(false), without, c.gradients(DType::float32)), b = run_kernel(kernel(true), with, c.gradients(DType::float32));
  for (size_t i = 0; i < 3; ++i) CHECK(a[i] == b[i]);
}

TEST_CASE("a causal query is not touched by what comes after it, however large") {
  const Case c({.batch = 1, .queries = 20, .keys = 20, .heads = 1, .size = 4, .values = 4, .scale = 1, .causal = true});
  Tensors changed = c.forward;
  for (const size_t i : {1, 2})
    for (float& x : changed[i].mutable_values<float>().subspan(10 * 4)) x = 1e30f;
  const Kernel k = attention_kernels(DType::float32, c.size, this_machine())[0];
  const Tensor a = run_kernel(k, c.forward, c.outputs(DType::float32))[0], b = run_kernel(k, changed, c.outputs(DType::float32))[0];
  for (int64_t i = 0; i < 10 * 4; ++i) CHECK(a.at(i) == b.at(i));
}
