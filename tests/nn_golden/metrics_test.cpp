// Every metric against Keras's results, batch after batch, and against its configs.
#include <doctest/doctest.h>

#include "cornu/losses/targets.h"
#include "cornu/metrics/metrics.h"
#include "golden.h"

using namespace cornu;
using namespace cornu::testing;

namespace {
Metric metric_of(const Config& c) {
  Metric metric;
  from_config(keras_object("keras.metrics", c["class_name"].as_string(), c["arguments"]), metric);
  return metric;
}

/// The results after the first 5 rows and after all of them.
Tensors results(const Metric& metric, const Tensor& y_true, const std::optional<Tensor>& y_pred, const Tensor* weight = nullptr, const Tensor* mask = nullptr, int64_t cut = 5) {
  Tensors found, states;
  for (const MetricState& s : metric.states(y_pred ? y_pred->shape() : Shape{})) states.push_back(s.initial);
  for (const auto& [from, to] : {std::pair{int64_t{0}, cut}, std::pair{cut, y_true.shape()[0]}}) {
    Tensors in = states;
    for (const Tensor* t : {&y_true, y_pred ? &*y_pred : nullptr, weight, mask})
      if (t) in.push_back(t->rows(from, to));
    const size_t n = states.size(), labels = n, predictions = y_pred ? n + 1 : n;
    states = run(in, [&](const std::vector<Value>& v) {
      const std::optional<Value> w = weight ? std::optional(v[predictions + 1]) : std::nullopt, m = mask ? std::optional(v.back()) : std::nullopt;
      return metric.update(Values(v).first(n), v[labels], y_pred ? v[predictions] : Value(), w, m);
    });
    found.push_back(metric.results(states));
  }
  return found;
}

/// Numbers by value: 1 is 1.0.
bool same(const Config& a, const Config& b) {
  if (!a.is_list() || !b.is_list()) return a == b || (a.is_number() && b.is_number() && a.as_double() == b.as_double());
  const Config::List &x = a.as_list(), &y = b.as_list();
  bool equal = x.size() == y.size();
  for (size_t i = 0; equal && i < x.size(); ++i) equal = same(x[i], y[i]);
  return equal;
}
}  // namespace

TEST_CASE("metrics accumulate to Keras's results, with and without weights and masks") {
  const Config all = golden("metrics.json");
  const Tensor weight = tensor(all["sample_weight"], DType::float32), mask = tensor(all["mask"], DType::boolean);
  std::vector<std::string> seen = {"Mean", "Sum"};
  for (const Config& c : all["cases"].as_list()) {
    const std::string& name = c["class_name"].as_string();
    CAPTURE(name);
    CAPTURE(text(c["arguments"]));
    seen.push_back(name);
    const Metric metric = metric_of(c);
    const Tensor y_true = tensor(c["y_true"], DType::float32), y_pred = tensor(c["y_pred"], DType::float32);
    for (const std::string key : {"results", "results_weighted", "results_masked", "results_weighted_masked"}) {
      CAPTURE(key);
      const Config& want = c[key];
      if (want.is_null()) continue;
      const Tensors found = results(metric, y_true, y_pred, key.find("weighted") != std::string::npos ? &weight : nullptr, key.find("masked") != std::string::npos ? &mask : nullptr);
      for (size_t i = 0; i < 2; ++i) CHECK(difference(found[i], tensor(want.as_list()[i]), 0.1) < 2e-6);
    }
  }
  for (const MetricRules* rules : all_metrics()) {
    CAPTURE(rules->class_name);
    CHECK(std::find(seen.begin(), seen.end(), rules->class_name) != seen.end());
  }
}

TEST_CASE("a metric is written as Keras writes it, knows which way is better, and is read back the same") {
  const Config all = golden("metrics.json");
  for (const Config& c : all["cases"].as_list()) {
    const Metric metric = metric_of(c);
    const Config written = to_config(metric);
    CAPTURE(text(written));
    CHECK(written["module"] == Config("keras.metrics"));
    CHECK(written["class_name"] == c["class_name"]);
    for (const auto& [key, value] : c["config"].as_dict()) {
      CAPTURE(key);
      // Of an AUC's own thresholds Keras writes the number and sorts them; it reads either form.
      if (c["class_name"] == Config("AUC") && c["arguments"].contains("thresholds") && key.ends_with("thresholds")) continue;
      CHECK(same(written["config"][key], value));
    }
    for (const auto& [key, value] : written["config"].as_dict()) CHECK(c["config"].contains(key));
    CHECK(metric.higher_is_better() == (c["higher_is_better"].is_null() ? std::nullopt : std::optional(c["higher_is_better"].as_bool())));
    Metric back;
    from_config(written, back);
    CHECK(to_config(back) == written);
  }
}

TEST_CASE("Mean and Sum take values") {
  const Config all = golden("metrics.json");
  const Tensor weight = tensor(all["sample_weight"], DType::float32);
  for (const Config& c : all["of_values"].as_list()) {
    CAPTURE(c["class_name"].as_string());
    const Metric metric = metric_of(c);
    CHECK(to_config(metric)["config"] == c["config"]);
    const Tensor values = tensor(c["values"], DType::float32);
    const Tensors plain = results(metric, values, {}), weighted = results(metric, values, {}, &weight);
    for (size_t i = 0; i < 2; ++i) {
      CHECK(difference(plain[i], tensor(c["results"].as_list()[i])) < 1e-6);
      CHECK(difference(weighted[i], tensor(c["results_weighted"].as_list()[i])) < 1e-6);
    }
  }
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

TEST_CASE("a cross entropy that ignores a class counts it in a mean without weights and not in one with them, as Keras's") {
  const Tensor y_true(Shape{4}, std::vector<int64_t>{-1, -1, 0, 1}), y_pred(Shape{4, 2}, std::vector<float>{0, 0, 0, 0, 0, 0, 3, 0});
  const Metric metric = SparseCategoricalCrossentropy{.from_logits = true, .ignore_class = -1};
  const Tensor ones(Shape{4}, std::vector<float>{1, 1, 1, 1});
  CHECK(results(metric, y_true, y_pred, nullptr, nullptr, 3)[0].at(0) == doctest::Approx(std::log(2) / 3));
  CHECK(results(metric, y_true, y_pred, &ones, nullptr, 3)[1].at(0) == doctest::Approx((std::log(2) + 3 + std::log1p(std::exp(-3))) / 2));
}
