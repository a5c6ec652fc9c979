// Losses: what training makes small. The index of the families.
#pragma once
#include "cornu/losses/circle.h"
#include "cornu/losses/ctc.h"
#include "cornu/losses/focal.h"
#include "cornu/losses/hinge.h"
#include "cornu/losses/loss.h"
#include "cornu/losses/probabilistic.h"
#include "cornu/losses/regression.h"
#include "cornu/losses/segmentation.h"

// Shapes that do not fit throw ShapeError, which says what the loss wants. A y_true of [batch, 1] beside a y_pred of [batch],
// and the other way round, are understood. Where a loss is Keras's metric of the same name too, Metric takes it as it is.
//
// A cross entropy whose y_pred is directly a softmax (or sigmoid) is computed from the logits behind it, as tf.keras does:
// exact for any logits. Other probabilities are clipped to [1e-7, 1 - 1e-7] first.
