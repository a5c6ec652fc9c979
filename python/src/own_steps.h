// train_step and test_step of Python's models: each is run once for batches of one kind, and is a Program from then on.
#pragma once
#include <list>

#include "callbacks.h"
#include "cornu/data/batch_stream.h"
#include "recording.h"

namespace cornu::python {

/// One such step, for batches of one structure.
class OwnStep {
 public:
  /// f(list of tensors) gives ([name], [tensor]): what the step reports. `eagerly`: f runs for every batch.
  OwnStep(nb::handle f, bool eagerly) : f_(f), eagerly_(eagerly) {}
  OwnStep(const OwnStep&) = delete;
  OwnStep& operator=(const OwnStep&) = delete;

  /// Without the GIL. Throws what f throws when it is run.
  void run(const Samples& like, const Batch& batch);
  /// What the last run reported; several numbers under one name as name_0, name_1, ...
  Logs logs() const;

 private:
  struct Known {
    std::vector<TensorType> types;
    std::vector<std::string> names;
    RecordedFunction program;
    Known(std::vector<TensorType> t, std::vector<std::string> n, RecordedFunction p) : types(std::move(t)), names(std::move(n)), program(std::move(p)) {}
  };
  Known& known_for(const Samples& like, int64_t rows);
  Reference f_;
  bool eagerly_;
  std::list<Known> known_;  // the one used last first; at most 64
  std::vector<std::string> names_;
  std::vector<Tensor> values_;  // of a step that is not recorded
};

}  // namespace cornu::python
