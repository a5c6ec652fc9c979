// Direct computation: ops on tensors that are there. Each puts itself off until somebody reads a result; then all that the result
// needs is compiled as one graph, or found in the cache of Programs, and run.
//
//   Eager eager;
//   const Lazy x = Tensor{1, 2, 3};
//   const Lazy y = eager.apply({x}, [](Graph&, Values v) { return std::vector{sum(square(v[0]))}; })[0];   // nothing has run yet
//   eager.value(y);                                                                                 // 14
//
// A Tape remembers what was done while it records, and differentiates it: gradients are put off like everything else.
#pragma once
#include <functional>
#include <list>
#include <mutex>
#include <thread>

#include "cornu/base/team.h"
#include "cornu/graph/graph.h"
#include "cornu/runtime/program.h"

namespace cornu {

struct LazyNode;
class Eager;
class Recording;  // compiler/recording.h

/// A tensor that is known, or will be once it is read: an output of an op on others. Cheap to copy.
class Lazy {
 public:
  /// Empty: it may only be assigned to.
  Lazy() = default;
  /// What a scale of the tensor says is applied.
  Lazy(const Tensor& value);
  Lazy(std::shared_ptr<LazyNode> node, int output) : node_(std::move(node)), output_(output) {}

  explicit operator bool() const { return node_ != nullptr; }
  const TensorType& type() const;
  /// Null until it has been computed.
  const Tensor* known() const;
  const std::shared_ptr<LazyNode>& node() const { return node_; }
  int output() const { return output_; }
  bool operator==(const Lazy&) const = default;

 private:
  std::shared_ptr<LazyNode> node_;
  int output_ = 0;
};

/// Memory that ops read and assignments write: a weight, or what an optimizer keeps.
struct LazyVariable {
  TensorType type;
  void* data = nullptr;
  bool transposed = false;            // the memory holds the transpose of a matrix
  std::shared_ptr<const void> owner;  // keeps it
  std::weak_ptr<LazyNode> reading = {};  // what stands for its present value, as long as somebody needs it
};

struct LazyNode : std::enable_shared_from_this<LazyNode> {
  std::optional<Op> op = {};       // until it has run, or for as long as a tape remembers it
  std::vector<Lazy> in = {};
  std::vector<TensorType> out = {};
  std::vector<std::optional<Tensor>> values = {};  // of each output, where it has been computed
  std::shared_ptr<LazyVariable> variable = {};     // what it reads, if it reads one
  const LazyVariable* origin = nullptr;            // what it was read from, even if that has changed since; not to be followed
  bool constant = false;           // part of a formula, and so of the Program
  bool unknown = false;            // of a Recording: it has no numbers, and neither has what is made of it
  int64_t serial = 0;              // of nodes of one Eager: the order in which they were made
  int64_t depth = 0;               // the longest chain of ops before it that have not run

  LazyNode() = default;
  LazyNode(const LazyNode&) = delete;
  LazyNode& operator=(const LazyNode&) = delete;
  ~LazyNode();  // a long chain is taken apart without recursion
};

struct LazyAssignment {
  std::shared_ptr<LazyVariable> variable;
  Lazy value;
};

/// Remembers the ops that an Eager is given while it records.
class Tape {
 public:
  bool recorded(int64_t serial) const;

 private:
  friend class Eager;
  std::vector<std::pair<int64_t, int64_t>> spans_;  // of serials; the last may be open
};

/// Where direct computation happens: its Programs (at most 256; the one used last goes last) and its threads. One thread at a time
/// may call it, but it computes inside `around`, where a caller may let others in.
class Eager {
 public:
  using Around = std::function<void(const std::function<void()>& compute)>;
  /// At most so many threads; 0: the cores that the process may use.
  explicit Eager(int threads = 0, Around around = {}) : threads_(threads), around_(std::move(around)) {}

  using Traced = std::function<std::vector<Value>(Graph& graph, Values in)>;
  /// Stands for a state that `f` asks its graph for.
  using States = std::function<Lazy(const std::string& name, const TensorType& type)>;
  /// What f makes of these. Errors are thrown here, not when results are read.
  std::vector<Lazy> apply(const std::vector<Lazy>& in, const Traced& f, const States& states = {});
  /// While an `f` runs in this thread, or the gradient of an op: x as a value of the graph at hand, or of the body of a scan in it.
  /// Empty elsewhere.
  Value inside(Graph& graph, const Lazy& x);
  /// The present value of a variable.
  Lazy read(const std::shared_ptr<LazyVariable>& variable);
  /// The number itself, computed if it must be. Throws ArgumentError for what is unknown, of a Recording.
  Tensor value(const Lazy& x);
  /// Computes all of these at once, then writes what is assigned: at most once to each variable. What was read from it before, and
  /// is not computed yet or still needed, stays what it was. Throws ShapeError unless types agree.
  void evaluate(const std::vector<Lazy>& what, const std::vector<LazyAssignment>& assignments = {});
  /// To be called before something else writes to this memory: what was read from it and is still needed is kept.
  void keep_readings(const std::shared_ptr<LazyVariable>& variable);

  std::shared_ptr<Tape> tape();  // which does not record yet
  void record(const std::shared_ptr<Tape>& tape);
  void stop(const std::shared_ptr<Tape>& tape);
  bool recording() const;  // whether a tape does
  /// What it remembers is let go.
  void forget(const std::shared_ptr<Tape>& tape);
  /// The sum over i of seeds[i] * d(of[i])/d(each of `with`), as far as the tape knows how they depend; empty where they do not.
  std::vector<Lazy> gradients(const Tape& tape, const std::vector<Lazy>& of, const std::vector<Lazy>& with, const std::vector<Lazy>& seeds);

  int64_t compiled() const { return compiled_; }  // Programs so far

 private:
  friend class Recording;
  friend class Recorded;
  struct Work;
  struct Compiled;
  /// A graph that is being made of lazy nodes.
  struct Making {
    Graph* graph;
    std::function<Value(const Lazy&)> value;  // of it
    std::thread::id thread = std::this_thread::get_id();
  };
  /// What this thread writes down at present, if it does.
  Recording* current_recording() const;
  using Imported = std::vector<std::vector<Lazy>>;  // by node of a graph: what its outputs are here
  std::vector<Lazy> import(const Graph& g, Imported known, const std::vector<Value>& wanted, const States& states);
  bool remembered(const LazyNode& node) const;
  Work collect(const std::vector<Lazy>& what, const std::vector<LazyAssignment>& assignments) const;
  std::shared_ptr<Compiled> compiled_for(const Work& work);
  void keep_old_readings(const Work& work, const std::vector<LazyAssignment>& assignments);
  void run(const Work& work);

  int threads_;
  Around around_;
  int64_t serial_ = 0, compiled_ = 0;
  std::vector<std::weak_ptr<Tape>> tapes_;
  std::vector<Making*> making_;  // of each thread the innermost last
  std::vector<std::pair<std::thread::id, Recording*>> recordings_;  // the same; null: none
  std::vector<std::weak_ptr<LazyNode>> remembered_;  // nodes that have run and that a tape needs all the same
  std::list<std::shared_ptr<Compiled>> programs_;    // the one used last first
  std::unique_ptr<Team> team_;
  std::mutex running_;  // held inside `around`
};

}  // namespace cornu
