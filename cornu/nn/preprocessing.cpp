#include "cornu/nn/preprocessing.h"

#include "cornu/nn/core.h"

namespace cornu {

Value Rescaling::operator()(Value x, Scope& scope) const {
  x = computable(x, scope) * scale;
  return offset == 0 ? x : x + offset;
}

}  // namespace cornu
