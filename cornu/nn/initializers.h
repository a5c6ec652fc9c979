// How weights begin. Numbers come from a counter-based generator: the same seed gives the same weights on any machine.
#pragma once
#include <array>
#include <concepts>

#include "cornu/nn/choice.h"
#include "cornu/tensor/tensor.h"

namespace cornu {

// Each is called with a shape, a dtype and the seed to use unless it has one of its own. With a seed of its own it gives the
// same numbers in each call, as Keras does with an integer seed.

struct Zeros {
  static constexpr std::string_view class_name = "Zeros";
  static constexpr std::array aliases = {std::string_view("zero")};
  CORNU_FIELDS()
  Tensor operator()(const Shape& shape, DType dtype, uint64_t seed) const;
};
struct Ones {
  static constexpr std::string_view class_name = "Ones";
  static constexpr std::array aliases = {std::string_view("one")};
  CORNU_FIELDS()
  Tensor operator()(const Shape& shape, DType dtype, uint64_t seed) const;
};
struct Constant {
  double value = 0;
  static constexpr std::string_view class_name = "Constant";
  CORNU_FIELDS(value)
  Tensor operator()(const Shape& shape, DType dtype, uint64_t seed) const;
};

struct RandomNormal {
  double mean = 0, stddev = 0.05;
  std::optional<int64_t> seed = {};
  static constexpr std::string_view class_name = "RandomNormal";
  static constexpr std::array aliases = {std::string_view("normal")};
  CORNU_FIELDS(mean, stddev, seed)
  Tensor operator()(const Shape& shape, DType dtype, uint64_t seed) const;
};
/// [minval, maxval).
struct RandomUniform {
  double minval = -0.05, maxval = 0.05;
  std::optional<int64_t> seed = {};
  static constexpr std::string_view class_name = "RandomUniform";
  static constexpr std::array aliases = {std::string_view("uniform")};
  CORNU_FIELDS(minval, maxval, seed)
  Tensor operator()(const Shape& shape, DType dtype, uint64_t seed) const;
};
/// Normal, redrawn beyond two deviations. `stddev` is that before truncation.
struct TruncatedNormal {
  double mean = 0, stddev = 0.05;
  std::optional<int64_t> seed = {};
  static constexpr std::string_view class_name = "TruncatedNormal";
  CORNU_FIELDS(mean, stddev, seed)
  Tensor operator()(const Shape& shape, DType dtype, uint64_t seed) const;
};

/// The axes of a weight that count as its inputs or outputs; none: the last two are, as fans() has it.
struct FanAxes {
  std::vector<int64_t> axes;
  bool operator==(const FanAxes&) const = default;
};
Config to_config(const FanAxes& axes);
void from_config(const Config& config, FanAxes& axes);
/// Files that say nothing of axes are read by Keras before 3.15 too.
template <class Self, class Visit> void visit_fan_axes(Self& self, Visit& visit) {
  if constexpr (std::is_const_v<Self>) {
    if (self.input_axes.axes.empty() && self.output_axes.axes.empty()) return;
  }
  visit("input_axes", self.input_axes);
  visit("output_axes", self.output_axes);
}

/// Variance scale / n, with n the fan_in, the fan_out or their mean (fan_avg). Distributions: truncated_normal (deviation
/// sqrt(scale/n) after truncation), untruncated_normal, uniform in [-limit, limit) with limit = sqrt(3 scale / n). With
/// input_axes and output_axes the fans are the products of the sizes of those axes.
struct VarianceScaling {
  double scale = 1;
  std::string mode = "fan_in";
  std::string distribution = "truncated_normal";
  std::optional<int64_t> seed = {};
  FanAxes input_axes = {}, output_axes = {};
  static constexpr std::string_view class_name = "VarianceScaling";
  template <class Self, class Visit> static void fields(Self& self, Visit&& visit) {
    visit("scale", self.scale);
    visit("mode", self.mode);
    visit("distribution", self.distribution);
    visit("seed", self.seed);
    visit_fan_axes(self, visit);
  }
  Tensor operator()(const Shape& shape, DType dtype, uint64_t seed) const;
};
// The named cases of VarianceScaling: Glorot and Bengio 2010, He et al. 2015, LeCun et al. 1998.
#define CORNU_SCALED(Name)                                                               \
  struct Name {                                                                          \
    std::optional<int64_t> seed = {};                                                    \
    FanAxes input_axes = {}, output_axes = {};                                           \
    static constexpr std::string_view class_name = #Name;                                \
    template <class Self, class Visit> static void fields(Self& self, Visit&& visit) {   \
      visit("seed", self.seed);                                                          \
      visit_fan_axes(self, visit);                                                       \
    }                                                                                    \
    Tensor operator()(const Shape& shape, DType dtype, uint64_t seed) const;             \
  };
CORNU_SCALED(GlorotUniform)
CORNU_SCALED(GlorotNormal)
CORNU_SCALED(HeUniform)
CORNU_SCALED(HeNormal)
CORNU_SCALED(LecunUniform)
CORNU_SCALED(LecunNormal)
#undef CORNU_SCALED

/// gain times a matrix with orthonormal columns (rows, if it has fewer rows than columns), uniformly distributed (Saxe et
/// al. 2014); leading axes of a larger shape are taken together as rows.
struct Orthogonal {
  double gain = 1;
  std::optional<int64_t> seed = {};
  static constexpr std::string_view class_name = "Orthogonal";
  static constexpr std::array aliases = {std::string_view("OrthogonalInitializer")};
  CORNU_FIELDS(gain, seed)
  Tensor operator()(const Shape& shape, DType dtype, uint64_t seed) const;
};
/// The kernel [time, 1, frequencies] of a short-time Fourier transform: the real or imaginary part of exp(-2 pi i t f / n), with
/// n = 2 (frequencies - 1), times a window that is scaled to density (the root of the sum of squares) or spectrum (the sum).
/// Windows by name as SciPy's (hann, hamming, blackman, bartlett, ...), or their numbers, or none.
struct STFT {
  struct Window {
    std::optional<std::string> name = "hann";
    std::optional<std::vector<double>> numbers = {};
  };
  std::string side = "real";
  Window window = {};
  std::optional<std::string> scaling = "density";
  bool periodic = false;
  static constexpr std::string_view class_name = "STFT";
  static constexpr std::array aliases = {std::string_view("STFTInitializer")};
  CORNU_FIELDS(side, window, periodic, scaling)
  Tensor operator()(const Shape& shape, DType dtype, uint64_t seed) const;
};
Config to_config(const STFT::Window& window);
void from_config(const Config& config, STFT::Window& window);
/// A window by SciPy's name; periodic: the first n numbers of one of n + 1. Throws UnsupportedError for a name that is not known.
std::vector<double> window_named(std::string_view name, int64_t n, bool periodic);

/// gain on the diagonal of a matrix.
struct Identity {
  double gain = 1;
  static constexpr std::string_view class_name = "Identity";
  static constexpr std::array aliases = {std::string_view("IdentityInitializer")};
  CORNU_FIELDS(gain)
  Tensor operator()(const Shape& shape, DType dtype, uint64_t seed) const;
};

/// How many numbers flow into and out of one unit: {in, out} of a matrix; leading axes of a larger shape are a receptive field.
struct Fans {
  double in = 1, out = 1;
};
Fans fans(const Shape& shape);

struct InitializerInterface : Choosable {
  virtual Tensor call(const Shape& shape, DType dtype, uint64_t seed) const = 0;
};
template <class T>
concept InitializerObject = requires(const T& t, const Shape& s, DType d, uint64_t seed) {
  { t(s, d, seed) } -> std::convertible_to<Tensor>;
};

/// An initializer: Keras's name for one ("glorot_uniform" or "GlorotUniform"), one of the structs above, or a function
/// (const Shape&, DType, uint64_t seed) -> Tensor. Throws ArgumentError for an unknown name, suggesting the near one.
class Initializer : public Choice<InitializerInterface> {
 public:
  Initializer();
  Initializer(std::string_view name);
  Initializer(const char* name);
  Initializer(const std::string& name);
  template <InitializerObject T> Initializer(T object) : Choice(std::make_shared<Holder<T>>(std::move(object))) {}

  /// Two weights with the same seed differ by their stream.
  Tensor operator()(const Shape& shape, DType dtype, uint64_t seed, uint64_t stream) const;

 private:
  template <class T> struct Holder final : Chosen<InitializerInterface, T> {
    using Chosen<InitializerInterface, T>::Chosen;
    Tensor call(const Shape& shape, DType dtype, uint64_t seed) const override { return this->object(shape, dtype, seed); }
  };
  friend Config to_config(const Initializer& initializer);
};

/// One of VarianceScaling's kind with these fans, unless it has fans of its own; any other as it is.
Initializer with_fans(const Initializer& initializer, const std::vector<int64_t>& input_axes, const std::vector<int64_t>& output_axes);

/// Keras's object dict.
Config to_config(const Initializer& initializer);
void from_config(const Config& config, Initializer& initializer);

}  // namespace cornu
