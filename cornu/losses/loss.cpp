// The handle: names, configs, and how the values of a batch become the number that is trained on.
#include "cornu/losses/loss.h"

#include <algorithm>

#include "cornu/losses/define_loss.h"
#include "cornu/losses/targets.h"
#include "cornu/ops/ops.h"

namespace cornu {

void check_reduction(std::string_view loss, std::string_view reduction) {
  static constexpr std::string_view known[] = {"sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none"};
  require(std::find(std::begin(known), std::end(known), reduction) != std::end(known), loss, ": unknown reduction '", printable(reduction), "'", did_you_mean(reduction, known),
          "; it can be sum_over_batch_size, sum, mean, mean_with_sample_weight or none");
}

Config with_named_reduction(const Config& options) {
  if (!options.contains("reduction") || !options["reduction"].is_null()) return options;
  return Config(options).set("reduction", "none");
}

Loss::Loss(const char* name) : Loss(std::string_view(name)) {}
Loss::Loss(const std::string& name) : Loss(std::string_view(name)) {}

std::string Loss::name() const { return !given_name_.empty() || !self_ ? given_name_ : std::string(self()->name()); }
std::string_view Loss::reduction() const { return self_ ? self()->reduction() : "sum_over_batch_size"; }

Value Loss::operator()(Value y_true, Value y_pred) const {
  require(self_ != nullptr, "no loss was given: compile the model with one, such as \"mse\"");
  if (y_pred.dtype() != DType::float64 && y_pred.dtype() != DType::float32) y_pred = cast(y_pred, DType::float32);  // bfloat16 is too coarse for sums and logarithms
  return self()->call(y_true, y_pred);
}

std::optional<Value> Loss::mask(Value y_true, Value y_pred, Value values) const { return self_ ? self()->mask(y_true, y_pred, values) : std::nullopt; }

Value Loss::total(Value y_true, Value y_pred, std::optional<Value> weight, std::optional<Value> mask) const {
  const Value values = (*this)(y_true, y_pred);
  std::optional<Value> both = this->mask(y_true, y_pred, values);
  if (both && mask) both = logical_and(*both, broadcast_to(aligned_weight(*mask, *both), both->shape()));
  return reduce(values, weight, both ? both : mask);
}

Value Loss::reduce(Value values, std::optional<Value> weight, std::optional<Value> mask) const {
  const std::string_view how = reduction();
  require<UnsupportedError>(how != "none", name(), ": the reduction 'none' leaves many numbers, and one is trained on; use sum_over_batch_size, sum, mean or mean_with_sample_weight");
  const bool over_all = how == "sum_over_batch_size" || how == "mean";
  if (mask) {
    Value counts = cast(*mask, values.dtype());
    if (over_all) {  // weights that make the mean over all values one over those that count
      const Value valid = sum(counts);
      counts = counts * (static_cast<double>(counts.shape().elements()) / maximum(valid, scalar(valid, 1)));
    }
    weight = weight ? counts * aligned_weight(*weight, counts) : counts;
  }
  if (weight) {
    if (values.shape().rank() == 0) values = broadcast_to(values, weight->shape());  // a loss of the whole batch (Dice)
    weight = aligned_weight(*weight, values);
    values = values * *weight;
  }
  const Value total = sum(values);
  if (how == "sum") return total;
  if (over_all || !weight) return total / static_cast<double>(std::max<int64_t>(values.shape().elements(), 1));
  const Value weights = sum(*weight);  // as Keras's: before they are stretched along further axes
  const Value some = not_equal(weights, scalar(weights, 0));
  return select(some, total / select(some, weights, scalar(weights, 1)), scalar(total, 0));
}

const LossRules* find_loss(std::string_view name) {
  for (const LossRules* rules : all_losses())
    if (std::find(rules->names.begin(), rules->names.end(), name) != rules->names.end()) return rules;
  return nullptr;
}

namespace {
const LossRules& known_loss(std::string_view name) {
  const LossRules* found = find_loss(name);
  if (!found) {
    std::vector<std::string> known;
    for (const LossRules* rules : all_losses()) known.insert(known.end(), rules->names.begin(), rules->names.end());
    refuse_choice("loss", name, known, {});
  }
  return *found;
}
}  // namespace

Loss::Loss(std::string_view name) : Loss(known_loss(name).make(Config::dict())) { given_name_ = name; }

namespace {
/// Names by which Keras 3 knows no loss, though it has the class.
constexpr std::string_view unknown_to_keras[] = {"logcosh", "kullback_leibler_divergence", "categorical_generalized_cross_entropy", "CategoricalGeneralizedCrossEntropy"};
}  // namespace

Config to_config(const Loss& loss) {
  const std::string& name = loss.given_name_;
  const bool by_name = !name.empty() && std::find(std::begin(unknown_to_keras), std::end(unknown_to_keras), name) == std::end(unknown_to_keras);
  return by_name ? Config(name) : loss.object_config("keras.losses", "the loss");
}

void from_config(const Config& config, Loss& loss) {
  if (const auto* held = config.held<Loss>()) return void(loss = *held);
  if (config.is_null()) return void(loss = {});
  const ObjectConfig object = read_object(config, "loss");
  if (config.is_string() || config["class_name"] == Config("function")) return void(loss = Loss(object.name));
  loss = known_loss(object.name).make(object.config);
}

}  // namespace cornu
