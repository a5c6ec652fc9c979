// Which keywords the call of a layer takes.
#pragma once
#include <initializer_list>

#include "cornu/nn/scope.h"

namespace cornu {

/// Throws ArgumentError, suggesting the near one, for a keyword of the present call that is none of `known`; every layer takes training.
void check_call(const Scope& scope, std::string_view class_name, std::initializer_list<std::string_view> known);

}  // namespace cornu
