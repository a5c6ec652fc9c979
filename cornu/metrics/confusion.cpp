// Counts, precision and recall: all of them count the same bins.
#include "cornu/metrics/confusion.h"

#include "cornu/metrics/define_metric.h"

namespace cornu {
namespace {

constexpr double below_all = -1e10;  // with top_k, what is among the k largest is above
constexpr std::string_view for_each_threshold = "one for each threshold";

template <class T> Thresholds thresholds_of(const T& t) {
  if constexpr (requires { t.top_k; }) return {t.thresholds.list, t.top_k ? below_all : 0.5, t.name};
  else return {t.thresholds.list, 0.5, t.name};
}
template <class T> std::vector<Value> counted(const T& t, Values states, Value y_true, Value y_pred, std::optional<Value> weight) {
  CountOptions options;
  if constexpr (requires { t.top_k; }) options = {.top_k = t.top_k, .class_id = t.class_id};
  return count(states, y_true, y_pred, weight, thresholds_of(t), options, t.name);
}

}  // namespace

// The members that are the same in all six; `at` turns the counts into the result.
#define COUNTED(T, at)                                                                                                                      \
  std::vector<MetricState> T::states() const { return bin_states(thresholds_of(*this).size()); }                                            \
  std::vector<Value> T::update(Values states, Value y_true, Value y_pred, std::optional<Value> weight) const {                              \
    return counted(*this, states, y_true, y_pred, weight);                                                                                  \
  }                                                                                                                                         \
  Tensor T::result(std::span<const Tensor> states) const {                                                                                  \
    const Thresholds all = thresholds_of(*this);                                                                                            \
    const Confusion c = confusion(states, all.size());                                                                                      \
    return one_or_many(all.in_given_order(at));                                                                                             \
  }                                                                                                                                         \
  std::string_view T::why_many() const { return thresholds.several() ? for_each_threshold : std::string_view(); }                           \
  void T::check() const { thresholds_of(*this); }                                                                                           \
  CORNU_DEFINE_METRIC(T)

COUNTED(TruePositives, c.true_positives)
COUNTED(FalsePositives, c.false_positives)
COUNTED(TrueNegatives, c.true_negatives)
COUNTED(FalseNegatives, c.false_negatives)
COUNTED(Precision, divide_no_nan(c.true_positives, plus(c.true_positives, c.false_positives)))
COUNTED(Recall, divide_no_nan(c.true_positives, plus(c.true_positives, c.false_negatives)))
#undef COUNTED

}  // namespace cornu
