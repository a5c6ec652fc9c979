#include "cornu/layers/reshaping.h"

#include <algorithm>

#include "cornu/nn/define_layer.h"

namespace cornu {

CORNU_DEFINE_LAYER(Flatten)
CORNU_DEFINE_LAYER(layers::Reshape)
CORNU_DEFINE_LAYER(Permute)
CORNU_DEFINE_LAYER(RepeatVector)

Value Flatten::operator()(Value x, Scope& scope) const {
  require<ShapeError>(x.shape().rank() >= 1, scope.path(), ": Flatten takes [batch, ...] and was given one number");
  if (x.shape().rank() == 2) return x;
  return reshape(x, {x.dim(0), x.shape().drop_front().elements()});
}

Value layers::Reshape::operator()(Value x, Scope& scope) const {
  require<ShapeError>(x.shape().rank() >= 1, scope.path(), ": Reshape takes [batch, ...] and was given one number");
  const int64_t given = x.shape().drop_front().elements();
  Shape target = target_shape;
  Shape known;
  int open = -1;
  for (int i = 0; i < target.rank(); ++i) {
    if (target[i] == -1) {
      require<ShapeError>(open < 0, scope.path(), ": Reshape's target_shape ", target_shape.sizes(), " leaves more than one size open");
      open = i;
    } else {
      require<ShapeError>(target[i] >= 0, scope.path(), ": Reshape's target_shape ", target_shape.sizes(), " has a negative size");
      known.push_back(target[i]);
    }
  }
  const int64_t numbers = known.elements();
  if (open >= 0 && numbers > 0) target[open] = given / numbers;
  require<ShapeError>(open < 0 ? numbers == given : numbers > 0 && given % numbers == 0, scope.path(), ": Reshape cannot turn samples of shape ",
                      x.shape().drop_front(), " (", given, " numbers) into ", target_shape);
  return reshape(x, Shape{x.dim(0)} + target);
}

Value Permute::operator()(Value x, Scope& scope) const {
  const std::vector<int64_t> order = dims.list.value_or(std::vector<int64_t>{});
  std::vector<int64_t> sorted = order;
  std::sort(sorted.begin(), sorted.end());
  bool permutation = true;
  for (size_t i = 0; i < sorted.size(); ++i) permutation = permutation && sorted[i] == static_cast<int64_t>(i) + 1;
  require(permutation, scope.path(), ": Permute's dims are the numbers 1, 2, ... in some order, and were given as ", order);
  require<ShapeError>(x.shape().rank() == static_cast<int>(order.size()) + 1, scope.path(), ": Permute with dims ", order, " takes a batch of samples with ", order.size(), " axes, and was given ", x.shape());
  std::vector<int64_t> axes = {0};
  axes.insert(axes.end(), order.begin(), order.end());
  return transpose(x, axes);
}

Value RepeatVector::operator()(Value x, Scope& scope) const {
  require(n > 0, scope.path(), ": RepeatVector takes a positive n, and was given ", n);
  require<ShapeError>(x.shape().rank() == 2, scope.path(), ": RepeatVector takes [batch, features] and was given ", x.shape());
  return broadcast_to(reshape(x, {x.dim(0), 1, x.dim(1)}), {x.dim(0), n, x.dim(1)});
}

}  // namespace cornu
