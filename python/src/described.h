// What files hold in the place of functions and objects that Python wrote.
#pragma once
#include "bind.h"
#include "cornu/nn/described.h"

namespace cornu::python {

/// A member `description` of a struct that has class_name = described_by_itself and CORNU_FIELDS(description).
struct Description {
  Reference of;  // a function, a bound method of an object, an object
};
/// As keras.saving.serialize_keras_object says it, at the time of writing.
Config to_config(const Description& description);
/// Nothing: such structs are never read.
void from_config(const Config& config, Description& description);

}  // namespace cornu::python
