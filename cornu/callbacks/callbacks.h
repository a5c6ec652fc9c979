// All callbacks, and the list that runs them.
#pragma once
#include "cornu/callbacks/backup_and_restore.h"
#include "cornu/callbacks/callback_list.h"
#include "cornu/callbacks/csv_logger.h"
#include "cornu/callbacks/early_stopping.h"
#include "cornu/callbacks/history.h"
#include "cornu/callbacks/lambda_callback.h"
#include "cornu/callbacks/learning_rate.h"
#include "cornu/callbacks/model_checkpoint.h"
#include "cornu/callbacks/progbar_logger.h"
#include "cornu/callbacks/swap_ema_weights.h"
#include "cornu/callbacks/tensorboard.h"
#include "cornu/callbacks/terminate_on_nan.h"
