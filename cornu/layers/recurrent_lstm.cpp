#include "cornu/layers/recurrent_lstm.h"

#include <algorithm>

#include "cornu/layers/core.h"
#include "cornu/nn/define_layer.h"

namespace cornu {

CORNU_DEFINE_LAYER(LSTMCell)
CORNU_DEFINE_LAYER(LSTM)

namespace {

Initializer bias_of(const LSTMCell& cell) {
  if (!cell.unit_forget_bias) return cell.bias_initializer;
  return [units = cell.units, others = cell.bias_initializer](const Shape& shape, DType dtype, uint64_t seed) {
    Tensor bias(DType::float64, shape);
    const auto to = bias.mutable_values<double>();
    const Tensor first = others({units}, DType::float64, seed, 0), last = others({2 * units}, DType::float64, seed, 1);
    for (int64_t i = 0; i < 4 * units; ++i) to[static_cast<size_t>(i)] = i < units ? first.at(i) : i < 2 * units ? 1 : last.at(i - 2 * units);
    return bias.cast(dtype);
  };
}

}  // namespace

CellStep LSTMCell::over(Value x, Scope& scope) const {
  const CellWeights w = cell_weights(*this, x, 4, {4 * units}, bias_of(*this), scope);
  x = computable(x, scope);
  const int64_t batch = x.dim(-2);
  const bool each_gate = implementation == 1 || recurrent_dropout > 0;
  std::vector<Value> drop;
  if (dropout < 1) drop = dropout_masks(each_gate ? 4 : 1, dropout, batch, x.dim(-1), seed, scope);
  const Value inputs = project_dropped(x, drop, w, w.bias, 4, units);
  std::vector<Value> drop_states, kernels;
  if (recurrent_dropout < 1) drop_states = dropout_masks(4, recurrent_dropout, batch, units, seed, scope);
  for (size_t g = 0; g < drop_states.size(); ++g) kernels.push_back(gate_of(w.recurrent_kernel, static_cast<int64_t>(g), units));

  return {inputs, [=, n = units, gate = recurrent_activation, activation = activation](Value x_part, Values states) -> std::vector<Value> {
            std::vector<Value> z;
            if (drop_states.empty()) {
              const Value all = x_part + matmul(states[0], w.recurrent_kernel);
              for (int64_t g = 0; g < 4; ++g) z.push_back(gate_of(all, g, n));
            } else {
              for (size_t g = 0; g < 4; ++g) z.push_back(gate_of(x_part, static_cast<int64_t>(g), n) + matmul(states[0] * drop_states[g], kernels[g]));
            }
            const Value c = gate(z[1]) * states[1] + gate(z[0]) * activation(z[2]);
            const Value h = gate(z[3]) * activation(c);
            return {h, h, c};
          }, true};
}

std::vector<Value> LSTMCell::operator()(std::vector<Value> in, Scope& scope) const { return call_cell(*this, in, scope); }

std::vector<Value> LSTM::operator()(std::vector<Value> in, Scope& scope) const {
  return run_rnn(cell_of<LSTMCell>(*this), rnn_options(*this), activity_regularizer, in, scope);
}

}  // namespace cornu
