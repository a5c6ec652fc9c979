// Training that is interrupted goes on as if it had not been.
#include <doctest/doctest.h>

#include "cornu/io/json.h"
#include "cornu/train/model_file.h"
#include "samples.h"

using namespace cornu;

namespace {

/// Batches of one, so that an epoch takes a while; dropout and shuffling, so that randomness must go on too.
Arguments long_run(const Images& images, const std::string& save, int epochs, const Arguments& more = {}) {
  return Arguments{"train", "--layers", "dropout:0.2 dense:8:relu dense:3:softmax", "--batch-size", "1", "--seed", "5", "--validation-split", "0.1", "--json", "--epochs", std::to_string(epochs),
                   "--save", save} +
         images.data() + more;
}

int epochs_done(const std::string& path) { return static_cast<int>(load_model_and_progress(path).progress["epochs"].as_int()); }

/// The run in `path`, resumed for two more epochs, against one that was never interrupted.
void check_goes_on(const Images& images, const std::string& path) {
  const int until = epochs_done(path) + 2;
  const Outcome resumed = cornu_run(long_run(images, path, until, {"--resume"}));
  REQUIRE_MESSAGE(resumed.code == 0, resumed.err);
  const std::string whole = images / "whole.keras";
  const Outcome reference = cornu_run(long_run(images, whole, until));
  REQUIRE_MESSAGE(reference.code == 0, reference.err);
  const Sequential a = load_model(path), b = load_model(whole);
  CHECK(a.iterations() == b.iterations());
  CHECK((a.get_weights() == b.get_weights()));  // bit for bit
  const Config mine = parse_json(resumed.out), theirs = parse_json(reference.out);
  CHECK(mine["epochs"].as_int() == until);
  CHECK(mine["history"] == theirs["history"]);
  CHECK(mine["history"]["val_loss"].as_list().size() == static_cast<size_t>(until));
}

}  // namespace

TEST_CASE("after kill -9 in mid-epoch, --resume gives the weights and the history of an uninterrupted run") {
  const Images images(3000);
  const std::string path = images / "m.keras";
  Command run(long_run(images, path, 100000));
  REQUIRE(Command::wait_until([&] { return std::filesystem::exists(path); }));
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  run.send(SIGKILL);
  CHECK(run.finish().signal == SIGKILL);
  CHECK(load_model(path).iterations() % 2700 == 0);
  check_goes_on(images, path);
}

TEST_CASE("Ctrl-C keeps the last epoch and what came after it, and exits 130") {
  const Images images(3000);
  const std::string path = images / "m.keras";
  Command run(long_run(images, path, 100000));
  REQUIRE(Command::wait_until([&] { return std::filesystem::exists(path); }));
  run.send(SIGINT);
  const Outcome o = run.finish();
  CHECK(o.signal == 0);
  CHECK(o.code == 130);
  CHECK(contains(o.err, "interrupted; " + path + " holds the model after epoch "));
  CHECK(contains(o.err, "--resume"));
  const Config result = parse_json(o.out);
  CHECK(result["interrupted"].as_bool());
  CHECK(result["saved"].as_string() == path);
  const int64_t at_epoch = load_model(path).iterations();
  CHECK(at_epoch == 2700 * epochs_done(path));
  if (const std::string also = images / "m.interrupted.keras"; std::filesystem::exists(also)) CHECK(load_model(also).iterations() > at_epoch);
  check_goes_on(images, path);
}

TEST_CASE("SIGTERM in the first epoch exits 143; the model is kept and --resume begins the epoch again") {
  const Images images(30000);
  const std::string path = images / "m.keras";
  Command run(long_run(images, path, 100000));
  REQUIRE(Command::wait_until([&] { return run.handles(SIGTERM); }));
  run.send(SIGTERM);
  const Outcome o = run.finish();
  CHECK(o.code == 143);
  CHECK(contains(o.err, "interrupted in the first epoch"));
  REQUIRE(std::filesystem::exists(path));
  CHECK(load_model(path).iterations() < 27000);
  CHECK(epochs_done(path) == 0);
}

TEST_CASE("an interrupted first epoch is trained again from the beginning") {
  const Images images(600);
  const std::string path = images / "m.keras";
  REQUIRE(cornu_run(long_run(images, path, 1)).code == 0);
  LoadedModel model = load_model_and_progress(path);
  model.progress.set("epochs", 0);
  save_model(model.model.state(), path, model.progress);  // as after Ctrl-C: weights of somewhere in the epoch
  check_goes_on(images, path);
}

TEST_CASE("without --save an interrupted run says that its weights are lost") {
  const Images images(30000);
  Command run(Arguments{"train", "--layers", "dense:3:softmax", "--batch-size", "1", "--epochs", "100000", "--verbose", "0"} + images.data());
  REQUIRE(Command::wait_until([&] { return run.handles(SIGINT); }));
  run.send(SIGINT);
  const Outcome o = run.finish();
  CHECK(o.code == 130);
  CHECK(contains(o.err, "the weights are lost, since no --save was given"));
}

TEST_CASE("--resume takes model, optimizer and seed from the file, and knows when there is nothing left") {
  const Images images;
  const std::string path = images / "m.keras";
  const Arguments start = Arguments{"train", "--save", path, "--json", "--seed", "3"} + images.data();
  const Arguments layers = {"--layers", "dense:4:tanh dense:3:softmax", "--optimizer", "sgd:learning_rate=0.1,momentum=0.9"};
  REQUIRE(cornu_run(start + layers + Arguments{"--epochs", "2", "--resume"}).code == 0);  // nothing there yet: starts
  const Outcome more = cornu_run(Arguments{"train", "--save", path, "--json", "--resume", "--epochs", "4"} + images.data());
  REQUIRE_MESSAGE(more.code == 0, more.err);
  const Outcome whole = cornu_run(Arguments{"train", "--save", images / "w.keras", "--json", "--seed", "3", "--epochs", "4"} + layers + images.data());
  CHECK(parse_json(more.out)["history"] == parse_json(whole.out)["history"]);
  CHECK((load_model(path).get_weights() == load_model(images / "w.keras").get_weights()));

  const Outcome done = cornu_run(Arguments{"train", "--save", path, "--json", "--resume", "--epochs", "4"} + images.data());
  CHECK(done.code == 0);
  CHECK(contains(done.err, "holds all 4 epochs"));
  CHECK(parse_json(done.out)["history"] == parse_json(whole.out)["history"]);

  const Outcome other = cornu_run(start + Arguments{"--layers", "dense:5:tanh dense:3:softmax", "--resume", "--epochs", "6"});
  CHECK(other.code == 4);
  CHECK(contains(other.err, "another model"));
  load_model(path).save(images / "plain.keras");
  const Outcome plain = cornu_run(Arguments{"train", "--save", images / "plain.keras", "--resume"} + images.data());
  CHECK(plain.code == 2);
  CHECK(contains(plain.err, "not how far a run came"));
}
