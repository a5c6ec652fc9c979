// The loop.
#include <algorithm>
#include <chrono>

#include "cornu/base/error.h"
#include "cornu/runtime/arena.h"
#include "cornu/runtime/denormals.h"
#include "cornu/runtime/program.h"

namespace cornu {
namespace {

constexpr size_t round_up(size_t bytes) { return (bytes + 63) / 64 * 64; }

/// How many of a step's phases follow from constants alone.
int phases_of_constants(const Program& p, const ProgramStep& s) {
  if (s.kernel.steady_phases == 0 || s.kernel.workspace_bytes == 0) return 0;
  const int operand = s.buffers[static_cast<size_t>(s.kernel.steady_operand)];
  return p.buffers[static_cast<size_t>(operand)].home == Buffer::Home::constant ? s.kernel.steady_phases : 0;
}

}  // namespace

// The workspaces that kernels fill from constants alone: packed weights. Filled once, by the first Execution.
struct Execution::Kept {
  std::vector<size_t> place;  // by step
  Arena memory;
};

// A step's phases, flat, with their pointers side by side: what the loop reads and nothing else.
struct Execution::Table {
  struct Call {
    KernelFunction run;
    const void* context;
    void** buffers;
    int slices;
    int step;
  };
  std::vector<Call> calls;
  // For a team: a call of several slices is a stage, and so are all calls of one slice from one such call to the next.
  std::vector<int> stage_slices;
  std::vector<size_t> stage_begins;          // its first call; one more at the end
  std::vector<void*> pointers;               // of all calls, one after the other
  std::vector<std::vector<size_t>> places;   // by buffer: where in `pointers` it stands
  std::vector<void*> address;                // by buffer
  Arena arena, scratch;
  size_t scratch_stride = 0;
  std::shared_ptr<const Kept> kept;

