// A run that trains nothing, for tests of what callbacks do: it records what they print, save and set.
#pragma once
#include <string>
#include <vector>

#include "cornu/callbacks/callback.h"

struct FakeConsole : cornu::Console {
  std::string printed, warned;
  bool terminal = false;
  double now = 0;
  void print(std::string_view text) override { printed += text; }
  void warn(std::string_view text) override { (warned += text) += '\n'; }
  bool is_terminal() const override { return terminal; }
  int colors() const override { return 0; }
  int columns() const override { return 80; }
  bool is_utf8() const override { return true; }
  double seconds() const override { return now; }
};

struct FakeTraining : cornu::Training {
  cornu::TrainingParams run = {.epochs = 10, .steps = 4, .verbose = 1};
  mutable FakeConsole out;
  std::vector<cornu::Tensor> weights = {cornu::Tensor{0.0f}};
  std::vector<std::string> saved;
  double rate = 0.5;

  const cornu::TrainingParams& params() const override { return run; }
  cornu::Console& console() const override { return out; }
  std::vector<cornu::Tensor> get_weights() const override { return weights; }
  void set_weights(const std::vector<cornu::Tensor>& w) override { weights = w; }
  void save(const std::string& path) override { saved.push_back(path); }
  void save_weights(const std::string& path) override { saved.push_back("weights:" + path); }
  double learning_rate() const override { return rate; }
  void set_learning_rate(double r) override { rate = r; }
  int64_t iterations() const override { return 0; }
  std::string optimizer_name() const override { return "adam"; }

  /// One epoch with these logs at its end; the weights become {epoch}.
  void epoch(cornu::Callback& callback, int number, cornu::Logs logs) {
    cornu::Logs none;
    callback.call(cornu::Hook::on_epoch_begin, number, none, *this);
    weights = {cornu::Tensor{static_cast<float>(number)}};
    callback.call(cornu::Hook::on_epoch_end, number, logs, *this);
  }
  void begin(cornu::Callback& callback) {
    cornu::Logs none;
    callback.call(cornu::Hook::on_train_begin, 0, none, *this);
  }
  void end(cornu::Callback& callback) {
    cornu::Logs none;
    callback.call(cornu::Hook::on_train_end, 0, none, *this);
  }
  /// on_train_begin, epochs with the series' values under `name` until a callback stops them, on_train_end.
  int run_epochs(cornu::Callback& callback, const std::string& name, const std::vector<double>& series) {
    begin(callback);
    int done = 0;
    for (const double value : series) {
      epoch(callback, done++, {{name, value}});
      if (stop_training) break;
    }
    end(callback);
    return done;
  }
};
