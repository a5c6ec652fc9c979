// What a Model owns. Internal to train/: users see model.h.
#pragma once
#include "cornu/train/dtype_policy.h"
#include "cornu/train/model.h"
#include "cornu/train/objectives.h"
#include "cornu/train/programs.h"
#include "cornu/layers/functional.h"
#include "cornu/layers/nested.h"

namespace cornu {

struct Model::State {
  /// Without a name it is called as its class is.
  State(std::string called, std::shared_ptr<Wiring> how);

  std::string name;
  std::shared_ptr<Wiring> wiring;
  Layer as_layer;                                  // what other models hold; it knows whether the model may be trained
  uint64_t seed = 0;
  DtypePolicy policy = {};

  // From the first trace on.
  std::vector<Shape> input_shapes, output_shapes;  // with an unknown batch axis; empty until then
  std::vector<DType> input_types;
  std::vector<Variable> variables;                 // in the order of get_weights
  Store store;
  std::set<std::string> carried;                   // of its names: what batches leave to each other
  std::optional<int64_t> carried_rows;             // since reset_states(): of how many samples those batches are
  TrainableFlags flags;                            // of every layer, as compile found them
  bool trainable = true;                           // of the model, likewise
  std::map<std::string, bool> rounding;            // of layers with dtype policies of their own: Scope::rounding

  // From compile on.
  std::optional<CompileConfig> config;
  Objectives objectives;                           // of the outputs, under the names that logs give them
  bool has_metrics = false;                        // their totals are in the store
  bool has_slots = false;                          // the optimizer's states are in the store

  Programs programs;
  std::unique_ptr<Team> team;

  void set_policy(const DtypePolicy& p);
  /// The layers of a Sequential, to add to.
  Chain& chain();
  bool built() const { return !output_shapes.empty(); }
  /// Of a model with one input and one output. Throw ArgumentError for others.
  const Shape& input_shape() const;
  const Shape& output_shape() const;
  /// What data may be named by: "input_layer"; and what losses and metrics of several outputs are named by.
  std::vector<std::string> input_names() const { return wiring->input_names(); }
  std::vector<std::string> output_names() const { return wiring->output_names(); }

  /// Throws ArgumentError that says what to do.
  void require_built() const;
  void require_compiled(std::string_view what) const;
  /// Forgets what was compiled: the layers, the weights' trainability or the optimizer changed.
  void forget_programs() { programs.clear(); }
};

// ---- build.cpp: from layers to weights
/// Where first values come from, when not from initializers: a file.
struct WeightSource {
  std::function<void(const std::vector<Variable>& all)> check;  // throws before any memory is taken
  std::function<Tensor(const Variable& one, const std::vector<Variable>& all)> get;
};
/// Traces the model on inputs of these types, and creates the weights that it declares. Does nothing when they are there.
void build_model(Model::State& model, const std::vector<TensorType>& inputs, const WeightSource* source = nullptr);
inline void build_model(Model::State& model, const TensorType& x, const WeightSource* source = nullptr) { build_model(model, std::vector{x}, source); }
/// The same for what the model's Inputs say, if it has them.
void build_if_input_is_known(Model::State& model, const WeightSource* source = nullptr);
/// From now on the layers' present flags count, for which weights are trainable and in every step: what compile does.
void settle_trainable(Model::State& model);
/// How every step is to be traced: with the flags that were settled.
ScopeOptions scope_options(const Model::State& model, bool training);
/// The model as its layers' flags are now, and what each layer returns by its path, with unknown axes.
struct ModelNow {
  std::vector<Variable> variables;
  std::map<std::string, std::vector<Shape>> outputs = {};
};
ModelNow model_now(const Model::State& model);

// ---- model_compile.cpp: what compile adds
/// What the optimizer keeps for the trainable weights, in the order of files.
std::vector<OptimizerVariable> optimizer_variables(const Model::State& model);
/// Puts the optimizer's states into the store, unless they are there.
void create_slots(Model::State& model);
/// Keras's object dict of the whole model, and the reading of its compile_config.
Config model_config(const Model::State& model);
CompileConfig compile_config_from(const Config& config);

// ---- step.cpp: from a signature to a Program
/// What stateful layers keep is of one size of batches: throws ShapeError for another before reset_states().
void keep_batch_size(Model::State& model, int64_t rows);
Step& step_for(Model::State& model, const Signature& signature);
/// A batch as layers of this dtype see it: an image in bytes means its values times the scale.
Value as_layers_see_it(Value x, double scale, DType dtype);
/// The graph of a step, before it is compiled.
std::unique_ptr<Graph> trace_step(Model::State& model, const Signature& signature);

// ---- feeding.cpp: what fit, evaluate, predict and their likes on a batch are given
/// The tensors of a group in the order of the model's inputs. Throws ArgumentError and ShapeError, naming the input.
std::vector<Tensor> inputs_of(const Model::State& model, const TensorGroup& x, std::string_view what);
/// In the order of the model's inputs and outputs. Outputs without a loss may be left out of y: then they all are. Throws
/// ArgumentError and ShapeError, naming the input or output.
Samples samples_of(const Model::State& model, const TensorGroup& x, const TensorGroup& y, const TensorGroup& sample_weight, const std::map<int64_t, double>& class_weight, std::string_view what);
/// Builds the model, and what compile adds, for such samples.
void build_for(Model::State& model, const Samples& samples);
/// Of a batch with so many rows of such samples.
Signature signature_of(Mode mode, const Samples& samples, int64_t rows);
/// Which outputs the y of a signature are for.
std::vector<size_t> outputs_of_labels(const Model::State& model, size_t labels);
/// Runs a step on a batch of its signature.
void run_step(Step& step, const Samples& batch);

/// Names of states in the store that are no variables of layers.
namespace state_names {
inline constexpr const char* loss = "metrics/loss/";      // + "total", "count"
std::string output_loss(size_t i, const std::string& state);  // "metrics/loss_0/total": of one of several losses
std::string metric(size_t i, const std::string& state);       // "metrics/0/total"
}  // namespace state_names

// ---- tracking.cpp: losses and metrics over an epoch
/// Puts the totals into the store, unless they are there.
void create_metrics(Model::State& model);
void clear_metrics(Model::State& model);
/// The loss and the metrics so far, in the order of Keras's evaluate: the loss, the losses of several outputs, the metrics (those
/// of several outputs by name).
Logs read_metrics(const Model::State& model);

}  // namespace cornu
