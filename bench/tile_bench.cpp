// Adam's update, 8070 and 670 thousand floats: the tile machine against a loop fused by hand (AVX2). The loop is the limit;
// the aim is 1.3 times its time. Arrays begin on cache lines and denormals are flushed, as in a Program.
#include <benchmark/benchmark.h>
#include <immintrin.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "cornu/ops/ops.h"
#include "cornu/ops/tile_code.h"
#include "cornu/runtime/denormals.h"

namespace {

using namespace cornu;

struct Arrays {
  Tensor tensors[4];
  std::span<float> w, m, v, g;
  explicit Arrays(int64_t n) {
    const float values[] = {1.0f, 0.1f, 0.2f, 0.3f};
    std::span<float>* const spans[] = {&w, &m, &v, &g};
    for (size_t i = 0; i < 4; ++i) {
      tensors[i] = Tensor(DType::float32, Shape{n});
      *spans[i] = tensors[i].mutable_values<float>();
      std::fill(spans[i]->begin(), spans[i]->end(), values[i]);
    }
  }
};

__attribute__((target("avx2,fma"))) void by_hand(Arrays& x, float alpha) {
  const __m256 c1 = _mm256_set1_ps(0.1f), c2 = _mm256_set1_ps(0.001f), eps = _mm256_set1_ps(1e-7f), step = _mm256_set1_ps(alpha);
  const size_t n = x.w.size();
  size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    const __m256 g = _mm256_loadu_ps(&x.g[i]);
    __m256 m = _mm256_loadu_ps(&x.m[i]), v = _mm256_loadu_ps(&x.v[i]);
    m = _mm256_fmadd_ps(_mm256_sub_ps(g, m), c1, m);
    v = _mm256_fmadd_ps(_mm256_fmsub_ps(g, g, v), c2, v);
    const __m256 w = _mm256_sub_ps(_mm256_loadu_ps(&x.w[i]), _mm256_div_ps(_mm256_mul_ps(m, step), _mm256_add_ps(_mm256_sqrt_ps(v), eps)));
    _mm256_storeu_ps(&x.m[i], m), _mm256_storeu_ps(&x.v[i], v), _mm256_storeu_ps(&x.w[i], w);
  }
  for (; i < n; ++i) {
    x.m[i] += (x.g[i] - x.m[i]) * 0.1f;
    x.v[i] += (x.g[i] * x.g[i] - x.v[i]) * 0.001f;
    x.w[i] -= x.m[i] * alpha / (std::sqrt(x.v[i]) + 1e-7f);
  }
}

void adam_by_hand(benchmark::State& state) {
  Arrays x(state.range(0));
  const FlushDenormals flush;
  for (auto _ : state) {
    by_hand(x, 1e-6f);
    benchmark::ClobberMemory();
  }
}

void adam_tile(benchmark::State& state) {
  const int64_t n = state.range(0);
  Graph graph;
  const TensorType type{DType::float32, Shape{n}};
  const Value w = graph.input("w", type), m = graph.input("m", type), v = graph.input("v", type), g = graph.input("g", type);
  const Value alpha = graph.input("alpha", {DType::float32, Shape{}});
  const Value new_m = m + (g - m) * 0.1, new_v = v + (square(g) - v) * 0.001;
  const Value new_w = w - new_m * alpha / (sqrt(new_v) + 1e-7);
  std::vector<int> nodes;
  for (int i = 0; i < graph.size(); ++i)
    if (graph[i].op) nodes.push_back(i);
  const FusedGroup group = fuse(graph, nodes, std::vector{new_w, new_m, new_v});

  Arrays x(n);
  float step = 1e-6f;
  std::vector<TensorType> types;
  std::vector<void*> buffers;
  for (const Value in : group.inputs) {
    types.push_back(in.type());
    const Node& node = graph[in];
    if (node.constant) buffers.push_back(const_cast<void*>(node.constant->data()));
    else if (in == alpha) buffers.push_back(&step);
    else buffers.push_back(in == w ? x.w.data() : in == m ? x.m.data() : in == v ? x.v.data() : x.g.data());
  }
  buffers.insert(buffers.end(), {x.w.data(), x.m.data(), x.v.data()});
  const Kernel kernel = tile_kernel(tile_program(group.fused, types));
  const Tensor scratch(DType::uint8, Shape{static_cast<int64_t>(kernel.scratch_bytes)});
  const FlushDenormals flush;
  for (auto _ : state) {
    for (int s = 0; s < kernel.phases[0].slices; ++s) kernel.phases[0].run(kernel.context.get(), buffers.data(), s, const_cast<void*>(scratch.data()));
    benchmark::ClobberMemory();
  }
  state.counters["slices"] = kernel.phases[0].slices;
}

/// A dense layer's epilogue on a block of 32 x 10: bias and relu.
void epilogue_32_10(benchmark::State& state) {
  Graph graph;
  const Value x = graph.input("x", {DType::float32, Shape{32, 10}}), b = graph.input("b", {DType::float32, Shape{10}}), y = relu(x + b);
  const FusedGroup group = fuse(graph, std::vector{2, 3}, std::vector{y}, x);
  const std::vector<TensorType> types{x.type(), b.type()};
  const Epilogue epilogue(tile_program(group.fused, types));
  std::vector<float> block(320, 1.0f), bias(10, 0.5f);
  std::vector<std::byte> scratch(epilogue.scratch_bytes());
  void* operands[] = {bias.data(), block.data()};
  for (auto _ : state) {
    epilogue.run(block.data(), 10, 0, 32, 0, 10, operands, scratch.data());
    benchmark::ClobberMemory();
  }
}

BENCHMARK(adam_by_hand)->Arg(8070)->Arg(670000);
BENCHMARK(adam_tile)->Arg(8070)->Arg(670000);
BENCHMARK(epilogue_32_10);

}  // namespace

BENCHMARK_MAIN();
