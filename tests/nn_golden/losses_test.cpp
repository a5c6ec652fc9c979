// Every loss against Keras's values, reductions and gradients.
#include <doctest/doctest.h>

#include "cornu/nn/activations.h"
#include "cornu/losses/losses.h"
#include "golden.h"

using namespace cornu;
using namespace cornu::testing;

namespace {
/// The loss of a case with another reduction; null for one that cornu refuses by name.
std::optional<Loss> loss_of(const Config& c, const char* reduction) {
  Config options = c["arguments"].is_null() ? Config::dict() : c["arguments"];
  options.set("reduction", reduction);
  Loss loss;
  try {
    from_config(keras_object("keras.losses", c["class_name"].as_string(), options), loss);
  } catch (const UnsupportedError&) {
    return {};
  }
  return loss;
}
Tensor labels(const Config& c, DType dtype) { return c["class_name"].as_string().starts_with("Sparse") ? tensor(c["y_true"], DType::int64) : tensor(c["y_true"], dtype); }
}  // namespace

TEST_CASE("losses, their reductions and their gradients are Keras's") {
  const Config all = golden("losses.json");
  for (const DType dtype : {DType::float64, DType::float32}) {
    const double near = dtype == DType::float64 ? float64_of_keras : 4e-6;
    int tried = 0;
    for (const Config& c : all["cases"].as_list()) {
      CAPTURE(c["class_name"].as_string());
      CAPTURE(c["y_pred_is"].as_string());
      CAPTURE(text(c["arguments"]));
      if (!loss_of(c, "sum")) continue;
      ++tried;
      const Config& want = c[name_of(dtype)];
      const bool ignores = !c["arguments"]["ignore_class"].is_null();
      if (ignores) CHECK_THROWS_AS(run({labels(c, dtype), tensor(c["y_pred"], dtype)}, [&](const std::vector<Value>& in) {
        return std::vector<Value>{(*loss_of(c, "mean_with_sample_weight"))(in[0], in[1])};
      }), UnsupportedError);
      const Tensors out = run({labels(c, dtype), tensor(c["y_pred"], dtype), tensor(all["sample_weight"], dtype)}, [&](const std::vector<Value>& in) {
        std::vector<Value> r = {(*loss_of(c, "sum"))(in[0], in[1])};
        for (const char* how : {"sum_over_batch_size", "sum", "mean_with_sample_weight"}) {
          const Loss loss = *loss_of(c, ignores && how == std::string("mean_with_sample_weight") ? "sum_over_batch_size" : how);
          const Value values = loss(in[0], in[1]);
          r.push_back(loss.reduce(values));
          r.push_back(loss.reduce(values, in[2]));
        }
        r.push_back(gradients(r[1], {in[1]})[0]);
        return r;
      });
      CHECK(difference(out[0], tensor(want["per_sample"])) < near);
      CHECK(difference(out[1], tensor(want["sum_over_batch_size"])) < near);
      CHECK(difference(out[2], tensor(want["sum_over_batch_size_weighted"])) < near);
      CHECK(difference(out[3], tensor(want["sum"])) < near);
      CHECK(difference(out[4], tensor(want["sum_weighted"])) < near);
      CHECK(difference(out[5], tensor(want["mean_with_sample_weight"])) < near);
      if (!ignores) CHECK(difference(out[6], tensor(want["mean_with_sample_weight_weighted"])) < near);
      CHECK(difference(out[7], tensor(want["gradient"])) < near);
    }
    CHECK(tried > 20);
  }
}

TEST_CASE("a cross entropy behind a softmax or a sigmoid is computed from its logits, as tf.keras does") {
  const Config all = golden("fused_crossentropy.json");
  for (const Config& c : all["cases"].as_list()) {
    CAPTURE(c["class_name"].as_string());
    const Loss loss = *loss_of(c, "sum_over_batch_size");
    const Tensors out = run({labels(c, DType::float64), tensor(c["logits"])}, [&](const std::vector<Value>& in) {
      const Value y = loss.reduce(loss(in[0], Activation(c["activation"].as_string())(in[1])));
      return std::vector<Value>{y, gradients(y, {in[1]})[0]};
    });
    // Keras's float64 loses the logits on the way and clips, so its float32 is what is exact.
    CHECK(difference(out[0], tensor(c["loss_float32"])) < 1e-6);
    CHECK(difference(out[1], tensor(c["gradient_float32"])) < 1e-6);
  }
}
