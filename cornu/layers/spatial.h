// What layers over spatial axes share: what they say to an input that does not fit, and where padding goes. For their .cpp files.
#pragma once
#include "cornu/layers/per_axis.h"
#include "cornu/nn/scope.h"

namespace cornu::spatial {

/// The layer that speaks, and what it was given.
struct Speaker {
  const Scope& scope;
  std::string_view class_name;
  Shape in;

  std::string where() const { return text(scope.path(), ": ", class_name); }
  int axes() const { return in.rank() - 2; }
  std::vector<int64_t> sizes() const { return in.part(1, in.rank() - 1).sizes(); }
};

/// Throws ShapeError unless x is [batch, N axes, channels].
Speaker speaker(const Scope& scope, std::string_view class_name, const Value& x, int axes);

/// Throws ArgumentError unless every number is at least `least`.
void check_sizes(const Speaker& s, std::string_view what, const std::vector<int64_t>& sizes, int64_t least = 1);

/// "valid", "same" (and "causal" where allowed), in lower case. Throws ArgumentError for another word.
std::string padding_named(const Speaker& s, const std::string& given, bool causal = false);

struct Padding {
  std::vector<int64_t> before, after;
};
/// Keras's: none; or so much that there are ceil(in / stride) windows, the odd one after; or all of it before. `reach`: how many
/// positions a window covers, its gaps included. Throws ShapeError where no window fits.
Padding padding_for(const Speaker& s, const std::string& padding, const std::vector<int64_t>& in, const std::vector<int64_t>& reach,
                    const std::vector<int64_t>& strides);

/// (kernel - 1) dilation + 1, along each axis.
std::vector<int64_t> reach_of(const std::vector<int64_t>& kernel, const std::vector<int64_t>& dilation);

/// No stride above one together with a dilation above one.
void check_strides(const Speaker& s, const std::vector<int64_t>& strides, const std::vector<int64_t>& dilation);

}  // namespace cornu::spatial
