// Texts to numbers, and what layers learn from data, as Keras does: tests/golden/text.json.
#include <doctest/doctest.h>

#include "cornu/base/fingerprint.h"
#include "cornu/data/sequences.h"
#include "cornu/layers/layers.h"
#include "golden.h"

using namespace cornu;
using namespace cornu::testing;

namespace {

std::vector<std::string> strings(const Config& c) {
  std::vector<std::string> list;
  from_config(c, list);
  return list;
}
void check(const Tensor& ours, const Config& output, const Config& shape) {
  std::vector<double> numbers;
  flatten(output, numbers);
  Shape wanted;
  for (const Config& size : shape.as_list()) wanted.push_back(size.as_int());
  CHECK(ours.shape() == wanted);
  CHECK(difference(ours, Tensor(Shape{static_cast<int64_t>(numbers.size())}, numbers)) < 1e-6);
}
/// Whether what cornu writes is what Keras wrote.
void check_config(const Config& written, const Config& keras) {
  for (const auto& [key, value] : written.as_dict()) {
    CAPTURE(key);
    CHECK(text(value) == text(keras[key]));
  }
}

}  // namespace

TEST_CASE("hashes of texts are TensorFlow's") {
  const Config all = golden("text.json");
  for (const Config& c : all["hashes"].as_list()) {
    CAPTURE(c["text"].as_string());
    CHECK(hash_bin(c["text"].as_string(), (int64_t{1} << 31) - 1) == c["fast"].as_int());
    CHECK(hash_bin(c["text"].as_string(), (int64_t{1} << 31) - 1, {133, 137}) == c["strong"].as_int());
    CHECK(hash_bin(c["text"].as_string(), 7) == c["few"].as_int());
  }
  for (const Config& c : all["hashing"].as_list()) {
    const Layer layer = layer_from_config("Hashing", c["config"]);
    CHECK(difference(layer.as<Hashing>()->operator()(strings(c["texts"])), tensor(c["output"])) == 0);
  }
}

TEST_CASE("TextVectorization learns Keras's vocabulary and gives Keras's numbers") {
  const Config all = golden("text.json");
  for (const Config& c : all["text_vectorization"].as_list()) {
    CAPTURE(text(c["config"]));
    TextVectorization vectorize = TextVectorization::from_config(c["config"]);
    if (!c["adapt"].is_null()) vectorize.adapt(strings(c["adapt"]));
    else check_config(vectorize.get_config(), c["config"]);
    CHECK(vectorize.get_vocabulary() == strings(c["vocabulary"]));
    CHECK(vectorize.vocabulary_size() == c["size"].as_int());
    check(vectorize(strings(c["texts"])), c["output"], c["shape"]);

    const TextVectorization again = TextVectorization::from_config(vectorize.get_config());
    CHECK(again.get_config() == vectorize.get_config());
    CHECK(again(strings(c["texts"])) == vectorize(strings(c["texts"])));
  }
}

TEST_CASE("StringLookup gives Keras's indices, and finds the way back") {
  const Config all = golden("text.json");
  for (const Config& c : all["string_lookup"].as_list()) {
    CAPTURE(text(c["config"]));
    StringLookup lookup = StringLookup::from_config(c["config"]);
    if (!c["adapt"].is_null()) lookup.adapt(strings(c["adapt"]));
    else check_config(lookup.get_config(), c["config"]);
    CHECK(lookup.get_vocabulary() == strings(c["vocabulary"]));
    check(lookup(strings(c["words"])), c["output"], c["shape"]);
  }
  const Config& back = all["inverse"];
  CHECK(StringLookup::from_config(back["config"])(tensor(back["indices"], DType::int64)) == strings(back["words"]));
}

TEST_CASE("adapt() learns what Keras learns") {
  const Config all = golden("text.json")["learned"];
  const Tensor data = tensor(all["data"], DType::float32), integers = tensor(all["integers"], DType::int64);
  for (const Config& c : all["normalization"].as_list()) {
    CAPTURE(text(c["axis"]));
    Normalization layer;
    from_config(c["axis"], layer.axis);
    layer.adapt(data);
    Graph graph;
    Scope scope(graph);
    const Layer handle(layer);
    handle({graph.input("x", {DType::float32, data.shape()})}, scope);
    for (const Variable& v : scope.variables()) {
      const Tensor ours = v.initializer(v.type.shape, DType::float32, 1, 1);
      if (v.path == "mean" || v.path == "variance") CHECK(difference(ours, tensor(c[v.path])) < 1e-6);
    }
    CHECK(scope.variables().size() == 3);
  }
  for (const Config& c : all["discretization"].as_list()) {
    Discretization layer{.num_bins = c["num_bins"].as_int(), .epsilon = c["epsilon"].as_double()};
    layer.adapt(tensor(c["data"], DType::float32));
    REQUIRE(layer.bin_boundaries);
    CHECK(difference(Tensor(layer.bin_boundaries->shape, layer.bin_boundaries->numbers), tensor(c["boundaries"])) < 1e-6);
  }
  for (const Config& c : all["integer_lookup"].as_list()) {
    CAPTURE(text(c["options"]));
    IntegerLookup lookup;
    fields_from_config(c["options"], lookup, "IntegerLookup");
    lookup.adapt(integers);
    std::vector<int64_t> vocabulary;
    from_config(c["vocabulary"], vocabulary);
    CHECK(lookup.get_vocabulary() == vocabulary);
    if (!c["idf"].is_null()) {
      const std::vector<double> idf = lookup.table().idf;
      CHECK(difference(Tensor(Shape{static_cast<int64_t>(idf.size())}, idf), tensor(c["idf"])) < 1e-6);
    }
  }
}

TEST_CASE("sequences are padded, labels encoded and time series cut as Keras does") {
  const Config all = golden("text.json")["sequences"];
  std::vector<std::vector<int64_t>> lists;
  from_config(all["lists"], lists);
  for (const Config& c : all["pad_sequences"].as_list()) {
    const Config& o = c["options"];
    CAPTURE(text(o));
    PadOptions options;
    from_config(o["maxlen"], options.maxlen);
    if (!o["padding"].is_null()) options.padding = o["padding"].as_string();
    if (!o["truncating"].is_null()) options.truncating = o["truncating"].as_string();
    if (!o["value"].is_null()) options.value = o["value"].as_double();
    CHECK(pad_sequences(lists, options) == tensor(c["output"], DType::int32));
  }
  for (const Config& c : all["to_categorical"].as_list())
    check(to_categorical(tensor(c["labels"], DType::int64), c["classes"].is_null() ? 0 : c["classes"].as_int()), c["output"], c["shape"]);
  for (const Config& c : all["windows"].as_list()) {
    const Config& o = c["options"];
    CAPTURE(text(o));
    WindowOptions options{.sequence_length = o["sequence_length"].as_int()};
    if (!o["sequence_stride"].is_null()) options.sequence_stride = o["sequence_stride"].as_int();
    if (!o["sampling_rate"].is_null()) options.sampling_rate = o["sampling_rate"].as_int();
    from_config(o["start_index"], options.start_index);
    from_config(o["end_index"], options.end_index);
    const bool targets = !c["y"].is_null();
    const Samples windows = timeseries_dataset_from_array(tensor(all["data"]), targets ? std::optional(tensor(all["targets"])) : std::nullopt, options);
    check(windows.x[0], c["x"], c["shape"]);
    if (targets) CHECK(windows.y[0] == tensor(c["y"]));
  }
}
