// What a function of Python's does with tensors, run once and written down: a Program that needs no Python.
#include "recording.h"

#include <algorithm>

#include "host_call.h"

namespace cornu::python {

RecordedFunction RecordedFunction::of(nb::handle f, const std::vector<TensorType>& inputs) {
  Recording recording;
  nb::list given;
  for (const TensorType& type : inputs) given.append(to_python(AnyTensor(recording.input(type))));
  std::vector<Lazy> outputs;
  {
    const Recording::Here here(recording);
    for (const nb::handle y : nb::object(f(given))) {
      const AnyTensor x = any_tensor(y);
      if (x.traced()) throw nb::type_error("a function that is recorded returned a tensor of something else that was traced");
      outputs.push_back(x.lazy);
    }
  }
  RecordedFunction made(recording.compile(outputs));
  if (recording.key) made.draws_ = recording.draws;
  return made;
}

void RecordedFunction::run(std::span<const void* const> inputs, std::vector<Tensor>* outputs) {
  if (program_.awaited()) {
    const nb::gil_scoped_acquire gil;
    program_.settle();
  }
  if (!draws_) return program_.run(inputs, outputs);
  Direct& d = direct();
  const int64_t key[3] = {static_cast<int64_t>(d.seed), d.draws.fetch_add(*draws_), 0};
  inputs_.assign(inputs.begin(), inputs.end());
  inputs_.push_back(key);
  program_.run(inputs_, outputs);
}

namespace {

/// One of two results, as pred says: what each branch assigns to happens if it is the one.
nb::object branches(nb::handle pred, nb::handle true_fn, nb::handle false_fn, nb::handle choose) {
  Recording* r = recording();
  require(r != nullptr, "branches are recorded");
  const auto before = r->present();
  const nb::object if_true = true_fn();
  const auto after_true = r->present();
  r->restore(before);
  const nb::object if_false = false_fn();
  const auto after_false = r->present();
  r->restore(before);
  std::vector<std::shared_ptr<LazyVariable>> changed = after_true.assigned;
  for (const auto& v : after_false.assigned)
    if (std::find(changed.begin(), changed.end(), v) == changed.end()) changed.push_back(v);
  Eager& eager = direct().eager;
  for (const auto& v : changed) {
    const auto value_after = [&](const cornu::Recording::Present& p) {
      const auto found = p.values.find(v);
      return found == p.values.end() ? eager.read(v) : found->second;
    };
    const Lazy a = value_after(after_true), b = value_after(after_false);
    if (!(a == b)) eager.evaluate({}, {{v, apply_one({cast_to(any_tensor(pred), DType::boolean), a, b}, [](Graph&, Values x) { return select(x[0], x[1], x[2]); }).lazy}});
  }
  return choose(if_true, if_false);
}

}  // namespace

void bind_recording(nb::module_& m) {
  m.def("record_branches", &branches);
  nb::class_<RecordedFunction>(m, "Recorded", "What a function of tensors does, as a Program.")
      .def("__call__", [](RecordedFunction& f, nb::list tensors) {
        std::vector<Tensor> numbers, outputs;
        std::vector<const void*> inputs;
        for (const nb::handle x : tensors) numbers.push_back(numbers_of(any_tensor(x), "a function that was traced"));
        for (const Tensor& t : numbers) inputs.push_back(t.data());
        {
          const nb::gil_scoped_release others;
          f.run(inputs, &outputs);
        }
        throw_host_error();
        nb::list list;
        for (Tensor& t : outputs) list.append(to_python(AnyTensor(Lazy(t))));
        return list;
      });
  m.def("record", [](nb::handle f, nb::list like) {
    std::vector<TensorType> types;
    for (const nb::handle x : like) types.push_back(any_tensor(x).type());
    return RecordedFunction::of(f, types);
  }, "f(list of tensors) -> list of tensors, written down for tensors like these.");
  m.def("recording", [] { return recording() != nullptr; }, "Whether a function of Python's is being written down.");
  m.def("tensor_like", [](nb::handle x) {
    const AnyTensor t = any_tensor(x);
    return nb::make_tuple(to_python(t), std::string(name_of(t.type().dtype)), to_python(t.type().shape));
  }, "(the tensor, its dtype, its shape): what a signature is made of.");
}

}  // namespace cornu::python
