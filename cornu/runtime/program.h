// A Program: a flat list of prepared kernel calls over buffers whose places are known. The compiler makes it; running it
// is a loop that allocates nothing, looks nothing up and locks nothing.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "cornu/base/team.h"
#include "cornu/graph/op.h"

namespace cornu {

/// Where a buffer's bytes are. Those of the arena are placed by the compiler; the others are the caller's.
struct Buffer {
  enum class Home : uint8_t { arena, input, state, constant };
  Home home = Home::arena;
  size_t place = 0;  // arena: byte offset; else: index into inputs, states or constants
  size_t bytes = 0;
};

/// One call: a kernel and the buffers that it reads and writes.
struct ProgramStep {
  Kernel kernel;
  std::vector<int> buffers;  // inputs, outputs, workspace
  std::string op, where;     // what it computes, and the layer it belongs to
  std::vector<TensorType> in, out;
};

/// A value that enters or leaves.
struct ProgramValue {
  std::string name;
  TensorType type;
  int buffer = -1;
};

/// What `cornu info` and profiles may ask of a compilation.
struct CompileReport {
  struct Pass {
    std::string name;
    double seconds;
    int nodes_before, nodes_after;
  };
  std::vector<Pass> passes;
  double seconds = 0;
};

/// Immutable; any number of Executions may run it side by side.
class Program {
 public:
  std::vector<ProgramStep> steps;
  std::vector<Buffer> buffers;
  std::vector<ProgramValue> inputs, outputs, states;
  std::vector<Tensor> constants;
  size_t arena_bytes = 0;
  size_t scratch_bytes = 0;  // for each thread
  bool parallel = false;     // some step has more than one slice
  CompileReport report;

  /// Index of the input or state with that name. Throws ArgumentError, suggesting the near one.
  int input(std::string_view name) const;
  int state(std::string_view name) const;
};

/// The steps, one a line: number, op, kernel, types, slices, bytes moved, arena offset of the results, layer.
std::string to_text(const Program& program);

/// Time spent, by step: filled by Execution::run when asked.
struct Profile {
  std::vector<double> seconds;  // by step
  int64_t runs = 0;
};
/// Steps by descending time, then layers.
std::string to_text(const Profile& profile, const Program& program);

/// A Program with memory of its own, ready to run: one for each concurrent caller.
class Execution {
 public:
  /// `team` (may be null) runs parallel steps; it must outlive the Execution and serve one run at a time.
  Execution(std::shared_ptr<const Program> program, Team* team = nullptr);
  ~Execution();
  Execution(Execution&&) noexcept;
  Execution& operator=(Execution&&) noexcept;

  /// Another on the same Program, with memory of its own and without a team. What kernels made of constants, once, is shared.
  Execution another() const;

  const Program& program() const { return *program_; }
  /// The memory that input or state `i` is read from (and a state written to) from now on. Dense, of the declared type.
  void bind_input(int i, const void* data);
  void bind_state(int i, void* data);
  /// Where output `i` is after a run; valid until the next.
  const void* output(int i) const;
  Tensor output_tensor(int i) const;

  /// Once through the steps. Denormals are flushed to zero while it runs (and only then).
  void run();
  void run(Profile& profile);

 private:
  struct Table;
  struct Kept;
  Execution(std::shared_ptr<const Program> program, Team* team, std::shared_ptr<const Kept> kept);
  std::shared_ptr<const Program> program_;
  Team* team_ = nullptr;
  std::unique_ptr<Table> table_;
};

}  // namespace cornu
