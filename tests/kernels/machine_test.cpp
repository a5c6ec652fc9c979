#include "cornu/kernels/machine.h"

#include <doctest/doctest.h>

#include <thread>

using namespace cornu;

TEST_CASE("the machine has at least one core, and no more than the system shows") {
  CHECK(this_machine().cores >= 1);
  CHECK(this_machine().cores <= static_cast<int>(std::thread::hardware_concurrency()));
}

TEST_CASE("the machine is asked once") { CHECK(&this_machine() == &this_machine()); }

#if defined(__x86_64__)
TEST_CASE("wider instructions come with the narrower ones") {
  const Machine& m = this_machine();
  if (m.avx512_bf16) CHECK(m.avx512);
  if (m.avx512) CHECK(m.avx2);
  CHECK(m.avx2 <= (__builtin_cpu_supports("avx2") != 0));
  CHECK_FALSE(m.name.empty());
}
#endif
