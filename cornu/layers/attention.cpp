// Attention and AdditiveAttention: no projections of their own. The ones with heads are in multi_head_attention.cpp.
#include "cornu/layers/attention.h"

#include "cornu/layers/activation_layers.h"
#include "cornu/layers/call_keys.h"
#include "cornu/layers/core.h"
#include "cornu/layers/operations.h"
#include "cornu/layers/regularization.h"
#include "cornu/nn/define_layer.h"
#include "cornu/nn/symbol_call.h"

namespace cornu {

CORNU_DEFINE_LAYER(Attention)
CORNU_DEFINE_LAYER(AdditiveAttention)

Value causal_mask(Graph& graph, int64_t queries, int64_t keys) {
  return greater_equal(iota(graph, {queries, keys}, 0), iota(graph, {queries, keys}, 1));
}

namespace {

struct Inputs {
  Value query, value, key;
  std::optional<Value> query_mask, value_mask;

  Inputs(const std::vector<Value>& in, Scope& scope, std::string_view name) {
    const std::string who = text(scope.path(), ": ", name);
    check_call(scope, name, {"mask", "return_attention_scores", "use_causal_mask"});
    require(in.size() == 2 || in.size() == 3, who, " takes {query, value} or {query, value, key}, and was given ", in.size(), " inputs");
    query = computable(in[0], scope), value = computable(in[1], scope), key = in.size() > 2 ? computable(in[2], scope) : value;
    bool fits = true;
    for (const Value v : {query, value, key}) fits = fits && v.shape().rank() == 3 && v.dim(0) == query.dim(0);
    require<ShapeError>(fits && query.dim(2) == key.dim(2) && key.dim(1) == value.dim(1), who, " takes query [batch, queries, features], value [batch, steps, any] and key [batch, steps, features], and was given ",
                        query.shape(), ", ", value.shape(), " and ", key.shape());
    query_mask = scope.mask(in[0]), value_mask = scope.mask(in[1]);
    if (const auto given = scope.call().values.find("mask"); given != scope.call().values.end()) {
      require(given->second.size() >= 2, who, " takes the masks {query's, value's}, and was given ", given->second.size());
      query_mask = given->second[0], value_mask = given->second[1];
    }
  }
};

bool option(const Scope& scope, std::string_view name) {
  const Config& given = scope.call().options[name];
  return !given.is_null() && given.as_bool();
}

/// query + key, for every pair: [batch, queries, steps, features].
Value pairs(const Inputs& in) {
  const Shape q = in.query.shape(), k = in.key.shape();
  return reshape(in.query, {q[0], q[1], 1, q[2]}) + reshape(in.key, {k[0], 1, k[1], k[2]});
}

std::vector<Value> answer(const Inputs& in, Value scores, double rate, const std::optional<int64_t>& seed, Scope& scope) {
  require(rate >= 0 && rate <= 1, scope.path(), ": the fraction of attention to drop is from 0 to 1, and was given as ", rate);
  std::optional<Value> seen;
  if (in.value_mask) {
    const Value mask = as_mask(*in.value_mask);
    seen = reshape(mask, {mask.dim(0), 1, mask.dim(1)});
  }
  if (option(scope, "use_causal_mask")) {
    const Value causal = causal_mask(scope.graph(), in.query.dim(1), in.key.dim(1));
    seen = seen ? logical_and(*seen, causal) : causal;
  }
  // Subtracting keeps, as Keras does, what little a query that sees nothing can tell.
  if (seen) scores = select(*seen, scores, scores - 1e9);
  Value weights = softmax(scores);
  if (scope.training()) weights = dropped(weights, rate, seed, weights.shape(), scope);
  Value y = matmul(weights, in.value);
  if (in.query_mask) {
    const Value mask = as_mask(*in.query_mask);
    y = select(reshape(mask, mask.shape() + Shape{1}), y, scalar(y, 0));
    scope.set_mask(y, mask);
  }
  return option(scope, "return_attention_scores") ? std::vector{y, weights} : std::vector{y};
}

}  // namespace

std::vector<Value> Attention::operator()(std::vector<Value> given, Scope& scope) const {
  const bool concat = score_mode == "concat";
  require(concat || score_mode == "dot", scope.path(), ": Attention's score_mode is dot or concat, and was given as '", printable(score_mode), "'");
  const Inputs in(given, scope, class_name);
  std::optional<Value> scale;
  if (use_scale) scale = scope.weight("scale", {}, "ones");
  Value scores;
  if (concat) {
    const Value weight = scope.weight("concat_score_weight", {}, "ones"), both = pairs(in);
    scores = weight * sum(tanh(scale ? *scale * both : both), {-1});
  } else {
    scores = matmul(in.query, in.key, {.transpose_b = true});
    if (scale) scores = scores * *scale;
  }
  return answer(in, scores, dropout, seed, scope);
}

std::vector<Value> AdditiveAttention::operator()(std::vector<Value> given, Scope& scope) const {
  const Inputs in(given, scope, class_name);
  Value fit = tanh(pairs(in));
  if (use_scale) fit = scope.weight("scale", {in.query.dim(2)}, "glorot_uniform") * fit;
  return answer(in, sum(fit, {-1}), dropout, seed, scope);
}

Symbol Attention::make_mask(const std::vector<Symbol>& in) const {
  const Symbol mask = mask_of(in[0]);
  const Config options(Config::Dict{{"dtype", nullptr}, {"sparse", nullptr}, {"ragged", nullptr}});
  return mask ? operation("ConvertToTensor", {mask}, options) : mask;
}
Symbol AdditiveAttention::make_mask(const std::vector<Symbol>& in) const { return Attention{}.make_mask(in); }

}  // namespace cornu
