// Less memory for the same numbers.
#include <doctest/doctest.h>

#include "cornu/autodiff/gradients.h"
#include "cornu/compiler/compile.h"
#include "cornu/ops/ops.h"
#include "tests/messages.h"

using namespace cornu;
using cornu::testing::error_of;

namespace {

/// A stack of products, each with x sigmoid(x) behind it, and the gradients with respect to its weights: what training computes.
std::unique_ptr<Graph> stack(int layers, int64_t rows = 64, int64_t width = 32) {
  auto g = std::make_unique<Graph>();
  Value x = g->input("x", {DType::float32, {rows, width}});
  std::vector<Value> weights;
  for (int i = 0; i < layers; ++i) {
    weights.push_back(g->input(text("w", i), {DType::float32, {width, width}}));
    const Value y = matmul(x, weights.back());
    x = y * sigmoid(y);
  }
  g->output(x);
  for (const Value slope : gradients(sum(square(x)), weights)) g->output(slope);
  return g;
}

std::vector<Tensor> run(const Graph& g, const CompileOptions& options, size_t* arena = nullptr, std::string* program_text = nullptr) {
  const auto program = compile(g, options);
  if (arena) *arena = program->arena_bytes;
  if (program_text) *program_text = to_text(*program);
  Execution e(program, nullptr);
  std::vector<Tensor> inputs, outputs;
  for (const ProgramValue& in : program->inputs) {
    Tensor t(DType::float32, in.type.shape);
    int i = 0;
    for (float& v : t.mutable_values<float>()) v = static_cast<float>((i++ * 37 + static_cast<int>(inputs.size()) * 11) % 19 - 9) / 32;
    inputs.push_back(std::move(t));
  }
  for (size_t i = 0; i < inputs.size(); ++i) e.bind_input(static_cast<int>(i), inputs[i].data());
  e.run();
  for (size_t i = 0; i < program->outputs.size(); ++i) outputs.push_back(e.output_tensor(static_cast<int>(i)));
  return outputs;
}

}  // namespace

TEST_CASE("less memory, and least memory, give the same bits from smaller arenas") {
  const auto g = stack(16);
  size_t speed = 0, less = 0, least = 0;
  std::string program;
  const auto expected = run(*g, {}, &speed);
  CHECK(run(*g, {.memory = "less"}, &less, &program) == expected);
  CHECK(run(*g, {.memory = "least"}, &least) == expected);
  CHECK(less < speed * 3 / 4);
  CHECK(least < less);
  CHECK(program.find("(again)") != std::string::npos);
}

TEST_CASE("a number of bytes is kept to, with no more computed again than that takes") {
  const auto g = stack(16);
  size_t speed = 0, less = 0, got = 0;
  const auto expected = run(*g, {}, &speed);
  run(*g, {.memory = "less"}, &less);
  const size_t wanted = (speed + less) / 2;
  std::string program;
  CHECK(run(*g, {.memory = wanted}, &got, &program) == expected);
  CHECK(got <= wanted);
  CHECK(got > less);
  CHECK(run(*g, {.memory = speed}, &got, &program) == expected);
  CHECK(program.find("(again)") == std::string::npos);  // it fits as it is
}

TEST_CASE("what cannot be said or done about memory is an error that says why") {
  const auto g = stack(4);
  const std::string too_little = error_of([&] { compile(*g, {.memory = 1000}); });
  CHECK(too_little.find("memory: 1000 bytes were allowed, and what this step holds between its first and its last operation takes ") == 0);
  CHECK(too_little.find("allow more, or take smaller batches") != std::string::npos);
  CHECK(error_of([] { Memory("les"); }) == "memory is \"speed\", \"less\", \"least\" or a number of bytes; it was 'les' (did you mean 'less'?)");
  CHECK(error_of([] { Memory(-5); }) == "memory is \"speed\", \"less\", \"least\" or a positive number of bytes; it was -5");
}
