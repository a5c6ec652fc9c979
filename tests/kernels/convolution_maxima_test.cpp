// The gradients of max-pooled convolutions against what they stand for: max pooling's transpose, then a convolution's gradient.
#include "cornu/kernels/convolution_maxima.h"

#include <doctest/doctest.h>

#include "cornu/base/error.h"
#include "numbers.h"
#include "run_kernel.h"

using namespace cornu;

namespace {

struct Options {
  std::array<int64_t, 2> in, kernel = {3, 3}, before = {0, 0}, after = {0, 0}, window = {2, 2}, stride = {2, 2}, pool_before = {0, 0}, pool_after = {0, 0};
  int64_t channels, filters, batch = 3;
};

ConvolutionOfMaxima sizes_of(const Options& o, DType x = DType::float32) {
  ConvolutionOfMaxima m{{.batch = o.batch, .channels = o.channels, .filters = o.filters}, {.batch = o.batch, .channels = o.filters}, x};
  for (size_t a = 0; a < 2; ++a) {
    ConvolutionShape& c = m.convolution;
    c.in[a + 1] = o.in[a], c.kernel[a + 1] = o.kernel[a], c.before[a + 1] = o.before[a];
    c.out[a + 1] = o.in[a] + o.before[a] + o.after[a] - o.kernel[a] + 1;
    m.pool.in[a + 1] = c.out[a + 1], m.pool.size[a + 1] = o.window[a], m.pool.stride[a + 1] = o.stride[a], m.pool.before[a + 1] = o.pool_before[a];
    m.pool.out[a + 1] = (c.out[a + 1] + o.pool_before[a] + o.pool_after[a] - o.window[a]) / o.stride[a] + 1;
  }
  return m;
}

Shape field(int64_t batch, const std::array<int64_t, 3>& size, int64_t channels) { return {batch, size[1], size[2], channels}; }

struct Case {
  ConvolutionOfMaxima m;
  Tensor x, w, d, where, spread;  // spread: d where the maxima were
  explicit Case(const Options& o, DType x_type = DType::float32) : m(sizes_of(o, x_type)) {
    const ConvolutionShape& c = m.convolution;
    x = normal_numbers(field(c.batch, c.in, c.channels), DType::float32, 1);
    if (x_type == DType::uint8)
      for (float& v : x.mutable_values<float>()) v = std::floor(std::abs(v) * 80);
    x = misaligned(x.cast(x_type));
    w = misaligned(normal_numbers({c.kernel[1], c.kernel[2], c.channels, c.filters}, DType::float32, 2));
    const Shape pooled = field(c.batch, m.pool.out, c.filters), all = field(c.batch, c.out, c.filters);
    where = run_kernel(pooling_kernels(Pooling::max, DType::float32, m.pool)[0], {normal_numbers(all, DType::float32, 3)}, {{DType::float32, pooled}, {DType::int32, pooled}})[1];
    d = normal_numbers(pooled, DType::float32, 4);
    for (float& v : d.mutable_values<float>()) v = v < 0 ? 0.0f : v;  // as behind a relu
    spread = run_kernel(pooling_kernels(Pooling::max_put, DType::float32, m.pool)[0], {d, where}, {{DType::float32, all}})[0];
  }

  Tensor plain(ConvolutionPass pass, const Tensor& a, const Tensor& b, const Shape& result) const {
    const DType type = pass == ConvolutionPass::weights ? m.x : DType::float32;
    return run_kernel(*convolution_candidate("reference", {pass, m.convolution, type}, this_machine()), {a, b}, {{DType::float32, result}})[0];
  }
};

void check(const Options& o, DType x_type = DType::float32) {
  const Case c(o, x_type);
  CAPTURE(text(c.x.shape(), c.w.shape(), c.d.shape()));
  REQUIRE(c.m.applies());
  const double terms = static_cast<double>(o.batch * c.m.pool.out_positions() + 4) * (x_type == DType::uint8 ? 255 : 1);
  const Tensor dw = run_kernel(kernel_gradient_of_maxima(c.m)[0], {c.x, c.d, c.where}, {{DType::float32, c.w.shape()}})[0];
  check_near(dw, c.plain(ConvolutionPass::weights, c.x, c.spread, c.w.shape()), 1e-6, 0x1p-24 * 6 * terms);
  if (x_type == DType::uint8) return;
  const Tensor dx = run_kernel(input_gradient_of_maxima(c.m)[0], {c.d, c.where, c.w}, {{DType::float32, c.x.shape()}})[0];
  const double of_x = static_cast<double>(c.m.convolution.taps() * o.filters + 4);
  check_near(dx, c.plain(ConvolutionPass::input, c.spread, c.w, c.x.shape()), 1e-6, 0x1p-24 * 6 * of_x);
}

}  // namespace

