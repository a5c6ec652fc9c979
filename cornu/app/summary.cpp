// cornu summary
#include <memory>

#include "cornu/app/command.h"
#include "cornu/app/output.h"
#include "cornu/train/model_state.h"

namespace cornu::app {
namespace {

constexpr const char* examples =
    "Examples:\n"
    "  The table that Keras prints:\n"
    "    cornu summary fashion.keras\n"
    "  The steps of the compiled program, and how long each of them takes:\n"
    "    cornu summary fashion.keras --program train\n"
    "    cornu summary fashion.keras --profile\n";

struct SummaryFlags {
  std::string model, program;
  int64_t batch_size = 32;
  bool profile = false, json = false;
};

Config as_json(const Model& model) {
  const Model::State& s = model.state();
  Config::List list;
  int64_t trainable = 0;
  for (const Layer& layer : model.layers()) {
    int64_t params = 0;
    for (const Variable& v : s.variables) {
      if (v.layer != layer.name() && !v.layer.starts_with(layer.name() + "/")) continue;
      params += v.type.shape.elements();
      if (v.trainable) trainable += v.type.shape.elements();
    }
    Config one = Config::dict();
    one.set("name", layer.name()).set("class", layer.class_name()).set("params", params).set("config", layer.fields());
    list.push_back(std::move(one));
  }
  const auto sizes = [](const Shape& shape) {
    Config::List all;
    for (const int64_t size : shape) all.push_back(size == Shape::unknown ? Config() : Config(size));
    return all;
  };
  Config result = Config::dict();
  result.set("name", model.name()).set("input_shape", sizes(model.input_shape())).set("output_shape", sizes(model.output_shape()));
  result.set("params", model.count_params()).set("trainable_params", trainable).set("non_trainable_params", model.count_params() - trainable);
  result.set("steps_trained", model.iterations()).set("layers", std::move(list));
  return result;
}

/// Times training steps on made-up samples: the time does not depend on what they hold.
std::string profile(Model& model, int64_t batch_size) {
  const Model::State& s = model.state();
  require(model.compiled(), "the model was saved without a loss and an optimizer, so it has no training step to profile");
  const Tensor x(DType::float32, Shape{batch_size} + s.input_shape().drop_front());
  require(s.config->loss.values().size() == 1, "--profile makes up samples for models with one output, and this one has ", s.config->loss.values().size(), " losses");
  const bool classes = s.config->loss.values()[0].name().find("sparse") != std::string::npos;
  const Tensor y = classes ? Tensor(DType::int64, {batch_size}) : Tensor(DType::float32, Shape{batch_size} + s.output_shape().drop_front());
  return model.profile_text(x, y, batch_size);
}

int summary(const SummaryFlags& o) {
  require(o.program.empty() + !o.profile + !o.json >= 2, "--program, --profile and --json exclude each other; give one of them");
  require(o.batch_size > 0, "--batch-size is one or more, and was ", o.batch_size);
  Model model = from_file([&] { return load_model(o.model); });
  if (o.json) print(json_line(as_json(model)));
  else if (o.profile) print(profile(model, o.batch_size));
  else if (!o.program.empty()) print(model.program_text(o.program, o.batch_size));
  else {
    Console& console = standard_console();
    print(model.summary_text({.columns = console.columns(), .colors = console.is_terminal() ? console.colors() : 0}));
  }
  return 0;
}

}  // namespace

Command summary_command() {
  auto o = std::make_shared<SummaryFlags>();
  const auto declare = [o](Flags& flags) {
    flags.positional("MODEL", o->model, "a .keras file");
    flags.section("Options");
    flags.value("--program", o->program, "MODE", "the compiled steps instead: train, test or predict");
    flags.flag("--profile", o->profile, "where a training step spends its time, by step and layer");
    flags.value("--batch-size", o->batch_size, "N", "of the program and the profile. Default: 32");
    flags.flag("--json", o->json, "one line of JSON: layers, options, shapes, counts");
  };
  return {"summary", "shows a model's layers, its compiled program, or a profile", examples, declare, [o] { return summary(*o); }};
}

}  // namespace cornu::app
