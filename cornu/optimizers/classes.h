// The classes of optimizers and schedules with their options: see nn/classes.h.
#pragma once
#include "cornu/nn/classes.h"

namespace cornu {

std::vector<ClassInfo> optimizer_classes();
std::vector<ClassInfo> schedule_classes();

}  // namespace cornu
