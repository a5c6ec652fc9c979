#include "cornu/optimizers/adafactor.h"

#include "cornu/ops/ops.h"

namespace cornu {
namespace {
Shape without(const Shape& shape, int axis) {
  Shape left;
  for (int i = 0; i < shape.rank(); ++i)
    if (i != axis) left.push_back(shape[i]);
  return left;
}
Shape with_one(const Shape& shape, int axis) {
  Shape kept = shape;
  kept[axis] = 1;
  return kept;
}
Value rms(Value x) { return sqrt(mean(square(x))); }
}  // namespace

std::optional<Slot> Adafactor::slot(std::string_view slot, const std::string&, const TensorType& weight) const {
  if (slot == "velocity") return Slot{weight};
  const int rank = weight.shape.rank();
  if (rank < 2) return Slot{{DType::int32, {}}};
  return Slot{{weight.dtype, without(weight.shape, slot == "r" ? rank - 1 : rank - 2)}};
}

Value Adafactor::operator()(WeightUpdate& u) const {
  const Value t = u.step, g = u.gradient, v = u.slot("velocity");
  const Value rate = u.once("relative rate", [&] { return minimum(u.learning_rate, rsqrt(t)); });
  const Value keep = u.once("keep", [&] { return 1 - power(t, scalar(t, beta_2_decay)); }), add = u.once("add", [&] { return 1 - keep; });
  const Value s = square(g) + epsilon_1;
  const Shape& shape = g.shape();
  const int rank = shape.rank();
  Value next_v;
  if (rank >= 2) {
    const auto next_mean = [&](std::string_view slot, int axis) {
      const Value kept = u.slot(slot, {g.dtype(), without(shape, axis)});
      const Value next = kept * keep + mean(s, {axis}) * add;
      u.set(kept, next);
      return next;
    };
    const Value r = next_mean("r", rank - 1), c = next_mean("c", rank - 2);
    next_v = reshape(r / mean(r, {-1}, true), with_one(shape, rank - 1)) * reshape(c, with_one(shape, rank - 2));
  } else {
    next_v = v * keep + s * add;
  }
  u.set(v, next_v);
  const Value step = g / sqrt(next_v), size = rms(u.weight), length = rms(step);
  const Value alpha = maximum(size, scalar(size, epsilon_2)) * rate / maximum(length / clip_threshold, scalar(length, 1));
  return u.weight - step * alpha;
}

std::vector<std::vector<std::string_view>> Adafactor::slots() const { return {{"r", "c", "velocity"}}; }

}  // namespace cornu
