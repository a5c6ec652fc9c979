// Every candidate against the plainest convolution, in all three passes, on sizes, strides, margins and groups chosen to be awkward.
#include "cornu/kernels/convolution.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "cornu/base/error.h"
#include "numbers.h"
#include "run_kernel.h"

using namespace cornu;

namespace {

struct Options {
  std::array<int64_t, 3> in, kernel, stride = {1, 1, 1}, dilation = {1, 1, 1}, before = {0, 0, 0}, after = {0, 0, 0};
  int64_t channels = 1, filters = 1, groups = 1, batch = 2;
};
ConvolutionShape shape_of(const Options& o) {
  ConvolutionShape s{.batch = o.batch, .channels = o.channels, .filters = o.filters, .groups = o.groups, .in = o.in, .kernel = o.kernel, .stride = o.stride,
                     .dilation = o.dilation, .before = o.before};
  for (size_t a = 0; a < 3; ++a) s.out[a] = (o.in[a] + o.before[a] + o.after[a] - (o.kernel[a] - 1) * o.dilation[a] - 1) / o.stride[a] + 1;
  return s;
}

Shape field(int64_t batch, const std::array<int64_t, 3>& size, int64_t channels) { return {batch, size[0], size[1], size[2], channels}; }
Shape x_shape(const ConvolutionShape& s) { return field(s.batch, s.in, s.channels); }
Shape y_shape(const ConvolutionShape& s) { return field(s.batch, s.out, s.filters); }
Shape w_shape(const ConvolutionShape& s) { return {s.kernel[0], s.kernel[1], s.kernel[2], s.group_channels(), s.filters}; }

struct Task {
  Convolving c;
  Tensor first, second;
  Shape result;
};
Task task(ConvolutionPass pass, const ConvolutionShape& s, DType x = DType::float32) {
  const auto numbers = [](const Shape& shape, DType dtype, unsigned seed) {
    Tensor t = normal_numbers(shape, DType::float32, seed);
    if (dtype == DType::uint8)
      for (float& v : t.mutable_values<float>()) v = std::floor(std::abs(v) * 80);
    return misaligned(t.cast(dtype));
  };
  const DType other = x == DType::float64 ? x : DType::float32;
  const Tensor of_x = numbers(x_shape(s), x, 1), of_w = numbers(w_shape(s), other, 2), of_y = numbers(y_shape(s), other, 3);
  if (pass == ConvolutionPass::forward) return {{pass, s, x, other}, of_x, of_w, y_shape(s)};
  if (pass == ConvolutionPass::input) return {{pass, s, x, other}, of_y, of_w, x_shape(s)};
  return {{pass, s, x, other}, of_x, of_y, w_shape(s)};
}

Tensor run(const Kernel& kernel, const Task& t) { return run_kernel(kernel, {t.first, t.second}, {{t.c.other, t.result}})[0]; }

/// Any order of the sum in float32 is within n epsilon of the sum of magnitudes (Higham, 3.1): 2^-24 n sqrt(n) for normal numbers.
void check_all(const Options& o, std::initializer_list<std::string_view> expected, DType x = DType::float32) {
  const ConvolutionShape s = shape_of(o);
  for (const ConvolutionPass pass : {ConvolutionPass::forward, ConvolutionPass::input, ConvolutionPass::weights}) {
    if (pass == ConvolutionPass::input && x == DType::uint8) continue;
    const Task t = task(pass, s, x);
    const Tensor want = run(*convolution_candidate("reference", t.c, this_machine()), t);
    const auto terms = static_cast<double>(pass == ConvolutionPass::forward ? s.taps() * s.group_channels()
                                           : pass == ConvolutionPass::input ? s.taps() * s.group_filters()
                                                                            : s.batch * s.out_positions());
    const double bound = 0x1p-24 * (terms + 4) * 6 * (x == DType::uint8 ? 255 : 1);
    std::vector<Machine> machines = {Machine{}, this_machine()};
    if (this_machine().avx512) machines.push_back({.avx2 = true});
    for (const Machine& machine : machines)
      for (const std::string_view name : convolution_candidates()) {
        const auto kernel = convolution_candidate(name, t.c, machine);
        if (!kernel) {
          CHECK(std::find(expected.begin(), expected.end(), name) == expected.end());
          continue;
        }
        CAPTURE(name);
        CAPTURE(static_cast<int>(pass));
        CAPTURE(text(x_shape(s), w_shape(s), y_shape(s)));
        check_near(run(*kernel, t), want, 1e-6, bound);
      }
  }
}

}  // namespace

