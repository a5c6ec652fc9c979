// cornu on a workload of bench/: cornu_bench --workload W1|W2 [--threads N] [--epochs N] [--input uint8|float32] [--profile]
// Prints one line of JSON, with the keys of bench/rivals/. The initial weights are the rivals': see rivals/data.py.
#include <sys/resource.h>

#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <string>

#include "cornu/kernels/machine.h"
#include "cornu/train/model.h"

namespace {

using namespace cornu;
using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

double cpu_seconds() {
  rusage r{};
  getrusage(RUSAGE_SELF, &r);
  const auto s = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6; };
  return s(r.ru_utime) + s(r.ru_stime);
}

struct Arguments {
  std::string workload = "W1", input = "uint8";
  int threads = 0, epochs = 0;  // epochs that are timed; 0: 30 of W1, which take less than a second, 3 of W2
  bool profile = false;
};

[[noreturn]] void usage(const std::string& what) {
  std::fprintf(stderr, "cornu_bench: %s\nusage: cornu_bench --workload W1|W2 [--threads N] [--epochs N] [--input uint8|float32] [--profile] [--json]\n", what.c_str());
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
    else if (flag == "--threads") a.threads = number();
    else if (flag == "--epochs") a.epochs = number();
    else if (flag == "--input") a.input = value();
    else if (flag == "--profile") a.profile = true;
    else if (flag != "--json") usage("unknown option " + flag);  // the output is JSON anyway
  }
  if (a.workload != "W1" && a.workload != "W2") usage("workload '" + a.workload + "' is not W1 or W2");
  if (a.epochs == 0) a.epochs = a.workload == "W1" ? 30 : 3;
  if (a.input != "uint8" && a.input != "float32") usage("input '" + a.input + "' is not uint8 or float32");
  return a;
}

/// splitmix64, as in rivals/data.py.
float uniform(uint64_t i, uint64_t seed) {
  uint64_t z = i + (seed << 32);
  z = (z + 1) * 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  z ^= z >> 31;
  return static_cast<float>(z >> 40) / static_cast<float>(1 << 24);
}

std::vector<Tensor> dense_weights(const std::vector<int64_t>& sizes) {
  std::vector<Tensor> weights;
  for (size_t layer = 0; layer + 1 < sizes.size(); ++layer) {
    const int64_t n = sizes[layer], m = sizes[layer + 1];
    const auto limit = static_cast<float>(std::sqrt(6.0 / static_cast<double>(n + m)));
    std::vector<float> kernel(static_cast<size_t>(n * m));
    for (size_t i = 0; i < kernel.size(); ++i) kernel[i] = (2 * uniform(i, layer) - 1) * limit;
    weights.emplace_back(Shape{n, m}, kernel);
    weights.emplace_back(DType::float32, Shape{m});
  }
  return weights;
}

int run(const Arguments& a) {
  const int64_t units = a.workload == "W1" ? 10 : 512, batch = a.workload == "W1" ? 32 : 128;
  const auto start = Clock::now();
  Sequential model{Input{784}, Dense{units, "relu"}, Dense{units, "relu"}, Dense{10, "softmax"}};
  model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}, .threads = a.threads});
  model.train_on_batch(Tensor(DType::uint8, {batch, 784}).with_scale(1.0 / 255), Tensor(DType::uint8, {batch}));
  const double first_step = seconds_since(start);

  Dataset data = datasets::fashion_mnist();
  if (a.input == "float32")
    for (Split* s : {&data.train, &data.test}) s->x = s->x.cast(DType::float32);
  const auto fresh = [&] {
    model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}, .threads = a.threads});
    model.set_weights(dense_weights({784, units, units, 10}));
  };
  fresh();
  const double loss = model.fit(data.train.x, data.train.y, {.batch_size = batch, .verbose = 0, .shuffle = false}).history["loss"][0];
  fresh();
  model.fit(data.train.x, data.train.y, {.batch_size = batch, .verbose = 0});  // a warm epoch, as the rivals have
  const double cpu = cpu_seconds();
  const auto timed = Clock::now();
  model.fit(data.train.x, data.train.y, {.batch_size = batch, .epochs = a.epochs, .verbose = 0});
  const double epoch = seconds_since(timed) / a.epochs, cpu_epoch = (cpu_seconds() - cpu) / a.epochs;
  const double accuracy = model.evaluate(data.test.x, data.test.y, {.verbose = 0}).at("accuracy");

  const Tensor one = data.test.x.rows(0, 1).cast(DType::float32).reshaped({1, 784});
  model.predict_on_batch(one);
  constexpr int calls = 20000;
  const auto predicting = Clock::now();
  for (int i = 0; i < calls; ++i) model.predict_on_batch(one);
  const double predict = seconds_since(predicting) / calls;

  rusage r{};
  getrusage(RUSAGE_SELF, &r);
  const double steps = std::ceil(60000.0 / static_cast<double>(batch));
  std::printf("{\"rival\": \"cornu\", \"mode\": \"%s\", \"workload\": \"%s\", \"seconds_per_epoch\": %.6g, \"us_per_step\": %.6g, \"first_step_s\": %.6g, "
              "\"import_s\": 0, \"test_accuracy\": %.6g, \"loss_epoch_1\": %.6g, \"predict_one_us\": %.6g, \"peak_rss_mib\": %ld, \"threads\": %d, "
              "\"initial_weights\": \"splitmix64\", \"cpu_seconds_per_epoch\": %.6g}\n",
              a.input.c_str(), a.workload.c_str(), epoch, epoch / steps * 1e6, first_step, accuracy, loss, predict * 1e6, r.ru_maxrss / 1024,
              a.threads > 0 ? a.threads : this_machine().cores, cpu_epoch);
  if (a.profile) std::printf("%s", model.profile_text(data.train.x, data.train.y, batch, 1000).c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(parse(argc, argv));
  } catch (const cornu::Error& e) {
    std::fprintf(stderr, "cornu_bench: %s\n", e.what());
    return 1;
  }
}
