// Layer: the handle of any struct that can be traced, with what belongs to every layer.
#pragma once
#include <memory>

#include "cornu/base/special_members.h"
#include "cornu/nn/layer_weights.h"
#include "cornu/nn/scope.h"
#include "cornu/nn/symbol.h"

namespace cornu {

/// What Keras lets every layer take.
struct LayerOptions {
  std::string name = "";        // default: from the class, "dense", "dense_1", ...
  bool trainable = true;
  std::optional<Shape> input_shape = {};  // without the batch axis, for the first layer
  Regularizer activity_regularizer = {};  // of the output, divided by the batch size; layers with such a field of their own use that
  std::string dtype = "";  // a dtype policy of its own and of the layers in it: "float32" in a model of mixed_bfloat16, or that in a model of float32
};

/// A layer is a struct whose call turns values into values:
///
///   struct Scale {
///     double by = 2;
///     CORNU_FIELDS(by)                                        // optional: config, files, equality
///     static constexpr std::string_view class_name = "Scale";  // optional: names, files
///     static constexpr bool supports_masking = true;           // optional: the input's mask is the output's too
///     Value operator()(Value x, Scope& scope) const { return x * by; }
///   };
///
/// It may take std::vector<Value> and return one. Its weights come from scope.weight(); gradients come by themselves.
template <class T>
concept OneInput = requires(const T& layer, Value x, Scope& scope) { layer(x, scope); };
template <class T>
concept ManyInputs = requires(const T& layer, std::vector<Value> x, Scope& scope) { layer(x, scope); };

struct LayerInterface {
  virtual ~LayerInterface() = default;
  virtual std::vector<Value> call(const std::vector<Value>& in, Scope& scope) const = 0;
  virtual std::string_view class_name() const = 0;
  virtual Config fields() const = 0;
  virtual bool supports_masking() const = 0;
  /// Whether Keras's call() takes several inputs one by one, call(query, value), and not as a list.
  virtual bool separate_inputs() const { return false; }
  /// Whether Keras's call() takes a list even of one input: layers that merge.
  virtual bool takes_list() const { return false; }
  /// Which masks Keras's call() takes by keyword: "mask", or for inputs with names these: "query value" for query_mask and value_mask.
  virtual std::string_view mask_argument() const { return {}; }
  /// A mask that the layer makes for its output, wired of Keras's ops. Empty where it makes none.
  virtual Symbol make_mask(const std::vector<Symbol>&) const { return {}; }
};

[[noreturn]] void refuse_inputs(std::string_view class_name, size_t given);
[[noreturn]] void refuse_description(std::string_view class_name);

template <class T> struct LayerHolder final : LayerInterface {
  explicit LayerHolder(T l) : layer(std::move(l)) {}
  std::vector<Value> call(const std::vector<Value>& in, Scope& scope) const override {
    const auto listed = [](auto out) -> std::vector<Value> {
      if constexpr (std::is_same_v<decltype(out), Value>) return {out};
      else return out;
    };
    if constexpr (ManyInputs<T>) {
      return listed(layer(in, scope));
    } else {
      if (in.size() != 1) refuse_inputs(class_name(), in.size());
      return listed(layer(in[0], scope));
    }
  }
  std::string_view class_name() const override {
    if constexpr (requires { T::class_name; }) return T::class_name;
    else return "Layer";
  }
  Config fields() const override {
    if constexpr (HasFields<T> && requires { T::class_name; }) return fields_to_config(layer);
    else refuse_description(class_name());
  }
  bool supports_masking() const override {
    if constexpr (requires { T::supports_masking; }) return T::supports_masking;
    else return false;
  }
  bool separate_inputs() const override {
    if constexpr (requires { T::separate_inputs; }) return T::separate_inputs;
    else return false;
  }
  bool takes_list() const override {
    if constexpr (requires { T::takes_list; }) return T::takes_list;
    else return false;
  }
  std::string_view mask_argument() const override {
    if constexpr (requires { T::mask_argument; }) return T::mask_argument;
    else return {};
  }
  Symbol make_mask(const std::vector<Symbol>& in) const override {
    if constexpr (requires { layer.make_mask(in); }) return layer.make_mask(in);
    else return {};
  }
  T layer;
};

/// Takes the layer. cornu's own layers specialize it (CORNU_LAYER): their holders are compiled where they are defined.
template <class T> std::unique_ptr<const LayerInterface> layer_holder(T& layer) { return std::make_unique<LayerHolder<T>>(std::move(layer)); }

class Layer {
 public:
  template <class T>
    requires(OneInput<T> || ManyInputs<T>)
  Layer(T layer) : Layer() {
    if constexpr (requires { std::string(layer.name); })
      if (!layer.name.empty()) set_name(layer.name);
    hold(layer_holder(layer));
  }
  template <class T>
    requires(OneInput<T> || ManyInputs<T>)
  Layer(T layer, LayerOptions options) : Layer(std::move(layer)) {
    set_options(std::move(options));
  }
  CORNU_SPECIAL_MEMBERS(Layer)

