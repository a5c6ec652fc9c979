// How long each candidate takes for the products of the workloads W1 to W7, for squares and for sizes that fit no block:
//   gemm_bench [--benchmark_filter=...]
// Names are case/candidate/data; data are "plain", "unaligned" (operands and result begin one element after a cache line) or
// "denormal" (both operands, with denormals flushed as a Program flushes them). GFLOP/s counts two operations for a multiply-add.
// One thread runs all slices.
#include <benchmark/benchmark.h>

#include <cstring>
#include <string>
#include <vector>

#include "cornu/kernels/gemm.h"
#include "cornu/runtime/denormals.h"

using namespace cornu;

namespace {

struct Case {
  const char* what;
  Gemm gemm;
};

const Case cases[] = {
    // W1: 784-10-10-10, batch 32; W7 runs it on one sample.
    {"W1_forward_uint8", {.m = 32, .n = 10, .k = 784, .transpose_b = true, .a = DType::uint8}},
    {"W1_forward", {.m = 32, .n = 10, .k = 784, .transpose_b = true}},
    {"W1_forward_plain_b", {.m = 32, .n = 10, .k = 784}},
    {"W1_dW_uint8", {.m = 10, .n = 784, .k = 32, .transpose_a = true, .b = DType::uint8}},
    {"W1_dW", {.m = 10, .n = 784, .k = 32, .transpose_a = true}},
    {"W1_dW_uint8_plain", {.m = 784, .n = 10, .k = 32, .transpose_a = true, .a = DType::uint8}},
    {"W1_small", {.m = 32, .n = 10, .k = 10}},
    {"W1_small_dX", {.m = 32, .n = 10, .k = 10, .transpose_b = true}},
    {"W1_small_dW", {.m = 10, .n = 10, .k = 32, .transpose_a = true}},
    {"W7_W1", {.m = 1, .n = 10, .k = 784, .transpose_b = true}},
    {"W7_W1_uint8", {.m = 1, .n = 10, .k = 784, .transpose_b = true, .a = DType::uint8}},
    {"W7_W1_small", {.m = 1, .n = 10, .k = 10}},
    {"W7_W3_dense", {.m = 1, .n = 128, .k = 1600}},
    {"W7_W3_last", {.m = 1, .n = 10, .k = 128}},
    // W2: 784-512-512-10, batch 128.
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
    // W3 and W4: the dense layers behind the convolutions.
    {"W3_dense", {.m = 64, .n = 128, .k = 1600}},
    {"W3_dense_dX", {.m = 64, .n = 1600, .k = 128, .transpose_b = true}},
    {"W3_dense_dW", {.m = 1600, .n = 128, .k = 64, .transpose_a = true}},
    {"W3_last", {.m = 64, .n = 10, .k = 128}},
    {"W3_last_dW", {.m = 128, .n = 10, .k = 64, .transpose_a = true}},
    {"W4_last", {.m = 128, .n = 10, .k = 64}},
    {"W4_last_dW", {.m = 64, .n = 10, .k = 128, .transpose_a = true}},
    // W5: LSTM of 128 over 200 steps, batch 64.
    {"W5_inputs", {.m = 12800, .n = 512, .k = 128}},
    {"W5_inputs_dX", {.m = 12800, .n = 128, .k = 512, .transpose_b = true}},
    {"W5_dW", {.m = 128, .n = 512, .k = 12800, .transpose_a = true}},
    {"W5_step", {.m = 64, .n = 512, .k = 128}},
    {"W5_step_steady", {.m = 64, .n = 512, .k = 128, .steady_b = true}},
    {"W5_step_dX", {.m = 64, .n = 128, .k = 512, .transpose_b = true}},
    {"W5_step_rows", {.m = 16, .n = 512, .k = 128, .steady_b = true}},
    {"W5_last", {.m = 64, .n = 2, .k = 128}},
    // W6: width 256, 4 heads, 128 tokens, batch 16.
    {"W6_projection", {.m = 2048, .n = 256, .k = 256}},
    {"W6_projection_dX", {.m = 2048, .n = 256, .k = 256, .transpose_b = true}},
    {"W6_projection_dW", {.m = 256, .n = 256, .k = 2048, .transpose_a = true}},
    {"W6_wide", {.m = 2048, .n = 1024, .k = 256}},
    {"W6_wide_dX", {.m = 2048, .n = 256, .k = 1024, .transpose_b = true}},
    {"W6_wide_dW", {.m = 256, .n = 1024, .k = 2048, .transpose_a = true}},
    {"W6_narrow", {.m = 2048, .n = 256, .k = 1024}},
    {"W6_narrow_dX", {.m = 2048, .n = 1024, .k = 256, .transpose_b = true}},
    {"W6_narrow_dW", {.m = 1024, .n = 256, .k = 2048, .transpose_a = true}},
    {"W6_scores", {.m = 128, .n = 128, .k = 64, .transpose_b = true, .batch = {{64, 128 * 64, 128 * 64}}}},
    {"W6_answers", {.m = 128, .n = 64, .k = 128, .batch = {{64, 128 * 128, 128 * 64}}}},
    // Tails: one more or one less than the blocks of every candidate.
    {"tail_7x17x9", {.m = 7, .n = 17, .k = 9}},
    {"tail_33x65x257", {.m = 33, .n = 65, .k = 257}},
    {"tail_97x15x255_tb", {.m = 97, .n = 15, .k = 255, .transpose_b = true}},
    {"tail_127x511x783_uint8", {.m = 127, .n = 511, .k = 783, .a = DType::uint8}},
    {"tail_129x513x513", {.m = 129, .n = 513, .k = 513}},
    {"tail_257x257x513_tb", {.m = 257, .n = 257, .k = 513, .transpose_b = true}},
    {"tail_509x251x1021_ta", {.m = 509, .n = 251, .k = 1021, .transpose_a = true}},
    {"one_row_1x512x784", {.m = 1, .n = 512, .k = 784}},
    {"square_64", {.m = 64, .n = 64, .k = 64}},
    {"square_128", {.m = 128, .n = 128, .k = 128}},
    {"square_256", {.m = 256, .n = 256, .k = 256}},
    {"square_512", {.m = 512, .n = 512, .k = 512}},
    {"square_1024", {.m = 1024, .n = 1024, .k = 1024}},
};

enum class Data { plain, unaligned, denormal };
constexpr const char* data_names[] = {"plain", "unaligned", "denormal"};

/// Memory for `n` numbers, and where they begin in it. Their values do not matter for time, unless they are denormal.
struct Operand {
  Tensor memory;
  std::byte* begin;
  Operand(DType dtype, int64_t n, Data data) : memory(DType::uint8, {n * static_cast<int64_t>(bytes_of(dtype)) + 128}) {
    const bool tiny = data == Data::denormal && dtype != DType::uint8;
    const Tensor values = Tensor(Shape{n}, std::vector<float>(static_cast<size_t>(n), tiny ? 1e-40f : 1.0f)).cast(dtype);
    begin = static_cast<std::byte*>(memory.mutable_data()) + (data == Data::unaligned ? bytes_of(dtype) : 0);
    std::memcpy(begin, values.data(), values.bytes());
  }
};

void run(benchmark::State& state, const Case& c, std::string_view name, Data data) {
  const auto kernel = gemm_candidate(name, c.gemm, this_machine());
  const Gemm& g = c.gemm;
  const Operand a(g.a, g.batches() * g.m * g.k, data), b(g.b, g.batches() * g.k * g.n, data), y(g.y, g.batches() * g.m * g.n, data);
  Tensor workspace(DType::uint8, {static_cast<int64_t>(kernel->workspace_bytes)}), scratch(DType::uint8, {static_cast<int64_t>(kernel->scratch_bytes)});
  void* buffers[] = {a.begin, b.begin, y.begin, workspace.mutable_data()};
  const FlushDenormals flush;
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
    for (const std::string_view name : gemm_candidates()) {
      if (name == "reference" || !gemm_candidate(name, c.gemm, this_machine())) continue;
      for (const Data data : {Data::plain, Data::unaligned, Data::denormal})
        benchmark::RegisterBenchmark((std::string(c.what) + "/" + std::string(name) + "/" + data_names[static_cast<int>(data)]).c_str(),
                                     [&c, name, data](benchmark::State& state) { run(state, c, name, data); })
            ->Unit(benchmark::kMicrosecond);
    }
  benchmark::RunSpecifiedBenchmarks();
}
