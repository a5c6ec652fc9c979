#include "cornu/nn/initializers.h"

#include <cmath>

#include "cornu/base/random.h"
#include "cornu/nn/choice_from_config.h"
#include "cornu/nn/choose.h"

namespace cornu {
namespace {

/// A tensor whose element i is number(i).
template <class F> Tensor filled(const Shape& shape, DType dtype, F number) {
  require<ShapeError>(shape.is_known(), "a weight's shape must be known, and is ", shape);
  Tensor t(dtype, shape);
  with_type(dtype, [&](auto zero) {
    using T = decltype(zero);
    const std::span<T> out = t.mutable_values<T>();
    for (size_t i = 0; i < out.size(); ++i) {
      if constexpr (std::is_same_v<T, bfloat16>) out[i] = T(static_cast<float>(number(i)));
      else out[i] = static_cast<T>(number(i));
    }
  });
  return t;
}

uint64_t own(const std::optional<int64_t>& seed, uint64_t given) { return seed ? static_cast<uint64_t>(*seed) : given; }

/// Four standard normal numbers at a time: element i is number i % 4 of block i / 4, in the draw-th draw.
class Normals {
 public:
  explicit Normals(uint64_t seed) : key_{seed, 0, 0} {}
  double operator()(size_t i, uint64_t draw = 0) {
    const auto block = static_cast<uint32_t>(i / 4);
    if (block != block_ || draw != draw_) {
      const std::array<uint32_t, 4> bits = random_block(key_, draw, block);
      const std::array<double, 2> a = normal_pair(bits[0], bits[1]), b = normal_pair(bits[2], bits[3]);
      numbers_ = {a[0], a[1], b[0], b[1]};
      block_ = block, draw_ = draw;
    }
    return numbers_[i % 4];
  }

