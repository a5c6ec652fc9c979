// Layers that prepare numbers: Rescaling and Normalization.
#pragma once
#include "cornu/nn/layer.h"

namespace cornu {

/// One number for all, or one for each index of the last axis.
struct Factor {
  std::vector<double> numbers;
  Factor(double number = 0) : numbers{number} {}
  Factor(std::initializer_list<double> list) : numbers(list) {}
};
/// A number or a list, as in Keras.
Config to_config(const Factor& factor);
void from_config(const Config& config, Factor& factor);

/// x * scale + offset, in floats whatever x is: Rescaling{1.0 / 255} for images.
struct Rescaling {
  Factor scale = 1;
  Factor offset = 0;
  static constexpr std::string_view class_name = "Rescaling";
  CORNU_FIELDS(scale, offset)
  Value operator()(Value x, Scope& scope) const;
};
CORNU_LAYER(Rescaling)

/// KeptAxes by number, negative ones from the end; {} is none. In configs a number, a list or null.
struct KeptAxes {
  std::vector<int64_t> list;
  KeptAxes() = default;
  KeptAxes(int64_t axis) : list{axis} {}
  KeptAxes(std::initializer_list<int64_t> axes) : list(axes) {}
};
Config to_config(const KeptAxes& axes);
void from_config(const Config& config, KeptAxes& axes);

/// Numbers of any shape, as a config holds them: a number or nested lists.
struct NumberArray {
  Shape shape;
  std::vector<double> numbers = {0};
  NumberArray() = default;
  NumberArray(double number) : numbers{number} {}
  NumberArray(std::initializer_list<double> list) : shape({static_cast<int64_t>(list.size())}), numbers(list) {}
  NumberArray(const Tensor& tensor);
};
Config to_config(const NumberArray& array);
void from_config(const Config& config, NumberArray& array);

/// (x - mean) / max(sqrt(variance), 1e-7), or with `invert` the way back. There is one mean and one variance for each index of
/// the axes `axis` (one for all when there are none), given here or learned by adapt(). Weights, unless they are given:
/// mean and variance, of the sizes of the axes, and count [], all three untrained; count is kept only for Keras's files.
struct Normalization {
  KeptAxes axis = -1;
  std::optional<NumberArray> mean = {};
  std::optional<NumberArray> variance = {};
  bool invert = false;

  static constexpr std::string_view class_name = "Normalization";
  static constexpr bool supports_masking = true;
  CORNU_FIELDS(axis, invert, mean, variance)
  /// Mean and biased variance of `data` [samples, ...], in double, over all axes but `axis`. What they are goes into the weights
  /// of models that are made of this struct afterwards; configs do not hold it, files do. Throws ArgumentError when mean and
  /// variance were given.
  void adapt(const Tensor& data);
  Value operator()(Value x, Scope& scope) const;

  std::optional<Tensor> adapted_mean = {}, adapted_variance = {};  // float64; set by adapt()
};
CORNU_LAYER(Normalization)

namespace layers {
using cornu::Normalization;
using cornu::Rescaling;
}  // namespace layers

}  // namespace cornu
