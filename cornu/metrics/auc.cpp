// AUC: what is counted, and the sums over it.
#include "cornu/metrics/auc.h"

#include <algorithm>
#include <cmath>

#include "cornu/metrics/define_metric.h"
#include "cornu/ops/ops.h"

namespace cornu {
namespace {

constexpr std::string_view curves[] = {"ROC", "PR", "PRGAIN"};
constexpr std::string_view methods[] = {"interpolation", "majoring", "minoring"};

std::string upper(std::string s) {
  std::transform(s.begin(), s.end(), s.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return s;
}
std::string lower(std::string s) {
  std::transform(s.begin(), s.end(), s.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return s;
}
template <size_t n> bool among(const std::string_view (&names)[n], std::string_view name) { return std::find(std::begin(names), std::end(names), name) != std::end(names); }

Thresholds thresholds_of(const AUC& auc) { return auc.thresholds ? Thresholds::between(*auc.thresholds) : Thresholds::even(auc.num_thresholds, true); }

float no_nan(float a, float b) { return b == 0 ? 0 : a / b; }

/// The counts of one label at the thresholds.
struct Column {
  std::vector<float> tp, fp, tn, fn;
  Column(const Confusion& c, size_t thresholds, size_t labels, size_t label) {
    for (size_t i = 0; i < thresholds; ++i) {
      tp.push_back(c.true_positives[i * labels + label]);
      fp.push_back(c.false_positives[i * labels + label]);
      tn.push_back(c.true_negatives[i * labels + label]);
      fn.push_back(c.false_negatives[i * labels + label]);
    }
  }
};

// Between two thresholds the true positives are taken as linear in all positives p: tp = intercept + slope p. The area under
// precision = tp / p over recall is then slope (dtp + intercept log(p_i / p_j)) / positives.
float interpolated_pr(const Column& c) {
  float area = 0;
  for (size_t i = 0; i + 1 < c.tp.size(); ++i) {
    const float p = c.tp[i] + c.fp[i], next = c.tp[i + 1] + c.fp[i + 1], dtp = c.tp[i] - c.tp[i + 1];
    const float slope = no_nan(dtp, std::max(p - next, 0.0f)), intercept = c.tp[i + 1] - slope * next;
    const float ratio = p > 0 && next > 0 ? p / next : 1.0f;
    area += no_nan(slope * (dtp + intercept * std::log(ratio)), std::max(c.tp[i + 1] + c.fn[i + 1], 0.0f));
  }
  return area;
}

float riemann(const Column& c, std::string_view curve, std::string_view method) {
  const auto point = [&](size_t i) -> std::pair<float, float> {
    const float tp = c.tp[i], fp = c.fp[i], tn = c.tn[i], fn = c.fn[i], recall = no_nan(tp, tp + fn);
    if (curve == "ROC") return {no_nan(fp, fp + tn), recall};
    if (curve == "PR") return {recall, no_nan(tp, tp + fp)};
    const float scale = no_nan(tp + fn, tn + fp);
    if (tp == 0) return {0, 1};
    return {std::max(1 - scale * no_nan(fn, tp), 0.0f), 1 - scale * no_nan(fp, tp)};
  };
  float area = 0;
  for (size_t i = 0; i + 1 < c.tp.size(); ++i) {
    const auto [x, y] = point(i);
    const auto [x2, y2] = point(i + 1);
    const float height = method == "interpolation" ? (y + y2) / 2 : method == "minoring" ? std::min(y, y2) : std::max(y, y2);
    area += (x - x2) * height;
  }
  return area;
}

}  // namespace

void AUC::check() const {
  require(among(curves, upper(curve)), name, ": curve is '", printable(curve), "'; it can be ROC, PR or PRGAIN");
  require(among(methods, lower(summation_method)), name, ": summation_method is '", printable(summation_method), "'", did_you_mean(summation_method, methods),
          "; it can be interpolation, majoring or minoring");
  require(thresholds.list || num_thresholds > 1, name, ": num_thresholds must be at least 2, and was ", num_thresholds);
  require(multi_label || !num_labels, name, ": num_labels is only for multi_label");
}

std::vector<MetricState> AUC::states(const Shape& y_pred) const {
  const int64_t n = thresholds_of(*this).size();
  if (!multi_label) return bin_states(n);
  require<UnsupportedError>(num_labels || y_pred.rank() == 2, name, ": multi_label counts for each column of predictions of shape [batch, labels], and that shape is ", y_pred,
                            "; give num_labels");
  return bin_states(n, num_labels ? *num_labels : y_pred.dim(-1));
}

std::vector<Value> AUC::update(Values states, Value y_true, Value y_pred, std::optional<Value> weight) const {
  if (from_logits) y_pred = sigmoid(y_pred);
  const Thresholds all = thresholds_of(*this);
  CountOptions options;
  options.by_label = multi_label;
  if (!multi_label && label_weights) options.label_weights = *label_weights;
  if (multi_label) {
    const int64_t labels = states[0].shape()[0] / (all.size() + 1);
    require<ShapeError>(y_pred.shape().rank() == 2 && y_pred.dim(-1) == labels, name, " counts ", labels, " labels, and was given predictions of shape ", y_pred.shape());
  }
  return count(states, y_true, y_pred, weight, all, options, name);
}

Tensor AUC::result(std::span<const Tensor> states) const {
  const int64_t n = thresholds_of(*this).size(), labels = states[0].size() / (n + 1);
  const Confusion c = confusion(states, n, labels);
  const std::string which = upper(curve), method = lower(summation_method);
  float sum = 0, weights = 0;
  for (size_t k = 0; k < static_cast<size_t>(labels); ++k) {
    const Column column(c, static_cast<size_t>(n), static_cast<size_t>(labels), k);
    const float area = which == "PR" && method == "interpolation" ? interpolated_pr(column) : riemann(column, which, method);
    const float w = multi_label && label_weights ? static_cast<float>((*label_weights).at(k)) : 1.0f;
    sum += area * w;
    weights += w;
  }
  return Tensor::scalar(no_nan(sum, weights));
}
CORNU_DEFINE_METRIC(AUC)

}  // namespace cornu
