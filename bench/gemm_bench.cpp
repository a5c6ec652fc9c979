// How long each candidate takes for the products of the workloads in bench/ (the mission's model, W2's layers, some squares):
//   gemm_bench [--benchmark_filter=...]
// GFLOP/s counts two operations for a multiply-add. One thread runs all slices.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "cornu/kernels/gemm.h"

using namespace cornu;

namespace {

struct Case {
  const char* what;
  Gemm gemm;
};

const Case cases[] = {
    {"W1_forward_uint8", {.m = 32, .n = 10, .k = 784, .transpose_b = true, .a = DType::uint8}},
    {"W1_forward", {.m = 32, .n = 10, .k = 784, .transpose_b = true}},
    {"W1_forward_plain_b", {.m = 32, .n = 10, .k = 784}},
    {"W1_weights_uint8", {.m = 10, .n = 784, .k = 32, .transpose_a = true, .b = DType::uint8}},
    {"W1_weights", {.m = 10, .n = 784, .k = 32, .transpose_a = true}},
    {"W1_weights_uint8_plain", {.m = 784, .n = 10, .k = 32, .transpose_a = true, .a = DType::uint8}},
    {"W1_one_sample", {.m = 1, .n = 10, .k = 784, .transpose_b = true}},
    {"W1_one_sample_uint8", {.m = 1, .n = 10, .k = 784, .transpose_b = true, .a = DType::uint8}},
    {"small_32x10x10", {.m = 32, .n = 10, .k = 10}},
    {"small_32x10x10_tb", {.m = 32, .n = 10, .k = 10, .transpose_b = true}},
    {"small_10x10x32_ta", {.m = 10, .n = 10, .k = 32, .transpose_a = true}},
    {"one_row_1x512x784", {.m = 1, .n = 512, .k = 784}},
    {"W2_1", {.m = 128, .n = 512, .k = 784}},
    {"W2_1_uint8", {.m = 128, .n = 512, .k = 784, .a = DType::uint8}},
    {"W2_2", {.m = 128, .n = 512, .k = 512}},
    {"W2_2_dX", {.m = 128, .n = 512, .k = 512, .transpose_b = true}},
    {"W2_1_dW", {.m = 784, .n = 512, .k = 128, .transpose_a = true}},
    {"W2_1_dW_uint8", {.m = 784, .n = 512, .k = 128, .transpose_a = true, .a = DType::uint8}},
    {"W2_2_dW", {.m = 512, .n = 512, .k = 128, .transpose_a = true}},
    {"W2_3", {.m = 128, .n = 10, .k = 512}},
    {"W2_3_tb", {.m = 128, .n = 10, .k = 512, .transpose_b = true}},
    {"W2_3_dW", {.m = 512, .n = 10, .k = 128, .transpose_a = true}},
    {"W2_3_dX", {.m = 128, .n = 512, .k = 10, .transpose_b = true}},
    {"LSTM_step", {.m = 64, .n = 512, .k = 128}},
    {"attention_heads", {.m = 128, .n = 128, .k = 64, .transpose_b = true, .batch = {{64, 128 * 64, 128 * 64}}}},
    {"transformer", {.m = 2048, .n = 256, .k = 256}},
    {"square_64", {.m = 64, .n = 64, .k = 64}},
    {"square_128", {.m = 128, .n = 128, .k = 128}},
    {"square_256", {.m = 256, .n = 256, .k = 256}},
    {"square_512", {.m = 512, .n = 512, .k = 512}},
    {"square_1024", {.m = 1024, .n = 1024, .k = 1024}},
};

Tensor ones(DType dtype, int64_t n) { return Tensor(Shape{n}, std::vector<float>(static_cast<size_t>(n), 1.0f)).cast(dtype); }

void run(benchmark::State& state, const Case& c, std::string_view name) {
  const auto kernel = gemm_candidate(name, c.gemm, this_machine());
  const Gemm& g = c.gemm;
  Tensor a = ones(g.a, g.batches() * g.m * g.k), b = ones(g.b, g.batches() * g.k * g.n), y = ones(g.y, g.batches() * g.m * g.n);
  Tensor workspace(DType::uint8, {static_cast<int64_t>(kernel->workspace_bytes)}), scratch(DType::uint8, {static_cast<int64_t>(kernel->scratch_bytes)});
  void* buffers[] = {a.mutable_data(), b.mutable_data(), y.mutable_data(), workspace.mutable_data()};
  for (auto _ : state)
    for (const Phase& phase : kernel->phases)
      for (int slice = 0; slice < phase.slices; ++slice) phase.run(kernel->context.get(), buffers, slice, scratch.mutable_data());
  state.counters["GFLOP/s"] = benchmark::Counter(2e-9 * g.multiply_adds(), benchmark::Counter::kIsIterationInvariantRate);
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  for (const Case& c : cases)
    for (const std::string_view name : gemm_candidates())
      if (name != "reference" && gemm_candidate(name, c.gemm, this_machine()))
        benchmark::RegisterBenchmark((std::string(c.what) + "/" + std::string(name)).c_str(), [&c, name](benchmark::State& state) { run(state, c, name); })
            ->Unit(benchmark::kMicrosecond);
  benchmark::RunSpecifiedBenchmarks();
}
