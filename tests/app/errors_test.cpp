// What goes wrong: exit codes, and words that help.
#include <doctest/doctest.h>

#include "cornu/train/model.h"
#include "samples.h"

namespace {

/// One line on standard error that begins with "cornu: " and has these parts; nothing on standard output.
void check_fails(const Outcome& o, int code, const std::vector<std::string>& parts) {
  CHECK_MESSAGE(o.code == code, o.err);
  CHECK(o.err.starts_with("cornu: "));
  CHECK(std::count(o.err.begin(), o.err.end(), '\n') == 1);
  for (const std::string& part : parts) CHECK_MESSAGE(contains(o.err, part), o.err);
}

/// A layer that no file can bring along.
struct Own {
  double by = 2;
  static constexpr std::string_view class_name = "Own";
  CORNU_FIELDS(by)
  cornu::Value operator()(cornu::Value v, cornu::Scope&) const { return v * by; }
};

}  // namespace

TEST_CASE("names that mean nothing suggest the near one") {
  const Images images;
  const Arguments data = images.data();
  check_fails(cornu_run({"trian"}), 2, {"no command 'trian'", "did you mean 'train'?"});
  check_fails(cornu_run({"train", "--epoch", "5"}), 2, {"no option '--epoch'", "did you mean '--epochs'?"});
  check_fails(cornu_run({"train", "--noshuffle"}), 2, {"did you mean '--no-shuffle'?"});
  check_fails(cornu_run({"train", "--data", "fashion_mnist", "--layers", "dense:1"}), 2, {"did you mean 'fashion-mnist'?"});
  const auto with_layers = [&](const std::string& layers) { return cornu_run(Arguments{"train", "--layers", layers} + data); };
  check_fails(with_layers("dense:10:rleu"), 2, {"'dense:10:rleu'", "did you mean 'relu'?"});
  check_fails(with_layers("dese:10"), 2, {"no layer 'dese'", "did you mean 'dense'?"});
  check_fails(with_layers("dense:ten"), 2, {"'dense:ten'", "units", "expected an integer, found a string", "dense:units:activation"});
  check_fails(with_layers("dense"), 2, {"how many units?", "dense:10:relu"});
  check_fails(with_layers("dense:3 relu"), 2, {"'relu' is an activation", "activation:relu"});
  check_fails(with_layers("dense:3:use_bais=false"), 2, {"did you mean 'use_bias'?"});
  check_fails(with_layers("input:x dense:3"), 2, {"input:784"});
  const auto with = [&](const std::string& option, const std::string& value) { return cornu_run(Arguments{"train", "--layers", "dense:3:softmax", option, value} + data); };
  check_fails(with("--optimizer", "adm"), 2, {"--optimizer", "did you mean 'adam'?"});
  check_fails(with("--optimizer", "adam:lerning_rate=0.1"), 2, {"did you mean 'learning_rate'?"});
  check_fails(with("--optimizer", "adam:0.1"), 2, {"expected option=value"});
  check_fails(with("--loss", "msee"), 2, {"--loss", "did you mean 'mse'?"});
  check_fails(with("--metrics", "acuracy"), 2, {"--metrics", "did you mean 'accuracy'?"});
  check_fails(with("--early-stopping", "patiense=3"), 2, {"did you mean 'patience'?"});
  check_fails(with("--early-stopping", "patience=3,monitor=val_loss"), 2, {"nothing is validated"});
  check_fails(with("--class-weight", "a=3"), 2, {"--class-weight expects a whole number"});
}

