#include "cornu/layers/reshaping.h"
#include "cornu/nn/define_layer.h"

namespace cornu {

CORNU_DEFINE_LAYER(Flatten)
CORNU_DEFINE_LAYER(layers::Reshape)

Value Flatten::operator()(Value x, Scope& scope) const {
  require<ShapeError>(x.shape().rank() >= 1, scope.path(), ": Flatten takes [batch, ...] and was given one number");
  if (x.shape().rank() == 2) return x;
  return reshape(x, {x.dim(0), x.shape().drop_front().elements()});
}

Value layers::Reshape::operator()(Value x, Scope& scope) const {
  require<ShapeError>(x.shape().rank() >= 1, scope.path(), ": Reshape takes [batch, ...] and was given one number");
  const int64_t given = x.shape().drop_front().elements();
  Shape target = target_shape;
  int64_t known = 1;
  int open = -1;
  for (int i = 0; i < target.rank(); ++i) {
    if (target[i] == -1) {
      require<ShapeError>(open < 0, scope.path(), ": Reshape's target_shape ", target_shape.sizes(), " leaves more than one size open");
      open = i;
    } else {
      require<ShapeError>(target[i] >= 0, scope.path(), ": Reshape's target_shape ", target_shape.sizes(), " has a negative size");
      known *= target[i];
    }
  }
  if (open >= 0 && known > 0) target[open] = given / known;
  require<ShapeError>(open < 0 ? known == given : known > 0 && given % known == 0, scope.path(), ": Reshape cannot turn samples of shape ",
                      x.shape().drop_front(), " (", given, " numbers) into ", target_shape);
  return reshape(x, Shape{x.dim(0)} + target);
}

}  // namespace cornu
