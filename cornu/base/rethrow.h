// An error said again by whoever knows where it happened.
#pragma once
#include <typeinfo>

#include "cornu/base/error.h"

namespace cornu {

/// For the block that caught `e`: throws an error of the same kind whose text is "where: " and that of `e`. Other
/// kinds than those below, such as a program's own, are passed on as they are.
[[noreturn]] inline void rethrow_from(std::string_view where, const Error& e) {
  const std::string said = text(where, ": ", e.what());
  const std::type_info& kind = typeid(e);
  if (kind == typeid(ArgumentError)) throw ArgumentError(said);
  if (kind == typeid(ShapeError)) throw ShapeError(said);
  if (kind == typeid(UnsupportedError)) throw UnsupportedError(said);
  if (kind == typeid(FormatError)) throw FormatError(said);
  if (kind == typeid(LimitError)) throw LimitError(said);
  if (kind == typeid(UnsafeError)) throw UnsafeError(said);
  throw;
}

}  // namespace cornu
