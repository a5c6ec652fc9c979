#include <filesystem>

#include "cornu/app/command.h"
#include "cornu/app/short_form.h"
#include "cornu/app/train.h"
#include "cornu/io/bytes.h"
#include "cornu/io/file.h"
#include "cornu/io/json.h"
#include "cornu/train/model_file.h"

namespace cornu::app {
namespace {

struct ChosenLoss {
  std::string_view name, why;
};
/// What the labels and the model's last layer ask for.
ChosenLoss choose_loss(const Model& model, const Tensor& y) {
  const bool softmax = ends_in(model, "softmax"), integers = is_integer(y.dtype());
  const int64_t outputs = model.output_shape().dim(-1);
  if (integers && softmax && y.size() == y.shape()[0]) return {"sparse_categorical_crossentropy", "labels are integers, the model ends in softmax"};
  if (softmax && y.shape().rank() == 2 && y.shape().dim(-1) == outputs) return {"categorical_crossentropy", "labels are rows, the model ends in softmax"};
  if (integers && outputs == 1 && ends_in(model, "sigmoid")) return {"binary_crossentropy", "labels are integers, the model ends in one sigmoid"};
  return {"mean_squared_error", softmax ? "labels are not integers" : "the model does not end in softmax"};
}

std::string as_text(const Bytes& bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

/// Compiles as the options say, and where they do not as `before` did, and where that is missing as the data ask for.
std::string compile_model(Model& model, const TrainOptions& o, const Tensor& y, const std::optional<CompileConfig>& before) {
  std::string remarks;
  CompileConfig config = before.value_or(CompileConfig{.optimizer = "adam"});
  if (!o.optimizer.empty()) config.optimizer = optimizer_from_text(o.optimizer);
  if (!o.loss.empty()) config.loss = loss_from_text(o.loss);
  if (!config.loss) {
    const ChosenLoss chosen = choose_loss(model, y);
    config.loss = Loss(chosen.name);
    remarks += text("loss: ", chosen.name, "\n  since ", chosen.why, "\n");
  }
  if (!o.metrics.empty()) config.metrics = metrics_from_text(o.metrics);
  else if (!before && config.loss.values()[0].name().find("crossentropy") != std::string::npos) config.metrics = {"accuracy"};
  config.threads = o.threads;
  config.memory = Memory(o.memory);
  config.tune = o.tune;
  model.compile(std::move(config));
  return remarks;
}

Model from_json_file(const std::string& path, std::optional<CompileConfig>& compiled) {
  const std::string json = as_text(read_file(path, 64 << 20));
  return with_context(path, [&] {
    try {
      const Config object = parse_json(json);
      if (const Config& config = object["compile_config"]; config.is_dict() && config.contains("optimizer")) compiled = compile_config_from(config);
      return model_from_json(json);
    } catch (const UnsupportedError&) {
      throw;
    } catch (const ArgumentError& e) {
      throw ArgumentError(text(path, ": ", e.what()));
    }
  });
}

}  // namespace

TrainedModel make_model(const TrainOptions& o, Data& data) {
  TrainedModel made;
  std::optional<LoadedModel> saved;
  if (o.resume && std::filesystem::exists(o.save)) {
    saved = from_file([&] { return load_model_and_progress(o.save); });
    require(saved->progress.is_dict(), "--resume: ", o.save, " holds a model but not how far a run came, since it was not written by 'cornu train --save'; to train it further give --model ", o.save, " without --resume");
    made.epochs_done = static_cast<int>(saved->progress["epochs"].as_int());
    made.stopped = saved->progress["stopped"].as_bool();
    made.resumed = made.epochs_done > 0 || made.stopped;
    if (!made.resumed) made.remarks += text(o.save, " was interrupted in its first epoch: training starts from the beginning\n");
  }
  const Shape sample = data.x.shape().drop_front();
  std::optional<CompileConfig> compiled;
  std::optional<uint64_t> seed = o.seed;
  if (!seed && saved) seed = saved->model.seed();
  const bool from_file = o.layers.empty() && (o.model.empty() || o.model.ends_with(".keras"));
  if (!o.layers.empty()) {
    made.model = Sequential(layers_from_text(o.layers, sample));
  } else if (!o.model.empty()) {
    made.model = o.model.ends_with(".keras") ? app::from_file([&] { return load_model(o.model); }) : from_json_file(o.model, compiled);
  } else {
    require(saved.has_value(), "which model? Give --layers \"dense:32:relu dense:10:softmax\", or --model config.json", o.resume ? text("; ", o.save, " does not exist, so there is nothing to resume") : "");
    if (made.resumed) {
      made.model = std::move(saved->model);
    } else {  // its first epoch begins anew, from new weights
      made.model = model_from_json(saved->model.to_json());
      compiled = saved->model.state().config;
    }
  }
  if (seed && made.model.seed() != *seed) made.model.set_seed(*seed);
  scale_pixels(data, o.data, made.model.layers());
  if (!made.model.built()) made.model.build(Shape{Shape::unknown} + sample);
  const Shape in = made.model.input_shape().drop_front();
  made.remarks += text(data.source, ": ", data.x.shape()[0], " samples of ", sample, in == sample ? "" : text(", read as ", in), "\n");
  if (data.x.dtype() == DType::uint8 && data.x.scale() != 1) made.remarks += data.x.scale() == 1.0 / 255 ? "bytes are read as 0 to 1 (times 1/255)\n" : text("bytes are multiplied by ", data.x.scale(), "\n");
  made.remarks += text("model: ", made.model.count_params(), " weights\n");
  // A loaded model keeps its optimizer's state unless it is told otherwise.
  if (from_file && made.model.compiled()) {
    if (o.optimizer.empty() && o.loss.empty() && o.metrics.empty()) {
      if (o.threads > 0) made.model.state().config->threads = o.threads;
      made.model.state().config->memory = Memory(o.memory);
      made.model.state().config->tune = o.tune;
      return made;
    }
    compiled = made.model.state().config;
  }
  made.remarks += compile_model(made.model, o, *data.y, compiled);
  return made;
}

}  // namespace cornu::app
