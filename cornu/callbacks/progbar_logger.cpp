#include "cornu/callbacks/progbar_logger.h"

#include "cornu/base/error.h"

namespace cornu {

void ProgbarLogger::on_train_begin(Logs&, Training& training) {
  in_fit = true;
  target = training.params().steps;
}
void ProgbarLogger::on_train_end() { in_fit = false; }

void ProgbarLogger::on_test_begin(Logs&, Training& training) {
  if (in_fit) return;
  target = training.params().steps;
  start(training);
}
void ProgbarLogger::on_predict_begin(Logs&, Training& training) {
  target = training.params().steps;
  start(training);
}
void ProgbarLogger::on_epoch_begin(int epoch, Logs&, Training& training) {
  start(training);
  const TrainingParams& params = training.params();
  if (params.verbose.level() > 0 && params.epochs > 1)
    training.console().print(text("Epoch ", epoch + 1, "/", params.epochs, "\n"));
}

void ProgbarLogger::on_train_batch_end(int batch, Logs& logs, Training& training) { advance(batch, logs, training); }
void ProgbarLogger::on_test_batch_end(int batch, Logs& logs, Training& training) {
  if (!in_fit) advance(batch, logs, training);
}
void ProgbarLogger::on_predict_batch_end(int batch, Logs&, Training& training) { advance(batch, {}, training); }

void ProgbarLogger::on_epoch_end(int, Logs& logs, Training& training) { finish(logs, training); }
void ProgbarLogger::on_test_end(Logs& logs, Training& training) {
  if (!in_fit) finish(logs, training);
}
void ProgbarLogger::on_predict_end(Logs&, Training& training) { finish({}, training); }

BatchCalls ProgbarLogger::batch_calls(Mode mode, const Training& training) const {
  if (training.params().verbose.level() == 0 || (mode == Mode::test && in_fit)) return BatchCalls::none;
  const bool bar_moves = training.params().verbose.level() == 1 && redraw.value_or(training.console().is_terminal());
  return bar_moves || !training.params().steps ? BatchCalls::sometimes : BatchCalls::none;
}

void ProgbarLogger::start(Training& training) {
  const Console& console = training.console();
  const int level = training.params().verbose.level();
  const bool moves = level == 1 && redraw.value_or(console.is_terminal());
  seen = 0;
  bar.reset();
  if (level == 0) return;
  bar.emplace(ProgressOptions{.target = target,
                              .style = moves ? BarStyle::redrawn : BarStyle::line,
                              .utf8 = console.is_utf8(),
                              .signed_exponent = level == 2},
              console.seconds());
}

void ProgbarLogger::advance(int batch, const Logs& logs, Training& training) {
  seen = batch + 1;
  if (!bar) return;
  if (const std::string drawn = bar->update(seen, logs, false, training.console().seconds()); !drawn.empty())
    training.console().print(drawn);
}

void ProgbarLogger::finish(const Logs& logs, Training& training) {
  if (!bar) return;
  if (!target) bar->set_target(*(target = seen));
  if (const std::string drawn = bar->update(*target, logs, true, training.console().seconds()); !drawn.empty())
    training.console().print(drawn);
}

}  // namespace cornu
