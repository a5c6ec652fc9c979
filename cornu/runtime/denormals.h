// Flushes denormal results and operands to zero in this thread while in scope. Adam's moments of rarely lit pixels decay
// into denormals, which some processors compute a hundred times slower.
#pragma once
#if defined(__SSE__)
#include <xmmintrin.h>
#endif

namespace cornu {

class FlushDenormals {
 public:
#if defined(__SSE__)
  FlushDenormals() : saved_(_mm_getcsr()) { _mm_setcsr(saved_ | 0x8040); }  // FTZ and DAZ
  ~FlushDenormals() { _mm_setcsr(saved_); }

 private:
  unsigned saved_;
#else
  FlushDenormals() {}
#endif
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;
};

}  // namespace cornu
