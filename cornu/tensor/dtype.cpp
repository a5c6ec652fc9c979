#include "cornu/tensor/dtype.h"

#include "cornu/base/error.h"

namespace cornu {
namespace {
constexpr std::string_view names[] = {"float32", "float64", "bfloat16", "int32", "int64", "uint8", "bool"};
}

std::string_view name_of(DType dtype) { return names[static_cast<int>(dtype)]; }

DType dtype_named(std::string_view name) {
  for (size_t i = 0; i < std::size(names); ++i)
    if (names[i] == name) return static_cast<DType>(i);
  throw ArgumentError(text("unknown dtype '", printable(name), "'", did_you_mean(name, names)));
}

}  // namespace cornu
