// How long the three passes of the convolutions of common networks take, on one thread and on all cores:
//   conv_bench [--benchmark_filter=...]
// GFLOP/s counts two operations for a multiply-add.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "cornu/base/team.h"
#include "cornu/kernels/convolution.h"
#include "cornu/kernels/pooling.h"

using namespace cornu;

namespace {

struct Case {
  const char* what;
  ConvolutionShape shape;
};

ConvolutionShape square(int64_t batch, int64_t in, int64_t channels, int64_t filters, int64_t kernel, int64_t stride = 1, bool same = false, int64_t groups = 1) {
  ConvolutionShape s{.batch = batch, .channels = channels, .filters = filters, .groups = groups, .in = {1, in, in}, .kernel = {1, kernel, kernel},
                     .stride = {1, stride, stride}};
  int64_t out = same ? (in + stride - 1) / stride : (in - kernel) / stride + 1;
  if (same) s.before[1] = s.before[2] = std::max<int64_t>((out - 1) * stride + kernel - in, 0) / 2;
  s.out = {1, out, out};
  return s;
}

const Case cases[] = {
    {"mnist_1", square(64, 28, 1, 32, 3)},
    {"mnist_2", square(64, 13, 32, 64, 3)},
    {"cifar_1_same", square(64, 32, 3, 32, 3, 1, true)},
    {"cifar_2_same", square(64, 32, 32, 32, 3, 1, true)},
    {"cifar_3_same", square(64, 16, 64, 64, 3, 1, true)},
    {"resnet20_16", square(128, 32, 16, 16, 3, 1, true)},
    {"resnet20_32", square(128, 16, 32, 32, 3, 1, true)},
    {"resnet20_64", square(128, 8, 64, 64, 3, 1, true)},
    {"deep_same", square(32, 8, 256, 256, 3, 1, true)},
    {"small_same", square(32, 4, 512, 512, 3, 1, true)},
    {"strided_same", square(32, 32, 64, 128, 3, 2, true)},
    {"pointwise", square(32, 16, 128, 128, 1)},
    {"depthwise_same", square(32, 32, 64, 64, 3, 1, true, 64)},
    {"grouped_same", square(32, 16, 64, 64, 3, 1, true, 4)},
    {"conv1d_causal", {.batch = 32, .channels = 64, .filters = 64, .in = {1, 1, 256}, .out = {1, 1, 256}, .kernel = {1, 1, 5}, .before = {0, 0, 4}}},
};

Tensor ones(int64_t n) { return Tensor(Shape{n}, std::vector<float>(static_cast<size_t>(n), 1.0f)); }

struct Work {
  const Kernel& kernel;
  std::vector<void*> buffers;
  std::vector<Tensor> scratch;
};

void run(benchmark::State& state, const Kernel& kernel, std::vector<Tensor> tensors, int threads, double flops) {
  Team team(threads);
  Tensor workspace(DType::uint8, {static_cast<int64_t>(kernel.workspace_bytes)});
  Work work{kernel, {}, {}};
  for (Tensor& t : tensors) work.buffers.push_back(t.mutable_data());
  work.buffers.push_back(workspace.mutable_data());
  for (int i = 0; i < threads; ++i) work.scratch.emplace_back(DType::uint8, Shape{static_cast<int64_t>(kernel.scratch_bytes)});
  std::vector<int> slices;
  for (const Phase& phase : kernel.phases) slices.push_back(phase.slices);
  const auto run_slice = [](void* context, int phase, int slice, int member) {
    auto& w = *static_cast<Work*>(context);
    w.kernel.phases[static_cast<size_t>(phase)].run(w.kernel.context.get(), w.buffers.data(), slice, const_cast<void*>(w.scratch[static_cast<size_t>(member)].data()));
  };
  for (auto _ : state) team.run(slices, run_slice, &work);
  if (flops > 0) state.counters["GFLOP/s"] = benchmark::Counter(1e-9 * flops, benchmark::Counter::kIsIterationInvariantRate);
}

void add(const Case& c, ConvolutionPass pass, const char* name, int threads) {
  const ConvolutionShape& s = c.shape;
  const int64_t x = s.batch * s.in_positions() * s.channels, y = s.batch * s.out_positions() * s.filters, w = s.taps() * s.group_channels() * s.filters;
  const auto sizes = pass == ConvolutionPass::forward ? std::array{x, w, y} : pass == ConvolutionPass::input ? std::array{y, w, x} : std::array{x, y, w};
  const auto kernel = convolution_kernels({pass, s}, this_machine())[0];
  benchmark::RegisterBenchmark((std::string(c.what) + "/" + name + "/" + kernel.name + "/" + std::to_string(threads)).c_str(),
                               [=](benchmark::State& state) { run(state, kernel, {ones(sizes[0]), ones(sizes[1]), ones(sizes[2])}, threads, 2 * s.multiply_adds()); })
      ->Unit(benchmark::kMicrosecond)
      ->UseRealTime();
}

void add_pooling(Pooling what, const char* name, int threads) {
  const PoolingShape s{.batch = 64, .channels = 32, .in = {1, 26, 26}, .out = {1, 13, 13}, .size = {1, 2, 2}, .stride = {1, 2, 2}};
  const Tensor x = ones(s.batch * s.in_positions() * s.channels), y = ones(s.batch * s.out_positions() * s.channels), where = y.cast(DType::int32);
  const auto kernel = pooling_kernels(what, DType::float32, s)[0];
  const std::vector<Tensor> tensors = what == Pooling::max ? std::vector{x, y, where} : what == Pooling::max_put ? std::vector{y, where, x} : std::vector{x, y};
  benchmark::RegisterBenchmark((std::string("pool_2x2/") + name + "/" + std::to_string(threads)).c_str(),
                               [=](benchmark::State& state) { run(state, kernel, tensors, threads, 0); })
      ->Unit(benchmark::kMicrosecond)
      ->UseRealTime();
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  std::vector<int> teams = {1};
  if (available_cores() > 1) teams.push_back(available_cores());
  for (const int threads : teams) {
    for (const Case& c : cases) {
      add(c, ConvolutionPass::forward, "forward", threads);
      add(c, ConvolutionPass::input, "input", threads);
      add(c, ConvolutionPass::weights, "weights", threads);
    }
    add_pooling(Pooling::max, "max", threads);
    add_pooling(Pooling::max_put, "max_put", threads);
    add_pooling(Pooling::average, "average", threads);
  }
  benchmark::RunSpecifiedBenchmarks();
}
