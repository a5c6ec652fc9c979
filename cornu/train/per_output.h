// What compile takes for each output of a model: one for all, a list in the order of the outputs, or a map by name.
#pragma once
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "cornu/metrics/metrics.h"

namespace cornu {

namespace per_output {
/// Throws ArgumentError, suggesting the near one, unless each of `given` is one of `outputs`.
void check_output_names(const std::vector<std::string>& given, const std::vector<std::string>& outputs, std::string_view what);
/// Throws ArgumentError unless there are as many as outputs.
void check_output_count(size_t given, const std::vector<std::string>& outputs, std::string_view what);
}  // namespace per_output

///   .loss = "mse"      .loss = {"mse", "mae"}      .loss = {{"label", "mse"}, {"age", "mae"}}
/// An empty T, and a name that a map leaves out, stand for an output without.
template <class T> class PerOutput {
 public:
  enum class Kind { none, one, list, map };

  PerOutput() = default;
  template <class U>
    requires(std::is_convertible_v<U, T>)
  PerOutput(U&& one) : kind_(Kind::one) {
    values_.push_back(std::forward<U>(one));
  }
  template <class U, class V, class... More>
    requires(std::is_convertible_v<U, T> && std::is_convertible_v<V, T> && (std::is_convertible_v<More, T> && ...))
  PerOutput(U&& first, V&& second, More&&... more) : PerOutput(std::vector<T>{T(std::forward<U>(first)), T(std::forward<V>(second)), T(std::forward<More>(more))...}) {}
  PerOutput(std::vector<T> list) : kind_(Kind::list), values_(std::move(list)) {}
  PerOutput(std::initializer_list<std::pair<const std::string, T>> by_name) : PerOutput(std::vector<std::pair<std::string, T>>(by_name.begin(), by_name.end())) {}
  PerOutput(std::vector<std::pair<std::string, T>> by_name) : kind_(Kind::map) {
    for (auto& [name, value] : by_name) names_.push_back(std::move(name)), values_.push_back(std::move(value));
  }

  Kind kind() const { return kind_; }
  /// Whether anything was given.
  explicit operator bool() const { return kind_ != Kind::none; }
  const std::vector<T>& values() const { return values_; }
  /// Of a map.
  const std::vector<std::string>& names() const { return names_; }

  /// One for each output; `otherwise` where nothing was given. `what` names the option in errors: "loss".
  std::vector<T> for_outputs(const std::vector<std::string>& outputs, std::string_view what, T otherwise = T{}) const {
    switch (kind_) {
      case Kind::none: return std::vector<T>(outputs.size(), otherwise);
      case Kind::one: return std::vector<T>(outputs.size(), values_[0]);
      case Kind::list: per_output::check_output_count(values_.size(), outputs, what); return values_;
      case Kind::map: break;
    }
    per_output::check_output_names(names_, outputs, what);
    std::vector<T> all(outputs.size(), otherwise);
    for (size_t i = 0; i < names_.size(); ++i) all[static_cast<size_t>(std::find(outputs.begin(), outputs.end(), names_[i]) - outputs.begin())] = values_[i];
    return all;
  }

 private:
  Kind kind_ = Kind::none;
  std::vector<T> values_;
  std::vector<std::string> names_;
};

/// The metrics of each output:
///   .metrics = {"accuracy", "mae"}     all of the only output's; of a model with several outputs, one for each
///   .metrics = {{"label", {"accuracy"}}, {"age", {"mae", "mse"}}}
///   .metrics = std::vector<std::vector<Metric>>{{"accuracy"}, {"mae", "mse"}}
class OutputMetrics {
 public:
  using List = std::vector<Metric>;

  OutputMetrics() = default;
  template <class... Each>
    requires(sizeof...(Each) > 0 && (std::is_convertible_v<Each, Metric> && ...))
  OutputMetrics(Each&&... each) : OutputMetrics(List{Metric(std::forward<Each>(each))...}) {}
  OutputMetrics(List flat) : flat_(std::move(flat)) {}
  OutputMetrics(std::vector<List> lists) : lists_(std::move(lists)) {}
  OutputMetrics(std::initializer_list<std::pair<const std::string, List>> by_name) : lists_(by_name) {}
  OutputMetrics(PerOutput<List> lists) : lists_(std::move(lists)) {}

  bool empty() const { return flat_.empty() && !lists_; }
  /// As they were given: flat, or else in lists.
  const List& flat() const { return flat_; }
  const PerOutput<List>& lists() const { return lists_; }
  std::vector<List> for_outputs(const std::vector<std::string>& outputs, std::string_view what) const;

 private:
  List flat_;
  PerOutput<List> lists_;
};

}  // namespace cornu
