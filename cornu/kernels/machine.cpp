// Asks the processor and the operating system, once.
#include "cornu/kernels/machine.h"

#include <cstring>

#include "cornu/base/team.h"

#if defined(__x86_64__)
#include <cpuid.h>
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif
#endif

namespace cornu {
namespace {

#if defined(__x86_64__)
struct Registers {
  unsigned a = 0, b = 0, c = 0, d = 0;
};
Registers cpuid(unsigned leaf, unsigned subleaf = 0) {
  Registers r;
  __get_cpuid_count(leaf, subleaf, &r.a, &r.b, &r.c, &r.d);
  return r;
}
constexpr bool bit(unsigned value, int i) { return value >> i & 1u; }

std::string brand() {
  char text[49] = {};
  for (unsigned i = 0; i < 3; ++i) {
    const Registers r = cpuid(0x80000002u + i);
    std::memcpy(text + 16 * i, &r, 16);
  }
  const std::string name(text);
  const size_t first = name.find_first_not_of(' '), last = name.find_last_not_of(' ');
  return first == std::string::npos ? "" : name.substr(first, last - first + 1);
}

/// Linux hands out the tile registers on request (arch_prctl ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA).
bool may_use_tiles() {
#if defined(__linux__)
  constexpr long request_permission = 0x1023, tile_data = 18;
  return syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
#else
  return false;
#endif
}

void ask_processor(Machine& m) {
  __builtin_cpu_init();
  m.avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") &&
           __builtin_cpu_supports("bmi2") && bit(cpuid(1).c, 29);  // f16c: Highway's AVX2 code may use it
  m.avx512 = m.avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
             __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  m.avx512_bf16 = m.avx512 && bit(cpuid(7, 1).a, 5);
  const Registers features = cpuid(7);
  m.amx_bf16 = bit(features.d, 22) && bit(features.d, 24) && may_use_tiles();
  m.name = brand();
}
#else
void ask_processor(Machine&) {}
#endif

}  // namespace

const Machine& this_machine() {
  static const Machine machine = [] {
    Machine m;
    ask_processor(m);
    m.cores = available_cores();
    return m;
  }();
  return machine;
}

}  // namespace cornu
