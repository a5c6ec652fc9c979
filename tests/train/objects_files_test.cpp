// Files of Keras with each optimizer, and the objects that stand in layers and in compile: initializers, regularizers, constraints, losses.
#include <doctest/doctest.h>

#include "tests/train/small_model.h"

using namespace cornu;
using namespace cornu::testing;

namespace {

const std::string fixtures = std::string(CORNU_SOURCE_DIR) + "/tests/golden/fixtures/";

/// What `ours` lacks of `theirs`, or says otherwise.
void compare(const Config& ours, const Config& theirs, const std::string& where, std::vector<std::string>& differences) {
  if (theirs.is_dict() && ours.is_dict()) {
    for (const auto& [key, value] : theirs.as_dict()) compare(ours[key], value, where + "/" + key, differences);
    return;
  }
  const bool close = ours.is_number() && theirs.is_number() && std::abs(ours.as_double() - theirs.as_double()) <= 1e-7 * std::abs(theirs.as_double());
  if (!close && !(ours == theirs)) differences.push_back(text(where, ": ", ours, " here, ", theirs, " there"));
}

/// Through T and back.
template <class T> Config through(const Config& object) {
  T t;
  from_config(object, t);
  return to_config(t);
}

Config custom(std::string_view module) {
  Config object = keras_object(module, "Mine", Config::dict());
  return object.set("registered_name", "package>Mine");
}

}  // namespace

TEST_CASE("training goes on from a file of Keras with each optimizer as it does there: 20 losses to 1e-5, the same weights after") {
  const Config all = golden("fixtures/optimizers.json");
  const Tensor x = tensor(all["x"], DType::float32), y = tensor(all["y"], DType::int32);
  const int64_t batch = all["batch_size"].as_int();
  for (const auto& [name, expected] : all["cases"].as_dict()) {
    CAPTURE(name);
    Model model = load_model(fixtures + "optimizers/" + name + ".keras");
    CHECK(model.iterations() == expected["iterations"].as_int());
    double worst = 0;
    for (size_t s = 0; s < expected["losses"].as_list().size(); ++s) {
      const int64_t at = static_cast<int64_t>(s) * batch;
      const double loss = model.train_on_batch(x.rows(at, at + batch), y.rows(at, at + batch)).at("loss");
      worst = std::max(worst, std::abs(loss / expected["losses"].as_list()[s].as_double() - 1));
    }
    CHECK(worst < 1e-5);
    const std::vector<Tensor> weights = model.get_weights();
    for (size_t i = 0; i < weights.size(); ++i) CHECK(difference(weights[i], tensor(expected["weights"].as_list()[i])) < 1e-4);
  }
}

TEST_CASE("objects in Keras's files come back as they were, and those of custom classes are refused by name") {
  const Config all = golden("objects.json");
  for (const auto& [kind, objects] : all.as_dict()) {
    for (const Config& object : objects.as_list()) {
      CAPTURE(text(object));
      std::vector<std::string> differences;
      const Config ours = kind == "initializer"   ? through<Initializer>(object)
                          : kind == "regularizer" ? through<Regularizer>(object)
                          : kind == "constraint"  ? through<Constraint>(object)
                                                  : through<Loss>(object);
      compare(ours, object, "", differences);
      Config written = object;
      if (object["class_name"] == Config("Identity")) written.set("config", ours["config"]);  // Keras reads the gain that it forgets to write
      compare(written, ours, "", differences);  // what Keras does not write it may not read
      CHECK(text(differences) == "[]");
    }
  }
  for (const std::string& said : {text_of<UnsupportedError>([] { through<Initializer>(custom("mine")); }), text_of<UnsupportedError>([] { through<Regularizer>(custom("mine")); }),
                                  text_of<UnsupportedError>([] { through<Constraint>(custom("mine")); }), text_of<UnsupportedError>([] { through<Loss>(custom("mine")); }),
                                  text_of<UnsupportedError>([] { through<Optimizer>(custom("mine")); }), text_of<UnsupportedError>([] { through<Metric>(custom("mine")); })})
    CHECK(has(said, "'Mine' is a custom class of module"));
}

TEST_CASE("custom classes that Keras registered in the main program are refused by name too") {
  for (const std::string& said : {text_of<Error>([] { through<Initializer>(custom("").set("module", nullptr)); }), text_of<Error>([] { through<Loss>(custom("").set("module", nullptr)); })})
    CHECK(has(said, "Mine"));
}