 private:
  RandomKey key_;
  uint32_t block_ = ~0u;
  uint64_t draw_ = ~uint64_t{0};
  std::array<double, 4> numbers_{};
};

/// sqrt of the variance that is left of a standard normal when it is cut at two deviations.
constexpr double truncated_deviation = 0.87962566103423978;

template <class T> Tensor scaled(const T& t, double scale, const char* mode, const char* distribution, const Shape& shape, DType dtype, uint64_t seed) {
  return VarianceScaling{scale, mode, distribution, t.seed, t.input_axes, t.output_axes}(shape, dtype, seed);
}

double product_of_sizes(const Shape& shape, const FanAxes& axes) {
  double product = 1;
  for (const int64_t axis : axes.axes) product *= static_cast<double>(shape.dim(static_cast<int>(axis)));
  return product;
}

}  // namespace

Fans fans(const Shape& shape) {
  if (shape.rank() == 0) return {};
  if (shape.rank() == 1) return {static_cast<double>(shape[0]), static_cast<double>(shape[0])};
  const auto field = static_cast<double>(shape.drop_back(2).elements());
  return {static_cast<double>(shape.dim(-2)) * field, static_cast<double>(shape.dim(-1)) * field};
}

Tensor Zeros::operator()(const Shape& shape, DType dtype, uint64_t) const { return Tensor(dtype, shape); }
Tensor Ones::operator()(const Shape& shape, DType dtype, uint64_t) const {
  return filled(shape, dtype, [](size_t) { return 1.0; });
}
Tensor Constant::operator()(const Shape& shape, DType dtype, uint64_t) const {
  return filled(shape, dtype, [this](size_t) { return value; });
}

Tensor RandomNormal::operator()(const Shape& shape, DType dtype, uint64_t given) const {
  return filled(shape, dtype, [&, normal = Normals(own(seed, given))](size_t i) mutable { return mean + stddev * normal(i); });
}

Tensor TruncatedNormal::operator()(const Shape& shape, DType dtype, uint64_t given) const {
  return filled(shape, dtype, [&, first = Normals(own(seed, given)), again = Normals(own(seed, given))](size_t i) mutable {
    double number = first(i);
    for (uint64_t draw = 1; std::abs(number) > 2; ++draw) number = again(i, draw);
    return mean + stddev * number;
  });
}

Tensor RandomUniform::operator()(const Shape& shape, DType dtype, uint64_t given) const {
  const RandomKey key{own(seed, given), 0, 0};
  std::array<uint32_t, 4> bits{};
  return filled(shape, dtype, [&](size_t i) {
    if (i % 4 == 0) bits = random_block(key, 0, static_cast<uint32_t>(i / 4));
    return minval + (maxval - minval) * unit_double(bits[i % 4]);
  });
}

Tensor VarianceScaling::operator()(const Shape& shape, DType dtype, uint64_t given) const {
  require(scale > 0, "VarianceScaling: scale must be positive, and is ", scale);
  Fans f = fans(shape);
  if (!input_axes.axes.empty() || !output_axes.axes.empty()) f = {product_of_sizes(shape, input_axes), product_of_sizes(shape, output_axes)};
  double n = 0;
  if (mode == "fan_in") n = f.in;
  else if (mode == "fan_out") n = f.out;
  else if (mode == "fan_avg") n = (f.in + f.out) / 2;
  else throw ArgumentError(text("VarianceScaling: mode must be fan_in, fan_out or fan_avg, and is '", printable(mode), "'"));
  const double variance = scale / std::max(1.0, n);
  if (distribution == "truncated_normal" || distribution == "normal")
    return TruncatedNormal{0, std::sqrt(variance) / truncated_deviation, seed}(shape, dtype, given);
  if (distribution == "untruncated_normal") return RandomNormal{0, std::sqrt(variance), seed}(shape, dtype, given);
  require(distribution == "uniform", "VarianceScaling: distribution must be truncated_normal, untruncated_normal or uniform, and is '", printable(distribution), "'");
  const double limit = std::sqrt(3 * variance);
  return RandomUniform{-limit, limit, seed}(shape, dtype, given);
}

Tensor GlorotUniform::operator()(const Shape& s, DType d, uint64_t given) const { return scaled(*this, 1, "fan_avg", "uniform", s, d, given); }
Tensor GlorotNormal::operator()(const Shape& s, DType d, uint64_t given) const { return scaled(*this, 1, "fan_avg", "truncated_normal", s, d, given); }
Tensor HeUniform::operator()(const Shape& s, DType d, uint64_t given) const { return scaled(*this, 2, "fan_in", "uniform", s, d, given); }
Tensor HeNormal::operator()(const Shape& s, DType d, uint64_t given) const { return scaled(*this, 2, "fan_in", "truncated_normal", s, d, given); }
Tensor LecunUniform::operator()(const Shape& s, DType d, uint64_t given) const { return scaled(*this, 1, "fan_in", "uniform", s, d, given); }
Tensor LecunNormal::operator()(const Shape& s, DType d, uint64_t given) const { return scaled(*this, 1, "fan_in", "truncated_normal", s, d, given); }

Tensor Orthogonal::operator()(const Shape& shape, DType dtype, uint64_t given) const {
  require<ShapeError>(shape.rank() >= 2, "Orthogonal initializes weights of rank 2 or more, and was asked for ", shape);
  const auto rows = static_cast<size_t>(shape.drop_back().elements()), columns = static_cast<size_t>(shape.dim(-1));
  const size_t n = std::max(rows, columns), m = std::min(rows, columns);
  // Gram and Schmidt on m normal vectors of length n, each orthogonalised twice, which is enough (Giraud et al. 2005). It
  // gives the Q whose R has a positive diagonal: the sign correction that makes Q uniform (Mezzadri 2007) comes by itself.
  std::vector<double> q(n * m);
  Normals normal(own(seed, given));
  for (size_t j = 0; j < m; ++j) {
    double* v = &q[j * n];
    for (size_t i = 0; i < n; ++i) v[i] = normal(j * n + i);
    for (int pass = 0; pass < 2; ++pass) {
      for (size_t k = 0; k < j; ++k) {
        const double* u = &q[k * n];
        double along = 0;
        for (size_t i = 0; i < n; ++i) along += u[i] * v[i];
        for (size_t i = 0; i < n; ++i) v[i] -= along * u[i];
      }
    }
    double norm = 0;
    for (size_t i = 0; i < n; ++i) norm += v[i] * v[i];
    norm = std::sqrt(norm);
    for (size_t i = 0; i < n; ++i) v[i] /= norm;
  }
  const bool tall = rows >= columns;
  return filled(shape, dtype, [&](size_t i) {
    const size_t row = i / columns, column = i % columns;
    return gain * (tall ? q[column * n + row] : q[row * n + column]);
  });
}

Tensor Identity::operator()(const Shape& shape, DType dtype, uint64_t) const {
  require<ShapeError>(shape.rank() == 2, "Identity initializes matrices, and was asked for ", shape);
  const auto columns = static_cast<size_t>(shape[1]);
  return filled(shape, dtype, [&](size_t i) { return i / columns == i % columns ? gain : 0.0; });
}

namespace {
const Family<Zeros, Ones, Constant, RandomNormal, RandomUniform, TruncatedNormal, VarianceScaling, GlorotUniform, GlorotNormal, HeUniform,
             HeNormal, LecunUniform, LecunNormal, Orthogonal, Identity, STFT>
    family = {"initializer"};
}  // namespace

Initializer::Initializer() : Initializer(Zeros{}) {}
Initializer::Initializer(const char* name) : Initializer(std::string_view(name)) {}
Initializer::Initializer(const std::string& name) : Initializer(std::string_view(name)) {}
Initializer::Initializer(std::string_view name) : Initializer(choose<Initializer>(family, name)) { given_name_ = name; }

Tensor Initializer::operator()(const Shape& shape, DType dtype, uint64_t seed, uint64_t stream) const {
  const auto low = [](uint64_t n) { return static_cast<uint32_t>(n); };
  const auto high = [](uint64_t n) { return static_cast<uint32_t>(n >> 32); };
  const std::array<uint32_t, 4> mixed = philox({low(stream), high(stream), 0, 0}, {low(seed), high(seed)});
  Tensor t = self()->call(shape, dtype, uint64_t{mixed[1]} << 32 | mixed[0]);
  require<ShapeError>(t.shape() == shape && t.dtype() == dtype, "the initializer was asked for ", dtype, shape, " and returned ", t.dtype(), t.shape());
  return t;
}

Initializer with_fans(const Initializer& initializer, const std::vector<int64_t>& input_axes, const std::vector<int64_t>& output_axes) {
  Initializer out = initializer;
  const auto attempt = [&]<class T>(const T* found) {
    if (!found || !found->input_axes.axes.empty() || !found->output_axes.axes.empty()) return;
    T with = *found;
    with.input_axes.axes = input_axes;
    with.output_axes.axes = output_axes;
    out = Initializer(std::move(with));
  };
  attempt(initializer.as<VarianceScaling>());
  attempt(initializer.as<GlorotUniform>());
  attempt(initializer.as<GlorotNormal>());
  attempt(initializer.as<HeUniform>());
  attempt(initializer.as<HeNormal>());
  attempt(initializer.as<LecunUniform>());
  attempt(initializer.as<LecunNormal>());
  return out;
}

Config to_config(const FanAxes& axes) { return axes.axes.empty() ? Config() : to_config(axes.axes); }
void from_config(const Config& config, FanAxes& axes) {
  axes.axes.clear();
  if (!config.is_null()) from_config(config, axes.axes);
}

Config to_config(const Initializer& initializer) { return initializer.object_config("keras.initializers", "the initializer"); }

std::vector<ClassInfo> initializer_classes() { return classes_of(family); }

void from_config(const Config& config, Initializer& initializer) {
  if (const auto* held = config.held<Initializer>()) return void(initializer = *held);
  const ObjectConfig object = read_object(config, "initializer");
  initializer = value_in_config([&] { return choose<Initializer>(family, object.name, object.config); });
}

}  // namespace cornu
