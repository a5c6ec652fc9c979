// What reading a choice from a config adds to making one by name. Included by the .cpp file of each family that layers have options of.
#pragma once
#include "cornu/base/error.h"

namespace cornu {

/// read(), whose ArgumentError for a name that is not known is a FormatError: in a config it is an option's value that says nothing,
/// and whoever reads the option adds its name (base/fields.h). UnsupportedError, for what Keras has and cornu lacks, stays.
template <class Read> auto value_in_config(const Read& read) {
  try {
    return read();
  } catch (const UnsupportedError&) {
    throw;
  } catch (const ArgumentError& e) {
    throw FormatError(e.what());
  }
}

}  // namespace cornu
