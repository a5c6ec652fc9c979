#include "cornu/layers/recurrent_gru.h"

#include "cornu/layers/core.h"
#include "cornu/nn/define_layer.h"

namespace cornu {

CORNU_DEFINE_LAYER(GRUCell)
CORNU_DEFINE_LAYER(GRU)

namespace {
/// Columns of the last axis, from gate `first` up to, not including, gate `last`.
Value gates_of(Value z, int64_t first, int64_t last, int64_t units) {
  return slice(z, {0, first * units}, {z.dim(0), last * units});
}
}  // namespace

CellStep GRUCell::over(Value x, Scope& scope) const {
  const int64_t n = units;
  const CellWeights w = cell_weights(*this, x, 3, reset_after ? Shape{2, 3 * n} : Shape{3 * n}, bias_initializer, scope);
  x = computable(x, scope);
  const int64_t batch = x.dim(-2);
  std::optional<Value> input_bias = w.bias, state_bias;
  if (w.bias && reset_after) {
    input_bias = reshape(slice(*w.bias, {0, 0}, {1, 3 * n}), {3 * n});
    state_bias = reshape(slice(*w.bias, {1, 0}, {2, 3 * n}), {3 * n});
  }
  const bool each_gate = implementation == 1 || recurrent_dropout > 0;
  std::vector<Value> drop, drop_states;
  if (dropout < 1) drop = dropout_masks(each_gate ? 3 : 1, dropout, batch, x.dim(-1), seed, scope);
  const Value inputs = project_dropped(x, drop, w, input_bias, 3, n);
  if (recurrent_dropout < 1) drop_states = dropout_masks(3, recurrent_dropout, batch, n, seed, scope);
  // All three gates' products at once where they read the same states.
  const bool at_once = reset_after && drop_states.empty();
  std::vector<Value> kernels;
  const Value update_and_reset = gates_of(w.recurrent_kernel, 0, 2, n);
  for (int64_t g = 0; g < 3; ++g) kernels.push_back(gate_of(w.recurrent_kernel, g, n));

  return {inputs, [=, after = reset_after, gate = recurrent_activation, activation = activation](Value x_part, Values states) -> std::vector<Value> {
            const Value before = states[0];
            const auto dropped = [&](size_t g) { return drop_states.empty() ? before : before * drop_states[g]; };
            Value z, r, candidate;
            if (at_once) {
              Value inner = matmul(before, w.recurrent_kernel);
              if (state_bias) inner = inner + *state_bias;
              z = gate(gate_of(x_part, 0, n) + gate_of(inner, 0, n));
              r = gate(gate_of(x_part, 1, n) + gate_of(inner, 1, n));
              candidate = r * gate_of(inner, 2, n);
            } else if (drop_states.empty()) {
              const Value both = gates_of(x_part, 0, 2, n) + matmul(before, update_and_reset);
              z = gate(gate_of(both, 0, n));
              r = gate(gate_of(both, 1, n));
              candidate = matmul(r * before, kernels[2]);
            } else {
              const auto product = [&](size_t g) {
                const Value p = matmul(dropped(g), kernels[g]);
                return state_bias ? p + gate_of(*state_bias, static_cast<int64_t>(g), n) : p;
              };
              z = gate(gate_of(x_part, 0, n) + product(0));
              r = gate(gate_of(x_part, 1, n) + product(1));
              candidate = after ? r * product(2) : matmul(r * dropped(2), kernels[2]);
            }
            const Value next = activation(gate_of(x_part, 2, n) + candidate);
            const Value h = z * before + (1 - z) * next;
            return {h, h};
          }, true};
}

std::vector<Value> GRUCell::operator()(std::vector<Value> in, Scope& scope) const { return call_cell(*this, in, scope); }

std::vector<Value> GRU::operator()(std::vector<Value> in, Scope& scope) const {
  return run_rnn(cell_of<GRUCell>(*this), rnn_options(*this), activity_regularizer, in, scope);
}

}  // namespace cornu
