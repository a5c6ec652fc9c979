// Model: layers with their weights, and what one does with them. The same three statements as in Keras:
//
//   Sequential model{Input{784}, Dense{10, "relu"}, Dense{10, "relu"}, Dense{10, "softmax"}};
//   model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
//   model.fit(x_train, y_train, {.epochs = 10});
//
// or wired with Symbols (nn/symbol.h), with several inputs and outputs, shared layers, models in models:
//
//   Symbol x = input({784});
//   Model model{x, x | Dense{10, "relu"} | Dense{10, "softmax"}};
//
// Different models may be used from different threads; one model from one thread at a time.
#pragma once
#include <memory>

#include "cornu/callbacks/history.h"
#include "cornu/io/limits.h"
#include "cornu/layers/layers.h"
#include "cornu/layers/symbol_group.h"
#include "cornu/train/options.h"
#include "cornu/train/summary_options.h"

namespace cornu {

class Model {
 public:
  /// From its inputs to its outputs: each a Symbol, {several} or {{"name", one}, ...}. Layers may be part of several models: they
  /// share the weights. Throws as Functional does.
  Model(SymbolGroup inputs, SymbolGroup outputs, std::string name = "");
  virtual ~Model();
  Model(Model&&) noexcept;
  Model& operator=(Model&&) noexcept;

  const std::string& name() const;

  // ---- as a layer of other models
  /// The handle of the model: it shares the model's weights, and lives on without it.
  operator Layer() const;
  Symbol operator()(const Symbol& x, const SymbolArguments& arguments = {}) const;
  Symbol operator()(const std::vector<Symbol>& in, const SymbolArguments& arguments = {}) const;
  /// Whether its weights may be trained, beside what its layers say. Takes effect when a model is next compiled.
  bool trainable() const;
  /// Of all its layers, and of the models among them.
  void set_trainable(bool trainable);

  // ---- what it is made of
  /// Of a Sequential in the order in which they were added, without the Input; else in Keras's order, Inputs too.
  const std::vector<Layer>& layers() const;
  /// By name, or "inner/dense" for a layer of a model that is a layer. Throws ArgumentError, suggesting the near name.
  Layer get_layer(std::string_view name) const;
  /// Creates the weights for inputs of this shape, batch axis first (it may be Shape::unknown). A model that begins with an
  /// Input is built already; others are built by the first data they see. Throws ShapeError.
  void build(const Shape& input_shape);
  bool built() const;
  /// [?, 10]; throws ArgumentError unless the model is built.
  Shape input_shape() const;
  Shape output_shape() const;
  std::vector<Shape> input_shapes() const;
  std::vector<Shape> output_shapes() const;
  std::vector<std::string> input_names() const;
  std::vector<std::string> output_names() const;
  /// Where the weights' first values come from: the same seed gives the same model and the same training. Throws
  /// ArgumentError once the model is built and trained.
  void set_seed(uint64_t seed);
  uint64_t seed() const;

  /// In which numbers it keeps its weights and computes: "float32", "float64", or "mixed_bfloat16", where what enters matrix
  /// products and convolutions is rounded to bfloat16 and all else stays float32. Files hold it as Keras's layers do. Weights that
  /// there are begin anew. Throws ArgumentError once the model is trained or compiled, UnsupportedError for other policies.
  void set_dtype_policy(std::string_view name);
  std::string_view dtype_policy() const;

  // ---- training
  void compile(CompileConfig config);
  bool compiled() const;
  // x and y are a tensor, a list in the order of input_names() and output_names(), or a map by these names: data/tensor_group.h.
  // An output without a loss may be left out of y.
  /// Throws ArgumentError, ShapeError or NumericError (a loss that is not a number: names the step and the first bad sample).
  History fit(const TensorGroup& x, const TensorGroup& y, FitOptions options = {});
  History fit(const Tensor& x, const Tensor& y, FitOptions options = {});
  /// Batches from a generator, for `steps_per_epoch` steps or until it ends.
  History fit(Source source, FitOptions options = {});
  /// The loss, then the metrics, in their order: evaluate(x, y).at("accuracy"). Of several outputs: the loss, each output's
  /// ("label_loss"), then the metrics by name ("label_accuracy").
  Logs evaluate(const TensorGroup& x, const TensorGroup& y, EvaluateOptions options = {});
  Logs evaluate(const Tensor& x, const Tensor& y, EvaluateOptions options = {});
  Logs evaluate(Source source, EvaluateOptions options = {});
  /// Of a model with one output.
  Tensor predict(const TensorGroup& x, PredictOptions options = {});
  Tensor predict(const Tensor& x, PredictOptions options = {});
  /// Every output, in the order of output_names().
  std::vector<Tensor> predict_all(const TensorGroup& x, PredictOptions options = {});
  /// Of batches from a generator, one after the other; their labels, if they have some, are not looked at.
  Tensor predict(Source source, PredictOptions options = {});
  std::vector<Tensor> predict_all(Source source, PredictOptions options = {});
  /// The same without progress, callbacks or batching: one run of one Program. The quickest way to an answer.
  Tensor predict_on_batch(const TensorGroup& x);
  Tensor predict_on_batch(const Tensor& x);
  std::vector<Tensor> predict_all_on_batch(const TensorGroup& x);
  /// predict_on_batch into memory of the caller's (output_shape() for x's rows, float32), without allocating. Of a model with one
  /// input and one output.
  void predict_into(const Tensor& x, Tensor& y);
  /// One step on this batch; the loss and the metrics of the batch.
  Logs train_on_batch(const TensorGroup& x, const TensorGroup& y, const TensorGroup& sample_weight = {}, const std::map<int64_t, double>& class_weight = {});
  Logs test_on_batch(const TensorGroup& x, const TensorGroup& y, const TensorGroup& sample_weight = {});

