// What the library knows about one op, erased so that the graph need not know which ops exist.
#pragma once
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cornu/base/config.h"
#include "cornu/kernels/kernel.h"
#include "cornu/kernels/machine.h"
#include "cornu/tensor/tensor.h"

namespace cornu {

class Graph;
class Op;
class Epilogue;

/// The dtype and shape of a value: all that a rule may look at while tracing.
struct TensorType {
  DType dtype = DType::float32;
  Shape shape;
  bool operator==(const TensorType&) const = default;
  size_t bytes() const { return static_cast<size_t>(shape.elements()) * bytes_of(dtype); }
};
using Types = std::span<const TensorType>;
void append_text(std::string& to, const TensorType& type);  // float32[32, 784]

/// A number-to-be: an output of a node of a graph. Cheap to copy; empty when default-made.
struct Value {
  Graph* graph = nullptr;
  int node = -1;
  int output = 0;

  explicit operator bool() const { return graph != nullptr; }
  const TensorType& type() const;
  const Shape& shape() const { return type().shape; }
  DType dtype() const { return type().dtype; }
  int64_t dim(int axis) const { return shape().dim(axis); }
  bool operator==(const Value&) const = default;
};
using Values = std::span<const Value>;

/// What a gradient rule is handed: the node's inputs and outputs, and d(loss)/d(each output), empty where it is zero.
struct Derivation {
  Values in, out, grad;
  /// Gradients of `of` with respect to `with`, seeded: for ops that own graphs.
  std::function<std::vector<Value>(Values of, Values with, Values seeds)> differentiate;
};

/// A graph that an op owns, compiled: one call runs it on one thread.
class Body {
 public:
  virtual ~Body() = default;
  /// What follows from the steady inputs alone, once for any number of runs with these: `kept` is read by all of them.
  virtual void prepare(const void* const* inputs, void* kept, void* scratch) const = 0;
  virtual void run(const void* const* inputs, void* const* outputs, const void* kept, void* scratch) const = 0;
  virtual size_t kept_bytes() const = 0;
  virtual size_t scratch_bytes() const = 0;
};

/// What a rule knows when it prepares kernels.
struct KernelRequest {
  Types in, out;
  const Machine& machine;
  const Epilogue* epilogue = nullptr;  // to run on each block; `out` then holds the epilogue's outputs
  /// Compiles a graph whose inputs from `steady` on are the same in many runs.
  std::function<std::shared_ptr<const Body>(const Graph&, int steady)> compile = {};
  std::function<bool(size_t input)> steady = {};  // whether an input is the same in many runs; empty: none is
};

/// What the compiler's passes may rely on. They ask for these, never for names.
struct Properties {
  bool pointwise = false;          // element i of the output depends on element i of the (broadcast) inputs alone
  bool view = false;               // the output's bytes are input 0's: no kernel runs
  /// Its kernels run an Epilogue on their blocks: a float32 result of rank 2, or more, taken as rows. With one they hand blocks
  /// over in memory of their own, and do not touch the outputs.
  bool absorbs_epilogue = false;
  bool differentiable = true;
  bool random = false;             // two equal nodes are still the same number (the key is an input); may not be constant-folded
  std::vector<std::pair<int, int>> in_place = {};  // (input, output) pairs that may share memory
  /// The result is linear in an operand, one of whose axes is the result's last: a factor of each index of the last axis of the
  /// result may go into that operand. `operand` is -1 where there is none; `axis` counts from the back.
  struct Channels {
    int operand = -1, axis = -1;
  };
  Channels channels = {};
};

/// An op with inputs to try it on: feeds the shape, gradient, kernel-agreement and text tests.
struct Example;

struct OpRules {
  std::string_view name, doc;
  Properties (*properties)(const void* op);
  std::vector<TensorType> (*infer)(const void* op, Types in);
  std::vector<Value> (*gradient)(const void* op, const Derivation& d);
  std::vector<Kernel> (*kernels)(const void* op, const KernelRequest& request);
  bool (*equal)(const void* op, const void* other);
  Config (*attributes)(const void* op);
  Op (*parse)(const Config& attributes);
  std::vector<std::shared_ptr<const Graph>> (*graphs)(const void* op);
  std::vector<Example> (*examples)();
};

/// Declared for every T, defined only in T's own file: a missing definition is a link error.
template <class T> const OpRules& rules();

/// An op with its attributes: an immutable value, whatever struct it was made from.
class Op {
 public:
  template <class T>
    requires(!std::is_same_v<std::remove_cvref_t<T>, Op>)
  Op(T op) : self_(std::make_shared<const T>(std::move(op))), rules_(&rules<T>()) {}

  const OpRules& about() const { return *rules_; }
  std::string_view name() const { return rules_->name; }
  Properties properties() const;
  /// Throws ShapeError, naming the op, what was given and what is wrong with it.
  std::vector<TensorType> infer(Types in) const;
  /// One value for each input; empty where there is no gradient. Shapes may still be broadcast: the walker sums.
  std::vector<Value> gradient(const Derivation& d) const;
  /// Candidates, best first; at least one.
  std::vector<Kernel> kernels(const KernelRequest& request) const;
  Config attributes() const;
  std::vector<std::shared_ptr<const Graph>> graphs() const;
  bool operator==(const Op& o) const { return rules_ == o.rules_ && rules_->equal(self_.get(), o.self_.get()); }
  /// The struct it was made from, or null: only for the code that belongs to T.
  template <class T> const T* as() const { return rules_ == &rules<T>() ? static_cast<const T*>(self_.get()) : nullptr; }

 private:
  std::shared_ptr<const void> self_;
  const OpRules* rules_;
};

struct Example {
  Op op;
  std::vector<Tensor> inputs;   // float64 where the op computes in floats; the tests cast and perturb them
  bool smooth = true;           // false: the gradient is not checked numerically (integers, steps)
};

}  // namespace cornu
