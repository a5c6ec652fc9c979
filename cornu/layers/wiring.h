// How a model's layers are connected. compile replays the wiring once for each signature of inputs.
#pragma once
#include "cornu/layers/layers.h"

namespace cornu {

class Wiring {
 public:
  /// A layer as Keras's summary and files list it.
  struct Entry {
    std::string name;  // in this model
    Layer layer;
    std::vector<std::string> connected_to = {};  // "dense[0][0]": layer, call, output
  };

  virtual ~Wiring() = default;
  /// The dtype policy that the model was given; empty for that of whatever it is part of. Where it is a layer it is heeded as that
  /// of a layer is, and in files each of its layers has it.
  std::string policy = {};
  /// Calls the layers on the model's inputs and returns its outputs.
  virtual std::vector<Value> trace(std::vector<Value> inputs, Scope& scope) const = 0;
  /// Every layer once, in the order in which Keras lists them, and what each is called here.
  virtual const std::vector<Layer>& layers() const = 0;
  virtual const std::vector<std::string>& names() const = 0;
  /// What a summary lists: the layers, and what is none but stands among them.
  virtual std::vector<Entry> entries() const = 0;
  /// Whether a summary says what is connected to what.
  virtual bool is_graph() const = 0;
  /// What the model's inputs look like, if it says.
  virtual std::optional<std::vector<Input>> inputs() const = 0;
  /// Of each input the Input's name, of each output its layer's, as Keras's input_names and output_names; the keys if the model
  /// was given dicts.
  virtual std::vector<std::string> input_names() const = 0;
  virtual std::vector<std::string> output_names() const = 0;
  /// How many calls of layers a trace makes; at most most_calls.
  virtual int64_t calls() const = 0;
  /// Keras's class_name, and the config under it.
  virtual std::string_view class_name() const = 0;
  virtual Config config(const std::string& name, bool trainable) const = 0;
};

/// A model within models within models may call its layers so often; a file that asks for more is refused.
inline constexpr int64_t most_calls = 20'000;

/// Names for the layers of one model.
class Names {
 public:
  /// A name that was given must be free: throws ArgumentError otherwise.
  void take(const std::string& name);
  /// The handle's name, given or made up, if it is free; else a new one, "dense", "dense_1", ...
  std::string name(const Layer& layer);
  void release(const std::string& name) { taken_.erase(name); }

 private:
  std::set<std::string> taken_;
  std::map<std::string, int> next_;  // by the class's name: the number to try
};

/// One layer after the other: Sequential.
class Chain final : public Wiring {
 public:
  /// An Input may only come first; layers without a name get one: "dense", "dense_1", ... Throws ArgumentError for a
  /// second Input, or a name or layer that is there already.
  void add(Layer layer);
  Layer pop();

  std::vector<Value> trace(std::vector<Value> inputs, Scope& scope) const override;
  const std::vector<Layer>& layers() const override { return layers_; }
  const std::vector<std::string>& names() const override { return names_; }
  std::vector<Entry> entries() const override;
  bool is_graph() const override { return false; }
  std::optional<std::vector<Input>> inputs() const override;
  std::vector<std::string> input_names() const override { return {input_name_}; }
  std::vector<std::string> output_names() const override { return {names_.empty() ? input_name_ : names_.back()}; }
  int64_t calls() const override { return calls_; }
  std::string_view class_name() const override { return "Sequential"; }
  Config config(const std::string& name, bool trainable) const override;

 private:
  std::optional<Input> input_;
  std::string input_name_ = "input_layer";
  std::vector<Layer> layers_;
  std::vector<std::string> names_;
  std::set<const void*> present_;
  Names taken_;
  int64_t calls_ = 0;
};

/// The object dict of a layer that a model calls `name`.
Config layer_to_config(const Layer& layer, const std::string& name);

}  // namespace cornu
