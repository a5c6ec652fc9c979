#include "cornu/data/tensor_group.h"

#include <algorithm>

#include "cornu/base/error.h"

namespace cornu {

CORNU_DEFINE_SPECIAL_MEMBERS(TensorGroup)
TensorGroup::TensorGroup() = default;
TensorGroup::TensorGroup(std::vector<Tensor> list) : tensors_(std::move(list)) {}
TensorGroup::TensorGroup(const std::optional<Tensor>& perhaps) {
  if (perhaps) add(*perhaps);
}
void TensorGroup::add(Tensor tensor) { tensors_.push_back(std::move(tensor)); }

TensorGroup::TensorGroup(const std::map<std::string, Tensor>& by_name) {
  for (const auto& [name, tensor] : by_name) names_.push_back(name), tensors_.push_back(tensor);
}

TensorGroup::TensorGroup(std::initializer_list<std::pair<const std::string, Tensor>> by_name) {
  for (const auto& [name, tensor] : by_name) {
    require(std::find(names_.begin(), names_.end(), name) == names_.end(), "two tensors are named '", printable(name), "'; give each once");
    names_.push_back(name), tensors_.push_back(tensor);
  }
}

std::vector<std::optional<Tensor>> TensorGroup::spread(const std::vector<std::string>& names, std::string_view group, std::string_view kind) const {
  std::vector<std::optional<Tensor>> all(names.size());
  if (!by_name()) {
    require(size() == names.size(), group, " holds ", size(), size() == 1 ? " tensor" : " tensors", ", and the model has ", names.size(), ' ', kind, names.size() == 1 ? " " : "s ", text(names),
            "; give one for each, in that order or by name");
    for (size_t i = 0; i < size(); ++i) all[i] = tensors_[i];
    return all;
  }
  for (size_t i = 0; i < size(); ++i) {
    const auto found = std::find(names.begin(), names.end(), names_[i]);
    require(found != names.end(), group, " names '", printable(names_[i]), "', which is no ", kind, " of the model", did_you_mean(names_[i], std::vector<std::string_view>(names.begin(), names.end())), "; it has: ",
            text(names));
    all[static_cast<size_t>(found - names.begin())] = tensors_[i];
  }
  return all;
}

std::vector<Tensor> TensorGroup::in_order(const std::vector<std::string>& names, std::string_view group, std::string_view kind) const {
  const auto given = spread(names, group, kind);
  std::vector<Tensor> all;
  for (size_t i = 0; i < names.size(); ++i) {
    require(given[i].has_value(), group, " lacks '", names[i], "', which the model has as ", kind, "; it names: ", text(names_));
    all.push_back(*given[i]);
  }
  return all;
}

std::string name_in_group(std::string_view group, const std::vector<std::string>& names, size_t i) {
  return names.size() == 1 ? std::string(group) : text(group, "['", i < names.size() ? names[i] : text(i), "']");
}

}  // namespace cornu
