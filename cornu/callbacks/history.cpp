#include "cornu/callbacks/history.h"

#include "cornu/base/error.h"
#include "cornu/base/fields.h"

namespace cornu {

CORNU_DEFINE_SPECIAL_MEMBERS(Series)
Series::Series() = default;

const std::vector<double>& Series::operator[](std::string_view name) const {
  std::vector<std::string_view> known;
  for (const auto& [key, values] : entries_) {
    if (key == name) return values;
    known.push_back(key);
  }
  throw ArgumentError(text("The history holds no '", printable(name), "'", did_you_mean(name, known),
                           "; it holds: ", known.empty() ? text("nothing yet") : text(known)));
}

bool Series::contains(std::string_view name) const {
  for (const auto& [key, values] : entries_)
    if (key == name) return true;
  return false;
}

void Series::append(std::string_view name, double value) {
  for (auto& [key, values] : entries_)
    if (key == name) return values.push_back(value);
  entries_.push_back({std::string(name), {value}});
}

std::vector<std::string> Series::keys() const {
  std::vector<std::string> names;
  for (const auto& [key, values] : entries_) names.push_back(key);
  return names;
}

void History::on_train_begin(Logs&, Training& training) {
  if (!resumed) epoch.clear();
  resumed = false;
  params = training.params();
}

void History::on_epoch_end(int number, Logs& logs, Training& training) {
  epoch.push_back(number);
  for (const auto& [name, value] : logs) history.append(name, value);
  params = training.params();
}

Config History::state() const {
  Config series = Config::dict();
  for (const auto& [name, values] : history) series.set(name, to_config(values));
  return Config::Dict{{"history", series}, {"epoch", to_config(epoch)}};
}

void History::set_state(const Config& state) {
  history = {};
  for (const auto& [name, values] : state["history"].as_dict())
    for (const Config& value : values.as_list()) history.append(name, value.as_double());
  from_config(state["epoch"], epoch);
  resumed = true;
}

}  // namespace cornu
