// The progress bar's bytes, against those recorded from Keras 3.15.
#include <doctest/doctest.h>

#include <limits>

#include "cornu/base/error.h"
#include "cornu/callbacks/numbers.h"
#include "cornu/callbacks/progbar_logger.h"
#include "tests/callbacks/fake_training.h"

using namespace cornu;

namespace {
const std::string full = "━━━━━━━━━━━━━━━━━━━━";
std::string dashes(int n) { return full.substr(0, static_cast<size_t>(n) * std::string("━").size()); }

/// Runs the logger's hooks for one epoch of four steps, a tenth of a second each.
std::string one_epoch(FakeTraining& training, ProgbarLogger logger = {}) {
  Callback callback = logger;
  Logs none;
  training.begin(callback);
  callback.call(Hook::on_epoch_begin, 0, none, training);
  for (int batch = 0; batch < 4; ++batch) {
    training.out.now += 0.1;
    Logs logs{{"loss", 2.0 - batch}};
    callback.call(Hook::on_train_batch_end, batch, logs, training);
  }
  Logs logs{{"accuracy", 0.0889}, {"loss", 2.2778}, {"val_accuracy", 0.0}, {"val_loss", 2.3542}};
  callback.call(Hook::on_epoch_end, 0, logs, training);
  return training.out.printed;
}
}  // namespace

TEST_CASE("the last drawing of an epoch is the one that Keras was seen to write") {
  Progress bar({.target = 3}, 0);
  const Logs values{{"accuracy", 0.0889}, {"loss", 2.2778}, {"val_accuracy", 0.0}, {"val_loss", 2.3542}};
  CHECK(bar.update(3, values, true, 0.069) ==
        "\r\x1b[1m3/3\x1b[0m \x1b[32m" + full + "\x1b[0m\x1b[37m\x1b[0m \x1b[1m0s\x1b[0m 23ms/step - accuracy: 0.0889 - loss: 2.2778"
        " - val_accuracy: 0.0000e+00 - val_loss: 2.3542\n");
}

TEST_CASE("a bar that has not begun has no green run, and counts are as wide as the target") {
  Progress bar({.target = 1875}, 0);
  CHECK(bar.update(7, {}, false, 0.7) == "\r\x1b[1m   7/1875\x1b[0m \x1b[37m" + full + "\x1b[0m \x1b[1m3:06\x1b[0m 100ms/step");
}

TEST_CASE("a redraw steps back over the one before and covers what is left of it") {
  Progress bar({.target = 2}, 0);
  const std::string first = bar.update(1, {{"loss", 12345.5}}, false, 1);
  CHECK(first == "\r\x1b[1m1/2\x1b[0m \x1b[32m" + dashes(10) + "\x1b[0m\x1b[37m" + dashes(10) + "\x1b[0m \x1b[1m1s\x1b[0m 1s/step - loss: 12345.5000");
  const std::string visible = "1/2 ____________________ 1s 1s/step - loss: 12345.5000";
  CHECK(bar.update(2, {{"loss", 1.5}}, true, 2) ==
        std::string(visible.size(), '\b') + "\r\x1b[1m2/2\x1b[0m \x1b[32m" + full + "\x1b[0m\x1b[37m\x1b[0m \x1b[1m2s\x1b[0m 1s/step - loss: 1.5000    \n");
}

TEST_CASE("redraws closer than 50 ms are left out, but never the last") {
  Progress bar({.target = 100}, 0);
  CHECK(!bar.update(1, {}, false, 0.01).empty());
  CHECK(bar.update(2, {}, false, 0.05).empty());
  CHECK(!bar.update(3, {}, false, 0.07).empty());
  CHECK(!bar.update(100, {}, true, 0.071).empty());
}

TEST_CASE("the first step does not count in the time per step") {
  Progress bar({.target = 3}, 0);
  bar.update(1, {}, false, 5);
  CHECK(bar.update(3, {}, true, 5.04).find("\x1b[1m5s\x1b[0m 20ms/step") != std::string::npos);
}

