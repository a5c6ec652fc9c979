#include "described.h"

namespace cornu::python {

Config to_config(const Description& description) {
  const nb::gil_scoped_acquire gil;
  return config_from(nb::module_::import_("cornu.keras.saving").attr("description_of")(description.of.get()));
}

void from_config(const Config&, Description&) {}

}  // namespace cornu::python
