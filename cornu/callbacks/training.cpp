// Verbose levels, and the direction in which Keras's metrics get better.
#include "cornu/callbacks/training.h"

#include <algorithm>

#include "cornu/base/error.h"

namespace cornu {

Verbose::Verbose(int level) : level_(level) {
  require(level >= 0 && level <= 2, "verbose is ", level, "; it can be 0 (nothing), 1 (a bar), 2 (a line per epoch) or \"auto\"");
}

Verbose::Verbose(std::string_view level) {
  if (level == "auto") return;
  require(level == "0" || level == "1" || level == "2", "verbose is '", printable(level),
          "'; it can be 0 (nothing), 1 (a bar), 2 (a line per epoch) or \"auto\"");
  level_ = level[0] - '0';
}

namespace {
// Keras 3.15: the metrics with _direction = "up", and the names of those with "down" (losses used as metrics too).
constexpr std::string_view up[] = {"acc",
                                   "accuracy",
                                   "binary_accuracy",
                                   "categorical_accuracy",
                                   "sparse_categorical_accuracy",
                                   "top_k_categorical_accuracy",
                                   "sparse_top_k_categorical_accuracy",
                                   "auc",
                                   "precision",
                                   "recall",
                                   "sensitivity_at_specificity",
                                   "specificity_at_sensitivity",
                                   "precision_at_recall",
                                   "recall_at_precision",
                                   "f1_score",
                                   "fbeta_score",
                                   "iou",
                                   "binary_io_u",
                                   "io_u",
                                   "mean_io_u",
                                   "one_hot_io_u",
                                   "one_hot_mean_io_u",
                                   "r2_score",
                                   "cosine_similarity",
                                   "pearson_correlation",
                                   "concordance_correlation"};
constexpr std::string_view down[] = {"loss",
                                     "mse",
                                     "mae",
                                     "mape",
                                     "msle",
                                     "mean_squared_error",
                                     "mean_absolute_error",
                                     "mean_absolute_percentage_error",
                                     "mean_squared_logarithmic_error",
                                     "root_mean_squared_error",
                                     "rmse",
                                     "logcosh",
                                     "log_cosh",
                                     "huber",
                                     "poisson",
                                     "kl_divergence",
                                     "kld",
                                     "binary_crossentropy",
                                     "categorical_crossentropy",
                                     "sparse_categorical_crossentropy",
                                     "bce",
                                     "hinge",
                                     "squared_hinge",
                                     "categorical_hinge"};

template <size_t n>
bool among(const std::string_view (&names)[n], std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}
}  // namespace

std::optional<bool> Training::more_is_better(std::string_view metric) const {
  if (among(up, metric)) return true;
  if (among(down, metric)) return false;
  return {};
}

}  // namespace cornu
