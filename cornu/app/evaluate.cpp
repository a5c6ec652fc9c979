// cornu evaluate
#include <cmath>
#include <memory>

#include "cornu/app/command.h"
#include "cornu/app/data.h"
#include "cornu/app/int8.h"
#include "cornu/app/output.h"
#include "cornu/app/short_form.h"
#include "cornu/train/model_state.h"

namespace cornu::app {
namespace {

constexpr const char* examples =
    "Examples:\n"
    "  cornu evaluate fashion.keras --data fashion-mnist\n"
    "  cornu evaluate fashion.keras --data fashion-mnist --json\n"
    "      {\"loss\": 0.4127, \"accuracy\": 0.8541}\n"
    "  cornu evaluate m.keras --csv houses.csv --label price --metrics mae\n"
    "  What weights of 8 bits would cost, and save:\n"
    "    cornu evaluate fashion.keras --data fashion-mnist --int8\n";

struct EvaluateFlags {
  std::string model, part = "test", loss;
  DataOptions data;
  std::vector<std::string> metrics;
  int64_t batch_size = 32;
  int threads = 0;
  std::string verbose = "auto";
  bool json = false, int8 = false;
};

void print_scores(const Logs& logs, const std::optional<Int8Scores>& rounded, bool json) {
  if (json) {
    Config result = Config::dict();
    for (const auto& [name, value] : logs) result.set(name, value);
    if (rounded) {
      for (const auto& [name, value] : rounded->logs) result.set("int8_" + name, value);
      result.set("weight_bytes", rounded->bytes_before).set("int8_weight_bytes", rounded->weight_bytes);
    }
    return print(json_line(result));
  }
  for (const auto& [name, value] : logs) print(text(name, ": ", static_cast<float>(value), "\n"));
  if (!rounded) return;
  for (const auto& [name, value] : rounded->logs) print(text("int8_", name, ": ", static_cast<float>(value), "\n"));
  print(text("weights: ", rounded->bytes_before, " bytes, in int8 ", rounded->weight_bytes, " bytes\n"));
}

int evaluate(const EvaluateFlags& o) {
  constexpr std::string_view parts[] = {"test", "train"};
  require(o.part == "test" || o.part == "train", "--part is test or train, and was '", printable(o.part), "'", did_you_mean(o.part, parts));
  Logs logs;
  std::optional<Int8Scores> rounded;
  {
    const OutputToError quiet(o.json);
    Model model = from_file([&] { return load_model(o.model); });
    Data data = load_data(o.data, o.part == "train" ? Part::train : Part::test, true);
    scale_pixels(data, o.data, model.layers());
    if (!o.loss.empty() || !o.metrics.empty() || o.threads > 0) {
      CompileConfig config = model.state().config.value_or(CompileConfig{});
      if (!o.loss.empty()) config.loss = loss_from_text(o.loss);
      if (!o.metrics.empty()) config.metrics = metrics_from_text(o.metrics);
      config.threads = o.threads;
      model.compile(std::move(config));
    }
    require(model.compiled(), o.model, " was saved without a loss; say what to measure with --loss and --metrics");
    // Names are numbered in alphabetical order; without one of them the others would get other numbers than in training.
    const int64_t outputs = model.output_shape().dim(-1) == 1 ? 2 : model.output_shape().dim(-1);
    require(data.classes.empty() || static_cast<int64_t>(data.classes.size()) == outputs, data.source, " names ", data.classes.size(), " classes and the model tells ", outputs,
            " apart, so their numbers are not known; write the labels as numbers");
    const Verbose verbose = o.json && o.verbose == "auto" ? Verbose(0) : Verbose(std::string_view(o.verbose));
    logs = model.evaluate(data.x, *data.y, {.batch_size = o.batch_size, .verbose = verbose});
    if (o.int8) rounded = score_int8(model, data.x, *data.y, logs);
  }
  for (const auto& [name, value] : logs)
    require<NumericError>(!std::isnan(value), o.model, ": the ", name, " is not a number: its weights have diverged, or the data lie far from those it was trained on");
  print_scores(logs, rounded, o.json);
  return 0;
}

}  // namespace

Command evaluate_command() {
  auto o = std::make_shared<EvaluateFlags>();
  const auto declare = [o](Flags& flags) {
    flags.positional("MODEL", o->model, "a .keras file");
    o->data.declare(flags);
    flags.section("Options");
    flags.value("--part", o->part, "NAME", "which part of --data: test or train. Default: test");
    flags.value("--loss", o->loss, "NAME", "instead of the one in the file");
    flags.values("--metrics", o->metrics, 16, "NAME...", "instead of those in the file");
    flags.value("--batch-size", o->batch_size, "N", "samples at a time. Default: 32");
    flags.value("--threads", o->threads, "N", "at most so many. Default: all cores");
    flags.value("--verbose", o->verbose, "LEVEL", "0: no progress; 1: a bar; 2: a line. Default: 1, or 0 with --json");
    flags.flag("--int8", o->int8, "what the model says with its weights rounded to 8 bits, too, and the memory that these take");
    flags.flag("--json", o->json, "one line of JSON, such as {\"loss\": 0.41, \"accuracy\": 0.85}");
  };
  return {"evaluate", "measures a model's loss and metrics on labelled data", examples, declare, [o] { return evaluate(*o); }};
}

}  // namespace cornu::app
