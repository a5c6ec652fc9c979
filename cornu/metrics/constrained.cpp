// One rate at another: the same counts, four ways to look at them.
#include "cornu/metrics/constrained.h"

#include <algorithm>

#include "cornu/metrics/define_metric.h"

namespace cornu {
namespace {

Thresholds spread(int64_t n, std::string_view who) { return n == 1 ? Thresholds({}, 0.5, who) : Thresholds::even(n, false); }

void check_options(double wanted, std::string_view option, int64_t num_thresholds, std::string_view who) {
  require(wanted >= 0 && wanted <= 1, who, " wants a ", option, " in [0, 1], and was given ", wanted);
  require(num_thresholds > 0, who, ": num_thresholds must be at least 1, and was ", num_thresholds);
}

float best(const std::vector<float>& dependent, const std::vector<float>& constrained, double at_least) {
  float found = 0;
  for (size_t i = 0; i < dependent.size(); ++i)
    if (constrained[i] >= static_cast<float>(at_least)) found = std::max(found, dependent[i]);
  return found;
}

std::vector<float> sensitivities(const Confusion& c) { return divide_no_nan(c.true_positives, plus(c.true_positives, c.false_negatives)); }
std::vector<float> specificities(const Confusion& c) { return divide_no_nan(c.true_negatives, plus(c.true_negatives, c.false_positives)); }
std::vector<float> precisions(const Confusion& c) { return divide_no_nan(c.true_positives, plus(c.true_positives, c.false_positives)); }

}  // namespace

// The members that are the same in all four; `option` bounds the rates `constrained`, among whose places `dependent` is best.
#define CONSTRAINED(T, option, constrained, dependent)                                                                \
  std::vector<MetricState> T::states() const { return bin_states(num_thresholds); }                                   \
  std::vector<Value> T::update(Values states, Value y_true, Value y_pred, std::optional<Value> weight) const {        \
    return count(states, y_true, y_pred, weight, spread(num_thresholds, name), {.top_k = {}, .class_id = class_id}, name); \
  }                                                                                                                   \
  Tensor T::result(std::span<const Tensor> states) const {                                                            \
    const Confusion c = confusion(states, num_thresholds);                                                            \
    return Tensor::scalar(best(dependent(c), constrained(c), option));                                                \
  }                                                                                                                   \
  void T::check() const { check_options(option, #option, num_thresholds, name); }                                     \
  CORNU_DEFINE_METRIC(T)

CONSTRAINED(SensitivityAtSpecificity, specificity, specificities, sensitivities)
CONSTRAINED(SpecificityAtSensitivity, sensitivity, sensitivities, specificities)
CONSTRAINED(PrecisionAtRecall, recall, sensitivities, precisions)
CONSTRAINED(RecallAtPrecision, precision, precisions, sensitivities)
#undef CONSTRAINED

}  // namespace cornu
