// Every metric against Keras's results, batch after batch.
#include <doctest/doctest.h>

#include "cornu/metrics/metrics.h"
#include "cornu/losses/targets.h"
#include "golden.h"

using namespace cornu;
using namespace cornu::testing;

namespace {
/// The results after the first `cut` rows and after all of them.
std::vector<double> results(const Metric& metric, const Tensor& y_true, const Tensor& y_pred, const Tensor* weight, int64_t cut) {
  std::vector<double> found;
  Tensors states;
  for (const MetricState& s : metric.states()) states.push_back(s.initial);
  for (const auto& [from, to] : {std::pair{int64_t{0}, cut}, std::pair{cut, y_true.shape()[0]}}) {
    Tensors in = states;
    in.push_back(y_true.rows(from, to));
    in.push_back(y_pred.rows(from, to));
    if (weight) in.push_back(weight->rows(from, to));
    const size_t n = states.size();
    states = run(in, [&](const std::vector<Value>& v) {
      return metric.update(Values(v).first(n), v[n], v[n + 1], weight ? std::optional(v[n + 2]) : std::nullopt);
    });
    found.push_back(metric.result(states));
  }
  return found;
}
}  // namespace

TEST_CASE("metrics accumulate to Keras's results, with and without weights") {
  const Config all = golden("metrics.json");
  const Tensor weight = tensor(all["sample_weight"], DType::float32);
  int tried = 0;
  for (const Config& c : all["cases"].as_list()) {
    CAPTURE(c["class_name"].as_string());
    Metric metric;
    try {
      from_config(keras_object("keras.metrics", c["class_name"].as_string(), c["arguments"]), metric);
    } catch (const UnsupportedError&) {
      continue;
    }
    ++tried;
    const Tensor y_true = tensor(c["y_true"], DType::float32), y_pred = tensor(c["y_pred"], DType::float32);
    const std::vector<double> plain = results(metric, y_true, y_pred, nullptr, 5), weighted = results(metric, y_true, y_pred, &weight, 5);
    for (size_t i = 0; i < 2; ++i) {
      CHECK(plain[i] == doctest::Approx(c["results"].as_list()[i].as_double()).epsilon(1e-6));
      CHECK(weighted[i] == doctest::Approx(c["results_weighted"].as_list()[i].as_double()).epsilon(1e-6));
    }
  }
  CHECK(tried > 10);
}

TEST_CASE("accuracy and crossentropy become what Keras makes of the shapes") {
  const Config all = golden("metrics.json");
  for (const Config& c : all["resolved"].as_list()) {
    Shape y_true, y_pred;
    from_config(c["y_true"], y_true);
    from_config(c["y_pred"], y_pred);
    const std::string& name = c["accuracy"].as_string();
    const Targets want = name == "BinaryAccuracy" ? Targets::binary : name == "SparseCategoricalAccuracy" ? Targets::sparse : Targets::categorical;
    CAPTURE(text(y_true, y_pred));
    CHECK(kind_of_targets(y_true, y_pred) == want);
  }
}

TEST_CASE("a cross entropy that ignores a class averages over the others, batch sizes notwithstanding") {
  const Tensor y_true(Shape{4}, std::vector<int64_t>{-1, -1, 0, 1}), y_pred(Shape{4, 2}, std::vector<float>{0, 0, 0, 0, 0, 0, 3, 0});
  const Metric metric = SparseCategoricalCrossentropy{.from_logits = true, .ignore_class = -1};
  const std::vector<double> found = results(metric, y_true, y_pred, nullptr, 3);
  CHECK(found[0] == doctest::Approx(std::log(2)));                                // one label of three counts
  CHECK(found[1] == doctest::Approx((std::log(2) + 3 + std::log1p(std::exp(-3))) / 2));  // and then two of four
}
