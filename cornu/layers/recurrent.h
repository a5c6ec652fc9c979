// Recurrent layers, their cells and their wrappers: the index.
#pragma once
#include "cornu/layers/recurrent_gru.h"
#include "cornu/layers/recurrent_lstm.h"
#include "cornu/layers/recurrent_rnn.h"
#include "cornu/layers/recurrent_simple_rnn.h"
#include "cornu/layers/recurrent_wrappers.h"