TEST_CASE("the reference convolves a row that can be done by hand") {
  const ConvolutionShape s = shape_of({.in = {1, 1, 4}, .kernel = {1, 1, 2}, .before = {0, 0, 1}, .batch = 1});
  Task t = task(ConvolutionPass::forward, s);
  t.first = Tensor(x_shape(s), std::vector<float>{1, 2, 3, 4});
  t.second = Tensor(w_shape(s), std::vector<float>{10, 1});
  CHECK(run(*convolution_candidate("reference", t.c, this_machine()), t) == Tensor(y_shape(s), std::vector<float>{1, 12, 23, 34}));
}

TEST_CASE("every candidate agrees with the reference over one, two and three axes") {
  check_all({.in = {1, 1, 9}, .kernel = {1, 1, 3}, .channels = 3, .filters = 5}, {"direct"});
  check_all({.in = {1, 1, 300}, .kernel = {1, 1, 5}, .channels = 2, .filters = 17, .batch = 1}, {"direct"});
  check_all({.in = {1, 7, 6}, .kernel = {1, 3, 2}, .channels = 9, .filters = 33}, {"direct"});
  check_all({.in = {1, 13, 13}, .kernel = {1, 3, 3}, .channels = 32, .filters = 64}, {"direct"});
  check_all({.in = {1, 28, 28}, .kernel = {1, 3, 3}, .channels = 1, .filters = 32}, {"direct"});
  check_all({.in = {4, 5, 6}, .kernel = {2, 3, 2}, .channels = 4, .filters = 6}, {"direct"});
  check_all({.in = {1, 2, 2}, .kernel = {1, 2, 2}, .channels = 20, .filters = 3, .batch = 5}, {"direct"});
}

TEST_CASE("margins of zeros on either side") {
  check_all({.in = {1, 5, 6}, .kernel = {1, 3, 3}, .before = {0, 1, 1}, .after = {0, 1, 1}, .channels = 8, .filters = 16}, {"direct"});
  check_all({.in = {1, 5, 6}, .kernel = {1, 3, 4}, .before = {0, 2, 0}, .after = {0, 0, 3}, .channels = 1, .filters = 2}, {"direct"});
  check_all({.in = {3, 4, 2}, .kernel = {3, 3, 3}, .before = {1, 2, 1}, .after = {1, 0, 2}, .channels = 2, .filters = 3}, {"direct"});
  check_all({.in = {1, 2, 2}, .kernel = {1, 5, 5}, .before = {0, 2, 2}, .after = {0, 2, 2}, .channels = 8, .filters = 9}, {"direct"});
  check_all({.in = {1, 1, 3}, .kernel = {1, 1, 2}, .before = {0, 0, 5}, .after = {0, 0, 4}, .channels = 9, .filters = 2}, {"direct"});
}

