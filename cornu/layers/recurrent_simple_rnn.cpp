#include "cornu/layers/recurrent_simple_rnn.h"

#include "cornu/layers/core.h"
#include "cornu/nn/define_layer.h"

namespace cornu {

CORNU_DEFINE_LAYER(SimpleRNNCell)
CORNU_DEFINE_LAYER(SimpleRNN)

CellStep SimpleRNNCell::over(Value x, Scope& scope) const {
  const CellWeights w = cell_weights(*this, x, 1, {units}, bias_initializer, scope);
  x = computable(x, scope);
  const int64_t batch = x.dim(-2);
  const Value inputs = project_dropped(x, dropout_masks(1, dropout, batch, x.dim(-1), seed, scope), w, w.bias, 1, units);
  const std::vector<Value> drop = dropout_masks(1, recurrent_dropout, batch, units, seed, scope);
  return {inputs, [=, activation = activation](Value z, Values states) -> std::vector<Value> {
            const Value before = drop.empty() ? states[0] : states[0] * drop[0];
            const Value h = activation(z + matmul(before, w.recurrent_kernel));
            return {h, h};
          }, true};
}

std::vector<Value> SimpleRNNCell::operator()(std::vector<Value> in, Scope& scope) const { return call_cell(*this, in, scope); }

std::vector<Value> SimpleRNN::operator()(std::vector<Value> in, Scope& scope) const {
  return run_rnn(cell_of<SimpleRNNCell>(*this), rnn_options(*this), activity_regularizer, in, scope);
}

}  // namespace cornu
