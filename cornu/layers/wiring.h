// How a model's layers are connected. compile replays the wiring once for each signature of inputs.
#pragma once
#include "cornu/layers/layers.h"

namespace cornu {

class Wiring {
 public:
  virtual ~Wiring() = default;
  /// Calls the layers on the model's inputs and returns its outputs.
  virtual std::vector<Value> trace(std::vector<Value> inputs, Scope& scope) const = 0;
  /// Every layer once, in the order in which Keras lists them.
  virtual const std::vector<Layer>& layers() const = 0;
  /// What the model's inputs look like, if it says.
  virtual std::optional<std::vector<Input>> inputs() const = 0;
  /// Of each input the Input's name, of each output its layer's, as Keras's input_names and output_names.
  virtual std::vector<std::string> input_names() const = 0;
  virtual std::vector<std::string> output_names() const = 0;
  /// Keras's class_name, and the config under it.
  virtual std::string_view class_name() const = 0;
  virtual Config config(const std::string& name) const = 0;
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
  std::optional<std::vector<Input>> inputs() const override;
  std::vector<std::string> input_names() const override { return {input_name_}; }
  std::vector<std::string> output_names() const override { return {layers_.empty() ? input_name_ : layers_.back().name()}; }
  std::string_view class_name() const override { return "Sequential"; }
  Config config(const std::string& name) const override;

 private:
  std::optional<Input> input_;
  std::string input_name_ = "input_layer";
  std::vector<Layer> layers_;
};

/// The layers that a "Sequential" config lists. Throws as layer_from_config does.
std::vector<Layer> chain_from_config(const Config& config);

}  // namespace cornu
