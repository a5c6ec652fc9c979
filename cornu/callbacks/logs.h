// What training reports: names with numbers, in order.
#pragma once
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cornu/base/special_members.h"

namespace cornu {

/// The loss and the metrics at one moment. Small (a handful of entries), so a list that is searched.
class Logs {
 public:
  using Entry = std::pair<std::string, double>;

  Logs();
  Logs(std::initializer_list<Entry> entries);
  CORNU_SPECIAL_MEMBERS(Logs)

  /// The value under `name`, or null when there is none.
  const double* find(std::string_view name) const;
  /// Throws ArgumentError with the names that there are.
  double at(std::string_view name) const;
  bool contains(std::string_view name) const { return find(name) != nullptr; }
  /// Replaces the value under `name`, or appends it.
  void set(std::string_view name, double value);
  /// By name: the order in which Keras hands logs to callbacks and prints them.
  void sort();
  /// The names with `separator` between them, for messages.
  std::string names(std::string_view separator = ", ") const;

  size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }
  void clear();
  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }
  bool operator==(const Logs&) const = default;

 private:
  std::vector<Entry> entries_;
};

}  // namespace cornu
