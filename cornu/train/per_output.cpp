#include "cornu/train/per_output.h"

#include <algorithm>

namespace cornu {
namespace {

/// Throws ArgumentError, suggesting the near one, unless each of `given` is one of `outputs`.
void check_output_names(const std::vector<std::string>& given, const std::vector<std::string>& outputs, std::string_view what) {
  for (size_t i = 0; i < given.size(); ++i) {
    const bool known = std::find(outputs.begin(), outputs.end(), given[i]) != outputs.end();
    require(known, what, " names '", printable(given[i]), "', which is no output of the model", did_you_mean(given[i], std::vector<std::string_view>(outputs.begin(), outputs.end())), "; it has: ", text(outputs));
    require(std::find(given.begin(), given.begin() + static_cast<std::ptrdiff_t>(i), given[i]) == given.begin() + static_cast<std::ptrdiff_t>(i), what, " names '", given[i], "' twice");
  }
}

/// Throws ArgumentError unless there are as many as outputs.
void check_output_count(size_t given, const std::vector<std::string>& outputs, std::string_view what) {
  require(given == outputs.size(), what, " has ", given, given == 1 ? " entry" : " entries", ", and the model has ", outputs.size(), outputs.size() == 1 ? " output " : " outputs ", text(outputs),
          "; give one for each, in that order or by name");
}

}  // namespace

template <class T> PerOutput<T>::PerOutput(const PerOutput&) = default;
template <class T> PerOutput<T>::PerOutput(PerOutput&&) noexcept = default;
template <class T> PerOutput<T>& PerOutput<T>::operator=(const PerOutput&) = default;
template <class T> PerOutput<T>& PerOutput<T>::operator=(PerOutput&&) noexcept = default;
template <class T> PerOutput<T>::~PerOutput() = default;
template <class T> PerOutput<T>::PerOutput() = default;
template <class T> PerOutput<T>::PerOutput(std::vector<T> list) : kind_(Kind::list), values_(std::move(list)) {}
template <class T> PerOutput<T>::PerOutput(std::initializer_list<std::pair<const std::string, T>> by_name) : PerOutput(std::vector<std::pair<std::string, T>>(by_name.begin(), by_name.end())) {}
template <class T> PerOutput<T>::PerOutput(std::vector<std::pair<std::string, T>> by_name) : kind_(Kind::map) {
  for (auto& [name, value] : by_name) names_.push_back(std::move(name)), values_.push_back(std::move(value));
}

template <class T> void PerOutput<T>::add(Kind kind, T value) {
  kind_ = kind;
  values_.push_back(std::move(value));
}

template <class T> std::vector<T> PerOutput<T>::for_outputs(const std::vector<std::string>& outputs, std::string_view what, T otherwise) const {
  switch (kind_) {
    case Kind::none: return std::vector<T>(outputs.size(), otherwise);
    case Kind::one: return std::vector<T>(outputs.size(), values_[0]);
    case Kind::list: check_output_count(values_.size(), outputs, what); return values_;
    case Kind::map: break;
  }
  check_output_names(names_, outputs, what);
  std::vector<T> all(outputs.size(), otherwise);
  for (size_t i = 0; i < names_.size(); ++i) all[static_cast<size_t>(std::find(outputs.begin(), outputs.end(), names_[i]) - outputs.begin())] = values_[i];
  return all;
}

template class PerOutput<double>;
template class PerOutput<Loss>;
template class PerOutput<std::vector<Metric>>;

CORNU_DEFINE_SPECIAL_MEMBERS(OutputMetrics)
OutputMetrics::OutputMetrics() = default;
OutputMetrics::OutputMetrics(List flat) : flat_(std::move(flat)) {}
OutputMetrics::OutputMetrics(std::vector<List> lists) : lists_(std::move(lists)) {}
OutputMetrics::OutputMetrics(std::initializer_list<std::pair<const std::string, List>> by_name) : lists_(by_name) {}
OutputMetrics::OutputMetrics(PerOutput<List> lists) : lists_(std::move(lists)) {}
void OutputMetrics::add(Metric metric) { flat_.push_back(std::move(metric)); }
bool OutputMetrics::empty() const { return flat_.empty() && !lists_; }

std::vector<OutputMetrics::List> OutputMetrics::for_outputs(const std::vector<std::string>& outputs, std::string_view what) const {
  if (lists_) return lists_.for_outputs(outputs, what);
  if (flat_.empty()) return std::vector<List>(outputs.size());
  if (outputs.size() == 1) return {flat_};
  check_output_count(flat_.size(), outputs, what);
  std::vector<List> all;
  for (const Metric& m : flat_) all.push_back(m ? List{m} : List{});
  return all;
}

}  // namespace cornu
