// Handles of the losses that are metrics too.
#include "cornu/metrics/from_losses.h"

#include "cornu/metrics/define_metric.h"

namespace cornu {

CORNU_DEFINE_METRIC(MeanSquaredError)
CORNU_DEFINE_METRIC(MeanAbsoluteError)
CORNU_DEFINE_METRIC(MeanAbsolutePercentageError)
CORNU_DEFINE_METRIC(MeanSquaredLogarithmicError)
CORNU_DEFINE_METRIC(Hinge)
CORNU_DEFINE_METRIC(SquaredHinge)
CORNU_DEFINE_METRIC(CategoricalHinge)
CORNU_DEFINE_METRIC(KLDivergence)
CORNU_DEFINE_METRIC(Poisson)
CORNU_DEFINE_METRIC(BinaryCrossentropy)
CORNU_DEFINE_METRIC(CategoricalCrossentropy)
CORNU_DEFINE_METRIC(SparseCategoricalCrossentropy)

}  // namespace cornu
