// Layers that turn numbers into categories, and categories into vectors.
#pragma once
#include "cornu/layers/preprocessing.h"

namespace cornu {

/// What layers of categories give: the index itself; a vector of 0 and 1 for each index; one vector for all indices of a sample
/// with 1 where one occurs, or with how often.
enum class Encoding { integer, one_hot, multi_hot, count, tf_idf };
/// "int", "one_hot", "multi_hot", "count", "tf_idf"; read, too: "binary" (multi_hot), "tf-idf".
Config to_config(Encoding encoding);
void from_config(const Config& config, Encoding& encoding);

/// Integer indices [batch, ..., n] in the given encoding, as floats of `dtype` unless `integer`; an index that is not in
/// [0, depth) counts for nothing. one_hot: [batch, ..., n, depth], without the axis n if n = 1; multi_hot and count: summed over
/// axis 1, [batch, depth] for [batch, n]; one-dimensional indices are one sample, [depth]. `weights`, of the shape of the
/// indices, say what each counts for.
Value encode_categories(Value indices, Encoding encoding, int64_t depth, DType dtype, std::optional<Value> weights = {});

/// How many of `sorted` (ascending) are below each element of x, or with `or_equal` not above it: int64 of x's shape. A binary
/// search; NaN counts as above all.
Value search_sorted(Value x, const Tensor& sorted, bool or_equal);

/// The number of the bin that each element lies in: how many of the boundaries (ascending) are not above it. With num_bins instead
/// of boundaries, adapt() finds those that cut data into bins of about equal counts.
struct Discretization {
  std::optional<NumberArray> bin_boundaries = {};
  std::optional<int64_t> num_bins = {};
  double epsilon = 0.01;  // the share of the data that adapt() may be off by
  Encoding output_mode = Encoding::integer;

  static constexpr std::string_view class_name = "Discretization";
  static Config extras() { return only("sparse", false); }
  CORNU_FIELDS(bin_boundaries, num_bins, epsilon, output_mode)
  /// Sets bin_boundaries: the quantiles k / num_bins of the data, interpolated in a summary of about 1 / epsilon numbers, as
  /// Keras finds them.
  void adapt(const Tensor& data);
  Value operator()(Value x, Scope& scope) const;
};
CORNU_LAYER(Discretization)

/// Integers in [0, num_tokens) as vectors of num_tokens floats. The call takes "count_weights" for output_mode count.
struct CategoryEncoding {
  int64_t num_tokens = 0;
  Encoding output_mode = Encoding::multi_hot;

  static constexpr std::string_view class_name = "CategoryEncoding";
  static Config extras() { return only("sparse", false); }
  CORNU_FIELDS(num_tokens, output_mode)
  Value operator()(Value x, Scope& scope) const;
};
CORNU_LAYER(CategoryEncoding)

namespace layers {
using cornu::CategoryEncoding;
using cornu::Discretization;
}  // namespace layers

}  // namespace cornu
