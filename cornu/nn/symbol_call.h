// What a Symbol is made of: the call of a layer. For what wires models and reads and writes their configs.
#pragma once
#include "cornu/nn/layer.h"

namespace cornu {

/// One call of a layer. Its arguments have Keras's structure; where a Symbol stands in them, symbol_place(i) does, with its
/// index in `inputs`.
struct SymbolCall {
  Layer layer;  // of an Input, for what a model is fed
  std::vector<Symbol> inputs = {};     // in the order of args, then of kwargs
  size_t positional = 0;               // so many of them stand in args
  Config args = Config::List{};        // [x], [[a, b]], [x, 2.0]
  Config kwargs = Config::dict();      // {"mask": ..., "use_causal_mask": true}
  std::vector<std::array<TensorType, 2>> outputs = {};  // found out by tracing it
  std::vector<Symbol> masks = {};      // of each output, as a graph of Keras's ops; empty where it has none that these can say
  int64_t serial = 0;                  // among the layer's calls

  SymbolCall(Layer l) : layer(std::move(l)) {}
  SymbolCall(const SymbolCall&) = delete;
  SymbolCall& operator=(const SymbolCall&) = delete;
  ~SymbolCall();  // a long chain of calls is taken apart without recursion
  bool is_input() const { return inputs.empty(); }
};

Config symbol_place(size_t i);
/// The index in a place, or nothing for any other Config.
std::optional<size_t> symbol_at(const Config& config);
/// `args` with f(i) for each place. Recursion is as deep as the config, which readers bound.
Config with_places(const Config& args, const std::function<Config(size_t i)>& f);

/// The mask that goes with a Symbol: see SymbolCall::masks.
Symbol mask_of(const Symbol& symbol);
/// Has the call name the masks of its inputs, as Keras's layers do that take them; those that it was given stay.
void add_masks(SymbolCall& call);
/// Checks the call by tracing it for both probes, and fills in its outputs. Throws what tracing throws.
Symbol called(std::shared_ptr<SymbolCall> call);
/// A Symbol for something that a model is fed; the handle holds an Input. Unknown axes are free, and so is the batch's, unless all
/// batches have one size.
Symbol symbol_of_input(Layer input, DType dtype, const Shape& sample, std::optional<int64_t> batch_size = {});

/// Traces the call under `name` with these in place of its inputs. A `mask` among its arguments becomes its input's mask.
std::vector<Value> replay(const SymbolCall& call, const std::string& name, Values inputs, Scope& scope);

}  // namespace cornu
