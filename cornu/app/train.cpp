// cornu train
#include "cornu/app/train.h"

#include <unistd.h>

#include <memory>

#include "cornu/app/output.h"
#include "cornu/app/short_form.h"
#include "cornu/app/signals.h"
#include "cornu/callbacks/callbacks.h"
#include "cornu/train/model_file.h"

namespace cornu::app {
namespace {

constexpr const char* examples =
    "Examples:\n"
    "  Ten classes of clothes, kept in fashion.keras:\n"
    "    cornu train --data fashion-mnist --save fashion.keras \\\n"
    "      --layers \"dense:10:relu dense:10:relu dense:10:softmax\"\n"
    "  Go on after an interruption, as if there had been none:\n"
    "    (the same command) --resume\n"
    "  A table, its column 'price' to be predicted, a tenth of it to validate on:\n"
    "    cornu train --csv houses.csv --label price --validation-split 0.1 \\\n"
    "      --layers \"dense:64:relu dropout:0.2 dense:1\" --early-stopping 5\n"
    "  A model described by Keras's to_json():\n"
    "    cornu train --model config.json --x x.idx.gz --y y.idx.gz \\\n"
    "      --optimizer adam:learning_rate=0.01,beta_1=0.8 --save m.keras\n"
    "\n"
    "Layers are words, name:value:value. Values go to the layer's options in Keras's\n"
    "order, or by name: dense:10:relu:use_bias=false. There are input:28,28,1,\n"
    "dense:units:activation, activation:relu, dropout:0.5, flatten, reshape:28,28,1\n"
    "and rescaling:scale:offset. The shape of a sample comes from the data; a dense\n"
    "before any flatten reads it as a row.\n"
    "\n"
    "The file of --save is written after each epoch, whole or not at all: even a lost\n"
    "power supply costs one epoch at most. Ctrl-C ends the training after the step in\n"
    "progress and keeps the weights; a second one ends at once.\n";

std::map<int64_t, double> class_weights(const std::string& given) {
  std::map<int64_t, double> weights;
  if (given.empty()) return weights;
  const Config options = options_from_text("--class-weight", given);
  for (const auto& [label, weight] : options.as_dict()) {
    int64_t key = 0;
    read_value("--class-weight", label, key);
    require(weight.is_number() && weight.as_double() >= 0, "--class-weight: class ", key, " needs a weight of zero or more, as in 0=1,1=2.5");
    weights[key] = weight.as_double();
  }
  return weights;
}

/// As progress is shown: training goes on when nobody can read what it says.
void say(std::string_view text) { standard_console().print(text); }

/// Where training stands: after which epoch, and whether steps have been done since.
struct Progress {
  int epochs = 0;
  int64_t steps = 0;
};

Callback follow(std::shared_ptr<Progress> progress) {
  return LambdaCallback{.on_epoch_end =
                            [progress](int epoch, Logs&, Training& training) {
                              progress->epochs = epoch + 1;
                              progress->steps = training.iterations();
                            },
                        .on_train_begin = [progress](Logs&, Training& training) { progress->steps = training.iterations(); }};
}

Config result(const History& history, const std::string& saved, bool interrupted) {
  Config all = Config::dict(), series = Config::dict();
  for (const auto& [name, values] : history.history) {
    if (!values.empty()) all.set(name, values.back());
    Config::List list;
    for (const double v : values) list.push_back(v);
    series.set(name, std::move(list));
  }
  all.set("epochs", static_cast<int64_t>(history.epoch.size())).set("history", std::move(series));
  all.set("saved", saved.empty() ? Config() : Config(saved));
  if (interrupted) all.set("interrupted", true);
  return all;
}

/// Puts what there is into files after a signal, and says so.
std::string save_interrupted(const TrainOptions& o, Model& model, const Progress& progress, bool backed_up, bool resumed) {
  const bool between = model.iterations() == progress.steps;
  if (o.save.empty()) {
    remark(text("interrupted in epoch ", progress.epochs + 1, " of ", o.epochs, "; the weights are lost, since no --save was given"));
    return "";
  }
  if (!backed_up) {
    model.save(o.save);
    remark(text("interrupted; ", o.save, " holds the model as it is now"));
    return o.save;
  }
  if (!resumed && progress.epochs == o.initial_epoch) {
    Config begun = Config::dict();
    begun.set("epochs", 0).set("stopped", false).set("callbacks", nullptr);
    save_model(model.state(), o.save, begun);
    remark(text("interrupted in the first epoch, after step ", model.iterations(), "; ", o.save, " holds the model as it is now, and --resume starts the epoch again"));
    return o.save;
  }
  std::string also;
  if (!between) {
    model.save(interrupted_path(o.save));
    also = text("; ", interrupted_path(o.save), " holds it ", model.iterations() - progress.steps, " steps later");
  }
  remark(text("interrupted; ", o.save, " holds the model after epoch ", progress.epochs, " of ", o.epochs, ", and --resume goes on from there", also));
  return o.save;
}

int train(const TrainOptions& o) {
  o.check();
  const std::atomic<int>& signal = watch_signals();
  History history;
  std::string saved;
  {
    const OutputToError quiet(o.json);
    const Verbose verbose = o.verbose ? Verbose(std::string_view(*o.verbose)) : o.json ? Verbose(0) : Verbose();
    const std::map<int64_t, double> weights = class_weights(o.class_weight);
    Data data = load_data(o.data, Part::train, true);
    std::optional<Data> validation;
    if (o.validate) validation = load_data(o.data, Part::test, true);
    if (!o.validation_data.empty()) validation = load_files(o.validation_data, o.data);
    require(!validation || validation->classes == data.classes, "--validation-data names other classes than --csv, so their numbers differ; write the labels as numbers");
    TrainedModel made = make_model(o, data);
    Model& model = made.model;
    Callbacks callbacks = make_callbacks(o, validation || o.validation_split > 0);
    require(!callbacks.keeps_tensors || !o.resume, "--resume does not go with restore_best_weights, whose best weights are not in the file; use --checkpoint-best instead");
    if (!o.save.empty()) check_writable("--save", o.save, 12 * static_cast<uint64_t>(model.count_params()) + 65536);
    if (o.verbose != "0" && !o.json) say(made.remarks);

    auto progress = std::make_shared<Progress>();
    progress->epochs = made.resumed ? made.epochs_done : o.initial_epoch;
    callbacks.list.push_back(follow(progress));
    FitOptions fit{.batch_size = o.batch_size, .epochs = o.epochs, .verbose = verbose, .callbacks = callbacks.list, .validation_split = o.validation_split};
    if (validation) {
      scale_pixels(*validation, o.data, model.layers());
      fit.validation_data = ValidationData(validation->x, *validation->y);
    }
    fit.shuffle = o.shuffle;
    fit.class_weight = weights;
    fit.initial_epoch = o.initial_epoch;
    fit.interrupt = &signal;
    const bool backed_up = !o.save.empty() && !callbacks.keeps_tensors;
    if (backed_up) fit.backup = o.save;
    fit.resume = made.resumed;
    if (!backed_up && !o.save.empty())  // no way to go on from it, but a kill loses no finished epoch
      fit.callbacks.push_back(LambdaCallback{.on_epoch_end = [path = o.save](int, Logs&, Training& training) { training.save(path); }});
    if (made.resumed && (made.stopped || made.epochs_done >= o.epochs))
      remark(made.stopped ? text(o.save, " holds a run that its callbacks ended after epoch ", made.epochs_done, ": there is nothing left to do")
                          : text(o.save, " holds all ", made.epochs_done, " epochs: there is nothing left to do; give a larger --epochs to go on"));
    if (signal.load() == 0) history = model.fit(data.x, *data.y, std::move(fit));

    if (signal.load() != 0) {
      if (verbose.level() == 1 && isatty(STDOUT_FILENO)) say("\n");
      saved = save_interrupted(o, model, *progress, backed_up, made.resumed);
    } else if (!o.save.empty()) {
      if (!backed_up || (history.epoch.empty() && !made.resumed)) model.save(o.save);
      saved = o.save;
      if (o.verbose != "0" && !o.json) say(text("saved ", saved, "\n"));
    }
  }
  if (o.json) print(json_line(result(history, saved, signal.load() != 0)));
  return signal.load() == 0 ? 0 : 128 + signal.load();
}

}  // namespace

void TrainOptions::declare(Flags& flags) {
  data.declare(flags);
  flags.section("Model");
  flags.value("--layers", layers, "WORDS", "the layers in short form, see below");
  flags.value("--model", model, "FILE", "Keras's to_json() in a file, or a .keras file to train further");
  flags.value("--seed", seed, "N", "of the weights, the shuffling and dropout: the same seed gives the same model, bit for bit. Default: 0");
  flags.section("Compile");
  flags.value("--optimizer", optimizer, "NAME", "sgd, adam, adamw, rmsprop, or with options adam:learning_rate=0.01,beta_1=0.8. Default: adam");
  flags.value("--loss", loss, "NAME", "default: sparse_categorical_crossentropy for integer labels behind a softmax, binary_crossentropy behind one sigmoid, else mean_squared_error");
  flags.values("--metrics", metrics, 16, "NAME...", "what to report beside the loss. Default: accuracy with a crossentropy; none");
  flags.value("--memory", memory, "HOW", "speed; less or least, which compute things twice rather than keep them; or so many bytes for what a step holds. The results are the same. Default: speed");
  flags.flag("--tune", tune, "try kernels out, 200 ms for each new step; what is found is kept in ~/.cache/cornu. The results are the same");
  flags.section("Training");
  flags.value("--epochs", epochs, "N", "how often all samples are seen. Default: 10");
  flags.value("--batch-size", batch_size, "N", "samples in a step. Default: 32");
  flags.flag("--shuffle,!--no-shuffle", shuffle, "another order in each epoch. Default: yes");
  flags.value("--validation-split", validation_split, "PART", "the last part of the data, 0 to 1, is kept for validation");
  flags.values("--validation-data", validation_data, 2, "FILE...", "validate on these: two IDX files, or one CSV file");
  flags.flag("--validate", validate, "validate on the test part of --data");
  flags.value("--class-weight", class_weight, "LIST", "what samples of a class count, as in 0=1,1=2.5");
  flags.value("--initial-epoch", initial_epoch, "N", "number the epochs from here. Default: 0");
  flags.value("--early-stopping", early_stopping, "N", "end when val_loss (or loss) has not improved for N epochs; or patience=3,monitor=val_accuracy,min_delta=0.01, restore_best_weights=true");
  flags.value("--threads", threads, "N", "at most so many; the results do not depend on it. Default: all cores");
  flags.section("Files and output");
  flags.value("--save", save, "FILE", "where the model goes after each epoch; ends in .keras");
  flags.flag("--resume", resume, "go on from the last epoch in --save's file, if it is there");
  flags.value("--checkpoint", checkpoint, "FILE", "a copy after each epoch, such as m-{epoch:02d}.keras");
  flags.value("--checkpoint-best", checkpoint_best, "NAME", "only when this number is the best so far, such as val_loss");
  flags.value("--csv-log", csv_log, "FILE", "a line of numbers for each epoch");
  flags.value("--verbose", verbose, "LEVEL", "0: silent; 1: a bar; 2: a line for each epoch. Default: 1, or 0 with --json");
  flags.flag("--json", json, "one line of JSON on standard output at the end; the rest goes to standard error");
}

void TrainOptions::check() const {
  require(layers.empty() || model.empty(), "--layers and --model both describe the model; give one of them");
  require(!resume || !save.empty(), "--resume goes on from the file of --save, which was not given");
  require(save.empty() || save.ends_with(".keras"), "--save writes files whose names end in .keras, and was given '", printable(save), "'");
  require(validation_split >= 0 && validation_split < 1, "--validation-split is a part of the data from 0 up to 1, and was ", validation_split);
  require((validation_split > 0) + !validation_data.empty() + validate <= 1, "--validation-split, --validation-data and --validate exclude each other; give one of them");
  require(!validate || !data.data.empty(), "--validate is for the test part of --data; with files give --validation-data");
  require(validation_data.empty() || (validation_data.size() == 2) == data.csv.empty(), "--validation-data takes two IDX files, samples and labels, beside --x and --y, or one CSV file beside --csv");
  require(checkpoint_best.empty() || !checkpoint.empty(), "--checkpoint-best says when --checkpoint writes its file, which was not given");
  require(epochs >= 0 && initial_epoch >= 0, "--epochs and --initial-epoch cannot be negative");
  require(batch_size > 0, "--batch-size is one or more, and was ", batch_size);
  require(threads >= 0, "--threads cannot be negative");
  static_cast<void>(Memory(memory));
  if (verbose) static_cast<void>(Verbose(std::string_view(*verbose)));
}

Command train_command() {
  auto options = std::make_shared<TrainOptions>();
  return {"train", "trains a model on data and saves it", examples, [options](Flags& flags) { options->declare(flags); }, [options] { return train(*options); }};
}

}  // namespace cornu::app
