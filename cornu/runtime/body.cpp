#include "cornu/runtime/body.h"

#include <cstdint>
#include <cstring>

#include "cornu/base/error.h"

namespace cornu {
namespace {

constexpr size_t line_bytes = 64;
size_t line(size_t bytes) { return (bytes + line_bytes - 1) / line_bytes * line_bytes; }

class ProgramBody final : public Body {
 public:
  ProgramBody(std::shared_ptr<const Program> program, int steady) : program_(std::move(program)) {
    ensure(program_->states.empty(), "the body of a scan has no state of its own");
    in_place_.assign(program_->buffers.size(), -1);
    kept_.assign(program_->buffers.size(), none);
    for (const ProgramStep& s : program_->steps) {
      pointers_ += s.buffers.size();
      first_phase_.push_back(0);
      if (s.kernel.steady_phases == 0 || s.kernel.workspace_bytes == 0) continue;
      const Buffer& operand = program_->buffers[static_cast<size_t>(s.buffers[static_cast<size_t>(s.kernel.steady_operand)])];
      if (operand.home != Buffer::Home::constant && !(operand.home == Buffer::Home::input && static_cast<int>(operand.place) >= steady)) continue;
      first_phase_.back() = static_cast<size_t>(s.kernel.steady_phases);
      kept_[static_cast<size_t>(s.buffers.back())] = kept_bytes_;  // the workspace
      kept_bytes_ += line(s.kernel.workspace_bytes);
    }
    // What the steps compute for an output they write where it is wanted.
    for (size_t i = 0; i < program_->outputs.size(); ++i) {
      const ProgramValue& v = program_->outputs[i];
      const auto b = static_cast<size_t>(v.buffer);
      if (program_->buffers[b].home == Buffer::Home::arena && in_place_[b] < 0 && program_->buffers[b].bytes == v.type.bytes()) in_place_[b] = static_cast<int>(i);
    }
  }

  // Scratch: the arena, the steps' scratch, then room for the pointers.
  size_t scratch_bytes() const override { return line(program_->arena_bytes) + line(program_->scratch_bytes) + pointers_ * sizeof(void*); }
  size_t kept_bytes() const override { return kept_bytes_; }

  void prepare(const void* const* inputs, void* kept, void* scratch) const override {
    const Memory m{inputs, nullptr, kept, scratch};
    for (size_t i = 0; i < program_->steps.size(); ++i)
      if (first_phase_[i] > 0) run_phases(m, i, 0, first_phase_[i]);
  }

  void run(const void* const* inputs, void* const* outputs, const void* kept, void* scratch) const override {
    const Memory m{inputs, outputs, kept, scratch};
    for (size_t i = 0; i < program_->steps.size(); ++i) run_phases(m, i, first_phase_[i], program_->steps[i].kernel.phases.size());
    for (size_t i = 0; i < program_->outputs.size(); ++i)
      if (const void* from = address(m, program_->outputs[i].buffer); from != outputs[i]) std::memcpy(outputs[i], from, program_->outputs[i].type.bytes());
  }

 private:
  static constexpr size_t none = SIZE_MAX;
  struct Memory {
    const void* const* inputs;
    void* const* outputs;
    const void* kept;
    void* scratch;
  };

  void* address(const Memory& m, int buffer) const {
    const auto b = static_cast<size_t>(buffer);
    const Buffer& home = program_->buffers[b];
    if (home.home == Buffer::Home::input) return const_cast<void*>(m.inputs[home.place]);
    if (home.home == Buffer::Home::constant) return const_cast<void*>(program_->constants[home.place].data());
    if (kept_[b] != none) return static_cast<std::byte*>(const_cast<void*>(m.kept)) + kept_[b];
    // Kernels like their results on a line of the cache.
    if (m.outputs && in_place_[b] >= 0 && reinterpret_cast<uintptr_t>(m.outputs[in_place_[b]]) % line_bytes == 0) return m.outputs[in_place_[b]];
    return static_cast<std::byte*>(m.scratch) + home.place;
  }

  void run_phases(const Memory& m, size_t step, size_t first, size_t last) const {
    const ProgramStep& s = program_->steps[step];
    std::byte* scratch = static_cast<std::byte*>(m.scratch) + line(program_->arena_bytes);
    auto** pointers = reinterpret_cast<void**>(scratch + line(program_->scratch_bytes));
    for (size_t i = 0; i < s.buffers.size(); ++i) pointers[i] = address(m, s.buffers[i]);
    for (size_t p = first; p < last; ++p)
      for (int i = 0; i < s.kernel.phases[p].slices; ++i) s.kernel.phases[p].run(s.kernel.context.get(), pointers, i, scratch);
  }

  std::shared_ptr<const Program> program_;
  size_t pointers_ = 0, kept_bytes_ = 0;
  std::vector<int> in_place_;        // by buffer: the output that it is, or -1
  std::vector<size_t> kept_;         // by buffer: where it is in what is kept
  std::vector<size_t> first_phase_;  // by step: those before it are `prepare`'s
};

}  // namespace

std::shared_ptr<const Body> make_body(std::shared_ptr<const Program> program, int steady) { return std::make_shared<ProgramBody>(std::move(program), steady); }

}  // namespace cornu