  // ---- state
  /// Layer by layer, in the order of Keras's get_weights().
  std::vector<Tensor> get_weights() const;
  /// Throws ShapeError naming the weight.
  void set_weights(const std::vector<Tensor>& weights);
  int64_t count_params() const;
  /// Of each of get_weights(): "dense/kernel", "inner/dense/kernel".
  std::vector<std::string> weight_names() const;
  /// By such a name. Throws ArgumentError, suggesting the near name; set_weight also ShapeError.
  Tensor weight(std::string_view name) const;
  void set_weight(std::string_view name, const Tensor& value);
  /// Forgets what batches left to each other: the states of stateful layers. Between two calls of it all batches have one size,
  /// that of the Input's batch_size if it has one; throws otherwise where such a batch is given, ShapeError.
  void reset_states();
  double learning_rate() const;
  void set_learning_rate(double rate);
  /// Updates of the weights so far: steps, but where the optimizer accumulates gradients.
  int64_t iterations() const;

  // ---- description
  std::string summary_text(const SummaryOptions& options = {}) const;
  void summary(SummaryOptions options = {}) const;  // prints it, as wide and as colourful as the terminal is
  /// Keras's object dict: what config.json and to_json hold.
  Config to_config() const;
  std::string to_json() const;
  /// The compiled training step (or what is asked for), step by step; compiles it first for this batch size.
  std::string program_text(std::string_view mode = "train", int64_t batch_size = 32);
  /// Time by step and by layer over `runs` runs of the training step on this data (whose weights are then put back).
  std::string profile_text(const TensorGroup& x, const TensorGroup& y, int64_t batch_size = 32, int runs = 200);

  // ---- files
  /// A .keras file: architecture, weights, compile configuration and optimizer state. The old file stays whole until the
  /// new one is. Throws IoError; UnsupportedError for what has no config.
  void save(const std::string& path) const;
  /// A .weights.h5 file.
  void save_weights(const std::string& path) const;
  /// From a .weights.h5 or a .keras file. Throws IoError, FormatError, ShapeError.
  void load_weights(const std::string& path);

  struct State;  // train/model_state.h
  explicit Model(std::unique_ptr<State> state);
  const State& state() const { return *state_; }
  State& state() { return *state_; }

 protected:
  /// A Sequential's: without layers.
  explicit Model(std::string name);

 private:
  void require_one_output(std::string_view what, std::string_view instead) const;
  std::unique_ptr<State> state_;
};

/// What is given where a layer belongs and is none: a mistake to be named, rather than a constructor that does not match.
template <class T>
concept MeantAsLayer = std::is_class_v<T> && !std::is_base_of_v<Model, T> && !std::is_same_v<Symbol, T> && !std::is_same_v<SymbolGroup, T> && !requires { typename T::value_type; };

/// Layers one after the other.
class Sequential : public Model {
 public:
  Sequential();
  ~Sequential() override;
  Sequential(Sequential&&) noexcept;
  Sequential& operator=(Sequential&&) noexcept;
  /// What load_model returns, if it is a Sequential; else throws UnsupportedError.
  Sequential(Model&& model);
  /// Layers, and at most one Input in front.
  template <class... Layers>
    requires(sizeof...(Layers) > 0 && ((std::is_constructible_v<Layer, Layers> || MeantAsLayer<std::remove_cvref_t<Layers>>) && ...))
  explicit(sizeof...(Layers) == 1) Sequential(Layers&&... layers) : Model(std::string()) {
    static_assert((std::is_constructible_v<Layer, Layers> && ...), "a layer is a struct with operator()(Value x, Scope& scope) const");
    if constexpr ((std::is_constructible_v<Layer, Layers> && ...)) (add(Layer(std::forward<Layers>(layers))), ...);
  }
  explicit Sequential(const std::vector<Layer>& layers, std::string name = "");

  void add(Layer layer);
  /// Removes the last layer and returns it.
  Layer pop();
};

/// What load_model takes.
struct LoadOptions {
  std::map<std::string, Lambda> functions = {};  // of Lambda layers, by the names that the file has for them
  std::vector<LayerRules> layers = {};           // of classes of your own: define_layer<Scale>(), of nn/define_layer.h
  LoadLimits limits = {};                        // what the file may ask for
};

/// From a .keras file. Throws IoError, FormatError (with what is wrong and where), UnsafeError, UnsupportedError.
Model load_model(const std::string& path, const LoadOptions& options = {});
/// From the text of to_json(), Keras's or cornu's.
Model model_from_json(std::string_view json, const CustomObjects& custom = {});
/// A model of the same layers with weights of its own, which begin anew from `seed`. Not compiled. Throws UnsupportedError for
/// layers that have no config.
Model clone_model(const Model& model, uint64_t seed = 0);

}  // namespace cornu
