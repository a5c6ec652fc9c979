// cornu train, evaluate, predict, summary, info: what they print and write.
#include <doctest/doctest.h>

#include "cornu/io/json.h"
#include "cornu/train/model.h"
#include "samples.h"

using namespace cornu;

TEST_CASE("train learns from IDX files, saves a model, and evaluate and predict use it") {
  const Images images;
  const std::string model = images / "m.keras";
  const Outcome trained = cornu_run(images.train(model, {"--epochs", "8", "--optimizer", "adam:learning_rate=0.02", "--validation-split", "0.2"}));
  REQUIRE_MESSAGE(trained.code == 0, trained.err);
  CHECK(contains(trained.out, "300 samples of [4, 4], read as [16]"));
  CHECK(contains(trained.out, "loss: sparse_categorical_crossentropy\n  since labels are integers, the model ends in softmax"));
  CHECK(contains(trained.out, "Epoch 8/8"));
  CHECK(contains(trained.out, "val_accuracy"));
  CHECK(contains(trained.out, "saved " + model));
  CHECK(!contains(trained.out, "\x1b"));  // no terminal, no escapes
  CHECK(trained.err == "");

  const Outcome evaluated = cornu_run(Arguments{"evaluate", model, "--json"} + images.data());
  REQUIRE_MESSAGE(evaluated.code == 0, evaluated.err);
  const Config scores = parse_json(evaluated.out);
  CHECK(scores["accuracy"].as_double() > 0.95);
  CHECK(scores["loss"].as_double() < 0.5);
  CHECK(std::count(evaluated.out.begin(), evaluated.out.end(), '\n') == 1);
  CHECK(contains(cornu_run(Arguments{"evaluate", model, "--verbose", "0"} + images.data()).out, "accuracy: "));

  const Outcome predicted = cornu_run({"predict", model, "--x", images.x, "--count", "3", "--json", "--classes", "top,middle,bottom"});
  REQUIRE_MESSAGE(predicted.code == 0, predicted.err);
  std::istringstream lines(predicted.out);
  int n = 0;
  for (std::string line; std::getline(lines, line); ++n) {
    const Config sample = parse_json(line);
    CHECK(sample["sample"].as_int() == n);
    CHECK(sample["class"].as_int() == n);
    CHECK(sample["name"].as_string() == std::vector<std::string>{"top", "middle", "bottom"}[static_cast<size_t>(n)]);
    double sum = 0;
    for (const Config& p : sample["probabilities"].as_list()) sum += p.as_double();
    CHECK(sum == doctest::Approx(1).epsilon(1e-5));
  }
  CHECK(n == 3);
  const Outcome shown = cornu_run(Arguments{"predict", model, "-n", "2"} + images.data());
  CHECK(contains(shown.out, "sample  class  label   p0   p1   p2\n     0  0          0 "));
}

TEST_CASE("--json leaves one line on standard output, with the history") {
  const Images images;
  const Outcome quiet = cornu_run(images.train(images / "m.keras", {"--epochs", "2", "--json"}));
  REQUIRE(quiet.code == 0);
  CHECK(quiet.err == "");
  const Config result = parse_json(quiet.out);
  CHECK(result["saved"].as_string() == images / "m.keras");
  CHECK(result["history"]["loss"].as_list().size() == 2);
  CHECK(result["loss"] == result["history"]["loss"].as_list()[1]);
  CHECK(result["accuracy"].is_number());
  const Outcome loud = cornu_run(images.train(images / "m.keras", {"--epochs", "2", "--json", "--verbose", "2"}));
  CHECK(contains(loud.err, "Epoch 2/2"));
  CHECK(loud.out == quiet.out);  // the same seed, the same numbers
  CHECK(cornu_run(images.train(images / "m.keras", {"--epochs", "2", "--json", "--seed", "7"})).out != quiet.out);
  CHECK(cornu_run(images.train(images / "m.keras", {"--epochs", "2", "--json", "--threads", "1"})).out == quiet.out);
  CHECK(cornu_run(images.train(images / "m.keras", {"--epochs", "2", "--json", "--no-shuffle"})).out != quiet.out);
}

