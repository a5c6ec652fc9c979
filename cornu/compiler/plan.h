// The last stage: kernels chosen, every buffer given its place.
#pragma once
#include "cornu/compiler/compile.h"

namespace cornu {

/// Turns a scheduled graph into a Program: the first kernel that each op offers, states written in place where their old
/// value is no longer read (else copied at the end), buffers that do not live at the same time in the same memory.
Program plan_program(const Graph& scheduled, const CompileOptions& options);

/// A buffer's life: the first and the last step that touch it.
struct Lifetime {
  int first, last;
  size_t bytes;
};
/// Offsets for buffers such that those whose lives meet do not overlap; `total` becomes the arena's size. Largest first,
/// each at the lowest offset that is free for all of its life.
std::vector<size_t> place_buffers(const std::vector<Lifetime>& lives, size_t& total);

}  // namespace cornu
