// Losses, metrics and optimizers that lack what makes them one.
// MISTAKE_1: LossFunction
// MISTAKE_2: WholeMetric
// MISTAKE_3: t.slots()
#include "cornu/train/model.h"

using namespace cornu;

struct OneArgument {
  Value operator()(Value y) const { return y; }
};
struct NoSlots {
  LearningRate learning_rate = 0.1;
  Value operator()(WeightUpdate& u) const { return u.weight; }
};

void choices() {
  Loss right([](Value a, Value b) { return a - b; });
#if defined MISTAKE_1
  Loss loss{OneArgument{}};
#elif defined MISTAKE_2
  Metric metric{OneArgument{}};
#elif defined MISTAKE_3
  Optimizer optimizer{NoSlots{}};
#endif
}
