// Graphs that Keras saved: what they predict, how training goes on, what they are called and how they print.
#include <doctest/doctest.h>

#include "tests/train/small_model.h"

using namespace cornu;
using namespace cornu::testing;

namespace {

const std::string folder = std::string(CORNU_SOURCE_DIR) + "/tests/golden/fixtures/functional/";
constexpr const char* names[] = {"shared", "nested", "frozen", "sequential_nested", "arithmetic", "two", "named", "sequence", "wrapped", "spectral", "masked", "adapted"};

Config expected(const std::string& name) { return golden("fixtures/functional/" + name + ".json"); }

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

/// The inputs by the model's own order.
std::vector<Tensor> fed(const Config& inputs, const Config& names_of_inputs) {
  std::vector<Tensor> list;
  for (const Config& name : names_of_inputs.as_list()) {
    const Config& values = inputs[name.as_string()];
    const Config* number = &values;
    while (number->is_list()) number = &number->as_list()[0];
    list.push_back(tensor(values, DType::float32));
    if (name == Config("tokens")) list.back() = list.back().cast(DType::int32);
  }
  return list;
}

std::vector<Tensor> rows(const std::vector<Tensor>& all, int64_t begin, int64_t end) {
  std::vector<Tensor> part;
  for (const Tensor& t : all) part.push_back(t.rows(begin, end));
  return part;
}

std::vector<std::string> strings(const Config& list) {
  std::vector<std::string> all;
  for (const Config& c : list.as_list()) all.push_back(c.as_string());
  return all;
}

}  // namespace

TEST_CASE("weights of graphs that Keras saved are where they belong, in Keras's order") {
  for (const std::string name : names) {
    CAPTURE(name);
    const Config e = expected(name);
    const Model model = load_model(folder + name + ".keras");
    CHECK(model.count_params() == e["params"].as_int());
    const std::vector<Tensor> weights = model.get_weights();
    REQUIRE(weights.size() == e["weights"].as_list().size());
    for (size_t i = 0; i < weights.size(); ++i) {
      const Config& theirs = e["weights"].as_list()[i];
      CAPTURE(model.weight_names()[i]);
      CHECK(model.weight_names()[i].ends_with(theirs.as_list()[0].as_string().substr(theirs.as_list()[0].as_string().rfind('/') + 1)));
      CHECK(weights[i] == tensor(theirs.as_list()[1], DType::float32));
    }
  }
}

TEST_CASE("graphs that Keras saved name their layers, inputs and outputs as there") {
  for (const std::string name : names) {
    CAPTURE(name);
    const Config e = expected(name);
    const Model model = load_model(folder + name + ".keras");
    std::vector<std::string> layers;
    for (const Layer& layer : model.layers()) layers.push_back(layer.name());
    CHECK(layers == strings(e["layers"]));
    if (name == "named" || name == "sequential_nested") continue;  // dicts go by their keys
    CHECK(model.input_names() == strings(e["input_names"]));
    CHECK(model.output_names() == strings(e["output_names"]));
  }
}

TEST_CASE("graphs that Keras saved predict what they predict there, to 1e-6") {
  for (const std::string name : names) {
    CAPTURE(name);
    const Config e = expected(name);
    Model model = load_model(folder + name + ".keras");
    const std::vector<Tensor> out = model.predict_all(fed(e["inputs"], e["input_names"]), {.verbose = 0});
    REQUIRE(out.size() == e["predictions"].as_list().size());
    for (size_t i = 0; i < out.size(); ++i) CHECK(difference(out[i], tensor(e["predictions"].as_list()[i])) < 1e-6);
  }
}

TEST_CASE("training of graphs goes on as in Keras: 20 losses to 1e-5, predictions after") {
  for (const std::string name : names) {
    CAPTURE(name);
    const Config e = expected(name);
    const Config& next = e["next"];
    if (!next.is_dict()) continue;
    Model model = load_model(folder + name + ".keras");
    CHECK(model.iterations() == e["trained_steps"].as_int());
    const std::vector<Tensor> x = fed(next["inputs"], e["input_names"]);
    std::vector<Tensor> y;
    for (const Config& target : next["targets"].as_list()) y.push_back(tensor(target, DType::float32));
    const int64_t batch = next["batch_size"].as_int();
    double worst = 0;
    for (size_t s = 0; s < next["losses"].as_list().size(); ++s) {
      const int64_t at = static_cast<int64_t>(s) * batch;
      const double loss = model.train_on_batch(rows(x, at, at + batch), rows(y, at, at + batch)).at("loss");
      worst = std::max(worst, std::abs(loss / next["losses"].as_list()[s].as_double() - 1));
    }
    CHECK(worst < 1e-5);
    const std::vector<Tensor> after = model.predict_all_on_batch(fed(e["inputs"], e["input_names"]));
    for (size_t i = 0; i < after.size(); ++i) CHECK(difference(after[i], tensor(next["predictions_after"].as_list()[i])) < 1e-5);
  }
}

