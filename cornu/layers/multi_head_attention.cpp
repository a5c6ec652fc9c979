// MultiHeadAttention and GroupQueryAttention: EinsumDense projections around one attention.
#include <algorithm>
#include <cmath>

#include "cornu/layers/activation_layers.h"
#include "cornu/layers/attention.h"
#include "cornu/layers/call_keys.h"
#include "cornu/layers/core.h"
#include "cornu/layers/einsum_dense.h"
#include "cornu/layers/regularization.h"
#include "cornu/nn/define_layer.h"

namespace cornu {

CORNU_DEFINE_LAYER(MultiHeadAttention)
CORNU_DEFINE_LAYER(GroupQueryAttention)

namespace {

/// What a call was given, whichever way.
struct Call {
  Value query, value, key;
  std::optional<Value> query_mask, value_mask, key_mask, attention_mask;
  bool causal = false, scores = false;

  Call(const std::vector<Value>& in, const Scope& scope, std::string_view name) {
    check_call(scope, name, {"value", "key", "query_mask", "value_mask", "key_mask", "attention_mask", "return_attention_scores", "use_causal_mask"});
    const auto& values = scope.call().values;
    const auto named = [&](const std::string& what) -> std::optional<Value> {
      const auto found = values.find(what);
      return found == values.end() || found->second.empty() ? std::nullopt : std::optional(found->second[0]);
    };
    std::vector<Value> given = in;
    if (given.size() == 1)
      if (const auto v = named("value")) given.push_back(*v);
    if (given.size() == 2)
      if (const auto k = named("key")) given.push_back(*k);
    require(given.size() == 2 || given.size() == 3, scope.path(), ": ", name, " takes {query, value} or {query, value, key}, and was given ", given.size(), given.size() == 1 ? " input" : " inputs");
    const bool own_key = given.size() == 3;
    const auto mask = [&](const std::string& what, Value v) {
      const auto given_mask = named(what);
      return given_mask ? given_mask : scope.mask(v);
    };
    query_mask = mask("query_mask", given[0]);
    value_mask = mask("value_mask", given[1]);
    key_mask = own_key ? mask("key_mask", given[2]) : named("key_mask");
    attention_mask = named("attention_mask");
    const auto option = [&](std::string_view what) {
      const Config& c = scope.call().options[what];
      return !c.is_null() && c.as_bool();
    };
    causal = option("use_causal_mask");
    scores = option("return_attention_scores");
    query = computable(given[0], scope), value = computable(given[1], scope), key = own_key ? computable(given[2], scope) : value;
    const Shape q = query.shape(), v = value.shape(), k = key.shape();
    require<ShapeError>(q.rank() >= 3 && v.rank() >= 3 && v.rank() == k.rank() && q[0] == v[0] && v.drop_back() == k.drop_back(), scope.path(), ": ", name,
                        " takes query [batch, queries..., features], value and key [batch, steps..., features], and was given ", q, ", ", v, " and ", k);
  }

  /// Whether every query sees every key, or with `causal` those that are not later.
  bool unmasked() const { return !query_mask && !value_mask && !key_mask && !attention_mask; }

