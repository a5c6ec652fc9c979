// Variable: tensors that may be assigned to, and the weights of layers as such.
#include "cornu/base/random.h"
#include "eager.h"

namespace cornu::python {

std::shared_ptr<LazyVariable> lazy_of(const std::shared_ptr<WeightMemory>& memory) {
  auto& known = direct().variables;
  if (const auto found = known.find(memory.get()); found != known.end())
    if (auto lazy = found->second.lock()) return lazy;
  if (known.size() % 256 == 255) std::erase_if(known, [](const auto& entry) { return entry.second.expired(); });
  auto lazy = std::make_shared<LazyVariable>();
  lazy->type = memory->type();
  lazy->data = memory->data();
  lazy->transposed = memory->transposed();
  lazy->owner = memory;
  known[memory.get()] = lazy;
  return lazy;
}

void settle_readings() {
  Direct& d = direct();
  std::vector<std::shared_ptr<LazyVariable>> read;
  for (const auto& [memory, weak] : d.variables)
    if (auto lazy = weak.lock(); lazy && !lazy->reading.expired()) read.push_back(std::move(lazy));
  for (const auto& lazy : read) d.eager.keep_readings(lazy);
}

const std::shared_ptr<WeightMemory>& VariableState::memory() {
  if (layer)
    if (auto present = layer->find(path); present && present != memory_) memory_ = std::move(present), lazy_.reset();
  if (!memory_) {
    Direct& d = direct();
    memory_ = std::make_shared<WeightMemory>(initializer(type.shape, type.dtype, d.seed, hash_name(text(name, d.draws++))));
    if (layer) layer->add(path, memory_);
  }
  return memory_;
}

const std::shared_ptr<LazyVariable>& VariableState::lazy() {
  memory();
  if (!lazy_) lazy_ = lazy_of(memory_);
  return lazy_;
}

std::shared_ptr<VariableState> variable_of(const Weight& weight, bool trainable) {
  auto v = std::make_shared<VariableState>();
  v->name = weight.path;
  v->type = weight.memory->type();
  v->options.trainable = trainable;
  v->memory_ = weight.memory;
  return v;
}

std::shared_ptr<VariableState> as_variable(nb::handle object) {
  if (nb::isinstance<VariableState>(object)) return nb::cast<std::shared_ptr<VariableState>>(object);
  if (nb::isinstance<Weight>(object)) return variable_of(nb::cast<const Weight&>(object));
  return nullptr;
}

namespace {

/// v <- x, in the present trace or at once.
void assign(const std::shared_ptr<VariableState>& v, const AnyTensor& given) {
  const AnyTensor x = cast_to(given, v->type.dtype);
  require<ShapeError>(x.type().shape == v->type.shape, "the Variable '", v->name, "' has shape ", v->type.shape, ", and was assigned a ", x.type());
  const std::shared_ptr<Trace> trace = Tracing::current();
  if (!trace) {
    if (x.traced()) numbers_of(x, "assign()");
    direct().eager.evaluate({}, {{v->lazy(), x.lazy}});
    return;
  }
  const Value next = value_in(*trace->graph, x);
  if (trace->direct) {
    trace->assigned[v.get()] = next;
    trace->changed[v.get()] = v;
    return;
  }
  if (trace->scope) {
    const AnyTensor own = any_tensor(nb::cast(v));
    for (size_t i = 0; i < trace->scope->variables().size(); ++i) {
      const Value state = trace->scope->state_of(trace->scope->values()[i]);
      if (trace->scope->current(trace->scope->values()[i]) == own.value) return trace->scope->assign(state, next);
    }
  }
  if (trace->variables.contains(v.get())) trace->assigned[v.get()] = next;
  else throw nb::value_error(text(users_line(), ": the Variable '", v->name, "' is assigned to while something else is traced that does not own it").c_str());
}

nb::object assign_and_return(nb::object self, const AnyTensor& x) {
  assign(nb::cast<std::shared_ptr<VariableState>>(self), x);
  return self;
}

AnyTensor operand_for(const VariableState& v, nb::handle x) { return cast_to(any_tensor(x), v.type.dtype); }

}  // namespace

void bind_variables(nb::module_& m) {
  nb::class_<VariableState>(m, "Variable", nb::dynamic_attr(), nb::is_weak_referenceable(), "A tensor that may be assigned to.")
      .def("__init__", [](VariableState* self, nb::handle initial, bool trainable, nb::handle dtype, nb::handle name) {
        AnyTensor x = any_tensor(initial);
        if (!dtype.is_none()) x = cast_to(x, dtype_from(dtype));
        const Tensor numbers = numbers_of(x, "the first value of a Variable");
        new (self) VariableState();
        self->name = name.is_none() ? "variable" : nb::cast<std::string>(name);
        self->type = {numbers.dtype(), numbers.shape()};
        self->initializer = [numbers](const Shape&, DType dt, uint64_t) { return numbers.cast(dt); };
        self->options.trainable = trainable;
        self->memory();
      }, nb::arg("initial_value").none(), nb::arg("trainable") = true, nb::arg("dtype") = nb::none(), nb::arg("name") = nb::none())
      .def_prop_rw("name", [](const VariableState& v) { return v.name; }, [](VariableState& v, std::string name) { v.name = std::move(name); })
      .def_prop_ro("path", [](const VariableState& v) { return v.path.empty() ? v.name : v.path; })
      .def_prop_ro("id", [](VariableState& v) { return reinterpret_cast<uintptr_t>(v.memory().get()); }, "That of its memory, which two of one weight share.")
      .def_prop_ro("_shape", [](const VariableState& v) { return to_python(v.type.shape); })
      .def_prop_ro("_dtype", [](const VariableState& v) { return std::string(name_of(v.type.dtype)); })
      .def_prop_rw("trainable", [](const VariableState& v) { return v.options.trainable; }, [](VariableState& v, bool on) { v.options.trainable = on; })
      .def_prop_ro("value", [](nb::handle self) { return any_tensor(self); })
      .def("numpy", [](nb::handle self) { return to_numpy(numbers_of(any_tensor(self), "numpy()")); })
      .def("__cornu_tensor__", [](nb::handle self) { return to_numpy(numbers_of(any_tensor(self), "reading")); })
      .def("assign", [](nb::object self, nb::handle x) { return assign_and_return(self, any_tensor(x)); })
      .def("assign_add", [](nb::object self, nb::handle x) {
        const AnyTensor y = operand_for(nb::cast<const VariableState&>(self), x);
        return assign_and_return(self, apply_one({any_tensor(self), y}, [](Graph&, Values v) { return v[0] + v[1]; }));
      })
      .def("assign_sub", [](nb::object self, nb::handle x) {
        const AnyTensor y = operand_for(nb::cast<const VariableState&>(self), x);
        return assign_and_return(self, apply_one({any_tensor(self), y}, [](Graph&, Values v) { return v[0] - v[1]; }));
      })
      .def("__hash__", [](nb::handle self) { return reinterpret_cast<uintptr_t>(self.ptr()) >> 4; });
  m.def("frozen_of", [](const std::shared_ptr<VariableState>& v) {
    auto frozen = variable_of({v->name, v->memory()}, false);
    frozen->layer = v->layer, frozen->path = v->path;
    return frozen;
  }, "The same weight as one that is not trained.");
  m.def("variable_of", [](const Weight& weight, bool trainable, const std::string& name) {
    auto v = variable_of(weight, trainable);
    if (!name.empty()) v->name = name;
    return v;
  }, nb::arg("weight"), nb::arg("trainable") = true, nb::arg("name") = "");
}

}  // namespace cornu::python
