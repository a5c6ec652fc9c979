// Configurations of layers in which something else is written: each makes a layer that computes, or one of cornu's errors.
// CORNU_LONG_TESTS=1 tries thirty times as many.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>

#include "changes.h"
#include "cornu/layers/layers.h"
#include "memory.h"
#include "tests/nn_golden/golden.h"

using namespace cornu;
using namespace cornu::testing;

namespace {

constexpr size_t largest_run = size_t{4} << 20;

/// Traces the layer, and runs what is small.
void compute(const Config& serialized, const std::vector<TensorType>& inputs, bool training) {
  const Layer layer = layer_from_config(serialized);
  Graph g;
  Scope scope(g, {.training = training});
  std::vector<Value> in;
  for (size_t i = 0; i < inputs.size(); ++i) in.push_back(g.input(text("x", i), inputs[i]));
  for (const Value y : layer(in, scope)) g.output(y);
  scope.finish();
  const std::shared_ptr<const Program> program = compile(g);
  size_t bytes = program->arena_bytes + program->scratch_bytes;
  for (const ProgramValue& s : program->states) bytes += std::min<size_t>(s.type.bytes(), largest_run + 1);
  if (bytes > largest_run) return;
  Execution run(program);
  Tensors fed, states;
  for (size_t i = 0; i < inputs.size(); ++i) fed.emplace_back(inputs[i].dtype, inputs[i].shape), run.bind_input(static_cast<int>(i), fed[i].data());
  for (size_t i = 0; i < program->states.size(); ++i)
    states.emplace_back(program->states[i].type.dtype, program->states[i].type.shape), run.bind_state(static_cast<int>(i), states[i].mutable_data());
  run.run();
}

/// What came of it, other than an error for whoever wrote the file; empty if all is well.
std::string mistake(const Config& serialized, const std::vector<TensorType>& inputs, bool training) {
  const MemoryWatch watch;
  try {
    compute(serialized, inputs, training);
  } catch (const InternalError& e) {
    return text("an error of cornu's own: ", e.what());
  } catch (const Error& e) {
    if (std::string_view(e.what()).size() > 20'000) return text("an error of ", std::string_view(e.what()).size(), " bytes");
  } catch (const std::exception& e) {
    return text("another exception: ", e.what());
  }
  if (watch.most() > (size_t{64} << 20)) return text(watch.most(), " bytes of memory");
  return {};
}

}  // namespace

TEST_CASE("a layer whose configuration says something else computes, or says what is wrong") {
  const size_t each = std::getenv("CORNU_LONG_TESTS") ? 60 : 2;
  std::mt19937 rng(5);
  size_t tried = 0;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(CORNU_SOURCE_DIR) + "/tests/golden/layers")) {
    const Config file = golden("layers/" + entry.path().filename().string());
    for (const Config& c : file["cases"].as_list()) {
      const Config& serialized = c["serialized"];
      std::vector<TensorType> inputs;
      for (size_t i = 0; i < c["inputs"].as_list().size(); ++i) {
        const std::string& dtype = c["dtypes"].as_list()[i].as_string();
        inputs.push_back({dtype == "bool" ? DType::boolean : dtype_named(dtype), shape_of(c["inputs"].as_list()[i])});
      }
      std::vector<Place> places;
      append_places(places, serialized["config"]);
      for (const Place& place : places)
        for (size_t way = 0; way < ways; ++way) {
          if (rng() % (places.size() * ways) >= each) continue;
          Config given = serialized;
          given.set("config", changed_at(serialized["config"], place, [&](const Config& value) { return changed(value, serialized, way); }));
          const std::string wrong = mistake(given, inputs, c["training"].as_bool());
          ++tried;
          if (wrong.empty()) continue;
          CAPTURE(text(given["class_name"], " ", given["config"]));
          FAIL_CHECK(wrong);
        }
    }
  }
  CHECK(tried > 500);
}
