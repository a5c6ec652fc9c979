// Names, configs and options of optimizers.
#include "cornu/optimizers/optimizer.h"

#include <algorithm>

#include "cornu/nn/choose.h"
#include "cornu/optimizers/classes.h"
#include "cornu/optimizers/optimizers.h"
#include "cornu/optimizers/search.h"

namespace cornu {
namespace {

constexpr std::string_view refused[] = {"MultiOptimizer", "OptimizerMap"};
using All = Family<SGD, Adam, AdamW, RMSprop, Adagrad, Adadelta, Adamax, Nadam, Ftrl, Lion, Lamb, Adafactor, Muon, ScheduleFreeAdamW, LossScaleOptimizer>;
const All family = {"optimizer", refused};

bool same_but_for_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

/// Keras ignores the case of an optimizer's name: "rmsprop", "RMSprop", "AdamW".
template <class... Ts> std::string_view as_listed(std::string_view name, const Family<Ts...>& of) {
  for (const std::string_view known : {Ts::class_name...})
    if (same_but_for_case(name, known)) return known;
  for (const std::string_view known : of.refused)
    if (same_but_for_case(name, known)) return known;
  return name;
}

}  // namespace

Config old_optimizer_options() { return Config(Config::Dict{{"is_legacy_optimizer", false}, {"jit_compile", false}, {"decay", 0.0}}); }

void check_options(const OptimizerOptions& o) {
  const int kinds = o.clipnorm.has_value() + o.clipvalue.has_value() + o.global_clipnorm.has_value();
  require(kinds <= 1, "only one of clipnorm, clipvalue and global_clipnorm can be given to an optimizer");
  for (const std::optional<double>& c : {o.clipnorm, o.clipvalue, o.global_clipnorm})
    require(!c || *c > 0, "an optimizer's clipnorm, clipvalue and global_clipnorm must be positive, and one is ", c.value_or(0));
  require(!o.gradient_accumulation_steps || *o.gradient_accumulation_steps >= 2, "an optimizer's gradient_accumulation_steps must be at least 2, and is ",
          o.gradient_accumulation_steps.value_or(0), "; leave it out to update the weights in each step");
  if (!o.use_ema) return;
  require(o.ema_momentum >= 0 && o.ema_momentum <= 1, "an optimizer's ema_momentum must be between 0 and 1, and is ", o.ema_momentum);
  require(!o.ema_overwrite_frequency || *o.ema_overwrite_frequency >= 1, "an optimizer's ema_overwrite_frequency must be at least 1, and is ", o.ema_overwrite_frequency.value_or(0));
}

Value WeightUpdate::slot(std::string_view name, TensorType type) const { return weight.graph->state(text("optimizer/", path_, "/", name), std::move(type)); }

Value WeightUpdate::scalar_slot(std::string_view name, const std::function<Value(Value kept)>& next) {
  Value& value = (*shared_)[text("slot ", name)];
  if (value) return value;
  const Value kept = weight.graph->state(text("optimizer/", name), {DType::float32, {}});
  value = next(kept);
  set(kept, value);
  return value;
}

void WeightUpdate::set(Value slot, Value next) { assignments_->push_back({slot, next}); }

Value WeightUpdate::once(const std::string& name, const std::function<Value()>& compute) {
  Value& value = (*shared_)[text(name, "/", weight.dtype())];
  if (!value) value = compute();
  return value;
}

Optimizer::Optimizer() : Optimizer(RMSprop{}) {}

Optimizer::Optimizer(std::string_view name) : Optimizer(choose<Optimizer>(family, as_listed(name, family))) { given_name_ = name; }

Optimizer& Optimizer::exclude_from_weight_decay(std::vector<std::string> names, std::vector<std::string> paths) {
  for (const std::string& name : names) found_in("", name, "exclude_from_weight_decay");
  undecayed_names_ = std::move(names);
  undecayed_paths_ = std::move(paths);
  return *this;
}

bool Optimizer::decays(const std::string& path) const {
  const std::string name = path.substr(path.rfind('/') + 1);
  return std::find(undecayed_paths_.begin(), undecayed_paths_.end(), path) == undecayed_paths_.end() &&
         std::none_of(undecayed_names_.begin(), undecayed_names_.end(), [&](const std::string& e) { return found_in(name, e, "exclude_from_weight_decay"); });
}

std::string Optimizer::average_path(const std::string& weight) const { return options().use_ema ? text("optimizer/", weight, "/average") : ""; }

const Optimizer* Optimizer::inner() const {
  const auto* scaled = as<LossScaleOptimizer>();
  return scaled ? &scaled->inner_optimizer : nullptr;
}

CORNU_DEFINE_SPECIAL_MEMBERS(Optimizer)
Optimizer::Optimizer(const char* name) : Optimizer(std::string_view(name)) {}
Optimizer::Optimizer(const std::string& name) : Optimizer(std::string_view(name)) {}
OptimizerOptions Optimizer::options() const { return self()->options(); }
int64_t Optimizer::iterations(int64_t counted) const { return counted / options().gradient_accumulation_steps.value_or(1); }
Value WeightUpdate::slot(std::string_view name) const { return slot(name, weight.type()); }

Config to_config(const Optimizer& optimizer) { return optimizer.object_config("keras.optimizers", "the optimizer"); }

std::vector<ClassInfo> optimizer_classes() { return classes_of(family); }

void from_config(const Config& config, Optimizer& optimizer) {
  if (const auto* held = config.held<Optimizer>()) return void(optimizer = *held);
  const ObjectConfig object = read_object(config, "optimizer");
  optimizer = choose<Optimizer>(family, as_listed(object.name, family), object.config);
}

}  // namespace cornu
