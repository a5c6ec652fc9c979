// What compile takes for each output of a model: one for all, a list in the order of the outputs, or a map by name.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "cornu/base/special_members.h"
#include "cornu/metrics/metrics.h"

namespace cornu {

///   .loss = "mse"      .loss = {"mse", "mae"}      .loss = {{"label", "mse"}, {"age", "mae"}}
/// An empty T, and a name that a map leaves out, stand for an output without.
template <class T> class PerOutput {
 public:
  enum class Kind { none, one, list, map };

  PerOutput();
  template <class U>
    requires(std::is_convertible_v<U, T>)
  PerOutput(U&& one) : PerOutput() {
    add(Kind::one, std::forward<U>(one));
  }
  template <class U, class V, class... More>
    requires(std::is_convertible_v<U, T> && std::is_convertible_v<V, T> && (std::is_convertible_v<More, T> && ...))
  PerOutput(U&& first, V&& second, More&&... more) : PerOutput() {
    add(Kind::list, std::forward<U>(first)), add(Kind::list, std::forward<V>(second)), (add(Kind::list, std::forward<More>(more)), ...);
  }
  PerOutput(std::vector<T> list);
  PerOutput(std::initializer_list<std::pair<const std::string, T>> by_name);
  PerOutput(std::vector<std::pair<std::string, T>> by_name);
  CORNU_SPECIAL_MEMBERS(PerOutput)

  Kind kind() const { return kind_; }
  /// Whether anything was given.
  explicit operator bool() const { return kind_ != Kind::none; }
  const std::vector<T>& values() const { return values_; }
  /// Of a map.
  const std::vector<std::string>& names() const { return names_; }

  /// One for each output; `otherwise` where nothing was given. `what` names the option in errors: "loss".
  std::vector<T> for_outputs(const std::vector<std::string>& outputs, std::string_view what, T otherwise = T{}) const;

 private:
  void add(Kind kind, T value);

  Kind kind_ = Kind::none;
  std::vector<T> values_;
  std::vector<std::string> names_;
};

// Compiled once, in per_output.cpp.
extern template class PerOutput<double>;
extern template class PerOutput<Loss>;
extern template class PerOutput<std::vector<Metric>>;

/// The metrics of each output:
///   .metrics = {"accuracy", "mae"}     all of the only output's; of a model with several outputs, one for each
///   .metrics = {{"label", {"accuracy"}}, {"age", {"mae", "mse"}}}
///   .metrics = std::vector<std::vector<Metric>>{{"accuracy"}, {"mae", "mse"}}
class OutputMetrics {
 public:
  using List = std::vector<Metric>;

  OutputMetrics();
  template <class... Each>
    requires(sizeof...(Each) > 0 && (std::is_convertible_v<Each, Metric> && ...))
  OutputMetrics(Each&&... each) : OutputMetrics() {
    (add(std::forward<Each>(each)), ...);
  }
  OutputMetrics(List flat);
  OutputMetrics(std::vector<List> lists);
  OutputMetrics(std::initializer_list<std::pair<const std::string, List>> by_name);
  OutputMetrics(PerOutput<List> lists);
  CORNU_SPECIAL_MEMBERS(OutputMetrics)

  bool empty() const;
  /// As they were given: flat, or else in lists.
  const List& flat() const { return flat_; }
  const PerOutput<List>& lists() const { return lists_; }
  std::vector<List> for_outputs(const std::vector<std::string>& outputs, std::string_view what) const;

 private:
  void add(Metric metric);
  List flat_;
  PerOutput<List> lists_;
};

}  // namespace cornu
