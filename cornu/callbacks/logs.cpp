#include "cornu/callbacks/logs.h"

#include <algorithm>

#include "cornu/base/error.h"

namespace cornu {

CORNU_DEFINE_SPECIAL_MEMBERS(Logs)
Logs::Logs() = default;
Logs::Logs(std::initializer_list<Entry> entries) : entries_(entries) {}
void Logs::clear() { entries_.clear(); }

const double* Logs::find(std::string_view name) const {
  for (const auto& [key, value] : entries_)
    if (key == name) return &value;
  return nullptr;
}

double Logs::at(std::string_view name) const {
  const double* value = find(name);
  require(value, "The logs hold no '", printable(name), "'; they hold: ", empty() ? "nothing" : names());
  return *value;
}

void Logs::set(std::string_view name, double value) {
  for (auto& [key, old] : entries_)
    if (key == name) {
      old = value;
      return;
    }
  entries_.emplace_back(name, value);
}

void Logs::sort() {
  std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) { return a.first < b.first; });
}

std::string Logs::names(std::string_view separator) const {
  std::string all;
  for (const auto& [name, value] : entries_) (all += all.empty() ? std::string_view() : separator) += name;
  return all;
}

}  // namespace cornu
