// All that a user of cornu needs, in one header:
//
//   #include <cornu/cornu.h>
//   using namespace cornu;
//
//   auto [train, test] = datasets::fashion_mnist();
//   Sequential model{Input{784}, Dense{10, "relu"}, Dense{10, "relu"}, Dense{10, "softmax"}};
//   model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
//   model.fit(train.x, train.y, {.epochs = 10});
#pragma once

// Data: tensors from IDX and CSV files, texts from folders, sequences and labels made ready, data sets by name.
#include "cornu/data/csv.h"
#include "cornu/data/datasets.h"
#include "cornu/data/idx.h"
#include "cornu/data/manpages.h"
#include "cornu/data/sequences.h"
#include "cornu/data/text.h"

// Models: layers, losses, metrics, optimizers; compile, fit, evaluate, predict, save, load.
#include "cornu/callbacks/callbacks.h"
#include "cornu/infer/predictor.h"
#include "cornu/train/model.h"
#include "cornu/train/training_step.h"

// Below models: ops on Values, gradients of graphs, Programs.
#include "cornu/autodiff/gradients.h"
#include "cornu/compiler/compile.h"
#include "cornu/compiler/function.h"
#include "cornu/ops/ops.h"
