// Metrics: what is reported while training. The index of the families.
#pragma once
#include "cornu/losses/losses.h"
#include "cornu/metrics/accuracy.h"
#include "cornu/metrics/auc.h"
#include "cornu/metrics/confusion.h"
#include "cornu/metrics/constrained.h"
#include "cornu/metrics/correlation.h"
#include "cornu/metrics/f_score.h"
#include "cornu/metrics/from_losses.h"
#include "cornu/metrics/iou.h"
#include "cornu/metrics/metric.h"
#include "cornu/metrics/reduction.h"
#include "cornu/metrics/regression.h"

// Each has Keras's options in Keras's order, and Keras's name in logs. Results are computed in float32, as Keras's are: histories
// are compared digit by digit.
