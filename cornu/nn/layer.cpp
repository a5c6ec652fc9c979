#include "cornu/nn/layer.h"

namespace cornu {

std::vector<Value> Layer::operator()(std::vector<Value> in, Scope& scope) const {
  const std::string called = name().empty() ? snake_case(class_name()) : name();
  return scope.inside(called, trainable(), [&] { return shared_->layer->call(in, scope); });
}

void Layer::one_input_only(std::string_view class_name, size_t given) {
  throw ArgumentError(text(class_name, " takes one input and was given ", given, "; merge them first"));
}

void Layer::not_described(std::string_view class_name) {
  throw UnsupportedError(text("a layer of class ", class_name, " cannot be saved: give its struct CORNU_FIELDS(...) and static constexpr std::string_view class_name"));
}

}  // namespace cornu
