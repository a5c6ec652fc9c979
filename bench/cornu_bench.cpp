// cornu on a workload of bench/, as bench/compare.py runs it beside the rivals. Prints one line of JSON with the keys of
// bench/rivals/. The initial weights and the data are the rivals' too: see rivals/data.py.
#include <sys/resource.h>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <string>

#include "cornu/kernels/machine.h"
#include "workloads/workload.h"

namespace {

using namespace cornu;
using bench::Built, bench::Workload;
using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

double cpu_seconds() {
  rusage r{};
  getrusage(RUSAGE_SELF, &r);
  const auto s = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6; };
  return s(r.ru_utime) + s(r.ru_stime);
}

struct Arguments {
  std::string workload = "W1", input = "uint8", dtype = "float32";
  int threads = 0, epochs = 0, runs = 0;  // epochs that are timed, steps that are profiled; 0: the workload's
  Memory memory;
  bool profile = false, program = false, tune = false;
};

[[noreturn]] void usage(const std::string& what) {
  std::fprintf(stderr,
               "cornu_bench: %s\nusage: cornu_bench --workload W1..W7 [--dtype float32|bfloat16] [--threads N] [--epochs N] [--input uint8|float32]\n"
               "                   [--memory speed|less|least|BYTES] [--tune] [--profile: the time of each step alone] [--runs N: of the profile]\n"
               "                   [--program: the steps alone] [--json]\n",
               what.c_str());
  std::exit(2);
}

Arguments parse(int argc, char** argv) {
  Arguments a;
  for (int i = 1; i < argc; ++i) {
    const std::string flag = argv[i];
    const auto value = [&]() -> std::string { return ++i < argc ? argv[i] : (usage(flag + " needs a value"), ""); };
    const auto number = [&] {
      const std::string s = value();
      int n = -1;
      if (std::from_chars(s.data(), s.data() + s.size(), n).ptr != s.data() + s.size() || n < 0) usage(flag + " takes a number, not '" + s + "'");
      return n;
    };
    if (flag == "--workload") a.workload = value();
    else if (flag == "--dtype") a.dtype = value();
    else if (flag == "--threads") a.threads = number();
    else if (flag == "--epochs") a.epochs = number();
    else if (flag == "--runs") a.runs = number();
    else if (flag == "--input") a.input = value();
    else if (flag == "--memory") a.memory = Memory(value());
    else if (flag == "--tune") a.tune = true;
    else if (flag == "--profile") a.profile = true;
    else if (flag == "--program") a.program = true;
    else if (flag != "--json") usage("unknown option " + flag);  // the output is JSON anyway
  }
  if (a.workload.size() != 2 || a.workload[0] != 'W' || a.workload[1] < '1' || a.workload[1] > '7') usage("workload '" + a.workload + "' is not one of W1 to W7");
  if (a.input != "uint8" && a.input != "float32") usage("input '" + a.input + "' is not uint8 or float32");
  if (a.dtype != "float32" && a.dtype != "bfloat16") usage("dtype '" + a.dtype + "' is not float32 or bfloat16");
  return a;
}

Built built(const Workload& w, const Arguments& a) {
  Built b = w.build();
  if (a.dtype == "bfloat16") b.model->set_dtype_policy("mixed_bfloat16");
  return b;
}

/// As it was made: an optimizer that has taken no step, the initial weights.
void restart(const Built& b, const Arguments& a) {
  b.model->compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}, .threads = a.threads, .memory = a.memory, .tune = a.tune});
  bench::set_initial_weights(b);
}

/// Of predict_on_batch for one sample.
double microseconds_of_a_prediction(Model& model, const Tensor& sample) {
  model.predict_on_batch(sample);
  const auto start = Clock::now();
  int64_t calls = 0;
  for (; calls < 20000 && (calls % 16 != 0 || seconds_since(start) < 1); ++calls) model.predict_on_batch(sample);
  return seconds_since(start) / static_cast<double>(calls) * 1e6;
}