TEST_CASE("numbers and combinations that make no sense are usage errors") {
  const Images images;
  const Arguments start = Arguments{"train", "--layers", "dense:3:softmax"} + images.data();
  check_fails(cornu_run(start + Arguments{"--epochs", "ten"}), 2, {"--epochs expects a whole number, and was given 'ten'"});
  check_fails(cornu_run(start + Arguments{"--batch-size", "0"}), 2, {"--batch-size"});
  check_fails(cornu_run(start + Arguments{"--validation-split", "1.5"}), 2, {"--validation-split", "1.5"});
  check_fails(cornu_run(start + Arguments{"--save", "model.h5"}), 2, {".keras"});
  check_fails(cornu_run(start + Arguments{"--resume"}), 2, {"--resume", "--save"});
  check_fails(cornu_run(start + Arguments{"--verbose", "7"}), 2, {"verbose"});
  check_fails(cornu_run(start + Arguments{"--validate"}), 2, {"--validation-data"});
  check_fails(cornu_run(start + Arguments{"--model", "m.keras"}), 2, {"--layers and --model"});
  check_fails(cornu_run({"train"}), 2, {"nothing to work on", "--data fashion-mnist"});
  check_fails(cornu_run({"train", "--x", images.x, "--layers", "dense:3"}), 2, {"labels are missing", "--y"});
  check_fails(cornu_run(Arguments{"train"} + images.data()), 2, {"which model?", "--layers"});
  check_fails(cornu_run(Arguments{"train", "--resume", "--save", images / "none.keras"} + images.data()), 2, {"does not exist", "nothing to resume"});
  check_fails(cornu_run({"evaluate"}), 2, {"MODEL", "cornu evaluate --help"});
  CHECK(cornu_run({}).code == 2);
}

TEST_CASE("data that do not fit the model say which shapes meet") {
  const Images images;
  const std::string model = images / "m.keras";
  REQUIRE(cornu_run(images.train(model, {"--epochs", "1"})).code == 0);
  const std::string wide = images.write("wide.idx", idx({2, 5}, std::string(10, 'a')));
  check_fails(cornu_run({"predict", model, "--x", wide}), 2, {"[?, 16]", "[2, 5]"});
  check_fails(cornu_run({"evaluate", model, "--x", images.x, "--y", wide}), 2, {"[300, 4, 4]", "[2, 5]"});
  const std::string labels = images.write("labels.idx", idx({300}, std::string(300, 9)));
  check_fails(cornu_run({"evaluate", model, "--x", images.x, "--y", labels}), 2, {"9"});
  const std::string none = images.write("none.idx", idx({0, 4, 4}, ""));
  check_fails(cornu_run({"predict", model, "--x", none}), 2, {"no samples"});
}