TEST_CASE("an unknown number of steps is shown as such") {
  Progress bar({}, 0);
  CHECK(bar.update(12, {}, false, 0.6) == "\r     12/Unknown \x1b[1m1s\x1b[0m 50ms/step");
}

TEST_CASE("times left are hours, minutes and seconds as in Keras") {
  const auto eta = [](double per_step, int64_t left) {
    const std::string drawn = Progress({.target = left + 1}, 0).update(1, {}, false, per_step);
    const size_t from = drawn.rfind("\x1b[1m") + 4;
    return drawn.substr(from, drawn.find("\x1b[0m", from) - from);
  };
  CHECK(eta(1, 60) == "60s");
  CHECK(eta(1, 61) == "1:01");
  CHECK(eta(1, 3600) == "60:00");
  CHECK(eta(1, 3601) == "1:00:01");
  CHECK(eta(0.5, 3) == "1s");
}

TEST_CASE("values and step times have Keras's digits") {
  CHECK(metric_text(0.5) == "0.5000");
  CHECK(metric_text(-0.5) == "-0.5000");
  CHECK(metric_text(1e-3) == "1.0000e-03");
  CHECK(metric_text(0) == "0.0000e+00");
  CHECK(metric_text(-std::numeric_limits<double>::quiet_NaN()) == "nan");
  CHECK(step_time_text(0) == " 0s/step");
  CHECK(step_time_text(2.4) == " 2s/step");
  CHECK(step_time_text(0.0234) == " 23ms/step");
  CHECK(step_time_text(15e-6) == " 15us/step");
}

TEST_CASE("without UTF-8 the bar is drawn with equals signs") {
  CHECK(Progress({.target = 1, .utf8 = false}, 0).update(1, {}, true, 0).find("\x1b[32m====================\x1b[0m") != std::string::npos);
}

TEST_CASE("output that is no terminal gets one line per epoch without escapes") {
  FakeTraining training;
  CHECK(one_epoch(training) ==
        "Epoch 1/10\n4/4 - 0s - 100ms/step - accuracy: 0.0889 - loss: 2.2778 - val_accuracy: 0.0000e+00 - val_loss: 2.3542\n");
}

TEST_CASE("a terminal gets a bar that moves, and so does a file when asked for") {
  FakeTraining training;
  training.out.terminal = true;
  const std::string drawn = one_epoch(training);
  CHECK(drawn.starts_with("Epoch 1/10\n\r\x1b[1m1/4\x1b[0m \x1b[32m" + dashes(5) + "\x1b[0m\x1b[37m" + dashes(15) + "\x1b[0m \x1b[1m0s\x1b[0m 100ms/step - loss: 2.0000\b"));
  CHECK(drawn.ends_with("- val_loss: 2.3542\n"));
  FakeTraining file;
  CHECK(one_epoch(file, {.redraw = true}) == drawn);
}

TEST_CASE("verbose 2 is a line per epoch, where negative values have exponents, and verbose 0 is silence") {
  FakeTraining training;
  training.out.terminal = true;
  training.run.verbose = 2;
  CHECK(one_epoch(training) ==
        "Epoch 1/10\n4/4 - 0s - 100ms/step - accuracy: 0.0889 - loss: 2.2778 - val_accuracy: 0.0000e+00 - val_loss: 2.3542\n");
  CHECK(Progress({.target = 1, .style = BarStyle::line, .signed_exponent = true}, 0).update(1, {{"loss", -2.5}}, true, 0) ==
        "1/1 - 0s - 0s/step - loss: -2.5000e+00\n");
  FakeTraining silent;
  silent.run.verbose = 0;
  CHECK(one_epoch(silent) == "");
}

TEST_CASE("one epoch alone has no heading") {
  FakeTraining training;
  training.run.epochs = 1;
  CHECK(one_epoch(training).starts_with("4/4 - "));
}