/// What begins and ends every line.
void print(const Arguments& a, const std::string& numbers) {
  rusage r{};
  getrusage(RUSAGE_SELF, &r);
  const std::string mode = a.dtype == "bfloat16" ? a.dtype : a.input;
  std::printf("{\"rival\": \"cornu\", \"mode\": \"%s\", \"workload\": \"%s\", %s, \"import_s\": 0, \"peak_rss_mib\": %ld, \"threads\": %d, \"initial_weights\": \"splitmix64\"}\n",
              mode.c_str(), a.workload.c_str(), numbers.c_str(), r.ru_maxrss / 1024, a.threads > 0 ? a.threads : this_machine().cores);
}

std::string field(const char* key, double value) {
  char line[80];
  std::snprintf(line, sizeof line, "\"%s\": %.6g", key, value);
  return line;
}

void run(const Arguments& a) {
  const Workload w = bench::workload(a.workload, a.input == "float32");
  const auto start = Clock::now();
  const Built b = built(w, a);
  Model& model = *b.model;
  restart(b, a);
  model.train_on_batch(w.train.x.rows(0, w.batch), w.train.y.rows(0, w.batch));
  const double first_step = seconds_since(start);
  if (a.program) return void(std::printf("%s", model.program_text("train", w.batch).c_str()));
  if (a.profile) return void(std::printf("%s", model.profile_text(w.train.x, w.train.y, w.batch, a.runs > 0 ? a.runs : w.profile_runs).c_str()));

  restart(b, a);
  const double loss = model.fit(w.train.x, w.train.y, {.batch_size = w.batch, .verbose = 0, .shuffle = false}).history["loss"][0];
  restart(b, a);
  const int epochs = a.epochs > 0 ? a.epochs : w.epochs;
  model.fit(w.train.x, w.train.y, {.batch_size = w.batch, .verbose = 0, .steps_per_epoch = std::min<int64_t>(w.steps(), 50)});  // warm, as the rivals are
  restart(b, a);
  model.train_on_batch(w.train.x.rows(0, w.batch), w.train.y.rows(0, w.batch));  // compiled
  const double cpu = cpu_seconds();
  const auto timed = Clock::now();
  model.fit(w.train.x, w.train.y, {.batch_size = w.batch, .epochs = epochs, .verbose = 0});
  const double epoch = seconds_since(timed) / epochs, cpu_epoch = (cpu_seconds() - cpu) / epochs;
  const std::string accuracy =
      w.test ? field("test_accuracy", model.evaluate(w.test->x, w.test->y, {.verbose = 0}).at("accuracy")) : "\"test_accuracy\": null";
  const double predict = microseconds_of_a_prediction(model, w.sample());
  print(a, field("seconds_per_epoch", epoch) + ", " + field("us_per_step", epoch / static_cast<double>(w.steps()) * 1e6) + ", " + field("first_step_s", first_step) +
               ", " + accuracy + ", " + field("loss_epoch_1", loss) + ", " + field("predict_one_us", predict) + ", " + field("cpu_seconds_per_epoch", cpu_epoch));
}

/// W7: one sample through W1's model and through W3's.
void run_predictions(const Arguments& a) {
  std::string numbers;
  for (const char* name : {"W1", "W3"}) {
    const Workload w = bench::workload(name, true);
    const auto start = Clock::now();
    const Built b = built(w, a);
    restart(b, a);
    b.model->predict_on_batch(w.sample());
    const double first = seconds_since(start), predict = microseconds_of_a_prediction(*b.model, w.sample());
    const bool dense = std::string_view(name) == "W1";
    if (dense) numbers = field("us_per_step", predict) + ", " + field("first_step_s", first) + ", ";
    numbers += field(dense ? "predict_one_us" : "predict_w3_us", predict) + (dense ? ", " : "");
  }
  print(a, numbers);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const Arguments a = parse(argc, argv);
    a.workload == "W7" ? run_predictions(a) : run(a);
    return 0;
  } catch (const cornu::Error& e) {
    std::fprintf(stderr, "cornu_bench: %s\n", e.what());
    return 1;
  }
}
