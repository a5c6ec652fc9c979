// CTC in log space: a scan over the steps that carries the log probability of each place in "blank a blank b blank ...".
#include "cornu/losses/ctc.h"

#include "cornu/losses/define_loss.h"
#include "cornu/ops/ops.h"

namespace cornu {
namespace {

constexpr double impossible = -1e30;      // log 0, finite: sums and differences of it are no NaN
constexpr double cost_of_none = 706.8936;  // -log(1e-307)

/// The labels with blanks around them, [batch, 2 longest + 1], and whether a place may be reached over the blank before it.
struct Places {
  Value symbols, may_skip;
};
Places places_of(Value labels) {
  const int64_t batch = labels.dim(0), longest = labels.dim(1);
  // Labels spread out with a blank (0) before, between and after: pad does all three.
  const Value symbols = pad(labels, {0, 1}, {0, 1}, 0, {0, 1});
  Value differs = longest > 1 ? cast(not_equal(slice(labels, {0, 1}, {batch, longest}), slice(labels, {0, 0}, {batch, longest - 1})), DType::int32)
                              : Value();
  // Place 2 i + 1 holds label i; from the second label on, it may follow another one directly.
  const Value may_skip = longest > 1 ? pad(differs, {0, 3}, {0, 1}, 0, {0, 1}) : broadcast_to(scalar(cast(labels, DType::int32), 0), symbols.shape());
  return {symbols, not_equal(may_skip, scalar(may_skip, 0))};
}

/// x[b, s - by], and `impossible` before the first place.
Value later(Value x, int64_t by) {
  const int64_t batch = x.dim(0), places = x.dim(1);
  if (by >= places) return broadcast_to(scalar(x, impossible), x.shape());
  return pad(slice(x, {0, 0}, {batch, places - by}), {0, by}, {0, 0}, impossible);
}

}  // namespace

Value CTC::operator()(Value y_true, Value y_pred) const {
  require<ShapeError>(y_pred.shape().rank() == 3, name, " wants logits of shape [batch, steps, classes], and was given ", y_pred.shape());
  const int64_t batch = y_pred.dim(0), steps = y_pred.dim(1), classes = y_pred.dim(2);
  require<ShapeError>(y_true.shape().rank() == 2 && y_true.dim(0) == batch && y_true.dim(1) >= 1 && steps >= 1, name, " wants integer labels of shape [", batch,
                      ", longest] for logits ", y_pred.shape(), ", and was given ", y_true.shape());
  Graph& g = *y_pred.graph;
  const Value labels = cast(y_true, DType::int64);
  const Places at = places_of(labels);
  const int64_t places = at.symbols.dim(1);

  // log p of each place's symbol at each step, [steps, batch, places]: one gather from the numbers laid out flat.
  const Value flat = reshape(log_softmax(y_pred), {batch * steps * classes});
  const Shape all{steps, batch, places};
  const Value row = iota(g, all, 1) * static_cast<double>(steps) + iota(g, all, 0);
  const Value observed = gather(flat, row * static_cast<double>(classes) + at.symbols);

  // The first step is at the first blank or at the first label.
  const Value first = reshape(slice(observed, {0, 0, 0}, {1, batch, places}), {batch, places});
  const Value place = iota(g, {batch, places}, 1);
  Value forward = select(less(place, scalar(place, 2)), first, scalar(first, impossible));
  if (steps > 1) {
    const Value rest = slice(observed, {1, 0, 0}, {steps, batch, places});
    forward = scan({forward}, {rest}, [&](Values carried, Values slices) {
      const Value stay = carried[0], two = later(stay, 2);
      const Value reached = logaddexp(logaddexp(stay, later(stay, 1)), select(at.may_skip, two, scalar(two, impossible)));
      return std::vector<Value>{reached + slices[0]};
    })[0];
  }

  // The last step is at the last label or at the blank after it.
  const Value is_label = cast(not_equal(labels, scalar(labels, 0)), DType::int64);
  const Value end = sum(is_label, {1}, true) * 2;
  const auto at_place = [&](Value wanted) {
    const Value chosen = equal(place, wanted);
    return select(greater_equal(wanted, scalar(wanted, 0)), sum(select(chosen, forward, scalar(forward, 0)), {1}, true), scalar(forward, impossible));
  };
  const Value total = reshape(logaddexp(at_place(end), at_place(end - 1)), {batch});
  return select(greater(total, scalar(total, impossible / 10)), -total, scalar(total, cost_of_none));
}
CORNU_DEFINE_LOSS(CTC)

}  // namespace cornu
