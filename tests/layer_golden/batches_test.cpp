// What must not depend on how many samples there are, nor on how many threads: every layer in every option.
#include <cstring>
#include <set>

#include "each_case.h"
#include "tests/messages.h"

using namespace cornu;
using namespace cornu::testing;

namespace {

constexpr int64_t many = 6'000;  // numbers in the first input, about: enough for the work of many layers to be cut into slices

/// The first rows of a tensor, over and over. With none it keeps its other axes.
Tensor with_rows(const Tensor& t, int64_t rows, int64_t of) {
  Shape shape = t.shape();
  shape[0] = rows;
  Tensor all(t.dtype(), shape);
  const size_t bytes = t.bytes() / static_cast<size_t>(t.shape()[0]);
  for (int64_t i = 0; i < rows; ++i)
    std::memcpy(static_cast<std::byte*>(all.mutable_data()) + static_cast<size_t>(i) * bytes, static_cast<const std::byte*>(t.data()) + static_cast<size_t>(i % of) * bytes, bytes);
  return all;
}

/// The case with other samples: its first `of`, over and over, until there are `rows`.
Case with_batch(const Case& c, int64_t rows, int64_t of) {
  Case other = c;
  for (Tensor& t : other.inputs) t = with_rows(t, rows, of);
  for (auto& mask : other.masks)
    if (mask) mask = with_rows(*mask, rows, of);
  for (auto& [name, list] : other.call_values)
    for (Tensor& t : list) t = with_rows(t, rows, of);
  for (Tensor& t : other.seeds)
    if (t.shape().rank() > 0 && t.shape()[0] == c.inputs[0].shape()[0]) t = with_rows(t, rows, of);
  return other;
}

/// Whether every tensor has a row for each sample, and the layer's options say nothing of how many there are.
bool has_batches(const Case& c, const Config& config) {
  const int64_t n = c.inputs[0].shape().rank() > 0 ? c.inputs[0].shape()[0] : 0;
  if (const Config& noise = config["serialized"]["config"]["noise_shape"]; noise.is_list() && !noise.as_list()[0].is_null()) return false;
  const auto by_sample = [n](const Tensor& t) { return t.shape().rank() > 0 && t.shape()[0] == n; };
  bool all = n > 0;
  for (const Tensor& t : c.inputs) all = all && by_sample(t);
  for (const auto& [name, list] : c.call_values)
    for (const Tensor& t : list) all = all && by_sample(t);
  return all;
}

bool same_bits(const Tensor& a, const Tensor& b) { return a.shape() == b.shape() && std::memcmp(a.data(), b.data(), a.bytes()) == 0; }

void check_same_bits(const Answer& a, const Answer& b) {
  REQUIRE(a.outputs.size() == b.outputs.size());
  for (size_t i = 0; i < a.outputs.size(); ++i) CHECK(same_bits(a.outputs[i], b.outputs[i]));
  for (size_t i = 0; i < a.input_gradients.size(); ++i) CHECK(same_bits(a.input_gradients[i], b.input_gradients[i]));
  for (size_t i = 0; i < a.weight_gradients.size(); ++i) CHECK(same_bits(a.weight_gradients[i], b.weight_gradients[i]));
  for (const auto& [path, state] : a.states) CHECK(same_bits(state, b.states.at(path)));
}

bool is_zero(const Tensor& t) {
  for (int64_t i = 0; i < t.size(); ++i)
    if (t.at(i) != 0) return false;
  return true;
}

}  // namespace

TEST_CASE("a layer gives a sample alone what it gives it in a batch; a step that was run before takes nothing from the heap") {
  for_each_case([](const Config& config) {
    const Case c = read_case(config);
    const Answer one = answer(c, DType::float32, true);
    CHECK(one.allocations == 0);
    const Answer predicted = answer(c, DType::float32, false);
    CHECK(predicted.allocations == 0);
    if (!config["by_row"].as_bool() || c.training) return;
    const Answer alone = answer(with_batch(c, 1, 1), DType::float32, true);
    CHECK(alone.allocations == 0);
    for (size_t i = 0; i < alone.outputs.size(); ++i) CHECK(error(alone.outputs[i], with_rows(one.outputs[i], 1, 1)) < 2e-6);
    for (size_t i = 0; i < predicted.outputs.size(); ++i) CHECK(error(predicted.outputs[i], one.outputs[i]) < 2e-6);
  });
}

TEST_CASE("a layer gives many samples what it gives few, and the same bits on one, two and three threads, taking nothing from the heap") {
  int tried = 0, cut = 0;
  for_each_case([&](const Config& config) {
    const Case c = read_case(config);
    if (!has_batches(c, config)) return;
    const int64_t n = c.inputs[0].shape()[0], rows = std::max<int64_t>(many * n / c.inputs[0].size(), 5);
    const Case large = with_batch(c, rows, n);
    const std::vector<Answer> answers = answers_on(large, DType::float32, true, {1, 2, 3});
    const Answer& one = answers[0];
    ++tried, cut += one.parallel;
    for (const Answer& other : answers) {
      check_same_bits(one, other);
      CHECK(other.allocations == 0);
    }
    if (!config["by_row"].as_bool() || c.training) return;
    const Answer few = answer(c, DType::float32, true);
    for (size_t i = 0; i < one.outputs.size(); ++i) CHECK(error(one.outputs[i], with_rows(few.outputs[i], rows, n)) < 2e-6);
  });
  CHECK((tried > 400 || std::getenv("CORNU_FAMILY")));
  CHECK((cut > 20 || std::getenv("CORNU_FAMILY")));
}

TEST_CASE("a layer makes nothing of no samples, outputs without rows and gradients of zero, or says that it needs some") {
  const std::set<std::string> needs_some = {"BatchNormalization", "CategoryEncoding", "CenterCrop", "Resizing"};
  int tried = 0;
  for_each_case([&](const Config& config) {
    const Case c = read_case(config);
    if (!has_batches(c, config)) return;
    const Answer some = answer(c, DType::float32, true);
    for (const Tensor& t : some.outputs)
      if (t.shape().rank() == 0 || t.shape()[0] != c.inputs[0].shape()[0]) return;
    Answer none;
    const std::string refused = error_of([&] { none = answer(with_batch(c, 0, 1), DType::float32, true); });
    if (!refused.empty()) {
      const std::string name = config["serialized"]["class_name"].as_string();
      CHECK((needs_some.contains(name) || name.starts_with("Random")));
      CHECK_MESSAGE(has(refused, "[0, "), refused);
      return;
    }
    ++tried;
    REQUIRE(none.outputs.size() == some.outputs.size());
    for (size_t i = 0; i < none.outputs.size(); ++i) {
      Shape shape = some.outputs[i].shape();
      shape[0] = 0;
      CHECK(none.outputs[i].shape() == shape);
    }
    for (size_t i = 0; i < none.weight_gradients.size(); ++i) {
      CHECK(none.weight_gradients[i].shape() == some.weight_gradients[i].shape());
      CHECK(is_zero(none.weight_gradients[i]));
    }
  });
  CHECK((tried > 400 || std::getenv("CORNU_FAMILY")));
}
