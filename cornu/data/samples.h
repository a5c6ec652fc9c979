// A set of samples, or a batch of them: inputs, targets and weights, row by row; and what can be wrong with them.
#pragma once
#include <string_view>
#include <utility>
#include <vector>

#include "cornu/tensor/tensor.h"

namespace cornu {

/// Row i of every tensor belongs to sample i. Models with several inputs or outputs have several x or y; predict needs no y. A
/// weight, of each sample or of each of its steps, is for all y, or there is one for each.
struct Samples {
  std::vector<Tensor> x = {};
  std::vector<Tensor> y = {};
  std::vector<Tensor> sample_weight = {};

  /// How many there are. Throws ArgumentError unless there is an x and all tensors have the same number of rows.
  int64_t rows() const;
  /// Samples [first, last); shares memory.
  Samples part(int64_t first, int64_t last) const;
};

/// Training and validation samples: the last n - floor(n * (1 - split)) of n are for validation, as in Keras.
/// Throws ArgumentError unless 0 < split < 1 and both parts have samples.
std::pair<Samples, Samples> split_validation(const Samples& samples, double split);

/// Throws ArgumentError, with the first bad sample and its place within it, if a floating-point tensor holds a NaN or an
/// infinity. `what` names it: "x".
void check_finite(const Tensor& tensor, std::string_view what);

/// Smallest and largest element of an integer tensor; {0, -1} if it is empty. Throws ArgumentError for other dtypes.
std::pair<int64_t, int64_t> range_of(const Tensor& integers);
/// Throws ArgumentError, with the first bad sample, unless all elements of `labels` (integers, or floats without fraction) are
/// classes, 0 to classes - 1.
void check_labels(const Tensor& labels, int64_t classes, std::string_view what = "y");

}  // namespace cornu
