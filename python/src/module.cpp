// The extension module: its index.
#include "bind.h"

namespace cornu::python {
void bind_datasets(nb::module_& m);  // datasets.cpp
}

NB_MODULE(_cornu, m) {
  using namespace cornu::python;
  m.attr("__version__") = CORNU_VERSION;
  nb::set_leak_warnings(false);  // at exit modules keep objects alive in any order
  bind_errors(m);
  bind_config(m);
  bind_arrays(m);
  bind_symbols(m);
  bind_layers(m);
  bind_choices(m);
  bind_callbacks(m);
  bind_models(m);
  bind_direct(m);
  bind_running(m);
  bind_preprocessing(m);
  bind_datasets(m);
}
