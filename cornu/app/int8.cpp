#include "cornu/app/int8.h"

#include "cornu/infer/predictor.h"
#include "cornu/train/model_state.h"

namespace cornu::app {
namespace {

/// The loss and the metrics of answers that are there: a model that passes them on.
Logs score(const Model& model, const Tensor& answers, const Tensor& y) {
  Sequential judge{Input(model.output_shape().drop_front()), layers::Identity{}};
  CompileConfig config = *model.state().config;
  judge.compile(std::move(config));
  return judge.evaluate(answers, y, {.verbose = 0});
}

}  // namespace

Int8Scores score_int8(Model& model, const Tensor& x, const Tensor& y, const Logs& before) {
  require<UnsupportedError>(model.input_names().size() == 1 && model.output_names().size() == 1, "--int8 is for models with one input and one output");
  const Predictor floats(model, {.like = x.rows(0, 1)}), bytes(model, {.quantize = "int8", .like = x.rows(0, 1)});
  const Logs of_floats = score(model, floats.predict(x), y);
  Int8Scores scores{.logs = score(model, bytes.predict(x), y), .weight_bytes = bytes.weight_bytes(), .bytes_before = floats.weight_bytes()};
  // Penalties on weights are part of what evaluate says, and not of these.
  scores.logs.set("loss", scores.logs.at("loss") + before.at("loss") - of_floats.at("loss"));
  return scores;
}

}  // namespace cornu::app
