// How the time of a step grows: one model, larger and larger, as bench/growth.py runs it beside rivals/growth.py, which has the same
// models. Prints a line of JSON for each size:
//   cornu_growth batch|width|depth|lstm|transformer THREADS SIZE...
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <string>

#include "workloads/workload.h"

namespace {

using namespace cornu;
using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

struct Case {
  int64_t batch = 0;
  Shape sample;
  int64_t tokens = 0;   // x are numbers below this; 0: floats
  int64_t labels = 10;
  bool label_each_place = false;
  std::unique_ptr<Model> model;
};

std::unique_ptr<Model> dense(int64_t inputs, int64_t units, int64_t depth) {
  auto model = std::make_unique<Sequential>(std::initializer_list<Layer>{Input{inputs}});
  for (int64_t i = 0; i < depth; ++i) model->add(Dense{units, "relu"});
  model->add(Dense{10, "softmax"});
  return model;
}

Case made(const std::string& axis, int64_t size) {
  if (axis == "batch") return {.batch = size, .sample = {784}, .model = dense(784, 512, 2)};
  if (axis == "width") return {.batch = 128, .sample = {784}, .model = dense(784, size, 2)};
  if (axis == "depth") return {.batch = 32, .sample = {64}, .model = dense(64, 64, size)};
  if (axis == "lstm")
    return {.batch = 16, .sample = {size, 32}, .labels = 2, .model = std::make_unique<Sequential>(std::initializer_list<Layer>{Input{size, 32}, LSTM{.units = 64}, Dense{2, "softmax"}})};
  if (axis == "transformer") return {.batch = 2, .sample = {size}, .tokens = 256, .labels = 256, .label_each_place = true, .model = bench::transformer(size, 256, 64, 4, 2).model};
  throw ArgumentError(text("'", axis, "' is not batch, width, depth, lstm or transformer"));
}

void measure(const std::string& axis, int64_t size, int threads) {
  Case c = made(axis, size);
  const auto data = [&](int64_t steps) {
    const Shape rows{steps * c.batch};
    Tensor x = c.tokens ? bench::classes(rows + c.sample, c.tokens, 1000) : Tensor(DType::float32, rows + c.sample);
    if (!c.tokens) {
      uint64_t i = 0;
      for (float& v : x.mutable_values<float>()) v = bench::uniform(i++, 1000);
    }
    return Split{std::move(x), bench::classes(c.label_each_place ? rows + c.sample : rows, c.labels, 1001)};
  };
  const auto start = Clock::now();
  c.model->compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}, .threads = threads});
  const Split one = data(1);
  const auto fit = [&](const Split& s, int epochs) { c.model->fit(s.x, s.y, {.batch_size = c.batch, .epochs = epochs, .verbose = 0, .shuffle = false}); };
  fit(one, 1);
  const double first = seconds_since(start);
  auto begin = Clock::now();
  fit(one, 1);
  const bool quick = seconds_since(begin) < 0.02;
  const int64_t steps = quick ? 64 : 3;
  const Split all = data(steps);
  if (quick) fit(all, 1);
  double best = 1e30;
  begin = Clock::now();
  for (int i = 0; i < 2 || (i < 50 && seconds_since(begin) < 0.5); ++i) {
    const auto epoch = Clock::now();
    fit(all, 1);
    best = std::min(best, seconds_since(epoch) / static_cast<double>(steps));
  }
  std::printf("{\"rival\": \"cornu\", \"axis\": \"%s\", \"size\": %lld, \"threads\": %d, \"us_per_step\": %.6g, \"first_step_s\": %.4g}\n", axis.c_str(),
              static_cast<long long>(size), threads, best * 1e6, first);
  std::fflush(stdout);
}

int64_t number(const char* given) {
  const std::string_view s = given;
  int64_t n = 0;
  const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), n);
  require(error == std::errc{} && end == s.data() + s.size() && n > 0, "'", printable(s), "' is no positive number");
  return n;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    require(argc >= 4, "usage: cornu_growth batch|width|depth|lstm|transformer THREADS SIZE...");
    for (int i = 3; i < argc; ++i) measure(argv[1], number(argv[i]), static_cast<int>(number(argv[2])));
    return 0;
  } catch (const Error& e) {
    std::fprintf(stderr, "cornu_growth: %s\n", e.what());
    return 2;
  }
}
