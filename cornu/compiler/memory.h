// What a step may keep in memory for its backward pass, and what it computes again instead.
#pragma once
#include <concepts>
#include <cstdint>
#include <string_view>

namespace cornu {

/// How much memory a step's intermediate values may take, against the time of computing some of them twice. Results are the same,
/// bit for bit. Weights, what the optimizer keeps and the batch are not counted.
///
///   "speed"  nothing is computed twice. The default.
///   "less"   activations, normalizations and whatever else is one pass over its operands is computed again where the backward pass
///            wants it, as far as that makes the step smaller (Keras's RematScope("activations")).
///   "least"  and so are products, convolutions and all else, wherever that makes the step smaller still (Keras's
///            RematScope("full")). Chosen greedily: of a deep stack more is kept than the square root of its depth, which
///            Chen et al., "Training Deep Nets with Sublinear Memory Cost", reach.
///   bytes    as little is computed twice as fits: cheap things first. A step that cannot be made so small is an error.
class Memory {
 public:
  enum class Kind : uint8_t { speed, less, least, bytes };
  Memory() = default;
  /// Throws ArgumentError unless it is "speed", "less", "least" or a number of bytes in digits.
  Memory(std::string_view name);
  Memory(const char* name) : Memory(std::string_view(name)) {}
  /// Throws ArgumentError unless it is positive.
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  Memory(T bytes) : Memory(Kind::bytes, static_cast<int64_t>(bytes)) {}

  Kind kind() const { return kind_; }
  /// How many, if that is what it is.
  int64_t bytes() const { return bytes_; }
  bool operator==(const Memory&) const = default;

 private:
  Memory(Kind kind, int64_t bytes);
  Kind kind_ = Kind::speed;
  int64_t bytes_ = 0;
};

}  // namespace cornu
