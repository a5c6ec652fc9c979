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
    // What the steps compute for an output they write where it is wanted, if that is aligned as kernels like it.
    in_place_.assign(program_->buffers.size(), -1);
    for (size_t i = 0; i < program_->outputs.size(); ++i) {
      const ProgramValue& v = program_->outputs[i];
      const auto b = static_cast<size_t>(v.buffer);
      if (program_->buffers[b].home == Buffer::Home::arena && in_place_[b] < 0 && program_->buffers[b].bytes == v.type.bytes() && v.type.bytes() % 64 == 0) in_place_[b] = static_cast<int>(i);
    }
  }

  // Scratch: the arena, the steps' scratch, then room for the pointers.
  size_t scratch_bytes() const override { return line(program_->arena_bytes) + line(program_->scratch_bytes) + pointers_ * sizeof(void*); }

  void run(const void* const* inputs, void* const* outputs, void* scratch) const override {
    auto* arena = static_cast<std::byte*>(scratch);
    std::byte* step_scratch = arena + line(program_->arena_bytes);
    auto** pointers = reinterpret_cast<void**>(step_scratch + line(program_->scratch_bytes));
    const auto address = [&](int buffer) -> void* {
      const Buffer& b = program_->buffers[static_cast<size_t>(buffer)];
      if (const int output = in_place_[static_cast<size_t>(buffer)]; output >= 0) return outputs[output];
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
      if (const void* from = address(program_->outputs[i].buffer); from != outputs[i]) std::memcpy(outputs[i], from, program_->outputs[i].type.bytes());
  }

 private:
  static size_t line(size_t bytes) { return (bytes + 63) / 64 * 64; }

  std::shared_ptr<const Program> program_;
  size_t pointers_ = 0;
  std::vector<int> in_place_;  // by buffer: the output that it is, or -1
};

}  // namespace

std::shared_ptr<const Body> make_body(std::shared_ptr<const Program> program) { return std::make_shared<ProgramBody>(std::move(program)); }

}  // namespace cornu