TEST_CASE("validation inside fit is silent, evaluate by itself is not") {
  FakeTraining training;
  Callback callback = ProgbarLogger{};
  Logs logs{{"loss", 1.5}};
  training.begin(callback);
  callback.call(Hook::on_test_begin, 0, logs, training);
  callback.call(Hook::on_test_batch_end, 3, logs, training);
  callback.call(Hook::on_test_end, 0, logs, training);
  CHECK(training.out.printed == "");
  training.end(callback);
  callback.call(Hook::on_test_begin, 0, logs, training);
  callback.call(Hook::on_test_end, 0, logs, training);
  CHECK(training.out.printed == "4/4 - 0s - 0s/step - loss: 1.5000\n");
}

TEST_CASE("predict shows steps but no values") {
  FakeTraining training;
  Callback callback = ProgbarLogger{};
  Logs logs{{"loss", 1.5}};
  callback.call(Hook::on_predict_begin, 0, logs, training);
  callback.call(Hook::on_predict_end, 0, logs, training);
  CHECK(training.out.printed == "4/4 - 0s - 0s/step\n");
}

TEST_CASE("an unknown number of steps is known from the second epoch on") {
  FakeTraining training;
  training.run.steps = {};
  Callback callback = ProgbarLogger{};
  CHECK(callback.batch_calls(Mode::train, training) == BatchCalls::sometimes);
  Logs none;
  training.begin(callback);
  callback.call(Hook::on_epoch_begin, 0, none, training);
  callback.call(Hook::on_train_batch_end, 6, none, training);
  callback.call(Hook::on_epoch_end, 0, none, training);
  CHECK(training.out.printed == "Epoch 1/10\n7/7 - 0s - 0s/step\n");
  CHECK(callback.as<ProgbarLogger>()->target == 7);
}

TEST_CASE("nobody asks for batches when a line per epoch is all that is shown") {
  FakeTraining training;
  Callback callback = ProgbarLogger{};
  CHECK(callback.batch_calls(Mode::train, training) == BatchCalls::none);
  training.out.terminal = true;
  CHECK(callback.batch_calls(Mode::train, training) == BatchCalls::sometimes);
}

TEST_CASE("verbose refuses what Keras does not know") {
  CHECK_THROWS_WITH(Verbose(3), "verbose is 3; it can be 0 (nothing), 1 (a bar), 2 (a line per epoch) or \"auto\"");
  CHECK_THROWS_AS(Verbose("loud"), ArgumentError);
  CHECK(Verbose("auto").level() == 1);
  CHECK(Verbose("2") == Verbose(2));
}

TEST_CASE("locales and terminals are read as Python and rich read them") {
  CHECK(locale_is_utf8(nullptr, nullptr, nullptr));
  CHECK(locale_is_utf8("", nullptr, "C"));
  CHECK(locale_is_utf8(nullptr, nullptr, "de_DE.UTF-8"));
  CHECK(!locale_is_utf8(nullptr, nullptr, "de_DE.ISO-8859-1"));
  CHECK(terminal_colors("xterm-256color", nullptr, nullptr) == 256);
  CHECK(terminal_colors("xterm", "truecolor", nullptr) == 256);
  CHECK(terminal_colors("linux", nullptr, nullptr) == 16);
  CHECK(terminal_colors("dumb", "truecolor", nullptr) == 0);
  CHECK(terminal_colors("xterm-256color", nullptr, "1") == 0);
}

TEST_CASE("numbers read as Python writes them") {
  CHECK(float_repr(0.1) == "0.1");
  CHECK(float_repr(static_cast<double>(0.1f)) == "0.10000000149011612");
  CHECK(float_repr(1) == "1.0");
  CHECK(float_repr(0) == "0.0");
  CHECK(float_repr(1e-4) == "0.0001");
  CHECK(float_repr(1e-5) == "1e-05");
  CHECK(float_repr(1.5e-7) == "1.5e-07");
  CHECK(float_repr(1e15) == "1000000000000000.0");
  CHECK(float_repr(1e16) == "1e+16");
  CHECK(with_commas(8070) == "8,070");
  CHECK(with_commas(-1234567) == "-1,234,567");
  CHECK(with_commas(999) == "999");
  CHECK(readable_size(8070 * 4) == "31.52 KB");
  CHECK(readable_size(0) == "0.00 B");
  CHECK(readable_size(1024) == "1.00 KB");
}
