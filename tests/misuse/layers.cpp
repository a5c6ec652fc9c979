// Layers that cannot be called.
// MISTAKE_1: a layer is a struct with operator()(Value x, Scope& scope) const
// MISTAKE_2: OneInput
// MISTAKE_3: a layer is a struct with operator()(Value x, Scope& scope) const
#include "cornu/train/model.h"

using namespace cornu;

struct NoCall {
  double by = 2;
};
struct ForgotScope {
  Value operator()(Value x) const { return x; }
};
struct NotConst {
  Value operator()(Value x, Scope&) { return x; }
};
struct Right {
  Value operator()(Value x, Scope&) const { return x; }
};

void models() {
  Sequential right{Input{8}, Right{}, Dense{3}};
#if defined MISTAKE_1
  Sequential model{Input{8}, NoCall{}, Dense{3}};
#elif defined MISTAKE_2
  Layer layer{ForgotScope{}};
#elif defined MISTAKE_3
  Sequential model{NotConst{}};
#endif
}
