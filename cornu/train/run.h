// One run of fit, evaluate or predict: what its callbacks see. Internal to train/.
#pragma once
#include "cornu/callbacks/callback_list.h"
#include "cornu/data/batch_stream.h"
#include "cornu/train/model_state.h"

namespace cornu {

class Run final : public Training {
 public:
  /// Without a console of its own it writes to standard output.
  Run(Model& model, TrainingParams params, std::vector<Callback> callbacks, Console* console = nullptr);

  const TrainingParams& params() const override { return params_; }
  Console& console() const override { return console_ ? *console_ : standard_console(); }
  std::vector<Tensor> get_weights() const override { return model_.get_weights(); }
  void set_weights(const std::vector<Tensor>& weights) override { model_.set_weights(weights); }
  void save(const std::string& path) override { model_.save(path); }
  void save_weights(const std::string& path) override { model_.save_weights(path); }
  double learning_rate() const override { return model_.learning_rate(); }
  void set_learning_rate(double rate) override { model_.set_learning_rate(rate); }
  int64_t iterations() const override { return model_.iterations(); }
  std::string optimizer_name() const override { return model_.state().config->optimizer.options().name; }
  void set_averages_to_weights() override;
  std::vector<std::string> weight_names() const override;
  std::string model_json() const override { return model_.to_json(); }
  bool has_weight_averages() const override;
  void swap_weight_averages() override;
  std::optional<bool> more_is_better(std::string_view metric) const override;

  CallbackList callbacks;

 private:
  Model& model_;
  TrainingParams params_;
  Console* console_;
};

/// Decides after which steps callbacks are called: each, a few each second, or never. The first and the last always count.
class BatchClock {
 public:
  BatchClock(BatchCalls calls, Console& console) : calls_(calls), console_(console) {}
  bool due(int64_t step) {
    if (calls_ != BatchCalls::sometimes) return calls_ == BatchCalls::each;
    if (step > 1 && step % stride_ != 0) return false;  // looking at the clock costs a little too
    const double now = console_.seconds();
    if (step == 1) stride_ = now - last_ > 0.05 / 16 ? 1 : 16;  // slow steps are looked at one by one
    if (step > 0 && now - last_ < 0.05) return false;
    last_ = now;
    return true;
  }
  bool anybody() const { return calls_ != BatchCalls::none; }

 private:
  BatchCalls calls_;
  Console& console_;
  double last_ = -1;
  int64_t stride_ = 16;
};

// ---- evaluate.cpp: what passes over data share
/// The step for a batch of so many rows of these samples.
Step& step_of(Model::State& s, Mode mode, const Samples& from, int64_t rows);
void run_batch(Step& step, const Batch& batch);
/// What training needs of its data, checked once, before the first step.
void check_samples(const Model::State& s, const Samples& samples);
/// One pass over the data without learning; the logs.
Logs test_pass(Model::State& s, Run& run, BatchStream& stream);

}  // namespace cornu
