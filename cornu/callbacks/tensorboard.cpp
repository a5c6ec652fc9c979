#include "cornu/callbacks/tensorboard.h"

#include <algorithm>

#include "cornu/base/error.h"
#include "cornu/callbacks/event_file.h"

namespace cornu {

UpdateFrequency::UpdateFrequency(int batches) : batches_(batches) {
  require(batches > 0, "TensorBoard: update_freq is ", batches, "; it can be \"epoch\", \"batch\" or a positive number of batches");
}
UpdateFrequency::UpdateFrequency(const char* name) : batches_(std::string_view(name) == "batch" ? 1 : 0) {
  require(std::string_view(name) == "epoch" || batches_ == 1, "TensorBoard: update_freq is '", printable(name), "'; it can be \"epoch\", \"batch\" or a positive number of batches");
}

EventFile& TensorBoard::train() {
  if (!train_file) train_file = std::make_shared<EventFile>(log_dir + "/train");
  return *train_file;
}
EventFile& TensorBoard::validation() {
  if (!validation_file) validation_file = std::make_shared<EventFile>(log_dir + "/validation");
  return *validation_file;
}

void TensorBoard::on_train_begin(Logs&, Training& training) {
  require(histogram_freq >= 0, "TensorBoard: histogram_freq is a number of epochs, or 0 for none, and was ", histogram_freq);
  train_file.reset();
  validation_file.reset();
  batches = 0;
  if (!write_graph) return;
  try {
    train().text("keras", "graph_keras_model", "1", training.model_json(), 0);
  } catch (const UnsupportedError& e) {  // a model that cannot be described can still be trained
    training.console().warn(text("Model failed to serialize as JSON. Ignoring... ", e.what()));
  }
}

void TensorBoard::on_train_end(Logs&, Training&) {
  if (train_file) train_file->flush();
  if (validation_file) validation_file->flush();
  train_file.reset();
  validation_file.reset();
}

void TensorBoard::on_epoch_begin(int, Logs&, Training& training) {
  iterations_before = training.iterations();
  epoch_began = training.console().seconds();
}

void TensorBoard::on_epoch_end(int epoch, Logs& logs, Training& training) {
  for (const auto& [name, value] : logs)
    if (name.starts_with("val_")) validation().scalar("epoch_" + name.substr(4), value, epoch);
    else if (name != "learning_rate") train().scalar("epoch_" + name, value, epoch);
  train().scalar("epoch_learning_rate", training.learning_rate(), epoch);
  if (write_steps_per_second)
    train().scalar("epoch_steps_per_second", static_cast<double>(training.iterations() - iterations_before) / (training.console().seconds() - epoch_began), epoch);
  if (histogram_freq > 0 && epoch % histogram_freq == 0) {
    const std::vector<Tensor> weights = training.get_weights();
    const std::vector<std::string> names = training.weight_names();
    for (size_t i = 0; i < std::min(names.size(), weights.size()); ++i) {
      std::vector<double> values(static_cast<size_t>(weights[i].size()));
      for (size_t k = 0; k < values.size(); ++k) values[k] = weights[i].at(static_cast<int64_t>(k));
      train().histogram(names[i] + "/histogram", values, epoch);
    }
  }
  train().flush();
  if (validation_file) validation_file->flush();
}

void TensorBoard::on_train_batch_begin(int, Logs&, Training& training) {
  ++batches;
  batch_began = training.console().seconds();
}

void TensorBoard::on_train_batch_end(int, Logs& logs, Training& training) {
  if (update_freq.is_epoch() || batches % update_freq.batches() != 0) return;
  if (write_steps_per_second) train().scalar("batch_steps_per_second", 1 / (training.console().seconds() - batch_began), batches);
  for (const auto& [name, value] : logs) train().scalar("batch_" + name, value, batches);
}

void TensorBoard::on_test_end(Logs& logs, Training& training) {
  for (const auto& [name, value] : logs) validation().scalar(text("evaluation_", name, "_vs_iterations"), value, training.iterations());
  validation().flush();
}

BatchCalls TensorBoard::batch_calls(Mode mode, const Training&) const { return mode == Mode::train && !update_freq.is_epoch() ? BatchCalls::each : BatchCalls::none; }

}  // namespace cornu
