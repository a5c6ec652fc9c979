#include "cornu/losses/losses.h"

#include "cornu/nn/choose.h"
#include "cornu/losses/targets.h"
#include "cornu/ops/ops.h"

namespace cornu {
namespace {

constexpr double epsilon = 1e-7;  // keras.backend.epsilon()

/// The input of the op T that made y, if one did.
template <class T> std::optional<Value> behind(Value y) {
  const Node& node = (*y.graph)[y];
  if (node.kind != Node::Kind::op || !node.op->as<T>()) return {};
  return node.in[0];
}

/// One number for each sample; those of rank 1 are that already.
Value mean_of_last(Value x) { return x.shape().rank() <= 1 ? x : mean(x, {-1}); }

}  // namespace

std::optional<Value> SparseCategoricalCrossentropy::mask(Value y_true, Value y_pred) const {
  if (!ignore_class) return {};
  const Value labels = class_labels(y_true, y_pred, name);
  return cast(not_equal(labels, scalar(labels, static_cast<double>(*ignore_class))), y_pred.dtype());
}

Value SparseCategoricalCrossentropy::operator()(Value y_true, Value y_pred) const {
  Value labels = class_labels(y_true, y_pred, name);
  const std::optional<Value> valid = mask(y_true, y_pred);
  if (valid) labels = select(cast(*valid, DType::boolean), labels, scalar(labels, 0));
  std::optional<Value> logits = from_logits ? y_pred : behind<Softmax>(y_pred);
  if (!logits) logits = log(clip(y_pred, epsilon, 1 - epsilon));  // as TensorFlow's: the softmax renormalises what was clipped
  Value values = sparse_softmax_cross_entropy(*logits, labels);
  if (!valid) return values;
  values = values * *valid;
  if (reduction == "sum") return values;
  require<UnsupportedError>(reduction != "mean_with_sample_weight", name, ": ignore_class does not go with the reduction mean_with_sample_weight yet; use sum_over_batch_size");
  const Value count = sum(*valid);
  return values * (static_cast<double>(valid->shape().elements()) / maximum(count, scalar(count, 1)));
}

Value CategoricalCrossentropy::operator()(Value y_true, Value y_pred) const {
  require<ShapeError>(y_true.shape() == y_pred.shape(), name, " wants labels of the shape of the predictions, ", y_pred.shape(), ", and was given ", y_true.shape(),
                      y_true.shape().rank() < y_pred.shape().rank() || y_true.dim(-1) == 1 ? "; use sparse_categorical_crossentropy for integer labels" : "");
  Value y = same_shape(y_true, y_pred, name).y_true;
  if (label_smoothing != 0) y = y * (1 - label_smoothing) + label_smoothing / static_cast<double>(y.dim(-1));
  if (const std::optional<Value> logits = from_logits ? y_pred : behind<Softmax>(y_pred)) return softmax_cross_entropy(*logits, y);
  const Value p = clip(y_pred / sum(y_pred, {-1}, true), epsilon, 1 - epsilon);
  return -sum(y * log(p), {-1});
}

Value BinaryCrossentropy::operator()(Value y_true, Value y_pred) const {
  auto [y, p] = same_shape(y_true, y_pred, name);
  if (label_smoothing != 0) y = y * (1 - label_smoothing) + 0.5 * label_smoothing;
  // With logits x: -y log sigmoid(x) - (1 - y) log sigmoid(-x) = softplus(x) - x y.
  if (const std::optional<Value> x = from_logits ? p : behind<sigmoid_op>(p)) return mean_of_last(softplus(*x) - *x * y);
  p = clip(p, epsilon, 1 - epsilon);
  return mean_of_last(-(y * log(p) + (1 - y) * log(1 - p)));
}

Value MeanSquaredError::operator()(Value y_true, Value y_pred) const {
  const auto [y, p] = same_shape(y_true, y_pred, name);
  return mean_of_last(square(y - p));
}

Value MeanAbsoluteError::operator()(Value y_true, Value y_pred) const {
  const auto [y, p] = same_shape(y_true, y_pred, name);
  return mean_of_last(absolute(y - p));
}

Value Huber::operator()(Value y_true, Value y_pred) const {
  const auto [y, p] = same_shape(y_true, y_pred, name);
  // With m = min(|e|, delta): m (|e| - m / 2) is e^2 / 2 inside and delta |e| - delta^2 / 2 outside.
  const Value e = absolute(p - y), m = minimum(e, scalar(e, delta));
  return mean_of_last(m * (e - m * 0.5));
}

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

constexpr std::string_view refused[] = {
    "KLDivergence", "kld", "KLD", "Poisson", "BinaryFocalCrossentropy", "CategoricalFocalCrossentropy", "CategoricalGeneralizedCrossEntropy", "MeanAbsolutePercentageError",
    "mape", "MAPE", "MeanSquaredLogarithmicError", "msle", "MSLE", "CosineSimilarity", "LogCosh", "Hinge", "SquaredHinge", "CategoricalHinge", "Dice", "Tversky", "Circle", "CTC"};
const Family<SparseCategoricalCrossentropy, CategoricalCrossentropy, BinaryCrossentropy, MeanSquaredError, MeanAbsoluteError, Huber, CrossentropyByShape> family = {"loss", refused};
}  // namespace

Loss::Loss(std::string_view name) : Loss(choose<Loss>(family, name)) { given_name_ = name; }

std::string Loss::name() const { return !given_name_.empty() || !self_ ? given_name_ : std::string(self_->name()); }

Value Loss::operator()(Value y_true, Value y_pred) const {
  require(self_ != nullptr, "no loss was given: compile the model with one, such as \"mse\"");
  return self_->call(y_true, y_pred);
}

Value Loss::reduce(Value values, std::optional<Value> weight) const {
  const std::string_view how = self_ ? self_->reduction() : "sum_over_batch_size";
  const auto count = static_cast<double>(values.shape().elements());
  std::optional<Value> w;
  if (weight) {
    w = aligned_weight(*weight, values);
    values = values * *w;
  }
  const Value total = sum(values);
  if (how == "sum") return total;
  if (how == "mean_with_sample_weight" && w) {
    const Value weights = sum(broadcast_to(*w, values.shape()));
    return total / maximum(weights, scalar(weights, 1e-30));  // no weight at all: 0, not NaN
  }
  require<UnsupportedError>(how == "sum_over_batch_size" || how == "mean" || how == "mean_with_sample_weight", name(), ": the reduction '", printable(how),
                            "' cannot be trained on; use sum_over_batch_size, sum, mean or mean_with_sample_weight");
  return total / count;
}

Config to_config(const Loss& loss) { return loss.given_name_.empty() ? loss.object_config("keras.losses", "the loss") : Config(loss.given_name_); }

void from_config(const Config& config, Loss& loss) {
  if (config.is_null()) return void(loss = {});
  const ObjectConfig object = read_object(config, "loss");
  if (config.is_string() || config["class_name"] == Config("function")) return void(loss = Loss(object.name));
  loss = choose<Loss>(family, object.name, object.config);
}

}  // namespace cornu