TEST_CASE("gradients of maxima are those of the convolution, with zeros left out") {
  check({.in = {13, 13}, .channels = 32, .filters = 64});
  check({.in = {28, 28}, .channels = 1, .filters = 32});
  check({.in = {9, 8}, .channels = 3, .filters = 5});
  check({.in = {9, 8}, .kernel = {2, 4}, .channels = 7, .filters = 19, .batch = 70});
}

TEST_CASE("margins, windows that overlap or leave numbers out, kernels of one position") {
  check({.in = {8, 9}, .before = {1, 1}, .after = {1, 1}, .channels = 4, .filters = 9});
  check({.in = {8, 9}, .before = {0, 2}, .after = {2, 0}, .channels = 20, .filters = 17});
  check({.in = {10, 11}, .window = {3, 3}, .stride = {2, 2}, .pool_before = {1, 0}, .pool_after = {0, 1}, .channels = 2, .filters = 8});
  check({.in = {10, 11}, .window = {2, 2}, .stride = {3, 4}, .channels = 6, .filters = 3});
  check({.in = {6, 6}, .kernel = {1, 1}, .channels = 5, .filters = 16});
  check({.in = {6, 7}, .kernel = {5, 5}, .before = {2, 2}, .after = {2, 2}, .channels = 1, .filters = 6});
}

TEST_CASE("bytes are read as numbers") { check({.in = {9, 8}, .before = {1, 1}, .after = {1, 1}, .channels = 3, .filters = 8}, DType::uint8); }

TEST_CASE("an epilogue sees the gradient of x in rows of channels") {
  const Case c(Options{.in = {8, 9}, .before = {1, 1}, .after = {1, 1}, .channels = 4, .filters = 9});
  const TileFunction twice = [](const TileSource* in, void* y, int64_t n) {
    for (int64_t i = 0; i < n; ++i) static_cast<float*>(y)[i] = 2 * static_cast<const float*>(in[0].data)[i & in[0].mask];
  };
  TileProgram program{.space = c.x.shape(), .inputs = {{DType::float32, {8 * 9 * 4 * 1, 9 * 4, 4, 1}}}, .code = {{twice, {0, -1, -1, -1, -1}, 1, Lane::f32}},
                      .outputs = {1}, .output_types = {DType::float32}};
  const Epilogue epilogue(program);
  const auto run = [&](const Epilogue* e) { return run_kernel(input_gradient_of_maxima(c.m, e)[0], {c.d, c.where, c.w}, {{DType::float32, c.x.shape()}})[0]; };
  Tensor plain = run(nullptr);
  for (float& v : plain.mutable_values<float>()) v *= 2;
  CHECK(run(&epilogue) == plain);
}

TEST_CASE("what these kernels do not take is left to others") {
  ConvolutionOfMaxima m = sizes_of({.in = {9, 9}, .channels = 2, .filters = 4});
  CHECK(m.applies());
  m.convolution.stride[1] = 2;
  CHECK_FALSE(m.applies());
  CHECK_FALSE(sizes_of({.in = {9, 9}, .window = {3, 3}, .stride = {1, 1}, .channels = 2, .filters = 4}).applies());  // hardly a zero
  CHECK_FALSE(sizes_of({.in = {90, 90}, .channels = 20, .filters = 4}).applies());  // samples beyond the caches
}