TEST_CASE("strides and dilation, also where some of x is never read") {
  check_all({.in = {1, 9, 10}, .kernel = {1, 3, 3}, .stride = {1, 2, 2}, .before = {0, 1, 0}, .after = {0, 0, 1}, .channels = 10, .filters = 12}, {"direct"});
  check_all({.in = {1, 8, 11}, .kernel = {1, 2, 1}, .stride = {1, 3, 4}, .channels = 3, .filters = 2}, {"direct"});
  check_all({.in = {5, 6, 7}, .kernel = {2, 2, 2}, .stride = {3, 1, 2}, .before = {1, 1, 1}, .channels = 2, .filters = 3}, {"direct"});
  check_all({.in = {1, 9, 10}, .kernel = {1, 3, 3}, .dilation = {1, 2, 3}, .before = {0, 2, 3}, .after = {0, 2, 3}, .channels = 16, .filters = 8}, {"direct"});
  check_all({.in = {1, 9, 10}, .kernel = {1, 3, 2}, .stride = {1, 2, 3}, .dilation = {1, 3, 2}, .before = {0, 1, 1}, .channels = 3, .filters = 4}, {"direct"});
}

TEST_CASE("groups, and as many of them as channels") {
  check_all({.in = {1, 6, 5}, .kernel = {1, 3, 3}, .before = {0, 1, 1}, .after = {0, 1, 1}, .channels = 6, .filters = 4, .groups = 2}, {"direct"});
  check_all({.in = {1, 6, 5}, .kernel = {1, 2, 2}, .stride = {1, 2, 1}, .channels = 30, .filters = 60, .groups = 3}, {"direct"});
  for (const int64_t multiplier : {1, 2, 3}) {
    check_all({.in = {1, 7, 9}, .kernel = {1, 3, 3}, .before = {0, 1, 1}, .after = {0, 1, 1}, .channels = 11, .filters = 11 * multiplier, .groups = 11},
              {"depthwise", "direct"});
    check_all({.in = {1, 7, 9}, .kernel = {1, 3, 2}, .stride = {1, 2, 3}, .channels = 16, .filters = 16 * multiplier, .groups = 16}, {"depthwise"});
    check_all({.in = {1, 7, 9}, .kernel = {1, 2, 2}, .dilation = {1, 2, 3}, .before = {0, 2, 0}, .channels = 3, .filters = 3 * multiplier, .groups = 3}, {"depthwise"});
  }
}

TEST_CASE("a kernel of one position is a matrix product, unless it skips some") {
  const auto none = std::initializer_list<std::string_view>{"direct"};
  check_all({.in = {1, 5, 7}, .kernel = {1, 1, 1}, .channels = 20, .filters = 9}, none);
  check_all({.in = {1, 5, 7}, .kernel = {1, 1, 1}, .stride = {1, 2, 2}, .channels = 20, .filters = 9}, none);
  const Convolving plain{ConvolutionPass::forward, shape_of({.in = {1, 5, 7}, .kernel = {1, 1, 1}, .channels = 20, .filters = 9})};
  CHECK(convolution_candidate("product", plain, this_machine()));
  const Convolving skips{ConvolutionPass::forward, shape_of({.in = {1, 5, 7}, .kernel = {1, 1, 1}, .stride = {1, 2, 2}, .channels = 20, .filters = 9})};
  CHECK_FALSE(convolution_candidate("product", skips, this_machine()));
}

TEST_CASE("many channels are added up in stretches") {
  check_all({.in = {1, 4, 7}, .kernel = {1, 2, 3}, .channels = 150, .filters = 20, .batch = 1}, {"direct"});
  check_all({.in = {1, 4, 3}, .kernel = {1, 2, 2}, .channels = 200, .filters = 20, .batch = 1}, {"direct"});
}

TEST_CASE("uint8 images are read as numbers, and float64 is added up in double") {
  check_all({.in = {1, 9, 8}, .kernel = {1, 3, 3}, .before = {0, 1, 1}, .after = {0, 1, 1}, .channels = 3, .filters = 8}, {"direct"}, DType::uint8);
  check_all({.in = {1, 5, 7}, .kernel = {1, 1, 1}, .channels = 3, .filters = 8}, {"direct"}, DType::uint8);
  check_all({.in = {1, 5, 7}, .kernel = {1, 2, 2}, .channels = 3, .filters = 3, .groups = 3}, {"depthwise"}, DType::uint8);
  check_all({.in = {1, 5, 7}, .kernel = {1, 2, 2}, .channels = 3, .filters = 3}, {"reference"}, DType::float64);
}

