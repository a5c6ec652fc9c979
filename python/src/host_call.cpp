#include "host_call.h"

#include <algorithm>
#include <mutex>

#include "cornu/graph/define_op.h"

namespace cornu::python {
namespace {

thread_local bool inside = false;

struct Thrown {
  std::mutex mutex;
  std::exception_ptr error;
};
/// By a function, on whatever thread it ran: a job of a team cannot throw.
Thrown& thrown() {
  static auto* one = new Thrown();
  return *one;
}

}  // namespace
}  // namespace cornu::python

namespace cornu {

/// Equal to itself alone: it may do what cannot be seen from its inputs.
struct HostCall {
  std::shared_ptr<const python::HostFunction> f;
  std::vector<TensorType> out;
  bool operator==(const HostCall& o) const { return f == o.f && out == o.out; }
  CORNU_FIELDS()
  struct Rules;
};

struct HostCall::Rules : HostCall {
  static constexpr std::string_view name = "host_call", doc = "What a function of the program's own makes of the numbers.";
  static constexpr Properties has = {.differentiable = false, .random = true};
  std::vector<TensorType> infer(Types) const { return out; }

  struct Context {
    std::shared_ptr<const python::HostFunction> f;
    std::vector<TensorType> in, out;
  };
  static void run(const Context& c, void* const* buffers, int, void*) {
    const auto result = [&](size_t i) { return static_cast<std::byte*>(buffers[c.in.size() + i]); };
    try {
      std::vector<Tensor> given;
      for (size_t i = 0; i < c.in.size(); ++i) {
        given.emplace_back(c.in[i].dtype, c.in[i].shape);
        const auto* from = static_cast<const std::byte*>(buffers[i]);
        std::copy(from, from + given[i].bytes(), static_cast<std::byte*>(given[i].mutable_data()));
      }
      python::inside = true;
      const std::vector<Tensor> made = (*c.f)(given);
      python::inside = false;
      require(made.size() == c.out.size(), "a function in a Program gives ", c.out.size(), " tensors, and gave ", made.size());
      for (size_t i = 0; i < made.size(); ++i) {
        const TensorType type{made[i].dtype(), made[i].shape()};
        require<ShapeError>(type == c.out[i], "a function in a Program gave a ", type, " where it gave a ", c.out[i], " when it was traced; shapes and dtypes are fixed then");
        const auto* from = static_cast<const std::byte*>(made[i].data());
        std::copy(from, from + made[i].bytes(), result(i));
      }
    } catch (...) {
      python::inside = false;
      {
        const std::lock_guard lock(python::thrown().mutex);
        if (!python::thrown().error) python::thrown().error = std::current_exception();
      }
      for (size_t i = 0; i < c.out.size(); ++i) std::fill_n(result(i), c.out[i].bytes(), std::byte{0});
    }
  }
  std::vector<Kernel> kernels(const KernelRequest& r) const {
    return {make_kernel("host", Context{f, {r.in.begin(), r.in.end()}, {r.out.begin(), r.out.end()}}, run)};
  }
  static std::vector<Example> examples() { return {}; }
};
CORNU_DEFINE_OP(HostCall)

}  // namespace cornu

namespace cornu::python {

std::vector<AnyTensor> host_call(const std::vector<AnyTensor>& in, std::vector<TensorType> out, HostFunction f) {
  const Op op(HostCall{std::make_shared<const HostFunction>(std::move(f)), std::move(out)});
  return apply_op(in, [&](Graph& g, Values v) { return g.add(op, v); });
}

AnyTensor host_call(const std::vector<AnyTensor>& in, TensorType out, std::function<Tensor(const std::vector<Tensor>&)> f) {
  return host_call(in, std::vector{std::move(out)}, [f = std::move(f)](const std::vector<Tensor>& given) { return std::vector{f(given)}; })[0];
}

void throw_host_error() {
  std::exception_ptr error;
  {
    const std::lock_guard lock(thrown().mutex);
    std::swap(error, thrown().error);
  }
  if (error) std::rethrow_exception(error);
}

bool in_host_call() { return inside; }

namespace {

/// What Python's function gives for these, in the dtypes that were asked for.
std::vector<Tensor> called(const Reference& f, const std::vector<Tensor>& in, const std::vector<DType>& dtypes, bool arrays) {
  const nb::gil_scoped_acquire gil;
  const Untraced directly;
  nb::list arguments;
  for (const Tensor& t : in) arguments.append(arrays ? to_numpy(t) : to_python(AnyTensor(Lazy(t))));
  const nb::object result = f.get()(*nb::tuple(arguments));
  std::vector<Tensor> made;
  const auto add = [&](nb::handle item) {
    require(made.size() < dtypes.size(), "py_function: the function gave more tensors than Tout names, ", dtypes.size());
    made.push_back(numbers_of(any_tensor(item), "py_function").cast(dtypes[made.size()]));
  };
  if (PyList_Check(result.ptr()) || PyTuple_Check(result.ptr()))
    for (const nb::handle item : result) add(item);
  else if (!result.is_none()) add(result);
  require(made.size() == dtypes.size(), "py_function: the function gave ", made.size(), " tensors, and Tout names ", dtypes.size());
  return made;
}

}  // namespace

void bind_host_call(nb::module_& m) {
  m.def("py_function", [](nb::handle f, nb::list inputs, nb::list dtypes, bool arrays) {
    std::vector<AnyTensor> in;
    std::vector<DType> wanted;
    bool symbolic = false;
    for (const nb::handle x : inputs) in.push_back(any_tensor(x)), symbolic = symbolic || in.back().symbolic();
    for (const nb::handle d : dtypes) wanted.push_back(dtype_from(d));
    const Reference function(f);
    nb::list list;
    std::vector<Tensor> numbers;
    std::vector<TensorType> out;
    for (const AnyTensor& x : in) numbers.push_back(x.symbolic() ? Tensor(x.type().dtype, x.type().shape) : numbers_of(x, "py_function"));
    const std::vector<Tensor> first = called(function, numbers, wanted, arrays);  // symbolic: on zeros, for the shapes
    for (const Tensor& t : first) out.push_back({t.dtype(), t.shape()});
    if (!symbolic)
      for (const Tensor& t : first) list.append(to_python(AnyTensor(Lazy(t))));
    else
      for (AnyTensor& x : host_call(in, out, [function, wanted, arrays](const std::vector<Tensor>& given) { return called(function, given, wanted, arrays); })) list.append(to_python(std::move(x)));
    return list;
  }, "A Python function on numbers: at once, or in each run of the Program that is being traced.");
  m.def("throw_host_error", &throw_host_error);
}

}  // namespace cornu::python
