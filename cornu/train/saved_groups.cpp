#include "cornu/train/saved_groups.h"

#include "cornu/layers/named_in_files.h"
#include "cornu/nn/choice.h"

namespace cornu {
namespace {

/// The attribute of Keras's object that holds a part of a layer, by the name that the part has in paths: the cell of an LSTM is
/// "lstm_cell", and its attribute `cell`.
std::string attribute_of(std::string_view class_name, const std::string& part) {
  const auto ends = [&](std::string_view end) { return part.ends_with(end); };
  if (class_name == "Bidirectional") return part.starts_with("forward_") ? "forward_layer" : "backward_layer";
  if (class_name == "TimeDistributed" || class_name == "SpectralNormalization") return "layer";
  if (class_name == "RNN") return "cell";
  if (class_name == "MultiHeadAttention" || class_name == "GroupQueryAttention") {
    // Only the former has properties beside its private attributes, and none for the gate.
    const std::string_view hidden = class_name == "GroupQueryAttention" || part == "gate" ? "_" : "";
    if (part == "attention_output") return text(hidden, "output_dense");
    if (part == "query" || part == "key" || part == "value" || part == "gate") return text(hidden, part, "_dense");
  }
  if (ends("_cell") || ends("rnn_cells")) return "cell";
  return part;
}

/// "a/b/kernel" -> {"a", "b"}.
std::vector<std::string> parts_of(std::string_view path) {
  std::vector<std::string> parts;
  for (size_t slash; (slash = path.find('/')) != std::string_view::npos; path.remove_prefix(slash + 1)) parts.emplace_back(path.substr(0, slash));
  return parts;
}

class Walk {
 public:
  explicit Walk(const std::vector<Variable>& variables) : variables_(variables) {
    for (size_t i = 0; i < variables.size(); ++i)
      for (const WeightOwner& owner : variables[i].owners) of_layer_[owner.weights.get()].push_back(i);
  }

  void model(const Wiring& wiring, const std::string& prefix) {
    std::map<std::string, int> used;
    remember(dynamic_cast<const NamedInFiles*>(&wiring));
    for (size_t i = 0; i < wiring.layers().size(); ++i) {
      const Layer& layer = wiring.layers()[i];
      const std::string base = snake_case(layer.class_name());
      const int n = used[base]++;
      if (!seen_.insert(layer.weights().get()).second) continue;  // the first path wins
      remember(dynamic_cast<const NamedInFiles*>(&layer.interface()));
      const auto own = place_.find(layer.weights().get());
      const std::string group = own != place_.end() ? prefix + own->second : text(prefix, "layers/", base, n ? text("_", n) : "");
      groups.push_back({group.empty() || group.ends_with('/') ? group + "vars" : group + "/vars", wiring.names()[i], {}, layer});
      if (const auto nested = wiring_of(layer)) model(*nested, group + "/");
      else weights(layer, group, groups.size() - 1);
    }
  }

  std::vector<SavedGroup> groups;

 private:
  /// Where a class of the program's own has its parts.
  void remember(const NamedInFiles* named) {
    if (!named) return;
    for (const auto& [place, layer] : named->parts_in_files())
      if (place_.try_emplace(layer.weights().get(), place).second) remember(dynamic_cast<const NamedInFiles*>(&layer.interface()));
  }

  void weights(const Layer& layer, const std::string& group, size_t own) {
    std::map<std::string, size_t> inner;  // groups, by path
    for (const size_t i : of_layer_[layer.weights().get()]) {
      if (!placed_.insert(i).second) continue;
      const std::vector<WeightOwner>& owners = variables_[i].owners;
      const auto add = [&](size_t holders) {
        std::string name;
        const std::string place = group + place_within(layer, variables_[i], holders, &name);
        if (place == group) return groups[own].variables.push_back(i);
        const auto [found, is_new] = inner.try_emplace(place, groups.size());
        if (is_new) groups.push_back({place + "/vars", name});
        groups[found->second].variables.push_back(i);
      };
      // The wrapper holds the kernel of the layer in it as its own, too.
      for (size_t at = 0; at < owners.size(); ++at)
        if (owners[at].class_name == "SpectralNormalization" && at + 1 < owners.size() && doubled_.insert(owners[at].weights.get()).second) add(at);
      add(owners.size());
    }
  }

  /// "/cell" for "lstm_cell/kernel" of an LSTM; of its first `holders` owners alone.
  std::string place_within(const Layer& layer, const Variable& v, size_t holders, std::string* name) {
    size_t at = 0;
    while (v.owners[at].weights != layer.weights()) ++at;
    std::string place;
    for (; at < holders; ++at) {
      std::string_view class_name = v.owners[at].class_name;
      std::vector<std::string> parts = parts_of(v.owners[at].path);
      if (at + 1 < v.owners.size()) parts.resize(parts.size() - parts_of(v.owners[at + 1].path).size());
      for (const std::string& part : parts) {
        const bool list = is_model_class(class_name) || class_name == "StackedRNNCells";
        const auto known = at + 1 < v.owners.size() ? place_.find(v.owners[at + 1].weights.get()) : place_.end();
        if (known != place_.end()) place += "/" + known->second;
        else place += "/" + (list ? text(is_model_class(class_name) ? "layers/" : "cells/", numbered(v.owners[at].weights.get(), v.owners[at + 1])) : attribute_of(class_name, part));
        class_name = "";
        *name = part;
      }
    }
    return place;
  }

  /// The place of a layer in a list that is out of sight, a model's in a wrapper or a stack's of cells: those with weights count.
  std::string numbered(const LayerWeights* model, const WeightOwner& layer) {
    auto& known = in_model_[{model, layer.class_name}];
    const size_t n = known.try_emplace(layer.weights.get(), known.size()).first->second;
    return text(snake_case(layer.class_name), n ? text("_", n) : "");
  }

  const std::vector<Variable>& variables_;
  std::map<const LayerWeights*, std::vector<size_t>> of_layer_;
  std::set<const LayerWeights*> seen_;
  std::map<const LayerWeights*, std::string> place_;  // of parts of classes of the program's own
  std::set<size_t> placed_;
  std::set<const LayerWeights*> doubled_;  // wrappers whose kernel has its place
  std::map<std::pair<const LayerWeights*, std::string_view>, std::map<const LayerWeights*, size_t>> in_model_;
};

}  // namespace

std::vector<SavedGroup> saved_groups(const Wiring& wiring, const std::vector<Variable>& variables) {
  Walk walk(variables);
  walk.model(wiring, "");
  std::set<size_t> placed;
  for (const SavedGroup& g : walk.groups) placed.insert(g.variables.begin(), g.variables.end());
  ensure(placed.size() == variables.size(), placed.size(), " of ", variables.size(), " weights have a place in files");
  return std::move(walk.groups);
}

}  // namespace cornu
