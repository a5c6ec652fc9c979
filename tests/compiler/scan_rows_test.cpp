// Scans over batches: rows that do not meet are cut into slices, and that changes nothing.
#include <doctest/doctest.h>

#include "tests/harness.h"

using namespace cornu;
using namespace cornu::testing;

namespace {

constexpr int64_t steps = 30, units = 32;

/// h <- tanh(x + (h mask) u), in two halves that are put together again; with its gradients.
std::vector<Value> recurrence(const std::vector<Value>& in) {
  const Value h = in[0], x = in[1], u = in[2], mask = in[3];
  const auto out = scan({h}, {x}, [&](Values before, Values slice) {
    const Value z = slice[0] + matmul(before[0] * mask, u);
    const Value left = cornu::slice(z, {0, 0}, {z.dim(0), units / 2}), right = cornu::slice(z, {0, units / 2}, {z.dim(0), units});
    const Value next = concat({tanh(left), sigmoid(right)}, 1);
    return std::vector{next, next * before[0]};
  });
  const Value loss = sum(out[0]) + sum(square(out[1]));
  std::vector<Value> all = gradients(loss, in);
  all.push_back(out[0]);
  all.push_back(out[1]);
  return all;
}

Tensors operands(int64_t rows) {
  std::mt19937 rng(1);
  return {noise({DType::float32, {rows, units}}, rng), noise({DType::float32, {steps, rows, units}}, rng), noise({DType::float32, {units, units}}, rng), noise({DType::float32, {rows, units}}, rng)};
}

Tensor rows_of(const Tensor& t, int axis, int64_t first, int64_t last) {
  std::vector<int64_t> begin(t.shape().sizes().size(), 0), end = t.shape().sizes();
  begin[static_cast<size_t>(axis)] = first, end[static_cast<size_t>(axis)] = last;
  return run({t}, [&](const std::vector<Value>& in) { return std::vector{slice(in[0], begin, end)}; })[0];
}

/// How many slices each scan of the program has.
std::vector<int> slices_of_scans(const Tensors& in, const Function& f) {
  Graph g;
  std::vector<Value> values;
  for (size_t i = 0; i < in.size(); ++i) values.push_back(g.input("x" + std::to_string(i), {in[i].dtype(), in[i].shape()}));
  for (const Value v : f(values)) g.output(v);
  std::vector<int> slices;
  const auto program = compile(g);
  for (const ProgramStep& s : program->steps)
    if (s.op == "scan") slices.push_back(s.kernel.phases.back().slices);
  return slices;
}

}  // namespace

TEST_CASE("a scan whose rows do not meet is cut, and each row gets what it gets in a batch of sixteen") {
  for (const int64_t rows : {48, 40}) {
    const Tensors in = operands(rows);
    const auto slices = slices_of_scans(in, recurrence);
    REQUIRE(slices.size() == 2);  // forward, backward
    CHECK(slices[0] > 1);
    CHECK(slices[1] > 1);
    const Tensors whole = run(in, recurrence);
    for (int64_t first = 0; first < rows; first += 16) {
      const int64_t last = std::min(first + 16, rows);
      const Tensors part = run({rows_of(in[0], 0, first, last), rows_of(in[1], 1, first, last), in[2], rows_of(in[3], 0, first, last)}, recurrence);
      for (const size_t i : {0, 1, 3, 4, 5}) {
        CAPTURE(i);
        const int axis = i == 1 || i == 5 ? 1 : 0;
        CHECK(largest_difference(part[i], rows_of(whole[i], axis, first, last)) < 1e-5);
      }
    }
  }
}

TEST_CASE("a cut scan gives the same bits on one thread and on two") {
  const Tensors in = operands(40);
  Graph g;
  std::vector<Value> values;
  for (size_t i = 0; i < in.size(); ++i) values.push_back(g.input("x" + std::to_string(i), {in[i].dtype(), in[i].shape()}));
  for (const Value v : recurrence(values)) g.output(v);
  const auto program = compile(g);
  Team team(2);
  Execution one(program), two(program, &team);
  for (size_t i = 0; i < in.size(); ++i) one.bind_input(static_cast<int>(i), in[i].data()), two.bind_input(static_cast<int>(i), in[i].data());
  one.run();
  for (int again = 0; again < 2; ++again) {
    two.run();
    for (size_t k = 0; k < program->outputs.size(); ++k) CHECK(one.output_tensor(static_cast<int>(k)) == two.output_tensor(static_cast<int>(k)));
  }
}

TEST_CASE("a scan whose rows meet is not cut") {
  const Function mixing = [](const std::vector<Value>& in) {
    return scan({in[0]}, {in[1]}, [&](Values before, Values slice) { return std::vector{tanh(slice[0] + matmul(before[0] - mean(before[0], {0}, true), in[2]))}; });
  };
  Tensors in = operands(48);
  in.pop_back();
  CHECK(slices_of_scans(in, mixing) == std::vector{1});
  // By hand: the same steps, one after the other.
  const Tensors want = run(in, [](const std::vector<Value>& v) {
    Value h = v[0];
    for (int64_t t = 0; t < steps; ++t) {
      const Value x = reshape(slice(v[1], {t, 0, 0}, {t + 1, 48, units}), {48, units});
      h = tanh(x + matmul(h - mean(h, {0}, true), v[2]));
    }
    return std::vector{h};
  });
  CHECK(largest_difference(run(in, mixing)[0], want[0]) < 2e-4);
}
