// What the examples share: --quick, with which the tests run them in seconds, and the last line, which says whether they learned.
#pragma once
#include <cstdio>
#include <cstring>

inline bool asked_for_quick(int argc, char** argv) { return argc > 1 && std::strcmp(argv[1], "--quick") == 0; }

/// Prints the figure; main's exit code: 0 when it is at least `least`.
inline int expect(const char* what, double figure, double least) {
  std::printf("%s: %.4f (expected at least %.2f)\n", what, figure, least);
  return figure >= least ? 0 : 1;
}
/// The same for figures that should be small.
inline int expect_below(const char* what, double figure, double most) {
  std::printf("%s: %.4f (expected at most %.2f)\n", what, figure, most);
  return figure <= most ? 0 : 1;
}
