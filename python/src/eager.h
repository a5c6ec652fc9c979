// Tensors of Python: numbers that are there or will be once they are read, or Values of a graph that is being traced. Ops take both.
#pragma once
#include <atomic>

#include "bind.h"
#include "cornu/compiler/recording.h"

namespace cornu::python {

struct VariableState;

/// Something of Python's that is being traced: what it computes with are Values of a graph.
struct Trace {
  Graph* graph = nullptr;
  Scope* scope = nullptr;  // none in a loss, a metric, an activation
  bool over = false;
  std::map<const VariableState*, Value> variables = {};  // what stands for them: a metric's, an optimizer's
  std::map<const VariableState*, Value> assigned = {};   // what these become
  bool direct = false;     // a layer called on tensors that are there: what is assigned to, is `changed` when the call ends
  std::map<const VariableState*, std::shared_ptr<VariableState>> changed = {};
};

/// Until it ends, Variables mean what they mean in this trace. Traces of one scope are one.
class Tracing {
 public:
  explicit Tracing(Scope& scope);
  explicit Tracing(Graph& graph);
  ~Tracing();
  Tracing(const Tracing&) = delete;
  Tracing& operator=(const Tracing&) = delete;
  const std::shared_ptr<Trace>& trace() const { return trace_; }
  /// Null outside of all.
  static std::shared_ptr<Trace> current();

 private:
  std::shared_ptr<Trace> trace_;
  bool entered_ = false;
};

/// Until it ends, nothing is being traced or recorded: what is computed is computed directly.
class Untraced {
 public:
  Untraced();
  ~Untraced();
  Untraced(const Untraced&) = delete;
  Untraced& operator=(const Untraced&) = delete;

 private:
  cornu::Recording::Elsewhere directly_;
};

/// `_cornu.Tensor`.
struct AnyTensor {
  Lazy lazy = {};
  Value value = {};                       // in a trace
  std::shared_ptr<Trace> trace = {};

  AnyTensor() = default;
  AnyTensor(Lazy l) : lazy(std::move(l)) {}
  AnyTensor(Value v, std::shared_ptr<Trace> t) : value(v), trace(std::move(t)) {}
  bool traced() const { return trace != nullptr; }
  /// Whether it will have other numbers in each run: of a trace, or of a recording.
  bool symbolic() const { return traced() || (lazy && lazy.node()->unknown); }
  /// Throws ArgumentError for a Value of a trace that is over.
  const TensorType& type() const;
};

/// `_cornu.Variable`: a weight of a layer, or a tensor that may be assigned to.
struct VariableState : std::enable_shared_from_this<VariableState> {
  std::string name = {};
  TensorType type = {};
  Initializer initializer = {};
  WeightOptions options = {};
  std::shared_ptr<LayerWeights> layer = {};  // whose it is
  std::string path = {};                     // within that layer
  /// The memory, made now if need be.
  const std::shared_ptr<WeightMemory>& memory();
  const std::shared_ptr<LazyVariable>& lazy();

 private:
  friend std::shared_ptr<VariableState> variable_of(const Weight& weight, bool trainable);
  std::shared_ptr<WeightMemory> memory_;
  std::shared_ptr<LazyVariable> lazy_;
};
std::shared_ptr<VariableState> variable_of(const Weight& weight, bool trainable = true);

/// What direct computation goes on in: one for the interpreter.
struct Direct {
  Eager eager;
  std::map<const WeightMemory*, std::weak_ptr<LazyVariable>> variables;
  uint64_t seed = 0;
  std::atomic<int64_t> draws = 0;
};
Direct& direct();

/// What a function of Python's does, written down (recording.cpp).
struct Recording : cornu::Recording {
  Recording() : cornu::Recording(direct().eager) {}
  Lazy key = {};      // its last input, if it draws numbers: the key of the first draw
  int64_t draws = 0;  // in each run
};
/// What this thread records at present, or null.
Recording* recording();
/// A key that no random op had before: int64[3].
Lazy next_key();
/// The memory of a weight, as lazy ops read it.
std::shared_ptr<LazyVariable> lazy_of(const std::shared_ptr<WeightMemory>& memory);
/// To be called before C++ writes to weights: what was read from them, and is not computed yet, is.
void settle_readings();

/// A tensor, a Variable, an array, a number or a list as a tensor. A Variable is what the present trace, or else its memory, says.
AnyTensor any_tensor(nb::handle object);
/// Whether it has a dtype of its own: Python's numbers have not.
bool has_dtype(nb::handle object);
/// What a Variable or Weight stands for; nothing for anything else.
std::shared_ptr<VariableState> as_variable(nb::handle object);
nb::object to_python(AnyTensor tensor);

/// An op on tensors: in the graph of those that are traced, else put off.
std::vector<AnyTensor> apply_op(const std::vector<AnyTensor>& in, const Eager::Traced& f);
AnyTensor apply_one(const std::vector<AnyTensor>& in, const std::function<Value(Graph&, Values)>& f);
AnyTensor cast_to(const AnyTensor& x, DType dtype);
/// What two dtypes meet in: bool, uint8, int32, int64, bfloat16, float32, float64, the later one.
DType common_dtype(DType a, DType b);
/// The numbers. Throws a TypeError that names the user's line for a tensor that is being traced; `what` says what needed them.
Tensor numbers_of(const AnyTensor& x, const char* what);
/// "model.py, line 12": the innermost line that is not the package's.
std::string users_line();

void bind_eager(nb::module_& m);
void bind_variables(nb::module_& m);
void bind_ops(nb::module_& m);
void bind_tape(nb::module_& m);
void bind_trace(nb::module_& m);
void bind_trace_layers(nb::module_& m);
void bind_objects(nb::module_& m);
void bind_trace_optimizer(nb::module_& m);

void bind_recording(nb::module_& m);
void bind_own_steps(nb::module_& m);
void bind_host_call(nb::module_& m);
void bind_trace_gradient(nb::module_& m);

/// What a Python function returned, as Values of a graph: tensors, Variables, numbers, arrays.
Value value_in(Graph& graph, nb::handle object);
Value value_in(Graph& graph, const AnyTensor& x);

}  // namespace cornu::python
