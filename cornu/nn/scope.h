// Where a layer declares what it owns while it is traced: weights, state, names, mode, randomness, masks.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "cornu/nn/constraints.h"
#include "cornu/nn/initializers.h"
#include "cornu/nn/regularizers.h"
#include "cornu/ops/ops.h"

namespace cornu {

struct LayerWeights;  // nn/layer_weights.h

/// A layer handle in which a weight was declared.
struct WeightOwner {
  std::shared_ptr<LayerWeights> weights;
  std::string path;              // of the weight, within that layer: "lstm_cell/kernel"
  std::string_view class_name;   // "LSTM"
};

/// What a model owns under one name: a weight or a non-trainable state. Declared in the first trace; the same in each.
struct Variable {
  std::string path;      // "dense_1/kernel"
  TensorType type;
  bool trainable = true;
  Initializer initializer = "zeros";
  Regularizer regularizer = {};
  Constraint constraint = {};
  std::string layer;     // "dense_1"
  std::vector<WeightOwner> owners = {};  // the outermost first; models that share one of them share the weight
};

/// Whether each layer handle may be trained, as it was when a model was compiled.
using TrainableFlags = std::map<std::shared_ptr<const void>, bool>;

struct ScopeOptions {
  bool training = false;
  DType dtype = DType::float32;  // of weights and of the arithmetic
  bool trainable = true;         // of the model as a whole
  const TrainableFlags* settled = nullptr;  // what counts instead of the handles' present flags
  std::map<std::string, std::vector<TensorType>>* outputs = nullptr;  // if given: what each layer returned last, by its path
};

/// What a layer's call was given besides its inputs: Keras's keyword arguments of call().
struct CallArguments {
  std::map<std::string, std::vector<Value>> values = {};  // "initial_state", "attention_mask", "mask"
  Config options = Config::dict();                        // {"training": false}, {"use_causal_mask": true}
};

struct WeightOptions {
  bool trainable = true;
  Regularizer regularizer = {};  // its penalty joins losses() when the weight is trainable
  Constraint constraint = {};    // for the optimizer
};

class Scope {
 public:
  explicit Scope(Graph& graph, ScopeOptions options = {});
  ~Scope();
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

  Graph& graph() { return graph_; }
  bool training() const { return options_.training; }
  /// Whether the layer being traced, and all that it is in, may be trained.
  bool trainable() const { return trainable_; }
  /// What the layer being traced was called with besides its inputs. "training" has been applied to training().
  const CallArguments& call() const { return arguments_; }
  DType dtype() const { return options_.dtype; }
  /// "dense_1" inside that layer; "a/b" when layers nest.
  const std::string& path() const { return path_; }

  /// The weight `name` of the layer being traced, created by the model when it is new. Order of declaration is the
  /// order in files. With options.trainable false it is a state, such as a moving average.
  Value weight(const std::string& name, Shape shape, const Initializer& initializer, const WeightOptions& options = {});
  /// The state's next value; later reads in this trace see it. Only where training, unless the state is carried().
  void update(Value weight, Value next);
  /// The same in every mode: what a layer's call() assigns to, as Keras's variable.assign does.
  void assign(Value weight, Value next);
  /// What a batch leaves to the next in any mode, as a stateful layer does: zeros at first, of this batch's size, in no file
  /// and not among variables(). update() says what is left.
  Value carried(const std::string& name, Shape shape);
  /// What a Value read from weight() is now, after updates.
  Value current(Value weight) const;

  /// int64[3] {seed, step, first row}: the key of a Random op. Its stream is stream().
  Value random_key();
  /// A number of this path and of how often it was asked for here: no two Random ops share a stream.
  int64_t stream();

  /// Adds a scalar to the loss: penalties.
  void add_loss(Value loss);
  const std::vector<Value>& losses() const { return losses_; }

  /// Which steps of a sequence count (bool, [batch, time]); facts of a traced value, passed on by layers.
  std::optional<Value> mask(Value v) const;
  void set_mask(Value v, Value mask);

  /// The dtype policy of the layer being traced, and of the layers in it that name none: "float32" or "mixed_bfloat16"; empty for the
  /// model's. Throws UnsupportedError for others, and in a model of float64.
  void use_policy(std::string_view policy);
  /// For the paths of layers with policies of their own: whether what enters their products is rounded to bfloat16.
  const std::map<std::string, bool>& rounding() const { return rounding_; }