TEST_CASE("a table trains a regression and a classification by names") {
  const Folder folder;
  const std::string csv = folder.write("houses.csv", table()), model = folder / "m.keras";
  const Outcome regression = cornu_run({"train", "--csv", csv, "--label", "price", "--ignore", "kind", "--layers", "dense:8:relu dense:1", "--epochs", "30", "--optimizer",
                                        "adam:learning_rate=0.05", "--save", model, "--metrics", "mae", "--csv-log", folder / "log.csv", "--checkpoint", folder / "c-{epoch:02d}.keras",
                                        "--early-stopping", "patience=40,monitor=loss", "--class-weight", "0=1"});
  REQUIRE_MESSAGE(regression.code == 0, regression.err);
  CHECK(contains(regression.out, "loss: mean_squared_error\n  since the model does not end in softmax"));
  CHECK(std::filesystem::exists(folder / "c-30.keras"));
  std::ifstream log(folder / "log.csv");
  std::string head;
  std::getline(log, head);
  CHECK(head.starts_with("epoch,loss,mae"));
  const Outcome values = cornu_run({"predict", model, "--csv", csv, "--label", "price", "--ignore", "kind", "-n", "1", "--json"});
  REQUIRE_MESSAGE(values.code == 0, values.err);
  CHECK(std::abs(parse_json(values.out)["values"].as_list()[0].as_double() - parse_json(values.out)["label"].as_double()) < 1);
  CHECK(contains(cornu_run({"predict", model, "--csv", csv, "--label", "price", "--ignore", "kind", "-n", "1"}).out, "sample       label       value\n"));

  const Outcome kinds = cornu_run({"train", "--csv", csv, "--label", "kind", "--layers", "dense:4:tanh dense:2:softmax", "--epochs", "1", "--save", model});
  REQUIRE_MESSAGE(kinds.code == 0, kinds.err);
  const Outcome named = cornu_run({"predict", model, "--csv", csv, "--label", "kind", "--json", "-n", "1"});
  const std::string name = parse_json(named.out)["name"].as_string();
  CHECK((name == "flat" || name == "house"));
}

TEST_CASE("a model comes from Keras's JSON or from a .keras file, with its compile configuration") {
  const Images images;
  const std::string config = CORNU_SOURCE_DIR "/tests/golden/fixtures/seed_untrained.config.json";
  const Outcome wrong = cornu_run({"train", "--model", config, "--x", images.x, "--y", images.y});
  CHECK(wrong.code == 2);
  CHECK(contains(wrong.err, "784"));

  REQUIRE(cornu_run(images.train(images / "m.keras", {"--epochs", "1", "--optimizer", "sgd"})).code == 0);
  images.write("m.json", load_model(images / "m.keras").to_json());
  const Outcome again = cornu_run(Arguments{"train", "--model", images / "m.json", "--epochs", "1", "--save", images / "n.keras"} + images.data());
  REQUIRE_MESSAGE(again.code == 0, again.err);
  CHECK(contains(load_model(images / "n.keras").to_json(), "\"SGD\""));
  const Outcome further = cornu_run(Arguments{"train", "--model", images / "m.keras", "--epochs", "1", "--save", images / "o.keras"} + images.data());
  REQUIRE_MESSAGE(further.code == 0, further.err);
  CHECK(load_model(images / "o.keras").iterations() == 2 * load_model(images / "m.keras").iterations());
}

TEST_CASE("layers in short form: options in order and by name, and the shape of the samples") {
  const Images images;
  const Outcome o = cornu_run(Arguments{"train", "--epochs", "1", "--save", images / "m.keras", "--layers",
                                        "rescaling:0.1 reshape:16,1 flatten dropout:0.5 dense:5:use_bias=false activation:relu dense:3:softmax"} +
                              images.data());
  REQUIRE_MESSAGE(o.code == 0, o.err);
  const Config summary = parse_json(cornu_run({"summary", images / "m.keras", "--json"}).out);
  CHECK(summary["params"].as_int() == 16 * 5 + 5 * 3 + 3);
  CHECK(summary["layers"].as_list().size() == 7);
  CHECK(summary["layers"].as_list()[0]["class"].as_string() == "Rescaling");
  CHECK(!contains(o.out, "bytes are"));  // the Rescaling layer scales
}

TEST_CASE("summary prints Keras's table, a program and a profile") {
  const Images images;
  REQUIRE(cornu_run(images.train(images / "m.keras", {"--epochs", "1"})).code == 0);
  const Outcome table = cornu_run({"summary", images / "m.keras"});
  CHECK(table.out == load_model(images / "m.keras").summary_text());
  CHECK(contains(table.out, "│ dense (Dense)"));
  CHECK(contains(cornu_run({"summary", images / "m.keras", "--program", "predict"}).out, "dense_1"));
  CHECK(contains(cornu_run({"summary", images / "m.keras", "--profile"}).out, "dense_1"));
  const Outcome unknown = cornu_run({"summary", images / "m.keras", "--program", "trian"});
  CHECK(unknown.code == 2);
  CHECK(contains(unknown.err, "did you mean 'train'?"));
}

TEST_CASE("info tells about machine and build, for people and for machines") {
  const Config info = parse_json(cornu_run({"info", "--json"}).out);
  CHECK(info["threads"].as_int() >= 1);
  CHECK(info["libraries"]["zlib"].is_string());
  CHECK(info["kernels"].as_dict().size() >= 3);
  const Outcome text = cornu_run({"info"});
  CHECK(text.code == 0);
  CHECK(contains(text.out, "Processor"));
  CHECK(contains(cornu_run({"--version"}).out, info["version"].as_string()));
}
