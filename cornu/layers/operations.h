// Arithmetic on Symbols. Each is a node of its own in a model, as in Keras's files: "add", "multiply_1".
#pragma once
#include "cornu/nn/layer.h"

namespace cornu {

// Operands broadcast as in NumPy; numbers take the dtype of the Symbol they meet.
Symbol operator+(const Symbol& a, const Symbol& b);
Symbol operator-(const Symbol& a, const Symbol& b);
Symbol operator*(const Symbol& a, const Symbol& b);
Symbol operator/(const Symbol& a, const Symbol& b);
Symbol operator+(const Symbol& a, double b);
Symbol operator-(const Symbol& a, double b);
Symbol operator*(const Symbol& a, double b);
Symbol operator/(const Symbol& a, double b);
Symbol operator+(double a, const Symbol& b);
Symbol operator-(double a, const Symbol& b);
Symbol operator*(double a, const Symbol& b);
Symbol operator/(double a, const Symbol& b);
Symbol operator-(const Symbol& x);

/// One of Keras's ops as a node: keras.ops.mean(x, axis=1) is operation("Mean", {x}, {"axis": 1}).
/// Throws UnsupportedError for an op that cornu does not know, suggesting the near name.
Symbol operation(std::string_view class_name, const std::vector<Symbol>& in, const Config& options = Config::dict());

/// One of two operands, the second no Symbol: keras.ops.not_equal(x, 0) is operation_with("NotEqual", x, 0).
Symbol operation_with(std::string_view class_name, const Symbol& x, Config operand);

/// Keras's op of this class, in this module of Keras's, such as "keras.src.ops.numpy"; what else its config says, it needs. Its
/// operands come with the call. Throws UnsupportedError.
struct Operation {
  std::string class_name;
  Config options = Config::dict();  // without the name

  /// For the object dict: "keras.src.ops.numpy".
  std::string_view module() const;
};

template <> struct LayerHolder<Operation> final : LayerInterface {
  explicit LayerHolder(Operation o) : layer(std::move(o)) {}
  std::vector<Value> call(const std::vector<Value>& in, Scope& scope) const override;
  std::string_view class_name() const override { return layer.class_name; }
  Config fields() const override { return layer.options; }
  bool supports_masking() const override { return false; }
  bool separate_inputs() const override { return true; }
  Operation layer;
};

Layer operation_layer(Operation operation, std::string name = "");
bool is_operation_module(std::string_view module);
/// Keras's object dict of an op: {"module", "class_name", "config": {name, ...}, "registered_name"}.
Config operation_to_config(const Operation& operation, const std::string& name);
Layer operation_from_config(const Config& object);

}  // namespace cornu
