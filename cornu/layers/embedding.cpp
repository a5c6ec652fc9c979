#include "cornu/layers/embedding.h"

#include "cornu/layers/core.h"
#include "cornu/layers/operations.h"
#include "cornu/nn/define_layer.h"

namespace cornu {

CORNU_DEFINE_LAYER(Embedding)
CORNU_DEFINE_LAYER(Masking)

Config Embedding::extras() { return Config(Config::Dict{{"quantization_config", nullptr}, {"lora_rank", nullptr}, {"lora_alpha", nullptr}, {"weights", nullptr}}); }

Value Embedding::operator()(Value x, Scope& scope) const {
  require(input_dim > 0 && output_dim > 0, scope.path(), ": Embedding takes a positive input_dim (how many tokens there are) and output_dim, and was given ", input_dim, " and ", output_dim);
  const Value table = scope.weight("embeddings", {input_dim, output_dim}, embeddings_initializer, {.regularizer = embeddings_regularizer, .constraint = embeddings_constraint});
  const bool whole = x.dtype() == DType::int64 || x.dtype() == DType::int32;
  const Value tokens = whole ? x : cast(x, DType::int32);
  const Value y = gather(table, select(less(tokens, scalar(tokens, 0)), tokens + static_cast<double>(input_dim), tokens));
  if (mask_zero) scope.set_mask(y, not_equal(x, scalar(x, 0)));
  if (activity_regularizer) scope.add_loss(activity_regularizer(y) / static_cast<double>(y.dim(0)));
  return y;
}

Value Masking::operator()(Value x, Scope& scope) const {
  require<ShapeError>(x.shape().rank() >= 2, scope.path(), ": Masking takes [batch, time, features], and was given ", x.shape());
  x = computable(x, scope);
  const Value counts = max(cast(not_equal(x, scalar(x, mask_value)), x.dtype()), {-1}, true);
  const Value mask = not_equal(counts, scalar(counts, 0));
  const Value y = select(mask, x, scalar(x, 0));
  scope.set_mask(y, reshape(mask, x.shape().drop_back()));
  return y;
}

Symbol Embedding::make_mask(const std::vector<Symbol>& in) const { return mask_zero ? operation_with("NotEqual", in[0], Config(0)) : Symbol(); }

Symbol Masking::make_mask(const std::vector<Symbol>& in) const {
  return operation("Any", {operation_with("NotEqual", in[0], Config(mask_value))}, Config(Config::Dict{{"axis", -1}, {"keepdims", false}}));
}

}  // namespace cornu