  /// Runs f with `name` appended to the path and the layer's `trainable` applied to its weights.
  template <class F> auto inside(const std::string& name, bool trainable, const CallArguments& arguments, F f) {
    const Enter entered(*this, name, trainable, arguments);
    return f();
  }
  template <class F> auto inside(const std::string& name, bool trainable, F f) { return inside(name, trainable, {}, f); }

  // ---- for layer handles (nn/layer.h)
  /// While it lives, weights belong to this handle too.
  class Owned {
   public:
    Owned(Scope& scope, std::shared_ptr<LayerWeights> weights, std::string_view class_name);
    ~Owned();
    Owned(const Owned&) = delete;
    Owned& operator=(const Owned&) = delete;

   private:
    Scope& scope_;
  };
  /// What a handle without a name of its own is called here: "dense", "dense_1", ... in the order of first calls, and the same
  /// in each call of the layer around it.
  std::string name_here(const std::shared_ptr<const void>& handle, std::string_view class_name);
  /// Whether a handle may be trained: its present flag, unless flags were settled.
  bool settled_trainable(const std::shared_ptr<const void>& handle, bool present);
  /// Of every handle that was called.
  const TrainableFlags& trainable_flags() const { return flags_; }
  void record(Values out) const;

  /// Runs f; a weight that it declares is see(weight, state) to its layer: gradients are taken of that, and an optimizer's update
  /// starts from it. see runs here: what it declares comes right after that weight, and belongs to the layer that called this. For
  /// wrappers that normalize the weights of the layer in them.
  using See = std::function<Value(const Variable& weight, Value state)>;
  template <class F> auto seen_through(See see, F f) {
    Seen seen{std::move(see), path_, owners_.size(), trainable_};
    std::swap(seen_, seen);
    const auto out = f();
    std::swap(seen_, seen);
    return out;
  }

  const std::vector<Variable>& variables() const { return variables_; }
  /// What was asked for by carried().
  const std::vector<Variable>& carried_variables() const { return carried_; }
  /// What layers read for each of variables(): the graph's state, unless seen_through() put something in its place.
  const std::vector<Value>& values() const { return values_; }
  /// The state behind one of values(); any other Value is its own.
  Value state_of(Value value) const;
  /// Assigns every updated state in the graph. Call once, when the trace is complete.
  void finish();

 private:
  struct Enter {
    Enter(Scope& scope, const std::string& name, bool trainable, const CallArguments& arguments);
    ~Enter();
    Scope& scope;
    std::string path;  // what was before
    bool trainable, training;
    std::optional<bool> rounds;
    CallArguments arguments;
    std::string where;
    std::set<std::string> declared, named;
  };
  struct Owning {
    std::shared_ptr<LayerWeights> weights;
    size_t begin;  // of the path within it
    std::string_view class_name;
  };
  struct Named {
    std::shared_ptr<const void> handle;  // held, so that no other gets its address
    std::string name;
  };
  struct Seen {
    See see;
    std::string path;  // where seen_through was called
    size_t owners = 0;
    bool trainable = true;
  };
  /// What the layer being traced reads for a weight that it just declared.
  Value seen(const Variable& weight, Value state);
  std::string path_of(const std::string& name) const { return path_.empty() ? name : path_ + "/" + name; }

  Graph& graph_;
  ScopeOptions options_;
  std::string path_;
  bool trainable_;
  CallArguments arguments_;
  std::vector<Owning> owners_;
  std::set<std::string> declared_, named_;             // by the present call of the present layer
  std::map<std::string, std::vector<Named>> names_;    // by the path around them
  std::map<std::pair<const void*, std::string>, size_t> places_;  // in variables_: by owner and path within it; by null and path
  TrainableFlags flags_;
  std::optional<bool> rounds_;                         // of the layer being traced, if it has a policy of its own
  std::map<std::string, bool> rounding_;
  std::vector<Variable> variables_;
  std::vector<Value> values_;
  std::map<int, Value> updated_;                 // by the state's node
  std::map<std::tuple<const Graph*, int, int>, Value> masks_;  // of each value: the body of a scan is a graph of its own
  std::vector<Variable> carried_;
  std::map<std::string, int64_t> streams_;       // how often each path asked
  std::vector<Value> losses_;
  Seen seen_;
};

/// The name of the state that holds the random key {seed, step, first row} of every model.
inline constexpr const char* random_key_state = "random_key";

}  // namespace cornu
