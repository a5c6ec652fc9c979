// What this machine's processor can do, asked once at run time.
#pragma once
#include <string>

namespace cornu {

struct Machine {
  bool avx2 = false;         // with FMA
  bool avx512 = false;       // F, BW, DQ, VL
  bool avx512_bf16 = false;
  bool amx_bf16 = false;     // the processor has it and the kernel lets us use it
  int cores = 1;             // that this process may use: affinity mask and cgroup quota
  std::string name;          // "AMD EPYC ..."

  bool operator==(const Machine&) const = default;
};

/// The machine that this process runs on.
const Machine& this_machine();

}  // namespace cornu
