// What a model with several inputs or outputs is given: one tensor, several in order, or several by name, as Keras takes an
// array, a list or a dict.
#pragma once
#include <concepts>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cornu/tensor/tensor.h"

namespace cornu {

///   model.fit(x, y);   model.fit({x1, x2}, {y1, y2});   model.fit({{"image", x1}, {"age", x2}}, {{"label", y}});
class TensorGroup {
 public:
  /// Nothing.
  TensorGroup();
  CORNU_SPECIAL_MEMBERS(TensorGroup)
  // Templates, so that numbers in braces are never taken for tensors.
  template <std::same_as<Tensor> T> TensorGroup(T one) { add(std::move(one)); }
  template <class First, class Second, class... More>
    requires(std::same_as<First, Tensor> && std::same_as<Second, Tensor> && (std::same_as<More, Tensor> && ...))
  TensorGroup(const First& first, const Second& second, const More&... more) {
    add(first), add(second), (add(more), ...);
  }
  TensorGroup(std::vector<Tensor> list);
  TensorGroup(const std::map<std::string, Tensor>& by_name);
  TensorGroup(std::initializer_list<std::pair<const std::string, Tensor>> by_name);
  TensorGroup(const std::optional<Tensor>& perhaps);

  bool empty() const { return tensors_.empty(); }
  size_t size() const { return tensors_.size(); }
  bool by_name() const { return !names_.empty(); }
  const std::vector<Tensor>& tensors() const { return tensors_; }
  const std::vector<std::string>& names() const { return names_; }

  /// The tensors in the order of `names`: all of them. `group` ("x") and `kind` ("input") stand in errors. Throws ArgumentError
  /// for another number of tensors, a name that is none, or one that is missing.
  std::vector<Tensor> in_order(const std::vector<std::string>& names, std::string_view group, std::string_view kind) const;
  /// The same where some may be missing: a group by name may leave out any.
  std::vector<std::optional<Tensor>> spread(const std::vector<std::string>& names, std::string_view group, std::string_view kind) const;

 private:
  void add(Tensor tensor);
  std::vector<Tensor> tensors_;
  std::vector<std::string> names_;  // of each, or empty
};

/// "x" when it is alone, else "x['age']": what an error calls one of a group.
std::string name_in_group(std::string_view group, const std::vector<std::string>& names, size_t i);

}  // namespace cornu
