// The classes of each family with their options, for what makes classes of its own out of them: Python's.
#pragma once
#include <vector>

#include "cornu/base/config.h"

namespace cornu {

struct ClassInfo {
  std::string_view class_name;
  Config options;  // with their defaults, in Keras's order
};

std::vector<ClassInfo> initializer_classes();
std::vector<ClassInfo> regularizer_classes();
std::vector<ClassInfo> constraint_classes();

}  // namespace cornu
