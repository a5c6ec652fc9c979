// An op that the catalogue does not name.
// MISTAKE_1: name this op in the Catalogue in ops/ops.h
#include "cornu/base/fields.h"
#include "cornu/ops/ops.h"

using namespace cornu;

struct Unlisted {
  double by = 1;
  CORNU_FIELDS(by)
};

Value build(Value x) {
#if defined MISTAKE_1
  return emit(Unlisted{}, {x});
#else
  return relu(x);
#endif
}
