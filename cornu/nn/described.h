// How what another language's program made (a Python function, an object of a class of its own) is written to files.
#pragma once
#include <string_view>

namespace cornu {

/// The class_name of a struct whose only field, "description", is what files hold in its place: Keras's whole object dict.
inline constexpr std::string_view described_by_itself = "(described by itself)";

}  // namespace cornu
