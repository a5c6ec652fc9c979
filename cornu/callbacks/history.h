// History: every epoch's logs; what fit returns.
#pragma once
#include "cornu/callbacks/callback.h"

namespace cornu {

/// One series of numbers per logged name, in Keras's order.
class Series {
 public:
  using Entry = std::pair<std::string, std::vector<double>>;
  Series();
  CORNU_SPECIAL_MEMBERS(Series)
  /// Throws ArgumentError for an unknown name, with those that there are.
  const std::vector<double>& operator[](std::string_view name) const;
  bool contains(std::string_view name) const;
  void append(std::string_view name, double value);
  std::vector<std::string> keys() const;
  size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }
  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }
  bool operator==(const Series&) const = default;

 private:
  std::vector<Entry> entries_;
};

struct History {
  Series history = {};          // history["val_loss"][epoch]
  std::vector<int> epoch = {};  // from 0
  TrainingParams params = {};

  void on_train_begin(Logs& logs, Training& training);
  void on_epoch_end(int epoch, Logs& logs, Training& training);
  Config state() const;
  void set_state(const Config& state);

  bool resumed = false;  // set_state came before on_train_begin
};

}  // namespace cornu