TEST_CASE("summaries of graphs are Keras's, byte for byte: connections, nested models, what is trainable") {
  for (const std::string name : names) {
    CAPTURE(name);
    if (name == "adapted") continue;  // Keras counts samples for Normalization in int64, and cornu, which does not use it, in the model's dtype
    const Model model = load_model(folder + name + ".keras");
    CHECK(model.summary_text({.columns = 80}) == read_text(folder + name + ".summary.txt"));
    CHECK(model.summary_text({.line_length = 120, .show_trainable = true, .expand_nested = true, .columns = 130}) == read_text(folder + name + ".expanded.txt"));
  }
}

TEST_CASE("a graph comes back from its own JSON and from Keras's") {
  for (const std::string name : names) {
    CAPTURE(name);
    if (name == "adapted") continue;  // its vocabularies are in the archive, not in the JSON
    const Model keras = model_from_json(read_text(folder + name + ".config.json"));
    const Model again = model_from_json(keras.to_json());
    CHECK(again.to_json() == keras.to_json());
    CHECK(again.count_params() == expected(name)["params"].as_int());
    CHECK(keras.weight_names() == load_model(folder + name + ".keras").weight_names());
  }
}

namespace {

Layer named(Layer layer, const std::string& name) {
  layer.set_name(name);
  return layer;
}

/// The graph "masked", wired here.
Model masked() {
  const Symbol t = input({7}, {.name = "tokens", .dtype = DType::int32}), u = input({7, 4}, {.name = "steps"});
  const Symbol a = named(Embedding{.input_dim = 10, .output_dim = 4, .mask_zero = true}, "left")(t), b = named(Masking{0.5}, "hidden")(u);
  Symbol h = named(LSTM{.units = 3, .return_sequences = true, .return_state = true}, "lstm")(named(Add{}, "sum")({a, b}))[0];
  h = named(BatchNormalization{}, "normal")(named(Dense{4}, "dense")(h));
  h = named(Concatenate{}, "wide")({named(Attention{}, "attention")({h, b}), u});
  h = named(Bidirectional{.layer = named(GRU{.units = 2, .return_sequences = true}, "gru")}, "both")(h);
  h = named(TimeDistributed{named(Dense{3}, "inner")}, "each")(named(MultiHeadAttention{.num_heads = 2, .key_dim = 3}, "heads")({h, h}));
  const Symbol y = named(GlobalAveragePooling1D{}, "mean")(named(Dropout{0.0}, "drop")(h));
  const Sequential chain(std::vector<Layer>{Input{7, 4}, named(SimpleRNN{.units = 2}, "rnn")}, "chain");
  return Model{std::vector{t, u}, named(Dense{2}, "last")(named(Concatenate{}, "join")({y, chain(a)})), "masked"};
}

/// Name, class and calls of each layer. Keras also notes training=False in some calls, which says nothing.
std::vector<std::string> calls_of(const Config& model) {
  std::vector<std::string> all;
  for (const Config& layer : model["config"]["layers"].as_list()) {
    std::string line = text(layer["name"].as_string(), " ", layer["class_name"].as_string());
    for (const Config& call : layer["inbound_nodes"].as_list()) {
      line += text(" ", call["args"]);
      for (const auto& [key, value] : call["kwargs"].as_dict())
        if (key != "training") line += text(" ", key, "=", value);
    }
    all.push_back(std::move(line));
  }
  return all;
}

}  // namespace

TEST_CASE("a graph that is wired here has its masks as ops among the layers, as Keras has: the same calls, the same summary, the same numbers") {
  const Config e = expected("masked");
  Model model = masked();
  const std::vector<std::string> ours = calls_of(model.to_config()), theirs = calls_of(parse_json(read_text(folder + "masked.config.json")));
  REQUIRE(ours.size() == theirs.size());
  for (size_t i = 0; i < ours.size(); ++i) CHECK(ours[i] == theirs[i]);
  model.compile({.optimizer = SGD{.learning_rate = 0.05, .momentum = 0.9}, .loss = "mse"});
  const auto table = [](const std::string& summary) { return summary.substr(0, summary.find(" Total params")); };  // the file has an optimizer's states too
  CHECK(table(model.summary_text({.columns = 80})) == table(read_text(folder + "masked.summary.txt")));
  Model loaded = load_model(folder + "masked.keras");
  model.set_weights(loaded.get_weights());
  const std::vector<Tensor> x = fed(e["inputs"], e["input_names"]);
  CHECK(model.predict_all_on_batch(x) == loaded.predict_all_on_batch(x));
}

TEST_CASE("layers that merge are called on a list, even of one") {
  const Symbol x = input({4}, {.name = "x"});
  const auto args = [&](const Layer& layer) { return Model{x, layer(std::vector{x})}.to_config()["config"]["layers"].as_list()[1]["inbound_nodes"].as_list()[0]["args"]; };
  for (const Layer& layer : {Layer(Add{}), Layer(Multiply{}), Layer(Average{}), Layer(Maximum{}), Layer(Minimum{}), Layer(Concatenate{})}) {
    CAPTURE(layer.class_name());
    CHECK(args(layer).as_list()[0].is_list());
  }
  CHECK(args(Dense{2}).as_list()[0].is_dict());
}
