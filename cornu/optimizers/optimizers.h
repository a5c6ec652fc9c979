// Every optimizer, by families. Fields are Keras's options, in its order and with its defaults.
#pragma once
#include "cornu/optimizers/adafactor.h"
#include "cornu/optimizers/adagrad.h"
#include "cornu/optimizers/adam.h"
#include "cornu/optimizers/ftrl.h"
#include "cornu/optimizers/loss_scale.h"
#include "cornu/optimizers/muon.h"
#include "cornu/optimizers/optimizer.h"
#include "cornu/optimizers/sgd.h"
