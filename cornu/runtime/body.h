// A compiled graph that a kernel runs inside itself: the body of a scan.
#pragma once
#include "cornu/runtime/program.h"

namespace cornu {

/// Runs `program` on the calling thread; its arena lies in the scratch that the kernel hands over. Inputs from `steady` on are
/// the same in many runs: what kernels make of them first is made once.
std::shared_ptr<const Body> make_body(std::shared_ptr<const Program> program, int steady);

}  // namespace cornu
