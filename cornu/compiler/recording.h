// Direct computation that is written down once and run often: a training step, a function of tensors.
//
//   Recording recording(eager);
//   Lazy x = recording.input({DType::float32, {32, 4}}), y;
//   {
//     const Recording::Here here(recording);
//     y = ...;                          // eager.apply, read, gradients, evaluate with assignments: nothing runs
//   }
//   Recorded step = recording.compile({y});
//   step.run({{batch.data()}});         // variables are read, and written, where they are
#pragma once
#include <optional>
#include <unordered_map>

#include "cornu/compiler/lazy.h"

namespace cornu {

/// What a Recording became: one Program (two, where an output shows what a variable was before it was assigned to).
class Recorded {
 public:
  /// Where each input's numbers are: dense, of its type. Of those that use one Eager, one runs at a time. `outputs`, if given, are
  /// copied there.
  void run(std::span<const void* const> inputs, std::vector<Tensor>* outputs = nullptr);
  /// Of the last run.
  Tensor output(size_t i) const;
  const std::vector<TensorType>& outputs() const { return outputs_; }
  const std::vector<TensorType>& inputs() const { return inputs_; }
  /// Whether somebody still needs what was read from a variable that a run writes: then settle() comes first.
  bool awaited() const;
  void settle();

 private:
  friend class Recording;
  explicit Recorded(Eager& eager) : eager_(&eager) {}
  Eager* eager_;
  std::vector<Execution> parts_;
  std::vector<std::pair<int, int>> places_;  // of each output: part, and output of it
  std::vector<std::optional<Tensor>> kept_;  // of an output that is memory of an input's or a variable's: a copy, from the last run
  std::vector<TensorType> inputs_, outputs_;
  std::vector<std::shared_ptr<LazyVariable>> variables_, assigned_;
};

class Recording {
 public:
  explicit Recording(Eager& eager) : eager_(eager) {}
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

  /// Stands for what each run is given.
  Lazy input(const TensorType& type);
  /// What leads to these, and all assignments. Tensors that were known before are constants. Throws what compiling throws.
  Recorded compile(const std::vector<Lazy>& outputs);

  /// What variables are now. After one of two branches was recorded, restore() undoes what it assigned, so that the other can be.
  struct Present {
    std::unordered_map<std::shared_ptr<LazyVariable>, Lazy> values = {};
    std::vector<std::shared_ptr<LazyVariable>> assigned = {};
  };
  Present present() const { return now_; }
  void restore(Present before);

  /// While it lives, what this thread asks of the Eager is written down.
  class Here {
   public:
    explicit Here(Recording& recording) : Here(recording.eager_, &recording) {}
    ~Here();
    Here(const Here&) = delete;
    Here& operator=(const Here&) = delete;

   protected:
    Here(Eager& eager, Recording* recording);
    Eager& eager_;
  };
  /// While it lives, it is computed all the same.
  class Elsewhere : public Here {
   public:
    explicit Elsewhere(Eager& eager) : Here(eager, nullptr) {}
  };
  /// What this thread writes down, if it does.
  static Recording* current(const Eager& eager) { return eager.current_recording(); }

 private:
  friend class Eager;
  Lazy read(const std::shared_ptr<LazyVariable>& variable);
  void assign(const LazyAssignment& assignment);
  struct Tracer;

  Eager& eager_;
  std::vector<Lazy> inputs_;
  Present now_;  // as they were read, or assigned to; each that was assigned, once
};

}  // namespace cornu