TEST_CASE("files that cannot be read or written end with 3, damaged ones with 4, numbers that are none with 5") {
  const Images images;
  const std::string model = images / "m.keras";
  REQUIRE(cornu_run(images.train(model, {"--epochs", "1"})).code == 0);
  check_fails(cornu_run(Arguments{"evaluate", images / "gone.keras"} + images.data()), 3, {"gone.keras", "No such file"});
  check_fails(cornu_run({"predict", model, "--x", images / "gone.idx"}), 3, {"gone.idx"});
  check_fails(cornu_run({"train", "--data", "fashion-mnist", "--data-dir", images / "gone", "--layers", "dense:3"}), 3, {"dataset-fashion-mnist"});

  std::ifstream file(model, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  for (const size_t n : {size_t{0}, size_t{10}, bytes.size() / 2, bytes.size() - 1}) check_fails(cornu_run({"summary", images.write("cut.keras", bytes.substr(0, n))}), 4, {"cut.keras"});
  check_fails(cornu_run({"predict", model, "--x", images.write("cut.idx", idx({300, 4, 4}, "short"))}), 4, {"cut.idx"});
  check_fails(cornu_run({"predict", model, "--csv", images.write("bad.csv", "a,b\n1,x\n")}), 4, {"bad.csv", "line 2"});
  check_fails(cornu_run(Arguments{"train", "--model", images.write("bad.json", "{\"class_name\": ")} + images.data()), 4, {"bad.json"});

  check_fails(cornu_run(Arguments{"train", "--layers", "dense:1", "--loss", "mse", "--optimizer", "sgd:learning_rate=1e30", "--verbose", "0"} + images.data()), 5, {"loss became", "learning rate"});
  for (const std::string& name : images.names()) CHECK_MESSAGE(!name.starts_with(".cornu"), name);
}

TEST_CASE("a file that asks for what cornu has not ends with 4, in every command that reads one") {
  const Images images;
  const std::string model = images / "own.keras";
  cornu::Sequential{cornu::Input{16}, Own{}, cornu::Dense{3, "softmax"}}.save(model);
  for (const Arguments& command : {Arguments{"summary", model}, Arguments{"evaluate", model} + images.data(), Arguments{"predict", model, "--x", images.x}, Arguments{"train", "--model", model} + images.data(),
                                   Arguments{"train", "--save", model, "--resume"} + images.data()})
    check_fails(cornu_run(command), 4, {"own.keras", "cornu has no layer of class 'Own'"});
}

TEST_CASE("class names whose numbers would not be those of the training are refused") {
  const Folder folder;
  const std::string model = folder / "m.keras", all = folder.write("all.csv", "a,kind\n1,x\n2,y\n3,z\n"), few = folder.write("few.csv", "a,kind\n1,x\n3,z\n");
  const Arguments train = {"train", "--csv", all, "--label", "kind", "--layers", "dense:3:softmax", "--epochs", "1", "--save", model};
  REQUIRE(cornu_run(train).code == 0);
  CHECK(cornu_run({"evaluate", model, "--csv", all, "--label", "kind", "--verbose", "0"}).code == 0);
  check_fails(cornu_run({"evaluate", model, "--csv", few, "--label", "kind"}), 2, {"few.csv", "2 classes", "3", "labels as numbers"});
  check_fails(cornu_run(train + Arguments{"--validation-data", few}), 2, {"--validation-data", "labels as numbers"});
}

TEST_CASE("a place that cannot be written to is found before the training") {
  const Images images;
  const Outcome missing = cornu_run(images.train(images / "no/such/folder/m.keras"));
  check_fails(missing, 3, {"--save", "no/such/folder/m.keras", "does not exist"});
  CHECK(missing.out == "");  // no epoch was trained
  std::filesystem::create_directory(images / "d.keras");
  check_fails(cornu_run(images.train(images / "d.keras")), 3, {"--save", "directory"});
  const Outcome full = cornu_run(images.train(images / "m.keras"), {.file_bytes = 1000});
  check_fails(full, 3, {"--save", "m.keras", "Nothing has been trained yet"});
  CHECK(full.out == "");
  CHECK(images.names() == std::vector<std::string>{"d.keras", "x.idx", "y.idx"});
}

TEST_CASE("output that nobody takes, or that finds no room") {
  const Images images;
  const std::string model = images / "m.keras";
  const Outcome trained = cornu_run(images.train(model, {"--epochs", "2"}), {.closed_pipe = true});
  CHECK(trained.code == 0);
  CHECK(trained.err == "");
  CHECK(cornu::load_model(model).iterations() == 20);
  const Outcome predicted = cornu_run({"predict", model, "--x", images.x, "--json"}, {.closed_pipe = true});
  CHECK(predicted.code == 0);
  CHECK(predicted.err == "");
  check_fails(cornu_run({"predict", model, "--x", images.x}, {.stdout_to = "/dev/full"}), 3, {"standard output", "No space left"});
}

TEST_CASE("help teaches: examples for each command, exit codes in the main one, 80 columns") {
  const Outcome main = cornu_run({"--help"});
  CHECK(main.code == 0);
  CHECK(contains(main.out, "Exit codes: 0 done; 2 wrong usage"));
  for (const std::string name : {"", "train", "evaluate", "predict", "summary", "info"}) {
    const Outcome help = cornu_run(name.empty() ? Arguments{"--help"} : Arguments{name, "--help"});
    CHECK(help.code == 0);
    CHECK(contains(help.out, "cornu " + (name.empty() ? "train" : name)));
    CHECK(contains(main.out, name));
    if (!name.empty()) CHECK(contains(help.out, "Examples:"));
    std::istringstream lines(help.out);
    for (std::string line; std::getline(lines, line);) CHECK_MESSAGE(line.size() <= 80, line);
  }
}
