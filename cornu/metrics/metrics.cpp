// The index of the metrics: a class that it does not name cannot be chosen by name, nor read from a file.
#include "cornu/metrics/metrics.h"

namespace cornu {
namespace {
template <class... Ts> std::vector<const MetricRules*> rules_of() { return {&metric_rules<Ts>()...}; }
}  // namespace

std::span<const MetricRules* const> all_metrics() {
  static const std::vector<const MetricRules*> all =
      rules_of<Mean, Sum, MeanSquaredError, RootMeanSquaredError, MeanAbsoluteError, MeanAbsolutePercentageError, MeanSquaredLogarithmicError, metrics::CosineSimilarity,
               LogCoshError, R2Score, AUC, FalseNegatives, FalsePositives, Precision, PrecisionAtRecall, Recall, RecallAtPrecision, SensitivityAtSpecificity,
               SpecificityAtSensitivity, TrueNegatives, TruePositives, ConcordanceCorrelation, PearsonCorrelation, Hinge, SquaredHinge, CategoricalHinge, KLDivergence, Poisson,
               BinaryCrossentropy, CategoricalCrossentropy, SparseCategoricalCrossentropy, Accuracy, BinaryAccuracy, CategoricalAccuracy, SparseCategoricalAccuracy,
               TopKCategoricalAccuracy, SparseTopKCategoricalAccuracy, F1Score, FBetaScore, IoU, BinaryIoU, MeanIoU, OneHotIoU, OneHotMeanIoU>();
  return all;
}

}  // namespace cornu