  void add_stages() {
    for (size_t i = 0; i < calls.size(); ++i) {
      if (i > 0 && calls[i].slices == 1 && calls[i - 1].slices == 1) continue;
      stage_slices.push_back(calls[i].slices);
      stage_begins.push_back(i);
    }
    stage_begins.push_back(calls.size());
  }
  void run_slice(int stage, int slice, int member) const {
    const auto s = static_cast<size_t>(stage);
    void* own = scratch.get() + scratch_stride * static_cast<size_t>(member);
    for (size_t i = stage_begins[s]; i < stage_begins[s + 1]; ++i) calls[i].run(calls[i].context, calls[i].buffers, slice, own);
  }
};

Execution::Execution(std::shared_ptr<const Program> program, Team* team) : Execution(std::move(program), team, nullptr) {}
Execution Execution::another() const { return {program_, nullptr, table_->kept}; }

Execution::Execution(std::shared_ptr<const Program> program, Team* team, std::shared_ptr<const Kept> kept)
    : program_(std::move(program)), team_(program_->parallel ? team : nullptr), table_(std::make_unique<Table>()) {
  Table& t = *table_;
  const Program& p = *program_;
  const int members = team_ ? team_->size() : 1;
  t.arena = make_arena(p.arena_bytes);
  t.scratch_stride = (p.scratch_bytes + 127) / 64 * 64;
  t.scratch = make_arena(t.scratch_stride * static_cast<size_t>(members));

  for (const Buffer& b : p.buffers) {
    void* at = nullptr;
    if (b.home == Buffer::Home::arena) at = t.arena.get() + b.place;
    if (b.home == Buffer::Home::constant) at = const_cast<void*>(p.constants[b.place].data());  // read only
    t.address.push_back(at);
  }
  const bool first = !kept;
  if (first) {
    auto made = std::make_shared<Kept>();
    size_t bytes = 0;
    for (const ProgramStep& s : p.steps) {
      made->place.push_back(bytes);
      if (phases_of_constants(p, s) > 0) bytes += round_up(s.kernel.workspace_bytes);
    }
    if (bytes > 0) made->memory = make_arena(bytes);
    kept = std::move(made);
  }
  t.kept = std::move(kept);
  size_t pointers = 0;
  for (const ProgramStep& s : p.steps) pointers += s.buffers.size();
  t.pointers.reserve(pointers);
  t.places.resize(p.buffers.size());
  for (size_t i = 0; i < p.steps.size(); ++i) {
    const ProgramStep& s = p.steps[i];
    void** buffers = t.pointers.data() + t.pointers.size();
    for (const int b : s.buffers) {
      t.places[static_cast<size_t>(b)].push_back(t.pointers.size());
      t.pointers.push_back(t.address[static_cast<size_t>(b)]);
    }
    const auto done = static_cast<size_t>(phases_of_constants(p, s));
    if (done > 0) buffers[s.buffers.size() - 1] = t.kept->memory.get() + t.kept->place[i];  // the workspace
    for (size_t k = 0; k < s.kernel.phases.size(); ++k) {
      const Phase& phase = s.kernel.phases[k];
      if (k >= done && phase.slices > 0) t.calls.push_back({phase.run, s.kernel.context.get(), buffers, phase.slices, static_cast<int>(i)});
      else if (first && k < done)
        for (int slice = 0; slice < phase.slices; ++slice) phase.run(s.kernel.context.get(), buffers, slice, t.scratch.get());
    }
  }
  if (team_) t.add_stages();
}

Execution::~Execution() = default;
Execution::Execution(Execution&&) noexcept = default;
Execution& Execution::operator=(Execution&&) noexcept = default;

void Execution::bind_input(int i, const void* data) {
  Table& t = *table_;
  const auto b = static_cast<size_t>(program_->inputs[static_cast<size_t>(i)].buffer);
  if (t.address[b] == data) return;
  t.address[b] = const_cast<void*>(data);  // kernels only read it: the verifier lets nothing write to an input
  for (const size_t place : t.places[b]) t.pointers[place] = t.address[b];
}

void Execution::bind_state(int i, void* data) {
  Table& t = *table_;
  const auto b = static_cast<size_t>(program_->states[static_cast<size_t>(i)].buffer);
  if (t.address[b] == data) return;
  t.address[b] = data;
  for (const size_t place : t.places[b]) t.pointers[place] = data;
}

const void* Execution::output(int i) const { return table_->address[static_cast<size_t>(program_->outputs[static_cast<size_t>(i)].buffer)]; }

Tensor Execution::output_tensor(int i) const {
  const TensorType& type = program_->outputs[static_cast<size_t>(i)].type;
  Tensor t(type.dtype, type.shape);
  const auto* from = static_cast<const std::byte*>(output(i));
  std::copy(from, from + type.bytes(), static_cast<std::byte*>(t.mutable_data()));
  return t;
}

void Execution::run() {
  const Table& table = *table_;
  if (!team_) {
    const FlushDenormals flush;
    void* scratch = table.scratch.get();
    for (const Table::Call& c : table.calls)
      for (int s = 0; s < c.slices; ++s) c.run(c.context, c.buffers, s, scratch);
    return;
  }
  team_->run(
      table.stage_slices,
      [](void* context, int stage, int slice, int member) {
        const FlushDenormals flush;
        static_cast<const Table*>(context)->run_slice(stage, slice, member);
      },
      table_.get());
}

void Execution::run(Profile& profile) {
  const Table& table = *table_;
  const FlushDenormals flush;
  profile.seconds.resize(program_->steps.size(), 0);
  ++profile.runs;
  void* scratch = table.scratch.get();
  for (const Table::Call& c : table.calls) {
    const auto start = std::chrono::steady_clock::now();
    for (int s = 0; s < c.slices; ++s) c.run(c.context, c.buffers, s, scratch);
    profile.seconds[static_cast<size_t>(c.step)] += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }
}

}  // namespace cornu
