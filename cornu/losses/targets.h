// How labels and predictions are brought together: shared by losses and metrics.
#pragma once
#include <optional>
#include <string_view>

#include "cornu/graph/op.h"

namespace cornu {

/// Keras's squeeze_or_expand_to_same_rank, then a check that both have one shape. y_true is cast to y_pred's dtype.
/// `who` stands in front of the error.
struct Pair {
  Value y_true, y_pred;
};
Pair same_shape(Value y_true, Value y_pred, std::string_view who);

/// y_true as integer class numbers of y_pred's shape without its last axis: [batch, 1] is squeezed.
Value class_labels(Value y_true, Value y_pred, std::string_view who);

/// Per-sample weights in the dtype of `values`, ready to multiply them: [batch, 1] is squeezed, [batch] is stretched along
/// further axes of the values.
Value aligned_weight(Value weight, Value values);

/// The mean along an axis; numbers of rank 1 are one for each sample already.
Value mean_along(Value x, int64_t axis = -1);
/// x with `axis` moved to the end.
Value with_axis_last(Value x, int64_t axis, std::string_view who);

/// Keras's rule for "accuracy" and "crossentropy": what the shapes say the labels are.
enum class Targets { binary, sparse, categorical };
Targets kind_of_targets(const Shape& y_true, const Shape& y_pred);

}  // namespace cornu
