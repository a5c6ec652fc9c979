#include "cornu/runtime/body.h"

#include <cstring>

#include "cornu/base/error.h"

namespace cornu {
namespace {

class ProgramBody final : public Body {
 public:
  explicit ProgramBody(std::shared_ptr<const Program> program) : program_(std::move(program)) {
    ensure(program_->states.empty(), "the body of a scan has no state of its own");
    for (const ProgramStep& s : program_->steps) pointers_ += s.buffers.size();
  }

  // Scratch: the arena, the steps' scratch, then room for the pointers.
  size_t scratch_bytes() const override { return line(program_->arena_bytes) + line(program_->scratch_bytes) + pointers_ * sizeof(void*); }

  void run(const void* const* inputs, void* const* outputs, void* scratch) const override {
    auto* arena = static_cast<std::byte*>(scratch);
    std::byte* step_scratch = arena + line(program_->arena_bytes);
    auto** pointers = reinterpret_cast<void**>(step_scratch + line(program_->scratch_bytes));
    const auto address = [&](int buffer) -> void* {
      const Buffer& b = program_->buffers[static_cast<size_t>(buffer)];
      if (b.home == Buffer::Home::input) return const_cast<void*>(inputs[b.place]);
      if (b.home == Buffer::Home::constant) return const_cast<void*>(program_->constants[b.place].data());
      return arena + b.place;
    };
    for (const ProgramStep& s : program_->steps) {
      for (size_t i = 0; i < s.buffers.size(); ++i) pointers[i] = address(s.buffers[i]);
      for (const Phase& phase : s.kernel.phases)
        for (int i = 0; i < phase.slices; ++i) phase.run(s.kernel.context.get(), pointers, i, step_scratch);
    }
    for (size_t i = 0; i < program_->outputs.size(); ++i)
      std::memcpy(outputs[i], address(program_->outputs[i].buffer), program_->outputs[i].type.bytes());
  }

 private:
  static size_t line(size_t bytes) { return (bytes + 63) / 64 * 64; }

  std::shared_ptr<const Program> program_;
  size_t pointers_ = 0;
};

}  // namespace

std::shared_ptr<const Body> make_body(std::shared_ptr<const Program> program) { return std::make_shared<ProgramBody>(std::move(program)); }

}  // namespace cornu
