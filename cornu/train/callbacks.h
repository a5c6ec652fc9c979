// All callbacks, and the list that runs them.
#pragma once
#include "cornu/train/callback_list.h"
#include "cornu/train/csv_logger.h"
#include "cornu/train/early_stopping.h"
#include "cornu/train/history.h"
#include "cornu/train/lambda_callback.h"
#include "cornu/train/learning_rate.h"
#include "cornu/train/model_checkpoint.h"
#include "cornu/train/progbar_logger.h"
#include "cornu/train/terminate_on_nan.h"
