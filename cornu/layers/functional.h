// A model wired with Symbols.
#pragma once
#include "cornu/layers/symbol_group.h"
#include "cornu/layers/wiring.h"

namespace cornu {

class Functional final : public Wiring {
 public:
  /// Inputs may also be Symbols in the middle of other models: this one begins there. Throws ArgumentError for outputs that do
  /// not follow from the inputs, for two layers of one name, and for groups that are empty or name a Symbol twice.
  Functional(SymbolGroup inputs, SymbolGroup outputs);

  std::vector<Value> trace(std::vector<Value> inputs, Scope& scope) const override;
  const std::vector<Layer>& layers() const override { return layers_; }
  const std::vector<std::string>& names() const override { return names_; }
  std::vector<Entry> entries() const override;
  bool is_graph() const override;
  std::optional<std::vector<Input>> inputs() const override;
  std::vector<std::string> input_names() const override;
  std::vector<std::string> output_names() const override;
  int64_t calls() const override { return calls_; }
  /// What it was wired with.
  const SymbolGroup& input_symbols() const { return inputs_; }
  const SymbolGroup& output_symbols() const { return outputs_; }
  std::string_view class_name() const override { return "Functional"; }
  Config config(const std::string& name, bool trainable) const override;

 private:
  /// A layer, an op or an Input, once for all of its calls.
  struct Operator {
    std::string name;
    Layer layer;
    std::vector<size_t> steps = {};  // its calls, in the order in which they were made
  };
  struct Step {
    std::shared_ptr<const SymbolCall> call;
    size_t op = 0;
    std::vector<size_t> in = {};  // places in the table of values
    size_t out = 0;               // the place of its first output
    int depth = 0;
  };
  /// Whose output a place in the table of values is.
  struct Source {
    size_t op = 0, call = 0, output = 0;
  };
  friend class FunctionalBuilder;
  Config reference(size_t place, bool inbound) const;
  Config structure(const SymbolGroup& group, const std::vector<size_t>& places) const;

  SymbolGroup inputs_, outputs_;
  std::vector<Operator> operators_;  // in Keras's order: the farther from the outputs, the earlier
  std::vector<Step> steps_;          // likewise
  std::vector<Source> sources_;      // of each place
  std::vector<size_t> input_ops_, input_places_, output_places_;
  std::vector<Layer> layers_;        // operators_ without ops
  std::vector<std::string> names_;
  int64_t calls_ = 0;
  bool is_graph_ = false;
};

/// From the config of a "Functional". Throws FormatError for one whose calls do not follow from its inputs, and as
/// layer_from_config does.
std::shared_ptr<Functional> functional_from_config(const Config& config, const CustomObjects& custom = {});

}  // namespace cornu
