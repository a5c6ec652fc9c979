#include "cornu/callbacks/model_checkpoint.h"

#include <filesystem>

#include "cornu/base/error.h"
#include "cornu/callbacks/monitor.h"
#include "cornu/callbacks/numbers.h"
#include "cornu/callbacks/path_template.h"

namespace cornu {

SaveFrequency::SaveFrequency(int batches) : batches_(batches) {
  require(batches > 0, "ModelCheckpoint: save_freq is ", batches, "; it can be \"epoch\" or a positive number of batches");
}
SaveFrequency::SaveFrequency(const char* name) {
  require(std::string_view(name) == "epoch", "Unrecognized save_freq: ", printable(name),
          ". Expected save_freq are 'epoch' or integer values");
}

// The name is checked when training begins: an aggregate has no constructor, and later would be too late.
void ModelCheckpoint::on_train_begin(Logs&, Training& training) {
  if (save_weights_only)
    require(filepath.ends_with(".weights.h5"),
            "When using `save_weights_only=True` in `ModelCheckpoint`, the filepath provided must end in `.weights.h5` (Keras "
            "weights "
            "format). Received: filepath=",
            printable(filepath));
  else
    require(filepath.ends_with(".keras"),
            "The filepath provided must end in `.keras` (Keras model format). Received: filepath=", printable(filepath));
  if (save_best_only) more_is_better("ModelCheckpoint", monitor, mode, training);
  if (!begun && !best) best = initial_value_threshold;
  begun = true;
  warned = false;
}

void ModelCheckpoint::on_epoch_begin(int epoch, Logs&, Training&) { current_epoch = epoch; }

void ModelCheckpoint::on_train_batch_end(int batch, Logs& logs, Training& training) {
  if (save_freq.is_epoch() || ++batches_since_save < save_freq.batches()) return;
  batches_since_save = 0;
  save(current_epoch, batch, logs, training);
}

void ModelCheckpoint::on_epoch_end(int epoch, Logs& logs, Training& training) {
  if (save_freq.is_epoch()) save(epoch, {}, logs, training);
}

BatchCalls ModelCheckpoint::batch_calls(Mode run, const Training&) const {
  return run == Mode::train && !save_freq.is_epoch() ? BatchCalls::each : BatchCalls::none;
}

bool ModelCheckpoint::should_save(int epoch, const Logs& logs, const std::string& path, Training& training) {
  const std::string where = text("\nEpoch ", epoch + 1, ": ");
  const auto say = [&](const std::string& what) {
    if (verbose > 0) training.console().print(where + what + "\n");
  };
  if (!save_best_only) return say(text("saving model to ", path)), true;
  const double* current = logs.find(monitor);
  if (!current) {
    if (!warned)
      training.console().warn(
          text("Can save best model only with ", monitor, " available. Available metrics are: ", logs.names(",")));
    return warned = true;
  }
  const std::string best_text = best ? formatted("%.5f", *best) : "None";
  if (!is_improvement(*current, best, more_is_better("ModelCheckpoint", monitor, mode, training)))
    return say(text(monitor, " did not improve from ", best_text)), false;
  say(text(monitor, " improved from ", best_text, " to ", formatted("%.5f", *current), ", saving model to ", path));
  best = *current;
  return true;
}

void ModelCheckpoint::save(int epoch, std::optional<int> batch, const Logs& logs, Training& training) {
  const std::string path = fill_path(filepath, epoch, batch, logs);
  if (!should_save(epoch, logs, path, training)) return;
  require<IoError>(!std::filesystem::is_directory(path),
                   "Please specify a non-directory filepath for ModelCheckpoint. Filepath used is an existing directory: ", path);
  if (const auto folder = std::filesystem::path(path).parent_path(); !folder.empty()) {
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    require<IoError>(!failed, "ModelCheckpoint cannot create the directory '", folder.string(), "': ", failed.message());
  }
  save_weights_only ? training.save_weights(path) : training.save(path);
  if (verbose > 0) training.console().print(text("\nEpoch ", epoch + 1, ": finished saving model to ", path, "\n"));
}

Config ModelCheckpoint::state() const {
  return Config::Dict{{"best", best_to_config(best)}, {"batches_since_save", batches_since_save}};
}

void ModelCheckpoint::set_state(const Config& state) {
  best = best_from_config(state["best"]);
  batches_since_save = static_cast<int>(state["batches_since_save"].as_int());
  begun = true;
}

}  // namespace cornu
