#include "cornu/nn/layer.h"

namespace cornu {

std::vector<Value> Layer::operator()(std::vector<Value> in, Scope& scope, const CallArguments& arguments) const {
  const std::string called = name().empty() ? snake_case(class_name()) : name();
  return scope.inside(called, trainable(), arguments, [&] {
    std::vector<Value> out = shared_->layer->call(in, scope);
    if (shared_->layer->supports_masking() && !in.empty())
      for (const Value v : out)
        if (const auto mask = scope.mask(in[0]); mask && !scope.mask(v)) scope.set_mask(v, *mask);
    if (const Regularizer& penalty = options().activity_regularizer)
      for (const Value v : out) scope.add_loss(penalty(v) / static_cast<double>(v.dim(0)));
    return out;
  });
}

void refuse_inputs(std::string_view class_name, size_t given) {
  throw ArgumentError(text(class_name, " takes one input and was given ", given, "; merge them first"));
}

void refuse_description(std::string_view class_name) {
  throw UnsupportedError(text("a layer of class ", class_name, " cannot be saved: give its struct CORNU_FIELDS(...) and static constexpr std::string_view class_name"));
}

}  // namespace cornu