TEST_CASE("no samples make no results, and a kernel's gradient of zeros") {
  check_all({.in = {1, 5, 7}, .kernel = {1, 2, 2}, .channels = 3, .filters = 3, .batch = 0}, {"reference"});
}

TEST_CASE("an epilogue sees every number once, in its place, while nothing else is written") {
  const auto add_relu = [](const TileSource* in, void* y, int64_t n) {
    for (int64_t i = 0; i < n; ++i) {
      const float sum = static_cast<const float*>(in[0].data)[i & in[0].mask] + static_cast<const float*>(in[1].data)[i & in[1].mask];
      static_cast<float*>(y)[i] = sum > 0 ? sum : 0;
    }
  };
  for (const Options& o : {Options{.in = {1, 13, 13}, .kernel = {1, 3, 3}, .channels = 8, .filters = 20}, Options{.in = {1, 1, 400}, .kernel = {1, 1, 3}, .channels = 2, .filters = 3},
                           Options{.in = {3, 5, 4}, .kernel = {2, 2, 2}, .before = {1, 1, 1}, .channels = 3, .filters = 2},
                           Options{.in = {1, 5, 4}, .kernel = {1, 1, 1}, .channels = 3, .filters = 7}})
    for (const ConvolutionPass pass : {ConvolutionPass::forward, ConvolutionPass::input}) {
      const Task t = task(pass, shape_of(o));
      const int64_t last = t.result.dim(-1);
      const Tensor bias = normal_numbers({last}, DType::float32, 9);
      TileProgram program{.space = t.result, .inputs = {{.strides = dense_strides(t.result)}, {.strides = {0, 0, 0, 0, 1}}},
                          .code = {{.function = add_relu, .y = 2}}, .outputs = {2}, .output_types = {DType::float32}};
      program.code[0].operands[0] = 0, program.code[0].operands[1] = 1;
      const Epilogue epilogue(program);
      Tensor want = run(*convolution_candidate("reference", t.c, this_machine()), t);
      auto values = want.mutable_values<float>();
      for (size_t i = 0; i < values.size(); ++i) values[i] = std::max(0.0f, values[i] + bias.values<float>()[i % static_cast<size_t>(last)]);
      for (const std::string_view name : convolution_candidates()) {
        const auto kernel = convolution_candidate(name, t.c, this_machine(), &epilogue);
        if (!kernel) continue;
        CAPTURE(name);
        check_near(run_kernel(*kernel, {t.first, t.second, bias}, {{DType::float32, t.result}})[0], want, 1e-5, 1e-4);
      }
    }
}

TEST_CASE("the best candidate comes first, and what nothing takes is refused") {
  const auto first = [](const Options& o, ConvolutionPass pass = ConvolutionPass::forward) {
    return convolution_kernels({pass, shape_of(o)}, this_machine())[0].name;
  };
  CHECK(first({.in = {1, 5, 5}, .kernel = {1, 3, 3}, .channels = 2, .filters = 4}) == "convolution.direct");
  CHECK(first({.in = {1, 5, 5}, .kernel = {1, 3, 3}, .channels = 4, .filters = 4, .groups = 4}, ConvolutionPass::weights) == "convolution.depthwise");
  CHECK(first({.in = {1, 5, 5}, .kernel = {1, 1, 1}, .channels = 2, .filters = 4}).starts_with("gemm."));
  CHECK_THROWS_WITH_AS(convolution_kernels({ConvolutionPass::forward, shape_of({.in = {1, 1, 2}, .kernel = {1, 1, 1}}), DType::int32}, this_machine()),
                       "a convolution of int32 with float32 has no kernel: cast both to float32", UnsupportedError);
  CHECK_THROWS_WITH_AS(convolution_candidate("direkt", {}, this_machine()), "no kernel for convolutions is called 'direkt' (did you mean 'direct'?)", ArgumentError);
}
