// The losses that are Keras's metrics too, under the same name: the mean of their values over all that was seen.
#pragma once
#include "cornu/losses/hinge.h"
#include "cornu/losses/probabilistic.h"
#include "cornu/losses/regression.h"
#include "cornu/metrics/metric.h"

namespace cornu {

CORNU_METRIC(MeanSquaredError)
CORNU_METRIC(MeanAbsoluteError)
CORNU_METRIC(MeanAbsolutePercentageError)
CORNU_METRIC(MeanSquaredLogarithmicError)
CORNU_METRIC(Hinge)
CORNU_METRIC(SquaredHinge)
CORNU_METRIC(CategoricalHinge)
CORNU_METRIC(KLDivergence)
CORNU_METRIC(Poisson)
CORNU_METRIC(BinaryCrossentropy)
CORNU_METRIC(CategoricalCrossentropy)
CORNU_METRIC(SparseCategoricalCrossentropy)

}  // namespace cornu
