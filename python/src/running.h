// What runs of models share on their way from Python and back.
#pragma once
#include <optional>

#include "callbacks.h"
#include "host_call.h"

namespace cornu::python {

Verbose verbose_from(nb::handle v);
std::optional<int64_t> count_from(nb::handle v);  // None is nothing
/// ({name: [value of each epoch]}, [epoch], steps or None)
nb::tuple to_python(const History& history);

/// Lets the GIL go, and lets C++'s objects of the run be destroyed before it is taken back. Throws what a function of Python's in
/// the middle of a Program threw.
template <class F> auto without_gil(F f) {
  auto made = [&] {
    const nb::gil_scoped_release free;
    return f();
  }();
  throw_host_error();
  return made;
}

}  // namespace cornu::python
