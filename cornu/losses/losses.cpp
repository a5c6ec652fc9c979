// The index of the losses: a class that it does not name cannot be chosen by name, nor read from a file.
#include "cornu/losses/losses.h"

#include "cornu/losses/define_loss.h"
#include "cornu/losses/targets.h"

namespace cornu {
namespace {
/// "crossentropy": the one that the shapes ask for.
struct CrossentropyByShape {
  static constexpr std::string_view class_name = "crossentropy";
  static constexpr std::array<std::string_view, 2> aliases = {"ce", "CE"};
  CORNU_FIELDS()
  Value operator()(Value y_true, Value y_pred) const {
    switch (kind_of_targets(y_true.shape(), y_pred.shape())) {
      case Targets::binary: return BinaryCrossentropy{}(y_true, y_pred);
      case Targets::sparse: return SparseCategoricalCrossentropy{}(y_true, y_pred);
      case Targets::categorical: break;
    }
    return CategoricalCrossentropy{}(y_true, y_pred);
  }
};

template <class... Ts> std::vector<const LossRules*> rules_of() { return {&loss_rules<Ts>()...}; }
}  // namespace

std::span<const LossRules* const> all_losses() {
  static const LossRules by_shape = define_loss<CrossentropyByShape>();
  static const std::vector<const LossRules*> all = [] {
    auto list = rules_of<KLDivergence, Poisson, BinaryCrossentropy, BinaryFocalCrossentropy, CategoricalCrossentropy, CategoricalFocalCrossentropy,
                         CategoricalGeneralizedCrossEntropy, SparseCategoricalCrossentropy, MeanSquaredError, MeanAbsoluteError, MeanAbsolutePercentageError,
                         MeanSquaredLogarithmicError, CosineSimilarity, LogCosh, Huber, Hinge, SquaredHinge, CategoricalHinge, Dice, Tversky, Circle, CTC>();
    list.push_back(&by_shape);
    return list;
  }();
  return all;
}

}  // namespace cornu
