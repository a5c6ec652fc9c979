// Random numbers as an op: a function of a key, so that a graph which draws has no hidden state.
#include <algorithm>
#include <array>
#include <cmath>

#include "cornu/graph/define_op.h"
#include "cornu/kernels/random.h"
#include "cornu/ops/ops.h"

namespace cornu {
namespace {

constexpr std::array<std::string_view, 4> distribution_names = {"uniform", "normal", "truncated_normal", "bernoulli"};

Draw draw_of(Distribution d) {
  switch (d) {
    case Distribution::normal: return Draw::normal;
    case Distribution::truncated_normal: return Draw::truncated_normal;
    case Distribution::bernoulli: return Draw::bernoulli;
    case Distribution::uniform: break;
  }
  return Draw::uniform;
}

}  // namespace

Config to_config(Distribution d) { return distribution_names[static_cast<size_t>(d)]; }
void from_config(const Config& c, Distribution& d) {
  const auto found = std::find(distribution_names.begin(), distribution_names.end(), c.as_string());
  require<FormatError>(found != distribution_names.end(), "a distribution is uniform, normal, truncated_normal or bernoulli, but was given '",
                       printable(c.as_string()), "'", did_you_mean(c.as_string(), distribution_names));
  d = static_cast<Distribution>(found - distribution_names.begin());
}

struct Random::Rules : Random {
  static constexpr std::string_view name = "random", doc = "Random numbers from the key {seed, step, first row}: the same however a batch is cut.";
  static constexpr Properties has = {.differentiable = false, .random = true};

  std::vector<TensorType> infer(Types in) const {
    require<ShapeError>(in.size() == 1 && in[0] == TensorType{DType::int64, {3}}, "random takes a key int64[3] {seed, step, first row}, but was given ",
                        std::vector<TensorType>(in.begin(), in.end()));
    require<ShapeError>(shape.is_known(), "random needs known sizes, but was given ", shape);
    const auto which = distribution_names[static_cast<size_t>(distribution)];
    require<ShapeError>(std::isfinite(a) && std::isfinite(b), "random ", which, ": a and b should be finite, but are ", a, " and ", b);
    switch (distribution) {
      case Distribution::uniform:
        require<ShapeError>(dtype != DType::boolean && (is_float(dtype) ? a <= b : a < b), "random uniform in [", a, ", ", b, ") of ", dtype, " has no numbers to draw");
        break;
      case Distribution::bernoulli:
        require<ShapeError>(0 <= a && a <= 1, "random bernoulli: a is a probability, but was given ", a);
        break;
      default:
        require<ShapeError>(is_float(dtype) && b >= 0, "random ", which, " draws floats with a deviation of at least 0, but was given ", dtype, " and ", b);
    }
    return {{dtype, shape}};
  }
  std::vector<Kernel> kernels(const KernelRequest&) const {
    const int64_t rows = shape.empty() ? 1 : shape[0], elements = shape.empty() ? 1 : shape.drop_front().elements();
    return {random_kernel(dtype, {draw_of(distribution), rows, elements, a, b, static_cast<uint64_t>(stream)})};
  }
  static std::vector<Example> examples() {
    const Tensor key({3}, std::vector<int64_t>{42, 7, 16});
    return {{Random{Distribution::uniform, {4, 5}, DType::float32, -1, 1, 3}, {key}, false},
            {Random{Distribution::normal, {3, 2, 3}, DType::float64}, {key}, false},
            {Random{Distribution::truncated_normal, {8}, DType::float32, 1, 0.5, 9}, {key}, false},
            {Random{Distribution::bernoulli, {2, 9}, DType::boolean, 0.25}, {key}, false},
            {Random{Distribution::uniform, {}, DType::float32}, {key}, false},
            {Random{Distribution::uniform, {0, 4}, DType::int32, 0, 10}, {key}, false}};
  }
};
CORNU_DEFINE_OP(Random)

Value random(Value key, Random how) { return emit(std::move(how), {key}); }

}  // namespace cornu
