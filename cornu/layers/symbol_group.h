// Symbols that models begin with and end in.
#pragma once
#include <initializer_list>

#include "cornu/layers/operations.h"
#include "cornu/nn/symbol.h"

namespace cornu {

struct InputOptions {
  std::string name = "";  // default: "input_layer", "input_layer_1", ...
  DType dtype = DType::float32;
  std::optional<int64_t> batch_size = {};  // of every batch: of models with stateful layers, and in their files
};
/// What a model is fed: the shape of one sample, with Shape::unknown where sizes may differ from batch to batch.
Symbol input(const Shape& shape, const InputOptions& options = {});

/// The inputs or the outputs of a model: a Symbol, several, or several by name as Keras takes dicts.
struct SymbolGroup {
  enum class Kind { one, list, dict };
  Kind kind = Kind::list;
  std::vector<Symbol> symbols = {};
  std::vector<std::string> keys = {};  // of a dict, ascending, as Keras flattens them

  SymbolGroup();
  SymbolGroup(Symbol one);
  SymbolGroup(std::vector<Symbol> list);
  SymbolGroup(std::initializer_list<Symbol> list);
  SymbolGroup(const std::map<std::string, Symbol>& dict);
  SymbolGroup(std::initializer_list<std::pair<const std::string, Symbol>> dict);
  CORNU_SPECIAL_MEMBERS(SymbolGroup)
};

}  // namespace cornu