  /// For families of layers whose class is known at run time only: models, ops.
  static Layer holding(std::unique_ptr<const LayerInterface> layer, LayerOptions options);
  /// The same layer: as long as this handle and its copies live, so does `owner`.
  Layer keeping(std::shared_ptr<const void> owner) const;

  /// Traces the layer inside its own part of the scope. `arguments`: what Keras's call() takes by keyword. A layer without a
  /// name is called "dense", "dense_1", ... there, in the order of first calls.
  std::vector<Value> operator()(std::vector<Value> in, Scope& scope, const CallArguments& arguments = {}) const;
  /// The same under a name that whoever calls has chosen.
  std::vector<Value> call_as(const std::string& name, std::vector<Value> in, Scope& scope, const CallArguments& arguments = {}) const;

  /// Wires: the result of calling the layer on what the Symbols stand for. Called again, it shares its weights. Throws what
  /// tracing it throws, such as ShapeError, naming the layer.
  Symbol operator()(const Symbol& x, const SymbolArguments& arguments = {}) const;
  Symbol operator()(const std::vector<Symbol>& in, const SymbolArguments& arguments = {}) const;

  /// Empty until given or until a model names it.
  const std::string& name() const;
  void set_name(std::string name);
  /// Whether the name was given, rather than made up by a model.
  bool named() const;
  /// A made-up name; does nothing when there is one.
  void suggest_name(std::string name) const;
  bool trainable() const;
  void set_trainable(bool trainable);
  const LayerOptions& options() const;

  std::string_view class_name() const;
  /// The struct's fields alone. Throws UnsupportedError for a layer without CORNU_FIELDS and class_name.
  Config fields() const;
  /// The struct it was made from, or null.
  template <class T> const T* as() const {
    const auto* holder = dynamic_cast<const LayerHolder<T>*>(&interface());
    return holder ? &holder->layer : nullptr;
  }
  /// 0, 1, ...: how often it was called on Symbols before this.
  int64_t next_call() const;
  const LayerInterface& interface() const;
  bool separate_inputs() const { return interface().separate_inputs(); }
  /// Two handles of one layer share its weights.
  bool is(const Layer& other) const { return shared_ == other.shared_; }

  /// Its weights and those of the layers in it, in the order of files; none before a model with the layer is built. Every
  /// model that holds the layer has these.
  std::vector<Tensor> get_weights() const;
  /// Throws ShapeError naming the weight.
  void set_weights(const std::vector<Tensor>& weights);
  int64_t count_params() const;
  const std::shared_ptr<LayerWeights>& weights() const;

 private:
  Layer();
  void hold(std::unique_ptr<const LayerInterface> layer);
  /// A name that is not among them stays as it is.
  void set_options(LayerOptions options);
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

/// What reading a layer from its config takes; one for each class that files may name, defined in its own file.
struct LayerRules {
  std::string_view class_name;
  Layer (*make)(const Config& config, LayerOptions options);
  std::vector<std::string> (*field_names)();
};
/// Declared for every T, defined by CORNU_DEFINE_LAYER in T's file (nn/define_layer.h).
template <class T> const LayerRules& layer_rules();

/// layer(x): a new layer, if it is made here.
Symbol operator|(const Symbol& x, const Layer& layer);
Symbol operator|(const std::vector<Symbol>& in, const Layer& layer);

}  // namespace cornu

/// After the struct of a layer, in namespace cornu: its holder is compiled once, in the file that defines it.
#define CORNU_LAYER(T)                                                   \
  template <> std::unique_ptr<const LayerInterface> layer_holder(T& layer); \
  template <> const LayerRules& layer_rules<T>();
