#include "cornu/layers/core.h"

#include "cornu/nn/define_layer.h"

namespace cornu {

CORNU_DEFINE_SPECIAL_MEMBERS(Input)
Input::Input() = default;
Input::Input(std::initializer_list<int64_t> sizes, DType type, std::string called) : shape(sizes), dtype(type), name(std::move(called)) {}
Input::Input(Shape sizes, DType type, std::string called, std::optional<int64_t> batch) : shape(std::move(sizes)), dtype(type), name(std::move(called)), batch_size(batch) {}


CORNU_DEFINE_LAYER(Input)
CORNU_DEFINE_LAYER(Dense)
CORNU_DEFINE_LAYER(layers::Activation)
CORNU_DEFINE_LAYER(layers::Identity)
template <> std::unique_ptr<const LayerInterface> layer_holder(Lambda& layer) { return std::make_unique<LayerHolder<Lambda>>(std::move(layer)); }

Value computable(Value x, const Scope& scope) { return x.dtype() == scope.dtype() ? x : cast(x, scope.dtype()); }

Config Input::extras() { return Config(Config::Dict{{"sparse", false}, {"ragged", false}, {"optional", false}}); }

Config to_config(const Input::BatchShape& shape) {
  Config::List sizes = {shape.batch_size ? Config(*shape.batch_size) : Config()};
  for (const int64_t size : shape.sample) sizes.push_back(size == Shape::unknown ? Config() : Config(size));
  return sizes;
}

void from_config(const Config& config, Input::BatchShape& shape) {
  const Config::List& sizes = config.as_list();
  require<FormatError>(!sizes.empty(), "expected a shape with a batch axis, found an empty list");
  shape.sample = {};
  for (size_t i = 0; i < sizes.size(); ++i) {
    const int64_t size = sizes[i].is_null() ? Shape::unknown : sizes[i].as_int();
    require<FormatError>(size > 0 || sizes[i].is_null(), "expected positive sizes, found ", config);
    if (i > 0) shape.sample.push_back(size);
    else if (!sizes[0].is_null()) shape.batch_size = size;
  }
}

Value Input::operator()(Value x, Scope& scope) const {
  const auto fits = [&](const Shape& given) {
    if (given.rank() != shape.rank()) return false;
    for (int i = 0; i < shape.rank(); ++i)
      if (shape[i] != Shape::unknown && shape[i] != given[i]) return false;
    return true;
  };
  require<ShapeError>(x.shape().rank() > 0, scope.path(), ": the model takes batches of samples of shape ", shape, " and was given one number");
  const Shape sample = x.shape().drop_front();
  if (fits(sample)) return x;
  const Shape batch = {x.dim(0)};
  if (shape.is_known() && shape.elements() == sample.elements()) return reshape(x, batch + shape);
  throw ShapeError(text(scope.path(), ": the model takes ", Shape{Shape::unknown} + shape, " and was given ", x.shape()));
}

Config Dense::extras() { return Config(Config::Dict{{"quantization_config", nullptr}, {"lora_rank", nullptr}, {"lora_alpha", nullptr}}); }

Value Dense::operator()(Value x, Scope& scope) const {
  require(units > 0, scope.path(), ": Dense takes a positive number of units, and was given ", units);
  const Shape in = x.shape();
  require<ShapeError>(in.rank() >= 2, scope.path(), ": Dense takes [batch, ..., features] and was given ", in,
                      in.rank() == 1 ? "; reshape it to [batch, 1] if each sample is one number" : "");
  const int64_t features = in.dim(-1);
  const Value kernel = scope.weight("kernel", {features, units}, kernel_initializer, {.regularizer = kernel_regularizer, .constraint = kernel_constraint});
  // One large product rather than a batch of small ones.
  const Value rows = in.rank() == 2 ? x : reshape(x, {in.elements() / std::max<int64_t>(features, 1), features});
  const bool bytes = x.dtype() == DType::uint8 && scope.dtype() == DType::float32;  // matmul reads images as they are
  Value y = matmul(bytes ? rows : computable(rows, scope), kernel);
  if (use_bias) y = y + scope.weight("bias", {units}, bias_initializer, {.regularizer = bias_regularizer, .constraint = bias_constraint});
  if (in.rank() > 2) y = reshape(y, in.drop_back() + Shape{units});
  y = activation(y);
  if (activity_regularizer) scope.add_loss(activity_regularizer(y) / static_cast<double>(in[0]));
  return y;
}

Value layers::Activation::operator()(Value x, Scope& scope) const { return activation(computable(x, scope)); }

Value Lambda::operator()(Value x, Scope& scope) const {
  require(static_cast<bool>(function), scope.path(), ": this Lambda has no function");
  return function(x, scope);
}

Config to_config(const Lambda::Name& name) {
  require<UnsupportedError>(!name.text.empty(), "a Lambda is saved under the name of its function: give it one, Lambda(function, \"package>name\")");
  return Config(Config::Dict{{"module", "builtins"}, {"class_name", "function"}, {"config", name.text}, {"registered_name", "function"}});
}

void from_config(const Config& config, Lambda::Name& name) {
  const Config& kind = config.is_dict() ? config["class_name"] : config;
  require<UnsafeError>(kind == Config("function"), "a layer of class Lambda would run code from the file, which cornu never does; register its function in Keras under a name "
                       "(keras.saving.register_keras_serializable) and save again");
  require<FormatError>(config["config"].is_string(), "a Lambda layer calls a function without a name");
  name.text = config["config"].as_string();
}

}  // namespace cornu
