#include "cornu/layers/call_keys.h"
#include "cornu/layers/layers.h"
#include "cornu/nn/define_layer.h"

namespace cornu {

CORNU_DEFINE_LAYER(Bidirectional)

namespace {

/// f on the struct that a recurrent layer was made from.
template <class F> auto with_recurrent(const Layer& layer, F f) {
  if (const auto* l = layer.as<LSTM>()) return f(*l);
  if (const auto* l = layer.as<GRU>()) return f(*l);
  if (const auto* l = layer.as<SimpleRNN>()) return f(*l);
  if (const auto* l = layer.as<RNN>()) return f(*l);
  throw UnsupportedError(text("Bidirectional wraps LSTM, GRU, SimpleRNN or RNN, and was given a ", layer.class_name()));
}

std::string name_of(const Layer& layer) { return layer.name().empty() ? snake_case(layer.class_name()) : layer.name(); }
std::string with_prefix(std::string_view prefix, const std::string& name) { return name.starts_with(prefix) ? name : text(prefix, name); }

/// The layer as Bidirectional uses it.
Layer copy_of(const Layer& layer, std::string name, std::optional<bool> go_backwards) {
  LayerOptions options = layer.options();
  options.name = std::move(name);
  options.input_shape.reset();
  return with_recurrent(layer, [&](auto l) {
    l.zero_output_for_mask = l.return_sequences;
    l.go_backwards = go_backwards.value_or(l.go_backwards);
    if constexpr (std::is_same_v<decltype(l), RNN>)
      if (l.cell) l.cell = l.cell.clone();
    return Layer(std::move(l), options);
  });
}

RNNOptions options_of(const Layer& layer) {
  return with_recurrent(layer, [](const auto& l) { return rnn_options(l); });
}

Value merge(const std::string& mode, Value a, Value b) {
  if (mode == "concat") return concat({a, b}, a.shape().rank() - 1);
  if (mode == "sum") return a + b;
  if (mode == "mul") return a * b;
  return (a + b) / 2;
}

}  // namespace

Layer Bidirectional::forward() const {
  require(layer.has_value(), "Bidirectional was given no layer");
  return copy_of(*layer, with_prefix("forward_", name_of(*layer)), {});
}

Layer Bidirectional::backward() const {
  require(layer.has_value(), "Bidirectional was given no layer");
  if (backward_layer) return copy_of(*backward_layer, name_of(*backward_layer), {});
  return copy_of(*layer, with_prefix("backward_", name_of(*layer)), true);
}

std::vector<Value> Bidirectional::operator()(std::vector<Value> in, Scope& scope) const {
  constexpr std::string_view modes[] = {"concat", "sum", "mul", "ave"};
  if (merge_mode)
    require(std::find(std::begin(modes), std::end(modes), *merge_mode) != std::end(modes), scope.path(), ": Bidirectional's merge_mode is concat, sum, mul, ave or null, and was '", printable(*merge_mode), "'",
            did_you_mean(*merge_mode, modes));
  check_call(scope, class_name, {"initial_state", "mask"});
  const Layer there = forward(), back = backward();
  const RNNOptions f = options_of(there), b = options_of(back);
  require(f.go_backwards != b.go_backwards, scope.path(), ": of Bidirectional's two layers one has go_backwards, and both were given ", f.go_backwards);
  require(f.stateful == b.stateful && f.return_sequences == b.return_sequences && f.return_state == b.return_state, scope.path(),
          ": Bidirectional's two layers must agree in stateful (", f.stateful, ", ", b.stateful, "), return_sequences (", f.return_sequences, ", ", b.return_sequences, ") and return_state (",
          f.return_state, ", ", b.return_state, ")");
  require<ShapeError>(!in.empty(), scope.path(), ": Bidirectional takes [batch, time, features], and was given nothing");

  const CallArguments call = scope.call();
  std::vector<Value> states(in.begin() + 1, in.end());
  if (const auto found = call.values.find("initial_state"); found != call.values.end()) {
    require(states.empty(), scope.path(), ": the initial states were given twice, as inputs and as initial_state");
    states = found->second;
  }
  require<ShapeError>(states.size() % 2 == 0, scope.path(), ": Bidirectional takes as many initial states for the one layer as for the other, and was given ", states.size());
  CallArguments forth, backwards;
  if (const auto mask = call.values.find("mask"); mask != call.values.end()) forth.values["mask"] = backwards.values["mask"] = mask->second;
  const auto half = states.begin() + static_cast<long>(states.size() / 2);
  if (!states.empty()) {
    forth.values["initial_state"] = {states.begin(), half};
    backwards.values["initial_state"] = {half, states.end()};
  }
  backwards.options.set(flip_outputs, true);
  std::vector<Value> y = there({in[0]}, scope, forth), z = back({in[0]}, scope, backwards);

  std::vector<Value> out;
  const std::optional<Value> mask = scope.mask(y[0]);
  if (merge_mode) {
    out = {merge(*merge_mode, y[0], z[0])};
    if (mask) scope.set_mask(out[0], *mask);
  } else {
    out = {y[0], z[0]};
  }
  out.insert(out.end(), y.begin() + 1, y.end());
  out.insert(out.end(), z.begin() + 1, z.end());
  return out;
}

}  // namespace cornu