  /// All masks together, with an axis of queries before the one of keys.
  std::optional<Value> mask(Graph& graph, const std::optional<int64_t>& window, const Scope& scope, std::string_view name) const {
    std::optional<Value> all;
    const auto add = [&](Value m) { all = all ? logical_and(*all, m) : m; };
    const auto steps = [&](const std::optional<Value>& m, bool of_query) {
      if (!m) return;
      const Value b = as_mask(*m);
      const Shape s = b.shape();
      add(reshape(b, of_query ? s + Shape{1} : s.drop_back() + Shape{1, s.dim(-1)}));
    };
    steps(query_mask, true);
    steps(value_mask, false);
    steps(key_mask, false);
    const int64_t queries = query.dim(1), keys = value.dim(1);
    if (causal) add(reshape(causal_mask(graph, queries, keys), {1, queries, keys}));
    if (window) {
      require(*window > 0, scope.path(), ": ", name, " takes a positive sliding_window, and was given ", *window);
      const Value away = absolute(iota(graph, {1, queries, keys}, 1) - iota(graph, {1, queries, keys}, 2));
      add(less(away, scalar(away, static_cast<double>(*window))));
    }
    if (attention_mask) {
      const Value given = as_mask(*attention_mask);
      all = all ? logical_and(given, *all) : given;
    }
    return all;
  }
};

/// 'a', 'b', ...
std::string letters(int first, int n) {
  std::string s;
  for (int i = 0; i < n; ++i) s += static_cast<char>('a' + first + i);
  return s;
}

/// The options that all projections of a layer share.
template <class T> Layer projection(const T& layer, std::string name, std::string equation, std::vector<int64_t> sizes, std::string bias_axes, Activation activation = {}) {
  return Layer(EinsumDense{.equation = std::move(equation), .output_shape = Sizes(std::move(sizes)), .activation = std::move(activation),
                           .bias_axes = layer.use_bias ? std::optional(std::move(bias_axes)) : std::nullopt,
                           .kernel_initializer = layer.kernel_initializer, .bias_initializer = layer.bias_initializer,
                           .kernel_regularizer = layer.kernel_regularizer, .bias_regularizer = layer.bias_regularizer,
                           .kernel_constraint = layer.kernel_constraint, .bias_constraint = layer.bias_constraint},
               {.name = std::move(name), .activity_regularizer = layer.activity_regularizer});
}

/// [batch, ..., features] to [batch, ..., heads, size].
template <class T> Value heads(const T& layer, const char* name, Value x, int64_t n, int64_t size, Scope& scope, Activation activation = {}) {
  const int free = x.shape().rank() - 1;
  const std::string axes = letters(0, free), in = letters(free, 1), out = letters(free + 1, 2);
  std::vector<int64_t> sizes(static_cast<size_t>(free) - 1, Shape::unknown);
  sizes.push_back(n);
  sizes.push_back(size);
  return projection(layer, name, axes + in + "," + in + out + "->" + axes + out, sizes, out, std::move(activation))({x}, scope)[0];
}

/// [batch, ..., heads, size] to [batch, ..., sizes...].
template <class T> Value joined(const T& layer, Value x, const std::vector<int64_t>& sizes, Scope& scope) {
  const int free = x.shape().rank() - 2;
  const std::string axes = letters(0, free), in = letters(free, 2), out = letters(free + 2, static_cast<int>(sizes.size()));
  std::vector<int64_t> all(static_cast<size_t>(free) - 1, Shape::unknown);
  all.insert(all.end(), sizes.begin(), sizes.end());
  return projection(layer, "attention_output", axes + in + "," + in + out + "->" + axes + out, all, out)({x}, scope)[0];
}

struct How {
  std::vector<int64_t> axes;  // of the query, that are attended over
  double dropout = 0;
  std::optional<int64_t> seed = {};
  bool zero_if_blind = false;  // what a query that sees nothing gets: zeros, or the mean of all values
};

/// Softmax of scores [batch, ..., queries..., keys...] over the keys, and the same with some dropped.
struct Weights {
  Value all, kept;
};
Weights weigh(Value scores, std::optional<Value> mask, const How& how, Scope& scope) {
  const Shape shape = scores.shape();
  const int rank = shape.rank(), keys = static_cast<int>(how.axes.size());
  std::optional<Value> seen;
  if (mask) {
    // New axes come before those of queries and keys: the heads, and whatever is not attended over.
    const Shape m = mask->shape();
    const int leading = m.rank() - 2 * keys;
    require<ShapeError>(m.rank() <= rank && leading >= 0, scope.path(), ": an attention mask of shape ", m, " does not fit the scores ", shape);
    Shape wide = m.part(0, leading);
    for (int i = m.rank(); i < rank; ++i) wide.push_back(1);
    seen = reshape(*mask, wide + m.drop_front(leading));
    for (int a = 0; a < rank; ++a) require<ShapeError>(seen->shape()[a] == 1 || seen->shape()[a] == shape[a], scope.path(), ": an attention mask of shape ", m, " does not fit the scores ", shape);
    scores = masked_scores(scores, *seen);
  }
  std::vector<int64_t> over;
  for (int a = rank - keys; a < rank; ++a) over.push_back(a);
  Value weights = softmax_over(scores, over);
  if (seen && how.zero_if_blind) weights = select(*seen, weights, scalar(weights, 0));
  if (!scope.training()) return {weights, weights};
  return {weights, scope.inside("dropout", true, [&] { return dropped(weights, how.dropout, how.seed, weights.shape(), scope); })};
}

/// Of a query, keys and values [batch, ..., heads, size]: how they meet over `axes`.
struct Equations {
  std::string scores, answer;
  Equations(int rank, const std::vector<int64_t>& axes) {
    const std::string target = letters(0, rank);
    std::string source = target, product, queries, keys;
    for (size_t i = 0; i < axes.size(); ++i) {
      const auto a = static_cast<size_t>(axes[i]);
      queries += target[a];
      keys += source[a] = static_cast<char>('a' + rank + static_cast<int>(i));
    }
    for (const char c : target.substr(0, target.size() - 1))
      if (queries.find(c) == std::string::npos) product += c;
    product += queries + keys;
    scores = target + "," + source + "->" + product;
    answer = product + "," + source + "->" + target;
  }
};

std::vector<Value> finish(Value y, const Call& call, Value weights, Scope& scope) {
  if (call.query_mask) scope.set_mask(y, *call.query_mask);
  return call.scores ? std::vector{y, weights} : std::vector{y};
}

void check_dropout(double rate, const Scope& scope, std::string_view name) {
  require(rate >= 0 && rate <= 1, scope.path(), ": ", name, "'s dropout is the fraction to drop, from 0 to 1, and was given as ", rate);
}

}  // namespace

std::vector<Value> MultiHeadAttention::operator()(std::vector<Value> in, Scope& scope) const {
  require(num_heads > 0 && key_dim > 0 && value_dim.value_or(1) > 0, scope.path(), ": MultiHeadAttention takes positive numbers num_heads, key_dim and value_dim, and was given ", num_heads, ", ", key_dim, " and ", value_dim.value_or(key_dim));
  check_dropout(dropout, scope, class_name);
  const Call call(in, scope, class_name);
  const int rank = call.query.shape().rank() + 1;  // with the heads
  require<ShapeError>(call.value.shape().rank() + 1 == rank, scope.path(), ": MultiHeadAttention takes query and value of as many axes, and was given ", call.query.shape(), " and ", call.value.shape());
  How how{.axes = {}, .dropout = dropout, .seed = seed, .zero_if_blind = dropout > 0 || call.scores || rank != 4};  // Keras's other path
  if (attention_axes) how.axes = attention_axes->of(call.query.shape(), text(scope.path(), ": MultiHeadAttention's attention_axes"));
  else
    for (int64_t a = 1; a < rank - 2; ++a) how.axes.push_back(a);
  require(!how.axes.empty() && how.axes[0] > 0 && how.axes.back() < rank - 2, scope.path(), ": MultiHeadAttention attends over axes of steps, neither the batch nor the features, and its attention_axes are ", how.axes);
  const std::optional<Value> mask = call.mask(scope.graph(), sliding_window, scope, class_name);

  const int64_t value_size = value_dim.value_or(key_dim);
  const Value query = heads(*this, "query", call.query, num_heads, key_dim, scope), key = heads(*this, "key", call.key, num_heads, key_dim, scope);
  const Value gate = use_gate ? heads(*this, "gate", call.query, num_heads, value_size, scope, "sigmoid") : Value();
  const Value value = heads(*this, "value", call.value, num_heads, value_size, scope);
  const double scale = 1 / std::sqrt(static_cast<double>(key_dim));
  const std::vector<int64_t> sizes = output_shape ? *output_shape.list : std::vector<int64_t>{call.query.dim(-1)};
  // The commonest case, whose scores nobody else needs.
  if (rank == 4 && key.dim(1) > 0 && call.unmasked() && !sliding_window && !call.scores && (dropout == 0 || !scope.training())) {
    const Value answer = head_attention(query, key, value, {.scale = scale, .causal = call.causal});
    return finish(joined(*this, use_gate ? answer * gate : answer, sizes, scope), call, {}, scope);
  }
  const Equations equations(rank, how.axes);
  const Weights weights = weigh(einsum(equations.scores, {query * scale, key}), mask, how, scope);
  const Value answer = einsum(equations.answer, {weights.kept, value});
  return finish(joined(*this, use_gate ? answer * gate : answer, sizes, scope), call, weights.all, scope);
}

std::vector<Value> GroupQueryAttention::operator()(std::vector<Value> in, Scope& scope) const {
  require(head_dim > 0 && num_query_heads > 0 && num_key_value_heads > 0 && num_query_heads % num_key_value_heads == 0, scope.path(),
          ": GroupQueryAttention takes a positive head_dim, and num_query_heads that is a multiple of num_key_value_heads, and was given ", head_dim, ", ", num_query_heads, " and ", num_key_value_heads);
  check_dropout(dropout, scope, class_name);
  const Call call(in, scope, class_name);
  require<ShapeError>(call.query.shape().rank() == 3 && call.value.shape().rank() == 3, scope.path(), ": GroupQueryAttention takes [batch, steps, features], and was given ", call.query.shape(), " and ", call.value.shape());
  const How how{.axes = {1}, .dropout = dropout, .seed = seed, .zero_if_blind = dropout > 0 || call.scores};
  const std::optional<Value> mask = call.mask(scope.graph(), sliding_window, scope, class_name);

  const Value query = heads(*this, "query", call.query, num_query_heads, head_dim, scope), key = heads(*this, "key", call.key, num_key_value_heads, head_dim, scope);
  const Value gate = use_gate ? heads(*this, "gate", call.query, num_query_heads, head_dim, scope, "sigmoid") : Value();
  const Value value = heads(*this, "value", call.value, num_key_value_heads, head_dim, scope);
  // Query heads next to each other form a group, which one key and one value serve.
  const int64_t batch = query.dim(0), queries = query.dim(1), steps = key.dim(1), group = num_query_heads / num_key_value_heads;
  const Value grouped = reshape(query * (1 / std::sqrt(static_cast<double>(head_dim))), {batch, queries, num_key_value_heads, group, head_dim});
  const Value scores = reshape(einsum("bqvgh,bkvh->bvgqk", {grouped, key}), {batch, num_query_heads, queries, steps});
  const Weights weights = weigh(scores, mask, how, scope);
  const Value kept = reshape(weights.kept, {batch, num_key_value_heads, group, queries, steps});
  const Value answer = reshape(einsum("bvgqk,bkvh->bqvgh", {kept, value}), query.shape());
  const std::vector<Value> out = finish(joined(*this, use_gate ? answer * gate : answer, {call.query.dim(-1)}, scope), call, weights.all, scope);
  if (activity_regularizer)  // Keras: of the whole as well as of its projections, unlike MultiHeadAttention's
    for (const Value v : out) scope.add_loss(activity_regularizer(v) / static_cast<double>(batch));
  return out;
}

}  // namespace cornu
