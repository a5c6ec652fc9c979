// Every loss against Keras's values, reductions, masks, gradients and configs.
#include <doctest/doctest.h>

#include <set>

#include "cornu/losses/losses.h"
#include "cornu/nn/activations.h"
#include "golden.h"

using namespace cornu;
using namespace cornu::testing;

namespace {
Loss loss_of(const Config& c, const char* reduction = nullptr) {
  Config options = c["arguments"].is_null() ? Config::dict() : c["arguments"];
  if (reduction) options.set("reduction", reduction);
  Loss loss;
  from_config(keras_object("keras.losses", c["class_name"].as_string(), options), loss);
  return loss;
}

bool has_class_numbers(const std::string& name) { return name.starts_with("Sparse") || name == "CategoricalGeneralizedCrossEntropy" || name == "Circle" || name == "CTC"; }
Tensor labels(const Config& c, DType dtype) { return tensor(c["y_true"], has_class_numbers(c["class_name"].as_string()) ? DType::int64 : dtype); }

/// Numbers by value: Keras writes 0 where it means 0.0.
bool same(const Config& a, const Config& b) { return a == b || (a.is_number() && b.is_number() && a.as_double() == b.as_double()); }
}  // namespace

TEST_CASE("losses, their reductions, masks and gradients are Keras's") {
  const Config all = golden("losses.json");
  for (const DType dtype : {DType::float64, DType::float32}) {
    std::vector<std::string> seen;
    for (const Config& c : all["cases"].as_list()) {
      const std::string& name = c["class_name"].as_string();
      CAPTURE(name);
      CAPTURE(c["y_pred_is"].as_string());
      CAPTURE(text(c["arguments"]));
      // TensorFlow computes CTC in float32 whatever it is given; exp(80 x) in Circle magnifies what Keras rounds.
      const double near = dtype == DType::float32 ? (name == "Circle" ? 2e-5 : 4e-6) : name == "CTC" ? 4e-6 : name == "Circle" ? 1e-6 : float64_of_keras;
      seen.push_back(name);
      const Config& want = c[name_of(dtype)];
      Tensors in = {labels(c, dtype), tensor(c["y_pred"], dtype)};
      const bool weighs = !c["sample_weight"].is_null(), masks = !c["mask"].is_null();
      if (weighs) in.push_back(tensor(c["sample_weight"], dtype));
      if (masks) in.push_back(tensor(c["mask"], DType::boolean));
      std::vector<std::string> keys = {"per_sample"};
      const Tensors out = run(in, [&](const std::vector<Value>& v) {
        std::vector<Value> r = {loss_of(c)(v[0], v[1])};
        const auto tried = [&](const std::string& key, Value value) { keys.push_back(key), r.push_back(value); };
        const std::optional<Value> weight = weighs ? std::optional(v[2]) : std::nullopt, mask = masks ? std::optional(v.back()) : std::nullopt;
        for (const std::string how : {"sum_over_batch_size", "sum", "mean_with_sample_weight"}) {
          const Loss loss = loss_of(c, how.c_str());
          tried(how, loss.total(v[0], v[1]));
          if (weighs) tried(how + "_weighted", loss.total(v[0], v[1], weight));
          if (masks) tried(how + "_masked", loss.total(v[0], v[1], {}, mask));
          if (masks) tried(how + "_weighted_masked", loss.total(v[0], v[1], weight, mask));
        }
        tried("gradient", gradients(loss_of(c).total(v[0], v[1]), {v[1]})[0]);
        if (weighs) tried("gradient_weighted", gradients(loss_of(c).total(v[0], v[1], weight), {v[1]})[0]);
        return r;
      });
      for (size_t i = 0; i < keys.size(); ++i) {
        CAPTURE(keys[i]);
        REQUIRE(!want[keys[i]].is_null());
        CHECK(difference(out[i], tensor(want[keys[i]])) < near);
      }
    }
    for (const LossRules* rules : all_losses())
      if (rules->class_name != "crossentropy") {
        CAPTURE(rules->class_name);
        CHECK(std::find(seen.begin(), seen.end(), rules->class_name) != seen.end());
      }
  }
}

TEST_CASE("a loss is written as Keras writes it, and read back the same") {
  const Config all = golden("losses.json");
  for (const Config& c : all["cases"].as_list()) {
    const Config written = to_config(loss_of(c));
    CAPTURE(text(written));
    CHECK(written["module"] == Config("keras.losses"));
    CHECK(written["class_name"] == c["class_name"]);
    const Config::Dict &ours = written["config"].as_dict(), &keras = c["config"].as_dict();
    REQUIRE(ours.size() >= keras.size());
    for (size_t i = 0; i < ours.size(); ++i) {
      CAPTURE(ours[i].first);
      if (i < keras.size()) CHECK((ours[i].first == keras[i].first && same(ours[i].second, keras[i].second)));
      else CHECK(c["arguments"].contains(ours[i].first));  // an option that Keras forgets
    }
    Loss back;
    from_config(written, back);
    CHECK(to_config(back) == written);
  }
}

TEST_CASE("a cross entropy behind a softmax or a sigmoid is computed from its logits, as tf.keras does") {
  const Config all = golden("fused_crossentropy.json");
  for (const Config& c : all["cases"].as_list()) {
    CAPTURE(c["class_name"].as_string());
    const Loss loss = loss_of(c);
    const Tensors out = run({labels(c, DType::float64), tensor(c["logits"])}, [&](const std::vector<Value>& in) {
      const Value y = loss.total(in[0], Activation(c["activation"].as_string())(in[1]));
      return std::vector<Value>{y, gradients(y, {in[1]})[0]};
    });
    // Keras's float64 loses the logits on the way and clips, so its float32 is what is exact.
    CHECK(difference(out[0], tensor(c["loss_float32"])) < 1e-6);
    CHECK(difference(out[1], tensor(c["gradient_float32"])) < 1e-6);
  }
}

TEST_CASE("the gradients of losses are their slopes") {
  std::mt19937 rng(5);
  const Config all = golden("losses.json");
  std::set<std::string> tried;
  for (const Config& c : all["cases"].as_list()) {
    const std::string& given = c["y_pred_is"].as_string();
    if (given.find("clipped") != std::string::npos || given.starts_with("positive")) continue;  // on the kinks of clipping
    tried.insert(c["class_name"].as_string());
    CAPTURE(c["class_name"].as_string());
    CAPTURE(text(c["arguments"]));
    const Tensor y = labels(c, DType::float32);
    const double error = gradient_error({tensor(c["y_pred"])}, [&](const std::vector<Value>& in) {
      return std::vector<Value>{loss_of(c).total(cast(in[0].graph->constant(y), y.dtype() == DType::int64 ? DType::int64 : DType::float64), in[0])};
    }, rng, 3e-7);  // a logarithm of what is small curves much
    CHECK(error < 1e-7);
  }
  for (const LossRules* rules : all_losses()) {
    CAPTURE(rules->class_name);
    CHECK((rules->class_name == "crossentropy" || tried.contains(std::string(rules->class_name))));
  }
}
