#include "cornu/app/short_form.h"
#include "cornu/app/train.h"
#include "cornu/callbacks/callbacks.h"

namespace cornu::app {
namespace {

/// "5", or "patience=5,monitor=val_accuracy,...".
EarlyStopping early_stopping(const std::string& given, bool validated) {
  constexpr std::string_view known[] = {"patience", "monitor", "min_delta", "mode", "baseline", "restore_best_weights", "start_from_epoch", "verbose"};
  EarlyStopping stop;
  stop.monitor = validated ? "val_loss" : "loss";
  const std::string where = "--early-stopping";
  if (given.find('=') == std::string::npos) {
    read_value(where, given, stop.patience);
    return stop;
  }
  const Config options = options_from_text(where, given);
  for (const auto& [key, value] : options.as_dict()) {
    try {
      if (key == "patience") stop.patience = static_cast<int>(value.as_int());
      else if (key == "monitor") stop.monitor = value.as_string();
      else if (key == "min_delta") stop.min_delta = value.as_double();
      else if (key == "mode") stop.mode = value.as_string();
      else if (key == "baseline") stop.baseline = value.as_double();
      else if (key == "restore_best_weights") stop.restore_best_weights = value.as_bool();
      else if (key == "start_from_epoch") stop.start_from_epoch = static_cast<int>(value.as_int());
      else if (key == "verbose") stop.verbose = static_cast<int>(value.as_int());
      else throw ArgumentError(text(where, " has no option '", printable(key), "'", did_you_mean(key, known)));
    } catch (const FormatError& e) {
      throw ArgumentError(text(where, ": ", key, ": ", e.what()));
    }
  }
  require(validated || !stop.monitor.starts_with("val_"), where, " watches ", stop.monitor, ", but nothing is validated: give --validation-split, --validation-data or --validate");
  return stop;
}

}  // namespace

Callbacks make_callbacks(const TrainOptions& o, bool validated) {
  Callbacks callbacks;
  if (!o.early_stopping.empty()) {
    EarlyStopping stop = early_stopping(o.early_stopping, validated);
    callbacks.keeps_tensors = stop.restore_best_weights;
    callbacks.list.emplace_back(std::move(stop));
  }
  if (!o.checkpoint.empty()) {
    ModelCheckpoint checkpoint{.filepath = o.checkpoint, .save_best_only = !o.checkpoint_best.empty()};
    if (!o.checkpoint_best.empty()) checkpoint.monitor = o.checkpoint_best;
    callbacks.list.emplace_back(std::move(checkpoint));
  }
  if (!o.csv_log.empty()) callbacks.list.emplace_back(CSVLogger{.filename = o.csv_log});
  return callbacks;
}

}  // namespace cornu::app
